//! The schema, as steps that are each applied once.

use sqlx::AssertSqlSafe;

use super::{StoreError, database::Database};

/// Step `n` leads from version `n` to version `n + 1`. A published step is never edited. The types are SQLite's;
/// [`Database::ddl`] has PostgreSQL's.
pub(super) const STEPS: &[&str] = &[
    "
    CREATE TABLE changes (
        only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
        counter BIGINT NOT NULL
    );
    INSERT INTO changes (only_row, counter) VALUES (1, 0);

    CREATE TABLE tokens (
        instance TEXT NOT NULL,
        name TEXT NOT NULL,
        hash BLOB NOT NULL UNIQUE,
        created_at BIGINT NOT NULL,
        last_used_at BIGINT,
        PRIMARY KEY (instance, name)
    );

    CREATE TABLE sentinel (
        only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
        sealed BLOB NOT NULL
    );
",
    "
    CREATE TABLE ledger (
        instance TEXT NOT NULL,
        resource TEXT NOT NULL,
        id TEXT NOT NULL,
        memory TEXT NOT NULL,
        PRIMARY KEY (instance, resource, id)
    );

    CREATE TABLE ledger_keys (
        key BLOB NOT NULL,
        instance TEXT NOT NULL,
        resource TEXT NOT NULL,
        id TEXT NOT NULL,
        PRIMARY KEY (key, instance, resource, id)
    );
    CREATE INDEX ledger_keys_of_object ON ledger_keys (instance, resource, id);

    CREATE TABLE list_parts (
        process BLOB NOT NULL,
        snapshot BIGINT NOT NULL,
        part BIGINT NOT NULL,
        sealed BLOB NOT NULL,
        PRIMARY KEY (process, snapshot, part)
    );
",
    "
    CREATE TABLE credentials (
        instance TEXT NOT NULL PRIMARY KEY,
        sealed BLOB NOT NULL,
        version BIGINT NOT NULL,
        lease_owner BLOB,
        lease_until BIGINT,
        changed_at BIGINT NOT NULL
    );

    CREATE TABLE consent_states (
        hash BLOB NOT NULL PRIMARY KEY,
        kind TEXT NOT NULL,
        instance TEXT NOT NULL,
        expires_at BIGINT NOT NULL,
        sealed BLOB NOT NULL
    );

    CREATE TABLE oauth_clients (
        instance TEXT NOT NULL,
        name TEXT NOT NULL,
        client_id TEXT NOT NULL UNIQUE,
        secret_hash BLOB NOT NULL,
        created_at BIGINT NOT NULL,
        last_used_at BIGINT,
        PRIMARY KEY (instance, name)
    );

    CREATE TABLE instance_pins (
        instance TEXT NOT NULL PRIMARY KEY,
        connector TEXT NOT NULL,
        major BIGINT NOT NULL
    );

    CREATE TABLE audit (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at BIGINT NOT NULL,
        instance TEXT NOT NULL,
        actor TEXT NOT NULL,
        action TEXT NOT NULL,
        detail TEXT NOT NULL
    );
    CREATE INDEX audit_of_instance ON audit (instance, id);
",
    "
    CREATE TABLE ledger_generations (
        instance TEXT NOT NULL PRIMARY KEY,
        generation BIGINT NOT NULL
    );

    CREATE TABLE processes (
        process BLOB NOT NULL PRIMARY KEY,
        seen_at BIGINT NOT NULL,
        key_id BLOB
    );
",
    "
    CREATE TABLE demands (
        process BLOB NOT NULL PRIMARY KEY,
        round BIGINT NOT NULL,
        wanted TEXT NOT NULL
    );
",
];

/// The version this program knows.
#[expect(clippy::cast_possible_wrap, reason = "a handful of steps")]
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// Brings the store to [`VERSION`]. Several processes may start at once: the lock comes first.
pub(super) async fn run(db: &Database) -> Result<(), StoreError> {
    if version(db).await? == Some(VERSION) {
        return Ok(());
    }
    let mut tx = db.begin().await?;
    db.lock_schema(&mut tx).await?;
    sqlx::raw_sql("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
        .execute(&mut *tx)
        .await?;
    let found: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(version), 0) FROM schema_version")
        .fetch_one(&mut *tx)
        .await?;
    let done = usize::try_from(found).ok().filter(|done| *done <= STEPS.len());
    let Some(done) = done else { return Err(StoreError::Newer { found }) };
    for step in &STEPS[done..] {
        sqlx::raw_sql(AssertSqlSafe(db.ddl(step))).execute(&mut *tx).await?;
    }
    sqlx::query("DELETE FROM schema_version").execute(&mut *tx).await?;
    sqlx::query("INSERT INTO schema_version (version) VALUES ($1)").bind(VERSION).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}

/// The version found, without taking the lock; `None` for a store that has none yet.
async fn version(db: &Database) -> Result<Option<i64>, StoreError> {
    let exists: i64 = sqlx::query_scalar(db.has_version()).fetch_one(&db.pool).await?;
    if exists == 0 {
        return Ok(None);
    }
    Ok(sqlx::query_scalar("SELECT MAX(version) FROM schema_version").fetch_one(&db.pool).await?)
}
