//! One call to a target.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use serde::Serialize;
use tokio::time::{Instant, sleep};
use tracing::debug;

use super::{Credential, Cx, Proof, Reply, Usage, observer, retry, wire};
use crate::error::{Error, Kind, Result, Retry};

/// What a segment holds as it is wherever it stands (RFC 3986 section 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A call being put together.
#[derive(Debug)]
pub struct Call<'a> {
    pub(super) cx: &'a Cx<'a>,
    pub(super) method: Method,
    pub(super) url: url::Url,
    pub(super) body: Option<Bytes>,
    /// Beside those that every call has.
    more_headers: HeaderMap,
    pub(super) operation: &'static str,
    /// The name of the address it goes to, where that is not the target's.
    endpoint: Option<&'a str>,
    pub(super) proof: Option<Proof<'a>>,
    usage: Option<fn(&Reply) -> Option<Usage>>,
    /// What a dry run adds to the echo of what was sent.
    pub(super) pretended: Option<serde_json::Value>,
    /// Whether making it twice leaves what making it once leaves.
    repeatable: bool,
}

/// What became of one attempt.
struct Attempt {
    /// The target's status; 0 without an answer.
    status: u16,
    /// Whether the target may have got the request.
    sent: bool,
    outcome: Result<Reply>,
}

impl<'a> Call<'a> {
    pub(super) fn to_target(cx: &'a Cx<'a>, method: Method, segments: &[&str]) -> Self {
        Self::to(cx, None, cx.door.target.clone(), method, segments)
    }

    pub(super) fn to_endpoint(
        cx: &'a Cx<'a>,
        endpoint: &'a str,
        base: url::Url,
        method: Method,
        segments: &[&str],
    ) -> Self {
        Self::to(cx, Some(endpoint), base, method, segments)
    }

    fn to(
        cx: &'a Cx<'a>,
        endpoint: Option<&'a str>,
        mut url: url::Url,
        method: Method,
        segments: &[&str],
    ) -> Self {
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        // A POST makes something; every other method says what shall be.
        let repeatable = method != Method::POST;
        let (body, proof, usage, pretended) = (None, None, None, None);
        let more_headers = HeaderMap::new();
        Self {
            cx,
            method,
            url,
            body,
            more_headers,
            operation: "call",
            endpoint,
            proof,
            usage,
            pretended,
            repeatable,
        }
    }

    /// What the call does, for errors and the log: `create user`.
    pub const fn operation(mut self, operation: &'static str) -> Self {
        self.operation = operation;
        self
    }

    /// Adds a segment in which all but letters, digits and `-._~` is percent-encoded. Others keep what a path may hold, as
    /// `@` and `+`, which not every target takes as they are.
    pub fn segment(mut self, segment: &str) -> Self {
        let segment = percent_encoding::utf8_percent_encode(segment, UNRESERVED);
        let path = format!("{}/{segment}", self.url.path().trim_end_matches('/'));
        self.url.set_path(&path);
        self
    }

    /// Adds a query parameter.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// Takes a whole query as it stands, such as the one of a next page ([`Reply::next_query`]), in place of any other.
    pub fn whole_query(mut self, query: &str) -> Self {
        self.url.set_query(Some(query));
        self
    }

    /// Sends this header too, or this value in place of the usual one: a version of the API, the user in whose name it is
    /// called. Text that no header carries is [`Kind::InvalidValue`]; the credential's header stays the door's.
    pub fn header(mut self, name: &'static str, value: &str) -> Result<Self> {
        let value = HeaderValue::from_str(value).map_err(|_| {
            Error::new(Kind::InvalidValue, format!("cannot be sent in the header {name}"))
                .during(self.operation)
        })?;
        self.more_headers.insert(name, value);
        Ok(self)
    }

