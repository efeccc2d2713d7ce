//! Dry runs, in all three ways to ask for one: what is shown is what would be sent, and nothing else happens.

mod activecampaign;
mod session;
mod slack;
mod webex;
mod workplace;

use std::collections::BTreeSet;

use connector_core::connector::{Connector, Settings};
use connector_host::registry::CONNECTORS;
use connector_host_tests::{Client, World, user};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use self::session::DRY_RUN;
use crate::{binary, world};

/// What each connector is able to do, previewed and then done: one file and one line per connector.
async fn play(connector: &str) -> BTreeSet<String> {
    match connector {
        "activecampaign" => activecampaign::play().await,
        "slack" => slack::play().await,
        "webex" => webex::play().await,
        "workplace" => workplace::play().await,
        other => panic!(
            "no preview of {other} is compared with what is then sent: add a file in tests/tests/e2e/preview that plays what \
             it is able to do before its stand-in, and a line to `play`"
        ),
    }
}

#[tokio::test]
async fn what_each_connector_would_send_is_what_it_sends() {
    let mut playing = JoinSet::new();
    for known in CONNECTORS {
        playing.spawn(async {
            let previewed = play(known.spec.name).await;
            let connector = (known.build)(&Settings::default()).unwrap();
            let left: Vec<String> =
                abilities(&*connector).filter(|ability| !previewed.contains(ability)).collect();
            let name = known.spec.name;
            assert!(left.is_empty(), "{name}: no preview of {left:?} is compared with what is then sent");
        });
    }
    // One that fails ends none of the others; each has said why.
    let mut failed = 0;
    while let Some(played) = playing.join_next().await {
        failed += usize::from(played.is_err());
    }
    assert_eq!(failed, 0, "connectors whose previews are not what is then sent");
}

/// What a connector is able to do, as a session tells what it tried.
fn abilities(connector: &dyn Connector) -> impl Iterator<Item = String> {
    connector.resources().iter().flat_map(|resource| {
        let endpoint = resource.spec().table.endpoint;
        let able = [
            ("GET", true),
            ("POST", resource.creator().is_some()),
            ("PATCH", resource.updater().is_some()),
            ("PUT", resource.updater().is_some()),
            ("DELETE", resource.deleter().is_some()),
        ];
        let able = able.into_iter().filter(|(_, is_able)| *is_able);
        let mut able: Vec<String> = able.map(|(method, _)| format!("{method} {endpoint}")).collect();
        able.extend(resource.members().map(|_| format!("members of {endpoint}")));
        able
    })
}

#[tokio::test]
async fn a_refusal_is_the_error_that_the_request_would_get() {
    let world = world().await;
    let taken = world.member(0);
    let taken = taken["userName"].as_str().unwrap();
    for (method, path, body, status, scim_type) in [
        ("POST", "/Users", user(taken, json!({})), 409, "uniqueness"),
        ("POST", "/Users", json!({"displayName": "No name"}), 400, "invalidValue"),
        ("POST", "/Groups", json!([]), 400, "invalidSyntax"),
        ("GET", "/Users/W0NOBODY", Value::Null, 404, ""),
        ("DELETE", "/Users/W0NOBODY", Value::Null, 404, ""),
        ("GET", "/Users?filter=nothing%20eq", Value::Null, 400, "invalidFilter"),
        ("PUT", "/Users", json!({}), 405, ""),
        ("GET", "/Nothing", Value::Null, 404, ""),
    ] {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let answer = world.scim.send(method, path, &[DRY_RUN], &text).await;
        assert_eq!(answer.header("preference-applied"), Some("dry-run"), "{method} {path}");
        answer.refused(status, scim_type);
    }
    assert!(world.calls().iter().all(|call| call.starts_with("GET ")));
}

#[tokio::test]
async fn nothing_is_remembered_of_what_did_not_happen() {
    let world = world().await;
    let id = world.members(1).remove(0);
    let path = format!("/Users/{id}");
    let before = world.scim.get(&path).await.ok(200);
    let change =
        json!({"Operations": [{"op": "add", "value": {"externalId": "hr-1", "title": "Previewed"}}]});
    let preview = world.scim.send("PATCH", &path, &[DRY_RUN], &change.to_string()).await.ok(200);
    assert_eq!(
        (&preview["resource"]["externalId"], &preview["resource"]["title"]),
        (&json!("hr-1"), &json!("Previewed"))
    );
    assert_eq!(world.scim.get(&path).await.ok(200), before);
    assert_eq!(world.scim.get("/Users?filter=externalId%20eq%20%22hr-1%22").await.ok(200)["totalResults"], 0);
    world.scim.send("DELETE", &path, &[DRY_RUN], "").await.ok(200);
    assert_eq!(world.scim.get(&path).await.ok(200), before);
}

