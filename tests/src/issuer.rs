//! An issuer of JWTs: keys that it publishes, and tokens signed with them.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    rsa,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

/// The issuer's address for keys, on loopback.
#[derive(Debug)]
pub struct Issuer {
    /// Where it listens.
    pub address: SocketAddr,
    published: Arc<Mutex<Published>>,
}

#[derive(Debug)]
struct Published {
    /// The whole answer after `HTTP/1.1 `.
    answer: String,
    fetches: usize,
}

impl Issuer {
    /// One that publishes these keys.
    pub async fn publishing(keys: &[&SigningKey]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let address = listener.local_addr().expect("it listens");
        let published = Arc::new(Mutex::new(Published { answer: String::new(), fetches: 0 }));
        let issuer = Self { address, published: published.clone() };
        issuer.publish(keys);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    match stream.read_u8().await {
                        Ok(byte) => request.push(byte),
                        Err(_) => break,
                    }
                }
                let answer = {
                    let mut published = published.lock().unwrap_or_else(PoisonError::into_inner);
                    published.fetches += 1;
                    format!("HTTP/1.1 {}", published.answer)
                };
                // Whoever asked may be gone.
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        issuer
    }

    /// Where its keys are.
    pub fn jwks_url(&self) -> String {
        format!("http://{}/discovery/keys", self.address)
    }

    /// Publishes these keys from now on.
    pub fn publish(&self, keys: &[&SigningKey]) {
        let keys: Vec<_> = keys.iter().map(|key| key.public()).collect();
        let body = json!({ "keys": keys }).to_string();
        let length = body.len();
        self.answer(&format!("200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"));
    }

    /// Answers like this from now on: status, headers and body as they are written.
    pub fn answer(&self, answer: &str) {
        answer.clone_into(&mut self.published.lock().unwrap_or_else(PoisonError::into_inner).answer);
    }

    /// How often it was asked.
    pub fn fetches(&self) -> usize {
        self.published.lock().unwrap_or_else(PoisonError::into_inner).fetches
    }
}

/// A key that signs tokens.
#[derive(Debug)]
pub struct SigningKey {
    kid: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Ec(EcdsaKeyPair),
    Rsa(RsaKeyPair, Value),
}

impl SigningKey {
    /// A fresh key for ES256.
    pub fn es256(kid: &str) -> Self {
        let (how, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let key = EcdsaKeyPair::generate_pkcs8(how, &random).expect("the system has randomness");
        let key = EcdsaKeyPair::from_pkcs8(how, key.as_ref(), &random).expect("it was just made");
        Self { kid: kid.to_owned(), kind: Kind::Ec(key) }
    }

    /// The key of RFC 7517 appendix A.2, for RS256: the whole world knows it.
    pub fn rs256() -> Self {
        let jwk: Value = serde_json::from_str(include_str!("../rfc7517-a2.json")).expect("it is JSON");
        let part = |name: &str| {
            let text = jwk[name].as_str().expect("every part is text");
            BASE64_URL_SAFE_NO_PAD.decode(text).expect("every part is base64")
        };
        let components = rsa::KeyPairComponents {
            public_key: rsa::PublicKeyComponents { n: part("n"), e: part("e") },
            d: part("d"),
            p: part("p"),
            q: part("q"),
            dP: part("dp"),
            dQ: part("dq"),
            qInv: part("qi"),
        };
        let key = RsaKeyPair::from_components(&components).expect("its parts fit");
        // As Entra publishes its keys: without `alg`.
        let public = json!({ "kty": "RSA", "use": "sig", "kid": jwk["kid"], "n": jwk["n"], "e": jwk["e"] });
        let kid = jwk["kid"].as_str().expect("it has a name").to_owned();
        Self { kid, kind: Kind::Rsa(key, public) }
    }

    /// A token with these claims.
    pub fn sign(&self, claims: &Value) -> String {
        let algorithm = if matches!(self.kind, Kind::Ec(_)) { "ES256" } else { "RS256" };
        let header = json!({ "typ": "JWT", "alg": algorithm, "kid": self.kid });
        let text = format!("{}.{}", base64(header.to_string()), base64(claims.to_string()));
        let random = SystemRandom::new();
        let signature = match &self.kind {
            Kind::Ec(key) => {
                key.sign(&random, text.as_bytes()).expect("the system has randomness").as_ref().to_vec()
            }
            Kind::Rsa(key, _) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature)
                    .expect("the system has randomness");
                signature
            }
        };
        format!("{text}.{}", base64(signature))
    }

    fn public(&self) -> Value {
        match &self.kind {
            Kind::Rsa(_, public) => public.clone(),
            Kind::Ec(key) => {
                let (x, y) = key.public_key().as_ref()[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "kid": self.kid, "x": base64(x), "y": base64(y) })
            }
        }
    }
}

/// Claims of a token that is good for ten minutes, with what `more` adds or replaces.
pub fn claims(more: Value) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let mut claims = json!({ "nbf": now - 60, "exp": now + 600 });
    if let (Value::Object(claims), Value::Object(more)) = (&mut claims, more) {
        claims.extend(more);
    }
    claims
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
