//! The store on SQLite: the suite that every database must pass, and what is peculiar to a file.

#![expect(clippy::unwrap_used, reason = "a failing helper is a failing test")]

mod file;
mod suite;

use std::path::PathBuf;

use connector_host::config::{Key32, StoreConfig};

/// An empty database of one test, gone with it.
struct Fresh(tempfile::TempDir);

impl Fresh {
    #[expect(clippy::unused_async, reason = "other databases take their time")]
    async fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn config(&self, encryption_key: Option<Key32>) -> StoreConfig {
        StoreConfig::file(self.path(), encryption_key)
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("store.db")
    }

    /// Does something that no store would.
    async fn tamper(&self, statement: &'static str) {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(self.path());
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        sqlx::query(statement).execute(&pool).await.unwrap();
        pool.close().await;
    }
}
