//! Lists: `limit` and `offset`, with totals that are not to be trusted
//! (<https://developers.activecampaign.com/reference/pagination>).

use connector_core::{
    connector::{Position, Query},
    error::{Error, Kind, Result},
    http::Cx,
};
use http::Method;
use serde_json::{Map, Value};

use crate::call::{call, id_of, send};

/// The most rows a page can hold; a larger limit is cut in silence.
pub(crate) const MOST: u32 = 100;

/// Some rows of a list, and where the next ones begin.
pub(crate) struct Rows {
    pub(crate) rows: Vec<Map<String, Value>>,
    pub(crate) next: Option<Position>,
}

/// Where a page begins, and the id its predecessor began with.
struct Place {
    offset: u64,
    before: Option<String>,
}

impl Place {
    fn of(position: &Position) -> Result<Self> {
        match position {
            Position::Index(1) => Ok(Self { offset: 0, before: None }),
            Position::Index(_) => {
                Err(Error::new(Kind::Internal, "ActiveCampaign's lists begin at the first row"))
            }
            Position::Cursor(cursor) => {
                let (offset, before) = cursor.split_once(' ').unwrap_or((cursor, ""));
                let offset = offset.parse().map_err(|_| {
                    Error::new(Kind::InvalidCursor, "is no place in a list of ActiveCampaign")
                })?;
                Ok(Self { offset, before: (!before.is_empty()).then(|| before.to_owned()) })
            }
        }
    }
}

/// Reads one page of the list at `segments`, whose rows stand in `envelope`. It is the last when it is shorter than asked
/// for and no total says that there is more.
pub(crate) async fn rows_of(
    cx: &Cx<'_>,
    segments: &[&str],
    envelope: &str,
    operation: &'static str,
    query: &Query,
) -> Result<Rows> {
    let Place { offset, before } = Place::of(&query.position)?;
    let limit = u64::from(query.count.clamp(1, MOST));
    let asked = call(cx, Method::GET, segments)
        .operation(operation)
        .query("limit", &limit.to_string())
        .query("offset", &offset.to_string());
    let mut document: Map<String, Value> = send(cx, asked).await?.json()?;
    let total = document.get("meta").and_then(|meta| number(meta.get("total")?));
    let odd = || Error::new(Kind::OddAnswer, "the target's list has not the expected form").during(operation);
    let Some(Value::Array(found)) = document.remove(envelope) else { return Err(odd()) };
    let rows = found.into_iter().map(|row| match row {
        Value::Object(row) => Ok(row),
        _ => Err(odd()),
    });
    let rows = rows.collect::<Result<Vec<_>>>()?;
    let (came, first) = (rows.len() as u64, rows.first().and_then(|row| id_of(row, "id")));
    if came > 1 && before.is_some() && first == before {
        // The offset was ignored. What came first was everything, unless the total says otherwise.
        if total.is_none_or(|total| total <= offset) {
            return Ok(Rows { rows: Vec::new(), next: None });
        }
        let rule = "the target gives the same page again and again: its list cannot be read to the end";
        return Err(Error::new(Kind::OddAnswer, rule).during(operation));
    }
    let more = match came {
        0 => false,
        // More than asked for: the limit was ignored, and everything came.
        came if came > limit => false,
        came => came == limit || total.is_some_and(|total| total > offset + came),
    };
    let cursor = || format!("{} {}", offset + came, first.unwrap_or_default());
    Ok(Rows { next: more.then(|| Position::Cursor(cursor())), rows })
}

/// All rows of a list.
pub(crate) async fn all(
    cx: &Cx<'_>,
    segments: &[&str],
    envelope: &str,
    operation: &'static str,
) -> Result<Vec<Map<String, Value>>> {
    let mut query = Query { conditions: Vec::new(), position: Position::Index(1), count: MOST };
    let mut whole = Vec::new();
    loop {
        let Rows { rows, next } = rows_of(cx, segments, envelope, operation, &query).await?;
        whole.extend(rows);
        match next {
            Some(next) => query.position = next,
            None => return Ok(whole),
        }
    }
}

/// A number that may come as text.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}
