//! The API below `/v1`: credential, rate limit, route, answer.

use serde_json::{Map, Value, json};

use super::auth::{Caller, caller};
use super::error::{Refusal, Result};
use super::options::RateScope;
use super::state::State;
use super::{
    directory, license_write, licenses, membership_write, memberships, people, people_write, team_write,
    teams,
};
use crate::bucket::Size;
use crate::form::Form;
use crate::harness::{Call, Reply};

/// A call by somebody who is known.
pub(super) struct Ask<'a> {
    pub(super) call: &'a Call,
    pub(super) caller: Caller,
    pub(super) query: Form,
    pub(super) now_ms: i64,
    /// Another number for every request.
    pub(super) salt: u64,
}

impl Ask<'_> {
    /// A 200.
    #[expect(clippy::unused_self, reason = "an answer belongs to a question")]
    pub(super) fn json(&self, body: &Value) -> Reply {
        Reply::json(200, body.to_string())
    }

    /// The body of a write: a JSON object that says it is one.
    pub(super) fn body(&self) -> Result<Map<String, Value>> {
        let kind = self.call.content_type.as_deref().unwrap_or_default();
        if !kind.starts_with("application/json") {
            return Err(Refusal::new(415, format!("Content type '{kind}' not supported")));
        }
        if self.call.body.is_empty() {
            return Err(Refusal::bad("Required request body is missing"));
        }
        match serde_json::from_slice(&self.call.body) {
            Ok(Value::Object(body)) => Ok(body),
            Ok(_) => Err(Refusal::bad("The request body must be a JSON object")),
            Err(_) => Err(Refusal::bad("The request body is not valid JSON")),
        }
    }
}

/// Answers a call under `/v1/`; `path` is what follows.
pub(super) fn answer(state: &mut State, call: &Call, path: &str, tracking_id: &str, now_ms: i64) -> Reply {
    route(state, call, path, now_ms).unwrap_or_else(|refusal| refusal.reply(&state.options, tracking_id))
}

fn route(state: &mut State, call: &Call, path: &str, now_ms: i64) -> Result<Reply> {
    let caller = caller(state, call, now_ms)?;
    limit(state, &caller, now_ms)?;
    state.asked += 1;
    let ask = Ask { call, caller, query: call.query(), now_ms, salt: state.asked };
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match (call.method.as_str(), parts.as_slice()) {
        ("GET", ["people"]) => people::list(state, &ask),
        ("GET", ["people", "me"]) => people::me(state, &ask),
        ("GET", ["people", id]) => people::get(state, &ask, id),
        ("POST", ["people"]) => people_write::create(state, &ask),
        ("PUT", ["people", id]) => people_write::update(state, &ask, id),
        ("DELETE", ["people", id]) => people_write::delete(state, &ask, id),
        ("GET", ["licenses"]) => licenses::list(state, &ask),
        ("PATCH", ["licenses", "users"]) => license_write::assign(state, &ask),
        (_, ["licenses", "users"]) => Err(Refusal::wrong_verb()),
        ("GET", ["licenses", id]) => licenses::get(state, &ask, id),
        ("GET", ["roles"]) => directory::roles(state, &ask, None),
        ("GET", ["roles", id]) => directory::roles(state, &ask, Some(id)),
        ("GET", ["organizations"]) => directory::organizations(state, &ask, None),
        ("GET", ["organizations", id]) => directory::organizations(state, &ask, Some(id)),
        ("DELETE", ["organizations", _]) => closed(state, &ask, "spark-admin:organizations_write"),
        ("GET", ["teams"]) => teams::list(state, &ask),
        // The singular is the right one; the plural leads nowhere.
        (_, ["teams", "memberships", ..]) => Err(Refusal::missing("Resource")),
        ("GET", ["teams", id]) => teams::get(state, &ask, id),
        ("POST", ["teams"]) => team_write::create(state, &ask),
        ("PUT", ["teams", id]) => team_write::update(state, &ask, id),
        ("DELETE", ["teams", id]) => team_write::delete(state, &ask, id),
        ("GET", ["team", "memberships"]) => memberships::list(state, &ask),
        ("GET", ["team", "memberships", id]) => memberships::get(state, &ask, id),
        ("POST", ["team", "memberships"]) => membership_write::add(state, &ask),
        ("PUT", ["team", "memberships", id]) => membership_write::update(state, &ask, id),
        ("DELETE", ["team", "memberships", id]) => membership_write::remove(state, &ask, id),
        ("GET", ["authorizations", "tokenExpiry"]) => Ok(ask.json(&json!({"exp": ask.caller.expires_ms}))),
        (
            _,
            ["people" | "licenses" | "roles" | "organizations" | "teams"]
            | ["people" | "licenses" | "roles" | "organizations" | "teams", _]
            | ["team", "memberships"]
            | ["team", "memberships", _],
        ) => Err(Refusal::wrong_verb()),
        // What follows wants scopes the integration has not; directory groups are another thing than teams.
        (_, ["groups", ..]) => closed(state, &ask, "identity:groups_read"),
        (_, ["authorizations", ..]) => closed(state, &ask, "identity:tokens_read"),
        _ => Err(Refusal::missing("Resource")),
    }
}

/// A path that is there for others, who hold that scope.
fn closed(state: &State, ask: &Ask<'_>, scope: &str) -> Result<Reply> {
    ask.caller.needs(state, &[scope]).and(Err(Refusal::missing("Resource")))
}

/// Draws one token from the caller's bucket.
fn limit(state: &mut State, caller: &Caller, now_ms: i64) -> Result<()> {
    let options = &state.options;
    if !options.rate_limiter || options.fast {
        return Ok(());
    }
    let whom = match options.rate_scope {
        RateScope::Token => caller.token.clone(),
        RateScope::Account => caller.uuid.clone(),
        RateScope::Organization => String::new(),
    };
    let per_minute = f64::from(options.requests_per_minute.max(1));
    let size = Size { per_minute, burst: per_minute };
    state.limiter.draw(&[(whom, size)], now_ms).map_err(|seconds| Refusal {
        wait: Some(seconds),
        ..Refusal::new(429, "Too many requests have been sent in a given amount of time.")
    })
}
