//! Slack's lists: 1-based offsets, a true total, filters of its own
//! (<https://docs.slack.dev/reference/scim-api#get-users>).

use bytes::Bytes;
use connector_core::{
    connector::{Condition, Page, Position, Query, Vendor},
    error::{Error, Kind, Result},
    http::Cx,
};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::errors;

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "totalResults")]
    total_results: u64,
    #[serde(rename = "Resources", borrow, default)]
    resources: Vec<&'a RawValue>,
}

/// Reads one page of `resource`.
pub(crate) async fn list(
    cx: &Cx<'_>,
    resource: &str,
    operation: &'static str,
    query: &Query,
) -> Result<Page> {
    let Position::Index(start) = query.position else {
        return Err(Error::new(Kind::Internal, "Slack has no cursors"));
    };
    let mut call = cx
        .call(Method::GET, &[resource])
        .operation(operation)
        .query("startIndex", &start.to_string())
        .query("count", &query.count.to_string());
    if !query.conditions.is_empty() {
        call = call.query("filter", &filter(&query.conditions));
    }
    let reply = call.send(errors::failure).await?;
    page(reply.body(), start)
}

/// The most pages of which nothing is kept that are read in a row. More of them are an error, never the end.
const EMPTY_PAGES: usize = 50;

/// Reads one page of what `wanted` keeps of `resource`, or the first one after it of which something is kept. The total is
/// not known; the next page's place is a cursor.
pub(crate) async fn list_some(
    cx: &Cx<'_>,
    resource: &str,
    operation: &'static str,
    query: &Query,
    wanted: fn(&Vendor) -> Result<bool>,
) -> Result<Page> {
    let mut at = query.clone();
    if let Position::Cursor(cursor) = &query.position {
        let odd = || Error::new(Kind::InvalidCursor, "is no place in a list of Slack");
        at.position = Position::Index(cursor.parse().ok().filter(|index| *index > 0).ok_or_else(odd)?);
    }
    for _ in 0..EMPTY_PAGES {
        let page = list(cx, resource, operation, &at).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for item in page.items {
            if wanted(&item)? {
                items.push(item);
            }
        }
        let Some(next) = page.next else { return Ok(Page { items, total: None, next: None }) };
        if !items.is_empty() {
            let next = match next {
                Position::Index(index) => Position::Cursor(index.to_string()),
                cursor @ Position::Cursor(_) => cursor,
            };
            return Ok(Page { items, total: None, next: Some(next) });
        }
        at.position = next;
    }
    Err(Error::new(Kind::OddAnswer, format!("nothing is kept of {EMPTY_PAGES} pages in a row"))
        .during(operation))
}

/// Tokens are separated by exactly one space, literals follow JSON.
fn filter(conditions: &[Condition]) -> String {
    let parts = conditions
        .iter()
        .map(|condition| format!("{} eq {}", condition.field, Value::String(condition.value.clone())));
    parts.collect::<Vec<_>>().join(" and ")
}

/// Items share the bytes of the body. `itemsPerPage` is not trusted: what came counts, since a `count` over 1,000 is cut
/// silently.
fn page(body: &Bytes, start: u64) -> Result<Page> {
    let envelope: Envelope<'_> = serde_json::from_slice(body).map_err(|error| {
        Error::new(Kind::OddAnswer, "the target's list has not the expected form").source(error)
    })?;
    let items: Vec<Vendor> =
        envelope.resources.iter().map(|raw| Vendor::new(body.slice_ref(raw.get().as_bytes()))).collect();
    let after = start + items.len() as u64;
    let more = !items.is_empty() && after <= envelope.total_results;
    Ok(Page { items, total: Some(envelope.total_results), next: more.then_some(Position::Index(after)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_json_and_tokens_are_one_space_apart() {
        let conditions = [
            Condition { field: "userName", value: "ada.l".into() },
            Condition { field: "email", value: "a\"b@x".into() },
        ];
        assert_eq!(filter(&conditions), r#"userName eq "ada.l" and email eq "a\"b@x""#);
    }

    #[test]
    fn the_last_page_has_no_next_and_a_short_page_moves_by_what_came() {
        let body = |total| {
            Bytes::from(format!(r#"{{"totalResults":{total},"itemsPerPage":50,"Resources":[{{}},{{}}]}}"#))
        };
        assert_eq!(page(&body(5), 2).unwrap().next, Some(Position::Index(4)));
        assert_eq!(page(&body(3), 2).unwrap().next, None);
        let empty = Bytes::from_static(br#"{"totalResults":9,"Resources":[]}"#);
        assert_eq!(page(&empty, 20).unwrap().next, None, "a page without items is the last");
    }
}
