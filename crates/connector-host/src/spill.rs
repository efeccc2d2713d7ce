//! Long lists in the store: sealed with a key that this process alone has and forgets.

use async_trait::async_trait;
use bytes::Bytes;
use connector_core::{
    complete::Spill,
    error::{Error, Kind, Result},
};

use crate::{
    config::Key32,
    store::{ProcessId, Sealer, Store, StoreError},
};

/// The parts of this process's snapshots.
pub(crate) struct StoreSpill {
    store: Store,
    process: ProcessId,
    sealer: Sealer,
}

impl StoreSpill {
    /// Begins with nothing.
    pub(crate) fn new(store: Store, process: ProcessId) -> std::result::Result<Self, StoreError> {
        let sealer = Sealer::new(&Key32::generate().map_err(StoreError::Random)?);
        Ok(Self { store, process, sealer })
    }
}

fn failed(error: &StoreError) -> Error {
    Error::new(Kind::Internal, format!("a part of a long list could not be kept: {error}"))
}

fn purpose(snapshot: u64, part: u32) -> String {
    format!("list part {snapshot} {part}")
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[async_trait]
impl Spill for StoreSpill {
    async fn put(&self, snapshot: u64, part: u32, data: Bytes) -> Result<()> {
        let sealed = self.sealer.seal(&purpose(snapshot, part), &data).map_err(|error| failed(&error))?;
        let put = self.store.put_list_part(&self.process, number(snapshot), part.into(), &sealed).await;
        put.map_err(|error| failed(&error))
    }

    async fn get(&self, snapshot: u64, part: u32) -> Result<Bytes> {
        let sealed = self.store.list_part(&self.process, number(snapshot), part.into()).await;
        let sealed = sealed.map_err(|error| failed(&error))?;
        let plain = self.sealer.open(&purpose(snapshot, part), &sealed).map_err(|error| failed(&error))?;
        Ok(plain.into())
    }

    async fn remove(&self, snapshot: u64) -> Result<()> {
        let dropped = self.store.drop_list_parts(&self.process, number(snapshot)).await;
        dropped.map_err(|error| failed(&error))
    }
}
