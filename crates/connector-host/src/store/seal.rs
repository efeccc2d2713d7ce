//! Sealed records: XChaCha20-Poly1305 with a fresh nonce each, the key's id in front.
//!
//! A record is `1` (format), key id (8 bytes), nonce (24 bytes), ciphertext with tag. What it is for is authenticated
//! with it, so that one record cannot stand in for another.

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};

use super::{StoreError, key_id, random};
use crate::config::Key32;

const FORMAT: u8 = 1;
const NONCE_AT: usize = 9;
const BODY_AT: usize = NONCE_AT + 24;

/// Seals and opens with one key.
#[derive(Clone)]
pub struct Sealer {
    cipher: XChaCha20Poly1305,
    key_id: [u8; 8],
}

impl Sealer {
    /// Uses `key`.
    pub fn new(key: &Key32) -> Self {
        Self { cipher: XChaCha20Poly1305::new(key.bytes().into()), key_id: key_id(key) }
    }

    /// Seals `plain` for `purpose`.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut record = vec![FORMAT];
        record.extend_from_slice(&self.key_id);
        let nonce = random::<24>()?;
        record.extend_from_slice(&nonce);
        let payload = Payload { msg: plain, aad: purpose.as_bytes() };
        let sealed =
            self.cipher.encrypt(&XNonce::from(nonce), payload).expect("no record is near the cipher's limit");
        record.extend_from_slice(&sealed);
        Ok(record)
    }

    /// Opens what [`Sealer::seal`] made for the same purpose with the same key.
    pub fn open(&self, purpose: &str, record: &[u8]) -> Result<Vec<u8>, StoreError> {
        let wrong = || StoreError::WrongKey { sealed_by: sealed_by(record) };
        let nonce: [u8; 24] =
            record.get(NONCE_AT..BODY_AT).and_then(|nonce| nonce.try_into().ok()).ok_or_else(wrong)?;
        if record[0] != FORMAT || record[1..NONCE_AT] != self.key_id {
            return Err(wrong());
        }
        let payload = Payload { msg: &record[BODY_AT..], aad: purpose.as_bytes() };
        self.cipher.decrypt(&XNonce::from(nonce), payload).map_err(|_| wrong())
    }
}

/// The id of the key that sealed `record`, as hexadecimal.
pub(super) fn sealed_by(record: &[u8]) -> String {
    use std::fmt::Write as _;
    let id = record.get(1..NONCE_AT).unwrap_or_default();
    id.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
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
}
