//! The database under the store. What SQLite and PostgreSQL do differently is here and nowhere else: every query in
//! this module's siblings is for both.

use std::{
    fs, io,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
    str::FromStr as _,
    time::Duration,
};

use sqlx::{
    Any, AnyConnection, AnyPool, ConnectOptions as _, Connection as _, Executor as _, Transaction,
    any::{AnyConnectOptions, AnyPoolOptions, install_default_drivers},
    sqlite::SqliteConnectOptions,
};

use super::StoreError;
use crate::config::StoreUrl;

/// Connections to one database.
#[derive(Clone)]
pub(super) struct Database {
    pub(super) pool: AnyPool,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sqlite,
    Postgres,
}

/// How long a statement waits for another process's write, or for a connection.
const BUSY: Duration = Duration::from_secs(5);

/// Settings of a connection to SQLite.
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";

impl Database {
    /// Connects; a SQLite file is created where there is none.
    pub(super) async fn open(url: &StoreUrl) -> Result<Self, StoreError> {
        install_default_drivers();
        let options = AnyPoolOptions::new().acquire_timeout(BUSY);
        match url {
            StoreUrl::Sqlite(path) => {
                let unusable = |source| StoreError::File { path: path.display().to_string(), source };
                private_file(path).map_err(unusable)?;
                let path = path.canonicalize().map_err(unusable)?;
                let url = SqliteConnectOptions::new().filename(path).to_url_lossy();
                let options = options
                    .max_connections(4)
                    // A file does not go away as a server does.
                    .test_before_acquire(false)
                    .after_connect(|connection, _| {
                        Box::pin(async move { connection.execute(PRAGMAS).await.map(drop) })
                    });
                let pool = options.connect_with(AnyConnectOptions::from_url(&url)?).await?;
                Ok(Self { pool, kind: Kind::Sqlite })
            }
            StoreUrl::Postgres(url) => {
                let server = AnyConnectOptions::from_str(url.expose())?;
                // The pool would wait for a server that is not there, and then not say why.
                AnyConnection::connect_with(&server).await?.close().await?;
                let pool = options.max_connections(8).connect_with(server).await?;
                Ok(Self { pool, kind: Kind::Postgres })
            }
        }
    }

    /// A transaction that writes. On SQLite it waits here for other writers, and fails nowhere later because of them.
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Any>, StoreError> {
        Ok(match self.kind {
            Kind::Sqlite => self.pool.begin_with("BEGIN IMMEDIATE").await?,
            Kind::Postgres => self.pool.begin().await?,
        })
    }

    /// Whether several processes may serve from it at once.
    pub(super) fn is_shared(&self) -> bool {
        self.kind == Kind::Postgres
    }

    /// `step`, written for SQLite, in this database's words.
    pub(super) fn ddl(&self, step: &str) -> String {
        match self.kind {
            Kind::Sqlite => step.to_owned(),
            Kind::Postgres => step
                .replace("BLOB", "BYTEA")
                .replace(
                    "INTEGER PRIMARY KEY AUTOINCREMENT",
                    "BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY",
                )
                // Order and equality by bytes, as on SQLite.
                .replace("TEXT", "TEXT COLLATE \"C\""),
        }
    }

    /// Counts the tables named `schema_version`.
    pub(super) fn has_version(&self) -> &'static str {
        match self.kind {
            Kind::Sqlite => "SELECT COUNT(*) FROM sqlite_master WHERE name = 'schema_version'",
            Kind::Postgres => "SELECT COUNT(*) FROM pg_class WHERE oid = to_regclass('schema_version')",
        }
    }

    /// Keeps other processes from migrating until `tx` ends. On SQLite, to write is enough.
    pub(super) async fn lock_schema(&self, tx: &mut Transaction<'_, Any>) -> Result<(), StoreError> {
        if self.kind == Kind::Postgres {
            // The number is this program's alone: the first bytes of "connector-host".
            tx.execute("SELECT pg_advisory_xact_lock(7165066952596223087)").await?;
        }
        Ok(())
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
