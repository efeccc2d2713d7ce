//! The ledger over the store: recent memories in bounded memory, writes of many requests in one transaction.
//!
//! Where other processes write the same ledger, the store counts the writes to each instance's: its generation. When it
//! moved without us, what is held of that instance counts no more. So another process's write is seen within
//! [`POLL`], and without one nothing is read twice.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use connector_core::{
    error::{Error, Kind, Result},
    ledger::{Ledger, Memory},
};
use quick_cache::{sync::Cache, sync::GuardResult};
use sha2::{Digest as _, Sha256};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Interval, MissedTickBehavior, interval},
};

use crate::{
    changes::POLL,
    store::{Generations, LedgerKey, LedgerWrite, Store, StoreError},
};

/// How many objects' memories are held in memory, those known to have none included.
const HELD: usize = 50_000;
/// How many writes may wait, and how many share a transaction.
const WAITING: usize = 1024;
const TOGETHER: usize = 256;

/// Instance, its epoch, resource type, id. What an earlier epoch held is not found, and makes room in time.
type Key = (Arc<str>, u64, Arc<str>, Box<str>);

type Waiting = (LedgerWrite, oneshot::Sender<Result<(), String>>);

/// The ledgers of all instances.
pub struct Ledgers {
    store: Store,
    /// `None`: the object is known to have no memory.
    held: Cache<Key, Option<Arc<Memory>>>,
    epochs: Arc<Epochs>,
    writes: mpsc::Sender<Waiting>,
}

impl Ledgers {
    /// Starts the task that writes. It ends with the last clone of what this returns.
    pub fn start(store: Store) -> Arc<Self> {
        let (writes, waiting) = mpsc::channel(WAITING);
        let epochs = Arc::new(Epochs::default());
        tokio::spawn(write(store.clone(), waiting, epochs.clone()));
        Arc::new(Self { store, held: Cache::new(HELD), epochs, writes })
    }

    /// Objects whose memories are held in memory, those known to have none included.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// Writes that wait for the next transaction.
    pub fn waiting(&self) -> usize {
        self.writes.max_capacity() - self.writes.capacity()
    }

    /// The ledger of one instance.
    pub fn of(self: &Arc<Self>, instance: &str) -> Arc<dyn Ledger> {
        let epoch = self.epochs.of(instance);
        Arc::new(InstanceLedger { ledgers: Arc::clone(self), instance: instance.into(), epoch })
    }
}

/// Takes what waits, writes it in one transaction, answers all; between that, looks for what others wrote. One task does
/// both, so that no write of ours is taken for another's.
async fn write(store: Store, mut waiting: mpsc::Receiver<Waiting>, epochs: Arc<Epochs>) {
    let mut taken = Vec::with_capacity(TOGETHER);
    let mut seen = HashMap::new();
    let mut polls = store.is_shared().then(|| {
        let mut polls = interval(POLL);
        polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
        polls
    });
    loop {
        tokio::select! {
            biased;
            () = next(&mut polls) => match store.ledger_generations().await {
                Ok(generations) => epochs.follow(&mut seen, &generations, 0),
                // Nothing held counts until they are known again.
                Err(error) if !seen.is_empty() => {
                    tracing::warn!(%error, "what other processes write to the ledger is not seen");
                    epochs.forget(&mut seen);
                }
                Err(_) => {}
            },
            count = waiting.recv_many(&mut taken, TOGETHER) => {
                if count == 0 {
                    return;
                }
                let (writes, answers): (Vec<_>, Vec<_>) = taken.drain(..).unzip();
                let done = store.ledger_write(&writes).await;
                let done = done.map(|generations| epochs.follow(&mut seen, &generations, 1));
                let done = done.map_err(|error| error.to_string());
                for answer in answers {
                    // Nobody waits when the service was told to stop at once; the write is done all the same.
                    let _ = answer.send(done.clone());
                }
            }
        }
    }
}

async fn next(polls: &mut Option<Interval>) {
    match polls {
        Some(polls) => drop(polls.tick().await),
        None => std::future::pending().await,
    }
}

/// Per instance, a number that moves when somebody else wrote its ledger.
#[derive(Default)]
struct Epochs(Mutex<HashMap<String, Arc<AtomicU64>>>);

impl Epochs {
    fn of(&self, instance: &str) -> Arc<AtomicU64> {
        let mut epochs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        epochs.entry(instance.to_owned()).or_default().clone()
    }

    /// Takes note of `generations`; each may have grown by `own` since it was `seen`.
    fn follow(&self, seen: &mut HashMap<String, i64>, generations: &Generations, own: i64) {
        for (instance, generation) in generations {
            // An instance never seen had none, or the store could not be asked.
            let before = seen.insert(instance.clone(), *generation);
            if before.is_none_or(|before| before + own != *generation) {
                self.of(instance).fetch_add(1, Ordering::AcqRel);
            }
        }
    }

