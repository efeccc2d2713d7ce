//! The consent: an authorize page for people, and codes of one use and a short life.

use std::collections::HashMap;

use super::model::Rank;
use super::pages;
use super::state::State;
use super::token::{Grant, Install};
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
    redirect_uri: Option<String>,
    challenge: Option<Challenge>,
    given_ms: i64,
    used: bool,
}

impl Codes {
    pub(super) fn new(rng: Rng) -> Self {
        Self { codes: HashMap::new(), rng }
    }
}

/// An authorize request that can be shown, granted or cancelled.
pub(super) struct Request<'a> {
    pub(super) form: &'a Form,
    pub(super) scopes: String,
    redirect_uri: String,
}

/// The authorize page: GET shows it, POST is the button pressed.
pub(super) fn authorize(state: &mut State, call: &Call, now_ms: i64) -> Reply {
    let form = if call.method == "POST" { call.form() } else { call.query() };
    let request = match check(state, &form) {
        Ok(request) => request,
        Err((error, text)) => return Reply::html(400, problem(error, text)),
    };
    match (call.method.as_str(), form.value("decision")) {
        ("GET", _) => Reply::html(200, pages::consent(state, &request)),
        ("POST", Some("allow")) => allow(state, &request, now_ms),
        ("POST", Some("cancel")) => redirect(&request, "error", "access_denied"),
        ("POST", _) => Reply::html(400, problem("no decision", "Press Allow or Cancel.")),
        _ => Reply::html(405, problem("no such verb", "This page can be read and sent back.")),
    }
}

fn check<'a>(state: &State, form: &'a Form) -> Result<Request<'a>, (&'static str, &'static str)> {
    if form.value("client_id") != Some(&state.client_id) {
        return Err(("invalid_client_id", "No app has this client id."));
    }
    let allowed = &state.options.redirect_urls;
    let given = form.filled("redirect_uri").map(str::to_owned);
    let redirect_uri = given.or_else(|| allowed.first().cloned()).unwrap_or_default();
    let is_web = redirect_uri.starts_with("http://") || redirect_uri.starts_with("https://");
    let is_allowed = allowed.is_empty() || allowed.iter().any(|url| is_at_or_below(&redirect_uri, url));
    if !is_web || redirect_uri.contains('#') || !is_allowed {
        return Err(("bad_redirect_uri", "The redirect address does not match one configured for the app."));
    }
    // `admin` does not exist for bot tokens, and this app asks for nothing else of a bot.
    let scopes = form.value("user_scope").unwrap_or_default().to_owned();
    let is_scope = |scope: &str| {
        !scope.is_empty() && scope.chars().all(|c| c.is_ascii_lowercase() || c == ':' || c == '.')
    };
    if form.filled("scope").is_some() || (!scopes.is_empty() && !scopes.split(',').all(is_scope)) {
        return Err((
            "invalid_scope",
            "The app asks for a scope that does not exist for this kind of token.",
        ));
    }
    Ok(Request { form, scopes, redirect_uri })
}

/// Whether `url` is `base` or something below it.
fn is_at_or_below(url: &str, base: &str) -> bool {
    let rest = url.strip_prefix(base.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

fn allow(state: &mut State, request: &Request<'_>, now_ms: i64) -> Reply {
    let form = request.form;
    let team = form.filled("team").unwrap_or(super::token::ENTERPRISE_TEAM.0);
    let Some(install) = Install::parse(team) else {
        return Reply::html(400, problem("no such team", "Choose an organisation or workspace."));
    };
    let owner = || state.org.users.iter().position(|user| user.rank == Rank::Owner);
    let user = form.filled("user").map_or_else(owner, |id| state.org.user_at(id));
    let Some(user) = user.filter(|at| state.org.users[*at].active) else {
        return Reply::html(400, problem("cannot sign in", "No active account has this id."));
    };
    let rank = state.org.users[user].rank;
    if install == Install::Organisation && rank < Rank::Owner {
        let text = "Only an Org Owner can install an app on the whole organisation.";
        return Reply::html(403, problem("not an owner", text));
    }
    if rank < Rank::Admin {
        return Reply::html(403, problem("not an admin", "Only admins and owners can install this app."));
    }
    if !state.options.distributed {
        let text = "The app has not been distributed, so it can only be installed where it was made.";
        return Reply::html(400, problem("invalid_team_for_non_distributed_app", text));
    }
    let code = format!(
        "{}.{}",
        state.codes.rng.word("0123456789", 12),
        state.codes.rng.word("0123456789abcdef", 32)
    );
    state.codes.codes.insert(
        code.clone(),
        Code {
            grant: Grant { user, scopes: request.scopes.clone(), install },
            redirect_uri: form.filled("redirect_uri").map(str::to_owned),
            challenge: Challenge::of(form),
            given_ms: now_ms,
            used: false,
        },
    );
    redirect(request, "code", &code)
}

fn redirect(request: &Request<'_>, name: &str, value: &str) -> Reply {
    let location = redirect_to(&request.redirect_uri, &[(name, value)], request.form.value("state"));
    Reply::empty(302).header("location", location)
}

/// Takes a code back for the grant behind it.
pub(super) fn redeem(state: &mut State, form: &Form, now_ms: i64) -> Result<Grant, &'static str> {
    let code = form.value("code").and_then(|code| state.codes.codes.get_mut(code)).ok_or("invalid_code")?;
    if code.used {
        return Err("code_already_used");
    }
    let life_ms = i64::try_from(state.options.code_life_secs).unwrap_or(i64::MAX / 4000) * 1000;
    if now_ms - code.given_ms >= life_ms {
        return Err("invalid_code");
    }
    if code.redirect_uri.as_deref() != form.filled("redirect_uri") {
        return Err("bad_redirect_uri");
    }
    let verifier = form.value("code_verifier").unwrap_or_default();
    if code.challenge.as_ref().is_some_and(|challenge| !challenge.is_met_by(verifier)) {
        return Err("invalid_code");
    }
    code.used = true;
    if code.grant.scopes.is_empty() {
        return Err("no_scopes");
    }
    Ok(code.grant.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_address_may_be_below_the_configured_one_but_not_beside_it() {
        assert!(is_at_or_below("https://a.example/cb", "https://a.example/cb"));
        assert!(is_at_or_below("https://a.example/cb/x?y", "https://a.example/cb/"));
        assert!(!is_at_or_below("https://a.example/cbx", "https://a.example/cb"));
        assert!(!is_at_or_below("https://a.example.evil/cb", "https://a.example"));
    }
}
