//! The control paths, the fast mode, the end of the server, and the page about it all.

use connector_sandbox::workplace::Options;
use serde_json::{Value, json};

use crate::client::{STATUS, get, made, put, send, start, usual};

#[test]
fn the_readme_lists_every_switch_with_its_default() {
    let readme = include_str!("../../README.md");
    let Value::Object(options) = serde_json::to_value(Options::default()).unwrap() else {
        panic!("an object")
    };
    let (_, page) = readme.split_once("## Switches of Workplace").expect("the section");
    for (name, default) in options {
        let row = format!("| `{name}` | `{default}` | ");
        assert!(page.contains(&row), "README.md must have the row {row}");
    }
}

#[tokio::test]
async fn switches_can_be_read_and_changed_over_http() {
    let target = usual().await;
    let call =
        async |method: &str, body: &str| send(&target, method, "/_sandbox/options", "", body).await.unwrap();
    assert_eq!(call("GET", "").await.ok(200), serde_json::to_value(Options::default()).unwrap());
    let after = call("PATCH", r#"{"era": "read_only", "throttle_code": 17}"#).await.ok(200);
    assert_eq!((&after["era"], &after["throttle_code"]), (&json!("read_only"), &json!(17)));
    assert_eq!(call("PATCH", r#"{"era": "golden"}"#).await.status, 400);
}

#[tokio::test]
async fn an_invited_person_can_be_made_to_come_over_http() {
    let target = usual().await;
    let id = made(&target).await;
    let claim = async || {
        let body = json!({"id": id}).to_string();
        send(&target, "POST", "/_sandbox/claim", "", &body).await.unwrap()
    };
    assert_eq!(claim().await.status, 400, "not invited");
    put(&target, &id, json!({STATUS: {"invited": true}})).await.ok(200);
    claim().await.ok(200);
    assert_eq!(target.person(&id).unwrap()[STATUS]["claimed"], true);
    assert_eq!(send(&target, "GET", "/_sandbox/claim", "", "").await.unwrap().status, 404);
}

#[tokio::test]
async fn the_fast_mode_answers_the_same_without_limits_and_log() {
    let fast = start(Options { fast: true, calls_per_minute: 3, ..Options::default() }).await;
    let slow = usual().await;
    let path = "/scim2/Users?count=3";
    assert_eq!(get(&slow, path).await.ok(200), get(&fast, path).await.ok(200));
    for _ in 0..10 {
        assert_eq!(get(&fast, "/scim/v1/Users").await.status, 200);
    }
    assert_eq!(fast.requests(), []);
    assert_eq!(send(&fast, "GET", path, "User-Agent: x\r\n", "").await.unwrap().status, 401);
}

#[tokio::test]
async fn neither_token_nor_secret_is_in_the_debug_form() {
    let target = usual().await;
    let told = format!("{target:?}");
    assert!(!told.contains(&target.token()) && !told.contains(&target.app_secret()));
}

#[tokio::test]
async fn shutting_down_closes_the_port() {
    let target = usual().await;
    let address = target.address();
    assert_eq!(get(&target, "/scim2/Users").await.status, 200);
    target.shutdown().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
