//! The resource document and typed views of it.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{ENTERPRISE_USER_URN, same_name};

/// A SCIM resource: a JSON object whose attribute names are compared without regard to letter case, extensions under
/// their URN, nothing lost.
///
/// Documents made by [`super::Entry`] and by the mapping carry canonical names, so look-ups there hit at first try.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Resource(Map<String, Value>);

impl Resource {
    /// Takes a JSON object.
    pub const fn new(document: Map<String, Value>) -> Self {
        Self(document)
    }

    /// The attribute or extension of this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .get(name)
            .or_else(|| self.0.iter().find(|(key, _)| same_name(key, name)).map(|(_, value)| value))
    }

    /// The attribute or extension of this name, to change it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let key = self.key(name)?;
        self.0.get_mut(&key)
    }

    /// Sets an attribute or extension; a name that is there in another letter case keeps its spelling.
    pub fn set(&mut self, name: &str, value: Value) {
        let key = self.key(name).unwrap_or_else(|| name.to_owned());
        self.0.insert(key, value);
    }

    /// Removes an attribute or extension; the order of the others stays.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let key = self.key(name)?;
        self.0.shift_remove(&key)
    }

    fn key(&self, name: &str) -> Option<String> {
        if self.0.contains_key(name) {
            return Some(name.to_owned());
        }
        self.0.keys().find(|key| same_name(key, name)).cloned()
    }

    /// The attribute `attr` of the extension `urn`, or of the core schema.
    pub fn attribute(&self, urn: Option<&str>, attr: &str) -> Option<&Value> {
        match urn {
            None => self.get(attr),
            Some(urn) => {
                let extension = self.get(urn)?.as_object()?;
                extension.get(attr).or_else(|| {
                    extension.iter().find(|(key, _)| same_name(key, attr)).map(|(_, value)| value)
                })
            }
        }
    }

    /// Sets the attribute `attr` of the extension `urn`, or of the core schema; `Null` removes it, and an extension
    /// that has become empty with it.
    pub fn set_attribute(&mut self, urn: Option<&str>, attr: &str, value: Value) {
        let Some(urn) = urn else {
            if value.is_null() {
                self.remove(attr);
            } else {
                self.set(attr, value);
            }
            return;
        };
        let mut extension = match self.get_mut(urn) {
            Some(Value::Object(extension)) => std::mem::take(extension),
            _ => Map::new(),
        };
        let key =
            extension.keys().find(|key| same_name(key, attr)).cloned().unwrap_or_else(|| attr.to_owned());
        if value.is_null() {
            extension.shift_remove(&key);
        } else {
            extension.insert(key, value);
        }
        if extension.is_empty() {
            self.remove(urn);
        } else {
            self.set(urn, Value::Object(extension));
        }
    }

    /// The document.
    pub const fn document(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The document itself.
    pub fn into_document(self) -> Map<String, Value> {
        self.0
    }

    /// `id` (RFC 7643 section 3.1).
    pub fn id(&self) -> Option<&str> {
        self.text("id")
    }

    /// `meta.location`.
    pub fn location(&self) -> Option<&str> {
        self.get("meta")?.get("location")?.as_str()
    }

    /// `meta.version`, the entity tag.
    pub fn version(&self) -> Option<&str> {
        self.get("meta")?.get("version")?.as_str()
    }

    /// Schema URNs of the resource.
    pub fn schemas(&self) -> impl Iterator<Item = &str> {
        self.get("schemas").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    /// A simple text attribute of the core schema.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// Typed access as a User.
    pub const fn user(&self) -> User<'_> {
        User(self)
    }

    /// Typed access as a Group.
    pub const fn group(&self) -> Group<'_> {
        Group(self)
    }
}

fn elements<'a>(resource: &'a Resource, name: &str) -> impl Iterator<Item = &'a Value> {
    resource.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// A resource read as a User (RFC 7643 section 4.1).
#[derive(Debug, Clone, Copy)]
pub struct User<'a>(&'a Resource);

impl<'a> User<'a> {
    /// `userName`.
    pub fn user_name(self) -> Option<&'a str> {
        self.0.text("userName")
    }

    /// `displayName`.
    pub fn display_name(self) -> Option<&'a str> {
        self.0.text("displayName")
    }

    /// `active`; a user without it counts as active.
    pub fn active(self) -> bool {
        self.0.get("active").and_then(Value::as_bool).unwrap_or(true)
    }

    /// The value of the primary e-mail address, else of the first.
    pub fn email(self) -> Option<&'a str> {
        elements(self.0, "emails")
            .find(|email| email["primary"] == true)
            .or_else(|| elements(self.0, "emails").next())?
            .get("value")?
            .as_str()
    }

    /// The enterprise extension.
    pub fn enterprise(self) -> Option<EnterpriseUser<'a>> {
        self.0.get(ENTERPRISE_USER_URN)?.as_object().map(EnterpriseUser)
    }
}

/// The enterprise extension of a User (RFC 7643 section 4.3).
#[derive(Debug, Clone, Copy)]
pub struct EnterpriseUser<'a>(&'a Map<String, Value>);

impl<'a> EnterpriseUser<'a> {
    /// A simple text attribute, such as `department`.
    pub fn text(self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(key, _)| same_name(key, name))?.1.as_str()
    }

    /// The id of the manager's User resource.
    pub fn manager(self) -> Option<&'a str> {
        self.0.iter().find(|(key, _)| same_name(key, "manager"))?.1.get("value")?.as_str()
    }
}

/// A resource read as a Group (RFC 7643 section 4.2).
#[derive(Debug, Clone, Copy)]
pub struct Group<'a>(&'a Resource);

impl<'a> Group<'a> {
    /// `displayName`.
    pub fn display_name(self) -> Option<&'a str> {
        self.0.text("displayName")
    }

    /// The ids of the members, in order.
    pub fn members(self) -> impl Iterator<Item = &'a str> {
        elements(self.0, "members").filter_map(|member| member.get("value")?.as_str())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn resource(value: Value) -> Resource {
        match value {
            Value::Object(document) => Resource::new(document),
            other => panic!("not an object: {other}"),
        }
    }

    #[test]
    fn attribute_names_have_no_letter_case() {
        let mut user = resource(
            json!({"UserName": "ada", "Emails": [{"value": "a@x"}, {"value": "b@x", "primary": true}]}),
        );
        assert_eq!(user.user().user_name(), Some("ada"));
        assert_eq!(user.user().email(), Some("b@x"));
        user.set("username", json!("grace"));
        assert_eq!(user.document()["UserName"], "grace");
        assert_eq!(user.document().len(), 2);
    }

    #[test]
    fn an_extension_appears_with_its_first_value_and_goes_with_its_last() {
        let mut user = resource(json!({"userName": "ada"}));
        user.set_attribute(Some(ENTERPRISE_USER_URN), "department", json!("Ops"));
        assert_eq!(user.user().enterprise().and_then(|e| e.text("Department")), Some("Ops"));
        user.set_attribute(Some(ENTERPRISE_USER_URN), "DEPARTMENT", Value::Null);
        assert!(user.user().enterprise().is_none());
    }

    #[test]
    fn unknown_members_and_numbers_survive_a_round_trip() {
        let text = r#"{"x":1.10,"big":9007199254740993,"nested":{"B":null,"a":[]},"é":"\u0000"}"#;
        let parsed: Map<String, Value> = serde_json::from_str(text).unwrap();
        let back: Value =
            serde_json::from_str(&serde_json::to_string(&Resource::new(parsed.clone())).unwrap()).unwrap();
        assert_eq!(Value::Object(parsed), back);
    }
}
