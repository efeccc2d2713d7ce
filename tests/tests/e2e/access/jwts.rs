//! JWTs of an issuer that the operator trusts, as Entra ID sends them.

use connector_host_tests::{Answer, Issuer, SigningKey, World, claims, instance, stand_in};
use serde_json::{Value, json};

use crate::binary;

/// Entra's names: one audience for every application there is.
const ISSUER: &str = "https://sts.windows.net/3f1c/";
const AUDIENCE: &str = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621";
const APPLICATION: &str = "00000014-0000-0000-c000-000000000000";

/// The table of an instance that trusts this issuer.
fn jwt(instance: &str, issuer: &Issuer, algorithm: &str) -> String {
    format!(
        "[instances.{instance}.jwt]\nissuer = \"{ISSUER}\"\naudience = \"{AUDIENCE}\"\njwks_url = \"{}\"\n\
         algorithms = [\"{algorithm}\"]\nrequired_claims = {{ appid = \"{APPLICATION}\" }}\n",
        issuer.jwks_url()
    )
}

fn entra(more: Value) -> Value {
    let mut all = json!({ "iss": ISSUER, "aud": AUDIENCE, "appid": APPLICATION, "sub": "provisioning" });
    if let (Value::Object(all), Value::Object(more)) = (&mut all, more) {
        all.extend(more);
    }
    claims(all)
}

async fn ask(world: &World, token: &str) -> Answer {
    world.host.client("acme", token).get("/ServiceProviderConfig").await
}

#[tokio::test]
async fn a_token_of_the_issuer_opens_the_instance_that_trusts_it_alone() {
    let key = SigningKey::rs256();
    let issuer = Issuer::publishing(&[&key]).await;
    let slack = stand_in().await;
    let second = instance("second", &slack.scim_url(), slack.token(), "");
    let world = World::with(binary(), "", &format!("{}{second}", jwt("acme", &issuer, "RS256"))).await;
    let token = key.sign(&entra(json!({})));
    world.host.client("acme", &token).get("/Users?count=1").await.ok(200);
    world.scim.get("/Users?count=1").await.ok(200);
    let other = world.host.client("second", &token).get("/Users?count=1").await;
    other.refused(401, "");
    assert_eq!(
        other.header("www-authenticate"),
        Some(r#"Bearer realm="connector-host", error="invalid_token""#)
    );
    let logged = world.host.logged(|line| line["caller"] == "jwt:provisioning").await;
    assert_eq!(logged["instance"], "acme");
    assert!(!world.host.log().contains(&token), "tokens are not logged");
    assert_eq!(issuer.fetches(), 1);
}

#[tokio::test]
async fn another_application_of_the_same_tenant_does_not_get_in() {
    let key = SigningKey::rs256();
    let issuer = Issuer::publishing(&[&key]).await;
    let world = World::with(binary(), "", &jwt("acme", &issuer, "RS256")).await;
    for odd in [
        json!({ "appid": "another application" }),
        json!({ "appid": null }),
        json!({ "aud": "00000003-0000-0000-c000-000000000000" }),
        json!({ "iss": "https://sts.windows.net/another/" }),
        json!({ "exp": 1_700_000_000 }),
    ] {
        ask(&world, &key.sign(&entra(odd))).await.refused(401, "");
    }
    ask(&world, &SigningKey::es256("2011-04-29").sign(&entra(json!({})))).await.refused(401, "");
    ask(&world, &key.sign(&entra(json!({ "aud": [AUDIENCE] })))).await.ok(200);
}

#[tokio::test]
async fn a_new_key_counts_as_soon_as_it_is_published() {
    let (old, new) = (SigningKey::es256("old"), SigningKey::es256("new"));
    let issuer = Issuer::publishing(&[&old]).await;
    let world = World::with(binary(), "", &jwt("acme", &issuer, "ES256")).await;
    ask(&world, &old.sign(&entra(json!({})))).await.ok(200);
    ask(&world, &new.sign(&entra(json!({})))).await.refused(401, "");
    issuer.publish(&[&old, &new]);
    ask(&world, &new.sign(&entra(json!({})))).await.ok(200);
    ask(&world, &old.sign(&entra(json!({})))).await.ok(200);
    assert_eq!(issuer.fetches(), 3);
}

#[tokio::test]
async fn while_no_key_can_be_had_nobody_is_told_that_the_token_is_wrong() {
    let (key, other) = (SigningKey::es256("k"), Issuer::publishing(&[]).await);
    let issuer = Issuer::publishing(&[&key]).await;
    issuer.answer(&format!(
        "302 Found\r\nlocation: {}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        other.jwks_url()
    ));
    let world = World::with(binary(), "", &jwt("acme", &issuer, "ES256")).await;
    let token = key.sign(&entra(json!({})));
    let answer = ask(&world, &token).await;
    answer.refused(503, "");
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!((issuer.fetches(), other.fetches()), (1, 0), "redirects are not followed");
    ask(&world, &key.sign(&entra(json!({ "appid": "x" })))).await.refused(401, "");
    issuer.publish(&[&key]);
    ask(&world, &token).await.ok(200);
    issuer.answer("500 Oops\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    ask(&world, &token).await.ok(200);
    ask(&world, &SigningKey::es256("new").sign(&entra(json!({})))).await.refused(503, "");
}

#[tokio::test]
async fn strangers_do_not_make_the_host_ask_the_issuer_again_and_again() {
    let (key, stranger) = (SigningKey::es256("k"), entra(json!({})));
    let issuer = Issuer::publishing(&[&key]).await;
    let world = World::with(binary(), "", &jwt("acme", &issuer, "ES256")).await;
    let asked = (0..40).map(|n| {
        let token = SigningKey::es256(&format!("unknown-{n}")).sign(&stranger);
        let client = world.host.client("acme", &token);
        tokio::spawn(async move { client.get("/ServiceProviderConfig").await })
    });
    for answer in asked.collect::<Vec<_>>() {
        answer.await.expect("it is answered").refused(401, "");
    }
    assert!(issuer.fetches() <= 5, "{}", issuer.fetches());
    ask(&world, &key.sign(&entra(json!({})))).await.ok(200);
}
