//! What requests carry to prove who we are, and where it comes from.

use std::{borrow::Cow, fmt, sync::Arc};

use async_trait::async_trait;
use http::{HeaderName, HeaderValue};
use tokio::time::Instant;

use crate::{
    error::{Error, Kind, Result},
    secret::Secret,
};

/// What one request carries.
#[derive(Debug, Clone)]
pub struct Credential {
    header: HeaderName,
    value: Secret,
    token: Secret,
}

impl Credential {
    /// `Authorization: Bearer …`.
    pub fn bearer(token: &Secret) -> Self {
        let value = Secret::new(format!("Bearer {}", token.expose()));
        Self { header: http::header::AUTHORIZATION, value, token: token.clone() }
    }

    /// A vendor-issued key in a header of its own, after `prefix`.
    pub fn header(header: HeaderName, prefix: &str, key: &Secret) -> Self {
        let value = Secret::new(format!("{prefix}{}", key.expose()));
        Self { header, value, token: key.clone() }
    }

    /// The token or key itself.
    pub const fn token(&self) -> &Secret {
        &self.token
    }

    pub(super) const fn name(&self) -> &HeaderName {
        &self.header
    }

    pub(super) fn value(&self) -> Result<HeaderValue> {
        let mut value = HeaderValue::from_str(self.value.expose()).map_err(|_| {
            Error::new(Kind::TargetCredential, "the credential has characters no HTTP header can carry")
        })?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// Where an instance's credential comes from. The same for a key in the configuration and for a consent.
#[async_trait]
pub trait CredentialSource: Send + Sync + fmt::Debug {
    /// The credential to use now. [`Kind::TargetCredential`] when there is none: a consent is missing or lost.
    async fn current(&self, deadline: Instant) -> Result<Arc<Credential>>;

    /// The target refused `refused` (401). Another credential, to be tried once; `None` when there is no other to be had.
    async fn renew(&self, refused: &Credential, deadline: Instant) -> Result<Option<Arc<Credential>>>;

    /// What the operator does when the target refuses the credential.
    fn remedy(&self) -> Cow<'static, str>;
}

/// A credential that stands in the configuration, or that is on trial.
#[derive(Debug)]
pub struct Fixed {
    credential: Arc<Credential>,
    remedy: &'static str,
}

impl Fixed {
    /// Always this one; `remedy` says what to do when the target refuses it, as `replace api_key`.
    pub fn new(credential: Credential, remedy: &'static str) -> Self {
        Self { credential: Arc::new(credential), remedy }
    }
}

#[async_trait]
impl CredentialSource for Fixed {
    async fn current(&self, _: Instant) -> Result<Arc<Credential>> {
        Ok(Arc::clone(&self.credential))
    }

    async fn renew(&self, _: &Credential, _: Instant) -> Result<Option<Arc<Credential>>> {
        Ok(None)
    }

    fn remedy(&self) -> Cow<'static, str> {
        Cow::Borrowed(self.remedy)
    }
}
