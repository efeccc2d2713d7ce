//! Webex's mapping tables: the file reviewers read.
//!
//! Source of every row: <https://developer.webex.com/docs/api/v1/people>, `/teams`, `/licenses`, `/roles` and
//! `/organizations`. `active`, the names of licences and roles, and a team's `memberships` stand in no answer of a person or
//! team: the connector adds them.

use connector_core::{
    mapping::{
        Mark, Slot, Table,
        Transform::{Always, BySlot, First, Location},
        both, list, read, read_list, unmapped,
    },
    scim::Type,
};

/// Where a person's licences are.
pub(crate) const ENTITLEMENTS: &str = "entitlements";
/// The extension and the line of Webex Calling.
pub(crate) const LOCATION_ID: &str = "urn:connector-host:scim:webex:2.0:User:locationId";
/// Whether a person was invited and has not signed in yet.
const INVITE_PENDING: &str = "urn:connector-host:scim:webex:2.0:User:invitePending";

/// Users: people of the organisation.
#[rustfmt::skip]
pub const USER: Table = Table::core_user(&[
    read("id",                    "id").required(),
    both("userName",              "emails").required().via(First).filter("email"),
    both("name.formatted",        "displayName").filter("displayName").settled(),
    both("name.givenName",        "firstName").settled(),
    both("name.familyName",       "lastName").settled(),
    both("displayName",           "displayName").filter("displayName").settled().alias_of("name.formatted").note("wins over name.formatted; made of the names where there is none"),
    read("nickName",              "nickName").note("Webex makes it firstName, whatever is sent"),
    list("emails",                "emails", &[
        both("value",   ".").filter("email"),
        both("type",    "type").via(BySlot),
        both("primary", "primary").via(BySlot),
        unmapped("display", "Webex has no such field"),
    ]).slots(ONE_WORK).alias_of("userName").note("wins over userName"),
    both("active",                "active").kept().settled().ambiguous_beside(INVITE_PENDING).note("loginEnabled or invitePending; written as loginEnabled"),
    both("title",                 "title").settled(),
    read("userType",              "type"),
    read("timezone",              "timeZone"),
    list("addresses",             "addresses", &[
        both("streetAddress", "streetAddress"),
        both("locality",      "locality"),
        both("region",        "region"),
        both("postalCode",    "postalCode"),
        both("country",       "country"),
        both("type",          "type"),
        unmapped("formatted", "Webex has no such field"),
        unmapped("primary",   "Webex has no such field"),
    ]).settled(),
    list("phoneNumbers",          "phoneNumbers", &[
        both("value",   "value"),
        both("type",    "type"),
        read("primary", "primary"),
        unmapped("display", "Webex has no such field"),
    ]).kept().granted().settled().note("only those of type work are written, and only for Webex Calling"),
    both("photos[type eq \"photo\"].value", "avatar").kept().settled(),
    list("entitlements",          "licenses", &[
        both("value",   "id"),
        read("display", "name"),
        read("type",    "id").via(Always("webex-license")),
        unmapped("primary", "Webex has no such mark"),
    ]).kept().granted().note("given and taken by PATCH /licenses/users"),
    list("roles",                 "roles", &[
        both("value",   "id"),
        read("display", "name"),
        read("type",    "id").via(Always("webex-role")),
        unmapped("primary", "Webex has no such mark"),
    ]).kept().granted().settled(),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",          "department").settled(),
    read("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization",        "orgId"),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",       "managerId").settled().note("the manager's name is written with it"),
    read("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.$ref",        "managerId").via(Location("/Users")),
    read("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName", "manager"),
    read("meta.created",          "created"),
    read("meta.lastModified",     "lastModified"),

    both("urn:connector-host:scim:webex:2.0:User:extension",  "extension").typed(Type::String, "Extension of the person's Webex Calling line, without the location's prefix.").kept().note("for Webex Calling only"),
    both(LOCATION_ID,             "locationId").typed(Type::String, "Id of the location of the person's Webex Calling line; it is set together with the Calling licence and cannot be changed afterwards.").kept().note("for Webex Calling only"),
    read_list("urn:connector-host:scim:webex:2.0:User:siteUrls", "siteUrls", &[
        read("value", ".").typed(Type::String, "Host name of the site, with `#attendee` for an attendee."),
    ]).typed(Type::Complex, "Meeting sites the person is host or attendee of."),
    read("urn:connector-host:scim:webex:2.0:User:loginEnabled", "loginEnabled").typed(Type::Boolean, "Whether Webex lets the person sign in."),
    read(INVITE_PENDING,          "invitePending").typed(Type::Boolean, "Whether the person was invited and has not signed in yet."),

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
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", "Webex has no such field in this API"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",     "Webex has no such field in this API"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division",       "Webex has no such field in this API"),
    unmapped("urn:connector-host:scim:webex:2.0:User:status",       "presence: it changes by itself, and every version of the person with it"),
    unmapped("urn:connector-host:scim:webex:2.0:User:lastActivity", "presence: it changes by itself, and every version of the person with it"),
    unmapped("urn:connector-host:scim:webex:2.0:User:sipAddresses", "they appear by themselves some time after creation"),
]);

