//! Creating users.

use serde_json::{Value, json};

use crate::support::{ENTERPRISE, Slack, Step, ada, full, grace, step, told, with};

/// The least a new user needs, for a name.
fn named(user_name: &str) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": user_name,
           "emails": [{"value": "ada.l@acme.example", "type": "work", "primary": true}]})
}

async fn created(steps: Vec<Step>, body: Value) -> (Value, String) {
    let slack = Slack::answering(steps).await;
    let user = slack.create("Users", body).await.unwrap_or_else(|error| panic!("{}", told(&error)));
    (user, slack.sent().await)
}

/// What is told about a body that is refused before any call.
async fn refused(body: Value) -> String {
    let slack = Slack::answering([]).await;
    let told = told(&slack.create("Users", body).await.expect_err("must be refused"));
    assert_eq!(slack.sent().await, "no call\n");
    told
}

/// The name that is sent for `body`.
async fn name_sent(body: Value) -> (Value, Value) {
    let slack = Slack::answering([step("POST /Users", 201, ada())]).await;
    slack.create("Users", body).await.unwrap_or_else(|error| panic!("{}", told(&error)));
    let sent = slack.sent().await;
    let body: Value = serde_json::from_str(&sent[sent.find("\n{").expect("a body")..]).expect("JSON");
    (body["userName"].clone(), body["nickName"].clone())
}

#[tokio::test]
async fn a_minimal_user_is_one_call() {
    let (user, sent) = created(vec![step("POST /Users", 201, ada())], named("ada.l")).await;
    assert_eq!((&user["id"], &user["userName"]), (&json!("W01EXAMPLE1"), &json!("ada.l")));
    insta::assert_snapshot!(sent);
}

#[tokio::test]
async fn everything_the_table_maps_is_sent() {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "externalId": "42", "userName": "grace.h", "nickName": "grace.h",
        "name": {"givenName": "Grace", "familyName": "Hopper", "honorificPrefix": "Dr", "formatted": "Dr Grace Hopper"},
        "displayName": "Grace H", "profileUrl": "https://people.acme.example/grace", "title": "Compiler lead",
        "timezone": "Asia/Tokyo", "active": true, "userType": "Employee", "preferredLanguage": "en_GB", "locale": "en_GB",
        "emails": [{"value": "grace@home.example", "type": "home"}, {"value": "grace.h@acme.example", "type": "work", "primary": true}],
        "phoneNumbers": [{"value": "+44 7700 900001", "type": "mobile"}, {"value": "+44 20 7000 0001", "type": "work", "primary": true}],
        "addresses": [{"type": "work", "streetAddress": "12 Engine Row", "locality": "London", "region": "LDN",
                       "postalCode": "N1 1AA", "country": "GB", "formatted": "12 Engine Row, London"}],
        "roles": [{"value": "Team lead", "primary": true}],
        "photos": [{"value": "https://avatars.example/grace.jpg", "type": "photo"}],
        "ims": [{"value": "x", "type": "xmpp"}],
        ENTERPRISE: {"employeeNumber": "1815", "costCenter": "7", "organization": "Acme", "division": "R&D",
                     "department": "Analysis", "manager": {"value": "W01EXAMPLE1"}},
    });
    let (_, sent) = created(vec![step("POST /Users", 201, full())], body).await;
    insta::assert_snapshot!(sent);
}

#[tokio::test]
async fn a_user_created_inactive_is_created_and_then_deactivated() {
    let steps = vec![
        step("POST /Users", 201, ada()),
        step("PATCH /Users/W01EXAMPLE1", 200, with(ada(), json!({"active": false}))),
    ];
    let (user, sent) = created(steps, with(named("ada.l"), json!({"active": false}))).await;
    assert_eq!(user["active"], false);
    insta::assert_snapshot!(sent);
}

