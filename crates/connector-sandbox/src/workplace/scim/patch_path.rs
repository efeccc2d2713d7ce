//! Paths of PATCH: `attribute`, `attribute.part`, `attribute[part eq "value"].part`, each also behind a URN.

use serde_json::Value;

use super::super::error::{Refusal, Result};
use super::edition::Edition;

/// A path taken apart.
#[derive(Debug, PartialEq)]
pub(super) struct Path<'a> {
    /// The URN of the extension, or none for the core schema.
    pub(super) extension: Option<&'a str>,
    pub(super) attribute: &'a str,
    pub(super) filter: Option<(&'a str, Value)>,
    pub(super) part: Option<&'a str>,
}

impl<'a> Path<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self> {
        let refused = || Refusal::invalid(format!("The path is not supported: {text}"));
        let (extension, rest) = behind_urn(text);
        let (attribute, filter, rest) = match rest.split_once('[') {
            None => {
                let (attribute, part) = rest.split_once('.').map_or((rest, None), |(a, p)| (a, Some(p)));
                (attribute, None, part)
            }
            Some((attribute, rest)) => {
                let (filter, rest) = rest.split_once(']').ok_or_else(refused)?;
                let mut words = filter.trim().splitn(3, ' ');
                let (name, operator, value) = (words.next(), words.next(), words.next());
                let equals = operator.is_some_and(|operator| operator.eq_ignore_ascii_case("eq"));
                let (Some(name), true, Some(value)) = (name, equals, value) else { return Err(refused()) };
                let value: Value = serde_json::from_str(value).map_err(|_| refused())?;
                let part =
                    if rest.is_empty() { None } else { Some(rest.strip_prefix('.').ok_or_else(refused)?) };
                (attribute, Some((name, value)), part)
            }
        };
        if attribute.is_empty() || rest == Some("") {
            return Err(refused());
        }
        Ok(Self { extension, attribute, filter, part: rest })
    }
}

/// Splits what stands behind a URN off it. That of the core schema, also with the slash of the vendor's own example,
/// is none.
fn behind_urn(text: &str) -> (Option<&str>, &str) {
    let names = Edition::V2.names();
    for core in [names.core, names.group, "urn:ietf:params:scim:schemas:core:2.0/User"] {
        if let Some(rest) = text.strip_prefix(core).and_then(|rest| rest.strip_prefix(':')) {
            return (None, rest);
        }
    }
    let extensions = [Edition::V2, Edition::V1].map(Edition::names);
    let urns = extensions
        .iter()
        .flat_map(|names| [names.enterprise, names.dates, names.status, names.auth, names.frontline]);
    for urn in urns {
        if let Some(rest) = text.strip_prefix(urn).and_then(|rest| rest.strip_prefix(':')) {
            return (Some(&text[..urn.len()]), rest);
        }
    }
    (None, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_path_is_understood() {
        let path = |extension, attribute, filter, part| Path { extension, attribute, filter, part };
        let work = || Some(("type", Value::from("work")));
        let auth = Edition::V2.names().auth;
        let enterprise = Edition::V2.names().enterprise;
        for (text, expected) in [
            ("active", path(None, "active", None, None)),
            ("name.givenName", path(None, "name", None, Some("givenName"))),
            (r#"emails[type eq "work"].value"#, path(None, "emails", work(), Some("value"))),
            (r#"addresses[type Eq "work"]"#, path(None, "addresses", work(), None)),
            (
                "phoneNumbers[primary eq true]",
                path(None, "phoneNumbers", Some(("primary", Value::Bool(true))), None),
            ),
            (&format!("{auth}:authMethod"), path(Some(auth), "authMethod", None, None)),
            (
                &format!("{enterprise}:manager.managerId"),
                path(Some(enterprise), "manager", None, Some("managerId")),
            ),
            ("urn:ietf:params:scim:schemas:core:2.0/User:title", path(None, "title", None, None)),
        ] {
            assert_eq!(Path::parse(text), Ok(expected), "{text}");
        }
        for text in
            ["", "emails[type]", r#"emails[type eq "a""#, "name.", r#"emails[type ne "a"]"#, "a[b eq c]"]
        {
            assert!(Path::parse(text).is_err(), "{text}");
        }
    }
}
