//! What the host keeps: in a SQLite file that its owner alone can read, or in PostgreSQL for several replicas.
//!
//! The hot path reads nothing here; see [`crate::auth::Known`].

mod audit;
mod client;
mod consent;
mod credential;
mod database;
mod demand;
mod error;
mod ledger;
mod list_parts;
mod migrate;
mod pin;
mod rotate;
mod seal;
mod sentinel;
mod serving;
mod token;

use sqlx::{Any, Transaction};

pub use audit::AuditRecord;
pub use client::{ClientRecord, ClientSecretHash, NewClient, hash_of_client_secret};
pub use consent::{ConsentKind, ConsentState};
pub use credential::{CredentialRecord, Lease, LeaseOwner};
pub(crate) use demand::Demand;
pub use error::StoreError;
pub(crate) use ledger::{Generations, LedgerKey, LedgerWrite};
pub use rotate::Rotation;
pub use seal::Sealer;
pub(crate) use serving::{ProcessId, Serving};
pub(crate) use token::hash_of_token;
pub use token::{NewToken, TokenHash, TokenRecord};

use crate::config::StoreConfig;
use database::Database;

/// The open store. Clones share it.
#[derive(Clone)]
pub struct Store {
    db: Database,
    sealer: Option<Sealer>,
}

impl Store {
    /// Opens the store, creates and migrates it where needed, and proves that its keys open everything in it.
    pub async fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        let mut store = Self::open_without_key(config).await?;
        let previous = &config.previous_encryption_keys;
        store.sealer = config.encryption_key.as_ref().map(|key| Sealer::with_previous(key, previous));
        sentinel::verify(&store.db.pool, store.sealer.as_ref()).await?;
        store.check_keys().await?;
        Ok(store)
    }

    /// Opens the store for work that neither seals nor opens anything.
    pub async fn open_without_key(config: &StoreConfig) -> Result<Self, StoreError> {
        let db = Database::open(&config.url).await?;
        migrate::run(&db).await?;
        Ok(Self { db, sealer: None })
    }

    /// Whether the store answers and its key opens it.
    pub async fn ready(&self) -> Result<(), StoreError> {
        sentinel::check(&self.db.pool, self.sealer.as_ref()).await
    }

    /// A number that every change of tokens, clients and credentials raises, by whatever process.
    pub async fn changes(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar("SELECT counter FROM changes").fetch_one(&self.db.pool).await?)
    }

    /// Seals records, when a key is configured.
    pub fn sealer(&self) -> Option<&Sealer> {
        self.sealer.as_ref()
    }

    fn needed_sealer(&self) -> Result<&Sealer, StoreError> {
        self.sealer.as_ref().ok_or(StoreError::NeedsKey)
    }

    /// Whether several processes may serve from it at once.
    pub(crate) fn is_shared(&self) -> bool {
        self.db.is_shared()
    }

    /// Waits for running statements and closes every connection.
    pub async fn close(&self) {
        self.db.pool.close().await;
    }
}

/// Tells everybody that tokens, clients or credentials changed, once `tx` is committed; the counter then.
async fn count_change(tx: &mut Transaction<'_, Any>) -> Result<i64, StoreError> {
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
