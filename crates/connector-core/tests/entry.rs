//! Bodies of POST and PUT as real clients send them. Tests are named after the quirks of the client catalogue.

mod support;

use connector_core::scim::Entry;
use serde_json::{Value, json};
use support::{ENTERPRISE, GROUP, OWN, USER, document, plan, told};

fn read(body: Value) -> (Value, Vec<String>) {
    let entry = Entry::read(body, plan(&USER).resource_type()).unwrap_or_else(|e| panic!("{}", told(&e)));
    (document(&entry.resource), entry.dropped)
}

fn refused(body: Value) -> String {
    told(&Entry::read(body, plan(&USER).resource_type()).expect_err("must be refused"))
}

#[test]
fn e_12_create_with_extras() {
    let (user, dropped) = read(json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "externalId": "6b1f0d0e", "userName": "amara.okafor@halden.example", "active": true,
        "title": null, "addresses": null, "roles": [],
        "emails": [{"primary": true, "type": "work", "value": "amara.okafor@halden.example"}],
        "meta": {"resourceType": "User"},
        // An enterprise attribute at the top, an own extension missing from `schemas`, one nobody knows.
        "department": "Grid Ops",
        OWN: {"badge": "B-17"},
        "urn:ietf:params:scim:schemas:extension:halden:2.0:User": {"badge": "B-17"},
    }));
    assert_eq!(user[ENTERPRISE], json!({"department": "Grid Ops"}));
    assert_eq!(user[OWN], json!({"badge": "B-17"}));
    assert_eq!([&user["title"], &user["addresses"], &user["roles"]], [&Value::Null; 3], "explicitly empty");
    assert!(user.get("meta").is_none(), "read-only parts are ignored");
    assert_eq!(dropped, ["urn:ietf:params:scim:schemas:extension:halden:2.0:User"]);
}

#[test]
fn e_13_a_schema_nobody_knows_is_accepted_while_nothing_of_it_is_in_the_body() {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group",
                    "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
        "externalId": "9d2f-group", "displayName": "Grid Operators", "meta": {"resourceType": "Group"},
    });
    let entry = Entry::read(body, plan(&GROUP).resource_type()).unwrap();
    assert_eq!(
        document(&entry.resource),
        json!({"externalId": "9d2f-group", "displayName": "Grid Operators"})
    );
}

#[test]
fn e_18_booleans_as_text_at_any_depth() {
    let (user, _) = read(json!({"userName": "noor", "active": "True",
        "roles": [{"primary": "True", "display": "Planner", "value": "planner", "type": "app"}]}));
    assert_eq!((&user["active"], &user["roles"][0]["primary"]), (&json!(true), &json!(true)));
}

#[test]
fn mp_08_member_names_in_any_letter_case_get_the_schemas_spelling() {
    let (user, _) = read(json!({"USERNAME": "ada", "Emails": [{"Primary": true, "VALUE": "a@x"}],
        ENTERPRISE.to_lowercase(): {"DEPARTMENT": "Ops"}, "name": {"FamilyName": "L"}}));
    assert_eq!(
        user,
        json!({"userName": "ada", "emails": [{"primary": true, "value": "a@x"}],
               ENTERPRISE: {"department": "Ops"}, "name": {"familyName": "L"}})
    );
}

#[test]
fn mp_47_null_parts_of_an_address_are_absent() {
    let (user, _) =
        read(json!({"userName": "ada", "addresses": [{"type": "work", "region": null, "locality": "Oslo"},
        {"streetAddress": null, "locality": ""}]}));
    assert_eq!(user["addresses"], json!([{"type": "work", "locality": "Oslo"}]));
}

#[test]
fn mp_54_a_misspelt_attribute_is_dropped() {
    let (user, dropped) = read(json!({"userName": "ada", "UserNme": "x", "name": {"givenNam": "x"}}));
    assert_eq!((user, dropped), (json!({"userName": "ada"}), vec!["UserNme".to_owned(), "name".to_owned()]));
}

#[test]
fn o_02_a_create_with_password_and_groups() {
    let (user, dropped) = read(json!({"userName": "ada", "groups": [], "password": "q7-Vantage-31"}));
    assert_eq!((user, dropped), (json!({"userName": "ada", "password": "q7-Vantage-31"}), vec![]));
}

#[test]
fn o_03_a_put_of_the_whole_answer_loses_its_read_only_parts() {
    let (user, dropped) = read(json!({"schemas": [], "id": "u-1", "userName": "ada",
        "groups": [{"value": "g-1", "$ref": "x", "display": "G"}],
        "meta": {"resourceType": "User", "created": "x", "location": "x", "version": "x"},
        ENTERPRISE: {"manager": {"value": "u-2", "$ref": "x", "displayName": "Grace"}}}));
    assert_eq!(user, json!({"userName": "ada", ENTERPRISE: {"manager": {"value": "u-2"}}}));
    assert!(dropped.is_empty());
}

