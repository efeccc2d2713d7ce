//! Lists: `limit` and `offset`, rows in an envelope.

use connector_core::{
    connector::{Page, Position, Query, Vendor},
    error::{Error, Kind, Result},
    http::Cx,
};
use http::Method;
use serde_json::{Map, Value};

use crate::errors;

/// The most rows a page can hold.
pub(crate) const MOST: u32 = 100;

/// Reads one page of the list at `path`, whose rows stand in an envelope of the same name. A page that is shorter than
/// asked for is the last. A cursor is an offset and the id the page before began with.
pub(crate) async fn page(cx: &Cx<'_>, path: &str, operation: &'static str, query: &Query) -> Result<Page> {
    let (offset, before) = match &query.position {
        Position::Index(_) => (0, String::new()),
        Position::Cursor(cursor) => {
            let (offset, before) = cursor.split_once(' ').unwrap_or((cursor, ""));
            let odd = |_| Error::new(Kind::InvalidCursor, "is no place in a list of the target");
            (offset.parse::<u64>().map_err(odd)?, before.to_owned())
        }
    };
    let limit = u64::from(query.count.clamp(1, MOST));
    let mut call = cx
        .call(Method::GET, &[path])
        .operation(operation)
        .query("limit", &limit.to_string())
        .query("offset", &offset.to_string());
    for condition in &query.conditions {
        call = call.query(condition.field, &condition.value);
    }
    let mut document: Map<String, Value> = call.send(errors::failure).await?.json()?;
    let Some(Value::Array(rows)) = document.remove(path) else {
        return Err(Error::new(Kind::OddAnswer, "the target's list has not the expected form"));
    };
    let came = rows.len() as u64;
    let first = rows.first().and_then(|row| row["id"].as_str()).unwrap_or_default().to_owned();
    if came > 0 && !before.is_empty() && before == first {
        let rule = "the target gives the same page again and again: its list cannot be read to the end";
        return Err(Error::new(Kind::OddAnswer, rule));
    }
    let next = (came == limit).then(|| Position::Cursor(format!("{} {first}", offset + came)));
    let items = rows.into_iter().map(|row| Vendor::new(row.to_string().into())).collect();
    Ok(Page { items, total: None, next })
}
