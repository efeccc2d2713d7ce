//! Pages for people: the consent with its choice of who consents to what, and the front page.

use super::oauth::Request;
use super::options::Consenter;
use super::state::State;
use crate::harness::Reply;
use crate::page::{escape, hidden, page};

/// What the form must send back of the request.
const KEPT: [&str; 7] = [
    "client_id",
    "response_type",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
];

/// The consent: who is signed in, and which of the requested scopes are granted.
pub(super) fn consent(state: &State, request: &Request<'_>) -> String {
    let people: Vec<String> = Consenter::ALL
        .into_iter()
        .map(|consenter| {
            let selected = if consenter == state.options.consenter { " selected" } else { "" };
            let name = state.org.person_by_uuid(state.cast.uuid(consenter)).map_or("", |p| &p.display_name);
            let (word, role) = (consenter.word(), consenter.role());
            format!("<option value=\"{word}\"{selected}>{} ({role})</option>", escape(name))
        })
        .collect();
    let scopes: Vec<String> = request
        .scopes
        .iter()
        .map(|scope| {
            let scope = escape(scope);
            format!("<label><input type=checkbox name=grant value=\"{scope}\" checked> <code>{scope}</code></label>")
        })
        .collect();
    let (people, scopes, hidden) = (people.concat(), scopes.concat(), hidden(request.form.pairs(), &KEPT));
    page(
        "Permission",
        &format!(
            "<form method=post action=\"/v1/authorize\">{hidden}<input type=hidden name=choose value=1>\
             <h1>The integration wants to access your Webex account</h1>\
             <fieldset><legend>Signed in as</legend>\
             <select name=person aria-label=\"Signed in as\">{people}</select></fieldset>\
             <fieldset><legend>It will be able to use</legend>{scopes}</fieldset>\
             <button name=decision value=allow>Accept</button>\
             <button name=decision value=deny>Deny</button></form>"
        ),
    )
}

/// After the logout.
pub(super) fn signed_out() -> String {
    page("Signed out", "<h1>You are signed out</h1>")
}

/// The front page, for people who open the address.
pub(super) fn front(state: &State) -> Reply {
    let body = format!(
        "<h1>A stand-in of Webex</h1><p>{} people and {} teams at <code>{}</code>.</p><p>Look at \
         <a href=\"/_sandbox/requests\">requests</a> and <a href=\"/_sandbox/options\">options</a>.</p>",
        state.org.people.len(),
        state.org.teams.len(),
        escape(&state.org.api_url)
    );
    Reply::html(200, page("A stand-in of Webex", &body))
}
