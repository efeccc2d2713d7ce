//! Groups: reading them, and which there are where.

use serde_json::{Map, Value, json};

use super::super::api::Ask;
use super::super::error::{Refusal, Result};
use super::super::model::Group;
use super::super::options::Permission;
use super::super::state::State;
use super::fields::{Field, unknown, usual, wanted};
use super::members::{self, reference, stamp};
use super::membership::visible;
use super::ok;
use super::page::{nested, page};
use crate::harness::Reply;

/// `GET /community/groups`: those right below the community, whatever they are.
pub(super) fn of_community(state: &State, ask: &Ask<'_>, path: &str) -> Result<Reply> {
    list(state, ask, path, |group| group.parent.is_none())
}

/// `GET /{group}/groups`: those right below a group or child community.
pub(super) fn of_group(state: &State, ask: &Ask<'_>, id: u64, path: &str) -> Result<Reply> {
    list(state, ask, path, |group| group.parent == Some(id))
}

fn list(state: &State, ask: &Ask<'_>, path: &str, of: impl Fn(&Group) -> bool) -> Result<Reply> {
    ask.needs(state, &[Permission::ReadGroup, Permission::ManageGroup])?;
    let fields = wanted(ask.query.filled("fields"), &state.options)?;
    let ids = state.tenant.groups.iter().filter(|(id, group)| of(group) && in_scope(state, **id).is_ok());
    let ids: Vec<u64> = ids.map(|(id, _)| *id).collect();
    Ok(ok(&page(state, ask, path, &ids, |id| render(state, ask, id, &fields))?))
}

/// `GET /{member}/groups`: with the privacy too when nobody says what is wanted.
pub(super) fn of_member(state: &State, ask: &Ask<'_>, id: u64, path: &str) -> Result<Reply> {
    ask.needs(state, &[Permission::ReadGroupMembership, Permission::ReadGroup])?;
    let fields = match ask.query.filled("fields") {
        None => wanted(Some("id,name,privacy"), &state.options)?,
        some => wanted(some, &state.options)?,
    };
    let ids = ids_of_member(state, id);
    Ok(ok(&page(state, ask, path, &ids, |id| render(state, ask, id, &fields))?))
}

/// The groups somebody is in.
pub(super) fn ids_of_member(state: &State, id: u64) -> Vec<u64> {
    let of = state.tenant.groups.iter().filter(|(_, group)| group.member(id).is_some());
    of.map(|(id, _)| *id).collect()
}

/// Refuses groups the integration may not reach.
pub(super) fn in_scope(state: &State, id: u64) -> Result<()> {
    let chosen = &state.options.chosen_groups;
    let within = chosen.is_empty() || chosen.contains(&id.to_string());
    if within { Ok(()) } else { Err(Refusal::permission(&state.options)) }
}

/// A group with the fields asked for; none is the usual ones.
pub(super) fn render(state: &State, ask: &Ask<'_>, id: u64, fields: &[Field]) -> Result<Value> {
    let Some(group) = state.tenant.groups.get(&id) else { return Ok(Value::Null) };
    let usual = usual(&state.options);
    let fields = if fields.is_empty() { &usual } else { fields };
    let mut out = Map::new();
    out.insert("id".into(), json!(id.to_string()));
    for field in fields {
        let value = match field.name.as_str() {
            "id" => continue,
            edge @ ("members" | "admins") => {
                let chosen = visible(state, group).filter(|member| edge == "members" || member.administrator);
                let ids: Vec<u64> = chosen.map(|member| member.id).collect();
                nested(state, id, field, &ids, |person| {
                    members::render(state, ask, person, &field.fields, group.member(person))
                })?
            }
            name => match of_group_field(state, group, id, name) {
                Some(value) => value,
                None => {
                    unknown(name, "Group", &state.options)?;
                    continue;
                }
            },
        };
        if !value.is_null() {
            out.insert(field.name.clone(), value);
        }
    }
    Ok(Value::Object(out))
}

fn of_group_field(state: &State, group: &Group, id: u64, name: &str) -> Option<Value> {
    Some(match name {
        "name" => json!(group.name),
        "description" => json!(group.description),
        "privacy" => json!(group.privacy),
        "cover" => json!(group.cover.as_ref().map(|url| json!({"source": url}))),
        "icon" => json!(format!("https://static.example/icons/{id}.png")),
        "owner" => group.owner.map_or(Value::Null, |owner| reference(state, owner)),
        "is_workplace_default" => json!(group.is_workplace_default),
        "is_community" => json!(group.is_community),
        "updated_time" => json!(stamp(group.updated_ms)),
        "archived" => json!(group.archived),
        "post_requires_admin_approval" => json!(group.post_requires_admin_approval),
        "purpose" => json!(group.purpose),
        "post_permissions" => json!(group.post_permissions),
        "join_setting" => json!(group.join_setting),
        "sorting_setting" => json!(group.sorting_setting),
        _ => return None,
    })
}

/// All of a group, its members included also where Graph does not show them.
pub(in super::super) fn view(state: &State, id: &str) -> Option<Value> {
    const FIELDS: [&str; 15] = [
        "name",
        "description",
        "privacy",
        "cover",
        "icon",
        "owner",
        "is_workplace_default",
        "is_community",
        "updated_time",
        "archived",
        "post_requires_admin_approval",
        "purpose",
        "post_permissions",
        "join_setting",
        "sorting_setting",
    ];
    let at = id.parse().ok()?;
    let group = state.tenant.groups.get(&at)?;
    let mut out = json!({"id": id});
    for name in FIELDS {
        out[name] = of_group_field(state, group, at, name)?;
    }
    let member = |member: &super::super::model::Member| json!({"id": member.id.to_string(), "administrator": member.administrator});
    out["members"] = group.members.iter().map(member).collect();
    Some(out)
}
