//! OAuth clients: from `client create` through `POST /oauth/token` to an answer of SCIM.

use std::time::{Duration, Instant};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use connector_host_tests::{Answer, Client, Host, World, eventually, instance, stand_in};
use serde_json::Value;

use crate::{binary, world};

/// A client as `client create` prints it.
struct OAuthClient {
    id: String,
    secret: String,
}

impl OAuthClient {
    async fn create(host: &Host, instance: &str, name: &str) -> Self {
        let output = host.run(&["client", "create", instance, "--name", name]).await;
        assert!(output.status.success(), "{output:?}");
        let made: Value = serde_json::from_slice(&output.stdout).expect("JSON alone");
        let text = |name: &str| made[name].as_str().expect("a text").to_owned();
        Self { id: text("client_id"), secret: text("client_secret") }
    }

    fn basic(&self) -> String {
        format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", self.id, self.secret)))
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

/// Asks for a token; `authorization` is empty for none.
async fn ask(host: &Host, authorization: &str, media: &str, body: &str) -> Answer {
    let mut headers = vec![("content-type", media)];
    if !authorization.is_empty() {
        headers.push(("authorization", authorization));
    }
    let client = Client { address: host.address, base: String::new(), token: String::new() };
    client.send("POST", "/oauth/token", &headers, body).await
}

async fn access_token(host: &Host, client: &OAuthClient) -> String {
    let answer = ask(host, &client.basic(), FORM, "grant_type=client_credentials").await.ok(200);
    answer["access_token"].as_str().expect("a token").to_owned()
}

#[track_caller]
fn refused(answer: &Answer, status: u16, error: &str) {
    let body = answer.ok(status);
    assert_eq!(body["error"], error, "{body}");
    assert!(body["error_description"].is_string(), "a person reads it, too: {body}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let challenge = (status == 401).then_some(r#"Basic realm="connector-host", charset="UTF-8""#);
    assert_eq!(answer.header("www-authenticate"), challenge);
}

#[tokio::test]
async fn a_client_gets_a_token_by_header_or_form_and_the_token_opens_its_instance_alone() {
    let slack = stand_in().await;
    let second = instance("second", &slack.scim_url(), slack.token(), "");
    let world = World::with(binary(), "", &second).await;
    let client = OAuthClient::create(&world.host, "acme", "Entra ID").await;
    let form = format!("client_id={}&client_secret={}", client.id, client.secret);
    for (authorization, media, body) in [
        (client.basic(), FORM, "grant_type=client_credentials".to_owned()),
        (
            client.basic(),
            "application/x-www-form-urlencoded; charset=UTF-8",
            "grant_type=client_credentials&scope=scim".into(),
        ),
        (client.basic(), FORM, format!("grant_type=client_credentials&client_id={}", client.id)),
        (String::new(), FORM, format!("grant_type=client_credentials&{form}&scope=&resource=x")),
    ] {
        let answer = ask(&world.host, &authorization, media, &body).await;
        let token = answer.ok(200);
        assert_eq!((&token["token_type"], &token["expires_in"]), (&"Bearer".into(), &3600.into()));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("pragma"), Some("no-cache"));
        let token = token["access_token"].as_str().expect("a token");
        assert!(token.starts_with("cha_"), "what scanners look for");
        world.host.client("acme", token).get("/Users?count=1").await.ok(200);
        world.host.client("second", token).get("/Users?count=1").await.refused(401, "");
    }
    for path in ["/oauth/token", "/scim/acme/v2/Users"] {
        world.host.logged(|line| line["caller"] == "client:Entra ID" && line["path"] == path).await;
    }
    assert!(!world.host.log().contains(&client.secret), "secrets are not logged");
}

#[tokio::test]
async fn what_is_wrong_is_told_in_the_words_of_rfc_6749() {
    let world = world().await;
    let (host, client) = (&world.host, OAuthClient::create(&world.host, "acme", "idp").await);
    let basic = client.basic();
    let grant = "grant_type=client_credentials";
    let form = format!("{grant}&client_id={}&client_secret={}", client.id, client.secret);

    refused(
        &ask(host, &basic, "application/json", r#"{"grant_type":"client_credentials"}"#).await,
        400,
        "invalid_request",
    );
    refused(&ask(host, &basic, FORM, &form).await, 400, "invalid_request");
    refused(&ask(host, &basic, FORM, &format!("{grant}&{grant}")).await, 400, "invalid_request");
    refused(&ask(host, &basic, FORM, "").await, 400, "invalid_request");
    refused(&ask(host, &basic, FORM, "grant_type=password").await, 400, "unsupported_grant_type");
    refused(&ask(host, &basic, FORM, &format!("{grant}&scope=admin")).await, 400, "invalid_scope");
    refused(&ask(host, "", FORM, grant).await, 401, "invalid_client");
    refused(&ask(host, "Basic bm9ib2R5Om5vdGhpbmc=", FORM, grant).await, 401, "invalid_client");
    let wrong = OAuthClient { secret: format!("{}x", client.secret), ..client };
    refused(&ask(host, &wrong.basic(), FORM, grant).await, 401, "invalid_client");

    let nobody = Client { address: host.address, base: String::new(), token: String::new() };
    assert_eq!(nobody.get("/oauth/token").await.status, 405);
}

#[tokio::test]
async fn a_revoked_client_gets_no_token_and_those_it_has_stop_within_a_second() {
    let world = world().await;
    let client = OAuthClient::create(&world.host, "acme", "idp").await;
    let scim = world.host.client("acme", &access_token(&world.host, &client).await);
    scim.get("/ServiceProviderConfig").await.ok(200);
    let output = world.host.run(&["client", "revoke", "acme", "--name", "idp"]).await;
    assert!(output.status.success(), "{output:?}");
    let revoked = Instant::now();
    eventually(Duration::from_secs(2), async || {
        (scim.get("/ServiceProviderConfig").await.status == 401).then_some(())
    })
    .await;
    assert!(revoked.elapsed() < Duration::from_millis(1_200), "{:?}", revoked.elapsed());
    let answer = ask(&world.host, &client.basic(), FORM, "grant_type=client_credentials").await;
    refused(&answer, 401, "invalid_client");

    // The same name again is another client.
    let again = OAuthClient::create(&world.host, "acme", "idp").await;
    assert_ne!(again.id, client.id);
    scim.get("/ServiceProviderConfig").await.refused(401, "");
}

#[tokio::test]
async fn access_tokens_outlive_the_process_that_made_them() {
    let mut world = world().await;
    let client = OAuthClient::create(&world.host, "acme", "idp").await;
    let token = access_token(&world.host, &client).await;
    world.host = world.host.killed().await;
    world.host.client("acme", &token).get("/ServiceProviderConfig").await.ok(200);
}
