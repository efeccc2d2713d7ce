//! A resource type: its schemas, and the one place where attribute names are looked up.

use std::sync::LazyLock;

use super::{
    ENTERPRISE_USER_URN, GROUP_URN, USER_URN, core_schemas,
    path::Path,
    same_name,
    schema::{Attribute, Mutability, Returned, Schema, Text, Type, Uniqueness},
};

/// The attributes every resource has beside its schemas (RFC 7643 sections 3 and 3.1).
static COMMON: LazyLock<Vec<Attribute>> = LazyLock::new(|| {
    let read_only = |name, kind, description| {
        let mut attribute = Attribute::new(name, kind, description);
        attribute.mutability = Mutability::ReadOnly;
        attribute.case_exact = kind == Type::String || kind == Type::Reference;
        attribute
    };
    let mut id = read_only("id", Type::String, "The id the service provider gave the resource.");
    id.returned = Returned::Always;
    id.uniqueness = Uniqueness::Server;
    let mut external_id = Attribute::new("externalId", Type::String, "The client's own id of the resource.");
    external_id.case_exact = true;
    let mut schemas = read_only("schemas", Type::Reference, "The schemas of the resource.");
    schemas.multi_valued = true;
    schemas.returned = Returned::Always;
    let mut meta = read_only("meta", Type::Complex, "Facts about the resource.");
    meta.sub_attributes = vec![
        read_only("resourceType", Type::String, "The name of the resource type."),
        read_only("created", Type::DateTime, "When the resource was created."),
        read_only("lastModified", Type::DateTime, "When the resource was changed last."),
        read_only("location", Type::Reference, "The address of the resource."),
        read_only("version", Type::String, "The version of the resource, as in its ETag."),
    ];
    vec![schemas, id, external_id, meta]
});

/// Every attribute of the RFC's schemas, so that one a target lacks is told from one that does not exist.
static RFC: LazyLock<[Schema; 3]> =
    LazyLock::new(|| [core_schemas::user(), core_schemas::group(), core_schemas::enterprise_user()]);

/// A resource type (RFC 7643 section 6) with the schemas its connector's table maps.
#[derive(Debug, Clone)]
pub struct ResourceType {
    /// Its name, `User`.
    pub name: Text,
    /// Its path under the base address, `/Users`.
    pub endpoint: Text,
    /// What it is.
    pub description: Text,
    /// The base schema, with mapped attributes only.
    pub schema: Schema,
    /// Extension schemas, with mapped attributes only.
    pub extensions: Vec<Schema>,
    /// Parts of `meta` that the target says nothing about, as `lastModified`.
    pub unmapped_meta: Vec<Text>,
}

/// What a name refers to.
#[derive(Debug, Clone, Copy)]
pub enum Found<'a> {
    /// An attribute of this resource type, and the extension it belongs to.
    Attribute(Option<&'a str>, &'a Attribute),
    /// An extension as a whole.
    Extension(&'a str),
    /// An attribute of the RFC's schemas that this resource type does not map.
    Unmapped,
    /// Nothing.
    Unknown,
}

