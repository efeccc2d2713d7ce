//! Conversion both ways: what every request pays for, per object.

use std::{hint::black_box, sync::LazyLock};

use connector_core::{
    connector::Vendor,
    mapping::{
        Filled, Mark, Plan, PlanOptions, Slot, Table,
        Transform::{Always, BySlot, Handle, Location},
        both, list, read, read_list, write,
    },
    scim::{Entry, Resource},
};
use divan::{Bencher, counter::BytesCount};
use serde_json::{Value, json};

fn main() {
    divan::main();
}

/// A User as a SCIM 1.1 target has it, with lists in slots and an extension.
#[rustfmt::skip]
const USER: Table = Table::core_user(&[
    read("id",                   "id").required(),
    both("userName",             "userName").required().via(Handle).max_chars(21),
    both("name.givenName",       "name.givenName"),
    both("name.familyName",      "name.familyName"),
    both("name.honorificPrefix", "name.honorificPrefix"),
    both("displayName",          "displayName").filled(&[Filled::SameAs("userName")]),
    both("nickName",             "nickName").via(Handle).alias_of("userName"),
    list("emails",               "emails", &[
        both("value",   "value").required(),
        both("type",    "type").via(BySlot),
        both("primary", "primary").via(BySlot),
    ]).slots(PAIR),
    list("addresses",            "addresses", &[
        both("streetAddress", "streetAddress"),
        both("locality",      "locality"),
        both("region",        "region"),
        both("postalCode",    "postalCode"),
        both("country",       "country"),
    ]),
    list("phoneNumbers",         "phoneNumbers", &[
        both("value",   "value"),
        both("type",    "type").via(BySlot),
        both("primary", "primary").via(BySlot),
    ]).slots(PAIR),
    both("profileUrl",           "profileUrl"),
    both("title",                "title"),
    both("userType",             "userType"),
    write("password",            "password").only_on_create(),
    both("preferredLanguage",    "preferredLanguage"),
    both("locale",               "locale"),
    both("timezone",             "timezone"),
    both("active",               "active").kept(),
    read_list("groups",          "groups", &[
        read("value",   "value"),
        read("$ref",    "value").via(Location("/Groups")),
        read("display", "display"),
        read("type",    "value").via(Always("direct")),
    ]),
    list("roles",                "roles", &[both("value", "value"), both("primary", "primary")]),
    list("photos",               "photos", &[both("value", "value"), both("type", "type")]),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",     "urn:scim:schemas:extension:enterprise:1.0.costCenter"),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",     "urn:scim:schemas:extension:enterprise:1.0.department"),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division",       "urn:scim:schemas:extension:enterprise:1.0.division"),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", "urn:scim:schemas:extension:enterprise:1.0.employeeNumber"),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization",   "urn:scim:schemas:extension:enterprise:1.0.organization"),
    both("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",  "urn:scim:schemas:extension:enterprise:1.0.manager.managerId"),
    read("meta.created",         "meta.created"),
]);

const PAIR: &[Slot] = &[
    Slot {
        scim: &[("primary", Mark::Is(true)), ("type", Mark::Word("work"))],
        read: &[("primary", Mark::Is(true))],
        write: &[("primary", Mark::Is(true))],
    },
    Slot {
        scim: &[("type", Mark::Word("home"))],
        read: &[("primary", Mark::Is(false))],
        write: &[("primary", Mark::Is(false))],
    },
];

static PLAN: LazyLock<Plan> = LazyLock::new(|| {
    let options = PlanOptions { base: "https://host.example/scim/acme/v2".into(), ..PlanOptions::default() };
    Plan::compile(&USER, &options).expect("a sound table")
});

/// An answer of about 1.5 kB, compact and with escaped slashes.
static ANSWER: LazyLock<Vendor> = LazyLock::new(|| Vendor::new(answer(1).into()));

