//! One sealed record whose only use is to tell at start whether the configured key opens this store.

use sqlx::AnyPool;

use super::{Sealer, StoreError, seal::sealed_by};

const PURPOSE: &str = "sentinel";

/// Opens the sentinel, or writes it when there is none yet.
pub(super) async fn verify(pool: &AnyPool, sealer: Option<&Sealer>) -> Result<(), StoreError> {
    if let (None, Some(sealer)) = (read(pool).await?, sealer) {
        let record = sealer.seal(PURPOSE, PURPOSE.as_bytes())?;
        // Another process may be first; what counts is read below.
        sqlx::query("INSERT INTO sentinel (only_row, sealed) VALUES (1, $1) ON CONFLICT DO NOTHING")
            .bind(record)
            .execute(pool)
            .await?;
    }
    check(pool, sealer).await
}

/// Opens the sentinel where there is one.
pub(super) async fn check(pool: &AnyPool, sealer: Option<&Sealer>) -> Result<(), StoreError> {
    match (read(pool).await?, sealer) {
        (None, _) => Ok(()),
        (Some(record), None) => Err(StoreError::NoKey { sealed_by: sealed_by(&record) }),
        (Some(record), Some(sealer)) => sealer.open(PURPOSE, &record).map(drop),
    }
}

/// Seals it again with the first key.
pub(super) async fn replace(pool: &AnyPool, sealer: &Sealer) -> Result<(), StoreError> {
    let record = sealer.seal(PURPOSE, PURPOSE.as_bytes())?;
    sqlx::query("UPDATE sentinel SET sealed = $1").bind(record).execute(pool).await?;
    Ok(())
}

async fn read(pool: &AnyPool) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(sqlx::query_scalar("SELECT sealed FROM sentinel").fetch_optional(pool).await?)
}
