//! The one way out: every request to a target leaves through a [`Door`].
//!
//! A call passes, in this order: destination policy, (budget), credential, request id, deadline, sending, size limit,
//! decoding of failures, redaction and log. Budgets and retries have their place between policy and credential.

mod budget;
mod call;
mod client;
mod policy;
mod retry_after;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::{HeaderName, HeaderValue, Method};
use tokio::time::Instant;
use url::Url;

pub use budget::Gauge;
pub use call::{Call, Reply};
pub use client::Outbound;
pub use policy::{Policy, Refusal};

use budget::Budgets;

use crate::{
    connector::Settings,
    error::{Error, Kind, Result},
    secret::Secret,
    spec::Budget,
};

/// How requests of one instance authenticate to the target.
#[derive(Debug, Clone)]
pub struct Credential {
    header: HeaderName,
    value: Secret,
    token: Secret,
    /// What the operator does when the target refuses it.
    remedy: &'static str,
}

impl Credential {
    /// `Authorization: Bearer …`.
    pub fn bearer(token: &Secret) -> Self {
        let value = Secret::new(format!("Bearer {}", token.expose()));
        Self {
            header: http::header::AUTHORIZATION,
            value,
            token: token.clone(),
            remedy: "replace access_token",
        }
    }

    /// A vendor-issued key in a header of its own, after `prefix`.
    pub fn header(header: HeaderName, prefix: &str, key: &Secret) -> Self {
        let value = Secret::new(format!("{prefix}{}", key.expose()));
        Self { header, value, token: key.clone(), remedy: "replace api_key" }
    }

    fn header_value(&self) -> Result<HeaderValue> {
        let mut value = HeaderValue::from_str(self.value.expose()).map_err(|_| {
            Error::new(Kind::TargetCredential, "the credential has characters no HTTP header can carry")
        })?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// The way out of one instance: its target address, its credential, and the process-wide [`Outbound`].
#[derive(Debug)]
pub struct Door {
    outbound: Arc<Outbound>,
    target: Url,
    credential: Credential,
    refusal: Option<Refusal>,
    budgets: Budgets,
}

impl Door {
    /// A door to `target`. A target that the policy can never admit is reported by each call, not here, so that one bad
    /// instance does not keep the others from starting.
    pub fn new(
        outbound: Arc<Outbound>,
        mut target: Url,
        credential: Credential,
        budgets: &'static [Budget],
    ) -> Self {
        if !target.path().ends_with('/') {
            target.set_path(&format!("{}/", target.path()));
        }
        target.set_query(None);
        target.set_fragment(None);
        let refusal = outbound.policy().check_url(&target).err();
        Self { outbound, target, credential, refusal, budgets: Budgets::new(budgets) }
    }

    /// The base address, with a slash at the end.
    pub const fn target(&self) -> &Url {
        &self.target
    }

    /// What is left of the target's published limits for reads or for writes, by this process's own count; `None` where
    /// the vendor publishes none.
    pub fn gauge(&self, reads: bool) -> Option<Gauge> {
        self.budgets.tightest(reads)
    }

    /// Why no request can ever leave, if so.
    pub const fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }
}

/// What a connector needs to serve one request: the door, the deadline, the request id and the instance's parameters.
#[derive(Debug)]
pub struct Cx<'a> {
    door: &'a Door,
    settings: &'a Settings,
    deadline: Instant,
    request_id: &'a str,
    /// Nanoseconds spent waiting for the target.
    target_nanos: AtomicU64,
}

impl<'a> Cx<'a> {
    /// The context of one request.
    pub const fn new(door: &'a Door, settings: &'a Settings, deadline: Instant, request_id: &'a str) -> Self {
        Self { door, settings, deadline, request_id, target_nanos: AtomicU64::new(0) }
    }

    /// A call of `method` to `segments` under the target address. Each segment is percent-encoded, so an id can hold any
    /// character.
    pub fn call(&self, method: Method, segments: &[&str]) -> Call<'_> {
        Call::new(self, method, segments)
    }

    /// The instance's values of the connector's own parameters.
    pub const fn settings(&self) -> &Settings {
        self.settings
    }

    /// When the client stops waiting.
    pub const fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The id of the request, the same from client to target.
    pub const fn request_id(&self) -> &str {
        self.request_id
    }

    /// How long this request has waited for the target so far.
    pub fn target_time(&self) -> Duration {
        Duration::from_nanos(self.target_nanos.load(Ordering::Relaxed))
    }

    /// Tells the operator's log what a person should know and no error says.
    pub fn warn(&self, message: &str) {
        tracing::warn!(request_id = self.request_id, "{message}");
    }

    /// Adds to the time spent waiting for the target.
    pub(crate) fn waited(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.target_nanos.fetch_add(nanos, Ordering::Relaxed);
    }
}
