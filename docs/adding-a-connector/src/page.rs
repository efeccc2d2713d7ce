//! Lists: `limit` and `offset`, and `more` that says whether there is more
//! (<https://developer.pagerduty.com/docs/rest-api-v2/pagination/>).

use connector_core::{
    connector::{Position, Query},
    error::{Error, Kind, Result},
    http::Cx,
};
use http::Method;
use serde_json::{Map, Value};

use crate::{call::call, errors};

/// The most rows a page can hold.
pub(crate) const MOST: u32 = 100;

/// Some rows of a list, and where the next ones begin.
pub(crate) struct Rows {
    pub(crate) rows: Vec<Map<String, Value>>,
    pub(crate) next: Option<Position>,
}

/// Reads one page of the list at `segments`, whose rows stand in `envelope`. A cursor is an offset, and the id the page
/// before began with: the same page twice would never end.
pub(crate) async fn rows(
    cx: &Cx<'_>,
    segments: &[&str],
    envelope: &str,
    operation: &'static str,
    query: &Query,
) -> Result<Rows> {
    let (offset, before) = match &query.position {
        Position::Index(_) => (0, String::new()),
        Position::Cursor(cursor) => {
            let (offset, before) = cursor.split_once(' ').unwrap_or((cursor, ""));
            let odd = |_| Error::new(Kind::InvalidCursor, "is no place in a list of PagerDuty");
            (offset.parse::<u64>().map_err(odd)?, before.to_owned())
        }
    };
    let limit = query.count.clamp(1, MOST);
    let mut asked = call(cx, Method::GET, segments)?
        .operation(operation)
        .query("limit", &limit.to_string())
        .query("offset", &offset.to_string());
    for condition in &query.conditions {
        asked = asked.query(condition.field, &condition.value);
    }
    let mut document: Map<String, Value> = asked.send(errors::failure).await?.json()?;
    let odd = || Error::new(Kind::OddAnswer, "the target's list has not the expected form");
    let Some(Value::Array(found)) = document.remove(envelope) else { return Err(odd()) };
    let rows = found.into_iter().map(|row| match row {
        Value::Object(row) => Ok(row),
        _ => Err(odd()),
    });
    let rows = rows.collect::<Result<Vec<_>>>()?;
    let first = rows.first().map(|row| id_of(row).to_owned()).unwrap_or_default();
    let more = document.get("more") == Some(&Value::Bool(true)) && !rows.is_empty();
    if more && !before.is_empty() && before == first {
        let rule = "the target gives the same page again and again: its list cannot be read to the end";
        return Err(Error::new(Kind::OddAnswer, rule));
    }
    let next = more.then(|| Position::Cursor(format!("{} {first}", offset + rows.len() as u64)));
    Ok(Rows { rows, next })
}

/// The id of an object, or of the user that a membership is about.
fn id_of(row: &Map<String, Value>) -> &str {
    let id = row.get("id").or_else(|| row.get("user")?.get("id"));
    id.and_then(Value::as_str).unwrap_or_default()
}
