//! `/teams`: reading. Only the teams of the caller are there.

use serde_json::{Value, json};

use super::api::Ask;
use super::error::{Refusal, Result};
use super::id::{self, Kind};
use super::model::{Team, TeamAt};
use super::options::Options;
use super::paging::Paging;
use super::render::stamp;
use super::state::State;
use crate::harness::Reply;

/// `GET /teams`
pub(super) fn list(state: &State, ask: &Ask<'_>) -> Result<Reply> {
    ask.caller.needs(state, &["spark:teams_read"])?;
    let paging = Paging::read(&ask.query, &state.options, state.options.teams_page_ceiling)?;
    let own = state.org.teams.iter().filter(|(_, team)| team.member(ask.caller.at).is_some());
    let url = format!("{}/teams", state.org.api_url);
    let (page, link) = paging.page(own.map(|(at, _)| *at), &url, ask.salt);
    let items = page.iter().filter_map(|at| state.org.teams.get(at)).map(|team| render(team, &state.options));
    let items: Vec<Value> = items.collect();
    Ok(ask.json(&json!({"items": items})).header_if("link", link.as_deref()))
}

/// `GET /teams/{id}`
pub(super) fn get(state: &State, ask: &Ask<'_>, id: &str) -> Result<Reply> {
    ask.caller.needs(state, &["spark:teams_read"])?;
    let (_, team) = find(state, ask, id)?;
    Ok(ask.json(&render(team, &state.options)))
}

/// A team of the caller.
pub(super) fn find<'a>(state: &'a State, ask: &Ask<'_>, id: &str) -> Result<(TeamAt, &'a Team)> {
    let uuid = id::decode(Kind::Team, id)?;
    let found = state.org.team_at(&uuid).and_then(|at| Some((at, state.org.teams.get(&at)?)));
    let (at, team) = found.ok_or_else(|| state.missing("Team", &uuid))?;
    if team.member(ask.caller.at).is_some() { Ok((at, team)) } else { Err(foreign(state)) }
}

/// A team the caller is not in.
fn foreign(state: &State) -> Refusal {
    match state.options.foreign_team_status {
        403 => Refusal::forbidden(&state.options, "The caller is not in the team."),
        _ => Refusal::missing("Team"),
    }
}

/// A team as JSON.
pub(super) fn render(team: &Team, options: &Options) -> Value {
    let mut body = json!({"id": team.id(), "name": team.name, "created": stamp(team.created_ms)});
    if let Some(description) = &team.description {
        body["description"] = json!(description);
    }
    if options.team_creator_id {
        body["creatorId"] = json!(id::encode(Kind::Person, &team.creator));
    }
    body
}
