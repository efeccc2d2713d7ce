//! Attributes the target makes of other values: what is written to them is ignored, where other read-only ones refuse it.

use connector_core::{
    error::Kind,
    mapping::{Plan, PlanOptions, Table, both, faults, read, read_list, to_text},
    scim::{Mutability, PatchRequest, PatchRules, Resource, same_name},
};
use serde_json::{Value, json};

const USER: Table = Table::core_user(&[
    read("id", "id").required(),
    both("userName", "login").required(),
    read("displayName", "shown").computed(),
    read("name.formatted", "shown").computed(),
    both("name.familyName", "last"),
    read("userType", "kind"),
]);

fn plan() -> Plan {
    Plan::compile(&USER, &PlanOptions::default()).expect("a sound table")
}

/// The user after these operations, and what was dropped.
fn patched(operations: &Value) -> Result<(Value, Vec<String>), Kind> {
    let user = json!({"id": "7", "userName": "amara", "displayName": "Amara Okafor", "userType": "Member",
                      "name": {"familyName": "Okafor", "formatted": "Amara Okafor"}});
    let Value::Object(user) = user else { unreachable!() };
    let patch = PatchRequest::read(json!({ "Operations": operations })).expect("readable");
    let (after, dropped) = patch
        .apply(&Resource::new(user), plan().resource_type(), PatchRules::default())
        .map_err(|error| error.kind())?;
    Ok((Value::Object(after.document().clone()), dropped))
}

#[test]
fn a_patch_that_names_it_by_path_does_nothing_and_the_others_are_done() {
    let (after, dropped) = patched(&json!([
        {"op": "Replace", "path": "displayName", "value": "Amara O."},
        {"op": "Replace", "path": "name.familyName", "value": "Okafor-Lind"},
        {"op": "Add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:name.formatted", "value": "A."},
        {"op": "remove", "path": "displayName"},
    ]))
    .expect("taken");
    assert_eq!(after["name"], json!({"familyName": "Okafor-Lind", "formatted": "Amara Okafor"}));
    assert_eq!(after["displayName"], "Amara Okafor");
    assert_eq!(
        dropped,
        ["displayName", "urn:ietf:params:scim:schemas:core:2.0:User:name.formatted", "displayName"]
    );
}

#[test]
fn other_read_only_attributes_are_refused_and_with_them_the_whole() {
    let refused = |operations: Value| patched(&operations).expect_err("refused");
    assert_eq!(refused(json!([{"op": "replace", "path": "userType", "value": "Guest"}])), Kind::Mutability);
    let both = json!([{"op": "replace", "path": "displayName", "value": "A."},
                      {"op": "replace", "path": "userType", "value": "Guest"}]);
    assert_eq!(refused(both), Kind::Mutability);
}

#[test]
fn schema_and_table_say_so() {
    let plan = plan();
    let rtype = plan.resource_type();
    let shown = rtype.attribute(None, "displayName").expect("mapped");
    assert_eq!(shown.mutability, Mutability::ReadOnly);
    let says =
        |text: &str| text.ends_with("The target makes it of other values; what is written is ignored.");
    assert!(says(&shown.description), "{}", shown.description);
    let name = rtype.attribute(None, "name").expect("mapped");
    let part =
        |name_of: &str| name.sub_attributes.iter().find(|sub| same_name(&sub.name, name_of)).expect("mapped");
    assert!(says(&part("formatted").description) && !says(&part("familyName").description));
    let json = serde_json::to_value(shown).expect("plain data");
    assert_eq!(json.get("computed"), None, "RFC 7643 knows no such characteristic");
    assert_eq!(to_text(&[&USER]).matches("ignored on write").count(), 2);
}

#[test]
fn what_is_written_or_a_list_is_not_computed() {
    const UNSOUND: Table = Table::core_user(&[
        read("id", "id").required(),
        both("userName", "login").computed(),
        read_list("groups", "groups", &[read("value", "id")]).computed(),
    ]);
    let faults = faults(&UNSOUND, true);
    let computed = faults.iter().filter(|fault| fault.rule.starts_with("is computed"));
    assert_eq!(computed.map(|fault| fault.scim.as_str()).collect::<Vec<_>>(), ["userName", "groups"]);
}
