//! `[instances.NAME]`: one connector with its address, credential and options.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use connector_core::{
    connector::{Registration, Setting, Settings},
    http::Policy,
    scim::Offset,
    secret::Secret,
    spec::{CredentialKind, Parameter, ParameterKind},
};
use figment::value::{Dict, Value};
use url::{Host, Url};

use super::{
    CustomAttribute, JwtConfig, OAuthConfig, Outbound,
    attributes::{self, Places},
    jwt,
    keys::{self, Key, Kind, Status},
    oauth,
    problem::did_you_mean,
    reader::{Fields, Reader},
};
use crate::registry::pinned;

/// One configured instance.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent keys, as in the configuration")]
pub struct InstanceConfig {
    /// The URL segment: lower-case letters, digits and hyphens.
    pub name: String,
    /// Its connector.
    pub registration: &'static Registration,
    /// Whether the configuration says which major version it runs.
    pub pinned: bool,
    /// For people.
    pub display_name: String,
    /// Base address of the target's API, as configured.
    pub target_url: Url,
    /// Replaces the target's own offset on read; `None` leaves the target's.
    pub datetime_offset: Option<Offset>,
    /// Per resource type, attributes that are neither shown, read nor written.
    pub disabled_attributes: BTreeMap<String, Vec<String>>,
    /// Target fields that the mapping lacks.
    pub custom_attributes: Vec<CustomAttribute>,
    /// How the target authenticates us.
    pub credential: Credential,
    /// The connector's own parameters.
    pub settings: Settings,
    /// Refuses PATCH operations that RFC 7644 does not allow instead of repairing them.
    pub strict_patch: bool,
    /// Refuses a request that would empty a group.
    pub refuse_remove_all_members: bool,
    /// A create that meets an existing object takes it over.
    pub adopt_existing: bool,
    /// How much of the vendor's published limits is used; 1 is all.
    pub budget_factor: f64,
    /// Of answers to clients that accept both.
    pub default_media_type: MediaType,
    /// Whose JWTs open it.
    pub jwt: Option<JwtConfig>,
}

impl InstanceConfig {
    /// Every address that it reaches by itself, with its key.
    pub fn addresses(&self) -> Vec<(&'static str, Url)> {
        let mut addresses = vec![("target_url", self.target_url.clone())];
        for parameter in self.registration.spec.parameters {
            if parameter.kind.is_url()
                && let Some(url) = self.settings.text(parameter.name).and_then(|text| text.parse().ok())
            {
                addresses.push((parameter.name, url));
            }
        }
        if let Credential::OAuth(oauth) = &self.credential {
            addresses.push(("oauth.token_url", oauth.token_url.clone()));
            addresses.push(("oauth.revoke_url", oauth.revoke_url.clone()));
        }
        addresses.extend(self.jwt.iter().map(|jwt| ("jwt.jwks_url", jwt.jwks_url.clone())));
        addresses
    }
}

/// How the target authenticates us.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A consent flow.
    OAuth(Box<OAuthConfig>),
    /// A bearer token.
    AccessToken(Secret),
    /// A vendor's key; the connector's spec says how it is sent.
    ApiKey(Secret),
}

/// The media type of answers to clients that accept both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// `application/scim+json`.
    Scim,
    /// `application/json`.
    Json,
}

/// Reads one instance; `None` when anything about it is wrong (the reader keeps what).
pub(super) fn read(
    reader: &mut Reader<'_>,
    name: &str,
    value: &Value,
    region: Option<&str>,
    outbound: &Outbound,
) -> Option<InstanceConfig> {
    let before = reader.problems.len();
    let path = format!("instances.{name}");
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        let place = reader.tree.place(&path, value.tag());
        reader.wrong(place, &path, "is no instance name; use lower-case letters, digits and hyphens only");
    }
    if name == "callback" {
        let place = reader.tree.place(&path, value.tag());
        reader.wrong(place, &path, "is no instance name; /consent/callback is the end of every consent");
    }
    let dict = reader.dict(&path, Some(value))?;
    let registration = connector(reader, name, &path, dict);
    let mut keys = keys::INSTANCE.to_vec();
    // Without a connector every connector's parameters are known, or one mistake would be reported as several.
    match registration {
        Some(known) => keys.extend(known.spec.parameters.iter().map(key_of)),
        None => keys.extend(reader.registry.iter().flat_map(|known| known.spec.parameters).map(key_of)),
    }
    let mut fields = reader.fields(&keys, &path, Some(dict), None);
    let _ = fields.text("connector");
    let registration = registration?;
    let spec = registration.spec;

    reader.missing(&fields, "target_url", &format!("write target_url = \"{}\"", spec.target_url));
    check_address(reader, &fields, "target_url", outbound);
    let credential = credential(reader, &mut fields, registration, region, outbound);
    let place = |key| fields.place(key).unwrap_or_else(|| reader.tree.file());
    let places = Places { disabled: place("disabled_attributes"), custom: place("custom_attributes") };
    let disabled_attributes = fields.lists("disabled_attributes").unwrap_or_default();
    let custom_attributes = fields.rows("custom_attributes").unwrap_or_default();
    let custom_attributes = attributes::custom(reader, custom_attributes);
    let settings = settings(reader, &mut fields, spec.parameters, outbound);
    let jwt = fields.group("jwt").and_then(|table| jwt::read(reader, table, outbound));
    let mut instance = InstanceConfig {
        name: name.to_owned(),
        registration,
        pinned: matches!(dict.get("connector"), Some(Value::String(_, text)) if text.contains('@')),
        display_name: fields.text("display_name").unwrap_or_else(|| spec.display_name.to_owned()),
        target_url: fields.url("target_url")?,
        datetime_offset: fields.offset("datetime_offset"),
        disabled_attributes,
        custom_attributes,
        credential: credential?,
        settings,
        strict_patch: fields.boolean("strict_patch").unwrap_or_default(),
        budget_factor: fields.integer("budget_percent").map_or(1.0, percent),
        adopt_existing: fields.boolean("adopt_existing").unwrap_or_default(),
        refuse_remove_all_members: fields.boolean("refuse_remove_all_members").unwrap_or_default(),
        default_media_type: match fields.word("default_media_type") {
            Some("application/json") => MediaType::Json,
            _ => MediaType::Scim,
        },
        jwt,
    };
    fields.finish();
    if reader.problems.len() == before {
        attributes::check(reader, &mut instance, &places);
    }
    (reader.problems.len() == before).then_some(instance)
}

