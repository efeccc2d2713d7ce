//! One call to a target and its reply.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout_at};
use tracing::debug;

use super::{Cx, client::refusal_in, retry_after};
use crate::{
    error::{Error, Kind, Result, Retry},
    spec::TARGET_TIMEOUT,
};

/// The largest body a target may answer with.
const MAX_BODY: usize = 64 << 20;

/// A call being put together.
#[derive(Debug)]
pub struct Call<'a> {
    cx: &'a Cx<'a>,
    method: Method,
    url: url::Url,
    body: Option<Vec<u8>>,
    operation: &'static str,
}

impl<'a> Call<'a> {
    pub(super) fn new(cx: &'a Cx<'a>, method: Method, segments: &[&str]) -> Self {
        let mut url = cx.door.target.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        cx.door.budgets.charge(&method, segments);
        Self { cx, method, url, body: None, operation: "call" }
    }

    /// What the call does, for errors and the log: `create user`.
    pub const fn operation(mut self, operation: &'static str) -> Self {
        self.operation = operation;
        self
    }

    /// Adds a query parameter.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// Sends `body` as JSON.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        self.body = Some(serde_json::to_vec(body).expect("JSON values always serialise"));
        self
    }

    /// Sends the call and waits for the whole reply, at most until the deadline. `failure` recognises the vendor's
    /// failures, a success that is none included.
    pub async fn send(self, failure: fn(&Reply) -> Option<Error>) -> Result<Reply> {
        let started = Instant::now();
        let (cx, operation, method) = (self.cx, self.operation, self.method.clone());
        let path = self.url.path().to_owned();
        let deadline = cx.deadline.min(started + TARGET_TIMEOUT);
        let outcome = match timeout_at(deadline, self.exchange()).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Error::new(Kind::Deadline, "the target did not answer in time")),
        };
        let took = started.elapsed();
        cx.waited(took);
        let status = outcome.as_ref().map_or(0, |reply| reply.status);
        let ms = took.as_secs_f64() * 1e3;
        debug!(request_id = cx.request_id, operation, %method, path, status, ms, "target");
        let failed = |error: Error| match error.kind() {
            Kind::TargetCredential => error.during(operation).remedy(cx.door.credential.remedy),
            _ => error.during(operation),
        };
        let reply = outcome.map_err(failed)?;
        match failure(&reply) {
            Some(error) => Err(failed(error)),
            None if (300..400).contains(&reply.status) => Err(failed(Error::new(
                Kind::OddAnswer,
                "the target answered with a redirect, which is not followed",
            ))),
            None => Ok(reply),
        }
    }

    async fn exchange(self) -> Result<Reply> {
        let door = self.cx.door;
        if let Some(refusal) = &door.refusal {
            return Err(refused(refusal));
        }
        let client = door.outbound.client(self.url.scheme() == "https")?;
        let mut request = client
            .request(self.method, self.url)
            .header(header::ACCEPT, HeaderValue::from_static("application/json"))
            .header(
                header::USER_AGENT,
                HeaderValue::from_static(concat!("connector-host/", env!("CARGO_PKG_VERSION"))),
            )
            .header(&door.credential.header, door.credential.header_value()?);
        if let Ok(id) = HeaderValue::from_str(self.cx.request_id) {
            request = request.header("x-request-id", id);
        }
        if let Some(body) = self.body {
            request = request
                .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"))
                .body(body);
        }
        let mut response = request.send().await.map_err(send_error)?;
        let (status, headers) = (response.status().as_u16(), std::mem::take(response.headers_mut()));
        let broken = |error: reqwest::Error| {
            Error::new(Kind::OddAnswer, "the target's answer broke off").source(error.without_url())
        };
        let mut body: Option<Bytes> = None;
        let mut more = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            let length = body.as_ref().map_or(0, Bytes::len) + more.len() + chunk.len();
            if length > MAX_BODY {
                return Err(Error::new(
                    Kind::OddAnswer,
                    format!("the target's answer is larger than {MAX_BODY} bytes"),
                ));
            }
            match &body {
                None => body = Some(chunk),
                Some(first) => {
                    if more.is_empty() {
                        more.extend_from_slice(first);
                    }
                    more.extend_from_slice(&chunk);
                }
            }
        }
        let body = if more.is_empty() { body.unwrap_or_default() } else { more.freeze() };
        Ok(Reply { status, headers, body, token: door.credential.token.clone() })
    }
}

fn refused(refusal: &super::Refusal) -> Error {
    Error::new(Kind::Refused, format!("the destination is not allowed: it {}", refusal.rule()))
        .source(refusal.clone())
}

fn send_error(error: reqwest::Error) -> Error {
    if let Some(refusal) = refusal_in(&error) {
        return refused(refusal);
    }
    let error = error.without_url();
    if error.is_connect() {
        Error::new(Kind::Unavailable, "the target cannot be reached").retry(Retry::Now).source(error)
    } else {
        Error::new(Kind::Unavailable, "the connection to the target broke").source(error)
    }
}

/// A target's whole reply.
#[derive(Clone)]
pub struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
    token: crate::secret::Secret,
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
