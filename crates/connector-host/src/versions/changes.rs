//! What another major version of a connector changes for an instance: schema, mapping, parameters, capabilities.

use std::collections::BTreeMap;

use connector_core::{
    connector::{Connector, Registration, Resource},
    mapping::{Plan, RenderedRow, rendered},
    scim::{Attribute, Schema, Type},
    spec::{ConnectorSpec, CredentialKind, Paging},
};

use crate::{config::InstanceConfig, instances};

/// What differs between two versions, seen from one instance, as sentences.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Attributes as clients see them.
    pub(crate) schema: Vec<String>,
    /// Where values go in the target, and in which form.
    pub(crate) mapping: Vec<String>,
    /// Keys of the configuration.
    pub(crate) parameters: Vec<String>,
    /// What can be done.
    pub(crate) capabilities: Vec<String>,
}

impl Changes {
    /// What `newer` would change for this instance. What cannot be built as it is configured is told among the
    /// parameters.
    pub(crate) fn between(instance: &InstanceConfig, newer: &Registration) -> Self {
        let mut changes = Self::default();
        parameters(&mut changes.parameters, instance, newer.spec);
        let built = (instance.registration.build)(&instance.settings).and_then(|old| {
            let new = (newer.build)(&instance.settings)?;
            Ok((old, new))
        });
        match built {
            Ok((old, new)) => changes.compare(instance, &*old, &*new),
            Err(error) => changes.parameters.push(format!("it does not start as it is configured: {error}")),
        }
        changes
    }

    /// Every change, as one line each.
    pub(crate) fn lines(&self) -> Vec<String> {
        [&self.schema, &self.parameters, &self.capabilities, &self.mapping]
            .into_iter()
            .flatten()
            .cloned()
            .collect()
    }

    fn compare(&mut self, instance: &InstanceConfig, old: &dyn Connector, new: &dyn Connector) {
        let (before, after) = (instances::plans(instance, old, ""), instances::plans(instance, new, ""));
        let (before, after) = match (before, after) {
            (Ok(before), Ok(after)) => (before, after),
            (_, Err(faults)) | (Err(faults), _) => {
                let faults =
                    faults.iter().map(|fault| format!("it does not start as it is configured: {fault}"));
                return self.parameters.extend(faults);
            }
        };
        let by_name = |plans: &[Plan]| -> BTreeMap<String, usize> {
            plans
                .iter()
                .enumerate()
                .map(|(index, plan)| (plan.resource_type().name.to_string(), index))
                .collect()
        };
        let (old_types, new_types) = (by_name(&before), by_name(&after));
        for name in new_types.keys().filter(|name| !old_types.contains_key(*name)) {
            self.schema.push(format!("{name}: a new resource type"));
        }
        for (name, &index) in &old_types {
            let Some(&other) = new_types.get(name) else {
                self.schema.push(format!("{name}: the resource type is gone"));
                continue;
            };
            compare(
                &mut self.schema,
                name,
                &attributes(&before[index]),
                &attributes(&after[other]),
                "an attribute that is new",
            );
            let rows = |resource: &dyn Resource| rows(&rendered(&[resource.spec().table]));
            let (old, new) = (&*old.resources()[index], &*new.resources()[other]);
            compare(&mut self.mapping, name, &rows(old), &rows(new), "mapped");
            compare(&mut self.capabilities, name, &abilities(old), &abilities(new), "new");
        }
    }
}

/// One line per key that is gone, new, or says something else.
fn compare(
    lines: &mut Vec<String>,
    of: &str,
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
    new: &str,
) {
    for (key, was) in before {
        match after.get(key) {
            None => lines.push(format!("{of}: {key}: gone (was {was})")),
            Some(is) if is != was => lines.push(format!("{of}: {key}: {was} → {is}")),
            Some(_) => {}
        }
    }
    let added = after.iter().filter(|(key, _)| !before.contains_key(*key));
    lines.extend(added.map(|(key, is)| format!("{of}: {key}: {new} ({is})")));
}

