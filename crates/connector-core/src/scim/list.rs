//! The list answer (RFC 7644 section 3.4.2).

use serde::Serialize;

/// Schema URN of a list answer.
pub const LIST_URN: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// One page of results. Counters are integers and, save for pages read by cursor, always there, as is `Resources`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListResponse<T> {
    schemas: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    total_results: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_index: Option<u64>,
    items_per_page: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    #[serde(rename = "Resources")]
    resources: Vec<T>,
}

impl<T> ListResponse<T> {
    /// A page that begins at the 1-based `start_index` of `total_results`.
    pub const fn new(resources: Vec<T>, total_results: u64, start_index: u64) -> Self {
        Self {
            schemas: [LIST_URN],
            total_results: Some(total_results),
            start_index: Some(start_index),
            items_per_page: resources.len(),
            next_cursor: None,
            resources,
        }
    }

    /// A page read by cursor (RFC 9865); the total where it is known.
    pub const fn by_cursor(
        resources: Vec<T>,
        next_cursor: Option<String>,
        total_results: Option<u64>,
    ) -> Self {
        Self {
            schemas: [LIST_URN],
            total_results,
            start_index: None,
            items_per_page: resources.len(),
            next_cursor,
            resources,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_has_all_counters_and_resources() {
        assert_eq!(
            serde_json::to_string(&ListResponse::<u8>::new(Vec::new(), 0, 1)).unwrap(),
            r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}"#
        );
    }
}
