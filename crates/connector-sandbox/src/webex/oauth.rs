//! The consent and what follows: authorize page, codes of one use, token endpoint, revocation.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::error::Refusal;
use super::options::{BlockedIntegration, Consenter, TokenError};
use super::pages;
use super::state::State;
use super::token::{Grant, Pair, millis};
use crate::form::Form;
use crate::harness::{Call, Reply};
use crate::page::problem;
use crate::pkce::{Challenge, redirect_to};
use crate::rng::Rng;

/// Codes given out, used ones included.
pub(super) struct Codes {
    codes: HashMap<String, Code>,
    rng: Rng,
}

struct Code {
    grant: Grant,
    redirect_uri: String,
    challenge: Option<Challenge>,
    given_ms: i64,
    used: bool,
}

impl Codes {
    pub(super) fn new(rng: Rng) -> Self {
        Self { codes: HashMap::new(), rng }
    }
}

/// An authorize request that can be shown, granted or denied.
pub(super) struct Request<'a> {
    pub(super) form: &'a Form,
    pub(super) scopes: Vec<&'a str>,
    redirect_uri: &'a str,
}

impl Request<'_> {
    /// Sends the browser back.
    fn back(&self, told: &[(&str, &str)]) -> Reply {
        Reply::empty(302).header("location", redirect_to(self.redirect_uri, told, self.form.value("state")))
    }

    fn refused(&self, error: &str, description: &str) -> Reply {
        self.back(&[("error", error), ("error_description", description)])
    }
}

/// The authorize page: GET shows it, POST is the button pressed.
pub(super) fn authorize(state: &mut State, call: &Call, tracking_id: &str, now_ms: i64) -> Reply {
    let form = match call.method.as_str() {
        "GET" => call.query(),
        "POST" => call.form(),
        _ => return Reply::html(405, problem("no such verb", "This page can be read and sent back.")),
    };
    if form.value("client_id") != Some(&state.client_id) {
        return Reply::html(400, problem("invalid_client", "No integration has this client id."));
    }
    let redirect_uri = form.value("redirect_uri").unwrap_or_default();
    let registered = &state.options.redirect_uris;
    let is_web = redirect_uri.starts_with("http://") || redirect_uri.starts_with("https://");
    if !is_web || !(registered.is_empty() || registered.iter().any(|uri| uri == redirect_uri)) {
        let text = "The redirect URI in the request does not match a redirect URI of the integration.";
        return Reply::html(400, problem("redirect_uri_mismatch", text));
    }
    let scopes =
        form.value("scope").unwrap_or_default().split(' ').filter(|scope| !scope.is_empty()).collect();
    let request = Request { form: &form, scopes, redirect_uri };
    if let Some(refused) = refused(state, &request, tracking_id) {
        return refused;
    }
    if call.method == "GET" && !state.options.auto_consent {
        return Reply::html(200, pages::consent(state, &request));
    }
    match form.value("decision") {
        Some("allow") => allow(state, &request, now_ms),
        None if call.method == "GET" => allow(state, &request, now_ms),
        Some("deny") => request.refused("access_denied", "The resource owner denied the request."),
        _ => Reply::html(400, problem("no decision", "Press Accept or Deny.")),
    }
}

/// What is wrong with the request, told before any person is asked.
fn refused(state: &State, request: &Request<'_>, tracking_id: &str) -> Option<Reply> {
    let options = &state.options;
    if request.form.value("response_type") != Some("code") {
        return Some(request.refused("invalid_request", "response_type must be code"));
    }
    if request.form.value("code_challenge_method").is_some_and(|method| !["S256", "plain"].contains(&method))
    {
        return Some(request.refused("invalid_request", "code_challenge_method must be S256 or plain"));
    }
    let unknown = |scope: &&str| !options.registered_scopes.iter().any(|known| known == scope);
    if request.scopes.is_empty() || request.scopes.iter().any(unknown) {
        let text = "The requested scope is invalid.";
        if options.invalid_scope_as_json {
            let body =
                json!({"error": "invalid_scope", "error_description": text, "trackingID": tracking_id});
            return Some(Reply::json(400, body.to_string()));
        }
        return Some(request.refused("invalid_scope", text));
    }
    match options.blocked_integration {
        BlockedIntegration::No => None,
        BlockedIntegration::Page => {
            let text = "Your administrator does not let this integration be used.";
            Some(Reply::html(403, problem("access_denied", text)))
        }
        BlockedIntegration::Redirect => {
            Some(request.refused("access_denied", "The integration is blocked for this organization."))
        }
    }
}

