//! Permission groups (<https://developers.activecampaign.com/reference/groups>). Their permissions are none of this
//! connector's business: only changed fields are sent, so the flags stay as they are.

use async_trait::async_trait;
use connector_core::{
    connector::{Change, Create, Delete, Deleted, Page, Query, RemoteId, Resource, Update, Updated, Vendor},
    error::{Error, Kind, Result},
    http::Cx,
    spec::{Membership, Paging, ResourceSpec},
};
use http::Method;
use serde_json::{Map, Value, json};

use crate::{
    call::{call, enveloped, id_of, send},
    errors, mapping, memberships, page,
};

/// The permission groups of an account.
pub(crate) struct Groups;

static SPEC: ResourceSpec = ResourceSpec {
    table: &mapping::GROUP,
    // The members of each group take a call of their own, five a second.
    paging: Paging::Cursor { max: 20 },
    natural_keys: &["displayName"],
    soft_delete: false,
    id_alphabet: "digits",
    membership: Membership::OtherSide,
    members_per_call: 0,
};

/// The title of the group that can neither be changed nor deleted.
const ADMIN: &str = "Admin";

#[async_trait]
impl Resource for Groups {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    async fn get(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Vendor> {
        let group = read(cx, id.as_str()).await?;
        let members = memberships::of_group(cx, id.as_str()).await?;
        Ok(vendor(group, members))
    }

    async fn list(&self, cx: &Cx<'_>, query: &Query) -> Result<Page> {
        let (groups, next) = match query.conditions.first() {
            // There is no look-up by title: the titles are read without anybody's members.
            Some(condition) => {
                let mut groups = page::all(cx, &["groups"], "groups", "list groups").await?;
                let titled = |group: &Map<String, Value>| {
                    let title = group.get("title").and_then(Value::as_str).unwrap_or_default();
                    title.to_lowercase() == condition.value.to_lowercase()
                };
                groups.retain(titled);
                (groups, None)
            }
            None => {
                let page = page::rows_of(cx, &["groups"], "groups", "list groups", query).await?;
                (page.rows, page.next)
            }
        };
        let mut items = Vec::with_capacity(groups.len());
        for group in groups {
            let Some(id) = id_of(&group, "id") else { continue };
            match memberships::of_group(cx, &id).await {
                Ok(members) => items.push(vendor(group, members)),
                // Deleted since the page was read.
                Err(error) if error.kind() == Kind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Page { items, total: None, next })
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
}

#[async_trait]
impl Create for Groups {
    /// Creates an empty group. The answer is short, and holds the id at least: what it leaves out is as it was sent.
    async fn create(&self, cx: &Cx<'_>, fields: &Map<String, Value>) -> Result<Vendor> {
        let asked =
            call(cx, Method::POST, &["groups"]).operation("create group").json(&json!({ "group": fields }));
        let mut group = fields.clone();
        group.extend(enveloped(&send(cx, asked).await?, "group")?);
        Ok(vendor(group, Vec::new()))
    }
}

#[async_trait]
impl Update for Groups {
    async fn update(&self, cx: &Cx<'_>, id: &RemoteId, change: &Change<'_>) -> Result<Updated> {
        refuse_admin(&change.current.document()?, "changed")?;
        let mut body = change.set.clone();
        for path in &change.cleared {
            path.put(&mut body, Value::from(""));
        }
        let asked = call(cx, Method::PUT, &["groups", id.as_str()]).operation("change group");
        send(cx, asked.json(&json!({ "group": body }))).await?;
        Ok(Updated::default())
    }
}

#[async_trait]
impl Delete for Groups {
    /// Deletes a group that has no members; what ActiveCampaign makes of those of another is not known.
    async fn delete(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Deleted> {
        let group = match read(cx, id.as_str()).await {
            Err(error) if error.kind() == Kind::NotFound => return Ok(Deleted::Missing),
            group => group?,
        };
        refuse_admin(&group, "deleted")?;
        let members = memberships::of_group(cx, id.as_str()).await?;
        if !members.is_empty() {
            let rule = format!("still has {} members: put them into other groups first", members.len());
            return Err(Error::new(Kind::Conflict, rule));
        }
        let asked = call(cx, Method::DELETE, &["groups", id.as_str()]).operation("delete group");
        errors::deleted(send(cx, asked).await)
    }
}

async fn read(cx: &Cx<'_>, id: &str) -> Result<Map<String, Value>> {
    let asked = call(cx, Method::GET, &["groups", id]).operation("read group");
    enveloped(&send(cx, asked).await?, "group")
}

fn refuse_admin(group: &Map<String, Value>, what: &str) -> Result<()> {
    let title = group.get("title").and_then(Value::as_str).unwrap_or_default();
    if title.trim().eq_ignore_ascii_case(ADMIN) {
        let rule = format!("is the Admin group, which ActiveCampaign protects: it cannot be {what}");
        return Err(Error::new(Kind::Forbidden, rule));
    }
    Ok(())
}

/// A group with the records of its members.
fn vendor(mut group: Map<String, Value>, members: Vec<Map<String, Value>>) -> Vendor {
    group.insert("userGroups".into(), members.into_iter().map(Value::Object).collect());
    Vendor::new(Value::Object(group).to_string().into())
}
