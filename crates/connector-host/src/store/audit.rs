//! What was done to the gateway itself: consents, tokens, keys.

use sqlx::Row as _;

use super::{Store, StoreError, unix_now};

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Later events have greater ids, with gaps.
    pub id: i64,
    /// Seconds since 1970.
    pub at: i64,
    /// The instance it is about; empty for the gateway as a whole.
    pub instance: String,
    /// Who did it.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// More about it; never a secret.
    pub detail: String,
}

impl Store {
    /// Records an event that happened now.
    pub async fn record_audit(
        &self,
        instance: &str,
        actor: &str,
        action: &str,
        detail: &str,
    ) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO audit (at, instance, actor, action, detail) VALUES ($1, $2, $3, $4, $5)")
            .bind(unix_now())
            .bind(instance)
            .bind(actor)
            .bind(action)
            .bind(detail)
            .execute(&self.db.pool)
            .await?;
        Ok(())
    }

    /// At most `limit` events, latest first; of one instance, and before the event `before_id`, where these are given.
    pub async fn audit_page(
        &self,
        instance: Option<&str>,
        before_id: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        let before = before_id.unwrap_or(i64::MAX);
        let query = match instance {
            None => sqlx::query(
                "SELECT id, at, instance, actor, action, detail FROM audit WHERE id < $1 ORDER BY id DESC LIMIT $2",
            ),
            Some(_) => sqlx::query(
                "SELECT id, at, instance, actor, action, detail FROM audit WHERE id < $1 AND instance = $3 \
                 ORDER BY id DESC LIMIT $2",
            ),
        };
        let query = query.bind(before).bind(i64::from(limit));
        let query = match instance {
            None => query,
            Some(instance) => query.bind(instance),
        };
        let rows = query.fetch_all(&self.db.pool).await?;
        rows.into_iter()
            .map(|row| {
                Ok(AuditRecord {
                    id: row.try_get(0)?,
                    at: row.try_get(1)?,
                    instance: row.try_get(2)?,
                    actor: row.try_get(3)?,
                    action: row.try_get(4)?,
                    detail: row.try_get(5)?,
                })
            })
            .collect()
    }
}
