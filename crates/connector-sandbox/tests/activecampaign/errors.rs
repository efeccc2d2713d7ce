//! Section 5: the forms an error may have.

use connector_sandbox::activecampaign::{InvalidAnswer, MissingBody, Options, refusal};
use connector_sandbox::{Effect, Fault};
use serde_json::json;

use crate::client::{get, post_group, post_user, send, start, tove, unlimited, usual, with};

#[tokio::test]
async fn wrong_values_are_told_in_one_of_four_forms() {
    let target = usual().await;
    let taken = with(tove(), json!({"username": "admin"}));
    let ask = async || post_user(&target, taken.clone()).await;
    let title = "The username is already in use.";
    let entry = json!({
        "title": title, "detail": "", "code": "duplicate", "source": {"pointer": "/data/attributes/username"},
    });
    assert_eq!(ask().await.ok(422), json!({"errors": [entry]}));
    target.set_options(|options| options.odd_error_entries = true);
    let odd = with(entry, json!({"code": 422, "status": "422", "error": "duplicate"}));
    assert_eq!(ask().await.ok(422), json!({"errors": [odd]}));
    for (answer, status, body) in [
        (InvalidAnswer::Strings, 400, json!({"errors": [title]})),
        (InvalidAnswer::OneString, 422, json!({"errors": title})),
        (InvalidAnswer::Nothing, 400, json!({})),
    ] {
        target.set_options(|options| options.invalid_answer = answer);
        assert_eq!(ask().await.ok(status), body);
    }
}

#[tokio::test]
async fn an_error_may_be_labelled_as_text_though_it_is_json() {
    let target = start(Options { errors_as_text_plain: true, ..unlimited() }).await;
    let refused = post_group(&target, json!({})).await;
    assert_eq!(refused.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(refused.ok(422)["errors"][0]["code"], "field_missing");
    assert_eq!(
        get(&target, "users/me").await.header("content-type"),
        Some("application/json; charset=utf-8")
    );
}

#[tokio::test]
async fn a_404_has_one_of_two_bodies() {
    let target = usual().await;
    assert_eq!(
        get(&target, "users/7").await.ok(404),
        json!({"message": "No Result found for User with id 7"})
    );
    target.set_options(|options| options.missing_body = MissingBody::Errors);
    assert_eq!(
        get(&target, "users/7").await.ok(404),
        json!({"errors": [{"status": 404, "title": "Not Found"}]})
    );
    assert_eq!(
        get(&target, "groups/99").await.message().0,
        403,
        "an unknown group has its message all the same"
    );
}

#[tokio::test]
async fn a_path_that_is_not_there_is_told() {
    let target = usual().await;
    assert_eq!(get(&target, "nonsense").await.status, 404);
    assert_eq!(send(&target, "GET", "/api/1/users", "", "").await.unwrap().status, 404);
    assert_eq!(get(&target, "users/").await.status, 200, "a slash at the end does no harm");
}

#[tokio::test]
async fn faults_answer_in_the_form_of_the_target() {
    let target = usual().await;
    target.inject(Fault::on("/api/3/users", refusal(500, "Something broke")));
    assert_eq!(get(&target, "users").await.message(), (500, "Something broke".into()));
    target.inject(Fault::on("/api/3/users", Effect::TruncateBody { bytes: 9 }));
    let cut = get(&target, "users/me").await;
    assert_eq!((cut.status, cut.text.as_str(), cut.broken), (200, r#"{"user":{"#, true));
    target.inject(Fault::on("/api/3/users", Effect::CloseAfter).method("POST"));
    let headers = format!("Api-Token: {}\r\nContent-Type: application/json\r\n", target.key());
    let body = json!({"user": tove()}).to_string();
    assert!(send(&target, "POST", "/api/3/users", &headers, &body).await.is_none());
    assert_eq!(get(&target, "users/username/t.arvidsson").await.status, 200, "it took effect");
}
