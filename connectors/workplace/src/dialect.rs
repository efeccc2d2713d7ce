//! The two editions of Workplace's SCIM, which differ in names alone. Tables and code speak the second one
//! (<https://developers.facebook.com/docs/workplace/reference/account-management-api/>).

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
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

    /// The edition whose schemas an answer names, if any: one of the second is in the second edition, which tolerates
    /// extensions of the first.
    pub(crate) fn of_schemas(schemas: &Value) -> Option<Self> {
        let named = |prefix: &str| match schemas {
            Value::Array(schemas) => {
                schemas.iter().filter_map(Value::as_str).any(|urn| urn.starts_with(prefix))
            }
            Value::String(urn) => urn.starts_with(prefix),
            _ => false,
        };
        if named(V2_URNS) { Some(Self::V2) } else { named(V1_URNS).then_some(Self::V1) }
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

/// What of an answer tells its edition, and how its person is called: `schemas` and names of members, never their values.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    by_schemas: Option<Dialect>,
    has_first: bool,
    has_second: bool,
    has_user_name: bool,
}

impl Shape {
    /// The shape of an object; what is none has no shape.
    pub(crate) fn of(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }

    /// The edition, if anything tells it.
    pub(crate) fn dialect(&self) -> Option<Dialect> {
        let by_names =
            if self.has_second { Some(Dialect::V2) } else { self.has_first.then_some(Dialect::V1) };
        self.by_schemas.or(by_names)
    }

    /// Whether there is a member by a name of the first edition.
    pub(crate) const fn has_first(&self) -> bool {
        self.has_first
    }

    /// Whether `userName` has a text.
    pub(crate) const fn has_user_name(&self) -> bool {
        self.has_user_name
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

/// The name of a member, copied only where it is escaped.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// Reads a [`Shape`] in one pass that keeps nothing else.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Shape, A::Error> {
        let mut shape = Shape::default();
        while let Some(name) = members.next_key::<Name<'de>>()? {
            match &*name.0 {
                "schemas" => shape.by_schemas = Dialect::of_schemas(&members.next_value()?),
                "userName" => {
                    let held: Value = members.next_value()?;
                    shape.has_user_name = held.as_str().is_some_and(|name| !name.is_empty());
                }
                name => {
                    shape.has_first |= name.starts_with(V1_URNS);
                    shape.has_second |= name.starts_with(V2_URNS);
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(shape)
    }
}

/// An answer in the names of the second edition. What it says by those itself stands.
pub(crate) fn modernized(mut document: Map<String, Value>) -> Map<String, Value> {
    for (second, first) in NAMES {
        if let Some(value) = document.shift_remove(*first) {
            let value = renamed(value, ATTRIBUTE.1, ATTRIBUTE.0);
            document.entry(*second).or_insert(value);
        }
    }
    document
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
    fn an_answer_is_in_the_edition_of_its_schemas_and_keys_whatever_its_values_say() {
        let first = "urn:scim:schemas:extension:facebook:starttermdates:1.0";
        for (answer, dialect) in [
            (json!({"schemas": [V1_CORE]}), Some(Dialect::V1)),
            (json!({"schemas": [CORE]}), Some(Dialect::V2)),
            // The second edition tolerates an extension of the first.
            (json!({"schemas": [CORE, first], first: {"startDate": 1}}), Some(Dialect::V2)),
            (json!({"schemas": [first, CORE]}), Some(Dialect::V2)),
            (
                json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0/User"], "title": V1_CORE}),
                Some(Dialect::V2),
            ),
            (json!({"schemas": [V1_CORE], "title": format!("\"{CORE}\"")}), Some(Dialect::V1)),
            (json!({"title": V1_CORE, "name": {V1_CORE: 1}, "emails": [{CORE: 1}]}), None),
            (json!({ENTERPRISE: {}}), Some(Dialect::V2)),
            (json!({first: {}}), Some(Dialect::V1)),
            (json!({first: {}, ENTERPRISE: {}}), Some(Dialect::V2)),
            (json!({"schemas": null}), None),
            (json!({"schemas": V1_CORE}), Some(Dialect::V1)),
            (json!({"schemas": [1, null]}), None),
            (json!({}), None),
        ] {
            assert_eq!(Shape::of(&answer.to_string()).dialect(), dialect, "{answer}");
        }
    }

    #[test]
    fn an_extension_of_the_first_edition_is_read_also_in_an_answer_of_the_second() {
        let first = "urn:scim:schemas:extension:facebook:starttermdates:1.0";
        let answer = json!({"schemas": [CORE], first: {"startDate": 1}});
        assert!(Shape::of(&answer.to_string()).has_first());
        let Value::Object(answer) = answer else { unreachable!() };
        assert_eq!(modernized(answer)[DATES], json!({"startDate": 1}));
        let Value::Object(both) = json!({DATES: {"startDate": 2}, first: {"startDate": 1}}) else {
            unreachable!()
        };
        assert_eq!(modernized(both)[DATES], json!({"startDate": 2}));
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
