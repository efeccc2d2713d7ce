//! The people, licences and teams an organization starts with: made up, and the same every time.

use serde_json::json;

use super::id::{self, Kind};
use super::model::{
    FULL_ADMINISTRATOR, LOCATION, License, LicenseAt, ORG, OTHER_ORG, Person, PersonAt, PersonKind, Phone,
    READ_ONLY_ADMINISTRATOR, Team, USER_ADMINISTRATOR, Units,
};
use super::org::Org;
use super::state::Cast;
use crate::names::{FAMILY, GIVEN};
use crate::rng::Rng;

/// The site most meetings are held on.
const SITE: &str = "acme-demo.webex.com";
/// The site of the big events.
const EVENTS_SITE: &str = "acme-events.webex.com";
const SUBSCRIPTION: Option<&str> = Some("Sub-demo-1");

const TITLES: [&str; 6] =
    ["Analyst", "R&D engineer", "Head of \"Special\" Projects", "Comptable", "Büroleiterin", ""];
const DEPARTMENTS: [&str; 6] = ["Research", "Navy", "Buchhaltung", "R&D", "Legal/Compliance", "Éditions"];
const TIME_ZONES: [&str; 4] = ["Europe/Berlin", "America/New_York", "Asia/Tokyo", "America/Los_Angeles"];
const TEAMS: [&str; 15] = [
    "All staff",
    "Research",
    "Büro München",
    "R&D / Labs",
    "Sales EMEA",
    "On call",
    "Équipe française",
    "Payroll",
    "Leavers 2023",
    "Research",
    "Empty for now",
    "Projekt \"Ärger\"",
    "東京",
    "Partners",
    "Service desk",
];

/// Code, UUID, name, name before 2026, site, units: the order in which the list has them.
pub(super) fn licenses() -> Vec<License> {
    let paid = Units::Paid;
    [
        ("EE", "0d7c5b3a-4e21-4c9a-8b16-6f2d9e8a7c05", "Webex Meetings Suite", "", Some(SITE), paid(0)),
        (
            "EE",
            "3b91e6f4-7a05-4d28-9c3e-81f5a0b2d617",
            "Webex Meetings Suite",
            "",
            Some(EVENTS_SITE),
            paid(0),
        ),
        ("MS", "c4d2a871-95be-4f03-a6d7-2e8f13b0c594", "Advanced Messaging", "", None, paid(0)),
        ("CF", "68f0b3d9-1c47-4ae5-b28d-f7093e5a1b62", "Advanced Space Meetings", "", None, paid(0)),
        (
            "BCSTD",
            "a5e7c019-63d8-4b92-8f14-0d6b2c9e7f38",
            "Webex Calling - Professional",
            "Single License - Webex Calling - Professional",
            None,
            paid(0),
        ),
        (
            "BCBAS",
            "5f1d8e26-b04a-4c73-91e8-7a3c6d0f2b95",
            "Webex Calling - Standard",
            "Single License - Webex Calling - Standard",
            None,
            paid(50),
        ),
        ("CXE", "e2b60a4f-8d13-4957-b7c2-15f9a8e3d064", "Customer Assist", "CX Essentials", None, paid(5)),
        ("ATC", "9c37f512-04eb-4d86-a1b9-6e8d2f7a0c43", "Attendant Console", "", None, paid(5)),
        (
            "BCCA",
            "d80e5b67-2fa9-4c31-8e70-b4f16a9c3d25",
            "Webex Calling - Workspaces",
            "",
            None,
            Units::Workspaces { total: 10, consumed: 4 },
        ),
        ("CE", "7ab4d6e0-c815-4f9b-93d2-e01f7c5b8a46", "Hybrid Calendar (Exchange)", "", None, Units::Hybrid),
        ("FMS", "9eca7814-3313-464f-9642-0239875bc9f8", "Basic Messaging", "", None, Units::Free),
        ("FSS", "1b728ff9-7de8-4cb7-9540-29320b5a42cb", "Free screen share", "", None, Units::Free),
        (
            "FTC",
            "42e6c90d-5b7f-4318-ad94-c3f8a1e70b52",
            "Call on Webex (1:1, no PSTN)",
            "",
            None,
            Units::Free,
        ),
        ("FTM", "f653a0b8-91dc-4e27-8a45-90b7d2c6e1f3", "Basic Space Meetings", "", None, Units::Free),
    ]
    .into_iter()
    .map(|(code, uuid, name, old_name, site, units)| License {
        value: site
            .map_or_else(|| format!("{ORG}:{code}_{uuid}"), |site| format!("{ORG}:{code}_{uuid}_{site}")),
        code,
        name,
        old_name: if old_name.is_empty() { name } else { old_name },
        subscription: SUBSCRIPTION.filter(|_| units != Units::Free),
        site,
        units,
    })
    .collect()
}

