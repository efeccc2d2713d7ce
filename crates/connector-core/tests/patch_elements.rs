//! PATCH of single elements: value paths, what tells elements apart, and the primary one. Tests are named after the quirks of
//! the client catalogue.

#![allow(clippy::needless_pass_by_value, reason = "requests are written where they are used")]

mod support;

use connector_core::scim::{PatchRules, Type};
use serde_json::{Value, json};
use support::{STRICT, amara, patched, patched_with, refused, resource, told, user, user_type};

#[test]
fn e_04_a_value_filter_in_the_path_creates_the_element_that_is_not_there() {
    let operations = json!([
        {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "amara.okafor@halden.example"},
        {"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+47 5550 0117"},
        {"op": "Add", "path": "addresses[type eq \"work\"].streetAddress", "value": "Kaigata 4"},
    ]);
    let after = user(operations.clone());
    assert_eq!(after["emails"], json!([{"type": "work", "value": "amara.okafor@halden.example"}]));
    assert_eq!(after["phoneNumbers"], json!([{"type": "mobile", "value": "+47 5550 0117"}]));
    assert_eq!(after["addresses"], json!([{"type": "work", "streetAddress": "Kaigata 4"}]));

    let strict = patched_with(&user_type(), &amara(), &operations, STRICT).expect_err("strict");
    assert_eq!(told(&strict), "noTarget User u-7f3c: emails[type eq \"work\"].value: no element matches");
}

