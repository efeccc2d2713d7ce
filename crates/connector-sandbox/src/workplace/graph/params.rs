//! Parameters of a write, which may be in the query, in a form or in JSON.

use serde_json::Value;

use super::super::error::{Refusal, Result};
use crate::form::Form;
use crate::harness::Call;

/// All parameters as texts; those of the body come first.
pub(super) fn params(call: &Call) -> Result<Form> {
    let pairs = |form: &Form| -> Vec<_> { form.pairs().map(|(n, v)| (n.to_owned(), v.to_owned())).collect() };
    let is_json = call.content_type.as_deref().is_some_and(|kind| kind.starts_with("application/json"));
    let mut all = if !is_json {
        pairs(&call.form())
    } else if call.body.is_empty() {
        Vec::new()
    } else {
        match serde_json::from_slice(&call.body) {
            Ok(Value::Object(members)) => members
                .into_iter()
                .map(|(name, value)| (name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
                .collect(),
            _ => return Err(Refusal::invalid("The body must be a JSON object.")),
        }
    };
    all.extend(pairs(&call.query()));
    Ok(all.into_iter().collect())
}

/// A boolean in one of the ways it may be written.
pub(super) fn boolean(params: &Form, name: &str) -> Result<Option<bool>> {
    match params.value(name) {
        None => Ok(None),
        Some("true" | "1") => Ok(Some(true)),
        Some("false" | "0") => Ok(Some(false)),
        Some(_) => Err(Refusal::invalid(format!("Param {name} must be a boolean"))),
    }
}

/// One of these words.
pub(super) fn word(params: &Form, name: &str, known: &[&str]) -> Result<Option<String>> {
    match params.value(name) {
        None => Ok(None),
        Some(word) if known.contains(&word) => Ok(Some(word.to_owned())),
        Some(_) => Err(Refusal::invalid(format!("Param {name} must be one of {{{}}}", known.join(", ")))),
    }
}
