//! Groups: create, replace, change and remove.

use std::collections::HashSet;

use serde_json::Value;

use super::error::{Refusal, Result};
use super::model::{Group, GroupAt, Late, UserAt};
use super::options::Options;
use super::org::Org;
use super::write::Body;

/// POST: the name is required, members are not.
pub(super) fn create(org: &mut Org, options: &Options, body: &Body, now_ms: i64) -> Result<GroupAt> {
    let name = name(body, options)?.ok_or_else(|| Refusal::bad("invalid_name_required"))?;
    check_unique(org, options, &name, None)?;
    let wish = Wish::read(body, org, options)?;
    let members = wish.applied(&[], org, options)?;
    let id = org.fresh_id(&["S"]);
    Ok(org.add_group(Group {
        id,
        created: now_ms.div_euclid(1000),
        name,
        members,
        system: false,
        linked: false,
        late_name: None,
        rendered: None,
    }))
}

/// PUT: name and members are replaced; without `members` the group is emptied.
pub(super) fn replace(org: &mut Org, options: &Options, at: GroupAt, body: &Body, now_ms: i64) -> Result<()> {
    let held = changeable(org, options, at)?;
    let name = name(body, options)?.ok_or_else(|| Refusal::bad("invalid_name_required"))?;
    check_unique(org, options, &name, Some(at))?;
    let wish = Wish::read(body, org, options)?;
    wish.check(&held, org, options)?;
    let members = wish.added();
    check_size(&members, options)?;
    rename(org, options, at, name, now_ms);
    org.set_members(at, members);
    Ok(())
}

/// PATCH: members are added, or removed when they say so; a name that is given is changed.
pub(super) fn patch(org: &mut Org, options: &Options, at: GroupAt, body: &Body, now_ms: i64) -> Result<()> {
    let held = changeable(org, options, at)?;
    let name = name(body, options)?;
    if let Some(name) = &name {
        check_unique(org, options, name, Some(at))?;
    }
    let members = Wish::read(body, org, options)?.applied(&held, org, options)?;
    if let Some(name) = name {
        rename(org, options, at, name, now_ms);
    }
    org.set_members(at, members);
    Ok(())
}

/// DELETE: for good.
pub(super) fn delete(org: &mut Org, options: &Options, at: GroupAt) -> Result<()> {
    changeable(org, options, at)?;
    if org.groups[&at].linked {
        return Err(Refusal::bad("idp_group_linked_to_channels"));
    }
    org.remove_group(at);
    Ok(())
}

/// The members of a group that may be changed.
fn changeable(org: &Org, options: &Options, at: GroupAt) -> Result<Vec<UserAt>> {
    let group = org.groups.get(&at).ok_or_else(|| Refusal::new(options.missing_status, "no_such_group"))?;
    if group.system {
        return Err(Refusal::new(options.forbidden_status, "permission_denied"));
    }
    Ok(group.members.clone())
}

fn rename(org: &mut Org, options: &Options, at: GroupAt, name: String, now_ms: i64) {
    let Some(group) = org.groups.get_mut(&at).filter(|group| group.name != name) else { return };
    group.late_name = Late::new(group.name.clone(), options.rename_lag, now_ms);
    org.rename_group(at, name);
}

fn name(body: &Body, options: &Options) -> Result<Option<String>> {
    match body.get("displayName") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(name)) if name.trim().is_empty() => Err(Refusal::bad("invalid_name_required")),
        Some(Value::String(name)) => {
            let max = options.max_text_length;
            if max > 0 && name.chars().count() > max {
                return Err(Refusal::bad("invalid_name_maxlength"));
            }
            Ok(Some(name.clone()))
        }
        Some(_) => Err(Refusal::format()),
    }
}

fn check_unique(org: &Org, options: &Options, name: &str, except: Option<GroupAt>) -> Result<()> {
    let mut others = org.groups.iter().filter(|(at, _)| Some(**at) != except);
    if options.unique_group_names && others.any(|(_, group)| group.name == name) {
        return Err(Refusal::new(409, "group_creation_failed"));
    }
    Ok(())
}

fn check_size(members: &[UserAt], options: &Options) -> Result<()> {
    if members.len() > options.max_members_per_group {
        return Err(Refusal::bad("group_member_max_exceeded"));
    }
    Ok(())
}

/// What a body says about members, in its order: who, and whether to add.
struct Wish(Vec<(UserAt, bool)>);

impl Wish {
    fn read(body: &Body, org: &Org, options: &Options) -> Result<Self> {
        let Some(list) = body.get("members").filter(|list| !list.is_null()) else {
            return Ok(Self(Vec::new()));
        };
        let list = list.as_array().ok_or_else(Refusal::format)?;
        if list.len() > options.max_members_per_call {
            return Err(Refusal::bad("too_many_users"));
        }
        let mut wish = Vec::with_capacity(list.len());
        for item in list {
            let id = item.get("value").and_then(Value::as_str).ok_or_else(Refusal::format)?;
            let add = match item.get("operation").map(Value::as_str) {
                None => true,
                Some(Some("delete")) => false,
                Some(_) => return Err(Refusal::format()),
            };
            match org.user_at(id) {
                Some(user) => wish.push((user, add)),
                None if add => return Err(Refusal::bad("no_such_group_members")),
                // Removing somebody who is not a member is no error.
                None => {}
            }
        }
        Ok(Self(wish))
    }

    /// Only newcomers are checked: who was a member before may have been deactivated since.
    fn check(&self, held: &[UserAt], org: &Org, options: &Options) -> Result<()> {
        let held: HashSet<_> = held.iter().collect();
        for (at, _) in self.0.iter().filter(|(at, add)| *add && !held.contains(at)) {
            let user = &org.users[*at];
            let inactive = !user.active && !options.deactivated_in_groups;
            let guest = user.guest.is_some() && !options.guests_in_groups;
            if inactive || guest {
                return Err(Refusal::bad("unable_to_add_deleted_or_guest_to_group"));
            }
        }
        Ok(())
    }

    /// Everybody to add, once each.
    fn added(&self) -> Vec<UserAt> {
        let mut seen = HashSet::new();
        self.0.iter().filter(|(at, add)| *add && seen.insert(*at)).map(|(at, _)| *at).collect()
    }

    /// `held` with the additions and removals applied.
    fn applied(&self, held: &[UserAt], org: &Org, options: &Options) -> Result<Vec<UserAt>> {
        self.check(held, org, options)?;
        let removed: HashSet<_> = self.0.iter().filter(|(_, add)| !add).map(|(at, _)| *at).collect();
        let mut seen: HashSet<_> = removed.clone();
        let all = held.iter().copied().chain(self.added());
        let members: Vec<_> = all.filter(|at| seen.insert(*at)).collect();
        check_size(&members, options)?;
        Ok(members)
    }
}