impl ResourceType {
    /// Splits `path` at the longest schema URN it begins with, known here or in the RFC. The separator may be a colon or
    /// a dot; the rest is empty when the path is the URN itself.
    pub fn split_urn<'p>(&self, path: &'p str) -> (Option<&str>, &'p str) {
        let own = self.extensions.iter().map(|schema| &*schema.id).chain([&*self.schema.id]);
        let longest = own
            .chain([USER_URN, GROUP_URN, ENTERPRISE_USER_URN])
            .filter(|urn| {
                path.get(..urn.len()).is_some_and(|head| same_name(head, urn))
                    && matches!(path.as_bytes().get(urn.len()), None | Some(b':' | b'.'))
            })
            .max_by_key(|urn| urn.len());
        match longest {
            Some(urn) => (Some(urn), path.get(urn.len() + 1..).unwrap_or("")),
            None => (None, path),
        }
    }

    /// What stands behind the URN of the base schema, if the path begins with it or with none; empty for the URN itself.
    pub(crate) fn core_name<'p>(&self, path: &'p str) -> Option<&'p str> {
        match self.split_urn(path.trim()) {
            (None, rest) if !rest.is_empty() => Some(rest),
            (Some(urn), rest) if same_name(urn, &self.schema.id) => Some(rest),
            _ => None,
        }
    }

    /// Looks `name` up: in the extension `urn`, or in the base schema, the common attributes and then, for clients that
    /// leave the URN away, in the extensions.
    pub fn find(&self, urn: Option<&str>, name: &str) -> Found<'_> {
        if let Some(urn) = urn.filter(|urn| !same_name(urn, &self.schema.id)) {
            let Some(extension) = self.extensions.iter().find(|schema| same_name(&schema.id, urn)) else {
                return rfc_knows(Some(urn), name);
            };
            return match extension.attribute(name) {
                Some(attribute) => Found::Attribute(Some(&extension.id), attribute),
                None if name.is_empty() => Found::Extension(&extension.id),
                None => rfc_knows(Some(urn), name),
            };
        }
        let base = COMMON
            .iter()
            .find(|common| same_name(&common.name, name))
            .or_else(|| self.schema.attribute(name));
        if let Some(attribute) = base {
            return Found::Attribute(None, attribute);
        }
        match rfc_knows(Some(&self.schema.id), name) {
            Found::Unmapped => Found::Unmapped,
            _ => self
                .extensions
                .iter()
                .find_map(|schema| Some(Found::Attribute(Some(&schema.id), schema.attribute(name)?)))
                .unwrap_or_else(|| rfc_knows(None, name)),
        }
    }

    /// Whether a path leads into an attribute that nobody may write whatever the target is, as `meta` and a user's `groups`
    /// (RFC 7643 sections 3.1 and 4.1.2).
    pub(super) fn is_read_only_by_rfc(&self, path: &str) -> bool {
        let (urn, rest) = self.split_urn(path.trim());
        let name = rest.split(['.', '[']).next().unwrap_or_default();
        let urn = urn.unwrap_or(&self.schema.id);
        let known = RFC.iter().find(|schema| same_name(&schema.id, urn));
        let is_core = same_name(urn, &self.schema.id);
        let common = COMMON.iter().find(|common| is_core && same_name(&common.name, name));
        common
            .or_else(|| known.and_then(|schema| schema.attribute(name)))
            .is_some_and(|known| known.mutability == Mutability::ReadOnly)
    }

    /// The attribute with this canonical name.
    pub fn attribute(&self, urn: Option<&str>, name: &str) -> Option<&Attribute> {
        match self.find(urn, name) {
            Found::Attribute(found, attribute) if found.is_some() == urn.is_some() => Some(attribute),
            _ => None,
        }
    }

    /// The definition a path leads to, the parent's mutability included: below a read-only attribute all is read-only.
    pub(crate) fn definition(&self, path: &Path) -> Option<&Attribute> {
        let attribute = self.attribute(path.urn(), &path.name)?;
        if attribute.mutability == Mutability::ReadOnly {
            return Some(attribute);
        }
        match &path.sub {
            Some(sub) => attribute.sub(sub),
            None => Some(attribute),
        }
    }

    /// Whether this is a part of `meta` that no object of this type has. Comparing it would quietly match nothing.
    pub fn lacks_meta(&self, attribute: &str, sub: Option<&str>) -> bool {
        attribute == "meta" && sub.is_some_and(|sub| self.unmapped_meta.iter().any(|lacks| lacks == sub))
    }

    /// The base schema and its extensions.
    pub fn schemas(&self) -> impl Iterator<Item = &Schema> {
        std::iter::once(&self.schema).chain(&self.extensions)
    }
}

/// Whether an RFC schema (any, when `urn` is not given) has an attribute of this name.
fn rfc_knows(urn: Option<&str>, name: &str) -> Found<'static> {
    let known = RFC
        .iter()
        .filter(|schema| urn.is_none_or(|urn| same_name(&schema.id, urn)))
        .any(|schema| name.is_empty() || schema.attribute(name).is_some());
    if known { Found::Unmapped } else { Found::Unknown }
}

/// Whether an RFC schema has this sub-attribute under an attribute of this name.
pub(super) fn rfc_knows_sub(attribute: &Attribute, sub: &str) -> bool {
    let known =
        |schema: &Schema| schema.attribute(&attribute.name).is_some_and(|found| found.sub(sub).is_some());
    // Section 2.4: any multi-valued attribute may have these.
    let usual = || ["type", "primary", "display", "value", "$ref"].iter().any(|usual| same_name(usual, sub));
    RFC.iter().any(known) || attribute.multi_valued && usual()
}
