//! Changing people: the whole goes back, and nothing is lost on the way.

use connector_core::error::{Error, Result};
use serde_json::{Value, json};

use crate::support::{Step, Webex, ada, bo, bodies, calls, failure, id, service_account, step, told, with};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn reads(person: &Value) -> Step {
    step(&format!("GET /people/{}", person["id"].as_str().expect("an id")), 200, person.clone())
}

fn writes(person: &Value, answer: Value) -> Step {
    step(&format!("PUT /people/{}", person["id"].as_str().expect("an id")), 200, answer)
}

/// The user as a client read it.
async fn as_read(person: &Value) -> Value {
    let webex = Webex::organisation([reads(person)]).await;
    webex.get("Users", person["id"].as_str().expect("an id")).await.expect("a user")
}

async fn patched(person: &Value, steps: Vec<Step>, operations: Value) -> (Result<Value>, String) {
    let webex = Webex::organisation([reads(person)].into_iter().chain(steps)).await;
    let after = webex.modify("Users", person["id"].as_str().expect("an id"), operations).await;
    (after, webex.sent().await)
}

fn replace(path: &str, value: Value) -> Value {
    json!([{"op": "replace", "path": path, "value": value}])
}

/// The PUT for one change of `person`, answered with `now`.
async fn put(person: Value, operations: Value, now: Value) -> Value {
    let (after, sent) = patched(&person, vec![writes(&person, now)], operations).await;
    after.unwrap_or_else(|error| panic!("{}", told(&error)));
    let path = format!("PUT /people/{}", person["id"].as_str().expect("an id"));
    bodies(&sent, &path).pop().expect("a PUT")
}

async fn refusal(person: &Value, steps: Vec<Step>, operations: Value) -> (Error, String) {
    let (after, sent) = patched(person, steps, operations).await;
    (after.expect_err("must be refused"), sent)
}

#[tokio::test]
async fn a_change_carries_everything_else_along() {
    let person = ada();
    let now = with(ada(), json!({"title": "Head of Research"}));
    let (after, sent) =
        patched(&person, vec![writes(&person, now)], replace("title", json!("Head of Research"))).await;
    assert_eq!(after.unwrap()["title"], "Head of Research");
    insta::assert_snapshot!(sent);
}

#[tokio::test]
async fn a_put_of_what_was_read_sends_no_write() {
    for person in [ada(), bo(), service_account(), with(ada(), json!({"loginEnabled": false}))] {
        let read = as_read(&person).await;
        let webex = Webex::organisation([reads(&person)]).await;
        let after = webex.replace("Users", person["id"].as_str().unwrap(), read.clone()).await.unwrap();
        assert_eq!(after, read);
        webex.sent().await;
    }
}

#[tokio::test]
async fn a_put_that_omits_what_is_not_the_clients_keeps_it() {
    let mut body = as_read(&ada()).await;
    let object = body.as_object_mut().unwrap();
    for name in [
        "active",
        "roles",
        "entitlements",
        "phoneNumbers",
        "photos",
        "urn:connector-host:scim:webex:2.0:User",
    ] {
        object.remove(name).expect(name);
    }
    let webex = Webex::organisation([reads(&ada())]).await;
    webex.replace("Users", "P-ADA", body).await.unwrap();
    webex.sent().await;
}

#[tokio::test]
async fn a_put_that_omits_attributes_clears_them() {
    let mut body = as_read(&ada()).await;
    for name in ["title", "addresses", ENTERPRISE] {
        body.as_object_mut().unwrap().remove(name).expect(name);
    }
    let webex = Webex::organisation([reads(&ada()), writes(&ada(), ada())]).await;
    webex.replace("Users", "P-ADA", body).await.unwrap();
    let sent = webex.sent().await;
    let put = &bodies(&sent, "PUT /people/P-ADA")[0];
    for name in ["title", "department", "managerId", "manager"] {
        assert_eq!(put[name], "", "{name}");
    }
    assert_eq!(put["addresses"], json!([]));
    assert_eq!(put["firstName"], "Ada");
}

