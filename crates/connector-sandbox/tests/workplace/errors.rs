//! Section 5, and section 0: the forms of errors, and what happens when the service ends.

use connector_sandbox::workplace::{Editions, Era, ScimErrors, refusal};
use connector_sandbox::{Effect, Fault};
use serde_json::json;

use crate::client::{get, made, mina, post, put, send, usual};

#[tokio::test]
async fn scim_has_the_body_of_its_edition_or_that_of_graph() {
    let target = usual().await;
    let v1 = get(&target, "/scim/v1/Users/1").await;
    assert_eq!(v1.ok(404), json!({"Errors": [{"description": "User not found", "code": "404"}]}));
    assert_eq!(get(&target, "/scim2/Users/1").await.scim(), (404, "User not found".into()));
    target.set_options(|options| options.scim_errors = ScimErrors::Graph);
    for path in ["/scim/v1/Users/1", "/scim2/Users/1"] {
        assert_eq!(get(&target, path).await.graph(), (404, 100), "{path}");
    }
}

#[tokio::test]
async fn one_edition_may_be_gone() {
    let target = usual().await;
    for (editions, v1, v2) in [(Editions::Both, 200, 200), (Editions::V1, 200, 404), (Editions::V2, 404, 200)]
    {
        target.set_options(|options| options.editions = editions);
        assert_eq!(get(&target, "/scim/v1/Users").await.status, v1, "{editions:?}");
        assert_eq!(get(&target, "/scim2/Users").await.status, v2, "{editions:?}");
    }
}

#[tokio::test]
async fn nothing_is_written_in_the_last_nine_months_and_nothing_answers_after_them() {
    let target = usual().await;
    let id = made(&target).await;
    target.set_options(|options| options.era = Era::ReadOnly);
    assert_eq!(post(&target, mina()).await.scim().0, 403);
    assert_eq!(put(&target, &id, json!({"title": "x"})).await.scim().0, 403);
    assert_eq!(get(&target, "/scim2/Users").await.status, 200);
    target.set_options(|options| options.era = Era::Closed);
    assert_eq!(get(&target, "/scim2/Users").await.scim().0, 410);
    target.set_options(|options| options.closed_status = 404);
    assert_eq!(get(&target, "/scim2/Users").await.scim().0, 404);
}

#[tokio::test]
async fn a_500_may_come_and_go_away() {
    let target = usual().await;
    target.set_options(|options| options.server_errors = 2);
    for status in [500, 500, 200] {
        assert_eq!(get(&target, "/scim2/Users").await.status, status);
    }
}

#[tokio::test]
async fn a_path_that_is_not_there_is_told() {
    let target = usual().await;
    assert_eq!(get(&target, "/scim2/Nonsense").await.scim().0, 404);
    assert_eq!(get(&target, "/scim2").await.scim().0, 404);
    assert_eq!(get(&target, "/scim22/Users").await.status, 404);
    assert_eq!(send(&target, "GET", "/", "", "").await.unwrap().status, 404);
}

#[tokio::test]
async fn faults_answer_in_the_form_of_graph() {
    let target = usual().await;
    target.inject(Fault::on("/scim2/Users", refusal(400, 1, "(#1) An unknown error occurred")));
    assert_eq!(get(&target, "/scim2/Users").await.graph(), (400, 1));
    target.inject(Fault::on("/scim2/Users", Effect::TruncateBody { bytes: 11 }));
    let cut = get(&target, "/scim2/Users").await;
    assert_eq!((cut.status, cut.text.as_str(), cut.broken), (200, r#"{"schemas":"#, true));
}
