//! What clients wrote, per object, and the keys by which objects are found again.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use sqlx::{Any, AssertSqlSafe, Row as _, Transaction, any::AnyArguments, query::Query};

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

/// Instances, and how often the ledger of each was written.
pub(crate) type Generations = Vec<(String, i64)>;

/// Instance, resource type, id.
type Object<'a> = (&'a str, &'a str, &'a str);

/// How many rows one statement reads or writes at most.
const CHUNK: usize = 256;

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
            // A power of two, filled up with the last one: so few statements come again and again, and are prepared once.
            let asked = chunk.len().next_power_of_two();
            let sql = format!(
                "SELECT id, memory FROM ledger WHERE instance = $1 AND resource = $2 AND id IN {}",
                tuples(1, asked, 3)
            );
            let filled = chunk.iter().chain(std::iter::repeat(&chunk[chunk.len() - 1])).take(asked);
            let query =
                filled.fold(statement(sql).bind(instance).bind(resource), |query, id| query.bind(*id));
            for row in query.fetch_all(&self.db.pool).await? {
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
            "SELECT id FROM ledger_keys WHERE key = $1 AND instance = $2 AND resource = $3 ORDER BY id",
        )
        .bind(&key[..])
        .bind(instance)
        .bind(resource)
        .fetch_all(&self.db.pool)
        .await?;
        Ok(rows)
    }

    /// Some objects of a resource type that something is remembered of.
    pub(crate) async fn ledger_sample(
        &self,
        instance: &str,
        resource: &str,
        most: u32,
    ) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query_scalar(
            "SELECT id FROM ledger WHERE instance = $1 AND resource = $2 ORDER BY id LIMIT $3",
        );
        Ok(rows.bind(instance).bind(resource).bind(i64::from(most)).fetch_all(&self.db.pool).await?)
    }

    /// The generation of every ledger.
    pub(crate) async fn ledger_generations(&self) -> Result<Generations, StoreError> {
        let rows = sqlx::query("SELECT instance, generation FROM ledger_generations");
        let rows = rows.fetch_all(&self.db.pool).await?;
        rows.into_iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// Makes all changes, or none; of several to one object, the last. Where several processes
    /// may write, the new generation of every instance in them.
    pub(crate) async fn ledger_write(&self, writes: &[LedgerWrite]) -> Result<Generations, StoreError> {
        let by_object: BTreeMap<Object<'_>, &LedgerWrite> =
            writes.iter().map(|write| ((&*write.instance, &*write.resource, &*write.id), write)).collect();
        let (mut kept, mut keys, mut forgotten) = (Vec::new(), Vec::new(), Vec::new());
        for (object, write) in &by_object {
            match &write.memory {
                Some((memory, own)) => {
                    kept.push((*object, memory.as_str()));
                    keys.extend(own.iter().collect::<BTreeSet<_>>().into_iter().map(|key| (*object, key)));
                }
                None => forgotten.push(*object),
            }
        }
        let mut tx = self.db.begin().await?;
        let mut generations = Vec::new();
        if self.is_shared() {
            // This comes first: whoever writes the same instance waits here, so that no two mix, and in the order of
            // names, so that no two wait for each other.
            for instance in by_object.keys().map(|(instance, ..)| *instance).collect::<BTreeSet<_>>() {
                let next = sqlx::query_scalar(
                    "INSERT INTO ledger_generations (instance, generation) VALUES ($1, 1) ON CONFLICT (instance) DO \
                     UPDATE SET generation = ledger_generations.generation + 1 RETURNING generation",
                );
                generations.push((instance.to_owned(), next.bind(instance).fetch_one(&mut *tx).await?));
            }
        }
        remove(&mut tx, "ledger", &forgotten).await?;
        remove(&mut tx, "ledger_keys", &by_object.keys().copied().collect::<Vec<_>>()).await?;
        for chunk in powers_of_two(&kept) {
            let sql = format!(
                "INSERT INTO ledger (instance, resource, id, memory) VALUES {} \
                 ON CONFLICT (instance, resource, id) DO UPDATE SET memory = excluded.memory",
                tuples(chunk.len(), 4, 1)
            );
            let query = chunk
                .iter()
                .fold(statement(sql), |query, (object, memory)| bind(query, *object).bind(*memory));
            query.execute(&mut *tx).await?;
        }
        for chunk in powers_of_two(&keys) {
            let sql = format!(
                "INSERT INTO ledger_keys (instance, resource, id, key) VALUES {}",
                tuples(chunk.len(), 4, 1)
            );
            let query =
                chunk.iter().fold(statement(sql), |query, (object, key)| bind(query, *object).bind(&key[..]));
            query.execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(generations)
    }
}

async fn remove(
    tx: &mut Transaction<'_, Any>,
    table: &str,
    objects: &[Object<'_>],
) -> Result<(), StoreError> {
    for chunk in powers_of_two(objects) {
        let sql = format!(
            "DELETE FROM {table} WHERE (instance, resource, id) IN (VALUES {})",
            tuples(chunk.len(), 3, 1)
        );
        let query = chunk.iter().fold(statement(sql), |query, object| bind(query, *object));
        query.execute(&mut **tx).await?;
    }
    Ok(())
}

/// Parts whose lengths are powers of two, for the same reason.
fn powers_of_two<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let length = 1 << rows.len().min(CHUNK).checked_ilog2()?;
        let (part, rest) = rows.split_at(length);
        rows = rest;
        Some(part)
    })
}

fn statement<'q>(sql: String) -> Query<'q, Any, AnyArguments> {
    sqlx::query(AssertSqlSafe(sql))
}

fn bind<'q>(
    query: Query<'q, Any, AnyArguments>,
    (instance, resource, id): Object<'q>,
) -> Query<'q, Any, AnyArguments> {
    query.bind(instance).bind(resource).bind(id)
}

/// `($1, $2), ($3, $4)`: placeholders of `rows` rows of `columns` values, numbered from `first`.
fn tuples(rows: usize, columns: usize, first: usize) -> String {
    let mut text = String::with_capacity(rows * columns * 6);
    let mut number = first;
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            let _ = write!(text, "{}${number}", if column == 0 { "" } else { ", " });
            number += 1;
        }
        text.push(')');
    }
    text
}
