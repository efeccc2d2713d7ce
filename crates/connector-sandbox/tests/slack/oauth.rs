//! Point 12: consent pages, codes, tokens, rotation, `auth.test` and `auth.revoke`.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use connector_sandbox::slack::{Options, Slack};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::client::{Answer, scim_as, send, start, usual};

const REDIRECT: &str = "http://127.0.0.1:9/consent/callback";
const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

fn consent_query(slack: &Slack) -> String {
    format!("client_id={}&user_scope=admin&state=s%201&redirect_uri={REDIRECT}", slack.client_id())
}

/// Presses a button of the consent page.
async fn press(slack: &Slack, form: &str) -> Answer {
    let form = format!("{}&{form}", consent_query(slack));
    send(slack, "POST", "/oauth/v2/authorize", FORM, &form).await.expect("an answer")
}

fn code_of(answer: &Answer) -> String {
    let location = answer.header("location").expect("a redirect");
    let rest = location.strip_prefix(&format!("{REDIRECT}?code=")).expect("a code at the redirect address");
    rest.strip_suffix("&state=s%201").expect("the state as it was sent").to_owned()
}

async fn code(slack: &Slack, more: &str) -> String {
    code_of(&press(slack, &format!("decision=allow{more}")).await)
}

async fn api(slack: &Slack, method: &str, headers: &str, form: &str) -> Answer {
    let headers = format!("{FORM}{headers}");
    let answer = send(slack, "POST", &format!("/api/{method}"), &headers, form).await.expect("an answer");
    assert_eq!(answer.status, 200, "errors too are 200");
    answer
}

fn basic(slack: &Slack) -> String {
    let pair = STANDARD.encode(format!("{}:{}", slack.client_id(), slack.client_secret()));
    format!("Authorization: Basic {pair}\r\n")
}

async fn exchange(slack: &Slack, form: &str) -> Value {
    api(slack, "oauth.v2.access", &basic(slack), form).await.json()
}

async fn redeem(slack: &Slack, code: &str) -> Value {
    exchange(slack, &format!("code={code}&redirect_uri={REDIRECT}")).await
}

/// Walks through the consent on that organisation or workspace.
pub(crate) async fn install(slack: &Slack, team: &str) -> Value {
    let code = code(slack, &format!("&team={team}")).await;
    redeem(slack, &code).await
}

fn error(name: &str) -> Value {
    json!({"ok": false, "error": name})
}

async fn auth(slack: &Slack, method: &str, token: &Value) -> Answer {
    let header = format!("Authorization: Bearer {}\r\n", token.as_str().expect("a text"));
    api(slack, method, &header, "").await
}

#[tokio::test]
async fn the_consent_page_lets_a_person_choose_where_to_install() {
    let slack = usual().await;
    let query = format!("/oauth/v2/authorize?{}", consent_query(&slack));
    let page = send(&slack, "GET", &query, "", "").await.unwrap();
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    for part in [
        "<select name=team><option value=\"E0ACMEORG1\" selected>Acme Org (organisation)",
        "Acme London (workspace)",
        "(Org Owner)",
        "<code>admin</code>",
        "value=allow>Allow</button>",
        "value=cancel>Cancel</button>",
        "name=\"state\" value=\"s 1\"",
    ] {
        assert!(page.text.contains(part), "{part} is on the page: {}", page.text);
    }
    let other = send(&slack, "GET", &format!("{query}&team=T0ACMEBER1"), "", "").await.unwrap();
    assert!(other.text.contains("value=\"T0ACMEBER1\" selected"));
}

#[tokio::test]
async fn an_org_install_gives_a_user_token_below_authed_user_that_works() {
    let slack = usual().await;
    let answer = install(&slack, "E0ACMEORG1").await;
    let token = answer["authed_user"]["access_token"].clone();
    assert!(token.as_str().unwrap().starts_with("xoxp-"));
    let installer = slack.user_named("svc.scim").unwrap();
    let expected = json!({
        "ok": true, "app_id": "A0SANDBOX1",
        "authed_user": {"id": installer["id"], "scope": "admin", "access_token": token, "token_type": "user"},
        "team": null, "enterprise": {"id": "E0ACMEORG1", "name": "Acme Org"}, "is_enterprise_install": true,
    });
    assert_eq!(answer, expected);
    let users = scim_as(&slack, token.as_str().unwrap(), "GET", "Users?count=1", &Value::Null).await;
    assert_eq!(users.status, 200);
}

