//! Sections 4.1 and 4.2: making accounts, inviting, claiming, deleting.

use connector_sandbox::workplace::StatusPlace;
use serde_json::{Value, json};

use crate::client::{
    AUTH, ENTERPRISE, FRONTLINE, STATUS, call, delete, get, made, mina, post, put, usual, with,
};

#[tokio::test]
async fn a_create_answers_201_with_the_person() {
    let target = usual().await;
    let person = post(&target, mina()).await.ok(201);
    assert_eq!(target.person(&person["id"].to_string()), Some(person.clone()));
    assert_eq!(target.people().len(), 401);
    assert_eq!(person["emails"][0]["value"], person["userName"], "the address is the login");
}

#[tokio::test]
async fn the_same_in_scim_1() {
    let target = usual().await;
    let enterprise = "urn:scim:schemas:extension:enterprise:1.0";
    let body = json!({
        "schemas": ["urn:scim:schemas:core:1.0", enterprise],
        "userName": "mina.okafor@riverbank.example",
        "name": {"givenName": "Mina", "familyName": "Okafor"},
        enterprise: {"department": "Harbour"},
        "urn:scim:schemas:extension:facebook:auth_method:1.0": {"auth_method": "sso"},
    });
    let made = call(&target, "POST", "/scim/v1/Users", body).await.ok(201);
    assert_eq!(made["name"]["formatted"], "Mina Okafor", "made of its parts");
    let person = target.person(&made["id"].to_string()).unwrap();
    assert_eq!(person[ENTERPRISE]["department"], "Harbour");
    assert_eq!(person[AUTH]["authMethod"], "sso");
}

#[tokio::test]
async fn what_must_be_there() {
    let target = usual().await;
    let without = |name: &str| {
        let mut body = mina();
        body.as_object_mut().unwrap().remove(name);
        body
    };
    assert_eq!(post(&target, without("name")).await.scim(), (400, "(#100) name is required.".into()));
    assert_eq!(post(&target, without("userName")).await.scim(), (400, "(#100) missing email".into()));
    post(&target, with(without("schemas"), json!({"userName": "a@riverbank.example"}))).await.ok(201);
    target.set_options(|options| {
        options.schemas_required = true;
        options.formatted_name_required = true;
    });
    assert_eq!(post(&target, without("schemas")).await.scim().0, 400);
    let parts_only = with(mina(), json!({"name": {"givenName": "Mina"}}));
    assert_eq!(post(&target, parts_only).await.scim(), (400, "(#100) name.formatted is required.".into()));
    post(&target, mina()).await.ok(201);
}

#[tokio::test]
async fn a_user_name_is_an_address_in_a_verified_domain_and_there_once() {
    let target = usual().await;
    let named = |name: &str| with(mina(), json!({"userName": name}));
    assert_eq!(post(&target, named("mina")).await.scim().0, 400);
    let unverified = post(&target, named("mina@elsewhere.example")).await;
    assert!(unverified.scim().1.contains("1789003"));
    target.set_options(|options| options.scim_errors = connector_sandbox::workplace::ScimErrors::Graph);
    let unverified = post(&target, named("mina@elsewhere.example")).await;
    assert_eq!(unverified.graph(), (400, 100));
    assert_eq!(unverified.json()["error"]["error_subcode"], 1_789_003);
    assert!(unverified.json()["error"]["error_user_msg"].is_string());
    target.set_options(|options| options.verified_domains.push("Elsewhere.example".into()));
    post(&target, named("mina@elsewhere.example")).await.ok(201);
    assert_eq!(post(&target, named("MINA@elsewhere.example")).await.graph(), (409, 100));
    target.set_options(|options| options.duplicate_status = 400);
    assert_eq!(post(&target, named("mina@elsewhere.example")).await.status, 400);
}

#[tokio::test]
async fn an_external_id_may_be_there_twice_unless_told_otherwise() {
    let target = usual().await;
    made(&target).await;
    let other = |name: &str| with(mina(), json!({"userName": format!("{name}@riverbank.example")}));
    post(&target, other("a")).await.ok(201);
    target.set_options(|options| options.unique_external_ids = true);
    assert_eq!(post(&target, other("b")).await.scim().0, 409);
}

