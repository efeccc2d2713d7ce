//! Attributes that are read only on request, and membership that a client names on the member's side.

use connector_core::{
    error::Kind,
    mapping::{Plan, PlanOptions, Table, both, read, read_list, write},
    scim::{Filter, Mutability, PatchRequest, Projection, Resource, Returned, Type},
};
use serde_json::{Value, json};

const GROUP_ID: &str = "urn:example:2.0:User:groupId";

const USER: Table = Table::core_user(&[
    read("id", "id").required(),
    both("userName", "login").required(),
    read_list("groups", "groups", &[read("value", "id")]).on_request(),
    write(GROUP_ID, "group").typed(Type::String, "The group.").also_from("groups"),
]);

const GROUP: Table = Table::core_group(&[
    read("id", "id").required(),
    both("displayName", "name").required(),
    read_list("members", "people", &[read("value", "id")]).read_apart(),
    read_list(
        "urn:example:2.0:Group:admins",
        "admins",
        &[read("value", "id").typed(Type::String, "The id.")],
    )
    .typed(Type::Complex, "Those who administer it.")
    .read_apart(),
]);

fn plan(table: &Table) -> Plan {
    Plan::compile(table, &PlanOptions::default()).expect("a sound table")
}

/// What a user's entry has for the group, out of a body.
fn taken(body: &Value, own: Option<&str>) -> Result<Option<String>, Kind> {
    let plan = plan(&USER);
    let mut entry = Resource::default();
    if let Some(own) = own {
        entry.set_attribute(Some("urn:example:2.0:User"), "groupId", own.into());
    }
    plan.take_named(&plan.named_elsewhere(body), &mut entry).map_err(|error| error.kind())?;
    let group = entry.attribute(Some("urn:example:2.0:User"), "groupId");
    Ok(group.and_then(Value::as_str).map(str::to_owned))
}

#[test]
fn the_schema_says_that_an_attribute_is_returned_on_request() {
    let plan = plan(&USER);
    let groups = plan.resource_type().attribute(None, "groups").expect("mapped");
    assert_eq!((groups.returned, groups.mutability), (Returned::Request, Mutability::ReadOnly));
    assert_eq!(plan.on_request().collect::<Vec<_>>(), ["groups"]);
}

#[test]
fn an_attribute_is_asked_for_by_its_name_or_a_part_of_it_and_never_by_leaving_others_out() {
    let plan = plan(&USER);
    for (attributes, excluded, asked) in [
        (None, None, false),
        (None, Some("userName"), false),
        (Some("userName"), None, false),
        (Some("userName, GROUPS"), None, true),
        (Some("groups.value"), None, true),
    ] {
        let projection = Projection::read(attributes, excluded, plan.resource_type()).expect("readable");
        assert_eq!(projection.names(None, "groups"), asked, "{attributes:?} {excluded:?}");
    }
}

#[test]
fn no_filter_looks_at_what_lists_do_not_hold() {
    let plan = plan(&USER);
    let refused = |text: &str| {
        let filter = Filter::parse(text, plan.resource_type()).expect("readable");
        plan.require_read(&filter).err().map(|error| error.kind())
    };
    for text in ["groups pr", "not (groups.value eq \"1\")", "userName eq \"a\" or groups[value eq \"1\"]"] {
        assert_eq!(refused(text), Some(Kind::InvalidFilter), "{text}");
    }
    assert_eq!(refused("userName eq \"groups\""), None);
}

#[test]
fn a_single_membership_stands_for_the_attribute_unless_that_has_a_value() {
    let groups =
        |ids: &[&str]| json!({"Groups": ids.iter().map(|id| json!({"value": id})).collect::<Vec<_>>()});
    assert_eq!(taken(&groups(&["7"]), None), Ok(Some("7".into())));
    assert_eq!(taken(&groups(&["7", "7"]), None), Ok(Some("7".into())));
    assert_eq!(taken(&json!({"groups": [7]}), None), Ok(Some("7".into())));
    assert_eq!(taken(&groups(&["7", "8"]), None), Err(Kind::InvalidValue));
    assert_eq!(taken(&groups(&["7", "8"]), Some("9")), Ok(Some("9".into())));
    assert_eq!(taken(&groups(&[]), None), Ok(None));
    assert_eq!(taken(&json!({"userName": "ada"}), None), Ok(None));
}

