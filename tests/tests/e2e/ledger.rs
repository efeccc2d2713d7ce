//! Values come back as they were written, whatever the target made of them.

use connector_host_tests::{Client, World, user};
use serde_json::{Value, json};

use crate::world;

/// Slack makes `ada.lovelace` of the name and keeps neither the id nor the type of an address.
fn ada() -> Value {
    let more = json!({
        "userName": "Ada.Lovelace@acme.example",
        "externalId": "00u-ada",
        "addresses": [{ "type": "home", "locality": "London" }],
    });
    user("ada.lovelace", more)
}

async fn found(scim: &Client, filter: &str) -> Vec<Value> {
    let query = filter.replace(' ', "%20").replace('"', "%22").replace('@', "%40");
    let list = scim.get(&format!("/Users?filter={query}")).await.ok(200);
    list["Resources"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn what_slack_rewrites_or_cannot_hold_comes_back_and_is_found() {
    let World { slack, scim, host: _host, .. } = world().await;
    let created = scim.post("/Users", &ada()).await.ok(201);
    for name in ["userName", "externalId", "addresses"] {
        assert_eq!(created[name], ada()[name], "{name}");
    }
    let id = created["id"].as_str().unwrap();
    assert_eq!(slack.user(id).unwrap()["userName"], "ada.lovelace");
    assert_eq!(scim.get(&format!("/Users/{id}")).await.ok(200), created);
    for filter in [
        "userName eq \"ada.lovelace@ACME.example\"",
        "externalId eq \"00u-ada\"",
        "externalId eq \"00u-ada\" and active eq true",
        "userName eq \"nobody\" or externalId eq \"00u-ada\"",
    ] {
        assert_eq!(found(&scim, filter).await, std::slice::from_ref(&created), "{filter}");
    }
    for filter in [
        "userName eq \"ada.lovelace@other.example\"",
        "externalId eq \"00U-ADA\"",
        "id eq \"00u-ada\"",
        &format!("externalId eq \"{id}\""),
    ] {
        assert_eq!(found(&scim, filter).await, [] as [Value; 0], "{filter}");
    }
    slack.clear_requests();
    assert_eq!(scim.put(&format!("/Users/{id}"), &created).await.ok(200), created);
    let calls = slack.requests();
    assert!(calls.iter().all(|call| call.method == "GET"), "its own answer changes nothing: {calls:?}");
}

#[tokio::test]
async fn a_value_changed_in_the_target_is_shown_as_the_target_has_it() {
    let World { slack, scim, host: _host, .. } = world().await;
    let created = scim.post("/Users", &ada()).await.ok(201);
    let path = format!("/Users/{}", created["id"].as_str().unwrap());
    let direct = Client { address: slack.address(), base: "/scim/v1".into(), token: slack.token().into() };
    let renamed = json!({ "schemas": ["urn:scim:schemas:core:1.0"], "userName": "ada.byron" });
    direct.send("PATCH", &path, &[("content-type", "application/json")], &renamed.to_string()).await.ok(200);
    let read = scim.get(&path).await.ok(200);
    assert_eq!(read["userName"], "ada.byron");
    assert_eq!(read["externalId"], "00u-ada", "nobody touched it");
}

#[tokio::test]
async fn a_new_name_changes_the_nickname_slack_keeps_equal_unless_a_client_wrote_one() {
    let world = world().await;
    let created = world.scim.post("/Users", &ada()).await.ok(201);
    let path = format!("/Users/{}", created["id"].as_str().unwrap());
    let set = async |name: &str, value: &str| {
        let operation = json!([{ "op": "replace", "path": name, "value": value }]);
        let changed = world.scim.patch(&path, operation).await.ok(200);
        assert_eq!(world.scim.get(&path).await.ok(200), changed);
        (changed["userName"].clone(), changed["nickName"].clone())
    };
    assert_eq!(
        set("userName", "Ada.Byron@acme.example").await,
        (json!("Ada.Byron@acme.example"), json!("Ada.Byron@acme.example"))
    );
    assert_eq!(world.slack.user(created["id"].as_str().unwrap()).unwrap()["nickName"], "ada.byron");
    // Nobody wrote the nickname, though it is remembered: it follows once more, and can be set to what it was.
    assert_eq!(
        set("userName", "Ada.King@acme.example").await,
        (json!("Ada.King@acme.example"), json!("Ada.King@acme.example"))
    );
    set("nickName", "Ada.Byron@acme.example").await;
    assert_eq!(world.slack.user(created["id"].as_str().unwrap()).unwrap()["userName"], "ada.byron");
    world.calls();
    for nothing in [json!(""), Value::Null] {
        let operation = json!([{ "op": "replace", "path": "userName", "value": nothing }]);
        let detail = world.scim.patch(&path, operation).await.refused(400, "mutability");
        assert!(detail.contains("userName: is required"), "{detail}");
    }
    assert!(world.calls().iter().all(|call| call.starts_with("GET ")), "nobody was renamed");
}

#[tokio::test]
async fn what_was_acknowledged_is_remembered_after_sigkill() {
    let World { mut host, scim, slack: _slack, .. } = world().await;
    let mut client = scim;
    for round in 0..5 {
        let more = json!({ "userName": format!("Person.{round}@acme.example"), "externalId": format!("ext-{round}") });
        let created = client.post("/Users", &user(&format!("person.{round}"), more)).await.ok(201);
        host = host.killed().await;
        client = Client { address: host.address, ..client };
        let again = found(&client, &format!("externalId eq \"ext-{round}\"")).await;
        assert_eq!(again.len(), 1, "round {round}");
        assert_eq!(again[0]["userName"], created["userName"], "round {round}");
        assert_eq!(again[0]["id"], created["id"], "round {round}");
    }
}