#[tokio::test]
async fn a_workspace_install_shows_itself_and_its_token_does_not_work() {
    let slack = usual().await;
    let answer = install(&slack, "T0ACMELON1").await;
    assert_eq!(answer["team"], json!({"id": "T0ACMELON1", "name": "Acme London"}));
    assert_eq!(answer["enterprise"]["id"], "E0ACMEORG1");
    assert_eq!(answer["is_enterprise_install"], false);
    let token = answer["authed_user"]["access_token"].as_str().unwrap();
    let refused = scim_as(&slack, token, "GET", "Users?count=1", &Value::Null).await;
    assert_eq!(refused.error(), (400, "non_org_teams_only".into()));
    let lone = install(&slack, "T0LONETEAM").await;
    assert_eq!(
        (lone["enterprise"].clone(), lone["is_enterprise_install"].clone()),
        (Value::Null, json!(false))
    );
}

#[tokio::test]
async fn cancel_brings_access_denied_and_only_owners_install_on_the_organisation() {
    let slack = usual().await;
    let cancelled = press(&slack, "decision=cancel").await;
    let expected = format!("{REDIRECT}?error=access_denied&state=s%201");
    assert_eq!((cancelled.status, cancelled.header("location")), (302, Some(expected.as_str())));
    let users = slack.users();
    let id = |at: usize| users[at]["id"].as_str().unwrap();
    let admin = press(&slack, &format!("decision=allow&user={}", id(2))).await;
    assert_eq!(admin.status, 403);
    let admin_on_workspace = press(&slack, &format!("decision=allow&team=T0ACMELON1&user={}", id(2))).await;
    assert_eq!(admin_on_workspace.status, 302);
    let member = press(&slack, &format!("decision=allow&team=T0ACMELON1&user={}", id(249))).await;
    assert_eq!(member.status, 403);
    assert_eq!(press(&slack, "decision=allow&team=T0NOWHERE").await.status, 400);
}

#[tokio::test]
async fn a_wrong_authorize_request_is_told_to_the_person() {
    let redirect_urls = vec!["https://us.example/consent".to_owned()];
    let slack = start(Options { redirect_urls, ..Options::default() }).await;
    let show = async |query: String| {
        send(&slack, "GET", &format!("/oauth/v2/authorize?{query}"), "", "").await.unwrap()
    };
    let id = slack.client_id();
    for (query, name) in [
        ("client_id=nobody".to_owned(), "invalid_client_id"),
        (consent_query(&slack), "bad_redirect_uri"),
        (format!("client_id={id}&user_scope=Admin"), "invalid_scope"),
        (format!("client_id={id}&scope=admin"), "invalid_scope"),
    ] {
        let page = show(query).await;
        assert_eq!(page.status, 400, "{name}");
        assert!(page.text.contains(name), "{}", page.text);
    }
    let below = format!("client_id={id}&user_scope=admin&redirect_uri=https://us.example/consent/callback");
    assert_eq!(show(below).await.status, 200);
    slack.set_options(|options| {
        options.redirect_urls.clear();
        options.distributed = false;
    });
    let page = press(&slack, "decision=allow").await;
    assert!(page.text.contains("invalid_team_for_non_distributed_app"));
}

#[tokio::test]
async fn the_first_redirect_address_counts_when_none_is_sent() {
    let slack = start(Options { redirect_urls: vec![REDIRECT.into()], ..Options::default() }).await;
    let form = format!("client_id={}&user_scope=admin&state=s%201&decision=allow", slack.client_id());
    let code = code_of(&send(&slack, "POST", "/oauth/v2/authorize", FORM, &form).await.unwrap());
    assert_eq!(redeem(&slack, &code).await, error("bad_redirect_uri"), "it was not sent before");
    assert_eq!(exchange(&slack, &format!("code={code}")).await["ok"], true);
}

#[tokio::test]
async fn a_code_is_for_one_use_within_ten_minutes() {
    let slack = usual().await;
    let used = code(&slack, "").await;
    assert_eq!(redeem(&slack, &used).await["ok"], true);
    assert_eq!(redeem(&slack, &used).await, error("code_already_used"));
    let late = code(&slack, "").await;
    slack.advance(Duration::from_mins(10));
    assert_eq!(redeem(&slack, &late).await, error("invalid_code"));
    assert_eq!(redeem(&slack, "made-up").await, error("invalid_code"));
}

