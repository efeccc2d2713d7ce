//! Section 1: token, `User-Agent`, app secret proof, permissions, and the life of an integration.

use std::time::Duration;

use connector_sandbox::workplace::{Options, Permission};
use serde_json::{Value, json};

use crate::client::{call_as, get, send, start, usual};

const LIST: &str = "/scim2/Users?count=1";

#[tokio::test]
async fn a_wrong_token_is_told_as_graph_does_whoever_was_asked() {
    let target = usual().await;
    for path in [LIST, "/scim/v1/Users"] {
        let refused = call_as(&target, "made-up", "GET", path, &Value::Null).await;
        assert_eq!(refused.graph(), (401, 190), "{path}");
        let none = send(&target, "GET", path, "User-Agent: x\r\n", "").await.unwrap();
        assert_eq!(none.graph(), (401, 190), "{path}");
    }
    let path = format!("{LIST}&access_token={}", target.token());
    let in_query = send(&target, "GET", &path, "User-Agent: x\r\n", "").await.unwrap();
    assert_eq!(in_query.status, 401, "SCIM takes the header only");
    target.set_options(|options| options.bad_token_status = 400);
    assert_eq!(call_as(&target, "made-up", "GET", LIST, &Value::Null).await.graph(), (400, 190));
}

#[tokio::test]
async fn a_user_agent_is_mandatory() {
    let target = usual().await;
    let token = format!("Authorization: Bearer {}\r\n", target.token());
    for agent in ["", "User-Agent:\r\n", "User-Agent:  \r\n"] {
        let refused = send(&target, "GET", LIST, &format!("{token}{agent}"), "").await.unwrap();
        assert_eq!(refused.scim(), (400, "(#100) A User-Agent header is required.".into()));
    }
    target.set_options(|options| options.no_user_agent_status = 403);
    assert_eq!(send(&target, "GET", LIST, &token, "").await.unwrap().status, 403);
    target.set_options(|options| options.user_agent_required = false);
    assert_eq!(send(&target, "GET", LIST, &token, "").await.unwrap().status, 200);
}

#[tokio::test]
async fn a_proof_of_the_app_secret_is_good_for_five_minutes() {
    let target = start(Options { proof_required: true, ..Options::default() }).await;
    assert_eq!(get(&target, LIST).await.graph(), (400, 100));
    let proof = target.proof(&target.token());
    let signed = format!("{LIST}&{proof}");
    assert_eq!(get(&target, &signed).await.status, 200);
    assert_eq!(get(&target, &format!("{LIST}&{}", target.proof("another"))).await.graph(), (400, 100));
    let upper = format!("{LIST}&{}", proof.to_uppercase().replace("APPSECRET", "appsecret"));
    assert_eq!(get(&target, &upper).await.status, 400, "in lower case, with its names as they are");
    target.advance(Duration::from_mins(5));
    assert_eq!(get(&target, &signed).await.status, 200);
    target.advance(Duration::from_secs(1));
    assert_eq!(get(&target, &signed).await.graph(), (400, 100));
    let log = serde_json::to_string(&target.requests()).unwrap();
    let secret = proof.split_once("appsecret_proof=").unwrap().1;
    assert!(!log.contains(secret) && !log.contains(&target.token()), "{log}");
}

#[tokio::test]
async fn scim_needs_manage_accounts() {
    let target = usual().await;
    let with = target.token_with(&[Permission::ManageAccounts]);
    let others: Vec<_> = Permission::ALL.into_iter().filter(|p| *p != Permission::ManageAccounts).collect();
    let without = target.token_with(&others);
    for path in [LIST, "/scim2/Groups", "/scim2/ServiceProviderConfigs"] {
        assert_eq!(call_as(&target, &with, "GET", path, &Value::Null).await.status, 200, "{path}");
        let refused = call_as(&target, &without, "GET", path, &Value::Null).await;
        assert_eq!(refused.scim(), (403, "(#200) Permissions error".into()), "{path}");
    }
    target.set_options(|options| {
        options.permission_status = 400;
        options.permission_code = 10;
    });
    let refused = call_as(&target, &without, "GET", LIST, &Value::Null).await;
    assert_eq!(refused.scim(), (400, "(#10) Permissions error".into()));
}

#[tokio::test]
async fn a_new_token_ends_the_old_one() {
    let target = usual().await;
    let old = target.token();
    let new = target.rotate_token();
    assert_eq!(call_as(&target, &old, "GET", LIST, &Value::Null).await.graph(), (401, 190));
    assert_eq!(call_as(&target, &new, "GET", LIST, &Value::Null).await.status, 200);
    let over_http = send(&target, "POST", "/_sandbox/rotate", "", "").await.unwrap().ok(200);
    assert_eq!(over_http, json!({"token": target.token()}));
    assert_ne!(target.token(), new);
}

#[tokio::test]
async fn an_integration_nobody_uses_is_deactivated_after_sixty_days() {
    let target = usual().await;
    target.advance(Duration::from_hours(24 * 60));
    assert_eq!(get(&target, LIST).await.status, 200, "just in time, and that counts");
    target.advance(Duration::from_hours(24 * 60));
    assert_eq!(get(&target, LIST).await.status, 200);
    target.advance(Duration::from_hours(24 * 60 + 1));
    assert_eq!(get(&target, LIST).await.graph(), (401, 190));
    assert_eq!(get(&target, LIST).await.graph(), (401, 190), "a call that fails keeps nothing alive");
    target.reactivate();
    assert_eq!(get(&target, LIST).await.status, 200);
    target.set_options(|options| options.idle_days = 1);
    target.advance(Duration::from_hours(25));
    assert_eq!(get(&target, LIST).await.status, 401);
    assert_eq!(send(&target, "POST", "/_sandbox/reactivate", "", "").await.unwrap().status, 200);
    assert_eq!(get(&target, LIST).await.status, 200);
}
