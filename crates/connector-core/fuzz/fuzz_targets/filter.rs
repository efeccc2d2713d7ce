//! Any text: an error or a filter that prints to text which reads as the same filter.
#![no_main]

use connector_core::scim::Filter;
use connector_core_fuzz::{ada, users};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let users = users();
    if let Ok(filter) = Filter::parse(text, &users) {
        let _ = filter.matches(&ada());
        let printed = filter.to_string();
        if let Ok(again) = Filter::parse(&printed, &users) {
            assert_eq!(again.to_string(), printed);
        }
    }
});
