//! The key tables themselves.

use super::{
    keys::{CUSTOM_ATTRIBUTE, INSTANCE, Key, Status, TABLES},
    parse,
};
use crate::registry::CONNECTORS;

#[test]
fn every_table_names_a_key_once_with_a_sentence_and_a_default_that_fits() {
    for (table, keys) in TABLES.iter().copied().chain([("custom_attributes", CUSTOM_ATTRIBUTE)]) {
        let mut names: Vec<_> = keys.iter().map(|key| key.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), keys.len(), "{table} names a key twice");
        for Key { name, kind, default, doc, status } in keys {
            assert!(doc.ends_with('.'), "{table}.{name}");
            assert!(default.is_none() || matches!(status, Status::Built), "{table}.{name}");
            if let Some(text) = default {
                assert!(parse::verbatim(*kind, text).is_ok(), "{table}.{name}");
            }
        }
    }
}

#[test]
fn no_connector_declares_a_key_that_every_instance_has() {
    for known in CONNECTORS {
        for parameter in known.spec.parameters {
            assert!(
                !INSTANCE.iter().any(|key| key.name == parameter.name),
                "{}: {}",
                known.spec.name,
                parameter.name
            );
        }
    }
}
