//! The account: users, groups, memberships and keys.

use std::collections::{BTreeMap, HashMap};

use super::flags::Flags;
use crate::rng::Rng;

/// Somebody who logs in.
#[derive(Clone)]
pub(super) struct User {
    pub(super) username: String,
    pub(super) email: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) password: String,
    pub(super) phone: String,
    pub(super) signature: Option<String>,
    pub(super) lang: &'static str,
    pub(super) zone: &'static str,
    pub(super) mfa: bool,
    pub(super) created_ms: i64,
    /// None until something changes.
    pub(super) updated_ms: Option<i64>,
    pub(super) password_ms: i64,
}

/// A permission group.
#[derive(Clone)]
pub(super) struct Group {
    pub(super) title: String,
    pub(super) descript: Option<String>,
    pub(super) flags: Flags,
    pub(super) notify: String,
}

/// A user in a group.
pub(super) struct Membership {
    pub(super) user: u64,
    pub(super) group: u64,
    pub(super) created_ms: Option<i64>,
}

/// The one who bought the account.
pub(super) const PRIMARY_ADMIN: u64 = 1;
/// The group nobody changes.
pub(super) const ADMIN_GROUP: u64 = 3;

/// Everything the API reads and writes, by id.
pub(super) struct Account {
    /// `http://…`, for links.
    pub(super) url: String,
    pub(super) users: BTreeMap<u64, User>,
    names: HashMap<String, u64>,
    emails: HashMap<String, u64>,
    pub(super) groups: BTreeMap<u64, Group>,
    pub(super) memberships: BTreeMap<u64, Membership>,
    /// User by key.
    keys: HashMap<String, u64>,
    last_user: u64,
    last_group: u64,
    last_membership: u64,
    rng: Rng,
}

impl Account {
    pub(super) fn new(url: String, rng: Rng) -> Self {
        Self {
            url,
            users: BTreeMap::new(),
            names: HashMap::new(),
            emails: HashMap::new(),
            groups: BTreeMap::new(),
            memberships: BTreeMap::new(),
            keys: HashMap::new(),
            last_user: 0,
            last_group: ADMIN_GROUP - 1,
            last_membership: 0,
            rng,
        }
    }

    pub(super) fn add_user(&mut self, user: User) -> u64 {
        self.last_user += 1;
        self.put_user(self.last_user, user);
        self.last_user
    }

    /// Puts a user in the place of the old one, if there is one.
    pub(super) fn put_user(&mut self, id: u64, user: User) {
        self.forget(id);
        self.names.insert(user.username.to_lowercase(), id);
        // Several may have one address: the first is found.
        self.emails.entry(user.email.to_lowercase()).or_insert(id);
        self.users.insert(id, user);
    }

    /// Removes a user with all memberships and keys.
    pub(super) fn remove_user(&mut self, id: u64) {
        self.forget(id);
        self.users.remove(&id);
        self.memberships.retain(|_, membership| membership.user != id);
        self.keys.retain(|_, user| *user != id);
    }

    fn forget(&mut self, id: u64) {
        let Some(old) = self.users.get(&id) else { return };
        self.names.remove(&old.username.to_lowercase());
        let email = old.email.to_lowercase();
        if self.emails.get(&email) == Some(&id) {
            self.emails.remove(&email);
            let heir = self.users.iter().find(|(n, user)| **n != id && user.email.to_lowercase() == email);
            if let Some((&heir, _)) = heir {
                self.emails.insert(email, heir);
            }
        }
    }

    pub(super) fn user_named(&self, username: &str) -> Option<u64> {
        self.names.get(&username.to_lowercase()).copied()
    }

    pub(super) fn user_at_email(&self, email: &str) -> Option<u64> {
        self.emails.get(&email.to_lowercase()).copied()
    }

    pub(super) fn add_group(&mut self, group: Group) -> u64 {
        self.last_group += 1;
        self.groups.insert(self.last_group, group);
        self.last_group
    }

    pub(super) fn remove_group(&mut self, id: u64) {
        self.groups.remove(&id);
        self.memberships.retain(|_, membership| membership.group != id);
    }

    /// The memberships of a user, oldest first.
    pub(super) fn of_user(&self, id: u64) -> impl Iterator<Item = (&u64, &Membership)> {
        self.memberships.iter().filter(move |(_, membership)| membership.user == id)
    }

    /// The memberships in a group, oldest first.
    pub(super) fn of_group(&self, id: u64) -> impl Iterator<Item = (&u64, &Membership)> {
        self.memberships.iter().filter(move |(_, membership)| membership.group == id)
    }

    /// Puts a user into a group, once.
    pub(super) fn join(&mut self, user: u64, group: u64, created_ms: Option<i64>) {
        if self.of_user(user).all(|(_, membership)| membership.group != group) {
            self.last_membership += 1;
            self.memberships.insert(self.last_membership, Membership { user, group, created_ms });
        }
    }

    /// Takes a user out of all groups but one.
    pub(super) fn leave_all_but(&mut self, user: u64, group: u64) {
        self.memberships.retain(|_, membership| membership.user != user || membership.group == group);
    }

    /// Whether one of a user's groups has that flag.
    pub(super) fn has_flag(&self, user: u64, flag: &str) -> bool {
        self.of_user(user)
            .filter_map(|(_, membership)| self.groups.get(&membership.group))
            .any(|group| group.flags.get(flag).is_some_and(|value| *value > 0))
    }

    pub(super) fn is_in(&self, user: u64, group: u64) -> bool {
        self.of_user(user).any(|(_, membership)| membership.group == group)
    }

    /// The key of a user, made when there is none; None when there is no such user.
    pub(super) fn key(&mut self, user: u64) -> Option<String> {
        self.users.get(&user)?;
        if let Some((key, _)) = self.keys.iter().find(|(_, owner)| **owner == user) {
            return Some(key.clone());
        }
        let key = self.rng.word("0123456789abcdef", 72);
        self.keys.insert(key.clone(), user);
        Some(key)
    }

    pub(super) fn owner(&self, key: &str) -> Option<u64> {
        self.keys.get(key).copied()
    }
}
