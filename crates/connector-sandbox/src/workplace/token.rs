//! Tokens of integrations: what they may do, when they were last used, and the proof of the app secret.

use std::collections::HashMap;
use std::fmt::Write as _;

use ring::hmac;

use super::error::{Refusal, Result, Surface};
use super::options::{Options, Permission};
use crate::calendar::DAY;
use crate::form::Form;
use crate::harness::Call;
use crate::rng::Rng;

/// Seconds a proof is good for, either way.
const PROOF_LIFE: i64 = 300;

/// A custom integration, which has one token at a time.
struct Integration {
    permissions: Vec<Permission>,
    last_used_ms: i64,
    active: bool,
}

/// The integrations by their tokens.
pub(super) struct Tokens {
    live: HashMap<String, Integration>,
    pub(super) app_secret: String,
    rng: Rng,
}

impl Tokens {
    pub(super) fn new(mut rng: Rng) -> Self {
        Self { live: HashMap::new(), app_secret: rng.word("0123456789abcdef", 32), rng }
    }

    /// The token of a new integration.
    pub(super) fn issue(&mut self, permissions: &[Permission], now_ms: i64) -> String {
        let token = self.fresh();
        let integration =
            Integration { permissions: permissions.to_vec(), last_used_ms: now_ms, active: true };
        self.live.insert(token.clone(), integration);
        token
    }

    /// Another token for the integration of that one, which ends.
    pub(super) fn rotate(&mut self, token: &str) -> Option<String> {
        let integration = self.live.remove(token)?;
        let fresh = self.fresh();
        self.live.insert(fresh.clone(), integration);
        Some(fresh)
    }

    fn fresh(&mut self) -> String {
        format!(
            "DQVJ{}",
            self.rng.word("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 120)
        )
    }

    /// An administrator switches deactivated integrations on again.
    pub(super) fn reactivate(&mut self, now_ms: i64) {
        for integration in self.live.values_mut() {
            integration.active = true;
            integration.last_used_ms = now_ms;
        }
    }

    /// What the caller may do.
    pub(super) fn check(
        &mut self,
        call: &Call,
        query: &Form,
        surface: Surface,
        options: &Options,
        now_ms: i64,
    ) -> Result<Vec<Permission>> {
        let given =
            call.bearer().or_else(|| query.filled("access_token").filter(|_| surface == Surface::Graph));
        let token = given.ok_or_else(|| {
            Refusal::token(options, "An access token is required to request this resource.")
        })?;
        let integration = self.live.get_mut(token).ok_or_else(|| {
            Refusal::token(options, "Error validating access token: it is not valid any more.")
        })?;
        let idle_ms = i64::from(options.idle_days) * DAY * 1000;
        if now_ms - integration.last_used_ms > idle_ms {
            integration.active = false;
        }
        if !integration.active {
            return Err(Refusal::token(options, "The integration was deactivated because it was not used."));
        }
        if options.proof_required {
            prove(&self.app_secret, token, query, now_ms)?;
        }
        integration.last_used_ms = now_ms;
        Ok(integration.permissions.clone())
    }
}

fn prove(secret: &str, token: &str, query: &Form, now_ms: i64) -> Result<()> {
    let refused = |message: &str| Err(Refusal { graph: true, ..Refusal::invalid(message) });
    let (Some(proof), Some(time)) = (query.filled("appsecret_proof"), query.filled("appsecret_time")) else {
        return refused("API calls from the server require an appsecret_proof argument");
    };
    let fresh = time.parse().is_ok_and(|time: i64| (now_ms.div_euclid(1000) - time).abs() <= PROOF_LIFE);
    if fresh && proof == proof_of(secret, token, time) {
        Ok(())
    } else {
        refused("Invalid appsecret_proof provided in the API argument")
    }
}

/// Lower-case hex of HMAC-SHA256 over `<token>|<time>`, keyed with the secret.
pub(super) fn proof_of(secret: &str, token: &str, time: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{token}|{time}").as_bytes());
    tag.as_ref().iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proof_is_that_of_openssl() {
        // printf '%s' 'token|1717430400' | openssl dgst -sha256 -hmac secret
        let expected = "8404379f0c59ff2567eab5762f4678550685eb763b977f23c4c83b880a4a8464";
        assert_eq!(proof_of("secret", "token", "1717430400"), expected);
    }
}
