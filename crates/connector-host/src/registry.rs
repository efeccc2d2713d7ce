//! What is built in: one line per connector.

use connector_core::connector::Registration;

/// Every built-in connector, by name and then by major version.
pub static CONNECTORS: &[Registration] =
    &[connector_activecampaign::REGISTRATION, connector_slack::REGISTRATION, connector_webex::REGISTRATION];

/// Finds `name`, or `name@major`; without a major the newest one.
pub fn find(name: &str, major: Option<u16>) -> Option<&'static Registration> {
    CONNECTORS
        .iter()
        .filter(|known| {
            known.spec.name == name && major.is_none_or(|major| known.spec.version.major == major)
        })
        .max_by_key(|known| known.spec.version)
}

/// Every built-in connector as `name@major`, for messages.
pub fn names() -> impl Iterator<Item = String> {
    CONNECTORS.iter().map(|known| format!("{}@{}", known.spec.name, known.spec.version.major))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_connector_has_sound_tables_and_nothing_of_an_attribute_outside_its_row() {
        for known in CONNECTORS {
            let connector =
                (known.build)(&connector_core::connector::Settings::default()).expect("defaults build");
            connector_testkit::check_tables(&*connector);
        }
    }

    #[test]
    fn every_connector_is_listed_once_under_a_name_that_configuration_can_carry() {
        let mut seen = std::collections::BTreeSet::new();
        for (known, pinned) in CONNECTORS.iter().zip(names()) {
            assert!(
                known.spec.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()),
                "{pinned}"
            );
            assert!(seen.insert(pinned.clone()), "{pinned} twice");
        }
    }
}
