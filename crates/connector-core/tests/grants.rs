//! Values of which the target knows more than it shows, or decides more than it is told.

use connector_core::{
    connector::Vendor,
    error::Result,
    ledger::Memory,
    mapping::{Mark, Plan, PlanOptions, Slot, Table, Trace, Transform, both, list, read},
    scim::{PatchRequest, Place, Resource, Type},
};
use serde_json::{Map, Value, json};

const INVITED: &str = "urn:example:2.0:User:invited";
const ONE: &[Slot] = &[Slot { scim: &[("type", Mark::Word("work"))], read: &[], write: &[] }];

#[rustfmt::skip]
const USER: Table = Table::core_user(&[
    read("id",           "id").required(),
    both("userName",     "mails").required().via(Transform::First),
    list("emails",       "mails", &[both("value", "."), both("type", "type").via(Transform::BySlot)]).slots(ONE).alias_of("userName"),
    both("active",       "on").kept().settled().ambiguous_beside(INVITED),
    list("entitlements", "grants", &[both("value", "id"), read("display", "name")]).kept().granted().settled(),
    read(INVITED,        "invited").typed(Type::Boolean, "Whether the person was invited."),
]);

const GROUP: Table = Table::core_group(&[
    read("id", "id").required(),
    both("displayName", "name").required(),
    list("members", "people", &[both("value", "id")]).kept().apart(),
]);

