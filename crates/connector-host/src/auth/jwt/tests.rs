//! Tokens of every kind against keys that come, change and stay away.

use std::sync::Mutex;

use async_trait::async_trait;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use connector_core::error::{Error, Kind, Result};
use ring::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _,
    },
};
use serde_json::json;
use tokio::{sync::Notify, time::Duration};

use super::*;

/// A key of the issuer.
enum Pair {
    Ed(Ed25519KeyPair),
    Ec(EcdsaKeyPair, &'static str, &'static str),
}

impl Pair {
    fn ed() -> Self {
        let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::Ed(Ed25519KeyPair::from_pkcs8(key.as_ref()).unwrap())
    }

    fn ec(how: &'static EcdsaSigningAlgorithm, algorithm: &'static str, curve: &'static str) -> Self {
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(how, &random).unwrap();
        Self::Ec(EcdsaKeyPair::from_pkcs8(how, key.as_ref(), &random).unwrap(), algorithm, curve)
    }

    fn jwk(&self, kid: &str) -> Value {
        match self {
            Self::Ed(key) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": base64(key.public_key().as_ref()) })
            }
            Self::Ec(key, _, curve) => {
                let (x, y) =
                    key.public_key().as_ref()[1..].split_at((key.public_key().as_ref().len() - 1) / 2);
                json!({ "kty": "EC", "crv": curve, "kid": kid, "x": base64(x), "y": base64(y), "use": "sig" })
            }
        }
    }

    fn sign(&self, header: Value, claims: &Value) -> String {
        let mut header = header;
        if header["alg"].is_null() {
            header["alg"] = match self {
                Self::Ed(_) => "EdDSA".into(),
                Self::Ec(_, algorithm, _) => (*algorithm).into(),
            };
        }
        let text =
            format!("{}.{}", base64(header.to_string().as_bytes()), base64(claims.to_string().as_bytes()));
        let signature = match self {
            Self::Ed(key) => key.sign(text.as_bytes()).as_ref().to_vec(),
            Self::Ec(key, ..) => key.sign(&SystemRandom::new(), text.as_bytes()).unwrap().as_ref().to_vec(),
        };
        format!("{text}.{}", base64(&signature))
    }
}

fn base64(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// An issuer whose answers the test decides.
#[derive(Clone)]
struct Issuer(Arc<Published>);

struct Published {
    /// `None`: it does not answer.
    keys: Mutex<Option<Value>>,
    fetches: Mutex<u32>,
    /// Answers wait for this while it is there.
    gate: Mutex<Option<Arc<Notify>>>,
}

impl Issuer {
    fn new(keys: Vec<Value>) -> Self {
        Self(Arc::new(Published {
            keys: Mutex::new(Some(keys.into())),
            fetches: Mutex::new(0),
            gate: Mutex::new(None),
        }))
    }

    fn publish(&self, keys: Option<Vec<Value>>) {
        *self.0.keys.lock().unwrap() = keys.map(Value::from);
    }

    fn fetches(&self) -> u32 {
        *self.0.fetches.lock().unwrap()
    }
}

#[async_trait]
impl Source for Issuer {
    async fn fetch(&self) -> Result<Bytes> {
        *self.0.fetches.lock().unwrap() += 1;
        let gate = self.0.gate.lock().unwrap().clone();
        if let Some(gate) = gate {
            gate.notified().await;
        }
        let keys = self.0.keys.lock().unwrap().clone();
        let keys = keys.ok_or_else(|| Error::new(Kind::Unavailable, "it does not answer"))?;
        Ok(json!({ "keys": keys }).to_string().into())
    }
}

const ISSUER: &str = "https://sts.windows.net/tenant/";
const AUDIENCE: &str = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621";

fn jwt(issuer: &Issuer) -> Arc<Jwt> {
    signature::install();
    let config = JwtConfig {
        issuer: ISSUER.into(),
        audience: AUDIENCE.into(),
        jwks_url: "https://login.example/keys".parse().unwrap(),
        algorithms: vec![Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA],
        required_claims: [("appid".to_owned(), vec!["app-1".to_owned(), "app-2".to_owned()])].into(),
    };
    Arc::new(Jwt::new("acme", config, issuer.clone()))
}

fn claims() -> Value {
    let now = get_current_timestamp();
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "s-1", "appid": "app-1", "exp": now + 600, "nbf": now - 10,
    })
}

fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    claims
}

/// The caller's name, or nobody.
async fn ask(jwt: &Jwt, token: &str) -> Option<String> {
    assert!(is_one(token), "{token}");
    jwt.verify(token).await.unwrap().map(|caller| caller.name.to_string())
}

#[tokio::test]
async fn every_kind_of_key_verifies_its_own_tokens_alone() {
    let pairs = [
        Pair::ed(),
        Pair::ec(&ECDSA_P256_SHA256_FIXED_SIGNING, "ES256", "P-256"),
        Pair::ec(&ECDSA_P384_SHA384_FIXED_SIGNING, "ES384", "P-384"),
    ];
    for pair in &pairs {
        let jwt = jwt(&Issuer::new(vec![pair.jwk("k")]));
        let good = pair.sign(json!({ "kid": "k", "typ": "JWT" }), &claims());
        assert_eq!(ask(&jwt, &good).await.as_deref(), Some("jwt:s-1"));
        let (head, signature) = good.rsplit_once('.').unwrap();
        let other = pair.sign(json!({ "kid": "k" }), &claims_with("sub", json!("s-2")));
        let (_, others) = other.rsplit_once('.').unwrap();
        assert_eq!(ask(&jwt, &format!("{head}.{others}")).await, None, "the signature of another token");
        assert_eq!(ask(&jwt, &format!("{head}.")).await, None);
        assert_eq!(ask(&jwt, &format!("{head}.{}", &signature[1..])).await, None);
    }
    let jwt = jwt(&Issuer::new(vec![pairs[0].jwk("k")]));
    assert_eq!(
        ask(&jwt, &pairs[1].sign(json!({ "kid": "k" }), &claims())).await,
        None,
        "a key of another kind"
    );
}

#[tokio::test]
async fn claims_decide_to_the_letter() {
    let pair = Pair::ed();
    let jwt = jwt(&Issuer::new(vec![pair.jwk("k")]));
    let ask = async |claims: Value| ask(&jwt, &pair.sign(json!({ "kid": "k" }), &claims)).await;
    let now = get_current_timestamp();
    for (name, value) in [
        ("aud", json!(["other", AUDIENCE])),
        ("appid", json!("app-2")),
        ("appid", json!(["x", "app-1"])),
        ("exp", json!(now - LEEWAY + 5)),
        ("nbf", json!(now + LEEWAY - 5)),
        ("nbf", Value::Null),
    ] {
        assert!(ask(claims_with(name, value.clone())).await.is_some(), "{name} {value}");
    }
    for (name, value) in [
        ("iss", json!("https://sts.windows.net/tenant")),
        ("iss", json!("https://sts.windows.net/other/")),
        ("iss", Value::Null),
        ("aud", json!("other")),
        ("aud", json!([])),
        ("aud", Value::Null),
        ("appid", json!("app-3")),
        ("appid", json!({ "app-1": true })),
        ("appid", Value::Null),
        ("exp", json!(now - LEEWAY - 5)),
        ("exp", json!("tomorrow")),
        ("exp", Value::Null),
        ("nbf", json!(now + LEEWAY + 5)),
    ] {
        assert_eq!(ask(claims_with(name, value.clone())).await, None, "{name} {value}");
    }
}

#[tokio::test]
async fn the_algorithm_is_pinned_and_what_must_be_understood_is_not() {
    let pair = Pair::ec(&ECDSA_P256_SHA256_FIXED_SIGNING, "ES256", "P-256");
    let issuer = Issuer::new(vec![pair.jwk("k")]);
    let jwt = jwt(&issuer);
    for header in [
        json!({ "kid": "k", "alg": "none" }),
        json!({ "kid": "k", "alg": "HS256" }),
        json!({ "kid": "k", "alg": "RS256" }),
        json!({ "kid": "k", "alg": "EdDSA" }),
        json!({ "kid": "k", "crit": ["b64"], "b64": true }),
    ] {
        assert_eq!(ask(&jwt, &pair.sign(header.clone(), &claims())).await, None, "{header}");
    }
    // Signed by what anybody can read: the public key as a shared secret.
    let text = pair.sign(json!({ "kid": "k", "alg": "HS256" }), &claims());
    let public = match &pair {
        Pair::Ec(key, ..) => key.public_key().as_ref().to_vec(),
        Pair::Ed(_) => unreachable!(),
    };
    let (text, _) = text.rsplit_once('.').unwrap();
    let forged = ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &public), text.as_bytes());
    assert_eq!(ask(&jwt, &format!("{text}.{}", base64(forged.as_ref()))).await, None);
    assert_eq!(ask(&jwt, &pair.sign(json!({ "kid": "k" }), &claims())).await.as_deref(), Some("jwt:s-1"));
}

