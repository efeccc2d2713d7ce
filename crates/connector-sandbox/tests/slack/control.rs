//! The control paths, the fast mode and the end of the server.

use connector_sandbox::slack::Options;
use serde_json::{Value, json};

use crate::client::{Answer, get, new_user, patch, path, send, start, usual};

async fn control(slack: &connector_sandbox::slack::Slack, method: &str, path: &str, body: Value) -> Answer {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    send(slack, method, &format!("/_sandbox/{path}"), "", &body).await.expect("an answer")
}

#[tokio::test]
async fn requests_can_be_read_and_forgotten_over_http() {
    let slack = usual().await;
    let headers = format!("Authorization: Bearer {}\r\nX-Request-Id: r-1\r\n", slack.token());
    send(&slack, "PATCH", "/scim/v1/Users/U0?x=%20y", &headers, r#"{"title":"x"}"#).await.unwrap();
    let expected = json!([{
        "method": "PATCH", "path": "/scim/v1/Users/U0", "query": "x=%20y", "body": {"title": "x"},
        "status": 404, "authorization": true, "request_id": "r-1",
    }]);
    assert_eq!(control(&slack, "GET", "requests", Value::Null).await.ok(200), expected);
    assert_eq!(serde_json::to_value(slack.requests()).unwrap(), expected);
    assert_eq!(control(&slack, "DELETE", "requests", Value::Null).await.status, 204);
    assert_eq!(slack.requests(), []);
}

#[tokio::test]
async fn switches_can_be_read_and_changed_over_http() {
    let slack = usual().await;
    let before = control(&slack, "GET", "options", Value::Null).await.ok(200);
    assert_eq!(before, serde_json::to_value(Options::default()).unwrap());
    let change = json!({"taken_status": 400, "active_lag": {"reads": 2}, "long_name": "username_too_long"});
    let after = control(&slack, "PATCH", "options", change).await.ok(200);
    assert_eq!(after["taken_status"], 400);
    assert_eq!((slack.options().taken_status, slack.options().active_lag.reads), (400, 2));
    let unknown = control(&slack, "PATCH", "options", json!({"taken": 400})).await;
    assert_eq!(unknown.status, 400);
    assert!(unknown.text.contains("unknown field `taken`"), "{}", unknown.text);
}

#[test]
fn the_readme_lists_every_switch_with_its_default() {
    let readme = include_str!("../../README.md");
    let Value::Object(options) = serde_json::to_value(Options::default()).unwrap() else {
        panic!("an object")
    };
    for (name, default) in options {
        let row = format!("| `{name}` | `{default}` | ");
        assert!(readme.contains(&row), "README.md must have the row {row}");
    }
}

#[tokio::test]
async fn faults_and_clock_can_be_set_over_http() {
    let slack = usual().await;
    let fault = json!({"method": "GET", "path": "/scim/v1/Users", "times": 1,
        "effect": {"kind": "status", "status": 418, "body": "{}"}});
    assert_eq!(control(&slack, "POST", "faults", fault).await.status, 204);
    assert_eq!(get(&slack, "Users").await.status, 418);
    let bad = control(&slack, "POST", "faults", json!({"effect": {"kind": "explode"}})).await;
    assert_eq!(bad.status, 400);
    let before = slack.clock().now_ms();
    let moved = control(&slack, "POST", "clock", json!({"advance_ms": 1500})).await.ok(200);
    assert_eq!(moved["now_ms"], before + 1500);
    assert_eq!(control(&slack, "POST", "clock", json!({})).await.status, 400);
    assert_eq!(control(&slack, "GET", "clock", Value::Null).await.status, 405);
    assert_eq!(control(&slack, "GET", "nothing", Value::Null).await.status, 404);
}

#[tokio::test]
async fn the_fast_mode_answers_the_same_without_limits_and_log() {
    let (slow, fast) = (usual().await, start(Options { fast: true, ..Options::default() }).await);
    let user = &slow.users()[7];
    let normal = |text: &str, slack: &connector_sandbox::slack::Slack| {
        text.replace(&slack.address().to_string(), "address")
    };
    for path in [path(user), "Users?count=100&startIndex=3".into(), "Groups?count=12".into()] {
        let (a, b) = (get(&slow, &path).await, get(&fast, &path).await);
        assert_eq!(normal(&a.text, &slow), normal(&b.text, &fast));
        assert!(b.header("content-length").is_some());
    }
    for _ in 0..30 {
        patch(&fast, &path(user), json!({"title": "x"})).await.ok(200);
    }
    assert_eq!(get(&fast, &path(user)).await.ok(200)["title"], "x");
    assert_eq!(fast.requests(), []);
    let denied = send(&fast, "GET", "/scim/v1/Users", "", "").await.unwrap();
    assert_eq!(denied.status, 401, "credentials count all the same");
}

#[tokio::test]
async fn shutting_down_closes_the_port() {
    let slack = usual().await;
    let address = slack.address();
    new_user(&slack, "ada.l", json!({})).await;
    slack.shutdown().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
