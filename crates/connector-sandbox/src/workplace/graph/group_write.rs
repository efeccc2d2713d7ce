//! Groups: making and changing them. There is no call that deletes one.

use serde_json::json;

use super::super::api::Ask;
use super::super::error::{Refusal, Result};
use super::super::model::{Group, Member};
use super::super::options::Permission;
use super::super::state::State;
use super::params::{boolean, params, word};
use super::{Node, find, groups, ok, success};
use crate::form::Form;
use crate::harness::Reply;

const PRIVACY: [&str; 3] = ["OPEN", "CLOSED", "SECRET"];
const MULTI_COMPANY: &str = "WORK_MULTI_COMPANY";
/// Purposes that can be written; `WORK_FOR_SALE` and `WORK_TEAM` are retired.
const PURPOSE: [&str; 5] =
    ["WORK_ANNOUNCEMENT", "WORK_FEEDBACK", "WORK_TEAMWORK", "WORK_SOCIAL", MULTI_COMPANY];

/// `POST /community/groups`
pub(super) fn create(state: &mut State, ask: &Ask<'_>) -> Result<Reply> {
    ask.needs(state, &[Permission::ManageGroup])?;
    if !state.options.chosen_groups.is_empty() {
        return Err(Refusal::permission(&state.options));
    }
    let params = params(ask.call)?;
    if params.filled("name").is_none() {
        return Err(Refusal::invalid("The parameter name is required"));
    }
    let admin = match params.filled("admin").map(|who| find(state, who)) {
        None => None,
        Some(Ok(Node::Member(id))) => Some(id),
        Some(_) => return Err(Refusal::invalid("Param admin must be the id of a member")),
    };
    let mut group = Group::new(state.options.default_privacy.clone(), ask.now_ms);
    change(state, &mut group, &params, None)?;
    if let Some(id) = admin {
        group.owner = Some(id);
        group.members.push(Member { id, administrator: true, joined_ms: ask.now_ms, added_by: None });
    }
    let id = state.tenant.add_group(group);
    Ok(ok(&json!({"id": id.to_string()})))
}

/// `POST /{group}`
pub(super) fn update(state: &mut State, ask: &Ask<'_>, id: u64) -> Result<Reply> {
    ask.needs(state, &[Permission::ManageGroup])?;
    groups::in_scope(state, id)?;
    let params = params(ask.call)?;
    let Some(mut group) = state.tenant.groups.get(&id).cloned() else { return Ok(success()) };
    if params.value("archive").is_none() {
        refuse_archived(state, &group)?;
    }
    change(state, &mut group, &params, Some(id))?;
    group.updated_ms = ask.now_ms;
    state.tenant.groups.insert(id, group);
    Ok(success())
}

/// Refuses to change an archived group where the switch says so.
pub(super) fn refuse_archived(state: &State, group: &Group) -> Result<()> {
    if group.archived && state.options.archived_groups_fixed {
        return Err(Refusal::invalid("The group is archived"));
    }
    Ok(())
}

fn change(state: &State, group: &mut Group, params: &Form, of: Option<u64>) -> Result<()> {
    let options = &state.options;
    if let Some(name) = params.value("name") {
        if name.trim().is_empty() {
            return Err(Refusal::invalid("Param name must not be empty"));
        }
        let taken = state.tenant.groups.iter().any(|(id, other)| Some(*id) != of && other.name == name);
        if taken && options.unique_group_names {
            return Err(Refusal::invalid("A group with this name exists"));
        }
        name.clone_into(&mut group.name);
    }
    match params.value("description") {
        Some("") if options.empty_value_clears => group.description = None,
        Some("") | None => {}
        Some(text) => group.description = Some(text.to_owned()),
    }
    if let Some(privacy) = word(params, "privacy", &PRIVACY)? {
        group.privacy = privacy;
    }
    let old_name = word(params, "group_type", &PURPOSE)?;
    let purpose = word(params, "purpose", &PURPOSE)?;
    if purpose.is_some() && !options.purpose_writable {
        return Err(Refusal::invalid("The parameter purpose cannot be written"));
    }
    if let Some(purpose) = purpose.or(old_name) {
        group.purpose = purpose;
    }
    if group.purpose == MULTI_COMPANY && group.privacy == "OPEN" {
        return Err(Refusal::invalid("A multi-company group cannot be OPEN"));
    }
    if let Some(setting) = word(params, "join_setting", &["NONE", "ANYONE", "ADMIN_ONLY"])? {
        group.join_setting = setting;
    }
    if let Some(setting) = word(params, "post_permissions", &["NONE", "ADMIN_ONLY"])? {
        group.post_permissions = setting;
    }
    if let Some(approval) = boolean(params, "post_requires_admin_approval")? {
        group.post_requires_admin_approval = approval;
    }
    if let Some(setting) = params.filled("sorting_setting") {
        setting.clone_into(&mut group.sorting_setting);
    }
    if let Some(url) = params.filled("cover_url") {
        group.cover = Some(url.to_owned());
    }
    if let Some(archive) = boolean(params, "archive")? {
        group.archived = archive;
    }
    Ok(())
}