fn plan(table: &Table) -> Plan {
    let options = PlanOptions { members_per_call: 100, ..PlanOptions::default() };
    Plan::compile(table, &options).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn vendor(value: &Value) -> Vendor {
    Vendor::new(value.to_string().into())
}

fn resource(value: Value) -> Resource {
    serde_json::from_value::<Map<String, Value>>(value).map(Resource::new).expect("an object")
}

/// An invited person, as the target shows one.
fn invited() -> Value {
    json!({"id": "1", "mails": ["a@x"], "on": true, "invited": true, "grants": [{"id": "free", "name": "Free"}]})
}

/// What is sent when a client that sees `seen` wants `after`.
fn set(held: &Value, seen: &Resource, after: &Resource) -> Value {
    let (plan, held) = (plan(&USER), vendor(held));
    let before = plan.read(&held).expect("readable");
    let difference =
        plan.difference_seen(&held, &before, seen, after, &mut Trace::off()).expect("no refusal");
    difference.change.map_or(Value::Null, |change| Value::Object(change.set))
}

fn with(resource: &Resource, name: &str, value: Value) -> Resource {
    let mut resource = resource.clone();
    resource.set(name, value);
    resource
}

#[test]
fn one_address_of_two_kinds_is_one_address_for_a_target_with_one_place() {
    let plan = plan(&USER);
    let created = |emails: Value| plan.created(&resource(json!({"userName": "a@x", "emails": emails})));
    let doubled =
        json!([{"value": "A@x", "type": "home"}, {"value": "a@x", "type": "work", "primary": true}]);
    assert_eq!(created(doubled).expect("one address").fields["mails"], json!(["a@x"]));
    let two = created(json!([{"value": "a@x", "type": "work"}, {"value": "b@x", "type": "home"}]));
    assert_eq!(two.expect_err("two addresses").attribute(), Some("emails"));
}

#[test]
fn what_the_target_does_not_show_is_remembered_and_sent_whenever_the_client_changes_it() {
    let plan = plan(&USER);
    let held = plan.read(&vendor(&invited())).expect("readable");
    let off = with(&held, "active", json!(false));
    assert_eq!(set(&invited(), &held, &off), json!({"on": false}));

    let memory = plan.memory(&off, Some(&held), &held, &Memory::default());
    let seen = memory.over(held.clone());
    assert_eq!(seen.get("active"), Some(&json!(false)));
    assert_eq!(set(&invited(), &seen, &seen), Value::Null, "as the client saw it");
    assert_eq!(set(&invited(), &seen, &with(&seen, "active", json!(true))), json!({"on": true}));
    // Another change remembers it on; another state of the target ends it.
    assert_eq!(plan.memory(&seen, None, &held, &memory), memory);
    let mut accepted = invited();
    accepted["invited"] = json!(false);
    let accepted = plan.read(&vendor(&accepted)).expect("readable");
    assert_eq!(memory.over(accepted).get("active"), Some(&json!(true)));
    assert!(plan.memory(&held, Some(&seen), &held, &memory).is_empty(), "set active again");
}

#[test]
fn a_new_object_lacks_only_grants_that_are_missing() {
    let plan = plan(&USER);
    let current = vendor(&invited());
    let created = plan.read(&current).expect("readable");
    let lacks = |asked: Value| -> Result<Value> {
        let difference = plan.unsettled(&current, &created, &resource(asked))?;
        Ok(difference.change.map_or(Value::Null, |change| Value::Object(change.set)))
    };
    let paid = json!({"entitlements": [{"value": "paid"}]});
    assert_eq!(lacks(paid).unwrap(), json!({"grants": [{"id": "free"}, {"id": "paid"}]}));
    assert_eq!(lacks(json!({"entitlements": [{"value": "free"}]})).unwrap(), Value::Null);
    assert_eq!(plan.shown(&["active", "entitlements"]), ["entitlements"]);
}

#[test]
fn grants_are_always_shown_as_the_target_holds_them() {
    let plan = plan(&USER);
    let held = plan.read(&vendor(&invited())).expect("readable");
    let asked = with(&held, "entitlements", json!([{"value": "paid"}]));
    assert!(plan.memory(&asked, None, &held, &Memory::default()).is_empty());
    let twin = resource(json!({"userName": "a@x", "entitlements": [{"value": "paid"}]}));
    assert!(plan.estranged(&held, &twin).is_empty(), "grants tell no two objects apart");
}

#[test]
fn a_list_and_a_text_that_stand_for_one_value_follow_each_other() {
    let plan = plan(&USER);
    let created = |body: Value| plan.created(&resource(body)).expect("sound").fields["mails"].clone();
    assert_eq!(created(json!({"userName": "a@x"})), json!(["a@x"]));
    let nameless = plan.created(&resource(json!({"emails": [{"value": "b@x", "type": "home"}]})));
    assert_eq!(nameless.expect_err("no userName").attribute(), Some("userName"));
    assert_eq!(
        created(json!({"userName": "a@x", "emails": [{"value": "b@x"}]})),
        json!(["b@x"]),
        "the alias"
    );

    let held = plan.read(&vendor(&invited())).expect("readable");
    assert_eq!(set(&invited(), &held, &with(&held, "userName", json!("c@x"))), json!({"mails": ["c@x"]}));
    let emails = json!([{"value": "d@x", "type": "work"}]);
    assert_eq!(set(&invited(), &held, &with(&held, "emails", emails)), json!({"mails": ["d@x"]}));
    let mut several = invited();
    several["mails"] = json!(["b@x", "a@x"]);
    let two = plan.read(&vendor(&several)).expect("readable");
    assert_eq!(
        set(&several, &two, &with(&two, "userName", json!("c@x"))),
        json!({"mails": ["c@x"]}),
        "no place for two"
    );
    let mut after = with(&held, "userName", json!("e@x"));
    plan.let_follow(&held, &mut after);
    assert_eq!(after.get("emails"), Some(&json!([{"value": "e@x", "type": "work"}])));
}

#[test]
fn the_letter_case_of_a_key_counts_where_the_schema_says_so() {
    let plan = plan(&USER);
    let held = plan.read(&vendor(&invited())).expect("readable");
    let place = |name: &str| Place { urn: None, name: name.into(), sub: None };
    assert!(plan.same_value(&place("userName"), &held, &resource(json!({"userName": "A@X"}))));
    assert!(!plan.same_value(&place("userName"), &held, &resource(json!({"userName": "b@x"}))));
    assert!(plan.estranged(&held, &resource(json!({"userName": "A@X"}))).is_empty());
    assert_eq!(plan.estranged(&held, &resource(json!({"userName": "b@x"}))), ["userName"]);
}

#[test]
fn members_that_stand_apart_are_in_no_creating_call() {
    let plan = plan(&GROUP);
    let body = json!({"displayName": "Crew", "members": [{"value": "1"}, {"value": "2"}, {"value": "1"}]});
    let created = plan.created(&resource(body)).expect("sound");
    assert_eq!(Value::Object(created.fields), json!({"name": "Crew"}));
    assert_eq!(created.members.add, ["1", "2"]);
}

#[test]
fn a_removal_by_name_is_told_from_one_by_omission() {
    let removed = |operations: Value| -> Vec<String> {
        let patch = PatchRequest::read(json!({"Operations": operations})).expect("a patch");
        patch.removed("members", plan(&GROUP).resource_type())
    };
    let by_filter = json!([{"op": "remove", "path": "members[value eq \"1\" or value eq \"2\"]"}]);
    assert_eq!(removed(by_filter), ["1", "2"]);
    let by_list = json!([{"op": "Remove", "path": "Members", "value": [{"value": "3"}, "4"]}]);
    assert_eq!(removed(by_list), ["3", "4"]);
    for path in [
        "urn:ietf:params:scim:schemas:core:2.0:Group:members[value eq \"5\"]",
        "members[value eq 5]",
        "MEMBERS[Value eq \"5\"].value",
        "members[value eq \"5\" and not (value eq \"6\")]",
    ] {
        assert_eq!(removed(json!([{"op": "remove", "path": path}])), ["5"], "{path}");
    }
    let others = json!([{"op": "remove", "path": "members[value ne \"7\"]"}]);
    assert!(removed(others).is_empty(), "who is not meant is not named");
    let by_omission =
        json!([{"op": "remove", "path": "members"}, {"op": "replace", "path": "members", "value": []}]);
    assert!(removed(by_omission).is_empty());
    assert!(removed(json!([{"op": "remove", "path": "emails[value eq \"1\"]"}])).is_empty());
}
