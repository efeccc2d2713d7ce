//! Writing answers: media type, status, headers, the SCIM error body.

use std::{error::Error as StdError, time::Duration};

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use connector_core::{
    error::{Error, Kind, Retry},
    http::Gauge,
    scim::ErrorBody,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::{auth::AuthError, config::MediaType, serve::TargetTime};

/// What the client's `Accept` header asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    Scim,
    Json,
    /// Both, or anything.
    Either,
}

impl Media {
    /// Reads `Accept`. A client that takes neither gets SCIM all the same: refusing helps nobody.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let (mut scim, mut json, mut any) = (false, false, false);
        for value in headers.get_all(header::ACCEPT) {
            for kind in value.to_str().unwrap_or_default().split(',') {
                let kind = kind.split(';').next().unwrap_or_default().trim();
                scim |= kind.eq_ignore_ascii_case("application/scim+json");
                json |= kind.eq_ignore_ascii_case("application/json");
                any |= kind == "*/*" || kind.eq_ignore_ascii_case("application/*");
            }
        }
        match (scim, json) {
            (true, false) => Self::Scim,
            (false, true) if !any => Self::Json,
            _ => Self::Either,
        }
    }

    const fn header(self, default: MediaType) -> HeaderValue {
        let json = match self {
            Self::Scim => false,
            Self::Json => true,
            Self::Either => matches!(default, MediaType::Json),
        };
        HeaderValue::from_static(if json { "application/json" } else { "application/scim+json" })
    }
}

/// What a request is answered with.
pub(super) enum Answer {
    /// A document, its own address in `Location` when it was created, its version in `ETag`.
    Document {
        status: StatusCode,
        json: Bytes,
        location: Option<String>,
        version: Option<String>,
        target: TargetTime,
    },
    /// The client has this version already.
    NotModified(String, TargetTime),
    /// Nothing.
    NoContent(TargetTime),
    /// A document made at start.
    Prepared(Bytes),
    /// The path takes only these methods.
    MethodNotAllowed(&'static str),
    /// Nobody was authenticated.
    Unauthenticated(AuthError),
    /// Anything else that went wrong.
    Failure(Error),
    /// The same, after waiting for the target.
    TargetFailure(Error, TargetTime),
}

/// JSON text of an answer.
pub(super) fn json(document: &impl Serialize) -> Bytes {
    serde_json::to_vec(document).expect("documents always serialise").into()
}

impl Answer {
    pub(super) fn into_response(self, media: Media, default: MediaType, request_id: &str) -> Response {
        let (status, body, target) = match &self {
            Self::Document { status, json, target, .. } => (*status, Some(json.clone()), *target),
            Self::NoContent(target) => (StatusCode::NO_CONTENT, None, *target),
            Self::NotModified(_, target) => (StatusCode::NOT_MODIFIED, None, *target),
            Self::Prepared(json) => (StatusCode::OK, Some(json.clone()), TargetTime::default()),
            Self::MethodNotAllowed(allowed) => {
                failed(&method_not_allowed(allowed), TargetTime::default(), request_id)
            }
            Self::Unauthenticated(error) => failed(&Error::from(*error), TargetTime::default(), request_id),
            Self::Failure(error) => failed(error, TargetTime::default(), request_id),
            Self::TargetFailure(error, target) => failed(error, *target, request_id),
        };
        let mut response = match body {
            Some(json) => {
                let mut response = Response::new(Body::from(json));
                response.headers_mut().insert(header::CONTENT_TYPE, media.header(default));
                response
            }
            None => ().into_response(),
        };
        *response.status_mut() = status;
        response.extensions_mut().insert(target);
        let headers = response.headers_mut();
        match &self {
            Self::Document { location, version, .. } => {
                insert(headers, header::LOCATION, location.as_deref());
                insert(headers, header::ETAG, version.as_deref());
            }
            Self::NotModified(version, _) => insert(headers, header::ETAG, Some(version)),
            Self::MethodNotAllowed(allowed) => {
                headers.insert(header::ALLOW, HeaderValue::from_static(allowed));
            }
            Self::Unauthenticated(error) => match error.challenge() {
                Some(challenge) => {
                    headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
                }
                None => {
                    headers.insert(header::RETRY_AFTER, 1.into());
                }
            },
            Self::Failure(error) | Self::TargetFailure(error, _) => {
                if let Some(seconds) = retry_after(error) {
                    headers.insert(header::RETRY_AFTER, seconds.into());
                    if error.kind() == Kind::RateLimited {
                        // The names SailPoint reads.
                        headers.insert(RATE_REMAINING, 0.into());
                        headers.insert(RATE_RESET, seconds.into());
                        headers.insert(RATE_RETRY_AFTER, seconds.into());
                    }
                }
            }
            _ => {}
        }
        response
    }
}

impl Answer {
    /// The error it stands for, if it is a refusal.
    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Failure(error) | Self::TargetFailure(error, _) => error,
            Self::MethodNotAllowed(allowed) => method_not_allowed(allowed),
            Self::Unauthenticated(error) => Error::from(error),
            Self::Document { .. } | Self::NotModified(..) | Self::NoContent(_) | Self::Prepared(_) => {
                Error::new(Kind::Internal, "an answer was taken for a refusal")
            }
        }
    }
}

