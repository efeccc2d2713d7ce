//! The one way out: every request to a target leaves through a [`Door`].
//!
//! An attempt passes, in this order: destination policy, the queue before the target's rate limits, a place among the
//! requests under way, credential, deadline, sending, size limit, decoding of failures, log. A call makes one attempt or, where
//! that is safe and helps, a few.

mod breaker;
mod budget;
mod call;
mod client;
mod credential;
mod endpoints;
mod link;
mod observer;
mod policy;
mod pretend;
mod proof;
mod reply;
mod retry;
mod retry_after;
mod sources;
mod usage;
mod wire;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use http::Method;
use tokio::time::Instant;
use url::Url;

pub use budget::Gauge;
pub use call::Call;
pub use client::{Outbound, Resolver, SystemResolver};
pub use credential::{Credential, CredentialSource, Fixed};
pub use endpoints::Endpoints;
pub use observer::{NoObserver, Observer};
pub use policy::{Policy, Refusal, Rule};
pub use proof::Proof;
pub use reply::Reply;
pub use sources::{SourceAddresses, SourceFault};
pub use usage::Usage;

use breaker::Breaker;
use budget::Budgets;

use crate::{
    connector::Settings,
    dry_run::DryRun,
    error::{Error, Kind, Result},
    mapping::{Step, Trace},
    spec::Budget,
};

/// The way out of one instance: its addresses, its credential, and the process-wide [`Outbound`].
#[derive(Debug, Clone)]
pub struct Door {
    outbound: Arc<Outbound>,
    target: Url,
    endpoints: Endpoints,
    credentials: Arc<dyn CredentialSource>,
    refusal: Option<Refusal>,
    budgets: Arc<Budgets>,
    breaker: Arc<Breaker>,
    observer: Arc<dyn Observer>,
}

impl Door {
    /// A door to `target`. A target that the policy can never admit is reported by each call, not here, so that one bad
    /// instance does not keep the others from starting.
    pub fn new(
        outbound: Arc<Outbound>,
        mut target: Url,
        credentials: Arc<dyn CredentialSource>,
        budgets: &'static [Budget],
    ) -> Self {
        if !target.path().ends_with('/') {
            target.set_path(&format!("{}/", target.path()));
        }
        target.set_query(None);
        target.set_fragment(None);
        let refusal = outbound.policy().check_url(&target).err();
        let (budgets, breaker) = (Budgets::new(budgets), Arc::new(Breaker::new()));
        let endpoints = Endpoints::new(Arc::clone(&outbound));
        let observer = Arc::new(NoObserver);
        Self { outbound, target, endpoints, credentials, refusal, budgets, breaker, observer }
    }

    /// Tells `observer` what happens.
    pub fn observed_by(self, observer: Arc<dyn Observer>) -> Self {
        Self { observer, ..self }
    }

    /// Opens the way to further addresses.
    pub fn with_endpoints(self, endpoints: Endpoints) -> Self {
        Self { endpoints, ..self }
    }

    /// The same way with another credential, for one that is not in use yet.
    pub fn carrying(&self, credential: Credential) -> Self {
        let credentials = Arc::new(Fixed::new(credential, "start the consent again"));
        Self { credentials, ..self.clone() }
    }

    /// The base address, with a slash at the end.
    pub const fn target(&self) -> &Url {
        &self.target
    }

    /// Where the credential comes from.
    pub fn credentials(&self) -> &Arc<dyn CredentialSource> {
        &self.credentials
    }

    /// What is left of the target's published limits for reads or for writes, by this process's own count; `None` where
    /// the vendor publishes none.
    pub fn gauge(&self, reads: bool) -> Option<Gauge> {
        self.budgets.tightest(reads)
    }

    /// Keeps to this part of the target's published limits: below 1 where others use them, too, above where the vendor
    /// grants more.
    pub fn set_share(&self, share: f64) {
        self.budgets.set_share(share);
    }

    /// Keeps to this part of the target's published limits beside other processes, which may just have used what the target
    /// takes at once.
    pub fn join(&self, share: f64) {
        self.budgets.join(share);
    }

    /// Requests that wanted to leave since this was asked last, and those that still wait: what decides this process's part.
    pub fn demand(&self) -> u64 {
        self.budgets.demand()
    }

    /// Requests that wait for the target's limits now.
    pub fn waiting(&self) -> usize {
        self.budgets.waiting()
    }

    /// Requests under way to the target now.
    pub fn under_way(&self) -> usize {
        self.breaker.under_way()
    }

    /// Whether the target counts as dead: most requests are refused until it answers.
    pub fn is_dead(&self) -> bool {
        self.breaker.is_open()
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
    /// Until when nothing may have been sent at all.
    patience: Instant,
    request_id: &'a str,
    /// Whose turn it is in the queue to the target.
    flow: &'a str,
    /// Where writes are kept instead of being sent.
    dry_run: Option<&'a DryRun>,
    /// Nanoseconds spent waiting for the target.
    target_nanos: AtomicU64,
    /// Whether a write has been sent: from then on it is brought to an end.
    writing: AtomicBool,
    /// Whether a deletion may have taken effect although the target did not say so.
    deletion_doubted: AtomicBool,
    /// Attributes nobody wants to have.
    left_out: Vec<&'a str>,
}

impl<'a> Cx<'a> {
    /// The context of one request.
    pub const fn new(door: &'a Door, settings: &'a Settings, deadline: Instant, request_id: &'a str) -> Self {
        Self {
            door,
            settings,
            deadline,
            patience: deadline,
            request_id,
            flow: "",
            dry_run: None,
            target_nanos: AtomicU64::new(0),
            writing: AtomicBool::new(false),
            deletion_doubted: AtomicBool::new(false),
            left_out: Vec::new(),
        }
    }