#[tokio::test]
async fn accounts_without_an_address_have_an_access_code_where_they_are_allowed() {
    let target = usual().await;
    let body = json!({"externalId": "E-1", "name": {"formatted": "Dock Worker"}});
    assert_eq!(post(&target, body.clone()).await.scim().0, 400);
    target.set_options(|options| options.email_less_accounts = true);
    let nobody = json!({"name": {"formatted": "Dock Worker"}});
    assert_eq!(post(&target, nobody).await.scim().0, 400, "externalId is required then");
    let person = post(&target, body).await.ok(201);
    assert!(person[STATUS]["accessCode"].is_string() && person[STATUS]["invited"] == true);
    assert_eq!((person.get("userName"), person.get("emails")), (None, None));
    assert_eq!(person[AUTH]["authMethod"], "password");
}

#[tokio::test]
async fn unknown_names_and_a_password_are_ignored_in_silence() {
    let target = usual().await;
    let extra = json!({
        "password": "correct horse", "externalID": "wrong", "email": "wrong@riverbank.example", "shoeSize": 9,
        "emails": [{"value": "mina.okafor@riverbank.example", "type": "work", "primary": true, "display": "x"}],
    });
    let person = post(&target, with(mina(), extra)).await.ok(201);
    assert_eq!((&person["externalId"], person.get("password")), (&json!("E-90417"), None));
    assert_eq!(person["emails"][0].get("display"), None);
}

#[tokio::test]
async fn wrong_types_are_refused() {
    let target = usual().await;
    for wrong in [
        json!({"title": 7}),
        json!({"name": "Mina"}),
        json!({"active": "true"}),
        json!({"emails": "mina@riverbank.example"}),
        json!({"phoneNumbers": ["+44"]}),
        json!({ENTERPRISE: {"manager": {"managerId": "100071234500001"}}}),
        json!({ENTERPRISE: {"manager": {"managerId": 7}}}),
        json!({crate::client::DATES: {"startDate": "2024-01-01"}}),
        json!({AUTH: {"authMethod": "magic"}}),
        json!({FRONTLINE: {"is_frontline": 1}}),
    ] {
        assert_eq!(post(&target, with(mina(), wrong.clone())).await.scim().0, 400, "{wrong}");
    }
    assert_eq!(target.people().len(), 400);
    target.set_options(|options| {
        options.boolean_text_refused = false;
        options.manager_text_refused = false;
    });
    let manager = target.people()[0].clone();
    let texts = json!({"active": "False", ENTERPRISE: {"manager": {"managerId": manager}}});
    let person = post(&target, with(mina(), texts)).await.ok(201);
    assert_eq!(person["active"], false);
    assert_eq!(person[ENTERPRISE]["manager"]["managerId"].to_string(), manager);
    assert_eq!(post(&target, with(mina(), json!({"active": "no"}))).await.scim().0, 400);
}

#[tokio::test]
async fn a_manager_is_a_number_and_has_a_name_when_read() {
    let target = usual().await;
    let manager = target.people()[0].clone();
    let number: u64 = manager.parse().unwrap();
    let person =
        post(&target, with(mina(), json!({ENTERPRISE: {"manager": {"managerId": number}}}))).await.ok(201);
    let name = target.person(&manager).unwrap()["name"]["formatted"].clone();
    assert_eq!(person[ENTERPRISE]["manager"], json!({"managerId": number, "displayName": name}));
    let id = person["id"].to_string();
    put(&target, &id, json!({ENTERPRISE: {"manager": {"value": "1"}}})).await.ok(200);
    assert_eq!(target.person(&id).unwrap()[ENTERPRISE]["manager"]["managerId"], number, "value is unknown");
    put(&target, &id, json!({ENTERPRISE: {"manager": {"managerId": 0}}})).await.ok(200);
    assert_eq!(target.person(&id).unwrap()[ENTERPRISE].get("manager"), None);
}

