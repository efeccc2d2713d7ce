//! What the organization consists of.

use serde_json::Value;

/// The key of a person, in order of creation.
pub(super) type PersonAt = u64;
/// The key of a team, in order of creation.
pub(super) type TeamAt = u64;
/// The place of a licence in the organization's list.
pub(super) type LicenseAt = usize;

/// A person, bot or app user.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Person {
    pub(super) uuid: String,
    /// UUID of the organization the person belongs to.
    pub(super) org: String,
    pub(super) kind: PersonKind,
    /// Addresses; the first is the primary one.
    pub(super) emails: Vec<String>,
    pub(super) phone_numbers: Vec<Phone>,
    pub(super) extension: Option<String>,
    /// Value of the Calling location.
    pub(super) location: Option<String>,
    pub(super) display_name: String,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) avatar: Option<String>,
    /// Values of the administrator roles.
    pub(super) roles: Vec<String>,
    /// The licences held, in the order of the list.
    pub(super) licenses: Vec<LicenseAt>,
    pub(super) department: Option<String>,
    pub(super) manager: Option<String>,
    /// The manager's id as it was written.
    pub(super) manager_id: Option<String>,
    pub(super) title: Option<String>,
    pub(super) addresses: Vec<Value>,
    pub(super) site_urls: Vec<String>,
    pub(super) created_ms: i64,
    pub(super) modified_ms: i64,
    pub(super) time_zone: Option<String>,
    pub(super) last_activity_ms: Option<i64>,
    pub(super) status: &'static str,
    pub(super) invite_pending: bool,
    pub(super) login_enabled: bool,
}

impl Person {
    /// Somebody without anything but an address.
    pub(super) fn new(uuid: String, org: String, email: String, now_ms: i64) -> Self {
        Self {
            uuid,
            org,
            kind: PersonKind::Person,
            display_name: email.clone(),
            emails: vec![email],
            phone_numbers: Vec::new(),
            extension: None,
            location: None,
            first_name: None,
            last_name: None,
            avatar: None,
            roles: Vec::new(),
            licenses: Vec::new(),
            department: None,
            manager: None,
            manager_id: None,
            title: None,
            addresses: Vec::new(),
            site_urls: Vec::new(),
            created_ms: now_ms,
            modified_ms: now_ms,
            time_zone: None,
            last_activity_ms: None,
            status: "pending",
            invite_pending: true,
            login_enabled: false,
        }
    }

    /// The primary address.
    pub(super) fn email(&self) -> &str {
        self.emails.first().map_or("", String::as_str)
    }
}

/// What a person is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PersonKind {
    Person,
    Bot,
    AppUser,
}

impl PersonKind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Bot => "bot",
            Self::AppUser => "appuser",
        }
    }
}

/// A phone number.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Phone {
    pub(super) kind: String,
    pub(super) value: String,
    pub(super) primary: bool,
}

/// A licence of the organization's subscriptions.
pub(super) struct License {
    /// `<org>:<CODE>_<uuid>`, and `_<site>` for meetings.
    pub(super) value: String,
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    /// The name until 2026-01-26.
    pub(super) old_name: &'static str,
    pub(super) subscription: Option<&'static str>,
    pub(super) site: Option<&'static str>,
    pub(super) units: Units,
}

/// How the units of a licence are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Units {
    /// As many as there are people: given by the system, never taken.
    Free,
    /// So many are paid for.
    Paid(usize),
    /// Hybrid services: as many as there are people, and none is ever consumed.
    Hybrid,
    /// For rooms and desks, not for people.
    Workspaces { total: usize, consumed: usize },
}

/// A team.
pub(super) struct Team {
    pub(super) uuid: String,
    pub(super) cluster: &'static str,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) creator: String,
    pub(super) created_ms: i64,
    /// In the order they joined.
    pub(super) members: Vec<Member>,
}

/// A person's membership of a team.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// Its key in lists.
    pub(super) at: u64,
    pub(super) person: PersonAt,
    pub(super) is_moderator: bool,
    pub(super) created_ms: i64,
}

/// Name and value of every administrator role.
pub(super) const ROLES: [(&str, &str); 12] = [
    ("Full Administrator", FULL_ADMINISTRATOR),
    ("User Administrator", USER_ADMINISTRATOR),
    ("Read-only Administrator", READ_ONLY_ADMINISTRATOR),
    ("Device Administrator", "id_device_admin"),
    ("Support Administrator", "atlas-portal.support"),
    ("Billing Administrator", "atlas-portal.billing"),
    ("Reports Administrator", "atlas-portal.reports"),
    ("Portal Administrator", "atlas-portal.all"),
    ("Application Administrator", "atlas-portal.application"),
    ("KMS Sync Administrator", "spark.synckms"),
    ("Sales Administrator", "atlas-portal.partner.salesadmin"),
    ("Help Desk Administrator", "atlas-portal.partner.helpdesk"),
];
pub(super) const FULL_ADMINISTRATOR: &str = "id_full_admin";
pub(super) const USER_ADMINISTRATOR: &str = "id_user_admin";
pub(super) const READ_ONLY_ADMINISTRATOR: &str = "id_readonly_admin";

/// UUID of the organization.
pub(super) const ORG: &str = "7a1e3c52-6f0d-4b8e-9a34-51c0d2e7f601";
/// UUID of somebody else's organization.
pub(super) const OTHER_ORG: &str = "0b54a9d1-3c7e-4f26-8d10-9e2c6f1a7b30";
/// Value of the one Calling location.
pub(super) const LOCATION: &str = "48211";
