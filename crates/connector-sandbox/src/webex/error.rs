//! The error body: `message`, mostly `errors`, mostly `trackingId`.

use serde_json::{Value, json};

use super::options::{Options, RetryAfter};
use crate::harness::Reply;

const BAD_REQUEST: &str =
    "The request could not be understood by the server due to malformed syntax. See 'errors' for details.";
const NO_TOKEN: &str = "The request requires a valid access token set in the Authorization request header.";
const FORBIDDEN: &str = "The server understood the request, but refused to fulfill it because the access token is \
    missing required scopes or the user is missing required roles or licenses.";
const NOT_FOUND: &str = "The requested resource could not be found.";

/// A request refused.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) message: String,
    /// Why, with the code if there is one. Some refusals have none.
    pub(super) errors: Vec<(String, Option<u32>)>,
    /// Seconds to wait, for 423 and 429.
    pub(super) wait: Option<u64>,
}

pub(super) type Result<T, E = Refusal> = std::result::Result<T, E>;

impl Refusal {
    /// That status with that message and nothing else.
    pub(super) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), errors: Vec::new(), wait: None }
    }

    /// The same with a reason in `errors`.
    pub(super) fn because(mut self, reason: impl Into<String>) -> Self {
        self.errors.push((reason.into(), None));
        self
    }

    /// A 400 with its reason.
    pub(super) fn bad(reason: impl Into<String>) -> Self {
        Self::new(400, BAD_REQUEST).because(reason)
    }

    /// A 400 with its reason and a code.
    pub(super) fn coded(code: u32, reason: impl Into<String>) -> Self {
        Self { errors: vec![(reason.into(), Some(code))], ..Self::new(400, BAD_REQUEST) }
    }

    /// The token is missing, wrong or expired.
    pub(super) fn unauthorized() -> Self {
        Self::new(401, NO_TOKEN).because(NO_TOKEN)
    }

    /// Scope, role or licence is missing; the reason is told only where the switch says so.
    pub(super) fn forbidden(options: &Options, reason: impl Into<String>) -> Self {
        let refusal = Self::new(403, FORBIDDEN);
        if options.forbidden_reason { refusal.because(reason) } else { refusal }
    }

    /// Nothing of that id or address.
    pub(super) fn missing(what: &str) -> Self {
        Self::new(404, NOT_FOUND).because(format!("{what} not found"))
    }

    /// The same without codes.
    pub(super) fn without_codes(mut self) -> Self {
        self.errors.iter_mut().for_each(|(_, code)| *code = None);
        self
    }

    /// The path exists, the verb does not.
    pub(super) fn wrong_verb() -> Self {
        Self::new(405, "The request method is not supported for the requested resource.")
    }

    /// The body.
    pub(super) fn body(&self, tracking_id: Option<&str>) -> Value {
        let mut body = json!({"message": self.message});
        if !self.errors.is_empty() {
            let error = |(reason, code): &(String, Option<u32>)| match code {
                Some(code) => json!({"description": reason, "errorCode": code}),
                None => json!({"description": reason}),
            };
            body["errors"] = self.errors.iter().map(error).collect();
        }
        if let Some(tracking_id) = tracking_id {
            body["trackingId"] = json!(tracking_id);
        }
        body
    }

    /// The answer, with the tracking id the request has.
    pub(super) fn reply(&self, options: &Options, tracking_id: &str) -> Reply {
        let told = options.tracking_id_in_body.then_some(tracking_id);
        let reply = Reply::json(self.status, self.body(told).to_string());
        let wait = self.wait.map(|seconds| seconds.to_string());
        match options.retry_after {
            RetryAfter::Good => reply.header_if("retry-after", wait.as_deref()),
            RetryAfter::Malformed => reply.header_if("retry-after", wait.map(|_| "rand(30),add(30)")),
            RetryAfter::Zero => reply.header_if("retry-after", wait.map(|_| "0")),
            RetryAfter::Absent => reply,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_has_message_errors_and_tracking_id() {
        let body = Refusal::coded(400_112, "why").body(Some("ROUTERGW_1"));
        let errors = json!([{"description": "why", "errorCode": 400_112}]);
        assert_eq!(body, json!({"message": BAD_REQUEST, "errors": errors, "trackingId": "ROUTERGW_1"}));
        assert_eq!(Refusal::new(403, "no").body(None), json!({"message": "no"}));
    }
}
