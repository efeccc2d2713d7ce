//! Lists by `Link` alone, with every defect that has been recorded.

use std::time::Duration;

use connector_core::error::{Kind, Retry};
use connector_testkit::Gateway;
use serde_json::{Value, json};

use crate::support::{Answer, Step, Webex, ada, bo, failure, items, step_with};

/// A page of people and the address of the next one.
fn page(people: Value, next: &str) -> Step {
    let answer = Answer::json(200, json!({"notFoundIds": null, "items": people}));
    step_with("GET /people", answer.header("link", format!("<{next}>; rel=\"next\"")))
}

async fn names(webex: &Gateway, filter: Option<&str>) -> Vec<String> {
    let listed = webex.list("Users", filter).await.expect("a list");
    assert_eq!(listed.total, listed.resources.len() as u64);
    let name = |user: &connector_core::scim::Resource| {
        user.get("userName").and_then(Value::as_str).expect("a name").to_owned()
    };
    listed.resources.iter().map(name).collect()
}

#[tokio::test]
async fn pages_are_followed_as_webex_gives_them() {
    let webex = Webex::organisation([
        page(json!([ada()]), "/v1/people?max=100&excludeStatus=true&before&after=b%2Fc%3D"),
        items("GET /people", json!([bo()])),
    ])
    .await;
    assert_eq!(names(&webex, None).await, ["ada.quill@acme-demo.example", "bo.tern@acme-demo.example"]);
    insta::assert_snapshot!(webex.sent().await);
}

#[tokio::test]
async fn a_next_link_with_max_null_or_lost_parameters_is_mended() {
    let webex = Webex::organisation([
        page(json!([ada()]), "/v1/people?max=null&cursor=2"),
        items("GET /people", json!([bo()])),
    ])
    .await;
    assert_eq!(names(&webex, None).await.len(), 2);
    let sent = webex.sent().await;
    assert!(sent.contains("?cursor=2\n  ?callingData=true\n  ?excludeStatus=true\n  ?max=100\n"), "{sent}");
    assert!(!sent.contains("null"), "{sent}");
}

#[tokio::test]
async fn an_empty_page_in_between_is_not_the_end() {
    let webex = Webex::organisation([
        page(json!([ada()]), "/v1/people?cursor=2"),
        page(json!([]), "/v1/people?cursor=3"),
        items("GET /people", json!([bo()])),
    ])
    .await;
    assert_eq!(names(&webex, None).await.len(), 2);
    webex.sent().await;
}

#[tokio::test]
async fn empty_pages_without_end_are_an_error_and_never_a_short_list() {
    let webex =
        Webex::organisation((0..20).map(|n| page(json!([]), &format!("/v1/people?cursor={n}")))).await;
    let error = webex.list("Users", None).await.unwrap_err();
    assert_eq!(error.kind(), Kind::OddAnswer);
    webex.sent().await;
}

#[tokio::test]
async fn the_token_follows_no_link_to_another_place() {
    for next in ["https://elsewhere.example/v1/people?cursor=2", "/v1/people/me?cursor=2", "http://[broken"] {
        let webex = Webex::organisation([page(json!([ada()]), next)]).await;
        let error = webex.list("Users", None).await.unwrap_err();
        assert_eq!(error.kind(), Kind::OddAnswer, "{next}");
        webex.sent().await;
    }
}

#[tokio::test]
async fn a_page_webex_is_too_slow_for_is_asked_for_in_halves() {
    let slow = || failure("GET /people", 504, "Please use a smaller max value.");
    let webex = Webex::organisation([slow(), slow(), items("GET /people", json!([ada()]))]).await;
    assert_eq!(names(&webex, None).await.len(), 1);
    let sent = webex.sent().await;
    let sizes: Vec<&str> = sent.lines().filter_map(|line| line.trim().strip_prefix("?max=")).collect();
    assert_eq!(sizes, ["100", "50", "25"]);
}

#[tokio::test]
async fn addresses_and_display_names_are_looked_up_by_webex() {
    for (filter, parameter) in [
        ("userName eq \"ada.quill@acme-demo.example\"", "?email=ada.quill@acme-demo.example"),
        ("emails.value eq \"ada.quill@acme-demo.example\"", "?email=ada.quill@acme-demo.example"),
        (
            "emails[type eq \"work\" and value eq \"ada.quill@acme-demo.example\"]",
            "?email=ada.quill@acme-demo.example",
        ),
        ("displayName eq \"Ada Quill\"", "?displayName=Ada Quill"),
    ] {
        let webex = Webex::organisation([items("GET /people", json!([ada()]))]).await;
        assert_eq!(names(&webex, Some(filter)).await.len(), 1, "{filter}");
        let sent = webex.sent().await;
        assert!(sent.contains(parameter), "{filter}: {sent}");
    }
}

#[tokio::test]
async fn a_list_that_was_read_a_moment_ago_answers_the_test_of_a_connection() {
    let webex = Webex::organisation([items("GET /people", json!([ada(), bo()]))]).await;
    assert_eq!(names(&webex, None).await.len(), 2);
    let listed = webex.page("Users", None, None, Some(1)).await.expect("a list");
    assert_eq!((listed.resources.len(), listed.total), (1, 2));
    webex.sent().await;
}

#[tokio::test]
async fn a_list_that_fails_says_when_to_come_back() {
    let limited = Answer::json(429, json!({"message": "slow down"})).header("retry-after", "7200");
    let webex = Webex::organisation([step_with("GET /people", limited)]).await;
    let error = webex.list("Users", None).await.unwrap_err();
    assert_eq!(error.kind(), Kind::RateLimited);
    assert!(
        matches!(error.retry_hint(), Retry::After(wait) if wait > Duration::from_secs(7000)),
        "{error:?}"
    );
    webex.sent().await;
}