#[expect(clippy::cast_precision_loss, reason = "the key takes a million at most")]
fn percent(value: u64) -> f64 {
    value as f64 / 100.0
}

/// What the instance runs: what its configuration pins, else what the store records, else the newest.
fn connector(
    reader: &mut Reader<'_>,
    instance: &str,
    path: &str,
    dict: &Dict,
) -> Option<&'static Registration> {
    let (at, registry) = (format!("{path}.connector"), reader.registry);
    let Some(value) = dict.get("connector") else {
        let place = reader.tree.file();
        let what = format!("is missing; built in: {}", registry.names().collect::<Vec<_>>().join(", "));
        reader.wrong(place, &at, what);
        return None;
    };
    // Another type than text is reported with the other fields.
    let Value::String(tag, text) = value else { return None };
    let place = reader.tree.place(&at, *tag);
    let name = text.split('@').next().unwrap_or_default();
    let Some(newest) = registry.find(name, None) else {
        let known = did_you_mean(name, registry.iter().map(|known| known.spec.name));
        reader.wrong(place, &at, format!("is no connector that is built in; {known}"));
        return None;
    };
    let versions = || {
        let of_name = registry.iter().filter(|known| known.spec.name == name).map(pinned);
        of_name.collect::<Vec<_>>().join(", ")
    };
    if text.contains('@') {
        let found = registry.named(text);
        if found.is_none() {
            let what = format!("pins a major version that is not built in; built in: {}", versions());
            reader.wrong(place, &at, what);
        }
        return found;
    }
    let Some((_, major)) = reader.pins.get(instance).filter(|(recorded, _)| recorded == name) else {
        return Some(newest);
    };
    let found = registry.find(name, Some(*major));
    if found.is_none() {
        let what = format!(
            "has run version {major} since its first start, which is not built in any more; pin another: {}",
            versions()
        );
        reader.wrong(place, &at, what);
    }
    found
}

pub(super) fn key_of(parameter: &Parameter) -> Key {
    Key {
        name: parameter.name,
        kind: match parameter.kind {
            ParameterKind::Boolean => Kind::Boolean,
            ParameterKind::Text => Kind::Text,
            ParameterKind::Id => Kind::Id,
            ParameterKind::Url | ParameterKind::NeededUrl { .. } => Kind::Url,
            ParameterKind::Word(words) => Kind::Word(words),
            ParameterKind::Secret => Kind::Secret,
        },
        default: None,
        doc: parameter.doc,
        status: if parameter.built { Status::Built } else { Status::NotBuilt("remove it") },
    }
}

fn settings(
    reader: &mut Reader<'_>,
    fields: &mut Fields,
    parameters: &[Parameter],
    outbound: &Outbound,
) -> Settings {
    let mut settings = Settings::default();
    let needed = parameters.iter().filter_map(|parameter| match parameter.kind {
        ParameterKind::NeededUrl { example, unless } => Some((parameter.name, example, unless)),
        _ => None,
    });
    for (name, example, unless) in needed.filter(|(.., unless)| !fields.is_true(unless)) {
        reader.missing(fields, name, &format!("write {name} = \"{example}\", or {unless} = true"));
    }
    for parameter in parameters {
        let name = parameter.name;
        let setting = match parameter.kind {
            ParameterKind::Boolean => fields.boolean(name).map(Setting::Boolean),
            ParameterKind::Text | ParameterKind::Id => fields.text(name).map(Setting::Text),
            ParameterKind::Word(_) => fields.word(name).map(|word| Setting::Text(word.to_owned())),
            ParameterKind::Secret => fields.secret(name).map(Setting::Secret),
            ParameterKind::Url | ParameterKind::NeededUrl { .. } => {
                check_address(reader, fields, name, outbound);
                fields.url(name).map(|url| Setting::Text(url.into()))
            }
        };
        if let Some(setting) = setting {
            settings.insert(name, setting);
        }
    }
    settings
}