fn answer(number: u32) -> String {
    let user = json!({
        "schemas": ["urn:scim:schemas:core:1.0", "urn:scim:schemas:extension:enterprise:1.0"],
        "id": format!("W{number:09}"), "externalId": "",
        "meta": {"created": "2022-11-02T17:05:13-07:00", "location": format!("https://api.example.com/scim/v1/Users/W{number:09}")},
        "userName": "grace.h", "nickName": "grace.h",
        "name": {"givenName": "Grace", "familyName": "Hopper", "honorificPrefix": "Dr"},
        "displayName": "Grace H", "profileUrl": "https://acme.example.com/team/grace.h",
        "title": "Compiler lead", "timezone": "Asia/Tokyo", "active": true,
        "emails": [{"value": "grace.h@acme.example", "primary": true}, {"value": "grace@home.example", "primary": false}],
        "photos": [{"value": "https://avatars.example/grace.jpg", "type": "photo"}],
        "addresses": [{"streetAddress": "12 Engine Row", "locality": "London", "region": "LDN", "postalCode": "N1 1AA", "country": "GB"}],
        "phoneNumbers": [{"value": "+44 7700 900001", "primary": false}, {"value": "+44 20 7000 0001", "primary": true}],
        "userType": "Employee", "roles": [{"value": "Team lead", "primary": true}],
        "preferredLanguage": "en_GB", "locale": "en_GB",
        "urn:scim:schemas:extension:enterprise:1.0": {"employeeNumber": "1815", "costCenter": "7", "organization": "Acme",
            "division": "R&D", "department": "Analysis", "manager": {"managerId": "W000000009"}},
        "groups": [{"value": "S000000001", "display": "Payroll"}, {"value": "S000000002", "display": "Engines"},
                   {"value": "S000000003", "display": "Everybody"}],
    });
    user.to_string().replace('/', "\\/")
}

fn user() -> Resource {
    PLAN.read(&ANSWER).expect("an answer")
}

#[divan::bench]
fn read_one_user(bencher: Bencher<'_, '_>) {
    let bytes = ANSWER.json().len();
    bencher.counter(BytesCount::new(bytes)).bench(|| PLAN.read(black_box(&ANSWER)).expect("an answer"));
}

/// For comparison: the same bytes looked at and thrown away, and the same bytes as a plain JSON tree.
#[divan::bench]
fn floor_skip_one_user(bencher: Bencher<'_, '_>) {
    bencher
        .bench(|| serde_json::from_slice::<serde::de::IgnoredAny>(black_box(ANSWER.json())).expect("JSON"));
}

#[divan::bench]
fn floor_parse_one_user(bencher: Bencher<'_, '_>) {
    bencher.bench(|| serde_json::from_slice::<Value>(black_box(ANSWER.json())).expect("JSON"));
}

#[divan::bench]
fn serialise_one_user(bencher: Bencher<'_, '_>) {
    let user = user();
    bencher.bench(|| serde_json::to_vec(black_box(&user)).expect("JSON"));
}

#[divan::bench]
fn read_and_serialise_one_user(bencher: Bencher<'_, '_>) {
    bencher.bench(|| serde_json::to_vec(&PLAN.read(black_box(&ANSWER)).expect("an answer")).expect("JSON"));
}

/// A page of a hundred, from the target's bytes to the client's.
#[divan::bench]
fn read_and_serialise_a_page_of_100(bencher: Bencher<'_, '_>) {
    let page: Vec<Vendor> = (0..100).map(|number| Vendor::new(answer(number).into())).collect();
    let bytes: usize = page.iter().map(|vendor| vendor.json().len()).sum();
    bencher.counter(BytesCount::new(bytes)).bench(|| {
        let users: Vec<Resource> =
            black_box(&page).iter().map(|vendor| PLAN.read(vendor).expect("an answer")).collect();
        serde_json::to_vec(&users).expect("JSON")
    });
}

/// A client's body, read and turned into the target's fields.
#[divan::bench]
fn write_one_user(bencher: Bencher<'_, '_>) {
    let body = Value::Object(user().into_document());
    bencher.with_inputs(|| body.clone()).bench_values(|body| {
        let entry = Entry::read(body, PLAN.resource_type()).expect("a user");
        PLAN.created(&entry.resource).expect("a whole user")
    });
}

/// What a PUT costs that changes one attribute.
#[divan::bench]
fn difference_of_one_attribute(bencher: Bencher<'_, '_>) {
    let before = user();
    let mut after = before.clone();
    after.set("title", json!("Admiral"));
    bencher.bench(|| {
        let difference = PLAN.difference(&ANSWER, black_box(&before), black_box(&after)).expect("no refusal");
        assert_eq!(difference.attributes.len(), 1);
    });
}