/// Fills the organization with `people` (four at the least), `teams` of the full administrator and `foreign` others.
pub(super) fn fill(org: &mut Org, people: usize, teams: usize, foreign: usize) -> Cast {
    let mut rng = org.rng.clone();
    let service = administrator(org, &mut rng, ("Service", "Provisioning"), "svc.scim", FULL_ADMINISTRATOR);
    let user = administrator(org, &mut rng, ("Ursel", "Admin"), "ursel.admin", USER_ADMINISTRATOR);
    let reader = administrator(org, &mut rng, ("Rita", "Auditor"), "rita.auditor", READ_ONLY_ADMINISTRATOR);
    let mut all: Vec<PersonAt> = vec![service, user, reader];
    for n in 3..people.max(4) {
        let at = match n {
            10..=12 => bot(org, &mut rng, n - 9),
            13 => app_user(org, &mut rng),
            _ => person(org, &mut rng, n),
        };
        all.push(at);
    }
    let uuid = |org: &Org, at: PersonAt| org.people.get(&at).map(|p| p.uuid.clone()).unwrap_or_default();
    let cast = Cast {
        full_administrator: uuid(org, service),
        user_administrator: uuid(org, user),
        read_only_administrator: uuid(org, reader),
        member: uuid(org, all[3]),
    };
    set_units(org);
    let guest = outsider(org);
    for n in 0..teams {
        team(org, &mut rng, n, &all, guest);
    }
    for n in 0..foreign {
        foreign_team(org, &mut rng, n, &all);
    }
    org.rng = rng;
    cast
}

/// Room for everybody and some more, but for the events site, which is full.
fn set_units(org: &mut Org) {
    let room = org.people.len().div_ceil(10);
    for at in 0..org.licenses.len() {
        let (_, consumed) = org.units(at);
        let license = &mut org.licenses[at];
        if license.units == Units::Paid(0) {
            let spare = if license.site == Some(EVENTS_SITE) { 0 } else { room };
            license.units = Units::Paid(consumed + spare);
        }
    }
}

fn created(rng: &mut Rng) -> i64 {
    // From the beginning of 2021 to the spring of 2024.
    1_609_459_200_000 + i64::try_from(rng.below(100_000_000)).unwrap_or(0) * 1000 + 120
}

fn coded(org: &Org, codes: &[&str]) -> Vec<LicenseAt> {
    (0..org.licenses.len()).filter(|at| codes.contains(&org.licenses[*at].code)).collect()
}

/// The licences everybody has who has signed in once.
pub(super) fn free_licenses(org: &Org) -> Vec<LicenseAt> {
    (0..org.licenses.len()).filter(|at| org.licenses[*at].units == Units::Free).collect()
}

