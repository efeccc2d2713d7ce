//! PagerDuty's mapping tables: the file reviewers read.
//!
//! Source of every row: the schemas `User` and `Team` of <https://github.com/PagerDuty/api-schema>.

use connector_core::{
    mapping::{
        Table,
        Transform::{Always, Location},
        both, list, read, read_list, unmapped,
    },
    scim::Type,
};

/// Users.
#[rustfmt::skip]
pub const USER: Table = Table::core_user(&[
    read("id",                           "id").required(),
    both("userName",                     "email").required().max_chars(100).filter("query"),
    both("displayName",                  "name").required().max_chars(100),
    both("title",                        "job_title").max_chars(100),
    both("timezone",                     "time_zone").kept(),
    both("userType",                     "role").kept().note("user, admin, read_only_user …"),
    read("profileUrl",                   "html_url"),
    read("photos[type eq \"photo\"].value", "avatar_url"),
    read_list("groups",                  "teams", &[
        read("value",   "id"),
        read("display", "summary"),
        read("$ref",    "id").via(Location("/Groups")),
        read("type",    "id").via(Always("direct")),
    ]),

    unmapped("externalId",        "PagerDuty keeps none"),
    unmapped("name",              "PagerDuty keeps one name, the display name"),
    unmapped("active",            "PagerDuty has no disabled state"),
    unmapped("emails",            "the one address is the user name; contact methods are the user's own"),
    unmapped("phoneNumbers",      "contact methods are the user's own"),
    unmapped("password",          "PagerDuty sends an invitation"),
    unmapped("meta.created",      "PagerDuty does not say when a user was created"),
    unmapped("meta.lastModified", "PagerDuty does not say when a user was changed"),
    unmapped("nickName",          "PagerDuty has no such field"),
    unmapped("preferredLanguage", "PagerDuty has no such field"),
    unmapped("locale",            "PagerDuty has no such field"),
    unmapped("ims",               "PagerDuty has no such field"),
    unmapped("addresses",         "PagerDuty has no such field"),
    unmapped("entitlements",      "PagerDuty has no such field"),
    unmapped("roles",             "a user has one role, which is userType"),
    unmapped("x509Certificates",  "PagerDuty has no such field"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", "PagerDuty has no such field"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",     "PagerDuty has no such field"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization",   "PagerDuty has no such field"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division",       "PagerDuty has no such field"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",     "PagerDuty has no such field"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",        "PagerDuty has no such field"),
]);

/// Groups: teams. `members` stands in no answer of a team: the connector adds it.
#[rustfmt::skip]
pub const GROUP: Table = Table::core_group(&[
    read("id",          "id").required(),
    both("displayName", "name").required().max_chars(100).filter("query"),
    list("members",     "members", &[
        both("value",   "user.id"),
        read("display", "user.summary"),
        read("$ref",    "user.id").via(Location("/Users")),
        read("type",    "user.id").via(Always("User")),
    ]).kept().apart(),

    both("urn:connector-host:scim:pagerduty:2.0:Group:description", "description").max_chars(1024).typed(Type::String, "What the team is for."),

    unmapped("externalId",        "PagerDuty keeps none"),
    unmapped("meta.created",      "PagerDuty does not say when a team was created"),
    unmapped("meta.lastModified", "PagerDuty does not say when a team was changed"),
]);
