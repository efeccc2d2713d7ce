//! Walks: lists the target cannot page as the client asks, read once and kept for the pages that follow.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout_at},
};
use tracing::warn;

use super::{
    Instance,
    list::Found,
    snapshot::{Snapshot, SnapshotSpace},
    sort::Sort,
};
use crate::{
    error::{Error, Kind, Result, Retry},
    http::Cx,
    scim::Filter,
};

/// How long a walk is kept after its last page.
const KEPT: Duration = Duration::from_mins(5);
/// How old a walk may be for a client that begins anew.
const FRESH: Duration = Duration::from_mins(1);
/// How long a walk may take.
const LONGEST: Duration = Duration::from_mins(30);
/// How many walks an instance keeps.
const MOST: usize = 64;

/// The walks of one instance.
pub struct Walks {
    space: Arc<SnapshotSpace>,
    running: Mutex<HashMap<Key, Arc<Walk>>>,
    /// Counts writes per process: a walk from before a write is not joined by a client that begins anew.
    writes: AtomicU64,
}

/// Whose list of what.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub caller: String,
    pub index: usize,
    pub filter: Option<String>,
    pub sort: Option<String>,
    /// Attributes that are not read: see [`Cx::leaving_out`].
    pub left_out: Vec<String>,
}

struct Walk {
    begun: Instant,
    writes: u64,
    last_page: Mutex<Instant>,
    state: watch::Receiver<State>,
}

#[derive(Clone)]
enum State {
    Running,
    Done(Arc<Snapshot>),
    /// Kind and text, and when to ask again; the error itself went to the log.
    Failed(Kind, String, Retry),
}

impl Walks {
    /// Walks whose results are kept in `space`.
    pub fn new(space: Arc<SnapshotSpace>) -> Self {
        Self { space, running: Mutex::new(HashMap::new()), writes: AtomicU64::new(0) }
    }

    /// Notes a write, when it begins and when what this returns is dropped.
    pub(super) fn writing(&self) -> impl Drop + use<'_> {
        struct Writing<'a>(&'a AtomicU64);
        impl Drop for Writing<'_> {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.writes.fetch_add(1, Ordering::Relaxed);
        Writing(&self.writes)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Arc<Walk>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is young, and nobody wrote since it began.
    fn is_fresh(&self, walk: &Walk) -> bool {
        walk.begun + FRESH > Instant::now() && walk.writes == self.writes.load(Ordering::Relaxed)
    }

    /// The walk to read from: one that is there, else a new one. A client at its first page gets a fresh one.
    fn join(
        &self,
        instance: &Arc<Instance>,
        key: Key,
        first_page: bool,
        filter: Option<&Filter>,
        sort: Option<&Sort>,
        request_id: &str,
    ) -> Arc<Walk> {
        let now = Instant::now();
        let writes = self.writes.load(Ordering::Relaxed);
        let mut running = self.lock();
        if let Some(walk) = running.get(&key)
            && !walk.has_failed()
            && (!first_page || self.is_fresh(walk))
        {
            *walk.last_page.lock().unwrap_or_else(PoisonError::into_inner) = now;
            return Arc::clone(walk);
        }
        if running.len() >= MOST {
            let oldest = running.iter().min_by_key(|(_, walk)| walk.idle_since()).map(|(key, _)| key.clone());
            oldest.map(|key| running.remove(&key));
        }
        let (state, receiver) = watch::channel(State::Running);
        let walk = Arc::new(Walk { begun: now, writes, last_page: Mutex::new(now), state: receiver });
        running.insert(key.clone(), Arc::clone(&walk));
        let job = Job::new(instance, key, filter, sort, request_id);
        tokio::spawn(job.run(state, Arc::clone(&walk)));
        walk
    }

    /// One page of a walk and its total. A walk that cannot finish before the deadline goes on, and the client is told to
    /// come back.
    #[expect(clippy::too_many_arguments, reason = "one list request, taken apart")]
    pub(super) async fn page(
        &self,
        instance: &Arc<Instance>,
        key: Key,
        start: u64,
        count: u64,
        filter: Option<&Filter>,
        sort: Option<&Sort>,
        cx: &Cx<'_>,
    ) -> Result<Found> {
        if cx.dry_run().is_some() {
            let job = Job::new(instance, key, filter, sort, cx.request_id());
            return job.page_of_its_own(cx, start, count).await;
        }
        let walk = self.join(instance, key, start <= 1, filter, sort, cx.request_id());
        let mut state = walk.state.clone();
        let waiting = Instant::now();
        let done = {
            let ended = state.wait_for(|state| !matches!(state, State::Running));
            timeout_at(cx.deadline(), ended).await.map(|ended| ended.map(|state| state.clone()))
        };
        cx.waited(waiting.elapsed());
        let state = match done {
            Ok(Ok(state)) => state,
            Ok(Err(_)) => {
                State::Failed(Kind::Internal, "the list ended without a result".into(), Retry::Never)
            }
            Err(_) => {
                let rule = "the list is long: reading it goes on, ask again for the result";
                return Err(Error::new(Kind::Deadline, rule));
            }
        };
        match state {
            State::Done(snapshot) => found(&snapshot, start, count).await,
            State::Failed(kind, text, retry) => Err(Error::new(kind, text).retry(retry)),
            State::Running => Err(Error::new(Kind::Internal, "the list has no result")),
        }
    }
}

