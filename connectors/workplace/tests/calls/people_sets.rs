//! People sets, whose members are sent whole.

use connector_core::error::Kind;
use serde_json::{Value, json};

use crate::support::{Community, refusal, step, told};

fn pilots(members: &[u64]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({"type": "user", "value": id})).collect();
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": 3001, "displayName": "Pilots", "members": members})
}

#[tokio::test]
async fn everybody_is_sent_with_every_change() {
    let community = Community::answering([
        step("POST /scim/Groups", 201, pilots(&[1001])),
        step("GET /scim/Groups/3001", 200, pilots(&[1001])),
        step("PUT /scim/Groups/3001", 200, pilots(&[1001, 1002])),
        step("GET /scim/Groups/3001", 200, pilots(&[1001, 1002])),
        step("PUT /scim/Groups/3001", 200, pilots(&[])),
    ])
    .await;
    let body = json!({"displayName": "Pilots", "members": [{"value": "1001"}]});
    let created = community.create("PeopleSets", body).await.unwrap();
    assert_eq!(created["members"][0]["$ref"], "https://host.example/scim/acme-workplace/v2/Users/1001");
    let add = json!([{"op": "add", "path": "members", "value": [{"value": "1002"}]}]);
    community.modify("PeopleSets", "3001", add).await.unwrap();
    let emptied =
        community.modify("PeopleSets", "3001", json!([{"op": "remove", "path": "members"}])).await.unwrap();
    assert!(emptied.get("members").is_none());
    insta::assert_snapshot!(community.sent().await);
}

#[tokio::test]
async fn a_refused_member_is_named() {
    let refused = refusal("POST /scim/Groups", 400, 100, "(#100) There is no user 77.");
    let community = Community::answering([refused]).await;
    let body = json!({"displayName": "Pilots", "members": [{"value": "77"}]});
    let told = told(&community.create("PeopleSets", body).await.unwrap_err());
    assert!(told.starts_with("400 invalidValue PeopleSet: members: "), "{told}");
}

#[tokio::test]
async fn a_list_that_gives_the_same_page_again_is_not_taken_for_all() {
    let page = || step("GET /scim/Groups", 200, json!({"totalResults": 4, "Resources": [pilots(&[])]}));
    let community = Community::answering([page(), page()]).await;
    assert_eq!(community.list("PeopleSets", None).await.unwrap_err().kind(), Kind::OddAnswer);
    community.sent().await;
}