#[tokio::test]
async fn client_credentials_go_in_the_header_or_in_the_body() {
    let slack = usual().await;
    let (id, secret) = (slack.client_id().to_owned(), slack.client_secret().to_owned());
    let post = async |form: String| api(&slack, "oauth.v2.access", "", &form).await.json();
    let code = code(&slack, "").await;
    let rest = format!("code={code}&redirect_uri={REDIRECT}");
    assert_eq!(post(rest.clone()).await, error("invalid_client_id"));
    assert_eq!(post(format!("client_id={id}&client_secret=x&{rest}")).await, error("bad_client_secret"));
    let good = format!("client_id={id}&client_secret={secret}");
    assert_eq!(post(format!("{good}&grant_type=password")).await, error("invalid_grant_type"));
    assert_eq!(post(format!("{good}&code={code}")).await, error("bad_redirect_uri"));
    assert_eq!(post(format!("{good}&{rest}")).await["ok"], true);
}

#[tokio::test]
async fn without_scopes_there_is_no_token() {
    let slack = usual().await;
    let form = format!("client_id={}&redirect_uri={REDIRECT}&state=s%201&decision=allow", slack.client_id());
    let code = code_of(&send(&slack, "POST", "/oauth/v2/authorize", FORM, &form).await.unwrap());
    assert_eq!(redeem(&slack, &code).await, error("no_scopes"));
}

#[tokio::test]
async fn a_code_challenge_must_be_met() {
    let slack = usual().await;
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest("the verifier"));
    let code = code(&slack, &format!("&code_challenge={challenge}&code_challenge_method=S256")).await;
    let rest = format!("code={code}&redirect_uri={REDIRECT}");
    assert_eq!(exchange(&slack, &rest).await, error("invalid_code"));
    assert_eq!(exchange(&slack, &format!("{rest}&code_verifier=wrong")).await, error("invalid_code"));
    assert_eq!(exchange(&slack, &format!("{rest}&code_verifier=the+verifier")).await["ok"], true);
}

#[tokio::test]
async fn a_refresh_gives_a_new_pair_at_the_top_level_and_ends_the_old_one() {
    let slack = start(Options { token_rotation: true, rotation_grace_ms: 5000, ..Options::default() }).await;
    let user = install(&slack, "E0ACMEORG1").await["authed_user"].clone();
    assert!(user["access_token"].as_str().unwrap().starts_with("xoxe.xoxp-1-"));
    assert!(user["refresh_token"].as_str().unwrap().starts_with("xoxe-1-"));
    assert_eq!(user["expires_in"], 43200);
    let refresh =
        |token: &Value| format!("grant_type=refresh_token&refresh_token={}", token.as_str().unwrap());
    let first = refresh(&user["refresh_token"]);
    let answer = exchange(&slack, &first).await;
    assert_eq!(answer["token_type"], "user");
    assert_eq!((answer["scope"].clone(), answer["expires_in"].clone()), (json!("admin"), json!(43200)));
    assert_eq!(answer["enterprise"]["id"], "E0ACMEORG1");
    assert_eq!(answer.get("authed_user"), None);
    assert_eq!(exchange(&slack, &first).await, error("invalid_refresh_token"), "one use");

    assert_eq!(auth(&slack, "auth.test", &user["access_token"]).await.json()["ok"], true, "grace");
    slack.advance(Duration::from_secs(5));
    assert_eq!(auth(&slack, "auth.test", &user["access_token"]).await.json(), error("token_revoked"));
    assert_eq!(auth(&slack, "auth.test", &answer["access_token"]).await.json()["expires_in"], 43195);
    slack.advance(Duration::from_hours(12));
    assert_eq!(auth(&slack, "auth.test", &answer["access_token"]).await.json(), error("token_expired"));
    assert_eq!(
        exchange(&slack, &refresh(&answer["refresh_token"])).await["ok"],
        true,
        "a refresh token lives on"
    );
}

#[tokio::test]
async fn revoking_an_expiring_token_ends_that_token_alone() {
    let slack = start(Options { token_rotation: true, ..Options::default() }).await;
    let user = install(&slack, "E0ACMEORG1").await["authed_user"].clone();
    assert_eq!(auth(&slack, "auth.revoke", &user["access_token"]).await.json()["revoked"], true);
    assert_eq!(auth(&slack, "auth.test", &user["access_token"]).await.json(), error("token_revoked"));
    let form = format!("grant_type=refresh_token&refresh_token={}", user["refresh_token"].as_str().unwrap());
    assert_eq!(exchange(&slack, &form).await["ok"], true);
}

