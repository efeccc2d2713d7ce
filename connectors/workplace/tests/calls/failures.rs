//! What Workplace's failures become.

use std::time::Duration;

use connector_core::error::{Kind, Retry};
use serde_json::json;

use crate::support::{Answer, Community, TOKEN, reads, refusal, step, step_with, told};

async fn read_failing(answer: Answer) -> connector_core::error::Error {
    let community = Community::answering([step_with("GET /scim/Users/1001", answer)]).await;
    let error = community.get("Users", "1001").await.expect_err("it fails");
    community.sent().await;
    error
}

fn graph(status: u16, code: u64) -> Answer {
    Answer::json(status, json!({"error": {"message": "No", "code": code}}))
}

#[tokio::test]
async fn codes_decide_whatever_the_status() {
    for (answer, kind) in [
        (graph(401, 190), Kind::TargetCredential),
        (graph(400, 190), Kind::TargetCredential),
        (graph(403, 200), Kind::Forbidden),
        (graph(400, 299), Kind::Forbidden),
        (graph(403, 10), Kind::Forbidden),
        (graph(410, 3), Kind::Forbidden),
        (graph(404, 3), Kind::Forbidden),
        (graph(400, 100), Kind::InvalidValue),
        (graph(404, 100), Kind::NotFound),
        (graph(409, 100), Kind::Duplicate),
        (graph(400, 99_999), Kind::InvalidValue),
        (Answer::new(401), Kind::TargetCredential),
        (Answer::new(403), Kind::Forbidden),
        (Answer::new(404), Kind::NotFound),
        (Answer::new(410), Kind::Forbidden),
        // The page of some server is not about the person.
        (Answer::new(404).body("<html>", "text/html"), Kind::OddAnswer),
        (Answer::new(302).header("location", "https://about.example/"), Kind::OddAnswer),
    ] {
        let said = format!("{answer:?}");
        assert_eq!(read_failing(answer).await.kind(), kind, "{said}");
    }
}

#[tokio::test]
async fn a_rate_limit_is_one_in_each_of_its_forms_and_waits_as_long_as_it_says() {
    let business = r#"{"1":[{"call_count":100,"estimated_time_to_regain_access":2}]}"#;
    for (answer, wait) in [
        (graph(400, 4), 30),
        (graph(400, 17), 30),
        (graph(403, 32), 30),
        (graph(400, 613).header("retry-after", "7"), 7),
        (graph(400, 341).header("x-business-use-case-usage", business), 120),
        (Answer::new(429), 30),
        (Answer::new(429).header("retry-after", "9"), 9),
    ] {
        let error = read_failing(answer).await;
        let expected = (Kind::RateLimited, Retry::After(Duration::from_secs(wait)));
        assert_eq!((error.kind(), error.retry_hint()), expected);
    }
}

#[tokio::test]
async fn a_failure_that_passes_is_tried_again() {
    for answer in [graph(500, 2), graph(400, 1), Answer::new(503)] {
        let community = Community::answering([step_with("GET /scim/Users/1001", answer), reads()]).await;
        community.get("Users", "1001").await.unwrap();
        community.sent().await;
    }
}

#[tokio::test]
async fn usage_near_the_limit_holds_the_next_call_back_before_it_is_refused() {
    let used = |percent: u32| {
        let usage = json!({"call_count": percent, "total_time": 1, "total_cputime": 1}).to_string();
        Answer::json(200, crate::support::mina()).header("x-app-usage", usage)
    };
    let community = Community::answering([step_with("GET /scim/Users/1001", used(100))]).await;
    community.get("Users", "1001").await.unwrap();
    let error = community.get("Users", "1001").await.unwrap_err();
    assert_eq!(error.kind(), Kind::RateLimited, "it would wait for half a minute: {error}");
    community.sent().await;
    let community = Community::answering([step_with("GET /scim/Users/1001", used(70)), reads()]).await;
    community.get("Users", "1001").await.unwrap();
    community.get("Users", "1001").await.unwrap();
    community.sent().await;
}

