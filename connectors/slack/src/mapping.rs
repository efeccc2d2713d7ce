//! Slack's mapping tables: the file reviewers read.
//!
//! Source of every row: <https://docs.slack.dev/reference/scim-api> and the connector guide's tables 304 and 305.

use connector_core::{
    mapping::{
        Filled, Mark, Slot, Table,
        Transform::{Always, BySlot, Handle, Location},
        both, list, read, read_list, unmapped, write,
    },
    scim::Type,
};

/// Users, table 304.
#[rustfmt::skip]
pub const USER: Table = Table::core_user(&[
    read("id",                   "id").required(),
    both("userName",             "userName").required().via(Handle).max_chars(21).filter("userName"),
    both("name.givenName",       "name.givenName").filled(&[Filled::SameAs("displayName"), Filled::SameAs("userName")]),
    both("name.familyName",      "name.familyName"),
    both("name.honorificPrefix", "name.honorificPrefix").settled(),
    both("displayName",          "displayName").max_chars(80).filled(&[Filled::SameAs("userName")]),
    both("nickName",             "nickName").via(Handle).max_chars(21).alias_of("userName").note("wins over userName"),
    list("emails",               "emails", &[
        both("value",   "value").required().filter("email"),
        both("type",    "type").via(BySlot).note("Slack keeps no type: the primary one is work, the other home"),
        both("primary", "primary").via(BySlot),
        unmapped("display", "Slack has no such field"),
    ]).slots(EMAILS).leading().settled(),
    list("addresses",            "addresses", &[
        both("streetAddress", "streetAddress"),
        both("locality",      "locality"),
        both("region",        "region"),
        both("postalCode",    "postalCode"),
        both("country",       "country"),
        both("type",          "type").via(BySlot).note("Slack keeps no type: its one address is work"),
        both("primary",       "primary").via(BySlot),
        unmapped("formatted", "Slack has no such field"),
    ]).slots(ADDRESSES).settled(),
    list("phoneNumbers",         "phoneNumbers", &[
        both("value",   "value"),
        both("type",    "type").via(BySlot),
        both("primary", "primary").via(BySlot),
        unmapped("display", "Slack has no such field"),
    ]).slots(PHONES).settled(),
    both("profileUrl",           "profileUrl").filled(&[Filled::Like("https://*.slack.com/team/*"), Filled::Like("https://*.slack-gov.com/team/*")]),
    both("title",                "title"),
    both("userType",             "userType").settled(),
    write("password",            "password").only_on_create(),
    both("preferredLanguage",    "preferredLanguage").settled(),
    both("locale",               "locale").settled(),
    both("timezone",             "timezone").filled(&[Filled::Like("America/Los_Angeles")]),
    both("active",               "active").kept().settled(),
    read_list("groups",          "groups", &[
        read("value",   "value"),
        read("$ref",    "value").via(Location("/Groups")),
        read("display", "display"),
        read("type",    "value").via(Always("direct")),
    ]),
    list("roles",                "roles", &[
        both("value",   "value"),
        both("primary", "primary").via(BySlot),
        unmapped("display", "Slack has no such field"),
        unmapped("type",    "Slack has no such field"),
    ]).slots(ROLES).settled(),
    list("photos",               "photos", &[
        both("value",   "value"),
        both("type",    "type").via(BySlot),
        unmapped("display", "Slack has no such field"),
        unmapped("primary", "Slack keeps one photo and does not return the mark"),
    ]).slots(PHOTOS).filled(&[Filled::Like("https://secure.gravatar.com/avatar/*")]),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",     "urn:scim:schemas:extension:enterprise:1.0.costCenter").settled(),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",     "urn:scim:schemas:extension:enterprise:1.0.department").settled(),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division",       "urn:scim:schemas:extension:enterprise:1.0.division").settled(),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", "urn:scim:schemas:extension:enterprise:1.0.employeeNumber").settled(),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization",   "urn:scim:schemas:extension:enterprise:1.0.organization").settled(),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",  "urn:scim:schemas:extension:enterprise:1.0.manager.managerId").settled(),
    read("meta.created",         "meta.created"),

    both("urn:connector-host:scim:slack:2.0:User:guestType",       "urn:scim:schemas:extension:slack:guest:1.0.type").typed(Type::String, "`multi` makes the user a multi-channel guest; empty makes a guest a full member.").kept().note("making a member a guest also activates the account"),
    both("urn:connector-host:scim:slack:2.0:User:guestExpiration", "urn:scim:schemas:extension:slack:guest:1.0.expiration").typed(Type::DateTime, "When the guest account ends.").kept(),
    both("urn:connector-host:scim:slack:2.0:User:startDate",       "urn:scim:schemas:extension:slack:profile:1.0.startDate").typed(Type::DateTime, "The start date shown in the profile."),

    unmapped("externalId",           "Slack keeps none: it always answers an empty one"),
    unmapped("meta.lastModified",    "Slack does not say when a user was changed"),
    unmapped("name.formatted",       "Slack has no such field"),
    unmapped("name.middleName",      "Slack has no such field"),
    unmapped("name.honorificSuffix", "Slack has no such field"),
    unmapped("ims",                  "Slack has no such field"),
    unmapped("entitlements",         "Slack has no such field"),
    unmapped("x509Certificates",     "Slack has no such field"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.$ref",        "Slack keeps the manager's id alone"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName", "Slack keeps the manager's id alone"),
]);

