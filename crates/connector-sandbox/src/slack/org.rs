//! The organisation: users and groups with the indexes that keep look-ups off the list.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use axum::body::Bytes;
use serde_json::Value;

use super::model::{Field, Group, GroupAt, User, UserAt, read_late};
use super::render::{self, UserView};
use crate::rng::Rng;

/// Characters of ids.
const ID_ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// Everything that SCIM reads and writes.
pub(super) struct Org {
    pub(super) scim_url: String,
    pub(super) team_url: String,
    /// In order of creation.
    pub(super) users: Vec<User>,
    ids: HashMap<String, UserAt>,
    names: HashMap<String, UserAt>,
    emails: HashMap<String, UserAt>,
    /// In order of creation.
    pub(super) groups: BTreeMap<GroupAt, Group>,
    group_ids: HashMap<String, GroupAt>,
    next_group: GroupAt,
    /// Channel names, which user names must not collide with.
    pub(super) channels: HashSet<String>,
    /// Custom profile fields that exist because SCIM wrote them once.
    pub(super) fields: BTreeSet<Field>,
    pub(super) rng: Rng,
}

impl Org {
    pub(super) fn new(scim_url: String, rng: Rng) -> Self {
        Self {
            scim_url,
            team_url: "https://acme.enterprise.slack.com/".into(),
            users: Vec::new(),
            ids: HashMap::new(),
            names: HashMap::new(),
            emails: HashMap::new(),
            groups: BTreeMap::new(),
            group_ids: HashMap::new(),
            next_group: 0,
            channels: HashSet::new(),
            fields: BTreeSet::new(),
            rng,
        }
    }

    /// An id nobody has: `U…` or `W…` for users, `S…` for groups.
    pub(super) fn fresh_id(&mut self, prefixes: &[&str]) -> String {
        loop {
            let id = format!("{}{}", self.rng.pick(prefixes), self.rng.word(ID_ALPHABET, 10));
            if !self.ids.contains_key(&id) && !self.group_ids.contains_key(&id) {
                return id;
            }
        }
    }

    pub(super) fn user_at(&self, id: &str) -> Option<UserAt> {
        self.ids.get(id).copied()
    }

    /// By the lower-case user name.
    pub(super) fn user_by_name(&self, name: &str) -> Option<UserAt> {
        self.names.get(&name.to_lowercase()).copied()
    }

    /// By the primary e-mail, without regard to case.
    pub(super) fn user_by_email(&self, email: &str) -> Option<UserAt> {
        self.emails.get(&email.to_lowercase()).copied()
    }

    pub(super) fn add_user(&mut self, user: User) -> UserAt {
        let at = self.users.len();
        self.ids.insert(user.id.clone(), at);
        self.index(at, &user);
        self.note_fields(&user);
        self.users.push(user);
        at
    }

    /// Puts a changed user in the place of the old one.
    pub(super) fn commit(&mut self, at: UserAt, mut changed: User) {
        let old = &self.users[at];
        self.names.remove(&old.user_name.to_lowercase());
        self.emails.remove(&old.email.to_lowercase());
        if old.full_name() != changed.full_name() {
            for group in &changed.groups {
                if let Some(group) = self.groups.get_mut(group) {
                    group.rendered = None;
                }
            }
        }
        self.index(at, &changed);
        self.note_fields(&changed);
        changed.rendered = None;
        self.users[at] = changed;
    }

    fn index(&mut self, at: UserAt, user: &User) {
        self.names.insert(user.user_name.to_lowercase(), at);
        self.emails.insert(user.email.to_lowercase(), at);
    }

    fn note_fields(&mut self, user: &User) {
        if let Some(custom) = &user.custom {
            self.fields.extend(custom.keys().map(|field| field.counted()));
        }
    }

    /// The user as written, whatever reads still see.
    pub(super) fn user_now(&self, at: UserAt) -> Value {
        let user = &self.users[at];
        self.render_user(at, user.active, user.photo.as_deref())
    }

