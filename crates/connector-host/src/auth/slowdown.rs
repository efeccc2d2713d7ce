//! Failures that repeat are answered later.

use std::{
    hash::{BuildHasher as _, RandomState},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Slows failures that repeat. Names share a fixed number of counters, so no caller can make them grow.
pub(crate) struct Slowdown {
    counters: Mutex<[Counter; 64]>,
    hasher: RandomState,
}

#[derive(Clone, Copy)]
struct Counter {
    failures: u32,
    since: Instant,
}

/// This many failures within [`WINDOW`] are answered at once.
const FREE: u32 = 3;
const WINDOW: Duration = Duration::from_secs(30);
const STEP: Duration = Duration::from_millis(100);
const MOST: Duration = Duration::from_secs(1);

impl Slowdown {
    pub(crate) fn new() -> Self {
        let counter = Counter { failures: 0, since: Instant::now() };
        Self { counters: Mutex::new([counter; 64]), hasher: RandomState::new() }
    }

    /// Counts a failure at `name` and waits as long as its answer must.
    pub(crate) async fn failed(&self, name: &str) {
        tokio::time::sleep(self.after_failure(name)).await;
    }

    /// Counts a failure and says how long its answer waits.
    pub(crate) fn after_failure(&self, name: &str) -> Duration {
        let slot = usize::try_from(self.hasher.hash_one(name) % 64).expect("below 64");
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        let counter = &mut counters[slot];
        if counter.since.elapsed() > WINDOW {
            *counter = Counter { failures: 0, since: Instant::now() };
        }
        counter.failures = counter.failures.saturating_add(1);
        (STEP * counter.failures.saturating_sub(FREE).min(10)).min(MOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn failures_that_repeat_wait_longer_but_never_more_than_a_second() {
        let slowdown = Slowdown::new();
        let waits: Vec<_> = (0..20).map(|_| slowdown.after_failure("acme").as_millis()).collect();
        assert_eq!(waits[..6], [0, 0, 0, 100, 200, 300]);
        assert_eq!(waits[19], 1000);
        tokio::time::advance(WINDOW + STEP).await;
        assert_eq!(slowdown.after_failure("acme"), Duration::ZERO, "it is forgotten");
    }
}
