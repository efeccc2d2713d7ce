//! The people and groups an organisation starts with: made up, and the same every time.

use super::model::{ADDRESS, ENTERPRISE_FIELDS, Field, Group, Guest, Rank, TOP_LEVEL, User, UserAt};
use super::org::Org;
use crate::names::{FAMILY, GIVEN};
use crate::rng::Rng;

const TITLES: [&str; 8] = [
    "Analyst",
    "Compiler lead",
    "R&D engineer",
    "Head of \"Special\" Projects",
    "Comptable",
    "Büroleiterin",
    "",
    "",
];
const TIMEZONES: [&str; 6] = [
    "Europe/London",
    "Europe/Berlin",
    "Asia/Tokyo",
    "America/New_York",
    "America/Los_Angeles",
    "America/New York",
];
const DEPARTMENTS: [&str; 6] = ["Analysis", "Navy", "Buchhaltung", "R&D", "Legal/Compliance", "Éditions"];
const LOCALES: [&str; 4] = ["en_GB", "de_DE", "fr_FR", "ja_JP"];

/// Names of groups; the last but one is linked to channels, the last was made by Slack itself.
const GROUPS: [&str; 12] = [
    "All staff",
    "Payroll",
    "Engineering",
    "R&D / Labs",
    "Büro München",
    "Sales EMEA",
    "On call",
    "Équipe française",
    "Leavers 2023",
    "Empty for now",
    "Linked to channels",
    "Made by Slack",
];

/// Channel names, which user names must not collide with.
const CHANNELS: [&str; 8] =
    ["general", "random", "announcements", "it-help", "payroll", "water-cooler", "incidents", "lunch"];

/// The accounts every organisation starts with.
pub(super) struct Cast {
    pub(super) primary_owner: UserAt,
    pub(super) installer: UserAt,
    pub(super) admin: UserAt,
}

/// Fills the organisation with `users` accounts (three at the least) and `groups` groups.
pub(super) fn fill(org: &mut Org, users: usize, groups: usize) -> Cast {
    org.channels.extend(CHANNELS.map(str::to_owned));
    let mut rng = org.rng.clone();
    let cast = Cast {
        primary_owner: person(org, &mut rng, 0, Rank::PrimaryOwner),
        installer: installer(org, &mut rng),
        admin: person(org, &mut rng, 2, Rank::Admin),
    };
    for n in 3..users {
        match n {
            3 => person(org, &mut rng, n, Rank::Owner),
            4 => person(org, &mut rng, n, Rank::Admin),
            5..=8 => bot(org, &mut rng, n - 4),
            _ => person(org, &mut rng, n, Rank::Member),
        };
    }
    for n in 0..groups {
        group(org, &mut rng, n);
    }
    org.rng = rng;
    cast
}

fn created(rng: &mut Rng) -> i64 {
    // Between the beginning of 2019 and the spring of 2024, winter and summer.
    1_546_300_800 + i64::try_from(rng.below(165_000_000)).unwrap_or(0)
}

/// The service account whose token provisions.
fn installer(org: &mut Org, rng: &mut Rng) -> UserAt {
    let id = org.fresh_id(&["U"]);
    let mut user = User::new(id, "svc.scim".into(), "svc.scim@acme.example".into(), created(rng));
    "Provisioning".clone_into(&mut user.given_name);
    "Service".clone_into(&mut user.family_name);
    "svc.scim".clone_into(&mut user.display_name);
    user.rank = Rank::Owner;
    org.add_user(user)
}

fn person(org: &mut Org, rng: &mut Rng, n: usize, rank: Rank) -> UserAt {
    let (given, given_ascii) = *rng.pick(&GIVEN);
    let (family, family_ascii) = *rng.pick(&FAMILY);
    let name = free_name(org, given_ascii, family_ascii);
    let id = org.fresh_id(&["U", "W"]);
    let mut user = User::new(id, name.clone(), format!("{name}@acme.example"), created(rng));
    user.rank = rank;
    given.clone_into(&mut user.given_name);
    family.clone_into(&mut user.family_name);
    user.display_name = match n % 5 {
        0 => name,
        4 => String::new(),
        _ => format!("{given} {family}"),
    };
    (*rng.pick(&TITLES)).clone_into(&mut user.title);
    (*rng.pick(&TIMEZONES)).clone_into(&mut user.timezone);
    if n % 3 == 1 {
        profile(org, rng, &mut user, n);
    }
    if rank == Rank::Member {
        user.active = n % 16 != 15;
        if n % 50 == 20 {
            let expiration = (n % 100 == 20).then(|| "2027-12-31T00:00:00-08:00".to_owned());
            let channels = vec![("C0LUNCH001".into(), "lunch".into())];
            user.guest = Some(Guest { expiration, channels });
        } else if n % 25 == 10 {
            user.start_date = Some("2024-04-10T00:00:00+0000".into());
        }
    }
    org.add_user(user)
}

