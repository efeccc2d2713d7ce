//! Groups: the teams of the account that consented. Nothing lists the others of an organisation.

use std::sync::Arc;

use async_trait::async_trait;
use connector_core::{
    connector::{
        Change, Create, Delete, Deleted, MemberChange, Members, Page, Position, Query, RemoteId, Resource,
        Update, Updated, Vendor,
    },
    error::{Error, Kind, Result},
    http::Cx,
    spec::{Membership, Paging, ResourceSpec},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::{
    account::{Account, Owner},
    call::{self, TEAMS_READ, TEAMS_WRITE, text},
    mapping, memberships,
    settings::WebexSettings,
    teams::{self, TEAMS},
};

/// The teams of an account.
pub(crate) struct Groups {
    settings: WebexSettings,
    account: Arc<Account>,
}

static SPEC: ResourceSpec = ResourceSpec {
    table: &mapping::GROUP,
    // The members of each team take a call of their own.
    paging: Paging::Cursor { max: 20 },
    // Names are not unique: a team of the same name is not the one that was asked for.
    natural_keys: &[],
    soft_delete: false,
    id_alphabet: "letters and digits (base64), letter case counts",
    membership: Membership::Here,
    // Each takes a call of its own; the connector makes them.
    members_per_call: 100,
};

/// How many teams' members are read at once.
const PARALLEL: usize = 4;
/// A team that is older was there before.
const JUST_NOW: SignedDuration = SignedDuration::from_mins(2);
const MEMBERS: &str = "members";

impl Groups {
    pub(crate) const fn new(settings: WebexSettings, account: Arc<Account>) -> Self {
        Self { settings, account }
    }

    /// A team that may have been made although the answer was lost: of the same name and description, made just now, and
    /// nobody in it but the account.
    async fn just_made(&self, cx: &Cx<'_>, body: &Map<String, Value>) -> Result<Option<Map<String, Value>>> {
        let mut query = Query { conditions: Vec::new(), position: Position::Index(1), count: 100 };
        loop {
            let page = TEAMS.page(cx, &query, |_| true).await?;
            for team in page.items {
                let same = ["name", "description"].iter().all(|name| text(&team, name) == text(body, name));
                let Some(id) = text(&team, "id").filter(|_| same && is_new(&team)) else { continue };
                if memberships::of_team(cx, id).await?.len() == 1 {
                    return Ok(Some(team));
                }
            }
            match page.next {
                Some(next) if next != query.position => query.position = next,
                _ => return Ok(None),
            }
        }
    }
}

#[async_trait]
impl Resource for Groups {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    async fn get(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Vendor> {
        let team = call::read(cx, &["teams", id.as_str()], "read team", &TEAMS_READ).await?;
        if cx.leaves_out(MEMBERS) {
            return Ok(teams::bare(team));
        }
        let members = memberships::of_team(cx, id.as_str()).await?;
        Ok(teams::vendor(team, members, &*self.account.owner(cx).await?))
    }

    async fn list(&self, cx: &Cx<'_>, query: &Query) -> Result<Page> {
        let page = TEAMS.page(cx, query, |_| true).await?;
        if cx.leaves_out(MEMBERS) {
            return Ok(Page {
                items: page.items.into_iter().map(teams::bare).collect(),
                total: None,
                next: page.next,
            });
        }
        let owner = self.account.owner(cx).await?;
        let with_members = page.items.into_iter().map(|team| with_members(cx, team, &owner));
        let items: Vec<Option<Vendor>> = stream::iter(with_members).buffered(PARALLEL).try_collect().await?;
        Ok(Page { items: items.into_iter().flatten().collect(), total: None, next: page.next })
    }

    fn creator(&self) -> Option<&dyn Create> {
        Some(self)
    }

    fn updater(&self) -> Option<&dyn Update> {
        Some(self)
    }

    fn deleter(&self) -> Option<&dyn Delete> {
        Some(self)
    }

    fn members(&self) -> Option<&dyn Members> {
        Some(self)
    }
}

/// `None` when the team was deleted since its page was read.
async fn with_members(cx: &Cx<'_>, team: Map<String, Value>, owner: &Owner) -> Result<Option<Vendor>> {
    let Some(id) = text(&team, "id") else { return Ok(None) };
    match memberships::of_team(cx, id).await {
        Ok(members) => Ok(Some(teams::vendor(team, members, owner))),
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_new(team: &Map<String, Value>) -> bool {
    let created = text(team, "created").and_then(|created| created.parse::<Timestamp>().ok());
    created.is_some_and(|created| Timestamp::now().duration_since(created).abs() < JUST_NOW)
}

#[async_trait]
impl Create for Groups {
    /// Creates a team with nobody in it but the account, as a moderator.
    async fn create(&self, cx: &Cx<'_>, fields: &Map<String, Value>) -> Result<Vendor> {
        let call = cx.call(Method::POST, &["teams"]).operation("create team").json(fields);
        let team = match call::send(call, &TEAMS_WRITE).await {
            Ok(reply) => reply.json()?,
            Err(error) if error.is_in_doubt() => match self.just_made(cx, fields).await {
                Ok(Some(team)) => team,
                _ => return Err(error),
            },
            Err(error) => return Err(error),
        };
        if let Some(id) = text(&team, "id") {
            self.account.learn(cx, id).await;
        }
        Ok(teams::listed(team, Vec::new()))
    }
}

#[async_trait]
impl Update for Groups {
    /// A replacement: name and description go along, whichever changes.
    async fn update(&self, cx: &Cx<'_>, id: &RemoteId, change: &Change<'_>) -> Result<Updated> {
        let current = change.current.document()?;
        let mut body = Map::new();
        for name in ["name", "description"] {
            let cleared = change.cleared.iter().any(|path| path.as_str() == name);
            let value = change.set.get(name).or_else(|| current.get(name)).filter(|_| !cleared).cloned();
            // A team without a description gets none by being renamed.
            if cleared || value.is_some() {
                body.insert(name.into(), value.unwrap_or_else(|| "".into()));
            }
        }
        let call = cx.call(Method::PUT, &["teams", id.as_str()]).operation("change team").json(&body);
        let reply = call::send(call, &TEAMS_WRITE).await?;
        let answer = reply.json::<Map<String, Value>>().ok().filter(|team| text(team, "id").is_some());
        let Some(team) = answer else { return Ok(Updated::default()) };
        // What is noted of the account stays, too.
        let mut object = current;
        object.extend(team);
        let object = teams::bare(object);
        Ok(Updated { object: Some(object), ..Updated::default() })
    }
}

#[async_trait]
impl Delete for Groups {
    /// Deletes the team with all its spaces and what is in them, where the operator allows that.
    async fn delete(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Deleted> {
        if !self.settings.allow_team_delete {
            match call::read(cx, &["teams", id.as_str()], "read team", &TEAMS_READ).await {
                Err(missing) if missing.kind() == Kind::NotFound => return Ok(Deleted::Missing),
                Err(error) => return Err(error),
                Ok(_) => {}
            }
            let rule =
                "is not deleted: in Webex all spaces of a team are deleted with it, and everything in them";
            let remedy = "remove its members instead, or let the operator set allow_team_delete = true for the instance";
            return Err(Error::new(Kind::Forbidden, rule).remedy(remedy));
        }
        call::delete_named(cx, &["teams", id.as_str()], "delete team", &TEAMS_WRITE).await
    }
}

#[async_trait]
impl Members for Groups {
    /// One call for each. A last moderator is refused before anything is sent.
    async fn change(&self, cx: &Cx<'_>, id: &RemoteId, change: &MemberChange) -> Result<()> {
        let team = id.as_str();
        let held = if change.remove.is_empty() { Vec::new() } else { memberships::of_team(cx, team).await? };
        let leaves = |member: &&Map<String, Value>| {
            text(member, "personId").is_some_and(|person| change.remove.iter().any(|id| id == person))
        };
        let leaving: Vec<_> = held.iter().filter(leaves).collect();
        let moderator = leaving.iter().find(|member| memberships::is_moderator(member));
        let stays = |member: &Map<String, Value>| memberships::is_moderator(member) && !leaves(&member);
        if let Some(member) = moderator
            && !held.iter().any(stays)
        {
            return Err(Error::new(Kind::Conflict, memberships::last_moderator(member)).at(MEMBERS));
        }
        let total = change.add.len() + leaving.len();
        let mut done = 0;
        let failed = |done: usize, error: Error| match done {
            0 => error,
            done => {
                let rule = format!("{done} of {total} membership changes were made, then: {error}");
                Error::new(error.kind(), rule).at(MEMBERS).retry(error.retry_hint())
            }
        };
        for person in &change.add {
            memberships::add(cx, team, person).await.map_err(|error| failed(done, error))?;
            done += 1;
        }
        for member in leaving {
            memberships::remove(cx, member).await.map_err(|error| failed(done, error))?;
            done += 1;
        }
        Ok(())
    }

    /// The account that consented is removed by nobody, and members of other organisations only by name: no identity system
    /// that writes a whole list knows them.
    fn judge(&self, group: &Vendor, named: &[&str], change: &mut MemberChange) -> Result<()> {
        if named.is_empty() && change.remove.is_empty() && change.add.is_empty() {
            return Ok(());
        }
        let team = group.document()?;
        let Some(me) = teams::account(&team) else {
            let accounts = teams::accounts(&team);
            let leaves = |id: &&str| change.remove.iter().any(|gone| gone == id) && !named.contains(id);
            let leaving: Vec<&str> = accounts.into_iter().filter(leaves).collect();
            if leaving.is_empty() {
                return Ok(());
            }
            let rule = format!(
                "Webex does not tell who consented, and it may be {}: a list of members does not remove them",
                leaving.join(" or ")
            );
            let remedy = "remove a member by its id, or let the account be in a team of its own";
            return Err(Error::new(Kind::Conflict, rule).at(MEMBERS).remedy(remedy));
        };
        if named.contains(&&*me.id) {
            let rule = "is the account that consented: without it this host could not see the team any more";
            return Err(Error::new(Kind::Forbidden, format!("`{}` {rule}", me.id)).at(MEMBERS));
        }
        // It is in already, and hidden.
        change.add.retain(|id| *id != *me.id);
        let guests = teams::members(&team).filter(|member| {
            let org = text(member, "personOrgId");
            me.org.is_some() && org.is_some() && org != me.org.as_deref()
        });
        let guests: Vec<&str> = guests.filter_map(|member| text(member, "personId")).collect();
        change.remove.retain(|id| !guests.contains(&&**id) || named.contains(&&**id));
        Ok(())
    }
}
