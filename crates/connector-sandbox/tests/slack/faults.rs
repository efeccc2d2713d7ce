//! Injected faults: wrong, late, broken or no answers.

use connector_sandbox::{Effect, Fault};
use serde_json::{Value, json};

use crate::client::{CORE, get, send, usual};

const USERS: &str = "/scim/v1/Users";

fn post_body(name: &str) -> String {
    json!({"schemas": [CORE], "userName": name, "emails": [{"value": format!("{name}@new.example")}]})
        .to_string()
}

#[tokio::test]
async fn a_status_can_be_forced_for_the_next_requests() {
    let slack = usual().await;
    let effect = Effect::Status {
        status: 503,
        body: "<html>down</html>".into(),
        retry_after: Some("7".into()),
        content_type: Some("text/html".into()),
    };
    slack.inject(Fault::on(USERS, effect).method("GET").times(2));
    for _ in 0..2 {
        let down = get(&slack, "Users").await;
        assert_eq!((down.status, down.text.as_str()), (503, "<html>down</html>"));
        assert_eq!((down.header("retry-after"), down.header("content-type")), (Some("7"), Some("text/html")));
    }
    assert_eq!(get(&slack, "Users").await.status, 200);
    let statuses: Vec<_> = slack.requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [503, 503, 200]);
}

#[tokio::test]
async fn a_cut_connection_leaves_the_request_done_or_not_done() {
    let slack = usual().await;
    let headers = format!("Authorization: Bearer {}\r\n", slack.token());
    slack.inject(Fault::on(USERS, Effect::CloseBefore));
    assert!(send(&slack, "POST", USERS, &headers, &post_body("not.done")).await.is_none());
    assert_eq!(slack.user_named("not.done"), None);
    slack.inject(Fault::on(USERS, Effect::CloseAfter));
    assert!(send(&slack, "POST", USERS, &headers, &post_body("was.done")).await.is_none());
    assert!(slack.user_named("was.done").is_some());
    assert!(slack.requests().iter().all(|request| request.status == 0));
}

#[tokio::test]
async fn bodies_can_be_cut_off_spoilt_or_huge() {
    let slack = usual().await;
    slack.inject(Fault::on(USERS, Effect::TruncateBody { bytes: 20 }));
    let cut = get(&slack, "Users").await;
    assert_eq!((cut.status, cut.text.as_str(), cut.broken), (200, r#"{"totalResults":250,"#, true));
    slack.inject(Fault::on(USERS, Effect::MalformedJson));
    let spoilt = get(&slack, "Users").await;
    assert_eq!((spoilt.status, spoilt.json()), (200, Value::Null));
    slack.inject(Fault::on(USERS, Effect::HugeBody { bytes: 3_000_000 }));
    assert!(get(&slack, "Users").await.text.len() > 3_000_000);
}

#[tokio::test]
async fn a_client_can_be_sent_elsewhere() {
    let slack = usual().await;
    slack
        .inject(Fault::on("/", Effect::Redirect { location: "http://169.254.169.254/".into(), status: 307 }));
    let moved = get(&slack, "Users").await;
    assert_eq!((moved.status, moved.header("location")), (307, Some("http://169.254.169.254/")));
}

#[tokio::test]
async fn faults_can_skip_requests_wait_and_be_cleared() {
    let slack = usual().await;
    let refusal = || connector_sandbox::slack::refusal(500, "database_query_failure");
    slack.inject(Fault::on("/scim/v1/Groups", refusal()).skip(1));
    assert_eq!(get(&slack, "Groups").await.status, 200);
    assert_eq!(get(&slack, "Groups").await.error(), (500, "database_query_failure".into()));
    let begun = std::time::Instant::now();
    slack.inject(Fault::on(USERS, Effect::Pass).delay_ms(80));
    assert_eq!(get(&slack, "Users").await.status, 200);
    assert!(begun.elapsed().as_millis() >= 80);
    slack.inject(Fault::on(USERS, refusal()));
    slack.clear_faults();
    assert_eq!(get(&slack, "Users").await.status, 200);
}
