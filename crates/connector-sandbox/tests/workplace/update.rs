//! Section 4.2: PUT, which merges.

use connector_sandbox::workplace::ReadOnlyMembers;
use serde_json::{Value, json};

use crate::client::{AUTH, DATES, ENTERPRISE, FRONTLINE, STATUS, V1, call, made, mina, put, usual, with};

#[tokio::test]
async fn a_put_keeps_what_it_leaves_out() {
    let target = usual().await;
    let id = made(&target).await;
    let before = target.person(&id).unwrap();
    let changed = put(&target, &id, json!({"title": "Harbour Master"})).await.ok(200);
    assert_eq!(with(changed, json!({"title": "Quay Supervisor"})), before);
    put(&target, &id, json!({ENTERPRISE: {"costCenter": "CC-1"}})).await.ok(200);
    let enterprise = target.person(&id).unwrap()[ENTERPRISE].clone();
    assert_eq!(enterprise, json!({"employeeNumber": "90417", "department": "Harbour", "costCenter": "CC-1"}));

    target.set_options(|options| options.put_merges = false);
    let body = json!({"userName": "mina.okafor@riverbank.example", "name": {"formatted": "Mina"}});
    let replaced = put(&target, &id, body).await.ok(200);
    assert_eq!((replaced.get("title"), replaced.get(ENTERPRISE)), (None, None));
    assert_eq!(replaced["name"], json!({"formatted": "Mina"}));
}

#[tokio::test]
async fn leaving_active_out_may_deactivate() {
    let target = usual().await;
    let id = made(&target).await;
    let active = async |body: Value| put(&target, &id, body).await.ok(200)["active"].clone();
    assert_eq!(active(json!({"active": false})).await, false);
    assert_eq!(active(json!({"title": "x"})).await, false, "it stays as it was");
    assert_eq!(active(json!({"active": true})).await, true);
    target.set_options(|options| options.put_without_active_deactivates = true);
    assert_eq!(active(json!({"active": true, "title": "y"})).await, true);
    assert_eq!(active(json!({"title": "z"})).await, false);
}

#[tokio::test]
async fn an_empty_value_clears_and_null_does_not_or_the_other_way_round() {
    let target = usual().await;
    let id = made(&target).await;
    let refill = async || {
        put(
            &target,
            &id,
            json!({"title": "x", "phoneNumbers": [{"value": "+44"}], ENTERPRISE: {"department": "y"}}),
        )
        .await
        .ok(200)
    };
    let held = async |body: Value| {
        refill().await;
        let person = put(&target, &id, body).await.ok(200);
        let there = |value: &Value| !value.is_null();
        (there(&person["title"]), there(&person["phoneNumbers"]), there(&person[ENTERPRISE]["department"]))
    };
    let empty = || json!({"title": "", "phoneNumbers": [], ENTERPRISE: {"department": ""}});
    let null = || json!({"title": null, "phoneNumbers": null, ENTERPRISE: {"department": null}});
    assert_eq!(held(empty()).await, (false, false, false));
    assert_eq!(held(null()).await, (true, true, true));
    target.set_options(|options| {
        options.empty_value_clears = false;
        options.null_clears = true;
    });
    assert_eq!(held(empty()).await, (true, true, true));
    assert_eq!(held(null()).await, (false, false, false));
    let manager: u64 = target.people()[0].parse().unwrap();
    put(&target, &id, json!({ENTERPRISE: {"manager": {"managerId": manager}}})).await.ok(200);
    put(&target, &id, json!({ENTERPRISE: {"manager": {"managerId": 0}}})).await.ok(200);
    assert_eq!(target.person(&id).unwrap()[ENTERPRISE]["manager"]["managerId"], manager);
    put(&target, &id, json!({ENTERPRISE: {"manager": null}})).await.ok(200);
    assert_eq!(target.person(&id).unwrap()[ENTERPRISE].get("manager"), None);
    let login = put(&target, &id, json!({"userName": null})).await;
    assert_eq!(login.scim(), (400, "(#100) missing email".into()), "a login cannot be cleared");
}

#[tokio::test]
async fn lists_are_replaced_or_merged_by_type() {
    let target = usual().await;
    let id = made(&target).await;
    let mobile = json!({"phoneNumbers": [{"value": "+447700900123", "type": "mobile"}]});
    let phones = put(&target, &id, mobile.clone()).await.ok(200)["phoneNumbers"].clone();
    assert_eq!(phones, mobile["phoneNumbers"]);
    target.set_options(|options| options.put_merges_lists = true);
    let work = json!({"phoneNumbers": [{"value": "+441632960999", "type": "work"}]});
    let phones = put(&target, &id, work).await.ok(200)["phoneNumbers"].clone();
    let types: Vec<_> = phones.as_array().unwrap().iter().map(|phone| phone["type"].clone()).collect();
    assert_eq!(types, ["mobile", "work"]);
}

