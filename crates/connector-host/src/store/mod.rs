//! What the host keeps: one SQLite file, readable by its owner alone.
//!
//! The hot path reads nothing here; see [`crate::tokens`].

mod ledger;
mod list_parts;
mod migrate;
mod seal;
mod sentinel;
mod token;

use std::{
    fmt, fs, io,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
    time::Duration,
};

use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

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

    /// A number that every change of tokens raises, by whatever process.
    pub async fn changes(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar("SELECT counter FROM changes").fetch_one(&self.pool).await?)
    }

    /// Seals records, when a key is configured.
    pub fn sealer(&self) -> Option<&Sealer> {
        self.sealer.as_ref()
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

/// What can go wrong with the store.
#[derive(Debug)]
pub enum StoreError {
    /// The file cannot be created or made private.
    File {
        /// Its path.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The database refused.
    Database(sqlx::Error),
    /// A newer version of the program has migrated it.
    Newer {
        /// The version found.
        found: i64,
    },
    /// It was created with another key, or is damaged.
    WrongKey {
        /// The id of the key that sealed it.
        sealed_by: String,
    },
    /// It is sealed and no key is configured.
    NoKey {
        /// The id of the key that sealed it.
        sealed_by: String,
    },
    /// The system has no randomness.
    Random(getrandom::Error),
    /// A token of this name exists.
    NameTaken,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, source } => write!(f, "the store {path} cannot be opened: {source}"),
            Self::Database(source) => write!(f, "the store failed: {source}"),
            Self::Newer { found } => write!(
                f,
                "the store has version {found}, this program knows {}; start the newer program",
                migrate::VERSION
            ),
            Self::WrongKey { sealed_by } => write!(
                f,
                "store.encryption_key does not open this store; it was sealed with the key of id {sealed_by}, \
                 configure that key"
            ),
            Self::NoKey { sealed_by } => write!(
                f,
                "store.encryption_key is missing; this store was sealed with the key of id {sealed_by}, configure \
                 that key"
            ),
            Self::Random(source) => write!(f, "no randomness: {source}"),
            Self::NameTaken => {
                f.write_str("a token of this name exists; choose another name or revoke it first")
            }
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { source, .. } => Some(source),
            Self::Database(source) => Some(source),
            _ => None,
        }
    }
}

impl StoreError {
    /// Whether the configuration, not the world, is at fault.
    pub const fn is_configuration(&self) -> bool {
        matches!(self, Self::WrongKey { .. } | Self::NoKey { .. })
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
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

/// Seconds since 1970.
pub(crate) fn unix_now() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
