//! A small target with every kind of row.

use connector_core::{
    mapping::{
        Filled, Mark, Plan, PlanOptions, Slot, Table,
        Transform::{Always, BySlot, Location, Lowercase, Not, Words},
        both, create, list, read, read_list, unmapped, write,
    },
    scim::Type,
};
use serde_json::{Value, json};

use super::{ENTERPRISE, OWN, plan_with, vendor};

/// A User with every kind of row.
#[rustfmt::skip]
pub(crate) const PERSON: Table = Table::core_user(&[
    read("id",               "key").required(),
    both("userName",         "login").required().via(Lowercase).max_chars(20).filter("login"),
    both("nickName",         "login").via(Lowercase).max_chars(20).alias_of("userName"),
    both("name.givenName",   "person.first"),
    both("name.familyName",  "person.last"),
    both("displayName",      "shown").filled(&[Filled::SameAs("userName")]),
    both("title",            "job").filled(&[Filled::Like("New * of *")]),
    create("userType",       "seat").via(Words(&[("Member", "full"), ("Guest", "guest")])),
    both("emails[type eq \"work\"].value", "contact.mail").required().filter("mail"),
    both("emails[type eq \"home\"].value", "contact.private").kept(),
    create("ims[type eq \"xmpp\"].value",  "contact.chat"),
    list("phoneNumbers",     "phones", &[
        both("value",   "number").max_chars(15),
        both("type",    "kind").via(BySlot),
        both("primary", "main").via(BySlot),
    ]).slots(PHONES),
    list("roles",            "grants", &[both("value", ".")]),
    list("members",          "reports", &[both("value", "key").typed(Type::String, "The id.")]).typed(Type::Complex, "People.").kept(),
    read_list("groups",      "teams", &[
        read("value",   "key"),
        read("$ref",    "key").via(Location("/Groups")),
        read("display", "label"),
        read("type",    "key").via(Always("direct")),
    ]),
    both("active",           "suspended").via(Not).kept(),
    both("locale",           "locale").settled(),
    write("password",        "secret").only_on_create(),
    read("meta.created",     "born"),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",    "work.unit"),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", "work.boss.key"),
    both("urn:example:2.0:User:badge", "badge").typed(Type::String, "The badge.").settled(),
    both("urn:example:2.0:User:floor", "floor").typed(Type::Integer, "The floor."),
    both("urn:example:2.0:User:since", "since").typed(Type::DateTime, "The first day."),
    write("urn:example:2.0:User:pin",  "pin").typed(Type::String, "The number for the door."),
    list("urn:example:2.0:User:keys",  "keys", &[
        both("value", "number").typed(Type::Integer, "The number of the key."),
        both("door",  "lock.door").typed(Type::String, "What it opens."),
    ]).typed(Type::Complex, "Keys."),
    unmapped("externalId",        "the target has no such field"),
    unmapped("meta.lastModified", "the target has no such field"),
    unmapped("name.formatted",    "the target has no such field"),
    unmapped("name.middleName",   "the target has no such field"),
    unmapped("name.honorificPrefix", "the target has no such field"),
    unmapped("name.honorificSuffix", "the target has no such field"),
    unmapped("profileUrl",        "the target has no such field"),
    unmapped("preferredLanguage", "the target has no such field"),
    unmapped("timezone",          "the target has no such field"),
    unmapped("phoneNumbers.display", "the target has no such field"),
    unmapped("photos",            "the target has no such field"),
    unmapped("addresses",         "the target has no such field"),
    unmapped("entitlements",      "the target has no such field"),
    unmapped("roles.display",     "the target has no such field"),
    unmapped("roles.type",        "the target has no such field"),
    unmapped("roles.primary",     "the target has no such field"),
    unmapped("x509Certificates",  "the target has no such field"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", "the target has no such field"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",     "the target has no such field"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization",   "the target has no such field"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division",       "the target has no such field"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.$ref",        "the target has no such field"),
    unmapped("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName", "the target has no such field"),
]);

/// A desk phone and a mobile one.
const PHONES: &[Slot] = &[
    Slot {
        scim: &[("type", Mark::Word("work")), ("primary", Mark::Is(true))],
        read: &[("desk", Mark::Is(true))],
        write: &[("desk", Mark::Is(true))],
    },
    Slot {
        scim: &[("type", Mark::Word("mobile"))],
        read: &[("kind", Mark::Word("cell"))],
        write: &[("kind", Mark::Word("cell"))],
    },
];

/// The compiled table, with membership calls of two members each.
pub(crate) fn person() -> Plan {
    plan_with(&PERSON, PlanOptions { members_per_call: 2, ..PlanOptions::default() })
}

/// A person as the target answers.
pub(crate) fn held() -> Value {
    json!({
        "key": "p-1", "login": "ada", "person": {"first": "Ada", "last": "Lovelace"}, "shown": "Ada L", "job": "Analyst",
        "seat": "full", "contact": {"mail": "ada@work.example", "private": "ada@home.example", "chat": "ada@chat.example"},
        "phones": [{"number": "+44 1", "desk": true}, {"number": "+44 2", "kind": "cell"}],
        "grants": ["editor", "reader"], "reports": [{"key": "p-2"}, {"key": "p-3"}],
        "teams": [{"key": "g 1", "label": "Engines"}], "suspended": false, "locale": "en-GB", "born": "1815-12-10T00:00:00Z",
        "work": {"unit": "Analysis", "boss": {"key": "p-9"}},
        "badge": "B-1", "floor": 3, "since": "2025-03-04T10:00:00Z", "keys": [{"number": 7, "lock": {"door": "north"}}],
    })
}

/// The same person in SCIM.
pub(crate) fn ada() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE, OWN],
        "id": "p-1", "userName": "ada", "nickName": "ada",
        "name": {"givenName": "Ada", "familyName": "Lovelace"}, "displayName": "Ada L", "title": "Analyst",
        "userType": "Member",
        "emails": [{"value": "ada@work.example", "type": "work"}, {"value": "ada@home.example", "type": "home"}],
        "ims": [{"value": "ada@chat.example", "type": "xmpp"}],
        "phoneNumbers": [{"value": "+44 1", "type": "work", "primary": true}, {"value": "+44 2", "type": "mobile"}],
        "roles": [{"value": "editor"}, {"value": "reader"}],
        "members": [{"value": "p-2"}, {"value": "p-3"}],
        "groups": [{"value": "g 1", "$ref": "https://host.example/scim/i/v2/Groups/g%201", "display": "Engines", "type": "direct"}],
        "active": true, "locale": "en-GB",
        ENTERPRISE: {"department": "Analysis", "manager": {"value": "p-9"}},
        OWN: {"badge": "B-1", "floor": 3, "since": "2025-03-04T10:00:00Z", "keys": [{"value": 7, "door": "north"}]},
        "meta": {"resourceType": "User", "created": "1815-12-10T00:00:00Z",
                 "location": "https://host.example/scim/i/v2/Users/p-1"},
    })
}

/// What a plan makes of a target's answer.
pub(crate) fn read_by(plan: &Plan, answer: &Value) -> Value {
    let resource = plan.read(&vendor(answer)).unwrap_or_else(|error| panic!("{error}"));
    super::document(&resource)
}
