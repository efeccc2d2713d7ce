//! Whether address and token work, and whose token it is (<https://docs.slack.dev/reference/methods/auth.test>).

use connector_core::{
    connector::Checked,
    error::{Error, Kind, Result},
    http::{Cx, Reply},
};
use http::Method;
use serde_json::Value;

use crate::{errors, oauth::AUTH_TEST};

/// Asks whose token it is, where the instance may call Slack's Web API (a consent, not a token out of the
/// configuration), then reads one user: `ServiceProviderConfigs` answers without a valid token and proves nothing.
pub(crate) async fn check(cx: &Cx<'_>) -> Result<Checked> {
    let mut checked = Checked::default();
    if cx.has_endpoint(AUTH_TEST) {
        let reply = cx
            .call_at(AUTH_TEST, Method::POST, &[])?
            .repeatable()
            .operation("auth.test")
            .send(web_api_failure)
            .await?;
        let answer: Value = reply.json()?;
        checked = read(&answer, reply.header("x-oauth-scopes"));
    }
    cx.call(Method::GET, &["Users"]).query("count", "1").operation("check").send(errors::failure).await?;
    Ok(checked)
}

/// The Web API answers failures with 200 and `ok: false`.
fn web_api_failure(reply: &Reply) -> Option<Error> {
    let answer: Value = match reply.json() {
        Ok(answer) => answer,
        Err(error) => return reply.status_failure().or(Some(error)),
    };
    if answer["ok"] == true {
        return None;
    }
    let code = answer["error"].as_str().unwrap_or_default();
    let error = match code {
        "not_authed" | "invalid_auth" | "token_revoked" | "token_expired" | "account_inactive" => {
            Error::new(Kind::TargetCredential, "Slack refuses the token")
        }
        "ratelimited" | "fatal_error" | "internal_error" | "request_timeout" | "service_unavailable" => {
            Error::new(Kind::Unavailable, "Slack cannot answer just now")
        }
        _ => reply.status_failure().unwrap_or_else(|| Error::new(Kind::OddAnswer, "Slack's Web API refuses")),
    };
    Some(if code.is_empty() { error } else { error.vendor_code(reply.quote(code)) })
}

fn read(answer: &Value, scopes: Option<&str>) -> Checked {
    let text = |name: &str| answer[name].as_str();
    let named = |name: Option<&str>, id: Option<&str>| match (name, id) {
        (Some(name), Some(id)) => Some(format!("{name} ({id})")),
        (name, id) => name.or(id).map(ToOwned::to_owned),
    };
    let mut problems = Vec::new();
    let organization_id = text("enterprise_id").or_else(|| text("team_id").filter(|id| id.starts_with('E')));
    if answer["is_enterprise_install"] != true && !text("team_id").is_some_and(|id| id.starts_with('E')) {
        problems.push(format!(
            "the token belongs to the workspace {}: remove the app there and install it on the organisation",
            named(text("team"), text("team_id")).unwrap_or_default()
        ));
    }
    if scopes.is_some_and(|scopes| !scopes.split(',').any(|scope| scope.trim() == "admin")) {
        problems
            .push("the token lacks the user scope `admin`: add it to the app and consent again".to_owned());
    }
    Checked {
        account: named(text("user"), text("user_id")),
        organization: named(text("team"), organization_id),
        problems,
        notes: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_of_the_organisation_is_told_with_its_names() {
        let answer = json!({
            "ok": true, "team": "Acme Org", "user": "svc.scim", "team_id": "E0EXAMPLE", "user_id": "U0OWNER",
            "enterprise_id": "E0EXAMPLE", "is_enterprise_install": true,
        });
        let checked = read(&answer, Some("admin,identify"));
        assert_eq!(checked.account.as_deref(), Some("svc.scim (U0OWNER)"));
        assert_eq!(checked.organization.as_deref(), Some("Acme Org (E0EXAMPLE)"));
        assert!(checked.problems.is_empty(), "{checked:?}");
    }

    #[test]
    fn a_workspace_token_and_a_missing_scope_are_problems() {
        let answer = json!({ "ok": true, "team": "Acme London", "team_id": "T0EXAMPLE" });
        let problems = read(&answer, Some("identify")).problems;
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].contains("the workspace Acme London (T0EXAMPLE)"), "{problems:?}");
        assert!(problems[1].contains("`admin`"), "{problems:?}");
    }
}
