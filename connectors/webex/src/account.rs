//! The account that consented: a member of every team this host sees, and the one whose loss would end it all.

use std::{collections::HashSet, sync::Arc, time::Duration};

use connector_core::{
    cached::Cached,
    connector::{Position, Query},
    error::{Kind, Result},
    http::Cx,
};

use crate::{
    call::{self, PEOPLE_READ, text},
    memberships,
    teams::TEAMS,
};

/// How long it is believed who consented: another account may do it anew.
const LIFE: Duration = Duration::from_mins(1);
/// So many teams are looked at where Webex does not say whose token it is.
const TEAMS_COMPARED: u32 = 8;

/// The owner of the token.
#[derive(Debug, Clone)]
pub(crate) struct Me {
    pub(crate) id: String,
    /// The organisation it belongs to.
    pub(crate) org: Option<String>,
}

/// Who consented, read when it is needed.
pub(crate) struct Account(Cached<Option<Me>>);

impl Account {
    pub(crate) const fn new() -> Self {
        Self(Cached::new(LIFE))
    }

    /// The owner of the token; `None` where Webex does not tell and the teams do not show it.
    pub(crate) async fn me(&self, cx: &Cx<'_>) -> Result<Arc<Option<Me>>> {
        self.0.get(look(cx)).await
    }
}

async fn look(cx: &Cx<'_>) -> Result<Option<Me>> {
    match call::read(cx, &["people", "me"], "who am I", &PEOPLE_READ).await {
        Ok(person) => {
            let owned = |name| text(&person, name).map(ToOwned::to_owned);
            Ok(owned("id").map(|id| Me { id, org: owned("orgId") }))
        }
        // None of the nine scopes is documented to suffice for this.
        Err(error) if matches!(error.kind(), Kind::Forbidden | Kind::NotFound) => in_every_team(cx).await,
        Err(error) => Err(error),
    }
}

/// The one person who is in every team.
async fn in_every_team(cx: &Cx<'_>) -> Result<Option<Me>> {
    let query = Query { conditions: Vec::new(), position: Position::Index(1), count: TEAMS_COMPARED };
    let mut common: Option<Vec<Me>> = None;
    for team in TEAMS.page(cx, &query, |_| true).await?.items {
        let Some(id) = text(&team, "id") else { continue };
        let members = memberships::of_team(cx, id).await?;
        let ids: HashSet<&str> = members.iter().filter_map(|member| text(member, "personId")).collect();
        common = Some(match common {
            None => members.iter().filter_map(memberships::person).collect(),
            Some(others) => others.into_iter().filter(|other| ids.contains(other.id.as_str())).collect(),
        });
        if common.as_ref().is_some_and(|common| common.len() < 2) {
            break;
        }
    }
    let mut common = common.unwrap_or_default();
    Ok(if common.len() == 1 { common.pop() } else { None })
}