/// The long shape: sometimes filled, sometimes nothing but fillers.
fn profile(org: &Org, rng: &mut Rng, user: &mut User, n: usize) {
    user.custom = Some(std::collections::BTreeMap::new());
    if n.is_multiple_of(4) {
        return;
    }
    let mut set = |field, value: String| user.set_custom(field, Some(value));
    set(Field::EmployeeNumber, format!("{:05}", 1000 + n));
    set(Field::Department, (*rng.pick(&DEPARTMENTS)).to_owned());
    if n.is_multiple_of(2) {
        set(Field::PrimaryPhone, format!("+44 20 7000 {n:04}"));
        set(Field::MobilePhone, format!("+44 7700 9{n:05}"));
        let [(_, user_type), (_, language), (_, locale)] = TOP_LEVEL;
        set(user_type, "Employee".into());
        let spoken = (*rng.pick(&LOCALES)).to_owned();
        set(language, spoken.clone());
        set(locale, spoken);
        let address = ["12 Engine Row", "London", "LDN", "N1 1AA", "GB"];
        for ((_, field), part) in ADDRESS.iter().zip(address) {
            set(*field, part.to_owned());
        }
        for (_, field) in &ENTERPRISE_FIELDS[1..4] {
            set(*field, format!("Unit {}", rng.below(9)));
        }
        if let Some(primary_owner) = org.users.first() {
            set(Field::Manager, primary_owner.id.clone());
        }
    }
    if n.is_multiple_of(7) {
        set(Field::SecondaryEmail, format!("person{n}@home.example"));
        set(Field::Role, "Team lead".into());
        set(Field::HonorificPrefix, "Dr".into());
    }
}

fn bot(org: &mut Org, rng: &mut Rng, n: usize) -> UserAt {
    let id = org.fresh_id(&["U"]);
    let email = format!("botuser-T0ACMELON1-A0BOT{n:05}@slack-bots.com");
    let mut user = User::new(id, format!("helper_bot_{n}"), email, created(rng));
    user.given_name = format!("Helper Bot {n}");
    user.rank = Rank::Bot;
    org.add_user(user)
}

/// `given.family`, cut and numbered as the limit of 21 and the names already there demand.
fn free_name(org: &Org, given: &str, family: &str) -> String {
    let whole = format!("{given}.{family}");
    let numbered = |n: usize| {
        let number = if n == 1 { String::new() } else { n.to_string() };
        let kept: String = whole.chars().take(super::name::MAX_USER_NAME - number.len()).collect();
        format!("{kept}{number}")
    };
    let taken = |name: &str| org.user_by_name(name).is_some() || org.channels.contains(name);
    // Numbers are given in turn, so doubling and halving finds the first free one without trying them all.
    let mut free = 1;
    while taken(&numbered(free)) {
        free *= 2;
    }
    let mut used = free / 2;
    while free - used > 1 {
        let middle = used.midpoint(free);
        if taken(&numbered(middle)) { used = middle } else { free = middle }
    }
    numbered(free)
}

fn group(org: &mut Org, rng: &mut Rng, n: usize) {
    let name = GROUPS.get(n).map_or_else(|| format!("Team {}", n + 1), ToString::to_string);
    let eligible: Vec<UserAt> = (0..org.users.len()).filter(|at| org.users[*at].rank != Rank::Bot).collect();
    let size = match n {
        // 120 of the 250 of a usual organisation, and no more than is advised for one.
        0 => (org.users.len() * 12 / 25).min(5000),
        9 => 0,
        _ => (3 + rng.below(30)).min(eligible.len()),
    };
    let mut members: Vec<UserAt> = Vec::with_capacity(size);
    let start = rng.below(eligible.len());
    // Neighbours, from a random one on: spread enough, and without repetition.
    members.extend(eligible.iter().cycle().skip(start).take(size.min(eligible.len())));
    let id = org.fresh_id(&["S"]);
    let created = created(rng);
    org.add_group(Group {
        id,
        created,
        name,
        members,
        system: n == 11,
        linked: n == 10,
        late_name: None,
        rendered: None,
    });
}
