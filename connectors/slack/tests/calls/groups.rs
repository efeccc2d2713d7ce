//! Groups: membership by difference, and answers without a body.

use serde_json::{Value, json};

use crate::support::{Slack, Step, failure, payroll, step, told, with};

const GROUP: &str = "/Groups/S01EXAMPLE1";

fn reads(members: &[&str]) -> Step {
    step(&format!("GET {GROUP}"), 200, payroll(members))
}

fn writes() -> Step {
    step(&format!("PATCH {GROUP}"), 204, Value::Null)
}

fn members(ids: &[&str]) -> Value {
    ids.iter().map(|id| json!({"value": id})).collect()
}

#[tokio::test]
async fn a_group_is_read_with_its_members() {
    let slack = Slack::answering([reads(&["W1"])]).await;
    let group = slack.get("Groups", "S01EXAMPLE1").await.unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&group).unwrap());
}

#[tokio::test]
async fn a_group_is_created_with_its_members() {
    let slack = Slack::answering([step("POST /Groups", 201, payroll(&["W1", "W2"]))]).await;
    let body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Payroll",
                      "members": [{"value": "W1", "display": "x", "type": "User"}, {"value": "W2"}]});
    slack.create("Groups", body).await.unwrap();
    insta::assert_snapshot!(slack.sent().await);
}

#[tokio::test]
async fn a_group_without_members_is_created_too() {
    let slack = Slack::answering([step("POST /Groups", 201, payroll(&[]))]).await;
    let group = slack.create("Groups", json!({"displayName": "Payroll", "members": []})).await.unwrap();
    assert_eq!(group.get("members"), None);
    slack.sent().await;
}

#[tokio::test]
async fn a_create_answered_without_a_body_finds_the_newest_group_of_that_name() {
    let old = with(payroll(&[]), json!({"id": "S00OLD", "meta": {"created": "2020-01-01T00:00:00-08:00"}}));
    let found =
        json!({"totalResults": 2, "itemsPerPage": 2, "startIndex": 1, "Resources": [payroll(&["W1"]), old]});
    let slack =
        Slack::answering([step("POST /Groups", 201, Value::Null), step("GET /Groups", 200, found)]).await;
    let group = slack
        .create("Groups", json!({"displayName": "Payroll", "members": [{"value": "W1"}]}))
        .await
        .unwrap();
    assert_eq!(group["id"], "S01EXAMPLE1");
    insta::assert_snapshot!(slack.sent().await);
}

#[tokio::test]
async fn a_create_answered_without_a_body_and_never_seen_is_told() {
    let none = json!({"totalResults": 0, "itemsPerPage": 0, "startIndex": 1, "Resources": []});
    let look = || step("GET /Groups", 200, none.clone());
    // The connector looks once, completion twice more; a second group is never sent.
    let slack = Slack::answering([step("POST /Groups", 201, Value::Null), look(), look(), look()]).await;
    let told = told(&slack.create("Groups", json!({"displayName": "Payroll"})).await.unwrap_err());
    assert_eq!(told, "502 - Group: displayName: Slack created the group, then could not find it");
    slack.sent().await;
}

#[tokio::test]
async fn a_group_needs_a_name_before_any_call() {
    let slack = Slack::answering([]).await;
    for body in [json!({}), json!({"displayName": ""}), json!({"members": [{"value": "W1"}]})] {
        let error = slack.create("Groups", body).await.unwrap_err();
        assert_eq!(told(&error), "400 invalidValue Group: displayName: is required");
    }
    assert_eq!(slack.sent().await, "no call\n");
}