/// Groups, table 305: the IDP groups of an organisation.
#[rustfmt::skip]
pub const GROUP: Table = Table::core_group(&[
    read("id",             "id").required(),
    both("displayName",    "displayName").required().filter("displayName"),
    list("members",        "members", &[
        both("value",   "value"),
        read("display", "display"),
        read("$ref",    "value").via(Location("/Users")),
        read("type",    "value").via(Always("User")),
    ]).kept(),
    read("meta.created",   "meta.created"),
    unmapped("externalId",        "Slack keeps none"),
    unmapped("meta.lastModified", "Slack does not say when a group was changed"),
]);

/// Slack keeps a primary and a secondary address. The one marked primary comes first, else the one of type work, else
/// the first.
const EMAILS: &[Slot] = &[
    Slot {
        scim: &[("primary", Mark::Is(true)), ("type", Mark::Word("work"))],
        read: &[("primary", Mark::Is(true))],
        write: &[("primary", Mark::Is(true))],
    },
    Slot {
        scim: &[("type", Mark::Word("home")), ("primary", Mark::Is(false))],
        read: &[("primary", Mark::Is(false))],
        write: &[("primary", Mark::Is(false))],
    },
];

/// Slack keeps a primary and a mobile phone, and swaps the types of what it is sent: a pair marked by `primary` without
/// any type is the one form that goes where it is meant to.
const PHONES: &[Slot] = &[
    Slot {
        scim: &[("type", Mark::Word("work")), ("primary", Mark::Is(true))],
        read: &[("primary", Mark::Is(true))],
        write: &[("primary", Mark::Is(true))],
    },
    Slot {
        scim: &[("type", Mark::Word("mobile"))],
        read: &[("type", Mark::Word("mobile"))],
        write: &[("primary", Mark::Is(false))],
    },
];

const ADDRESSES: &[Slot] = &[Slot {
    scim: &[("type", Mark::Word("work")), ("primary", Mark::Is(true))],
    read: &[],
    write: &[("primary", Mark::Is(true))],
}];

const ROLES: &[Slot] = &[Slot {
    scim: &[("primary", Mark::Is(true))],
    read: &[("primary", Mark::Is(true))],
    write: &[("primary", Mark::Is(true))],
}];

const PHOTOS: &[Slot] = &[Slot {
    scim: &[("type", Mark::Word("photo"))],
    read: &[("type", Mark::Word("photo"))],
    write: &[("type", Mark::Word("photo"))],
}];