    fn forget(&self, seen: &mut HashMap<String, i64>) {
        seen.clear();
        let epochs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for epoch in epochs.values() {
            epoch.fetch_add(1, Ordering::AcqRel);
        }
    }
}

/// The ledger of one instance.
struct InstanceLedger {
    ledgers: Arc<Ledgers>,
    instance: Arc<str>,
    epoch: Arc<AtomicU64>,
}

fn failed(error: &StoreError) -> Error {
    Error::new(Kind::Internal, format!("the ledger failed: {error}"))
}

/// Text is folded, so that one key serves comparisons with and without letter case.
fn key(attribute: &str, value: &str) -> LedgerKey {
    let digest = Sha256::new()
        .chain_update(attribute.to_ascii_lowercase().as_bytes())
        .chain_update([0])
        .chain_update(value.to_lowercase().as_bytes())
        .finalize();
    let mut key = LedgerKey::default();
    key.copy_from_slice(&digest[..16]);
    key
}

impl InstanceLedger {
    /// What is read or written from now on is held under this epoch: if another process writes meanwhile, it does not
    /// count.
    fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    async fn put(&self, resource: &str, id: &str, memory: Option<&Memory>) -> Result<()> {
        let body = memory.map(|memory| {
            let json = serde_json::to_string(memory).expect("JSON values always serialise");
            (json, memory.keys().map(|(attribute, value)| key(&attribute, value)).collect())
        });
        let write = LedgerWrite {
            instance: self.instance.to_string(),
            resource: resource.to_owned(),
            id: id.to_owned(),
            memory: body,
        };
        let epoch = self.epoch();
        let lost = || Error::new(Kind::Internal, "the ledger has stopped");
        let (answer, done) = oneshot::channel();
        self.ledgers.writes.send((write, answer)).await.map_err(|_| lost())?;
        done.await
            .map_err(|_| lost())?
            .map_err(|error| Error::new(Kind::Internal, format!("the ledger failed: {error}")))?;
        let key = (Arc::clone(&self.instance), epoch, resource.into(), id.into());
        self.ledgers.held.insert(key, memory.cloned().map(Arc::new));
        Ok(())
    }
}

#[async_trait]
impl Ledger for InstanceLedger {
    async fn recall(&self, resource: &str, ids: &[&str]) -> Result<HashMap<String, Memory>> {
        let mut found = HashMap::new();
        let mut cold = Vec::new();
        let (epoch, resource_name): (_, Arc<str>) = (self.epoch(), resource.into());
        for &id in ids {
            let key = (Arc::clone(&self.instance), epoch, Arc::clone(&resource_name), Box::from(id));
            // A guard takes what the store says, unless a write came meanwhile; a key another request asks for is not
            // waited for.
            match self.ledgers.held.get_value_or_guard(&key, Some(Duration::ZERO)) {
                GuardResult::Value(Some(memory)) => {
                    found.insert(id.to_owned(), (*memory).clone());
                }
                GuardResult::Value(None) => {}
                GuardResult::Guard(guard) => cold.push((id, Some(guard))),
                GuardResult::Timeout => cold.push((id, None)),
            }
        }
        if cold.is_empty() {
            return Ok(found);
        }
        let asked: Vec<&str> = cold.iter().map(|(id, _)| *id).collect();
        let rows = self.ledgers.store.ledger_recall(&self.instance, resource, &asked).await;
        let mut rows: HashMap<String, String> = rows.map_err(|error| failed(&error))?.into_iter().collect();
        for (id, guard) in cold {
            let memory: Option<Memory> = match rows.remove(id) {
                None => None,
                Some(json) => Some(serde_json::from_str(&json).map_err(|error| {
                    Error::new(Kind::Internal, "the ledger holds something that is no memory").source(error)
                })?),
            };
            if let Some(guard) = guard {
                // A write that came meanwhile knows better, and stays.
                let _ = guard.insert(memory.clone().map(Arc::new));
            }
            if let Some(memory) = memory {
                found.insert(id.to_owned(), memory);
            }
        }
        Ok(found)
    }

    async fn remember(&self, resource: &str, id: &str, memory: &Memory) -> Result<()> {
        self.put(resource, id, Some(memory)).await
    }

    async fn forget(&self, resource: &str, id: &str) -> Result<()> {
        self.put(resource, id, None).await
    }

    async fn find(&self, resource: &str, attribute: &str, value: &str) -> Result<Vec<String>> {
        let found = self.ledgers.store.ledger_find(&self.instance, resource, &key(attribute, value)).await;
        found.map_err(|error| failed(&error))
    }
}
