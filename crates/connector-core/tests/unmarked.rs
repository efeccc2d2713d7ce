//! Targets with one place for an address, which keep no type of it.

#![allow(clippy::needless_pass_by_value, reason = "documents are written where they are used")]

use connector_core::{
    connector::Vendor,
    mapping::{Plan, PlanOptions, Table, both, create, read},
    scim::{Entry, Resource},
};
use serde_json::{Value, json};

const USER: Table = Table::core_user(&[
    read("id", "id").required(),
    create("userName", "login").required(),
    both("emails[type eq \"work\"].value", "mail").unmarked().required(),
    both("phoneNumbers[type eq \"work\"].value", "phone"),
]);

fn plan() -> Plan {
    Plan::compile(&USER, &PlanOptions::default()).expect("a sound table")
}

fn entry(plan: &Plan, emails: &Value) -> Resource {
    let body = json!({"userName": "ada", "emails": emails, "phoneNumbers": [{"value": "1", "type": "home"}]});
    Entry::read(body, plan.resource_type()).expect("readable").resource
}

/// What is written of these addresses.
fn mail(emails: &Value) -> Option<String> {
    let plan = plan();
    let created = plan.created(&entry(&plan, emails)).ok()?;
    assert_eq!(created.fields.get("phone"), None, "a row without the mark takes its own type alone");
    created.fields.get("mail").and_then(Value::as_str).map(str::to_owned)
}

#[test]
fn the_only_address_or_the_primary_one_is_written_where_none_has_the_rows_type() {
    let of = |value: &str, kind: &str| json!({"value": value, "type": kind});
    let primary = |value: &str, kind: &str| json!({"value": value, "type": kind, "primary": true});
    assert_eq!(mail(&json!([of("a@x", "home")])).as_deref(), Some("a@x"));
    assert_eq!(mail(&json!([of("a@x", "home"), of("b@x", "work")])).as_deref(), Some("b@x"));
    assert_eq!(mail(&json!([primary("a@x", "home"), of("b@x", "work")])).as_deref(), Some("b@x"));
    assert_eq!(mail(&json!([of("a@x", "home"), primary("b@x", "other")])).as_deref(), Some("b@x"));
    assert_eq!(mail(&json!([of("a@x", "home"), of("b@x", "other")])), None, "it is not known which is meant");
}

#[test]
fn another_type_of_the_same_address_is_no_change() {
    let plan = plan();
    let vendor = Vendor::new(json!({"id": "1", "login": "ada", "mail": "a@x"}).to_string().into());
    let before = plan.read(&vendor).expect("readable");
    assert_eq!(before.get("emails"), Some(&json!([{"value": "a@x", "type": "work"}])));
    let changed = |emails: Value| {
        let after = entry(&plan, &emails);
        let difference = plan.difference(&vendor, &before, &after).expect("allowed");
        difference.attributes.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(changed(json!([{"value": "a@x", "type": "home", "primary": true}])), Vec::<String>::new());
    assert_eq!(changed(json!([{"value": "b@x", "type": "home"}])), ["emails[type eq \"work\"].value"]);
}

#[test]
fn a_put_names_what_is_required_even_where_it_cannot_change_it() {
    let plan = plan();
    let without = Entry::read(json!({"emails": [{"value": "a@x"}]}), plan.resource_type()).expect("readable");
    let error = plan.require_named(&without.resource).expect_err("refused");
    assert_eq!(error.attribute(), Some("userName"));
    assert!(plan.require_named(&entry(&plan, &json!([]))).is_ok());
}

#[test]
fn letter_case_does_not_make_another_immutable_name() {
    let plan = plan();
    let vendor = Vendor::new(json!({"id": "1", "login": "ada", "mail": "a@x"}).to_string().into());
    let before = plan.read(&vendor).expect("readable");
    let mut after = before.clone();
    after.set("userName", json!("ADA"));
    assert!(plan.difference(&vendor, &before, &after).expect("allowed").is_empty());
    after.set("userName", json!("ada2"));
    assert!(plan.difference(&vendor, &before, &after).is_err());
}
