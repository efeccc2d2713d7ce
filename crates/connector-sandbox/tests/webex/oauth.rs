//! Section 1: the consent, the token endpoint, renewal and revocation.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use connector_sandbox::webex::{BlockedIntegration, Consenter, Options, RefreshToken, TokenError, Webex};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::client::{Answer, SCOPES, call_as, send, start, usual};

const REDIRECT: &str = "https://eu.gateway.example/consent/callback";
const OTHER_REDIRECT: &str = "https://us.gateway.example/consent/callback";
const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
const DAY: Duration = Duration::from_hours(24);

fn request(webex: &Webex, more: &str) -> String {
    let scope = SCOPES.join("%20").replace(':', "%3A");
    format!(
        "client_id={}&response_type=code&redirect_uri={REDIRECT}&scope={scope}&state=s%201{more}",
        webex.client_id()
    )
}

async fn show(webex: &Webex, query: &str) -> Answer {
    send(webex, "GET", &format!("/v1/authorize?{query}"), "", "").await.expect("an answer")
}

/// Presses a button of the consent page.
async fn press(webex: &Webex, more: &str) -> Answer {
    send(webex, "POST", "/v1/authorize", FORM, &request(webex, more)).await.expect("an answer")
}

#[track_caller]
fn sent_back(answer: &Answer) -> &str {
    assert_eq!(answer.status, 302, "{}", answer.text);
    let location = answer.header("location").expect("a redirect");
    location.strip_prefix(REDIRECT).and_then(|rest| rest.strip_prefix('?')).expect("to the redirect URI")
}

#[track_caller]
fn code_of(answer: &Answer) -> String {
    let code = sent_back(answer).strip_prefix("code=").expect("a code");
    code.strip_suffix("&state=s%201").expect("the state as it was sent").to_owned()
}

async fn code(webex: &Webex, more: &str) -> String {
    code_of(&press(webex, &format!("&decision=allow{more}")).await)
}

async fn token(webex: &Webex, form: &str) -> Answer {
    let client = format!("client_id={}&client_secret={}", webex.client_id(), webex.client_secret());
    send(webex, "POST", "/v1/access_token", FORM, &format!("{client}&{form}")).await.expect("an answer")
}

async fn redeem(webex: &Webex, code: &str) -> Answer {
    token(webex, &format!("grant_type=authorization_code&code={code}&redirect_uri={REDIRECT}")).await
}

async fn refresh(webex: &Webex, refresh_token: &Value) -> Answer {
    let refresh_token = refresh_token.as_str().expect("a text");
    token(webex, &format!("grant_type=refresh_token&refresh_token={refresh_token}")).await
}

/// Walks through the consent.
async fn consent(webex: &Webex, more: &str) -> Value {
    let code = code(webex, more).await;
    redeem(webex, &code).await.ok(200)
}

async fn status_with(webex: &Webex, token: &Value, path: &str) -> u16 {
    call_as(webex, token.as_str().expect("a text"), "GET", path, &Value::Null).await.status
}

fn error(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    assert!(body["error_description"].is_string(), "{}", answer.text);
    (answer.status, body["error"].as_str().expect("an error").to_owned())
}

#[tokio::test]
async fn the_consent_page_asks_who_grants_which_scopes() {
    let webex = usual().await;
    let page = show(&webex, &request(&webex, "")).await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    for part in [
        "<option value=\"full_administrator\" selected>Service Provisioning (Full Administrator)</option>",
        "<option value=\"read_only_administrator\">",
        "<option value=\"member\">",
        "<input type=checkbox name=grant value=\"spark-admin:people_write\" checked>",
        "value=allow>Accept</button>",
        "value=deny>Deny</button>",
        "name=\"state\" value=\"s 1\"",
    ] {
        assert!(page.text.contains(part), "{part} is on the page: {}", page.text);
    }
}