    /// Sends `body` as JSON.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        self.body = Some(serde_json::to_vec(body).expect("JSON values always serialise").into());
        self
    }

    /// The call changes nothing, or nothing more when it is made twice, although its method promises less.
    pub const fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// Proves a second secret with every attempt.
    pub const fn proven(mut self, proof: Proof<'a>) -> Self {
        self.proof = Some(proof);
        self
    }

    /// How a reply tells what is used of the target's limit; further calls of this kind slow down before it refuses them.
    pub const fn usage(mut self, read: fn(&Reply) -> Option<Usage>) -> Self {
        self.usage = Some(read);
        self
    }

    /// Sends the call and waits for the whole reply, at most until the deadline. `failure` recognises the vendor's
    /// failures, a success that is none included.
    ///
    /// A credential that the target refuses with 401 is renewed once, where it can be. Passing faults are tried again, with
    /// growing pauses, as long as the client waits. A call that cannot safely be made twice is made again only when the
    /// target cannot have taken it; otherwise its failure is [`Error::in_doubt`].
    ///
    /// In a dry run a write is not sent, but answered as the target would.
    pub async fn send(self, failure: fn(&Reply) -> Option<Error>) -> Result<Reply> {
        match self.cx.dry_run() {
            None => self.make(failure).await,
            Some(run) => self.rehearse(run, failure).await,
        }
    }

    pub(super) async fn make(self, failure: fn(&Reply) -> Option<Error>) -> Result<Reply> {
        let (cx, operation) = (self.cx, self.operation);
        let credentials = &cx.door.credentials;
        let failed = |error: Error| self.failed(error);
        let mut credential = self.credential().await?;
        let (mut renewed, mut tries, mut doubtful) = (false, 0, false);
        loop {
            let attempt = self.attempt(&credential, failure).await;
            let error = match attempt.outcome {
                Err(error) => error,
                reply => return reply,
            };
            if error.kind() == Kind::TargetCredential && attempt.status != 403 && !renewed {
                renewed = true;
                match credentials.renew(&credential, cx.limit()).await.map_err(failed)? {
                    Some(fresh) => {
                        credential = fresh;
                        continue;
                    }
                    None => return Err(failed(error)),
                }
            }
            doubtful |= attempt.sent && retry::is_doubtful(&error);
            if doubtful && self.method == Method::DELETE {
                cx.doubt_deletion();
            }
            let again = match retry::pause(&error, tries, attempt.sent && !self.repeatable) {
                Some(pause) if Instant::now() + pause < cx.limit() => pause,
                _ if doubtful && !self.repeatable => return Err(failed(error).in_doubt()),
                _ => return Err(failed(error)),
            };
            tries += 1;
            cx.door.observer.retried();
            let (ms, path) = (again.as_millis(), self.url.path());
            debug!(request_id = cx.request_id, operation, path, tries, ms, %error, "target call is tried again");
            sleep(again).await;
        }
    }

    /// The credential to use now.
    pub(super) async fn credential(&self) -> Result<std::sync::Arc<Credential>> {
        self.cx.door.credentials.current(self.cx.limit()).await.map_err(|error| self.failed(error))
    }

    /// A failure of this call, with what to do where the credential is at fault.
    fn failed(&self, error: Error) -> Error {
        match error.kind() {
            Kind::TargetCredential => {
                self.cx.door.observer.credential_refused();
                error.during(self.operation).remedy(self.cx.door.credentials.remedy())
            }
            _ => error.during(self.operation),
        }
    }

    /// One attempt: a place in the queue, one exchange, and what it means.
    async fn attempt(&self, credential: &Credential, failure: fn(&Reply) -> Option<Error>) -> Attempt {
        let (cx, door) = (self.cx, self.cx.door);
        let not_sent = |error| Attempt { status: 0, sent: false, outcome: Err(error) };
        if let Some(refusal) = &door.refusal {
            door.observer.refused(refusal.rule());
            return not_sent(wire::refused(refusal));
        }
        let asked = Instant::now();
        let counted = match self.endpoint {
            Some(name) => door.budgets.counted_at(&self.method, name),
            None => {
                let base = door.target.path().len();
                let segments: Vec<&str> = self.url.path()[base..].split('/').collect();
                door.budgets.counted(&self.method, &segments)
            }
        };
        if let Err(error) = door.budgets.acquire(&counted, cx.flow, retry::margin(cx.limit())).await {
            door.observer.turned_away();
            return not_sent(error);
        }
        door.observer.queued(asked.elapsed());
        let _place = match door.breaker.enter(cx.limit()).await {
            Ok(place) => place,
            Err(error) => return not_sent(error),
        };
        let started = Instant::now();
        if !self.method.is_safe() {
            cx.begin_write();
        }
        let until = retry::attempt_until(started, cx.limit(), self.repeatable);
        let outcome = self.exchange(credential, until).await;
        let took = started.elapsed();
        cx.waited(took);
        let status = outcome.as_ref().map_or(0, |reply| reply.status);
        let (path, ms) = (self.url.path(), took.as_secs_f64() * 1e3);
        debug!(request_id = cx.request_id, operation = self.operation, method = %self.method, path, status, ms, "target");
        door.observer.called(self.operation, outcome.as_ref().ok().map(|reply| reply.status), took);
        if let Err(error) = &outcome {
            observer::tell_refusal(&*door.observer, error);
        }
        match &outcome {
            Ok(_) => door.breaker.answered(),
            Err(error) if matches!(error.kind(), Kind::Unavailable | Kind::Deadline) => door.breaker.failed(),
            Err(_) => {}
        }
        let told = self.usage.and_then(|read| outcome.as_ref().ok().and_then(read));
        if let Some(pause) = told.and_then(Usage::pause) {
            door.budgets.pause(&counted, pause);
        }
        let sent = !matches!(&outcome, Err(error) if error.retry_hint() == Retry::Now || error.kind() == Kind::Refused);
        let outcome = outcome.and_then(|reply| match failure(&reply) {
            Some(error) => Err(error),
            None if (300..400).contains(&reply.status) => {
                Err(Error::new(Kind::OddAnswer, "the target answered with a redirect, which is not followed"))
            }
            None => Ok(reply),
        });
        if let Err(error) = &outcome
            && let (Kind::RateLimited, Retry::After(wait)) = (error.kind(), error.retry_hint())
        {
            door.observer.limited();
            door.budgets.stop(&counted, wait);
        }
        Attempt { status, sent, outcome }
    }

    /// One exchange with this credential.
    async fn exchange(&self, credential: &Credential, deadline: Instant) -> Result<Reply> {
        let door = self.cx.door;
        let mut headers = HeaderMap::with_capacity(5);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.extend(self.more_headers.clone());
        headers.insert(credential.name(), credential.value()?);
        if let Ok(id) = HeaderValue::from_str(self.cx.request_id) {
            headers.insert("x-request-id", id);
        }
        if self.body.is_some() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        }
        let (method, mut url, body) = (self.method.clone(), self.url.clone(), self.body.clone());
        if let Some(proof) = &self.proof {
            proof.sign(&mut url, credential.token(), jiff::Timestamp::now());
        }
        let answer =
            wire::send(&door.outbound, wire::Request { method, url, headers, body }, deadline).await?;
        let (parts, body) = answer.into_parts();
        let (url, token) = (self.url.clone(), credential.token().clone());
        Ok(Reply { status: parts.status.as_u16(), url, headers: parts.headers, body, token })
    }
}
