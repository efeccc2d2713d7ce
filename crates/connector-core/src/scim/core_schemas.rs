//! The core User, Group and enterprise User schemas (RFC 7643 sections 4 and 8.7).
//!
//! A test compares every characteristic with the RFC's own representation; [`DEVIATIONS`] lists where these differ
//! from it on purpose.

use super::{
    ENTERPRISE_USER_URN, GROUP_URN, USER_URN,
    schema::{Attribute, Mutability, Returned, Schema, Type, Uniqueness},
};

/// Where the core schemas differ from RFC 7643 section 8.7 on purpose: path, characteristic, reason.
pub const DEVIATIONS: &[(&str, &str, &str)] = &[
    (
        "User.addresses.primary",
        "present",
        "section 2.4 defines `primary` for every multi-valued attribute and the user of section 8.2 has it in an \
         address; section 8.7.1 leaves it out here",
    ),
    (
        "Group.displayName",
        "required",
        "every target needs a name for a group; section 4.2 calls it REQUIRED while section 8.7.1 prints false",
    ),
    (
        "Group.members.display",
        "present",
        "targets answer the member's name; section 2.4 defines `display` for every multi-valued attribute, section \
         8.7.1 leaves it out here",
    ),
];

fn string(name: &'static str, description: &'static str) -> Attribute {
    Attribute::new(name, Type::String, description)
}

fn complex(name: &'static str, description: &'static str, subs: Vec<Attribute>) -> Attribute {
    let mut attribute = Attribute::new(name, Type::Complex, description);
    attribute.sub_attributes = subs;
    attribute
}

fn list(name: &'static str, description: &'static str, subs: Vec<Attribute>) -> Attribute {
    let mut attribute = complex(name, description, subs);
    attribute.multi_valued = true;
    attribute
}

fn reference(name: &'static str, types: &[&'static str], description: &'static str) -> Attribute {
    let mut attribute = Attribute::new(name, Type::Reference, description);
    attribute.reference_types = types.to_vec();
    attribute
}

fn read_only(mut attribute: Attribute) -> Attribute {
    attribute.mutability = Mutability::ReadOnly;
    attribute
}

fn immutable(mut attribute: Attribute) -> Attribute {
    attribute.mutability = Mutability::Immutable;
    attribute
}

fn required(mut attribute: Attribute) -> Attribute {
    attribute.required = true;
    attribute
}

