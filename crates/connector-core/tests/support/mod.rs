//! A neutral target in which every core attribute has a row, and helpers to compile and fill it.

#![allow(dead_code, reason = "every test crate uses a part of it")]

pub(crate) mod person;

use connector_core::{
    connector::Vendor,
    error::{Error, Result},
    mapping::{Plan, PlanOptions, Row, Table, Transform, both, list, read, read_list, write},
    scim::{Filter, PatchRequest, PatchRules, Resource, ResourceType, Type},
};
use serde_json::{Map, Value, json};

/// The enterprise extension, for paths and documents.
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// An extension of the target's own.
pub(crate) const OWN: &str = "urn:example:2.0:User";

const PLURAL: &[Row<'static>] =
    &[both("value", "value"), both("display", "label"), both("type", "kind"), both("primary", "main")];

/// A User with every core attribute, and attributes of every type in an extension.
#[rustfmt::skip]
pub(crate) const USER: Table = Table::core_user(&[
    read("id",                     "key").required(),
    both("externalId",             "foreign_key"),
    both("userName",               "login").required(),
    both("name.formatted",         "person.full"),
    both("name.familyName",        "person.last"),
    both("name.givenName",         "person.first"),
    both("name.middleName",        "person.middle"),
    both("name.honorificPrefix",   "person.before"),
    both("name.honorificSuffix",   "person.after"),
    both("displayName",            "shown"),
    both("nickName",               "nick"),
    both("profileUrl",             "page"),
    both("title",                  "title"),
    both("userType",               "sort"),
    both("preferredLanguage",      "language"),
    both("locale",                 "locale"),
    both("timezone",               "zone"),
    both("active",                 "enabled").kept(),
    write("password",              "password"),
    list("emails",                 "mails", PLURAL),
    list("phoneNumbers",           "phones", PLURAL),
    list("ims",                    "chats", PLURAL),
    list("photos",                 "pictures", PLURAL),
    list("addresses",              "addresses", &[
        both("formatted",     "whole"),
        both("streetAddress", "street"),
        both("locality",      "city"),
        both("region",        "state"),
        both("postalCode",    "zip"),
        both("country",       "country"),
        both("type",          "kind"),
        both("primary",       "main"),
    ]),
    read_list("groups",            "teams", &[
        read("value",   "key"),
        read("$ref",    "key").via(Transform::Location("/Groups")),
        read("display", "label"),
        read("type",    "key").via(Transform::Always("direct")),
    ]),
    list("entitlements",           "rights", PLURAL),
    list("roles",                  "roles", PLURAL),
    list("x509Certificates",       "certificates", PLURAL),
    read("meta.created",           "born"),
    read("meta.lastModified",      "touched"),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",      "work.number"),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",          "work.cost"),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization",        "work.company"),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division",            "work.division"),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",          "work.department"),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",       "work.boss.key"),
    read("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.$ref",        "work.boss.key").via(Transform::Location("/Users")),
    read("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName", "work.boss.label"),
    both("urn:example:2.0:User:badge",   "badge").typed(Type::String, "The badge."),
    both("urn:example:2.0:User:floor",   "floor").typed(Type::Integer, "The floor."),
    both("urn:example:2.0:User:share",   "share").typed(Type::Decimal, "The share of full time."),
    both("urn:example:2.0:User:since",   "since").typed(Type::DateTime, "The first day."),
    both("urn:example:2.0:User:remote",  "remote").typed(Type::Boolean, "Whether they work elsewhere."),
]);

/// A Group with every core attribute.
#[rustfmt::skip]
pub(crate) const GROUP: Table = Table::core_group(&[
    read("id",                "key").required(),
    both("externalId",        "foreign_key"),
    both("displayName",       "label").required(),
    list("members",           "people", &[
        both("value",   "key"),
        read("display", "label"),
        read("$ref",    "key").via(Transform::Location("/Users")),
        read("type",    "key").via(Transform::Always("User")),
    ]).kept(),
    read("meta.created",      "born"),
    read("meta.lastModified", "touched"),
]);

/// Compiles a table, or prints why it does not.
pub(crate) fn plan(table: &Table) -> Plan {
    plan_with(table, PlanOptions::default())
}

/// Compiles a table with an instance's own settings.
pub(crate) fn plan_with(table: &Table, options: PlanOptions) -> Plan {
    let options = PlanOptions { base: "https://host.example/scim/i/v2".into(), ..options };
    Plan::compile(table, &options).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// A document as an object.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(document) => document,
        other => panic!("not an object: {other}"),
    }
}

/// A document as a resource.
pub(crate) fn resource(value: Value) -> Resource {
    Resource::new(object(value))
}

/// A document as a target's answer.
pub(crate) fn vendor(value: &Value) -> Vendor {
    Vendor::new(value.to_string().into())
}

/// A resource's document.
pub(crate) fn document(resource: &Resource) -> Value {
    Value::Object(resource.document().clone())
}

/// A body with these operations.
pub(crate) fn patch_of(operations: &Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

/// Applies operations leniently, as a host without settings does.
pub(crate) fn patched(rtype: &ResourceType, before: &Value, operations: &Value) -> Result<Value> {
    patched_with(rtype, before, operations, PatchRules::default())
}

/// Applies operations under these rules.
pub(crate) fn patched_with(
    rtype: &ResourceType,
    before: &Value,
    operations: &Value,
    rules: PatchRules,
) -> Result<Value> {
    let request = PatchRequest::read(patch_of(operations))?;
    let (after, _) = request.apply(&resource(before.clone()), rtype, rules)?;
    Ok(document(&after))
}

/// Reads a filter that must be a good one.
pub(crate) fn filter(text: &str, rtype: &ResourceType) -> Filter {
    Filter::parse(text, rtype).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// An error with its `scimType`, as a client reads it.
pub(crate) fn told(error: &Error) -> String {
    let body = serde_json::to_value(connector_core::scim::ErrorBody::from(error)).expect("plain data");
    format!("{} {}", body["scimType"].as_str().unwrap_or("-"), body["detail"].as_str().expect("text"))
}

/// How an instance that is strict reads a PATCH.
pub(crate) const STRICT: PatchRules = PatchRules { strict: true, refuse_remove_all_members: false };

/// The User of [`USER`].
pub(crate) fn user_type() -> ResourceType {
    plan(&USER).resource_type().clone()
}

/// A user to change.
pub(crate) fn amara() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "u-7f3c", "userName": "amara.okafor@halden.example", "active": true,
        "name": {"givenName": "Amara", "familyName": "Okafor"},
        "meta": {"resourceType": "User", "created": "2026-01-01T00:00:00Z"},
    })
}

/// The user after these operations.
#[expect(clippy::needless_pass_by_value, reason = "requests are written where they are used")]
pub(crate) fn user(operations: Value) -> Value {
    patched(&user_type(), &amara(), &operations).unwrap_or_else(|error| panic!("{}", told(&error)))
}

/// What the client is told about these operations.
#[expect(clippy::needless_pass_by_value, reason = "requests are written where they are used")]
pub(crate) fn refused(operations: Value) -> String {
    told(&patched(&user_type(), &amara(), &operations).expect_err("must be refused"))
}
