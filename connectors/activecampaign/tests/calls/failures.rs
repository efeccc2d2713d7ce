//! What ActiveCampaign's failures become.

use std::time::Duration;

use connector_core::error::{Kind, Retry};
use serde_json::{Value, json};

use crate::support::{Account, Answer, KEY, OWN, Step, me, reads, refusal, step, step_with, told, tove};

fn forbidden(call: &str) -> Step {
    let entry =
        json!({"status": 403, "title": "Forbidden", "detail": "You do not have permission to manage users"});
    step(call, 403, json!({ "errors": [entry] }))
}

async fn create_failing(status: u16, body: Value) -> String {
    create_answered([step("POST /users", status, body)]).await
}

/// A creation that fails with these calls.
async fn create_answered(steps: impl IntoIterator<Item = Step>) -> String {
    let account = Account::answering(steps).await;
    let user = json!({"userName": "t", "name": {"givenName": "T", "familyName": "A"}, "password": "correct horse",
                      "emails": [{"value": "t@northlight.example"}], OWN: {"groupId": "7"}});
    let told = told(&account.create("Users", user).await.expect_err("it fails"));
    account.sent().await;
    told
}

#[tokio::test]
async fn a_refused_key_is_the_hosts_trouble_and_names_the_remedy() {
    for body in [json!({"message": "No"}), Value::Null] {
        let refused = |call: &str| step(call, 403, body.clone());
        let account = Account::answering([
            refused("GET /users/12"),
            refused("GET /users/12"),
            refused("GET /users/me"),
            refused("GET /users/me"),
        ])
        .await;
        let error = account.get("Users", "12").await.unwrap_err();
        assert_eq!(error.kind(), Kind::TargetCredential);
        assert_eq!(
            told(&error),
            "502 - User 12: ActiveCampaign refuses the API key; replace api_key (read own user)"
        );
        account.sent().await;
    }
    let account = Account::answering([step("GET /users/12", 401, Value::Null)]).await;
    assert_eq!(account.get("Users", "12").await.unwrap_err().kind(), Kind::TargetCredential);
}

#[tokio::test]
async fn a_missing_permission_is_forbidden_with_what_the_target_said() {
    let account = Account::answering([forbidden("POST /groups"), forbidden("POST /groups"), me()]).await;
    let told = told(&account.create("Groups", json!({"displayName": "Editors"})).await.unwrap_err());
    assert_eq!(
        told,
        "403 - Group: the target forbids it (create group); the target said: Forbidden You do not have permission to \
         manage users"
    );
    account.sent().await;
}

#[tokio::test]
async fn a_refusal_out_of_a_whim_is_questioned_once() {
    let account = Account::answering([refusal("GET /users/12", 403, "No"), reads()]).await;
    account.get("Users", "12").await.unwrap();
    account.sent().await;
}

#[tokio::test]
async fn an_unknown_object_is_missing_whatever_the_status() {
    let account = Account::answering([
        refusal("GET /groups/10", 403, "No Result found for Group with id 10"),
        refusal("GET /users/10", 404, "No Result found for User with id 10"),
        step("GET /users/10", 404, json!({"errors": [{"status": 404, "title": "Not Found"}]})),
    ])
    .await;
    for endpoint in ["Groups", "Users", "Users"] {
        assert_eq!(account.get(endpoint, "10").await.unwrap_err().kind(), Kind::NotFound);
    }
    account.sent().await;
}

#[tokio::test]
async fn codes_and_pointers_become_kind_and_attribute() {
    let entry = |code: &str, member: &str| {
        json!({"errors": [{"title": "The value.", "detail": "", "code": code,
                           "source": {"pointer": format!("/data/attributes/{member}")}}]})
    };
    for (body, answer) in [
        (entry("duplicate", "username"), "409 uniqueness User: userName: is in use"),
        (entry("duplicate", "email"), "409 uniqueness User: emails: is in use"),
        (entry("field_missing", "lastName"), "400 invalidValue User: name.familyName: is required"),
        (entry("field_invalid", "password"), "400 invalidValue User: password: is refused"),
        (entry("something_new", "phone"), "400 invalidValue User: phoneNumbers: the target refuses a value"),
    ] {
        let told = create_failing(422, body).await;
        assert!(told.starts_with(answer) && told.ends_with("; the target said: The value."), "{told}");
    }
    let odd = json!({"errors": [{"title": "In use.", "code": 422, "status": "422", "error": "duplicate",
                                 "source": {"pointer": "/data/attributes/username"}}]});
    assert!(create_failing(422, odd).await.starts_with("409 uniqueness User: userName: "));
}

