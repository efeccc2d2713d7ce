//! Who is in a team: `/team/memberships`, with `team` in the singular
//! (<https://developer.webex.com/docs/api/v1/team-memberships>).

use std::collections::HashSet;

use connector_core::{
    connector::{Position, Query},
    error::{Error, Kind, Result},
    http::Cx,
};
use http::Method;
use serde_json::{Map, Value, json};

use crate::{
    account::Me,
    call::{self, MEMBERSHIPS_READ, MEMBERSHIPS_WRITE, text},
    page::List,
};

/// A page of memberships; a lower ceiling of Webex's is applied in silence.
const PAGE: u32 = 500;
const MEMBERS: &str = "members";

/// All memberships of a team, each person once.
pub(crate) async fn of_team(cx: &Cx<'_>, team: &str) -> Result<Vec<Map<String, Value>>> {
    let list = List {
        segments: &["team", "memberships"],
        operation: "list team memberships",
        parameters: vec![("teamId", team)],
        need: &MEMBERSHIPS_READ,
    };
    let mut query = Query { conditions: Vec::new(), position: Position::Index(1), count: PAGE };
    let (mut all, mut known, mut cursors) = (Vec::new(), HashSet::new(), HashSet::new());
    loop {
        let page = list.page(cx, &query, |_| true).await?;
        let fresh = page
            .items
            .into_iter()
            .filter(|member| text(member, "personId").is_some_and(|person| known.insert(person.to_owned())));
        all.extend(fresh);
        match page.next {
            None => return Ok(all),
            Some(Position::Cursor(cursor)) if !cursors.insert(cursor.clone()) => {
                let rule = "the target's list repeats a cursor and never ends";
                return Err(Error::new(Kind::OddAnswer, rule).during(list.operation));
            }
            Some(next) => query.position = next,
        }
    }
}

/// The person of a membership.
pub(crate) fn person(membership: &Map<String, Value>) -> Option<Me> {
    let org = text(membership, "personOrgId").map(ToOwned::to_owned);
    Some(Me { id: text(membership, "personId")?.to_owned(), org })
}

pub(crate) fn is_moderator(membership: &Map<String, Value>) -> bool {
    membership.get("isModerator").is_some_and(|flag| flag == true || flag == "true")
}

/// Adds a person as a plain member; one who is in already stays as it is, moderators too.
pub(crate) async fn add(cx: &Cx<'_>, team: &str, person: &str) -> Result<()> {
    let body = json!({ "teamId": team, "personId": person, "isModerator": false });
    let call = cx.call(Method::POST, &["team", "memberships"]).operation("add team member").json(&body);
    // A second time it is 409, which says that the person is in.
    match call::send(call.repeatable(), &MEMBERSHIPS_WRITE).await {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == Kind::Duplicate => Ok(()),
        Err(error) if error.kind() == Kind::NotFound => {
            let rule = format!("`{person}` is no person that Webex can add");
            Err(error.restated(Kind::InvalidValue, rule).at(MEMBERS))
        }
        Err(error) => Err(error.at(MEMBERS)),
    }
}

/// Ends a membership; one that is gone already is no failure.
pub(crate) async fn remove(cx: &Cx<'_>, membership: &Map<String, Value>) -> Result<()> {
    let Some(id) = text(membership, "id") else {
        return Err(Error::new(Kind::OddAnswer, "Webex's membership has no id").at(MEMBERS));
    };
    let gone = call::delete(cx, &["team", "memberships", id], "remove team member", &MEMBERSHIPS_WRITE).await;
    match gone {
        Ok(_) => Ok(()),
        // Somebody else made it the last one meanwhile; which status tells so is not documented.
        Err(error)
            if is_moderator(membership)
                && matches!(error.kind(), Kind::InvalidValue | Kind::Forbidden | Kind::Duplicate) =>
        {
            Err(error.restated(Kind::Conflict, last_moderator(membership)).at(MEMBERS))
        }
        Err(error) => Err(error.at(MEMBERS)),
    }
}

/// Why this member cannot leave.
pub(crate) fn last_moderator(membership: &Map<String, Value>) -> String {
    let person = text(membership, "personId").unwrap_or_default();
    format!(
        "`{person}` is the last moderator of the team, who cannot be removed: make another member one first"
    )
}
