//! The configuration: read from file, environment and flags, checked whole before anything starts.

mod attributes;
pub mod instance;
mod jwt;
pub mod keys;
mod oauth;
mod parse;
pub mod problem;
mod reader;
pub mod reference;
mod secret;
pub mod source;
mod store;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use connector_core::secret::Secret;
use figment::value::Value;
use ipnet::IpNet;
use url::Url;

pub use attributes::CustomAttribute;
pub use instance::{Credential, InstanceConfig, MediaType};
pub use jwt::JwtConfig;
pub use oauth::{CALLBACK, OAuthConfig};
pub use problem::{Place, Problem, Problems};
pub use secret::Key32;
pub use source::{Pins, Sources};
pub use store::{StoreConfig, StoreUrl};

use crate::registry::Registry;
use problem::did_you_mean;
use reader::{Fields, Reader};

/// Everything the host is told.
#[derive(Clone)]
pub struct Config {
    /// `[server]`.
    pub server: Server,
    /// `[store]`.
    pub store: StoreConfig,
    /// `[outbound]`.
    pub outbound: Outbound,
    /// `[instances.NAME]`, by name.
    pub instances: BTreeMap<String, InstanceConfig>,
    /// The connectors there are.
    pub registry: Registry,
}

/// `[server]`.
#[derive(Debug, Clone)]
pub struct Server {
    /// Where the service listens.
    pub listen: SocketAddr,
    /// `public_url` as configured; `None` means `http://<listen>`.
    pub public_url: Option<Url>,
    /// This deployment's data centre.
    pub region: Option<String>,
    /// How long a request may take in all.
    pub request_deadline: Duration,
    /// Opens `/admin/v1`.
    pub admin_token: Option<Secret>,
}

impl Server {
    /// Base of `meta.location`, without a slash at its end; `bound` is the address the service listens on.
    pub fn base_url(&self, bound: SocketAddr) -> String {
        self.public_url
            .as_ref()
            .map_or_else(|| format!("http://{bound}"), |url| url.as_str().trim_end_matches('/').to_owned())
    }
}

/// `[outbound]`.
#[derive(Debug, Clone, Default)]
pub struct Outbound {
    /// Reserved ranges that may be reached all the same.
    pub allow_networks: Vec<IpNet>,
    /// When not empty, nothing outside these is reached.
    pub only_networks: Vec<IpNet>,
    /// Where requests come from.
    pub sources: SourceConfig,
    /// In place of `sources`, per connector.
    pub connectors: BTreeMap<String, SourceConfig>,
    /// Bind each connection to one of the addresses.
    pub bind: bool,
    /// `server.proxy`.
    pub proxy: Option<Url>,
}

/// Published source addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceConfig {
    /// Requests come from one of these.
    pub addresses: Vec<IpNet>,
    /// Requests may come from these later.
    pub additional_addresses: Vec<IpNet>,
}

impl Outbound {
    /// Where requests of this connector come from.
    pub fn sources_of(&self, connector: &str) -> &SourceConfig {
        self.connectors.get(connector).unwrap_or(&self.sources)
    }
}

impl Config {
    /// Reads and checks everything; all problems at once.
    pub fn load(sources: &Sources) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let tree = sources.merge(&mut problems);
        let mut reader = Reader { with_secrets: true, problems, ..Reader::of(sources, &tree) };
        let config = read(&mut reader);
        match config {
            Some(config) if reader.problems.is_empty() => Ok(config),
            _ => Err(sorted(reader.problems)),
        }
    }
}

/// What the commands beside a running service need: the store and the names of the instances. The rest of the
/// configuration is `serve`'s business.
#[derive(Debug, Clone)]
pub struct StoreView {
    /// `[store]`.
    pub store: StoreConfig,
    /// Whether an encryption key is configured.
    pub has_key: bool,
    /// Every configured instance.
    pub instances: Vec<String>,
    /// The connectors that instances name, as they stand there.
    pub connectors: Vec<String>,
    /// Base of every URL that clients see, without a slash at its end; `None` when `[server]` has mistakes.
    pub base_url: Option<String>,
}

impl StoreView {
    /// Reads them without the store's keys, as the shell a command runs in need not hold any.
    pub fn load(sources: &Sources) -> Result<Self, Problems> {
        Self::read(sources, false)
    }

    /// Reads them with the store's keys, for commands that seal and open.
    pub fn load_with_keys(sources: &Sources) -> Result<Self, Problems> {
        Self::read(sources, true)
    }

    fn read(sources: &Sources, with_secrets: bool) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let tree = sources.merge(&mut problems);
        let mut reader = Reader { with_secrets, problems, ..Reader::of(sources, &tree) };
        let store = store::read(&mut reader);
        let has_key = matches!(tree.values.get("store"), Some(Value::Dict(_, table)) if table.contains_key("encryption_key"));
        // Its mistakes are no reason not to revoke a token.
        let mut aside = Reader { problems: Vec::new(), ..reader };
        let base_url = server(&mut aside).0.map(|server| server.base_url(server.listen));
        let base_url = base_url.filter(|_| aside.problems.is_empty());
        let instances = reader.dict("instances", tree.values.get("instances"));
        let connector = |instance: &Value| Some(instance.as_dict()?.get("connector")?.as_str()?.to_owned());
        let connectors = instances.into_iter().flatten().filter_map(|(_, value)| connector(value)).collect();
        let instances = instances.map(|table| table.keys().cloned().collect());
        match store {
            Some(store) if reader.problems.is_empty() => {
                Ok(Self { store, has_key, instances: instances.unwrap_or_default(), connectors, base_url })
            }
            _ => Err(sorted(reader.problems)),
        }
    }
}

