//! SCIM in its two editions: people, people sets, discovery.

pub(super) mod attributes;
mod discovery;
mod edition;
mod list;
mod patch;
mod patch_path;
mod people;
mod people_sets;
pub(super) mod render;
pub(super) mod write;

use serde_json::{Map, Value};

pub(super) use self::edition::{Edition, Names};
pub(super) use self::people::view_person;
pub(super) use self::people_sets::view_people_set;
pub(super) use self::write::{Mode, Write};
use super::api::Ask;
use super::error::{Refusal, Result};
use super::options::{Options, Permission};
use super::state::State;
use crate::harness::Reply;

/// Answers a call; `path` is what follows the base.
pub(super) fn route(state: &mut State, ask: &Ask<'_>, edition: Edition, path: &str) -> Result<Reply> {
    ask.needs(state, &[Permission::ManageAccounts])?;
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    if parts.first() == Some(&"Groups") && !state.options.people_sets_served {
        return Err(Refusal::missing("Endpoint"));
    }
    match (ask.call.method.as_str(), parts.as_slice()) {
        ("GET", ["Users"]) => people::list(state, ask, edition),
        ("POST", ["Users"]) => people::create(state, ask, edition),
        ("GET", ["Users", id]) => people::get(state, edition, id),
        ("PUT", ["Users", id]) => people::replace(state, ask, edition, id),
        ("PATCH", ["Users", id]) if edition == Edition::V2 && state.options.patch_served => {
            people::patch(state, ask, id)
        }
        ("DELETE", ["Users", id]) => people::delete(state, id),
        ("GET", ["Groups"]) => people_sets::list(state, ask, edition),
        ("POST", ["Groups"]) => people_sets::create(state, ask, edition),
        ("GET", ["Groups", id]) => people_sets::get(state, edition, id),
        ("PUT", ["Groups", id]) => people_sets::replace(state, ask, edition, id),
        ("PATCH", ["Groups", id]) if edition == Edition::V2 && state.options.people_set_patch => {
            people_sets::patch(state, ask, id)
        }
        ("DELETE", ["Groups", id]) => people_sets::delete(state, id),
        ("GET", ["ServiceProviderConfigs"]) => Ok(ok(&discovery::service_provider(edition))),
        ("GET", ["ServiceProviderConfig"]) if edition == Edition::V2 && state.options.singular_discovery => {
            Ok(ok(&discovery::service_provider(edition)))
        }
        ("GET", ["Schemas", "Users"]) => Ok(ok(&discovery::user_schema(edition))),
        (_, ["Users" | "Groups"] | ["Users" | "Groups", _]) => Err(Refusal::wrong_verb()),
        _ => Err(Refusal::missing("Endpoint")),
    }
}

/// A 200.
fn ok(body: &Value) -> Reply {
    Reply::json(200, body.to_string())
}

/// The body of a write: a JSON object, with `schemas` where the switch wants them.
fn body(ask: &Ask<'_>, options: &Options) -> Result<Map<String, Value>> {
    let Ok(Value::Object(body)) = serde_json::from_slice(&ask.call.body) else {
        return Err(Refusal::invalid("The body must be a JSON object."));
    };
    if options.schemas_required && !body.get("schemas").is_some_and(Value::is_array) {
        return Err(Refusal::invalid("schemas is required."));
    }
    Ok(body)
}

/// The names that SCIM 2.0 has for things.
pub(super) fn names() -> &'static Names {
    Edition::V2.names()
}