#[tokio::test]
async fn a_consent_gives_a_pair_of_fourteen_and_ninety_days_that_works() {
    let webex = usual().await;
    let answer = consent(&webex, "").await;
    let expected = json!({
        "access_token": answer["access_token"], "token_type": "Bearer", "expires_in": 1_209_600,
        "refresh_token": answer["refresh_token"], "refresh_token_expires_in": 7_776_000,
        "scope": SCOPES.join(" "),
    });
    assert_eq!(answer, expected);
    assert_eq!(status_with(&webex, &answer["access_token"], "people/me").await, 200);
    webex.advance(13 * DAY + Duration::from_secs(86_399));
    assert_eq!(status_with(&webex, &answer["access_token"], "people/me").await, 200);
    webex.advance(Duration::from_secs(1));
    assert_eq!(status_with(&webex, &answer["access_token"], "people/me").await, 401);
    webex.set_options(|options| options.bare_token_answer = true);
    let bare = consent(&webex, "").await;
    assert_eq!((bare.get("token_type"), bare.get("scope")), (None, None));
}

#[tokio::test]
async fn the_token_acts_for_whoever_consented() {
    let webex = usual().await;
    for (consenter, people) in [
        (Consenter::FullAdministrator, 200),
        (Consenter::ReadOnlyAdministrator, 200),
        (Consenter::Member, 403),
    ] {
        let word = serde_json::to_value(consenter).unwrap();
        let answer = consent(&webex, &format!("&person={}", word.as_str().unwrap())).await;
        let token = &answer["access_token"];
        assert_eq!(status_with(&webex, token, "people?max=1").await, people, "{consenter:?}");
        assert_eq!(status_with(&webex, token, "teams?max=1").await, 200, "{consenter:?}");
    }
    assert_eq!(press(&webex, "&decision=allow&person=nobody").await.status, 400);
    webex.set_options(|options| options.consenter = Consenter::Member);
    let answer = consent(&webex, "").await;
    assert_eq!(
        status_with(&webex, &answer["access_token"], "people?max=1").await,
        403,
        "the switch decides too"
    );
    webex.set_options(|options| options.members_refused_admin_scopes = true);
    assert!(sent_back(&press(&webex, "&decision=allow").await).starts_with("error=invalid_scope&"));
}

#[tokio::test]
async fn only_the_ticked_scopes_are_granted() {
    let webex = usual().await;
    let some = consent(&webex, "&choose=1&grant=spark-admin%3Apeople_read").await;
    assert_eq!(some["scope"], "spark-admin:people_read");
    assert_eq!(status_with(&webex, &some["access_token"], "people?max=1").await, 200);
    assert_eq!(status_with(&webex, &some["access_token"], "licenses").await, 403);
    webex.set_options(|options| options.withheld_scopes = vec!["spark:teams_read".into()]);
    let most = consent(&webex, "").await;
    assert_eq!(status_with(&webex, &most["access_token"], "teams?max=1").await, 403);
    assert_eq!(status_with(&webex, &most["access_token"], "licenses").await, 200);
}

#[tokio::test]
async fn denial_and_trouble_come_back_by_the_redirect_with_the_state() {
    let webex = usual().await;
    let denied = press(&webex, "&decision=deny").await;
    let back = sent_back(&denied);
    assert!(
        back.starts_with("error=access_denied&error_description=") && back.ends_with("&state=s%201"),
        "{back}"
    );
    webex.set_options(|options| options.consent_server_error = true);
    assert!(sent_back(&press(&webex, "&decision=allow").await).starts_with("error=server_error&"));
    assert_eq!(press(&webex, "").await.status, 400, "no decision");
}

#[tokio::test]
async fn a_blocked_integration_never_comes_back_or_comes_back_denied() {
    let webex = start(Options { blocked_integration: BlockedIntegration::Page, ..Options::default() }).await;
    let page = show(&webex, &request(&webex, "")).await;
    assert_eq!((page.status, page.header("location")), (403, None));
    webex.set_options(|options| options.blocked_integration = BlockedIntegration::Redirect);
    assert!(sent_back(&show(&webex, &request(&webex, "")).await).starts_with("error=access_denied&"));
}

