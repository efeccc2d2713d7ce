//! What Slack's failures become.

use connector_core::error::{Kind, Retry};
use serde_json::{Value, json};
use std::time::Duration;

use crate::support::{Answer, Slack, TOKEN, ada, failure, step, step_with, told};

fn new_user() -> Value {
    json!({"userName": "ada.l", "emails": [{"value": "ada.l@acme.example", "primary": true}]})
}

async fn create_failing(status: u16, description: &str) -> String {
    let slack = Slack::answering([failure("POST /Users", status, description)]).await;
    let told = told(&slack.create("Users", new_user()).await.expect_err(description));
    slack.sent().await;
    told
}

#[tokio::test]
async fn a_name_taken_by_a_user_or_a_channel_is_a_conflict_whatever_the_status() {
    for status in [409, 400] {
        assert_eq!(
            create_failing(status, "username_taken (username=ada.l)").await,
            "409 uniqueness User: userName: the name is in use by a user or a channel (create user); the target said: \
             username_taken (username=ada.l)"
        );
    }
}

#[tokio::test]
async fn a_taken_e_mail_is_a_conflict_that_names_the_account() {
    assert_eq!(
        create_failing(409, "email_taken (existing_user=W09EXAMPLE)").await,
        "409 uniqueness User: emails: the address is in use; deactivated accounts count (create user); the target said: \
         email_taken (existing_user=W09EXAMPLE)"
    );
}

#[tokio::test]
async fn a_creation_that_failed_for_no_reason_is_looked_into() {
    let found = json!({"totalResults": 1, "itemsPerPage": 1, "startIndex": 1, "Resources": [ada()]});
    let slack = Slack::answering([
        failure("POST /Users", 400, "user_creation_failed"),
        step("GET /Users", 200, found),
    ])
    .await;
    let error = slack.create("Users", new_user()).await.unwrap_err();
    assert_eq!((error.kind(), error.attribute()), (Kind::Duplicate, Some("userName")));
    insta::assert_snapshot!(slack.sent().await);

    let none = json!({"totalResults": 0, "itemsPerPage": 0, "startIndex": 1, "Resources": []});
    let slack = Slack::answering([
        failure("POST /Users", 400, "user_creation_failed"),
        step("GET /Users", 200, none),
    ])
    .await;
    assert_eq!(slack.create("Users", new_user()).await.unwrap_err().kind(), Kind::InvalidValue);
}

#[tokio::test]
async fn the_leading_word_decides_and_attributes_are_named() {
    for (description, answer) in [
        ("username_not_allowed (user=root)", "400 invalidValue User: userName: is a reserved word"),
        ("long_username (user=a)", "400 invalidValue User: userName: may have at most 21 characters"),
        ("username_too_long (username=a)", "400 invalidValue User: userName: may have at most 21 characters"),
        (
            "invalid_name_specials (user=a@b)",
            "400 invalidValue User: name: has characters Slack does not allow",
        ),
        ("invalid_display_name (user=a)", "400 invalidValue User: displayName: "),
        ("bad_email_address", "400 invalidValue User: emails: "),
        (
            "unable_to_create_team_profile_fields",
            "400 invalidValue User: the organisation has its 50 custom profile fields",
        ),
        ("something_new (x=1)", "400 invalidValue User: the target refuses a value"),
    ] {
        let told = create_failing(400, description).await;
        assert!(told.starts_with(answer), "{told}");
        assert!(told.ends_with(&format!("; the target said: {description}")), "{told}");
    }
}

#[tokio::test]
async fn a_refused_token_is_the_hosts_trouble_not_the_clients() {
    for (status, description) in
        [(401, "invalid_authentication"), (401, "missing_authentication"), (400, "non_org_teams_only")]
    {
        let slack = Slack::answering([failure("GET /Users/W1", status, description)]).await;
        let error = slack.get("Users", "W1").await.unwrap_err();
        assert_eq!(error.kind(), Kind::TargetCredential, "{description}");
        assert!(told(&error).starts_with("502 - User W1: "), "{}", told(&error));
    }
    let slack = Slack::answering([step("GET /Users/W1", 401, Value::Null)]).await;
    assert_eq!(slack.get("Users", "W1").await.unwrap_err().kind(), Kind::TargetCredential);
}

