//! The credentials of targets: sealed, versioned, refreshed by one process at a time.

use std::fmt;

use sqlx::Row as _;
use zeroize::Zeroizing;

use super::{Store, StoreError, unix_now};

/// Who refreshes a credential: one running process.
pub type LeaseOwner = [u8; 16];

/// A credential as the store has it.
pub struct CredentialRecord {
    /// What was put in, wiped when dropped.
    pub plain: Zeroizing<Vec<u8>>,
    /// Which text it is. Numbers of one instance grow with every change and never come back, also not after
    /// [`Store::forget_credential`].
    pub version: i64,
    /// The last lease taken for this version, run out or not.
    pub lease: Option<Lease>,
    /// Seconds since 1970.
    pub changed_at: i64,
}

/// The right of one process to refresh a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// Whose it is.
    pub owner: LeaseOwner,
    /// Seconds since 1970; from then on anybody may take it.
    pub until: i64,
}

impl fmt::Debug for CredentialRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialRecord")
            .field("version", &self.version)
            .field("lease", &self.lease)
            .field("changed_at", &self.changed_at)
            .finish_non_exhaustive()
    }
}

pub(super) fn purpose(instance: &str) -> String {
    format!("credential {instance}")
}

impl Store {
    /// The credential of an instance, opened.
    pub async fn credential(&self, instance: &str) -> Result<Option<CredentialRecord>, StoreError> {
        let row = sqlx::query(
            "SELECT sealed, version, lease_owner, lease_until, changed_at FROM credentials WHERE instance = $1",
        )
        .bind(instance)
        .fetch_optional(&self.db.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let sealed: Vec<u8> = row.try_get(0)?;
        let owner: Option<Vec<u8>> = row.try_get(2)?;
        let until: Option<i64> = row.try_get(3)?;
        let lease = owner.zip(until).map(|(owner, until)| {
            let owner = owner.try_into();
            owner
                .map(|owner| Lease { owner, until })
                .map_err(|_| sqlx::Error::Decode("a lease's owner is not 16 bytes".into()))
        });
        Ok(Some(CredentialRecord {
            plain: Zeroizing::new(self.needed_sealer()?.open(&purpose(instance), &sealed)?),
            version: row.try_get(1)?,
            lease: lease.transpose()?,
            changed_at: row.try_get(4)?,
        }))
    }

    /// Instance and version of every credential; opens none, so that followers can ask often.
    pub async fn credential_versions(&self) -> Result<Vec<(String, i64)>, StoreError> {
        let rows = sqlx::query("SELECT instance, version FROM credentials ORDER BY instance")
            .fetch_all(&self.db.pool)
            .await?;
        rows.into_iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// Replaces the credential of an instance if it still has the `expected` version, or whatever is there when `None`
    /// is expected. Ends any lease. The new version, or `None` when another one was there: nothing is changed then.
    pub async fn put_credential(
        &self,
        instance: &str,
        expected: Option<i64>,
        plain: &[u8],
    ) -> Result<Option<i64>, StoreError> {
        let sealed = self.needed_sealer()?.seal(&purpose(instance), plain)?;
        let mut tx = self.db.begin().await?;
        // The store's counter is the version: it never says the same twice.
        let version = super::count_change(&mut tx).await?;
        let put = match expected {
            None => {
                sqlx::query(
                    "INSERT INTO credentials (instance, sealed, version, changed_at) VALUES ($1, $2, $3, $4) \
                     ON CONFLICT (instance) DO UPDATE SET sealed = excluded.sealed, version = excluded.version, \
                     changed_at = excluded.changed_at, lease_owner = NULL, lease_until = NULL",
                )
                .bind(instance)
                .bind(sealed)
                .bind(version)
                .bind(unix_now())
                .execute(&mut *tx)
                .await?
            }
            Some(expected) => {
                sqlx::query(
                    "UPDATE credentials SET sealed = $2, version = $3, changed_at = $4, lease_owner = NULL, \
                     lease_until = NULL WHERE instance = $1 AND version = $5",
                )
                .bind(instance)
                .bind(sealed)
                .bind(version)
                .bind(unix_now())
                .bind(expected)
                .execute(&mut *tx)
                .await?
            }
        };
        if put.rows_affected() == 0 {
            return Ok(None);
        }
        tx.commit().await?;
        Ok(Some(version))
    }

    /// Takes or renews the right to refresh this version. False when the version has gone, or while somebody else's
    /// lease runs beyond `now`. `now` and `until` are seconds since 1970.
    pub async fn lease_credential(
        &self,
        instance: &str,
        version: i64,
        owner: &LeaseOwner,
        now: i64,
        until: i64,
    ) -> Result<bool, StoreError> {
        let leased = sqlx::query(
            "UPDATE credentials SET lease_owner = $3, lease_until = $5 WHERE instance = $1 AND version = $2 \
             AND (lease_owner IS NULL OR lease_owner = $3 OR lease_until <= $4)",
        )
        .bind(instance)
        .bind(version)
        .bind(&owner[..])
        .bind(now)
        .bind(until)
        .execute(&self.db.pool)
        .await?;
        Ok(leased.rows_affected() > 0)
    }

    /// Gives a lease back; nothing happens when it is not `owner`'s.
    pub async fn release_credential(&self, instance: &str, owner: &LeaseOwner) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE credentials SET lease_owner = NULL, lease_until = NULL WHERE instance = $1 AND lease_owner = $2",
        )
        .bind(instance)
        .bind(&owner[..])
        .execute(&self.db.pool)
        .await?;
        Ok(())
    }

    /// Removes the credential of an instance and says whether there was one.
    pub async fn forget_credential(&self, instance: &str) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        super::count_change(&mut tx).await?;
        let removed = sqlx::query("DELETE FROM credentials WHERE instance = $1")
            .bind(instance)
            .execute(&mut *tx)
            .await?;
        if removed.rows_affected() == 0 {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }
}
