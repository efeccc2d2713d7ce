//! Section 1.10: which scope and which role each endpoint wants.

use connector_sandbox::webex::{Consenter, Webex};
use serde_json::{Value, json};

use crate::client::{SCOPES, call_as, get, send, usual};

/// The cheapest call that proves each scope that can be proved by reading.
const PROOFS: [(&str, &str); 5] = [
    ("spark-admin:organizations_read", "organizations"),
    ("spark-admin:people_read", "people?max=1"),
    ("spark-admin:licenses_read", "licenses"),
    ("spark-admin:roles_read", "roles"),
    ("spark:teams_read", "teams?max=1"),
];
const FORBIDDEN: &str = "The server understood the request, but refused to fulfill it because the access token is \
    missing required scopes or the user is missing required roles or licenses.";

async fn ask(webex: &Webex, token: &str, path: &str) -> u16 {
    call_as(webex, token, "GET", path, &Value::Null).await.status
}

#[tokio::test]
async fn without_a_good_token_nothing_is_answered() {
    let webex = usual().await;
    for header in ["", "Authorization: Bearer made-up\r\n", "Authorization: Bearer \r\n"] {
        let refused = send(&webex, "GET", "/v1/people/me", header, "").await.unwrap();
        let text = "The request requires a valid access token set in the Authorization request header.";
        assert_eq!(refused.refused(), (401, text.into()));
        assert_eq!(refused.json()["message"], text);
    }
}

#[tokio::test]
async fn each_endpoint_wants_its_own_scope() {
    let webex = usual().await;
    let team = get(&webex, "teams?max=1").await.ok(200)["items"][0]["id"].as_str().unwrap().to_owned();
    let memberships = format!("team/memberships?teamId={team}");
    let proofs = PROOFS.into_iter().chain([("spark:team_memberships_read", memberships.as_str())]);
    for (scope, path) in proofs {
        let alone = webex.token_of(Consenter::FullAdministrator, &[scope]);
        assert_eq!(ask(&webex, &alone, path).await, 200, "{path} with {scope}");
        let others: Vec<_> = SCOPES.into_iter().filter(|other| *other != scope).collect();
        let without = webex.token_of(Consenter::FullAdministrator, &others);
        let refused = call_as(&webex, &without, "GET", path, &Value::Null).await;
        assert_eq!(refused.refused(), (403, FORBIDDEN.into()), "{path} without {scope}");
        assert_eq!(refused.json().get("errors"), None, "the reason is not told");
    }
}

#[tokio::test]
async fn a_refusal_may_name_its_reason() {
    let webex = usual().await;
    webex.set_options(|options| options.forbidden_reason = true);
    let token = webex.token_of(Consenter::FullAdministrator, &[]);
    let refused = call_as(&webex, &token, "GET", "roles", &Value::Null).await;
    assert_eq!(refused.refused(), (403, "The token lacks the scope spark-admin:roles_read.".into()));
    assert_eq!(refused.json()["message"], FORBIDDEN);
}

#[tokio::test]
async fn the_administrator_scopes_work_for_administrators_only() {
    let webex = usual().await;
    let member = webex.token_of(Consenter::Member, &SCOPES);
    for (scope, path) in PROOFS {
        let expected = if scope.starts_with("spark-admin:") { 403 } else { 200 };
        assert_eq!(ask(&webex, &member, path).await, expected, "{path}");
        let reader = webex.token_of(Consenter::ReadOnlyAdministrator, &SCOPES);
        assert_eq!(ask(&webex, &reader, path).await, 200, "{path}");
    }
}

#[tokio::test]
async fn who_am_i_wants_a_scope_that_is_not_known() {
    let webex = usual().await;
    let me = get(&webex, "people/me").await.ok(200);
    assert_eq!(me["id"], json!(webex.person_id(Consenter::FullAdministrator)));
    assert_eq!(me["emails"], json!(["svc.scim@acme-demo.example"]));
    webex.set_options(|options| options.people_me_with_admin_scope = false);
    assert_eq!(get(&webex, "people/me").await.status, 403);
    let token = webex.token_of(Consenter::FullAdministrator, &["spark:people_read"]);
    assert_eq!(ask(&webex, &token, "people/me").await, 200);
}

#[tokio::test]
async fn what_the_integration_was_not_granted_stays_closed() {
    let webex = usual().await;
    let organization = get(&webex, "organizations").await.ok(200)["items"][0]["id"].clone();
    let path = format!("organizations/{}", organization.as_str().unwrap());
    assert_eq!(call_as(&webex, webex.token(), "DELETE", &path, &Value::Null).await.status, 403);
    for path in ["groups", "authorizations"] {
        assert_eq!(get(&webex, path).await.status, 403, "{path}");
    }
}
