//! Webex's authorization server for integrations (<https://developer.webex.com/docs/integrations>): RFC 6749, whose
//! failures may come wrapped in the form of the API's own.

use std::time::Duration;

use connector_core::oauth::{ClientAuthentication, OAuthSpec, Revocation, TokenAnswer, read_rfc6749};
use serde_json::Value;

pub(crate) static OAUTH: OAuthSpec = OAuthSpec {
    authorize_url: "https://webexapis.com/v1/authorize",
    token_url: "https://webexapis.com/v1/access_token",
    revocation: Revocation::Rfc7009 { url: "https://idbroker.webex.com/idb/oauth2/v1/revoke" },
    siblings: &[],
    scopes: &[
        "spark:team_memberships_read",
        "spark:team_memberships_write",
        "spark:teams_read",
        "spark:teams_write",
        "spark-admin:licenses_read",
        "spark-admin:organizations_read",
        "spark-admin:people_read",
        "spark-admin:people_write",
        "spark-admin:roles_read",
    ],
    scope_parameter: "scope",
    scope_separator: " ",
    advice: &[
        "Be signed in to Webex as a Full Administrator of the organisation, best with a service account: the access \
         ends with that account or its role.",
        "Only the teams this account is a member of can be managed: make it a moderator of each.",
    ],
    pkce: true,
    client_authentication: ClientAuthentication::Body,
    read,
    // Access tokens live 14 days; the answer says so each time.
    refresh_ahead: Duration::from_hours(24),
    // Refresh tokens die after 90 days without a refresh; using the access token does not count.
    refresh_idle: Some(Duration::from_hours(30 * 24)),
};

/// The form of RFC 6749, or `{"message":"POST failed: … error = '…'","errors":[…],"trackingId":"…"}`, whose words are not
/// documented: there the status decides.
fn read(status: u16, answer: &Value) -> TokenAnswer {
    let code = match read_rfc6749(status, answer) {
        TokenAnswer::Granted(granted) => return TokenAnswer::Granted(granted),
        TokenAnswer::Refused { error, .. } => error,
    };
    let error = match (code.as_str(), status) {
        ("server_error" | "temporarily_unavailable", _) => "temporarily_unavailable",
        // About the registration, not about the grant: consenting again would not help.
        ("invalid_client" | "unauthorized_client" | "unsupported_grant_type" | "invalid_scope", _) => &*code,
        ("invalid_grant", _) | (_, 400 | 401) => "invalid_grant",
        ("invalid_answer", 200..=299) => "invalid_answer",
        _ => "temporarily_unavailable",
    };
    TokenAnswer::Refused {
        error: error.to_owned(),
        description: format!("Webex says {}", said(status, answer)),
    }
}

/// What Webex says, in either form, with the id its support asks for.
fn said(status: u16, answer: &Value) -> String {
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(ToOwned::to_owned);
    let words = match (text(&answer["error"]), text(&answer["error_description"])) {
        (Some(code), Some(words)) => format!("{code}: {words}"),
        (code, words) => words
            .or(code)
            .or_else(|| text(&answer["message"]))
            .unwrap_or_else(|| format!("nothing with status {status}")),
    };
    match text(&answer["trackingId"]).or_else(|| text(&answer["trackingID"])) {
        Some(id) => format!("{words} [tracking id {id}]"),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use connector_core::{oauth::Granted, secret::Secret};
    use serde_json::json;

    use super::*;

    fn granted(answer: &Value) -> Box<Granted> {
        match read(200, answer) {
            TokenAnswer::Granted(granted) => granted,
            TokenAnswer::Refused { error, description } => panic!("{error}: {description}"),
        }
    }

    fn refused(status: u16, answer: &Value) -> (String, String) {
        match read(status, answer) {
            TokenAnswer::Granted(_) => panic!("{answer} grants nothing"),
            TokenAnswer::Refused { error, description } => (error, description),
        }
    }

    #[test]
    fn lifetimes_are_those_of_the_answer() {
        let whole = granted(&json!({
            "access_token": "a", "token_type": "Bearer", "expires_in": 1_209_599, "refresh_token": "r",
            "refresh_token_expires_in": 7_775_999, "scope": "spark-admin:people_read spark:teams_read",
        }));
        assert_eq!((whole.expires_in, whole.refresh_token_expires_in), (Some(1_209_599), Some(7_775_999)));
        assert_eq!(whole.scopes.as_deref().map(<[_]>::len), Some(2));
        let short = granted(&json!({ "access_token": "a", "expires_in": 43_199 }));
        assert_eq!((short.expires_in, &short.scopes), (Some(43_199), &None), "type and scope are optional");
        assert_eq!(short.refresh_token.as_ref().map(Secret::expose), None, "the old one stays");
    }

    #[test]
    fn the_broker_s_own_names_are_kept_where_the_registration_is_at_fault() {
        for (status, error) in [(401, "invalid_client"), (400, "unauthorized_client"), (400, "invalid_scope")]
        {
            let answer = json!({ "error": error, "error_description": "no" });
            assert_eq!(refused(status, &answer), (error.to_owned(), format!("Webex says {error}: no")));
        }
    }

    #[test]
    fn any_other_400_or_401_means_that_the_consent_is_lost() {
        let wrapped = json!({
            "message": "POST failed: HTTP/1.1 400 Bad Request (url = …, error = 'something')",
            "errors": [{ "description": "…" }], "trackingId": "ROUTER_1",
        });
        for answer in
            [wrapped.clone(), json!({ "error": "invalid_grant" }), json!({ "error": "new_word" }), json!({})]
        {
            for status in [400, 401] {
                assert_eq!(refused(status, &answer).0, "invalid_grant", "{status} {answer}");
            }
        }
        let (_, description) = refused(400, &wrapped);
        assert!(
            description.contains("POST failed") && description.ends_with("[tracking id ROUTER_1]"),
            "{description}"
        );
    }

    #[test]
    fn what_says_nothing_about_the_grant_does_not_end_it() {
        for status in [403, 404, 423] {
            let answer = json!({ "message": "no" });
            assert_eq!(refused(status, &answer).0, "temporarily_unavailable", "{status}");
        }
        assert_eq!(refused(400, &json!({ "error": "server_error" })).0, "temporarily_unavailable");
        assert_eq!(refused(200, &json!({ "token": "?" })).0, "invalid_answer");
    }
}
