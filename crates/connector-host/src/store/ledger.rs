//! What clients wrote, per object, and the keys by which objects are found again.

use sqlx::{QueryBuilder, Row as _, Sqlite};

use super::{Store, StoreError};

/// A key: a hash of attribute and folded value, so that the index is small whatever clients write.
pub(crate) type LedgerKey = [u8; 16];

/// A change of one object's memory.
pub(crate) struct LedgerWrite {
    pub instance: String,
    pub resource: String,
    pub id: String,
    /// The memory as JSON, and its keys; `None` forgets.
    pub memory: Option<(String, Vec<LedgerKey>)>,
}

/// How many ids one statement asks for.
const CHUNK: usize = 500;

impl Store {
    /// Id and memory of those objects that have one.
    pub(crate) async fn ledger_recall(
        &self,
        instance: &str,
        resource: &str,
        ids: &[&str],
    ) -> Result<Vec<(String, String)>, StoreError> {
        let mut found = Vec::new();
        for chunk in ids.chunks(CHUNK) {
            let mut query = QueryBuilder::<Sqlite>::new("SELECT id, memory FROM ledger WHERE instance = ");
            query.push_bind(instance).push(" AND resource = ").push_bind(resource).push(" AND id IN (");
            let mut list = query.separated(", ");
            for id in chunk {
                list.push_bind(*id);
            }
            query.push(")");
            for row in query.build().fetch_all(&self.pool).await? {
                found.push((row.try_get(0)?, row.try_get(1)?));
            }
        }
        Ok(found)
    }

    /// Ids of objects with this key.
    pub(crate) async fn ledger_find(
        &self,
        instance: &str,
        resource: &str,
        key: &LedgerKey,
    ) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query_scalar(
            "SELECT id FROM ledger_keys WHERE key = ? AND instance = ? AND resource = ? ORDER BY id",
        )
        .bind(&key[..])
        .bind(instance)
        .bind(resource)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows)
    }

    /// Makes all changes, or none.
    pub(crate) async fn ledger_write(&self, writes: &[LedgerWrite]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for write in writes {
            sqlx::query("DELETE FROM ledger_keys WHERE instance = ? AND resource = ? AND id = ?")
                .bind(&write.instance)
                .bind(&write.resource)
                .bind(&write.id)
                .execute(&mut *tx)
                .await?;
            let Some((memory, keys)) = &write.memory else {
                sqlx::query("DELETE FROM ledger WHERE instance = ? AND resource = ? AND id = ?")
                    .bind(&write.instance)
                    .bind(&write.resource)
                    .bind(&write.id)
                    .execute(&mut *tx)
                    .await?;
                continue;
            };
            sqlx::query(
                "INSERT INTO ledger (instance, resource, id, memory) VALUES (?, ?, ?, ?) \
                 ON CONFLICT (instance, resource, id) DO UPDATE SET memory = excluded.memory",
            )
            .bind(&write.instance)
            .bind(&write.resource)
            .bind(&write.id)
            .bind(memory)
            .execute(&mut *tx)
            .await?;
            for key in keys {
                sqlx::query(
                    "INSERT INTO ledger_keys (key, instance, resource, id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                )
                .bind(&key[..])
                .bind(&write.instance)
                .bind(&write.resource)
                .bind(&write.id)
                .execute(&mut *tx)
                .await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }
}