#[test]
fn a_patch_names_a_membership_by_path_or_without_and_the_rest_of_it_stays() {
    let plan = plan(&USER);
    let after = |operations: Value| {
        let patch = PatchRequest::read(json!({ "Operations": operations })).expect("readable");
        let mut entry = Resource::default();
        plan.take_named(&plan.named_by(&patch), &mut entry).map_err(|error| error.kind())?;
        let group = entry.attribute(Some("urn:example:2.0:User"), "groupId").and_then(Value::as_str);
        Ok((group.map(str::to_owned), plan.without_named(&patch).operations.len()))
    };
    let put = |op: &str, path: &str, id: &str| json!({"op": op, "path": path, "value": [{"value": id}]});
    let name = json!({"op": "replace", "path": "userName", "value": "ada"});
    let group = |id: &str| Some(id.to_owned());
    assert_eq!(after(json!([put("add", "groups", "7"), name])), Ok((group("7"), 1)));
    assert_eq!(after(json!([put("Replace", " Groups", "7")])), Ok((group("7"), 0)));
    assert_eq!(after(json!([{"op": "add", "value": {"groups": [{"value": "7"}]}}])), Ok((group("7"), 1)));
    // What is added comes to what was there, what replaces takes its place.
    assert_eq!(after(json!([put("add", "groups", "7"), put("add", "groups", "8")])), Err(Kind::InvalidValue));
    assert_eq!(after(json!([put("add", "groups", "7"), put("replace", "groups", "8")])), Ok((group("8"), 0)));
    // Nobody is taken out: such an operation stays, to be refused.
    for operation in [
        json!({"op": "remove", "path": "groups"}),
        json!({"op": "replace", "path": "groups", "value": []}),
        put("add", "groups[value eq \"7\"]", "8"),
        put("add", "urn:example:2.0:User:groups", "8"),
    ] {
        assert_eq!(after(json!([operation])), Ok((None, 1)));
    }
}

#[test]
fn several_memberships_are_too_many_unless_the_object_has_them() {
    let plan = plan(&USER);
    let named = || plan.named_elsewhere(&json!({"groups": [{"value": "8"}, {"value": "7"}]}));
    let mut entry = Resource::default();
    assert!(plan.names_several(&named(), &entry));
    assert!(!plan.names_several(&plan.named_elsewhere(&json!({"groups": ["7", "7"]})), &entry));
    let held = |ids: &[&str]| {
        let mut held = Resource::default();
        held.set("groups", ids.iter().map(|id| json!({"value": id})).collect());
        held
    };
    let anew = |ids: &[&str]| plan.named_anew(named(), &held(ids));
    plan.take_named(&anew(&["7", "8"]), &mut entry).expect("as it is");
    assert!(entry.document().is_empty(), "{entry:?}");
    for other in [&["7"][..], &["7", "8", "9"], &[]] {
        assert!(plan.take_named(&anew(other), &mut entry).is_err(), "{other:?}");
    }
    entry.set_attribute(Some("urn:example:2.0:User"), "groupId", "9".into());
    assert!(!plan.names_several(&named(), &entry), "it has a value of its own");
}

#[test]
fn members_that_cannot_be_written_are_noticed() {
    let plan = plan(&GROUP);
    assert!(plan.has_read_only_members());
    let named = |body: Value| plan.unwritable_members(&body);
    assert_eq!(
        named(json!({"members": [{"value": "2"}, {"value": "1"}]})),
        Some(vec!["1".into(), "2".into()])
    );
    assert_eq!(named(json!({"Members": null})), Some(Vec::new()));
    let core = "urn:ietf:params:scim:schemas:core:2.0:Group";
    assert_eq!(named(json!({core: {"members": [{"value": "1"}]}})), Some(vec!["1".into()]));
    assert_eq!(named(json!({format!("{core}:Members"): ["1"]})), Some(vec!["1".into()]));
    assert_eq!(named(json!({"displayName": "Editors"})), None);
}

