//! Paths in a vendor's JSON.

use std::fmt;

use serde_json::{Map, Value};

/// A path of member names, separated by dots; `.` is the value itself.
///
/// A member that is a schema URN contains dots of its own (`urn:scim:schemas:extension:enterprise:1.0.department`): it
/// reaches from `urn:` through its last colon and the version number behind it, if there is one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TargetPath {
    text: String,
    members: Vec<String>,
}

impl TargetPath {
    /// Reads a path; any text is one.
    pub fn parse(text: &str) -> Self {
        let mut members = Vec::new();
        let mut rest = text;
        if text.starts_with("urn:") {
            let end = urn_end(text);
            members.push(text[..end].to_owned());
            rest = text[end..].strip_prefix('.').unwrap_or("");
        }
        members.extend(rest.split('.').filter(|member| !member.is_empty()).map(str::to_owned));
        Self { text: text.to_owned(), members }
    }

    /// The member names, outermost first; none for the value itself.
    pub fn members(&self) -> &[String] {
        &self.members
    }

    /// The text it was read from.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The value at this path of `value`.
    pub(super) fn of<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.members.iter().try_fold(value, |value, member| value.get(member))
    }

    /// The same in an object.
    pub fn of_object<'v>(&self, object: &'v Map<String, Value>) -> Option<&'v Value> {
        let (first, rest) = self.members.split_first()?;
        rest.iter().try_fold(object.get(first)?, |value, member| value.get(member))
    }

    /// Puts `value` at this path of `document`, making objects on the way.
    pub fn put(&self, document: &mut Map<String, Value>, value: Value) {
        let Some((last, parents)) = self.members.split_last() else { return };
        let mut object = document;
        for parent in parents {
            let slot = object.entry(parent.as_str()).or_insert_with(|| Value::Object(Map::new()));
            if !slot.is_object() {
                *slot = Value::Object(Map::new());
            }
            object = slot.as_object_mut().expect("just made an object");
        }
        object.insert(last.clone(), value);
    }
}

/// Where the URN at the beginning of `text` ends.
fn urn_end(text: &str) -> usize {
    let colon = text.rfind(':').expect("starts with `urn:`") + 1;
    let tail = &text[colon..];
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let major = digits(tail);
    let minor = tail[major..].strip_prefix('.').map_or(0, digits);
    if major > 0 && minor > 0 {
        colon + major + 1 + minor
    } else {
        colon + tail.find('.').unwrap_or(tail.len())
    }
}

impl fmt::Display for TargetPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_urn_is_one_member_although_it_has_dots() {
        let members = |text| TargetPath::parse(text).members().join(" | ");
        assert_eq!(members("name.givenName"), "name | givenName");
        assert_eq!(
            members("urn:scim:schemas:extension:enterprise:1.0.manager.managerId"),
            "urn:scim:schemas:extension:enterprise:1.0 | manager | managerId"
        );
        assert_eq!(
            members("urn:scim:schemas:extension:enterprise:1.0"),
            "urn:scim:schemas:extension:enterprise:1.0"
        );
        assert_eq!(members("urn:a:2.0:User.attr"), "urn:a:2.0:User | attr");
        assert_eq!(members("."), "");
    }

    #[test]
    fn putting_makes_the_objects_on_the_way() {
        let mut document = Map::new();
        TargetPath::parse("a.b").put(&mut document, json!(1));
        TargetPath::parse("a.c").put(&mut document, json!(2));
        assert_eq!(Value::Object(document), json!({"a": {"b": 1, "c": 2}}));
    }
}
