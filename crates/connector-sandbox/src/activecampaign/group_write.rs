//! `/groups`: creating, changing, deleting. The Admin group stays as it is.

use serde_json::{Map, Value, json};

use super::account::{ADMIN_GROUP, Group};
use super::api::{Ask, done};
use super::error::{Problem, Refusal, Result};
use super::flags;
use super::groups::{find, short};
use super::options::FullGroup;
use super::state::State;
use crate::harness::Reply;

/// `POST /groups`
pub(super) fn create(state: &mut State, ask: &Ask<'_>) -> Result<Reply> {
    ask.may(state, "pgGroupAdd")?;
    let body = ask.body("group")?;
    let title = title(state, &body, None)?.ok_or_else(|| Refusal::invalid(Problem::missing("title")))?;
    let mut flags = flags::usual();
    flags.extend(flags::named(&body)?);
    let notify = text(&body, "reqApprovalNotify")?.unwrap_or_default();
    let group = Group { title, descript: text(&body, "descript")?, flags, notify };
    let id = state.account.add_group(group);
    Ok(done(&state.options, state.options.create_group_status, json!({"group": short(state, id)})))
}

/// `PUT /groups/{id}`
pub(super) fn update(state: &mut State, ask: &Ask<'_>, id: &str) -> Result<Reply> {
    ask.may(state, "pgGroupEdit")?;
    let id = find(state, id, state.options.unknown_group_status)?;
    unprotected(state, id)?;
    let body = ask.body("group")?;
    let title = title(state, &body, Some(id))?;
    let flags = flags::named(&body)?;
    let descript = text(&body, "descript")?;
    let notify = text(&body, "reqApprovalNotify")?;
    let clears = state.options.put_without_flags_clears;
    if let Some(group) = state.account.groups.get_mut(&id) {
        if let Some(title) = title {
            group.title = title;
        }
        if body.contains_key("descript") {
            group.descript = descript;
        }
        if body.contains_key("reqApprovalNotify") {
            group.notify = notify.unwrap_or_default();
        }
        if clears {
            group.flags.clear();
        }
        group.flags.extend(flags);
    }
    Ok(done(&state.options, 200, json!({"group": short(state, id)})))
}

/// `DELETE /groups/{id}`
pub(super) fn delete(state: &mut State, ask: &Ask<'_>, id: &str) -> Result<Reply> {
    ask.may(state, "pgGroupDelete")?;
    let id = find(state, id, state.options.unknown_group_delete_status)?;
    unprotected(state, id)?;
    let full = state.account.of_group(id).next().is_some();
    if full && state.options.full_group == FullGroup::Stays {
        return Err(Refusal::Told(state.options.full_group_status, "The group still has users."));
    }
    state.account.remove_group(id);
    Ok(done(&state.options, 200, json!({})))
}

fn unprotected(state: &State, id: u64) -> Result<()> {
    if id == ADMIN_GROUP {
        let status = state.options.protected_group_status;
        return Err(Refusal::Told(status, "The Admin group cannot be changed or deleted."));
    }
    Ok(())
}

/// The title, which may be left out of a change but not be empty.
fn title(state: &State, body: &Map<String, Value>, of: Option<u64>) -> Result<Option<String>> {
    let Some(title) = text(body, "title")? else { return Ok(None) };
    if title.is_empty() {
        return Err(Refusal::invalid(Problem::missing("title")));
    }
    let taken = |(id, group): (&u64, &Group)| Some(*id) != of && group.title == title;
    if state.options.unique_titles && state.account.groups.iter().any(taken) {
        return Err(Refusal::invalid(Problem::duplicate("title")));
    }
    Ok(Some(title))
}

/// A text; null is none.
fn text(body: &Map<String, Value>, name: &str) -> Result<Option<String>> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Refusal::invalid(Problem::invalid(name, &format!("The {name} must be a string.")))),
    }
}
