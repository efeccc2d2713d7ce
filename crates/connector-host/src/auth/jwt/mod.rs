//! JWTs of one issuer per instance (RFC 7519), as Entra ID sends them when no secret is configured there.

mod key_set;
mod signature;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, sync::Arc};

use jsonwebtoken::{
    Algorithm, Header, Validation, dangerous::insecure_decode_claims, decode, decode_header,
    errors::ErrorKind, get_current_timestamp,
};
use serde_json::{Map, Value};

use super::{AuthError, Caller};
use crate::{
    config::{Config, JwtConfig},
    outbound::Ways,
};

use key_set::{Address, KeySet, Keys, Source};

/// How far the issuer's clock may be off, in seconds.
const LEEWAY: u64 = 60;

/// The longest name of a caller, in characters.
const LONGEST_NAME: usize = 100;

/// The issuers of all instances.
pub struct Jwts {
    by_instance: HashMap<String, Jwt>,
}

impl Jwts {
    /// Those that are configured. No key is fetched before the first token comes.
    pub fn new(config: &Config, ways: &Ways) -> Self {
        signature::install();
        let jwt = |(name, instance): (&String, &crate::config::InstanceConfig)| {
            let jwt = instance.jwt.as_ref()?;
            let source = Address::new(Arc::clone(ways.all()), jwt.jwks_url.clone(), ways.observer(instance));
            Some((name.clone(), Jwt::new(name, jwt.clone(), source)))
        };
        Self { by_instance: config.instances.iter().filter_map(jwt).collect() }
    }

    /// The issuer of an instance, where it has one.
    pub(super) fn of(&self, instance: &str) -> Option<&Jwt> {
        self.by_instance.get(instance)
    }
}

/// Whether a token has the form of a JWT: three parts, the first a JSON object in base64.
pub(super) fn is_one(token: &str) -> bool {
    token.starts_with("ey") && token.bytes().filter(|b| *b == b'.').count() == 2
}

/// The issuer of one instance.
pub(super) struct Jwt {
    instance: Arc<str>,
    config: JwtConfig,
    keys: Arc<KeySet>,
}

impl Jwt {
    fn new(instance: &str, config: JwtConfig, source: impl Source + 'static) -> Self {
        Self { instance: instance.into(), config, keys: Arc::new(KeySet::new(instance, source)) }
    }

    /// Whose token it is; `None` when it does not open the instance. [`AuthError::Unavailable`] when it might and no key
    /// can be had to tell.
    pub(super) async fn verify(&self, token: &str) -> Result<Option<Caller>, AuthError> {
        let Some(header) = self.may_be_valid(token) else { return Ok(None) };
        let kid = header.kid.as_deref();
        let keys = self.keys.current().await?;
        match self.verify_with(&keys, token, kid, header.alg) {
            Verified::Yes(caller) => return Ok(Some(caller)),
            Verified::No => return Ok(None),
            Verified::NoSuchKey => {}
        }
        // The issuer may have a new one.
        let Some(keys) = self.keys.newer_than(&keys).await? else { return Ok(None) };
        match self.verify_with(&keys, token, kid, header.alg) {
            Verified::Yes(caller) => Ok(Some(caller)),
            Verified::No | Verified::NoSuchKey => Ok(None),
        }
    }

    /// The header of a token whose signature is worth a look: nothing else fetches a key.
    fn may_be_valid(&self, token: &str) -> Option<Header> {
        let header = decode_header(token).ok()?;
        // Extensions that must be understood are understood nowhere here (RFC 7515 section 4.1.11).
        if header.crit.is_some() || !self.config.algorithms.contains(&header.alg) {
            return None;
        }
        let claims = insecure_decode_claims::<Map<String, Value>>(token).ok()?;
        let lives = claims.get("exp").and_then(Value::as_f64);
        #[expect(clippy::cast_precision_loss, reason = "seconds are far below 2^52")]
        let lives = lives.is_some_and(|exp| exp + LEEWAY as f64 >= get_current_timestamp() as f64);
        let ours = claims.get("iss").is_some_and(|iss| *iss == *self.config.issuer);
        (lives && ours && self.has_required(&claims)).then_some(header)
    }

    fn verify_with(&self, keys: &Keys, token: &str, kid: Option<&str>, algorithm: Algorithm) -> Verified {
        let validation = self.validation(algorithm);
        let mut meant = false;
        for key in keys.candidates(kid, algorithm) {
            match decode::<Map<String, Value>>(token, &key.public, &validation) {
                Ok(token) if self.has_required(&token.claims) => {
                    let name = name(token.claims.get("sub").and_then(Value::as_str)).into();
                    return Verified::Yes(Caller { instance: self.instance.clone(), name });
                }
                Err(error) if matches!(error.kind(), ErrorKind::InvalidSignature) => {
                    meant |= kid.is_some() && key.kid.as_deref() == kid;
                }
                _ => return Verified::No,
            }
        }
        if meant { Verified::No } else { Verified::NoSuchKey }
    }

    fn validation(&self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.set_issuer(&[&self.config.issuer]);
        validation.set_audience(&[&self.config.audience]);
        validation
    }

    fn has_required(&self, claims: &Map<String, Value>) -> bool {
        self.config.required_claims.iter().all(|(name, wanted)| {
            claims.get(name).is_some_and(|claim| wanted.iter().any(|wanted| says(claim, wanted)))
        })
    }
}

/// What came of a set of keys.
enum Verified {
    Yes(Caller),
    No,
    /// None of the keys is the one.
    NoSuchKey,
}

/// Whether a claim is `wanted`, or a list with it.
fn says(claim: &Value, wanted: &str) -> bool {
    match claim {
        Value::String(text) => text == wanted,
        Value::Array(items) => items.iter().any(|item| item == wanted),
        Value::Bool(flag) => flag.to_string() == wanted,
        Value::Number(number) => number.to_string() == wanted,
        Value::Null | Value::Object(_) => false,
    }
}

/// `jwt:SUBJECT`, on one line and not too long whatever the issuer calls its subjects.
fn name(subject: Option<&str>) -> String {
    let mut name = String::from("jwt:");
    name.extend(subject.unwrap_or("-").chars().take(LONGEST_NAME).flat_map(char::escape_debug));
    name
}
