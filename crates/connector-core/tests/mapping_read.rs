//! From the target's JSON to SCIM: one row of every kind, and everything a target may send instead.

#![allow(clippy::needless_pass_by_value, reason = "documents are written where they are used")]

mod support;

use connector_core::{
    error::Kind,
    mapping::{CustomAttribute, Direction, PlanOptions},
    scim::Type,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{
    OWN,
    person::{PERSON, ada, held, person, read_by},
    plan_with, vendor,
};

/// What the plan makes of Ada with one member of the answer changed.
fn with(member: &str, value: Value) -> Value {
    let mut answer = held();
    answer[member] = value;
    read_by(&person(), &answer)
}

#[test]
fn every_kind_of_row_is_read() {
    assert_eq!(read_by(&person(), &held()), ada());
}

#[test]
fn attributes_come_in_table_order_whatever_the_targets_order_is() {
    let shuffled: serde_json::Map<String, Value> = support::object(held()).into_iter().rev().collect();
    let text = |answer: &Value| read_by(&person(), answer).to_string();
    assert_eq!(text(&Value::Object(shuffled)), text(&held()));
}

#[test]
fn nothing_is_left_of_an_answer_filled_with_nulls() {
    let empty = json!({
        "key": "p-1", "login": "ada", "person": {"first": null, "last": ""}, "shown": null, "job": "", "seat": null,
        "contact": {"mail": null, "private": "", "chat": null}, "phones": [{"number": null, "kind": "cell"}, {"number": "", "desk": true}],
        "grants": [null, ""], "reports": [], "teams": [{"key": null}], "suspended": null, "locale": null, "born": null,
        "work": {"unit": null, "boss": {"key": null}}, "badge": "", "floor": null, "since": null, "keys": [{"number": null, "lock": {"door": null}}],
    });
    assert_eq!(
        read_by(&person(), &empty),
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "p-1", "userName": "ada", "nickName": "ada",
            "meta": {"resourceType": "User", "location": "https://host.example/scim/i/v2/Users/p-1"},
        })
    );
}

#[test]
fn members_the_table_does_not_name_are_skipped() {
    let mut answer = held();
    answer["new"] = json!({"deep": [1, {"a": null}, "x"]});
    answer["person"]["middle"] = json!("x");
    answer["phones"][0]["new"] = json!([]);
    assert_eq!(read_by(&person(), &answer), ada());
}

#[test]
fn a_value_of_the_wrong_type_reads_as_the_right_one_or_as_none() {
    assert_eq!(with("key", json!(100_012_345_678_901_u64))["id"], "100012345678901", "numeric ids");
    assert_eq!(with("suspended", json!("true"))["active"], false);
    assert_eq!(with("suspended", json!(1))["active"], false);
    assert_eq!(with("floor", json!("12"))[OWN]["floor"], 12);
    for (member, wrong, place) in [
        ("person", json!("Ada"), "/name"),
        ("person", json!([{"first": "Ada"}]), "/name"),
        ("job", json!({"name": "x"}), "/title"),
        ("job", json!(["x"]), "/title"),
        ("seat", json!("alien"), "/userType"),
        ("phones", json!("+44"), "/phoneNumbers"),
        ("phones", json!({"number": "+44"}), "/phoneNumbers"),
        ("phones", json!([["+44"], 7, null]), "/phoneNumbers"),
        ("grants", json!([{"x": 1}]), "/roles"),
        ("suspended", json!("maybe"), "/active"),
        ("born", json!("long ago"), "/meta/created"),
        ("born", json!(1_700_000_000), "/meta/created"),
    ] {
        let read = with(member, wrong.clone());
        assert_eq!(read.pointer(place), None, "{member}: {wrong} reads as {read}");
    }
    assert_eq!(with("floor", json!(1.5))[OWN].get("floor"), None);
}

#[test]
fn words_are_found_in_any_letter_case() {
    assert_eq!(with("seat", json!("GUEST"))["userType"], "Guest");
}

#[test]
fn an_element_goes_to_the_slot_whose_mark_it_bears_and_else_to_a_free_one() {
    let phones = |answer: Value| with("phones", answer)["phoneNumbers"].clone();
    let (desk, cell) =
        (json!({"value": "1", "type": "work", "primary": true}), json!({"value": "2", "type": "mobile"}));
    assert_eq!(
        phones(json!([{"number": "2", "kind": "cell"}, {"number": "1", "desk": true}])),
        json!([cell, desk])
    );
    assert_eq!(phones(json!([{"number": "2", "kind": "cell"}, {"number": "1"}])), json!([cell, desk]));
    assert_eq!(phones(json!([{"number": "1"}])), json!([desk]));
    assert_eq!(
        phones(json!([{"number": "1"}, {"number": "2"}, {"number": "3"}])),
        json!([desk, cell, {"value": "3"}]),
        "one too many stays, without a mark"
    );
}

