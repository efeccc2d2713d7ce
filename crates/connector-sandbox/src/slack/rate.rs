//! The published rate limits: one token bucket per endpoint and two for the whole organisation.

use std::collections::HashMap;

/// Endpoints with a bucket of their own, and the two org-wide sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Bucket {
    Reads,
    Writes,
    ReadUser,
    CreateUser,
    UpdateUser,
    DeleteUser,
    ReadGroup,
    CreateGroup,
    UpdateGroup,
    DeleteGroup,
}

impl Bucket {
    /// Per minute, and at once.
    fn size(self) -> (f64, f64) {
        match self {
            Self::Reads => (1000.0, 1000.0),
            Self::Writes => (600.0, 180.0),
            Self::ReadUser | Self::ReadGroup => (300.0, 300.0),
            Self::UpdateGroup => (180.0, 80.0),
            Self::CreateUser
            | Self::UpdateUser
            | Self::DeleteUser
            | Self::CreateGroup
            | Self::DeleteGroup => (180.0, 20.0),
        }
    }

    /// The buckets a request draws from.
    pub(super) fn of(method: &str, users: bool, one: bool) -> Vec<Self> {
        let own = match (method, users, one) {
            ("GET", true, true) => Some(Self::ReadUser),
            ("GET", false, true) => Some(Self::ReadGroup),
            ("POST", true, false) => Some(Self::CreateUser),
            ("POST", false, false) => Some(Self::CreateGroup),
            ("PUT" | "PATCH", true, true) => Some(Self::UpdateUser),
            ("PUT" | "PATCH", false, true) => Some(Self::UpdateGroup),
            ("DELETE", true, true) => Some(Self::DeleteUser),
            ("DELETE", false, true) => Some(Self::DeleteGroup),
            _ => None,
        };
        let all = if method == "GET" { Self::Reads } else { Self::Writes };
        own.into_iter().chain([all]).collect()
    }
}

/// The state of all buckets; one that was never drawn from is full.
#[derive(Default)]
pub(super) struct Limiter(HashMap<Bucket, Level>);

struct Level {
    tokens: f64,
    at_ms: i64,
}

impl Limiter {
    /// Draws one token from each bucket, or from none: then the seconds until it would do.
    pub(super) fn draw(&mut self, buckets: &[Bucket], now_ms: i64) -> Result<(), u64> {
        let mut wait = 0.0_f64;
        for &bucket in buckets {
            let (per_minute, burst) = bucket.size();
            let level = self.0.entry(bucket).or_insert(Level { tokens: burst, at_ms: now_ms });
            #[expect(clippy::cast_precision_loss, reason = "milliseconds between requests are small")]
            let elapsed = (now_ms - level.at_ms).max(0) as f64;
            level.tokens = (level.tokens + elapsed * per_minute / 60_000.0).min(burst);
            level.at_ms = now_ms;
            if level.tokens < 1.0 {
                wait = wait.max((1.0 - level.tokens) * 60.0 / per_minute);
            }
        }
        if wait > 0.0 {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "at least 1, at most 1 s"
            )]
            return Err(wait.ceil().max(1.0) as u64);
        }
        for bucket in buckets {
            if let Some(level) = self.0.get_mut(bucket) {
                level.tokens -= 1.0;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_creates_at_once_then_three_a_second() {
        let mut limiter = Limiter::default();
        let create = Bucket::of("POST", true, false);
        for _ in 0..20 {
            assert_eq!(limiter.draw(&create, 0), Ok(()));
        }
        assert_eq!(limiter.draw(&create, 0), Err(1));
        assert_eq!(limiter.draw(&create, 333), Err(1));
        assert_eq!(limiter.draw(&create, 334), Ok(()));
        assert_eq!(limiter.draw(&create, 334), Err(1));
        assert_eq!(limiter.draw(&create, 60_000), Ok(()));
    }

    #[test]
    fn writes_share_a_purse_over_all_endpoints() {
        let mut limiter = Limiter::default();
        let mut granted = 0;
        for (method, users, one, times) in [
            ("POST", true, false, 20),
            ("PUT", true, true, 20),
            ("DELETE", true, true, 20),
            ("POST", false, false, 20),
            ("PATCH", false, true, 80),
            ("DELETE", false, true, 20),
        ] {
            let drawn = (0..times).filter(|_| limiter.draw(&Bucket::of(method, users, one), 0).is_ok());
            granted += drawn.count();
        }
        assert_eq!(granted, 180);
    }

    #[test]
    fn lists_count_as_reads_alone() {
        assert_eq!(Bucket::of("GET", true, false), [Bucket::Reads]);
        assert_eq!(Bucket::of("GET", true, true), [Bucket::ReadUser, Bucket::Reads]);
    }
}
