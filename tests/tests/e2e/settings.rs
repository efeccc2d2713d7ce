//! What an operator can set on an instance.

use connector_sandbox::{Effect, Fault};
use serde_json::{Value, json};

use crate::world_with;
use connector_host_tests::user;

/// `meta.created` as a client reads it, of a user whom Slack says was created then.
async fn created(keys: &str, upstream: &str) -> Value {
    let world = world_with(keys).await;
    let body = json!({
        "schemas": ["urn:scim:schemas:core:1.0"],
        "id": "W1",
        "userName": "ada.l",
        "emails": [{ "value": "a@acme.example", "primary": true }],
        "meta": { "created": upstream },
    });
    world.slack.inject(Fault::on("/scim/v1/Users/W1", Effect::status(200, body.to_string())));
    world.scim.get("/Users/W1").await.ok(200)["meta"]["created"].clone()
}

#[tokio::test]
async fn date_times_are_utc_and_a_configured_offset_replaces_the_targets_own() {
    let offset = |text: &str| format!("datetime_offset = \"{text}\"");
    assert_eq!(created("", "2025-03-04T10:00:00+01:00").await, "2025-03-04T09:00:00Z");
    assert_eq!(created("", "2025-03-04T10:00:00").await, "2025-03-04T10:00:00Z");
    assert_eq!(created(&offset("+05:30"), "2025-03-04T10:00:00+01:00").await, "2025-03-04T04:30:00Z");
    assert_eq!(created(&offset("-08:00"), "2025-03-04T10:00:00Z").await, "2025-03-04T18:00:00Z");
    assert_eq!(created(&offset("+02:00"), "2025-03-04T10:00:00").await, "2025-03-04T08:00:00Z");
    assert_eq!(created(&offset("Z"), "2025-03-04T10:00:00+01:00").await, "2025-03-04T10:00:00Z");
}

#[tokio::test]
async fn a_disabled_attribute_is_neither_shown_nor_read_nor_written() {
    let world = world_with("disabled_attributes = { User = [\"roles\", \"title\"] }").await;
    let schema = world.scim.get("/Schemas/urn:ietf:params:scim:schemas:core:2.0:User").await.ok(200);
    let names: Vec<_> =
        schema["attributes"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert!(!names.contains(&json!("roles")) && !names.contains(&json!("title")), "{names:?}");
    let more = json!({ "title": "Analyst", "roles": [{ "value": "Team lead" }] });
    let created = world.scim.post("/Users", &user("ada.l", more)).await.ok(201);
    assert!(created["title"].is_null() && created["roles"].is_null(), "{created}");
    let sent = &world.slack.requests()[0].body;
    assert!(sent["title"].is_null() && sent["roles"].is_null(), "{sent}");
}

#[tokio::test]
async fn what_the_target_holds_for_a_disabled_attribute_survives_a_change_of_something_else() {
    let world = world_with("disabled_attributes = { User = [\"title\"] }").await;
    // The first ones are owners, whom nobody may change.
    let titled = world.slack.users().into_iter().rfind(|user| user["title"] != "" && user["active"] == true);
    let titled = titled.expect("the seeds have titles");
    let path = format!("/Users/{}", titled["id"].as_str().unwrap());
    let phone = json!([{ "type": "work", "value": "+44 20 7000 0001" }]);
    let operation = json!([{ "op": "replace", "path": "phoneNumbers", "value": phone }]);
    world.scim.patch(&path, operation).await.ok(200);
    assert!(world.calls()[1].starts_with("PUT "), "a list changes by replacement: {:?}", world.calls());
    let after = world.slack.user(titled["id"].as_str().unwrap()).unwrap();
    assert_eq!(after["title"], titled["title"]);
}

#[tokio::test]
async fn a_custom_attribute_lives_under_the_instances_own_extension() {
    const URN: &str = "urn:connector-host:scim:instance:acme:2.0:User";
    let world = world_with(
        "[[instances.acme.custom_attributes]]\nresource = \"User\"\nscim = \"badge\"\n\
         target = \"urn:scim:schemas:extension:enterprise:1.0.badge\"\ntype = \"string\"\n",
    )
    .await;
    let schema = world.scim.get(&format!("/Schemas/{URN}")).await.ok(200);
    assert_eq!(schema["attributes"][0]["name"], "badge");
    let types = world.scim.get("/ResourceTypes/User").await.ok(200);
    assert!(types["schemaExtensions"].as_array().unwrap().iter().any(|one| one["schema"] == URN), "{types}");
    let body = user("ada.l", json!({ URN: { "badge": "B-1815" } }));
    world.scim.post("/Users", &body).await;
    let sent = &world.slack.requests()[0].body;
    assert_eq!(sent["urn:scim:schemas:extension:enterprise:1.0"]["badge"], "B-1815", "{sent}");

    let held = json!({
        "schemas": ["urn:scim:schemas:core:1.0", "urn:scim:schemas:extension:enterprise:1.0"],
        "id": "W1",
        "userName": "ada.l",
        "emails": [{ "value": "a@acme.example", "primary": true }],
        "urn:scim:schemas:extension:enterprise:1.0": { "badge": "B-1815" },
    });
    world.slack.inject(Fault::on("/scim/v1/Users/W1", Effect::status(200, held.to_string())));
    let read = world.scim.get("/Users/W1").await.ok(200);
    assert_eq!(read[URN], json!({ "badge": "B-1815" }));
    assert!(read["schemas"].as_array().unwrap().contains(&json!(URN)));
}
