//! Point 11: which token may do what.

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{get, patch, path, scim, scim_as, seeded, send, usual};

#[tokio::test]
async fn without_a_good_credential_nothing_is_answered() {
    let slack = usual().await;
    let call = async |headers: &str| {
        send(&slack, "GET", "/scim/v1/Users?count=1", headers, "").await.unwrap().error()
    };
    assert_eq!(call("").await, (401, "missing_authentication".into()));
    let invalid = (401, "invalid_authentication".to_owned());
    assert_eq!(call("Authorization: Bearer nonsense\r\n").await, invalid);
    assert_eq!(call("Authorization: Bearer \r\n").await, invalid);
    assert_eq!(call(&format!("Authorization: Basic {}\r\n", slack.token())).await, invalid);
    assert_eq!(call(&format!("Authorization: Bearer {}\r\n", slack.no_admin_token())).await, invalid);
    let workspace = format!("Authorization: Bearer {}\r\n", slack.workspace_token());
    assert_eq!(call(&workspace).await, (400, "non_org_teams_only".into()));
    let v2 = send(&slack, "GET", "/scim/v2/Users", "", "").await.unwrap();
    assert_eq!(v2.error(), (400, "unsupported_version".into()));
}

#[tokio::test]
async fn an_admin_may_change_members_but_not_owners() {
    let slack = usual().await;
    let admin = slack.admin_token();
    let member = slack.users().pop().unwrap();
    let change = json!({"title": "x"});
    assert_eq!(scim_as(&slack, admin, "PATCH", &path(&member), &change).await.status, 200);
    let owner = seeded(&slack, |user| user["userName"] == "svc.scim");
    let forbidden = (403, "cannot_modify_owner".to_owned());
    assert_eq!(scim_as(&slack, admin, "PATCH", &path(&owner), &change).await.error(), forbidden);
    assert_eq!(scim_as(&slack, admin, "DELETE", &path(&owner), &Value::Null).await.error(), forbidden);
    slack.set_options(|options| options.forbidden_status = 400);
    assert_eq!(scim_as(&slack, admin, "PATCH", &path(&owner), &change).await.status, 400);
}

#[tokio::test]
async fn nobody_disables_the_primary_owner_or_a_bot() {
    let slack = usual().await;
    let primary = &slack.users()[0];
    let bot = seeded(&slack, |user| user["userName"] == "helper_bot_1");
    for (user, description) in
        [(primary, "cannot_disable_primary_owner"), (&bot, "cannot_disable_bot_user_with_scim")]
    {
        let refused = (403, description.to_owned());
        assert_eq!(scim(&slack, "DELETE", &path(user), Value::Null).await.error(), refused);
        assert_eq!(patch(&slack, &path(user), json!({"active": false})).await.error(), refused);
        assert_eq!(get(&slack, &path(user)).await.ok(200)["active"], true);
    }
    let title = patch(&slack, &path(primary), json!({"title": "x"})).await;
    assert_eq!(title.error(), (403, "cannot_modify_owner".into()), "rights above the token's");
    let own =
        scim_as(&slack, slack.primary_owner_token(), "PATCH", &path(primary), &json!({"title": "x"})).await;
    assert_eq!(own.status, 200);
}

#[tokio::test]
async fn a_token_dies_with_the_account_that_installed_the_app() {
    let slack = usual().await;
    let installer = seeded(&slack, |user| user["userName"] == "svc.scim");
    scim(&slack, "DELETE", &path(&installer), Value::Null).await.ok(200);
    assert_eq!(get(&slack, "Users?count=1").await.error(), (401, "invalid_authentication".into()));
}

#[tokio::test]
async fn a_plan_without_scim_says_so() {
    let slack = usual().await;
    slack.set_options(|options| options.plan_without_scim = true);
    assert_eq!(get(&slack, "Users").await.error(), (400, "plus_teams_only".into()));
}

#[tokio::test]
async fn an_expired_token_is_refused_in_words_that_can_be_chosen() {
    let slack = usual().await;
    slack.set_options(|options| options.token_rotation = true);
    let token = crate::oauth::install(&slack, "E0ACMEORG1").await["authed_user"]["access_token"].clone();
    let token = token.as_str().unwrap();
    assert_eq!(scim_as(&slack, token, "GET", "Users?count=1", &Value::Null).await.status, 200);
    slack.advance(Duration::from_hours(12));
    let call = async || scim_as(&slack, token, "GET", "Users?count=1", &Value::Null).await.error();
    assert_eq!(call().await, (401, "invalid_authentication".into()));
    slack.set_options(|options| options.expired_token_description = "token_expired".into());
    assert_eq!(call().await, (401, "token_expired".into()));
}

#[tokio::test]
async fn no_credential_shows_in_the_log_or_in_debug_output() {
    let slack = usual().await;
    crate::oauth::install(&slack, "E0ACMEORG1").await;
    get(&slack, "Users?count=1").await;
    let log = serde_json::to_string(&slack.requests()).unwrap();
    for secret in [slack.token(), slack.client_secret()] {
        assert!(!log.contains(secret));
        assert!(!format!("{slack:?}").contains(secret));
    }
    let last = slack.requests().pop().unwrap();
    assert!(last.authorization);
}
