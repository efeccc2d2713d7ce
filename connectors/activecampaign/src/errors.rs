//! ActiveCampaign's error answers as tables (<https://developers.activecampaign.com/reference/errors>).
//!
//! Bodies come in several forms, some of them labelled as plain text: `{"message":"…"}`, `{"errors":[{"title","detail",
//! "code","source":{"pointer"}}]}`, `{"errors":["…"]}`, `{"errors":"…"}`, `{}` and nothing.

use connector_core::{
    connector::Deleted,
    error::{Error, Kind, Result, Retry},
    http::Reply,
};
use serde_json::Value;

use crate::mapping::GROUP_ID;

/// A code of a validation error: what it means for the client, and the rule in words.
pub(crate) struct Code {
    pub(crate) token: &'static str,
    pub(crate) kind: Kind,
    pub(crate) rule: &'static str,
}

const fn code(token: &'static str, kind: Kind, rule: &'static str) -> Code {
    Code { token, kind, rule }
}

#[rustfmt::skip]
pub(crate) const CODES: &[Code] = &[
    code("duplicate",       Kind::Duplicate,    "is in use"),
    code("field_missing",   Kind::InvalidValue, "is required"),
    code("field_invalid",   Kind::InvalidValue, "is refused"),
    code("related_missing", Kind::InvalidValue, "names an object that does not exist"),
];

/// The last member of a pointer such as `/data/attributes/email`, and the SCIM attribute it is.
pub(crate) const POINTERS: &[(&str, &str)] = &[
    ("username", "userName"),
    ("email", "emails"),
    ("firstName", "name.givenName"),
    ("lastName", "name.familyName"),
    ("phone", "phoneNumbers"),
    ("password", "password"),
    ("group", GROUP_ID),
    ("title", "displayName"),
    ("descript", "urn:connector-host:scim:activecampaign:2.0:Group:description"),
];

/// How a missing object is told, whatever the status: `No Result found for Group with id 10`.
const NO_RESULT: &str = "No Result found for ";
/// The code of a 403 of which nobody knows yet what it means.
const AMBIGUOUS: &str = "403";

/// What a body says.
#[derive(Debug, Default, PartialEq)]
struct Told {
    /// All texts, joined.
    text: String,
    /// The first code that is a word.
    code: Option<String>,
    /// The attribute of the first pointer.
    pointer: Option<String>,
}

/// The failure a reply stands for, if it is one.
pub(crate) fn failure(reply: &Reply) -> Option<Error> {
    if reply.is_success() {
        return None;
    }
    let by_status = reply.status_failure()?;
    let told = serde_json::from_slice(reply.body()).map(|body| read(&body)).unwrap_or_default();
    let quoted = reply.quote(&told.text);
    if let (403 | 404, Some(missing)) = (reply.status(), told.text.strip_prefix(NO_RESULT)) {
        let entity = missing.split(' ').next().unwrap_or_default();
        let error = Error::new(Kind::NotFound, "the target has no such object");
        return Some(error.vendor_code(format!("{NO_RESULT}{entity}")).vendor_message(&quoted));
    }
    let known = CODES.iter().find(|code| told.code.as_deref() == Some(code.token));
    let error = match (reply.status(), known) {
        (402, _) => Error::new(Kind::Forbidden, "the account's plan does not allow it").vendor_code("402"),
        (403, _) => by_status.retry(Retry::Now).vendor_code(AMBIGUOUS),
        (400 | 409 | 422, Some(code)) => Error::new(code.kind, code.rule).vendor_code(code.token),
        _ => by_status,
    };
    let attribute = told.pointer.and_then(|pointer| {
        let name = pointer.rsplit('/').next().unwrap_or_default().to_owned();
        POINTERS.iter().find(|(known, _)| *known == name).map(|(_, scim)| *scim)
    });
    let error = match attribute {
        Some(attribute) => error.at(attribute),
        None => error,
    };
    Some(error.vendor_message(&quoted))
}

/// Whether it is a 403 that can mean a bad key as well as a missing permission.
pub(crate) fn is_ambiguous(error: &Error) -> bool {
    error.kind() == Kind::Forbidden && error.code() == Some(AMBIGUOUS)
}

/// Whether ActiveCampaign has no group of an id that was named in a write of something else.
pub(crate) fn lacks_group(error: &Error) -> bool {
    error.kind() == Kind::NotFound
        && error.code().and_then(|code| code.strip_prefix(NO_RESULT)) == Some("Group")
}

/// An error text beside the result of a success.
pub(crate) fn text_beside(reply: &Reply) -> Option<String> {
    let body: Value = serde_json::from_slice(reply.body()).ok()?;
    let text = read(&body).text;
    (!text.is_empty()).then(|| reply.quote(&text))
}

/// What a DELETE found: a missing object is no failure of the call.
pub(crate) fn deleted(sent: Result<Reply>) -> Result<Deleted> {
    match sent {
        Ok(_) => Ok(Deleted::Removed),
        Err(error) if error.kind() == Kind::NotFound => Ok(Deleted::Missing),
        Err(error) => Err(error),
    }
}

fn read(body: &Value) -> Told {
    let mut told = Told::default();
    let mut texts: Vec<&str> = body["message"].as_str().into_iter().collect();
    match &body["errors"] {
        Value::Array(entries) => {
            for entry in entries {
                read_entry(entry, &mut texts, &mut told);
            }
        }
        entry => read_entry(entry, &mut texts, &mut told),
    }
    texts.retain(|text| !text.is_empty());
    told.text = texts.join(" ");
    told
}

/// One entry, an object or a text. Some have a number for `code` and the word in `error`.
fn read_entry<'b>(entry: &'b Value, texts: &mut Vec<&'b str>, told: &mut Told) {
    texts.extend(entry.as_str());
    texts.extend(["title", "detail"].iter().filter_map(|name| entry[name].as_str()));
    if told.code.is_none() {
        let word = ["code", "error"].iter().find_map(|name| entry[name].as_str());
        told.code = word.map(str::to_owned);
        told.pointer = entry["source"]["pointer"].as_str().map(str::to_owned);
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use serde_json::json;

    use super::*;

    #[test]
    fn the_error_tables() {
        let mut text = String::new();
        for code in CODES {
            let (status, keyword) = code.kind.answer();
            let keyword = keyword.map(|keyword| format!("{keyword:?}")).unwrap_or_default();
            writeln!(text, "{:<15} {status} {keyword:<12} {}", code.token, code.rule).expect("text grows");
        }
        for (pointer, scim) in POINTERS {
            writeln!(text, "{pointer:<15} {scim}").expect("text grows");
        }
        insta::assert_snapshot!(text);
    }

    #[test]
    fn every_form_of_a_body_is_read() {
        let text = |body: Value| read(&body).text;
        assert_eq!(text(json!({"message": "No"})), "No");
        assert_eq!(text(json!({"errors": ["One.", "Two."]})), "One. Two.");
        assert_eq!(text(json!({"errors": "One string"})), "One string");
        assert_eq!(
            text(json!({"errors": [{"status": 403, "title": "Forbidden", "detail": "Not you"}]})),
            "Forbidden Not you"
        );
        assert_eq!(text(json!({})), "");
        assert_eq!(text(json!([1])), "");
        let odd = json!({"errors": [{"title": "In use", "code": 422, "error": "duplicate",
                                     "source": {"pointer": "/data/attributes/email"}}, {"code": "field_missing"}]});
        let told = read(&odd);
        assert_eq!(told.code.as_deref(), Some("duplicate"));
        assert_eq!(told.pointer.as_deref(), Some("/data/attributes/email"));
    }
}