    /// The client stops waiting earlier: until something was written, nothing is waited for beyond that.
    pub const fn patience(mut self, until: Instant) -> Self {
        self.patience = until;
        self
    }

    /// Waits for the target's limits in turn with others of this name: a client, a bulk job, a walk.
    pub const fn flow(mut self, name: &'a str) -> Self {
        self.flow = name;
        self
    }

    /// These attributes, which take calls of their own, need not be read: the answer holds none of them.
    pub fn leaving_out(mut self, names: Vec<&'a str>) -> Self {
        self.left_out = names;
        self
    }

    /// The same request, for a step that needs these attributes no more than those it leaves out already.
    pub(crate) fn sparing<'b>(&'b self, names: Vec<&'b str>) -> Cx<'b> {
        let left_out = self.left_out.iter().copied().chain(names).collect();
        Cx::new(self.door, self.settings, self.deadline, self.request_id)
            .patience(self.patience)
            .flow(self.flow)
            .rehearsing(self.dry_run)
            .leaving_out(left_out)
    }

    /// Whether this core attribute need not be read.
    pub fn leaves_out(&self, attribute: &str) -> bool {
        self.left_out.contains(&attribute)
    }

    /// The attributes that need not be read.
    pub(crate) fn left_out(&self) -> &[&'a str] {
        &self.left_out
    }

    /// Sends no write, and keeps in `run` what would have been sent.
    pub const fn rehearsing(mut self, run: Option<&'a DryRun>) -> Self {
        self.dry_run = run;
        self
    }

    /// Where writes are kept instead of being sent, if so.
    pub(crate) const fn dry_run(&self) -> Option<&'a DryRun> {
        self.dry_run
    }

    /// Where to put down what becomes of each value, if anybody wants to know.
    pub(crate) const fn trace(&self) -> Trace {
        if self.dry_run.is_some() { Trace::on() } else { Trace::off() }
    }

    /// Hands in what became of values of a resource type.
    pub(crate) fn traced(&self, resource: &str, trace: Trace) {
        if let Some(run) = self.dry_run {
            run.add(resource, trace);
        }
    }

    /// Until when the next call may take.
    pub(crate) fn limit(&self) -> Instant {
        if self.writing.load(Ordering::Relaxed) { self.deadline } else { self.patience.min(self.deadline) }
    }

    fn begin_write(&self) {
        self.writing.store(true, Ordering::Relaxed);
    }

    fn doubt_deletion(&self) {
        self.deletion_doubted.store(true, Ordering::Relaxed);
    }

    /// Another deletion begins: what became of earlier ones in the same request says nothing about it.
    pub(crate) fn begin_deletion(&self) {
        self.deletion_doubted.store(false, Ordering::Relaxed);
    }

    /// Whether a deletion was tried more than once and an earlier try may have taken effect.
    pub(crate) fn deletion_doubted(&self) -> bool {
        self.deletion_doubted.load(Ordering::Relaxed)
    }

    /// A call of `method` to `segments` under the target address. Each segment is percent-encoded, so an id can hold any
    /// character.
    pub fn call(&self, method: Method, segments: &[&str]) -> Call<'_> {
        Call::to_target(self, method, segments)
    }

    /// A call of `method` to the address of this name (see [`Endpoints`]) and `segments` under it. Published limits do not
    /// count it, as they are told in paths under the target address; the address has a limit of its own, which is learned.
    /// [`Kind::Unsupported`] when the instance has no such address.
    pub fn call_at(&self, endpoint: &str, method: Method, segments: &[&str]) -> Result<Call<'_>> {
        let Some((name, base)) = self.door.endpoints.named(endpoint) else {
            return Err(Error::new(Kind::Unsupported, format!("the instance has no {endpoint}")));
        };
        Ok(Call::to_endpoint(self, name, base.clone(), method, segments))
    }

    /// The target address, with a slash at the end.
    pub const fn target(&self) -> &Url {
        &self.door.target
    }

    /// Whether the instance has an address of this name.
    pub fn has_endpoint(&self, endpoint: &str) -> bool {
        self.door.endpoints.url(endpoint).is_some()
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

    /// Tells the operator's log what a person should know and no error says; in a dry run, which did nothing, the reader of
    /// its trace.
    pub fn warn(&self, message: &str) {
        match self.dry_run {
            None => tracing::warn!(request_id = self.request_id, "{message}"),
            Some(run) => run.add("", Trace::of(Step::note(message))),
        }
    }

    /// Adds to the time spent waiting for the target.
    pub(crate) fn waited(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.target_nanos.fetch_add(nanos, Ordering::Relaxed);
    }
}
