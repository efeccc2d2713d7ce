//! Dry runs, in all three ways to ask for one: what is shown is what would be sent, and nothing else happens.

use connector_host_tests::{Answer, Client, Host, World, user};
use connector_sandbox::{
    RecordedRequest,
    activecampaign::{self, Options},
};
use serde_json::{Value, json};

use crate::{ENTERPRISE, binary, world};

const DRY_RUN: (&str, &str) = ("prefer", "dry-run");

/// The requests of a client, each with its body; `{…}` in a path stands for the id that an earlier one brought.
struct Session<'t> {
    scim: Client,
    /// What the target was asked since this was asked last.
    asked: Box<dyn Fn() -> Vec<RecordedRequest> + 't>,
}

impl Session<'_> {
    async fn send(&self, method: &str, path: &str, body: &Value, dry_run: bool) -> Answer {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let headers = [("content-type", "application/scim+json"), DRY_RUN];
        self.scim.send(method, path, if dry_run { &headers } else { &headers[..1] }, &text).await
    }

    /// The preview of a request is what the request then does; returns its answer.
    async fn is_as_previewed(&self, method: &str, path: &str, body: Value) -> Value {
        // What a connector learns once it does not read again: so the second preview is the one that counts.
        self.send(method, path, &body, true).await;
        (self.asked)();
        let preview = self.send(method, path, &body, true).await;
        assert_eq!(preview.header("preference-applied"), Some("dry-run"), "{preview:?}");
        let preview = preview.ok(200);
        let made = (self.asked)();
        assert!(made.iter().all(|request| request.method == "GET"), "{method} {path} wrote: {made:?}");

        let real = self.send(method, path, &body, false).await;
        assert!(real.status < 300, "{method} {path}: {real:?}");
        let real = if real.text.is_empty() { Value::Null } else { serde_json::from_str(&real.text).unwrap() };
        let sent: Vec<Value> = (self.asked)().iter().map(as_sent).collect();
        let id = real["id"].as_str().unwrap_or("–");
        let planned = preview["requests"].as_array().unwrap().iter().map(|request| as_planned(request, id));
        assert_eq!(planned.collect::<Vec<_>>(), sent, "{method} {path}: shown, and sent");
        // What the target fills in by itself is not known before; all else is as it will be.
        for (name, value) in preview["resource"].as_object().into_iter().flatten() {
            if real.is_object() && !["id", "meta"].contains(&name.as_str()) {
                let (shown, is) = (without_display(value), without_display(&real[name]));
                assert_eq!(shown, is, "{method} {path}: {name}");
            }
        }
        assert!(preview["trace"].is_array());
        real
    }
}

/// Members' names are the target's alone.
fn without_display(value: &Value) -> Value {
    let mut value = value.clone();
    for element in value.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        element.remove("display");
    }
    value
}

/// The stand-in masks passwords, and so does a preview, in words of their own.
fn without_password(mut body: Value) -> Value {
    let inner = if body["user"].is_object() { &mut body["user"] } else { &mut body };
    if inner.get("password").is_some() {
        inner["password"] = json!("*");
    }
    body
}

fn as_sent(request: &RecordedRequest) -> Value {
    let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
    json!([request.method, format!("{}{query}", request.path), without_password(request.body.clone())])
}

fn as_planned(request: &Value, id: &str) -> Value {
    let text = request.to_string().replace("{id of call 1}", id);
    let mut request: Value = serde_json::from_str(&text).unwrap();
    let url = request["url"].as_str().unwrap().splitn(4, '/').nth(3).unwrap().to_owned();
    json!([request["method"], format!("/{url}"), without_password(request["body"].take())])
}

#[tokio::test]
async fn what_slack_would_be_sent_is_what_it_is_sent() {
    let world = world().await;
    let [one, two, three] = world.members(3).try_into().unwrap();
    let asked = || {
        let requests = world.slack.requests();
        world.slack.clear_requests();
        requests
    };
    let session = Session { scim: world.scim.clone(), asked: Box::new(asked) };
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
}

#[tokio::test]
async fn what_activecampaign_would_be_sent_is_what_it_is_sent() {
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
    let session = Session { scim, asked: Box::new(asked) };
    let group = json!({"displayName": "Preview"});
    let created = session.is_as_previewed("POST", "/Groups", group).await;
    let (group, path) = (created["id"].clone(), format!("/Groups/{}", created["id"].as_str().unwrap()));
    session.is_as_previewed("PUT", &path, json!({"displayName": "Previewed"})).await;

    let own = "urn:connector-host:scim:activecampaign:2.0:User";
    let person = json!({
        "userName": "tove.preview", "name": {"givenName": "Tove", "familyName": "Arvidsson"},
        "emails": [{"value": "tove.preview@acme.example", "type": "work"}], "password": "correct horse battery",
        "nickName": "T", own: {"groupId": group},
    });
    let created = session.is_as_previewed("POST", "/Users", person).await;
    let user = format!("/Users/{}", created["id"].as_str().unwrap());
    let change = json!({"Operations": [{"op": "replace", "path": "name.familyName", "value": "Berg"}]});
    session.is_as_previewed("PATCH", &user, change).await;
    session.is_as_previewed("GET", &user, Value::Null).await;
    session.is_as_previewed("DELETE", &user, Value::Null).await;
    session.is_as_previewed("DELETE", &path, Value::Null).await;
    // A list that is walked: shown call by call, and not kept.
    session.is_as_previewed("GET", "/Users?count=3", Value::Null).await;
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