/// By place and key, so that one mistake is found next to its neighbour in the file.
fn sorted(mut problems: Vec<Problem>) -> Problems {
    problems.sort_by_key(ToString::to_string);
    problems.dedup();
    Problems(problems)
}

fn read(reader: &mut Reader<'_>) -> Option<Config> {
    let tree = reader.tree;
    for (name, value) in &tree.values {
        if !keys::TABLES.iter().any(|(known, _)| known == name) {
            let what = did_you_mean(name, keys::TABLES.iter().map(|(known, _)| *known));
            reader.wrong(tree.place(name, value.tag()), name, format!("is not a known table; {what}"));
        }
    }
    let ((server, region, proxy), store) = (server(reader), store::read(reader));
    let mut outbound = Outbound { proxy, ..outbound(reader) };
    outbound.connectors = connectors(reader, tree.values.get("connectors"), &outbound.sources);
    let table = reader.dict("instances", tree.values.get("instances"));
    let instances: BTreeMap<_, _> = table
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| {
            let instance = instance::read(reader, name, value, region.as_deref(), &outbound)?;
            Some((name.clone(), instance))
        })
        .collect();
    let consents = instances.values().find(|instance| matches!(instance.credential, Credential::OAuth(_)));
    if let (Some(instance), Some(StoreConfig { encryption_key: None, .. })) = (consents, &store) {
        let what = format!(
            "is missing; instances.{} keeps a consent, which is sealed: make a key with `connector-host key generate`",
            instance.name
        );
        reader.wrong(tree.file(), "store.encryption_key", what);
    }
    Some(Config { server: server?, store: store?, outbound, instances, registry: reader.registry })
}

/// The table, and the region even where the rest is wrong, as instances are read by it; the proxy belongs to the way out.
fn server(reader: &mut Reader<'_>) -> (Option<Server>, Option<String>, Option<Url>) {
    let dict = reader.dict("server", reader.tree.values.get("server"));
    let mut fields = reader.fields(keys::SERVER, "server", dict, None);
    let (listen, deadline) = (fields.address("listen"), fields.integer("request_deadline_secs"));
    let (public_url, region) = (fields.url("public_url"), fields.text("region"));
    let admin_token = bearer_token(reader, &mut fields, "admin_token");
    let proxy = fields.url("proxy");
    fields.finish();
    let server = listen.zip(deadline).map(|(listen, deadline)| Server {
        listen,
        public_url,
        region: region.clone(),
        request_deadline: Duration::from_secs(deadline),
        admin_token,
    });
    (server, region, proxy)
}

/// A secret that goes into a header as it is.
fn bearer_token(reader: &mut Reader<'_>, fields: &mut Fields, key: &str) -> Option<Secret> {
    let place = fields.place(key);
    let secret = fields.secret(key)?;
    if secret.expose().bytes().all(|b| b.is_ascii_graphic()) {
        return Some(secret);
    }
    let place = place.unwrap_or_else(|| reader.tree.file());
    let what = "has spaces, line breaks or characters outside ASCII; no header carries it";
    reader.wrong(place, &fields.at(key), what);
    None
}

fn outbound(reader: &mut Reader<'_>) -> Outbound {
    let dict = reader.dict("outbound", reader.tree.values.get("outbound"));
    let mut fields = reader.fields(keys::OUTBOUND, "outbound", dict, None);
    let outbound = Outbound {
        allow_networks: fields.networks("allow_networks").unwrap_or_default(),
        only_networks: fields.networks("only_networks").unwrap_or_default(),
        sources: SourceConfig {
            addresses: fields.networks("addresses").unwrap_or_default(),
            additional_addresses: fields.networks("additional_addresses").unwrap_or_default(),
        },
        connectors: BTreeMap::new(),
        bind: fields.boolean("bind").unwrap_or_default(),
        proxy: None,
    };
    if outbound.bind && outbound.sources.addresses.is_empty() {
        reader.wrong_value(
            &fields,
            "bind",
            "binds connections to outbound.addresses, and none is listed there",
        );
    }
    fields.finish();
    outbound
}

/// `[connectors.NAME.outbound]`, by connector. What a table leaves out is as for all connectors.
fn connectors(
    reader: &mut Reader<'_>,
    value: Option<&Value>,
    all: &SourceConfig,
) -> BTreeMap<String, SourceConfig> {
    let mut found = BTreeMap::new();
    for (name, value) in reader.dict("connectors", value).into_iter().flatten() {
        let path = format!("connectors.{name}");
        if reader.registry.find(name, None).is_none() {
            let known = did_you_mean(name, reader.registry.iter().map(|known| known.spec.name));
            let place = reader.tree.place(&path, value.tag());
            reader.wrong(place, &path, format!("is no connector that is built in; {known}"));
            continue;
        }
        let dict = reader.dict(&path, Some(value));
        let mut fields = reader.fields(keys::CONNECTOR, &path, dict, None);
        if let Some(mut outbound) = fields.group("outbound") {
            let mut networks = |key, all: &Vec<IpNet>| outbound.networks(key).unwrap_or_else(|| all.clone());
            let sources = SourceConfig {
                addresses: networks("addresses", &all.addresses),
                additional_addresses: networks("additional_addresses", &all.additional_addresses),
            };
            outbound.finish();
            found.insert(name.clone(), sources);
        }
        fields.finish();
    }
    found
}
