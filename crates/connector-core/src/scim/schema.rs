//! Schemas and attributes with every characteristic of RFC 7643 section 7.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};

use super::{SCHEMA_URN, same_name};

/// Text that is either built in or comes from configuration.
pub type Text = Cow<'static, str>;

/// The data type of an attribute (RFC 7643 section 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Type {
    /// Unicode text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A real number.
    Decimal,
    /// A whole number.
    Integer,
    /// An `xsd:dateTime`.
    DateTime,
    /// Base64 text.
    Binary,
    /// A URI.
    Reference,
    /// An object of sub-attributes.
    Complex,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Decimal => "decimal",
            Self::Integer => "integer",
            Self::DateTime => "dateTime",
            Self::Binary => "binary",
            Self::Reference => "reference",
            Self::Complex => "complex",
        })
    }
}

/// Who may change an attribute (RFC 7643 section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Mutability {
    /// Only the service provider.
    ReadOnly,
    /// Anybody, at any time.
    ReadWrite,
    /// Only at creation.
    Immutable,
    /// Anybody, but nobody can read it.
    WriteOnly,
}

/// When an attribute is part of an answer (RFC 7643 section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Returned {
    /// Whatever was asked for.
    Always,
    /// Not at all.
    Never,
    /// Unless it was excluded.
    Default,
    /// Only when it was asked for.
    Request,
}

/// Within what a value is unique (RFC 7643 section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Uniqueness {
    /// Nothing.
    None,
    /// The service provider.
    Server,
    /// The world.
    Global,
}

/// An attribute or sub-attribute definition.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "characteristics of the RFC, and one beside them")]
pub struct Attribute {
    /// Its name, in the spelling of answers.
    pub name: Text,
    /// Its data type.
    pub kind: Type,
    /// Whether it is an array.
    pub multi_valued: bool,
    /// What it is for.
    pub description: Text,
    /// Whether it must have a value.
    pub required: bool,
    /// Values a client should prefer.
    pub canonical_values: Vec<&'static str>,
    /// Whether comparison tells upper from lower case.
    pub case_exact: bool,
    /// Who may change it.
    pub mutability: Mutability,
    /// When it is part of an answer.
    pub returned: Returned,
    /// Within what it is unique.
    pub uniqueness: Uniqueness,
    /// What a reference refers to.
    pub reference_types: Vec<&'static str>,
    /// The attributes of a complex one.
    pub sub_attributes: Vec<Attribute>,
    /// Whether what is written to it is ignored, where a read-only one refuses it. No part of a schema's JSON.
    pub computed: bool,
}

impl Attribute {
    /// An optional, readable and writable attribute of `kind`.
    pub fn new(name: impl Into<Text>, kind: Type, description: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            kind,
            multi_valued: false,
            description: description.into(),
            required: false,
            canonical_values: Vec::new(),
            case_exact: false,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
            reference_types: Vec::new(),
            sub_attributes: Vec::new(),
            computed: false,
        }
    }

    /// The sub-attribute of this name, whatever its letter case.
    pub fn sub(&self, name: &str) -> Option<&Self> {
        self.sub_attributes.iter().find(|sub| same_name(&sub.name, name))
    }
}

/// A schema: a URN and its attributes (RFC 7643 section 7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// Its URN.
    pub id: Text,
    /// Its name for people.
    pub name: Text,
    /// What it is for.
    pub description: Text,
    /// Its attributes.
    pub attributes: Vec<Attribute>,
}

impl Schema {
    /// The attribute of this name, whatever its letter case.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| same_name(&attribute.name, name))
    }

    /// The definition at `path`, an attribute name with an optional sub-attribute after a dot.
    pub fn at(&self, path: &str) -> Option<&Attribute> {
        match path.split_once('.') {
            Some((name, sub)) => self.attribute(name)?.sub(sub),
            None => self.attribute(path),
        }
    }
}

impl Serialize for Attribute {
    /// RFC 7643 section 7 and 8.7: characteristics that say nothing about the type are left out, never null.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Attribute", 12)?;
        out.serialize_field("name", &self.name)?;
        out.serialize_field("type", &self.kind)?;
        out.serialize_field("multiValued", &self.multi_valued)?;
        out.serialize_field("description", &self.description)?;
        out.serialize_field("required", &self.required)?;
        if !self.canonical_values.is_empty() {
            out.serialize_field("canonicalValues", &self.canonical_values)?;
        }
        out.serialize_field("caseExact", &self.case_exact)?;
        out.serialize_field("mutability", &self.mutability)?;
        out.serialize_field("returned", &self.returned)?;
        out.serialize_field("uniqueness", &self.uniqueness)?;
        if !self.reference_types.is_empty() {
            out.serialize_field("referenceTypes", &self.reference_types)?;
        }
        if !self.sub_attributes.is_empty() {
            out.serialize_field("subAttributes", &self.sub_attributes)?;
        }
        out.end()
    }
}

impl Serialize for Schema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Schema", 5)?;
        out.serialize_field("schemas", &[SCHEMA_URN])?;
        out.serialize_field("id", &self.id)?;
        out.serialize_field("name", &self.name)?;
        out.serialize_field("description", &self.description)?;
        out.serialize_field("attributes", &self.attributes)?;
        out.end()
    }
}