#[tokio::test]
async fn a_dead_token_and_a_missing_proof_name_their_remedies() {
    let error = read_failing(graph(401, 190)).await;
    assert_eq!(
        told(&error),
        "502 - User 1001: Workplace refuses the access token; replace api_key (read user); the target said: No"
    );
    let proof = json!({"error": {"message": "API calls from the server require an appsecret_proof argument", "code": 100}});
    let told = told(&read_failing(Answer::json(400, proof)).await);
    assert!(
        told.starts_with(
            "502 - User 1001: Workplace refuses the call's proof of the app secret; set app_secret"
        ),
        "{told}"
    );
}

#[tokio::test]
async fn what_is_said_in_texts_alone_is_understood() {
    let unverified = json!({"error": {"message": "Bad address", "code": 100, "error_subcode": 1_789_003, "error_user_msg": "Not ours"}});
    let first = json!({"Errors": [{"description": "The address is refused (1789003)", "code": "400"}]});
    let second = json!({"detail": "(#100) missing email", "status": "400"});
    let as_code = json!({"error": {"message": "Bad address", "code": 1_789_003}});
    let as_text = json!({"error": {"message": "Bad address", "code": "1789003"}});
    let of_first = json!({"Errors": [{"description": "Bad address", "code": "1789003"}]});
    let number_of_first = json!({"Errors": [{"description": "Bad address", "code": 1_789_003}]});
    let written = json!({"detail": "Missing Email", "status": "400"});
    for (status, body, said) in [
        (400, unverified.clone(), "is in a domain that is not verified"),
        (403, unverified, "is in a domain that is not verified"),
        (400, first, "is in a domain that is not verified"),
        (400, as_code.clone(), "is in a domain that is not verified"),
        (409, as_code, "is in a domain that is not verified"),
        (400, as_text, "is in a domain that is not verified"),
        (400, of_first, "is in a domain that is not verified"),
        (400, number_of_first, "is in a domain that is not verified"),
        (400, second, "has no accounts without one"),
        (400, written, "has no accounts without one"),
    ] {
        let community = Community::answering([step("POST /scim/Users", status, body)]).await;
        let user = json!({"userName": "m@elsewhere.example", "name": {"formatted": "M"}});
        let told = told(&community.create("Users", user).await.unwrap_err());
        assert!(told.starts_with("400 invalidValue User: userName: ") && told.contains(said), "{told}");
        community.sent().await;
    }
}

#[tokio::test]
async fn the_first_edition_has_codes_of_graph_beside_statuses_and_they_are_told_apart() {
    let first = |code: &str| json!({"Errors": [{"description": "No", "code": code}]});
    for (status, code, kind) in [
        (400, "190", Kind::TargetCredential),
        (404, "404", Kind::NotFound),
        (400, "404", Kind::InvalidValue),
        (400, "613", Kind::RateLimited),
    ] {
        let error = read_failing(Answer::json(status, first(code))).await;
        assert_eq!(error.kind(), kind, "{status} {code}");
    }
}

#[tokio::test]
async fn a_permission_that_is_missing_for_groups_empties_none() {
    let community = Community::answering([
        crate::support::reads_group(),
        refusal("GET /graph/2001/members", 403, 200, "(#200) Permissions error"),
    ])
    .await;
    let told = told(&community.get("Groups", "2001").await.unwrap_err());
    assert_eq!(
        told,
        "403 - Group 2001: the integration lacks a permission; `check --online` names what is missing (read members); the \
         target said: (#200) Permissions error"
    );
    community.sent().await;
}

#[tokio::test]
async fn no_error_shows_the_token() {
    let said = json!({"error": {"message": format!("The token {TOKEN} is bad"), "code": 100}});
    let error = read_failing(Answer::json(400, said)).await;
    assert!(!format!("{error} {error:?}").contains(TOKEN), "{error}");
    assert!(error.to_string().contains("[redacted]"), "{error}");
}
