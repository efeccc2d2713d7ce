//! What nobody knows of Webex: each side of it, and the same answer.

use connector_sandbox::webex::{Options, TimeZoneSpelling};
use serde_json::json;

use super::{Organisation, replace, user};

/// One side of something unknown: what it is, and the switch.
type Side = (&'static str, fn(&mut Options));

/// A person is created, changed, blocked and deleted, whatever the switches say.
async fn a_life(change: impl FnOnce(&mut Options), what: &str) {
    let acme = Organisation::with(change, "").await;
    let mut body = user("t.arvidsson");
    body["phoneNumbers"] = json!([{"value": "+4930555099", "type": "work"}]);
    let created = acme.scim.post("/Users", &body).await.ok(201);
    let path = format!("/Users/{}", created["id"].as_str().unwrap());
    let changed = acme.scim.patch(&path, replace("title", json!("Chief"))).await.ok(200);
    assert_eq!((&changed["title"], &changed["active"]), (&json!("Chief"), &json!(true)), "{what}");
    let blocked = acme.scim.patch(&path, replace("active", json!(false))).await.ok(200);
    assert_eq!(blocked["active"], false, "{what}");
    let duplicate = acme.scim.post("/Users", &body).await;
    let elsewhere = acme.scim.post("/Users", &elsewhere()).await;
    assert!(duplicate.status == 409, "{what}: {}", duplicate.text);
    assert!([400, 409].contains(&elsewhere.status), "{what}: {}", elsewhere.text);
    acme.scim.delete(&path).await.ok(204);
    assert_eq!(acme.scim.get(&path).await.status, 404, "{what}");
}

/// Somebody whose address belongs to an account elsewhere.
fn elsewhere() -> serde_json::Value {
    let mut body = user("other");
    body["userName"] = json!("other@elsewhere.example");
    body["emails"][0]["value"] = json!("other@elsewhere.example");
    body
}

#[tokio::test]
async fn people_live_the_same_life_whatever_is_unknown() {
    let sides: [Side; 15] = [
        ("as expected", |_| {}),
        ("a create refuses loginEnabled", |options| options.create_refuses_login_enabled = true),
        ("PUT keeps licences", |options| options.put_without_licenses_clears = false),
        ("PUT keeps roles", |options| options.put_without_roles_clears = false),
        ("PUT keeps the avatar", |options| options.put_without_avatar_resets = false),
        ("PUT clears sites", |options| options.put_without_site_urls_clears = true),
        ("PUT refuses what it does not write", |options| options.put_refuses_read_only = true),
        ("PUT answers 204", |options| options.put_no_content = true),
        ("telephone numbers are refused", |options| options.phone_without_calling_refused = true),
        ("booleans are texts", |options| options.booleans_as_strings = true),
        ("unknown keys", |options| options.unknown_keys = true),
        ("timezone in lower case", |options| options.time_zone_spelling = TimeZoneSpelling::Lower),
        ("whose token it is is not told", |options| options.people_me_with_admin_scope = false),
        ("what is gone is 410", |options| options.deleted_status = 410),
        ("writes take time", |options| options.write_ms = 50),
    ];
    for (what, change) in sides {
        a_life(change, what).await;
    }
}

#[tokio::test]
async fn where_duplicates_are_400_somebody_who_was_there_is_one_all_the_same() {
    let acme = Organisation::with(|options| options.duplicate_person_status = 400, "").await;
    let listed = acme.scim.get("/Users?count=1").await.ok(200);
    let mut body = user("any");
    body["userName"] = listed["Resources"][0]["userName"].clone();
    body["emails"][0]["value"] = body["userName"].clone();
    acme.scim.post("/Users", &body).await.refused(409, "uniqueness");
}

#[tokio::test]
async fn a_change_that_was_refused_in_part_says_what_holds() {
    for in_part in [true, false] {
        let acme = Organisation::with(|options| options.put_changes_in_part = in_part, "").await;
        acme.target.set_options(|options| options.unassignable_roles = vec!["id_device_admin".into()]);
        let path = format!("/Users/{}", acme.create("t.arvidsson").await);
        let roles =
            acme.scim.get("/Roles?filter=displayName%20eq%20%22Device%20Administrator%22").await.ok(200);
        let operations = json!([
            {"op": "replace", "path": "title", "value": "Chief"},
            {"op": "add", "path": "roles", "value": [{"value": roles["Resources"][0]["id"]}]},
        ]);
        let detail = acme.scim.patch(&path, operations).await.refused(400, "invalidValue");
        assert_eq!(detail.contains("title changed, but not roles"), in_part, "{detail}");
        let holds = acme.scim.get(&path).await.ok(200)["title"] == "Chief";
        assert_eq!(holds, in_part);
    }
}

#[tokio::test]
async fn a_calling_licence_that_is_refused_after_the_person_was_made_leaves_one_person() {
    let acme = Organisation::new().await;
    let calling = acme.license("Webex Calling - Professional").await;
    let mut body = user("t.arvidsson");
    body["entitlements"] = json!([{"value": calling}]);
    let refused = acme.scim.post("/Users", &body).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    assert!(
        refused.text.contains("was created as") && refused.text.contains("Calling licence"),
        "{}",
        refused.text
    );
    let found =
        acme.scim.get("/Users?filter=userName%20eq%20%22t.arvidsson@acme-demo.example%22").await.ok(200);
    assert_eq!(found["totalResults"], 1);
}

#[tokio::test]
async fn a_team_description_is_kept_whatever_a_put_without_it_does() {
    for clears in [true, false] {
        let acme =
            Organisation::with(|options| options.put_team_without_description_clears = clears, "").await;
        let own = super::OWN_GROUP;
        let body = json!({"displayName": "Print", own: {"description": "The press"}});
        let created = acme.scim.post("/Groups", &body).await.ok(201);
        let path = format!("/Groups/{}", created["id"].as_str().unwrap());
        acme.scim.patch(&path, replace("displayName", json!("Press"))).await.ok(204);
        assert_eq!(acme.scim.get(&path).await.ok(200)[own]["description"], "The press");
        acme.scim.patch(&path, json!([{"op": "remove", "path": format!("{own}:description")}])).await.ok(204);
        assert!(acme.scim.get(&path).await.ok(200).get(own).is_none());
    }
}