#[tokio::test]
async fn each_attribute_goes_to_its_own_field() {
    for (path, value, field, sent) in [
        ("displayName", json!("A. Quill"), "displayName", json!("A. Quill")),
        ("name.formatted", json!("A. Quill"), "displayName", json!("A. Quill")),
        ("name.givenName", json!("Adele"), "firstName", json!("Adele")),
        ("name.familyName", json!("Q"), "lastName", json!("Q")),
        ("userName", json!("a.q@acme-demo.example"), "emails", json!(["a.q@acme-demo.example"])),
        (
            "emails[type eq \"work\"].value",
            json!("a.q@acme-demo.example"),
            "emails",
            json!(["a.q@acme-demo.example"]),
        ),
        (
            "photos[type eq \"photo\"].value",
            json!("https://a.example/b.png"),
            "avatar",
            json!("https://a.example/b.png"),
        ),
        (&format!("{ENTERPRISE}:department"), json!("Sales"), "department", json!("Sales")),
        (
            "phoneNumbers[type eq \"work\"].value",
            json!("+4930555099"),
            "phoneNumbers",
            json!([{"type": "work", "value": "+4930555099"}]),
        ),
        ("urn:connector-host:scim:webex:2.0:User:extension", json!("199"), "extension", json!("199")),
    ] {
        let now = with(ada(), json!({field: sent.clone()}));
        let body = put(ada(), replace(path, value), now).await;
        assert_eq!(body[field], sent, "{path}");
        // An earlier connector wrote the display name into the family name.
        if field != "lastName" {
            assert_eq!(body["lastName"], "Quill", "{path}");
        }
    }
}

#[tokio::test]
async fn a_new_manager_is_written_with_the_name() {
    let person = with(ada(), json!({"manager": null, "managerId": null}));
    let steps = vec![reads(&bo()), writes(&person, ada())];
    let (after, sent) =
        patched(&person, steps, replace(&format!("{ENTERPRISE}:manager"), json!({"value": "P-BO"}))).await;
    after.unwrap();
    let body = &bodies(&sent, "PUT /people/P-ADA")[0];
    assert_eq!((&body["managerId"], &body["manager"]), (&json!("P-BO"), &json!("Bo Tern")));
}

#[tokio::test]
async fn roles_are_replaced_as_a_whole_and_an_unknown_one_is_a_bad_value() {
    let both = json!([id("ROLE", "id_user_admin"), id("ROLE", "id_device_admin")]);
    let add = json!([{"op": "add", "path": "roles", "value": [{"value": id("ROLE", "id_device_admin")}]}]);
    let body = put(ada(), add.clone(), with(ada(), json!({"roles": both}))).await;
    assert_eq!((&body["roles"], &body["licenses"]), (&both, &ada()["licenses"]));

    let steps = vec![failure("PUT /people/P-ADA", 400, "The role cannot be assigned."), reads(&ada())];
    let (error, _) = refusal(&ada(), steps, add).await;
    assert!(told(&error).starts_with("400 invalidValue User P-ADA: roles: "), "{}", told(&error));
}

#[tokio::test]
async fn a_deactivation_is_sent_although_an_invited_person_cannot_sign_in() {
    let body = put(bo(), replace("active", json!(false)), bo()).await;
    assert_eq!(body["loginEnabled"], false);
    let body = put(ada(), replace("active", json!(false)), with(ada(), json!({"loginEnabled": false}))).await;
    assert_eq!(body["loginEnabled"], false);
    let blocked = with(ada(), json!({"loginEnabled": false}));
    let body = put(blocked.clone(), replace("active", json!("True")), ada()).await;
    assert_eq!(body["loginEnabled"], true);
    // Nobody asks: nothing is said about it.
    let body = put(blocked, replace("title", json!("T")), ada()).await;
    assert_eq!(body.get("loginEnabled"), None);
}

#[tokio::test]
async fn the_account_that_consented_is_not_blocked() {
    let (error, sent) = refusal(&service_account(), vec![], replace("active", json!(false))).await;
    assert!(told(&error).starts_with("403 - User P-ME: is the account that consented"), "{}", told(&error));
    assert!(!sent.contains("PUT"), "{sent}");
}

#[tokio::test]
async fn a_put_answered_without_a_body_is_read_again() {
    let person = ada();
    let now = with(ada(), json!({"title": "T"}));
    let steps = vec![step("PUT /people/P-ADA", 204, Value::Null), reads(&now)];
    let (after, _) = patched(&person, steps, replace("title", json!("T"))).await;
    assert_eq!(after.unwrap()["title"], "T");
}

#[tokio::test]
async fn an_error_that_made_the_change_all_the_same_is_a_success() {
    let now = with(ada(), json!({"title": "T"}));
    let steps = vec![failure("PUT /people/P-ADA", 400, "A licence cannot be removed."), reads(&now)];
    let (after, _) = patched(&ada(), steps, replace("title", json!("T"))).await;
    assert_eq!(after.unwrap()["title"], "T");
}

#[tokio::test]
async fn an_error_that_made_a_part_of_the_change_names_what_holds() {
    let now = with(ada(), json!({"title": "T"}));
    let steps = vec![failure("PUT /people/P-ADA", 400, "The role cannot be assigned."), reads(&now)];
    let operations = json!([{"op": "replace", "path": "title", "value": "T"}, {"op": "replace", "path": "roles", "value": []}]);
    let (error, _) = refusal(&ada(), steps, operations).await;
    assert!(told(&error).contains("title changed, but not roles: "), "{}", told(&error));
}

