//! What the protocol costs: a filter over 10,000 resources, a PATCH on a group of 10,000 members.

use connector_core::scim::{
    Filter, PatchRequest, PatchRules, Resource, ResourceType, enterprise_user, group, user,
};
use divan::{Bencher, counter::ItemsCount};
use serde_json::{Value, json};

fn main() {
    divan::main();
}

fn rtype(name: &'static str) -> ResourceType {
    let is_user = name == "User";
    ResourceType {
        name: name.into(),
        endpoint: if is_user { "/Users" } else { "/Groups" }.into(),
        description: "".into(),
        schema: if is_user { user() } else { group() },
        extensions: if is_user { vec![enterprise_user()] } else { Vec::new() },
        unmapped_meta: Vec::new(),
    }
}

fn resource(value: Value) -> Resource {
    match value {
        Value::Object(document) => Resource::new(document),
        other => panic!("not an object: {other}"),
    }
}

fn users() -> Vec<Resource> {
    let user = |index: usize| {
        resource(json!({
            "id": format!("U{index:07}"), "userName": format!("person.{index}"), "active": !index.is_multiple_of(7),
            "name": {"givenName": "Ada", "familyName": format!("Lovelace {index}")}, "title": "Analyst",
            "emails": [{"value": format!("person.{index}@acme.example"), "type": "work", "primary": true}],
            "meta": {"created": "2024-01-01T00:00:00Z"},
        }))
    };
    (0..10_000).map(user).collect()
}

#[divan::bench(args = [
    "title eq \"analyst\" and active eq false",
    "emails[type eq \"work\" and value ew \"9@acme.example\"]",
    "name.familyName co \"999\" or meta.created gt \"2025-01-01T00:00:00Z\"",
])]
fn filter_over_10_000_users(bencher: Bencher<'_, '_>, text: &str) {
    let users = users();
    let filter = Filter::parse(text, &rtype("User")).expect("a valid filter");
    bencher
        .counter(ItemsCount::new(users.len()))
        .bench(|| users.iter().filter(|user| filter.matches(user)).count());
}

#[divan::bench]
fn patch_adds_100_and_removes_100_of_10_000_members(bencher: Bencher<'_, '_>) {
    let member = |index: usize| json!({"value": format!("U{index:07}"), "display": "Ada", "type": "User"});
    let members: Vec<Value> = (0..10_000).map(member).collect();
    let group = resource(json!({"id": "G1", "displayName": "All", "members": members}));
    let (added, removed): (Vec<Value>, Vec<Value>) =
        ((10_000..10_100).map(member).collect(), (0..100).map(member).collect());
    let body = json!({"Operations": [
        {"op": "add", "path": "members", "value": added},
        {"op": "remove", "path": "members", "value": removed},
    ]});
    let patch = PatchRequest::read(body).expect("a valid PATCH");
    let groups = rtype("Group");
    bencher.bench(|| patch.apply(&group, &groups, PatchRules::default()).expect("applies"));
}

/// The most operations a request may hold, each on one member.
#[divan::bench(args = ["add", "remove by filter", "remove by value"], sample_count = 10)]
fn patch_of_1_000_operations_on_10_000_members(bencher: Bencher<'_, '_>, kind: &str) {
    let member = |index: usize| json!({"value": format!("U{index:07}"), "display": "Ada", "type": "User"});
    let members: Vec<Value> = (0..10_000).map(member).collect();
    let group = resource(json!({"id": "G1", "displayName": "All", "members": members}));
    let operation = |index: usize| match kind {
        "add" => json!({"op": "add", "path": "members", "value": [member(10_000 + index)]}),
        "remove by filter" => json!({"op": "remove", "path": format!("members[value eq \"U{index:07}\"]")}),
        _ => json!({"op": "remove", "path": "members", "value": [member(index)]}),
    };
    let operations: Vec<Value> = (0..1_000).map(operation).collect();
    let patch = PatchRequest::read(json!({"Operations": operations})).expect("a valid PATCH");
    let groups = rtype("Group");
    bencher.bench(|| patch.apply(&group, &groups, PatchRules::default()).expect("applies"));
}
