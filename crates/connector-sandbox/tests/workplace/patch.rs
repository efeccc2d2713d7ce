//! Section 4.2: PATCH, which SCIM 2.0 alone has.

use connector_sandbox::workplace::Workplace;
use serde_json::{Value, json};

use crate::client::{AUTH, Answer, ENTERPRISE, STATUS, call, made, usual};

async fn patch(target: &Workplace, id: &str, operations: Value) -> Answer {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations,
    });
    call(target, "PATCH", &format!("/scim2/Users/{id}"), body).await
}

#[tokio::test]
async fn an_attribute_of_an_extension_is_reached_by_its_urn() {
    let target = usual().await;
    let id = made(&target).await;
    let before = target.person(&id).unwrap();
    let sso = json!([{"op": "replace", "path": format!("{AUTH}:authMethod"), "value": "sso"}]);
    let mut after = patch(&target, &id, sso).await.ok(200);
    assert_eq!(after[AUTH]["authMethod"], "sso");
    after[AUTH]["authMethod"] = json!("password");
    assert_eq!(after, before, "and nothing else has changed");
}

#[tokio::test]
async fn every_form_of_an_operation_is_understood() {
    let target = usual().await;
    let id = made(&target).await;
    let manager: u64 = target.people()[0].parse().unwrap();
    let person = patch(&target, &id, json!([
        {"op": "Replace", "path": "active", "value": false},
        {"op": "add", "path": "nickName", "value": "Mi"},
        {"op": "replace", "path": "name.familyName", "value": "Brandt"},
        {"op": "add", "path": r#"emails[type eq "home"].value"#, "value": "mina@home.example"},
        {"op": "replace", "path": r#"phoneNumbers[type eq "work"].value"#, "value": "+441632960999"},
        {"op": "add", "path": "addresses", "value": [{"type": "work", "formatted": "Dock 4"}]},
        {"op": "add", "path": format!("{ENTERPRISE}:manager"), "value": {"managerId": manager}},
        {"op": "replace", "value": {"title": "Master", "name.middleName": "B.", ENTERPRISE: {"division": "Ops"}}},
        {"op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0/User:locale", "value": "de_DE"},
        {"op": "remove", "path": "externalId"},
        {"op": "remove", "path": format!("{ENTERPRISE}:department")},
    ])).await.ok(200);
    for (pointer, value) in [
        ("/active", json!(false)),
        ("/nickName", json!("Mi")),
        ("/name/familyName", json!("Brandt")),
        ("/name/middleName", json!("B.")),
        ("/emails/1", json!({"type": "home", "value": "mina@home.example"})),
        ("/phoneNumbers/0/value", json!("+441632960999")),
        ("/addresses/0/formatted", json!("Dock 4")),
        ("/title", json!("Master")),
        ("/locale", json!("de_DE")),
    ] {
        assert_eq!(person.pointer(pointer), Some(&value), "{pointer} in {person}");
    }
    assert_eq!(person.get("externalId"), None);
    let enterprise = &person[ENTERPRISE];
    assert_eq!(enterprise["manager"]["managerId"], manager);
    assert_eq!((&enterprise["division"], &enterprise["employeeNumber"]), (&json!("Ops"), &json!("90417")));
    assert_eq!(enterprise.get("department"), None);
    let person = patch(
        &target,
        &id,
        json!([
            {"op": "remove", "path": r#"emails[type eq "home"]"#},
            {"op": "remove", "path": "name.middleName"},
            {"op": "remove", "path": r#"addresses[type eq "work"].formatted"#},
            {"op": "remove", "path": format!("{ENTERPRISE}:manager")},
        ]),
    )
    .await
    .ok(200);
    assert_eq!(person["emails"].as_array().unwrap().len(), 1);
    assert_eq!((person["name"].get("middleName"), person[ENTERPRISE].get("manager")), (None, None));
    assert_eq!(person["addresses"], json!([{"type": "work"}]));
}

#[tokio::test]
async fn what_only_workplace_writes_is_left_alone() {
    let target = usual().await;
    let id = made(&target).await;
    let person = patch(
        &target,
        &id,
        json!([
            {"op": "replace", "path": "id", "value": 7},
            {"op": "replace", "path": format!("{STATUS}:claimed"), "value": true},
            {"op": "replace", "path": format!("{STATUS}:invited"), "value": true},
        ]),
    )
    .await
    .ok(200);
    assert_eq!(person["id"].to_string(), id);
    assert_eq!((&person[STATUS]["claimed"], &person[STATUS]["invited"]), (&json!(false), &json!(true)));
}

#[tokio::test]
async fn what_cannot_be_cleared_stays() {
    let target = usual().await;
    let id = made(&target).await;
    let without_login = patch(&target, &id, json!([{"op": "remove", "path": "userName"}])).await;
    assert_eq!(without_login.scim(), (400, "(#100) missing email".into()));
    target.set_options(|options| options.empty_value_clears = false);
    let person = patch(&target, &id, json!([{"op": "remove", "path": "title"}])).await.ok(200);
    assert_eq!(person["title"], "Quay Supervisor", "told as a success, and did not stick");
}

#[tokio::test]
async fn a_patch_that_makes_no_sense_is_refused() {
    let target = usual().await;
    let id = made(&target).await;
    for operations in [
        json!(null),
        json!([{"op": "move", "path": "title"}]),
        json!([{"op": "remove"}]),
        json!([{"op": "add", "value": "x"}]),
        json!([{"op": "add", "path": "emails[type]", "value": "x"}]),
        json!([{"op": "replace", "path": "userName", "value": "mina@elsewhere.example"}]),
    ] {
        assert_eq!(patch(&target, &id, operations.clone()).await.scim().0, 400, "{operations}");
    }
    assert_eq!(call(&target, "PATCH", &format!("/scim/v1/Users/{id}"), json!({})).await.status, 405);
}

#[tokio::test]
async fn the_answer_may_have_no_body() {
    let target = usual().await;
    let id = made(&target).await;
    target.set_options(|options| options.patch_no_content = true);
    let answer = patch(&target, &id, json!([{"op": "replace", "path": "title", "value": "x"}])).await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    assert_eq!(target.person(&id).unwrap()["title"], "x");
}

#[tokio::test]
async fn a_target_may_have_no_patch_and_ignore_what_it_is_told() {
    let target = usual().await;
    let id = made(&target).await;
    target.set_options(|options| {
        options.patch_served = false;
        options.ignored_texts = vec!["timezone".into()];
    });
    assert_eq!(patch(&target, &id, json!([{"op": "remove", "path": "title"}])).await.status, 405);
    let body = json!({"timezone": "Europe/London", "title": "Pilot"});
    let person = call(&target, "PUT", &format!("/scim2/Users/{id}"), body).await.ok(200);
    assert_eq!((&person["title"], person.get("timezone")), (&json!("Pilot"), None));
}
