//! The people, people sets and groups a tenant starts with: made up, and the same every time.

use serde_json::{Value, json};

use super::model::{Group, Member, PeopleSet, Person, Tenant};
use crate::names::{FAMILY, GIVEN};
use crate::rng::Rng;

const DEPARTMENTS: [&str; 5] = ["Harbour", "R&D", "Équipage", "Buchhaltung", "Legal/Compliance"];
const TITLES: [&str; 4] = ["Quay Supervisor", "Kranführerin", "Head of \"Special\" Cargo", "Analyst"];
const LOCALES: [&str; 4] = ["en_GB", "de_DE", "fr_FR", "ja_JP"];
const PEOPLE_SETS: [&str; 5] = ["Pilot users", "Harbour staff", "Single sign-on", "Équipe \"Nord\"", "Empty"];

/// Where in the list of groups those are that are unlike the others.
const DEFAULT: usize = 0;
const ARCHIVED: usize = 4;
const ONE_MEMBER: usize = 5;
const WITHOUT_ADMIN: usize = 6;
const MULTI_COMPANY: usize = 7;
const RUN_BY_OTHERS: usize = 8;
const CHILD_COMMUNITY: usize = 9;
const BELOW_IT: usize = 10;
const RETIRED_PURPOSE: usize = 11;
const FRESH: usize = 13;
const GROUPS: [&str; 14] = [
    "Everyone",
    "Harbour Safety",
    "Büro & Finanzen",
    "R&D / Labs",
    "Leavers 2023",
    "Last one out",
    "Nobody in charge",
    "Suppliers",
    "Run by others",
    "Riverbank France",
    "Équipe \"Nord\"",
    "For sale",
    "Harbour Safety",
    "Just made",
];

/// Fills the tenant with so many people, people sets and groups; never fewer than two people.
pub(super) fn fill(tenant: &mut Tenant, people: usize, people_sets: usize, groups: usize) {
    let mut rng = Rng::new(0x3083_91AC);
    let mut ids = Vec::new();
    for n in 0..people.max(2) {
        let mut made = person(&mut rng, n);
        // The first manages the next twenty, and those everybody else.
        made.manager = match n {
            0 => None,
            1..=20 => ids.first().copied(),
            _ => ids.get(1 + n % 20).copied(),
        };
        ids.push(tenant.add_person(made));
    }
    for n in 0..people_sets {
        let name = PEOPLE_SETS.get(n).map_or_else(|| format!("People set {}", n + 1), ToString::to_string);
        let members = match n {
            4 => Vec::new(),
            _ => ids.iter().copied().skip(n).step_by(3 + n * n).collect(),
        };
        tenant.add_people_set(PeopleSet { name, members });
    }
    tenant.admins.extend(ids.iter().take(2));
    let strangers = [(190_071_234_500_001, "Eve Partner"), (190_071_234_500_002, "Max Supplier")];
    tenant.strangers.extend(strangers.map(|(id, name)| (id, name.to_owned())));
    let mut child = None;
    for n in 0..groups {
        let mut group = group(n, &ids);
        if n == BELOW_IT {
            group.parent = child;
        }
        let id = tenant.add_group(group);
        if n == CHILD_COMMUNITY {
            child = Some(id);
        }
    }
}

fn group(n: usize, people: &[u64]) -> Group {
    let created_ms = 1_650_000_000_000 + 86_400_000 * i64::try_from(n).unwrap_or(0);
    let mut group = Group::new(["OPEN", "CLOSED", "SECRET"][n % 3].to_owned(), created_ms);
    group.name = GROUPS.get(n).map_or_else(|| format!("Group {}", n + 1), ToString::to_string);
    group.description = (n % 4 != 3).then(|| format!("All about {}", group.name));
    group.owner = (!n.is_multiple_of(3)).then(|| people[0]);
    group.is_workplace_default = n == DEFAULT;
    group.archived = n == ARCHIVED;
    group.is_community = n == CHILD_COMMUNITY;
    group.cover = n.is_multiple_of(5).then(|| format!("https://static.example/covers/{n}.png"));
    if n == MULTI_COMPANY || n == RUN_BY_OTHERS {
        "WORK_MULTI_COMPANY".clone_into(&mut group.purpose);
        "CLOSED".clone_into(&mut group.privacy);
        group.members.push(member(190_071_234_500_001, n == RUN_BY_OTHERS, created_ms));
        group.members.push(member(190_071_234_500_002, false, created_ms));
    }
    if n == RETIRED_PURPOSE {
        "WORK_FOR_SALE".clone_into(&mut group.purpose);
    }
    // Every so-manieth of the people, so many of them.
    let (step, count) = match n {
        DEFAULT => (1, people.len()),
        1 => (3, 120),
        ONE_MEMBER => (1, 1),
        FRESH => (1, 0),
        _ => (2 + n, 5 + 3 * n),
    };
    for (k, id) in people.iter().step_by(step).take(count).enumerate() {
        let administrator = k == 0 && n != WITHOUT_ADMIN && n != RUN_BY_OTHERS;
        let joined_ms = created_ms + 60_000 * i64::try_from(k).unwrap_or(0);
        group
            .members
            .push(Member { added_by: (k > 0).then(|| people[0]), ..member(*id, administrator, joined_ms) });
    }
    group
}

