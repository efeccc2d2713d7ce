//! The only place that builds HTTP clients.

use std::{
    collections::HashMap,
    error::Error as StdError,
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, OnceLock, PoisonError, RwLock},
    time::Duration,
};

use async_trait::async_trait;
use reqwest::{
    Client,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect,
};
use rustls_platform_verifier::BuilderVerifierExt as _;
use url::{Host, Url};

use super::{
    policy::{Policy, Refusal, Rule},
    sources::SourceAddresses,
};
use crate::error::{Error, Kind, Result};

/// Finds the addresses that a name stands for now. It is asked once per connection, and the connection goes to what it said.
#[async_trait]
pub trait Resolver: Send + Sync + fmt::Debug {
    /// Every address, the best first; none is as good as an error.
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The system's resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|found| found.ip()).collect())
    }
}

/// What instances share on the way out: the destination policy, source addresses, connections.
#[derive(Debug)]
pub struct Outbound {
    policy: Arc<Policy>,
    resolver: Arc<dyn Resolver>,
    /// Connections are bound to these; without them the system chooses.
    sources: Option<SourceAddresses>,
    /// What stands between this host and every target.
    proxy: Option<Url>,
    clients: RwLock<HashMap<Way, Client>>,
}

/// One kind of connection. Clients are per source address, not per instance. Those for https are made at the first request:
/// a host without CA files starts and serves plain targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Way {
    https: bool,
    source: Option<IpAddr>,
}

impl Outbound {
    /// A way out under this policy.
    pub fn new(policy: Policy) -> Self {
        let resolver = Arc::new(SystemResolver);
        Self { policy: Arc::new(policy), resolver, sources: None, proxy: None, clients: RwLock::default() }
    }

    /// Finds addresses by another resolver than the system's.
    pub fn resolving_by(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.resolver = resolver;
        self
    }

    /// Binds every connection to one of these addresses.
    pub fn bound_to(mut self, sources: SourceAddresses) -> Self {
        self.sources = Some(sources);
        self
    }

    /// Sends every request through a proxy. It resolves names itself: what is checked here is what this machine resolves.
    pub fn through(mut self, proxy: Url) -> Self {
        self.proxy = Some(proxy);
        self
    }

    /// The destination policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Why no request to this address can ever leave, as far as the address shows it by itself.
    pub fn check(&self, url: &Url) -> Result<()> {
        self.policy.check_url(url).map_err(|refusal| super::wire::refused(&refusal))?;
        self.ways(url).map(drop)
    }

    /// The proxy, if there is one.
    pub(super) const fn proxy(&self) -> Option<&Url> {
        self.proxy.as_ref()
    }

    /// The ways to try for a destination, in order: one per family of source addresses that fits.
    pub(super) fn ways(&self, url: &Url) -> Result<Vec<Way>> {
        let https = url.scheme() == "https";
        let Some(sources) = &self.sources else { return Ok(vec![Way { https, source: None }]) };
        let nearest = self.proxy.as_ref().unwrap_or(url);
        let families: &[bool] = match nearest.host() {
            Some(Host::Ipv4(_)) => &[true],
            Some(Host::Ipv6(_)) => &[false],
            _ => &[true, false],
        };
        let ways: Vec<_> = families
            .iter()
            .filter_map(|v4| sources.next(*v4))
            .map(|source| Way { https, source: Some(source) })
            .collect();
        if ways.is_empty() {
            let family = if families == [true] { "IPv4" } else { "IPv6" };
            let rule = format!("none of outbound.addresses is an {family} address, which the target's is");
            let host = nearest.host_str().unwrap_or_default().to_owned();
            let refusal = Refusal { host, address: None, rule: Rule::FAMILY };
            return Err(Error::new(Kind::Refused, rule).source(refusal));
        }
        Ok(ways)
    }

