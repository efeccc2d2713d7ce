//! A target's whole reply.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use serde::de::DeserializeOwned;

use super::{link, retry_after};
use crate::error::{Error, Kind, Result, Retry};

/// A target's whole reply.
#[derive(Clone)]
pub struct Reply {
    pub(super) status: u16,
    /// Where the request went.
    pub(super) url: url::Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) token: crate::secret::Secret,
}

impl std::fmt::Debug for Reply {
    /// Status and length only: bodies hold personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reply({}, {} bytes)", self.status, self.body.len())
    }
}

impl Reply {
    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Whether the status is 2xx.
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body.
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body as JSON of this shape; anything else is [`Kind::OddAnswer`].
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|error| {
            Error::new(Kind::OddAnswer, "the target's answer has not the expected form").source(error)
        })
    }

    /// The query of the next page's address, exactly as the target gives it in `Link: <…>; rel="next"` (RFC 8288); `None`
    /// on the last page. An address that is not this list's own is [`Kind::OddAnswer`]: the credential goes nowhere else.
    pub fn next_query(&self) -> Result<Option<String>> {
        let Some(link) = link::target(&self.headers, "next") else { return Ok(None) };
        let own = |next: &url::Url| next.origin() == self.url.origin() && next.path() == self.url.path();
        match self.url.join(link).ok().filter(own) {
            Some(next) => Ok(Some(next.query().unwrap_or_default().to_owned())),
            None => {
                Err(Error::new(Kind::OddAnswer, "the target's next page is not at the address of its list"))
            }
        }
    }

    /// How long the target asks to wait; `None` when it does not say or says nonsense.
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after::parse(self.header("retry-after")?, jiff::Timestamp::now())
    }

    /// Text of the target, safe to quote: our credential removed.
    pub fn quote(&self, text: &str) -> String {
        self.token.scrub(text)
    }

    /// The failure that the status alone tells, for what a connector's own table does not know. `None` for 2xx and 3xx.
    pub fn status_failure(&self) -> Option<Error> {
        let error = match self.status {
            200..=399 => return None,
            401 => Error::new(Kind::TargetCredential, "the target refuses this host's credential"),
            403 => Error::new(Kind::Forbidden, "the target forbids it"),
            404 => Error::new(Kind::NotFound, "the target has no such object"),
            409 => Error::new(Kind::Duplicate, "a unique value is in use"),
            429 => Error::new(Kind::RateLimited, "the target's rate limit is used up")
                .retry(Retry::After(self.retry_after().unwrap_or(Duration::from_secs(30)))),
            408 | 500..=599 => {
                let error =
                    Error::new(Kind::Unavailable, format!("the target failed with status {}", self.status));
                match self.retry_after() {
                    Some(wait) => error.retry(Retry::After(wait)),
                    None => error,
                }
            }
            400 | 422 => Error::new(Kind::InvalidValue, "the target refuses a value"),
            status => Error::new(Kind::OddAnswer, format!("the target answered with status {status}")),
        };
        Some(error)
    }
}
