//! The users and groups an account starts with: made up, and the same every time.

use super::account::{ADMIN_GROUP, Account, Group, User};
use super::flags;
use crate::names::{FAMILY, GIVEN};
use crate::rng::Rng;

/// Titles and descriptions, the Admin group first.
const GROUPS: [(&str, Option<&str>); 9] = [
    ("Admin", Some("This is a group for admins (people that can manage content)")),
    ("All staff", None),
    ("Newsletter editors", Some("May write, not send")),
    ("Vertrieb & Service", Some("")),
    ("User managers", Some("May manage users and groups without being admins")),
    ("Empty for now", None),
    ("Newsletter editors", Some("The other ones")),
    ("R&D / Labs", Some("Says \"hello\"")),
    ("東京", Some("Équipe de Tōkyō")),
];
/// Where in the list of groups those that may manage users are.
const MANAGERS: usize = 4;
/// Where in the list of groups the one without users is.
const EMPTY: usize = 5;
const ZONES: [&str; 3] = ["America/New_York", "Europe/Berlin", "Asia/Tokyo"];

/// Fills the account with so many users and groups; never fewer than one of each.
pub(super) fn fill(account: &mut Account, users: usize, groups: usize) {
    let mut rng = Rng::new(0xAC7E_CA3F);
    let ids: Vec<u64> = (0..groups.max(1)).map(|n| account.add_group(group(n))).collect();
    for n in 0..users.max(1) {
        if n == 6 {
            // Ids have gaps: somebody has left.
            let gone = account.add_user(user(&mut rng, 999));
            account.remove_user(gone);
        }
        let made = user(&mut rng, n);
        let created_ms = made.created_ms;
        let id = account.add_user(made);
        for group in groups_of(n, &ids) {
            // The oldest records have no dates.
            account.join(id, group, (n > 20).then_some(created_ms));
        }
    }
}

fn group(n: usize) -> Group {
    let (title, descript) = match GROUPS.get(n) {
        Some((title, descript)) => ((*title).to_owned(), *descript),
        None => (format!("Group {}", n + 1), None),
    };
    let mut flags = if n == 0 { flags::all() } else { flags::usual() };
    if n == MANAGERS {
        let managing =
            ["pg_user_add", "pg_user_edit", "pg_user_delete", "pgGroupAdd", "pgGroupEdit", "pgGroupDelete"];
        flags.extend(managing.map(|name| (name, 1)));
    }
    if n == 2 {
        flags.extend([("pgMessageAdd", 1), ("pgMessageEdit", 1), ("reqApproval", 1), ("reqApproval1st", 2)]);
    }
    let notify = if n == 2 { "boss@northlight.example" } else { "" };
    Group { title, descript: descript.map(ToOwned::to_owned), flags, notify: notify.to_owned() }
}

/// Two admins, one manager, and the rest mostly in the second group; some old users are in several.
fn groups_of(n: usize, ids: &[u64]) -> Vec<u64> {
    let at = |n: usize| ids.get(n).copied();
    let groups = match n {
        0 | 1 => vec![Some(ADMIN_GROUP)],
        2 => vec![at(MANAGERS)],
        _ if n.is_multiple_of(17) => vec![at(1), at(2), at(3)],
        _ if n.is_multiple_of(3) => {
            vec![at(2 + n / 3 % ids.len().max(3)).filter(|id| Some(*id) != at(EMPTY))]
        }
        _ => vec![at(1)],
    };
    let groups: Vec<u64> = groups.into_iter().flatten().collect();
    if groups.is_empty() { vec![at(1).unwrap_or(ADMIN_GROUP)] } else { groups }
}

fn user(rng: &mut Rng, n: usize) -> User {
    let ((given, given_plain), (family, family_plain)) = (rng.pick(&GIVEN), rng.pick(&FAMILY));
    let plain = format!("{given_plain}.{family_plain}");
    let (username, email) = match n {
        0 => ("admin".to_owned(), "admin@northlight.example".to_owned()),
        1 => ("it.admin".to_owned(), "it@northlight.example".to_owned()),
        2 => ("user.manager".to_owned(), "user.manager@northlight.example".to_owned()),
        3 => ("sam o'neil +1/2".to_owned(), "sam+news@northlight.example".to_owned()),
        4 => ("zoë@northlight.example".to_owned(), "Zoe.Mixed@Northlight.example".to_owned()),
        _ => (format!("{plain}{n}"), format!("{plain}.{n}@northlight.example")),
    };
    let created_ms = 1_500_000_000_000 + i64::try_from(rng.below(200_000_000_000)).unwrap_or(0);
    User {
        username,
        email,
        first_name: (*given).to_owned(),
        last_name: (*family).to_owned(),
        password: rng.word("abcdefghjkmnpqrstuvwxyz23456789", 16),
        phone: if n.is_multiple_of(3) { String::new() } else { format!("+1 312 555 {n:04}") },
        signature: match n % 4 {
            0 => None,
            1 => Some(String::new()),
            _ => Some(format!("Best,\n{given}")),
        },
        lang: if n.is_multiple_of(7) { "german" } else { "english" },
        zone: ZONES[n % ZONES.len()],
        mfa: n.is_multiple_of(5),
        created_ms,
        updated_ms: (!n.is_multiple_of(11)).then_some(created_ms + 86_400_000),
        password_ms: created_ms,
    }
}
