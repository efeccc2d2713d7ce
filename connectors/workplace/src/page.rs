//! Lists of SCIM: 1-based offsets with a total, ten a page unless asked otherwise
//! (<https://developers.facebook.com/docs/workplace/reference/account-management-api/scim-v2>).

use bytes::Bytes;
use connector_core::{
    connector::Condition,
    error::{Error, Kind, Result},
    http::Cx,
};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::{
    call::{scim, send},
    dialect::Dialect,
    settings::WorkplaceSettings,
};

/// The most that is asked for; what Workplace grants is not documented.
pub(crate) const MOST: u32 = 100;

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "totalResults")]
    total_results: u64,
    #[serde(default)]
    schemas: Value,
    #[serde(rename = "Resources", borrow)]
    resources: Option<Vec<&'a RawValue>>,
}

/// Some objects of a list.
pub(crate) struct Rows {
    /// Each as it came.
    pub(crate) objects: Vec<Bytes>,
    pub(crate) total: u64,
    /// The index after the last of them; `None` on the last page.
    pub(crate) next: Option<u64>,
    /// The edition the list says it is in; each object says so, too.
    dialect: Option<Dialect>,
}

/// Reads the page of `resource` that begins at this index.
pub(crate) async fn rows_of(
    cx: &Cx<'_>,
    settings: &WorkplaceSettings,
    resource: &str,
    operation: &'static str,
    (start, count): (u64, u32),
    condition: Option<&Condition>,
) -> Result<Rows> {
    let mut call = scim(cx, Method::GET, &[resource])
        .operation(operation)
        .query("startIndex", &start.to_string())
        .query("count", &count.to_string());
    if let Some(condition) = condition {
        call = call.query("filter", &filter(condition));
    }
    let reply = send(call).await?;
    let rows = page(reply.body(), start).map_err(|error| error.during(operation))?;
    settings.hear(rows.dialect);
    Ok(rows)
}

/// Only `eq` is known; literals follow JSON.
fn filter(condition: &Condition) -> String {
    format!("{} eq {}", condition.field, Value::String(condition.value.clone()))
}

/// Rows share the bytes of the body. What came counts, not `itemsPerPage`: a page may be shorter than asked for.
fn page(body: &Bytes, start: u64) -> Result<Rows> {
    let envelope: Envelope<'_> = serde_json::from_slice(body).map_err(|error| {
        Error::new(Kind::OddAnswer, "the target's list has not the expected form").source(error)
    })?;
    let rows: Vec<Bytes> =
        envelope.resources.iter().flatten().map(|raw| body.slice_ref(raw.get().as_bytes())).collect();
    let after = start + rows.len() as u64;
    let more = !rows.is_empty() && after <= envelope.total_results;
    Ok(Rows {
        objects: rows,
        total: envelope.total_results,
        next: more.then_some(after),
        dialect: Dialect::of_schemas(&envelope.schemas),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_json() {
        let condition = Condition { field: "externalId", value: "a\"b".into() };
        assert_eq!(filter(&condition), r#"externalId eq "a\"b""#);
    }

    #[test]
    fn a_short_page_moves_by_what_came_and_a_page_without_rows_is_the_last() {
        let next = |text: &'static str| page(&Bytes::from_static(text.as_bytes()), 2).unwrap().next;
        assert_eq!(next(r#"{"totalResults":5,"itemsPerPage":9,"Resources":[{},{}]}"#), Some(4));
        assert_eq!(next(r#"{"totalResults":3,"itemsPerPage":2,"Resources":[{},{}]}"#), None);
        assert_eq!(next(r#"{"totalResults":9,"startIndex":2,"Resources":[]}"#), None);
        assert_eq!(next(r#"{"totalResults":0}"#), None);
    }
}
