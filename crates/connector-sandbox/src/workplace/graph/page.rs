//! Pages of edges: `limit`, opaque cursors, and a next link that knows nothing of proofs.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::super::api::Ask;
use super::super::error::{Refusal, Result};
use super::super::state::State;
use super::fields::Field;
use crate::form::encode;

/// Entries of a page when nobody says.
pub(super) const DEFAULT_LIMIT: usize = 25;

/// Parameters that are not repeated in a next link.
const NOT_REPEATED: [&str; 6] =
    ["limit", "after", "before", "access_token", "appsecret_proof", "appsecret_time"];

/// Where an enumeration stands: the place and the id of an entry.
fn cursor(at: usize, id: u64) -> String {
    URL_SAFE_NO_PAD.encode(format!("{at}.{id}"))
}

fn read_cursor(text: &str) -> Option<(usize, u64)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let (at, id) = text.split_once('.')?;
    Some((at.parse().ok()?, id.parse().ok()?))
}

/// The envelope with the page of `ids` that is asked for.
pub(super) fn page(
    state: &State,
    ask: &Ask<'_>,
    path: &str,
    ids: &[u64],
    render: impl Fn(u64) -> Result<Value>,
) -> Result<Value> {
    let options = &state.options;
    let limit = match ask.query.value("limit") {
        None => DEFAULT_LIMIT,
        Some(text) => text.parse().map_err(|_| Refusal::invalid("Param limit must be an integer"))?,
    };
    let limit: usize = limit.min(options.graph_max_limit);
    let start = match ask.query.filled("after") {
        None => 0,
        Some(text) => {
            let (at, id) = read_cursor(text).ok_or_else(|| Refusal::invalid("Invalid cursor"))?;
            // Whoever was removed meanwhile moves the rest to the front.
            match ids.iter().position(|other| *other == id) {
                Some(found) => found + 1,
                None => at,
            }
        }
    };
    let mut range = start.min(ids.len())..start.saturating_add(limit).min(ids.len());
    let more = range.end < ids.len();
    if options.endless_cursor && range.is_empty() {
        range = ids.len().saturating_sub(limit)..ids.len();
    }
    let chosen = &ids[range.clone()];
    let data: Vec<Value> = chosen.iter().map(|id| render(*id)).collect::<Result<_>>()?;
    let mut body = json!({"data": data});
    if let (Some(first), Some(last)) = (chosen.first(), chosen.last()) {
        let after = cursor(range.end - 1, *last);
        if options.cursors_sent {
            body["paging"] = json!({"cursors": {"before": cursor(range.start, *first), "after": after}});
        }
        if more || options.endless_cursor {
            body["paging"]["next"] = json!(next(state, ask, path, limit, &after));
        }
    } else if options.paging_on_empty_page {
        body["paging"] = json!({});
    }
    if ["true", "1"].contains(&ask.query.value("summary").unwrap_or_default()) {
        body["summary"] = json!({"total_count": ids.len()});
    }
    Ok(body)
}

/// An edge inside of a node, as a field: at most so many entries, and their number if that is asked for.
pub(super) fn nested(
    state: &State,
    node: u64,
    field: &Field,
    ids: &[u64],
    render: impl Fn(u64) -> Result<Value>,
) -> Result<Value> {
    let limit = field.limit.unwrap_or(DEFAULT_LIMIT).min(state.options.graph_max_limit);
    let chosen = &ids[..limit.min(ids.len())];
    let data: Vec<Value> = chosen.iter().map(|id| render(*id)).collect::<Result<_>>()?;
    let mut edge = json!({"data": data});
    if let (Some(first), Some(last)) = (chosen.first(), chosen.last()) {
        let after = cursor(chosen.len() - 1, *last);
        edge["paging"] = json!({"cursors": {"before": cursor(0, *first), "after": after}});
        if chosen.len() < ids.len() {
            let fields = if field.text.is_empty() {
                String::new()
            } else {
                format!("fields={}&", encode(&field.text))
            };
            edge["paging"]["next"] =
                json!(link(state, &format!("/{node}/{}", field.name), &fields, limit, &after));
        }
    }
    if field.summary {
        edge["summary"] = json!({"total_count": ids.len()});
    }
    Ok(edge)
}

fn next(state: &State, ask: &Ask<'_>, path: &str, limit: usize, after: &str) -> String {
    let kept = ask.query.pairs().filter(|(name, _)| !NOT_REPEATED.contains(name));
    let kept: Vec<String> = kept.map(|(name, value)| format!("{name}={}&", encode(value))).collect();
    link(state, path, &kept.concat(), limit, after)
}

fn link(state: &State, path: &str, kept: &str, limit: usize, after: &str) -> String {
    let own = &state.options.next_link_base;
    let base = if own.is_empty() { &state.graph_url } else { own };
    format!("{base}{path}?{kept}limit={limit}&after={after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_and_nonsense_does_not() {
        assert_eq!(read_cursor(&cursor(7, u64::MAX)), Some((7, u64::MAX)));
        for nonsense in ["", "x", "MTcu", "é"] {
            assert_eq!(read_cursor(nonsense), None, "{nonsense}");
        }
    }
}
