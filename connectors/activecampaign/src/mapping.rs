//! ActiveCampaign's mapping tables: the file reviewers read.
//!
//! Source of every row: <https://developers.activecampaign.com/reference/users> and the connector guide's tables 308 and
//! 309. `active`, `displayName` and `userGroups` stand in no answer of a user or group: the connector adds them.

use connector_core::{
    mapping::{
        Row, Table,
        Transform::{Always, Location},
        both, create, read, read_list, unmapped, write,
    },
    scim::Type,
};

/// The group of a user, as SCIM clients write it.
pub(crate) const GROUP_ID: &str = "urn:connector-host:scim:activecampaign:2.0:User:groupId";

#[rustfmt::skip]
const USER_ROWS: &[Row<'static>] = &[
    read  ("id",                                  "id").required(),
    create("userName",                            "username").required().filter("username"),
    read  ("displayName",                         "displayName").computed().note("firstName and lastName, made by the connector"),
    read  ("name.formatted",                      "displayName").computed().note("as displayName"),
    both  ("name.givenName",                      "firstName").required(),
    both  ("name.familyName",                     "lastName").required(),
    both  ("emails[type eq \"work\"].value",      "email").unmarked().required().filter("email"),
    both  ("phoneNumbers[type eq \"work\"].value", "phone").unmarked().settled(),
    write ("password",                            "password").required().note("not needed after creation"),
    both  ("active",                              "active").kept().note("always true, as there is no disabled state; false is refused, or deletes"),
    read  ("timezone",                            "localZoneid"),
    read_list("groups",                           "userGroups", &[
        read("value", "groupid"),
        read("$ref",  "groupid").via(Location("/Groups")),
        read("type",  "groupid").via(Always("direct")),
        unmapped("display", "would take a call for each group"),
    ]).on_request(),
    read  ("meta.created",                        "cdate"),
    read  ("meta.lastModified",                   "udate"),

    write (GROUP_ID,                              "group").typed(Type::String, "Id of the group the user is put into.").required().also_from("groups").open().note("not needed after creation, nor with default_group_id"),

    unmapped("externalId",           "ActiveCampaign keeps none"),
    unmapped("name.middleName",      "ActiveCampaign has no such field"),
    unmapped("name.honorificPrefix", "ActiveCampaign has no such field"),
    unmapped("name.honorificSuffix", "ActiveCampaign has no such field"),
    unmapped("nickName",             "ActiveCampaign has no such field"),
    unmapped("profileUrl",           "ActiveCampaign has no such field"),
    unmapped("title",                "ActiveCampaign has no such field"),
    unmapped("userType",             "ActiveCampaign has no such field"),
    unmapped("preferredLanguage",    "ActiveCampaign tells an English word for it, and in the answer to a creation alone"),
    unmapped("locale",               "ActiveCampaign has no such field"),
    unmapped("ims",                  "ActiveCampaign has no such field"),
    unmapped("photos",               "ActiveCampaign has no such field"),
    unmapped("addresses",            "ActiveCampaign has no such field"),
    unmapped("entitlements",         "ActiveCampaign has no such field"),
    unmapped("roles",                "ActiveCampaign has no such field"),
    unmapped("x509Certificates",     "ActiveCampaign has no such field"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", "ActiveCampaign has no such field"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",     "ActiveCampaign has no such field"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization",   "ActiveCampaign has no such field"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division",       "ActiveCampaign has no such field"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",     "ActiveCampaign has no such field"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",        "ActiveCampaign has no such field"),
];

/// Users, table 308.
pub const USER: Table = Table::core_user(USER_ROWS);

/// Users of an instance with a group of its own for those for whom the client names none.
pub(crate) const USER_WITH_DEFAULT_GROUP: Table = Table::core_user(&GROUP_OPTIONAL);

const GROUP_OPTIONAL: [Row<'static>; USER_ROWS.len()] = {
    let mut rows = [USER_ROWS[0]; USER_ROWS.len()];
    let mut index = 0;
    while index < rows.len() {
        rows[index] = USER_ROWS[index];
        // The group's row is the only one of that kind.
        if rows[index].also_from.is_some() {
            rows[index].required = false;
        }
        index += 1;
    }
    rows
};

/// Groups, table 309: the permission groups of an account.
#[rustfmt::skip]
pub const GROUP: Table = Table::core_group(&[
    read("id",               "id").required(),
    both("displayName",      "title").required().filter("title"),
    read_list("members",     "userGroups", &[
        read("value",   "userid"),
        read("$ref",    "userid").via(Location("/Users")),
        read("type",    "userid").via(Always("User")),
        unmapped("display", "would take a call for each member"),
    ]).read_apart().note("written on the user, as groupId"),

    both("urn:connector-host:scim:activecampaign:2.0:Group:description", "descript").typed(Type::String, "What the group is for."),

    unmapped("externalId",        "ActiveCampaign keeps none"),
    unmapped("meta.created",      "ActiveCampaign does not say when a group was created"),
    unmapped("meta.lastModified", "ActiveCampaign does not say when a group was changed"),
]);
