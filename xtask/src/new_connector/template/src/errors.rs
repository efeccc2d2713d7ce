//! Newtarget's error answers as a table.

use connector_core::{
    connector::Deleted,
    error::{Error, Kind, Result},
    http::Reply,
};
use serde_json::Value;

/// A code of the target: what it means for the client, and the rule in words.
pub(crate) struct Code {
    pub(crate) code: &'static str,
    pub(crate) kind: Kind,
    pub(crate) rule: &'static str,
}

/// The target's own codes. What is not listed is told by its status.
#[rustfmt::skip]
pub(crate) const CODES: &[Code] = &[];

/// The failure a reply stands for, if it is one.
pub(crate) fn failure(reply: &Reply) -> Option<Error> {
    let by_status = reply.status_failure()?;
    let body: Value = serde_json::from_slice(reply.body()).unwrap_or_default();
    let (code, message) = (text(&body["code"]), text(&body["message"]));
    let error = match CODES.iter().find(|known| known.code == code) {
        Some(known) => Error::new(known.kind, known.rule).vendor_code(known.code),
        None => by_status,
    };
    Some(error.vendor_message(&reply.quote(&message)))
}

/// What a DELETE found: a missing object is no failure of the call.
pub(crate) fn deleted(sent: Result<Reply>) -> Result<Deleted> {
    match sent {
        Ok(_) => Ok(Deleted::Removed),
        Err(error) if error.kind() == Kind::NotFound => Ok(Deleted::Missing),
        Err(error) => Err(error),
    }
}

/// A code or message, which may come as a number.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn the_error_table() {
        assert!(
            !CODES.is_empty(),
            "left to do in connectors/newtarget/src/errors.rs: FILL IN the target's codes for a used name, a bad value and \
             what is forbidden, with the kind of each, and where they stand in its answers"
        );
        let mut text = String::new();
        for code in CODES {
            let (status, keyword) = code.kind.answer();
            let keyword = keyword.map(|keyword| format!("{keyword:?}")).unwrap_or_default();
            writeln!(text, "{:<12} {status} {keyword:<12} {}", code.code, code.rule).expect("text grows");
        }
        insta::assert_snapshot!(text);
    }
}
