//! The control paths, the fast mode, the end of the server, and the page about it all.

use connector_sandbox::webex::{Options, refusal};
use connector_sandbox::{Effect, Fault};
use serde_json::{Value, json};

use crate::client::{bo, get, path, send, start, usual};

#[test]
fn the_readme_lists_every_switch_with_its_default() {
    let readme = include_str!("../../README.md");
    let Value::Object(options) = serde_json::to_value(Options::default()).unwrap() else {
        panic!("an object")
    };
    let (_, page) = readme.split_once("## Switches of Webex").expect("the section");
    for (name, default) in options {
        let row = format!("| `{name}` | `{default}` | ");
        assert!(page.contains(&row), "README.md must have the row {row}");
    }
}

#[tokio::test]
async fn switches_can_be_read_and_changed_over_http() {
    let webex = usual().await;
    let call =
        async |method: &str, body: &str| send(&webex, method, "/_sandbox/options", "", body).await.unwrap();
    assert_eq!(call("GET", "").await.ok(200), serde_json::to_value(Options::default()).unwrap());
    let after = call("PATCH", r#"{"next_link": "max_null", "people_page_ceiling": 500}"#).await.ok(200);
    assert_eq!((&after["next_link"], &after["people_page_ceiling"]), (&json!("max_null"), &json!(500)));
    let unknown = call("PATCH", r#"{"next_link": "lost"}"#).await;
    assert_eq!(unknown.status, 400);
}

#[tokio::test]
async fn an_invited_person_can_be_made_to_sign_in_over_http() {
    let webex = usual().await;
    let bo = bo(&webex).await;
    let activate = async |id: &Value| {
        let body = json!({"id": id}).to_string();
        send(&webex, "POST", "/_sandbox/activate", "", &body).await.unwrap()
    };
    assert_eq!(activate(&bo["id"]).await.ok(200), json!({"id": bo["id"]}));
    assert_eq!(get(&webex, &path(&bo)).await.ok(200)["invitePending"], false);
    assert_eq!(activate(&json!("nobody")).await.status, 400);
}

#[tokio::test]
async fn a_partner_manages_other_organizations_too() {
    let webex = start(Options { managed_organizations: 2, ..Options::default() }).await;
    let all = get(&webex, "organizations").await.ok(200);
    let names: Vec<_> =
        all["items"].as_array().unwrap().iter().map(|item| item["displayName"].clone()).collect();
    assert_eq!(names, ["Acme Demo", "Customer 1", "Customer 2"]);
    let path = format!("organizations/{}", all["items"][2]["id"].as_str().unwrap());
    assert_eq!(get(&webex, &path).await.ok(200), all["items"][2]);
}

#[tokio::test]
async fn faults_answer_in_the_form_of_webex_and_have_a_tracking_id_too() {
    let webex = usual().await;
    webex.inject(Fault::on("/v1/roles", refusal(500, "An unexpected error occurred.", "")));
    let broken = get(&webex, "roles").await;
    assert_eq!((broken.status, &broken.json()["message"]), (500, &json!("An unexpected error occurred.")));
    assert!(broken.header("trackingid").is_some_and(|id| id.starts_with("ROUTERGW_")));
    webex.inject(Fault::on("/v1/roles", Effect::TruncateBody { bytes: 12 }));
    let cut = get(&webex, "roles").await;
    assert_eq!((cut.status, cut.text.as_str(), cut.broken), (200, r#"{"items":[{""#, true));
    webex.inject(Fault::on("/v1/roles", Effect::CloseBefore));
    let headers = format!("Authorization: Bearer {}\r\n", webex.token());
    assert!(send(&webex, "GET", "/v1/roles", &headers, "").await.is_none());
}

#[tokio::test]
async fn the_fast_mode_answers_the_same_without_limits_and_log() {
    let (slow, fast) = (usual().await, start(Options { fast: true, ..Options::default() }).await);
    assert_eq!(get(&slow, "people/me").await.ok(200), get(&fast, "people/me").await.ok(200));
    for _ in 0..310 {
        assert_eq!(get(&fast, "organizations").await.status, 200);
    }
    assert_eq!(fast.requests(), []);
    assert_eq!(send(&fast, "GET", "/v1/roles", "", "").await.unwrap().status, 401);
}

#[tokio::test]
async fn shutting_down_closes_the_port() {
    let webex = usual().await;
    let address = webex.address();
    assert_eq!(get(&webex, "people/me").await.status, 200);
    webex.shutdown().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