#[tokio::test]
async fn a_read_cannot_be_sent_back_as_it_is() {
    let target = usual().await;
    let id = made(&target).await;
    let path = format!("{V1}Users/{id}");
    let read = call(&target, "GET", &path, Value::Null).await.ok(200);
    assert_eq!(call(&target, "PUT", &path, read.clone()).await.status, 400);
    let status = "urn:scim:schemas:extension:facebook:accountstatusdetails:1.0";
    for (name, told) in [("id", "id cannot"), ("groups", "groups cannot"), (status, "canDelete cannot")] {
        let refused = call(&target, "PUT", &path, json!({name: read[name]})).await;
        let text = refused.ok(400)["Errors"][0]["description"].clone();
        assert!(text.as_str().unwrap().contains(told), "{text}");
    }
    target.set_options(|options| options.read_only_members = ReadOnlyMembers::Ignored);
    let answer = call(&target, "PUT", &path, read.clone()).await.ok(200);
    assert_eq!(answer, read);
}

#[tokio::test]
async fn a_changed_user_name_is_another_login() {
    let target = usual().await;
    let id = made(&target).await;
    put(&target, &id, json!({"userName": "mina.brandt@riverbank.example", "active": true})).await.ok(200);
    let found = async |name: &str| {
        let path = format!("/scim2/Users?filter=userName%20eq%20%22{name}@riverbank.example%22");
        call(&target, "GET", &path, Value::Null).await.ok(200)["totalResults"].clone()
    };
    assert_eq!((found("mina.okafor").await, found("mina.brandt").await), (json!(0), json!(1)));
    assert_eq!(put(&target, &id, json!({"userName": "ivo.brandt@riverbank.example"})).await.scim().0, 409);
    put(&target, &id, json!({"userName": "MINA.brandt@riverbank.example"})).await.ok(200);
}

#[tokio::test]
async fn the_name_that_is_shown_stays_unless_it_follows_its_parts() {
    let target = usual().await;
    let id = made(&target).await;
    let shown = async |name: Value| {
        put(&target, &id, json!({"name": name})).await.ok(200)["name"]["formatted"].clone()
    };
    assert_eq!(shown(json!({"familyName": "Brandt"})).await, "Mina Okafor");
    target.set_options(|options| options.formatted_follows_parts = true);
    assert_eq!(shown(json!({"middleName": "B."})).await, "Mina B. Brandt");
    assert_eq!(shown(json!({"formatted": "Mina", "familyName": "Okafor"})).await, "Mina");
}

#[tokio::test]
async fn the_extensions_are_written() {
    let target = usual().await;
    let id = made(&target).await;
    let body = json!({
        DATES: {"startDate": 1_609_459_200, "termDate": 1_893_456_000},
        AUTH: {"authMethod": "sso"},
        FRONTLINE: {"is_frontline": true},
        STATUS: {"invited": true},
    });
    let person = put(&target, &id, body).await.ok(200);
    assert_eq!(person[DATES], json!({"startDate": 1_609_459_200, "termDate": 1_893_456_000}));
    assert_eq!(
        (&person[AUTH]["authMethod"], &person[FRONTLINE]["is_frontline"]),
        (&json!("sso"), &json!(true))
    );
    assert_eq!(person[STATUS]["invited"], true);
    let person = put(&target, &id, json!({STATUS: {"invited": false}})).await.ok(200);
    assert_eq!(person[STATUS]["invited"], false);
}

#[tokio::test]
async fn the_urns_of_scim_1_work_in_scim_2_or_are_ignored() {
    let target = usual().await;
    let id = made(&target).await;
    let dates =
        |start: i64| json!({"urn:scim:schemas:extension:facebook:starttermdates:1.0": {"startDate": start}});
    assert_eq!(put(&target, &id, dates(5)).await.ok(200)[DATES]["startDate"], 5);
    target.set_options(|options| options.v1_urns_in_v2 = false);
    assert_eq!(put(&target, &id, dates(6)).await.ok(200)[DATES]["startDate"], 5);
}

#[tokio::test]
async fn a_body_must_be_an_object_and_the_person_be_there() {
    let target = usual().await;
    let id = made(&target).await;
    assert_eq!(put(&target, &id, json!([])).await.scim().0, 400);
    assert_eq!(put(&target, "1", mina()).await.scim().0, 404);
    assert_eq!(call(&target, "POST", &format!("/scim/v1/Users/{id}"), mina()).await.status, 405);
}
