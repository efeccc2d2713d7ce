//! Error bodies: four forms, none of them kept to throughout.

use serde_json::{Value, json};

use super::options::{ForbiddenBody, InvalidAnswer, MissingBody, Options};
use crate::harness::Reply;

/// A request refused.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Refusal {
    /// The key is missing or wrong; or the target has a bad moment.
    Key,
    /// The key's owner may not do that.
    Forbidden,
    /// Nothing of that name and value; with its status.
    Missing(u16, String),
    /// Wrong values.
    Invalid(Vec<Problem>),
    /// The body is not what it should be.
    Malformed,
    /// That status with that text in `message`.
    Told(u16, &'static str),
    /// Too many requests; seconds to wait.
    Limited(u64),
}

pub(super) type Result<T, E = Refusal> = std::result::Result<T, E>;

/// Why a value is wrong.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Problem {
    title: String,
    code: &'static str,
    member: String,
}

impl Problem {
    pub(super) fn missing(member: &str) -> Self {
        Self {
            title: format!("The {member} was not provided."),
            code: "field_missing",
            member: member.into(),
        }
    }

    pub(super) fn invalid(member: &str, title: &str) -> Self {
        Self { title: title.into(), code: "field_invalid", member: member.into() }
    }

    pub(super) fn duplicate(member: &str) -> Self {
        Self { title: format!("The {member} is already in use."), code: "duplicate", member: member.into() }
    }

    pub(super) fn unrelated(member: &str) -> Self {
        Self {
            title: format!("The {member} does not exist."),
            code: "related_missing",
            member: member.into(),
        }
    }

    fn body(&self, odd: bool) -> Value {
        let pointer = format!("/data/attributes/{}", self.member);
        let mut body =
            json!({"title": self.title, "detail": "", "code": self.code, "source": {"pointer": pointer}});
        if odd {
            body["code"] = json!(422);
            body["status"] = json!("422");
            body["error"] = json!(self.code);
        }
        body
    }
}

impl Refusal {
    /// Nothing of that id.
    pub(super) fn missing(status: u16, entity: &str, id: &str) -> Self {
        Self::Missing(status, format!("No Result found for {entity} with id {id}"))
    }

    /// One wrong value.
    pub(super) fn invalid(problem: Problem) -> Self {
        Self::Invalid(vec![problem])
    }

    /// The verb does not go with the path.
    pub(super) fn wrong_verb() -> Self {
        Self::Told(405, "Method not allowed")
    }

    /// The answer in the form that the switches say.
    pub(super) fn reply(&self, options: &Options) -> Reply {
        let reply = match self {
            Self::Key => {
                let text = "You are not authorized to perform this action. Check your API key.";
                forbidden(options.bad_key_status, options.bad_key_body, text)
            }
            Self::Forbidden => {
                let text = "You do not have permission to perform this action.";
                forbidden(403, options.forbidden_body, text)
            }
            Self::Missing(404, _) if options.missing_body == MissingBody::Errors => {
                json(404, &json!({"errors": [{"status": 404, "title": "Not Found"}]}))
            }
            Self::Missing(status, text) => message(*status, text),
            Self::Invalid(problems) => {
                let titles = problems.iter().map(|problem| problem.title.as_str());
                match options.invalid_answer {
                    InvalidAnswer::Objects => {
                        let entries = problems.iter().map(|problem| problem.body(options.odd_error_entries));
                        json(422, &json!({"errors": entries.collect::<Vec<_>>()}))
                    }
                    InvalidAnswer::Strings => json(400, &json!({"errors": titles.collect::<Vec<_>>()})),
                    InvalidAnswer::OneString => {
                        json(422, &json!({"errors": titles.collect::<Vec<_>>().join(" ")}))
                    }
                    InvalidAnswer::Nothing => json(400, &json!({})),
                }
            }
            Self::Malformed => json(400, &json!({})),
            Self::Told(status, text) => message(*status, text),
            Self::Limited(seconds) => {
                let told = if options.retry_after_secs == 0 { *seconds } else { options.retry_after_secs };
                let reply = message(options.limit_status, "Too many requests");
                reply.header_if("retry-after", options.retry_after.then(|| told.to_string()).as_deref())
            }
        };
        match reply.content_type {
            Some(_) if options.errors_as_text_plain => {
                Reply { content_type: Some("text/plain; charset=utf-8".into()), ..reply }
            }
            _ => reply,
        }
    }
}

fn forbidden(status: u16, body: ForbiddenBody, text: &str) -> Reply {
    match body {
        ForbiddenBody::Message => message(status, text),
        ForbiddenBody::Errors => {
            json(status, &json!({"errors": [{"status": status, "title": "Forbidden", "detail": text}]}))
        }
        ForbiddenBody::Empty => Reply::empty(status),
    }
}

fn message(status: u16, text: &str) -> Reply {
    json(status, &json!({"message": text}))
}

fn json(status: u16, body: &Value) -> Reply {
    Reply::json(status, body.to_string())
}
