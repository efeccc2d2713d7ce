//! People, people sets, and where everything is kept.

use std::collections::{BTreeMap, HashMap};

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

/// Ids of people sets begin here.
const FIRST_PEOPLE_SET: u64 = 430_071_234_500_001;

/// The tenant, everything by id, which is also the order of creation.
pub(super) struct Tenant {
    pub(super) people: BTreeMap<u64, Person>,
    user_names: HashMap<String, u64>,
    pub(super) people_sets: BTreeMap<u64, PeopleSet>,
    next_person: u64,
    next_people_set: u64,
    pub(super) rng: Rng,
}

impl Tenant {
    pub(super) fn new(first_id: u64, rng: Rng) -> Self {
        Self {
            people: BTreeMap::new(),
            user_names: HashMap::new(),
            people_sets: BTreeMap::new(),
            next_person: first_id,
            next_people_set: FIRST_PEOPLE_SET,
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

    /// Removes a person, from all people sets too. Whoever was managed by the person has no manager then.
    pub(super) fn remove_person(&mut self, id: u64) {
        self.forget(id);
        self.people.remove(&id);
        for set in self.people_sets.values_mut() {
            set.members.retain(|member| *member != id);
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
}
