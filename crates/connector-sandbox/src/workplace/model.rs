//! People, people sets, groups, and where everything is kept.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value};

use crate::rng::Rng;

/// An account.
#[derive(Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the account by itself")]
pub(super) struct Person {
    /// Attributes of the core schema that are kept as they were sent: see [`super::scim::attributes`].
    pub(super) core: Map<String, Value>,
    /// Texts of the enterprise extension.
    pub(super) enterprise: Map<String, Value>,
    pub(super) manager: Option<u64>,
    pub(super) active: bool,
    /// Seconds since 1970.
    pub(super) start_date: Option<i64>,
    /// Seconds since 1970; 0 is none.
    pub(super) term_date: i64,
    pub(super) invited_ms: Option<i64>,
    pub(super) claimed_ms: Option<i64>,
    /// Whether the person ever came: such an account cannot be deleted.
    pub(super) ever_claimed: bool,
    /// Of accounts without an address.
    pub(super) access_code: Option<String>,
    pub(super) by_sso: bool,
    pub(super) frontline: bool,
    pub(super) created_ms: i64,
    pub(super) updated_ms: i64,
}

impl Person {
    /// A text of the core schema, or nothing.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.core.get(name)?.as_str()
    }

    /// A part of the name.
    pub(super) fn name(&self, part: &str) -> Option<&str> {
        self.core.get("name")?.get(part)?.as_str()
    }
}

/// A list of accounts for administrators: what SCIM calls a group.
#[derive(Clone)]
pub(super) struct PeopleSet {
    pub(super) name: String,
    /// In the order in which they were added.
    pub(super) members: Vec<u64>,
}

/// A group that people see.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the group by itself")]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) privacy: String,
    pub(super) purpose: String,
    pub(super) join_setting: String,
    pub(super) post_permissions: String,
    pub(super) sorting_setting: String,
    pub(super) post_requires_admin_approval: bool,
    pub(super) archived: bool,
    pub(super) is_workplace_default: bool,
    pub(super) is_community: bool,
    pub(super) owner: Option<u64>,
    pub(super) cover: Option<String>,
    /// The group or child community it is right below; none is the community itself.
    pub(super) parent: Option<u64>,
    pub(super) updated_ms: i64,
    /// In the order in which they came.
    pub(super) members: Vec<Member>,
}

/// Somebody in a group.
#[derive(Clone)]
pub(super) struct Member {
    /// Of a person, or of somebody of another company.
    pub(super) id: u64,
    pub(super) administrator: bool,
    pub(super) joined_ms: i64,
    pub(super) added_by: Option<u64>,
}

impl Group {
    pub(super) fn new(privacy: String, now_ms: i64) -> Self {
        Self {
            name: String::new(),
            description: None,
            privacy,
            purpose: "WORK_TEAMWORK".into(),
            join_setting: "ANYONE".into(),
            post_permissions: "NONE".into(),
            sorting_setting: "CHRONOLOGICAL".into(),
            post_requires_admin_approval: false,
            archived: false,
            is_workplace_default: false,
            is_community: false,
            owner: None,
            cover: None,
            parent: None,
            updated_ms: now_ms,
            members: Vec::new(),
        }
    }

    pub(super) fn member(&self, id: u64) -> Option<&Member> {
        self.members.iter().find(|member| member.id == id)
    }
}

/// Ids of groups begin here.
const FIRST_GROUP: u64 = 420_071_234_500_001;
/// Ids of people sets begin here.
const FIRST_PEOPLE_SET: u64 = 430_071_234_500_001;

/// The tenant, everything by id, which is also the order of creation.
pub(super) struct Tenant {
    pub(super) people: BTreeMap<u64, Person>,
    user_names: HashMap<String, u64>,
    pub(super) people_sets: BTreeMap<u64, PeopleSet>,
    pub(super) groups: BTreeMap<u64, Group>,
    /// Names of people of other companies who are in groups.
    pub(super) strangers: BTreeMap<u64, String>,
    /// System administrators.
    pub(super) admins: BTreeSet<u64>,
    next_person: u64,
    next_people_set: u64,
    next_group: u64,
    pub(super) rng: Rng,
}

impl Tenant {
    pub(super) fn new(first_id: u64, rng: Rng) -> Self {
        Self {
            people: BTreeMap::new(),
            user_names: HashMap::new(),
            people_sets: BTreeMap::new(),
            groups: BTreeMap::new(),
            strangers: BTreeMap::new(),
            admins: BTreeSet::new(),
            next_person: first_id,
            next_people_set: FIRST_PEOPLE_SET,
            next_group: FIRST_GROUP,
            rng,
        }
    }

    pub(super) fn add_person(&mut self, person: Person) -> u64 {
        let id = self.next_person;
        self.next_person += 1 + self.rng.next() % 9;
        self.put_person(id, person);
        id
    }

    /// Puts a person in the place of the old one, if there is one.
    pub(super) fn put_person(&mut self, id: u64, person: Person) {
        self.forget(id);
        if let Some(name) = person.text("userName") {
            self.user_names.insert(name.to_lowercase(), id);
        }
        self.people.insert(id, person);
    }

    /// Removes a person, from all people sets and groups too. Whoever was managed by the person has no manager then.
    pub(super) fn remove_person(&mut self, id: u64) {
        self.forget(id);
        self.people.remove(&id);
        for set in self.people_sets.values_mut() {
            set.members.retain(|member| *member != id);
        }
        self.admins.remove(&id);
        let of: Vec<u64> =
            self.groups.iter().filter(|(_, group)| group.member(id).is_some()).map(|(id, _)| *id).collect();
        for group in of {
            if let Some(group) = self.groups.get_mut(&group) {
                group.members.retain(|member| member.id != id);
            }
            self.drop_if_empty(group);
        }
        for person in self.people.values_mut().filter(|person| person.manager == Some(id)) {
            person.manager = None;
        }
    }

    fn forget(&mut self, id: u64) {
        let old = self.people.get(&id).and_then(|old| old.text("userName")).map(str::to_lowercase);
        if let Some(old) = old {
            self.user_names.remove(&old);
        }
    }

    pub(super) fn person_named(&self, user_name: &str) -> Option<u64> {
        self.user_names.get(&user_name.to_lowercase()).copied()
    }

    pub(super) fn add_people_set(&mut self, set: PeopleSet) -> u64 {
        let id = self.next_people_set;
        self.next_people_set += 1;
        self.people_sets.insert(id, set);
        id
    }

    pub(super) fn add_group(&mut self, group: Group) -> u64 {
        let id = self.next_group;
        self.next_group += 1;
        self.groups.insert(id, group);
        id
    }

    /// A group from which the last member was taken is there no more.
    pub(super) fn drop_if_empty(&mut self, group: u64) {
        if self.groups.get(&group).is_some_and(|group| group.members.is_empty()) {
            self.groups.remove(&group);
        }
    }

    /// The name by which somebody is shown.
    pub(super) fn name_of(&self, id: u64) -> Option<&str> {
        let person = self.people.get(&id).and_then(|person| person.name("formatted"));
        person.or_else(|| self.strangers.get(&id).map(String::as_str))
    }
}
