//! Webex's mapping tables: the file reviewers read.
//!
//! Source of every row: <https://developer.webex.com/docs/api/v1/people> and
//! <https://developer.webex.com/docs/api/v1/teams>.

use connector_core::mapping::{
    Mark, Slot, Table,
    Transform::{BySlot, First, Location},
    read, read_list, unmapped,
};

/// Users: people of the organisation.
#[rustfmt::skip]
pub const USER: Table = Table::core_user(&[
    read("id",                    "id").required(),
    read("userName",              "emails").via(First).filter("email"),
    read("name.formatted",        "displayName"),
    read("name.givenName",        "firstName"),
    read("name.familyName",       "lastName"),
    read("displayName",           "displayName").filter("displayName"),
    read("nickName",              "nickName"),
    read_list("emails",           "emails", &[
        read("value",   ".").filter("email"),
        read("type",    "type").via(BySlot),
        read("primary", "primary").via(BySlot),
        unmapped("display", "Webex has no such field"),
    ]).slots(ONE_WORK),
    read("active",                "loginEnabled"),
    read("title",                 "title"),
    read("userType",              "type"),
    read("timezone",              "timeZone"),
    read_list("addresses",        "addresses", &[
        read("streetAddress", "streetAddress"),
        read("locality",      "locality"),
        read("region",        "region"),
        read("postalCode",    "postalCode"),
        read("country",       "country"),
        read("type",          "type"),
        unmapped("formatted", "Webex has no such field"),
        unmapped("primary",   "Webex has no such field"),
    ]),
    read_list("phoneNumbers",     "phoneNumbers", &[
        read("value",   "value"),
        read("type",    "type"),
        read("primary", "primary"),
        unmapped("display", "Webex has no such field"),
    ]),
    read("photos[type eq \"photo\"].value", "avatar"),
    read("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",          "department"),
    read("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization",        "orgId"),
    read("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",       "managerId"),
    read("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.$ref",        "managerId").via(Location("/Users")),
    read("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName", "manager"),
    read("meta.created",          "created"),
    read("meta.lastModified",     "lastModified"),

    unmapped("externalId",           "Webex keeps none"),
    unmapped("name.middleName",      "Webex has no such field"),
    unmapped("name.honorificPrefix", "Webex has no such field"),
    unmapped("name.honorificSuffix", "Webex has no such field"),
    unmapped("profileUrl",           "Webex has no such field"),
    unmapped("preferredLanguage",    "Webex has no such field in this API"),
    unmapped("locale",               "Webex has no such field in this API"),
    unmapped("password",             "Webex takes none in this API"),
    unmapped("ims",                  "Webex has no such field"),
    unmapped("x509Certificates",     "Webex has no such field"),
    unmapped("groups",               "reading them takes one call per team"),
    unmapped("roles",                "ids alone say nothing"),
    unmapped("entitlements",         "ids alone say nothing"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", "Webex has no such field in this API"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",     "Webex has no such field in this API"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division",       "Webex has no such field in this API"),
]);

/// Groups: the teams of the account that consented.
#[rustfmt::skip]
pub const GROUP: Table = Table::core_group(&[
    read("id",            "id").required(),
    read("displayName",   "name"),
    read("meta.created",  "created"),
    unmapped("externalId",        "Webex keeps none"),
    unmapped("members",           "they stand in the memberships of the team, apart from it"),
    unmapped("meta.lastModified", "Webex does not say when a team was changed"),
]);

/// Webex uses one address.
const ONE_WORK: &[Slot] =
    &[Slot { scim: &[("type", Mark::Word("work")), ("primary", Mark::Is(true))], read: &[], write: &[] }];