#[test]
fn e_04_a_value_filter_in_the_path_changes_only_the_element_it_picks() {
    let mut before = amara();
    before["emails"] =
        json!([{"type": "home", "value": "a@home.example"}, {"type": "WORK", "value": "old@halden.example"}]);
    for rules in [PatchRules::default(), STRICT] {
        let operations = json!([{"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "new@halden.example"}]);
        let after = patched_with(&user_type(), &before, &operations, rules).unwrap();
        assert_eq!(
            after["emails"],
            json!([{"type": "home", "value": "a@home.example"}, {"type": "WORK", "value": "new@halden.example"}])
        );
    }
}

#[test]
fn e_04_an_element_that_would_not_fulfil_its_own_filter_is_not_created() {
    for (path, value) in [
        ("emails[value eq \"old@halden.example\"].value", json!("new@halden.example")),
        ("emails[type eq \"work\" or type eq \"home\"].value", json!("new@halden.example")),
        ("emails[value co \"halden\"].type", json!("work")),
        ("emails[type eq \"work\"]", json!({"type": "home", "value": "new@halden.example"})),
    ] {
        for op in ["add", "replace"] {
            let told = refused(json!([{"op": op, "path": path, "value": value}]));
            assert!(told.starts_with("noTarget"), "{op} {path}: {told}");
        }
    }
    let after = user(json!([{"op": "add", "path": "emails[type ne \"home\"].value", "value": "a@x"}]));
    assert_eq!(after["emails"], json!([{"value": "a@x"}]), "it fulfils this one");
}

#[test]
fn an_element_of_which_the_target_has_no_part_changes_no_list() {
    let mut rtype = user_type();
    for attribute in rtype.schema.attributes.iter_mut().filter(|attribute| attribute.name == "addresses") {
        attribute.sub_attributes.retain(|part| part.name == "locality");
    }
    let mut before = amara();
    before["addresses"] = json!([{"locality": "Oslo"}]);
    let replaced = |value: Value| {
        let operations = json!([{"op": "replace", "path": "addresses", "value": value}]);
        patched(&rtype, &before, &operations).unwrap()["addresses"].clone()
    };
    assert_eq!(replaced(json!([{"country": "NO"}])), before["addresses"]);
    assert_eq!(replaced(json!([{"country": "NO"}, {"locality": "Bergen"}])), json!([{"locality": "Bergen"}]));
    assert_eq!(replaced(json!([{"locality": ""}])), Value::Null);
}

#[test]
fn e_17_a_boolean_literal_as_text_in_the_path_and_json_inside_a_role() {
    let after = user(json!([
        {"op": "Add", "path": "roles[primary eq \"True\"].value", "value": "Editor"},
        {"op": "Add", "path": "roles[primary eq \"True\"].display", "value": "The editor"},
    ]));
    assert_eq!(after["roles"], json!([{"primary": true, "value": "Editor", "display": "The editor"}]));

    let packed = r#"{"id":"4f0c-r1","value":"Editor","displayName":"The editor"}"#;
    let after = user(json!([{"op": "Add", "path": "roles", "value": [{"value": packed}]}]));
    assert_eq!(after["roles"], json!([{"value": "Editor", "display": "The editor"}]));
}

#[test]
fn e_17_a_comparison_with_what_the_target_lacks_is_left_out() {
    let mut rtype = user_type();
    for attribute in rtype.schema.attributes.iter_mut().filter(|attribute| attribute.name == "roles") {
        attribute.sub_attributes.retain(|part| ["value", "type"].contains(&&*part.name));
    }
    let roles = |held: Value, operation: Value| {
        let mut before = amara();
        before["roles"] = held;
        patched(&rtype, &before, &json!([operation])).map(|after| after["roles"].clone())
    };
    let primary = json!({"op": "Add", "path": "roles[primary eq \"True\"].value", "value": "Editor"});
    assert_eq!(roles(Value::Null, primary.clone()).unwrap(), json!([{"value": "Editor"}]));
    assert_eq!(roles(json!([{"value": "Reader"}]), primary.clone()).unwrap(), json!([{"value": "Editor"}]));
    let two = json!([{"value": "a", "type": "x"}, {"value": "b", "type": "y"}]);
    let error = roles(two.clone(), primary).expect_err("which of them?");
    assert!(told(&error).starts_with("noTarget"), "{}", told(&error));
    let removed = json!({"op": "remove", "path": "roles[not (primary pr) or display eq x]"});
    let error = roles(two.clone(), removed).expect_err("which of them?");
    assert!(told(&error).starts_with("noTarget"), "{}", told(&error));
    for path in ["roles[primary eq true and type eq \"y\"]", "roles[(display co \"z\") or type eq \"y\"]"] {
        let left = roles(two.clone(), json!({"op": "remove", "path": path})).unwrap();
        assert_eq!(left, json!([two[0]]), "{path}");
    }
    let unknown =
        roles(two, json!({"op": "remove", "path": "roles[shoeSize eq 43]"})).expect_err("nobody knows it");
    assert!(told(&unknown).starts_with("invalidPath"), "{}", told(&unknown));
}

#[test]
fn elements_of_a_plain_list_are_picked_by_their_value() {
    let mut rtype = user_type();
    for attribute in rtype.schema.attributes.iter_mut().filter(|attribute| attribute.name == "roles") {
        attribute.sub_attributes.clear();
        attribute.kind = Type::String;
    }
    let mut before = amara();
    before["roles"] = json!(["a", "b"]);
    let roles = |operation: Value| patched(&rtype, &before, &json!([operation])).unwrap()["roles"].clone();
    assert_eq!(roles(json!({"op": "remove", "path": "roles[value eq \"A\"]"})), json!(["b"]));
    assert_eq!(roles(json!({"op": "replace", "path": "roles[Value eq a]", "value": "c"})), json!(["c", "b"]));
    assert_eq!(
        roles(json!({"op": "add", "path": "roles[value eq \"c\"]", "value": "c"})),
        json!(["a", "b", "c"])
    );
    let found = |text: &str| support::filter(text, &rtype).matches(&resource(before.clone()));
    assert!(found("roles[value eq \"b\"]") && !found("roles[value eq \"c\"]"));
}

#[test]
fn e_18_primary_as_text_in_elements() {
    let after = user(json!([{"op": "add", "path": "roles",
        "value": [{"primary": "True", "display": "Planner", "value": "planner", "type": "app"}]}]));
    assert_eq!(after["roles"][0]["primary"], true);
}

#[test]
fn a_single_element_without_a_type_is_the_work_one() {
    let mut before = amara();
    before["emails"] = json!([{"value": "a@x"}]);
    let patch = |operation: Value| patched(&user_type(), &before, &json!([operation])).unwrap();
    let replaced = json!({"op": "replace", "path": "emails[type eq \"Work\"].value", "value": "b@x"});
    assert_eq!(patch(replaced)["emails"], json!([{"value": "b@x", "type": "work"}]));
    let removed = json!({"op": "remove", "path": "emails[type eq \"work\"]"});
    assert!(patch(removed).get("emails").is_none());
    let home = json!({"op": "add", "path": "emails[type eq \"home\"].value", "value": "b@x"});
    assert_eq!(patch(home)["emails"], json!([{"value": "a@x"}, {"type": "home", "value": "b@x"}]));
}

#[test]
fn elements_added_twice_or_already_there_are_merged() {
    let before = json!({"id": "g", "members": [{"value": "a", "display": "A"}, {"value": "b"}]});
    let operations = json!([{"op": "add", "path": "roles", "value": [
        {"value": "b", "display": "B"}, {"value": "c"}, {"value": "a"}, {"value": "c", "display": "C"}]}]);
    let mut user = amara();
    user["roles"] = before["members"].clone();
    let after = patched(&user_type(), &user, &operations).unwrap();
    assert_eq!(
        after["roles"],
        json!([{"value": "a", "display": "A"}, {"value": "b", "display": "B"}, {"value": "c", "display": "C"}])
    );
}

#[test]
fn e_26_apostrophes_and_escapes_in_a_path() {
    let mut before = amara();
    before["roles"] = json!([{"value": "Test'Group"}, {"value": "a\"b\\c ]x"}]);
    let operations = json!([{"op": "remove", "path": r#"roles[value eq "a\"b\\c ]x"]"#}]);
    let after = patched(&user_type(), &before, &operations).unwrap();
    assert_eq!(after["roles"], json!([{"value": "Test'Group"}]));
}

#[test]
fn p_03_two_primary_e_mails_become_one() {
    let after = user(json!([{"op": "replace", "path": "emails", "value": [
        {"type": "work", "primary": true, "value": "amara@halden.example"},
        {"type": "home", "primary": true, "value": "amara@halden.example"}]}]));
    let primaries: Vec<&Value> =
        after["emails"].as_array().unwrap().iter().map(|email| &email["primary"]).collect();
    assert_eq!(primaries, [&json!(true), &json!(false)]);
}

#[test]
fn a_new_primary_takes_the_mark_from_the_old_one() {
    let mut before = amara();
    before["emails"] = json!([{"value": "a@x", "primary": true}, {"value": "b@x"}, {"value": "c@x"}]);
    for operations in [
        json!([{"op": "add", "path": "emails", "value": [{"value": "b@x", "primary": true}]}]),
        json!([{"op": "add", "value": {"emails": [{"value": "d@x"}, {"value": "b@x", "primary": true}]}}]),
        json!([{"op": "add", "path": "emails", "value": [{"value": "c@x", "primary": true}]}]),
        json!([{"op": "replace", "path": "emails[value eq \"b@x\"].primary", "value": true}]),
    ] {
        let after = patched(&user_type(), &before, &operations).unwrap();
        let primary: Vec<&Value> =
            after["emails"].as_array().unwrap().iter().filter(|email| email["primary"] == true).collect();
        assert_eq!(primary.len(), 1, "{after}");
        assert_ne!(primary[0]["value"], "a@x", "{operations}");
    }
}

#[test]
fn emptying_the_value_of_an_element_removes_the_element() {
    let mut before = amara();
    before["phoneNumbers"] =
        json!([{"type": "work", "value": "1", "primary": true}, {"type": "mobile", "value": "2"}]);
    for operation in [
        json!({"op": "replace", "path": "phoneNumbers[type eq \"work\"].value", "value": ""}),
        json!({"op": "remove", "path": "phoneNumbers[type eq \"work\"].value"}),
        json!({"op": "remove", "path": "phoneNumbers[type eq \"work\"]"}),
        json!({"op": "replace", "path": "phoneNumbers[type eq \"work\"]", "value": null}),
    ] {
        let after = patched(&user_type(), &before, &json!([operation])).unwrap();
        assert_eq!(after["phoneNumbers"], json!([{"type": "mobile", "value": "2"}]), "{operation}");
    }
}
