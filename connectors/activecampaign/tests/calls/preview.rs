//! Dry runs: what would be sent is shown, nothing but reads is sent.

use connector_core::DryRun;
use serde_json::{Value, json};

use crate::support::{Account, KEY, OWN, refusal, step, told};

/// `METHOD path` of each call, and its body.
fn calls(run: &DryRun) -> Vec<(String, Value)> {
    let line = |url: &str| url.split_once("/api/3").expect("under the target address").1.to_owned();
    run.calls().into_iter().map(|call| (format!("{} {}", call.method, line(&call.url)), call.body)).collect()
}

fn tove() -> Value {
    json!({"user": {"id": "12", "username": "tove", "firstName": "Tove", "lastName": "Arvidsson",
                    "email": "tove@acme.example", "phone": ""}})
}

#[tokio::test]
async fn a_create_shows_the_envelope_the_group_and_no_password() {
    let account = Account::rehearsing([
        refusal("GET /users/username/tove", 404, "No Result found"),
        step("GET /users", 200, json!({"users": []})),
        refusal("GET /users/email/tove%40acme.example", 404, "No Result found"),
    ])
    .await;
    let body = json!({
        "userName": "tove", "name": {"givenName": "Tove", "familyName": "Arvidsson"}, "password": "correct horse",
        "emails": [{"value": "tove@acme.example", "type": "work"}], OWN: {"groupId": "4"},
    });
    let user = account.create("Users", body).await.unwrap_or_else(|error| panic!("{}", told(&error)));
    assert_eq!((&user["id"], &user["displayName"]), (&json!("{id of call 1}"), &json!("Tove Arvidsson")));
    let calls = calls(account.dry_run());
    let expected = json!({"user": {"username": "tove", "firstName": "Tove", "lastName": "Arvidsson",
        "email": "tove@acme.example", "password": "[redacted]", "group": 4}});
    assert_eq!(calls, [("POST /users".to_owned(), expected)]);
    let headers = &account.dry_run().calls()[0].headers;
    assert_eq!(headers["api-token"], "[redacted]");
    let trace = format!("{:?}", account.dry_run().trace());
    assert!(!trace.contains("correct horse") && !trace.contains(KEY), "{trace}");
    account.sent().await;
}

#[tokio::test]
async fn a_change_reads_the_group_that_goes_along_and_shows_the_user_as_it_would_be() {
    let record = json!({"userGroup": {"userid": "12", "groupid": "4", "id": "9"}});
    let account = Account::rehearsing([
        step("GET /users/12", 200, tove()),
        step("GET /users/12/userGroup", 200, record),
    ])
    .await;
    let operations = json!([{"op": "replace", "path": "name.familyName", "value": "Berg"}]);
    let user =
        account.modify("Users", "12", operations).await.unwrap_or_else(|error| panic!("{}", told(&error)));
    assert_eq!((&user["name"]["familyName"], &user["displayName"]), (&json!("Berg"), &json!("Tove Berg")));
    let calls = calls(account.dry_run());
    let names: Vec<_> = calls.iter().map(|(call, _)| call.as_str()).collect();
    assert_eq!(names, ["GET /users/12", "GET /users/12/userGroup", "PUT /users/12", "GET /users/12"]);
    assert_eq!(calls[2].1["user"]["group"], 4);
    account.sent().await;
}

#[tokio::test]
async fn what_is_written_to_a_name_that_the_target_makes_is_shown_as_dropped() {
    let account = Account::rehearsing([step("GET /users/12", 200, tove())]).await;
    let operations = json!([{"op": "replace", "path": "displayName", "value": "T."},
                            {"op": "replace", "path": "name.formatted", "value": "T. A."}]);
    account.modify("Users", "12", operations).await.unwrap_or_else(|error| panic!("{}", told(&error)));
    let trace = serde_json::to_value(account.dry_run().trace()).expect("plain data");
    let dropped: Vec<&Value> =
        trace.as_array().expect("steps").iter().filter(|step| step["outcome"] == "dropped").collect();
    let told: Vec<_> = dropped.iter().map(|step| (&step["scim"], &step["in"])).collect();
    assert_eq!(told, [(&json!("displayName"), &json!("T.")), (&json!("name.formatted"), &json!("T. A."))]);
    for step in dropped {
        assert_eq!(step["why"], "the target makes it of other values: what is written is ignored");
    }
    account.sent().await;
}

#[tokio::test]
async fn a_deletion_that_the_connector_refuses_is_refused() {
    let account = Account::rehearsing([step("GET /users/1", 200, tove())]).await;
    let refused = told(&account.delete("Users", "1").await.expect_err("the primary admin"));
    assert!(refused.starts_with("403 - User 1: is the primary admin"), "{refused}");
    assert!(account.dry_run().calls().is_empty());
    account.sent().await;
}