#[tokio::test]
async fn an_invitation_comes_with_the_body_or_by_itself() {
    let target = usual().await;
    let invited = |person: &Value| person[STATUS]["invited"].clone();
    let one = post(&target, mina()).await.ok(201);
    assert_eq!(invited(&one), false);
    let named = |name: &str, more: Value| {
        with(with(mina(), json!({"userName": format!("{name}@riverbank.example")})), more)
    };
    let two = post(&target, named("two", json!({STATUS: {"invited": true}}))).await.ok(201);
    assert_eq!(
        (invited(&two), &two[STATUS]["inviteDate"]),
        (json!(true), &json!("2024-06-03T16:00:00+00:00"))
    );
    let three = post(&target, named("three", json!({"invited": true}))).await.ok(201);
    assert_eq!(invited(&three), true, "at the top level too");
    target.set_options(|options| options.status_place = StatusPlace::Extension);
    let four = post(&target, named("four", json!({"invited": true}))).await.ok(201);
    assert_eq!(invited(&four), false);
    target.set_options(|options| options.status_place = StatusPlace::TopLevel);
    let five = post(&target, named("five", json!({STATUS: {"invited": true}}))).await.ok(201);
    assert_eq!(invited(&five), false);
    target.set_options(|options| options.auto_invite = true);
    assert_eq!(invited(&post(&target, named("six", json!({}))).await.ok(201)), true);
}

#[tokio::test]
async fn who_has_come_cannot_be_deleted_not_even_after_being_unclaimed() {
    let target = usual().await;
    let id = made(&target).await;
    let path = format!("/scim2/Users/{id}");
    assert!(!target.claim(&id), "nobody comes uninvited");
    put(&target, &id, json!({STATUS: {"invited": true}})).await.ok(200);
    assert!(target.claim(&id));
    let status = target.person(&id).unwrap()[STATUS].clone();
    assert_eq!((&status["claimed"], &status["canDelete"]), (&json!(true), &json!(false)));
    assert_eq!(delete(&target, &path).await.scim().0, 412);
    put(&target, &id, json!({STATUS: {"claimed": false}})).await.ok(200);
    let status = target.person(&id).unwrap()[STATUS].clone();
    assert_eq!((&status["claimed"], &status["canDelete"]), (&json!(false), &json!(false)));
    assert_eq!(delete(&target, &path).await.scim().0, 412);
    put(&target, &id, json!({STATUS: {"claimed": true}})).await.ok(200);
    assert_eq!(target.person(&id).unwrap()[STATUS]["claimed"], false, "nobody can be made to have come");
}

#[tokio::test]
async fn who_never_came_is_deleted_for_good() {
    let target = usual().await;
    let id = made(&target).await;
    let path = format!("/scim2/Users/{id}");
    let answer = delete(&target, &path).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    assert_eq!(delete(&target, &path).await.scim().0, 404);
    assert_eq!(get(&target, &path).await.scim(), (404, "User not found".into()));
    let again = made(&target).await;
    assert_ne!(again, id);
    target.set_options(|options| options.delete_status = 204);
    assert_eq!(delete(&target, &format!("/scim/v1/Users/{again}")).await.status, 204);
}

#[tokio::test]
async fn whoever_is_deleted_manages_nobody_and_is_in_no_people_set() {
    let target = usual().await;
    let id = made(&target).await;
    let number: u64 = id.parse().unwrap();
    let report = target.people()[5].clone();
    put(&target, &report, json!({ENTERPRISE: {"manager": {"managerId": number}}})).await.ok(200);
    let set = json!({"displayName": "One", "members": [{"value": number}]});
    let set = call(&target, "POST", "/scim2/Groups", set).await.ok(201)["id"].to_string();
    delete(&target, &format!("/scim2/Users/{id}")).await.ok(200);
    assert_eq!(target.person(&report).unwrap()[ENTERPRISE].get("manager"), None);
    assert_eq!(target.people_set(&set).unwrap()["members"], json!([]));
}
