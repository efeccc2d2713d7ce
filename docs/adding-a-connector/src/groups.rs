//! Teams (<https://developer.pagerduty.com/api-reference>, Teams). Their members take calls of their own.

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
use http::Method;
use serde_json::{Map, Value, json};

use crate::{
    call::{call, enveloped, vendor},
    errors, mapping, page,
};

/// The teams of an account.
pub(crate) struct Groups;

static SPEC: ResourceSpec = ResourceSpec {
    table: &mapping::GROUP,
    // The members of each team take a call of their own.
    paging: Paging::Cursor { max: 25 },
    natural_keys: &["displayName"],
    soft_delete: false,
    id_alphabet: "`P`, then upper-case letters and digits",
    membership: Membership::Here,
    members_per_call: 1,
};

#[async_trait]
impl Resource for Groups {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    async fn get(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Vendor> {
        let team = read(cx, id.as_str()).await?;
        with_members(cx, team).await
    }

    async fn list(&self, cx: &Cx<'_>, query: &Query) -> Result<Page> {
        let page = page::rows(cx, &["teams"], "teams", "list teams", query).await?;
        let mut items = Vec::with_capacity(page.rows.len());
        for team in page.rows {
            match with_members(cx, team).await {
                Ok(team) => items.push(team),
                // Deleted since the page was read.
                Err(error) if error.kind() == Kind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Page { items, total: None, next: page.next })
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

#[async_trait]
impl Create for Groups {
    async fn create(&self, cx: &Cx<'_>, fields: &Map<String, Value>) -> Result<Vendor> {
        let asked = call(cx, Method::POST, &["teams"])?.operation("create team").json(&body(fields));
        Ok(vendor(enveloped(&asked.send(errors::failure).await?, "team")?))
    }
}

#[async_trait]
impl Update for Groups {
    async fn update(&self, cx: &Cx<'_>, id: &RemoteId, change: &Change<'_>) -> Result<Updated> {
        let mut whole = change.whole.clone();
        whole.shift_remove("members");
        for path in &change.cleared {
            path.put(&mut whole, Value::from(""));
        }
        let asked =
            call(cx, Method::PUT, &["teams", id.as_str()])?.operation("change team").json(&body(&whole));
        asked.send(errors::failure).await?;
        Ok(Updated::default())
    }
}

#[async_trait]
impl Delete for Groups {
    async fn delete(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Deleted> {
        let asked = call(cx, Method::DELETE, &["teams", id.as_str()])?.operation("delete team");
        errors::deleted(asked.send(errors::failure).await)
    }
}

#[async_trait]
impl Members for Groups {
    async fn change(&self, cx: &Cx<'_>, id: &RemoteId, change: &MemberChange) -> Result<()> {
        for user in &change.add {
            add(cx, id.as_str(), user).await?;
        }
        for user in &change.remove {
            let asked =
                call(cx, Method::DELETE, &["teams", id.as_str(), "users", user])?.operation("remove member");
            match asked.send(errors::failure).await {
                // Who is no member is removed already, unless the team itself is gone.
                Err(error) if error.kind() == Kind::NotFound => drop(read(cx, id.as_str()).await?),
                sent => drop(sent?),
            }
        }
        Ok(())
    }
}

async fn add(cx: &Cx<'_>, team: &str, user: &str) -> Result<()> {
    let asked = call(cx, Method::PUT, &["teams", team, "users", user])?.operation("add member");
    asked.send(errors::failure).await.map(drop)
}

async fn read(cx: &Cx<'_>, id: &str) -> Result<Map<String, Value>> {
    let asked = call(cx, Method::GET, &["teams", id])?.operation("read team");
    enveloped(&asked.send(errors::failure).await?, "team")
}

/// The team with its members, page by page.
async fn with_members(cx: &Cx<'_>, mut team: Map<String, Value>) -> Result<Vendor> {
    let id = team.get("id").and_then(Value::as_str).filter(|id| !id.is_empty()).map(str::to_owned);
    let id = id.ok_or_else(|| Error::new(Kind::OddAnswer, "the target's team has no id"))?;
    let mut query = Query { conditions: Vec::new(), position: Position::Index(1), count: page::MOST };
    let mut members = Vec::new();
    loop {
        let page = page::rows(cx, &["teams", &id, "members"], "members", "read members", &query).await?;
        members.extend(page.rows.into_iter().map(Value::Object));
        match page.next {
            Some(next) => query.position = next,
            None => break,
        }
    }
    team.insert("members".into(), members.into());
    Ok(vendor(team))
}

/// Objects name their type.
fn body(fields: &Map<String, Value>) -> Value {
    let mut team = fields.clone();
    team.insert("type".into(), "team".into());
    json!({ "team": team })
}
