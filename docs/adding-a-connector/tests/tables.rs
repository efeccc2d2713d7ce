//! PagerDuty's tables, as reviewers read them.

use connector_core::{connector::Settings, mapping::to_text};
use connector_pagerduty::{REGISTRATION, mapping};

#[test]
fn the_tables_are_sound_and_everything_about_an_attribute_comes_from_its_row() {
    let connector = (REGISTRATION.build)(&Settings::default()).unwrap();
    connector_testkit::check_tables(&*connector);
}

#[test]
fn the_tables() {
    insta::assert_snapshot!("tables", to_text(&[&mapping::USER, &mapping::GROUP]));
}
