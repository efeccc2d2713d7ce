//! PATCH as real clients send it. Tests are named after the quirks of the client catalogue.

#![allow(clippy::needless_pass_by_value, reason = "requests are written where they are used")]

mod support;

use connector_core::{
    error::Kind,
    scim::{PatchRequest, PatchRules, ResourceType},
};
use serde_json::{Value, json};
use support::{
    ENTERPRISE, GROUP, OWN, amara, document, patch_of, patched, patched_with, plan, refused, resource, told,
    user, user_type,
};

fn group_type() -> ResourceType {
    plan(&GROUP).resource_type().clone()
}

fn operators() -> Value {
    json!({"id": "g-21a9", "displayName": "Grid Operators", "members": [{"value": "u-7f3c"}, {"value": "u-90aa"}]})
}

/// The members after these operations.
fn members(operations: Value) -> Vec<String> {
    let after = patched(&group_type(), &operators(), &operations).unwrap_or_else(|e| panic!("{}", told(&e)));
    let members = after.get("members").and_then(Value::as_array).cloned().unwrap_or_default();
    members.iter().map(|member| member["value"].as_str().expect("an id").to_owned()).collect()
}

#[test]
fn e_01_op_in_any_letter_case() {
    for op in ["Replace", "replace", "REPLACE", "Add"] {
        let after = user(json!([{"op": op, "path": "displayName", "value": "Amara Okafor"}]));
        assert_eq!(after["displayName"], "Amara Okafor", "{op}");
    }
}

#[test]
fn e_02_active_as_text() {
    for (text, active) in [("False", false), ("false", false), ("True", true), ("TRUE", true)] {
        let after = user(json!([{"op": "Replace", "path": "active", "value": text}]));
        assert_eq!(after["active"], active, "{text}");
    }
    assert_eq!(
        refused(json!([{"op": "Replace", "path": "active", "value": "no"}])),
        "invalidValue User u-7f3c: active: must be true or false"
    );
}

#[test]
fn e_03_one_operation_per_leaf_with_dotted_paths() {
    let after = user(json!([
        {"op": "Replace", "path": "displayName", "value": "Amara O."},
        {"op": "Replace", "path": "name.familyName", "value": "Okafor-Lind"},
        {"op": "Replace", "path": "name.formatted", "value": "Amara Okafor-Lind"},
        {"op": "Add", "path": "nickName", "value": "Ama"},
    ]));
    assert_eq!(
        after["name"],
        json!({"givenName": "Amara", "familyName": "Okafor-Lind", "formatted": "Amara Okafor-Lind"})
    );
    assert_eq!((&after["displayName"], &after["nickName"]), (&json!("Amara O."), &json!("Ama")));
    assert!(after.get("name.familyName").is_none(), "no literal key with a dot in it");
}

#[test]
fn e_05_a_path_is_split_at_the_longest_known_urn() {
    let after = user(json!([
        {"op": "Add", "path": format!("{ENTERPRISE}:department"), "value": "Grid Ops"},
        {"op": "Replace", "path": format!("{}:employeeNumber", ENTERPRISE.to_uppercase()), "value": "40771"},
        // A dot instead of the last colon.
        {"op": "Add", "path": format!("{ENTERPRISE}.division"), "value": "North"},
        {"op": "Add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:title", "value": "Planner"},
        {"op": "Add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:name.middleName", "value": "Ngozi"},
    ]));
    assert_eq!(
        after[ENTERPRISE],
        json!({"department": "Grid Ops", "employeeNumber": "40771", "division": "North"})
    );
    assert_eq!((&after["title"], &after["name"]["middleName"]), (&json!("Planner"), &json!("Ngozi")));
}

#[test]
fn e_05_the_base_urn_as_a_path_stands_for_the_resource() {
    let core = "urn:ietf:params:scim:schemas:core:2.0:User";
    let after =
        user(json!([{"op": "add", "path": core, "value": {"title": "Planner", "name.middleName": "Ngozi"}}]));
    assert_eq!((&after["title"], &after["name"]["middleName"]), (&json!("Planner"), &json!("Ngozi")));
    assert!(refused(json!([{"op": "remove", "path": core}])).starts_with("noTarget"));
}

