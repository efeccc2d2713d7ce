//! Lists: `startIndex`, `count` with its default of 10, and the one operator there is.

use serde_json::{Value, json};

use super::super::error::{Refusal, Result};
use super::super::options::Options;
use super::Edition;
use crate::form::Form;
use crate::harness::Reply;

const DEFAULT_COUNT: usize = 10;

/// The part of a list that is asked for.
pub(super) struct Page {
    start: usize,
    count: usize,
}

impl Page {
    pub(super) fn read(query: &Form, options: &Options) -> Self {
        let number = |name: &str| query.value(name).and_then(|text| text.trim().parse::<i64>().ok());
        let start = number("startIndex").and_then(|start| usize::try_from(start).ok()).unwrap_or(1).max(1);
        let count = number("count").and_then(|count| usize::try_from(count).ok()).unwrap_or(DEFAULT_COUNT);
        Self { start, count: count.min(options.max_count) }
    }

    /// The answer with this page of all, which are given in order.
    pub(super) fn reply(
        &self,
        all: &[u64],
        edition: Edition,
        options: &Options,
        render: impl Fn(u64) -> Option<Value>,
    ) -> Reply {
        let from = (self.start - 1).min(all.len());
        let mut count = self.count.min(all.len() - from);
        if options.short_pages && count > 1 && from + count < all.len() {
            count -= 1;
        }
        let rows: Vec<Value> = all[from..from + count].iter().filter_map(|id| render(*id)).collect();
        let mut body = json!({
            "schemas": [edition.names().list],
            "totalResults": all.len(),
            "itemsPerPage": rows.len(),
            "startIndex": self.start,
        });
        if !rows.is_empty() || !options.empty_list_without_resources {
            body["Resources"] = rows.into();
        }
        super::ok(&body)
    }
}

/// `attribute eq "value"`, of these attributes.
pub(super) fn equals(query: &Form, known: &[&'static str]) -> Result<Option<(&'static str, String)>> {
    let Some(text) = query.filled("filter") else { return Ok(None) };
    let refused = || Refusal::invalid(format!("The filter is not supported: {text}"));
    let mut words = text.trim().splitn(3, ' ');
    let (attribute, operator, value) = (words.next(), words.next(), words.next());
    let attribute = attribute.and_then(|name| known.iter().find(|known| name.eq_ignore_ascii_case(known)));
    let (Some(attribute), Some(operator), Some(value)) = (attribute, operator, value) else {
        return Err(refused());
    };
    if !operator.eq_ignore_ascii_case("eq") {
        return Err(refused());
    }
    let value: String = serde_json::from_str(value.trim()).map_err(|_| refused())?;
    Ok(Some((attribute, value)))
}
