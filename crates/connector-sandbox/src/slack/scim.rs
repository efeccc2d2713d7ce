//! The SCIM endpoints: credential, rate limit, route, answer.

use std::cell::Cell;

use axum::body::Bytes;
use serde_json::Value;

use super::error::{Refusal, Result};
use super::model::{CORE, Late, Rank, User, UserAt};
use super::options::RateLimitBody;
use super::rate::Bucket;
use super::render::to_bytes;
use super::state::State;
use super::write::{Body, Mode, Write, names_schema};
use super::{group, list, schemas};
use crate::harness::{Call, Reply};

/// Answers a call under `/scim/`.
pub(super) fn answer(state: &mut State, call: &Call, now_ms: i64) -> Reply {
    route(state, call, now_ms).unwrap_or_else(|refusal| refusal.reply())
}

/// The id a write is about, for the lock that keeps writes on one object apart.
pub(super) fn written_id(call: &Call) -> Option<&str> {
    let id = call.path.strip_prefix("/scim/v1/")?.split('/').nth(1).filter(|id| !id.is_empty())?;
    ["PUT", "PATCH", "DELETE"].contains(&call.method.as_str()).then_some(id)
}

/// The 429, in the form the switch says.
pub(super) fn too_many(state: &State, description: &str, seconds: u64) -> Reply {
    let reply = match state.options.rate_limit_body {
        RateLimitBody::Scim => Refusal::new(429, description).reply(),
        RateLimitBody::WebApi => Reply::json(429, r#"{"ok":false,"error":"ratelimited"}"#),
        RateLimitBody::Empty => Reply::empty(429),
    };
    if state.options.retry_after { reply.header("retry-after", seconds.to_string()) } else { reply }
}

fn route(state: &mut State, call: &Call, now_ms: i64) -> Result<Reply> {
    let path = call.path.strip_prefix("/scim/").unwrap_or_default();
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    if parts.next() != Some("v1") {
        return Err(Refusal::bad("unsupported_version"));
    }
    let target = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    if target == ("ServiceProviderConfigs", None, None) && call.method == "GET" {
        return Ok(Reply::json(200, to_bytes(&schemas::service_provider_configs())));
    }
    let (org, options) = (&state.org, &state.options);
    let rank =
        state.tokens.authenticate(call.authorization.as_deref(), call.bearer(), org, options, now_ms)?;
    if options.plan_without_scim {
        return Err(Refusal::bad("plus_teams_only"));
    }
    let bad_endpoint = || Refusal::new(options.bad_endpoint_status, "bad_endpoint");
    let (users, id) = match target {
        ("Users", id, None) => (true, id),
        ("Groups", id, None) => (false, id),
        ("Schemas", Some("Users"), None) => return read_only(state, call, &schemas::users()),
        ("Schemas", Some("Groups"), None) => return read_only(state, call, &schemas::groups()),
        ("ServiceProviderConfigs", None, None) => return Err(wrong_verb(state)),
        _ => return Err(bad_endpoint()),
    };
    if options.rate_limiter && !options.fast {
        let buckets = Bucket::of(&call.method, users, id.is_some());
        if let Err(seconds) = state.limiter.draw(&buckets, now_ms) {
            return Ok(too_many(state, "too_many_requests", seconds));
        }
    }
    let object = Object { call, now_ms, rank };
    match (call.method.as_str(), id) {
        ("GET", None) => {
            let list = if users { list::users } else { list::groups };
            list(&mut state.org, &state.options, &call.query(), now_ms)
        }
        ("POST", None) if users => object.create_user(state),
        ("POST", None) => object.create_group(state),
        ("PUT" | "PATCH" | "DELETE", None) => {
            Err(Refusal::bad(if users { "missing_user_id" } else { "missing_group_id" }))
        }
        ("GET" | "PUT" | "PATCH" | "DELETE", Some(id)) if users => object.user(state, id),
        ("GET" | "PUT" | "PATCH" | "DELETE", Some(id)) => object.group(state, id),
        _ => Err(wrong_verb(state)),
    }
}

fn wrong_verb(state: &State) -> Refusal {
    Refusal::new(state.options.method_not_allowed_status, "method_not_allowed")
}

fn read_only(state: &State, call: &Call, value: &Value) -> Result<Reply> {
    if call.method == "GET" { Ok(Reply::json(200, to_bytes(value))) } else { Err(wrong_verb(state)) }
}

/// A call on users or groups by somebody with these rights.
struct Object<'a> {
    call: &'a Call,
    now_ms: i64,
    rank: Rank,
}

