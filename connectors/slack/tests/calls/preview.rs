//! Dry runs: what would be sent is shown, nothing but reads is sent.

use connector_core::{DryRun, mapping::Step};
use serde_json::{Value, json};

use crate::support::{ENTERPRISE, Slack, ada, payroll, step, told};

/// Nobody has such a name.
fn nobody() -> Value {
    json!({"totalResults": 0, "itemsPerPage": 0, "startIndex": 1, "Resources": []})
}

/// `METHOD path` of each call, and its body.
fn calls(run: &DryRun) -> Vec<(String, Value)> {
    let line = |url: &str| url.split_once("/scim/v1").expect("under the target address").1.to_owned();
    run.calls().into_iter().map(|call| (format!("{} {}", call.method, line(&call.url)), call.body)).collect()
}

/// The trace, a line per value.
fn lines(steps: &[Step]) -> String {
    let line = |step: &Step| {
        let target = step.target.as_deref().unwrap_or("–");
        let via = step.transform.as_deref().unwrap_or("copy");
        let why = step.why.as_deref().map(|why| format!("  ({why})")).unwrap_or_default();
        format!("{:?} {} → {target}: {} | {via} | {}{why}", step.outcome, step.scim, step.before, step.after)
    };
    steps.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_create_is_shown_value_by_value_and_what_comes_after_it_by_its_id() {
    let slack =
        Slack::rehearsing([step("GET /Users", 200, nobody()), step("GET /Users", 200, nobody())]).await;
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "userName": "Ada.L@acme.example", "externalId": "42", "password": "correct horse", "active": false,
        "name": {"givenName": "Ada", "familyName": "Lovelace", "middleName": "King"},
        "emails": [{"value": "ada.l@acme.example", "type": "work", "primary": true, "display": "Ada"}],
        "ims": [{"value": "ada", "type": "xmpp"}], "id": "mine",
        ENTERPRISE: {"department": "Analysis"},
    });
    let user = slack.create("Users", body).await.unwrap_or_else(|error| panic!("{}", told(&error)));
    let run = slack.dry_run();
    // Slack makes new accounts active, so that is another call.
    let calls = calls(run);
    assert_eq!(
        calls.iter().map(|(call, _)| call.as_str()).collect::<Vec<_>>(),
        ["POST /Users", "PATCH /Users/{id of call 1}",]
    );
    assert_eq!((&calls[0].1["password"], &calls[1].1["active"]), (&json!("[redacted]"), &json!(false)));
    assert_eq!(calls[0].1["userName"], "ada.l");
    assert_eq!((&user["id"], &user["active"]), (&json!("{id of call 1}"), &json!(false)));
    assert_eq!((&user["userName"], &user["externalId"]), (&json!("Ada.L@acme.example"), &json!("42")));
    let trace = lines(&run.trace());
    assert!(!trace.contains("correct horse") && !format!("{calls:?}").contains("correct horse"), "{trace}");
    insta::assert_snapshot!(trace);
    slack.sent().await;
}

#[tokio::test]
async fn what_is_there_already_is_refused_as_slack_would() {
    let found = json!({"totalResults": 1, "itemsPerPage": 1, "startIndex": 1, "Resources": [ada()]});
    let slack =
        Slack::rehearsing([step("GET /Users", 200, found), step("GET /Users/W01EXAMPLE1", 200, ada())]).await;
    let body = json!({"userName": "ada.l", "emails": [{"value": "ada.l@acme.example", "primary": true}]});
    let refused = told(&slack.create("Users", body).await.expect_err("the name is in use"));
    assert_eq!(refused, "409 uniqueness User: userName: is in use by User W01EXAMPLE1");
    assert_eq!(calls(slack.dry_run()).len(), 1, "looking is no part of the request");
    slack.sent().await;
}