#[test]
fn e_06_a_path_less_value_has_dotted_and_urn_keys_beside_nested_objects() {
    let after = user(json!([
        {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "ama@halden.example"},
        {"op": "replace", "value": {
            "displayName": "Ama Okafor", "name.givenName": "Ama", "name": {"familyName": "Lind"},
            format!("{ENTERPRISE}:employeeNumber"): "40772", ENTERPRISE: {"department": "Grid Ops"},
            "phoneNumbers[type eq \"work\"].value": "+47 5550 0100",
        }},
    ]));
    assert_eq!(after["displayName"], "Ama Okafor");
    assert_eq!(after["name"], json!({"givenName": "Ama", "familyName": "Lind"}));
    assert_eq!(after[ENTERPRISE], json!({"employeeNumber": "40772", "department": "Grid Ops"}));
    assert_eq!(after["phoneNumbers"], json!([{"type": "work", "value": "+47 5550 0100"}]));
}

#[test]
fn e_07_members_with_a_null_ref() {
    let added = members(json!([{"op": "Add", "path": "members", "value": [
        {"$ref": null, "value": "u-1b20"}, {"$ref": null, "value": "u-90aa"}]}]));
    assert_eq!(added, ["u-7f3c", "u-90aa", "u-1b20"]);
}

#[test]
fn e_08_members_in_the_value_of_a_remove_are_the_only_ones_removed() {
    let left =
        members(json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": "u-90aa"}]}]));
    assert_eq!(left, ["u-7f3c"]);
    let left = members(json!([{"op": "Remove", "path": "members", "value": {"value": "u-90aa"}}]));
    assert_eq!(left, ["u-7f3c"], "an object instead of an array");
}

#[test]
fn e_08_a_remove_whose_value_names_nobody_removes_nobody() {
    for value in [json!([]), json!([{"$ref": null}]), json!([{"value": ""}]), json!({}), json!("")] {
        let left = members(json!([{"op": "Remove", "path": "members", "value": value}]));
        assert_eq!(left, ["u-7f3c", "u-90aa"], "{value}");
    }
}

#[test]
fn e_09_members_removed_by_filter() {
    let left = members(json!([{"op": "remove", "path": "members[value eq \"u-90aa\"]"}]));
    assert_eq!(left, ["u-7f3c"]);
}

#[test]
fn e_10_a_bare_remove_of_members_clears_unless_that_is_refused() {
    let operations = json!([{"op": "Remove", "path": "members"}]);
    assert!(members(operations.clone()).is_empty());
    assert!(members(json!([{"op": "Remove", "path": "members", "value": null}])).is_empty(), "null is bare");
    let rules = PatchRules { strict: false, refuse_remove_all_members: true };
    let refused = patched_with(&group_type(), &operators(), &operations, rules).expect_err("switched off");
    assert!(told(&refused).starts_with("invalidValue Group g-21a9: members: removing all members"));
}

#[test]
fn e_11_adding_a_member_again_and_removing_a_missing_one_succeed() {
    let again =
        json!([{"op": "Add", "path": "members", "value": [{"value": "u-90aa"}, {"value": "u-90aa"}]}]);
    assert_eq!(members(again), ["u-7f3c", "u-90aa"]);
    let missing = json!([{"op": "Remove", "path": "members", "value": [{"value": "u-0000"}]},
                         {"op": "Remove", "path": "members[value eq \"u-0000\"]"}]);
    assert_eq!(members(missing), ["u-7f3c", "u-90aa"]);
}

#[test]
fn e_16_manager_as_text_object_array_and_empty() {
    let path = format!("{ENTERPRISE}:manager");
    for (path, value) in [
        (path.as_str(), json!("u-90aa")),
        (path.as_str(), json!({"value": "u-90aa"})),
        ("manager", json!([{"$ref": "https://host.example/scim/acme/v2/Users/u-90aa", "value": "u-90aa"}])),
        ("manager.value", json!("u-90aa")),
        ("manager", json!({"managerId": "u-90aa"})),
    ] {
        let after = user(json!([{"op": "Add", "path": path, "value": value}]));
        assert_eq!(after[ENTERPRISE], json!({"manager": {"value": "u-90aa"}}), "{path} {value}");
    }
    for empty in [json!(""), Value::Null, json!({"value": ""}), json!([])] {
        let after = user(json!([
            {"op": "Add", "path": &path, "value": "u-90aa"}, {"op": "Replace", "path": &path, "value": empty}]));
        assert!(after.get(ENTERPRISE).is_none(), "{empty}: {after}");
    }
    let after =
        user(json!([{"op": "Add", "path": &path, "value": "u-90aa"}, {"op": "Remove", "path": &path}]));
    assert!(after.get(ENTERPRISE).is_none());
}

#[test]
fn a_complex_value_changes_the_parts_it_names_and_the_target_has() {
    let mut rtype = user_type();
    for attribute in rtype.schema.attributes.iter_mut().filter(|attribute| attribute.name == "name") {
        attribute.sub_attributes.retain(|part| ["givenName", "familyName"].contains(&&*part.name));
    }
    let both = json!({"givenName": "Amara", "familyName": "Okafor"});
    for (name, after) in [
        (json!({"formatted": "Ada King"}), both.clone()),
        (json!({"middleName": "N"}), both.clone()),
        (json!({"honorificPrefix": ""}), both.clone()),
        (json!({}), both.clone()),
        (json!({"givenName": "Ada", "familyName": ""}), json!({"givenName": "Ada"})),
        (json!({"familyName": null}), json!({"givenName": "Amara"})),
        (json!({"givenName": "", "familyName": ""}), Value::Null),
        (Value::Null, Value::Null),
    ] {
        for operation in [
            json!({"op": "replace", "path": "name", "value": name}),
            json!({"op": "add", "path": "name", "value": name}),
            json!({"op": "replace", "value": {"name": name}}),
        ] {
            let changed = patched(&rtype, &amara(), &json!([operation])).unwrap();
            assert_eq!(changed["name"], after, "{operation}");
        }
    }
    let nameless = json!({"userName": "ada"});
    let named = json!([{"op": "add", "path": "name", "value": {"givenName": "Ada", "familyName": ""}}]);
    assert_eq!(patched(&rtype, &nameless, &named).unwrap()["name"], json!({"givenName": "Ada"}));
    let emptied = json!([{"op": "add", "path": "name", "value": {"familyName": ""}}]);
    assert_eq!(patched(&rtype, &nameless, &emptied).unwrap(), nameless);
}

#[test]
fn what_cannot_be_written_of_a_manager_leaves_the_manager() {
    let manager = |value: Value| {
        let after = user(json!([{"op": "add", "path": "manager", "value": "u-90aa"},
            {"op": "replace", "path": "manager", "value": value}]));
        after[ENTERPRISE]["manager"]["value"].clone()
    };
    assert_eq!(manager(json!({"displayName": "Boss"})), "u-90aa");
    assert_eq!(manager(json!({"displayName": "Boss", "value": "u-1b20"})), "u-1b20");
}

#[test]
fn members_without_an_id_are_refused_and_empty_nothing() {
    for members in [json!([{"$ref": "https://host.example/Users/u-1"}]), json!([{"display": "x"}])] {
        for operation in [
            json!({"op": "replace", "path": "members", "value": members}),
            json!({"op": "add", "path": "members", "value": members}),
            json!({"op": "replace", "value": {"members": members}}),
        ] {
            let error = patched(&group_type(), &operators(), &json!([operation])).expect_err("refused");
            let wanted = "invalidValue Group g-21a9: members: names a resource without its id";
            assert!(told(&error).starts_with(wanted), "{operation}: {}", told(&error));
        }
    }
    for nothing in [json!({}), json!([{}]), json!([{"$ref": null}])] {
        let left = members(json!([{"op": "replace", "path": "members", "value": nothing}]));
        assert_eq!(left, ["u-7f3c", "u-90aa"], "{nothing}");
    }
}

#[test]
fn e_21_removing_a_plain_attribute_and_several_operations_on_one() {
    let mut before = amara();
    before["preferredLanguage"] = json!("nb");
    let operations = json!([
        {"op": "Remove", "path": "preferredLanguage"},
        {"op": "Remove", "path": "nickName"},
        {"op": "Add", "path": "externalId", "value": "aokafor-2"},
        {"op": "Replace", "path": "externalId", "value": "aokafor-3"},
    ]);
    let after = patched(&user_type(), &before, &operations).unwrap();
    assert!(after.get("preferredLanguage").is_none());
    assert_eq!(after["externalId"], "aokafor-3", "the last one wins");
}

#[test]
fn a_required_attribute_cannot_be_taken_away_in_any_form() {
    for operation in [
        json!({"op": "remove", "path": "userName"}),
        json!({"op": "replace", "path": "userName", "value": ""}),
        json!({"op": "add", "path": "userName", "value": null}),
        json!({"op": "replace", "value": {"userName": null}}),
        json!({"op": "replace", "value": {"urn:ietf:params:scim:schemas:core:2.0:User": {"userName": []}}}),
    ] {
        let error = patched(&user_type(), &amara(), &json!([operation])).expect_err("refused");
        assert_eq!(
            told(&error),
            "mutability User u-7f3c: userName: is required and cannot be removed",
            "{operation}"
        );
    }
    let renamed =
        json!([{"op": "remove", "path": "userName"}, {"op": "add", "path": "userName", "value": "x"}]);
    assert_eq!(patched(&user_type(), &amara(), &renamed).unwrap()["userName"], "x", "it is there in the end");
}

#[test]
fn a_required_part_cannot_be_taken_away_either() {
    let mut rtype = user_type();
    for attribute in rtype.schema.attributes.iter_mut().filter(|attribute| attribute.name == "name") {
        for part in attribute.sub_attributes.iter_mut().filter(|part| part.name == "familyName") {
            part.required = true;
        }
    }
    for operation in [
        json!({"op": "remove", "path": "name.familyName"}),
        json!({"op": "replace", "path": "name", "value": {"familyName": ""}}),
        json!({"op": "remove", "path": "name"}),
    ] {
        let error = patched(&rtype, &amara(), &json!([operation])).expect_err("refused");
        let wanted = "mutability User u-7f3c: name.familyName: is required and cannot be removed";
        assert_eq!(told(&error), wanted, "{operation}");
    }
}

#[test]
fn a_path_without_a_name_is_no_path() {
    for path in [".", "[", ".value", "[value eq \"x\"]", "urn:ietf:params:scim:schemas:core:2.0:User:.value"]
    {
        let operations = json!([{"op": "replace", "path": path, "value": "x"}]);
        let error = patched(&user_type(), &amara(), &operations).expect_err(path);
        assert_eq!(told(&error), format!("invalidPath User u-7f3c: {path}: begins with no attribute name"));
    }
    let all = json!([{"op": "add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:", "value": {"title": "x"}}]);
    assert_eq!(
        patched(&user_type(), &amara(), &all).unwrap()["title"],
        "x",
        "the base schema is the resource"
    );
}

#[test]
fn j_02_members_removed_in_the_value_form_with_lower_case_op() {
    let left = members(json!([{"op": "remove", "path": "members", "value": [{"value": "u-7f3c"}]}]));
    assert_eq!(left, ["u-90aa"]);
}

#[test]
fn o_04_deactivation_without_a_path() {
    let after = user(json!([{"op": "replace", "value": {"active": false}}]));
    assert_eq!(after["active"], false);
}

#[test]
fn o_05_a_password_without_a_path_is_taken() {
    let after = user(json!([{"op": "replace", "value": {"password": "q8-Vantage-32"}}]));
    assert_eq!(after["password"], "q8-Vantage-32", "for the mapping, which never returns it");
}

#[test]
fn o_07_the_groups_own_id_in_the_value_is_ignored_and_another_is_refused() {
    let rtype = group_type();
    let rename = |id: &str| json!([{"op": "replace", "value": {"id": id, "displayName": "Grid Operators"}}]);
    assert_eq!(patched(&rtype, &operators(), &rename("g-21a9")).unwrap(), operators(), "no change");
    let error = patched(&rtype, &operators(), &rename("g-0000")).expect_err("another's id");
    assert!(told(&error).starts_with("mutability Group g-21a9: id: cannot be changed"));
}

#[test]
fn o_08_remove_and_add_members_in_one_request() {
    let left = members(json!([
        {"op": "remove", "path": "members[value eq \"u-90aa\"]"},
        {"op": "add", "path": "members", "value": [{"value": "u-1b20", "display": "noor@halden.example"}]},
    ]));
    assert_eq!(left, ["u-7f3c", "u-1b20"]);
}

#[test]
fn o_09_a_full_push_replaces_the_members() {
    let left = members(json!([{"op": "replace", "path": "members", "value": [
        {"value": "u-90aa", "display": "noor@halden.example"}, {"value": "u-1b20", "display": "x"}]}]));
    assert_eq!(left, ["u-90aa", "u-1b20"]);
    assert!(members(json!([{"op": "replace", "path": "members", "value": []}])).is_empty(), "[] clears");
}

#[test]
fn s_03_membership_sent_on_the_user_is_refused_not_ignored() {
    assert_eq!(
        refused(json!([{"op": "add", "path": "groups", "value": [{"value": "g-21a9"}]}])),
        "mutability User u-7f3c: groups: is read-only"
    );
}

#[test]
fn mp_27_a_further_member_of_an_operation_is_ignored() {
    let added =
        members(json!([{"op": "Add", "name": "addMember", "path": "members", "value": [{"value": "u-1"}]}]));
    assert_eq!(added, ["u-7f3c", "u-90aa", "u-1"]);
}

#[test]
fn mp_67_mp_68_a_member_as_plain_text_and_an_id_beside_the_operations() {
    let mut body = patch_of(&json!([{"op": "Add", "path": "members", "value": "u-1b20"}]));
    body["id"] = json!("g-21a9");
    let request = PatchRequest::read(body).unwrap();
    let (after, _) = request.apply(&resource(operators()), &group_type(), PatchRules::default()).unwrap();
    assert_eq!(document(&after)["members"][2], json!({"value": "u-1b20"}));
    assert_eq!(members(json!([{"op": "Add", "path": "members", "value": ["u-1", "u-2"]}])).len(), 4);
}

#[test]
fn attributes_nobody_knows_are_an_invalid_path_and_ones_the_target_lacks_are_dropped() {
    assert!(refused(json!([{"op": "add", "path": "shoeSize", "value": 43}])).starts_with("invalidPath"));
    assert!(
        refused(json!([{"op": "add", "path": "name.shoeSize", "value": "x"}])).starts_with("invalidPath")
    );
    assert!(
        refused(json!([{"op": "add", "path": "title[value eq \"x\"]", "value": "x"}]))
            .starts_with("invalidPath")
    );
    assert!(refused(json!([{"op": "add", "path": "emails[type", "value": "x"}])).starts_with("invalidPath"));
    assert!(refused(json!([{"op": "add", "path": "emails[]", "value": "x"}])).starts_with("invalidPath"));

    let request = PatchRequest::read(patch_of(&json!([{"op": "add", "path": "title", "value": "x"},
        {"op": "add", "value": {"shoeSize": 43, "nickName": "x", "emails": []}}])))
    .unwrap();
    let (after, dropped) =
        request.apply(&resource(operators()), &group_type(), PatchRules::default()).unwrap();
    assert_eq!(document(&after), operators());
    assert_eq!(dropped, ["title", "shoeSize", "nickName", "emails"]);
}

#[test]
fn a_single_value_has_no_parts_but_its_own() {
    for path in ["active.value", "active.type", "title.display", "name.value", "manager.primary"] {
        let told = refused(json!([{"op": "replace", "path": path, "value": false}]));
        assert!(told.starts_with("invalidPath"), "{path}: {told}");
    }
    for path in ["id.value", "meta.type", "meta.shoeSize", "schemas.value", "schemas[value eq \"x\"].$ref"] {
        let told = refused(json!([{"op": "replace", "path": path, "value": "x"}]));
        assert!(told.starts_with("mutability"), "{path}: {told}");
    }
    let mut rtype = user_type();
    for attribute in rtype.schema.attributes.iter_mut().filter(|attribute| attribute.name == "emails") {
        attribute.sub_attributes.retain(|part| part.name == "value");
    }
    let lacking = json!([{"op": "add", "path": "emails.display", "value": "x"}]);
    assert_eq!(patched(&rtype, &amara(), &lacking).unwrap(), amara(), "a list may have it, only not here");
}

#[test]
fn what_nobody_may_write_is_refused_where_the_target_lacks_it_too() {
    let mut rtype = user_type();
    rtype.schema.attributes.retain(|attribute| attribute.name != "groups");
    for path in ["groups", "Groups[value eq \"1\"]", "urn:ietf:params:scim:schemas:core:2.0:User:groups"] {
        let request = patch_of(&json!([{"op": "add", "path": path, "value": [{"value": "1"}]}]));
        let error = PatchRequest::read(request)
            .unwrap()
            .apply(&resource(json!({"userName": "ada"})), &rtype, PatchRules::default())
            .expect_err(path);
        assert_eq!(error.kind(), Kind::Mutability, "{path}: {error}");
    }
}

#[test]
fn a_body_that_is_no_patch_says_what_is_wrong_with_it() {
    let told_of = |body: &Value| told(&PatchRequest::read(body.clone()).expect_err("no PATCH"));
    for (body, told) in [
        (json!([]), "invalidSyntax the body of a PATCH must be a JSON object"),
        (json!({}), "invalidSyntax a PATCH needs the array `Operations`"),
        (patch_of(&json!([])), "invalidSyntax `Operations` is empty"),
        (patch_of(&json!(["x"])), "invalidSyntax operation 1 is not an object"),
        (patch_of(&json!([{"op": "move", "path": "title"}])), "invalidSyntax `op` of operation 1 must be"),
        (patch_of(&json!([{"path": "title"}])), "invalidSyntax operation 1 lacks `op`"),
        (patch_of(&json!([{"op": "add", "path": 1, "value": 1}])), "invalidPath `path` of operation 1"),
        (patch_of(&json!([{"op": "add", "path": "title"}])), "invalidValue operation 1 lacks `value`"),
        (patch_of(&json!([{"op": "remove"}])), "noTarget operation 1 removes without a path"),
        (patch_of(&json!([{"op": "add", "value": "x"}])), "invalidValue operation 1 has no path"),
    ] {
        assert!(told_of(&body).starts_with(told), "{body}: {}", told_of(&body));
    }
    let many = vec![json!({"op": "remove", "path": "title"}); 1001];
    assert_eq!(PatchRequest::read(patch_of(&json!(many))).unwrap_err().kind(), Kind::TooLarge);
    let lower = json!({"operations": [{"OP": "add", "PATH": "title", "VALUE": "x"}]});
    assert!(PatchRequest::read(lower).is_ok(), "letter case of member names does not count");
}

#[test]
fn values_of_an_extension_of_any_type_are_coerced() {
    let after = user(json!([{"op": "add", "value": {OWN: {
        "badge": 17, "floor": "3", "share": "0.5", "since": "2025-03-04T10:00:00+01:00", "remote": "True"}}}]));
    assert_eq!(
        after[OWN],
        json!({"badge": "17", "floor": 3, "share": 0.5, "since": "2025-03-04T10:00:00+01:00", "remote": true})
    );
    let told = refused(json!([{"op": "add", "path": format!("{OWN}:floor"), "value": "third"}]));
    assert_eq!(told, format!("invalidValue User u-7f3c: {OWN}:floor: must be a whole number"));
}
