//! Error bodies: the `error` object of Graph, which SCIM may use too, and those that SCIM prescribes.

use serde_json::{Value, json};

use super::options::{Options, ScimErrors};
use crate::harness::Reply;

/// Who was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Surface {
    /// SCIM 1.1.
    V1,
    /// SCIM 2.0.
    V2,
    /// Graph.
    Graph,
}

/// A request refused.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) message: String,
    pub(super) code: u32,
    pub(super) subcode: Option<u32>,
    /// What a person should read.
    pub(super) user_text: Option<String>,
    /// Told as Graph does whoever was asked.
    pub(super) graph: bool,
    /// Seconds to wait.
    pub(super) wait: Option<u64>,
}

pub(super) type Result<T, E = Refusal> = std::result::Result<T, E>;

impl Refusal {
    pub(super) fn new(status: u16, code: u32, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            code,
            subcode: None,
            user_text: None,
            graph: false,
            wait: None,
        }
    }

    /// A wrong parameter or value.
    pub(super) fn invalid(message: impl std::fmt::Display) -> Self {
        Self::new(400, 100, format!("(#100) {message}"))
    }

    /// The token is missing, wrong or dead.
    pub(super) fn token(options: &Options, message: &str) -> Self {
        Self { graph: true, ..Self::new(options.bad_token_status, 190, message) }
    }

    /// A permission is missing.
    pub(super) fn permission(options: &Options) -> Self {
        let code = options.permission_code;
        Self::new(options.permission_status, code, format!("(#{code}) Permissions error"))
    }

    /// Nothing there in SCIM.
    pub(super) fn missing(what: &str) -> Self {
        Self::new(404, 100, format!("{what} not found"))
    }

    /// The path exists, the verb does not.
    pub(super) fn wrong_verb() -> Self {
        Self::new(405, 100, "(#100) Unsupported method")
    }

    /// The answer.
    pub(super) fn reply(&self, surface: Surface, options: &Options, trace: &str) -> Reply {
        let graph = self.graph || surface == Surface::Graph || options.scim_errors == ScimErrors::Graph;
        let body = match surface {
            _ if graph => self.graph_body(trace),
            Surface::V1 => {
                json!({"Errors": [{"description": self.message, "code": self.status.to_string()}]})
            }
            _ => json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
                "status": self.status.to_string(),
                "detail": self.message,
            }),
        };
        let wait = self.wait.filter(|_| options.retry_after).map(|seconds| seconds.to_string());
        Reply::json(self.status, body.to_string()).header_if("retry-after", wait.as_deref())
    }

    /// The `error` object.
    pub(super) fn graph_body(&self, trace: &str) -> Value {
        let kind = match self.code {
            4 | 10 | 17 | 32 | 190 | 200..=299 | 613 => "OAuthException",
            100 => "GraphMethodException",
            _ => "FacebookApiException",
        };
        let mut error = json!({"message": self.message, "type": kind, "code": self.code});
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = json!(subcode);
        }
        if let Some(text) = &self.user_text {
            error["error_user_title"] = json!("This cannot be done");
            error["error_user_msg"] = json!(text);
        }
        error["fbtrace_id"] = json!(trace);
        json!({"error": error})
    }
}
