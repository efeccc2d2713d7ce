//! What is sent to remove a person.

use connector_core::error::Kind;
use serde_json::{Value, json};

use crate::support::{Community, puts, refusal, step};

#[tokio::test]
async fn an_account_that_nobody_took_is_deleted_for_good() {
    for status in [200, 204] {
        let community = Community::answering([step("DELETE /scim/Users/1001", status, Value::Null)]).await;
        community.delete("Users", "1001").await.unwrap();
        assert_eq!(community.sent().await, "DELETE /scim/Users/1001\n  authorization: Bearer [redacted]\n");
    }
}

#[tokio::test]
async fn a_claimed_account_is_deactivated_and_nothing_else_of_it_changes() {
    let refused = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "412", "detail": "Claimed"});
    for body in [refused, Value::Null, json!({"error": {"message": "(#100) Claimed", "code": 100}})] {
        let community = Community::answering([
            step("DELETE /scim/Users/1001", 412, body),
            puts(json!({"active": false})),
        ])
        .await;
        community.delete("Users", "1001").await.unwrap();
        insta::assert_snapshot!("a_claimed_account_is_deactivated", community.sent().await);
    }
}

#[tokio::test]
async fn who_is_not_there_is_missing() {
    let community =
        Community::answering([step("DELETE /scim/Users/1001", 404, json!({"status": "404"}))]).await;
    assert_eq!(community.delete("Users", "1001").await.unwrap_err().kind(), Kind::NotFound);
    community.sent().await;
}

#[tokio::test]
async fn any_other_refusal_is_no_deletion() {
    let community =
        Community::answering([refusal("DELETE /scim/Users/1001", 403, 10, "(#10) Read-only")]).await;
    assert_eq!(community.delete("Users", "1001").await.unwrap_err().kind(), Kind::Forbidden);
    community.sent().await;
}