#[tokio::test]
async fn the_redirect_uri_is_compared_as_an_exact_string() {
    let redirect_uris = vec![OTHER_REDIRECT.to_owned(), REDIRECT.to_owned()];
    let webex = start(Options { redirect_uris, ..Options::default() }).await;
    assert_eq!(show(&webex, &request(&webex, "")).await.status, 200);
    for close in ["/", "/below", "?x=y"] {
        let query = request(&webex, "").replace(REDIRECT, &format!("{REDIRECT}{close}"));
        let page = show(&webex, &query).await;
        assert_eq!((page.status, page.header("location")), (400, None), "{close}");
    }
    let other = request(&webex, "").replace(REDIRECT, OTHER_REDIRECT);
    assert_eq!(show(&webex, &other).await.status, 200);
    let script = request(&webex, "").replace(REDIRECT, "javascript:alert(1)");
    webex.set_options(|options| options.redirect_uris.clear());
    assert_eq!(show(&webex, &script).await.status, 400, "never anything but the web");
    let stranger = request(&webex, "").replace(webex.client_id(), "Cstranger");
    assert_eq!(show(&webex, &stranger).await.status, 400);
}

#[tokio::test]
async fn a_scope_that_is_not_registered_is_invalid() {
    let webex = usual().await;
    let query = format!("{}&", request(&webex, "")).replace("&state=", "%20spark%3Akms&state=");
    let back = show(&webex, &query).await;
    assert!(sent_back(&back).starts_with("error=invalid_scope&"));
    let none = request(&webex, "").replace("scope=", "scopes=");
    assert!(sent_back(&show(&webex, &none).await).starts_with("error=invalid_scope&"));
    webex.set_options(|options| options.invalid_scope_as_json = true);
    let told = show(&webex, &query).await;
    assert_eq!((told.status, &told.json()["error"]), (400, &json!("invalid_scope")));
    assert_eq!(told.json()["trackingID"], json!(told.header("trackingid")));
    webex.set_options(|options| options.registered_scopes.push("spark:kms".into()));
    assert_eq!(show(&webex, &query).await.status, 200);
    let plus = request(&webex, "").replace("%20", "+");
    assert_eq!(show(&webex, &plus).await.status, 200, "a plus is a space");
    let token = request(&webex, "").replace("response_type=code", "response_type=token");
    assert!(sent_back(&show(&webex, &token).await).starts_with("error=invalid_request&"));
}

#[tokio::test]
async fn consent_can_be_given_without_a_person() {
    let webex = start(Options { auto_consent: true, ..Options::default() }).await;
    let code = code_of(&show(&webex, &request(&webex, "")).await);
    assert_eq!(redeem(&webex, &code).await.status, 200);
}

#[tokio::test]
async fn a_code_is_for_one_use_within_its_life_at_the_same_redirect_uri() {
    let webex = usual().await;
    let invalid = (400, "invalid_grant".to_owned());
    let used = code(&webex, "").await;
    let elsewhere = format!("grant_type=authorization_code&code={used}&redirect_uri={OTHER_REDIRECT}");
    assert_eq!(error(&token(&webex, &elsewhere).await), invalid);
    redeem(&webex, &used).await.ok(200);
    assert_eq!(error(&redeem(&webex, &used).await), invalid);
    let late = code(&webex, "").await;
    webex.advance(Duration::from_mins(5));
    assert_eq!(error(&redeem(&webex, &late).await), invalid);
    assert_eq!(error(&redeem(&webex, "made-up").await), invalid);
    webex.set_options(|options| options.code_life_secs = 600);
    redeem(&webex, &late).await.ok(200);
}

#[tokio::test]
async fn a_code_challenge_must_be_met() {
    let webex = usual().await;
    let hashed = URL_SAFE_NO_PAD.encode(Sha256::digest("the-verifier"));
    for (challenge, method) in [(hashed.as_str(), "S256"), ("the-verifier", "plain")] {
        let more = format!("&code_challenge={challenge}&code_challenge_method={method}");
        let code = code(&webex, &more).await;
        let form = format!("grant_type=authorization_code&code={code}&redirect_uri={REDIRECT}");
        for wrong in ["", "&code_verifier=wrong"] {
            let refused = token(&webex, &format!("{form}{wrong}")).await;
            assert_eq!(error(&refused), (400, "invalid_grant".into()), "{method} {wrong}");
        }
        token(&webex, &format!("{form}&code_verifier=the-verifier")).await.ok(200);
    }
    let unknown = request(&webex, "&code_challenge=x&code_challenge_method=S512");
    assert!(sent_back(&show(&webex, &unknown).await).starts_with("error=invalid_request&"));
}

