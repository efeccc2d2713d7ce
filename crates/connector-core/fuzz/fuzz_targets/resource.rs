//! Any JSON as a body: an error, or an entry that reads as itself.
#![no_main]

use connector_core::scim::Entry;
use connector_core_fuzz::users;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let Ok(body) = serde_json::from_slice(data) else { return };
    let users = users();
    if let Ok(entry) = Entry::read(body, &users) {
        let again = Entry::read(Value::Object(entry.resource.document().clone()), &users);
        assert_eq!(again.expect("canonical form is readable").resource, entry.resource);
    }
});
