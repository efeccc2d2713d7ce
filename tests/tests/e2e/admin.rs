//! `/admin/v1`: off without its token, and what it tells with it.

use connector_host_tests::{Client, World};
use serde_json::{Value, json};

use crate::{binary, world};

const TOKEN: &str = "admin-token-of-the-e2e-tests";

async fn world_with_admin() -> (World, Client) {
    let world = World::with(binary(), &format!("admin_token = \"{TOKEN}\""), "").await;
    let admin = Client { address: world.host.address, base: "/admin/v1".into(), token: TOKEN.into() };
    (world, admin)
}

#[tokio::test]
async fn without_an_admin_token_it_is_not_there() {
    let world = world().await;
    for token in ["", TOKEN, &world.scim.token] {
        let admin = Client { base: "/admin/v1".into(), token: token.to_owned(), ..world.scim.clone() };
        for path in ["/instances", "/audit", "/nothing"] {
            assert_eq!(admin.get(path).await.status, 404, "{path}");
        }
    }
}

#[tokio::test]
async fn only_the_admin_token_opens_it() {
    let (world, admin) = world_with_admin().await;
    admin.get("/instances").await.ok(200);
    for token in ["", "wrong", &world.scim.token, &TOKEN[1..]] {
        let other = Client { token: token.to_owned(), ..admin.clone() };
        for path in ["/instances", "/audit", "/nothing"] {
            let answer = other.get(path).await;
            answer.refused(401, "");
            let challenge = answer.header("www-authenticate").unwrap_or_default();
            assert!(challenge.starts_with("Bearer realm="), "{challenge}");
        }
    }
    let scim = Client { token: TOKEN.into(), ..world.scim.clone() };
    scim.get("/Users").await.refused(401, "");
    admin.get("/nothing").await.refused(404, "");
    admin.delete("/instances").await.refused(405, "");
}

#[tokio::test]
async fn it_tells_how_the_instances_are() {
    let (_world, admin) = world_with_admin().await;
    let expected = json!({ "instances": [{ "name": "acme", "connector": "slack", "state": "ready" }] });
    assert_eq!(admin.get("/instances").await.ok(200), expected);
}

#[tokio::test]
async fn the_audit_tells_who_made_and_revoked_what_page_by_page() {
    let (world, admin) = world_with_admin().await;
    for arguments in [
        ["client", "create", "acme", "--name", "idp"],
        ["client", "revoke", "acme", "--name", "idp"],
        ["token", "create", "acme", "--name", "Entra \"ID\""],
        ["token", "revoke", "acme", "--name", "Entra \"ID\""],
    ] {
        assert!(world.host.run(&arguments).await.status.success(), "{arguments:?}");
    }
    let page = admin.get("/audit?instance=acme").await.ok(200);
    let told = |event: &Value| {
        let text = |name: &str| event[name].as_str().expect("a text").to_owned();
        [text("instance"), text("actor"), text("action"), text("detail")]
    };
    let events: Vec<_> = page["events"].as_array().expect("a list").iter().map(told).collect();
    let expected = [
        ["acme", "cli", "token.revoked", "Entra \"ID\""],
        ["acme", "cli", "token.created", "Entra \"ID\""],
        ["acme", "cli", "client.revoked", "idp"],
        ["acme", "cli", "client.created", "idp"],
        // The one the world itself uses.
        ["acme", "cli", "token.created", "e2e"],
    ];
    assert_eq!(events, expected.map(|event| event.map(str::to_owned)), "the latest first");
    assert_eq!(page["next_cursor"], Value::Null);
    let at = page["events"][0]["at"].as_str().expect("a time");
    assert!(at.ends_with('Z') && at.len() == 20, "{at}");

    let second = page["events"][1]["id"].as_i64().expect("a number");
    let rest = admin.get(&format!("/audit?cursor={second}")).await.ok(200);
    assert_eq!(rest["events"][0], page["events"][2], "a cursor goes on behind the last event");
    assert_eq!(admin.get("/audit?instance=other").await.ok(200)["events"], json!([]));
    admin.get("/audit?cursor=x").await.refused(400, "invalidValue");
}
