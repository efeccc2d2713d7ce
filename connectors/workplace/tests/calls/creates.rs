//! What is sent to create.

use connector_core::connector::Setting;
use serde_json::{Value, json};

use crate::support::{Community, ENTERPRISE, OWN, mina, mina_v1, on, refusal, step, told, with};

fn user() -> Value {
    json!({
        "userName": "mina@riverbank.example", "externalId": "E-20417", "password": "correct horse",
        "name": {"givenName": "Mina", "familyName": "Okafor"}, "title": "Quay Supervisor", "locale": "en-GB",
        "emails": [{"value": "mina@riverbank.example", "type": "work", "primary": true}],
        "photos": [{"value": "https://x.example/mina.png", "type": "photo"}],
        ENTERPRISE: {"department": "Harbour", "manager": {"value": "1003"}},
        OWN: {"startDate": "2021-01-01T00:00:00Z", "authMethod": "SSO", "frontline": false},
    })
}

/// A person with user name and name, and these members.
fn small(changes: Value) -> Value {
    with(json!({"userName": "mina@riverbank.example", "name": {"formatted": "Mina Okafor"}}), changes)
}

#[tokio::test]
async fn a_person_is_created_in_one_call_without_password_and_without_invitation() {
    let community = Community::answering([step("POST /scim/Users", 201, mina())]).await;
    let created = community.create("Users", user()).await.unwrap();
    assert_eq!((&created["id"], created.get("password")), (&json!("1001"), None));
    insta::assert_snapshot!(community.sent().await);
}

#[tokio::test]
async fn the_first_edition_is_sent_its_own_names() {
    let v1 = [("dialect", Setting::Text("v1".into()))];
    let community = Community::set(&v1, [step("POST /scim/Users", 201, mina_v1())]).await;
    community.create("Users", user()).await.unwrap();
    insta::assert_snapshot!(community.sent().await);
}

#[tokio::test]
async fn an_invitation_goes_to_both_places_where_it_may_count() {
    let community = Community::set(&on("invite"), [step("POST /scim/Users", 201, mina())]).await;
    community.create("Users", small(json!({}))).await.unwrap();
    insta::assert_snapshot!(community.sent().await);

    // The client's word counts more.
    let community = Community::set(&on("invite"), [step("POST /scim/Users", 201, mina())]).await;
    community.create("Users", small(json!({OWN: {"invited": false}}))).await.unwrap();
    let sent = community.sent().await;
    assert!(sent.contains("\"invited\": false") && !sent.contains("\"invited\": true"), "{sent}");
}

#[tokio::test]
async fn a_person_who_came_out_active_is_deactivated_at_once() {
    let off = step("PUT /scim/Users/1001", 200, with(mina(), json!({"active": false})));
    let community = Community::answering([step("POST /scim/Users", 201, mina()), off]).await;
    let created = community.create("Users", small(json!({"active": false}))).await.unwrap();
    assert_eq!(created["active"], false);
    let sent = community.sent().await;
    assert!(sent.ends_with("\"schemas\": [\n    \"urn:ietf:params:scim:schemas:core:2.0:User\"\n  ],\n  \"active\": false\n}\n"), "{sent}");
}

#[tokio::test]
async fn who_has_no_address_is_sent_without_a_user_name() {
    let without = with(mina(), json!({"userName": null, "emails": null}));
    let community = Community::answering([step("POST /scim/Users", 201, without)]).await;
    let created = community
        .create("Users", small(json!({"userName": "E-20417", "externalId": "E-20417"})))
        .await
        .unwrap();
    assert_eq!(created["userName"], "E-20417");
    let sent = community.sent().await;
    assert!(!sent.contains("userName") && sent.contains("\"authMethod\": \"password\""), "{sent}");

    // Whoever names a way of signing in gets that.
    let without = with(mina(), json!({"userName": null, "emails": null}));
    let community = Community::answering([step("POST /scim/Users", 201, without)]).await;
    let own = json!({"userName": "E-20417", "externalId": "E-20417", OWN: {"authMethod": "sso"}});
    community.create("Users", small(own)).await.unwrap();
    let sent = community.sent().await;
    assert!(sent.contains("\"authMethod\": \"sso\"") && !sent.contains("password"), "{sent}");

    let v1 = [("dialect", Setting::Text("v1".into()))];
    let without = with(mina_v1(), json!({"userName": null, "emails": null}));
    let community = Community::set(&v1, [step("POST /scim/Users", 201, without)]).await;
    let own = json!({"userName": "E-20417", "externalId": "E-20417"});
    community.create("Users", small(own)).await.unwrap();
    let sent = community.sent().await;
    assert!(sent.contains("\"auth_method\": \"password\"") && !sent.contains("authMethod"), "{sent}");
}