#[test]
fn a_configured_offset_replaces_the_targets_own() {
    let plan = |offset: &str| {
        plan_with(&PERSON, PlanOptions { offset: Some(offset.parse().unwrap()), ..PlanOptions::default() })
    };
    let created = |plan, born: &str| {
        let mut answer = held();
        answer["born"] = json!(born);
        read_by(&plan, &answer)["meta"]["created"].clone()
    };
    assert_eq!(created(plan("+05:30"), "2025-03-04T10:00:00+01:00"), "2025-03-04T04:30:00Z");
    assert_eq!(created(plan("-08:00"), "2025-03-04T10:00:00Z"), "2025-03-04T18:00:00Z");
    assert_eq!(created(person(), "2025-03-04T10:00:00+01:00"), "2025-03-04T09:00:00Z", "without one");
    let mut answer = held();
    answer["since"] = json!("2025-03-04T10:00:00+01:00");
    assert_eq!(read_by(&plan("Z"), &answer)[OWN]["since"], "2025-03-04T10:00:00Z", "every date-time");
}

#[test]
fn a_disabled_attribute_is_not_there() {
    let disabled =
        ["title", "NAME.familyname", "groups", "phoneNumbers.type", &format!("{OWN}:badge"), "ims"];
    let plan = plan_with(
        &PERSON,
        PlanOptions { disabled: disabled.map(str::to_owned).to_vec(), ..PlanOptions::default() },
    );
    let read = read_by(&plan, &held());
    for gone in ["/title", "/name/familyName", "/groups", "/ims", "/phoneNumbers/0/type"] {
        assert_eq!(read.pointer(gone), None, "{gone}");
    }
    assert_eq!(read["phoneNumbers"][0], json!({"value": "+44 1", "primary": true}));
    assert_eq!(
        read[OWN],
        json!({"floor": 3, "since": "2025-03-04T10:00:00Z", "keys": [{"value": 7, "door": "north"}]})
    );
}

#[test]
fn custom_attributes_of_an_instance_live_under_its_own_urn() {
    let urn = "urn:connector-host:scim:instance:acme:2.0:User";
    let custom = |name: &str, target: &str, kind, multi_valued| CustomAttribute {
        urn: urn.into(),
        name: name.into(),
        target: target.into(),
        kind,
        multi_valued,
        description: "x".into(),
        direction: Direction::Both,
    };
    let custom = vec![
        custom("hobby", "more.hobby", Type::String, false),
        custom("tags", "more.tags", Type::String, true),
        custom("level", "urn:x:1.0.level", Type::Integer, false),
    ];
    let plan = plan_with(&PERSON, PlanOptions { custom, ..PlanOptions::default() });
    let mut answer = held();
    answer["more"] = json!({"hobby": "chess", "tags": ["a", "", null, "b", {"x": 1}]});
    answer["urn:x:1.0"] = json!({"level": 4});
    let read = read_by(&plan, &answer);
    assert_eq!(read[urn], json!({"hobby": "chess", "tags": ["a", "b"], "level": 4}));
    assert!(read["schemas"].as_array().unwrap().contains(&json!(urn)));
}

#[test]
fn what_is_no_object_with_an_id_is_an_odd_answer() {
    for (text, why) in [
        ("", "not the JSON of an object"),
        ("<html>", "not the JSON of an object"),
        ("{\"key\":\"p-1\"", "not the JSON of an object"),
        ("{\"key\":\"p-1\"} x", "not the JSON of an object"),
        ("{}", "has no id"),
        ("null", "has no id"),
        ("[]", "has no id"),
        ("\"p-1\"", "has no id"),
        ("{\"key\":null}", "has no id"),
        ("{\"key\":{\"a\":1}}", "has no id"),
    ] {
        let answer = connector_core::connector::Vendor::new(text.to_owned().into());
        let error = person().read(&answer).expect_err(text);
        assert_eq!(error.kind(), Kind::OddAnswer, "{text}");
        assert!(
            error.to_string().contains(why) && error.to_string().starts_with("User: "),
            "{text}: {error}"
        );
    }
}

#[test]
fn a_member_that_comes_twice_counts_as_it_came_last() {
    let answer =
        connector_core::connector::Vendor::new(r#"{"key":"p-1","job":"a","job":"b"}"#.to_owned().into());
    assert_eq!(person().read(&answer).unwrap().text("title"), Some("b"));
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec(
                (
                    prop::sample::select(vec!["first", "mail", "number", "desk", "key", "kind", "boss", "x"]),
                    inner
                ),
                0..3
            )
            .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_the_target_sends_reads_to_a_resource_that_fits_its_schemas(
        members in prop::collection::vec((prop::sample::select(vec![
            "login", "person", "shown", "seat", "contact", "phones", "grants", "reports", "teams", "suspended", "born",
            "work", "badge", "floor", "since", "keys"]), anything()), 0..6)
    ) {
        let mut answer = json!({"key": "p-1"});
        for (name, value) in members {
            answer[name] = value;
        }
        let plan = person();
        let read = plan.read(&vendor(&answer)).expect("an object with an id");
        let body = support::document(&read);
        // What was read is a body every reader takes as it is.
        let entry = connector_core::scim::Entry::read(body.clone(), plan.resource_type());
        prop_assert!(entry.is_ok(), "{answer} reads as {body}, which is refused: {:?}", entry.err().map(|e| e.to_string()));
    }
}
