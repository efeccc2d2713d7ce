//! The time a stand-in lives by: the system's, or one that only moves when told to.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A clock shared by all its clones. Rate limits, token lives and lags go by it; injected delays do not.
#[derive(Clone, Debug)]
pub struct Clock {
    ticking: bool,
    offset_ms: Arc<AtomicI64>,
}

/// 2024-06-03T16:00:00Z, where every manual clock starts.
const MANUAL_START_MS: i64 = 1_717_430_400_000;

impl Clock {
    /// The system's clock. It can be pushed forward too, for by-hand use.
    pub fn system() -> Self {
        Self { ticking: true, offset_ms: Arc::new(AtomicI64::new(0)) }
    }

    /// A clock that stands still at 2024-06-03T16:00:00Z until [`Clock::advance`] moves it.
    pub fn manual() -> Self {
        Self { ticking: false, offset_ms: Arc::new(AtomicI64::new(MANUAL_START_MS)) }
    }

    /// Moves the clock forward, for every holder of a clone.
    pub fn advance(&self, by: Duration) {
        let ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX / 4);
        self.offset_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn now_ms(&self) -> i64 {
        let ticked = if self.ticking {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX / 4)
        } else {
            0
        };
        ticked + self.offset_ms.load(Ordering::SeqCst)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told_and_for_all_clones() {
        let clock = Clock::manual();
        let other = clock.clone();
        assert_eq!(clock.now_ms(), MANUAL_START_MS);
        clock.advance(Duration::from_millis(1500));
        assert_eq!(other.now_ms(), MANUAL_START_MS + 1500);
    }

    #[test]
    fn the_system_clock_can_be_pushed_forward() {
        let clock = Clock::system();
        let before = clock.now_ms();
        clock.advance(Duration::from_hours(1));
        assert!(clock.now_ms() >= before + 3_600_000);
    }
}
