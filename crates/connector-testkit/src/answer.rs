//! What a stand-in answers.

use std::time::Duration;

use serde_json::Value;
use wiremock::ResponseTemplate;

/// One answer of a target.
#[derive(Debug, Clone)]
pub struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    mime: String,
    delay: Duration,
}

impl Answer {
    /// An answer without a body.
    pub const fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), mime: String::new(), delay: Duration::ZERO }
    }

    /// An answer with this JSON body; `Null` is no body.
    #[expect(clippy::needless_pass_by_value, reason = "documents are written where they are used")]
    pub fn json(status: u16, body: Value) -> Self {
        let answer = Self::new(status);
        if body.is_null() { answer } else { answer.body(body.to_string(), "application/json") }
    }

    /// The same with this body.
    pub fn body(self, body: impl Into<Vec<u8>>, mime: &str) -> Self {
        Self { body: body.into(), mime: mime.to_owned(), ..self }
    }

    /// The same with one more header.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The same, after this long.
    pub fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// Its body as JSON, if it is any.
    pub(crate) fn document(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The same with another document in its body.
    pub(crate) fn with_document(self, document: &Value) -> Self {
        Self { body: document.to_string().into_bytes(), ..self }
    }

    pub(crate) fn template(&self) -> ResponseTemplate {
        let mut template = ResponseTemplate::new(self.status).set_delay(self.delay);
        for (name, value) in &self.headers {
            template = template.append_header(name.as_str(), value.as_str());
        }
        if self.body.is_empty() { template } else { template.set_body_raw(self.body.clone(), &self.mime) }
    }
}
