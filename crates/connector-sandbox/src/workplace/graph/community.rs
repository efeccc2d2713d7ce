//! The community: the root of the tenant, and who is in it.

use serde_json::{Map, Value, json};

use super::super::api::Ask;
use super::super::error::{Refusal, Result};
use super::super::model::Person;
use super::super::options::Permission;
use super::super::state::State;
use super::fields::{Field, unknown, wanted};
use super::page::page;
use super::params::params;
use super::{COMMUNITY, Node, find, members, ok, success, unknown_path};
use crate::harness::Reply;

/// The node itself, which is of the type of groups.
pub(super) fn read(state: &State, ask: &Ask<'_>, fields: &[Field]) -> Result<Value> {
    ask.needs(state, &[Permission::ReadGroup, Permission::ManageGroup])?;
    let mut out = Map::from_iter([("id".to_owned(), json!(COMMUNITY.to_string()))]);
    for field in fields {
        let value = match field.name.as_str() {
            "id" => continue,
            "name" => json!("Riverbank"),
            "privacy" => json!("CLOSED"),
            "is_community" => json!(true),
            "is_workplace_default" | "archived" => json!(false),
            name => {
                unknown(name, "Group", &state.options)?;
                continue;
            }
        };
        out.insert(field.name.clone(), value);
    }
    Ok(Value::Object(out))
}

/// `GET /community/members` and its like.
pub(super) fn people(state: &State, ask: &Ask<'_>, edge: &str, path: &str) -> Result<Reply> {
    let needed = match edge {
        "members" | "former_members" => Permission::ManageWorkProfiles,
        "organization_members" => Permission::ReadGroupMembership,
        "admins" => Permission::ManageAccounts,
        _ => return Err(unknown_path(path)),
    };
    ask.needs(state, &[needed])?;
    let fields = wanted(ask.query.filled("fields"), &state.options)?;
    let inactive = edge == "former_members"
        || (edge == "organization_members" && ask.query.value("inactive") == Some("1"));
    let external_ids: Option<Vec<&str>> =
        ask.query.filled("external_ids").filter(|_| edge == "members").map(|ids| ids.split(',').collect());
    let chosen = |(id, person): &(&u64, &Person)| {
        let named = |ids: &Vec<&str>| person.text("externalId").is_some_and(|id| ids.contains(&id));
        person.active != inactive
            && (edge != "admins" || state.tenant.admins.contains(id))
            && external_ids.as_ref().is_none_or(named)
    };
    let ids: Vec<u64> = state.tenant.people.iter().filter(chosen).map(|(id, _)| *id).collect();
    Ok(ok(&page(state, ask, path, &ids, |id| members::render(state, ask, id, &fields, None))?))
}

/// `POST` and `DELETE /community/admins` with `uid`: system administrators.
pub(super) fn set_admin(state: &mut State, ask: &Ask<'_>, is_admin: bool) -> Result<Reply> {
    ask.needs(state, &[Permission::ManageAccounts])?;
    let params = params(ask.call)?;
    let who = params.filled("uid").ok_or_else(|| Refusal::invalid("The parameter uid is required"))?;
    let Node::Member(id) = find(state, who)? else {
        return Err(Refusal::invalid("Param uid must be the id of a member"));
    };
    if is_admin {
        state.tenant.admins.insert(id);
    } else {
        state.tenant.admins.remove(&id);
    }
    Ok(success())
}