#[tokio::test]
async fn a_key_that_is_for_something_else_verifies_nothing() {
    let pair = Pair::ec(&ECDSA_P256_SHA256_FIXED_SIGNING, "ES256", "P-256");
    let other = Pair::ed();
    for (name, value) in [("use", "enc"), ("alg", "ES384")] {
        let mut key = pair.jwk("k");
        key[name] = value.into();
        let odd = json!({ "kty": "new", "kid": "n" });
        let shared = json!({ "kty": "oct", "kid": "k", "k": "c2VjcmV0" });
        let jwt = jwt(&Issuer::new(vec![odd, shared, key, other.jwk("other")]));
        assert_eq!(ask(&jwt, &pair.sign(json!({ "kid": "k" }), &claims())).await, None, "{name}");
        assert!(ask(&jwt, &other.sign(json!({ "kid": "other" }), &claims())).await.is_some(), "others count");
    }
}

#[tokio::test]
async fn a_token_without_a_kid_is_tried_with_every_key() {
    let (one, two, three) = (Pair::ed(), Pair::ed(), Pair::ed());
    let issuer = Issuer::new(vec![one.jwk("1"), two.jwk("2")]);
    let jwt = jwt(&issuer);
    assert!(ask(&jwt, &two.sign(json!({}), &claims())).await.is_some());
    assert_eq!(issuer.fetches(), 1);
    issuer.publish(Some(vec![three.jwk("3")]));
    assert!(ask(&jwt, &three.sign(json!({}), &claims())).await.is_some(), "a new key is looked for");
    let mut nameless = two.jwk("");
    nameless.as_object_mut().unwrap().remove("kid");
    issuer.publish(Some(vec![nameless]));
    assert!(
        ask(&jwt, &two.sign(json!({ "kid": "9" }), &claims())).await.is_some(),
        "a key without a name fits any"
    );
}

#[tokio::test(start_paused = true)]
async fn a_new_key_is_fetched_when_a_token_names_it_and_an_old_one_is_gone_then() {
    let (old, new) = (Pair::ed(), Pair::ed());
    let issuer = Issuer::new(vec![old.jwk("old")]);
    let jwt = jwt(&issuer);
    let (with_old, with_new) =
        (old.sign(json!({ "kid": "old" }), &claims()), new.sign(json!({ "kid": "new" }), &claims()));
    assert!(ask(&jwt, &with_old).await.is_some());
    issuer.publish(Some(vec![old.jwk("old"), new.jwk("new")]));
    assert!(ask(&jwt, &with_new).await.is_some());
    assert!(ask(&jwt, &with_old).await.is_some());
    assert_eq!(issuer.fetches(), 2);

    // Withdrawn keys stop counting once the set is old.
    issuer.publish(Some(vec![new.jwk("new")]));
    tokio::time::advance(Duration::from_mins(61)).await;
    assert!(ask(&jwt, &with_new).await.is_some(), "an old set serves while it is fetched again");
    while issuer.fetches() < 3 {
        tokio::task::yield_now().await;
    }
    assert_eq!(ask(&jwt, &with_old).await, None);
    tokio::time::advance(Duration::from_hours(30)).await;
    issuer.publish(Some(vec![old.jwk("old")]));
    assert_eq!(ask(&jwt, &with_new).await, None, "a very old set serves no more");
}

