//! `/Groups`: people sets, which are lists for administrators. The groups that people see are in Graph.

use serde_json::{Map, Value};

use super::super::api::Ask;
use super::super::error::{Refusal, Result};
use super::super::model::PeopleSet;
use super::super::state::State;
use super::list::{Page, equals};
use super::{Edition, body, ok, patch as patching, render};
use crate::harness::Reply;

/// `GET /Groups`
pub(super) fn list(state: &State, ask: &Ask<'_>, edition: Edition) -> Result<Reply> {
    let (tenant, options) = (&state.tenant, &state.options);
    let known: &[&'static str] = if options.people_set_filter { &["displayName"] } else { &[] };
    let wanted = equals(&ask.query, known)?;
    let matching = |set: &PeopleSet| wanted.as_ref().is_none_or(|(_, name)| set.name == *name);
    let ids: Vec<u64> =
        tenant.people_sets.iter().filter(|(_, set)| matching(set)).map(|(id, _)| *id).collect();
    let page = Page::read(&ask.query, options);
    Ok(page.reply(&ids, edition, options, |id| render::people_set(tenant, id, edition, options)))
}

/// `GET /Groups/{id}`
pub(super) fn get(state: &State, edition: Edition, id: &str) -> Result<Reply> {
    shown(state, edition, find(state, id)?, 200)
}

/// `POST /Groups`
pub(super) fn create(state: &mut State, ask: &Ask<'_>, edition: Edition) -> Result<Reply> {
    let body = body(ask, &state.options)?;
    let name = name(&body)?.ok_or_else(|| Refusal::invalid("displayName is required."))?;
    let members = members(state, &body)?.unwrap_or_default();
    if members.is_empty() && state.options.people_set_needs_members {
        return Err(Refusal::invalid("members is required."));
    }
    let id = state.tenant.add_people_set(PeopleSet { name, members });
    shown(state, edition, id, 201)
}

/// `PUT /Groups/{id}`: the members become those of the body, whatever they were.
pub(super) fn replace(state: &mut State, ask: &Ask<'_>, edition: Edition, id: &str) -> Result<Reply> {
    let id = find(state, id)?;
    let body = body(ask, &state.options)?;
    put(state, id, &body)?;
    shown(state, edition, id, 200)
}

/// `PATCH /Groups/{id}`, where the switch allows it.
pub(super) fn patch(state: &mut State, ask: &Ask<'_>, id: &str) -> Result<Reply> {
    let id = find(state, id)?;
    let body = body(ask, &state.options)?;
    let before = render::people_set(&state.tenant, id, Edition::V2, &state.options).unwrap_or_default();
    let after = patching::apply(before, &body, &state.options)?;
    put(state, id, &after)?;
    if state.options.patch_no_content { Ok(Reply::empty(204)) } else { shown(state, Edition::V2, id, 200) }
}

/// `DELETE /Groups/{id}`
pub(super) fn delete(state: &mut State, id: &str) -> Result<Reply> {
    let id = find(state, id)?;
    state.tenant.people_sets.remove(&id);
    Ok(Reply::empty(state.options.delete_status))
}

fn put(state: &mut State, id: u64, body: &Map<String, Value>) -> Result<()> {
    let (name, members) = (name(body)?, members(state, body)?.unwrap_or_default());
    if let Some(set) = state.tenant.people_sets.get_mut(&id) {
        if let Some(name) = name {
            set.name = name;
        }
        set.members = members;
    }
    Ok(())
}

fn name(body: &Map<String, Value>) -> Result<Option<String>> {
    match body.get("displayName") {
        None => Ok(None),
        Some(Value::String(name)) if !name.trim().is_empty() => Ok(Some(name.clone())),
        Some(_) => Err(Refusal::invalid("displayName must be a string that is not empty.")),
    }
}

/// The members named, each once.
fn members(state: &State, body: &Map<String, Value>) -> Result<Option<Vec<u64>>> {
    let Some(value) = body.get("members") else { return Ok(None) };
    let Some(items) = value.as_array() else { return Err(Refusal::invalid("members must be an array.")) };
    let mut members = Vec::new();
    for item in items {
        let id = match &item["value"] {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.parse().ok(),
            _ => return Err(Refusal::invalid("members.value is required.")),
        };
        let id = id.filter(|id| state.tenant.people.contains_key(id));
        let id = id.ok_or_else(|| Refusal::invalid(format!("There is no user {}.", item["value"])))?;
        if !members.contains(&id) {
            members.push(id);
        }
    }
    Ok(Some(members))
}

fn find(state: &State, id: &str) -> Result<u64> {
    let known = id.parse().ok().filter(|id| state.tenant.people_sets.contains_key(id));
    known.ok_or_else(|| Refusal::missing("Group"))
}

fn shown(state: &State, edition: Edition, id: u64, status: u16) -> Result<Reply> {
    let set = render::people_set(&state.tenant, id, edition, &state.options);
    let set = set.ok_or_else(|| Refusal::missing("Group"))?;
    Ok(Reply { status, ..ok(&set) })
}

/// A people set as SCIM 2.0 shows it.
pub(in super::super) fn view_people_set(state: &State, id: &str) -> Option<Value> {
    render::people_set(&state.tenant, id.parse().ok()?, Edition::V2, &state.options)
}
