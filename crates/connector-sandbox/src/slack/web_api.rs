//! The Web API methods around the credential: every answer is HTTP 200, and `ok` says whether it is good.

use serde_json::{Value, json};

use super::oauth;
use super::state::State;
use super::token::{Bad, EXPIRES_IN_SECS, Grant, Install, Pair, Token};
use crate::form::Form;
use crate::harness::{Call, Reply};

/// Answers `/api/{method}`.
pub(super) fn answer(state: &mut State, call: &Call, method: &str, now_ms: i64) -> Reply {
    let form = call.form();
    let answer = match method {
        "oauth.v2.access" => access(state, call, &form, now_ms),
        "oauth.v2.exchange" => exchange(state, call, &form, now_ms),
        "auth.test" | "auth.revoke" => return with_token(state, call, method, &form, now_ms),
        _ => Err("unknown_method"),
    };
    reply(answer)
}

fn reply(answer: Result<Value, &str>) -> Reply {
    let value = answer.unwrap_or_else(|error| json!({"ok": false, "error": error}));
    Reply::json(200, value.to_string().replace('/', "\\/"))
}

fn access(state: &mut State, call: &Call, form: &Form, now_ms: i64) -> Result<Value, &'static str> {
    check_client(state, call, form)?;
    match form.filled("grant_type") {
        None | Some("authorization_code") => {}
        Some("refresh_token") => {
            let token = form.filled("refresh_token").ok_or("invalid_refresh_token")?;
            let (grant, pair) =
                state.tokens.refresh(token, &state.options, now_ms).ok_or("invalid_refresh_token")?;
            return Ok(top_level(&grant, &pair));
        }
        Some(_) => return Err("invalid_grant_type"),
    }
    let grant = oauth::redeem(state, form, now_ms)?;
    let pair = state.tokens.issue(grant.clone(), &state.options, now_ms);
    let mut user = json!({
        "id": state.org.users[grant.user].id,
        "scope": grant.scopes,
        "access_token": pair.access,
        "token_type": "user",
    });
    if let Some(refresh) = pair.refresh {
        user["refresh_token"] = json!(refresh);
        user["expires_in"] = json!(EXPIRES_IN_SECS);
    }
    let mut answer = json!({"ok": true, "app_id": "A0SANDBOX1", "authed_user": user});
    add_install(&mut answer, grant.install);
    Ok(answer)
}

/// Turns a token that lives for ever into an expiring pair.
fn exchange(state: &mut State, call: &Call, form: &Form, now_ms: i64) -> Result<Value, &'static str> {
    check_client(state, call, form)?;
    if !state.options.token_rotation {
        return Err("token_rotation_not_enabled");
    }
    let old = form.filled("token").or(call.bearer()).ok_or("invalid_token")?;
    let token = state.tokens.check(Some(old), &state.org, now_ms).map_err(|_| "invalid_token")?;
    if token.expires_ms.is_some() {
        return Err("token_already_exchanged");
    }
    let grant = token.grant.clone();
    state.tokens.revoke(old, now_ms);
    let pair = state.tokens.issue(grant.clone(), &state.options, now_ms);
    Ok(top_level(&grant, &pair))
}

/// After a refresh a user token stands at the top level, unlike in the first exchange.
fn top_level(grant: &Grant, pair: &Pair) -> Value {
    let mut answer = json!({
        "ok": true,
        "app_id": "A0SANDBOX1",
        "scope": grant.scopes,
        "token_type": "user",
        "access_token": pair.access,
        "refresh_token": pair.refresh,
        "expires_in": EXPIRES_IN_SECS,
    });
    add_install(&mut answer, grant.install);
    answer
}

fn add_install(answer: &mut Value, install: Install) {
    let named = |pair: Option<(&str, &str)>| pair.map(|(id, name)| json!({"id": id, "name": name}));
    answer["team"] = json!(named(install.team()));
    answer["enterprise"] = json!(named(install.enterprise()));
    answer["is_enterprise_install"] = json!(install == Install::Organisation);
}

/// Client credentials by HTTP Basic, which is preferred, or in the body.
fn check_client(state: &State, call: &Call, form: &Form) -> Result<(), &'static str> {
    let basic = call.basic();
    let (id, secret) = match &basic {
        Some((id, secret)) => (Some(id.as_str()), Some(secret.as_str())),
        None => (form.value("client_id"), form.value("client_secret")),
    };
    if id != Some(&state.client_id) {
        return Err("invalid_client_id");
    }
    if secret != Some(&state.client_secret) {
        return Err("bad_client_secret");
    }
    Ok(())
}

fn with_token(state: &mut State, call: &Call, method: &str, form: &Form, now_ms: i64) -> Reply {
    let credential = call.bearer().or(form.filled("token"));
    let token = match state.tokens.check(credential, &state.org, now_ms) {
        Ok(token) => token,
        Err(bad) => {
            return reply(Err(match bad {
                Bad::Missing => "not_authed",
                Bad::Unknown => "invalid_auth",
                Bad::Revoked => "token_revoked",
                Bad::Expired => "token_expired",
                Bad::AccountInactive => "account_inactive",
            }));
        }
    };
    let scopes = token.grant.scopes.clone();
    let answer = if method == "auth.test" {
        identity(state, token, now_ms)
    } else {
        let dry_run = form.value("test").is_some_and(|test| ["1", "true"].contains(&test));
        if let Some(credential) = credential.filter(|_| !dry_run) {
            state.tokens.revoke(credential, now_ms);
        }
        json!({"ok": true, "revoked": !dry_run})
    };
    reply(Ok(answer)).header("x-oauth-scopes", scopes)
}

fn identity(state: &State, token: &Token, now_ms: i64) -> Value {
    let install = token.grant.install;
    let user = &state.org.users[token.grant.user];
    let enterprise = install.enterprise();
    let (team_id, team) = install.team().or(enterprise).unwrap_or_default();
    let mut answer = json!({
        "ok": true,
        "url": state.org.team_url,
        "team": team,
        "user": user.user_name,
        "team_id": team_id,
        "user_id": user.id,
    });
    if let Some((id, _)) = enterprise {
        answer["enterprise_id"] = json!(id);
    }
    answer["is_enterprise_install"] = json!(install == Install::Organisation);
    if let Some(expires_ms) = token.expires_ms {
        answer["expires_in"] = json!((expires_ms - now_ms) / 1000);
    }
    answer
}
