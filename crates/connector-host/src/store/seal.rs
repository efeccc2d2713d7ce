//! Sealed records: XChaCha20-Poly1305 with a fresh nonce each, the key's id in front.
//!
//! A record is `1` (format), key id (8 bytes), nonce (24 bytes), ciphertext with tag. What it is for is authenticated
//! with it, so that one record cannot stand in for another.

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};

use super::{StoreError, random};
use crate::config::Key32;

const FORMAT: u8 = 1;
const NONCE_AT: usize = 9;
const BODY_AT: usize = NONCE_AT + 24;

/// The public id of a key.
pub(crate) type KeyId = [u8; 8];

/// Seals with one key; opens with that and, where there are any, with those before it.
#[derive(Clone)]
pub struct Sealer {
    /// The first seals.
    keys: Vec<(KeyId, XChaCha20Poly1305)>,
}

impl Sealer {
    /// Uses `key` alone.
    pub fn new(key: &Key32) -> Self {
        Self::with_previous(key, &[])
    }

    /// Seals with `key`, and opens with each of `previous` what that one sealed.
    pub fn with_previous(key: &Key32, previous: &[Key32]) -> Self {
        let cipher = |key: &Key32| (key_id(key), XChaCha20Poly1305::new(key.bytes().into()));
        Self { keys: std::iter::once(key).chain(previous).map(cipher).collect() }
    }

    /// The id of the key that seals.
    pub(crate) fn key_id(&self) -> KeyId {
        self.keys[0].0
    }

    /// Whether one of the keys has this id.
    pub(super) fn knows(&self, id: &[u8]) -> bool {
        self.keys.iter().any(|(known, _)| known == id)
    }

    /// Seals `plain` for `purpose`.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let (key_id, cipher) = &self.keys[0];
        let mut record = vec![FORMAT];
        record.extend_from_slice(key_id);
        let nonce = random::<24>()?;
        record.extend_from_slice(&nonce);
        let payload = Payload { msg: plain, aad: purpose.as_bytes() };
        let sealed = cipher.encrypt(&XNonce::from(nonce), payload);
        record.extend_from_slice(&sealed.expect("no record is near the cipher's limit"));
        Ok(record)
    }

    /// Opens what [`Sealer::seal`] made for the same purpose with one of the keys.
    pub fn open(&self, purpose: &str, record: &[u8]) -> Result<Vec<u8>, StoreError> {
        let wrong = || StoreError::WrongKey { sealed_by: sealed_by(record) };
        let nonce: [u8; 24] =
            record.get(NONCE_AT..BODY_AT).and_then(|nonce| nonce.try_into().ok()).ok_or_else(wrong)?;
        let key = self.keys.iter().find(|(id, _)| record[0] == FORMAT && record[1..NONCE_AT] == *id);
        let (_, cipher) = key.ok_or_else(wrong)?;
        let payload = Payload { msg: &record[BODY_AT..], aad: purpose.as_bytes() };
        cipher.decrypt(&XNonce::from(nonce), payload).map_err(|_| wrong())
    }
}

fn key_id(key: &Key32) -> KeyId {
    use sha2::{Digest as _, Sha256};
    let digest = Sha256::new().chain_update(b"connector-host key id\0").chain_update(key.bytes()).finalize();
    let mut id = KeyId::default();
    id.copy_from_slice(&digest[..8]);
    id
}

/// As people read it, to tell which key is meant.
pub(super) fn hex(id: &[u8]) -> String {
    connector_core::hex::Hex(id).to_string()
}

/// The id of the key that sealed `record`, as hexadecimal.
pub(super) fn sealed_by(record: &[u8]) -> String {
    hex(record.get(1..NONCE_AT).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_opens_with_its_key_for_its_purpose_only() {
        let sealer = Sealer::new(&Key32::generate().unwrap());
        let record = sealer.seal("credential acme", b"xoxp").unwrap();
        assert_eq!(sealer.open("credential acme", &record).unwrap(), b"xoxp");
        assert!(sealer.open("credential other", &record).is_err());
        assert!(Sealer::new(&Key32::generate().unwrap()).open("credential acme", &record).is_err());
        for cut in 0..record.len() {
            assert!(sealer.open("credential acme", &record[..cut]).is_err(), "cut at {cut}");
        }
        assert!(!record.windows(4).any(|window| window == b"xoxp"));
        assert_ne!(record, sealer.seal("credential acme", b"xoxp").unwrap(), "a nonce came twice");
    }

    #[test]
    fn a_key_that_was_replaced_opens_what_it_sealed_and_seals_nothing() {
        let [old, new] = [(); 2].map(|()| Key32::generate().unwrap());
        let record = Sealer::new(&old).seal("credential acme", b"xoxp").unwrap();
        let both = Sealer::with_previous(&new, std::slice::from_ref(&old));
        assert_eq!(both.open("credential acme", &record).unwrap(), b"xoxp");
        let record = both.seal("credential acme", b"xoxp").unwrap();
        assert_eq!(Sealer::new(&new).open("credential acme", &record).unwrap(), b"xoxp");
        assert!(Sealer::new(&old).open("credential acme", &record).is_err());
    }
}
