//! Members and administrators of a group: one person per call.

use super::super::api::Ask;
use super::super::error::{Refusal, Result};
use super::super::model::{Group, Member};
use super::super::options::Permission;
use super::super::state::State;
use super::fields::wanted;
use super::group_write::refuse_archived;
use super::page::page;
use super::params::params;
use super::{Node, find, groups, members, ok, success, unknown_id, unknown_path};
use crate::harness::Reply;

/// Those of the members that Graph shows: nobody while the group has no administrator, and nobody who has left.
pub(super) fn visible<'a>(state: &'a State, group: &'a Group) -> impl Iterator<Item = &'a Member> {
    let options = &state.options;
    let nobody =
        options.adminless_groups_hide_members && !group.members.iter().any(|member| member.administrator);
    let here = |member: &&Member| {
        let person = state.tenant.people.get(&member.id);
        options.deactivated_in_groups || person.is_none_or(|person| person.active)
    };
    group.members.iter().filter(move |_| !nobody).filter(here)
}

/// `GET /{group}/members` and its like.
pub(super) fn list(state: &State, ask: &Ask<'_>, id: u64, edge: &str, path: &str) -> Result<Reply> {
    let nothing = match edge {
        "members" | "admins" => false,
        "moderators" | "member_requests" | "former_members" => true,
        _ => return Err(unknown_path(path)),
    };
    if state.options.members_need_membership {
        ask.needs(state, &[Permission::ReadGroupMembership])?;
    } else {
        ask.needs(state, &[Permission::ReadGroupMembership, Permission::ReadGroup, Permission::ManageGroup])?;
    }
    groups::in_scope(state, id)?;
    let fields = wanted(ask.query.filled("fields"), &state.options)?;
    let group = state.tenant.groups.get(&id).ok_or_else(|| unknown_id(state, &id.to_string()))?;
    let chosen =
        visible(state, group).filter(|member| !nothing && (edge == "members" || member.administrator));
    let ids: Vec<u64> = chosen.map(|member| member.id).collect();
    let body = page(state, ask, path, &ids, |id| members::render(state, ask, id, &fields, group.member(id)))?;
    Ok(ok(&body))
}

/// `POST /{group}/members` with `email` or `member`.
pub(super) fn add(state: &mut State, ask: &Ask<'_>, id: u64) -> Result<Reply> {
    let params = params(ask.call)?;
    let who = someone(state, &params, None)?;
    let group = writable(state, ask, id)?;
    if state.options.inactive_members_refused && state.tenant.people.get(&who).is_some_and(|p| !p.active) {
        return Err(Refusal::invalid("The user is deactivated"));
    }
    if group.member(who).is_some() {
        return if state.options.member_twice_refused {
            Err(Refusal::invalid("The user is a member of the group already"))
        } else {
            Ok(success())
        };
    }
    let joined_ms = ask.now_ms;
    change(state, id, |group| {
        group.members.push(Member { id: who, administrator: false, joined_ms, added_by: None });
    });
    Ok(success())
}

/// `DELETE /{group}/members` with `email` or `member`, or `DELETE /{group}/members/{id}`. With the last member the
/// group goes, and all there is in it.
pub(super) fn remove(state: &mut State, ask: &Ask<'_>, id: u64, who: Option<&str>) -> Result<Reply> {
    let params = params(ask.call)?;
    let who = someone(state, &params, who)?;
    if writable(state, ask, id)?.member(who).is_none() {
        return stranger(state);
    }
    change(state, id, |group| group.members.retain(|member| member.id != who));
    state.tenant.drop_if_empty(id);
    Ok(success())
}

/// `POST /{group}/admins/{id}`, or `POST /{group}/admins` with `uid`.
pub(super) fn promote(state: &mut State, ask: &Ask<'_>, id: u64, who: Option<&str>) -> Result<Reply> {
    let who = administrator(state, ask, who)?;
    let is_member = writable(state, ask, id)?.member(who).is_some();
    if !is_member && !state.options.promoting_adds_members {
        return Err(Refusal::invalid("The user is not a member of the group"));
    }
    let joined_ms = ask.now_ms;
    change(state, id, |group| match group.members.iter_mut().find(|member| member.id == who) {
        Some(member) => member.administrator = true,
        None => group.members.push(Member { id: who, administrator: true, joined_ms, added_by: None }),
    });
    Ok(success())
}

/// `DELETE /{group}/admins` with `uid`; who it is stays a member.
pub(super) fn demote(state: &mut State, ask: &Ask<'_>, id: u64) -> Result<Reply> {
    let who = administrator(state, ask, None)?;
    let group = writable(state, ask, id)?;
    let administrators: Vec<u64> = group.members.iter().filter(|m| m.administrator).map(|m| m.id).collect();
    if !administrators.contains(&who) {
        return stranger(state);
    }
    if administrators.len() == 1 && state.options.last_admin_stays {
        return Err(Refusal::invalid("The group needs an administrator"));
    }
    change(state, id, |group| {
        for member in group.members.iter_mut().filter(|member| member.id == who) {
            member.administrator = false;
        }
    });
    Ok(success())
}

fn change(state: &mut State, id: u64, change: impl FnOnce(&mut Group)) {
    if let Some(group) = state.tenant.groups.get_mut(&id) {
        change(group);
    }
}

/// The answer about somebody who is not in the group, or not its administrator.
fn stranger(state: &State) -> Result<Reply> {
    if state.options.removing_strangers_refused {
        Err(Refusal::invalid("The user is not a member of the group"))
    } else {
        Ok(success())
    }
}

/// A group whose members the integration may change.
fn writable<'a>(state: &'a State, ask: &Ask<'_>, id: u64) -> Result<&'a Group> {
    ask.needs(state, &[Permission::ManageGroup])?;
    groups::in_scope(state, id)?;
    let group = state.tenant.groups.get(&id).ok_or_else(|| unknown_id(state, &id.to_string()))?;
    refuse_archived(state, group)?;
    let mut administrators = group.members.iter().filter(|member| member.administrator);
    let own = administrators.any(|member| state.tenant.people.contains_key(&member.id));
    if group.purpose == "WORK_MULTI_COMPANY" && !own {
        return Err(Refusal::permission(&state.options));
    }
    Ok(group)
}

/// The person of `uid`, or of the path.
fn administrator(state: &State, ask: &Ask<'_>, who: Option<&str>) -> Result<u64> {
    let params = params(ask.call)?;
    let who = who.or_else(|| params.filled("uid"));
    own(state, who.ok_or_else(|| Refusal::invalid("The parameter uid is required"))?)
}

/// The person of `email` or `member`, or of the path.
fn someone(state: &State, params: &crate::form::Form, who: Option<&str>) -> Result<u64> {
    match (who, params.filled("email"), params.filled("member")) {
        (Some(who), None, None) | (None, Some(who), None) | (None, None, Some(who)) => own(state, who),
        (None, None, None) => Err(Refusal::invalid("One of the parameters email and member is required")),
        _ => Err(Refusal::invalid("Only one of the parameters email and member may be given")),
    }
}

/// A person of this community.
fn own(state: &State, who: &str) -> Result<u64> {
    match find(state, who) {
        Ok(Node::Member(id)) => Ok(id),
        Ok(_) => Err(Refusal::invalid(format!("{who} is no member of this community"))),
        Err(refusal) => Err(refusal),
    }
}
