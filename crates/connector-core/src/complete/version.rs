//! Versions of resources and conditions on them (RFC 7644 section 3.14).

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::Value;

use crate::{
    error::{Error, Kind, Result},
    scim::Resource,
};

/// The weak entity tag of a resource: a hash over all of it but `meta`, members included. Letter for letter the same
/// resource has the same tag in every process of this version of the program.
pub(super) fn version(resource: &Resource) -> String {
    let mut hasher = DefaultHasher::new();
    for (name, value) in resource.document().iter().filter(|(name, _)| *name != "meta") {
        name.hash(&mut hasher);
        feed(value, &mut hasher);
    }
    format!("W/\"{:016x}\"", hasher.finish())
}

/// Writes the resource's version into its `meta`.
pub(super) fn versioned(mut resource: Resource) -> Resource {
    let version = version(&resource);
    if let Some(Value::Object(meta)) = resource.get_mut("meta") {
        meta.insert("version".into(), Value::String(version));
    }
    resource
}

fn feed(value: &Value, hasher: &mut DefaultHasher) {
    std::mem::discriminant(value).hash(hasher);
    match value {
        Value::Null => {}
        Value::Bool(flag) => flag.hash(hasher),
        Value::Number(number) => number.to_string().hash(hasher),
        Value::String(text) => text.hash(hasher),
        Value::Array(elements) => {
            elements.len().hash(hasher);
            for element in elements {
                feed(element, hasher);
            }
        }
        Value::Object(object) => {
            object.len().hash(hasher);
            for (name, value) in object {
                name.hash(hasher);
                feed(value, hasher);
            }
        }
    }
}

/// What a client demands of the version of the object it changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Precondition {
    /// `If-Match`: one of these tags, `*` for any.
    pub if_match: Option<Vec<String>>,
    /// `If-None-Match`: none of these tags, `*` for any.
    pub if_none_match: Option<Vec<String>>,
}

impl Precondition {
    /// Whether there is any demand at all.
    pub const fn is_empty(&self) -> bool {
        self.if_match.is_none() && self.if_none_match.is_none()
    }

    /// Holds the demands of a change against the object as it is: [`Kind::Precondition`].
    pub(super) fn check(&self, current: &Resource) -> Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let version = version(current);
        let refused =
            |rule: &str| Err(Error::new(Kind::Precondition, format!("{rule}; its version is {version}")));
        if self.if_match.as_ref().is_some_and(|tags| !any(tags, &version)) {
            return refused("If-Match: the object has changed");
        }
        if self.if_none_match.as_ref().is_some_and(|tags| any(tags, &version)) {
            return refused("If-None-Match: the object exists in this version");
        }
        Ok(())
    }

    /// Whether a reader already has this version.
    pub fn is_known(&self, version: &str) -> bool {
        self.if_none_match.as_ref().is_some_and(|tags| any(tags, version))
    }
}

/// Weak comparison (RFC 9110 section 8.8.3.2).
fn any(tags: &[String], version: &str) -> bool {
    let opaque = |tag: &str| tag.trim_start_matches("W/").to_owned();
    tags.iter().any(|tag| tag == "*" || opaque(tag) == opaque(version))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn resource(value: Value) -> Resource {
        let Value::Object(document) = value else { unreachable!() };
        Resource::new(document)
    }

    #[test]
    fn a_version_follows_every_value_and_no_metadata() {
        let one =
            version(&resource(json!({"id": "1", "members": [{"value": "a"}], "meta": {"location": "x"}})));
        assert_eq!(
            one,
            version(&resource(json!({"id": "1", "members": [{"value": "a"}], "meta": {"location": "y"}})))
        );
        assert_ne!(one, version(&resource(json!({"id": "1", "members": [{"value": "b"}]}))));
        assert_ne!(one, version(&resource(json!({"id": "1", "members": []}))));
        assert!(one.starts_with("W/\"") && one.ends_with('"'));
    }

    #[test]
    fn conditions_compare_weakly() {
        let user = resource(json!({"id": "1"}));
        let tag = version(&user);
        let strong = tag.trim_start_matches("W/").to_owned();
        let with = |tags: &[&str]| Some(tags.iter().map(|&tag| tag.to_owned()).collect::<Vec<_>>());
        let of = |if_match, if_none_match| Precondition { if_match, if_none_match }.check(&user);
        assert!(of(with(&[&tag]), None).is_ok() && of(with(&["\"x\"", &strong]), None).is_ok());
        assert!(of(with(&["*"]), None).is_ok());
        assert_eq!(of(with(&["W/\"0\""]), None).unwrap_err().kind(), Kind::Precondition);
        assert_eq!(of(None, with(&["*"])).unwrap_err().kind(), Kind::Precondition);
        assert!(of(None, with(&["W/\"0\""])).is_ok());
    }
}