#[tokio::test]
async fn the_token_endpoint_takes_a_form_a_json_body_and_basic_credentials() {
    let webex = usual().await;
    let body = json!({
        "grant_type": "authorization_code", "client_id": webex.client_id(),
        "client_secret": webex.client_secret(), "code": code(&webex, "").await, "redirect_uri": REDIRECT,
    });
    let json = "Content-Type: application/json\r\n";
    send(&webex, "POST", "/v1/access_token", json, &body.to_string()).await.unwrap().ok(200);
    let log = serde_json::to_string(&webex.requests()).unwrap();
    assert!(!log.contains(webex.client_secret()) && !log.contains(body["code"].as_str().unwrap()), "{log}");

    let pair = STANDARD.encode(format!("{}:{}", webex.client_id(), webex.client_secret()));
    let basic = format!("{FORM}Authorization: Basic {pair}\r\n");
    let form = format!("grant_type=refresh_token&refresh_token={}", webex.refresh_token());
    send(&webex, "POST", "/idb/oauth2/v1/access_token", &basic, &form).await.unwrap().ok(200);
}

#[tokio::test]
async fn token_errors_have_the_names_of_the_broker_or_are_wrapped() {
    let webex = usual().await;
    let post = async |form: &str| send(&webex, "POST", "/v1/access_token", FORM, form).await.unwrap();
    let good = format!("client_id={}&client_secret={}", webex.client_id(), webex.client_secret());
    let wrong_secret = format!("client_id={}&client_secret=x&grant_type=refresh_token", webex.client_id());
    assert_eq!(error(&post(&wrong_secret).await), (401, "invalid_client".into()));
    for (rest, name) in [
        ("", "invalid_request"),
        ("&grant_type=refresh_token", "invalid_request"),
        ("&grant_type=password", "unsupported_grant_type"),
        ("&grant_type=refresh_token&refresh_token=made-up", "invalid_grant"),
    ] {
        assert_eq!(error(&post(&format!("{good}{rest}")).await), (400, name.into()), "{rest}");
    }
    webex.set_options(|options| options.token_error = TokenError::Wrapped);
    let wrapped = post(&format!("{good}&grant_type=refresh_token&refresh_token=made-up")).await;
    let (status, message) = wrapped.refused();
    assert_eq!(status, 400);
    assert!(message.starts_with("POST failed: HTTP/1.1 400 Bad Request (url = "), "{message}");
    assert!(message.contains("/access_token, request/response TrackingId = ROUTERGW_"), "{message}");
}

#[tokio::test]
async fn refreshing_renews_the_ninety_days_and_using_the_access_token_does_not() {
    let webex = usual().await;
    let first = consent(&webex, "").await;
    webex.advance(60 * DAY);
    let second = refresh(&webex, &first["refresh_token"]).await.ok(200);
    assert_eq!(second["refresh_token"], first["refresh_token"], "unchanged");
    assert_ne!(second["access_token"], first["access_token"]);
    assert_eq!(second["refresh_token_expires_in"], 7_776_000);
    webex.advance(60 * DAY);
    refresh(&webex, &first["refresh_token"]).await.ok(200);
    webex.advance(90 * DAY);
    let refused = refresh(&webex, &first["refresh_token"]).await;
    assert_eq!(error(&refused), (400, "invalid_grant".into()));
    webex.set_options(|options| {
        options.access_token_secs = 43_200;
        options.refresh_token_secs = 5_097_600;
    });
    let short = consent(&webex, "").await;
    let lives = (&short["expires_in"], &short["refresh_token_expires_in"]);
    assert_eq!(lives, (&json!(43_200), &json!(5_097_600)), "other scopes have other lives");
}

#[tokio::test]
async fn refreshing_twice_within_a_day_gives_the_same_access_token_with_the_same_end() {
    let webex = usual().await;
    let first = consent(&webex, "").await;
    let second = refresh(&webex, &first["refresh_token"]).await.ok(200);
    webex.advance(DAY / 2);
    let third = refresh(&webex, &first["refresh_token"]).await.ok(200);
    assert_eq!(third["access_token"], second["access_token"]);
    assert_eq!(third["expires_in"], 1_209_600 - 43_200);
    webex.advance(DAY / 2);
    let fourth = refresh(&webex, &first["refresh_token"]).await.ok(200);
    assert_ne!(fourth["access_token"], second["access_token"]);
    webex.set_options(|options| options.same_access_token_secs = 0);
    let fifth = refresh(&webex, &first["refresh_token"]).await.ok(200);
    assert_ne!(fifth["access_token"], fourth["access_token"]);
}

