//! Parts of list results that found no place in memory. They live as long as the process that made them.

use super::{ProcessId, Store, StoreError};

impl Store {
    /// Drops what processes that are gone have left.
    pub(super) async fn drop_list_parts_of_nobody(&self) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM list_parts WHERE process NOT IN (SELECT process FROM processes)")
            .execute(&self.db.pool)
            .await?;
        Ok(())
    }

    /// Keeps a part.
    pub(crate) async fn put_list_part(
        &self,
        process: &ProcessId,
        snapshot: i64,
        part: i64,
        sealed: &[u8],
    ) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO list_parts (process, snapshot, part, sealed) VALUES ($1, $2, $3, $4)")
            .bind(&process[..])
            .bind(snapshot)
            .bind(part)
            .bind(sealed)
            .execute(&self.db.pool)
            .await?;
        Ok(())
    }

    /// Reads a part.
    pub(crate) async fn list_part(
        &self,
        process: &ProcessId,
        snapshot: i64,
        part: i64,
    ) -> Result<Vec<u8>, StoreError> {
        let sealed = sqlx::query_scalar(
            "SELECT sealed FROM list_parts WHERE process = $1 AND snapshot = $2 AND part = $3",
        )
        .bind(&process[..])
        .bind(snapshot)
        .bind(part)
        .fetch_one(&self.db.pool)
        .await?;
        Ok(sealed)
    }

    /// Drops a snapshot's parts.
    pub(crate) async fn drop_list_parts(&self, process: &ProcessId, snapshot: i64) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM list_parts WHERE process = $1 AND snapshot = $2")
            .bind(&process[..])
            .bind(snapshot)
            .execute(&self.db.pool)
            .await?;
        Ok(())
    }
}
