//! `attributes` and `excludedAttributes` (RFC 7644 section 3.9), at any depth.

use serde_json::{Map, Value};

use super::{filter_parse::MAX_LENGTH, path::Path, resource::Resource, resource_type::ResourceType};
use crate::error::{Error, Kind, Result};

/// Which attributes an answer holds.
#[derive(Debug, Clone, Default)]
pub struct Projection {
    /// Only these, when given.
    only: Option<Vec<Path>>,
    /// All but these.
    without: Vec<Path>,
}

/// Attributes that are part of every answer (`returned: always`).
const ALWAYS: [&str; 2] = ["schemas", "id"];

impl Projection {
    /// Reads both parameters, comma-separated lists of paths. Names nobody knows are ignored, as clients list attributes
    /// for all kinds of servers; `attributes` counts when both are given.
    pub fn read(attributes: Option<&str>, excluded: Option<&str>, rtype: &ResourceType) -> Result<Self> {
        let list = |text: &str, name: &str| {
            if text.len() > MAX_LENGTH {
                let rule = format!("may have at most {MAX_LENGTH} bytes");
                return Err(Error::new(Kind::InvalidValue, rule).at(name.to_owned()));
            }
            Ok(split(text).filter_map(|path| Path::parse(path, rtype).ok().flatten()).collect::<Vec<_>>())
        };
        Ok(Self {
            only: attributes.map(|text| list(text, "attributes")).transpose()?,
            without: excluded.map(|text| list(text, "excludedAttributes")).transpose()?.unwrap_or_default(),
        })
    }

    /// Whether every attribute is wanted.
    pub const fn is_everything(&self) -> bool {
        self.only.is_none() && self.without.is_empty()
    }

    /// Whether nothing of this attribute, of the core schema or of an extension, is in the answer.
    pub fn leaves_out(&self, urn: Option<&str>, attribute: &str) -> bool {
        let whole =
            |path: &Path| path.leads_to(urn, attribute) && path.filter.is_none() && path.sub.is_none();
        match &self.only {
            Some(_) => !self.names(urn, attribute),
            None => self.without.iter().any(whole),
        }
    }

    /// Whether this attribute, a part of it or its extension is asked for by name.
    pub fn names(&self, urn: Option<&str>, attribute: &str) -> bool {
        self.only.iter().flatten().any(|path| path.leads_to(urn, attribute))
    }

    /// Leaves in `resource` what is wanted.
    pub fn apply(&self, resource: Resource) -> Resource {
        let mut document = resource.into_document();
        if let Some(only) = &self.only {
            document = kept(document, only);
        }
        for path in self.without.iter().filter(|_| self.only.is_none()) {
            let always = path.urn.is_none() && ALWAYS.contains(&path.name.as_str());
            if !always {
                exclude(&mut document, path);
            }
        }
        if !self.is_everything() {
            name_what_is_there(&mut document);
        }
        Resource::new(document)
    }
}

/// `schemas` names the extensions of which something is left (RFC 7643 section 3); the base schema is the first.
fn name_what_is_there(document: &mut Map<String, Value>) {
    let Some(Value::Array(mut schemas)) = document.get_mut("schemas").map(Value::take) else { return };
    let mut index = 0;
    schemas.retain(|urn| {
        index += 1;
        index == 1 || urn.as_str().is_some_and(|urn| document.contains_key(urn))
    });
    document["schemas"] = Value::Array(schemas);
}

/// The paths of a list; commas inside brackets and quotes belong to a filter.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let (mut brackets, mut quoted) = (0_u32, false);
    text.split(move |c| {
        match c {
            '"' => quoted = !quoted,
            '[' if !quoted => brackets += 1,
            ']' if !quoted => brackets = brackets.saturating_sub(1),
            _ => {}
        }
        c == ',' && brackets == 0 && !quoted
    })
    .map(str::trim)
    .filter(|path| !path.is_empty())
}

fn kept(document: Map<String, Value>, only: &[Path]) -> Map<String, Value> {
    let mut out = Map::new();
    for (name, value) in document {
        let here: Vec<&Path> = only.iter().filter(|path| path.urn.is_none() && path.name == name).collect();
        let below: Vec<&Path> = only.iter().filter(|path| path.urn.as_deref() == Some(&*name)).collect();
        let value = match value {
            value if ALWAYS.contains(&name.as_str()) => Some(value),
            Value::Object(extension) if !below.is_empty() => {
                let whole = below.iter().any(|path| path.name.is_empty());
                let members = extension.into_iter().filter_map(|(member, value)| {
                    let paths: Vec<&Path> =
                        below.iter().copied().filter(|path| path.name == member).collect();
                    let value = if whole { Some(value) } else { part(value, &paths) };
                    value.map(|value| (member, value))
                });
                Some(Value::Object(members.collect()))
                    .filter(|value| value.as_object().is_some_and(|o| !o.is_empty()))
            }
            value => part(value, &here),
        };
        if let Some(value) = value {
            out.insert(name, value);
        }
    }
    out
}

/// The part of an attribute that the paths ask for.
fn part(value: Value, paths: &[&Path]) -> Option<Value> {
    if paths.is_empty() {
        return None;
    }
    if paths.iter().any(|path| path.filter.is_none() && path.sub.is_none()) {
        return Some(value);
    }
    match value {
        Value::Array(elements) => {
            let parts = elements.into_iter().filter_map(|element| {
                let fits = |path: &&&Path| {
                    path.filter.as_ref().is_none_or(|filter| filter.matches_element(&element))
                };
                let paths: Vec<&Path> = paths.iter().filter(fits).copied().collect();
                subs(element, &paths)
            });
            Some(Value::Array(parts.collect()))
                .filter(|parts| parts.as_array().is_some_and(|p| !p.is_empty()))
        }
        other => subs(other, paths),
    }
}

