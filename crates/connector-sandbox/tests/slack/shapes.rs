//! Points 1, 2 and 13: the envelope, the two shapes of a user, the service documents.

use serde_json::{Value, json};

use crate::client::{CORE, ENTERPRISE, GUEST, PROFILE, get, new_user, patch, path, seeded, send, usual};

#[tokio::test]
async fn a_list_has_its_members_in_order_its_slashes_escaped_and_plain_json_as_its_type() {
    let slack = usual().await;
    let list = get(&slack, "Users?count=1&startIndex=2").await;
    let head = r#"{"totalResults":250,"itemsPerPage":1,"startIndex":2,"schemas":["urn:scim:schemas:core:1.0"],"Resources":[{"schemas":["#;
    assert!(list.text.starts_with(head), "{}", list.text);
    assert!(list.text.contains(r"https:\/\/acme.enterprise.slack.com\/team\/"));
    assert!(!list.text.replace("\\/", "").contains('/'), "every slash is escaped");
    assert_eq!(list.header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(list.header("transfer-encoding"), Some("chunked"));
    assert_eq!(list.header("content-length"), None);
}

#[tokio::test]
async fn errors_have_the_same_type_and_escaping() {
    let slack = usual().await;
    let refused = get(&slack, "Users?filter=a/b").await;
    assert_eq!(refused.error(), (400, "no_filters (is_aggregate_call=1)".into()));
    assert_eq!(refused.header("content-type"), Some("application/json; charset=utf-8"));
}

#[tokio::test]
async fn a_user_has_the_short_shape_until_a_custom_field_is_written_and_the_long_one_from_then_on() {
    let slack = usual().await;
    let user = new_user(&slack, "ada.new", json!({})).await;
    assert_eq!(user["schemas"], json!([CORE]));
    for absent in
        ["addresses", "phoneNumbers", "roles", "userType", "locale", "preferredLanguage", ENTERPRISE]
    {
        assert_eq!(user.get(absent), None, "{absent}");
    }
    let changed = patch(&slack, &path(&user), json!({"userType": "Employee"})).await.ok(200);
    assert_eq!(changed["schemas"], json!([CORE, ENTERPRISE]));
    assert_eq!(changed["userType"], "Employee");
    assert_eq!(changed["locale"], Value::Null);
    assert_eq!(changed["emails"][1], json!({"value": "", "primary": false}));
    assert_eq!(changed[ENTERPRISE]["manager"], json!({"managerId": null}));
    let cleared = patch(&slack, &path(&user), json!({"meta": {"attributes": ["userType"]}})).await.ok(200);
    assert_eq!(cleared["userType"], Value::Null);
    assert_eq!(cleared["schemas"], json!([CORE, ENTERPRISE]), "the record stays");
}

#[tokio::test]
async fn one_and_list_and_write_show_the_same_user() {
    let slack = usual().await;
    let user = new_user(&slack, "ada.new", json!({"roles": ["Lead"]})).await;
    let one = get(&slack, &path(&user)).await.ok(200);
    let list = get(&slack, "Users?filter=userName%20eq%20%22ada.new%22").await.ok(200);
    assert_eq!(one, user);
    assert_eq!(list["Resources"][0], user);
}

#[tokio::test]
async fn the_seeds_have_both_shapes_bots_guests_and_deactivated_accounts() {
    let slack = usual().await;
    let users = slack.users();
    let count = |holds: &dyn Fn(&Value) -> bool| users.iter().filter(|user| holds(user)).count();
    assert_eq!(users.len(), 250);
    assert!(count(&|user| user.get(ENTERPRISE).is_some()) > 60);
    assert!(count(&|user| user.get(ENTERPRISE).is_none()) > 60);
    assert!((12..=18).contains(&count(&|user| user["active"] == false)));
    assert!(count(&|user| user.get(GUEST).is_some()) >= 3);
    assert!(count(&|user| user.get(PROFILE).is_some()) >= 3);
    let bot = |user: &Value| user["emails"][0]["value"].as_str().unwrap().ends_with("@slack-bots.com");
    assert_eq!(count(&|user| bot(user) && user["displayName"] == ""), 4);
    assert!(count(&|user| user["id"].as_str().unwrap().starts_with('W')) > 60);
    assert!(count(&|user| user["id"].as_str().unwrap().starts_with('U')) > 60);
    assert!(count(&|user| user["name"]["familyName"] == "O'Brien") > 0);
    let groups = slack.groups();
    assert_eq!(groups.len(), 12);
    assert_eq!(groups[0]["members"].as_array().unwrap().len(), 120);
    assert_eq!(groups[9]["members"], json!([]));
}

#[tokio::test]
async fn seeds_are_the_same_every_time() {
    let (one, other) = (usual().await, usual().await);
    let names = |slack: &connector_sandbox::slack::Slack| -> Vec<Value> {
        slack
            .users()
            .iter()
            .map(|user| json!([user["id"], user["userName"], user["meta"]["created"]]))
            .collect()
    };
    assert_eq!(names(&one), names(&other));
    assert_eq!(one.token(), other.token());
}

#[tokio::test]
async fn times_of_creation_bear_the_pacific_offset_and_locations_the_address() {
    let slack = usual().await;
    let created: Vec<_> =
        slack.users().iter().map(|user| user["meta"]["created"].as_str().unwrap().to_owned()).collect();
    assert!(created.iter().any(|time| time.ends_with("-07:00")));
    assert!(created.iter().any(|time| time.ends_with("-08:00")));
    let user = new_user(&slack, "ada.new", json!({})).await;
    assert_eq!(user["meta"]["created"], "2024-06-03T09:00:00-07:00");
    let location = format!("{}Users/{}", slack.scim_url(), user["id"].as_str().unwrap());
    assert_eq!(user["meta"]["location"], location.as_str());
}

#[tokio::test]
async fn a_guest_shows_its_extension_and_a_start_date_its_own() {
    let slack = usual().await;
    let guest = seeded(&slack, |user| user.get(GUEST).is_some());
    assert!(guest["schemas"].as_array().unwrap().contains(&json!(GUEST)));
    assert_eq!(guest[GUEST]["type"], "multi");
    let body = json!({"schemas": [CORE, PROFILE], PROFILE: {"startDate": "2024-04-10T00:00:00+0000"}});
    let user = new_user(&slack, "ada.new", body).await;
    assert_eq!(user[PROFILE], json!({"startDate": "2024-04-10T00:00:00+0000"}));
    let unlisted = json!({"schemas": [CORE], PROFILE: {"startDate": "2024-04-10T00:00:00+0000"}});
    let user = new_user(&slack, "grace.new", unlisted).await;
    assert_eq!(user.get(PROFILE), None, "the URN must be in schemas");
}

#[tokio::test]
async fn service_provider_configs_needs_no_credential_and_says_that_filters_do_not_work() {
    let slack = usual().await;
    for headers in ["", "Authorization: Bearer nonsense\r\n"] {
        let answer = send(&slack, "GET", "/scim/v1/ServiceProviderConfigs", headers, "").await.unwrap();
        let config = answer.ok(200);
        assert_eq!(config["filter"], json!({"supported": false, "maxResults": 0}));
        assert_eq!(config["patch"], json!({"supported": true}));
        assert_eq!(config.get("schemas"), None);
    }
}

#[tokio::test]
async fn the_schemas_have_their_recorded_oddities() {
    let slack = usual().await;
    let users = get(&slack, "Schemas/Users").await.ok(200);
    let attribute = |schema: &Value, name: &str| -> Value {
        schema["attributes"].as_array().unwrap().iter().find(|a| a["name"] == name).unwrap().clone()
    };
    assert_eq!(users["schema"], json!([CORE, ENTERPRISE]));
    assert_eq!(attribute(&users, "active")["type"], "string");
    assert!(attribute(&users, "groups")["subattributes"].is_array());
    assert_eq!(attribute(&users, ENTERPRISE)["multiValued"], true);
    let manager = attribute(&users, ENTERPRISE)["subAttributes"][5].clone();
    assert_eq!(manager["name"], "manager");
    assert!(manager["subAttributes"].is_object());
    let groups = get(&slack, "Schemas/Groups").await.ok(200);
    assert_eq!(groups["schema"], CORE);
    assert_eq!(groups.get("id"), None);
    let name = attribute(&groups, "displayName");
    assert_eq!((name["required"].clone(), name["readOnly"].clone()), (json!(true), json!(true)));
}
