//! What a stand-in was asked, for tests to look at. Credentials never get in.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::Value;

use crate::form::Form;

/// Older entries are dropped beyond this many, so that a long load run does not fill the memory.
const KEPT: usize = 10_000;

/// One request as it was received and answered.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RecordedRequest {
    /// The verb, in capitals.
    pub method: String,
    /// The path as sent, percent-escapes included.
    pub path: String,
    /// The query as sent, without the question mark; empty when there was none. Tokens and proofs in it are masked.
    pub query: String,
    /// The JSON body, or a form as an object; null when there was none or when it was neither. Passwords, codes and tokens
    /// in it are masked.
    pub body: Value,
    /// The status answered; 0 when the connection was cut instead.
    pub status: u16,
    /// Whether an `Authorization` or `Api-Token` header was sent. Its value is not kept.
    pub authorization: bool,
    /// The `X-Request-Id` or `TrackingID` header, if one was sent.
    pub request_id: Option<String>,
}

/// The newest requests, oldest first.
#[derive(Default)]
pub(crate) struct Log(VecDeque<RecordedRequest>);

impl Log {
    pub(crate) fn add(&mut self, request: RecordedRequest) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(request);
    }

    pub(crate) fn all(&self) -> Vec<RecordedRequest> {
        self.0.iter().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

/// Members of a body that nobody may read in a log.
const SECRETS: [&str; 8] = [
    "password",
    "client_secret",
    "code",
    "code_verifier",
    "refresh_token",
    "token",
    "access_token",
    "appsecret_proof",
];

/// Parameters of a query that nobody may read in a log.
const SECRET_PARAMETERS: [&str; 2] = ["access_token", "appsecret_proof"];

/// A query with its secrets masked.
pub(crate) fn loggable_query(query: &str) -> String {
    let masked = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if SECRET_PARAMETERS.contains(&name) => format!("{name}=(masked)"),
        _ => pair.to_owned(),
    });
    masked.collect::<Vec<_>>().join("&")
}

/// The JSON form of a body with its secrets masked, or null.
pub(crate) fn loggable(content_type: Option<&str>, body: &[u8]) -> Value {
    let is_form = content_type.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let mut value: Value = if is_form {
        let form = Form::parse(&String::from_utf8_lossy(body));
        form.pairs().map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
    } else {
        serde_json::from_slice(body).unwrap_or(Value::Null)
    };
    mask(&mut value);
    value
}

/// Masks what is secret, however deep it lies. The depth is bounded by the parser.
fn mask(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if SECRETS.contains(&name.as_str()) {
                    *member = Value::from("(masked)");
                } else {
                    mask(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_and_forms_are_logged_without_their_secrets() {
        let form = loggable(
            Some("application/x-www-form-urlencoded"),
            b"grant_type=refresh_token&refresh_token=xoxe-1",
        );
        assert_eq!(form, json!({ "grant_type": "refresh_token", "refresh_token": "(masked)" }));
        let body = loggable(Some("application/json"), br#"{"userName":"ada","password":"x"}"#);
        assert_eq!(body, json!({ "userName": "ada", "password": "(masked)" }));
        assert_eq!(loggable(None, b"<html>"), Value::Null);
        assert_eq!(loggable(None, b""), Value::Null);
    }

    #[test]
    fn queries_are_logged_without_tokens_and_proofs() {
        let query = "fields=id&access_token=abc&limit=5&appsecret_proof=def";
        assert_eq!(loggable_query(query), "fields=id&access_token=(masked)&limit=5&appsecret_proof=(masked)");
        assert_eq!(loggable_query(""), "");
    }

    #[test]
    fn secrets_are_masked_however_deep_they_lie() {
        let body = br#"{"user":{"password":"b","name":"c"},"list":[{"token":1}]}"#;
        let masked = json!({"user": {"password": "(masked)", "name": "c"}, "list": [{"token": "(masked)"}]});
        assert_eq!(loggable(None, body), masked);
    }
}