fn subs(element: Value, paths: &[&Path]) -> Option<Value> {
    if paths.iter().any(|path| path.sub.is_none()) {
        return Some(element);
    }
    let Value::Object(object) = element else { return None };
    let wanted =
        object.into_iter().filter(|(name, _)| paths.iter().any(|path| path.sub.as_ref() == Some(name)));
    let wanted: Map<String, Value> = wanted.collect();
    (!wanted.is_empty()).then_some(Value::Object(wanted))
}

/// Takes out what a path leads to, and what is empty without it.
fn exclude(document: &mut Map<String, Value>, path: &Path) {
    let Some(urn) = &path.urn else { return exclude_from(document, path) };
    let Some(Value::Object(extension)) = document.get_mut(urn) else { return };
    if !path.name.is_empty() {
        exclude_from(extension, path);
    }
    if path.name.is_empty() || extension.is_empty() {
        document.shift_remove(urn);
    }
}

fn exclude_from(object: &mut Map<String, Value>, path: &Path) {
    let fits = |element: &Value| path.filter.as_ref().is_none_or(|filter| filter.matches_element(element));
    let emptied = match (object.get_mut(&path.name), &path.sub) {
        (None, _) => return,
        (Some(Value::Array(elements)), None) if path.filter.is_some() => {
            elements.retain(|element| !fits(element));
            elements.is_empty()
        }
        (Some(_), None) => true,
        (Some(Value::Array(elements)), Some(sub)) => {
            for element in elements.iter_mut().filter(|element| fits(element)) {
                if let Value::Object(element) = element {
                    element.shift_remove(sub);
                }
            }
            elements.retain(|element| element.as_object().is_none_or(|parts| !parts.is_empty()));
            elements.is_empty()
        }
        (Some(Value::Object(parts)), Some(sub)) => {
            parts.shift_remove(sub);
            parts.is_empty()
        }
        (Some(_), Some(_)) => false,
    };
    if emptied {
        object.shift_remove(&path.name);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scim::{ENTERPRISE_USER_URN, enterprise_user, user};

    fn project(attributes: Option<&str>, excluded: Option<&str>) -> Value {
        let rtype = ResourceType {
            name: "User".into(),
            endpoint: "/Users".into(),
            description: "".into(),
            schema: user(),
            extensions: vec![enterprise_user()],
            unmapped_meta: Vec::new(),
        };
        let document = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE_USER_URN],
            "id": "1", "userName": "ada", "roles": [{"value": "a"}, {"value": "b", "display": "B"}],
            "name": {"givenName": "Ada", "familyName": "L"},
            "emails": [{"value": "a@x", "type": "work"}, {"value": "b@x", "type": "home"}],
            ENTERPRISE_USER_URN: {"department": "Ops", "division": "R"},
            "meta": {"resourceType": "User"},
        });
        let Value::Object(document) = document else { unreachable!() };
        let projection = Projection::read(attributes, excluded, &rtype).unwrap();
        Value::Object(projection.apply(Resource::new(document)).into_document())
    }

    #[test]
    fn only_what_is_asked_for_and_what_is_always_there() {
        let schemas = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
        assert_eq!(
            project(Some("USERNAME, nobody"), None),
            json!({"schemas": schemas, "id": "1", "userName": "ada"})
        );
        assert_eq!(
            project(Some("name.familyName,emails[type eq \"work\"],emails.type"), None),
            json!({"schemas": schemas, "id": "1", "name": {"familyName": "L"},
                   "emails": [{"value": "a@x", "type": "work"}, {"type": "home"}]})
        );
        let urn = format!("{ENTERPRISE_USER_URN}:department");
        assert_eq!(
            project(Some(&urn), None),
            json!({"schemas": [schemas[0], ENTERPRISE_USER_URN], "id": "1",
                   ENTERPRISE_USER_URN: {"department": "Ops"}})
        );
        assert_eq!(project(Some(""), None), json!({"schemas": schemas, "id": "1"}));
    }

    #[test]
    fn everything_but_what_is_excluded_and_never_the_id() {
        let left = project(None, Some("id,schemas,emails[type eq \"home\"],name.givenName,meta,userName"));
        assert_eq!(left["id"], "1");
        assert_eq!(left["emails"], json!([{"value": "a@x", "type": "work"}]));
        assert_eq!(left["name"], json!({"familyName": "L"}));
        assert!(left.get("meta").is_none() && left.get("userName").is_none());
        assert!(project(None, Some(ENTERPRISE_USER_URN)).get(ENTERPRISE_USER_URN).is_none());
    }

    #[test]
    fn what_is_emptied_goes_and_its_schema_is_not_named() {
        let own = |attributes: &str| format!("{ENTERPRISE_USER_URN}:{attributes}");
        let excluded = [
            "name.givenName,name.familyName,emails[value pr],roles.value".to_owned(),
            own("department"),
            own("division"),
        ];
        let left = project(None, Some(&excluded.join(",")));
        assert_eq!(
            left,
            json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "1", "userName": "ada",
                   "roles": [{"display": "B"}], "meta": {"resourceType": "User"}})
        );
        let left = project(None, Some(&own("division")));
        assert_eq!(left["schemas"][1], ENTERPRISE_USER_URN);
        let left = project(None, Some("emails.value,emails.type,roles[value eq \"a\"]"));
        assert_eq!((left.get("emails"), &left["roles"]), (None, &json!([{"value": "b", "display": "B"}])));
    }
}
