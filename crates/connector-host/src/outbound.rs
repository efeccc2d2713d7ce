//! The ways out as configured, and what is published about them.

use std::{collections::HashMap, fmt, sync::Arc};

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use connector_core::http::{
    NoObserver, Observer, Outbound, Policy, Resolver, SourceAddresses, SourceFault, SystemResolver,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use ipnet::IpNet;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{
    app::App,
    config::{Config, InstanceConfig, SourceConfig},
    metrics::Metrics,
};

/// The way out of each connector: the same for all, but for those with source addresses of their own.
pub struct Ways {
    all: Arc<Outbound>,
    by_connector: HashMap<String, Arc<Outbound>>,
    metrics: Option<Arc<Metrics>>,
}

/// Addresses that no connection can be bound to.
#[derive(Debug)]
pub struct BindError {
    key: String,
    fault: SourceFault,
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.fault)
    }
}

impl std::error::Error for BindError {}

impl Ways {
    /// Opens them. Where connections are bound, the machine must hold at least one of the addresses; those it lacks are
    /// logged.
    pub fn open(config: &Config) -> Result<Self, BindError> {
        Self::open_resolving(config, &(Arc::new(SystemResolver) as Arc<dyn Resolver>))
    }

    /// The same with names resolved by another resolver than the system's.
    pub fn open_resolving(config: &Config, resolver: &Arc<dyn Resolver>) -> Result<Self, BindError> {
        let outbound = &config.outbound;
        let way = |key: &str, sources: &SourceConfig| {
            let policy = Policy {
                allow_networks: outbound.allow_networks.clone(),
                only_networks: outbound.only_networks.clone(),
            };
            let mut way = Outbound::new(policy).resolving_by(Arc::clone(resolver));
            if let Some(proxy) = &outbound.proxy {
                way = way.through(proxy.clone());
            }
            if outbound.bind {
                let held = SourceAddresses::held(&sources.addresses);
                let (held, lacking) = held.map_err(|fault| BindError { key: key.to_owned(), fault })?;
                for address in lacking {
                    tracing::warn!(%address, key, "this machine does not hold a listed source address");
                }
                way = way.bound_to(held);
            }
            Ok(Arc::new(way))
        };
        let all = way("outbound.addresses", &outbound.sources)?;
        let mut by_connector = HashMap::new();
        for (name, sources) in &outbound.connectors {
            if outbound.bind && sources.addresses != outbound.sources.addresses {
                by_connector
                    .insert(name.clone(), way(&format!("connectors.{name}.outbound.addresses"), sources)?);
            }
        }
        Ok(Self { all, by_connector, metrics: None })
    }

    /// Counts what happens on every way.
    pub fn counted_by(self, metrics: Arc<Metrics>) -> Self {
        Self { metrics: Some(metrics), ..self }
    }

    /// Who is told what happens at the door of this instance.
    pub fn observer(&self, instance: &InstanceConfig) -> Arc<dyn Observer> {
        match &self.metrics {
            Some(metrics) => metrics.observer(instance),
            None => Arc::new(NoObserver),
        }
    }

    /// The way out of this connector.
    pub fn of(&self, connector: &str) -> &Arc<Outbound> {
        self.by_connector.get(connector).unwrap_or(&self.all)
    }

    /// The way out of what belongs to no connector.
    pub const fn all(&self) -> &Arc<Outbound> {
        &self.all
    }
}

/// What is published about one connector.
#[derive(Debug, Serialize)]
pub struct Published {
    /// The connector.
    pub name: &'static str,
    /// Requests come from one of these.
    pub addresses: Vec<String>,
    /// Requests may come from these later.
    pub additional_addresses: Vec<String>,
    /// Hosts and ports that its instances may reach. For the operator alone: it tells which applications are in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destinations: Option<Vec<String>>,
}

/// Per connector that is built in, by name.
pub fn published(config: &Config, with_destinations: bool) -> Vec<Published> {
    let mut names: Vec<_> = config.registry.iter().map(|known| known.spec.name).collect();
    names.sort_unstable();
    names.dedup();
    let of_connector = |name: &'static str| {
        let sources = config.outbound.sources_of(name);
        let instances = config.instances.values().filter(|instance| instance.registration.spec.name == name);
        let destinations = with_destinations.then(|| {
            let mut all: Vec<_> = instances.flat_map(destinations).collect();
            all.sort_unstable();
            all.dedup();
            all
        });
        Published {
            name,
            addresses: sources.addresses.iter().map(text).collect(),
            additional_addresses: sources.additional_addresses.iter().map(text).collect(),
            destinations,
        }
    };
    names.into_iter().map(of_connector).collect()
}

/// A single address without its prefix.
fn text(net: &IpNet) -> String {
    if net.prefix_len() == net.max_prefix_len() { net.addr().to_string() } else { net.to_string() }
}

fn destinations(instance: &InstanceConfig) -> Vec<String> {
    let place = |url: &url::Url| Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?));
    instance.addresses().iter().filter_map(|(_, url)| place(url)).collect()
}

/// Every address once, as firewalls take them.
fn lines(published: &[Published]) -> String {
    let mut seen = Vec::new();
    for address in published.iter().flat_map(|one| one.addresses.iter().chain(&one.additional_addresses)) {
        if !seen.contains(&address) {
            seen.push(address);
        }
    }
    seen.into_iter().flat_map(|address| [address.as_str(), "\n"]).collect()
}

/// `GET /outbound`: JSON, or one address per line for those who take text only.
pub(crate) async fn get(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let published = published(&app.config, false);
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (media, body) = if wants_text(accepts) {
        ("text/plain; charset=utf-8", lines(&published))
    } else {
        let json = serde_json::json!({ "connectors": published });
        ("application/json", format!("{json}\n"))
    };
    let tag = format!("\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(&body)[..12]));
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let known = known.flat_map(|value| value.split(',')).map(str::trim);
    let is_known = known.map(|one| one.trim_start_matches("W/")).any(|one| one == tag || one == "*");
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Response::new(Body::from(body));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, HeaderValue::from_str(&tag).expect("base64 fits a header"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    response
}

/// Whether text is named before JSON.
fn wants_text(accepts: &str) -> bool {
    let kinds = accepts.split(',').map(|kind| kind.split(';').next().unwrap_or_default().trim());
    for kind in kinds {
        match kind {
            "text/plain" | "text/*" => return true,
            "application/json" | "application/*" | "*/*" => return false,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_line_once() {
        let one = |name, addresses: &[&str], more: &[&str]| Published {
            name,
            addresses: addresses.iter().map(ToString::to_string).collect(),
            additional_addresses: more.iter().map(ToString::to_string).collect(),
            destinations: None,
        };
        let all = [one("a", &["203.0.113.10"], &["203.0.113.32/29"]), one("b", &["203.0.113.10"], &[])];
        assert_eq!(lines(&all), "203.0.113.10\n203.0.113.32/29\n");
        assert_eq!(text(&"2001:db8::1/128".parse().unwrap()), "2001:db8::1");
    }

    #[test]
    fn text_is_for_those_who_ask_for_it() {
        for (accepts, text) in [
            ("text/plain", true),
            ("text/plain;q=1, */*", true),
            ("", false),
            ("*/*", false),
            ("application/json, text/plain", false),
            ("text/html, application/xhtml+xml, */*", false),
        ] {
            assert_eq!(wants_text(accepts), text, "{accepts}");
        }
    }
}
