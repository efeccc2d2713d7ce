//! The error body of SCIM v1: `Errors` is an object, and its description may bear a suffix.

use std::fmt::Display;

use serde_json::json;

use crate::harness::Reply;

/// A request refused: status and description.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) description: String,
}

pub(super) type Result<T, E = Refusal> = std::result::Result<T, E>;

impl Refusal {
    pub(super) fn new(status: u16, description: impl Into<String>) -> Self {
        Self { status, description: description.into() }
    }

    /// A 400.
    pub(super) fn bad(description: impl Into<String>) -> Self {
        Self::new(400, description)
    }

    /// A 400 with the suffix ` (key=value)`.
    pub(super) fn bad_with(description: &str, key: &str, value: impl Display) -> Self {
        Self::bad(format!("{description} ({key}={value})"))
    }

    pub(super) fn format() -> Self {
        Self::bad("invalid_attribute_format")
    }

    pub(super) fn reply(&self) -> Reply {
        let body = json!({"Errors": {"description": self.description, "code": self.status}});
        Reply::json(self.status, body.to_string().replace('/', "\\/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_is_an_object_with_the_status_as_a_number() {
        let reply = Refusal::bad_with("long_username", "user", "a/b").reply();
        assert_eq!(reply.status, 400);
        assert_eq!(&reply.body[..], br#"{"Errors":{"description":"long_username (user=a\/b)","code":400}}"#);
    }
}