#[test]
fn membership_in_a_patch_is_noticed_however_it_is_named() {
    let plan = plan(&GROUP);
    let rtype = plan.resource_type();
    let core = "urn:ietf:params:scim:schemas:core:2.0:Group";
    let patch = |operation: Value| PatchRequest::read(json!({"Operations": [operation]})).expect("a patch");
    for operation in [
        json!({"op": "add", "path": "Members", "value": [{"value": "1"}]}),
        json!({"op": "remove", "path": format!("{core}:members[value eq \"1\"]")}),
        json!({"op": "remove", "path": "members[value eq 1]"}),
        json!({"op": "replace", "path": "members.value", "value": "1"}),
    ] {
        let patch = patch(operation.clone());
        assert!(patch.touches("members", rtype) && patch.is_about("members", rtype), "{operation}");
    }
    for operation in [
        json!({"op": "add", "value": {"members": [{"value": "1"}]}}),
        json!({"op": "add", "value": {format!("{core}:members"): [{"value": "1"}]}}),
        json!({"op": "add", "value": {core.to_uppercase(): {"Members": [{"value": "1"}]}}}),
        json!({"op": "add", "path": core, "value": {"members": [{"value": "1"}]}}),
    ] {
        let patch = patch(operation.clone());
        assert!(patch.touches("members", rtype) && !patch.is_about("members", rtype), "{operation}");
    }
    for operation in [
        json!({"op": "replace", "path": "displayName", "value": "members"}),
        json!({"op": "add", "value": {"urn:example:2.0:Group:members": ["1"], "displayName": "x"}}),
    ] {
        let patch = patch(operation.clone());
        assert!(!patch.touches("members", rtype) && !patch.is_about("members", rtype), "{operation}");
    }
}

#[test]
fn what_takes_calls_of_its_own_is_read_where_the_client_asks_filters_or_sorts_by_any_of_it() {
    let plan = plan(&GROUP);
    let rtype = plan.resource_type();
    let unneeded = |only: Option<&str>, excluded: Option<&str>, filter: Option<&str>| {
        let projection = Projection::read(only, excluded, rtype).expect("readable");
        let filter = filter.map(|text| Filter::parse(text, rtype).expect("readable"));
        plan.unneeded(&projection, filter.as_ref(), |_, _| false).join(" ")
    };
    let (urn, admins) = ("urn:example:2.0:Group", "urn:example:2.0:Group:admins");
    let both = format!("members {admins}");
    assert_eq!(unneeded(None, None, None), "");
    assert_eq!(unneeded(None, Some("Members"), None), "members");
    assert_eq!(unneeded(None, Some("members.display"), None), "");
    assert_eq!(unneeded(None, Some("members[value eq \"1\"]"), None), "");
    assert_eq!(unneeded(Some("displayName"), None, None), both);
    assert_eq!(unneeded(Some("displayName"), None, Some("displayName eq \"members\"")), both);
    for only in ["displayName,members.value", admins, urn, "admins.value"] {
        assert_eq!(unneeded(Some(only), None, None), "", "{only}");
    }
    for filter in
        ["displayName pr and members.value eq \"1\"", "not (admins.value eq \"1\")", "admins[value pr]"]
    {
        assert_eq!(unneeded(Some("id"), None, Some(filter)), "", "{filter}");
        assert_eq!(unneeded(None, Some("members"), Some(filter)), "", "{filter}");
    }
    let projection = Projection::read(Some("id"), None, rtype).expect("readable");
    let by_admins = |urn: Option<&str>, name: &str| urn.is_some() && name == "admins";
    assert!(plan.unneeded(&projection, None, by_admins).is_empty());
}
