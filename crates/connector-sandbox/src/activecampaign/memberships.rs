//! Memberships, which are there to be read only: `/groups/{id}/userGroups`, `/users/{id}/userGroup` and the links of
//! the records.

use serde_json::{Value, json};

use super::account::Membership;
use super::api::{Ask, ok};
use super::error::{Refusal, Result};
use super::options::MembershipEnvelope;
use super::state::State;
use super::{groups, paging, stamp, users};
use crate::harness::Reply;

/// `GET /groups/{id}/userGroups`: the people of a group.
pub(super) fn of_group(state: &State, ask: &Ask<'_>, id: &str) -> Result<Reply> {
    let id = groups::find(state, id, state.options.unknown_group_status)?;
    let rows: Vec<_> = state.account.of_group(id).map(|(at, record)| render(state, *at, record)).collect();
    if !state.options.members_paged {
        return Ok(ok(&json!({"userGroups": rows})));
    }
    let page = paging::page(&rows, &ask.query, &state.options)?;
    Ok(ok(&json!({"userGroups": rows[page], "meta": paging::meta(rows.len())})))
}

/// `GET /users/{id}/userGroup`
pub(super) fn of_user(state: &State, id: &str) -> Result<Reply> {
    let user = users::find(state, id)?;
    let rows: Vec<_> = state.account.of_user(user).map(|(at, record)| render(state, *at, record)).collect();
    match state.options.membership_envelope {
        MembershipEnvelope::Nothing => Ok(ok(&json!({}))),
        MembershipEnvelope::List => Ok(ok(&json!({"userGroups": rows}))),
        MembershipEnvelope::Object => {
            let first = rows.first().ok_or_else(|| Refusal::missing(404, "UserGroup", id))?;
            Ok(ok(&json!({"userGroup": first})))
        }
    }
}

/// `GET /userGroups/{id}/group`
pub(super) fn group(state: &State, id: &str) -> Result<Reply> {
    let group = groups::render(state, find(state, id)?.group).unwrap_or_default();
    Ok(ok(&json!({"group": group})))
}

/// `GET /userGroups/{id}/user`
pub(super) fn user(state: &State, id: &str) -> Result<Reply> {
    users::one(state, find(state, id)?.user, id)
}

fn find<'a>(state: &'a State, id: &str) -> Result<&'a Membership> {
    let found = id.parse().ok().and_then(|id: u64| state.account.memberships.get(&id));
    found.ok_or_else(|| Refusal::missing(404, "UserGroup", id))
}

/// A record; user and group are in it twice.
pub(super) fn render(state: &State, at: u64, record: &Membership) -> Value {
    let (user, group) = (record.user.to_string(), record.group.to_string());
    let link = |to: &str| format!("{}/api/3/userGroups/{at}/{to}", state.account.url);
    let date = record.created_ms.map(|ms| stamp::zoned(ms, &state.options));
    json!({
        "userid": user,
        "groupid": group,
        "cdate": date,
        "udate": date,
        "links": {"group": link("group"), "user": link("user")},
        "id": at.to_string(),
        "group": group,
        "user": user,
    })
}
