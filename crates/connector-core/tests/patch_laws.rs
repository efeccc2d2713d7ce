//! Laws every PATCH obeys, whatever it holds.

mod support;

use std::sync::LazyLock;

use connector_core::scim::{PatchRequest, PatchRules, ResourceType};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{ENTERPRISE, OWN, USER, document, patch_of, patched, patched_with, plan, resource};

static RTYPE: LazyLock<ResourceType> = LazyLock::new(|| plan(&USER).resource_type().clone());

fn before() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "u-1", "userName": "ada", "title": "Analyst",
        "name": {"givenName": "Ada"},
        "emails": [{"type": "home", "value": "ada@home.example"}],
        "meta": {"resourceType": "User", "created": "2026-01-01T00:00:00Z"},
    })
}

/// A path to one simple value, and a value of its type.
fn leaf() -> impl Strategy<Value = (String, Value)> {
    let text = prop_oneof![
        Just("displayName".to_owned()),
        Just("title".to_owned()),
        Just("NICKNAME".to_owned()),
        Just("name.familyName".to_owned()),
        Just("name.givenName".to_owned()),
        Just(format!("{ENTERPRISE}:department")),
        Just(format!("{ENTERPRISE}:manager.value")),
        Just(format!("{OWN}:badge")),
        Just("emails[type eq \"work\"].value".to_owned()),
        Just("phoneNumbers[type eq \"mobile\" and primary eq true].value".to_owned()),
        Just("addresses[type eq \"home\"].streetAddress".to_owned()),
    ];
    prop_oneof![
        (text, "[a-zA-Zé' ]{1,12}").prop_map(|(path, value)| (path, json!(value))),
        any::<bool>().prop_map(|flag| ("active".to_owned(), json!(flag))),
        any::<i32>().prop_map(|number| (format!("{OWN}:floor"), json!(number))),
    ]
}

fn element() -> impl Strategy<Value = Value> {
    ("[a-c]{1,2}", prop::option::of(Just("work")), any::<bool>()).prop_map(|(value, kind, primary)| {
        let mut element = json!({"value": value, "primary": primary});
        if let Some(kind) = kind {
            element["type"] = json!(kind);
        }
        element
    })
}

fn apply(operations: &Value) -> Value {
    patched(&RTYPE, &before(), operations).unwrap_or_else(|error| panic!("{operations}: {error}"))
}

/// The value at a path, read through the same look-up that PATCH uses: what a `remove` of it takes away.
fn without(document: &Value, path: &str) -> Value {
    patched(&RTYPE, document, &json!([{"op": "remove", "path": path}]))
        .expect("every path here can be removed")
}

proptest! {
    #[test]
    fn what_is_replaced_and_then_removed_is_absent((path, value) in leaf()) {
        let replaced = apply(&json!([{"op": "replace", "path": path, "value": value}]));
        let removed = apply(&json!([
            {"op": "replace", "path": path, "value": value}, {"op": "remove", "path": path}]));
        prop_assert_eq!(&without(&removed, &path), &removed, "nothing is left to remove");
        prop_assert_ne!(&removed, &replaced);
    }

    #[test]
    fn what_is_added_twice_is_there_once((path, value) in leaf(), elements in prop::collection::vec(element(), 1..4)) {
        let once = json!([{"op": "add", "path": path, "value": value}]);
        let twice = json!([once[0], once[0]]);
        prop_assert_eq!(apply(&once), apply(&twice));

        let once = json!([{"op": "add", "path": "emails", "value": elements}]);
        let twice = json!([once[0], once[0]]);
        let (once, twice) = (apply(&once), apply(&twice));
        prop_assert_eq!(once["emails"].as_array().unwrap().len(), twice["emails"].as_array().unwrap().len());
        let mut values: Vec<String> = once["emails"].as_array().unwrap().iter().map(|e| e["value"].to_string()).collect();
        values.sort();
        values.dedup();
        prop_assert_eq!(values.len(), once["emails"].as_array().unwrap().len(), "no value twice: {}", once);
    }

    #[test]
    fn a_path_and_a_key_of_a_path_less_value_mean_the_same((path, value) in leaf()) {
        let mut attributes = serde_json::Map::new();
        attributes.insert(path.clone(), value.clone());
        prop_assert_eq!(
            apply(&json!([{"op": "replace", "path": path, "value": value}])),
            apply(&json!([{"op": "replace", "value": attributes}]))
        );
    }

    #[test]
    fn at_most_one_element_is_primary(elements in prop::collection::vec(element(), 1..5), op in prop_oneof![Just("add"), Just("replace")]) {
        let after = apply(&json!([{"op": op, "path": "emails", "value": elements}]));
        let primaries = after["emails"].as_array().unwrap().iter().filter(|e| e["primary"] == true).count();
        prop_assert!(primaries <= 1, "{}", after);
    }

    #[test]
    fn a_request_takes_effect_whole_or_not_at_all(good in prop::collection::vec(leaf(), 0..4)) {
        let mut operations: Vec<Value> =
            good.iter().map(|(path, value)| json!({"op": "add", "path": path, "value": value})).collect();
        operations.push(json!({"op": "replace", "path": "meta.created", "value": "2030-01-01T00:00:00Z"}));
        let resource = resource(before());
        let request = PatchRequest::read(patch_of(&json!(operations))).unwrap();
        prop_assert!(request.apply(&resource, &RTYPE, PatchRules::default()).is_err());
        prop_assert_eq!(document(&resource), before());
    }

    #[test]
    fn no_text_as_a_path_makes_it_panic(path in "\\PC{0,40}", value in "[a-z\"{}\\[\\]]{0,10}") {
        for op in ["add", "replace", "remove"] {
            let _ = patched(&RTYPE, &before(), &json!([{"op": op, "path": path, "value": value}]));
            let _ = patched(&RTYPE, &before(), &json!([{"op": "add", "value": {&path: value}}]));
        }
    }

    #[test]
    fn no_path_of_the_right_alphabet_makes_it_panic(
        path in "(emails|name|URN:x|urn:ietf:params:scim:schemas:core:2.0:User|manager|é)?[:.\\[\\]]?(type|value|id)?( eq )?(\"a\"|true|a)?[\\].]?(value)?"
    ) {
        for op in ["add", "replace", "remove"] {
            let _ = patched(&RTYPE, &before(), &json!([{"op": op, "path": path, "value": "x"}]));
        }
    }
}

