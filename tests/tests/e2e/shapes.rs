//! The two shapes in which Slack has been recorded to return a user, through the gateway.

use connector_sandbox::{Effect, Fault};
use serde_json::{Value, json};

use crate::world;

/// Nothing stored in custom profile fields.
const PLAIN: &str = r#"{"schemas":["urn:scim:schemas:core:1.0"],"id":"W01EXAMPLE1","externalId":"",
"meta":{"created":"2023-03-14T09:26:53-07:00","location":"https:\/\/api.slack.com\/scim\/v1\/Users\/W01EXAMPLE1"},
"userName":"ada.l","nickName":"ada.l","name":{"givenName":"Ada","familyName":"Lovelace"},"displayName":"ada.l",
"profileUrl":"https:\/\/acme.enterprise.slack.com\/team\/ada.l","title":"","timezone":"America\/Los_Angeles",
"active":true,"emails":[{"value":"ada.l@acme.example","primary":true}],
"photos":[{"value":"https:\/\/secure.gravatar.com\/avatar\/0a1b.jpg","type":"photo"}],"groups":[]}"#;

/// With a custom profile record: everything optional is there, filled with nulls.
const FILLED: &str = r#"{"schemas":["urn:scim:schemas:core:1.0","urn:scim:schemas:extension:enterprise:1.0"],
"id":"W01EXAMPLE2","externalId":"",
"meta":{"created":"2022-11-02T17:05:13-07:00","location":"https:\/\/api.slack.com\/scim\/v1\/Users\/W01EXAMPLE2"},
"userName":"grace.h","nickName":"grace.h","name":{"givenName":"Grace","familyName":"Hopper","honorificPrefix":null},
"displayName":"Grace H","profileUrl":"https:\/\/acme.enterprise.slack.com\/team\/grace.h","title":"Compiler lead",
"timezone":"Asia\/Tokyo","active":true,
"emails":[{"value":"grace.h@acme.example","primary":true},{"value":"","primary":false}],
"photos":[{"value":"https:\/\/avatars.example\/grace.jpg","type":"photo"}],
"addresses":[{"streetAddress":null,"locality":null,"region":null,"postalCode":null,"country":null}],
"phoneNumbers":[{"value":null,"type":"mobile"},{"value":null,"primary":true}],"userType":null,
"roles":[{"value":null,"primary":true}],"preferredLanguage":null,"locale":null,
"urn:scim:schemas:extension:enterprise:1.0":{"employeeNumber":null,"costCenter":null,"organization":null,
"division":null,"department":null,"manager":{"managerId":null}},"groups":[{"value":"S01EXAMPLE1","display":"Payroll"}]}"#;

#[tokio::test]
async fn a_recorded_user_reads_clean() {
    let world = world().await;
    let base = format!("http://{}/scim/acme/v2", world.host.address);
    let read = async |id: &str, recorded: &str| {
        let path = format!("/Users/{id}");
        world.slack.inject(Fault::on(format!("/scim/v1{path}"), Effect::status(200, recorded)));
        let mut user = world.scim.get(&path).await.ok(200);
        let version = user["meta"].as_object_mut().unwrap().remove("version").unwrap();
        assert!(version.as_str().unwrap().starts_with("W/\""), "{version}");
        user
    };

    let plain = read("W01EXAMPLE1", PLAIN).await;
    let expected = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "W01EXAMPLE1",
        "userName": "ada.l",
        "name": { "givenName": "Ada", "familyName": "Lovelace" },
        "displayName": "ada.l",
        "nickName": "ada.l",
        "emails": [{ "value": "ada.l@acme.example", "type": "work", "primary": true }],
        "profileUrl": "https://acme.enterprise.slack.com/team/ada.l",
        "timezone": "America/Los_Angeles",
        "active": true,
        "photos": [{ "value": "https://secure.gravatar.com/avatar/0a1b.jpg", "type": "photo" }],
        "meta": {
            "resourceType": "User",
            "created": "2023-03-14T16:26:53Z",
            "location": format!("{base}/Users/W01EXAMPLE1"),
        },
    });
    assert_eq!(plain, expected);

    let filled = read("W01EXAMPLE2", FILLED).await;
    let expected = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "W01EXAMPLE2",
        "userName": "grace.h",
        "name": { "givenName": "Grace", "familyName": "Hopper" },
        "displayName": "Grace H",
        "nickName": "grace.h",
        "emails": [{ "value": "grace.h@acme.example", "type": "work", "primary": true }],
        "profileUrl": "https://acme.enterprise.slack.com/team/grace.h",
        "title": "Compiler lead",
        "timezone": "Asia/Tokyo",
        "active": true,
        "groups": [{
            "value": "S01EXAMPLE1",
            "$ref": format!("{base}/Groups/S01EXAMPLE1"),
            "display": "Payroll",
            "type": "direct",
        }],
        "photos": [{ "value": "https://avatars.example/grace.jpg", "type": "photo" }],
        "meta": {
            "resourceType": "User",
            "created": "2022-11-03T00:05:13Z",
            "location": format!("{base}/Users/W01EXAMPLE2"),
        },
    });
    assert_eq!(filled, expected);
}

#[tokio::test]
async fn no_seeded_user_shows_an_empty_value() {
    let world = world().await;
    let listed = world.scim.get("/Users?count=1000").await.ok(200);
    assert_eq!(listed["totalResults"], world.slack.users_len());
    assert_eq!(listed["Resources"].as_array().map(Vec::len), Some(world.slack.users_len()));
    assert_eq!(world.calls().len(), 1, "one page of the target");
    for user in listed["Resources"].as_array().unwrap() {
        assert!(!is_empty(user), "{user}");
        let created = user["meta"]["created"].as_str().unwrap();
        assert!(created.len() == 20 && created.ends_with('Z'), "{created}");
    }
}

/// Whether nothing is in it, or in anything in it.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty() || items.iter().any(is_empty),
        Value::Object(members) => members.is_empty() || members.values().any(is_empty),
        _ => false,
    }
}
