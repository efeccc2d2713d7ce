//! Workplace, in both editions.

use std::collections::BTreeSet;

use connector_sandbox::workplace::Options;
use serde_json::{Value, json};

use super::session::{Session, change};
use crate::{
    ENTERPRISE,
    workplace::{Community, OWN_GROUP, few, person},
};

/// People and people sets in both editions, and groups.
pub(super) async fn play() -> BTreeSet<String> {
    let mut tried = in_edition("v1").await;
    tried.extend(in_edition("v2").await);
    tried
}

async fn in_edition(edition: &str) -> BTreeSet<String> {
    let options = Options { groups: 14, ..few() };
    let community = Community::speaking(edition, options, "archive_groups = true").await;
    let asked = || {
        let requests = community.target.requests();
        community.target.clear_requests();
        requests
    };
    let session = Session::new(&community.scim, asked);
    people(&session, &community).await;
    people_sets(&session, &community.target.people()).await;
    groups(&session, &community).await;
    for path in
        ["/Users?count=3", "/PeopleSets", "/Groups?count=2", "/Groups?filter=displayName%20eq%20%22Cranes%22"]
    {
        session.is_as_previewed("GET", path, Value::Null).await;
    }
    session.tried()
}

async fn people(session: &Session<'_>, community: &Community) {
    let [manager, other] = [2, 3].map(|nth| community.target.people().swap_remove(nth));
    let mut body = person("ada");
    body[ENTERPRISE]["manager"] = json!({ "value": manager });
    let created = session.is_as_previewed("POST", "/Users", body.clone()).await;
    let path = format!("/Users/{}", created["id"].as_str().unwrap());
    session.is_as_previewed("GET", &path, Value::Null).await;
    let title = change(json!([{"op": "replace", "path": "title", "value": "Countess"}]));
    session.is_as_previewed("PATCH", &path, title.clone()).await;
    session.is_as_previewed("PATCH", &path, title).await;
    let path_of_manager = format!("{ENTERPRISE}:manager");
    let manager = change(json!([{"op": "replace", "path": path_of_manager, "value": {"value": other}}]));
    session.is_as_previewed("PATCH", &path, manager).await;
    body["name"]["familyName"] = json!("Lovelace");
    body.as_object_mut().unwrap().remove("phoneNumbers");
    body[ENTERPRISE].as_object_mut().unwrap().remove("manager");
    session.is_as_previewed("PUT", &path, body).await;
    for active in [false, true] {
        let active = change(json!([{"op": "replace", "path": "active", "value": active}]));
        session.is_as_previewed("PATCH", &path, active).await;
    }
    session.is_refused_as_previewed("POST", "/Users", person("ada")).await;
    session.is_as_previewed("DELETE", &path, Value::Null).await;
}

async fn people_sets(session: &Session<'_>, people: &[String]) {
    let body = json!({"displayName": "Pilots", "members": [{"value": people[1]}, {"value": people[2]}]});
    let created = session.is_as_previewed("POST", "/PeopleSets", body).await;
    let path = format!("/PeopleSets/{}", created["id"].as_str().unwrap());
    let add = change(json!([{"op": "add", "path": "members", "value": [{"value": people[3]}]}]));
    session.is_as_previewed("PATCH", &path, add).await;
    let body = json!({"displayName": "Captains", "members": [{"value": people[1]}]});
    session.is_as_previewed("PUT", &path, body).await;
    session.is_as_previewed("DELETE", &path, Value::Null).await;
}

async fn groups(session: &Session<'_>, community: &Community) {
    let people = community.target.people();
    let own = json!({"description": "All about cranes", "privacy": "SECRET"});
    let body = json!({"displayName": "Cranes", OWN_GROUP: own});
    let created = session.is_as_previewed("POST", "/Groups", body).await;
    let path = format!("/Groups/{}", created["id"].as_str().unwrap());
    // Who comes first is made an administrator, and so is another one when the last of them goes: the calls show it, and the
    // table does not know it.
    let first = change(
        json!([{"op": "add", "path": "members", "value": [{"value": people[3]}, {"value": people[1]}]}]),
    );
    session.sends_as_previewed("PATCH", &path, first).await;
    session.is_as_previewed("GET", &path, Value::Null).await;
    let members = change(json!([
        {"op": "remove", "path": format!("members[value eq \"{}\"]", people[1])},
        {"op": "add", "path": "members", "value": [{"value": people[4]}]},
    ]));
    session.is_as_previewed("PATCH", &path, members).await;
    let body = json!({"displayName": "Big cranes", "members": [{"value": people[4]}]});
    session.sends_as_previewed("PUT", &path, body).await;
    let admins = change(
        json!([{"op": "add", "path": format!("{OWN_GROUP}:admins"), "value": [{"value": people[5]}]}]),
    );
    session.sends_as_previewed("PATCH", &path, admins).await;
    // One who goes is no administrator any more.
    let body = json!({"displayName": "Cranes", "members": [{"value": people[5]}, {"value": people[4]}]});
    session.sends_as_previewed("PUT", &path, body).await;
    let body = json!({"displayName": "Cranes", "members": [{"value": people[5]}]});
    session.sends_as_previewed("PUT", &path, body).await;
    let none = change(json!([{"op": "remove", "path": "members"}]));
    let detail = session.is_refused_as_previewed("PATCH", &path, none).await;
    assert!(detail.contains("cannot be emptied"), "{detail}");
    session.is_as_previewed("DELETE", &path, Value::Null).await;

    // A group of several companies is administered elsewhere.
    let shared = format!("/Groups/{}", community.target.groups()[7]);
    let add = change(json!([{"op": "add", "path": "members", "value": [{"value": people[5]}]}]));
    let detail = session.is_refused_as_previewed("PATCH", &shared, add).await;
    assert!(detail.contains("several companies"), "{detail}");
}