/// The usual sub-attributes of a multi-valued attribute (RFC 7643 section 2.4).
fn plural(value: Attribute, types: &[&'static str], noun: &'static str) -> Vec<Attribute> {
    let mut kind = string("type", "A label for what the value is for.");
    kind.canonical_values = types.to_vec();
    vec![
        value,
        string("display", "A name for the value, for display."),
        kind,
        Attribute::new(
            "primary",
            Type::Boolean,
            format!("Whether this is the preferred {noun}; at most one is."),
        ),
    ]
}

/// `urn:ietf:params:scim:schemas:core:2.0:User` (RFC 7643 section 4.1).
#[expect(clippy::too_many_lines, reason = "one schema, attribute after attribute")]
pub fn user() -> Schema {
    let mut user_name =
        required(string("userName", "The name the user signs in with; unique over all users."));
    user_name.uniqueness = Uniqueness::Server;
    let mut password = string("password", "The user's clear-text password, to set it. Never returned.");
    password.mutability = Mutability::WriteOnly;
    password.returned = Returned::Never;
    let mut group_type = string("type", "Whether membership is direct or through another group.");
    group_type.canonical_values = vec!["direct", "indirect"];

    Schema {
        id: USER_URN.into(),
        name: "User".into(),
        description: "User Account".into(),
        attributes: vec![
            user_name,
            complex(
                "name",
                "The components of the user's name.",
                vec![
                    string("formatted", "The full name, formatted for display."),
                    string("familyName", "The family name."),
                    string("givenName", "The given name."),
                    string("middleName", "The middle names."),
                    string("honorificPrefix", "The title before the name, such as `Dr.`."),
                    string("honorificSuffix", "The suffix after the name, such as `III`."),
                ],
            ),
            string("displayName", "The name of the user, for display."),
            string("nickName", "The casual way to address the user."),
            reference("profileUrl", &["external"], "The address of the user's online profile."),
            string("title", "The user's title, such as `Vice President`."),
            string("userType", "The relationship between organisation and user, such as `Employee`."),
            string("preferredLanguage", "The user's preferred languages, as in an Accept-Language header."),
            string("locale", "The user's default location, as a language tag."),
            string("timezone", "The user's time zone, as in the IANA database."),
            Attribute::new("active", Type::Boolean, "Whether the user may sign in."),
            password,
            list(
                "emails",
                "E-mail addresses of the user.",
                plural(string("value", "The e-mail address."), &["work", "home", "other"], "e-mail address"),
            ),
            list(
                "phoneNumbers",
                "Phone numbers of the user.",
                plural(
                    string("value", "The phone number."),
                    &["work", "home", "mobile", "fax", "pager", "other"],
                    "phone number",
                ),
            ),
            list(
                "ims",
                "Instant messaging addresses of the user.",
                plural(
                    string("value", "The instant messaging address."),
                    &["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"],
                    "messaging address",
                ),
            ),
            list(
                "photos",
                "Pictures of the user.",
                plural(
                    reference("value", &["external"], "The address of the picture."),
                    &["photo", "thumbnail"],
                    "picture",
                ),
            ),
            list("addresses", "Physical mailing addresses of the user.", {
                let mut kind = string("type", "A label for what the address is for.");
                kind.canonical_values = vec!["work", "home", "other"];
                vec![
                    string("formatted", "The full address, formatted for display."),
                    string("streetAddress", "Street, house number, P.O. box."),
                    string("locality", "The city."),
                    string("region", "The state or region."),
                    string("postalCode", "The postal code."),
                    string("country", "The country."),
                    kind,
                    Attribute::new(
                        "primary",
                        Type::Boolean,
                        "Whether this is the preferred address; at most one is.",
                    ),
                ]
            }),
            read_only(list(
                "groups",
                "Groups the user is a member of; change them through the Group resource.",
                vec![
                    read_only(string("value", "The id of the group.")),
                    read_only(reference("$ref", &["User", "Group"], "The address of the group.")),
                    read_only(string("display", "The name of the group.")),
                    read_only(group_type),
                ],
            )),
            list(
                "entitlements",
                "Things the user is entitled to.",
                plural(string("value", "The entitlement."), &[], "entitlement"),
            ),
            list("roles", "Roles of the user.", plural(string("value", "The role."), &[], "role")),
            list(
                "x509Certificates",
                "Certificates issued to the user.",
                plural(
                    Attribute::new("value", Type::Binary, "A DER certificate in base64."),
                    &[],
                    "certificate",
                ),
            ),
        ],
    }
}

/// `urn:ietf:params:scim:schemas:core:2.0:Group` (RFC 7643 section 4.2).
pub fn group() -> Schema {
    let mut member_type = string("type", "What kind of resource the member is.");
    member_type.canonical_values = vec!["User", "Group"];
    Schema {
        id: GROUP_URN.into(),
        name: "Group".into(),
        description: "Group".into(),
        attributes: vec![
            required(string("displayName", "The name of the group.")),
            list(
                "members",
                "The members of the group.",
                vec![
                    immutable(string("value", "The id of the member.")),
                    immutable(reference("$ref", &["User", "Group"], "The address of the member.")),
                    immutable(member_type),
                    immutable(string("display", "The name of the member.")),
                ],
            ),
        ],
    }
}

/// `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User` (RFC 7643 section 4.3).
pub fn enterprise_user() -> Schema {
    Schema {
        id: ENTERPRISE_USER_URN.into(),
        name: "EnterpriseUser".into(),
        description: "Enterprise User".into(),
        attributes: vec![
            string("employeeNumber", "The number the organisation gave the user."),
            string("costCenter", "The name of a cost centre."),
            string("organization", "The name of an organisation."),
            string("division", "The name of a division."),
            string("department", "The name of a department."),
            complex(
                "manager",
                "The user's manager.",
                vec![
                    string("value", "The id of the manager's User resource."),
                    reference("$ref", &["User"], "The address of the manager's User resource."),
                    read_only(string("displayName", "The manager's display name.")),
                ],
            ),
        ],
    }
}
