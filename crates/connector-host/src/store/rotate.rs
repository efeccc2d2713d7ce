//! Key rotation: everything that an earlier key sealed is sealed again.

use sqlx::{Row as _, any::AnyRow};

use super::{
    Store, StoreError, consent, credential,
    seal::{hex, sealed_by},
    sentinel, unix_now,
};
use crate::config::StoreConfig;

/// A table of sealed records. (Parts of lists are sealed with keys that nobody keeps, and the sentinel comes last.)
struct Table {
    name: &'static str,
    /// Some records that another key than `$1` sealed, `sealed` first.
    outdated: &'static str,
    /// Replaces the record `$2`, unless somebody was faster. No two records are the same bytes.
    replace: &'static str,
    /// What a row's record was sealed for.
    purpose: fn(&AnyRow) -> Result<String, sqlx::Error>,
}

const TABLES: &[Table] = &[
    Table {
        name: "credentials",
        outdated: "SELECT sealed, instance FROM credentials WHERE substr(sealed, 2, 8) <> $1 LIMIT 100",
        replace: "UPDATE credentials SET sealed = $1 WHERE sealed = $2",
        purpose: |row| Ok(credential::purpose(&row.try_get::<String, _>(1)?)),
    },
    Table {
        name: "consent_states",
        outdated: "SELECT sealed, kind, instance, hash FROM consent_states WHERE substr(sealed, 2, 8) <> $1 LIMIT 100",
        replace: "UPDATE consent_states SET sealed = $1 WHERE sealed = $2",
        purpose: |row| {
            let (kind, instance): (String, String) = (row.try_get(1)?, row.try_get(2)?);
            Ok(consent::purpose(&kind, &instance, &row.try_get::<Vec<u8>, _>(3)?))
        },
    },
];

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// How many records were sealed again.
    pub records: u64,
    /// The id of the key that seals them now.
    pub key_id: String,
}

impl Store {
    /// Seals everything with the first key again, in small steps, while services may use it. Refused while a service
    /// runs that seals with another key: what it writes afterwards could not be opened any more.
    pub async fn rotate(&self, config: &StoreConfig) -> Result<Rotation, StoreError> {
        let sealer = self.needed_sealer()?;
        let key_id = sealer.key_id();
        if let Some(other) = self.key_of_other_services(config).await? {
            return Err(StoreError::OtherKeyInUse { key_id: other });
        }
        self.drop_expired_consent_states(unix_now()).await?;
        let mut records = 0;
        for table in TABLES {
            loop {
                let rows = sqlx::query(table.outdated).bind(&key_id[..]).fetch_all(&self.db.pool).await?;
                if rows.is_empty() {
                    break;
                }
                for row in &rows {
                    let (record, purpose): (Vec<u8>, _) = (row.try_get(0)?, (table.purpose)(row)?);
                    let plain = sealer.open(&purpose, &record).map_err(|_| StoreError::Unopened {
                        table: table.name,
                        sealed_by: sealed_by(&record),
                    })?;
                    let replaced = sqlx::query(table.replace)
                        .bind(sealer.seal(&purpose, &zeroize::Zeroizing::new(plain))?)
                        .bind(record)
                        .execute(&self.db.pool)
                        .await?;
                    records += replaced.rows_affected();
                }
            }
        }
        // Until here the store asks for the earlier key at start.
        sentinel::replace(&self.db.pool, sealer).await?;
        Ok(Rotation { records, key_id: hex(&key_id) })
    }

    /// Proves that there is a key for every record, so that a missing one is found at start.
    pub(super) async fn check_keys(&self) -> Result<(), StoreError> {
        let Some(sealer) = self.sealer() else { return Ok(()) };
        let ids: Vec<Vec<u8>> = sqlx::query_scalar(
            "SELECT substr(sealed, 2, 8) FROM credentials \
             UNION SELECT substr(sealed, 2, 8) FROM consent_states WHERE expires_at > $1",
        )
        .bind(unix_now())
        .fetch_all(&self.db.pool)
        .await?;
        match ids.iter().find(|id| !sealer.knows(id)) {
            None => Ok(()),
            Some(id) => Err(StoreError::WrongKey { sealed_by: hex(id) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::migrate::STEPS;

    #[test]
    fn no_table_of_sealed_records_is_left_out() {
        let mut sealed = Vec::new();
        for table in STEPS.iter().flat_map(|step| step.split("CREATE TABLE ").skip(1)) {
            let columns = table.split_once(';').expect("a statement ends").0;
            if columns.lines().any(|line| line.trim_start().starts_with("sealed ")) {
                sealed.push(columns.split_whitespace().next().expect("a table has a name"));
            }
        }
        let mut known: Vec<_> =
            TABLES.iter().map(|table| table.name).chain(["list_parts", "sentinel"]).collect();
        sealed.sort_unstable();
        known.sort_unstable();
        assert_eq!(sealed, known);
    }
}
