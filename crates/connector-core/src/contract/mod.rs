//! What clients and operators rely on of one version of a connector, as a document that outlives its code: committed with
//! each change, it tells what a later version changes ([`changes`]).

mod attributes;
mod changes;
mod declared;
mod rules;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use attributes::{Attribute, Unmapped, Way};
pub use changes::{Change, Effect, changes};

use crate::{
    connector::{Connector, Resource},
    mapping::is_disabled,
    oauth::Revocation,
    spec::{ConnectorSpec, CredentialKind, ParameterKind, Version},
};

/// Everything a version of a connector promises.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contract {
    /// The name in configuration.
    pub connector: String,
    /// Its version.
    pub version: Version,
    /// Its resource types.
    pub resources: Vec<Type>,
    /// Keys of an instance beyond the common ones.
    pub parameters: Vec<Parameter>,
    /// Credentials an instance can have.
    pub credentials: Vec<Credential>,
    /// Hosts that are called with the usual addresses.
    pub hosts: Vec<String>,
}

/// A resource type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "one per ability, as in the facets")]
pub struct Type {
    /// Its name, `User`.
    pub resource: String,
    /// Its path under the SCIM base address.
    pub endpoint: String,
    /// The URN of its schema.
    pub schema: String,
    /// Whether objects can be created.
    pub create: bool,
    /// Whether objects can be changed.
    pub change: bool,
    /// Whether objects can be deleted.
    pub delete: bool,
    /// Whether a deleted object stays readable, as inactive.
    pub soft_delete: bool,
    /// Whether members are added and removed by calls of their own.
    pub members: bool,
    /// Its mapped attributes.
    pub attributes: Vec<Attribute>,
    /// Those that are not mapped.
    pub unmapped: Vec<Unmapped>,
}

/// A key of an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// The key.
    pub name: String,
    /// What it takes: `boolean`, `text`, `id`, `url`, `needed url`, `word` or `secret`.
    pub takes: String,
    /// The words it takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// Whether its feature is there.
    pub built: bool,
}

/// A kind of credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// The instance's key: `access_token`, `api_key` or `oauth`.
    pub key: String,
    /// What has to be granted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
}

impl Contract {
    /// The contract of a connector as it is compiled.
    pub fn of(connector: &dyn Connector) -> Self {
        let spec = connector.spec();
        Self {
            connector: spec.name.to_owned(),
            version: spec.version,
            resources: connector.resources().iter().map(|resource| Type::of(&**resource)).collect(),
            parameters: spec.parameters.iter().map(Parameter::of).collect(),
            credentials: spec.credentials.iter().map(Credential::of).collect(),
            hosts: hosts(spec),
        }
    }

    /// Reads one that was committed. The error says what is wrong with the text.
    pub fn from_json(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// The document, an attribute a line, so that a change of one touches no other.
    pub fn to_json(&self) -> String {
        let mut text = String::new();
        print(&serde_json::to_value(self).expect("plain data"), 0, &mut text);
        text.push('\n');
        text
    }
}

impl Type {
    /// Leaves out the attributes at these paths, with all their parts: what an instance has switched off.
    pub fn leave_out(&mut self, disabled: &[String]) {
        for attribute in &mut self.attributes {
            let Attribute { scim, elements, .. } = attribute;
            elements.retain(|sub| !is_disabled(disabled, &format!("{scim}.{}", sub.scim)));
        }
        self.attributes.retain(|attribute| !is_disabled(disabled, &attribute.scim));
    }

    fn of(resource: &dyn Resource) -> Self {
        let (spec, table) = (resource.spec(), resource.spec().table);
        Self {
            resource: table.resource.to_owned(),
            endpoint: table.endpoint.to_owned(),
            schema: table.base.urn().to_owned(),
            create: resource.creator().is_some(),
            change: resource.updater().is_some(),
            delete: resource.deleter().is_some(),
            soft_delete: spec.soft_delete,
            members: resource.members().is_some(),
            attributes: attributes::mapped(table.rows),
            unmapped: attributes::unmapped(table.rows),
        }
    }
}

impl Parameter {
    fn of(parameter: &crate::spec::Parameter) -> Self {
        let (takes, words): (_, &[&str]) = match parameter.kind {
            ParameterKind::Boolean => ("boolean", &[]),
            ParameterKind::Text => ("text", &[]),
            ParameterKind::Id => ("id", &[]),
            ParameterKind::Url => ("url", &[]),
            ParameterKind::NeededUrl { .. } => ("needed url", &[]),
            ParameterKind::Word(words) => ("word", words),
            ParameterKind::Secret => ("secret", &[]),
        };
        let words = words.iter().map(|&word| word.to_owned()).collect();
        Self { name: parameter.name.to_owned(), takes: takes.to_owned(), words, built: parameter.built }
    }
}

impl Credential {
    fn of(kind: &CredentialKind) -> Self {
        let (key, scopes): (_, &[&str]) = match kind {
            CredentialKind::AccessToken => ("access_token", &[]),
            CredentialKind::ApiKey { .. } => ("api_key", &[]),
            CredentialKind::OAuth(oauth) => ("oauth", oauth.scopes),
        };
        Self { key: key.to_owned(), scopes: scopes.iter().map(|&scope| scope.to_owned()).collect() }
    }
}

/// The hosts a connector calls with its usual addresses, sorted.
pub fn hosts(spec: &ConnectorSpec) -> Vec<String> {
    let host = |address: &str| address.split('/').nth(2).unwrap_or_default().to_owned();
    let mut hosts = vec![host(spec.target_url)];
    hosts.extend(spec.hosts.iter().map(|host| (*host).to_owned()));
    for kind in spec.credentials {
        if let CredentialKind::OAuth(oauth) = kind {
            hosts.push(host(oauth.token_url));
            if let Revocation::Rfc7009 { url } = oauth.revocation {
                hosts.push(host(url));
            }
        }
    }
    hosts.retain(|host| !host.is_empty());
    hosts.sort_unstable();
    hosts.dedup();
    hosts
}

/// JSON with one line for whatever fits into it and holds no list of objects.
fn print(value: &Value, depth: usize, out: &mut String) {
    const WIDTH: usize = 200;
    let line = value.to_string();
    let is_object = |item: &Value| item.is_object();
    let deep = match value {
        Value::Object(object) => {
            object.values().any(|part| part.as_array().is_some_and(|p| p.iter().any(is_object)))
        }
        Value::Array(items) => items.iter().any(is_object),
        _ => false,
    };
    if !deep && line.len() <= WIDTH {
        out.push_str(&line);
        return;
    }
    let (open, parts, close): (_, Vec<(String, &Value)>, _) = match value {
        Value::Object(object) => (
            '{',
            object.iter().map(|(name, part)| (format!("{}:", Value::from(name.as_str())), part)).collect(),
            '}',
        ),
        Value::Array(items) => ('[', items.iter().map(|item| (String::new(), item)).collect(), ']'),
        _ => return out.push_str(&line),
    };
    out.push(open);
    for (index, (label, part)) in parts.into_iter().enumerate() {
        out.push_str(if index > 0 { ",\n" } else { "\n" });
        out.push_str(&" ".repeat(depth + 1));
        out.push_str(&label);
        print(part, depth + 1, out);
    }
    out.push('\n');
    out.push_str(&" ".repeat(depth));
    out.push(close);
}
