//! Workplace's error answers as a table (<https://developers.facebook.com/docs/graph-api/using-graph-api/error-handling/>).
//!
//! Graph answers `{"error":{"message","type","code","error_subcode","error_user_msg"}}`, and SCIM may do so, too; else it
//! answers `{"Errors":[{"description","code"}]}` in its first edition and `{"status","detail"}` in its second. The code decides
//! where it is known, save for 100, which is said of everything: there the status does.

use connector_core::{
    connector::Deleted,
    error::{Error, Kind, Result, Retry},
    http::Reply,
};
use serde_json::Value;

use crate::usage;

/// A code: what it means for the client, and the rule in words.
pub(crate) struct Code {
    pub(crate) number: u64,
    pub(crate) kind: Kind,
    pub(crate) rule: &'static str,
}

const fn code(number: u64, kind: Kind, rule: &'static str) -> Code {
    Code { number, kind, rule }
}

#[rustfmt::skip]
pub(crate) const CODES: &[Code] = &[
    code(1,   Kind::Unavailable,      "Workplace failed for a moment"),
    code(2,   Kind::Unavailable,      "Workplace failed for a moment"),
    code(3,   Kind::Forbidden,        "the integration lacks the capability, or Workplace, which closed on 1 June 2026, is gone"),
    code(4,   Kind::RateLimited,      "the integration's rate limit is used up"),
    code(10,  Kind::Forbidden,        "the integration lacks a permission, or Workplace is read-only"),
    code(17,  Kind::RateLimited,      "the account's rate limit is used up"),
    code(32,  Kind::RateLimited,      "the rate limit is used up"),
    code(102, Kind::TargetCredential, "Workplace refuses the access token"),
    code(190, Kind::TargetCredential, "Workplace refuses the access token"),
    code(341, Kind::RateLimited,      "the integration's rate limit is used up"),
    code(368, Kind::Unavailable,      "Workplace blocks the integration for a while"),
    code(613, Kind::RateLimited,      "the rate limit is used up"),
];

/// Codes from 200 to 299.
const PERMISSION: Code = code(200, Kind::Forbidden, "the integration lacks a permission");
/// The sub-code, beside the code 100, for an object that is not there, or that the integration may not see.
const NO_OBJECT: u64 = 33;
/// The code of an error of which only the status is known.
pub(crate) const CLAIMED: &str = "412";

/// The code of an address that is none of the API's.
const NO_PAGE: &str = "404";

/// The code, the sub-code or a part of the text of an address in a domain that is not verified.
const UNVERIFIED: &str = "1789003";

/// What a text tells where no code does: a part of it in lower case, the attribute, and the rule.
#[rustfmt::skip]
pub(crate) const TEXTS: &[(&str, &str, &str)] = &[
    (UNVERIFIED,       "userName", "is in a domain that is not verified for this community: verify it in Workplace's Admin Panel"),
    ("missing email", "userName", "must be an e-mail address: this community has no accounts without one"),
];

/// What a body says.
#[derive(Debug, Default, PartialEq)]
struct Told {
    text: String,
    code: Option<u64>,
    subcode: Option<u64>,
}

/// The failure a reply stands for, if it is one.
pub(crate) fn failure(reply: &Reply) -> Option<Error> {
    if reply.is_success() {
        return None;
    }
    let by_status = reply.status_failure()?;
    let Ok(body) = serde_json::from_slice::<Value>(reply.body()) else {
        return Some(without_json(reply, by_status));
    };
    let told = read(&body);
    let known = told.code.and_then(of_code);
    let error = match (reply.status(), known) {
        _ if told.text.contains("appsecret_proof") => {
            Error::new(Kind::TargetCredential, "Workplace refuses the call's proof of the app secret")
                .remedy("set app_secret to the integration's app secret")
        }
        (_, Some(code)) if code.kind == Kind::RateLimited => {
            Error::new(code.kind, code.rule).retry(Retry::After(usage::wait(reply)))
        }
        (_, Some(code)) if code.number == PERMISSION.number || code.number == 10 => {
            Error::new(code.kind, code.rule).remedy("`check --online` names what is missing")
        }
        (_, Some(code)) => Error::new(code.kind, code.rule),
        (429, _) => {
            Error::new(Kind::RateLimited, "the rate limit is used up").retry(Retry::After(usage::wait(reply)))
        }
        (412, _) => Error::new(Kind::Conflict, "the account was claimed and cannot be deleted"),
        (410, _) => {
            Error::new(Kind::Forbidden, "the target is gone: Workplace from Meta closed on 1 June 2026")
        }
        (405 | 501, _) => no_such_call(),
        (400, None) if told.subcode == Some(NO_OBJECT) => {
            Error::new(Kind::NotFound, "the target has no such object")
        }
        _ => by_status,
    };
    let lower = told.text.to_lowercase();
    let numbers = [told.code, told.subcode].map(|number| number.map(|number| number.to_string()));
    let numbered = |part: &str| numbers.iter().flatten().any(|number| number == part);
    let told_by_text = TEXTS.iter().find(|(part, ..)| lower.contains(part) || numbered(part));
    let error = match told_by_text {
        // A code is no accident, whatever the status.
        Some((part, attribute, rule)) if error.kind() == Kind::InvalidValue || numbered(part) => {
            Error::new(Kind::InvalidValue, *rule).at(*attribute)
        }
        _ => error,
    };
    let code = match (reply.status(), told.code, told.subcode) {
        (412, ..) => CLAIMED.to_owned(),
        (_, Some(code), Some(subcode)) => format!("{code}/{subcode}"),
        (_, Some(code), None) => code.to_string(),
        (status, ..) => status.to_string(),
    };
    Some(error.vendor_code(code).vendor_message(&reply.quote(&told.text)))
}

