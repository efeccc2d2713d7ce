//! Workplace's mapping tables: the file reviewers read.
//!
//! Source of every row: <https://developers.facebook.com/docs/workplace/reference/account-management-api/>,
//! <https://developers.facebook.com/docs/workplace/reference/graph-api/group> and the connector guide's tables of Workplace.
//! Users and people sets are in the words of SCIM 2.0; SCIM 1.1 has other names for the same (`dialect.rs`). `admins` and
//! `members` of a group stand in no answer of the group itself: the connector adds them.

use connector_core::{
    mapping::{
        Filled, Table,
        Transform::{Always, EpochSeconds, Location, Number, Underscored, Words},
        both, list, read, read_list, unmapped, write, write_list,
    },
    scim::Type,
};

/// The core schema of people.
pub(crate) const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The core schema of people sets.
pub(crate) const GROUP_CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The enterprise extension.
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// The extension with start and end of the employment.
pub(crate) const DATES: &str = "urn:ietf:params:scim:schemas:extension:facebook:starttermdates:2.0:User";
/// The extension with the state of the account.
pub(crate) const STATUS: &str =
    "urn:ietf:params:scim:schemas:extension:facebook:accountstatusdetails:2.0:User";
/// The extension with the way of signing in.
pub(crate) const AUTH: &str = "urn:ietf:params:scim:schemas:extension:facebook:authmethod:2.0:User";
/// The extension of frontline workers.
pub(crate) const FRONTLINE: &str = "urn:ietf:params:scim:schemas:extension:facebook:frontline:2.0:User";

/// The manager, as SCIM clients write it.
pub(crate) const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value";
/// Whether the person took the account, as SCIM clients write it.
pub(crate) const CLAIMED: &str = "urn:connector-host:scim:workplace:2.0:User:claimed";
/// The administrators of a group, as SCIM clients write them.
pub(crate) const ADMINS: &str = "urn:connector-host:scim:workplace:2.0:Group:admins";

