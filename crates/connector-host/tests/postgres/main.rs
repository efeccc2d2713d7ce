//! The store on PostgreSQL: the suite that every database must pass, and what is peculiar to a server.
//!
//! `cargo test -p connector-host --features postgres-tests --test postgres`

#![expect(clippy::unwrap_used, reason = "a failing helper is a failing test")]

#[path = "../../../../tests/src/postgres.rs"]
#[expect(unreachable_pub, reason = "it belongs to the end-to-end tests' library")]
mod postgres;
mod server;
#[path = "../store/suite/mod.rs"]
mod suite;

use connector_core::secret::Secret;
use connector_host::config::{Key32, StoreConfig, StoreUrl};

/// An empty database of one test.
struct Fresh(postgres::PostgresDatabase);

impl Fresh {
    #[expect(clippy::unused_async, reason = "the suite allows for databases that take their time")]
    async fn new() -> Self {
        Self(postgres::Postgres::shared().database())
    }

    fn config(&self, encryption_key: Option<Key32>) -> StoreConfig {
        let url = StoreUrl::Postgres(Secret::new(self.0.url()));
        StoreConfig { url, encryption_key, previous_encryption_keys: Vec::new() }
    }

    /// Does something that no store would.
    #[expect(clippy::unused_async, reason = "the suite allows for databases that take their time")]
    async fn tamper(&self, statement: &'static str) {
        self.0.psql(statement);
    }
}