#[tokio::test(start_paused = true)]
async fn keys_that_nobody_has_cause_few_fetches() {
    let (pair, stranger) = (Pair::ed(), Pair::ed());
    let issuer = Issuer::new(vec![pair.jwk("k")]);
    let jwt = jwt(&issuer);
    for n in 0..1000 {
        assert_eq!(ask(&jwt, &stranger.sign(json!({ "kid": format!("{n}") }), &claims())).await, None);
    }
    assert_eq!(issuer.fetches(), 5);
    assert!(ask(&jwt, &pair.sign(json!({ "kid": "k" }), &claims())).await.is_some());
    tokio::time::advance(Duration::from_secs(10)).await;
    for n in 0..1000 {
        assert_eq!(ask(&jwt, &stranger.sign(json!({ "kid": format!("{n}") }), &claims())).await, None);
    }
    assert_eq!(issuer.fetches(), 6);
    // What cannot be valid anyway fetches nothing at all.
    tokio::time::advance(Duration::from_mins(5)).await;
    for claims in
        [claims_with("iss", json!("x")), claims_with("appid", json!("x")), claims_with("exp", json!(1))]
    {
        assert_eq!(ask(&jwt, &stranger.sign(json!({ "kid": "x" }), &claims)).await, None);
    }
    assert_eq!(issuer.fetches(), 6);
}

#[tokio::test]
async fn many_requests_wait_for_one_fetch() {
    let pair = Pair::ed();
    let issuer = Issuer::new(vec![pair.jwk("k")]);
    let gate = Arc::new(Notify::new());
    *issuer.0.gate.lock().unwrap() = Some(gate.clone());
    let jwt = jwt(&issuer);
    let token: Arc<str> = pair.sign(json!({ "kid": "k" }), &claims()).into();
    let waiting: Vec<_> = (0..20)
        .map(|_| {
            let (jwt, token) = (jwt.clone(), token.clone());
            tokio::spawn(async move { ask(&jwt, &token).await })
        })
        .collect();
    while issuer.fetches() == 0 {
        tokio::task::yield_now().await;
    }
    gate.notify_one();
    for waiting in waiting {
        assert!(waiting.await.unwrap().is_some());
    }
    assert_eq!(issuer.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn while_the_issuer_does_not_answer_old_keys_count_and_others_cannot_be_checked() {
    let (pair, new) = (Pair::ed(), Pair::ed());
    let issuer = Issuer::new(vec![]);
    issuer.publish(None);
    let jwt = jwt(&issuer);
    let token = pair.sign(json!({ "kid": "k" }), &claims());
    for _ in 0..20 {
        assert_eq!(jwt.verify(&token).await.err(), Some(AuthError::Unavailable), "never 401");
    }
    assert_eq!(issuer.fetches(), 5, "not asked at every request");
    let expired = pair.sign(json!({ "kid": "k" }), &claims_with("exp", json!(1)));
    assert_eq!(ask(&jwt, &expired).await, None, "no key can make it valid");

    issuer.publish(Some(vec![pair.jwk("k")]));
    tokio::time::advance(Duration::from_mins(1)).await;
    assert!(ask(&jwt, &token).await.is_some());
    for nonsense in [None, Some(vec![]), Some(vec![json!({ "kty": "oct", "k": "eA" })])] {
        issuer.publish(nonsense);
        tokio::time::advance(Duration::from_hours(30)).await;
        assert!(ask(&jwt, &token).await.is_some(), "what the issuer said last counts");
        let unknown = jwt.verify(&new.sign(json!({ "kid": "new" }), &claims())).await;
        assert_eq!(unknown.err(), Some(AuthError::Unavailable));
    }
}

#[test]
fn a_name_is_one_short_line_whatever_the_subject() {
    assert_eq!(name(Some("3f1c")), "jwt:3f1c");
    assert_eq!(name(None), "jwt:-");
    assert_eq!(name(Some("a\nb\u{202e}")), "jwt:a\\nb\\u{202e}");
    assert!(name(Some(&"ä".repeat(5000))).chars().count() == 104);
}

#[test]
fn only_three_parts_are_a_jwt() {
    assert!(is_one("eyJhbGciOiJub25lIn0.e30."));
    for other in ["chs_x.y.z", "eyJ", "eyJ.x", "eyJ.a.b.c.d"] {
        assert!(!is_one(other), "{other}");
    }
}
