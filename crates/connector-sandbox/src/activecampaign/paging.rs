//! Lists: `limit` and `offset`, and what may become of them.

use serde_json::{Value, json};

use super::error::{Refusal, Result};
use super::options::{ListOrder, Options, Paging};
use crate::form::Form;
use crate::rng::mix;

const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 100;

/// The page of `rows` that is asked for. A limit above 100 is cut in silence.
pub(super) fn page<T>(rows: &[T], query: &Form, options: &Options) -> Result<std::ops::Range<usize>> {
    let number = |name: &str, lowest: usize, otherwise: usize| match query.value(name) {
        None => Ok(otherwise),
        Some(text) => match text.parse() {
            Ok(number) if number >= lowest => Ok(number),
            _ if options.bad_paging_refused => Err(Refusal::Malformed),
            _ => Ok(otherwise),
        },
    };
    let limit = number("limit", 1, DEFAULT_LIMIT)?.min(MAX_LIMIT);
    let offset = number("offset", 0, 0)?;
    let (limit, offset) = match options.paging {
        Paging::Honoured => (limit, offset),
        Paging::WholeList => (rows.len(), 0),
        Paging::FirstPage => (DEFAULT_LIMIT, 0),
    };
    let early = usize::from(options.repeated_rows && offset > 0);
    let start = (offset - early).min(rows.len());
    Ok(start..start.saturating_add(limit).min(rows.len()))
}

/// Ids in the order of the list.
pub(super) fn ordered(ids: impl Iterator<Item = u64>, options: &Options) -> Vec<u64> {
    let mut ids: Vec<u64> = ids.collect();
    if options.list_order == ListOrder::Shuffled {
        ids.sort_by_key(|id| mix(*id));
    }
    ids
}

/// Filters and orders rows by those parameters that work.
pub(super) fn arrange(rows: &mut Vec<Value>, query: &Form, options: &Options) {
    let named = |name: &str, list: &str, working: &[String]| {
        let field = name.strip_prefix(list)?.strip_prefix('[')?.strip_suffix(']')?;
        working.iter().any(|name| name == field).then(|| field.to_owned())
    };
    for (name, value) in query.pairs() {
        if let Some(field) = named(name, "filters", &options.filterable) {
            rows.retain(|row| row[&field] == value);
        }
        if let Some(field) = named(name, "orders", &options.orderable) {
            rows.sort_by_key(|row| row[&field].as_str().unwrap_or_default().to_lowercase());
            if value.eq_ignore_ascii_case("desc") {
                rows.reverse();
            }
        }
    }
}

/// The number of all rows, a text as it is in every list.
pub(super) fn meta(total: usize) -> Value {
    json!({"total": total.to_string()})
}
