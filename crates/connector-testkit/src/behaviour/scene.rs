//! One scene of a case: a target staged, an instance in front of it, and what a SCIM client then does.

use std::{
    error::Error as StdError,
    fmt::Write as _,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use connector_core::{
    complete::{Endpoint, Listed},
    connector::{Connector, Resource as TargetResource},
    error::{Error, Kind, Result},
    http::{Credential, CredentialSource},
    mapping::{Table, TargetPath},
};
use serde_json::Value;

use super::{
    log::Log,
    shelf::Shelf,
    stand_in::{Call, Staged, StandIn},
};
use crate::{
    answer::Answer,
    gateway::{Gateway, Setup, TOKEN},
    server::{Exchange, Received, told},
};

/// Why a case failed, and what was exchanged.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) what: String,
    pub(crate) exchanges: String,
}

/// What an act of a scene comes to: the sentence says what is wrong.
pub(crate) type Outcome = std::result::Result<(), String>;

/// Says `what` unless `holds`.
pub(crate) fn must(holds: bool, what: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(what()) }
}

/// One resource type of a connector, as a case sees it.
pub(crate) struct Subject {
    pub(crate) words: &'static dyn StandIn,
    pub(crate) connector: Box<dyn Connector>,
    pub(crate) index: usize,
    pub(crate) staged: Staged,
}

/// Which calls a fault is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Calls {
    All,
    Reads,
    Writes,
}

type Change = Arc<dyn Fn(&Received, Answer) -> Answer + Send + Sync>;

/// What becomes of the usual answers.
#[derive(Clone)]
pub(crate) struct Fault {
    calls: Calls,
    left: Arc<AtomicUsize>,
    change: Change,
}

impl Fault {
    /// These calls are answered so.
    pub(crate) fn answer(calls: Calls, answer: Answer) -> Self {
        Self::change(calls, move |_, _| answer.clone())
    }

    /// What these calls are answered is changed so.
    pub(crate) fn change(
        calls: Calls,
        change: impl Fn(&Received, Answer) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self { calls, left: Arc::new(AtomicUsize::new(usize::MAX)), change: Arc::new(change) }
    }

    /// Only the first calls, as many as this.
    pub(crate) fn times(self, times: usize) -> Self {
        self.left.store(times, Ordering::Relaxed);
        self
    }

    fn takes(&self, request: &Received) -> bool {
        let concerned = match self.calls {
            Calls::All => true,
            Calls::Reads => request.is_read(),
            Calls::Writes => !request.is_read(),
        };
        concerned
            && self
                .left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| match left {
                    usize::MAX => Some(left),
                    left => left.checked_sub(1),
                })
                .is_ok()
    }
}

impl Subject {
    pub(crate) fn target(&self) -> &dyn TargetResource {
        &*self.connector.resources()[self.index]
    }

