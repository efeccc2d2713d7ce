//! `/teams`: creating, renaming, deleting.

use serde_json::{Map, Value};

use super::api::Ask;
use super::change::text;
use super::error::{Refusal, Result};
use super::model::{Team, TeamAt};
use super::state::State;
use super::teams::{find, render};
use crate::harness::Reply;

/// `POST /teams`; whoever makes a team is its first member and moderator.
pub(super) fn create(state: &mut State, ask: &Ask<'_>) -> Result<Reply> {
    ask.caller.needs(state, &["spark:teams_write"])?;
    let body = ask.body()?;
    let name = name(state, &body, None)?;
    let description = text(&body, "description", &state.options)?;
    let uuid = state.org.fresh_uuid();
    let team = Team {
        uuid,
        cluster: "us",
        name,
        description: description.filter(|text| !text.is_empty()),
        creator: ask.caller.uuid.clone(),
        created_ms: ask.now_ms,
        members: Vec::new(),
    };
    let at = state.org.add_team(team);
    state.org.add_member(at, ask.caller.at, true, ask.now_ms);
    answer(state, ask, at)
}

/// `PUT /teams/{id}`
pub(super) fn update(state: &mut State, ask: &Ask<'_>, id: &str) -> Result<Reply> {
    let at = writable(state, ask, id)?;
    let body = ask.body()?;
    let name = name(state, &body, Some(at))?;
    let description = text(&body, "description", &state.options)?;
    let clears = state.options.put_team_without_description_clears;
    if let Some(team) = state.org.teams.get_mut(&at) {
        team.name = name;
        match description {
            Some(text) => team.description = Some(text).filter(|text| !text.is_empty()),
            None if clears => team.description = None,
            None => {}
        }
    }
    answer(state, ask, at)
}

/// `DELETE /teams/{id}`: the team, its memberships, and all its spaces.
pub(super) fn delete(state: &mut State, ask: &Ask<'_>, id: &str) -> Result<Reply> {
    let at = writable(state, ask, id)?;
    state.org.remove_team(at);
    Ok(Reply::empty(204))
}

/// A team of the caller that the caller may write.
fn writable(state: &State, ask: &Ask<'_>, id: &str) -> Result<TeamAt> {
    ask.caller.needs(state, &["spark:teams_write"])?;
    let (at, team) = find(state, ask, id)?;
    let moderates = team.member(ask.caller.at).is_some_and(|member| member.is_moderator);
    if state.options.writes_need_moderator && !moderates {
        return Err(Refusal::forbidden(&state.options, "Only moderators may change the team."));
    }
    Ok(at)
}

fn name(state: &State, body: &Map<String, Value>, of: Option<TeamAt>) -> Result<String> {
    let name = text(body, "name", &state.options)?.filter(|name| !name.trim().is_empty());
    let name = name.ok_or_else(|| Refusal::bad("name is required"))?;
    let taken = |(at, team): (&TeamAt, &Team)| Some(*at) != of && team.name == name;
    if state.options.unique_team_names && state.org.teams.iter().any(taken) {
        let text = "A team with this name already exists.";
        return Err(Refusal::new(409, text).because(text));
    }
    Ok(name)
}

fn answer(state: &State, ask: &Ask<'_>, at: TeamAt) -> Result<Reply> {
    let team = state.org.teams.get(&at).ok_or_else(|| Refusal::missing("Team"))?;
    Ok(ask.json(&render(team, &state.options)))
}