#[tokio::test]
async fn an_error_that_changed_nothing_is_told_as_it_is() {
    let steps = vec![failure("PUT /people/P-ADA", 400, "no"), reads(&ada())];
    let (error, _) = refusal(&ada(), steps, replace("title", json!("T"))).await;
    assert!(
        told(&error).starts_with("400 invalidValue User P-ADA: Webex refuses a value (change person)"),
        "{}",
        told(&error)
    );

    let steps = vec![failure("PUT /people/P-ADA", 409, "taken"), reads(&ada())];
    let (error, _) = refusal(&ada(), steps, replace("userName", json!("bo.tern@acme-demo.example"))).await;
    assert!(told(&error).starts_with("409 uniqueness User P-ADA: userName: "), "{}", told(&error));
}

#[tokio::test]
async fn a_missing_scope_or_role_is_named() {
    let steps = vec![failure("PUT /people/P-ADA", 403, "no")];
    let (error, _) = refusal(&ada(), steps, replace("title", json!("T"))).await;
    let told = told(&error);
    assert!(
        told.contains("`spark-admin:people_write`") && told.contains("no Full or User Administrator"),
        "{told}"
    );
}

#[tokio::test]
async fn a_person_who_is_shown_in_part_is_not_put_back() {
    let person = with(ada(), json!({"errors": {"licenses": {"code": "8000", "reason": "not read"}}}));
    let (error, sent) = refusal(&person, vec![], replace("title", json!("T"))).await;
    assert!(told(&error).contains("in part only (licenses: not read)"), "{}", told(&error));
    assert!(!sent.contains("PUT"), "{sent}");
}

#[tokio::test]
async fn a_display_name_that_goes_is_made_of_the_names() {
    let gone =
        || json!([{"op": "remove", "path": "displayName"}, {"op": "remove", "path": "name.formatted"}]);
    let (after, sent) = patched(&ada(), vec![], gone()).await;
    assert_eq!(after.unwrap()["displayName"], "Ada Quill", "{sent}");
    assert!(!sent.contains("PUT"), "Webex shows that name already");
    let shown = with(ada(), json!({"displayName": "The Countess"}));
    let body = put(shown, gone(), ada()).await;
    assert_eq!(body["displayName"], "Ada Quill");
}

#[tokio::test]
async fn what_webex_takes_of_calling_users_only_is_neither_sent_nor_claimed() {
    let phones =
        json!([{"op": "add", "path": "phoneNumbers", "value": [{"type": "work", "value": "+4930555011"}]}]);
    let (after, sent) = patched(&bo(), vec![], phones).await;
    assert!(after.unwrap().get("phoneNumbers").is_none());
    assert_eq!(calls(&sent), ["GET /v1/people/P-BO"]);
    // A mobile number of a Calling user is not written either.
    let mobile =
        json!([{"op": "add", "path": "phoneNumbers", "value": [{"type": "mobile", "value": "+491"}]}]);
    let (after, sent) = patched(&ada(), vec![], mobile).await;
    assert_eq!(after.unwrap()["phoneNumbers"].as_array().unwrap().len(), 2);
    assert!(!sent.contains("PUT"), "{sent}");
}

#[tokio::test]
async fn the_location_of_a_calling_user_cannot_be_changed() {
    let (error, sent) = refusal(
        &ada(),
        vec![],
        replace("urn:connector-host:scim:webex:2.0:User:locationId", json!("L-ROME")),
    )
    .await;
    assert!(told(&error).starts_with("400 mutability User P-ADA: "), "{}", told(&error));
    assert!(!sent.contains("PUT"), "{sent}");
}

#[tokio::test]
async fn of_several_addresses_none_is_made_the_first_by_accident() {
    let person = with(ada(), json!({"emails": ["old@acme-demo.example", "ada.quill@acme-demo.example"]}));
    let body = put(person.clone(), replace("title", json!("T")), ada()).await;
    assert_eq!(body.get("emails"), None);
    let body = put(person, replace("userName", json!("new@acme-demo.example")), ada()).await;
    assert_eq!(body["emails"], json!(["new@acme-demo.example", "ada.quill@acme-demo.example"]));
}

#[tokio::test]
async fn licences_the_target_did_not_name_are_not_emptied() {
    let person = with(bo(), json!({"licenses": null, "roles": null}));
    let body = put(person, replace("title", json!("T")), bo()).await;
    assert_eq!((body.get("licenses"), body.get("roles")), (None, None));
    let body = put(bo(), replace("title", json!("T")), bo()).await;
    assert_eq!((&body["licenses"], &body["roles"]), (&json!([]), &json!([])));
}
