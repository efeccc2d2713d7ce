//! The list answer (RFC 7644 section 3.4.2).

use serde::Serialize;

/// Schema URN of a list answer.
pub const LIST_URN: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// One page of results. All counters are integers and always there, as is `Resources`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListResponse<T> {
    schemas: [&'static str; 1],
    total_results: u64,
    start_index: u64,
    items_per_page: usize,
    #[serde(rename = "Resources")]
    resources: Vec<T>,
}

impl<T> ListResponse<T> {
    /// A page that begins at the 1-based `start_index` of `total_results`.
    pub const fn new(resources: Vec<T>, total_results: u64, start_index: u64) -> Self {
        Self { schemas: [LIST_URN], total_results, start_index, items_per_page: resources.len(), resources }
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