    pub(super) fn client(&self, way: Way) -> Result<Client> {
        if let Some(client) = self.clients.read().unwrap_or_else(PoisonError::into_inner).get(&way) {
            return Ok(client.clone());
        }
        let client = self.build(way)?;
        let mut clients = self.clients.write().unwrap_or_else(PoisonError::into_inner);
        Ok(clients.entry(way).or_insert(client).clone())
    }

    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    fn build(&self, way: Way) -> Result<Client> {
        let odd =
            |error: reqwest::Error| Error::new(Kind::Internal, "no HTTP client can be made").source(error);
        let resolver = Checked {
            policy: Arc::clone(&self.policy),
            resolver: Arc::clone(&self.resolver),
            https: way.https,
            v4: way.source.map(|source| source.is_ipv4()),
            proxy: self.proxy.as_ref().and_then(|proxy| proxy.host_str().map(str::to_owned)),
        };
        let mut builder = Client::builder()
            .dns_resolver(Arc::new(resolver))
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .http1_only()
            .tcp_nodelay(true)
            .local_address(way.source)
            .connect_timeout(Duration::from_secs(10))
            .pool_idle_timeout(Duration::from_secs(50))
            .https_only(way.https)
            .tls_backend_preconfigured(tls(way.https || self.proxy.is_some())?);
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(reqwest::Proxy::all(proxy.as_str()).map_err(odd)?);
        }
        builder.build().map_err(odd)
    }
}

/// The one TLS configuration of the process, with the system's CA certificates; for plain connections one that trusts
/// nobody.
fn tls(trusting: bool) -> Result<rustls::ClientConfig> {
    static TRUSTING: OnceLock<rustls::ClientConfig> = OnceLock::new();
    if let (true, Some(config)) = (trusting, TRUSTING.get()) {
        return Ok(config.clone());
    }
    let odd = |error| Error::new(Kind::Internal, "no TLS configuration can be made").source(error);
    let builder =
        rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .map_err(odd)?;
    if !trusting {
        return Ok(builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth());
    }
    let config = builder.with_platform_verifier().map_err(odd)?.with_no_client_auth();
    Ok(TRUSTING.get_or_init(|| config).clone())
}

/// Resolves names and hands on only addresses the policy admits, so that a connection goes to a checked address.
struct Checked {
    policy: Arc<Policy>,
    resolver: Arc<dyn Resolver>,
    https: bool,
    /// Only IPv4 addresses, or only IPv6 ones.
    v4: Option<bool>,
    /// The proxy's host, which the operator named.
    proxy: Option<String>,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let (policy, resolver) = (Arc::clone(&self.policy), Arc::clone(&self.resolver));
        let (https, v4) = (self.https, self.v4);
        let is_proxy = self.proxy.as_deref() == Some(name.as_str());
        Box::pin(async move {
            let mut found = resolver.addresses(name.as_str()).await?;
            if found.is_empty() {
                return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address").into());
            }
            found.retain(|address| v4.is_none_or(|v4| address.is_ipv4() == v4));
            if found.is_empty() {
                let refusal = Refusal { host: name.as_str().to_owned(), address: None, rule: Rule::FAMILY };
                return Err(Box::new(refusal) as Box<dyn StdError + Send + Sync>);
            }
            let mut refused: Option<Refusal> = None;
            let mut admitted = Vec::with_capacity(found.len());
            for address in found {
                match policy.check_address(name.as_str(), address, https) {
                    Err(refusal) if !is_proxy => refused = Some(refusal),
                    _ => admitted.push(SocketAddr::new(address, 0)),
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

/// Checks what a name stands for, where a proxy is going to resolve it: the proxy's own answer cannot be seen.
pub(super) async fn check_name(outbound: &Outbound, url: &Url) -> Result<()> {
    let Some(Host::Domain(name)) = url.host() else { return Ok(()) };
    // A machine behind a proxy may resolve nothing at all.
    let Ok(found) = outbound.resolver.addresses(name).await else { return Ok(()) };
    let https = url.scheme() == "https";
    let mut refused = None;
    for address in found {
        match outbound.policy.check_address(name, address, https) {
            Ok(()) => return Ok(()),
            Err(refusal) => refused = Some(refusal),
        }
    }
    refused.map_or(Ok(()), |refusal| Err(super::wire::refused(&refusal)))
}

/// What kept a request from being connected, if it is of this type.
pub(super) fn cause_in<T: StdError + 'static>(error: &reqwest::Error) -> Option<&T> {
    let mut source = StdError::source(error);
    while let Some(error) = source {
        if let Some(cause) = error.downcast_ref::<T>() {
            return Some(cause);
        }
        source = error.source();
    }
    None
}
