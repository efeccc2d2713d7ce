//! `/team/memberships`: reading, by those who are in the team.

use serde_json::{Value, json};

use super::api::Ask;
use super::error::{Refusal, Result};
use super::id::{self, Kind};
use super::model::{Member, Team, TeamAt};
use super::org::Org;
use super::paging::Paging;
use super::render::stamp;
use super::state::State;
use super::teams;
use crate::harness::Reply;

/// `GET /team/memberships?teamId=`
pub(super) fn list(state: &State, ask: &Ask<'_>) -> Result<Reply> {
    ask.caller.needs(state, &["spark:team_memberships_read"])?;
    let id = ask.query.filled("teamId").ok_or_else(|| Refusal::bad("teamId is required"))?;
    let paging = Paging::read(&ask.query, &state.options, state.options.memberships_page_ceiling)?;
    let (_, team) = teams::find(state, ask, id)?;
    let url = format!("{}/team/memberships", state.org.api_url);
    let (page, link) = paging.page(team.members.iter().map(|member| member.at), &url, ask.salt);
    let member = |at: &u64| team.members.iter().find(|member| member.at == *at);
    let items: Vec<Value> =
        page.iter().filter_map(member).map(|member| render(&state.org, team, member)).collect();
    Ok(ask.json(&json!({"items": items})).header_if("link", link.as_deref()))
}

/// `GET /team/memberships/{id}`
pub(super) fn get(state: &State, ask: &Ask<'_>, id: &str) -> Result<Reply> {
    ask.caller.needs(state, &["spark:team_memberships_read"])?;
    let (_, team, member) = find(state, ask, id)?;
    Ok(ask.json(&render(&state.org, team, member)))
}

/// A membership of a team of the caller.
pub(super) fn find<'a>(state: &'a State, ask: &Ask<'_>, id: &str) -> Result<(TeamAt, &'a Team, &'a Member)> {
    let value = id::decode(Kind::Membership, id)?;
    let missing = || Refusal::missing("Team membership");
    let (person, team) = value.split_once(':').ok_or_else(missing)?;
    let (at, team) = teams::find(state, ask, team)?;
    let person = state.org.person_at(person).ok_or_else(missing)?;
    team.member(person).map(|member| (at, team, member)).ok_or_else(missing)
}

/// A membership as JSON.
pub(super) fn render(org: &Org, team: &Team, member: &Member) -> Value {
    let Some(person) = org.people.get(&member.person) else { return Value::Null };
    json!({
        "id": id::encode(Kind::Membership, &format!("{}:{}", person.uuid, team.uuid)),
        "teamId": team.id(),
        "personId": id::encode(Kind::Person, &person.uuid),
        "personEmail": person.email(),
        "personDisplayName": person.display_name,
        "personOrgId": id::encode(Kind::Organization, &person.org),
        "isModerator": member.is_moderator,
        "created": stamp(member.created_ms),
    })
}
