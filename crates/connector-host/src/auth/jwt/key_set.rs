//! An issuer's public keys (RFC 7517): fetched through the door, kept, and asked for again when a token names one that is
//! not there.

use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use connector_core::{
    error::{Error, Kind, Result},
    http::{Endpoints, Observer, Outbound},
};
use http::{Method, Request, StatusCode};
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey,
    jwk::{Jwk, KeyAlgorithm, PublicKeyUse},
};
use serde::Deserialize;
use serde_json::Value;
use tokio::{sync::Mutex, time::Instant};
use url::Url;

use crate::auth::AuthError;

/// Keys of this age are fetched again, beside the requests that use them.
const OLD: Duration = Duration::from_hours(1);
/// Keys of this age, as after a night without requests, count no more before the issuer was asked again.
const TOO_OLD: Duration = Duration::from_hours(24);

/// So many fetches may follow each other at once; then one more in each [`REFILL`]. Tokens that name keys which nobody has
/// cause no more.
const BURST: u32 = 5;
const REFILL: Duration = Duration::from_secs(10);

/// How long a fetch may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The largest set of keys that is looked at, in bytes. Entra's has about 15,000.
const LARGEST: usize = 256 << 10;

/// Where keys come from.
#[async_trait]
pub(super) trait Source: Send + Sync {
    /// The set as it is published now.
    async fn fetch(&self) -> Result<Bytes>;
}

/// The issuer's address, behind the door.
pub(super) struct Address {
    endpoints: Endpoints,
    url: Url,
}

impl Address {
    pub(super) fn new(outbound: Arc<Outbound>, url: Url, observer: Arc<dyn Observer>) -> Self {
        let endpoints = Endpoints::new(outbound).with("jwks_url", url.clone());
        Self { endpoints: endpoints.observed_by(observer), url }
    }
}

#[async_trait]
impl Source for Address {
    async fn fetch(&self) -> Result<Bytes> {
        let request = Request::builder().method(Method::GET).uri(self.url.as_str()).body(Vec::new());
        let request =
            request.map_err(|error| Error::new(Kind::Internal, "jwks_url is no address").source(error))?;
        let answer = self.endpoints.send(request, Instant::now() + PATIENCE).await?;
        let odd = |what: String| Error::new(Kind::OddAnswer, what);
        match answer.status() {
            StatusCode::OK if answer.body().len() <= LARGEST => Ok(answer.into_body()),
            StatusCode::OK => Err(odd(format!("the set of keys is larger than {LARGEST} bytes"))),
            status => Err(odd(format!("the issuer answered with status {}", status.as_u16()))),
        }
    }
}

/// The keys of one issuer.
pub(super) struct KeySet {
    instance: String,
    source: Box<dyn Source>,
    keys: RwLock<Arc<Keys>>,
    /// One fetch at a time; how many may follow.
    fetching: Mutex<Allowance>,
    /// Fetches so far, failed ones included.
    fetches: AtomicU64,
}

/// One state of the set.
#[derive(Default)]
pub(super) struct Keys {
    keys: Vec<Key>,
    /// `None`: never yet.
    fetched: Option<Instant>,
}

/// One of the keys.
pub(super) struct Key {
    /// Its name.
    pub(super) kid: Option<String>,
    /// The only algorithm it is for, where the issuer says so.
    algorithm: Option<KeyAlgorithm>,
    pub(super) public: DecodingKey,
}

impl Keys {
    /// The keys that a token with this header may be signed with.
    pub(super) fn candidates(&self, kid: Option<&str>, algorithm: Algorithm) -> impl Iterator<Item = &Key> {
        let fits = move |key: &&Key| {
            key.public.family() == algorithm.family()
                && key.algorithm.is_none_or(|only| only == KeyAlgorithm::from(algorithm))
                && (kid.is_none() || key.kid.is_none() || key.kid.as_deref() == kid)
        };
        self.keys.iter().filter(fits)
    }

    fn age(&self) -> Option<Duration> {
        self.fetched.map(|fetched| fetched.elapsed())
    }
}