/// Groups: the teams of the account that consented.
#[rustfmt::skip]
pub const GROUP: Table = Table {
    description: "A team of the account that consented. Teams it is not a member of are not seen; the account itself is not shown.",
    ..Table::core_group(&[
        read("id",            "id").required(),
        both("displayName",   "name").required(),
        list("members",       "memberships", &[
            both("value",   "personId"),
            read("display", "personDisplayName"),
            read("$ref",    "personId").via(Location("/Users")),
            read("type",    "personId").via(Always("User")),
        ]).kept().apart().read_apart().note("without the account that consented; each is added and removed by a call of its own"),
        both("urn:connector-host:scim:webex:2.0:Group:description", "description").typed(Type::String, "What the team is for.").kept(),
        read_list("urn:connector-host:scim:webex:2.0:Group:moderators", "moderators", &[
            read("value",   "personId").typed(Type::String, "Id of a member who is a moderator."),
            read("display", "personDisplayName").typed(Type::String, "The moderator's name."),
        ]).typed(Type::Complex, "Members who are moderators, without the account that consented; left out together with the members.").read_apart(),
        read("meta.created",  "created"),
        unmapped("externalId",        "Webex keeps none"),
        unmapped("meta.lastModified", "Webex does not say when a team was changed"),
    ])
};

/// The schema by which Okta finds what a user can be given; each of its resources is an entitlement
/// (<https://developer.okta.com/docs/guides/scim-with-entitlements/main/>).
const OKTA_ENTITLEMENT: &str = "urn:okta:scim:schemas:core:1.0:Entitlement";
/// The schema by which Okta finds the roles that a user can have (the same guide).
const OKTA_ROLE: &str = "urn:okta:scim:schemas:core:1.0:Role";

/// Licences of the organisation: what `entitlements` of a user can be.
#[rustfmt::skip]
pub const LICENSE: Table = Table {
    description: "A licence of the organisation; its id is a value of the entitlements of users.",
    ..Table::custom("License", "/Licenses", "urn:connector-host:scim:webex:2.0:License", &[
        read("id",                    "id").required(),
        read("displayName",           "name").typed(Type::String, "Name of the licence, with the site where several share a name. Names change; the id is the key."),
        read("totalUnits",           "totalUnits").typed(Type::Integer, "Units the organisation has; meaningless for hybrid services."),
        read("consumedUnits",        "consumedUnits").typed(Type::Integer, "Units that are given."),
        read("consumedByUsers",      "consumedByUsers").typed(Type::Integer, "Units given to people."),
        read("consumedByWorkspaces", "consumedByWorkspaces").typed(Type::Integer, "Units given to workspaces."),
        read("subscriptionId",       "subscriptionId").typed(Type::String, "The subscription it is part of; free licences are part of none."),
        read("siteUrl",              "siteUrl").typed(Type::String, "Meeting site it is for."),
        read("siteType",             "siteType").typed(Type::String, "Who manages the site."),
        unmapped("externalId",        "Webex keeps none"),
        unmapped("meta.created",      "Webex does not say when a licence was bought"),
        unmapped("meta.lastModified", "Webex does not say when a licence was changed"),
    ])
};

/// The same licences, as Okta discovers what a user can be given.
#[rustfmt::skip]
pub const ENTITLEMENT: Table = Table {
    description: "What a user can be given: a licence of the organisation.",
    ..Table::custom("Entitlement", "/Entitlements", OKTA_ENTITLEMENT, &[
        read("id",                    "id").required(),
        read("displayName",           "name").typed(Type::String, "Name of the licence, with the site where several share a name."),
        read("type",                  "name").via(Always("webex-license")).typed(Type::String, "The `type` of the user's entitlement."),
        unmapped("externalId",        "Webex keeps none"),
        unmapped("meta.created",      "Webex does not say when a licence was bought"),
        unmapped("meta.lastModified", "Webex does not say when a licence was changed"),
    ])
};

/// Administrator roles: what `roles` of a user can be.
#[rustfmt::skip]
pub const ROLE: Table = Table {
    description: "An administrator role; its id is a value of the roles of users.",
    ..Table::custom("Role", "/Roles", OKTA_ROLE, &[
        read("id",                    "id").required(),
        read("displayName",           "name").typed(Type::String, "Name of the role."),
        read("type",                  "name").via(Always("webex-role")).typed(Type::String, "The `type` that the role of a user has."),
        unmapped("externalId",        "Webex keeps none"),
        unmapped("meta.created",      "roles are Webex's own"),
        unmapped("meta.lastModified", "roles are Webex's own"),
    ])
};

/// Organisations the account may see: its own, and those it manages as a partner.
#[rustfmt::skip]
pub const ORGANIZATION: Table = Table {
    description: "An organisation that the account that consented may see.",
    ..Table::custom("Organization", "/Organizations", "urn:connector-host:scim:webex:2.0:Organization", &[
        read("id",                    "id").required(),
        read("displayName",           "displayName").typed(Type::String, "Name of the organisation."),
        read("meta.created",          "created"),
        unmapped("externalId",        "Webex keeps none"),
        unmapped("meta.lastModified", "Webex does not say when an organisation was changed"),
    ])
};

/// Webex uses one address.
const ONE_WORK: &[Slot] =
    &[Slot { scim: &[("type", Mark::Word("work")), ("primary", Mark::Is(true))], read: &[], write: &[] }];
