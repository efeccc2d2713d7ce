//! What clients see of Slack's users.

use serde_json::{Value, json};

use crate::support::{ENTERPRISE, OWN, Slack, ada, full, grace, guest, step, told, with};

async fn read(user: Value) -> Value {
    let id = user["id"].as_str().expect("an id").to_owned();
    let slack = Slack::answering([step(&format!("GET /Users/{id}"), 200, user)]).await;
    slack.get("Users", &id).await.unwrap_or_else(|error| panic!("{}", told(&error)))
}

#[tokio::test]
async fn null_fillers_become_no_fake_addresses_phones_roles_or_extension() {
    let user = read(grace()).await;
    for fake in ["addresses", "phoneNumbers", "roles", "userType", "preferredLanguage", "locale", ENTERPRISE]
    {
        assert_eq!(user.get(fake), None, "{fake}");
    }
    assert_eq!(user["name"], json!({"givenName": "Grace", "familyName": "Hopper"}));
    assert_eq!(user["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:User"]));
}

#[tokio::test]
async fn an_empty_second_e_mail_is_no_e_mail() {
    let user = read(grace()).await;
    assert_eq!(user["emails"], json!([{"value": "grace.h@acme.example", "type": "work", "primary": true}]));
}

#[tokio::test]
async fn empty_texts_and_an_empty_external_id_are_left_out() {
    let user = read(ada()).await;
    assert_eq!((user.get("title"), user.get("externalId")), (None, None));
}

#[tokio::test]
async fn phone_types_come_back_as_they_are_meant_not_swapped() {
    let user = read(full()).await;
    assert_eq!(
        user["phoneNumbers"],
        json!([{"value": "+44 7700 900001", "type": "mobile"},
               {"value": "+44 20 7000 0001", "type": "work", "primary": true}])
    );
}

#[tokio::test]
async fn pacific_timestamps_are_answered_in_utc() {
    let user = read(ada()).await;
    assert_eq!(
        user["meta"],
        json!({"resourceType": "User", "created": "2023-03-14T16:26:53Z",
               "location": "https://host.example/scim/acme-slack/v2/Users/W01EXAMPLE1"})
    );
}

#[tokio::test]
async fn the_manager_is_a_value_and_groups_have_addresses() {
    let user = read(full()).await;
    assert_eq!(user[ENTERPRISE]["manager"], json!({"value": "W01EXAMPLE1"}));
    assert_eq!(
        user["groups"],
        json!([{"value": "S01EXAMPLE1", "display": "Payroll", "type": "direct",
                "$ref": "https://host.example/scim/acme-slack/v2/Groups/S01EXAMPLE1"}])
    );
}

#[tokio::test]
async fn further_members_slack_adds_over_time_do_not_matter() {
    let user =
        with(guest(), json!({"photos2": [{"value": 1}], "name": {"givenName": "Ada", "pronouns": "she"}}));
    let user = read(user).await;
    assert_eq!(user["name"], json!({"givenName": "Ada"}));
    assert_eq!(user[OWN], json!({"guestType": "multi", "guestExpiration": "2027-01-31T08:00:00Z"}));
}

#[tokio::test]
async fn a_bot_without_a_display_name_can_be_read() {
    let bot = with(
        ada(),
        json!({"displayName": "", "emails": [{"value": "botuser-T1-A1@slack-bots.com", "primary": true}]}),
    );
    assert_eq!(read(bot).await.get("displayName"), None);
}

#[tokio::test]
async fn everything_the_table_maps_is_read() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&read(full()).await).unwrap());
}

#[tokio::test]
async fn an_id_with_odd_characters_stays_one_path_segment() {
    let slack = Slack::answering([step("GET /Users/a%2Fb%3Fc%23d", 404, Value::Null)]).await;
    let error = slack.get("Users", "a/b?c#d").await.unwrap_err();
    assert!(told(&error).starts_with("404 - User a/b?c#d: "), "{}", told(&error));
    let slack = Slack::answering([]).await;
    for id in ["..", ".", ""] {
        assert!(told(&slack.get("Users", id).await.unwrap_err()).starts_with("404"), "{id:?}");
    }
    assert_eq!(slack.sent().await, "no call\n");
}
