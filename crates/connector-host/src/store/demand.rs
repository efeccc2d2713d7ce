//! What each serving process wants to send to the targets, so that all agree on their parts of the limits.

use std::collections::BTreeMap;

use sqlx::Row as _;

use super::{ProcessId, Store, StoreError};

/// What one process says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Demand {
    /// Who says it.
    pub(crate) process: ProcessId,
    /// Counts what it said: another number means that it lives.
    pub(crate) round: i64,
    /// What it wants to send in a round, by instance, in hundredths of a request.
    pub(crate) wanted: BTreeMap<String, u64>,
}

impl Store {
    /// Says what this process wants, and hears what every process said last.
    pub(crate) async fn exchange_demands(&self, own: &Demand) -> Result<Vec<Demand>, StoreError> {
        let wanted = serde_json::to_string(&own.wanted).expect("a map of numbers always serialises");
        sqlx::query(
            "INSERT INTO demands (process, round, wanted) VALUES ($1, $2, $3) \
             ON CONFLICT (process) DO UPDATE SET round = excluded.round, wanted = excluded.wanted",
        )
        .bind(&own.process[..])
        .bind(own.round)
        .bind(wanted)
        .execute(&self.db.pool)
        .await?;
        if own.round % 64 == 1 {
            sqlx::query("DELETE FROM demands WHERE process NOT IN (SELECT process FROM processes)")
                .execute(&self.db.pool)
                .await?;
        }
        let rows = sqlx::query("SELECT process, round, wanted FROM demands").fetch_all(&self.db.pool).await?;
        rows.into_iter()
            .map(|row| {
                let odd = |what: &str| sqlx::Error::Decode(what.into());
                let process: Vec<u8> = row.try_get(0)?;
                let wanted: String = row.try_get(2)?;
                Ok(Demand {
                    process: process.try_into().map_err(|_| odd("a process is not 16 bytes"))?,
                    round: row.try_get(1)?,
                    wanted: serde_json::from_str(&wanted).map_err(|_| odd("a demand is not JSON"))?,
                })
            })
            .collect()
    }
}
