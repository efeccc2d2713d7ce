//! The published rate limits: one token bucket per endpoint and two for the whole organisation.

use crate::bucket::Size;

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
    fn size(self) -> Size {
        let (per_minute, burst) = match self {
            Self::Reads => (1000.0, 1000.0),
            Self::Writes => (600.0, 180.0),
            Self::ReadUser | Self::ReadGroup => (300.0, 300.0),
            Self::UpdateGroup => (180.0, 80.0),
            Self::CreateUser
            | Self::UpdateUser
            | Self::DeleteUser
            | Self::CreateGroup
            | Self::DeleteGroup => (180.0, 20.0),
        };
        Size { per_minute, burst }
    }

    /// The buckets a request draws from.
    pub(super) fn of(method: &str, users: bool, one: bool) -> Vec<(Self, Size)> {
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
        own.into_iter().chain([all]).map(|bucket| (bucket, bucket.size())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bucket::Limiter;

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
        let names =
            |one| Bucket::of("GET", true, one).into_iter().map(|(bucket, _)| bucket).collect::<Vec<_>>();
        assert_eq!(names(false), [Bucket::Reads]);
        assert_eq!(names(true), [Bucket::ReadUser, Bucket::Reads]);
    }
}
