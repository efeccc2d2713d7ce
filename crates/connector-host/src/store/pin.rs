//! Which major version of its connector an instance runs.

use sqlx::Row as _;

use super::{Store, StoreError};
use crate::config::Pins;

impl Store {
    /// The major version of `connector` that `instance` runs without a pin in its configuration: the one recorded, or
    /// `newest`, which is recorded when there is none, or one of another connector.
    pub async fn pin(&self, instance: &str, connector: &str, newest: u16) -> Result<u16, StoreError> {
        let mut tx = self.db.begin().await?;
        sqlx::query(
            "INSERT INTO instance_pins (instance, connector, major) VALUES ($1, $2, $3) ON CONFLICT (instance) DO \
             UPDATE SET connector = excluded.connector, major = excluded.major \
             WHERE instance_pins.connector <> excluded.connector",
        )
        .bind(instance)
        .bind(connector)
        .bind(i64::from(newest))
        .execute(&mut *tx)
        .await?;
        let row = sqlx::query("SELECT major FROM instance_pins WHERE instance = $1")
            .bind(instance)
            .fetch_one(&mut *tx)
            .await?;
        tx.commit().await?;
        major(row.try_get(0)?)
    }

    /// Records the major version that the configuration pins: it stays when the pin is removed later.
    pub async fn set_pin(&self, instance: &str, connector: &str, major: u16) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO instance_pins (instance, connector, major) VALUES ($1, $2, $3) ON CONFLICT (instance) DO \
             UPDATE SET connector = excluded.connector, major = excluded.major",
        )
        .bind(instance)
        .bind(connector)
        .bind(i64::from(major))
        .execute(&self.db.pool)
        .await?;
        Ok(())
    }

    /// What is recorded of every instance.
    pub async fn pins(&self) -> Result<Pins, StoreError> {
        let rows = sqlx::query("SELECT instance, connector, major FROM instance_pins")
            .fetch_all(&self.db.pool)
            .await?;
        let mut pins = Pins::new();
        for row in rows {
            let (instance, connector): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            pins.insert(instance, (connector, major(row.try_get(2)?)?));
        }
        Ok(pins)
    }
}

fn major(recorded: i64) -> Result<u16, StoreError> {
    u16::try_from(recorded)
        .map_err(|_| sqlx::Error::Decode("a major version is not 0 to 65535".into()).into())
}