/// The ways to authenticate, in the order in which they are proposed.
const CREDENTIALS: &[&str] = &["oauth", "access_token", "api_key"];

/// The instance's one credential.
fn credential(
    reader: &mut Reader<'_>,
    fields: &mut Fields,
    registration: &Registration,
    region: Option<&str>,
    outbound: &Outbound,
) -> Option<Credential> {
    let spec = registration.spec;
    let key_of = |kind: &CredentialKind| match kind {
        CredentialKind::AccessToken => "access_token",
        CredentialKind::ApiKey { .. } => "api_key",
        CredentialKind::OAuth(_) => "oauth",
    };
    let accepted: Vec<_> = spec.credentials.iter().map(key_of).collect();
    let given: Vec<_> = CREDENTIALS.iter().copied().filter(|key| fields.has(key)).collect();
    for key in &given {
        if !accepted.contains(key) {
            let what = format!("is not how {} authenticates; use {}", spec.name, accepted.join(" or "));
            reader.wrong_value(fields, key, what);
        } else if given.len() > 1 && *key != given[0] {
            let what = format!("stands beside {}; an instance has one credential, remove one", given[0]);
            reader.wrong_value(fields, key, what);
        }
    }
    let mut found = None;
    for kind in spec.credentials {
        found = found.or(match kind {
            CredentialKind::AccessToken => {
                header_secret(reader, fields, "access_token").map(Credential::AccessToken)
            }
            CredentialKind::ApiKey { .. } => header_secret(reader, fields, "api_key").map(Credential::ApiKey),
            CredentialKind::OAuth(spec) => fields.group("oauth").and_then(|table| {
                let read = oauth::read(reader, table, spec, region, outbound)?;
                Some(Credential::OAuth(Box::new(read)))
            }),
        });
    }
    for key in ["access_token", "api_key"] {
        let _ = fields.secret(key);
    }
    let _ = fields.group("oauth");
    if given.is_empty() {
        let key = accepted.iter().find(|key| **key != "oauth").or(accepted.first()).copied();
        let remedy = match key {
            Some("oauth") | None => "write the table `oauth`".to_owned(),
            Some(key) => format!("write {key} = {{ env = \"NAME\" }} or {{ file = \"PATH\" }}"),
        };
        let or =
            if accepted.contains(&"oauth") && key != Some("oauth") { ", or the table `oauth`" } else { "" };
        reader.missing(fields, key.unwrap_or("oauth"), &format!("{remedy}{or}"));
    }
    if given.len() == 1 { found } else { None }
}

/// A secret that goes into a header as it is.
fn header_secret(reader: &mut Reader<'_>, fields: &mut Fields, key: &'static str) -> Option<Secret> {
    let place = fields.place(key)?;
    let (secret, at) = (fields.secret(key)?, fields.at(key));
    if secret.expose().bytes().all(|b| b.is_ascii_graphic()) {
        return Some(secret);
    }
    let what = "has spaces, line breaks or characters outside ASCII; no header carries it";
    reader.wrong(place, &at, what);
    None
}

/// Plain `http://` reaches only addresses that `allow_networks` admits, and what `only_networks` leaves out is never
/// reached: the operator should hear of both now, not at the first request.
pub(super) fn check_address(reader: &mut Reader<'_>, fields: &Fields, key: &str, outbound: &Outbound) {
    let Some(url) = fields.url_ref(key) else { return };
    let literal: Vec<IpAddr> = match url.host() {
        Some(Host::Ipv4(ip)) => vec![ip.into()],
        Some(Host::Ipv6(ip)) => vec![ip.into()],
        Some(Host::Domain("localhost")) => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        _ => Vec::new(),
    };
    let within =
        |networks: &[ipnet::IpNet]| literal.iter().any(|ip| networks.iter().any(|net| net.contains(ip)));
    if url.scheme() == "http" && !within(&outbound.allow_networks) {
        let remedy = match literal.first() {
            Some(ip) => format!("use https://, or add \"{ip}\" to outbound.allow_networks"),
            None => "use https://, or an IP address that outbound.allow_networks admits".to_owned(),
        };
        reader.wrong_value(fields, key, format!("is plain http; {remedy}"));
        return;
    }
    let policy = Policy {
        allow_networks: outbound.allow_networks.clone(),
        only_networks: outbound.only_networks.clone(),
    };
    if let Err(refusal) = policy.check_url(url) {
        let list = if within(&outbound.only_networks) || outbound.only_networks.is_empty() {
            "allow"
        } else {
            "only"
        };
        reader.wrong_value(
            fields,
            key,
            format!("{}; add it to outbound.{list}_networks", refusal.rule().text()),
        );
    }
}
