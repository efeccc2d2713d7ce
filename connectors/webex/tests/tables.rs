//! Webex's tables and error table, as reviewers read them.

use connector_core::mapping::{Plan, PlanOptions, Table, to_text};
use connector_webex::{REGISTRATION, mapping};

const TABLES: &[&Table] = &[
    &mapping::USER,
    &mapping::GROUP,
    &mapping::LICENSE,
    &mapping::ENTITLEMENT,
    &mapping::ROLE,
    &mapping::ORGANIZATION,
];

#[test]
fn the_tables_are_sound_and_everything_about_an_attribute_comes_from_its_row() {
    let connector = (REGISTRATION.build)(&connector_core::connector::Settings::default()).unwrap();
    connector_testkit::check_tables(&*connector);
}

#[test]
fn the_tables() {
    insta::assert_snapshot!("tables", to_text(TABLES));
}

#[test]
fn the_schemas() {
    for table in TABLES {
        let name = format!("schemas_{}", table.resource.to_lowercase());
        let plan = Plan::compile(table, &PlanOptions::default()).unwrap();
        let schemas: Vec<_> = plan.resource_type().schemas().collect();
        insta::assert_snapshot!(name, serde_json::to_string_pretty(&schemas).unwrap());
    }
}
