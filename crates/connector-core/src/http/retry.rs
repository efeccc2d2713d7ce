//! Which failures pass, when to try again, and how long one attempt may take.

use std::{
    hash::{BuildHasher as _, RandomState},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    error::{Error, Kind, Retry},
    spec::TARGET_TIMEOUT,
};

/// Attempts after the first.
const MOST: u32 = 5;

/// The first pause; each further one is twice as long, up to [`LONGEST`].
const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// Whether the target may have done what was asked although it did not say so.
pub(super) const fn is_doubtful(error: &Error) -> bool {
    matches!(error.kind(), Kind::Unavailable | Kind::Deadline | Kind::OddAnswer) && !error.has_done_nothing()
}

/// How long to wait before the next attempt; `None`: there is none. `once` is for a request that may have arrived and must
/// not be made twice: only what is known to have done nothing, such as a refusal by a rate limit, is tried again.
pub(super) fn pause(error: &Error, tries: u32, once: bool) -> Option<Duration> {
    let hint = match error.retry_hint() {
        Retry::Never => return None,
        Retry::Now => Duration::ZERO,
        Retry::After(wait) => wait,
    };
    let passing = match error.kind() {
        Kind::RateLimited | Kind::Unavailable | Kind::Deadline | Kind::OddAnswer => {
            !once || error.has_done_nothing()
        }
        // A refusal did nothing; one that its connector takes for a whim of the target is questioned once.
        Kind::Forbidden => tries == 0,
        _ => false,
    };
    if !passing || tries >= MOST {
        return None;
    }
    let most = (FIRST * 2_u32.pow(tries)).min(LONGEST);
    // Between half and all of it, so that those who failed together do not come back together.
    let jitter = u32::try_from(RandomState::new().hash_one(tries) % 512).unwrap_or(0);
    let backoff = most / 2 + most * jitter / 1024;
    // A second is what an error says that says nothing.
    Some(if hint > Duration::from_secs(1) { hint.max(backoff) } else { backoff })
}

/// The last moment at which a request may leave the queue: its answer takes time, too.
pub(super) fn margin(limit: Instant) -> Instant {
    let left = limit.saturating_duration_since(Instant::now());
    limit - (left / 10).min(Duration::from_secs(1))
}

/// Until when one attempt may take. One that can be repeated leaves time for that.
pub(super) fn attempt_until(now: Instant, limit: Instant, repeatable: bool) -> Instant {
    let left = limit.saturating_duration_since(now);
    let share = if repeatable { left / 3 } else { left * 3 / 5 };
    // Too little to share.
    let share = if share < Duration::from_secs(1) { left } else { share };
    now + share.min(TARGET_TIMEOUT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passing_faults_are_tried_again_with_growing_pauses_five_times() {
        let error = Error::new(Kind::Unavailable, "down");
        let pauses: Vec<_> = (0..6).map(|tries| pause(&error, tries, false)).collect();
        for (tries, pause) in pauses[..5].iter().enumerate() {
            let most = 100 * 2_u64.pow(u32::try_from(tries).unwrap());
            let pause = pause.unwrap().as_millis();
            assert!(pause >= u128::from(most / 2) && pause <= u128::from(most), "{tries}: {pause}");
        }
        assert_eq!(pauses[5], None);
    }

    #[test]
    fn what_cannot_be_repeated_is_tried_again_only_after_a_rate_limit() {
        let down = Error::new(Kind::Unavailable, "down");
        assert_eq!(pause(&down, 0, true), None);
        let limited = Error::new(Kind::RateLimited, "429").retry(Retry::After(Duration::from_secs(7)));
        assert_eq!(pause(&limited, 0, true), Some(Duration::from_secs(7)));
        let locked =
            Error::new(Kind::Unavailable, "423").did_nothing().retry(Retry::After(Duration::from_secs(2)));
        assert_eq!(pause(&locked, 0, true), Some(Duration::from_secs(2)));
        assert!(is_doubtful(&down) && !is_doubtful(&locked));
        for kind in [Kind::InvalidValue, Kind::NotFound, Kind::Duplicate, Kind::Forbidden] {
            assert_eq!(pause(&Error::new(kind, "no"), 0, false), None, "{kind:?}");
        }
    }

    #[test]
    fn a_refusal_that_may_be_a_whim_is_questioned_once() {
        let refused = Error::new(Kind::Forbidden, "403").retry(Retry::Now);
        assert!(pause(&refused, 0, true).is_some());
        assert_eq!(pause(&refused, 1, true), None);
    }

    #[test]
    fn one_attempt_leaves_time_for_the_next() {
        let now = Instant::now();
        let until = |secs, repeatable| {
            (attempt_until(now, now + Duration::from_secs(secs), repeatable) - now).as_secs()
        };
        assert_eq!((until(54, true), until(55, false), until(2, true)), (18, 33, 2));
        assert_eq!(until(600, false), TARGET_TIMEOUT.as_secs());
    }
}
