//! Workplace's tables, as reviewers read them.

use connector_core::{
    connector::{Setting, Settings},
    mapping::{Plan, PlanOptions, to_text},
};
use connector_workplace::{REGISTRATION, mapping};

#[test]
fn the_tables_are_sound_and_everything_about_an_attribute_comes_from_its_row() {
    let connector = (REGISTRATION.build)(&Settings::default()).unwrap();
    connector_testkit::check_tables(&*connector);
}

#[test]
fn an_instance_for_users_only_has_users_who_are_in_no_groups() {
    let mut settings = Settings::default();
    settings.insert("users_only", Setting::Boolean(true));
    let connector = (REGISTRATION.build)(&settings).unwrap();
    connector_testkit::check_tables(&*connector);
    let tables: Vec<_> = connector.resources().iter().map(|resource| resource.spec().table).collect();
    let [users] = tables[..] else { panic!("users, and nothing else") };
    let plan = Plan::compile(users, &PlanOptions::default()).unwrap();
    assert!(plan.resource_type().attribute(None, "groups").is_none());
    assert!(plan.resource_type().attribute(None, "emails").is_some());
}

#[test]
fn the_tables() {
    insta::assert_snapshot!("tables", to_text(&[&mapping::USER, &mapping::GROUP, &mapping::PEOPLE_SET]));
}

#[test]
fn the_schemas() {
    let tables = [("user", &mapping::USER), ("group", &mapping::GROUP), ("people_set", &mapping::PEOPLE_SET)];
    for (name, table) in tables {
        let plan = Plan::compile(table, &PlanOptions::default()).unwrap();
        let schemas: Vec<_> = plan.resource_type().schemas().collect();
        insta::assert_snapshot!(format!("schemas_{name}"), serde_json::to_string_pretty(&schemas).unwrap());
    }
}