    /// The user as a read sees it, old values that lag included.
    pub(super) fn read_user(&mut self, at: UserAt, now_ms: i64) -> Bytes {
        let user = &mut self.users[at];
        if user.late_active.is_some() || user.late_photo.is_some() {
            let active = read_late(&mut user.late_active, now_ms).copied().unwrap_or(user.active);
            let photo =
                read_late(&mut user.late_photo, now_ms).cloned().unwrap_or_else(|| user.photo.clone());
            return render::to_bytes(&self.render_user(at, active, photo.as_deref())).into();
        }
        if let Some(rendered) = &user.rendered {
            return rendered.clone();
        }
        let rendered: Bytes = render::to_bytes(&self.user_now(at)).into();
        self.users[at].rendered = Some(rendered.clone());
        rendered
    }

    fn render_user(&self, at: UserAt, active: bool, photo: Option<&str>) -> Value {
        let user = &self.users[at];
        let group = |at: &GroupAt| self.groups.get(at).map(|group| (group.id.as_str(), group.name.as_str()));
        let groups = user.groups.iter().filter_map(group).collect();
        let view = UserView { scim_url: &self.scim_url, team_url: &self.team_url, active, photo, groups };
        render::user(user, &view)
    }

    pub(super) fn group_at(&self, id: &str) -> Option<GroupAt> {
        self.group_ids.get(id).copied()
    }

    pub(super) fn add_group(&mut self, group: Group) -> GroupAt {
        let at = self.next_group;
        self.next_group += 1;
        self.group_ids.insert(group.id.clone(), at);
        let members = group.members.clone();
        self.groups.insert(at, Group { members: Vec::new(), ..group });
        self.set_members(at, members);
        at
    }

    /// Renames a group, for its members too.
    pub(super) fn rename_group(&mut self, at: GroupAt, name: String) {
        let Some(group) = self.groups.get_mut(&at) else { return };
        group.name = name;
        group.rendered = None;
        for &member in &group.members {
            self.users[member].rendered = None;
        }
    }

    pub(super) fn set_members(&mut self, at: GroupAt, members: Vec<UserAt>) {
        let Some(group) = self.groups.get_mut(&at) else { return };
        let new: HashSet<_> = members.iter().copied().collect();
        let old: HashSet<_> = group.members.iter().copied().collect();
        group.members = members;
        group.rendered = None;
        for &left in old.difference(&new) {
            let user = &mut self.users[left];
            user.groups.retain(|group| *group != at);
            user.rendered = None;
        }
        for &joined in new.difference(&old) {
            let user = &mut self.users[joined];
            user.groups.push(at);
            user.groups.sort_unstable();
            user.rendered = None;
        }
    }

    /// Takes a user out of all groups.
    pub(super) fn leave_groups(&mut self, at: UserAt) {
        for group in self.users[at].groups.clone() {
            let members = self.groups.get(&group).map(|group| group.members.clone()).unwrap_or_default();
            self.set_members(group, members.into_iter().filter(|member| *member != at).collect());
        }
    }

    pub(super) fn remove_group(&mut self, at: GroupAt) {
        self.set_members(at, Vec::new());
        if let Some(group) = self.groups.remove(&at) {
            self.group_ids.remove(&group.id);
        }
    }

    /// The group as written.
    pub(super) fn group_now(&self, at: GroupAt) -> Option<Value> {
        let group = self.groups.get(&at)?;
        Some(self.render_group(group, &group.name))
    }

    /// The group as a read sees it.
    pub(super) fn read_group(&mut self, at: GroupAt, now_ms: i64) -> Bytes {
        let Some(group) = self.groups.get_mut(&at) else { return Bytes::new() };
        if let Some(old_name) = read_late(&mut group.late_name, now_ms).cloned() {
            return render::to_bytes(&self.render_group(&self.groups[&at], &old_name)).into();
        }
        if let Some(rendered) = &group.rendered {
            return rendered.clone();
        }
        let group = &self.groups[&at];
        let rendered: Bytes = render::to_bytes(&self.render_group(group, &group.name)).into();
        if let Some(group) = self.groups.get_mut(&at) {
            group.rendered = Some(rendered.clone());
        }
        rendered
    }

    fn render_group(&self, group: &Group, name: &str) -> Value {
        render::group(group, name, &self.scim_url, group.members.iter().map(|&at| &self.users[at]))
    }
}
