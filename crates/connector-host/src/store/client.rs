//! OAuth clients that may ask for access tokens: of their secrets only hashes are kept.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use connector_core::secret::Secret;
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;

use super::{Store, StoreError, random, unix_now};

/// SHA-256 of a client's secret, which holds 256 random bits.
pub type ClientSecretHash = [u8; 32];

/// A client that was just made; the only moment its secret is known.
#[derive(Debug)]
pub struct NewClient {
    /// Public.
    pub client_id: String,
    /// To be shown once.
    pub secret: Secret,
}

/// One kept client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientRecord {
    /// The instance its tokens open.
    pub instance: String,
    /// Unique per instance.
    pub name: String,
    /// Unique in the store.
    pub client_id: String,
    /// Hash of its secret.
    pub secret_hash: ClientSecretHash,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Seconds since 1970, a minute late at most.
    pub last_used_at: Option<i64>,
}

/// The hash to compare a presented secret by, in constant time.
pub fn hash_of_client_secret(secret: &str) -> ClientSecretHash {
    Sha256::digest(secret.as_bytes()).into()
}

impl Store {
    /// Makes a client of `instance`. Id and secret consist of `[A-Za-z0-9_-]`, which no form encoding changes.
    pub async fn create_client(&self, instance: &str, name: &str) -> Result<NewClient, StoreError> {
        let client = NewClient {
            client_id: format!("chc_{}", BASE64_URL_SAFE_NO_PAD.encode(random::<16>()?)),
            secret: Secret::new(format!("chcs_{}", BASE64_URL_SAFE_NO_PAD.encode(random::<32>()?))),
        };
        let mut tx = self.db.begin().await?;
        let added = sqlx::query(
            "INSERT INTO oauth_clients (instance, name, client_id, secret_hash, created_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (instance, name) DO NOTHING",
        )
        .bind(instance)
        .bind(name)
        .bind(&client.client_id)
        .bind(&hash_of_client_secret(client.secret.expose())[..])
        .bind(unix_now())
        .execute(&mut *tx)
        .await?;
        if added.rows_affected() == 0 {
            return Err(StoreError::NameTaken("client"));
        }
        super::count_change(&mut tx).await?;
        tx.commit().await?;
        Ok(client)
    }

    /// Removes a client and says whether it was there.
    pub async fn revoke_client(&self, instance: &str, name: &str) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let removed = sqlx::query("DELETE FROM oauth_clients WHERE instance = $1 AND name = $2")
            .bind(instance)
            .bind(name)
            .execute(&mut *tx)
            .await?;
        super::count_change(&mut tx).await?;
        tx.commit().await?;
        Ok(removed.rows_affected() > 0)
    }

    /// Every client, by instance and name.
    pub async fn clients(&self) -> Result<Vec<ClientRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT instance, name, client_id, secret_hash, created_at, last_used_at FROM oauth_clients \
             ORDER BY instance, name",
        )
        .fetch_all(&self.db.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let hash: Vec<u8> = row.try_get(3)?;
                Ok(ClientRecord {
                    instance: row.try_get(0)?,
                    name: row.try_get(1)?,
                    client_id: row.try_get(2)?,
                    secret_hash: hash
                        .try_into()
                        .map_err(|_| sqlx::Error::Decode("a client's hash is not 32 bytes".into()))?,
                    created_at: row.try_get(4)?,
                    last_used_at: row.try_get(5)?,
                })
            })
            .collect()
    }

    /// Notes when clients, named by their ids, were last used. Nobody has to look again for that.
    pub async fn clients_used(&self, used: &[(String, i64)]) -> Result<(), StoreError> {
        if used.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        for (client_id, at) in used {
            sqlx::query("UPDATE oauth_clients SET last_used_at = $1 WHERE client_id = $2")
                .bind(at)
                .bind(client_id)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
