//! Unsound tables are refused, one test per rule; and tables are printed as reviewers read them.

#![allow(clippy::items_after_statements, reason = "a table stands beside the check it is for")]

mod support;

use connector_core::{
    mapping::{
        CustomAttribute, Direction, Mark, Plan, PlanOptions, Row, Slot, Table,
        Transform::{Always, BySlot},
        both, create, faults, list, read, read_list, rendered, to_json, to_markdown, to_text, unmapped,
        write,
    },
    scim::Type,
};
use support::{GROUP, USER, person::PERSON};

const ID: Row<'static> = read("id", "key").required();

/// The faults of a table of a resource type of the connector's own.
fn custom(rows: Vec<Row<'static>>) -> Vec<String> {
    told(&Table::custom("License", "/Licenses", "urn:example:2.0:License", Vec::leak(rows)))
}

/// The faults of the complete User table with more rows.
fn user_and(rows: &[Row<'static>]) -> Vec<String> {
    told(&Table { rows: Vec::leak([USER.rows, rows].concat()), ..USER })
}

/// The faults of the complete User table without the row of this path.
fn user_without(scim: &str) -> Vec<String> {
    let rows: Vec<Row<'static>> = USER.rows.iter().filter(|row| row.scim != scim).copied().collect();
    assert!(rows.len() < USER.rows.len(), "{scim}");
    told(&Table { rows: Vec::leak(rows), ..USER })
}

fn told(table: &Table) -> Vec<String> {
    faults(table, true).iter().map(ToString::to_string).collect()
}

#[test]
fn sound_tables_have_no_faults() {
    for table in [&USER, &GROUP, &PERSON] {
        let none: [&str; 0] = [];
        let told: Vec<String> = told(table).into_iter().filter(|fault| !fault.contains("members")).collect();
        assert_eq!(told, none, "{}", table.resource);
    }
}

#[test]
fn an_unmapped_row_needs_a_reason() {
    assert_eq!(custom(vec![ID, unmapped("x", "")]), ["License: x: is unmapped without a reason"]);
    const SUBS: &[Row<'static>] = &[both("value", "key").typed(Type::String, "x"), unmapped("display", "")];
    assert_eq!(
        custom(vec![ID, list("x", "x", SUBS).typed(Type::Complex, "x")]),
        ["License: x.display: is unmapped without a reason"]
    );
}

#[test]
fn every_core_attribute_is_mapped_or_unmapped() {
    let missing = |scim: &str| {
        format!("User: {scim}: is a core attribute that is neither mapped nor unmapped with a reason")
    };
    for scim in ["title", "externalId", "meta.created", "name.middleName"] {
        assert_eq!(user_without(scim), [missing(scim)]);
    }
    assert_eq!(
        user_without("ims"),
        ["value", "display", "type", "primary"].map(|sub| missing(&format!("ims.{sub}")))
    );
    let boss = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName";
    assert_eq!(user_without(boss), [missing(boss)]);
}

#[test]
fn a_mapped_row_has_a_target() {
    assert_eq!(custom(vec![ID, both("x", "").typed(Type::String, "x")]), ["License: x: has no target path"]);
    const SUBS: &[Row<'static>] = &[both("value", "").typed(Type::String, "x")];
    assert_eq!(
        custom(vec![ID, list("x", "x", SUBS).typed(Type::Complex, "x")]),
        ["License: x.value: has no target path"]
    );
}

#[test]
fn nothing_is_written_on_a_read_only_type() {
    for row in [both("x", "x"), create("x", "x"), write("x", "x")] {
        let rows = Vec::leak(vec![ID, row.typed(Type::String, "x")]);
        let table = Table::custom("License", "/Licenses", "urn:example:2.0:License", rows);
        let told: Vec<String> = faults(&table, false).iter().map(ToString::to_string).collect();
        assert_eq!(told, ["License: x: is written, but the resource type is read-only"]);
        assert!(faults(&table, true).is_empty());
    }
}

#[test]
fn what_is_required_can_be_sent() {
    assert_eq!(
        custom(vec![ID, read("x", "x").typed(Type::String, "x").required()]),
        ["License: x: is required but never sent"]
    );
}

#[test]
fn id_and_meta_are_the_service_providers() {
    let rule = "is assigned by the service provider and cannot be written";
    assert_eq!(custom(vec![both("id", "key")]), [format!("License: id: {rule}")]);
    assert_eq!(custom(vec![ID, both("meta.created", "born")]), [format!("License: meta.created: {rule}")]);
}

#[test]
fn a_transform_that_only_reads_writes_nothing() {
    assert_eq!(
        custom(vec![ID, both("x", "x").typed(Type::String, "x").via(Always("y"))]),
        ["License: x: is written through a transform that only reads"]
    );
}

#[test]
fn what_the_core_schema_has_read_only_stays_so_and_other_schemas_may_use_the_name() {
    const SUBS: &[Row<'static>] = &[both("value", "key").typed(Type::String, "x")];
    let groups = list("groups", "teams", SUBS).typed(Type::Complex, "x");
    let rows: Vec<Row<'static>> =
        USER.rows.iter().filter(|row| row.scim != "groups").copied().chain([groups]).collect();
    let told_of_user = told(&Table { rows: Vec::leak(rows), ..USER });
    assert!(
        told_of_user
            .contains(&"User: groups: is read-only in the core schema and cannot be written".to_owned()),
        "{told_of_user:?}"
    );
    assert_eq!(custom(vec![ID, groups]), [""; 0]);
}

#[test]
fn two_rows_write_one_target_only_as_aliases() {
    let row = |scim| both(scim, "x").typed(Type::String, "x");
    assert_eq!(
        custom(vec![ID, row("a"), row("b")]),
        ["License: b: writes the same target as `a` and is not its alias"]
    );
    assert_eq!(custom(vec![ID, row("a"), row("b").alias_of("a")]), [""; 0]);
    assert_eq!(custom(vec![ID, row("a").alias_of("b"), row("b")]), [""; 0]);
    let reader = read("b", "x").typed(Type::String, "x");
    assert_eq!(custom(vec![ID, row("a"), reader]), [""; 0], "reading twice is no conflict");
    const SUBS: &[Row<'static>] =
        &[both("value", "key").typed(Type::String, "x"), both("display", "key").typed(Type::String, "x")];
    assert_eq!(
        custom(vec![ID, list("x", "x", SUBS).typed(Type::Complex, "x")]),
        ["License: x.display: writes the same target as another row of the list"]
    );
}

#[test]
fn an_alias_stands_for_a_row_that_is_there() {
    assert_eq!(
        custom(vec![
            ID,
            both("a", "x").typed(Type::String, "x").alias_of("b"),
            unmapped("b", "no such field")
        ]),
        ["License: a: is an alias of `b`, which is not mapped"]
    );
}

#[test]
fn slots_decide_only_where_there_are_slots() {
    const SUBS: &[Row<'static>] = &[
        both("value", "key").typed(Type::String, "x"),
        both("type", "kind").typed(Type::String, "x").via(BySlot),
    ];
    const SLOTS: &[Slot] = &[Slot { scim: &[("type", Mark::Word("work"))], read: &[], write: &[] }];
    let row = list("x", "x", SUBS).typed(Type::Complex, "x");
    assert_eq!(custom(vec![ID, row]), ["License: x.type: is decided by slots, and the list has none"]);
    assert_eq!(custom(vec![ID, row.slots(SLOTS)]), [""; 0]);
}

#[test]
fn an_attribute_outside_the_core_schemas_states_its_type() {
    assert_eq!(
        custom(vec![ID, both("x", "x")]),
        ["License: x: is in no core schema, so the row must state its type"]
    );
    assert_eq!(
        user_and(&[both("urn:example:2.0:User:new", "new")]),
        ["User: urn:example:2.0:User:new: is in no core schema, so the row must state its type"]
    );
}

#[test]
fn a_complex_attribute_is_mapped_by_its_parts_and_a_part_exists() {
    assert!(
        user_and(&[both("name", "n")]).contains(&"User: name: is complex: map its sub-attributes".to_owned())
    );
    assert!(
        user_and(&[both("name.nick", "n")]).contains(&"User: name.nick: no such sub-attribute".to_owned())
    );
}

#[test]
fn an_attribute_is_mapped_once() {
    assert!(user_and(&[both("title", "title2")]).contains(&"User: title: is mapped twice".to_owned()));
    assert!(
        user_and(&[both("name.givenName", "x2")])
            .contains(&"User: name.givenName: is mapped twice".to_owned())
    );
}

#[test]
fn a_path_has_one_of_the_forms() {
    let form = "must be `attr`, `attr.sub` or `attr[sub eq literal].sub`, with `URN:` before it or not";
    for scim in ["", "a.b.c", "a[b].c", "a[b eq x].c", "a[b eq \"x\"", "a[b eq \"x\"]", "a.b[c eq 1].d", "a."]
    {
        let told = custom(vec![ID, both(scim, "x").typed(Type::String, "x")]);
        assert_eq!(told, [format!("License: {scim}: {form}")], "{scim:?}");
    }
}

#[test]
fn what_is_mandatory_cannot_be_disabled() {
    let disabled = |name: &str| {
        let options = PlanOptions { disabled: vec![name.to_owned()], ..PlanOptions::default() };
        Plan::compile(&PERSON, &options).map(|_| ()).map_err(|faults| faults[0].to_string())
    };
    for name in ["userName", "USERNAME", "emails", "id", "meta", "schemas"] {
        assert_eq!(disabled(name), Err(format!("User: {name}: is mandatory and cannot be disabled")));
    }
    for name in ["title", "roles", "name", "emails[type eq \"home\"].value"] {
        assert_eq!(disabled(name), Ok(()), "{name}");
    }
}

#[test]
fn disabling_what_is_not_there_is_told() {
    let disabled = |name: &str| {
        let options = PlanOptions { disabled: vec![name.to_owned()], ..PlanOptions::default() };
        Plan::compile(&PERSON, &options).map(|_| ()).map_err(|faults| faults[0].to_string())
    };
    for name in ["shoeSize", "titl", "phoneNumbers.colour", "emails[type eq \"other\"].value"] {
        assert_eq!(disabled(name), Err(format!("User: {name}: is no attribute of this resource type")));
    }
    for name in ["photos", "phoneNumbers.type", "urn:example:2.0:User:badge"] {
        assert_eq!(disabled(name), Ok(()), "{name}");
    }
}

#[test]
fn a_custom_attribute_has_a_plain_name_of_its_own() {
    let named = |name: &str| {
        let custom = CustomAttribute {
            urn: "urn:x:2.0:User".into(),
            name: name.into(),
            target: "x".into(),
            kind: Type::String,
            multi_valued: false,
            description: "x".into(),
            direction: Direction::Both,
        };
        Plan::compile(&PERSON, &PlanOptions { custom: vec![custom], ..PlanOptions::default() })
            .map(|_| ())
            .map_err(|faults| faults[0].rule.clone())
    };
    assert_eq!(named("shoeSize"), Ok(()));
    for name in ["", "a.b", "a[b eq 1].c"] {
        assert!(named(name).is_err(), "{name:?}");
    }
}

#[test]
fn a_list_without_mapped_parts_maps_nothing() {
    const NONE: &[Row<'static>] = &[];
    let rows = Vec::leak(vec![ID, read_list("x", "x", NONE).typed(Type::Complex, "x")]);
    let table = Table::custom("License", "/Licenses", "urn:example:2.0:License", rows);
    let plan = Plan::compile(&table, &PlanOptions::default()).unwrap();
    assert!(plan.resource_type().schema.attributes.is_empty());
}

#[rustfmt::skip]
const SMALL: Table = Table::custom("License", "/Licenses", "urn:example:2.0:License", &[
    ID,
    both("displayName", "label").typed(Type::String, "x").required().max_chars(9).filter("label").kept(),
    list("owners",      "owners", &[
        both("value",   "key").typed(Type::String, "x"),
        read("display", "label|name").typed(Type::String, "x"),
        unmapped("type", "no such field"),
    ]).typed(Type::Complex, "x").kept().settled(),
]);

#[test]
fn tables_are_printed_one_row_per_line_with_all_their_marks() {
    insta::assert_snapshot!("small_text", to_text(&[&SMALL]));
    insta::assert_snapshot!("small_markdown", to_markdown(&[&SMALL], 3));
    let json: serde_json::Value = serde_json::from_str(&to_json(&[&SMALL])).unwrap();
    assert_eq!(
        json[0],
        serde_json::json!({"resource": "License", "scim": "id", "target": "key", "direction": "read",
                           "transform": null, "required": true, "note": null})
    );
    assert_eq!(rendered(&[&SMALL]).len(), 5);
}
