//! Slack's authorization server (<https://docs.slack.dev/authentication/installing-with-oauth>), which answers failures
//! with 200 and puts a user token where RFC 6749 has none.

use std::time::Duration;

use connector_core::{
    oauth::{ClientAuthentication, Granted, OAuthSpec, Revocation, TokenAnswer, Unsuitable, split_scopes},
    secret::Secret,
};
use serde_json::Value;

/// The name of `auth.test` among the instance's addresses.
pub(crate) const AUTH_TEST: &str = "auth.test";

pub(crate) static OAUTH: OAuthSpec = OAuthSpec {
    authorize_url: "https://slack.com/oauth/v2/authorize",
    token_url: "https://slack.com/api/oauth.v2.access",
    revocation: Revocation::Bearer { sibling: "auth.revoke", revoked: |answer| answer["revoked"] == true },
    siblings: &[(AUTH_TEST, "auth.test")],
    scopes: &["admin"],
    scope_parameter: "user_scope",
    scope_separator: ",",
    advice: &[
        "Be signed in to Slack as an Org Owner of the Enterprise Grid organisation, best with a service account: the \
         access ends when that account is deactivated.",
        "On Slack's page, choose the organisation, not a workspace, in the drop-down in the upper right corner.",
    ],
    pkce: true,
    client_authentication: ClientAuthentication::Basic,
    read,
    // Rotated tokens live twelve hours; Slack's own SDKs refresh two hours before the end.
    refresh_ahead: Duration::from_hours(2),
    refresh_idle: None,
};

/// A first exchange has the user token in `authed_user`, a refresh has it at the top.
fn read(_: u16, answer: &Value) -> TokenAnswer {
    if answer["ok"] != true {
        return refused(answer["error"].as_str().unwrap_or("no error code"));
    }
    let user = &answer["authed_user"];
    let holder = if user["access_token"].is_string() { user } else { answer };
    let text = |name: &str| holder[name].as_str().filter(|text| !text.is_empty());
    let Some(token) = text("access_token") else {
        return TokenAnswer::Refused {
            error: "invalid_answer".to_owned(),
            description: "Slack granted no user token: the app lacks the user-token scope `admin`".to_owned(),
        };
    };
    TokenAnswer::Granted(Box::new(Granted {
        access_token: Secret::new(token),
        refresh_token: text("refresh_token").map(Secret::new),
        expires_in: holder["expires_in"].as_u64(),
        refresh_token_expires_in: None,
        scopes: text("scope").map(split_scopes),
        account: user["id"].as_str().map(ToOwned::to_owned),
        organization: named(&answer["enterprise"]),
        unsuitable: workspace_install(answer),
    }))
}

/// Only an install on the organisation serves SCIM; one on a workspace answers `non_org_teams_only`.
fn workspace_install(answer: &Value) -> Option<Unsuitable> {
    let enterprise = answer["enterprise"]["id"].as_str().filter(|id| id.starts_with('E'));
    if answer["is_enterprise_install"] == true && answer["team"].is_null() && enterprise.is_some() {
        return None;
    }
    let workspace = named(&answer["team"]).unwrap_or_else(|| "a workspace".to_owned());
    let choose = match named(&answer["enterprise"]) {
        Some(organization) => format!("the organisation {organization}"),
        None => {
            return Some(Unsuitable {
                reason: format!("The app was installed on {workspace}, which belongs to no organisation."),
                steps: vec![
                    "SCIM needs Slack Enterprise Grid. Sign in to Slack as an Org Owner of your Enterprise Grid \
                     organisation."
                        .to_owned(),
                    "The next time, choose the organisation, not a workspace, in the drop-down in the upper right \
                     corner of Slack's page."
                        .to_owned(),
                ],
            });
        }
    };
    Some(Unsuitable {
        reason: format!("The app was installed on the workspace {workspace}, not on {choose}."),
        steps: vec![
            format!("In Slack, remove the app from the workspace {workspace}."),
            "Sign in to Slack as an Org Owner: nobody else is offered the organisation.".to_owned(),
            format!(
                "The next time, choose {choose}, not a workspace, in the drop-down in the upper right corner of Slack's \
                 page."
            ),
        ],
    })
}

fn named(object: &Value) -> Option<String> {
    match (object["name"].as_str(), object["id"].as_str()) {
        (Some(name), Some(id)) => Some(format!("{name} ({id})")),
        (name, id) => name.or(id).map(ToOwned::to_owned),
    }
}

