//! What a consent under way needs to know: found by the hash of a secret, used once, gone after minutes.

use sha2::{Digest as _, Sha256};
use sqlx::{Row as _, any::AnyRow};
use zeroize::Zeroizing;

use super::{Store, StoreError, seal::hex, unix_now};

/// Which secret leads to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentKind {
    /// The ticket of a consent link.
    Ticket,
    /// The `state` that the vendor brings back (RFC 6749 section 10.12).
    State,
}

impl ConsentKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::State => "state",
        }
    }
}

/// Instance, and what was kept for it, wiped when dropped.
pub type ConsentState = (String, Zeroizing<Vec<u8>>);

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

pub(super) fn purpose(kind: &str, instance: &str, hash: &[u8]) -> String {
    format!("consent {kind} {instance} {}", hex(hash))
}

impl Store {
    /// Keeps `plain` for `ttl_secs` seconds, to be had by whoever brings `secret`, of which only the hash is kept. Drops
    /// what has run out.
    pub async fn put_consent_state(
        &self,
        kind: ConsentKind,
        secret: &str,
        instance: &str,
        ttl_secs: i64,
        plain: &[u8],
    ) -> Result<(), StoreError> {
        let hash = hash(secret);
        let sealed = self.needed_sealer()?.seal(&purpose(kind.word(), instance, &hash), plain)?;
        let now = unix_now();
        self.drop_expired_consent_states(now).await?;
        sqlx::query(
            "INSERT INTO consent_states (hash, kind, instance, expires_at, sealed) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(&hash[..])
        .bind(kind.word())
        .bind(instance)
        .bind(now.saturating_add(ttl_secs))
        .bind(sealed)
        .execute(&self.db.pool)
        .await?;
        Ok(())
    }

    pub(super) async fn drop_expired_consent_states(&self, now: i64) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM consent_states WHERE expires_at <= $1")
            .bind(now)
            .execute(&self.db.pool)
            .await?;
        Ok(())
    }

    /// What was kept under `secret`, which is used up by this. Of any number of callers at once, one gets it.
    pub async fn take_consent_state(
        &self,
        kind: ConsentKind,
        secret: &str,
    ) -> Result<Option<ConsentState>, StoreError> {
        let hash = hash(secret);
        let mut tx = self.db.begin().await?;
        let row = sqlx::query(
            "DELETE FROM consent_states WHERE hash = $1 AND kind = $2 RETURNING instance, expires_at, sealed",
        )
        .bind(&hash[..])
        .bind(kind.word())
        .fetch_optional(&mut *tx)
        .await?;
        tx.commit().await?;
        row.map_or(Ok(None), |row| self.open_consent_state(kind, &hash, &row))
    }

    /// What was kept under `secret`, which stays good.
    pub async fn peek_consent_state(
        &self,
        kind: ConsentKind,
        secret: &str,
    ) -> Result<Option<ConsentState>, StoreError> {
        let hash = hash(secret);
        let row = sqlx::query(
            "SELECT instance, expires_at, sealed FROM consent_states WHERE hash = $1 AND kind = $2",
        )
        .bind(&hash[..])
        .bind(kind.word())
        .fetch_optional(&self.db.pool)
        .await?;
        row.map_or(Ok(None), |row| self.open_consent_state(kind, &hash, &row))
    }

    fn open_consent_state(
        &self,
        kind: ConsentKind,
        hash: &[u8],
        row: &AnyRow,
    ) -> Result<Option<ConsentState>, StoreError> {
        let (instance, expires_at): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
        let sealed: Vec<u8> = row.try_get(2)?;
        if expires_at <= unix_now() {
            return Ok(None);
        }
        let plain = self.needed_sealer()?.open(&purpose(kind.word(), &instance, hash), &sealed)?;
        Ok(Some((instance, Zeroizing::new(plain))))
    }
}
