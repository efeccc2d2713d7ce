//! Graph: the groups that people see, their members, and accounts by another way.

mod accounts;
mod batch;
mod community;
mod fields;
mod group_write;
pub(super) mod groups;
mod members;
mod membership;
mod page;
mod params;

use serde_json::{Map, Value, json};

use self::params::params;
use super::api::{Ask, may_write};
use super::error::{Refusal, Result};
use super::options::Permission;
use super::state::State;
use crate::form::decode_segment;
use crate::harness::Reply;

/// The id of the community itself.
pub(super) const COMMUNITY: u64 = 410_071_234_500_001;

/// What an id in a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Node {
    Community,
    Group(u64),
    Member(u64),
    /// Somebody of another company who is in a group.
    Stranger(u64),
}

/// Answers a call; `path` is what follows the base.
pub(super) fn route(state: &mut State, ask: &Ask<'_>, path: &str) -> Result<Reply> {
    let parts: Vec<String> = path.split('/').filter(|part| !part.is_empty()).map(decode_segment).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    if parts.is_empty() {
        return root(state, ask);
    }
    may_write(state, &ask.call.method)?;
    let method = ask.call.method.as_str();
    let node = find(state, parts[0])?;
    match (method, node, &parts[1..]) {
        ("GET", node, []) => Ok(ok(&read(state, ask, node)?)),
        ("GET", Node::Community, ["groups"]) => groups::of_community(state, ask, path),
        ("POST", Node::Community, ["groups"]) => group_write::create(state, ask),
        ("GET", Node::Community, [edge]) => community::people(state, ask, edge, path),
        ("POST", Node::Community, ["accounts"]) => accounts::create(state, ask),
        ("POST", Node::Community, ["admins"]) => community::set_admin(state, ask, true),
        ("DELETE", Node::Community, ["admins"]) => community::set_admin(state, ask, false),
        ("POST", Node::Group(id), []) => group_write::update(state, ask, id),
        // There is no call that deletes a group.
        ("DELETE", Node::Group(_) | Node::Community, []) => Err(unsupported("delete")),
        ("GET", Node::Group(id), ["groups"]) => groups::of_group(state, ask, id, path),
        ("GET", Node::Group(id), [edge]) => membership::list(state, ask, id, edge, path),
        ("POST", Node::Group(id), ["members"]) => membership::add(state, ask, id),
        ("DELETE", Node::Group(id), ["members"]) => membership::remove(state, ask, id, None),
        ("DELETE", Node::Group(id), ["members", who]) => membership::remove(state, ask, id, Some(who)),
        ("POST", Node::Group(id), ["admins"]) => membership::promote(state, ask, id, None),
        ("POST", Node::Group(id), ["admins", who]) => membership::promote(state, ask, id, Some(who)),
        ("DELETE", Node::Group(id), ["admins"]) => membership::demote(state, ask, id),
        ("GET", Node::Member(id), ["groups"]) => groups::of_member(state, ask, id, path),
        ("POST", Node::Member(id), []) => accounts::update(state, ask, id),
        ("DELETE", Node::Member(id), []) => accounts::delete(state, ask, id),
        ("POST", Node::Member(_), ["logout"]) => {
            ask.needs(state, &[Permission::ProvisionUserAccounts, Permission::ManageAccounts])?;
            Ok(success())
        }
        ("GET" | "POST" | "DELETE", ..) => Err(unknown_path(path)),
        _ => Err(unsupported(&method.to_lowercase())),
    }
}

/// `/?ids=…` and `/?batch=…`.
fn root(state: &mut State, ask: &Ask<'_>) -> Result<Reply> {
    if ask.call.method == "POST" {
        let params = params(ask.call)?;
        let batch = params.filled("batch").ok_or_else(|| unknown_path("/"))?;
        return batch::run(state, ask, batch);
    }
    let ids = ask.query.filled("ids").ok_or_else(|| unknown_path("/"))?;
    let mut found = Map::new();
    for id in ids.split(',').map(str::trim).filter(|id| !id.is_empty()) {
        let node = find(state, id)?;
        found.insert(id.to_owned(), read(state, ask, node)?);
    }
    Ok(ok(&Value::Object(found)))
}

/// By id, by address, or by the two words for the community.
fn find(state: &State, text: &str) -> Result<Node> {
    let tenant = &state.tenant;
    if ["community", "company"].contains(&text) || text.parse() == Ok(COMMUNITY) {
        return Ok(Node::Community);
    }
    let id: Option<u64> = text.parse().ok();
    let person = id.filter(|id| tenant.people.contains_key(id));
    let known = |id: &u64| {
        state.options.deactivated_in_graph || tenant.people.get(id).is_some_and(|person| person.active)
    };
    if let Some(person) = person.or_else(|| tenant.person_named(text)).filter(known) {
        return Ok(Node::Member(person));
    }
    if let Some(group) = id.filter(|id| tenant.groups.contains_key(id)) {
        return Ok(Node::Group(group));
    }
    let stranger = id.filter(|id| tenant.strangers.contains_key(id));
    stranger.map(Node::Stranger).ok_or_else(|| unknown_id(state, text))
}

/// A node with the fields asked for.
fn read(state: &State, ask: &Ask<'_>, node: Node) -> Result<Value> {
    let fields = fields::wanted(ask.query.filled("fields"), &state.options)?;
    match node {
        Node::Community => community::read(state, ask, &fields),
        Node::Group(id) => {
            ask.needs(state, &[Permission::ReadGroup])?;
            groups::in_scope(state, id)?;
            groups::render(state, ask, id, &fields)
        }
        Node::Member(id) | Node::Stranger(id) => {
            ask.needs(state, &[Permission::ReadUserWorkProfile, Permission::ManageAccounts])?;
            members::render(state, ask, id, &fields, None)
        }
    }
}

/// A 200.
fn ok(body: &Value) -> Reply {
    Reply::json(200, body.to_string())
}

fn success() -> Reply {
    ok(&json!({"success": true}))
}

fn unknown_id(state: &State, id: &str) -> Refusal {
    let text = format!("Unsupported request. Object with ID '{id}' does not exist or cannot be loaded.");
    Refusal { status: state.options.unknown_id_status, subcode: Some(33), ..Refusal::invalid(text) }
}

fn unknown_path(path: &str) -> Refusal {
    Refusal::new(400, 2500, format!("Unknown path components: {path}"))
}

fn unsupported(verb: &str) -> Refusal {
    Refusal::invalid(format!("Unsupported {verb} request."))
}