/// A refusal without JSON. One in HTML is not about the object: some other server, or an address that is not there.
fn without_json(reply: &Reply, by_status: Error) -> Error {
    let is_page = reply.body().trim_ascii().starts_with(b"<");
    match (reply.status(), by_status.kind()) {
        (410, _) => {
            Error::new(Kind::Forbidden, "the target is gone: Workplace from Meta closed on 1 June 2026")
        }
        (412, _) => {
            Error::new(Kind::Conflict, "the account was claimed and cannot be deleted").vendor_code(CLAIMED)
        }
        (405 | 501, _) => no_such_call(),
        (_, Kind::RateLimited) => by_status.retry(Retry::After(usage::wait(reply))),
        (_, Kind::NotFound) if is_page => Error::new(
            Kind::OddAnswer,
            "the address is none of Workplace's API: check target_url and graph_url",
        )
        .vendor_code(NO_PAGE),
        _ => by_status,
    }
}

fn no_such_call() -> Error {
    Error::new(Kind::Unsupported, "the target has no such call")
}

/// Whether a call that follows another one at the same address was refused for what it asks, as opposed to a failure that
/// passes: 400, 404, 405 or 501.
pub(crate) fn is_refusal(error: &Error) -> bool {
    match error.kind() {
        Kind::InvalidValue | Kind::NotFound | Kind::Unsupported => true,
        Kind::OddAnswer => error.code() == Some(NO_PAGE),
        _ => false,
    }
}

fn of_code(number: u64) -> Option<&'static Code> {
    match number {
        200..=299 => Some(&PERMISSION),
        number => CODES.iter().find(|code| code.number == number),
    }
}

/// Whether it says that a group's or person's field is not there.
pub(crate) fn lacks_field(error: &Error) -> bool {
    error.kind() == Kind::InvalidValue
        && error.code() == Some("100")
        && error.to_string().contains("nonexisting field")
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
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if let Some(error) = body.get("error").filter(|error| error.is_object()) {
        // The text for people says more, where there is one.
        let texts = ["message", "error_user_msg"].map(|name| text(&error[name]));
        let joined = texts.iter().filter(|text| !text.is_empty()).cloned().collect::<Vec<_>>().join(" ");
        return Told { text: joined, code: number(&error["code"]), subcode: number(&error["error_subcode"]) };
    }
    let first = match &body["Errors"] {
        Value::Array(errors) => errors.first().unwrap_or(&Value::Null),
        other => other,
    };
    let texts = [&body["detail"], &first["description"], &body["error"]].map(text);
    let text = texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    // What SCIM 1.1 calls a code is the status again, unless it cannot be one.
    let code = number(&first["code"]).filter(|code| !(400..=599).contains(code));
    // Texts of Graph begin with their code, also where SCIM leaves no other place for it.
    let code = code.or_else(|| text.strip_prefix("(#").and_then(|rest| rest.split_once(')')?.0.parse().ok()));
    Told { text, code, subcode: None }
}

/// A number, which may come as text.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use serde_json::json;

    use super::*;

    #[test]
    fn the_error_tables() {
        let mut text = String::new();
        for code in CODES.iter().chain([&PERMISSION]) {
            let (status, keyword) = code.kind.answer();
            let keyword = keyword.map(|keyword| format!("{keyword:?}")).unwrap_or_default();
            writeln!(text, "{:<15} {status} {keyword:<12} {}", code.number, code.rule).expect("text grows");
        }
        for (part, attribute, rule) in TEXTS {
            writeln!(text, "{part:<15} {attribute}: {rule}").expect("text grows");
        }
        insta::assert_snapshot!(text);
    }

    #[test]
    fn every_form_of_a_body_is_read() {
        let told = |body: Value| {
            let Told { text, code, subcode } = read(&body);
            (text, code, subcode)
        };
        let graph =
            json!({"error": {"message": "No", "code": 100, "error_subcode": 33, "error_user_msg": "Really"}});
        assert_eq!(told(graph), ("No Really".into(), Some(100), Some(33)));
        let first = json!({"Errors": [{"description": "Gone", "code": "404"}]});
        assert_eq!(told(first), ("Gone".into(), None, None));
        assert_eq!(told(json!({"Errors": {"description": "Gone"}})), ("Gone".into(), None, None));
        let second = json!({"schemas": [], "status": "404", "detail": "Gone"});
        assert_eq!(told(second), ("Gone".into(), None, None));
        assert_eq!(told(json!({"detail": "(#3) Gone"})), ("(#3) Gone".into(), Some(3), None));
        assert_eq!(told(json!({"error": "invalid_request"})), ("invalid_request".into(), None, None));
        for nothing in [json!({}), json!([1]), json!(null), json!({"Errors": []})] {
            assert_eq!(read(&nothing), Told::default(), "{nothing}");
        }
    }
}
