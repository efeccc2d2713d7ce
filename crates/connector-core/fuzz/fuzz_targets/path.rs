//! Any text: an error or a path that prints to text which reads as the same path.
#![no_main]

use connector_core::scim::Path;
use connector_core_fuzz::users;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let users = users();
    if let Ok(Some(path)) = Path::parse(text, &users) {
        let printed = path.to_string();
        if let Ok(Some(again)) = Path::parse(&printed, &users) {
            assert_eq!(again.to_string(), printed);
        }
    }
});