#[tokio::test]
async fn no_error_shows_the_token_although_slack_repeats_it() {
    let slack =
        Slack::answering([failure("GET /Users/W1", 401, &format!("invalid_authentication (token={TOKEN})"))])
            .await;
    let error = slack.get("Users", "W1").await.unwrap_err();
    let shown = format!("{error} {error:?} {:?}", slack.endpoint("Users").plan().location("x"));
    assert!(!shown.contains(TOKEN), "{shown}");
    assert!(error.to_string().contains("[redacted]"), "{error}");
}

#[tokio::test]
async fn a_rate_limit_says_when_to_come_back() {
    let limited = |answer: Answer| [step_with("GET /Users/W1", answer)];
    let body = json!({"Errors": {"description": "too_many_requests", "code": 429}});
    for (answer, wait) in [
        (Answer::json(429, body).header("Retry-After", "17"), 17),
        (Answer::new(429).header("Retry-After", "3"), 3),
        (Answer::json(429, json!({"ok": false, "error": "ratelimited"})), 30),
    ] {
        let slack = Slack::answering(limited(answer)).await;
        let error = slack.get("Users", "W1").await.unwrap_err();
        assert_eq!(error.kind(), Kind::RateLimited);
        assert_eq!(error.retry_hint(), Retry::After(Duration::from_secs(wait)));
    }
}

#[tokio::test]
async fn a_locked_object_is_tried_again() {
    let locked = || failure("GET /Users/W1", 400, "resource_locked");
    let slack =
        Slack::answering([locked(), locked(), step("GET /Users/W1", 200, json!({ "id": "W1" }))]).await;
    slack.get("Users", "W1").await.unwrap();
    slack.sent().await;
}

#[tokio::test]
async fn an_html_page_in_front_of_the_api_is_not_quoted() {
    let page = "<html><body>Service Unavailable, please try again</body></html>";
    for (status, kind) in
        [(503, Kind::Unavailable), (502, Kind::Unavailable), (404, Kind::NotFound), (200, Kind::OddAnswer)]
    {
        let answer = Answer::new(status).body(page, "text/html");
        let slack = Slack::answering([step_with("GET /Users/W1", answer)]).await;
        let error = slack.get("Users", "W1").await.unwrap_err();
        assert_eq!(error.kind(), kind, "{status}");
        assert!(!error.to_string().contains("html"), "{error}");
    }
}

#[tokio::test]
async fn errors_in_the_form_of_scim_1_1_are_read_too() {
    for body in [
        json!({"Errors": [{"description": "username_taken", "code": "409"}]}),
        json!({"Errors": {"description": "username_taken", "code": "409"}}),
        json!({"Errors": {"description": "username_taken"}}),
    ] {
        let slack = Slack::answering([step("POST /Users", 400, body)]).await;
        assert_eq!(slack.create("Users", new_user()).await.unwrap_err().kind(), Kind::Duplicate);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let answer = Answer::new(302).header("Location", "/scim/v1/Users/W2");
    let slack = Slack::answering([step_with("GET /Users/W1", answer)]).await;
    let error = slack.get("Users", "W1").await.unwrap_err();
    assert_eq!(error.kind(), Kind::OddAnswer);
    assert_eq!(slack.sent().await.matches("scim/v1").count(), 1);
}

#[tokio::test]
async fn the_check_proves_the_credential() {
    let slack =
        Slack::answering([step("GET /Users", 200, json!({"totalResults": 0, "Resources": []}))]).await;
    slack.check().await.unwrap();
    insta::assert_snapshot!(slack.sent().await);
    let slack = Slack::answering([failure("GET /Users", 401, "invalid_authentication")]).await;
    assert_eq!(slack.check().await.unwrap_err().kind(), Kind::TargetCredential);
}
