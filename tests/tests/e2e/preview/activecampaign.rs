//! `ActiveCampaign`.

use std::collections::BTreeSet;

use connector_host_tests::Host;
use connector_sandbox::activecampaign::{self, Options};
use serde_json::{Value, json};

use super::session::Session;
use crate::binary;

/// People and groups.
pub(super) async fn play() -> BTreeSet<String> {
    let target = activecampaign::start("127.0.0.1:0".parse().unwrap(), Options::default()).await.unwrap();
    let config = format!(
        "[outbound]\nallow_networks = [\"127.0.0.0/8\"]\n[instances.acme]\nconnector = \"activecampaign\"\n\
         target_url = \"{}\"\napi_key = \"{}\"\n",
        target.api_url(),
        target.key(),
    );
    let host = Host::start(&binary(), "", &config).await;
    let asked = || {
        let requests = target.requests();
        target.clear_requests();
        requests
    };
    let scim = host.client("acme", &host.token("acme", "e2e").await);
    let session = Session::new(&scim, asked);
    let group = json!({"displayName": "Preview"});
    let created = session.is_as_previewed("POST", "/Groups", group).await;
    let (group, path) = (created["id"].clone(), format!("/Groups/{}", created["id"].as_str().unwrap()));
    session.is_as_previewed("GET", &path, Value::Null).await;
    session.is_as_previewed("PUT", &path, json!({"displayName": "Previewed"})).await;
    let rename = json!({"Operations": [{"op": "replace", "path": "displayName", "value": "Preview"}]});
    session.is_as_previewed("PATCH", &path, rename).await;

    let own = "urn:connector-host:scim:activecampaign:2.0:User";
    let person = json!({
        "userName": "tove.preview", "name": {"givenName": "Tove", "familyName": "Arvidsson"},
        "emails": [{"value": "tove.preview@acme.example", "type": "work"}], "password": "correct horse battery",
        "nickName": "T", own: {"groupId": group},
    });
    let created = session.is_as_previewed("POST", "/Users", person.clone()).await;
    let user = format!("/Users/{}", created["id"].as_str().unwrap());
    let change = json!({"Operations": [{"op": "replace", "path": "name.familyName", "value": "Berg"}]});
    session.is_as_previewed("PATCH", &user, change).await;
    session.is_as_previewed("PUT", &user, person).await;
    session.is_as_previewed("GET", &user, Value::Null).await;
    session.is_as_previewed("DELETE", &user, Value::Null).await;
    session.is_as_previewed("DELETE", &path, Value::Null).await;
    // A list that is walked: shown call by call, and not kept.
    session.is_as_previewed("GET", "/Users?count=3", Value::Null).await;
    session.tried()
}
