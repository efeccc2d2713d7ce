//! A proof beside the credential: some targets want to see, with every request, that the caller holds a second secret.

use jiff::Timestamp;
use ring::hmac;

use crate::{hex::Hex, secret::Secret};

/// Two query parameters that every attempt carries: the time, and a keyed hash over credential and time.
///
/// The hash is the lower-case hexadecimal HMAC-SHA256, keyed with `key`, over the credential's token, `|` and the time. The
/// token itself never leaves the door.
#[derive(Debug, Clone, Copy)]
pub struct Proof<'a> {
    /// The second secret.
    pub key: &'a Secret,
    /// The parameter with the time, in seconds since 1970.
    pub time: &'static str,
    /// The parameter with the hash.
    pub hash: &'static str,
}

impl Proof<'_> {
    /// Adds both parameters to an address, in place of any there are.
    pub(super) fn sign(&self, url: &mut url::Url, token: &Secret, now: Timestamp) {
        let time = now.as_second().to_string();
        let others = url.query_pairs().filter(|(name, _)| name != self.time && name != self.hash);
        let others: Vec<_> = others.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        let hash = hash(self.key, token, &time);
        url.query_pairs_mut()
            .clear()
            .extend_pairs(others)
            .append_pair(self.time, &time)
            .append_pair(self.hash, &hash);
    }
}

fn hash(key: &Secret, token: &Secret, time: &str) -> String {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key.expose().as_bytes()));
    for part in [token.expose(), "|", time] {
        context.update(part.as_bytes());
    }
    Hex(context.sign().as_ref()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_openssl_and_replaces_an_older_one() {
        let (key, token) = (Secret::new("secret"), Secret::new("token"));
        let proof = Proof { key: &key, time: "t", hash: "h" };
        let mut url = "https://graph.example/1/members?limit=2&h=old&t=1&after=a%26b".parse().unwrap();
        proof.sign(&mut url, &token, Timestamp::from_second(1_717_430_400).unwrap());
        // printf '%s' 'token|1717430400' | openssl dgst -sha256 -hmac secret
        let expected = "8404379f0c59ff2567eab5762f4678550685eb763b977f23c4c83b880a4a8464";
        assert_eq!(url.query(), Some(&*format!("limit=2&after=a%26b&t=1717430400&h={expected}")));
        assert!(!format!("{proof:?}").contains("secret"));
    }
}
