//! Newtarget's mapping tables: the file reviewers read.
//!
//! Source of every row: FILL IN the link to the vendor's page that describes the object.

use connector_core::mapping::{Table, both, read, unmapped};

/// The reason of an attribute nobody has looked at. Map it, `both("title", "job_title")`, or say why not,
/// `unmapped("nickName", "the target has no such field")`.
const UNDECIDED: &str = "FILL IN: map it, or say why the target cannot hold it";

/// Users.
#[rustfmt::skip]
pub const USER: Table = Table::core_user(&[
    read("id",       "id").required(),
    both("userName", "email").required().filter("email"),

    unmapped("externalId", UNDECIDED),
    unmapped("displayName", UNDECIDED),
    unmapped("name.formatted", UNDECIDED),
    unmapped("name.givenName", UNDECIDED),
    unmapped("name.familyName", UNDECIDED),
    unmapped("name.middleName", UNDECIDED),
    unmapped("name.honorificPrefix", UNDECIDED),
    unmapped("name.honorificSuffix", UNDECIDED),
    unmapped("nickName", UNDECIDED),
    unmapped("profileUrl", UNDECIDED),
    unmapped("title", UNDECIDED),
    unmapped("userType", UNDECIDED),
    unmapped("preferredLanguage", UNDECIDED),
    unmapped("locale", UNDECIDED),
    unmapped("timezone", UNDECIDED),
    unmapped("active", UNDECIDED),
    unmapped("password", UNDECIDED),
    unmapped("emails", UNDECIDED),
    unmapped("phoneNumbers", UNDECIDED),
    unmapped("ims", UNDECIDED),
    unmapped("photos", UNDECIDED),
    unmapped("addresses", UNDECIDED),
    unmapped("groups", UNDECIDED),
    unmapped("entitlements", UNDECIDED),
    unmapped("roles", UNDECIDED),
    unmapped("x509Certificates", UNDECIDED),
    unmapped("meta.created", UNDECIDED),
    unmapped("meta.lastModified", UNDECIDED),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", UNDECIDED),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter", UNDECIDED),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization", UNDECIDED),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division", UNDECIDED),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", UNDECIDED),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", UNDECIDED),
]);