#[tokio::test]
async fn a_failing_deactivation_says_that_the_user_was_created() {
    let slack = Slack::answering([
        step("POST /Users", 201, ada()),
        crate::support::failure("PATCH /Users/W01EXAMPLE1", 403, "permission_denied"),
    ])
    .await;
    let body = with(named("ada.l"), json!({"active": false}));
    let told = told(&slack.create("Users", body).await.unwrap_err());
    assert!(
        told.starts_with("403 - User: was created as W01EXAMPLE1, but not all of it could be set (active)"),
        "{told}"
    );
}

#[tokio::test]
async fn special_characters_become_underscores_before_slack_makes_them_so() {
    for (name, sent) in [
        ("Ada.L", "ada.l"),
        ("ada lovelace", "ada_lovelace"),
        ("O'Neil+1", "o_neil_1"),
        ("Jürgen", "j_rgen"),
        ("ada.l@acme.example", "ada.l"),
    ] {
        assert_eq!(name_sent(named(name)).await, (json!(sent), json!(sent)), "{name}");
    }
}

#[tokio::test]
async fn the_client_sees_the_name_it_wrote_and_slacks_own_as_the_nick_name() {
    let (user, _) = created(vec![step("POST /Users", 201, ada())], named("Ada.L@acme.example")).await;
    assert_eq!((&user["userName"], &user["nickName"]), (&json!("Ada.L@acme.example"), &json!("ada.l")));
}

#[tokio::test]
async fn the_nick_name_wins_over_the_user_name() {
    let body = with(named("ada.lovelace"), json!({"nickName": "Countess"}));
    assert_eq!(name_sent(body).await, (json!("countess"), json!("countess")));
}

#[tokio::test]
async fn a_name_over_21_characters_is_refused_before_any_call() {
    assert_eq!(
        refused(named("ada.lovelace.of.london")).await,
        "400 invalidValue User: userName: may have at most 21 characters"
    );
    assert_eq!(
        refused(with(named("ada"), json!({"displayName": "x".repeat(81)}))).await,
        "400 invalidValue User: displayName: may have at most 80 characters"
    );
}

#[tokio::test]
async fn what_is_mandatory_is_asked_for_before_any_call() {
    let user = |changes: Value| with(named("ada"), changes);
    for (body, missing) in [
        (user(json!({"userName": null})), "userName"),
        (user(json!({"userName": ""})), "userName"),
        (user(json!({"emails": null})), "emails.value"),
        (user(json!({"emails": []})), "emails.value"),
        (user(json!({"emails": [{"type": "work"}]})), "emails.value"),
        (user(json!({"emails": [{"value": "", "type": "work"}]})), "emails.value"),
    ] {
        assert_eq!(
            refused(body.clone()).await,
            format!("400 invalidValue User: {missing}: is required"),
            "{body}"
        );
    }
}

#[tokio::test]
async fn two_roles_are_refused_since_slack_would_drop_one() {
    let body = with(named("ada"), json!({"roles": [{"value": "a", "primary": true}, {"value": "b"}]}));
    assert_eq!(refused(body).await, "400 invalidValue User: roles: the target holds one at most");
}

#[tokio::test]
async fn more_e_mails_phones_addresses_or_photos_than_slack_holds_are_refused() {
    let many =
        |count: usize| json!((0..count).map(|n| json!({"value": format!("v{n}@x")})).collect::<Vec<_>>());
    for (name, value, most) in [
        ("emails", many(3), "2"),
        ("phoneNumbers", many(3), "2"),
        ("photos", many(2), "one"),
        ("addresses", json!([{"locality": "Oslo"}, {"locality": "Rome"}]), "one"),
    ] {
        let told = refused(with(named("ada"), json!({name: value}))).await;
        assert_eq!(told, format!("400 invalidValue User: {name}: the target holds {most} at most"));
    }
}

#[tokio::test]
async fn phones_are_sent_as_a_pair_without_types_since_slack_swaps_those() {
    let phones = json!([{"value": "+44 7700 900001", "type": "mobile", "primary": true},
                        {"value": "+44 20 7000 0001", "type": "work"}]);
    let held = with(ada(), json!({"phoneNumbers": full()["phoneNumbers"]}));
    let body = with(named("ada.l"), json!({"phoneNumbers": phones}));
    let (_, sent) = created(vec![step("POST /Users", 201, held)], body).await;
    insta::assert_snapshot!(sent);
}

