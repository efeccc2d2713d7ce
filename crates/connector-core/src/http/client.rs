//! The only place that builds HTTP clients.

use std::{
    error::Error as StdError,
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use reqwest::{
    Client,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect,
};

use super::policy::{Policy, Refusal};
use crate::error::{Error, Kind, Result};

/// What all instances of a process share on the way out: the destination policy, connections, one TLS configuration.
#[derive(Debug)]
pub struct Outbound {
    policy: Arc<Policy>,
    plain: OnceLock<Client>,
    /// Made at the first https request: a host without CA files starts and serves plain targets.
    tls: OnceLock<Client>,
}

impl Outbound {
    /// A way out under this policy.
    pub fn new(policy: Policy) -> Self {
        Self { policy: Arc::new(policy), plain: OnceLock::new(), tls: OnceLock::new() }
    }

    /// The destination policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    pub(super) fn client(&self, https: bool) -> Result<&Client> {
        let cell = if https { &self.tls } else { &self.plain };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let client = self.build(https)?;
        Ok(cell.get_or_init(|| client))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    fn build(&self, https: bool) -> Result<Client> {
        let provider = rustls::crypto::ring::default_provider();
        let mut builder = Client::builder()
            .dns_resolver(Arc::new(Checked { policy: Arc::clone(&self.policy), https }))
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .http1_only()
            .tcp_nodelay(true)
            .connect_timeout(Duration::from_secs(10))
            .pool_idle_timeout(Duration::from_secs(50));
        if https {
            // Fails only when one is installed already, which serves as well.
            let _ = provider.install_default();
            builder = builder.https_only(true);
        } else {
            let config = rustls::ClientConfig::builder_with_provider(provider.into())
                .with_safe_default_protocol_versions()
                .map_err(|error| Error::new(Kind::Internal, "no TLS configuration").source(error))?
                .with_root_certificates(rustls::RootCertStore::empty())
                .with_no_client_auth();
            builder = builder.tls_backend_preconfigured(config);
        }
        builder
            .build()
            .map_err(|error| Error::new(Kind::Internal, "no HTTP client can be made").source(error))
    }
}

/// Resolves names and hands on only addresses the policy admits, so that a connection goes to a checked address.
struct Checked {
    policy: Arc<Policy>,
    https: bool,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let (policy, https) = (Arc::clone(&self.policy), self.https);
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let mut refused: Option<Refusal> = None;
            let mut admitted = Vec::with_capacity(found.len());
            for address in found {
                match policy.check_address(name.as_str(), address.ip(), https) {
                    Ok(()) => admitted.push(address),
                    Err(refusal) => refused = Some(refusal),
                }
            }
            match refused {
                Some(refusal) if admitted.is_empty() => {
                    Err(Box::new(refusal) as Box<dyn StdError + Send + Sync>)
                }
                _ => Ok(Box::new(admitted.into_iter()) as Addrs),
            }
        })
    }
}

/// The policy's refusal inside a failed request, if that is why it failed.
pub(super) fn refusal_in(error: &reqwest::Error) -> Option<&Refusal> {
    let mut source = StdError::source(error);
    while let Some(error) = source {
        if let Some(refusal) = error.downcast_ref::<Refusal>() {
            return Some(refusal);
        }
        source = error.source();
    }
    None
}
