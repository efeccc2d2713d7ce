//! What a store does, whatever database is under it: every test begins with an empty one, `crate::Fresh`.

mod audit;
mod clients;
mod consents;
mod credentials;
mod ledger;
mod opening;
mod pins;
mod rotation;
mod tokens;

use connector_host::config::Key32;

/// One of several keys, always the same.
pub(crate) fn key(first: u8) -> Key32 {
    let mut text = String::from_utf8(vec![b'A'; 43]).unwrap();
    text.replace_range(0..1, &char::from(b'A' + first).to_string());
    Key32::parse(&format!("{text}=")).unwrap()
}
