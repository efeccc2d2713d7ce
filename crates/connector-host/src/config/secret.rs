//! Secrets of the configuration: a literal, `{ env = "NAME" }` or `{ file = "PATH" }`.

use std::{collections::BTreeMap, ffi::OsString, fs};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use connector_core::secret::Secret;
use figment::value::{Dict, Value};
use zeroize::Zeroize;

use super::parse::name_of;

/// A key of 32 bytes, wiped when dropped and never printed.
#[derive(Clone)]
pub struct Key32([u8; 32]);

impl Key32 {
    /// A fresh random key.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Reads standard base64 of exactly 32 bytes.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = BASE64_STANDARD.decode(text).ok()?;
        let key = bytes.as_slice().try_into().ok().map(Self);
        bytes.zeroize();
        key
    }

    /// As [`Key32::parse`] reads it.
    pub fn to_base64(&self) -> Secret {
        Secret::new(BASE64_STANDARD.encode(self.0))
    }

    /// The bytes, for the cipher.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Drop for Key32 {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for Key32 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

const FORMS: &str = "write the text in quotes, { env = \"NAME\" } or { file = \"PATH\" }";

/// Resolves a secret; the error says what is wrong without its value.
pub(super) fn resolve(value: &Value, environment: &BTreeMap<OsString, OsString>) -> Result<Secret, String> {
    let text = match value {
        Value::String(_, text) => text.clone(),
        Value::Dict(_, table) => pointed_to(table, environment)?,
        _ => return Err(format!("must be a secret; {FORMS}")),
    };
    if text.is_empty() {
        return Err(format!("is empty; {FORMS}"));
    }
    Ok(Secret::new(text))
}

/// Resolves a list of secrets.
pub(super) fn resolve_all(
    value: &Value,
    environment: &BTreeMap<OsString, OsString>,
) -> Result<Vec<Secret>, String> {
    let Value::Array(_, items) = value else {
        return Err(format!("must be a list of secrets, not {}", name_of(value)));
    };
    let resolve = |(index, item)| {
        resolve(item, environment).map_err(|what| format!("has an entry (number {}) that {what}", index + 1))
    };
    items.iter().enumerate().map(resolve).collect()
}

fn pointed_to(table: &Dict, environment: &BTreeMap<OsString, OsString>) -> Result<String, String> {
    let mut entries = table.iter();
    let (Some((form, Value::String(_, name))), None) = (entries.next(), entries.next()) else {
        return Err(format!("must have exactly one of `env` and `file`, as text; {FORMS}"));
    };
    match form.as_str() {
        "env" => match environment.get(&OsString::from(name)) {
            Some(value) => value
                .to_str()
                .filter(|value| !value.is_empty())
                .map(str::to_owned)
                .ok_or_else(|| format!("the environment variable {name} is empty or not UTF-8 text")),
            None => {
                Err(format!("the environment variable {name} is not set; set it where the host is started"))
            }
        },
        "file" => {
            let mut text = fs::read_to_string(name)
                .map_err(|error| format!("the file {name} cannot be read: {error}"))?;
            if text.ends_with('\n') {
                text.pop();
                if text.ends_with('\r') {
                    text.pop();
                }
            }
            if text.is_empty() { Err(format!("the file {name} is empty")) } else { Ok(text) }
        }
        _ => Err(format!("must have exactly one of `env` and `file`, as text; {FORMS}")),
    }
}
