//! The error body (RFC 7644 section 3.12).

use serde::Serialize;

use crate::error::Error;

/// Schema URN of an error body.
pub const ERROR_URN: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// The `scimType` keywords of RFC 7644 table 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ScimType {
    /// The filter cannot be read, or the attribute and comparison are not supported.
    InvalidFilter,
    /// The filter yields more results than the server is willing to return.
    TooMany,
    /// A unique value is in use.
    Uniqueness,
    /// The attribute cannot be changed.
    Mutability,
    /// The body's structure or schema is wrong.
    InvalidSyntax,
    /// The PATCH path is malformed.
    InvalidPath,
    /// The PATCH path yields nothing to operate on.
    NoTarget,
    /// A required value is missing, or a value does not fit.
    InvalidValue,
    /// The cursor is not one of this list (RFC 9865 section 2.1).
    InvalidCursor,
}

/// The JSON body of every error answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    schemas: [&'static str; 1],
    /// The HTTP status as text, as the RFC has it.
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    scim_type: Option<ScimType>,
    detail: String,
}

impl From<&Error> for ErrorBody {
    fn from(error: &Error) -> Self {
        let (status, scim_type) = error.kind().answer();
        Self { schemas: [ERROR_URN], status: status.to_string(), scim_type, detail: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn the_body_has_status_as_text_and_the_keyword_of_the_rfc() {
        let error = Error::new(Kind::Duplicate, "in use").on("User").at("userName");
        assert_eq!(
            serde_json::to_string(&ErrorBody::from(&error)).unwrap(),
            r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"409","scimType":"uniqueness","detail":"User: userName: in use"}"#
        );
    }
}