/// Every way of naming `id`, `meta` and `schemas` that a client has tried or might.
fn forbidden_paths() -> Vec<String> {
    let core = "urn:ietf:params:scim:schemas:core:2.0:User";
    let mut paths = Vec::new();
    for name in
        ["id", "ID", "meta", "Meta.created", "meta.location", "meta.resourceType", "schemas", "groups"]
    {
        for prefix in [String::new(), format!("{core}:"), format!("{core}."), format!("{ENTERPRISE}:")] {
            paths.push(format!("{prefix}{name}"));
            paths.push(format!(" {prefix}{name} "));
        }
    }
    paths.extend(
        ["schemas[value eq \"x\"]", "groups[value eq \"x\"].value", "id[value eq \"u-1\"]"]
            .map(str::to_owned),
    );
    paths
}

#[test]
fn id_meta_and_schemas_are_out_of_reach_by_any_path() {
    for path in forbidden_paths() {
        for op in ["add", "replace", "remove"] {
            for value in [json!("x"), json!({"value": "x"}), json!([]), Value::Null] {
                let operations = json!([{"op": op, "path": path, "value": value}]);
                if let Ok(after) = patched(&RTYPE, &before(), &operations) {
                    assert_eq!(after, before(), "{operations}");
                }
            }
        }
    }
}

#[test]
fn an_explicit_path_to_a_read_only_attribute_says_so() {
    for path in ["id", "meta.created", "schemas", "groups", "urn:ietf:params:scim:schemas:core:2.0:User:id"] {
        let error = patched(&RTYPE, &before(), &json!([{"op": "replace", "path": path, "value": "x"}]))
            .expect_err(path);
        assert_eq!(error.to_string(), format!("User u-1: {path}: is read-only"));
    }
}

#[test]
fn id_meta_and_schemas_are_out_of_reach_without_a_path() {
    let core = "urn:ietf:params:scim:schemas:core:2.0:User";
    for op in ["add", "replace"] {
        for value in forbidden_paths().into_iter().map(|path| json!({path: "x"})).chain([
            json!({"meta": {"created": "2030-01-01T00:00:00Z", "x": 1}}),
            json!({"schemas": ["urn:x"]}),
            json!({core: {"id": "x", "meta": {"created": "x"}, "schemas": ["x"]}}),
            json!({ENTERPRISE: {"id": "x", "meta": {"created": "x"}, "schemas": ["x"]}}),
            json!({ENTERPRISE: {core: {"id": "x"}}}),
        ]) {
            let operations = json!([{"op": op, "value": value}]);
            if let Ok(after) = patched(&RTYPE, &before(), &operations) {
                assert_eq!(after, before(), "{operations}");
            }
        }
    }
}

#[test]
fn strict_mode_misses_a_target_only_where_nothing_matches() {
    let strict = PatchRules { strict: true, refuse_remove_all_members: false };
    let apply = |op: &str, path: &str| {
        patched_with(&RTYPE, &before(), &json!([{"op": op, "path": path, "value": "x@y"}]), strict)
    };
    for path in ["emails[type eq \"work\"].value", "emails[type eq \"work\"]", "roles[primary eq true].value"]
    {
        let error = apply("replace", path).expect_err(path);
        assert_eq!(error.kind(), connector_core::error::Kind::NoTarget, "{path}: {error}");
        assert!(apply("add", path).is_ok(), "add creates: {path}");
    }
    assert!(apply("replace", "emails[type eq \"home\"].value").is_ok());
    assert!(apply("replace", "nickName").is_ok(), "a plain attribute without a value is a target");
}