#[tokio::test]
async fn the_operations_of_a_bulk_request_are_shown_one_after_another() {
    let world = world().await;
    let bulk = json!({"Operations": [
        {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"displayName": "Bulk", "members": [{"value": "bulkId:u"}]}},
        {"method": "POST", "path": "/Users", "bulkId": "u", "data": user("bulk.preview", json!({}))},
        {"method": "PATCH", "path": "/Users/bulkId:u", "data": {"Operations": [{"op": "add", "path": "title", "value": "New"}]}},
        {"method": "DELETE", "path": "/Users/W0NOBODY"},
    ]});
    let preview = world.scim.send("POST", "/Bulk", &[DRY_RUN], &bulk.to_string()).await.ok(200);
    let requests: Vec<String> = preview["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|request| {
            let url = request["url"].as_str().unwrap();
            format!("{} {}", request["method"].as_str().unwrap(), &url[url.find("/scim/v1").unwrap()..])
        })
        .collect();
    assert_eq!(
        requests,
        [
            "POST /scim/v1/Users",
            "POST /scim/v1/Groups",
            "GET /scim/v1/Users/{id of call 1}",
            "PATCH /scim/v1/Users/{id of call 1}",
            "DELETE /scim/v1/Users/W0NOBODY",
        ]
    );
    assert_eq!(preview["requests"][1]["body"]["members"][0]["value"], "{id of call 1}");
    let statuses: Vec<_> = preview["resource"]["Operations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["status"].clone())
        .collect();
    assert_eq!(statuses, ["201", "201", "200", "404"]);
    assert!(world.calls().iter().all(|call| call.starts_with("GET ")));
}

#[tokio::test]
async fn an_operator_asks_by_the_admin_interface() {
    let token = "admin-token-of-the-preview-tests";
    let world = World::with(binary(), &format!("admin_token = \"{token}\""), "").await;
    let admin = Client { address: world.host.address, base: "/admin/v1".into(), token: token.into() };
    let body = user("Ada.Admin", json!({"password": "correct horse battery"}));
    for path in ["Users", "/Users"] {
        let asked = json!({"method": "post", "path": path, "body": body});
        let preview = admin.post("/instances/acme/preview", &asked).await.ok(200);
        assert_eq!(preview["requests"].as_array().unwrap().len(), 1);
        let request = &preview["requests"][0];
        assert_eq!((&request["method"], &request["sent"]), (&json!("POST"), &json!(false)));
        assert!(request["url"].as_str().unwrap().ends_with("/scim/v1/Users"), "{request}");
        assert_eq!(
            (&request["headers"]["authorization"], &request["body"]["password"]),
            (&json!("[redacted]"), &json!("[redacted]"))
        );
        assert_eq!(preview["resource"]["id"], "{id of call 1}");
        assert!(preview["resource"]["meta"]["location"].as_str().unwrap().ends_with("/Users/{id of call 1}"));
        let step =
            preview["trace"].as_array().unwrap().iter().find(|step| step["scim"] == "userName").unwrap();
        let told = [&step["in"], &step["transform"], &step["out"], &step["outcome"], &step["target"]];
        assert_eq!(
            told,
            [
                &json!("Ada.Admin"),
                &json!("handle"),
                &json!("ada.admin"),
                &json!("changed"),
                &json!("userName")
            ]
        );
    }
    let read = admin
        .post("/instances/acme/preview", &json!({"method": "GET", "path": "Users?filter=userName eq \"x\""}))
        .await
        .ok(200);
    assert_eq!((&read["resource"]["totalResults"], &read["requests"][0]["sent"]), (&json!(0), &json!(true)));
    let ask = async |asked: Value| admin.post("/instances/acme/preview", &asked).await;
    ask(json!({"method": "GET", "path": "/Users/W0NOBODY"})).await.refused(404, "");
    ask(json!({"method": "POST", "path": "/Users"})).await.refused(400, "invalidSyntax");
    ask(json!({"path": "/Users"})).await.refused(400, "invalidSyntax");
    admin
        .post("/instances/other/preview", &json!({"method": "GET", "path": "/Users"}))
        .await
        .refused(404, "");
    assert!(!world.host.log().contains("correct horse"));
}

#[tokio::test]
async fn an_operator_asks_on_the_command_line_beside_the_service() {
    let world = world().await;
    let created = world.create("ada.cli", json!({"externalId": "cli-1"})).await;
    let id = created["id"].as_str().unwrap();
    let file = world.host.directory().join("patch.json");
    std::fs::write(
        &file,
        json!({"Operations": [{"op": "replace", "path": "nickName", "value": "Ada Cli"}]}).to_string(),
    )
    .unwrap();
    let output = world
        .host
        .run(&["preview", "acme", "PATCH", &format!("/Users/{id}"), "--body", file.to_str().unwrap()])
        .await;
    assert!(output.status.success(), "{output:?}");
    let preview: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(preview["requests"][1]["body"]["userName"], "ada_cli", "the other name follows");
    assert_eq!(preview["resource"]["externalId"], "cli-1", "what the service's ledger knows");
    assert!(world.calls().iter().all(|call| call.starts_with("GET ")));

    let output = world.host.run(&["preview", "acme", "GET", "Users/W0NOBODY"]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let refused: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(refused["status"], "404");
    assert!(
        String::from_utf8_lossy(&output.stderr).starts_with("the request would be refused: User W0NOBODY"),
        "{output:?}"
    );
    let output = world.host.run(&["preview", "acmee", "GET", "Users"]).await;
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}