impl Object<'_> {
    /// The body; `schemas` is required but in a PATCH.
    fn body(&self) -> Result<Body> {
        let Ok(Value::Object(body)) = serde_json::from_slice(&self.call.body) else {
            return Err(Refusal::bad("invalid_request_payload"));
        };
        let schemas = body.get("schemas");
        let optional = self.call.method == "PATCH" && schemas.is_none();
        if !optional && !schemas.is_some_and(|schemas| names_schema(schemas, CORE)) {
            return Err(Refusal::bad("missing_schema_element"));
        }
        Ok(body)
    }

    fn create_user(&self, state: &mut State) -> Result<Reply> {
        let body = self.body()?;
        let mut user = User::new(String::new(), String::new(), String::new(), self.now_ms.div_euclid(1000));
        let write = self.write(state, Mode::Create, &body, None);
        write.apply(&mut user)?;
        if write.dropped.get() {
            state.options.drop_custom_on_next_create = false;
        }
        user.id = state.org.fresh_id(&["U", "W"]);
        let at = state.org.add_user(user);
        Ok(created(state, &state.org.user_now(at), false))
    }

    fn write<'a>(&self, state: &'a State, mode: Mode, body: &'a Body, at: Option<UserAt>) -> Write<'a> {
        let (org, options) = (&state.org, &state.options);
        Write { mode, body, org, options, now_ms: self.now_ms, at, dropped: Cell::new(false) }
    }

    fn user(&self, state: &mut State, id: &str) -> Result<Reply> {
        let missing = Refusal::new(state.options.missing_status, "no_such_user");
        let at = state.org.user_at(id).ok_or(missing)?;
        let mode = match self.call.method.as_str() {
            "GET" => {
                let bytes = state.org.read_user(at, self.now_ms);
                return Ok(Reply::json(200, self.project(bytes, state)));
            }
            "DELETE" => {
                self.deactivate(state, at)?;
                return Ok(Reply::empty(state.options.delete_user_status));
            }
            "PUT" => Mode::Replace,
            _ => Mode::Patch,
        };
        let body = self.body()?;
        let before = &state.org.users[at];
        let mut user = before.clone();
        self.write(state, mode, &body, Some(at)).apply(&mut user)?;
        self.permit(state, before, &user)?;
        let leaves = before.active && !user.active;
        state.org.commit(at, user);
        if leaves && state.options.deactivation_leaves_groups {
            state.org.leave_groups(at);
        }
        Ok(Reply::json(200, to_bytes(&state.org.user_now(at))))
    }

    /// A second deactivation is as good as the first.
    fn deactivate(&self, state: &mut State, at: UserAt) -> Result<()> {
        let before = &state.org.users[at];
        let mut user = before.clone();
        user.active = false;
        self.permit(state, before, &user)?;
        if before.active {
            user.late_active = Late::new(true, state.options.active_lag, self.now_ms);
            state.org.commit(at, user);
            if state.options.deactivation_leaves_groups {
                state.org.leave_groups(at);
            }
        }
        Ok(())
    }

    /// Bots and the primary owner cannot be disabled by anybody, and nobody changes an account above his own.
    fn permit(&self, state: &State, before: &User, after: &User) -> Result<()> {
        let description = match before.rank {
            Rank::Bot if !after.active => "cannot_disable_bot_user_with_scim",
            Rank::PrimaryOwner if !after.active && self.rank >= Rank::Owner => "cannot_disable_primary_owner",
            rank if rank > self.rank => "cannot_modify_owner",
            _ => return Ok(()),
        };
        Err(Refusal::new(state.options.forbidden_status, description))
    }

    fn create_group(&self, state: &mut State) -> Result<Reply> {
        let body = self.body()?;
        let at = group::create(&mut state.org, &state.options, &body, self.now_ms)?;
        let value = state.org.group_now(at).unwrap_or_default();
        Ok(created(state, &value, state.options.empty_body_on_group_create))
    }

    fn group(&self, state: &mut State, id: &str) -> Result<Reply> {
        let missing = Refusal::new(state.options.missing_status, "no_such_group");
        let at = state.org.group_at(id).ok_or(missing)?;
        match self.call.method.as_str() {
            "GET" => {
                let bytes = state.org.read_group(at, self.now_ms);
                Ok(Reply::json(200, self.project(bytes, state)))
            }
            "PUT" => {
                group::replace(&mut state.org, &state.options, at, &self.body()?, self.now_ms)?;
                Ok(Reply::json(200, to_bytes(&state.org.group_now(at).unwrap_or_default())))
            }
            "PATCH" => {
                group::patch(&mut state.org, &state.options, at, &self.body()?, self.now_ms)?;
                Ok(Reply::empty(204))
            }
            _ => {
                group::delete(&mut state.org, &state.options, at)?;
                Ok(Reply::empty(204))
            }
        }
    }

    fn project(&self, bytes: Bytes, state: &State) -> Bytes {
        if state.options.honour_attributes {
            list::project(bytes, &self.call.query(), &state.options)
        } else {
            bytes
        }
    }
}

fn created(state: &State, value: &Value, without_body: bool) -> Reply {
    let location = value["meta"]["location"].as_str().map(str::to_owned);
    let reply = if without_body { Reply::empty(201) } else { Reply::json(201, to_bytes(value)) };
    reply.header_if("location", location.as_deref().filter(|_| state.options.location_header))
}