fn member(id: u64, administrator: bool, joined_ms: i64) -> Member {
    Member { id, administrator, joined_ms, added_by: None }
}

fn person(rng: &mut Rng, n: usize) -> Person {
    let ((given, given_plain), (family, family_plain)) = (rng.pick(&GIVEN), rng.pick(&FAMILY));
    let user_name = match n {
        0 => "ivo.brandt@riverbank.example".to_owned(),
        1 => "it.service@riverbank.example".to_owned(),
        _ => format!("{given_plain}.{family_plain}.{n}@riverbank.example"),
    };
    let created_ms = 1_600_000_000_000 + i64::try_from(rng.below(90_000_000_000)).unwrap_or(0);
    let mut person = Person { created_ms, updated_ms: created_ms, active: true, ..Person::default() };
    let mut put = |name: &str, value: Value| {
        person.core.insert(name.to_owned(), value);
    };
    put("name", json!({"formatted": format!("{given} {family}"), "familyName": family, "givenName": given}));
    if n % 40 != 39 {
        put("userName", json!(user_name));
        put("emails", json!([{"value": user_name, "type": "work", "primary": true}]));
    }
    if n % 40 == 39 || n.is_multiple_of(2) {
        put("externalId", json!(format!("E-{}", 20_000 + n)));
    }
    if n % 3 != 2 {
        put("title", json!(TITLES[n % TITLES.len()]));
        put("phoneNumbers", json!([{"value": format!("+44163296{n:04}"), "type": "work", "primary": true}]));
        put(
            "addresses",
            json!([{"type": "work", "formatted": "Dock 4, Hull", "country": "GB", "primary": true}]),
        );
    }
    if n.is_multiple_of(5) {
        let mobile = json!({"value": format!("+44770090{n:04}"), "type": "mobile", "primary": false});
        put("phoneNumbers", json!([mobile, {"value": "+441632960000", "type": "fax"}]));
        put("nickName", json!(given));
        put("timezone", json!("Europe/London"));
    }
    put("locale", json!(LOCALES[n % LOCALES.len()]));
    put("preferredLanguage", json!(LOCALES[n % LOCALES.len()]));
    if n % 3 != 1 {
        for (name, value) in [
            ("employeeNumber", format!("{}", 20_000 + n)),
            ("department", DEPARTMENTS[n % DEPARTMENTS.len()].to_owned()),
            ("division", "Operations".to_owned()),
            ("organization", "Riverbank".to_owned()),
            ("costCenter", format!("CC-{}", n % 9)),
        ] {
            person.enterprise.insert(name.to_owned(), json!(value));
        }
    }
    if n.is_multiple_of(4) {
        person.start_date = Some(1_500_000_000 + 86_400 * i64::try_from(n).unwrap_or(0));
    }
    // Most have come; every tenth was invited, every tenth but one not even that; every thirteenth has left.
    let come = n < 2 || n % 10 < 8;
    person.invited_ms = (come || n % 10 == 8).then_some(created_ms + 3_600_000);
    person.claimed_ms = come.then_some(created_ms + 86_400_000);
    person.ever_claimed = come;
    person.active = n < 2 || n % 13 != 11;
    person.by_sso = n % 2 == 1;
    person.frontline = n % 7 == 6;
    if n % 40 == 39 {
        person.access_code = Some(format!("CODE{n:04}"));
        person.by_sso = false;
        person.invited_ms.get_or_insert(created_ms);
    }
    person
}
