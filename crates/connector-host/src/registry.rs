//! What is built in: one line per connector.

use connector_core::connector::Registration;

/// Every built-in connector, by name and then by major version.
#[rustfmt::skip]
pub static CONNECTORS: &[Registration] = &[
    connector_activecampaign::REGISTRATION,
    connector_slack::REGISTRATION,
    connector_webex::REGISTRATION,
    connector_workplace::REGISTRATION,
];

/// The connectors of one build. Several majors of one live side by side: tables, parameters and abilities hang off the pair
/// of name and major.
#[derive(Clone, Copy)]
pub struct Registry(&'static [Registration]);

impl Default for Registry {
    /// What is released.
    fn default() -> Self {
        Self(CONNECTORS)
    }
}

impl Registry {
    /// A build of these connectors: how tests run versions that are not released.
    pub const fn of(connectors: &'static [Registration]) -> Self {
        Self(connectors)
    }

    /// Every connector, by name and then by major version.
    pub fn iter(self) -> impl Iterator<Item = &'static Registration> {
        self.0.iter()
    }

    /// Finds `name`, or `name@major`; without a major the newest one.
    pub fn find(self, name: &str, major: Option<u16>) -> Option<&'static Registration> {
        self.iter()
            .filter(|known| {
                known.spec.name == name && major.is_none_or(|major| known.spec.version.major == major)
            })
            .max_by_key(|known| known.spec.version)
    }

    /// Finds what `text` names: `slack`, or `slack@1`.
    pub fn named(self, text: &str) -> Option<&'static Registration> {
        match text.split_once('@') {
            None => self.find(text, None),
            Some((name, major)) => self.find(name, Some(major.parse().ok()?)),
        }
    }

    /// A major of the same connector that is newer than this one.
    pub fn newer(self, than: &Registration) -> Option<&'static Registration> {
        self.find(than.spec.name, None).filter(|newest| newest.spec.version.major > than.spec.version.major)
    }

    /// Every connector as `name@major`, for messages.
    pub fn names(self) -> impl Iterator<Item = String> {
        self.iter().map(pinned)
    }
}

/// `name@major`.
pub fn pinned(known: &Registration) -> String {
    format!("{}@{}", known.spec.name, known.spec.version.major)
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
    fn every_connector_passes_the_behaviour_suite_in_its_own_tests() {
        let connectors = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors");
        for known in CONNECTORS {
            let name = known.spec.name;
            let tests = connectors.join(name).join("tests/behaviour.rs");
            let text = std::fs::read_to_string(&tests).unwrap_or_default();
            let runs = text.lines().any(|line| line.starts_with("connector_testkit::behaviour!("));
            assert!(runs, "{} does not run connector_testkit::behaviour!", tests.display());
            let manifest =
                std::fs::read_to_string(connectors.join(name).join("Cargo.toml")).expect("a manifest");
            for switch in ["autotests", "[[test]]", "harness"] {
                assert!(!manifest.contains(switch), "{name}'s manifest says which tests run ({switch})");
            }
        }
    }

    #[test]
    fn every_connector_is_listed_once_under_a_name_that_configuration_can_carry() {
        let mut seen = std::collections::BTreeSet::new();
        for (known, pinned) in CONNECTORS.iter().zip(Registry::default().names()) {
            assert!(
                known.spec.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()),
                "{pinned}"
            );
            assert!(seen.insert(pinned.clone()), "{pinned} twice");
        }
    }
}
