//! The control paths, the fast mode, the end of the server, and the page about it all.

use connector_sandbox::activecampaign::Options;
use serde_json::{Value, json};

use crate::client::{call_as, get, send, start, text, usual};

#[test]
fn the_readme_lists_every_switch_with_its_default() {
    let readme = include_str!("../../README.md");
    let Value::Object(options) = serde_json::to_value(Options::default()).unwrap() else {
        panic!("an object")
    };
    let (_, page) = readme.split_once("## Switches of ActiveCampaign").expect("the section");
    for (name, default) in options {
        let row = format!("| `{name}` | `{default}` | ");
        assert!(page.contains(&row), "README.md must have the row {row}");
    }
}

#[tokio::test]
async fn switches_can_be_read_and_changed_over_http() {
    let target = start(Options::default()).await;
    let call =
        async |method: &str, body: &str| send(&target, method, "/_sandbox/options", "", body).await.unwrap();
    assert_eq!(call("GET", "").await.ok(200), serde_json::to_value(Options::default()).unwrap());
    let after = call("PATCH", r#"{"paging": "whole_list", "seats": 3}"#).await.ok(200);
    assert_eq!((&after["paging"], &after["seats"]), (&json!("whole_list"), &json!(3)));
    assert_eq!(call("PATCH", r#"{"paging": "by_chance"}"#).await.status, 400);
}

#[tokio::test]
async fn the_key_of_any_user_can_be_had_over_http() {
    let target = usual().await;
    let ask = async |id: Value| {
        let body = json!({"id": id}).to_string();
        send(&target, "POST", "/_sandbox/key", "", &body).await.unwrap()
    };
    let key = ask(json!("6")).await.ok(200);
    let me = call_as(&target, text(&key, "key"), "GET", "users/me", &Value::Null).await;
    assert_eq!(me.ok(200)["user"]["id"], "6");
    assert_eq!(ask(json!("99999")).await.status, 400);
}

#[tokio::test]
async fn the_account_can_be_small() {
    let target = start(Options { users: 1, groups: 1, ..Options::default() }).await;
    assert_eq!(target.users_len(), 1);
    assert_eq!(target.user("1").unwrap()["groups"], json!(["3"]));
    assert_eq!(get(&target, "groups").await.ok(200)["meta"]["total"], "1");
}

#[tokio::test]
async fn the_fast_mode_answers_the_same_without_limits_and_log() {
    let (slow, fast) = (usual().await, start(Options { fast: true, ..Options::default() }).await);
    let of = async |target| {
        let mut user = get(target, "users/me").await.ok(200)["user"].clone();
        user["links"] = Value::Null;
        user
    };
    assert_eq!(of(&slow).await, of(&fast).await);
    for _ in 0..20 {
        assert_eq!(get(&fast, "groups").await.status, 200);
    }
    assert_eq!(fast.requests(), []);
    assert_eq!(send(&fast, "GET", "/api/3/users", "", "").await.unwrap().status, 403);
}

#[tokio::test]
async fn shutting_down_closes_the_port() {
    let target = usual().await;
    let address = target.address();
    assert_eq!(get(&target, "users/me").await.status, 200);
    target.shutdown().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
