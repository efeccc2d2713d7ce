//! An instance's changes to the mapping: attributes that are left out, and attributes that are added.

use std::collections::BTreeSet;

use connector_core::{
    connector::Connector,
    mapping::{Direction, Fault, Table},
    scim::Type,
};

use super::{
    InstanceConfig, Place,
    problem::did_you_mean,
    reader::{Fields, Reader},
};
use crate::instances;

/// A target field that the mapping lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomAttribute {
    /// The resource type, as the connector writes it.
    pub resource: String,
    /// The attribute's name under the instance's extension URN.
    pub scim: String,
    /// The field's path in the target's JSON.
    pub target: String,
    /// The data type.
    pub kind: Type,
    /// Whether it holds a list.
    pub multi_valued: bool,
    /// Which way it goes; decides its mutability.
    pub direction: Direction,
    /// For the schema.
    pub description: Option<String>,
}

/// Reads `custom_attributes`.
pub(super) fn custom(reader: &mut Reader<'_>, rows: Vec<Fields>) -> Vec<CustomAttribute> {
    let mut seen = BTreeSet::new();
    rows.into_iter().filter_map(|row| custom_attribute(reader, row, &mut seen)).collect()
}

fn custom_attribute(
    reader: &mut Reader<'_>,
    mut row: Fields,
    seen: &mut BTreeSet<(String, String)>,
) -> Option<CustomAttribute> {
    reader.missing(&row, "resource", "write resource = \"User\"");
    reader.missing(&row, "scim", "write the attribute's name in SCIM");
    reader.missing(&row, "target", "write the field's path in the target's JSON");
    if let Some(name) = row.text_ref("scim") {
        let valid = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if !valid {
            let what = "is no attribute name; begin with a letter, then letters, digits, - and _ (RFC 7643 section 2.1)";
            reader.wrong_value(&row, "scim", what);
        } else if let Some(resource) = row.text_ref("resource")
            && !seen.insert((resource.to_ascii_lowercase(), name.to_ascii_lowercase()))
        {
            let what = "is there twice; give each custom attribute of a resource a name of its own";
            reader.wrong_value(&row, "scim", what);
        }
    }
    let attribute = CustomAttribute {
        resource: row.text("resource")?,
        scim: row.text("scim")?,
        target: row.text("target")?,
        kind: match row.word("type") {
            Some("binary") => Type::Binary,
            Some("boolean") => Type::Boolean,
            Some("dateTime") => Type::DateTime,
            Some("decimal") => Type::Decimal,
            Some("integer") => Type::Integer,
            _ => Type::String,
        },
        multi_valued: row.boolean("multi_valued").unwrap_or_default(),
        direction: match row.word("mutability") {
            Some("readOnly") => Direction::Read,
            Some("writeOnly") => Direction::Write,
            Some("immutable") => Direction::Create,
            _ => Direction::Both,
        },
        description: row.text("description"),
    };
    row.finish();
    Some(attribute)
}

/// Holds both against the connector's tables: resource types and attributes must exist, and what is left must compile.
pub(super) fn check(reader: &mut Reader<'_>, config: &mut InstanceConfig, places: &Places) {
    let path = format!("instances.{}", config.name);
    let connector = match (config.registration.build)(&config.settings) {
        Ok(connector) => connector,
        Err(error) => {
            let place = reader.tree.file();
            return reader.wrong(place, &path, error.to_string());
        }
    };
    let before = reader.problems.len();
    for (name, off) in std::mem::take(&mut config.disabled_attributes) {
        let key = format!("{path}.disabled_attributes.{name}");
        let Some(table) = table(&*connector, &name) else {
            reader.wrong(places.disabled.clone(), &key, no_type(&*connector, &name));
            continue;
        };
        for attribute in off.iter().filter(|attribute| !knows(table, attribute)) {
            let known = did_you_mean(attribute, heads(table));
            reader.wrong(
                places.disabled.clone(),
                &key,
                format!("lists an attribute that the mapping lacks; {known}"),
            );
        }
        config.disabled_attributes.entry(table.resource.to_owned()).or_default().extend(off);
    }
    for (index, attribute) in config.custom_attributes.iter_mut().enumerate() {
        let key = format!("{path}.custom_attributes[{index}].resource");
        match table(&*connector, &attribute.resource) {
            Some(table) => table.resource.clone_into(&mut attribute.resource),
            None => reader.wrong(places.custom.clone(), &key, no_type(&*connector, &attribute.resource)),
        }
    }
    if reader.problems.len() > before {
        return;
    }
    if let Err(faults) = instances::plans(config, &*connector, "") {
        for Fault { resource, scim, rule } in faults {
            let (key, place) = if scim.starts_with(instances::CUSTOM_URN) {
                ("custom_attributes", &places.custom)
            } else {
                ("disabled_attributes", &places.disabled)
            };
            reader.wrong(place.clone(), &format!("{path}.{key}"), format!("{resource} {scim} {rule}"));
        }
    }
}

/// Where the two keys were written.
pub(super) struct Places {
    pub(super) disabled: Place,
    pub(super) custom: Place,
}

fn table<'c>(connector: &'c dyn Connector, name: &str) -> Option<&'c Table> {
    tables(connector).find(|table| table.resource.eq_ignore_ascii_case(name))
}

fn tables(connector: &dyn Connector) -> impl Iterator<Item = &Table> {
    connector.resources().iter().map(|resource| resource.spec().table)
}

fn no_type(connector: &dyn Connector, name: &str) -> String {
    let known = did_you_mean(name, tables(connector).map(|table| table.resource));
    format!("is no resource type of this connector; {known}")
}

/// Whether a row, or a part of one, has this path.
fn knows(table: &Table, path: &str) -> bool {
    table.rows.iter().any(|row| {
        let inside = |longer: &str| {
            longer.len() >= path.len()
                && longer.is_char_boundary(path.len())
                && longer[..path.len()].eq_ignore_ascii_case(path)
                && matches!(longer.as_bytes().get(path.len()), None | Some(b'.' | b'['))
        };
        inside(row.scim)
            || row.elements.is_some_and(|elements| {
                elements.rows.iter().any(|sub| inside(&format!("{}.{}", row.scim, sub.scim)))
            })
    })
}

/// The attributes of a table, for messages.
fn heads(table: &Table) -> BTreeSet<&str> {
    table
        .rows
        .iter()
        .map(|row| {
            row.scim.split(['.', '[']).next().filter(|_| !row.scim.starts_with("urn:")).unwrap_or(row.scim)
        })
        .collect()
}
