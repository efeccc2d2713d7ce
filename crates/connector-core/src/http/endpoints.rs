//! The addresses an instance may reach beside its target.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use http::{HeaderValue, header};
use tokio::time::Instant;
use url::Url;

use super::{NoObserver, Observer, Outbound, Refusal, observer, policy::Rule, wire};
use crate::error::{Error, Kind, Result};

/// Addresses by name: parameters (`graph_url`), OAuth endpoints (`token_url`), siblings of those (`auth.test`). Each is
/// checked like the target's own.
#[derive(Debug, Clone)]
pub struct Endpoints {
    outbound: Arc<Outbound>,
    by_name: BTreeMap<String, Url>,
    observer: Arc<dyn Observer>,
}

impl Endpoints {
    /// None yet.
    pub fn new(outbound: Arc<Outbound>) -> Self {
        Self { outbound, by_name: BTreeMap::new(), observer: Arc::new(NoObserver) }
    }

    /// Tells `observer` which requests were not allowed to leave.
    pub fn observed_by(self, observer: Arc<dyn Observer>) -> Self {
        Self { observer, ..self }
    }

    /// One more.
    pub fn with(mut self, name: impl Into<String>, url: Url) -> Self {
        self.by_name.insert(name.into(), url);
        self
    }

    /// The address of this name.
    pub fn url(&self, name: &str) -> Option<&Url> {
        self.by_name.get(name)
    }

    /// The address of this name, with the name as it is kept.
    pub(super) fn named(&self, name: &str) -> Option<(&str, &Url)> {
        self.by_name.get_key_value(name).map(|(name, url)| (name.as_str(), url))
    }

    /// Every address, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Url)> {
        self.by_name.iter().map(|(name, url)| (name.as_str(), url))
    }

    /// Sends a request that brings its own authentication to exactly one of these addresses, as OAuth and key sets need.
    /// The answer is whole, at most until the deadline; a redirect is not followed.
    pub async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        deadline: Instant,
    ) -> Result<http::Response<Bytes>> {
        self.exchange(request, deadline)
            .await
            .inspect_err(|error| observer::tell_refusal(&*self.observer, error))
    }

    async fn exchange(
        &self,
        request: http::Request<Vec<u8>>,
        deadline: Instant,
    ) -> Result<http::Response<Bytes>> {
        let (parts, body) = request.into_parts();
        let url = Url::parse(&parts.uri.to_string())
            .map_err(|error| Error::new(Kind::Internal, "an address cannot be read").source(error))?;
        if !self.by_name.values().any(|known| *known == url) {
            let host = url.host_str().unwrap_or_default().to_owned();
            return Err(wire::refused(&Refusal { host, address: None, rule: Rule::UNKNOWN_ADDRESS }));
        }
        let mut headers = parts.headers;
        headers.entry(header::ACCEPT).or_insert(HeaderValue::from_static("application/json"));
        let body = (!body.is_empty()).then(|| body.into());
        let request = wire::Request { method: parts.method, url, headers, body };
        wire::send(&self.outbound, request, deadline).await
    }
}
