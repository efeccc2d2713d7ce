//! PagerDuty's error answers as a table (<https://developer.pagerduty.com/docs/rest-api-v2/errors/>):
//! `{"error":{"message":"…","code":2001,"errors":["…"]}}`.

use connector_core::{
    connector::Deleted,
    error::{Error, Kind, Result},
    http::Reply,
};
use serde_json::Value;

/// Words of a detail: what they mean for the client, and the rule.
pub(crate) struct Words {
    pub(crate) words: &'static str,
    pub(crate) kind: Kind,
    pub(crate) rule: &'static str,
}

const fn words(words: &'static str, kind: Kind, rule: &'static str) -> Words {
    Words { words, kind, rule }
}

/// All invalid input has the code 2001: its details alone tell a used name from a bad value.
#[rustfmt::skip]
pub(crate) const DETAILS: &[Words] = &[
    words("has already been taken", Kind::Duplicate,    "is in use"),
    words("must be resolved",       Kind::Conflict,     "has open incidents, which must be resolved before"),
];

/// The failure a reply stands for, if it is one.
pub(crate) fn failure(reply: &Reply) -> Option<Error> {
    let by_status = reply.status_failure()?;
    let body: Value = serde_json::from_slice(reply.body()).unwrap_or_default();
    let told = &body["error"];
    let mut texts: Vec<&str> = told["message"].as_str().into_iter().collect();
    texts.extend(told["errors"].as_array().into_iter().flatten().filter_map(Value::as_str));
    let text = texts.join(". ");
    let known = DETAILS.iter().find(|detail| text.contains(detail.words));
    let error = match (reply.status(), known) {
        (400, Some(detail)) => Error::new(detail.kind, detail.rule),
        (402, _) => Error::new(Kind::Forbidden, "the account's plan does not allow it"),
        _ => by_status,
    };
    let error = match told["code"].as_u64() {
        Some(code) => error.vendor_code(code.to_string()),
        None => error,
    };
    Some(error.vendor_message(&reply.quote(&text)))
}

/// What a DELETE found: a missing object is no failure of the call.
pub(crate) fn deleted(sent: Result<Reply>) -> Result<Deleted> {
    match sent {
        Ok(_) => Ok(Deleted::Removed),
        Err(error) if error.kind() == Kind::NotFound => Ok(Deleted::Missing),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn the_error_table() {
        let mut text = String::new();
        for detail in DETAILS {
            let (status, keyword) = detail.kind.answer();
            let keyword = keyword.map(|keyword| format!("{keyword:?}")).unwrap_or_default();
            writeln!(text, "{:<24} {status} {keyword:<12} {}", detail.words, detail.rule)
                .expect("text grows");
        }
        insta::assert_snapshot!(text);
    }
}
