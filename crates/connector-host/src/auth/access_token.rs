//! Access tokens of OAuth clients: sealed with the store's key, so that every replica opens them without asking anybody.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use connector_core::secret::Secret;
use serde::{Deserialize, Serialize};

use crate::store::{Sealer, StoreError};

/// What every access token begins with, for secret scanners.
pub(super) const PREFIX: &str = "cha_";

/// How long an access token is good for, in seconds.
pub(super) const LIFETIME: i64 = 3600;

const PURPOSE: &str = "inbound access token";

/// What an access token says.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AccessToken {
    /// Seconds since 1970; from then on it is worth nothing.
    #[serde(rename = "e")]
    pub(super) expires_at: i64,
    /// The client that asked for it.
    #[serde(rename = "c")]
    pub(super) client_id: String,
    /// The instance it opens.
    #[serde(rename = "i")]
    pub(super) instance: String,
}

impl AccessToken {
    /// Its text.
    pub(super) fn seal(&self, sealer: &Sealer) -> Result<Secret, StoreError> {
        let plain = serde_json::to_vec(self).expect("texts and a number always serialise");
        let record = sealer.seal(PURPOSE, &plain)?;
        Ok(Secret::new(format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(record))))
    }

    /// Opens a text that one of the store's keys sealed and that is still good at `now`.
    pub(super) fn open(sealer: &Sealer, text: &str, now: i64) -> Option<Self> {
        let record = BASE64_URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?;
        let plain = sealer.open(PURPOSE, &record).ok()?;
        serde_json::from_slice::<Self>(&plain).ok().filter(|token| now < token.expires_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Key32;

    #[test]
    fn a_token_opens_with_its_key_until_it_expires_and_no_letter_of_it_can_be_changed() {
        let sealer = Sealer::new(&Key32::generate().unwrap());
        let token = AccessToken { expires_at: 2000, client_id: "chc_x".into(), instance: "acme".into() };
        let text = token.seal(&sealer).unwrap();
        let text = text.expose();
        assert_eq!(AccessToken::open(&sealer, text, 1999), Some(token));
        assert_eq!(AccessToken::open(&sealer, text, 2000), None, "expired");
        let other = Sealer::new(&Key32::generate().unwrap());
        assert_eq!(AccessToken::open(&other, text, 0), None, "another key");
        for at in 0..text.len() {
            let mut changed = text.as_bytes().to_vec();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(AccessToken::open(&sealer, &changed, 0), None, "{at} of {changed}");
        }
    }

    #[test]
    fn what_was_sealed_for_another_purpose_is_no_token() {
        let sealer = Sealer::new(&Key32::generate().unwrap());
        let plain = br#"{"e":9000000000,"c":"chc_x","i":"acme"}"#;
        let text = |purpose| {
            format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(sealer.seal(purpose, plain).unwrap()))
        };
        assert!(AccessToken::open(&sealer, &text(PURPOSE), 0).is_some());
        assert!(AccessToken::open(&sealer, &text("credential acme"), 0).is_none());
    }
}
