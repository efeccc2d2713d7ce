//! Licences of people: given and taken by a call of their own.

use connector_core::error::Result;
use serde_json::{Value, json};

use crate::support::{Answer, Step, Webex, ada, bo, bodies, calls, license, step, step_with, told, with};

const PATCH: &str = "PATCH /licenses/users";

fn holding(codes: &[&str]) -> Value {
    let licenses: Vec<String> = codes.iter().map(|code| license(code)).collect();
    with(ada(), json!({"licenses": licenses}))
}

fn now(status: u16, codes: &[&str]) -> Step {
    let licenses: Vec<String> = codes.iter().map(|code| license(code)).collect();
    step(PATCH, status, json!({"personId": "P-ADA", "licenses": licenses}))
}

fn refused(code: u32) -> Step {
    let body =
        json!({"message": "m", "errors": [{"description": "why", "errorCode": code}], "trackingId": "T"});
    step_with(PATCH, Answer::json(400, body))
}

fn values(codes: &[&str]) -> Value {
    codes.iter().map(|code| json!({"value": license(code)})).collect()
}

/// What becomes of entitlements of `before` that are set to `wanted`.
async fn set(
    parameters: &[&str],
    before: Value,
    wanted: &[&str],
    steps: Vec<Step>,
) -> (Result<Value>, String) {
    let read = step("GET /people/P-ADA", 200, before);
    let webex = Webex::set(parameters, [read].into_iter().chain(steps)).await;
    let operation = json!([{"op": "replace", "path": "entitlements", "value": values(wanted)}]);
    let after = webex.modify("Users", "P-ADA", operation).await;
    (after, webex.sent().await)
}

#[tokio::test]
async fn a_licence_is_one_call_and_the_person_is_read_again() {
    let steps =
        vec![now(200, &["FMS", "FSS", "EE"]), step("GET /people/P-ADA", 200, holding(&["FMS", "FSS", "EE"]))];
    let (after, sent) = set(&[], ada(), &["FMS", "FSS", "EE"], steps).await;
    assert_eq!(after.unwrap()["entitlements"][2]["display"], "Webex Meetings Suite");
    insta::assert_snapshot!(sent);
}

#[tokio::test]
async fn a_free_licence_that_is_left_out_stays_without_a_call() {
    let (after, sent) = set(&[], ada(), &[], vec![]).await;
    assert_eq!(after.unwrap()["entitlements"].as_array().unwrap().len(), 2);
    assert_eq!(calls(&sent), ["GET /v1/people/P-ADA", "GET /v1/licenses", "GET /v1/roles"]);
}

#[tokio::test]
async fn a_licence_is_added_and_removed_by_name() {
    let before = holding(&["FMS", "EE"]);
    let read = || step("GET /people/P-ADA", 200, before.clone());
    let webex =
        Webex::organisation([read(), now(200, &["FMS"]), step("GET /people/P-ADA", 200, holding(&["FMS"]))])
            .await;
    let path = format!("entitlements[value eq \"{}\"]", license("EE"));
    webex.modify("Users", "P-ADA", json!([{"op": "remove", "path": path}])).await.unwrap();
    let sent = webex.sent().await;
    assert_eq!(bodies(&sent, PATCH)[0]["licenses"], json!([{"id": license("EE"), "operation": "remove"}]));

    let webex = Webex::organisation([read(), now(200, &["FMS", "EE", "MS"]), read()]).await;
    let add = json!([{"op": "add", "path": "entitlements", "value": values(&["MS"])}]);
    webex.modify("Users", "P-ADA", add).await.unwrap();
    let sent = webex.sent().await;
    assert_eq!(bodies(&sent, PATCH)[0]["licenses"], json!([{"id": license("MS"), "operation": "add"}]));
}

