//! Slack.

use std::collections::BTreeSet;

use connector_host_tests::user;
use serde_json::{Value, json};

use super::session::Session;
use crate::{ENTERPRISE, world};

/// People and groups.
pub(super) async fn play() -> BTreeSet<String> {
    let world = world().await;
    let [one, two, three] = world.members(3).try_into().unwrap();
    let asked = || {
        let requests = world.slack.requests();
        world.slack.clear_requests();
        requests
    };
    let session = Session::new(&world.scim, asked);
    let more = json!({
        "externalId": "42", "password": "correct horse battery", "displayName": "Ada L",
        "name": {"givenName": "Ada", "familyName": "Lovelace", "middleName": "King"},
        "phoneNumbers": [{"value": "+44 20 7000 0001", "type": "work"}, {"value": "+44 7700 900001", "type": "mobile"}],
        ENTERPRISE: {"department": "Analysis", "manager": {"value": one}},
    });
    let created = session.is_as_previewed("POST", "/Users", user("Ada.Preview", more.clone())).await;
    let path = format!("/Users/{}", created["id"].as_str().unwrap());
    session.is_as_previewed("GET", &path, Value::Null).await;
    let title = json!({"Operations": [{"op": "replace", "path": "title", "value": "Countess"}]});
    session.is_as_previewed("PATCH", &path, title.clone()).await;
    session.is_as_previewed("PATCH", &path, title).await;
    let emails = json!({"Operations": [{"op": "add", "path": "emails", "value": [{"value": "ada@home.example", "type": "home"}]}]});
    session.is_as_previewed("PATCH", &path, emails).await;
    session.is_as_previewed("PUT", &path, user("Ada.Preview", json!({"displayName": "Ada"}))).await;
    session
        .is_as_previewed(
            "PATCH",
            &path,
            json!({"Operations": [{"op": "replace", "path": "active", "value": false}]}),
        )
        .await;
    session.is_as_previewed("DELETE", &path, Value::Null).await;
    let inactive = user("grace.preview", json!({"active": false}));
    session.is_as_previewed("POST", "/Users", inactive).await;

    let group = json!({"displayName": "Preview", "members": [{"value": one}, {"value": two}]});
    let created = session.is_as_previewed("POST", "/Groups", group).await;
    let path = format!("/Groups/{}", created["id"].as_str().unwrap());
    let change = json!({"Operations": [
        {"op": "remove", "path": format!("members[value eq \"{one}\"]")},
        {"op": "add", "path": "members", "value": [{"value": three}]},
    ]});
    session.is_as_previewed("PATCH", &path, change).await;
    let both = json!({"displayName": "Renamed", "members": [{"value": one}]});
    session.is_as_previewed("PUT", &path, both).await;
    session.is_as_previewed("DELETE", &path, Value::Null).await;

    session.is_as_previewed("GET", "/Users?count=2", Value::Null).await;
    session.is_as_previewed("GET", "/Groups?filter=displayName%20eq%20%22nobody%22", Value::Null).await;
    let search = json!({"filter": "userName eq \"ada.preview\""});
    session.is_as_previewed("POST", "/Users/.search", search).await;
    session.is_as_previewed("GET", "/Schemas", Value::Null).await;
    session.tried()
}