/// People: the guide's table of users, and the extensions.
#[rustfmt::skip]
pub const USER: Table = Table::core_user(&[
    read("id",                     "id").required(),
    both("externalId",             "externalId").filter("externalId"),
    both("userName",               "userName").required().filter("userName").note("an e-mail address in a verified domain; an account without one shows its externalId"),
    both("name.formatted",         "name.formatted").note("the name that is shown; made of its parts where a client names none, and follows them"),
    both("name.givenName",         "name.givenName"),
    both("name.familyName",        "name.familyName"),
    both("name.middleName",        "name.middleName"),
    both("name.honorificPrefix",   "name.honorificPrefix"),
    both("name.honorificSuffix",   "name.honorificSuffix"),
    both("displayName",            "displayName"),
    both("nickName",               "nickName"),
    both("profileUrl",             "profileUrl"),
    both("userType",               "userType"),
    both("title",                  "title"),
    both("preferredLanguage",      "preferredLanguage").via(Underscored),
    both("locale",                 "locale").via(Underscored),
    both("timezone",               "timezone"),
    both("active",                 "active").kept().settled(),
    list("emails",                 "emails", &[
        both("value",   "value"),
        both("type",    "type"),
        both("primary", "primary"),
        unmapped("display", "Workplace has no such field"),
    ]).filled(&[Filled::SameAs("userName")]).note("a single one that is the userName follows it"),
    list("addresses",              "addresses", &[
        both("formatted",     "formatted").note("of the work address: the location that is shown"),
        both("streetAddress", "streetAddress"),
        both("locality",      "locality"),
        both("region",        "region"),
        both("postalCode",    "postalCode"),
        both("country",       "country"),
        both("type",          "type"),
        both("primary",       "primary"),
    ]),
    list("phoneNumbers",           "phoneNumbers", &[
        both("value",   "value"),
        both("type",    "type"),
        both("primary", "primary"),
        unmapped("display", "Workplace has no such field"),
    ]),
    write_list("photos",           "photos", &[
        both("value",   "value"),
        both("type",    "type").note("sent as profile"),
        both("primary", "primary").note("sent as true"),
        unmapped("display", "Workplace has no such field"),
    ]).note("the profile's picture: of several the one of type photo, or the primary one, is sent; whether Workplace returns it is not documented").open(),
    read_list("groups",            "graph.groups", &[
        read("value",   "id"),
        read("$ref",    "id").via(Location("/Groups")),
        read("display", "name"),
        read("type",    "id").via(Always("direct")),
    ]).on_request(),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization",        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.organization"),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division",            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.division"),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",          "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.department"),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.employeeNumber"),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",          "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.costCenter"),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",       "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager.managerId").via(Number).settled(),
    read("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.$ref",        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager.managerId").via(Location("/Users")),
    read("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager.displayName"),
    read("meta.created",           "meta.created").note("where Workplace sends it"),
    read("meta.lastModified",      "meta.lastModified").note("where Workplace sends it"),

    both("urn:connector-host:scim:workplace:2.0:User:startDate",  "urn:ietf:params:scim:schemas:extension:facebook:starttermdates:2.0:User.startDate").typed(Type::DateTime, "First day at work; drives work anniversaries.").via(EpochSeconds).kept(),
    both("urn:connector-host:scim:workplace:2.0:User:termDate",   "urn:ietf:params:scim:schemas:extension:facebook:starttermdates:2.0:User.termDate").typed(Type::DateTime, "Last day at work.").via(EpochSeconds).kept(),
    both("urn:connector-host:scim:workplace:2.0:User:authMethod", "urn:ietf:params:scim:schemas:extension:facebook:authmethod:2.0:User.authMethod").typed(Type::String, "How the person signs in.").via(Words(&[("password", "password"), ("sso", "sso")])).kept(),
    both("urn:connector-host:scim:workplace:2.0:User:frontline",  "urn:ietf:params:scim:schemas:extension:facebook:frontline:2.0:User.is_frontline").typed(Type::Boolean, "Whether the person is a frontline worker.").kept(),
    both("urn:connector-host:scim:workplace:2.0:User:invited",    "urn:ietf:params:scim:schemas:extension:facebook:accountstatusdetails:2.0:User.invited").typed(Type::Boolean, "Whether the person was invited: may take the account, and is billed. Setting it sends a mail.").kept(),
    both("urn:connector-host:scim:workplace:2.0:User:claimed",    "urn:ietf:params:scim:schemas:extension:facebook:accountstatusdetails:2.0:User.claimed").typed(Type::Boolean, "Whether the person took the account. Can be set to false.").kept(),
    read("urn:connector-host:scim:workplace:2.0:User:inviteDate", "urn:ietf:params:scim:schemas:extension:facebook:accountstatusdetails:2.0:User.inviteDate").typed(Type::DateTime, "When the person was invited.").via(EpochSeconds),
    read("urn:connector-host:scim:workplace:2.0:User:claimDate",  "urn:ietf:params:scim:schemas:extension:facebook:accountstatusdetails:2.0:User.claimDate").typed(Type::DateTime, "When the person took the account.").via(EpochSeconds),
    read("urn:connector-host:scim:workplace:2.0:User:canDelete",  "urn:ietf:params:scim:schemas:extension:facebook:accountstatusdetails:2.0:User.canDelete").typed(Type::Boolean, "Whether the account can be deleted: nobody ever took it."),
    read("urn:connector-host:scim:workplace:2.0:User:claimLink",  "urn:ietf:params:scim:schemas:extension:facebook:accountstatusdetails:2.0:User.claimLink").typed(Type::String, "Where the person takes the account."),
    read("urn:connector-host:scim:workplace:2.0:User:accessCode", "urn:ietf:params:scim:schemas:extension:facebook:accountstatusdetails:2.0:User.accessCode").typed(Type::String, "With what a person without an address takes the account."),
    read("urn:connector-host:scim:workplace:2.0:User:accessCodeExpirationDate", "urn:ietf:params:scim:schemas:extension:facebook:accountstatusdetails:2.0:User.accessCodeExpirationDate").typed(Type::DateTime, "How long the access code is good for.").via(EpochSeconds),

    unmapped("password",         "Workplace lets nobody set one"),
    unmapped("ims",              "Workplace has no such field"),
    unmapped("entitlements",     "Workplace has no such field"),
    unmapped("roles",            "Workplace has no such field"),
    unmapped("x509Certificates", "Workplace has no such field"),
]);

