//! What Webex's failures become.

use std::fmt::Write as _;

use connector_core::error::{Error, Retry};
use serde_json::json;

use crate::support::{Answer, MOMENT, Step, TOKEN, Webex, failure, step, step_with, told};

async fn reading_ada(step: Step) -> Error {
    let webex = Webex::organisation([step.again()]).await.patience(MOMENT);
    let error = webex.get("Users", "P-ADA").await.expect_err("a failure");
    webex.sent().await;
    error
}

#[tokio::test]
async fn each_status_becomes_what_a_person_can_act_on() {
    let mut text = String::new();
    for status in [400, 401, 403, 404, 405, 409, 410, 415, 418, 423, 428, 429, 500, 502, 503, 504] {
        let told = told(&reading_ada(failure("GET /people/P-ADA", status, "the reason")).await);
        writeln!(text, "{status}: {told}").unwrap();
    }
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn a_wait_is_believed_where_it_makes_sense() {
    for (status, header, seconds) in [
        (429, Some("60"), 60),
        (429, Some("0"), 1),
        (429, Some("rand(30),add(30)"), 15),
        (429, None, 15),
        (423, Some("7"), 7),
        (423, None, 15),
        (503, None, 1),
    ] {
        let mut answer = Answer::new(status);
        if let Some(header) = header {
            answer = answer.header("retry-after", header);
        }
        let error = reading_ada(step_with("GET /people/P-ADA", answer)).await;
        let Retry::After(wait) = error.retry_hint() else { panic!("{error}") };
        // What of the wait is over when the client is told.
        assert_eq!(wait.as_millis().div_ceil(1000), seconds, "{status} {header:?}");
    }
}

#[tokio::test]
async fn the_tracking_id_is_found_in_body_or_header() {
    let with_header = |body| {
        let answer = Answer::json(404, body).header("Trackingid", "ROUTER_2,ROUTER_2");
        step_with("GET /people/P-ADA", answer)
    };
    for (body, id) in [
        (json!({"message": "no", "trackingId": "NA_1"}), "NA_1"),
        (json!({"message": "no"}), "ROUTER_2"),
        (json!({"message": "no", "trackingId": null}), "ROUTER_2"),
    ] {
        let line = reading_ada(with_header(body)).await.to_string();
        assert!(line.ends_with(&format!("[tracking id {id}]")), "{line}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_hurts_nobody_and_is_not_quoted() {
    for body in ["", "<html><body>Bad gateway</body></html>", "{\"message\": \"cut", "[]", "{\"errors\": 5}"]
    {
        let answer = Answer::new(502).body(body, "text/plain");
        let line = reading_ada(step_with("GET /people/P-ADA", answer)).await.to_string();
        assert_eq!(line, "User P-ADA: Webex is unavailable (read person)", "{body}");
    }
}

#[tokio::test]
async fn our_credential_is_never_quoted() {
    let body = json!({"message": format!("no: {TOKEN}"), "trackingId": format!("NA_{TOKEN}")});
    let line = reading_ada(step("GET /people/P-ADA", 400, body)).await.to_string();
    assert!(line.contains("the target said: no") && !line.contains(TOKEN), "{line}");
}
