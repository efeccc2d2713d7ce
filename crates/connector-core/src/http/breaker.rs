//! A target that does not answer at all is not asked by everybody: most are told so at once, one tries now and then.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout_at},
};

use crate::error::{Error, Kind, Result, Retry};

/// Connections that failed or stalled in a row, over at least [`OVER`], before a target counts as dead.
const FAILURES: u32 = 16;
const OVER: Duration = Duration::from_secs(5);

/// How long a dead target is left alone: at first, and at most. Short, so that one that comes back is used at once.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Requests under way at once in one instance, and those that may wait for a place.
const AT_ONCE: usize = 64;
const MOST_WAITING: usize = 512;

/// Keeps one instance's dead or slow target from taking everything.
#[derive(Debug)]
pub(super) struct Breaker {
    places: Semaphore,
    waiting: std::sync::atomic::AtomicUsize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    first_failure: Option<Instant>,
    /// Open until then; afterwards one request at a time tries.
    open: Option<(Instant, Duration)>,
}

impl Breaker {
    pub(super) fn new() -> Self {
        let waiting = std::sync::atomic::AtomicUsize::new(0);
        Self { places: Semaphore::new(AT_ONCE), waiting, state: Mutex::default() }
    }

    /// A place among the requests under way.
    pub(super) async fn enter(&self, deadline: Instant) -> Result<SemaphorePermit<'_>> {
        use std::sync::atomic::Ordering::Relaxed;
        self.admit()?;
        if let Ok(place) = self.places.try_acquire() {
            return Ok(place);
        }
        let busy = |rule: &str| Error::new(Kind::Unavailable, rule.to_owned());
        if self.waiting.fetch_add(1, Relaxed) >= MOST_WAITING {
            self.waiting.fetch_sub(1, Relaxed);
            return Err(busy("the target is slow and too many requests wait for it already"));
        }
        let place = timeout_at(deadline, self.places.acquire()).await;
        self.waiting.fetch_sub(1, Relaxed);
        match place {
            Ok(Ok(place)) => Ok(place),
            _ => Err(busy("the target is slow; the requests before this one have not ended in time")),
        }
    }

    /// Requests under way now.
    pub(super) fn under_way(&self) -> usize {
        AT_ONCE - self.places.available_permits()
    }

    /// Whether the target counts as dead.
    pub(super) fn is_open(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).open.is_some()
    }

    fn admit(&self) -> Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((until, pause)) = state.open else { return Ok(()) };
        let now = Instant::now();
        if now >= until {
            // This one tries; the others wait for what it finds.
            state.open = Some((now + pause, pause));
            return Ok(());
        }
        Err(Error::new(Kind::Unavailable, "the target does not answer; it is tried again in a moment")
            .retry(Retry::After(until - now)))
    }

    /// The target answered, whatever it said.
    pub(super) fn answered(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.failures > 0 || state.open.is_some() {
            *state = State::default();
        }
    }

    /// No connection, or no answer in time.
    pub(super) fn failed(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let since = *state.first_failure.get_or_insert(now);
        state.failures += 1;
        if state.failures >= FAILURES && now - since >= OVER {
            let pause = state.open.map_or(PAUSE, |(_, pause)| (pause * 2).min(LONGEST_PAUSE));
            if state.open.is_none() {
                tracing::warn!("the target does not answer; most requests are refused until it does");
            }
            state.open = Some((now + pause, pause));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(breaker: &Breaker) -> Option<Kind> {
        breaker.admit().err().map(|error| error.kind())
    }

    #[tokio::test(start_paused = true)]
    async fn a_dead_target_is_tried_by_one_at_a_time_until_it_answers() {
        let breaker = Breaker::new();
        for _ in 0..FAILURES {
            breaker.failed();
        }
        assert_eq!(kind(&breaker), None, "a moment of trouble is no death");
        tokio::time::advance(OVER).await;
        breaker.failed();
        assert_eq!(kind(&breaker), Some(Kind::Unavailable));
        assert!(breaker.is_open());
        tokio::time::advance(PAUSE).await;
        assert_eq!(kind(&breaker), None, "one tries");
        assert_eq!(kind(&breaker), Some(Kind::Unavailable), "the others wait");
        breaker.answered();
        assert_eq!((kind(&breaker), breaker.is_open()), (None, false));
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_target_holds_so_many_requests_and_no_more() {
        let breaker = Breaker::new();
        let soon = || Instant::now() + Duration::from_secs(1);
        let mut under_way = Vec::new();
        for _ in 0..AT_ONCE {
            under_way.push(breaker.enter(soon()).await.unwrap());
        }
        assert_eq!(breaker.enter(soon()).await.unwrap_err().kind(), Kind::Unavailable);
        assert_eq!(breaker.under_way(), AT_ONCE);
        under_way.pop();
        assert!(breaker.enter(soon()).await.is_ok());
    }
}
