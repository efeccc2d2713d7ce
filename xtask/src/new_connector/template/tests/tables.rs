//! Newtarget's tables, as reviewers read them.

use connector_core::{
    connector::Settings,
    mapping::{Plan, PlanOptions, rendered, to_text},
};
use connector_newtarget::{REGISTRATION, mapping};

#[test]
fn the_tables_are_sound_and_everything_about_an_attribute_comes_from_its_row() {
    let connector = (REGISTRATION.build)(&Settings::default()).unwrap();
    connector_testkit::check_tables(&*connector);
}

#[test]
fn the_tables() {
    let rows = rendered(&[&mapping::USER]);
    let undecided =
        rows.iter().filter(|row| row.note.as_deref().is_some_and(|note| note.contains("FILL IN")));
    let undecided: Vec<_> = undecided.map(|row| row.scim.as_str()).collect();
    assert!(
        undecided.is_empty(),
        "left to do in connectors/newtarget/src/mapping.rs: FILL IN a target path or a reason for\n  {}",
        undecided.join("\n  ")
    );
    insta::assert_snapshot!("tables", to_text(&[&mapping::USER]));
}

#[test]
fn the_schemas_compile() {
    Plan::compile(&mapping::USER, &PlanOptions::default()).unwrap();
}

#[test]
fn the_fixture_is_an_answer_of_the_target() {
    let fixture = include_str!("fixtures/user.json");
    assert!(
        !fixture.contains("FILL IN"),
        "left to do in connectors/newtarget/tests/fixtures/user.json: FILL IN a user as the target answers, every field that \
         the table maps with a value"
    );
}
