//! What every request can reach.

use std::{
    fmt,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use connector_core::{complete::SnapshotSpace, http::Resolver};
use tokio::{
    sync::{Mutex, Notify},
    task::JoinHandle,
};

use crate::{
    auth::{Jwts, Known, Slowdown},
    changes::ChangeFeed,
    config::Config,
    instances::{self, Instances},
    ledger::Ledgers,
    metrics::Metrics,
    oauth::Consented,
    outbound::{BindError, Ways},
    spill::StoreSpill,
    store::{Serving, Store, StoreError},
    versions,
};

/// The state of the service.
pub struct App {
    /// As configured.
    pub config: Config,
    /// Base of every URL that clients see, without a slash at its end.
    pub base_url: String,
    /// What is kept.
    pub store: Store,
    pub(crate) serving: Serving,
    /// Who changed what is kept.
    pub changes: ChangeFeed,
    /// Inbound tokens and OAuth clients.
    pub known: Known,
    /// Who signs JWTs for which instance.
    pub jwts: Jwts,
    /// The instances.
    pub instances: Instances,
    /// Work that outlives its request.
    pub tasks: Tasks,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    pub(crate) ledgers: Arc<Ledgers>,
    pub(crate) slowdown: Slowdown,
    draining: AtomicBool,
    readiness: Mutex<Option<(Instant, bool)>>,
}

/// How long a write may go on after its client was told that the deadline passed. The service waits as long before it
/// stops.
pub const WRITE_GRACE: Duration = Duration::from_mins(2);

/// How long an answer of the store counts, and how long it may take.
const READINESS_AGE: Duration = Duration::from_secs(1);
const READINESS_WAIT: Duration = Duration::from_secs(2);

impl App {
    /// Opens the store and builds every instance; `bound` is the address the service listens on, `resolver` finds the
    /// addresses of targets.
    pub async fn new(
        config: Config,
        bound: SocketAddr,
        resolver: &Arc<dyn Resolver>,
    ) -> Result<Arc<Self>, StartError> {
        let (store, serving) = Serving::begin(&config.store).await?;
        versions::settle(&store, &config).await?;
        versions::tell(&config);
        let base_url = config.server.base_url(bound);
        let (tasks, metrics) = (Tasks::default(), Arc::new(Metrics::default()));
        let ways = Ways::open_resolving(&config, resolver)?.counted_by(Arc::clone(&metrics));
        let consents = instances::consents(&config, &ways, &store, &tasks, &base_url).await?;
        if serving.is_alone() {
            consents.values().for_each(Consented::serve_alone);
        }
        let ledgers = Ledgers::start(store.clone());
        let space = SnapshotSpace::new(Arc::new(StoreSpill::new(store.clone(), serving.process())?));
        Ok(Arc::new(Self {
            changes: ChangeFeed::new(&store).await?,
            known: Known::load(&store).await?,
            jwts: Jwts::new(&config, &ways),
            instances: Instances::build(
                &config,
                &ways,
                &consents,
                |name| scim_url(&base_url, name),
                |name| ledgers.of(name),
                &space,
            )?,
            base_url,
            tasks,
            metrics,
            ledgers,
            slowdown: Slowdown::new(),
            draining: AtomicBool::new(false),
            readiness: Mutex::new(None),
            store,
            serving,
            config,
        }))
    }

    /// The SCIM base URL of an instance, without a slash at its end.
    pub fn scim_url(&self, instance: &str) -> String {
        scim_url(&self.base_url, instance)
    }

    /// Whether browsers reach the service by https.
    pub fn is_https(&self) -> bool {
        self.base_url.starts_with("https://")
    }

    /// Whether the service is about to stop and takes no new requests.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Whether the store answers and its key opens it. Anybody may ask, so the store is not asked each time.
    pub(crate) async fn is_ready(&self) -> bool {
        let mut last = self.readiness.lock().await;
        if let Some((at, ready)) = *last
            && at.elapsed() < READINESS_AGE
        {
            return ready;
        }
        let ready = match tokio::time::timeout(READINESS_WAIT, self.store.ready()).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::error!(%error, "the store is not ready");
                false
            }
            Err(_) => {
                tracing::error!("the store does not answer");
                false
            }
        };
        *last = Some((Instant::now(), ready));
        ready
    }
}

pub(crate) fn scim_url(base_url: &str, instance: &str) -> String {
    format!("{base_url}/scim/{instance}/v2")
}

/// Why the service does not start.
#[derive(Debug)]
pub enum StartError {
    /// The address cannot be listened on.
    Listen(SocketAddr, std::io::Error),
    /// The store does not open.
    Store(StoreError),
    /// An instance has run another major version of its connector than this build would run.
    Version {
        /// Its name.
        instance: String,
        /// What it has run, as `slack@1`.
        recorded: String,
        /// What would run, as `slack@2`.
        found: String,
    },
    /// No connection can be bound to the source addresses.
    Bind(BindError),
    /// An instance cannot be built.
    Instance {
        /// Its name.
        name: String,
        /// Why.
        source: Box<connector_core::error::Error>,
    },
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen(address, error) => write!(f, "cannot listen on {address}: {error}"),
            Self::Store(error) => write!(f, "{error}"),
            Self::Bind(error) => write!(f, "{error}"),
            Self::Version { instance, recorded, found } => write!(
                f,
                "instances.{instance}: it has run {recorded} since its first start, and this build has {found}: pin it, \
                 connector = \"{found}\""
            ),
            Self::Instance { name, source } => write!(f, "instances.{name}: {source}"),
        }
    }
}

impl std::error::Error for StartError {}

impl From<BindError> for StartError {
    fn from(error: BindError) -> Self {
        Self::Bind(error)
    }
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Work that goes on when its request is gone: a write is never cancelled half-way. The service waits for it before it
/// stops.
#[derive(Clone, Default)]
pub struct Tasks {
    running: Arc<Running>,
}

#[derive(Default)]
struct Running {
    count: AtomicUsize,
    ended: Notify,
}

impl Tasks {
    /// Runs `work` to its end, whoever waits for it.
    pub fn spawn<F>(&self, work: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        struct Guard(Arc<Running>);
        impl Drop for Guard {
            fn drop(&mut self) {
                if self.0.count.fetch_sub(1, Ordering::AcqRel) == 1 {
                    self.0.ended.notify_waiters();
                }
            }
        }
        self.running.count.fetch_add(1, Ordering::AcqRel);
        let guard = Guard(self.running.clone());
        tokio::spawn(async move {
            let _guard = guard;
            work.await
        })
    }

    /// Waits until nothing runs.
    pub async fn ended(&self) {
        loop {
            let ended = self.running.ended.notified();
            tokio::pin!(ended);
            ended.as_mut().enable();
            if self.running.count.load(Ordering::Acquire) == 0 {
                return;
            }
            ended.await;
        }
    }
}
