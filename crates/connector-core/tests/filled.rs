//! What a target filled in by itself, beside what a client sends.

mod support;

use connector_core::{
    mapping::{Filled, Mark, Plan, PlanOptions, Slot, Table, Transform::BySlot, both, list, read},
    scim::Resource,
};
use serde_json::{Value, json};
use support::vendor;

/// The one place for a picture.
const PICTURE: &[Slot] =
    &[Slot { scim: &[("type", Mark::Word("photo"))], read: &[], write: &[("type", Mark::Word("photo"))] }];

#[rustfmt::skip]
const PERSON: Table = Table::core_user(&[
    read("id",       "id").required(),
    both("userName", "login").required(),
    list("emails",   "mails", &[both("value", "value"), both("type", "kind"), both("primary", "main")])
        .filled(&[Filled::SameAs("userName")]),
    list("photos",   "pictures", &[both("value", "value"), both("type", "type").via(BySlot)])
        .slots(PICTURE).filled(&[Filled::Like("https://avatar.example/*")]),
]);

fn person() -> Value {
    json!({
        "id": "1", "login": "ada@x", "mails": [{"value": "ada@x", "kind": "work", "main": true}],
        "pictures": [{"value": "https://avatar.example/1", "type": "photo"}],
    })
}

/// What the target is sent when a client wants these values.
fn sent(name: &str, values: Value) -> Value {
    let plan = Plan::compile(&PERSON, &PlanOptions::default()).expect("it compiles");
    let current = vendor(&person());
    let before = plan.read(&current).expect("it can be read");
    let mut after: Resource = before.clone();
    after.set(name, values);
    plan.yield_filled(&before, &mut after);
    let difference = plan.difference(&current, &before, &after).expect("it can be written");
    difference.change.map(|change| Value::Object(change.set)).unwrap_or_default()
}

#[test]
fn a_list_without_places_keeps_what_was_filled_in_beside_the_clients_own() {
    let work = json!({"value": "ada@x", "type": "work", "primary": true});
    let both = json!([work, {"value": "ada@x", "type": "home", "primary": false}]);
    let written = json!([{"value": "ada@x", "kind": "work", "main": true},
                         {"value": "ada@x", "kind": "home", "main": false}]);
    assert_eq!(sent("emails", both), json!({"mails": written}), "one value of two types");
    let other = json!([work, {"value": "ada@home", "type": "home"}]);
    let written = json!([{"value": "ada@x", "kind": "work", "main": true},
                         {"value": "ada@home", "kind": "home"}]);
    assert_eq!(sent("emails", other), json!({"mails": written}));
    assert_eq!(sent("emails", json!([work])), Value::Null);
    assert_eq!(
        sent("emails", json!([{"value": "ada@home", "type": "home"}])),
        json!({"mails": [{"value": "ada@home", "kind": "home"}]}),
        "a client that does not name it replaces it"
    );
}

#[test]
fn where_places_are_few_what_was_filled_in_makes_place() {
    let avatar = json!({"value": "https://avatar.example/1", "type": "photo"});
    let written = json!({"pictures": [{"value": "https://ada.example/", "type": "photo"}]});
    assert_eq!(sent("photos", json!([avatar, {"value": "https://ada.example/"}])), written);
    assert_eq!(sent("photos", json!([avatar])), Value::Null);
}