async fn found(snapshot: &Snapshot, start: u64, count: u64) -> Result<Found> {
    let start = usize::try_from(start.saturating_sub(1)).unwrap_or(usize::MAX);
    let resources = snapshot.page(start, usize::try_from(count).unwrap_or(usize::MAX)).await?;
    Ok(Found { resources, total: snapshot.len() as u64 })
}

impl Walk {
    fn has_failed(&self) -> bool {
        matches!(*self.state.borrow(), State::Failed(..))
    }

    fn idle_since(&self) -> Instant {
        *self.last_page.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the task of a walk needs.
struct Job {
    instance: Arc<Instance>,
    key: Key,
    filter: Option<Filter>,
    sort: Option<Sort>,
    request_id: String,
}

impl Job {
    fn new(
        instance: &Arc<Instance>,
        key: Key,
        filter: Option<&Filter>,
        sort: Option<&Sort>,
        request_id: &str,
    ) -> Self {
        Self {
            instance: Arc::clone(instance),
            key,
            filter: filter.cloned(),
            sort: sort.cloned(),
            request_id: request_id.to_owned(),
        }
    }

    /// Walks for one request alone, and keeps nothing: a dry run shows every call, and leaves nothing behind.
    async fn page_of_its_own(&self, cx: &Cx<'_>, start: u64, count: u64) -> Result<Found> {
        let snapshot = self.walk(cx).await?;
        let page = found(&snapshot, start, count).await;
        snapshot.discard().await?;
        page
    }

    /// Walks, says so, and keeps the result until nobody asks for it any more.
    async fn run(self, state: watch::Sender<State>, walk: Arc<Walk>) {
        let outcome = {
            let instance = &self.instance;
            let cx = Cx::new(&instance.door, &instance.settings, Instant::now() + LONGEST, &self.request_id);
            let left_out = self.key.left_out.iter().map(String::as_str).collect();
            self.walk(&cx.flow("walk").leaving_out(left_out)).await
        };
        let snapshot = match outcome {
            Ok(snapshot) => {
                let snapshot = Arc::new(snapshot);
                state.send_replace(State::Done(Arc::clone(&snapshot)));
                Some(snapshot)
            }
            Err(error) => {
                // Its client may have gone, and the cause goes no further than here.
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                warn!(request_id = self.request_id, %error, cause, "a list could not be read to its end");
                state.send_replace(State::Failed(error.kind(), error.to_string(), error.retry_hint()));
                None
            }
        };
        let walks = &self.instance.walks;
        if snapshot.is_some() {
            loop {
                let end = walk.idle_since() + KEPT;
                let evicted = !walks.lock().get(&self.key).is_some_and(|known| Arc::ptr_eq(known, &walk));
                if evicted || end <= Instant::now() {
                    break;
                }
                sleep_until(end.min(Instant::now() + FRESH)).await;
            }
        }
        {
            let mut running = walks.lock();
            if running.get(&self.key).is_some_and(|known| Arc::ptr_eq(known, &walk)) {
                running.remove(&self.key);
            }
        }
        if let Some(snapshot) = snapshot
            && let Err(error) = snapshot.discard().await
        {
            warn!(request_id = self.request_id, %error, "a kept list could not be dropped");
        }
    }

    async fn walk(&self, cx: &Cx<'_>) -> Result<Snapshot> {
        let instance = &self.instance;
        let mut snapshot = Snapshot::new(&instance.walks.space);
        let sort = self.sort.as_ref();
        let (endpoint, filter) = (instance.endpoint_at(self.key.index), self.filter.as_ref());
        let mut pages = endpoint.pages(Vec::new());
        let spared = endpoint.sparable(cx, filter);
        let bare = (!spared.is_empty()).then(|| cx.sparing(spared));
        let made = async {
            while let Some(mut resources) = pages.next(bare.as_ref().unwrap_or(cx)).await? {
                resources.retain(|resource| filter.is_none_or(|filter| filter.matches(resource)));
                if bare.is_some() {
                    resources = endpoint.whole(cx, &resources, filter).await?;
                }
                for resource in resources {
                    snapshot.push(&resource, sort).await?;
                }
            }
            snapshot.finish(sort).await
        }
        .await;
        if let Some(bare) = &bare {
            cx.waited(bare.target_time());
        }
        match made {
            Ok(()) => Ok(snapshot),
            Err(error) => {
                snapshot.discard().await?;
                Err(error)
            }
        }
    }
}