    /// The name of the resource type, as `User`.
    pub(crate) fn of(&self) -> &'static str {
        self.target().spec().table.resource
    }

    pub(crate) fn endpoint(&self) -> &'static str {
        self.target().spec().table.endpoint.trim_start_matches('/')
    }

    pub(crate) fn table(&self) -> &'static Table {
        self.target().spec().table
    }

    /// The `n`-th object and its id.
    pub(crate) fn object(&self, n: usize) -> (String, Value) {
        object(self.words, self.table(), n)
    }

    /// The object under another id.
    pub(crate) fn with_id(&self, mut object: Value, id: &str) -> (String, Value) {
        if let Value::Object(members) = &mut object {
            id_path(self.table()).put(members, Value::from(id));
        }
        (id.to_owned(), object)
    }

    /// Plays a scene in front of a target that holds the first three objects.
    pub(crate) async fn play(
        &self,
        faults: Vec<Fault>,
        acts: impl AsyncFnOnce(&Scene<'_>) -> Outcome,
    ) -> std::result::Result<(), Broken> {
        self.play_with(faults, |setup| setup, acts).await
    }

    /// The same with an instance that is set up so.
    pub(crate) async fn play_with(
        &self,
        faults: Vec<Fault>,
        setup: impl FnOnce(Setup) -> Setup,
        acts: impl AsyncFnOnce(&Scene<'_>) -> Outcome,
    ) -> std::result::Result<(), Broken> {
        let objects = Shelf::default();
        for resource in self.connector.resources() {
            let table = resource.spec().table;
            objects.put(table.resource, (0..3).map(|n| object(self.words, table, n)));
            objects.will_create(table.resource, object(self.words, table, CREATED));
        }
        let log = Log::default();
        let _logging = tracing::subscriber::set_default(log.clone());
        let gateway = setup(self.setup()).over(self.answering(&objects, faults)).await;
        let scene = Scene { subject: self, gateway, shelf: objects, errors: Mutex::default() };
        let outcome = acts(&scene).await;
        let outcome = outcome.and_then(|()| scene.keeps_secrets(&log.text()));
        outcome.map_err(|what| Broken { what, exchanges: scene.exchanged() })
    }

    fn setup(&self) -> Setup {
        self.words.setup(Setup::of(self.words.registration(), self.words.base()))
    }

    fn answering(
        &self,
        objects: &Shelf,
        faults: Vec<Fault>,
    ) -> impl FnMut(&Received) -> Answer + Send + 'static + use<> {
        let (words, objects, sparing) = (self.words, objects.clone(), self.staged.sparing.clone());
        move |request| {
            let usual = {
                let held = objects.held();
                words.answer(&Call::new(request, words.base(), &held))
            };
            let spared = sparing.contains(&request.segments(words.base()).join("/").as_str());
            match faults.iter().find(|fault| !spared && fault.takes(request)) {
                Some(fault) => (fault.change)(request, usual),
                None => usual,
            }
        }
    }
}

/// The place of the object that a creation leaves.
pub(crate) const CREATED: usize = 7;

/// The `n`-th object of a table's resource type, and its id.
fn object(words: &'static dyn StandIn, table: &Table, n: usize) -> (String, Value) {
    let object = words.object(table.resource, n);
    let id = match id_path(table).members().iter().try_fold(&object, |value, member| value.get(member)) {
        Some(Value::String(id)) => id.clone(),
        Some(Value::Number(id)) => id.to_string(),
        _ => panic!("object {n} of {} has no id", table.resource),
    };
    (id, object)
}

fn id_path(table: &Table) -> TargetPath {
    let row = table.rows.iter().find(|row| row.scim == "id");
    row.expect("every table has an id").target_path()
}

/// An instance in front of a staged target.
pub(crate) struct Scene<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) gateway: Gateway,
    pub(crate) shelf: Shelf,
    /// Everything an error says, to its last cause, and a check.
    errors: Mutex<Vec<String>>,
}

