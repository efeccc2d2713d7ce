//! What a target says of its limits while it still answers.

use std::time::Duration;

/// How much of a limit is used, by the target's own word.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usage {
    /// The used part; from 1 on the target refuses.
    pub share: f64,
    /// When it takes requests again, where it says so.
    pub regained: Option<Duration>,
}

/// Up to here nothing is slowed down.
const FREE: f64 = 0.8;

/// The pause just below the limit.
const LONGEST: Duration = Duration::from_secs(5);

/// The pause at the limit, where the target does not say how long.
const STOP: Duration = Duration::from_secs(30);

impl Usage {
    /// How long the next request of the same kind waits: not at all up to 80 %, then longer and longer, so that the rest is
    /// not used up at once.
    pub(super) fn pause(self) -> Option<Duration> {
        // Nonsense says nothing.
        if !(FREE..f64::INFINITY).contains(&self.share) {
            return None;
        }
        if self.share >= 1.0 {
            return Some(self.regained.unwrap_or(STOP));
        }
        let over = (self.share - FREE) / (1.0 - FREE);
        Some(LONGEST.mul_f64(over * over)).filter(|pause| !pause.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_slow_down_above_four_fifths_and_stop_at_the_limit() {
        let pause = |share| Usage { share, regained: None }.pause().map(|pause| pause.as_millis());
        assert_eq!([pause(0.0), pause(0.8), pause(f64::NAN), pause(-1.0)], [None; 4]);
        assert_eq!((pause(0.9), pause(0.99)), (Some(1250), Some(4512)));
        assert_eq!((pause(1.0), pause(2.5)), (Some(30_000), Some(30_000)));
        let told = Usage { share: 1.0, regained: Some(Duration::from_mins(3)) };
        assert_eq!(told.pause(), Some(Duration::from_mins(3)));
    }
}
