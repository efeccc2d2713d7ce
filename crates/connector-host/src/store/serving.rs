//! The processes that serve from the store: one on a SQLite file, any number on PostgreSQL.

use std::{
    fs::{File, OpenOptions, TryLockError},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    time::Duration,
};

use sqlx::Row as _;

use super::{
    Sealer, Store, StoreError, random,
    seal::{KeyId, hex},
    unix_now,
};
use crate::config::StoreConfig;

/// A process, for as long as it serves.
pub(crate) type ProcessId = [u8; 16];

/// How often a process says that it is there, and after how many seconds without that it is gone.
const BEAT: Duration = Duration::from_secs(10);
pub(super) const GONE_AFTER: i64 = 60;

/// This process's part in serving.
pub(crate) struct Serving {
    store: Store,
    process: ProcessId,
    /// On SQLite, the lock that keeps others away. The kernel releases it however the process ends.
    lock: Option<File>,
}

impl Serving {
    /// Opens the store to serve from it: refused while another process serves from the same SQLite file. What processes
    /// that are gone have left is dropped.
    pub(crate) async fn begin(config: &StoreConfig) -> Result<(Store, Self), StoreError> {
        let lock = config.url.lock_file().map(|path| lock(&path)).transpose()?;
        let store = Store::open(config).await?;
        let serving = Self { store: store.clone(), process: random()?, lock };
        if serving.lock.is_some() {
            sqlx::query("DELETE FROM processes").execute(&store.db.pool).await?;
        }
        serving.beat().await?;
        Ok((store, serving))
    }

    /// Its number, by which it owns what only it can use.
    pub(crate) fn process(&self) -> ProcessId {
        self.process
    }

    /// Whether no other process can serve from the store.
    pub(crate) const fn is_alone(&self) -> bool {
        self.lock.is_some()
    }

    /// Says for ever that it is there.
    pub(crate) async fn stay(&self) {
        let mut beats = tokio::time::interval(BEAT);
        beats.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            beats.tick().await;
            if let Err(error) = self.beat().await {
                tracing::warn!(%error, "other processes are not told that this one serves");
            }
        }
    }

    async fn beat(&self) -> Result<(), StoreError> {
        let now = unix_now();
        let key_id = self.store.sealer().map(|sealer| sealer.key_id().to_vec());
        sqlx::query(
            "INSERT INTO processes (process, seen_at, key_id) VALUES ($1, $2, $3) \
             ON CONFLICT (process) DO UPDATE SET seen_at = excluded.seen_at",
        )
        .bind(&self.process[..])
        .bind(now)
        .bind(key_id)
        .execute(&self.store.db.pool)
        .await?;
        sqlx::query("DELETE FROM processes WHERE seen_at < $1")
            .bind(now - GONE_AFTER)
            .execute(&self.store.db.pool)
            .await?;
        self.store.drop_list_parts_of_nobody().await
    }

    /// Leaves the store to others, and closes it.
    pub(crate) async fn end(&self) {
        if let Err(error) = self.leave().await {
            tracing::warn!(%error, "other processes are not told that this one serves no longer");
        }
        self.store.close().await;
        if let Some(Err(error)) = self.lock.as_ref().map(File::unlock) {
            tracing::warn!(%error, "the store's lock is held until this process ends");
        }
    }

    async fn leave(&self) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM processes WHERE process = $1")
            .bind(&self.process[..])
            .execute(&self.store.db.pool)
            .await?;
        self.store.drop_list_parts_of_nobody().await
    }
}

/// Takes the lock, or says that another process has it.
fn lock(path: &Path) -> Result<File, StoreError> {
    let failed = |source| StoreError::File { path: path.display().to_string(), source };
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
    let file = file.map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

impl Store {
    /// The id of a key with which a running service seals, if that is not this store's; the inner `None` is a service
    /// without a key.
    pub(super) async fn key_of_other_services(
        &self,
        config: &StoreConfig,
    ) -> Result<Option<Option<String>>, StoreError> {
        let own = self.sealer().map(Sealer::key_id);
        let rows = sqlx::query("SELECT key_id FROM processes WHERE seen_at >= $1")
            .bind(unix_now() - GONE_AFTER)
            .fetch_all(&self.db.pool)
            .await?;
        for row in rows {
            let id: Option<Vec<u8>> = row.try_get(0)?;
            if id.as_deref() != own.as_ref().map(KeyId::as_slice) {
                // A service that was killed left its row, but not its lock.
                let gone = config.url.lock_file().is_some_and(|path| lock(&path).is_ok());
                return Ok((!gone).then(|| id.map(|id| hex(&id))));
            }
        }
        Ok(None)
    }
}
