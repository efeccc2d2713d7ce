//! The two editions of Workplace's SCIM, which differ in names alone. Tables and code speak the second one
//! (<https://developers.facebook.com/docs/workplace/reference/account-management-api/>).

use serde_json::{Map, Value, json};
use url::Url;

use crate::mapping::{AUTH, CORE, DATES, ENTERPRISE, FRONTLINE, GROUP_CORE, STATUS};

/// An edition of Workplace's SCIM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// SCIM 1.1, declared deprecated on 28 June 2024.
    V1,
    /// SCIM 2.0.
    V2,
}

/// What an extension is called in the second edition and in the first.
const NAMES: &[(&str, &str)] = &[
    (ENTERPRISE, "urn:scim:schemas:extension:enterprise:1.0"),
    (DATES, "urn:scim:schemas:extension:facebook:starttermdates:1.0"),
    (STATUS, "urn:scim:schemas:extension:facebook:accountstatusdetails:1.0"),
    (AUTH, "urn:scim:schemas:extension:facebook:auth_method:1.0"),
    (FRONTLINE, "urn:scim:schemas:extension:facebook:frontline:1.0"),
];

/// The one attribute of an extension whose name differs.
const ATTRIBUTE: (&str, &str) = ("authMethod", "auth_method");

/// How every URN of the first edition begins.
const V1_URNS: &str = "urn:scim:schemas:";
/// The schema of everything in the first edition.
const V1_CORE: &str = "urn:scim:schemas:core:1.0";
/// How every URN of the second edition begins.
const V2_URNS: &str = "urn:ietf:params:scim:";

impl Dialect {
    /// What an address looks like: the first edition has `/scim/v1` in it, the second a host of its own.
    pub(crate) fn of_address(target: &Url) -> Self {
        let is_first = target.path_segments().is_some_and(|mut segments| segments.any(|part| part == "v1"));
        if is_first { Self::V1 } else { Self::V2 }
    }

    /// The edition that an answer is in, if it names any schema.
    pub(crate) fn of_answer(json: &str) -> Option<Self> {
        if json.contains(V1_URNS) { Some(Self::V1) } else { json.contains(V2_URNS).then_some(Self::V2) }
    }

    /// The value of the parameter `dialect`.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }

    /// A person with the schemas that the fields need, in this edition's names.
    pub(crate) fn person(self, fields: Map<String, Value>) -> Value {
        self.document(CORE, fields)
    }

    /// A people set, likewise.
    pub(crate) fn people_set(self, fields: Map<String, Value>) -> Value {
        self.document(GROUP_CORE, fields)
    }

    fn document(self, core: &str, fields: Map<String, Value>) -> Value {
        let core = if self == Self::V1 { V1_CORE } else { core };
        let mut schemas = vec![core.to_owned()];
        let mut document = Map::from_iter([("schemas".to_owned(), Value::Null)]);
        for (name, value) in fields {
            let (name, value) = match NAMES.iter().find(|(second, _)| *second == name) {
                Some((_, first)) if self == Self::V1 => {
                    ((*first).to_owned(), renamed(value, ATTRIBUTE.0, ATTRIBUTE.1))
                }
                _ => (name, value),
            };
            if name.starts_with("urn:") {
                schemas.push(name.clone());
            }
            document.insert(name, value);
        }
        document.insert("schemas".into(), json!(schemas));
        Value::Object(document)
    }
}

/// An answer of the first edition in the names of the second.
pub(crate) fn modernized(document: Map<String, Value>) -> Map<String, Value> {
    let modern = |(name, value): (String, Value)| match NAMES.iter().find(|(_, first)| *first == name) {
        Some((second, _)) => ((*second).to_owned(), renamed(value, ATTRIBUTE.1, ATTRIBUTE.0)),
        None => (name, value),
    };
    document.into_iter().map(modern).collect()
}

/// An extension with one attribute under another name.
fn renamed(mut extension: Value, from: &str, to: &str) -> Value {
    if let Value::Object(members) = &mut extension
        && let Some(value) = members.shift_remove(from)
    {
        members.insert(to.to_owned(), value);
    }
    extension
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_the_first_edition_has_its_version_in_the_path() {
        for (address, dialect) in [
            ("https://www.facebook.com/scim/v1/", Dialect::V1),
            ("https://www.workplace.com/scim/v1", Dialect::V1),
            ("https://scim.workplace.com/", Dialect::V2),
            ("https://v1.example/scim2/", Dialect::V2),
        ] {
            assert_eq!(Dialect::of_address(&address.parse().unwrap()), dialect, "{address}");
        }
    }

    #[test]
    fn what_is_written_in_the_first_edition_reads_as_what_was_meant() {
        let fields = json!({
            "userName": "m@riverbank.example", ENTERPRISE: {"department": "Harbour"}, AUTH: {"authMethod": "sso"},
            DATES: {"startDate": 1}, STATUS: {"invited": true}, FRONTLINE: {"is_frontline": true},
        });
        let Value::Object(fields) = fields else { unreachable!() };
        let Value::Object(mut written) = Dialect::V1.person(fields.clone()) else { panic!("no object") };
        let text = Value::Object(written.clone()).to_string();
        assert!(!text.contains(V2_URNS) && text.contains(r#""auth_method":"sso""#), "{text}");
        assert_eq!(written["schemas"].as_array().map(Vec::len), Some(6), "{text}");
        written.shift_remove("schemas");
        assert_eq!(modernized(written), fields);
    }
}