#[tokio::test]
async fn an_only_mobile_phone_is_sent_as_work_since_slack_would_file_it_as_the_office_one() {
    let mobile = json!([{"value": "+44 7700 900001", "type": "mobile"}]);
    let held = with(ada(), json!({"phoneNumbers": [{"value": "+44 7700 900001", "type": "mobile"}]}));
    let body = with(named("ada.l"), json!({"phoneNumbers": mobile}));
    let (user, sent) = created(vec![step("POST /Users", 201, held)], body).await;
    assert_eq!(user["phoneNumbers"], mobile);
    insta::assert_snapshot!(sent);
}

#[tokio::test]
async fn custom_values_slack_dropped_in_silence_are_set_once_more() {
    let body = with(
        named("grace.h"),
        json!({"userType": "Employee", "emails": [{"value": "grace.h@acme.example", "primary": true}],
               ENTERPRISE: {"department": "Analysis", "manager": {"value": "W01EXAMPLE1"}}}),
    );
    let repaired = with(
        grace(),
        json!({"userType": "Employee",
               "urn:scim:schemas:extension:enterprise:1.0": {"department": "Analysis", "manager": {"managerId": "W01EXAMPLE1"}}}),
    );
    let (user, sent) = created(
        vec![step("POST /Users", 201, grace()), step("PATCH /Users/W01EXAMPLE2", 200, repaired)],
        body,
    )
    .await;
    assert_eq!(user[ENTERPRISE]["department"], "Analysis");
    insta::assert_snapshot!(sent);
}

#[tokio::test]
async fn custom_values_slack_drops_again_are_not_tried_for_ever() {
    let body = with(
        named("grace.h"),
        json!({"userType": "Employee",
        "emails": [{"value": "grace.h@acme.example", "primary": true}]}),
    );
    let (user, _) = created(
        vec![step("POST /Users", 201, grace()), step("PATCH /Users/W01EXAMPLE2", 200, grace())],
        body,
    )
    .await;
    assert_eq!(user.get("userType"), None, "the answer says what Slack holds");
}

#[tokio::test]
async fn lists_slack_dropped_are_repaired_by_one_replacement() {
    let body = with(
        named("grace.h"),
        json!({
        "emails": [{"value": "grace.h@acme.example", "type": "work", "primary": true}, {"value": "grace@home.example", "type": "home"}],
        "roles": [{"value": "Team lead", "primary": true}]}),
    );
    let repaired = with(grace(), json!({"emails": full()["emails"], "roles": full()["roles"]}));
    let (user, sent) =
        created(vec![step("POST /Users", 201, grace()), step("PUT /Users/W01EXAMPLE2", 200, repaired)], body)
            .await;
    assert_eq!(user["roles"], json!([{"value": "Team lead", "primary": true}]));
    insta::assert_snapshot!(sent);
}

#[tokio::test]
async fn values_slack_changes_on_its_own_are_no_reason_for_a_second_call() {
    let body = with(
        named("ada.l"),
        json!({"photos": [{"value": "https://img.acme.example/ada.png", "type": "photo"}],
        "displayName": "Ada", "title": "Analyst", "timezone": "Europe/London"}),
    );
    let (_, sent) = created(vec![step("POST /Users", 201, ada())], body).await;
    assert_eq!(sent.matches("scim/v1").count(), 1, "the picture appears later; the rest is no custom field");
}

#[tokio::test]
async fn a_password_is_taken_at_creation_and_never_answered() {
    let body = with(named("ada.l"), json!({"password": "first-day"}));
    let (user, sent) =
        created(vec![step("POST /Users", 201, with(ada(), json!({"password": "first-day"})))], body).await;
    assert!(sent.contains("\"password\": \"first-day\""));
    assert_eq!(user.get("password"), None);
}