#[tokio::test]
async fn a_skipped_licence_is_shown_as_missing_or_fails_where_that_is_wanted() {
    for status in [200, 206] {
        let steps = vec![now(status, &["FMS", "FSS"]), step("GET /people/P-ADA", 200, ada())];
        let (after, _) = set(&[], ada(), &["FMS", "FSS", "EE"], steps).await;
        assert_eq!(after.unwrap()["entitlements"].as_array().unwrap().len(), 2, "{status}");

        let steps = vec![now(status, &["FMS", "FSS"])];
        let (after, _) = set(&["strict_licences"], ada(), &["FMS", "FSS", "EE"], steps).await;
        let told = told(&after.unwrap_err());
        assert!(
            told.starts_with(
                "400 invalidValue User P-ADA: entitlements: Webex does not give Webex Meetings Suite"
            ),
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_licence_webex_keeps_spoils_nobody_elses_change() {
    for code in 700_003..=700_006 {
        let steps = vec![
            refused(code),
            now(200, &["FMS", "EE", "MS"]),
            now(200, &["FMS", "MS"]),
            refused(code),
            step("GET /people/P-ADA", 200, holding(&["FMS", "MS", "XX"])),
        ];
        let (after, sent) = set(&[], holding(&["FMS", "EE", "XX"]), &["FMS", "MS"], steps).await;
        assert_eq!(after.unwrap()["entitlements"].as_array().unwrap().len(), 3);
        assert_eq!(bodies(&sent, PATCH).len(), 4, "{sent}");
    }
}

#[tokio::test]
async fn each_code_becomes_a_rule_at_the_entitlements() {
    for (code, rule) in
        [(400_000, "a licence id is not one of the organisation's"), (400_404, "exclude each other")]
    {
        let (after, _) = set(&[], ada(), &["FMS", "EE"], vec![refused(code)]).await;
        let told = told(&after.unwrap_err());
        assert!(
            told.starts_with("400 invalidValue User P-ADA: entitlements: ") && told.contains(rule),
            "{told}"
        );
        assert!(told.contains("– why [tracking id T]"), "{told}");
    }
}

#[tokio::test]
async fn a_calling_licence_comes_with_its_line() {
    let read = step("GET /people/P-BO", 200, bo());
    let given = step(PATCH, 200, json!({"personId": "P-BO", "licenses": [license("BCSTD")]}));
    let webex = Webex::organisation([read, given, step("GET /people/P-BO", 200, bo())]).await;
    let operations = json!([
        {"op": "add", "path": "entitlements", "value": values(&["BCSTD"])},
        {"op": "add", "path": "urn:connector-host:scim:webex:2.0:User:extension", "value": "111"},
        {"op": "add", "path": "urn:connector-host:scim:webex:2.0:User:locationId", "value": "L-BERLIN"},
    ]);
    webex.modify("Users", "P-BO", operations).await.unwrap();
    let sent = webex.sent().await;
    let step = &bodies(&sent, PATCH)[0]["licenses"][0];
    assert_eq!(step["properties"], json!({"locationId": "L-BERLIN", "extension": "111"}));
}

#[tokio::test]
async fn attributes_that_were_changed_before_licences_failed_are_told() {
    let changed = with(ada(), json!({"title": "T"}));
    let steps =
        [step("GET /people/P-ADA", 200, ada()), step("PUT /people/P-ADA", 200, changed), refused(400_000)];
    let webex = Webex::organisation(steps).await;
    let operations = json!([
        {"op": "replace", "path": "title", "value": "T"},
        {"op": "add", "path": "entitlements", "value": values(&["EE"])},
    ]);
    let error = webex.modify("Users", "P-ADA", operations).await.unwrap_err();
    assert!(told(&error).contains("its attributes were changed, but not its licences: "), "{}", told(&error));
    let sent = webex.sent().await;
    assert_eq!(
        bodies(&sent, "PUT /people/P-ADA")[0]["licenses"],
        ada()["licenses"],
        "the PUT carries what is held"
    );
}