fn method_not_allowed(allowed: &str) -> Error {
    Error::new(Kind::MethodNotAllowed, format!("this path does not take the method; it takes {allowed}"))
}

/// Tells how much of the target's limit is left, so that a client can slow down before it is told to. An answer that says
/// "wait" has said so already.
pub(super) fn tell_rate(headers: &mut HeaderMap, gauge: Gauge) {
    headers.insert(RATE_LIMIT, gauge.limit.into());
    headers.entry(RATE_REMAINING).or_insert_with(|| gauge.remaining.into());
    headers.entry(RATE_RESET).or_insert_with(|| whole_seconds(gauge.reset).into());
}

/// Limits are token buckets: what the target takes at once, what it takes now, seconds until it takes all of it again.
const RATE_LIMIT: HeaderName = HeaderName::from_static("x-rate-limit-limit");
const RATE_REMAINING: HeaderName = HeaderName::from_static("x-rate-limit-remaining");
const RATE_RESET: HeaderName = HeaderName::from_static("x-rate-limit-reset");
const RATE_RETRY_AFTER: HeaderName = HeaderName::from_static("x-rate-limit-retry-after-seconds");

fn insert(headers: &mut HeaderMap, name: HeaderName, value: Option<&str>) {
    if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
        headers.insert(name, value);
    }
}

/// Whole seconds to wait, where waiting helps: always an integer, since clients take dates and fractions for nonsense.
fn retry_after(error: &Error) -> Option<u64> {
    match (error.kind(), error.retry_hint()) {
        (Kind::RateLimited | Kind::Unavailable | Kind::Deadline, Retry::After(wait)) => {
            Some(whole_seconds(wait).max(1))
        }
        (Kind::RateLimited | Kind::Unavailable | Kind::Deadline, _) => Some(1),
        _ => None,
    }
}

/// Rounded up.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

fn failed(error: &Error, target: TargetTime, request_id: &str) -> (StatusCode, Option<Bytes>, TargetTime) {
    let (status, _) = error.kind().answer();
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status.is_server_error() {
        tracing::warn!(request_id, error = %error, cause = causes(error), "request failed");
    } else if error.is_of_target() && error.kind() != Kind::NotFound {
        // With the target's id of the exchange: its support asks for that first.
        tracing::info!(request_id, error = %error, "the target refused");
    } else {
        tracing::debug!(request_id, error = %error, "request refused");
    }
    (status, Some(json(&ErrorBody::from(error))), target)
}

/// Why, below the error itself. For the log alone.
fn causes(error: &Error) -> String {
    let mut lines = Vec::new();
    let mut source = StdError::source(error);
    while let Some(cause) = source {
        lines.push(cause.to_string());
        source = cause.source();
    }
    lines.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(text: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(text))])
    }

    #[test]
    fn json_is_answered_only_to_those_who_take_nothing_else() {
        let header = |text, default| Media::of(&accept(text)).header(default);
        assert_eq!(header("application/json", MediaType::Scim), "application/json");
        assert_eq!(header("application/scim+json; charset=utf-8", MediaType::Json), "application/scim+json");
        assert_eq!(
            header("application/json, application/scim+json", MediaType::Scim),
            "application/scim+json"
        );
        assert_eq!(header("application/json, */*", MediaType::Scim), "application/scim+json");
        assert_eq!(header("*/*", MediaType::Json), "application/json");
        assert_eq!(Media::of(&HeaderMap::new()), Media::Either);
    }

    #[test]
    fn retry_after_is_a_whole_number_of_at_least_one() {
        let wait =
            |millis| Error::new(Kind::RateLimited, "x").retry(Retry::After(Duration::from_millis(millis)));
        assert_eq!(retry_after(&wait(1500)), Some(2));
        assert_eq!(retry_after(&wait(0)), Some(1));
        assert_eq!(retry_after(&Error::new(Kind::InvalidValue, "x")), None);
    }
}