#[tokio::test]
async fn a_patch_is_shown_with_the_object_as_it_would_be() {
    let slack = Slack::rehearsing([step("GET /Users/W01EXAMPLE1", 200, ada())]).await;
    let operations = json!([
        {"op": "replace", "path": "title", "value": "Countess"},
        {"op": "replace", "path": "displayName", "value": "ada.l"},
        {"op": "remove", "path": "name.familyName"},
        {"op": "add", "path": "ims", "value": [{"value": "ada"}]},
    ]);
    let user = slack
        .modify("Users", "W01EXAMPLE1", operations)
        .await
        .unwrap_or_else(|error| panic!("{}", told(&error)));
    let calls = calls(slack.dry_run());
    assert_eq!(calls[1].0, "PATCH /Users/W01EXAMPLE1");
    assert_eq!(
        (&calls[1].1["title"], &calls[1].1["meta"]["attributes"]),
        (&json!("Countess"), &json!(["name.familyName"]))
    );
    assert_eq!((&user["title"], &user["name"]), (&json!("Countess"), &json!({"givenName": "Ada"})));
    insta::assert_snapshot!(lines(&slack.dry_run().trace()));
    slack.sent().await;
}

#[tokio::test]
async fn members_are_shown_as_they_would_be_though_slack_would_not_be_read_again() {
    let slack = Slack::rehearsing([step("GET /Groups/S01EXAMPLE1", 200, payroll(&["W1", "W2"]))]).await;
    let operations = json!([
        {"op": "remove", "path": "members[value eq \"W1\"]"},
        {"op": "add", "path": "members", "value": [{"value": "W3"}]},
    ]);
    let group = slack.modify_quietly("Groups", "S01EXAMPLE1", operations, false).await;
    let group = group.unwrap_or_else(|error| panic!("{}", told(&error))).expect("a dry run shows it");
    let members: Vec<_> =
        group["members"].as_array().expect("a list").iter().map(|one| &one["value"]).collect();
    assert_eq!(members, ["W2", "W3"]);
    let calls = calls(slack.dry_run());
    let names: Vec<_> = calls.iter().map(|(call, _)| call.as_str()).collect();
    assert_eq!(names, ["GET /Groups/S01EXAMPLE1", "PATCH /Groups/S01EXAMPLE1"]);
    assert_eq!(calls[1].1["members"], json!([{"value": "W3"}, {"value": "W1", "operation": "delete"}]));
    slack.sent().await;
}

#[tokio::test]
async fn a_group_with_more_members_than_one_call_takes_gets_the_others_by_its_id() {
    let slack = Slack::rehearsing([step("GET /Groups", 200, nobody())]).await;
    let members: Vec<Value> = (0..1001).map(|n| json!({"value": format!("W{n}")})).collect();
    let body = json!({"displayName": "Everybody", "members": members});
    let group = slack.create("Groups", body).await.unwrap_or_else(|error| panic!("{}", told(&error)));
    let calls = calls(slack.dry_run());
    let names: Vec<_> = calls.iter().map(|(call, _)| call.as_str()).collect();
    assert_eq!(names, ["POST /Groups", "PATCH /Groups/{id of call 1}", "GET /Groups/{id of call 1}"]);
    assert_eq!(calls[1].1["members"], json!([{"value": "W1000"}]));
    assert_eq!(group["members"].as_array().map(Vec::len), Some(1001));
    slack.sent().await;
}

#[tokio::test]
async fn a_deletion_says_whether_the_object_is_there() {
    let missing = json!({"Errors": {"description": "no_such_user", "code": 404}});
    let slack =
        Slack::rehearsing([step("GET /Users/W01EXAMPLE1", 200, ada()), step("GET /Users/W09", 404, missing)])
            .await;
    slack.delete("Users", "W01EXAMPLE1").await.unwrap_or_else(|error| panic!("{}", told(&error)));
    let refused = told(&slack.delete("Users", "W09").await.expect_err("nobody"));
    assert!(refused.starts_with("404 - User W09: "), "{refused}");
    let calls = calls(slack.dry_run());
    assert_eq!(calls[0].0, "DELETE /Users/W01EXAMPLE1", "the look is no part of the request");
    slack.sent().await;
}