fn allow(state: &mut State, request: &Request<'_>, now_ms: i64) -> Reply {
    let form = request.form;
    if state.options.consent_server_error {
        return request.refused("server_error", "The server encountered an unexpected condition.");
    }
    let consenter = match form.filled("person") {
        None => state.options.consenter,
        Some(word) => match serde_json::from_value(Value::from(word)) {
            Ok(consenter) => consenter,
            Err(_) => return Reply::html(400, problem("cannot sign in", "Nobody signs in by this name.")),
        },
    };
    let ticked: Vec<&str> = form.pairs().filter(|(name, _)| *name == "grant").map(|(_, v)| v).collect();
    let choosing = form.value("choose").is_some();
    let withheld = &state.options.withheld_scopes;
    let granted = |scope: &&&str| {
        (!choosing || ticked.contains(*scope)) && !withheld.iter().any(|withheld| withheld == **scope)
    };
    let scopes: Vec<String> = request.scopes.iter().filter(granted).map(ToString::to_string).collect();
    let for_administrators = scopes.iter().any(|scope| scope.starts_with("spark-admin:"));
    if consenter == Consenter::Member && for_administrators && state.options.members_refused_admin_scopes {
        return request.refused("invalid_scope", "The requested scope needs an administrator.");
    }
    let code = state.codes.rng.word("0123456789abcdef", 64);
    let grant = Grant { person: state.cast.uuid(consenter).to_owned(), scopes };
    let record = Code {
        grant,
        redirect_uri: request.redirect_uri.to_owned(),
        challenge: Challenge::of(form),
        given_ms: now_ms,
        used: false,
    };
    state.codes.codes.insert(code.clone(), record);
    request.back(&[("code", &code)])
}

/// An error of the token endpoint: status, name, description.
type Wrong = (u16, &'static str, &'static str);

/// The token endpoint, with a form or a JSON body.
pub(super) fn access_token(state: &mut State, call: &Call, tracking_id: &str, now_ms: i64) -> Reply {
    match exchange(state, call, now_ms) {
        Ok(pair) => Reply::json(200, answer(state, &pair).to_string()),
        Err(wrong) => token_error(state, &call.path, wrong, tracking_id),
    }
}

fn exchange(state: &mut State, call: &Call, now_ms: i64) -> Result<Pair, Wrong> {
    if call.method != "POST" {
        return Err((405, "invalid_request", "The token endpoint takes POST."));
    }
    let form = body(call).ok_or((400, "invalid_request", "The body must be a form or a JSON object."))?;
    check_client(state, call, &form)?;
    match form.value("grant_type") {
        Some("authorization_code") => {
            let grant = redeem(state, &form, now_ms)?;
            Ok(state.tokens.issue(grant, &state.options, now_ms))
        }
        Some("refresh_token") => {
            let token = form.filled("refresh_token");
            let token = token.ok_or((400, "invalid_request", "refresh_token is missing."))?;
            let refused =
                (400, "invalid_grant", "The refresh token provided is expired, revoked or invalid.");
            state.tokens.refresh(token, &state.options, now_ms).ok_or(refused)
        }
        Some(_) => Err((400, "unsupported_grant_type", "The grant type is not supported.")),
        None => Err((400, "invalid_request", "grant_type is missing.")),
    }
}

fn answer(state: &State, pair: &Pair) -> Value {
    let mut answer = json!({"access_token": pair.access, "expires_in": pair.expires_in});
    if !state.options.bare_token_answer {
        answer["token_type"] = json!("Bearer");
        answer["scope"] = json!(pair.grant.scopes.join(" "));
    }
    if let Some(refresh) = &pair.refresh {
        answer["refresh_token"] = json!(refresh);
        answer["refresh_token_expires_in"] = json!(pair.refresh_expires_in);
    }
    answer
}