#[tokio::test]
async fn errors_without_codes_are_quoted() {
    for (status, body, said) in [
        (400, json!({}), ""),
        (400, json!({"errors": ["One.", "Two."]}), "; the target said: One. Two."),
        (422, json!({"errors": "One string"}), "; the target said: One string"),
    ] {
        let nobody = |call: &str| refusal(call, 404, "No Result found for User");
        let told = create_answered([
            step("POST /users", status, body),
            nobody("GET /users/username/t"),
            nobody("GET /users/email/t%40northlight.example"),
        ])
        .await;
        assert_eq!(told, format!("400 invalidValue User: the target refuses a value (create user){said}"));
    }
}

#[tokio::test]
async fn a_refusal_that_says_nothing_is_about_the_name_or_the_address_where_that_is_there() {
    let somebody = |call: &str| step(call, 200, json!({ "user": tove() }));
    let refused = || step("POST /users", 400, json!({}));
    let by_name = create_answered([refused(), somebody("GET /users/username/t")]).await;
    assert_eq!(by_name, "409 uniqueness User: userName: is in use (create user)");
    let by_address = create_answered([
        refused(),
        step("GET /users/username/t", 200, json!({})),
        somebody("GET /users/email/t%40northlight.example"),
    ])
    .await;
    assert_eq!(by_address, "409 uniqueness User: emails: is in use (create user)");

    // What the target said comes along, and a look-up that fails leaves the refusal as it is.
    let said = json!({"errors": ["Taken."]});
    let told = create_answered([step("POST /users", 422, said), somebody("GET /users/username/t")]).await;
    assert_eq!(told, "409 uniqueness User: userName: is in use (create user); the target said: Taken.");
    let told = create_answered([refused(), step("GET /users/username/t", 400, json!({}))]).await;
    assert_eq!(told, "400 invalidValue User: the target refuses a value (create user)");
}

#[tokio::test]
async fn a_plan_without_a_free_seat_is_told_in_the_targets_words() {
    let told = create_failing(402, json!({"message": "You have no free user seat."})).await;
    assert_eq!(
        told,
        "403 - User: the account's plan does not allow it (create user); the target said: You have no free user seat."
    );
}

#[tokio::test]
async fn json_labelled_as_text_is_read() {
    let body = json!({"message": "No Result found for User with id 12"}).to_string();
    let answer = Answer::new(403).body(body, "text/plain");
    let account = Account::answering([step_with("GET /users/12", answer)]).await;
    assert_eq!(account.get("Users", "12").await.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn the_rate_limit_says_when_to_come_back() {
    for (answer, kind, wait) in [
        (Answer::new(429).header("Retry-After", "30"), Kind::RateLimited, 30),
        (Answer::new(503).header("Retry-After", "7"), Kind::Unavailable, 7),
    ] {
        let account = Account::answering([step_with("GET /users/12", answer)]).await;
        let error = account.get("Users", "12").await.unwrap_err();
        assert_eq!((error.kind(), error.retry_hint()), (kind, Retry::After(Duration::from_secs(wait))));
    }
}

#[tokio::test]
async fn an_answer_without_its_envelope_is_odd() {
    for body in [json!({}), json!({"user": []}), json!([])] {
        let account = Account::answering([step("GET /users/12", 200, body)]).await;
        assert_eq!(account.get("Users", "12").await.unwrap_err().kind(), Kind::OddAnswer);
    }
}

#[tokio::test]
async fn no_error_shows_the_key() {
    let said = format!("The key {KEY} is bad");
    let refused = |call: &str| refusal(call, 400, &said);
    let account = Account::answering([refused("GET /users/12")]).await;
    let error = account.get("Users", "12").await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains(KEY), "{error}");
    assert!(error.to_string().contains("[redacted]"), "{error}");
}

#[tokio::test]
async fn the_check_proves_the_key_and_names_what_its_owner_may_not_do() {
    let own = json!({"user": {"username": "t.arvidsson", "id": "12", "links": {
        "lists": "https://northlight.api-us1.com/api/3/users/12/lists"}}});
    let account = Account::answering([
        step("GET /users/me", 200, own),
        crate::support::in_group("7"),
        crate::support::reads_group(),
    ])
    .await;
    let checked = account.check().await.unwrap();
    assert_eq!(checked.account.as_deref(), Some("t.arvidsson (12)"));
    assert_eq!(checked.organization.as_deref(), Some("northlight.api-us1.com"));
    assert_eq!(
        checked.problems,
        [
            "the key's owner may not create users: use the key of a member of the Admin group (the owner's group: \
          Newsletter editors)"
        ]
    );
    insta::assert_snapshot!(account.sent().await);

    let account =
        Account::answering([refusal("GET /users/me", 403, "No"), refusal("GET /users/me", 403, "No")]).await;
    assert_eq!(account.check().await.unwrap_err().kind(), Kind::TargetCredential);
    account.sent().await;
}
