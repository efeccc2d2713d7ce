//! What the host keeps: one SQLite file, readable by its owner alone.
//!
//! The hot path reads nothing here; see [`crate::auth::Known`].

mod audit;
mod client;
mod consent;
mod credential;
mod error;
mod ledger;
mod list_parts;
mod migrate;
mod pin;
mod seal;
mod sentinel;
mod token;

use std::{
    fs, io,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
    time::Duration,
};

use sqlx::{
    Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

pub use audit::AuditRecord;
pub use client::{ClientRecord, ClientSecretHash, NewClient, hash_of_client_secret};
pub use consent::{ConsentKind, ConsentState};
pub use credential::{CredentialRecord, Lease, LeaseOwner};
pub use error::StoreError;
pub(crate) use ledger::{LedgerKey, LedgerWrite};
pub(crate) use list_parts::ProcessId;
pub use seal::Sealer;
pub(crate) use token::hash_of_token;
pub use token::{NewToken, TokenHash, TokenRecord};

use crate::config::{Key32, StoreConfig};

/// The open store. Clones share it.
#[derive(Clone)]
pub struct Store {
    pool: SqlitePool,
    sealer: Option<Sealer>,
}

/// How long a statement waits for another process's write.
const BUSY: Duration = Duration::from_secs(5);

impl Store {
    /// Opens the store, creates and migrates it where needed, and proves that the encryption key opens it.
    pub async fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        let mut store = Self::open_without_key(config).await?;
        store.sealer = config.encryption_key.as_ref().map(Sealer::new);
        sentinel::verify(&store.pool, store.sealer.as_ref()).await?;
        Ok(store)
    }

    /// Opens the store for work that neither seals nor opens anything.
    pub async fn open_without_key(config: &StoreConfig) -> Result<Self, StoreError> {
        private_file(&config.path)
            .map_err(|source| StoreError::File { path: config.path.display().to_string(), source })?;
        let options = SqliteConnectOptions::new()
            .filename(&config.path)
            .create_if_missing(false)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY)
            .foreign_keys(true);
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
        migrate::run(&pool).await?;
        Ok(Self { pool, sealer: None })
    }

    /// Whether the store answers and its key opens it.
    pub async fn ready(&self) -> Result<(), StoreError> {
        sentinel::check(&self.pool, self.sealer.as_ref()).await
    }

    /// A number that every change of tokens, clients and credentials raises, by whatever process.
    pub async fn changes(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar("SELECT counter FROM changes").fetch_one(&self.pool).await?)
    }

    /// Seals records, when a key is configured.
    pub fn sealer(&self) -> Option<&Sealer> {
        self.sealer.as_ref()
    }

    fn needed_sealer(&self) -> Result<&Sealer, StoreError> {
        self.sealer.as_ref().ok_or(StoreError::NeedsKey)
    }

    /// A transaction that writes.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Waits for running statements and closes the file.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Makes sure that the file exists and that nobody but its owner can read it; SQLite gives its `-wal` and `-shm` files
/// the same mode.
fn private_file(path: &Path) -> io::Result<()> {
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            for suffix in ["", "-wal", "-shm"] {
                let mut name = path.as_os_str().to_owned();
                name.push(suffix);
                match fs::metadata(&name) {
                    Ok(found) if found.permissions().mode() & 0o077 != 0 => {
                        fs::set_permissions(&name, fs::Permissions::from_mode(0o600))?;
                    }
                    Ok(_) => {}
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// The public id of a key, to tell people which one is meant.
fn key_id(key: &Key32) -> [u8; 8] {
    use sha2::{Digest as _, Sha256};
    let digest = Sha256::new().chain_update(b"connector-host key id\0").chain_update(key.bytes()).finalize();
    let mut id = [0; 8];
    id.copy_from_slice(&digest[..8]);
    id
}

/// Tells everybody that tokens, clients or credentials changed, once `tx` is committed; the counter then.
async fn count_change(tx: &mut Transaction<'_, Sqlite>) -> Result<i64, StoreError> {
    let counter = sqlx::query_scalar("UPDATE changes SET counter = counter + 1 RETURNING counter");
    Ok(counter.fetch_one(&mut **tx).await?)
}

/// Fresh random bytes.
fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(StoreError::Random)?;
    Ok(bytes)
}

/// Seconds since 1970.
pub(crate) fn unix_now() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