#[test]
fn o_19_an_empty_text_means_unset() {
    let (user, _) = read(json!({"userName": "ada", "nickName": "",
        "emails": [{"value": "a@x"}, {"value": "", "type": "home", "primary": false}],
        "phoneNumbers": [{"value": "", "type": "work"}, {"value": null}],
        ENTERPRISE: {"manager": {"value": ""}, "department": ""}}));
    assert_eq!(user["emails"], json!([{"value": "a@x"}]));
    let unset = [
        &user["nickName"],
        &user["phoneNumbers"],
        &user[ENTERPRISE]["manager"],
        &user[ENTERPRISE]["department"],
    ];
    assert_eq!(unset, [&Value::Null; 4]);
}

#[test]
fn a_part_that_the_target_lacks_says_nothing_and_an_empty_one_that_it_is_empty() {
    let mut rtype = plan(&USER).resource_type().clone();
    for attribute in rtype.schema.attributes.iter_mut().filter(|attribute| attribute.name == "name") {
        attribute.sub_attributes.retain(|part| ["givenName", "familyName"].contains(&&*part.name));
    }
    let name = |name: Value| {
        let read = Entry::read(json!({"userName": "ada", "name": name}), &rtype).unwrap();
        read.resource.get("name").cloned()
    };
    assert_eq!(name(json!({"formatted": "Ada King", "honorificPrefix": ""})), None);
    assert_eq!(name(json!({})), None);
    assert_eq!(name(json!({"givenName": "", "formatted": "x"})), Some(Value::Null));
    assert_eq!(name(json!({"givenName": "Ada", "familyName": ""})), Some(json!({"givenName": "Ada"})));
    assert_eq!(name(Value::Null), Some(Value::Null));
}

#[test]
fn a_member_without_an_id_is_refused() {
    let rtype = plan(&GROUP).resource_type().clone();
    let read = |members: Value| Entry::read(json!({"displayName": "G", "members": members}), &rtype);
    for members in [
        json!([{"$ref": "https://host.example/Users/u-1"}]),
        json!([{"value": "u-1"}, {"display": "x"}]),
        json!([{"value": "", "type": "User"}]),
    ] {
        let refusal = told(&read(members.clone()).expect_err("must be refused"));
        assert!(
            refusal.starts_with("invalidValue Group: members: names a resource without"),
            "{members}: {refusal}"
        );
    }
    assert_eq!(read(json!([{"$ref": null}])).unwrap().resource.get("members"), None, "it says nothing");
    assert_eq!(read(json!([])).unwrap().resource.get("members"), Some(&Value::Null));
}

#[test]
fn p_03_two_primary_e_mails_become_one() {
    let (user, _) = read(json!({"userName": "a", "emails": [
        {"type": "work", "primary": true, "value": "a@x"}, {"type": "home", "primary": true, "value": "a@x"}]}));
    assert_eq!((&user["emails"][0]["primary"], &user["emails"][1]["primary"]), (&json!(true), &json!(false)));
}

#[test]
fn the_base_urn_as_a_key_holds_base_attributes() {
    let core = "urn:ietf:params:scim:schemas:core:2.0:User";
    let (user, _) = read(json!({core: {"userName": "ada"}, format!("{core}:title"): "Analyst"}));
    assert_eq!(user, json!({"userName": "ada", "title": "Analyst"}));
}

#[test]
fn what_does_not_fit_is_refused_naming_attribute_and_rule() {
    for (body, told) in [
        (json!([]), "invalidSyntax User: the body must be a JSON object"),
        (json!({"userName": {"value": "x"}}), "invalidValue User: userName: must be text"),
        (json!({"userName": ["a", "b"]}), "invalidValue User: userName: has one value, not a list of them"),
        (json!({"userName": true}), "invalidValue User: userName: must be text"),
        (json!({"active": 1}), "invalidValue User: active: must be true or false"),
        (json!({"name": "Ada"}), "invalidValue User: name: must be an object of sub-attributes"),
        (
            json!({"emails": [{"value": 1.5}, {"value": true}]}),
            "invalidValue User: emails.value: must be text",
        ),
        (json!({"emails": [[]], "addresses": ["Oslo"]}), "invalidValue User: addresses: must be an object"),
        (
            json!({ENTERPRISE: "x"}),
            &format!("invalidValue User: {ENTERPRISE}: an extension must be an object"),
        ),
        (json!({OWN: {"floor": 1.5}}), "invalidValue User: floor: must be a whole number"),
        (json!({OWN: {"since": "tomorrow"}}), "invalidValue User: since: must be a date-time"),
        (json!({OWN: {"share": "half"}}), "invalidValue User: share: must be a number"),
    ] {
        let refusal = refused(body.clone());
        assert!(refusal.starts_with(told), "{body}: {refusal}");
    }
}
