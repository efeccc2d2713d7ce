//! Why the store did not do something.

use std::{fmt, io};

use super::migrate;

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
    /// Another process serves from the SQLite file.
    InUse,
    /// A running service seals with another key, or with none.
    OtherKeyInUse {
        /// The id of that key.
        key_id: Option<String>,
    },
    /// A record does not open, so it cannot be sealed again.
    Unopened {
        /// Where it is.
        table: &'static str,
        /// The id of the key that sealed it.
        sealed_by: String,
    },
    /// The system has no randomness.
    Random(getrandom::Error),
    /// Something has this name already; what it is.
    NameTaken(&'static str),
    /// No key is configured, and what is to be kept must be sealed.
    NeedsKey,
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
                 configure that key, or list it in store.previous_encryption_keys"
            ),
            Self::NoKey { sealed_by } => write!(
                f,
                "store.encryption_key is missing; this store was sealed with the key of id {sealed_by}, configure \
                 that key"
            ),
            Self::InUse => f.write_str(
                "another process serves from this SQLite file; stop it, or use PostgreSQL for several replicas",
            ),
            Self::OtherKeyInUse { key_id } => write!(
                f,
                "a running service seals with {}; start it again with the new store.encryption_key first (one that was \
                 killed counts for a minute)",
                key_id.as_ref().map_or_else(|| "no key".to_owned(), |id| format!("the key of id {id}"))
            ),
            Self::Unopened { table, sealed_by } => write!(
                f,
                "a record in {table} does not open with the key of id {sealed_by}: if that key is not in \
                 store.previous_encryption_keys, add it; if it is, the record is damaged"
            ),
            Self::Random(source) => write!(f, "no randomness: {source}"),
            Self::NameTaken(what) => {
                write!(f, "a {what} of this name exists; choose another name or revoke it first")
            }
            Self::NeedsKey => f.write_str(
                "a credential can only be kept with store.encryption_key; configure one (connector-host key generate)",
            ),
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
        matches!(self, Self::WrongKey { .. } | Self::NoKey { .. } | Self::NeedsKey)
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}