/// Groups: the guide's table of groups, which are those of Graph.
#[rustfmt::skip]
pub const GROUP: Table = Table::core_group(&[
    read("id",           "id").required(),
    both("displayName",  "name").required().filter("name").note("several groups may have the same"),
    list("members",      "members", &[
        both("value",   "id"),
        read("$ref",    "id").via(Location("/Users")),
        read("display", "name"),
        read("type",    "id").via(Always("User")),
    ]).kept().read_apart().apart(),
    read("meta.lastModified", "updated_time"),

    both("urn:connector-host:scim:workplace:2.0:Group:description", "description").typed(Type::String, "What the group is for."),
    both("urn:connector-host:scim:workplace:2.0:Group:privacy",     "privacy").typed(Type::String, "Who sees the group.").via(Words(&[("OPEN", "OPEN"), ("CLOSED", "CLOSED"), ("SECRET", "SECRET")])).kept().note("CLOSED where a new group is given none"),
    read("urn:connector-host:scim:workplace:2.0:Group:ownerId",     "owner.id").typed(Type::String, "Id of the person who made the group."),
    list("urn:connector-host:scim:workplace:2.0:Group:admins",      "admins", &[
        both("value",   "id").typed(Type::String, "The id of a person."),
        read("display", "name").typed(Type::String, "The person's name."),
    ]).typed(Type::Complex, "Administrators of the group, who are members too.").kept().read_apart().settled().note("without one a group shows no members, so the first member becomes one; left out together with the members"),
    read("urn:connector-host:scim:workplace:2.0:Group:cover",       "cover.source").typed(Type::String, "Address of the cover picture."),
    write("urn:connector-host:scim:workplace:2.0:Group:coverUrl",   "cover_url").typed(Type::String, "Address of a picture that becomes the cover.").open(),
    read("urn:connector-host:scim:workplace:2.0:Group:icon",        "icon").typed(Type::String, "Address of the icon."),
    both("urn:connector-host:scim:workplace:2.0:Group:archived",    "archived").typed(Type::Boolean, "Whether the group is archived, which can be taken back.").kept().settled().note("written as archive"),
    both("urn:connector-host:scim:workplace:2.0:Group:purpose",     "purpose").typed(Type::String, "WORK_ANNOUNCEMENT, WORK_FEEDBACK, WORK_TEAMWORK or WORK_SOCIAL.").kept().settled().note("multi-company groups can only be read"),
    both("urn:connector-host:scim:workplace:2.0:Group:joinSetting", "join_setting").typed(Type::String, "Who may join.").via(Words(&[("NONE", "NONE"), ("ANYONE", "ANYONE"), ("ADMIN_ONLY", "ADMIN_ONLY")])).kept().settled(),
    both("urn:connector-host:scim:workplace:2.0:Group:postPermissions", "post_permissions").typed(Type::String, "Who may post.").via(Words(&[("NONE", "NONE"), ("ADMIN_ONLY", "ADMIN_ONLY")])).kept().settled(),
    both("urn:connector-host:scim:workplace:2.0:Group:postRequiresAdminApproval", "post_requires_admin_approval").typed(Type::Boolean, "Whether an administrator approves each post.").kept().settled(),
    both("urn:connector-host:scim:workplace:2.0:Group:sortingSetting", "sorting_setting").typed(Type::String, "How posts are sorted.").kept().settled(),
    read("urn:connector-host:scim:workplace:2.0:Group:isDefault",   "is_workplace_default").typed(Type::Boolean, "Whether everybody is put into the group."),

    unmapped("externalId",        "Graph keeps none for groups"),
    unmapped("meta.created",      "Graph does not say when a group was created"),
    unmapped("urn:connector-host:scim:workplace:2.0:Group:email", "the guide's table names one; groups of Graph have none"),
]);

/// People sets, which SCIM at Workplace calls groups: lists of accounts for administrators.
#[rustfmt::skip]
pub const PEOPLE_SET: Table = Table::custom("PeopleSet", "/PeopleSets", "urn:connector-host:scim:workplace:2.0:PeopleSet", &[
    read("id",          "id").required(),
    both("displayName", "displayName").typed(Type::String, "The name.").required(),
    list("members",     "members", &[
        both("value", "value").typed(Type::String, "The id of a person.").via(Number),
        read("$ref",  "value").typed(Type::Reference, "The address of the person.").via(Location("/Users")),
    ]).typed(Type::Complex, "The people in it.").kept().note("a change sends all of them"),
    unmapped("externalId",        "Workplace keeps none for people sets"),
    unmapped("meta.created",      "Workplace does not say when a people set was created"),
    unmapped("meta.lastModified", "Workplace does not say when a people set was changed"),
]);
