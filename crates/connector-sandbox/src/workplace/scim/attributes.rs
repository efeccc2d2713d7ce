//! Which attributes there are; whatever else a body names is ignored in silence.

/// Texts of the core schema.
pub(in super::super) const TEXTS: [&str; 10] = [
    "externalId",
    "userName",
    "displayName",
    "nickName",
    "profileUrl",
    "title",
    "userType",
    "preferredLanguage",
    "locale",
    "timezone",
];

/// Parts of `name`; the first is the one that is shown.
pub(in super::super) const NAME: [&str; 6] =
    ["formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix"];

/// Lists of the core schema, each with the parts of its entries.
pub(in super::super) const LISTS: [(&str, &[&str]); 4] = [
    ("emails", &["value", "type", "primary"]),
    ("phoneNumbers", &["value", "type", "primary"]),
    (
        "addresses",
        &["type", "formatted", "streetAddress", "locality", "region", "postalCode", "country", "primary"],
    ),
    ("photos", &["value", "type", "primary"]),
];

/// Texts of the enterprise extension.
pub(in super::super) const ENTERPRISE: [&str; 5] =
    ["employeeNumber", "costCenter", "organization", "division", "department"];

/// What of the account status only Workplace writes.
pub(super) const STATUS_READ_ONLY: [&str; 6] =
    ["inviteDate", "claimDate", "canDelete", "accessCode", "accessCodeExpirationDate", "claimLink"];
