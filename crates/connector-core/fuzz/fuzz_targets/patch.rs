//! Any JSON as PATCH: an error, or a resource whose id stayed.
#![no_main]

use connector_core::scim::{PatchRequest, PatchRules};
use connector_core_fuzz::{ada, users};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(body) = serde_json::from_slice(data) else { return };
    let Ok(patch) = PatchRequest::read(body) else { return };
    let before = ada();
    if let Ok((after, _)) = patch.apply(&before, &users(), PatchRules::default()) {
        assert_eq!(after.id(), before.id());
    }
});
