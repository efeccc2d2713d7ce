//! `/team/memberships`: adding, promoting, removing.

use super::api::Ask;
use super::change::{boolean, text};
use super::error::{Refusal, Result};
use super::id::{self, Kind};
use super::memberships::{find, render};
use super::model::{Member, OTHER_ORG, Person, PersonAt, Team, TeamAt};
use super::state::State;
use super::{people, teams};
use crate::harness::Reply;

/// How much later than the POST says a membership was created, as later reads have it.
const CREATED_LATER_MS: i64 = 87;

/// `POST /team/memberships`
pub(super) fn add(state: &mut State, ask: &Ask<'_>) -> Result<Reply> {
    ask.caller.needs(state, &["spark:team_memberships_write"])?;
    let body = ask.body()?;
    let options = &state.options;
    let team = text(&body, "teamId", options)?.ok_or_else(|| Refusal::bad("teamId is required"))?;
    let whom = (text(&body, "personId", options)?, text(&body, "personEmail", options)?);
    let is_moderator = boolean(&body, "isModerator")?.unwrap_or(false);
    let at = team_to_add_to(state, ask, &team)?;
    if is_moderator {
        check_moderates(state, ask, at)?;
    }
    let person = match whom {
        (Some(id), None) => people::find(state, &id)?,
        (None, Some(email)) => invited(state, &email, ask.now_ms)?,
        _ => return Err(Refusal::bad("Exactly one of personId and personEmail is required")),
    };
    if state.org.teams.get(&at).is_some_and(|team| team.member(person).is_some()) {
        let text = "User is already a participant.";
        return Err(Refusal::new(state.options.duplicate_member_status, text).because(text));
    }
    state.org.add_member(at, person, is_moderator, ask.now_ms + CREATED_LATER_MS);
    let created = state.org.teams.get(&at).and_then(|team| Some((team, team.member(person)?)));
    let (team, member) = created.ok_or_else(|| Refusal::missing("Team"))?;
    let told = Member { created_ms: ask.now_ms, ..member.clone() };
    Ok(ask.json(&render(&state.org, team, &told)))
}

/// `PUT /team/memberships/{id}`
pub(super) fn update(state: &mut State, ask: &Ask<'_>, id: &str) -> Result<Reply> {
    ask.caller.needs(state, &["spark:team_memberships_write"])?;
    let body = ask.body()?;
    let is_moderator =
        boolean(&body, "isModerator")?.ok_or_else(|| Refusal::bad("isModerator is required"))?;
    let (at, team, member) = find(state, ask, id)?;
    let key = member.at;
    check_moderates(state, ask, at)?;
    if !is_moderator && is_last_moderator(team, member) && !state.options.last_moderator_may_be_demoted {
        return Err(last_moderator(state));
    }
    if let Some(member) =
        state.org.teams.get_mut(&at).and_then(|t| t.members.iter_mut().find(|m| m.at == key))
    {
        member.is_moderator = is_moderator;
    }
    let (_, team, member) = find(state, ask, id)?;
    Ok(ask.json(&render(&state.org, team, member)))
}

/// `DELETE /team/memberships/{id}`
pub(super) fn remove(state: &mut State, ask: &Ask<'_>, id: &str) -> Result<Reply> {
    ask.caller.needs(state, &["spark:team_memberships_write"])?;
    let (at, team, member) = find(state, ask, id)?;
    let key = member.at;
    if member.person != ask.caller.at {
        check_moderates(state, ask, at)?;
    }
    if is_last_moderator(team, member) {
        return Err(last_moderator(state));
    }
    if let Some(team) = state.org.teams.get_mut(&at) {
        team.members.retain(|member| member.at != key);
    }
    Ok(Reply::empty(204))
}

/// The team, if the caller is in it; who is not gets a strange answer.
fn team_to_add_to(state: &State, ask: &Ask<'_>, id: &str) -> Result<TeamAt> {
    let status = state.options.foreign_team_add_status;
    let exists = state.org.team_at(&id::decode(Kind::Team, id)?).is_some();
    match teams::find(state, ask, id) {
        Ok((at, _)) => Ok(at),
        Err(_) if exists && status != state.options.foreign_team_status => {
            Err(Refusal::new(status, "Add participant failed."))
        }
        Err(refusal) => Err(refusal),
    }
}

/// The person of that address; one without an account is invited.
fn invited(state: &mut State, email: &str, now_ms: i64) -> Result<PersonAt> {
    if let Some(at) = state.org.person_at_email(email) {
        return Ok(at);
    }
    if !email.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.')) {
        return Err(Refusal::bad(format!("{email} is not an email address")));
    }
    let uuid = state.org.fresh_uuid();
    Ok(state.org.add_person(Person::new(uuid, OTHER_ORG.into(), email.to_owned(), now_ms)))
}

fn check_moderates(state: &State, ask: &Ask<'_>, at: TeamAt) -> Result<()> {
    let own = state.org.teams.get(&at).and_then(|team| team.member(ask.caller.at));
    if state.options.writes_need_moderator && !own.is_some_and(|member| member.is_moderator) {
        return Err(Refusal::forbidden(&state.options, "Only moderators may change memberships."));
    }
    Ok(())
}

fn is_last_moderator(team: &Team, member: &Member) -> bool {
    member.is_moderator && team.members.iter().filter(|member| member.is_moderator).count() == 1
}

fn last_moderator(state: &State) -> Refusal {
    let text = "Failed to leave team: its last moderator cannot leave.";
    Refusal::new(state.options.last_moderator_status, text).because(text)
}
