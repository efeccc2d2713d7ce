//! What the organisation holds: users, their custom profile fields, groups.

use std::collections::BTreeMap;

use axum::body::Bytes;

use super::options::Lag;

/// The core schema, of users and groups alike.
pub(super) const CORE: &str = "urn:scim:schemas:core:1.0";
/// The enterprise extension.
pub(super) const ENTERPRISE: &str = "urn:scim:schemas:extension:enterprise:1.0";
/// The guest extension.
pub(super) const GUEST: &str = "urn:scim:schemas:extension:slack:guest:1.0";
/// The profile extension.
pub(super) const PROFILE: &str = "urn:scim:schemas:extension:slack:profile:1.0";

/// Time zone of users who never chose one.
pub(super) const DEFAULT_TIMEZONE: &str = "America/Los_Angeles";

/// A place among the users; users are never removed.
pub(super) type UserAt = usize;
/// The running number of a group; groups are removed for good.
pub(super) type GroupAt = u64;

/// Rights, lowest first. A token cannot change accounts above its installer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Bot,
    Member,
    Admin,
    Owner,
    PrimaryOwner,
}

/// A custom profile field. Users who never had one are shown in the short shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    HonorificPrefix,
    SecondaryEmail,
    StreetAddress,
    Locality,
    Region,
    PostalCode,
    Country,
    MobilePhone,
    PrimaryPhone,
    UserType,
    Role,
    PreferredLanguage,
    Locale,
    EmployeeNumber,
    CostCenter,
    Organization,
    Division,
    Department,
    Manager,
}

/// The five parts of the one address, with their names on the wire.
pub(super) const ADDRESS: [(&str, Field); 5] = [
    ("streetAddress", Field::StreetAddress),
    ("locality", Field::Locality),
    ("region", Field::Region),
    ("postalCode", Field::PostalCode),
    ("country", Field::Country),
];

/// The custom fields that stand at the top of a user, with their names on the wire.
pub(super) const TOP_LEVEL: [(&str, Field); 3] = [
    ("userType", Field::UserType),
    ("preferredLanguage", Field::PreferredLanguage),
    ("locale", Field::Locale),
];

/// The plain members of the enterprise extension, with their names on the wire.
pub(super) const ENTERPRISE_FIELDS: [(&str, Field); 5] = [
    ("employeeNumber", Field::EmployeeNumber),
    ("costCenter", Field::CostCenter),
    ("organization", Field::Organization),
    ("division", Field::Division),
    ("department", Field::Department),
];

impl Field {
    /// The field that counts against the cap: the parts of an address are one.
    pub(super) fn counted(self) -> Self {
        if ADDRESS.iter().any(|(_, field)| *field == self) { Self::StreetAddress } else { self }
    }
}

/// A multi-channel guest.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Guest {
    pub(super) expiration: Option<String>,
    /// Ids and names of the channels the guest is in.
    pub(super) channels: Vec<(String, String)>,
}

/// An account. `nickName` mirrors `user_name`, so it is not kept.
#[derive(Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "`user_name` is what the attribute is called")]
pub(super) struct User {
    pub(super) id: String,
    pub(super) external_id: String,
    pub(super) created: i64,
    pub(super) rank: Rank,
    pub(super) user_name: String,
    pub(super) given_name: String,
    pub(super) family_name: String,
    pub(super) display_name: String,
    /// None while Slack's own address counts.
    pub(super) profile_url: Option<String>,
    pub(super) title: String,
    pub(super) timezone: String,
    pub(super) active: bool,
    pub(super) email: String,
    /// None while Slack's own picture counts.
    pub(super) photo: Option<String>,
    /// None until a custom profile field is written: the short shape.
    pub(super) custom: Option<BTreeMap<Field, String>>,
    pub(super) guest: Option<Guest>,
    pub(super) start_date: Option<String>,
    /// Groups that hold the user, oldest first.
    pub(super) groups: Vec<GroupAt>,
    pub(super) late_active: Option<Late<bool>>,
    pub(super) late_photo: Option<Late<Option<String>>>,
    /// The JSON last made of this user, until something in it changes.
    pub(super) rendered: Option<Bytes>,
}

impl User {
    pub(super) fn new(id: String, user_name: String, email: String, created: i64) -> Self {
        Self {
            id,
            external_id: String::new(),
            created,
            rank: Rank::Member,
            user_name,
            given_name: String::new(),
            family_name: String::new(),
            display_name: String::new(),
            profile_url: None,
            title: String::new(),
            timezone: DEFAULT_TIMEZONE.into(),
            active: true,
            email,
            photo: None,
            custom: None,
            guest: None,
            start_date: None,
            groups: Vec::new(),
            late_active: None,
            late_photo: None,
            rendered: None,
        }
    }

    pub(super) fn custom(&self, field: Field) -> Option<&str> {
        self.custom.as_ref()?.get(&field).map(String::as_str)
    }

    /// Writes or clears a custom field; clearing does not change the shape.
    pub(super) fn set_custom(&mut self, field: Field, value: Option<String>) {
        match (value, &mut self.custom) {
            (Some(value), custom) => {
                custom.get_or_insert_default().insert(field, value);
            }
            (None, Some(custom)) => {
                custom.remove(&field);
            }
            (None, None) => {}
        }
    }

    /// Given and family name, as groups show their members.
    pub(super) fn full_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name).trim().to_owned()
    }
}

/// An IDP group, or one made by Slack itself.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) name: String,
    pub(super) members: Vec<UserAt>,
    /// Made by Slack; cannot be updated.
    pub(super) system: bool,
    /// Linked to channels; cannot be deleted.
    pub(super) linked: bool,
    pub(super) late_name: Option<Late<String>>,
    /// The JSON last made of this group, until something in it changes.
    pub(super) rendered: Option<Bytes>,
}

/// An old value that is still read for a while.
#[derive(Clone, Debug)]
pub(super) struct Late<T> {
    old: T,
    reads: u32,
    until_ms: i64,
}

impl<T> Late<T> {
    /// None when there is no lag.
    pub(super) fn new(old: T, lag: Lag, now_ms: i64) -> Option<Self> {
        let ms = i64::try_from(lag.ms).unwrap_or(i64::MAX / 4);
        (lag != Lag::default()).then_some(Self { old, reads: lag.reads, until_ms: now_ms + ms })
    }
}

/// The old value, if this read still sees it; forgets it otherwise.
pub(super) fn read_late<T>(late: &mut Option<Late<T>>, now_ms: i64) -> Option<&T> {
    let seen = late.as_mut().is_some_and(|late| {
        let by_reads = late.reads > 0;
        late.reads = late.reads.saturating_sub(1);
        by_reads || now_ms < late.until_ms
    });
    if !seen {
        *late = None;
    }
    late.as_ref().map(|late| &late.old)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_value_lasts_for_its_reads_or_its_time() {
        let mut by_reads = Late::new("old", Lag { reads: 2, ms: 0 }, 0);
        assert!(read_late(&mut by_reads, 0).is_some());
        assert!(read_late(&mut by_reads, 0).is_some());
        assert!(read_late(&mut by_reads, 0).is_none());
        let mut by_time = Late::new("old", Lag { reads: 0, ms: 50 }, 100);
        assert!(read_late(&mut by_time, 149).is_some());
        assert!(read_late(&mut by_time, 150).is_none());
        assert!(Late::new("old", Lag::default(), 0).is_none());
    }
}
