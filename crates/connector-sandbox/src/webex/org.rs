//! The organization: people, licences and teams with the indexes that keep look-ups off the list.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::id::{self, Kind};
use super::model::{License, LicenseAt, Member, ORG, Person, PersonAt, Team, TeamAt, Units};
use crate::rng::Rng;

/// Everything the API reads and writes.
pub(super) struct Org {
    /// `http://…/v1`, for links.
    pub(super) api_url: String,
    /// In order of creation, people of other organizations who are in teams included.
    pub(super) people: BTreeMap<PersonAt, Person>,
    uuids: HashMap<String, PersonAt>,
    emails: HashMap<String, PersonAt>,
    pub(super) licenses: Vec<License>,
    /// How many people hold each licence.
    held: Vec<usize>,
    /// In order of creation.
    pub(super) teams: BTreeMap<TeamAt, Team>,
    team_uuids: HashMap<String, TeamAt>,
    /// UUIDs of people and teams that were deleted.
    gone: HashSet<String>,
    next: u64,
    /// People of this organization.
    own: usize,
    pub(super) rng: Rng,
}

impl Org {
    pub(super) fn new(api_url: String, licenses: Vec<License>, rng: Rng) -> Self {
        let held = vec![0; licenses.len()];
        Self {
            api_url,
            people: BTreeMap::new(),
            uuids: HashMap::new(),
            emails: HashMap::new(),
            licenses,
            held,
            teams: BTreeMap::new(),
            team_uuids: HashMap::new(),
            gone: HashSet::new(),
            next: 0,
            own: 0,
            rng,
        }
    }

    pub(super) fn fresh_uuid(&mut self) -> String {
        id::fresh_uuid(&mut self.rng)
    }

    fn fresh_key(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// How many people the organization has.
    pub(super) fn own_len(&self) -> usize {
        self.own
    }

    pub(super) fn add_person(&mut self, person: Person) -> PersonAt {
        let at = self.fresh_key();
        self.index(at, &person, true);
        self.people.insert(at, person);
        at
    }

    /// Puts a changed person in the place of the old one.
    pub(super) fn commit(&mut self, at: PersonAt, changed: Person) {
        if let Some(old) = self.people.remove(&at) {
            self.index(at, &old, false);
        }
        self.index(at, &changed, true);
        self.people.insert(at, changed);
    }

    /// Removes a person, from all teams too.
    pub(super) fn remove_person(&mut self, at: PersonAt) {
        if let Some(old) = self.people.remove(&at) {
            self.index(at, &old, false);
            self.gone.insert(old.uuid);
            for team in self.teams.values_mut() {
                team.members.retain(|member| member.person != at);
            }
        }
    }

    fn index(&mut self, at: PersonAt, person: &Person, add: bool) {
        if add {
            self.uuids.insert(person.uuid.clone(), at);
            self.emails.extend(person.emails.iter().map(|email| (email.to_lowercase(), at)));
        } else {
            self.uuids.remove(&person.uuid);
            for email in &person.emails {
                self.emails.remove(&email.to_lowercase());
            }
        }
        let step = |count: &mut usize| *count = if add { *count + 1 } else { count.saturating_sub(1) };
        if person.org == ORG {
            step(&mut self.own);
        }
        for &license in &person.licenses {
            step(&mut self.held[license]);
        }
    }

    pub(super) fn person_at(&self, uuid: &str) -> Option<PersonAt> {
        self.uuids.get(uuid).copied()
    }

    pub(super) fn person_by_uuid(&self, uuid: &str) -> Option<&Person> {
        self.people.get(&self.person_at(uuid)?)
    }

    /// By any of the addresses, without regard to case.
    pub(super) fn person_at_email(&self, email: &str) -> Option<PersonAt> {
        self.emails.get(&email.to_lowercase()).copied()
    }

    /// The licence of that value.
    pub(super) fn license_at(&self, value: &str) -> Option<LicenseAt> {
        self.licenses.iter().position(|license| license.value == value)
    }

    /// The licence of that offer code, the first if there are several.
    pub(super) fn license_coded(&self, code: &str) -> Option<LicenseAt> {
        self.licenses.iter().position(|license| license.code == code)
    }

    /// Units of a licence in all, and consumed.
    pub(super) fn units(&self, at: LicenseAt) -> (usize, usize) {
        match self.licenses[at].units {
            Units::Free => (self.own, self.held[at]),
            Units::Hybrid => (self.own, 0),
            Units::Paid(total) => (total, self.held[at]),
            Units::Workspaces { total, consumed } => (total, consumed),
        }
    }

    pub(super) fn add_team(&mut self, team: Team) -> TeamAt {
        let at = self.fresh_key();
        self.team_uuids.insert(team.uuid.clone(), at);
        self.teams.insert(at, team);
        at
    }

    pub(super) fn team_at(&self, uuid: &str) -> Option<TeamAt> {
        self.team_uuids.get(uuid).copied()
    }

    pub(super) fn remove_team(&mut self, at: TeamAt) {
        if let Some(old) = self.teams.remove(&at) {
            self.team_uuids.remove(&old.uuid);
            self.gone.insert(old.uuid);
        }
    }

    /// Whether there was a person or team of that UUID.
    pub(super) fn is_gone(&self, uuid: &str) -> bool {
        self.gone.contains(uuid)
    }

    pub(super) fn add_member(&mut self, team: TeamAt, person: PersonAt, is_moderator: bool, created_ms: i64) {
        let at = self.fresh_key();
        if let Some(team) = self.teams.get_mut(&team) {
            team.members.push(Member { at, person, is_moderator, created_ms });
        }
    }
}

impl Team {
    pub(super) fn id(&self) -> String {
        id::encode_in(self.cluster, Kind::Team, &self.uuid)
    }

    pub(super) fn member(&self, person: PersonAt) -> Option<&Member> {
        self.members.iter().find(|member| member.person == person)
    }
}
