//! The ledger over the store: recent memories in bounded memory, writes of many requests in one transaction.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use connector_core::{
    error::{Error, Kind, Result},
    ledger::{Ledger, Memory},
};
use quick_cache::{sync::Cache, sync::GuardResult};
use sha2::{Digest as _, Sha256};
use tokio::sync::{mpsc, oneshot};

use crate::store::{LedgerKey, LedgerWrite, Store, StoreError};

/// How many objects' memories are held in memory, those known to have none included.
const HELD: usize = 50_000;
/// How many writes may wait, and how many share a transaction.
const WAITING: usize = 1024;
const TOGETHER: usize = 256;

/// Instance, resource type, id.
type Key = (Arc<str>, Arc<str>, Box<str>);

/// The ledgers of all instances.
pub struct Ledgers {
    store: Store,
    /// `None`: the object is known to have no memory.
    held: Cache<Key, Option<Arc<Memory>>>,
    writes: mpsc::Sender<(LedgerWrite, oneshot::Sender<Result<(), String>>)>,
}

impl Ledgers {
    /// Starts the task that writes. It ends with the last clone of what this returns.
    pub fn start(store: Store) -> Arc<Self> {
        let (writes, waiting) = mpsc::channel(WAITING);
        tokio::spawn(write(store.clone(), waiting));
        Arc::new(Self { store, held: Cache::new(HELD), writes })
    }

    /// The ledger of one instance.
    pub fn of(self: &Arc<Self>, instance: &str) -> Arc<dyn Ledger> {
        Arc::new(InstanceLedger { ledgers: Arc::clone(self), instance: instance.into() })
    }
}

/// Takes what waits, writes it in one transaction, answers all.
async fn write(
    store: Store,
    mut waiting: mpsc::Receiver<(LedgerWrite, oneshot::Sender<Result<(), String>>)>,
) {
    let mut taken = Vec::with_capacity(TOGETHER);
    while waiting.recv_many(&mut taken, TOGETHER).await > 0 {
        let (writes, answers): (Vec<_>, Vec<_>) = taken.drain(..).unzip();
        let done = store.ledger_write(&writes).await.map_err(|error| error.to_string());
        for answer in answers {
            // Nobody waits when the service was told to stop at once; the write is done all the same.
            let _ = answer.send(done.clone());
        }
    }
}

/// The ledger of one instance.
struct InstanceLedger {
    ledgers: Arc<Ledgers>,
    instance: Arc<str>,
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
    fn key(&self, resource: &str, id: &str) -> Key {
        (Arc::clone(&self.instance), resource.into(), id.into())
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
        let lost = || Error::new(Kind::Internal, "the ledger has stopped");
        let (answer, done) = oneshot::channel();
        self.ledgers.writes.send((write, answer)).await.map_err(|_| lost())?;
        done.await
            .map_err(|_| lost())?
            .map_err(|error| Error::new(Kind::Internal, format!("the ledger failed: {error}")))?;
        self.ledgers.held.insert(self.key(resource, id), memory.cloned().map(Arc::new));
        Ok(())
    }
}

#[async_trait]
impl Ledger for InstanceLedger {
    async fn recall(&self, resource: &str, ids: &[&str]) -> Result<HashMap<String, Memory>> {
        let mut found = HashMap::new();
        let mut cold = Vec::new();
        let resource_name: Arc<str> = resource.into();
        for &id in ids {
            let key = (Arc::clone(&self.instance), Arc::clone(&resource_name), Box::from(id));
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
