//! Section 3.1: pages of ten, and the one filter there is.

use connector_sandbox::workplace::Workplace;
use serde_json::{Value, json};

use crate::client::{get, usual};

async fn list(target: &Workplace, query: &str) -> Value {
    get(target, &format!("/scim2/Users?{query}")).await.ok(200)
}

fn len(body: &Value) -> usize {
    body["Resources"].as_array().map_or(0, Vec::len)
}

/// Reads as a careful client does: by what really came.
async fn walk(target: &Workplace, count: usize) -> Vec<Value> {
    let mut all = Vec::new();
    loop {
        let page = list(target, &format!("count={count}&startIndex={}", all.len() + 1)).await;
        let rows = page["Resources"].as_array().cloned().unwrap_or_default();
        if rows.is_empty() {
            return all;
        }
        all.extend(rows);
    }
}

#[tokio::test]
async fn a_page_has_ten_people_and_a_hundred_at_most() {
    let target = usual().await;
    let page = list(&target, "").await;
    assert_eq!((len(&page), &page["totalResults"], &page["itemsPerPage"]), (10, &json!(400), &json!(10)));
    assert_eq!(page["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
    assert_eq!(len(&list(&target, "count=5000").await), 100);
    target.set_options(|options| options.max_count = 50);
    assert_eq!(len(&list(&target, "count=5000").await), 50);
    for query in ["startIndex=0", "startIndex=-3", "startIndex=x"] {
        assert_eq!(list(&target, query).await["startIndex"], 1, "{query}");
    }
    let v1 = get(&target, "/scim/v1/Users").await.ok(200);
    assert_eq!((&v1["schemas"], &v1["totalResults"]), (&json!(["urn:scim:schemas:core:1.0"]), &json!(400)));
}

#[tokio::test]
async fn everybody_is_found_even_when_pages_are_shorter_than_asked() {
    let target = usual().await;
    for short in [false, true] {
        target.set_options(|options| options.short_pages = short);
        let all = walk(&target, 100).await;
        let ids: std::collections::HashSet<_> = all.iter().map(|person| person["id"].to_string()).collect();
        assert_eq!((all.len(), ids.len()), (400, 400));
    }
    assert_eq!(len(&list(&target, "count=100").await), 99);
    assert_eq!(len(&list(&target, "count=100&startIndex=301").await), 100, "the last page is whole");
}

#[tokio::test]
async fn only_eq_on_user_name_and_external_id_is_a_filter() {
    let target = usual().await;
    let found = async |filter: &str| list(&target, &format!("filter={filter}")).await["totalResults"].clone();
    assert_eq!(found("userName%20eq%20%22ivo.brandt@riverbank.example%22").await, 1);
    assert_eq!(found("username+EQ+%22Ivo.Brandt@riverbank.example%22").await, 1);
    assert_eq!(found("externalId%20eq%20%22E-20000%22").await, 1);
    let slash = get(&target, "/scim2/Users/?filter=externalId%20eq%20%22E-20002%22").await.ok(200);
    assert_eq!(slash["totalResults"], 1);
    for filter in [
        "displayName%20eq%20%22x%22",
        "userName%20sw%20%22x%22",
        "userName%20pr",
        "userName%20eq%20x",
        "userName%20eq%20%22x%22%20and%20externalId%20eq%20%22y%22",
    ] {
        assert_eq!(get(&target, &format!("/scim2/Users?filter={filter}")).await.scim().0, 400, "{filter}");
    }
    target.set_options(|options| options.filter_case_sensitive = true);
    assert_eq!(found("userName%20eq%20%22Ivo.Brandt@riverbank.example%22").await, 0);
    assert_eq!(found("userName%20eq%20%22ivo.brandt@riverbank.example%22").await, 1);
}

#[tokio::test]
async fn a_filter_without_a_match_answers_an_empty_list() {
    let target = usual().await;
    let nobody = "filter=userName%20eq%20%22nobody@riverbank.example%22";
    let body = list(&target, nobody).await;
    assert_eq!((&body["totalResults"], &body["Resources"]), (&json!(0), &json!([])));
    target.set_options(|options| options.empty_list_without_resources = true);
    assert_eq!(list(&target, nobody).await.get("Resources"), None);
    assert_eq!(len(&list(&target, "startIndex=500").await), 0);
}
