//! Sections 4 and 5: error bodies, tracking ids, locks, rate limits and what proxies make of answers.

use std::time::Duration;

use connector_sandbox::webex::{Options, RateScope, RetryAfter, TrackingIdForm};
use connector_sandbox::{Effect, Fault};
use serde_json::json;

use crate::client::{SCOPES, bo, call, call_as, get, path, put, send, start, usual};

#[tokio::test]
async fn an_error_has_message_errors_and_the_tracking_id_of_the_header() {
    let webex = usual().await;
    let missing = get(&webex, "people/11111111-2222-4333-a444-555555555555").await;
    assert_eq!(missing.refused(), (404, "Person not found".into()));
    assert_eq!(missing.json()["message"], "The requested resource could not be found.");
    assert_eq!(missing.header("content-type"), Some("application/json;charset=UTF-8"));
    webex.set_options(|options| options.tracking_id_in_body = false);
    let missing = get(&webex, "people/11111111-2222-4333-a444-555555555555").await;
    assert_eq!(missing.json().get("trackingId"), None);
    assert!(missing.header("trackingid").is_some());
    webex.set_options(|options| options.plain_content_type = true);
    assert_eq!(get(&webex, "people/me").await.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn every_answer_has_a_tracking_id_of_some_form() {
    let webex = usual().await;
    let mut seen = Vec::new();
    for (form, begin) in [
        (TrackingIdForm::RouterGateway, "ROUTERGW_"),
        (TrackingIdForm::Router, "ROUTER_"),
        (TrackingIdForm::NotAvailable, "NA_"),
        (TrackingIdForm::Bare, ""),
    ] {
        webex.set_options(|options| options.tracking_id_form = form);
        let id = get(&webex, "people/me").await.header("trackingid").expect("an id").to_owned();
        assert!(id.starts_with(begin) && !seen.contains(&id), "{id}");
        seen.push(id);
    }
    let (digits, ms) = seen[3].split_once('_').expect("the time is in it");
    assert_eq!((digits.len(), ms), (32, webex.clock().now_ms().to_string().as_str()));
}

#[tokio::test]
async fn the_clients_own_tracking_id_comes_back_once_or_twice() {
    let webex = usual().await;
    let headers = format!("Authorization: Bearer {}\r\nTrackingID: MINE_1\r\n", webex.token());
    let ask = async || send(&webex, "GET", "/v1/people/x", &headers, "").await.unwrap();
    assert_eq!(ask().await.header("trackingid"), Some("MINE_1"));
    webex.set_options(|options| options.tracking_id_twice = true);
    assert_eq!(ask().await.header("trackingid"), Some("MINE_1,MINE_1"));
    assert_eq!(ask().await.json()["trackingId"], "MINE_1");
    assert_eq!(webex.requests()[0].request_id.as_deref(), Some("MINE_1"));
}

#[tokio::test]
async fn a_write_says_that_it_is_json_and_is() {
    let webex = usual().await;
    let token = format!("Authorization: Bearer {}\r\n", webex.token());
    let write = async |kind: &str, body: &str| {
        let headers = format!("{token}{kind}");
        send(&webex, "POST", "/v1/teams", &headers, body).await.unwrap().refused()
    };
    let json = "Content-Type: application/json\r\n";
    assert_eq!(write("", "{}").await.0, 415);
    let text = write("Content-Type: text/plain\r\n", "{}").await;
    assert_eq!(text, (415, "Content type 'text/plain' not supported".into()));
    assert_eq!(write(json, "").await, (400, "Required request body is missing".into()));
    assert_eq!(write(json, "{").await.0, 400);
    assert_eq!(write(json, "[]").await.0, 400);
}

#[tokio::test]
async fn unknown_paths_are_404_and_wrong_verbs_405() {
    let webex = usual().await;
    for path in ["nothing", "people/x/y", "teams/memberships"] {
        assert_eq!(get(&webex, path).await.status, 404, "{path}");
    }
    for (method, path) in
        [("PATCH", "people/x"), ("DELETE", "teams"), ("POST", "roles"), ("PUT", "team/memberships")]
    {
        assert_eq!(call(&webex, method, path, json!({})).await.status, 405, "{method} {path}");
    }
}

#[tokio::test]
async fn a_rate_limit_is_counted_per_token_account_or_organization() {
    let webex = start(Options { requests_per_minute: 5, ..Options::default() }).await;
    let other = webex.token_of(connector_sandbox::webex::Consenter::FullAdministrator, &SCOPES);
    let ask = async |token: &str| call_as(&webex, token, "GET", "organizations", &json!(null)).await;
    for _ in 0..5 {
        assert_eq!(ask(webex.token()).await.status, 200);
    }
    let limited = ask(webex.token()).await;
    assert_eq!((limited.status, limited.header("retry-after")), (429, Some("12")));
    assert_eq!(limited.refused().1, "Too many requests have been sent in a given amount of time.");
    assert_eq!(ask(&other).await.status, 200, "another token");
    webex.advance(Duration::from_secs(12));
    assert_eq!(ask(webex.token()).await.status, 200);
    for scope in [RateScope::Account, RateScope::Organization] {
        webex.set_options(|options| options.rate_scope = scope);
        for _ in 0..5 {
            assert_eq!(ask(webex.token()).await.status, 200);
        }
        assert_eq!(ask(&other).await.status, 429, "{scope:?}");
    }
    webex.set_options(|options| options.rate_limiter = false);
    assert_eq!(ask(&other).await.status, 200);
}

#[tokio::test]
async fn retry_after_may_be_malformed_zero_or_absent() {
    let webex = start(Options { requests_per_minute: 1, ..Options::default() }).await;
    assert_eq!(get(&webex, "organizations").await.status, 200);
    for (form, header) in [
        (RetryAfter::Good, Some("60")),
        (RetryAfter::Malformed, Some("rand(30),add(30)")),
        (RetryAfter::Zero, Some("0")),
        (RetryAfter::Absent, None),
    ] {
        webex.set_options(|options| options.retry_after = form);
        let limited = get(&webex, "organizations").await;
        assert_eq!((limited.status, limited.header("retry-after")), (429, header));
    }
}

#[tokio::test]
async fn a_write_on_an_object_whose_previous_write_is_running_is_423() {
    let webex = usual().await;
    let bo = bo(&webex).await;
    webex.set_options(|options| options.write_ms = 1000);
    let (path, body) = (path(&bo), json!({"displayName": "Bo"}));
    let (one, other) = tokio::join!(put(&webex, &path, body.clone()), put(&webex, &path, body.clone()));
    let mut answers = [one, other];
    answers.sort_by_key(|answer| answer.status);
    assert_eq!((answers[0].status, answers[1].status), (200, 423));
    assert_eq!(answers[1].header("retry-after"), Some("1"));
    assert_eq!(answers[1].refused().1, "The requested resource is temporarily unavailable.");
    webex.set_options(|options| {
        options.lock_per_id = false;
        options.write_ms = 20;
    });
    let (one, other) = tokio::join!(put(&webex, &path, body.clone()), put(&webex, &path, body.clone()));
    assert_eq!((one.status, other.status), (200, 200));
}

#[tokio::test]
async fn proxies_answer_with_html_nothing_or_half_of_it() {
    let webex = usual().await;
    let html = Effect::Status {
        status: 502,
        body: "<html>Bad Gateway</html>".into(),
        retry_after: None,
        content_type: Some("text/html".into()),
    };
    webex.inject(Fault::on("/v1/people", html));
    let answer = get(&webex, "people").await;
    assert_eq!((answer.status, answer.header("content-type")), (502, Some("text/html")));
    webex.inject(Fault::on("/v1/people", Effect::status(503, "")));
    assert_eq!(get(&webex, "people").await.text, "");
    webex.inject(Fault::on("/v1/people", Effect::MalformedJson));
    let broken = get(&webex, "people").await;
    assert_eq!((broken.status, broken.json()), (200, json!(null)));
}