fn token_error(state: &State, path: &str, wrong: Wrong, tracking_id: &str) -> Reply {
    let (status, error, description) = wrong;
    match state.options.token_error {
        TokenError::Broker => {
            let body = json!({"error": error, "error_description": description});
            Reply::json(status, body.to_string())
        }
        TokenError::Wrapped => {
            let reason = if status == 401 { "Unauthorized" } else { "Bad Request" };
            let message = format!(
                "POST failed: HTTP/1.1 {status} {reason} (url = https://idbroker.webex.com{path}, request/response \
                 TrackingId = {tracking_id}, error = '{error}: {description}')"
            );
            Refusal::new(status, message.clone()).because(message).reply(&state.options, tracking_id)
        }
    }
}

/// Client credentials by HTTP Basic, as the broker wants them, or in the body.
fn check_client(state: &State, call: &Call, form: &Form) -> Result<(), Wrong> {
    let basic = call.basic();
    let (id, secret) = match &basic {
        Some((id, secret)) => (Some(id.as_str()), Some(secret.as_str())),
        None => (form.value("client_id"), form.value("client_secret")),
    };
    if id != Some(&state.client_id) || secret != Some(&state.client_secret) {
        return Err((401, "invalid_client", "Client authentication failed."));
    }
    Ok(())
}

/// Takes a code back for the grant behind it.
fn redeem(state: &mut State, form: &Form, now_ms: i64) -> Result<Grant, Wrong> {
    let life_ms = millis(state.options.code_life_secs);
    let wrong = (400, "invalid_grant", "The authorization code is invalid, used or expired.");
    let code = form.value("code").and_then(|code| state.codes.codes.get_mut(code)).ok_or(wrong)?;
    if code.used || now_ms - code.given_ms >= life_ms {
        return Err(wrong);
    }
    if form.value("redirect_uri") != Some(&code.redirect_uri) {
        return Err((400, "invalid_grant", "The redirect URI is not that of the authorization request."));
    }
    let verifier = form.value("code_verifier").unwrap_or_default();
    if code.challenge.as_ref().is_some_and(|challenge| !challenge.is_met_by(verifier)) {
        return Err((400, "invalid_grant", "The code verifier does not match the code challenge."));
    }
    code.used = true;
    Ok(code.grant.clone())
}

/// The broker's revocation: Basic client authentication and the token in a form.
pub(super) fn revoke(state: &mut State, call: &Call, tracking_id: &str, now_ms: i64) -> Reply {
    let form = call.form();
    let checked = match call.basic() {
        Some(_) if call.method == "POST" => check_client(state, call, &form),
        Some(_) => Err((405, "invalid_request", "Revocation takes POST.")),
        None => Err((401, "invalid_client", "Client authentication failed.")),
    };
    let token = form.filled("token").ok_or((400, "invalid_request", "token is missing."));
    match checked.and(token) {
        // RFC 7009: a token that is unknown is as good as revoked.
        Ok(token) => {
            state.tokens.revoke(token, &state.options, now_ms);
            Reply::json(200, "{}")
        }
        Err(wrong) => token_error(state, &call.path, wrong, tracking_id),
    }
}

/// The browser's logout, which ends the token it names.
pub(super) fn logout(state: &mut State, call: &Call, now_ms: i64) -> Reply {
    if let Some(token) = call.query().filled("token") {
        state.tokens.revoke(token, &state.options, now_ms);
    }
    Reply::html(200, pages::signed_out())
}

fn body(call: &Call) -> Option<Form> {
    let json = call.content_type.as_deref().is_some_and(|kind| kind.starts_with("application/json"));
    if !json {
        return Some(call.form());
    }
    let Ok(Value::Object(members)) = serde_json::from_slice(&call.body) else { return None };
    let text = |(name, value): (String, Value)| value.as_str().map(|text| (name, text.to_owned()));
    members.into_iter().map(text).collect()
}