fn signed_in(org: &Org, rng: &mut Rng, email: String) -> Person {
    let since = created(rng);
    let mut person = Person::new(id::fresh_uuid(rng), ORG.into(), email, since);
    person.modified_ms = since + 86_400_000;
    person.last_activity_ms = Some(1_717_000_000_000 + i64::try_from(rng.below(400_000_000)).unwrap_or(0));
    person.status = *rng.pick(&["active", "inactive", "inactive", "OutOfOffice", "unknown"]);
    person.invite_pending = false;
    person.login_enabled = true;
    person.time_zone = Some((*rng.pick(&TIME_ZONES)).to_owned());
    person.licenses = free_licenses(org);
    person
}

fn name(person: &mut Person, first: &str, last: &str) {
    person.first_name = Some(first.to_owned());
    person.last_name = Some(last.to_owned());
    person.display_name = format!("{first} {last}");
}

fn administrator(org: &mut Org, rng: &mut Rng, names: (&str, &str), local: &str, role: &str) -> PersonAt {
    let mut admin = signed_in(org, rng, format!("{local}@acme-demo.example"));
    name(&mut admin, names.0, names.1);
    admin.roles = vec![role.to_owned()];
    org.add_person(admin)
}

fn person(org: &mut Org, rng: &mut Rng, n: usize) -> PersonAt {
    let (given, given_ascii) = *rng.pick(&GIVEN);
    let (family, family_ascii) = *rng.pick(&FAMILY);
    let email = format!("{given_ascii}.{family_ascii}{n}@acme-demo.example");
    let mut person = signed_in(org, rng, email);
    // Some have no name at all, and are shown by their address.
    if n % 50 != 33 {
        name(&mut person, given, family);
    }
    match n % 40 {
        // Invited and not yet come; nobody has switched anything off.
        7 | 27 => {
            person.status = "pending";
            person.invite_pending = true;
            person.login_enabled = false;
            person.last_activity_ms = None;
            person.time_zone = None;
            person.licenses.clear();
        }
        15 => {
            person.login_enabled = false;
            person.status = "inactive";
        }
        21 => person.emails.push(format!("{given_ascii}.{n}@old.acme-demo.example")),
        _ => {}
    }
    if n.is_multiple_of(2) {
        work(org, rng, &mut person, n);
    }
    if !person.invite_pending {
        license(org, &mut person, n);
    }
    if n % 60 == 5 {
        person.roles = vec!["atlas-portal.support".into(), "atlas-portal.reports".into()];
    }
    if n % 10 == 4 {
        person.avatar = Some(format!("https://avatar.example/{n}.png"));
    }
    org.add_person(person)
}

fn work(org: &Org, rng: &mut Rng, person: &mut Person, n: usize) {
    person.title = Some((*rng.pick(&TITLES)).to_owned()).filter(|title| !title.is_empty());
    person.department = Some((*rng.pick(&DEPARTMENTS)).to_owned());
    if let Some((_, manager)) = org.people.first_key_value().filter(|_| n.is_multiple_of(4)) {
        person.manager = Some(manager.display_name.clone());
        person.manager_id = Some(id::encode(Kind::Person, &manager.uuid));
    }
    if n.is_multiple_of(6) {
        person.addresses = vec![json!({
            "type": "work", "country": "DE", "locality": "Berlin", "region": "BE",
            "streetAddress": format!("Beispielweg {n}"), "postalCode": "10115",
        })];
    }
    if n.is_multiple_of(8) {
        person.phone_numbers.push(phone("mobile", format!("+49170555{n:04}"), false));
    }
}

fn phone(kind: &str, value: String, primary: bool) -> Phone {
    Phone { kind: kind.to_owned(), value, primary }
}

