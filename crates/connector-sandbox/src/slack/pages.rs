//! Pages for people: the consent with its choice of organisation or workspace, and what went wrong.

use super::model::Rank;
use super::oauth::Request;
use super::state::State;
use super::token::{ENTERPRISE_TEAM, LONE_WORKSPACE, WORKSPACES};
use crate::harness::Reply;
use crate::page::{escape, hidden, page};

/// The consent. The organisation or workspace is chosen in the upper right corner, as in the real one.
pub(super) fn consent(state: &State, request: &Request<'_>) -> String {
    let wanted = request.form.value("team").unwrap_or(ENTERPRISE_TEAM.0);
    let team = |id: &str, name: &str, kind: &str| {
        let selected = if id == wanted { " selected" } else { "" };
        format!("<option value=\"{id}\"{selected}>{} ({kind})</option>", escape(name))
    };
    let teams: Vec<String> = std::iter::once(team(ENTERPRISE_TEAM.0, ENTERPRISE_TEAM.1, "organisation"))
        .chain(WORKSPACES.iter().map(|(id, name)| {
            team(id, name, if *id == LONE_WORKSPACE { "workspace of no organisation" } else { "workspace" })
        }))
        .collect();
    let people: Vec<String> = [Rank::Owner, Rank::PrimaryOwner, Rank::Admin, Rank::Member]
        .into_iter()
        .filter_map(|rank| state.org.users.iter().find(|user| user.rank == rank && user.active))
        .map(|user| {
            let right = match user.rank {
                Rank::PrimaryOwner => "Primary Owner",
                Rank::Owner => "Org Owner",
                Rank::Admin => "Org Admin",
                Rank::Member | Rank::Bot => "member",
            };
            format!("<option value=\"{}\">{} ({right})</option>", user.id, escape(&user.full_name()))
        })
        .collect();
    let kept = [
        "client_id",
        "scope",
        "user_scope",
        "redirect_uri",
        "state",
        "code_challenge",
        "code_challenge_method",
    ];
    let hidden = hidden(request.form.pairs(), &kept);
    let scopes: Vec<String> =
        request.scopes.split(',').map(|scope| format!("<li><code>{}</code></li>", escape(scope))).collect();
    let (teams, people, scopes) = (teams.concat(), people.concat(), scopes.concat());
    page(
        "Install an app",
        &format!(
            "<form method=post action=\"/oauth/v2/authorize\">{hidden}\
             <header><label>Install on <select name=team>{teams}</select></label></header>\
             <h1>The app asks for permission to access Acme</h1>\
             <fieldset><legend>Signed in as</legend><select name=user aria-label=\"Signed in as\">{people}</select>\
             </fieldset><fieldset><legend>On your behalf the app will be able to use</legend><ul>{scopes}</ul>\
             </fieldset><button name=decision value=allow>Allow</button>\
             <button name=decision value=cancel>Cancel</button></form>"
        ),
    )
}

/// The front page, for people who open the address.
pub(super) fn front(state: &State) -> Reply {
    let body = format!(
        "<h1>A stand-in of Slack</h1><p>{} users and {} groups at <code>{}</code>.</p><p>Look at \
         <a href=\"/_sandbox/requests\">requests</a> and <a href=\"/_sandbox/options\">options</a>.</p>",
        state.org.users.len(),
        state.org.groups.len(),
        escape(&state.org.scim_url)
    );
    Reply::html(200, page("A stand-in of Slack", &body))
}