impl KeySet {
    pub(super) fn new(instance: &str, source: impl Source + 'static) -> Self {
        Self {
            instance: instance.to_owned(),
            source: Box::new(source),
            keys: RwLock::default(),
            fetching: Mutex::new(Allowance::full()),
            fetches: AtomicU64::new(0),
        }
    }

    /// The keys as far as they are known. They are fetched first where there are none, or only very old ones.
    pub(super) async fn current(self: &Arc<Self>) -> Result<Arc<Keys>, AuthError> {
        let keys = self.held();
        match keys.age() {
            Some(age) if age < OLD => Ok(keys),
            Some(age) if age < TOO_OLD => {
                let this = Arc::clone(self);
                let old = Arc::clone(&keys);
                tokio::spawn(async move { this.newer_than(&old).await.map(drop) });
                Ok(keys)
            }
            // While the issuer does not answer, what it said last counts.
            Some(_) => Ok(self.newer_than(&keys).await.ok().flatten().unwrap_or(keys)),
            None => self.newer_than(&keys).await?.ok_or(AuthError::Unavailable),
        }
    }

    /// Keys that were fetched after `known`. However many callers there are, one fetch serves them all. `None` when `known`
    /// is so new that the issuer is not asked again; [`AuthError::Unavailable`] when it does not answer.
    pub(super) async fn newer_than(&self, known: &Arc<Keys>) -> Result<Option<Arc<Keys>>, AuthError> {
        let before = self.fetches.load(Ordering::Acquire);
        let mut allowance = self.fetching.lock().await;
        let held = self.held();
        if !Arc::ptr_eq(&held, known) {
            return Ok(Some(held));
        }
        if self.fetches.load(Ordering::Acquire) != before {
            // The fetch that was waited for failed.
            return Err(AuthError::Unavailable);
        }
        if !allowance.take() {
            return if allowance.failed { Err(AuthError::Unavailable) } else { Ok(None) };
        }
        let fetched = self.source.fetch().await.and_then(|body| parse(&body));
        self.fetches.fetch_add(1, Ordering::Release);
        allowance.failed = fetched.is_err();
        match fetched {
            Ok(keys) => {
                tracing::info!(instance = self.instance, keys = keys.len(), "the issuer's keys are fetched");
                let keys = Arc::new(Keys { keys, fetched: Some(Instant::now()) });
                *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&keys);
                Ok(Some(keys))
            }
            Err(error) => {
                tracing::error!(instance = self.instance, %error, "the issuer's keys cannot be fetched");
                Err(AuthError::Unavailable)
            }
        }
    }

    fn held(&self) -> Arc<Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// How many fetches may follow, and how the last one went.
struct Allowance {
    left: u32,
    since: Instant,
    failed: bool,
}

impl Allowance {
    fn full() -> Self {
        Self { left: BURST, since: Instant::now(), failed: false }
    }

    fn take(&mut self) -> bool {
        while self.left < BURST && self.since.elapsed() >= REFILL {
            self.left += 1;
            self.since += REFILL;
        }
        if self.left == BURST {
            self.since = Instant::now();
        }
        let some = self.left > 0;
        self.left = self.left.saturating_sub(1);
        some
    }
}

/// The keys of a set that can verify signatures. What else is in it (keys for encryption, kinds that nobody here knows) is
/// passed over, as RFC 7517 section 5 wants.
fn parse(body: &[u8]) -> Result<Vec<Key>> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Value>,
    }
    let set: Set = serde_json::from_slice(body).map_err(|error| {
        Error::new(Kind::OddAnswer, "the issuer's answer is no set of keys").source(error)
    })?;
    let keys: Vec<_> = set.keys.into_iter().filter_map(key).collect();
    if keys.is_empty() {
        return Err(Error::new(Kind::OddAnswer, "the issuer's set has no key that verifies signatures"));
    }
    Ok(keys)
}

fn key(value: Value) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    let public = DecodingKey::from_jwk(&jwk).ok().filter(|key| key.family() != AlgorithmFamily::Hmac)?;
    let common = jwk.common;
    let signs = common.public_key_use.is_none_or(|used| used == PublicKeyUse::Signature);
    signs.then_some(Key { kid: common.key_id, algorithm: common.key_algorithm, public })
}
