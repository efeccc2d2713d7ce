//! Who calls: the bearer tokens of SCIM clients.

use std::{
    fmt,
    hash::{BuildHasher as _, RandomState},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use connector_core::error::{Error, Kind};
use http::{HeaderMap, header::AUTHORIZATION};

use crate::{app::App, store};

/// An authenticated client of one instance.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The instance its token opens; the one that was asked for.
    pub instance: Arc<str>,
    /// The token's name, for logs and as part of keys that must not be shared between callers.
    pub token: Arc<str>,
}

/// Why nobody was authenticated. The text never says whether instance or token exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthError {
    /// There is no `Authorization` header.
    Missing,
    /// The header is not `Bearer TOKEN`.
    Malformed,
    /// The token does not open this instance.
    Invalid,
    /// The token is not known here and the store does not answer: 503, as a client that reads 401 may give up for good.
    Unavailable,
}

impl AuthError {
    /// The `WWW-Authenticate` header of a 401 (RFC 6750 section 3).
    pub const fn challenge(self) -> Option<&'static str> {
        Some(match self {
            Self::Missing => r#"Bearer realm="connector-host""#,
            Self::Malformed => r#"Bearer realm="connector-host", error="invalid_request""#,
            Self::Invalid => r#"Bearer realm="connector-host", error="invalid_token""#,
            Self::Unavailable => return None,
        })
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "the request has no Authorization header; send `Authorization: Bearer TOKEN`",
            Self::Malformed => "the Authorization header is not `Bearer TOKEN`",
            Self::Invalid => "the bearer token does not open this instance",
            Self::Unavailable => "the bearer token cannot be checked now; send the request again",
        })
    }
}

impl std::error::Error for AuthError {}

impl From<AuthError> for Error {
    fn from(error: AuthError) -> Self {
        let kind = match error {
            AuthError::Missing | AuthError::Malformed | AuthError::Invalid => Kind::Unauthenticated,
            AuthError::Unavailable => Kind::Unavailable,
        };
        Self::new(kind, error.to_string())
    }
}

/// The longest token that is looked at.
const LONGEST: usize = 512;

/// Finds the caller by the request's bearer token. A token of one instance is nothing on another. A valid token is never
/// delayed; failures that repeat are, by at most a second each.
pub async fn authenticate(app: &App, instance: &str, headers: &HeaderMap) -> Result<Caller, AuthError> {
    let failed = match bearer(headers) {
        Ok(token) => match find(app, instance, token).await {
            Ok(caller) => return Ok(caller),
            Err(AuthError::Unavailable) => return Err(AuthError::Unavailable),
            Err(error) => error,
        },
        Err(error) => error,
    };
    tokio::time::sleep(app.slowdown.after_failure(instance)).await;
    Err(failed)
}

fn bearer(headers: &HeaderMap) -> Result<&str, AuthError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(AuthError::Missing)?;
    if values.next().is_some() {
        return Err(AuthError::Malformed);
    }
    let (scheme, token) =
        value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(AuthError::Malformed)?;
    let token = token.trim_matches(' ');
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= LONGEST {
        Ok(token)
    } else {
        Err(AuthError::Malformed)
    }
}

async fn find(app: &App, instance: &str, token: &str) -> Result<Caller, AuthError> {
    let hash = store::hash_of_token(token);
    let mut found = app.tokens.find(&hash);
    if found.is_none() {
        // It may have been made a moment ago.
        if let Err(error) = app.tokens.look_again(&app.store).await {
            tracing::error!(%error, "an unknown token cannot be looked up");
            return Err(AuthError::Unavailable);
        }
        found = app.tokens.find(&hash);
    }
    let token = found.filter(|token| *token.instance == *instance).ok_or(AuthError::Invalid)?;
    Ok(Caller { instance: token.instance.clone(), token: token.name.clone() })
}

/// Slows failures that repeat. Instances share a fixed number of counters, so no caller can make them grow.
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

    /// Counts a failure and says how long its answer waits.
    pub(crate) fn after_failure(&self, instance: &str) -> Duration {
        let slot = usize::try_from(self.hasher.hash_one(instance) % 64).expect("below 64");
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
    use http::HeaderValue;

    use super::*;

    #[test]
    fn failures_that_repeat_wait_longer_but_never_more_than_a_second() {
        let slowdown = Slowdown::new();
        let waits: Vec<_> = (0..20).map(|_| slowdown.after_failure("acme").as_millis()).collect();
        assert_eq!(waits[..6], [0, 0, 0, 100, 200, 300]);
        assert_eq!(waits[19], 1000);
    }

    #[test]
    fn the_header_is_one_bearer_token() {
        let headers = |values: &[&'static str]| {
            values.iter().map(|value| (AUTHORIZATION, HeaderValue::from_static(value))).collect::<HeaderMap>()
        };
        assert_eq!(bearer(&headers(&[])), Err(AuthError::Missing));
        assert_eq!(bearer(&headers(&["Bearer chs_x"])), Ok("chs_x"));
        assert_eq!(bearer(&headers(&["bearer  chs_x "])), Ok("chs_x"), "schemes have no case");
        for odd in [&["Basic YTpi"][..], &["Bearer"], &["Bearer "], &["chs_x"], &["Bearer a", "Bearer b"]] {
            assert_eq!(bearer(&headers(odd)), Err(AuthError::Malformed), "{odd:?}");
        }
    }
}
