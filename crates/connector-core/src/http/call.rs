//! One call to a target and its reply.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tracing::debug;

use super::{Credential, Cx, retry_after, wire};
use crate::{
    error::{Error, Kind, Result, Retry},
    spec::TARGET_TIMEOUT,
};

/// A call being put together.
#[derive(Debug)]
pub struct Call<'a> {
    cx: &'a Cx<'a>,
    method: Method,
    url: url::Url,
    body: Option<Bytes>,
    operation: &'static str,
    /// Whether the connector's budgets count it: they are told in paths under the target address.
    budgeted: bool,
}

impl<'a> Call<'a> {
    pub(super) fn to_target(cx: &'a Cx<'a>, method: Method, segments: &[&str]) -> Self {
        Self { budgeted: true, ..Self::to(cx, cx.door.target.clone(), method, segments) }
    }

    pub(super) fn to(cx: &'a Cx<'a>, mut url: url::Url, method: Method, segments: &[&str]) -> Self {
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        Self { cx, method, url, body: None, operation: "call", budgeted: false }
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
        self.body = Some(serde_json::to_vec(body).expect("JSON values always serialise").into());
        self
    }

    /// Sends the call and waits for the whole reply, at most until the deadline. `failure` recognises the vendor's
    /// failures, a success that is none included. A credential that the target refuses with 401 is renewed once, where it
    /// can be, and the call sent again.
    pub async fn send(self, failure: fn(&Reply) -> Option<Error>) -> Result<Reply> {
        let (operation, credentials) = (self.operation, &self.cx.door.credentials);
        let deadline = self.cx.deadline.min(Instant::now() + TARGET_TIMEOUT);
        let failed = |error: Error| match error.kind() {
            Kind::TargetCredential => error.during(operation).remedy(credentials.remedy()),
            _ => error.during(operation),
        };
        let credential = credentials.current(deadline).await.map_err(failed)?;
        let (status, outcome) = self.attempt(&credential, failure, deadline).await;
        let error = match outcome {
            Err(error) if error.kind() == Kind::TargetCredential && status != 403 => error,
            outcome => return outcome.map_err(failed),
        };
        match credentials.renew(&credential, deadline).await.map_err(failed)? {
            Some(renewed) => self.attempt(&renewed, failure, deadline).await.1.map_err(failed),
            None => Err(failed(error)),
        }
    }

    /// One exchange, its status (0 without an answer) and what it means.
    async fn attempt(
        &self,
        credential: &Credential,
        failure: fn(&Reply) -> Option<Error>,
        deadline: Instant,
    ) -> (u16, Result<Reply>) {
        let (cx, started) = (self.cx, Instant::now());
        if self.budgeted {
            let base = cx.door.target.path().len();
            let segments: Vec<&str> = self.url.path()[base..].split('/').collect();
            cx.door.budgets.charge(&self.method, &segments);
        }
        let outcome = self.exchange(credential, deadline).await;
        let took = started.elapsed();
        cx.waited(took);
        let status = outcome.as_ref().map_or(0, |reply| reply.status);
        let (path, ms) = (self.url.path(), took.as_secs_f64() * 1e3);
        debug!(request_id = cx.request_id, operation = self.operation, method = %self.method, path, status, ms, "target");
        let outcome = outcome.and_then(|reply| match failure(&reply) {
            Some(error) => Err(error),
            None if (300..400).contains(&reply.status) => {
                Err(Error::new(Kind::OddAnswer, "the target answered with a redirect, which is not followed"))
            }
            None => Ok(reply),
        });
        (status, outcome)
    }

    /// One exchange with this credential.
    async fn exchange(&self, credential: &Credential, deadline: Instant) -> Result<Reply> {
        let door = self.cx.door;
        if let Some(refusal) = &door.refusal {
            return Err(wire::refused(refusal));
        }
        let mut headers = HeaderMap::with_capacity(5);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(credential.name(), credential.value()?);
        if let Ok(id) = HeaderValue::from_str(self.cx.request_id) {
            headers.insert("x-request-id", id);
        }
        if self.body.is_some() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        }
        let (method, url, body) = (self.method.clone(), self.url.clone(), self.body.clone());
        let answer =
            wire::send(&door.outbound, wire::Request { method, url, headers, body }, deadline).await?;
        let (parts, body) = answer.into_parts();
        let token = credential.token().clone();
        Ok(Reply { status: parts.status.as_u16(), headers: parts.headers, body, token })
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
