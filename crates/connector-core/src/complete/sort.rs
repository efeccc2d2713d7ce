//! Sorting (RFC 7644 section 3.4.2.3).

use std::cmp::Ordering;

use serde_json::Value;

use crate::{
    error::{Error, Kind, Result},
    scim::{Path, Resource, ResourceType, Type, parse_instant},
};

/// By what, and which way.
#[derive(Debug, Clone, PartialEq)]
pub struct Sort {
    path: Path,
    case_exact: bool,
    is_instant: bool,
    descending: bool,
}

impl Sort {
    /// Reads `sortBy` and `sortOrder`. A name nobody knows or that the target lacks, and a complex attribute, are errors.
    pub fn read(by: &str, order: Option<&str>, rtype: &ResourceType) -> Result<Self> {
        let invalid = |rule: &str| Error::new(Kind::InvalidPath, rule).at(format!("sortBy {by}"));
        let mut path = Path::parse(by, rtype)?.ok_or_else(|| invalid("the target has no such attribute"))?;
        if rtype.lacks_meta(&path.name, path.sub.as_deref()) {
            return Err(invalid("the target has no such attribute"));
        }
        let attribute = rtype.attribute(path.urn(), &path.name);
        let attribute = attribute.ok_or_else(|| invalid("names no attribute that can be sorted by"))?;
        if path.sub.is_none() && attribute.sub("value").is_some() {
            path.sub = Some("value".into());
        }
        let leaf = match &path.sub {
            Some(sub) => attribute.sub(sub).ok_or_else(|| invalid("no such sub-attribute"))?,
            None => attribute,
        };
        if leaf.kind == Type::Complex {
            return Err(invalid("is complex: sort by one of its sub-attributes"));
        }
        let descending = match order.map(str::to_ascii_lowercase).as_deref() {
            None | Some("" | "ascending") => false,
            Some("descending") => true,
            Some(_) => {
                let rule = "must be `ascending` or `descending`";
                return Err(Error::new(Kind::InvalidValue, rule).at("sortOrder"));
            }
        };
        Ok(Self { case_exact: leaf.case_exact, is_instant: leaf.kind == Type::DateTime, path, descending })
    }

    /// Whether it is by this attribute or a part of it.
    pub(super) fn is_by(&self, urn: Option<&str>, attribute: &str) -> bool {
        self.path.urn() == urn && self.path.name == attribute
    }

    /// The same sort has the same text.
    pub(super) fn text(&self) -> String {
        format!("{} {}", self.path, self.descending)
    }

    /// What a resource is sorted by.
    pub(super) fn key(&self, resource: &Resource) -> SortKey {
        let value = resource.attribute(self.path.urn(), &self.path.name);
        let element = match value {
            // A multi-valued attribute is sorted by its primary value, else by its first.
            Some(Value::Array(elements)) => {
                elements.iter().find(|element| element["primary"] == true).or_else(|| elements.first())
            }
            single => single,
        };
        let leaf = match (&self.path.sub, element) {
            (Some(sub), Some(Value::Object(object))) => object.get(sub),
            (_, leaf) => leaf,
        };
        match leaf {
            Some(Value::Bool(flag)) => SortKey::Flag(*flag),
            Some(Value::Number(number)) => SortKey::Number(number.as_f64().unwrap_or(f64::MAX)),
            Some(Value::String(text)) if self.is_instant => match parse_instant(text) {
                Some(instant) => SortKey::Instant(instant.as_nanosecond()),
                None => SortKey::Text(text.clone()),
            },
            Some(Value::String(text)) if self.case_exact => SortKey::Text(text.clone()),
            Some(Value::String(text)) => SortKey::Text(text.to_lowercase()),
            _ => SortKey::Nothing,
        }
    }

    /// The order of two keys: no value comes last when ascending, first when descending.
    pub(super) fn compare(&self, a: &SortKey, b: &SortKey) -> Ordering {
        let order = a.compare(b);
        if self.descending { order.reverse() } else { order }
    }
}

/// A value to sort by.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum SortKey {
    Flag(bool),
    Number(f64),
    Instant(i128),
    Text(String),
    Nothing,
}

impl SortKey {
    const fn rank(&self) -> u8 {
        match self {
            Self::Flag(_) => 0,
            Self::Number(_) => 1,
            Self::Instant(_) => 2,
            Self::Text(_) => 3,
            Self::Nothing => 4,
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Flag(a), Self::Flag(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Instant(a), Self::Instant(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scim::user;

    fn rtype() -> ResourceType {
        ResourceType {
            name: "User".into(),
            endpoint: "/Users".into(),
            description: "".into(),
            schema: user(),
            extensions: Vec::new(),
            unmapped_meta: Vec::new(),
        }
    }

    fn sorted(by: &str, order: &str) -> Vec<String> {
        let sort = Sort::read(by, Some(order), &rtype()).unwrap();
        let users = [
            json!({"id": "1", "userName": "bea", "emails": [{"value": "z@x"}, {"value": "a@x", "primary": true}]}),
            json!({"id": "2", "userName": "Ada", "emails": [{"value": "b@x"}]}),
            json!({"id": "3"}),
        ];
        let mut keys: Vec<(SortKey, String)> = users
            .into_iter()
            .map(|user| {
                let Value::Object(document) = user else { unreachable!() };
                let user = Resource::new(document);
                (sort.key(&user), user.id().unwrap().to_owned())
            })
            .collect();
        keys.sort_by(|(a, _), (b, _)| sort.compare(a, b));
        keys.into_iter().map(|(_, id)| id).collect()
    }

    #[test]
    fn letter_case_follows_the_attribute_and_no_value_is_last_when_ascending() {
        assert_eq!(sorted("userName", "ascending"), ["2", "1", "3"]);
        assert_eq!(sorted("USERNAME", "Descending"), ["3", "1", "2"]);
        assert_eq!(sorted("emails", "ascending"), ["1", "2", "3"], "the primary value counts");
    }

    #[test]
    fn what_cannot_be_sorted_by_is_said() {
        let error = |by: &str, order| Sort::read(by, order, &rtype()).unwrap_err().kind();
        assert_eq!(error("nobody", None), Kind::InvalidPath);
        assert_eq!(error("name", None), Kind::InvalidPath);
        assert_eq!(error("userName", Some("up")), Kind::InvalidValue);
    }
}
