//! What a connector declares about its vendor's authorization server (RFC 6749), as data and one pure function.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::secret::Secret;

/// Endpoints and habits of a vendor's authorization server.
#[derive(Debug)]
pub struct OAuthSpec {
    /// Where the administrator's browser is sent.
    pub authorize_url: &'static str,
    /// Where codes and refresh tokens are exchanged.
    pub token_url: &'static str,
    /// How a token is given back.
    pub revocation: Revocation,
    /// Further endpoints that stand beside the token endpoint: a name for [`crate::http::Cx::call_at`] and the last
    /// segment of the path.
    pub siblings: &'static [(&'static str, &'static str)],
    /// Scopes to ask for, as the vendor writes them. All of them must be granted.
    pub scopes: &'static [&'static str],
    /// The authorize parameter that carries the scopes (`scope`, Slack: `user_scope`).
    pub scope_parameter: &'static str,
    /// What stands between two scopes in that parameter.
    pub scope_separator: &'static str,
    /// For the administrator, before the vendor's page opens: who to be signed in as, what to choose there. Text between
    /// backticks is code.
    pub advice: &'static [&'static str],
    /// Whether the vendor takes PKCE (RFC 7636, `S256`).
    pub pkce: bool,
    /// How this host proves at the token endpoint that it is the client.
    pub client_authentication: ClientAuthentication,
    /// Reads the token endpoint's answer, its status and its JSON, of an exchange as of a refresh, in the terms of RFC
    /// 6749 section 5. Never called for 429 and 5xx, which say nothing about the grant.
    pub read: fn(u16, &Value) -> TokenAnswer,
    /// Refresh when less than this of an access token's life is left.
    pub refresh_ahead: Duration,
    /// Refresh at least this often, where refresh tokens die of disuse.
    pub refresh_idle: Option<Duration>,
}

/// Client authentication at the token endpoint (RFC 6749 section 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// `Authorization: Basic …`.
    Basic,
    /// `client_id` and `client_secret` in the form.
    Body,
}

/// How a token is given back.
#[derive(Debug, Clone, Copy)]
pub enum Revocation {
    /// The token ends itself: a POST that carries it as bearer, to this sibling of the token endpoint. The function reads
    /// from the answer whether it is revoked.
    Bearer {
        /// Last segment of the path.
        sibling: &'static str,
        /// Whether the answer says so.
        revoked: fn(&Value) -> bool,
    },
    /// RFC 7009, with the client authenticated by Basic.
    Rfc7009 {
        /// The usual address.
        url: &'static str,
    },
}

/// What the token endpoint says, in the terms of RFC 6749 section 5.
#[derive(Debug, Clone)]
pub enum TokenAnswer {
    /// Section 5.1.
    Granted(Box<Granted>),
    /// Section 5.2. The code is one of that section's, or `temporarily_unavailable`: a vendor's own codes are translated, so
    /// that `invalid_grant` alone means that the consent is lost.
    Refused {
        /// The code.
        error: String,
        /// The vendor's words, its own code among them.
        description: String,
    },
}

/// A token answer's content.
#[derive(Debug, Clone, Default)]
pub struct Granted {
    /// The access token.
    pub access_token: Secret,
    /// A new refresh token; without one an earlier one stays.
    pub refresh_token: Option<Secret>,
    /// Life of the access token, in seconds; `None` means that it does not end.
    pub expires_in: Option<u64>,
    /// Life of the refresh token, in seconds.
    pub refresh_token_expires_in: Option<u64>,
    /// The scopes granted, where the answer says.
    pub scopes: Option<Vec<String>>,
    /// Who consented, where the answer says.
    pub account: Option<String>,
    /// For which organisation, where the answer says.
    pub organization: Option<String>,
    /// Why this grant is of no use although the vendor gave it, for the administrator who stands before the page: it is
    /// given back at once and never kept.
    pub unsuitable: Option<Unsuitable>,
}

/// A grant that is of no use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsuitable {
    /// What went wrong, as a sentence.
    pub reason: String,
    /// What to do, step by step.
    pub steps: Vec<String>,
}

/// Reads an answer that follows RFC 6749 as it stands: what [`OAuthSpec::read`] is for a vendor without habits.
pub fn read_rfc6749(_: u16, answer: &Value) -> TokenAnswer {
    let text = |name: &str| answer[name].as_str().map(ToOwned::to_owned);
    let seconds = |name: &str| {
        let value = &answer[name];
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    };
    match text("access_token").filter(|token| !token.is_empty()) {
        Some(token) => TokenAnswer::Granted(Box::new(Granted {
            access_token: Secret::new(token),
            refresh_token: text("refresh_token").filter(|token| !token.is_empty()).map(Secret::new),
            expires_in: seconds("expires_in"),
            refresh_token_expires_in: seconds("refresh_token_expires_in"),
            scopes: text("scope").map(|scope| split_scopes(&scope)),
            ..Granted::default()
        })),
        None => TokenAnswer::Refused {
            error: text("error").unwrap_or_else(|| "invalid_answer".to_owned()),
            description: text("error_description").unwrap_or_default(),
        },
    }
}

/// The scopes of a list with spaces or commas between them.
pub fn split_scopes(list: &str) -> Vec<String> {
    list.split([' ', ',']).filter(|scope| !scope.is_empty()).map(ToOwned::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_plain_answer_is_read_as_it_stands() {
        let answer = json!({
            "access_token": "a", "refresh_token": "r", "expires_in": 1_209_599,
            "refresh_token_expires_in": "7775999", "scope": "one two",
        });
        let TokenAnswer::Granted(granted) = read_rfc6749(200, &answer) else { panic!("{answer}") };
        assert_eq!(granted.access_token.expose(), "a");
        assert_eq!(granted.refresh_token.as_ref().map(Secret::expose), Some("r"));
        assert_eq!(
            (granted.expires_in, granted.refresh_token_expires_in),
            (Some(1_209_599), Some(7_775_999))
        );
        assert_eq!(granted.scopes, Some(vec!["one".to_owned(), "two".to_owned()]));
    }

    #[test]
    fn an_answer_without_token_is_a_refusal() {
        for (answer, code) in [
            (json!({ "error": "invalid_grant" }), "invalid_grant"),
            (json!({ "access_token": "" }), "invalid_answer"),
            (json!([]), "invalid_answer"),
        ] {
            let TokenAnswer::Refused { error, .. } = read_rfc6749(400, &answer) else { panic!("{answer}") };
            assert_eq!(error, code);
        }
    }
}