fn license(org: &Org, person: &mut Person, n: usize) {
    if n % 10 != 9 {
        person.licenses.extend(coded(org, &["MS", "CF"]));
    }
    match n % 3 {
        0 => {
            person.licenses.extend(org.license_coded("EE"));
            person.site_urls.push(SITE.to_owned());
        }
        1 => person.site_urls.push(format!("{SITE}#attendee")),
        _ => {}
    }
    if (100..125).contains(&n) {
        person.licenses.extend(coded(org, &["EE"]).into_iter().nth(1));
        person.site_urls.push(EVENTS_SITE.to_owned());
    }
    if n % 4 == 1 {
        person.licenses.extend(org.license_coded("BCSTD"));
        person.location = Some(LOCATION.to_owned());
        let extension = format!("{}", 1000 + n);
        if n % 8 == 1 {
            person.phone_numbers.push(phone("work", format!("+4930555{n:04}"), true));
        }
        person.phone_numbers.push(phone("work_extension", format!("8{extension}"), false));
        person.extension = Some(extension);
    }
    person.licenses.sort_unstable();
}

fn bot(org: &mut Org, rng: &mut Rng, n: usize) -> PersonAt {
    let mut bot = signed_in(org, rng, format!("helper{n}@webex.bot"));
    bot.kind = PersonKind::Bot;
    bot.display_name = format!("Helper Bot {n}");
    bot.licenses.clear();
    bot.last_activity_ms = None;
    org.add_person(bot)
}

fn app_user(org: &mut Org, rng: &mut Rng) -> PersonAt {
    let mut user = signed_in(org, rng, "guest.issuer@appid.ciscospark.com".into());
    user.kind = PersonKind::AppUser;
    user.display_name = "Guest Issuer".into();
    user.licenses.clear();
    org.add_person(user)
}

/// Somebody of another organization who is in a team.
fn outsider(org: &mut Org) -> PersonAt {
    let uuid = org.fresh_uuid();
    let mut guest =
        Person::new(uuid, OTHER_ORG.into(), "eve.partner@partner.example".into(), 1_680_000_000_000);
    name(&mut guest, "Eve", "Partner");
    guest.status = "unknown";
    guest.invite_pending = false;
    guest.login_enabled = true;
    org.add_person(guest)
}

fn team(org: &mut Org, rng: &mut Rng, n: usize, all: &[PersonAt], guest: PersonAt) {
    let name = TEAMS.get(n).map_or_else(|| format!("Team {}", n + 1), ToString::to_string);
    let creator = org.people.get(&all[0]).map(|person| person.uuid.clone()).unwrap_or_default();
    let created_ms = created(rng);
    let team = Team {
        uuid: id::fresh_uuid(rng),
        cluster: if n == 2 { "urn:TEAM:eu-central-1_k" } else { "us" },
        description: (n % 3 != 1).then(|| format!("Everyone in {name}")),
        name,
        creator,
        created_ms,
        members: Vec::new(),
    };
    let at = org.add_team(team);
    // The full administrator made them all, and has handed one over.
    org.add_member(at, all[0], n != 14, created_ms);
    let size = match n {
        0 => all.len() / 9,
        10 => 0,
        _ => 3 + rng.below(30),
    };
    let others = &all[1..];
    let start = rng.below(others.len());
    for (k, person) in others.iter().cycle().skip(start).take(size.min(others.len())).enumerate() {
        let joined = created_ms + 60_000 * i64::try_from(k + 1).unwrap_or(0);
        org.add_member(at, *person, k == 0 && n.is_multiple_of(2), joined);
    }
    if n == 13 {
        org.add_member(at, guest, false, created_ms + 3_600_000);
    }
}

/// A team the full administrator is not in, and so cannot see.
fn foreign_team(org: &mut Org, rng: &mut Rng, n: usize, all: &[PersonAt]) {
    let others = &all[3..];
    let creator = others[0];
    let created_ms = created(rng);
    let team = Team {
        uuid: id::fresh_uuid(rng),
        cluster: "us",
        name: format!("Out of sight {}", n + 1),
        description: None,
        creator: org.people.get(&creator).map(|person| person.uuid.clone()).unwrap_or_default(),
        created_ms,
        members: Vec::new(),
    };
    let at = org.add_team(team);
    for (k, person) in others.iter().take(5).enumerate() {
        org.add_member(at, *person, k == 0, created_ms + i64::try_from(k).unwrap_or(0));
    }
}