#[tokio::test]
async fn a_display_name_stands_in_where_there_is_no_name() {
    for name in [json!(null), json!({"honorificPrefix": "Dr."})] {
        let community = Community::answering([step("POST /scim/Users", 201, mina())]).await;
        community.create("Users", small(json!({"name": name, "displayName": "Mina O."}))).await.unwrap();
        let sent = community.sent().await;
        assert!(sent.contains("\"formatted\": \"Mina O.\""), "{sent}");
    }
}

#[tokio::test]
async fn of_several_pictures_the_profiles_or_the_primary_one_is_sent() {
    let of =
        |value: &str, kind: &str, primary: bool| json!({"value": value, "type": kind, "primary": primary});
    for photos in [
        json!([
            of("https://x.example/small.png", "thumbnail", false),
            of("https://x.example/mina.png", "photo", false)
        ]),
        json!([
            of("https://x.example/small.png", "thumbnail", false),
            of("https://x.example/mina.png", "big", true)
        ]),
        json!([{"value": "https://x.example/mina.png"}]),
    ] {
        let community = Community::answering([step("POST /scim/Users", 201, mina())]).await;
        community.create("Users", small(json!({"photos": photos}))).await.unwrap();
        let sent = community.sent().await;
        let one = "\"photos\": [\n    {\n      \"value\": \"https://x.example/mina.png\",\n      \"type\": \"profile\",\n      \
                   \"primary\": true\n    }\n  ]";
        assert!(sent.contains(one), "{sent}");
    }
}

#[tokio::test]
async fn what_cannot_be_a_person_is_refused_before_anything_is_sent() {
    for (changes, answer) in [
        (
            json!({"userName": "mina"}),
            "400 invalidValue User: userName: must be an e-mail address in a verified domain",
        ),
        (json!({"name": {"honorificPrefix": "Dr."}}), "400 invalidValue User: name: is required"),
        (
            json!({OWN: {"claimed": true}}),
            "400 mutability User: urn:connector-host:scim:workplace:2.0:User:claimed: ",
        ),
        (
            json!({OWN: {"authMethod": "smoke"}}),
            "400 invalidValue User: urn:connector-host:scim:workplace:2.0:User:authMethod: must be one of password, sso",
        ),
        (
            json!({ENTERPRISE: {"manager": {"value": "ivo"}}}),
            "400 invalidValue User: urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value: must be a whole number",
        ),
    ] {
        let community = Community::answering([]).await;
        let told = told(&community.create("Users", small(changes)).await.unwrap_err());
        assert!(told.starts_with(answer), "{told}");
        assert_eq!(community.sent().await, "no call\n");
    }
}

#[tokio::test]
async fn a_used_name_is_a_duplicate_whatever_the_status() {
    let community =
        Community::answering([refusal("POST /scim/Users", 409, 100, "(#100) A user exists.")]).await;
    let error = community.create("Users", small(json!({}))).await.unwrap_err();
    assert!(told(&error).starts_with("409 uniqueness User: userName: "), "{error}");

    let found = json!({"totalResults": 1, "Resources": [mina()]});
    let community = Community::answering([
        refusal("POST /scim/Users", 400, 100, "(#100) Something is wrong."),
        step("GET /scim/Users", 200, found),
    ])
    .await;
    let error = community.create("Users", small(json!({}))).await.unwrap_err();
    assert!(told(&error).starts_with("409 uniqueness User: userName: "), "{error}");
    insta::assert_snapshot!(community.sent().await);

    let community = Community::answering([
        refusal("POST /scim/Users", 400, 100, "(#100) Something is wrong."),
        step("GET /scim/Users", 200, json!({"totalResults": 0, "Resources": []})),
    ])
    .await;
    let error = community.create("Users", small(json!({}))).await.unwrap_err();
    assert!(told(&error).starts_with("400 invalidValue User: the target refuses a value"), "{error}");
}
