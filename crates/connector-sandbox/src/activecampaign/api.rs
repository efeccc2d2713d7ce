//! The API below `/api/3`: key, rate limit, route, answer.

use serde_json::{Map, Value, json};

use super::account::{ADMIN_GROUP, PRIMARY_ADMIN};
use super::error::{Refusal, Result};
use super::options::{Deleters, Options, Permission, RateHeaders, SuccessText};
use super::state::State;
use super::{fields, group_write, groups, memberships, user_write, users};
use crate::form::Form;
use crate::harness::{Call, Reply};

/// A call by the owner of a good key.
pub(super) struct Ask<'a> {
    call: &'a Call,
    pub(super) caller: u64,
    pub(super) query: Form,
    pub(super) now_ms: i64,
}

impl Ask<'_> {
    /// What stands in the envelope of a write: `{"user":{…}}`.
    pub(super) fn body(&self, envelope: &str) -> Result<Map<String, Value>> {
        match serde_json::from_slice(&self.call.body) {
            Ok(Value::Object(mut body)) => match body.remove(envelope) {
                Some(Value::Object(body)) => Ok(body),
                _ => Err(Refusal::Malformed),
            },
            _ => Err(Refusal::Malformed),
        }
    }

    /// Whether the key's owner may do what that flag is about.
    pub(super) fn may(&self, state: &State, flag: &str) -> Result<()> {
        let allowed = match state.options.permission {
            Permission::Flags => state.account.has_flag(self.caller, flag),
            Permission::AdminGroup => state.account.is_in(self.caller, ADMIN_GROUP),
        };
        if allowed { Ok(()) } else { Err(Refusal::Forbidden) }
    }

    /// Whether the key's owner may read users or groups.
    fn may_read(&self, state: &State, flag: &str) -> Result<()> {
        if state.options.reads_need_permission { self.may(state, flag) } else { Ok(()) }
    }

    /// Whether the key's owner may delete users.
    pub(super) fn may_delete_users(&self, state: &State) -> Result<()> {
        self.may(state, "pg_user_delete")?;
        match state.options.deleters {
            Deleters::PrimaryAdmin if self.caller != PRIMARY_ADMIN => Err(Refusal::Forbidden),
            _ => Ok(()),
        }
    }
}

/// A 200.
pub(super) fn ok(body: &Value) -> Reply {
    Reply::json(200, body.to_string())
}

/// The answer to a write that succeeded, whatever it may say beside its result.
pub(super) fn done(options: &Options, status: u16, mut body: Value) -> Reply {
    let text = "The account was changed, but a notification could not be sent.";
    match options.success_text {
        SuccessText::None => {}
        SuccessText::Message => body["message"] = json!(text),
        SuccessText::Errors => body["errors"] = json!([{"title": text}]),
    }
    Reply::json(status, body.to_string())
}

/// Answers a call under `/api/3/`; `path` is what follows.
pub(super) fn answer(state: &mut State, call: &Call, path: &str, now_ms: i64) -> Reply {
    let answer = route(state, call, path, now_ms);
    let limited = matches!(answer, Err(Refusal::Limited(_)));
    let reply = answer.unwrap_or_else(|refusal| refusal.reply(&state.options));
    let options = &state.options;
    let told = match options.rate_headers {
        RateHeaders::Always => true,
        RateHeaders::OnRefusal => limited,
        RateHeaders::Never => false,
    };
    if !told || !options.rate_limiter || options.fast {
        return reply;
    }
    let left = state.window.left(options.requests_per_second);
    reply
        .header("ratelimit-limit", options.requests_per_second.to_string())
        .header("ratelimit-remaining", left.to_string())
}

fn route(state: &mut State, call: &Call, path: &str, now_ms: i64) -> Result<Reply> {
    let caller = call.api_token.as_deref().and_then(|key| state.account.owner(key)).ok_or(Refusal::Key)?;
    limit(state, now_ms)?;
    if state.options.spurious_forbidden > 0 {
        state.options.spurious_forbidden -= 1;
        return Err(Refusal::Key);
    }
    let ask = Ask { call, caller, query: call.query(), now_ms };
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match (call.method.as_str(), parts.as_slice()) {
        // A key's own user is there for everybody: it is how a key is tried.
        ("GET", ["users", "me"]) => users::one(state, ask.caller, "me"),
        ("GET", ["users", ..]) if ask.may_read(state, "pg_user_edit").is_err() => Err(Refusal::Forbidden),
        ("GET", ["groups" | "groupLimits" | "userGroups", ..])
            if ask.may_read(state, "pgGroupEdit").is_err() =>
        {
            Err(Refusal::Forbidden)
        }
        ("GET", ["users"]) => users::list(state, &ask),
        ("GET", ["users", "email", email]) => users::by_email(state, email),
        ("GET", ["users", "username", name]) => users::by_name(state, name),
        ("GET", ["users", id]) => users::get(state, id),
        ("GET", ["users", id, "userGroup"]) => memberships::of_user(state, id),
        ("POST", ["users"]) => user_write::create(state, &ask),
        ("PUT", ["users", id]) => user_write::update(state, &ask, id),
        ("DELETE", ["users", id]) => user_write::delete(state, &ask, id),
        ("GET", ["groups"]) => groups::list(state, &ask),
        ("GET", ["groups", id]) => groups::get(state, id),
        ("GET", ["groups", id, "userGroups"]) => memberships::of_group(state, &ask, id),
        ("GET", ["groups", id, "groupLimit"]) => groups::limit(state, id),
        ("POST", ["groups"]) => group_write::create(state, &ask),
        ("PUT", ["groups", id]) => group_write::update(state, &ask, id),
        ("DELETE", ["groups", id]) => group_write::delete(state, &ask, id),
        ("GET", ["userGroups", id, "group"]) => memberships::group(state, id),
        ("GET", ["userGroups", id, "user"]) => memberships::user(state, id),
        ("GET", ["groupLimits"]) => groups::limits(state, &ask),
        // Of contacts, whatever they are called.
        ("GET", ["groupMembers"]) => Ok(ok(&fields::members())),
        ("GET", ["groupDefinitions"]) => Ok(ok(&fields::definitions())),
        (
            _,
            ["users" | "groups" | "groupLimits" | "groupMembers" | "groupDefinitions"]
            | ["users" | "groups", _],
        ) => Err(Refusal::wrong_verb()),
        _ => Err(Refusal::Told(404, "The requested resource does not exist.")),
    }
}

/// Counts the request, or refuses it.
fn limit(state: &mut State, now_ms: i64) -> Result<()> {
    let State { options, window, .. } = state;
    if !options.rate_limiter || options.fast {
        return Ok(());
    }
    window.count(options.requests_per_second, now_ms).map_err(Refusal::Limited)
}
