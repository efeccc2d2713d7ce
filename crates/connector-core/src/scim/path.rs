//! Attribute paths (RFC 7644 section 3.10 and figure 7), resolved to canonical names.

use std::fmt;

use super::{
    filter::Filter,
    filter_parse::Parser,
    resource_type::{Found, ResourceType, rfc_knows_sub},
    schema::Attribute,
};
use crate::error::{Error, Kind, Result};

/// A resolved path: `attr`, `attr.sub`, `attr[filter]`, `attr[filter].sub`, each with an optional schema URN before it,
/// or a schema URN alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// The extension the attribute belongs to; `None` for the base schema.
    pub urn: Option<String>,
    /// The attribute; empty for an extension as a whole.
    pub name: String,
    /// Which elements of a multi-valued attribute.
    pub filter: Option<Filter>,
    /// The sub-attribute.
    pub sub: Option<String>,
}

impl Path {
    /// Reads `text` against the names of `rtype`. `Ok(None)`: an attribute the RFC knows and this target lacks. A name
    /// nobody knows and a malformed path are [`Kind::InvalidPath`].
    pub fn parse(text: &str, rtype: &ResourceType) -> Result<Option<Self>> {
        Self::read(text, rtype, false)
    }

    /// The same for a PATCH: comparisons in brackets with a sub-attribute that the RFC knows and this target lacks are left
    /// out, as no element tells how it compares.
    pub(super) fn parse_in_patch(text: &str, rtype: &ResourceType) -> Result<Option<Self>> {
        Self::read(text, rtype, true)
    }

    fn read(text: &str, rtype: &ResourceType, lenient: bool) -> Result<Option<Self>> {
        let invalid = |rule: &str| Error::new(Kind::InvalidPath, rule).at(text.to_owned());
        let (urn, rest) = rtype.split_urn(text.trim());
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, mut tail) = rest.split_at(end);
        if name.is_empty() && (urn.is_none() || !tail.is_empty()) {
            return Err(invalid("begins with no attribute name"));
        }
        let (urn, attribute) = match rtype.find(urn, name) {
            Found::Attribute(urn, attribute) => (urn, attribute),
            Found::Extension(urn) if tail.is_empty() => {
                return Ok(Some(Self {
                    urn: Some(urn.to_owned()),
                    name: String::new(),
                    filter: None,
                    sub: None,
                }));
            }
            Found::Unmapped => return Ok(None),
            Found::Extension(_) | Found::Unknown => return Err(invalid("no attribute has this name")),
        };
        let mut filter = None;
        if let Some(inner) = tail.strip_prefix('[') {
            if !attribute.multi_valued {
                return Err(invalid("only a multi-valued attribute takes a filter in brackets"));
            }
            let (parsed, after) = Parser::brackets(inner, attribute, lenient)
                .map_err(|error| Error::new(Kind::InvalidPath, error.to_string()).at(text.to_owned()))?;
            filter = Some(parsed);
            tail = after;
        }
        let sub = match tail.strip_prefix('.') {
            None if tail.is_empty() => None,
            None => return Err(invalid("text after the closing bracket must be a dot and a sub-attribute")),
            Some(sub) => match sub_name(attribute, sub) {
                Found::Attribute(_, found) => Some(found.name.to_string()),
                Found::Unmapped => return Ok(None),
                _ => return Err(invalid("no sub-attribute has this name")),
            },
        };
        Ok(Some(Self { urn: urn.map(str::to_owned), name: attribute.name.to_string(), filter, sub }))
    }

    /// The extension's URN, if it is in one.
    pub fn urn(&self) -> Option<&str> {
        self.urn.as_deref()
    }

    /// Whether it leads to this attribute, into it, or to the extension that holds it.
    pub(super) fn leads_to(&self, urn: Option<&str>, name: &str) -> bool {
        self.urn.as_deref() == urn && (self.name == name || self.name.is_empty())
    }

    /// Whether it leads to `name` of the base schema, or into it.
    pub fn is_core(&self, name: &str) -> bool {
        self.urn.is_none() && self.name == name
    }
}

/// Looks a sub-attribute up.
pub(super) fn sub_name<'a>(attribute: &'a Attribute, sub: &str) -> Found<'a> {
    match attribute.sub(sub) {
        Some(found) => Found::Attribute(None, found),
        None if rfc_knows_sub(attribute, sub) => Found::Unmapped,
        None => Found::Unknown,
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.urn {
            f.write_str(urn)?;
            if !self.name.is_empty() {
                f.write_str(":")?;
            }
        }
        f.write_str(&self.name)?;
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}
