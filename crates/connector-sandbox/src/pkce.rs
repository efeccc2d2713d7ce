//! Proof Key for Code Exchange (RFC 7636): the challenge of an authorize request.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::form::Form;

/// What the verifier must answer to.
#[derive(Clone)]
pub(crate) struct Challenge {
    value: String,
    hashed: bool,
}

impl Challenge {
    /// The challenge of an authorize request, if it has one; `plain` unless it says `S256`.
    pub(crate) fn of(form: &Form) -> Option<Self> {
        form.filled("code_challenge").map(|value| Self {
            value: value.to_owned(),
            hashed: form.value("code_challenge_method") == Some("S256"),
        })
    }

    /// Whether `verifier` is what the challenge was made of.
    pub(crate) fn is_met_by(&self, verifier: &str) -> bool {
        let hashed = || URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
        let answer = if self.hashed { hashed() } else { verifier.to_owned() };
        answer == self.value
    }
}

/// The redirect address with what the client is to be told, and with its `state`.
pub(crate) fn redirect_to(redirect_uri: &str, told: &[(&str, &str)], state: Option<&str>) -> String {
    let mut location = redirect_uri.to_owned();
    for (name, value) in told.iter().copied().chain(state.map(|state| ("state", state))) {
        location.push(if location.contains('?') { '&' } else { '?' });
        location.push_str(name);
        location.push('=');
        location.push_str(&crate::form::encode(value));
    }
    location
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_appendix_b_is_met() {
        let form = Form::parse(
            "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
        );
        let challenge = Challenge::of(&form).expect("it has one");
        assert!(challenge.is_met_by("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert!(!challenge.is_met_by("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
        let plain = Challenge::of(&Form::parse("code_challenge=abc&code_challenge_method=plain"));
        assert!(plain.is_some_and(|plain| plain.is_met_by("abc")));
    }

    #[test]
    fn a_redirect_keeps_the_query_the_address_has() {
        let told = [("code", "a b"), ("x", "y")];
        assert_eq!(
            redirect_to("https://a.example/cb?i=1", &told, Some("s")),
            "https://a.example/cb?i=1&code=a%20b&x=y&state=s"
        );
    }
}
