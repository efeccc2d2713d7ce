//! Inbound bearer tokens: only their hashes are kept.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use connector_core::secret::Secret;
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;

use super::{Store, StoreError, random, unix_now};

/// SHA-256 of a token. Tokens hold 256 random bits, so nothing slower is needed.
pub type TokenHash = [u8; 32];

/// A token that was just made; the only moment its text is known.
pub struct NewToken(Secret);

impl NewToken {
    fn generate() -> Result<Self, StoreError> {
        let bytes = random::<32>()?;
        Ok(Self(Secret::new(format!("chs_{}", BASE64_URL_SAFE_NO_PAD.encode(bytes)))))
    }

    /// The text, to be shown once.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// One kept token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRecord {
    /// The instance it opens.
    pub instance: String,
    /// Unique per instance.
    pub name: String,
    /// Hash of its text.
    pub hash: TokenHash,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Seconds since 1970, a minute late at most.
    pub last_used_at: Option<i64>,
}

/// The hash under which a presented token is found.
pub(crate) fn hash_of_token(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

impl Store {
    /// Makes a token for `instance`.
    pub async fn create_token(&self, instance: &str, name: &str) -> Result<NewToken, StoreError> {
        let token = NewToken::generate()?;
        let mut tx = self.db.begin().await?;
        let added = sqlx::query(
            "INSERT INTO tokens (instance, name, hash, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(instance)
        .bind(name)
        .bind(&hash_of_token(token.expose())[..])
        .bind(unix_now())
        .execute(&mut *tx)
        .await?;
        if added.rows_affected() == 0 {
            return Err(StoreError::NameTaken("token"));
        }
        super::count_change(&mut tx).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// Removes a token and says whether it was there.
    pub async fn revoke_token(&self, instance: &str, name: &str) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let removed = sqlx::query("DELETE FROM tokens WHERE instance = $1 AND name = $2")
            .bind(instance)
            .bind(name)
            .execute(&mut *tx)
            .await?;
        super::count_change(&mut tx).await?;
        tx.commit().await?;
        Ok(removed.rows_affected() > 0)
    }

    /// Every token, by instance and name.
    pub async fn tokens(&self) -> Result<Vec<TokenRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT instance, name, hash, created_at, last_used_at FROM tokens ORDER BY instance, name",
        )
        .fetch_all(&self.db.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let hash: Vec<u8> = row.try_get(2)?;
                Ok(TokenRecord {
                    instance: row.try_get(0)?,
                    name: row.try_get(1)?,
                    hash: hash
                        .try_into()
                        .map_err(|_| sqlx::Error::Decode("a token hash is not 32 bytes".into()))?,
                    created_at: row.try_get(3)?,
                    last_used_at: row.try_get(4)?,
                })
            })
            .collect()
    }

    /// Notes when tokens were last used.
    pub async fn tokens_used(&self, used: &[(TokenHash, i64)]) -> Result<(), StoreError> {
        if used.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        for (hash, at) in used {
            sqlx::query("UPDATE tokens SET last_used_at = $1 WHERE hash = $2")
                .bind(at)
                .bind(&hash[..])
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
