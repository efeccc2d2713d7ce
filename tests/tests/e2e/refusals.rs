//! What is refused, with which words, and that nothing is sent where nothing can come of it.

use serde_json::json;

use crate::world;
use connector_host_tests::user;

const NO_CALLS: [String; 0] = [];

#[tokio::test]
async fn a_missing_mandatory_attribute_is_named_and_nothing_is_sent() {
    let world = world().await;
    let without = |name: &str| {
        let mut body = user("ada.l", json!({}));
        body.as_object_mut().unwrap().remove(name);
        body
    };
    let scim = &world.scim;
    let detail = scim.post("/Users", &without("userName")).await.refused(400, "invalidValue");
    assert!(detail.contains("userName"), "{detail}");
    for body in [
        without("emails"),
        user("ada.l", json!({ "emails": [] })),
        user("ada.l", json!({ "emails": [{ "type": "work" }] })),
        user("ada.l", json!({ "userName": "" , "emails": [{ "value": "" }] })),
    ] {
        let detail = scim.post("/Users", &body).await.refused(400, "invalidValue");
        assert!(detail.contains("emails") || detail.contains("userName"), "{detail}");
    }
    let group = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "members": [] });
    let detail = scim.post("/Groups", &group).await.refused(400, "invalidValue");
    assert!(detail.contains("displayName"), "{detail}");
    assert_eq!(world.calls(), NO_CALLS);
}

#[tokio::test]
async fn a_name_in_use_is_a_conflict() {
    let world = world().await;
    world.create("ada.l", json!({})).await;
    let name = user("ada.l", json!({ "emails": [{ "value": "other@acme.example" }] }));
    let detail = world.scim.post("/Users", &name).await.refused(409, "uniqueness");
    assert!(detail.contains("userName") && detail.contains("username_taken"), "{detail}");
    // A channel's name counts as well.
    let channel = world.scim.post("/Users", &user("general", json!({}))).await.refused(409, "uniqueness");
    assert!(channel.contains("channel"), "{channel}");
    let email = user("ada.two", json!({ "emails": [{ "value": "ada.l@acme.example" }] }));
    let detail = world.scim.post("/Users", &email).await.refused(409, "uniqueness");
    assert!(detail.contains("emails"), "{detail}");

    // Slack's status for these is not documented; its word is.
    world.slack.set_options(|options| options.taken_status = 400);
    world.scim.post("/Users", &user("ada.l", json!({}))).await.refused(409, "uniqueness");
}

#[tokio::test]
async fn more_than_the_target_holds_is_refused_by_name() {
    let world = world().await;
    let refused = async |more| {
        let detail = world.scim.post("/Users", &user("ada.l", more)).await.refused(400, "invalidValue");
        assert_eq!(world.calls(), NO_CALLS, "{detail}");
        detail
    };
    let roles = refused(json!({ "roles": [{ "value": "Team lead" }, { "value": "Fire warden" }] })).await;
    assert!(roles.contains("roles"), "{roles}");
    let emails =
        json!([{ "value": "a@acme.example" }, { "value": "b@acme.example" }, { "value": "c@acme.example" }]);
    let emails = refused(json!({ "emails": emails })).await;
    assert!(emails.contains("emails"), "{emails}");
    let long = refused(json!({ "userName": "a.name.of.more.than.21" })).await;
    assert!(long.contains("userName") && long.contains("21"), "{long}");
    let kind = refused(json!({ "active": "perhaps" })).await;
    assert!(kind.contains("active"), "{kind}");
}

#[tokio::test]
async fn what_nobody_may_change_is_told_by_name() {
    let world = world().await;
    let created = world.create("ada.l", json!({})).await;
    let path = format!("/Users/{}", created["id"].as_str().unwrap());
    let change = async |operation| world.scim.patch(&path, json!([operation])).await;
    change(json!({ "op": "replace", "path": "id", "value": "W0OTHER" })).await.refused(400, "mutability");
    change(json!({ "op": "add", "path": "groups", "value": [{ "value": "S1" }] }))
        .await
        .refused(400, "mutability");
    change(json!({ "op": "replace", "path": "nosuch.thing", "value": 1 })).await.refused(400, "invalidPath");
    change(json!({ "op": "remove" })).await.refused(400, "noTarget");
    change(json!({ "op": "jump", "path": "title", "value": "x" })).await.refused(400, "invalidSyntax");
    change(json!({ "op": "remove", "path": "emails" })).await.refused(400, "mutability");
    change(json!({ "op": "remove", "path": "userName" })).await.refused(400, "mutability");
    change(json!({ "op": "remove", "path": "active" })).await.refused(400, "invalidValue");
    let calls = world.calls();
    assert!(calls.iter().all(|call| call.starts_with("GET ")), "{calls:?}");

    // A PUT's differing id does not matter.
    let mut other = created.clone();
    other["id"] = json!("W0OTHER");
    assert_eq!(world.scim.put(&path, &other).await.ok(200), created);
}

#[tokio::test]
async fn what_the_target_forbids_is_forbidden() {
    let world = world().await;
    let owner = world.slack.users()[0]["id"].as_str().unwrap().to_owned();
    let detail = world.scim.delete(&format!("/Users/{owner}")).await.refused(403, "");
    assert!(detail.contains(&owner) && detail.contains("cannot_disable_primary_owner"), "{detail}");
    let groups = world.slack.groups();
    let linked = groups.iter().find(|group| group["displayName"] == "Linked to channels").unwrap();
    let path = format!("/Groups/{}", linked["id"].as_str().unwrap());
    world.scim.delete(&path).await.refused(400, "mutability");
}