#[tokio::test]
async fn an_installation_has_two_active_tokens_at_most() {
    let options = Options { token_rotation: true, rotation_grace_ms: 3_600_000, ..Options::default() };
    let slack = start(options).await;
    let mut pair = install(&slack, "E0ACMEORG1").await["authed_user"].clone();
    let mut tokens = vec![pair["access_token"].clone()];
    for _ in 0..2 {
        let form =
            format!("grant_type=refresh_token&refresh_token={}", pair["refresh_token"].as_str().unwrap());
        pair = exchange(&slack, &form).await;
        tokens.push(pair["access_token"].clone());
    }
    assert_eq!(
        auth(&slack, "auth.test", &tokens[0]).await.json(),
        error("token_revoked"),
        "in spite of the grace"
    );
    for token in &tokens[1..] {
        assert_eq!(auth(&slack, "auth.test", token).await.json()["ok"], true);
    }
    let other = install(&slack, "T0ACMELON1").await["authed_user"]["access_token"].clone();
    assert_eq!(auth(&slack, "auth.test", &other).await.json()["ok"], true);
    assert_eq!(
        auth(&slack, "auth.test", &tokens[1]).await.json()["ok"],
        true,
        "another installation counts apart"
    );
}

#[tokio::test]
async fn a_used_refresh_token_may_be_forgiven_for_a_while() {
    let slack = start(Options { token_rotation: true, refresh_reuse_ms: 1000, ..Options::default() }).await;
    let user = install(&slack, "E0ACMEORG1").await["authed_user"].clone();
    let form = format!("grant_type=refresh_token&refresh_token={}", user["refresh_token"].as_str().unwrap());
    assert_eq!(exchange(&slack, &form).await["ok"], true);
    assert_eq!(exchange(&slack, &form).await["ok"], true);
    slack.advance(Duration::from_secs(1));
    assert_eq!(exchange(&slack, &form).await, error("invalid_refresh_token"));
}

#[tokio::test]
async fn a_token_that_lives_for_ever_can_be_exchanged_once_for_a_pair() {
    let slack = usual().await;
    let form = format!("token={}", slack.token());
    let exchange = async || api(&slack, "oauth.v2.exchange", &basic(&slack), &form).await.json();
    assert_eq!(exchange().await, error("token_rotation_not_enabled"));
    slack.set_options(|options| options.token_rotation = true);
    let pair = exchange().await;
    assert!(pair["refresh_token"].as_str().unwrap().starts_with("xoxe-1-"));
    assert_eq!(exchange().await, error("invalid_token"));
}

#[tokio::test]
async fn auth_test_tells_organisation_from_workspace_and_names_the_scopes() {
    let slack = usual().await;
    let installer = slack.user_named("svc.scim").unwrap();
    let test = auth(&slack, "auth.test", &json!(slack.token())).await;
    assert_eq!(test.header("x-oauth-scopes"), Some("admin"));
    let expected = json!({
        "ok": true, "url": "https://acme.enterprise.slack.com/", "team": "Acme Org", "user": "svc.scim",
        "team_id": "E0ACMEORG1", "user_id": installer["id"], "enterprise_id": "E0ACMEORG1",
        "is_enterprise_install": true,
    });
    assert_eq!(test.json(), expected);
    let workspace = auth(&slack, "auth.test", &json!(slack.workspace_token())).await.json();
    let told = (workspace["team_id"].clone(), workspace["is_enterprise_install"].clone());
    assert_eq!(told, (json!("T0ACMELON1"), json!(false)));
    let scopes = auth(&slack, "auth.test", &json!(slack.no_admin_token())).await;
    assert_eq!(scopes.header("x-oauth-scopes"), Some("users:read"));
    assert_eq!(api(&slack, "auth.test", "", "").await.json(), error("not_authed"));
    assert_eq!(auth(&slack, "auth.test", &json!("xoxp-made-up")).await.json(), error("invalid_auth"));
    assert_eq!(api(&slack, "apps.nothing", "", "").await.json(), error("unknown_method"));
}

#[tokio::test]
async fn a_revoked_token_is_dead_and_a_dry_run_kills_nothing() {
    let slack = usual().await;
    let token = json!(slack.token());
    let header = format!("Authorization: Bearer {}\r\n", slack.token());
    let dry = api(&slack, "auth.revoke", &header, "test=1").await.json();
    assert_eq!(dry, json!({"ok": true, "revoked": false}));
    assert_eq!(auth(&slack, "auth.test", &token).await.json()["ok"], true);
    assert_eq!(auth(&slack, "auth.revoke", &token).await.json(), json!({"ok": true, "revoked": true}));
    assert_eq!(auth(&slack, "auth.test", &token).await.json(), error("token_revoked"));
    let refused = scim_as(&slack, slack.token(), "GET", "Users", &Value::Null).await;
    assert_eq!(refused.error(), (401, "invalid_authentication".into()));
}