/// Slack's codes in the words of RFC 6749 section 5.2.
fn refused(code: &str) -> TokenAnswer {
    let error = match code {
        "invalid_client_id" | "bad_client_secret" => "invalid_client",
        "invalid_code"
        | "code_already_used"
        | "bad_redirect_uri"
        | "invalid_refresh_token"
        | "oauth_authorization_url_mismatch"
        | "token_revoked"
        | "token_expired"
        | "account_inactive" => "invalid_grant",
        "no_scopes" => "invalid_scope",
        "invalid_grant_type" => "unsupported_grant_type",
        "cannot_install_an_org_installed_app" | "preview_feature_not_available" | "user_email_unverified" => {
            "unauthorized_client"
        }
        "fatal_error" | "internal_error" | "ratelimited" | "request_timeout" | "service_unavailable" => {
            "temporarily_unavailable"
        }
        _ => "invalid_request",
    };
    TokenAnswer::Refused { error: error.to_owned(), description: format!("Slack says {code}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn granted(answer: &Value) -> Box<Granted> {
        match read(200, answer) {
            TokenAnswer::Granted(granted) => granted,
            TokenAnswer::Refused { error, description } => panic!("{error}: {description}"),
        }
    }

    fn install(team: &Value, enterprise: &Value, on_organization: bool) -> Value {
        json!({
            "ok": true, "app_id": "A0EXAMPLE", "team": team, "enterprise": enterprise,
            "is_enterprise_install": on_organization,
            "authed_user": { "id": "U0OWNER", "scope": "admin", "access_token": "xoxp-1", "token_type": "user" },
        })
    }

    #[test]
    fn the_user_token_of_an_organisation_install_is_found() {
        let answer = install(&Value::Null, &json!({ "id": "E0EXAMPLE", "name": "Acme Org" }), true);
        let granted = granted(&answer);
        assert_eq!(granted.access_token.expose(), "xoxp-1");
        assert_eq!(granted.organization.as_deref(), Some("Acme Org (E0EXAMPLE)"));
        assert_eq!(granted.account.as_deref(), Some("U0OWNER"));
        assert_eq!((granted.expires_in, &granted.unsuitable), (None, &None));
    }

    #[test]
    fn a_workspace_install_is_told_with_the_way_out() {
        let team = json!({ "id": "T0EXAMPLE", "name": "Acme London" });
        let within = install(&team, &json!({ "id": "E0EXAMPLE", "name": "Acme Org" }), false);
        let unsuitable = granted(&within).unsuitable.unwrap();
        assert!(unsuitable.reason.contains("workspace Acme London (T0EXAMPLE)"), "{unsuitable:?}");
        assert!(unsuitable.steps[2].contains("Acme Org (E0EXAMPLE)"), "{unsuitable:?}");
        assert!(unsuitable.steps[2].contains("upper right corner"), "{unsuitable:?}");
        let alone = granted(&install(&team, &Value::Null, false)).unsuitable.unwrap();
        assert!(alone.reason.contains("belongs to no organisation"), "{alone:?}");
    }

    #[test]
    fn a_refresh_has_the_token_at_the_top() {
        let granted = granted(&json!({
            "ok": true, "scope": "admin", "token_type": "user", "access_token": "xoxe.xoxp-1-2",
            "refresh_token": "xoxe-1-2", "expires_in": 43200, "team": null,
            "enterprise": { "id": "E0EXAMPLE" }, "is_enterprise_install": true,
        }));
        assert_eq!(granted.access_token.expose(), "xoxe.xoxp-1-2");
        assert_eq!(granted.refresh_token.unwrap().expose(), "xoxe-1-2");
        assert_eq!(granted.expires_in, Some(43200));
    }

    #[test]
    fn failures_speak_rfc_6749() {
        for (slack, rfc) in [
            ("invalid_code", "invalid_grant"),
            ("invalid_refresh_token", "invalid_grant"),
            ("bad_client_secret", "invalid_client"),
            ("ratelimited", "temporarily_unavailable"),
            ("something_new", "invalid_request"),
        ] {
            let TokenAnswer::Refused { error, description } =
                read(200, &json!({ "ok": false, "error": slack }))
            else {
                panic!("{slack}")
            };
            assert_eq!(error, rfc, "{slack}");
            assert!(description.contains(slack));
        }
        assert!(matches!(read(200, &json!({ "ok": true })), TokenAnswer::Refused { .. }));
    }
}