#[tokio::test]
async fn the_previous_access_token_stays_good_unless_it_is_switched_off() {
    let webex = usual().await;
    let first = consent(&webex, "").await;
    refresh(&webex, &first["refresh_token"]).await.ok(200);
    assert_eq!(status_with(&webex, &first["access_token"], "people/me").await, 200);
    webex.set_options(|options| options.previous_access_token_stays = false);
    refresh(&webex, &first["refresh_token"]).await.ok(200);
    assert_eq!(status_with(&webex, &first["access_token"], "people/me").await, 401);
}

#[tokio::test]
async fn a_refresh_token_may_be_rotated_or_left_out() {
    let webex = start(Options { refresh_token_answer: RefreshToken::LeftOut, ..Options::default() }).await;
    let first = consent(&webex, "").await;
    let second = refresh(&webex, &first["refresh_token"]).await.ok(200);
    assert_eq!((second.get("refresh_token"), second.get("refresh_token_expires_in")), (None, None));
    webex.set_options(|options| options.refresh_token_answer = RefreshToken::Rotated);
    let third = refresh(&webex, &first["refresh_token"]).await.ok(200);
    assert_ne!(third["refresh_token"], first["refresh_token"]);
    assert_eq!(error(&refresh(&webex, &first["refresh_token"]).await), (400, "invalid_grant".into()));
    refresh(&webex, &third["refresh_token"]).await.ok(200);
}

#[tokio::test]
async fn one_access_token_too_many_ends_the_oldest() {
    let webex = start(Options { live_access_tokens: 3, ..Options::default() }).await;
    for _ in 0..3 {
        webex.advance(Duration::from_secs(1));
        consent(&webex, "").await;
    }
    assert_eq!(status_with(&webex, &json!(webex.token()), "people/me").await, 401);
}

#[tokio::test]
async fn revoking_wants_basic_credentials_and_takes_what_a_refresh_token_made_with_it() {
    let webex = usual().await;
    let pair = STANDARD.encode(format!("{}:{}", webex.client_id(), webex.client_secret()));
    let basic = format!("{FORM}Authorization: Basic {pair}\r\n");
    let revoke = async |headers: &str, form: &str| {
        send(&webex, "POST", "/idb/oauth2/v1/revoke", headers, form).await.unwrap()
    };
    let answer = consent(&webex, "").await;
    let access = format!("token={}&token_type_hint=access_token", answer["access_token"].as_str().unwrap());
    assert_eq!(error(&revoke(FORM, &access).await), (401, "invalid_client".into()));
    assert_eq!(error(&revoke(&basic, "").await), (400, "invalid_request".into()));
    revoke(&basic, &access).await.ok(200);
    assert_eq!(status_with(&webex, &answer["access_token"], "people/me").await, 401);

    let again = refresh(&webex, &answer["refresh_token"]).await.ok(200);
    let whole = format!("token={}", answer["refresh_token"].as_str().unwrap());
    webex.set_options(|options| options.revocation_lag_ms = 1000);
    revoke(&basic, &whole).await.ok(200);
    assert_eq!(status_with(&webex, &again["access_token"], "people/me").await, 200, "caches");
    webex.advance(Duration::from_secs(1));
    assert_eq!(status_with(&webex, &again["access_token"], "people/me").await, 401);
    assert_eq!(error(&refresh(&webex, &answer["refresh_token"]).await), (400, "invalid_grant".into()));
    revoke(&basic, "token=made-up").await.ok(200);
}

#[tokio::test]
async fn the_end_of_a_token_can_be_asked_for_and_the_logout_brings_it() {
    let webex = usual().await;
    let answer = consent(&webex, "").await;
    let token = answer["access_token"].as_str().unwrap();
    let told = call_as(&webex, token, "GET", "authorizations/tokenExpiry", &Value::Null).await.ok(200);
    assert_eq!(told, json!({"exp": webex.clock().now_ms() + 1_209_600_000}));
    let out = send(&webex, "GET", &format!("/idb/oauth2/v1/logout?token={token}"), "", "").await.unwrap();
    assert_eq!(out.status, 200);
    assert_eq!(status_with(&webex, &answer["access_token"], "people/me").await, 401);
}
