//! Deleting people and teams.

use serde_json::{Value, json};

use crate::support::{Webex, calls, failure, step, told};

#[tokio::test]
async fn a_person_is_deleted_once_and_missing_the_second_time() {
    for (gone, missing) in [(404, "404"), (410, "404")] {
        let webex = Webex::organisation([
            step("DELETE /people/P-BO", 204, Value::Null),
            failure("DELETE /people/P-BO", gone, "Person"),
        ])
        .await;
        webex.delete("Users", "P-BO").await.unwrap();
        let error = webex.delete("Users", "P-BO").await.unwrap_err();
        assert!(told(&error).starts_with(missing), "{}", told(&error));
        webex.sent().await;
    }
}

#[tokio::test]
async fn an_id_that_is_none_of_webexs_is_missing_and_a_refused_deletion_is_a_refusal() {
    let webex = Webex::organisation([
        failure("DELETE /people/none", 400, "malformed"),
        failure("GET /people/none", 400, "malformed"),
        failure("DELETE /people/P-BO", 400, "not now"),
        step("GET /people/P-BO", 200, json!({"id": "P-BO"})),
    ])
    .await;
    let error = webex.delete("Users", "none").await.unwrap_err();
    assert!(told(&error).starts_with("404"), "{}", told(&error));
    let error = webex.delete("Users", "P-BO").await.unwrap_err();
    assert!(told(&error).starts_with("400"), "{}", told(&error));
    webex.sent().await;
}

#[tokio::test]
async fn the_account_that_consented_is_not_deleted() {
    let webex = Webex::organisation([]).await;
    let error = webex.delete("Users", "P-ME").await.unwrap_err();
    assert!(told(&error).starts_with("403 - User P-ME: is the account that consented"), "{}", told(&error));
    assert_eq!(calls(&webex.sent().await), ["GET /v1/people/me"]);
}

#[tokio::test]
async fn a_team_is_not_deleted_unless_the_operator_allows_it() {
    let webex = Webex::organisation([
        failure("GET /teams/none", 400, "malformed"),
        step("GET /teams/T-1", 200, json!({"id": "T-1", "name": "One"})),
    ])
    .await;
    let error = webex.delete("Groups", "none").await.unwrap_err();
    assert!(told(&error).starts_with("404"), "{}", told(&error));
    let error = webex.delete("Groups", "T-1").await.unwrap_err();
    let told = told(&error);
    assert!(
        told.starts_with("403 - Group T-1: is not deleted") && told.contains("allow_team_delete = true"),
        "{told}"
    );
    assert_eq!(calls(&webex.sent().await), ["GET /v1/teams/none", "GET /v1/teams/T-1"]);

    let webex = Webex::set(&["allow_team_delete"], [step("DELETE /teams/T-1", 204, json!(null))]).await;
    webex.delete("Groups", "T-1").await.unwrap();
    webex.sent().await;
}