#[tokio::test]
async fn more_members_than_one_call_takes_go_in_several() {
    let ids: Vec<String> = (0..2_500).map(|n| format!("W{n:04}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let slack =
        Slack::answering([step("POST /Groups", 201, payroll(&[])), writes(), writes(), reads(&ids)]).await;
    let body = json!({"displayName": "Payroll", "members": members(&ids)});
    let group = slack.create("Groups", body).await.unwrap();
    assert_eq!(group["members"].as_array().unwrap().len(), 2_500);
    let sent = slack.sent().await;
    let sizes: Vec<usize> =
        sent.split("authorization").skip(1).map(|call| call.matches("\"value\"").count()).collect();
    assert_eq!(sizes, [1_000, 1_000, 500, 0]);
}

#[tokio::test]
async fn a_patch_answered_without_a_body_is_read_only_when_somebody_wants_the_group() {
    let rename = json!([{"op": "Replace", "path": "displayName", "value": "Payroll EMEA"}]);
    let add = json!([{"op": "add", "path": "members", "value": [{"value": "W2"}]}]);
    let slack = Slack::answering([reads(&["W1"]), writes(), reads(&["W1", "W2"])]).await;
    let group = slack.modify("Groups", "S01EXAMPLE1", add.clone()).await.unwrap();
    assert_eq!(group["members"].as_array().unwrap().len(), 2);
    insta::assert_snapshot!(slack.sent().await);

    let slack = Slack::answering([reads(&["W1"]), writes()]).await;
    assert_eq!(slack.modify_quietly("Groups", "S01EXAMPLE1", add, false).await.unwrap(), None);
    slack.sent().await;

    let renamed =
        step(&format!("GET {GROUP}"), 200, with(payroll(&["W1"]), json!({"displayName": "Payroll EMEA"})));
    let slack = Slack::answering([reads(&["W1"]), writes(), renamed]).await;
    slack.modify("Groups", "S01EXAMPLE1", rename).await.unwrap();
    let sent = slack.sent().await;
    assert!(sent.contains("\"displayName\": \"Payroll EMEA\"") && !sent.contains("members"), "{sent}");
}

#[tokio::test]
async fn a_put_sends_only_the_difference_of_the_members() {
    let slack = Slack::answering([reads(&["W1", "W2"]), writes(), reads(&["W2", "W3"])]).await;
    let body = json!({"id": "S01EXAMPLE1", "displayName": "Payroll", "members": members(&["W2", "W3"])});
    slack.replace("Groups", "S01EXAMPLE1", body).await.unwrap();
    insta::assert_snapshot!(slack.sent().await);
}

#[tokio::test]
async fn a_put_that_omits_members_does_not_empty_the_group() {
    let slack = Slack::answering([reads(&["W1"])]).await;
    slack.replace("Groups", "S01EXAMPLE1", json!({"displayName": "Payroll"})).await.unwrap();
    slack.sent().await;
}

#[tokio::test]
async fn a_name_and_members_are_two_calls() {
    let slack = Slack::answering([reads(&["W1"]), writes(), writes(), reads(&["W2"])]).await;
    let body = json!({"displayName": "Payroll EMEA", "members": members(&["W2"])});
    slack.replace("Groups", "S01EXAMPLE1", body).await.unwrap();
    insta::assert_snapshot!(slack.sent().await);
}

#[tokio::test]
async fn a_full_push_of_what_is_there_sends_no_write() {
    let slack = Slack::answering([reads(&["W1", "W2"])]).await;
    let push = json!([{"op": "replace", "path": "members", "value": [
        {"value": "W2", "display": "noor@halden.example"}, {"value": "W1", "display": "amara@halden.example"}]},
        {"op": "replace", "value": {"id": "S01EXAMPLE1", "displayName": "Payroll"}}]);
    slack.modify("Groups", "S01EXAMPLE1", push).await.unwrap();
    slack.sent().await;
}

#[tokio::test]
async fn adding_a_member_again_and_removing_a_missing_one_send_no_write() {
    let slack = Slack::answering([reads(&["W1"])]).await;
    let operations = json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": "W1"}]},
                            {"op": "Remove", "path": "members", "value": [{"value": "W9"}]},
                            {"op": "remove", "path": "members[value eq \"W8\"]"}]);
    slack.modify("Groups", "S01EXAMPLE1", operations).await.unwrap();
    slack.sent().await;
}

#[tokio::test]
async fn an_unknown_member_is_a_bad_value_not_a_missing_group() {
    let slack =
        Slack::answering([reads(&["W1"]), failure(&format!("PATCH {GROUP}"), 404, "no_such_user")]).await;
    let add = json!([{"op": "add", "path": "members", "value": [{"value": "W404"}]}]);
    let told_of = told(&slack.modify("Groups", "S01EXAMPLE1", add).await.unwrap_err());
    assert!(told_of.starts_with("400 invalidValue Group S01EXAMPLE1: members: "), "{told_of}");

    let slack = Slack::answering([failure("POST /Groups", 404, "no_such_user")]).await;
    let body = json!({"displayName": "Payroll", "members": members(&["W404"])});
    let told_of = told(&slack.create("Groups", body).await.unwrap_err());
    assert!(told_of.starts_with("400 invalidValue Group: members: "), "{told_of}");
}

#[tokio::test]
async fn a_change_that_stops_half_way_says_how_far_it_came() {
    let ids: Vec<String> = (0..1_500).map(|n| format!("W{n:04}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let slack = Slack::answering([
        reads(&[]),
        writes(),
        failure(&format!("PATCH {GROUP}"), 400, "unable_to_add_deleted_or_guest_to_group"),
    ])
    .await;
    let body = json!({"displayName": "Payroll", "members": members(&ids)});
    let told = told(&slack.replace("Groups", "S01EXAMPLE1", body).await.unwrap_err());
    assert!(told.contains("1000 of 1500 membership changes were made, then: "), "{told}");
}

#[tokio::test]
async fn a_group_is_deleted_for_good() {
    let slack = Slack::answering([
        step(&format!("DELETE {GROUP}"), 204, Value::Null),
        failure(&format!("DELETE {GROUP}"), 404, "no_such_group"),
        failure(&format!("DELETE {GROUP}"), 400, "idp_group_linked_to_channels"),
    ])
    .await;
    slack.delete("Groups", "S01EXAMPLE1").await.unwrap();
    let again = told(&slack.delete("Groups", "S01EXAMPLE1").await.unwrap_err());
    assert_eq!(again, "404 - Group S01EXAMPLE1: does not exist");
    let linked = told(&slack.delete("Groups", "S01EXAMPLE1").await.unwrap_err());
    assert!(
        linked.starts_with("400 mutability Group S01EXAMPLE1: the group is linked to channels"),
        "{linked}"
    );
}