/// Every attribute by its path, with what clients must know of it.
fn attributes(plan: &Plan) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let rtype = plan.resource_type();
    for (index, schema) in rtype.schemas().enumerate() {
        let Schema { id, attributes, .. } = schema;
        let prefix = if index == 0 { String::new() } else { format!("{id}:") };
        for attribute in attributes {
            describe(&mut found, &format!("{prefix}{}", attribute.name), attribute);
        }
    }
    found
}

fn describe(found: &mut BTreeMap<String, String>, path: &str, attribute: &Attribute) {
    if attribute.kind == Type::Complex {
        for sub in &attribute.sub_attributes {
            describe(found, &format!("{path}.{}", sub.name), sub);
        }
    }
    let many = if attribute.multi_valued { "list of " } else { "" };
    let required = if attribute.required { ", required" } else { "" };
    let words = match attribute.canonical_values.as_slice() {
        [] => String::new(),
        words => format!(", one of {}", words.join(" ")),
    };
    let text =
        format!("{many}{:?}, {:?}{required}{words}", attribute.kind, attribute.mutability).to_lowercase();
    found.insert(path.to_owned(), text);
}

/// Where each attribute goes, and in which form.
fn rows(rendered: &[RenderedRow]) -> BTreeMap<String, String> {
    let goes = |row: &RenderedRow| {
        let via = row.transform.as_deref().map(|via| format!(" via {via}")).unwrap_or_default();
        format!("{}{via}", row.target.as_deref().unwrap_or("nowhere"))
    };
    rendered.iter().filter(|row| row.target.is_some()).map(|row| (row.scim.clone(), goes(row))).collect()
}

/// What can be done with objects of a type.
fn abilities(resource: &dyn Resource) -> BTreeMap<String, String> {
    let spec = resource.spec();
    let yes = |can: bool| if can { "yes" } else { "no" }.to_owned();
    let paging = match spec.paging {
        Paging::Offset { max } => format!("by offset, {max} a page"),
        Paging::Cursor { max } => format!("by cursor, {max} a page"),
    };
    let pairs = [
        ("create", yes(resource.creator().is_some())),
        ("change", yes(resource.updater().is_some())),
        ("delete", yes(resource.deleter().is_some())),
        ("deleted objects stay readable", yes(spec.soft_delete)),
        ("change membership", yes(resource.members().is_some())),
        ("membership", format!("{:?}", spec.membership).to_lowercase()),
        ("lists", paging),
    ];
    pairs.into_iter().map(|(name, can)| (name.to_owned(), can)).collect()
}

fn parameters(lines: &mut Vec<String>, instance: &InstanceConfig, new: &ConnectorSpec) {
    let old = instance.registration.spec;
    for parameter in old.parameters {
        let name = parameter.name;
        match new.parameters.iter().find(|other| other.name == name) {
            None if instance.settings.is_set(name) => {
                lines.push(format!("{name}: gone, and this instance sets it: remove it with the pin"));
            }
            None => lines.push(format!("{name}: gone")),
            Some(other) if other.kind != parameter.kind => {
                lines.push(format!("{name}: takes {:?} instead of {:?}", other.kind, parameter.kind));
            }
            Some(_) => {}
        }
    }
    let is_new = |name: &str| !old.parameters.iter().any(|known| known.name == name);
    let added = new.parameters.iter().filter(|parameter| is_new(parameter.name));
    lines.extend(added.map(|parameter| format!("{}: new: {}", parameter.name, parameter.doc)));
    let credentials = |spec: &ConnectorSpec| -> Vec<&str> {
        let key = |kind: &CredentialKind| match kind {
            CredentialKind::AccessToken => "access_token",
            CredentialKind::ApiKey { .. } => "api_key",
            CredentialKind::OAuth(_) => "oauth",
        };
        spec.credentials.iter().map(key).collect()
    };
    let (before, after) = (credentials(old), credentials(new));
    if before != after {
        lines.push(format!("credentials: {} → {}", before.join(" or "), after.join(" or ")));
    }
}
