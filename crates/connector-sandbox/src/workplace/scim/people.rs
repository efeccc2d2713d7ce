//! `/Users`.

use serde_json::Value;

use super::super::api::Ask;
use super::super::error::{Refusal, Result};
use super::super::model::Person;
use super::super::options::Options;
use super::super::state::State;
use super::list::{Page, equals};
use super::write::{Mode, Write};
use super::{Edition, body, ok, patch, render};
use crate::harness::Reply;

/// `GET /Users`
pub(super) fn list(state: &State, ask: &Ask<'_>, edition: Edition) -> Result<Reply> {
    let (tenant, options) = (&state.tenant, &state.options);
    let ids: Vec<u64> = match equals(&ask.query, &["userName", "externalId"])? {
        None => tenant.people.keys().copied().collect(),
        Some(("userName", name)) => {
            let exactly = |id: &u64| {
                let found = tenant.people.get(id).and_then(|person| person.text("userName"));
                !options.filter_case_sensitive || found == Some(name.as_str())
            };
            tenant.person_named(&name).filter(exactly).into_iter().collect()
        }
        Some((_, value)) => {
            let of = |person: &Person| person.text("externalId") == Some(value.as_str());
            tenant.people.iter().filter(|(_, person)| of(person)).map(|(id, _)| *id).collect()
        }
    };
    let page = Page::read(&ask.query, options);
    Ok(page.reply(&ids, edition, options, |id| render::person(tenant, id, edition, options)))
}

/// `GET /Users/{id}`
pub(super) fn get(state: &State, edition: Edition, id: &str) -> Result<Reply> {
    shown(state, edition, find(state, id)?, 200)
}

/// `POST /Users`
pub(super) fn create(state: &mut State, ask: &Ask<'_>, edition: Edition) -> Result<Reply> {
    let body = body(ask, &state.options)?;
    let write = Write { tenant: &state.tenant, options: &state.options, edition, now_ms: ask.now_ms };
    let person = write.create(&body)?;
    let id = state.tenant.add_person(person);
    shown(state, edition, id, 201)
}

/// `PUT /Users/{id}`, which merges.
pub(super) fn replace(state: &mut State, ask: &Ask<'_>, edition: Edition, id: &str) -> Result<Reply> {
    let id = find(state, id)?;
    let body = body(ask, &state.options)?;
    let mode = if state.options.put_merges { Mode::Merge } else { Mode::Replace };
    let write = Write { tenant: &state.tenant, options: &state.options, edition, now_ms: ask.now_ms };
    let person = write.change(id, &body, mode)?;
    state.tenant.put_person(id, person);
    shown(state, edition, id, 200)
}

/// `PATCH /Users/{id}` of SCIM 2.0.
pub(super) fn patch(state: &mut State, ask: &Ask<'_>, id: &str) -> Result<Reply> {
    let id = find(state, id)?;
    let body = body(ask, &state.options)?;
    let as_json = Options { photos_readable: true, v2_text_ids: false, ..state.options.clone() };
    let before = render::person(&state.tenant, id, Edition::V2, &as_json).unwrap_or_default();
    let after = patch::apply(before, &body, &state.options)?;
    let write =
        Write { tenant: &state.tenant, options: &state.options, edition: Edition::V2, now_ms: ask.now_ms };
    let person = write.change(id, &after, Mode::Patched)?;
    state.tenant.put_person(id, person);
    if state.options.patch_no_content { Ok(Reply::empty(204)) } else { shown(state, Edition::V2, id, 200) }
}

/// `DELETE /Users/{id}`, of who never came.
pub(super) fn delete(state: &mut State, id: &str) -> Result<Reply> {
    let id = find(state, id)?;
    if state.tenant.people.get(&id).is_some_and(|person| person.ever_claimed) {
        let text = "(#100) The account was claimed and cannot be deleted; it can be deactivated.";
        return Err(Refusal::new(412, 100, text));
    }
    state.tenant.remove_person(id);
    Ok(Reply::empty(state.options.delete_status))
}

fn find(state: &State, id: &str) -> Result<u64> {
    let known = id.parse().ok().filter(|id| state.tenant.people.contains_key(id));
    known.ok_or_else(|| Refusal::missing("User"))
}

fn shown(state: &State, edition: Edition, id: u64, status: u16) -> Result<Reply> {
    let person = render::person(&state.tenant, id, edition, &state.options);
    let person = person.ok_or_else(|| Refusal::missing("User"))?;
    Ok(Reply { status, ..ok(&person) })
}

/// A person as SCIM 2.0 shows it.
pub(in super::super) fn view_person(state: &State, id: &str) -> Option<Value> {
    render::person(&state.tenant, id.parse().ok()?, Edition::V2, &state.options)
}
