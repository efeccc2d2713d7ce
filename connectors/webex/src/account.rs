//! The account that consented: a member of every team this host sees, and the one whose loss would end it all.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use connector_core::{
    cached::Cached,
    connector::{Position, Query},
    error::{Kind, Result},
    http::Cx,
};

use crate::{
    call::{self, PEOPLE_READ, text},
    memberships, person,
    teams::TEAMS,
    users,
};

/// How long it is believed who consented: another account may do it anew.
const LIFE: Duration = Duration::from_mins(1);
/// So many teams are looked at where Webex does not say whose token it is.
const TEAMS_COMPARED: u32 = 8;
/// So many people are looked at who are in all of those teams.
const PEOPLE_COMPARED: usize = 10;

/// The owner of the token.
#[derive(Debug, Clone)]
pub(crate) struct Me {
    pub(crate) id: String,
    /// The organisation it belongs to.
    pub(crate) org: Option<String>,
}

/// What is known of the owner of the token.
#[derive(Debug, Clone)]
pub(crate) enum Owner {
    Known(Me),
    /// Webex does not tell, and the teams do not show it: one of these, who are in all of them.
    OneOf {
        people: Vec<Me>,
        /// Whether these are administrators, and the others in all teams are none.
        administrators: bool,
    },
}

impl Owner {
    /// Who it is.
    pub(crate) const fn known(&self) -> Option<&Me> {
        match self {
            Self::Known(me) => Some(me),
            Self::OneOf { .. } => None,
        }
    }

    /// Whether nothing would work any more without this person: surely, or perhaps.
    pub(crate) fn may_be(&self, person: &str) -> bool {
        match self {
            Self::Known(me) => me.id == person,
            Self::OneOf { people, administrators } => {
                *administrators && people.iter().any(|me| me.id == person)
            }
        }
    }
}

/// Who consented, read when it is needed.
pub(crate) struct Account {
    owner: Cached<Owner>,
    /// Who is in a team that was made with the token.
    maker: Mutex<Option<Me>>,
}

impl Account {
    pub(crate) const fn new() -> Self {
        Self { owner: Cached::new(LIFE), maker: Mutex::new(None) }
    }

    /// The owner of the token.
    pub(crate) async fn owner(&self, cx: &Cx<'_>) -> Result<Arc<Owner>> {
        self.owner.get(self.look(cx)).await
    }

    /// Learns from a team that was just made, where nothing else tells: its one member made it.
    pub(crate) async fn learn(&self, cx: &Cx<'_>, team: &str) {
        if self.owner(cx).await.is_ok_and(|owner| owner.known().is_some()) {
            return;
        }
        match memberships::of_team(cx, team).await.as_deref() {
            Ok([member]) => {
                *self.maker.lock().unwrap_or_else(PoisonError::into_inner) = memberships::person(member);
            }
            Ok(_) => {}
            // The team is made all the same.
            Err(error) => cx.warn(&format!("who consented is still not known: {error}")),
        }
    }

    async fn look(&self, cx: &Cx<'_>) -> Result<Owner> {
        match call::read(cx, &["people", "me"], "who am I", &PEOPLE_READ).await {
            Ok(person) => {
                let owned = |name| text(&person, name).map(ToOwned::to_owned);
                Ok(match owned("id") {
                    Some(id) => Owner::Known(Me { id, org: owned("orgId") }),
                    None => Owner::OneOf { people: Vec::new(), administrators: false },
                })
            }
            // None of the nine scopes is documented to suffice for this.
            Err(error) if matches!(error.kind(), Kind::Forbidden | Kind::NotFound) => {
                let people = in_every_team(cx).await?;
                let maker = self.maker.lock().unwrap_or_else(PoisonError::into_inner).clone();
                match maker.filter(|maker| people.iter().any(|me| me.id == maker.id)) {
                    Some(maker) => Ok(Owner::Known(maker)),
                    None => administrator(cx, people).await,
                }
            }
            Err(error) => Err(error),
        }
    }
}

/// Everybody who is in every team.
async fn in_every_team(cx: &Cx<'_>) -> Result<Vec<Me>> {
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
    Ok(common.unwrap_or_default())
}

/// The one of these who has an administrator's role: only such an account can have consented.
async fn administrator(cx: &Cx<'_>, mut people: Vec<Me>) -> Result<Owner> {
    if people.len() == 1
        && let Some(me) = people.pop()
    {
        return Ok(Owner::Known(me));
    }
    if people.len() > PEOPLE_COMPARED {
        return Ok(Owner::OneOf { people, administrators: false });
    }
    let mut administrators = Vec::new();
    for me in &people {
        match users::read(cx, &me.id).await {
            Ok(person) if !person::ids(person.get("roles")).is_empty() => administrators.push(me.clone()),
            Ok(_) => {}
            Err(error) if matches!(error.kind(), Kind::Forbidden | Kind::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(match administrators.len() {
        0 => Owner::OneOf { people, administrators: false },
        1 => Owner::Known(administrators.remove(0)),
        _ => Owner::OneOf { people: administrators, administrators: true },
    })
}