impl Scene<'_> {
    pub(crate) fn endpoint(&self) -> Endpoint<'_> {
        self.gateway.instance().endpoint_at(self.subject.index)
    }

    /// Puts these objects there in place of the first three.
    pub(crate) fn holds(&self, objects: impl IntoIterator<Item = (String, Value)>) {
        self.shelf.put(self.subject.of(), objects);
    }

    pub(crate) async fn get(&self, id: &str) -> Result<Value> {
        self.noted(self.gateway.get(self.subject.endpoint(), id).await)
    }

    pub(crate) async fn create(&self, body: Value) -> Result<Value> {
        self.noted(self.gateway.create(self.subject.endpoint(), body).await)
    }

    pub(crate) async fn replace(&self, id: &str, body: Value) -> Result<Value> {
        self.noted(self.gateway.replace(self.subject.endpoint(), id, body).await)
    }

    pub(crate) async fn modify(&self, id: &str, operations: Value) -> Result<Value> {
        self.noted(self.gateway.modify(self.subject.endpoint(), id, operations).await)
    }

    pub(crate) async fn delete(&self, id: &str) -> Result<()> {
        self.noted(self.gateway.delete(self.subject.endpoint(), id).await)
    }

    pub(crate) async fn list(&self, filter: Option<&str>) -> Result<Listed> {
        self.noted(self.gateway.list(self.subject.endpoint(), filter).await)
    }

    pub(crate) async fn page(&self, start: i64, count: i64) -> Result<Listed> {
        self.noted(self.gateway.page(self.subject.endpoint(), None, Some(start), Some(count)).await)
    }

    /// Keeps what an error says, for the search for secrets.
    pub(crate) fn noted<T>(&self, result: Result<T>) -> Result<T> {
        if let Err(error) = &result {
            let mut text = format!("{error} {error:?}");
            let mut cause = error.source();
            while let Some(inner) = cause {
                write!(text, " {inner} {inner:?}").expect("text grows");
                cause = inner.source();
            }
            self.keeps(text);
        }
        result
    }

    /// Keeps what an operator or a client is told, for the same search.
    pub(crate) fn keeps(&self, told: String) {
        self.errors.lock().unwrap_or_else(PoisonError::into_inner).push(told);
    }

    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.gateway.exchanges()
    }

    /// The requests that may change something.
    pub(crate) fn writes(&self) -> Vec<Exchange> {
        self.exchanges().into_iter().filter(|exchange| !exchange.request.is_read()).collect()
    }

    fn exchanged(&self) -> String {
        told(&self.exchanges(), self.gateway.credential_header(), &[TOKEN])
    }

    fn keeps_secrets(&self, log: &str) -> Outcome {
        let errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        let shows = |text: &str| text.contains(TOKEN);
        if let Some(error) = errors.iter().find(|error| shows(error)) {
            return Err(format!(
                "an error shows the credential: {}",
                error.replace(TOKEN, "[THE CREDENTIAL]")
            ));
        }
        let line = log.lines().find(|line| shows(line));
        line.map_or(Ok(()), |line| {
            Err(format!("a log line shows the credential: {}", line.replace(TOKEN, "[THE CREDENTIAL]")))
        })
    }
}

/// Says what came instead unless the outcome is an error of one of these kinds.
pub(crate) fn must_fail<T: std::fmt::Debug>(
    what: &str,
    outcome: Result<T>,
    kinds: &[Kind],
) -> std::result::Result<Error, String> {
    match outcome {
        Err(error) if kinds.contains(&error.kind()) => Ok(error),
        Err(error) => Err(format!("{what} must be {kinds:?}, and is {:?}: {error}", error.kind())),
        Ok(came) => Err(format!("{what} must be {kinds:?}, and succeeded with {came:?}")),
    }
}

/// Says why unless the outcome is a success.
pub(crate) fn must_work<T>(what: &str, outcome: Result<T>) -> std::result::Result<T, String> {
    outcome.map_err(|error| format!("{what} must work, and is {:?}: {error}", error.kind()))
}

/// A credential that can be renewed once.
#[derive(Debug)]
pub(crate) struct Renewable {
    first: Arc<Credential>,
    second: Arc<Credential>,
    renewed: AtomicBool,
}

impl Renewable {
    pub(crate) fn new(first: Credential, second: Credential) -> Self {
        Self { first: Arc::new(first), second: Arc::new(second), renewed: false.into() }
    }
}

#[async_trait::async_trait]
impl CredentialSource for Renewable {
    async fn current(&self, _: tokio::time::Instant) -> Result<Arc<Credential>> {
        let renewed = self.renewed.load(Ordering::Relaxed);
        Ok(Arc::clone(if renewed { &self.second } else { &self.first }))
    }

    async fn renew(&self, _: &Credential, _: tokio::time::Instant) -> Result<Option<Arc<Credential>>> {
        self.renewed.store(true, Ordering::Relaxed);
        Ok(Some(Arc::clone(&self.second)))
    }

    fn remedy(&self) -> std::borrow::Cow<'static, str> {
        "start the consent again".into()
    }
}

/// How long a client waits that shall not wait for a target that is down.
pub(crate) const SHORT: Duration = Duration::from_millis(400);
