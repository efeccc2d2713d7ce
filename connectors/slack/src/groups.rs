//! IDP groups of the organisation (<https://docs.slack.dev/reference/scim-api#groups>).

use async_trait::async_trait;
use connector_core::{
    connector::{
        Change, Condition, Create, Delete, Deleted, MemberChange, Members, Page, Position, Query, RemoteId,
        Resource, Update, Updated, Vendor,
    },
    error::{Error, Kind, Result},
    http::Cx,
    spec::{Membership, Paging, ResourceSpec},
};
use http::Method;
use serde_json::{Map, Value, json};

use crate::{errors, mapping, page, users::with_schemas};

/// The IDP groups of an organisation.
pub(crate) struct Groups;

static SPEC: ResourceSpec = ResourceSpec {
    table: &mapping::GROUP,
    // Lists hold every member of every group, so pages are kept small.
    paging: Paging::Offset { max: 100 },
    natural_keys: &["displayName"],
    soft_delete: false,
    id_alphabet: "`S`, then upper-case letters and digits",
    membership: Membership::Here,
    members_per_call: 1000,
};

#[async_trait]
impl Resource for Groups {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    async fn get(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Vendor> {
        let call = cx.call(Method::GET, &["Groups", id.as_str()]).operation("read group");
        Ok(Vendor::new(call.send(errors::failure).await?.body().clone()))
    }

    async fn list(&self, cx: &Cx<'_>, query: &Query) -> Result<Page> {
        page::list(cx, "Groups", "list groups", query).await
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
        let call =
            cx.call(Method::POST, &["Groups"]).operation("create group").json(&with_schemas(fields.clone()));
        let reply = call.send(errors::failure).await.map_err(about_members)?;
        if !reply.body().trim_ascii().is_empty() {
            return Ok(Vendor::new(reply.body().clone()));
        }
        // Slack has answered this with an empty body; the group is then the newest of its name.
        let name = fields.get("displayName").and_then(Value::as_str).unwrap_or_default();
        let query = Query {
            conditions: vec![Condition { field: "displayName", value: name.to_owned() }],
            position: Position::Index(1),
            count: SPEC.paging.max(),
        };
        let mut newest: Option<(String, Vendor)> = None;
        for vendor in self.list(cx, &query).await?.items {
            let document = vendor.document()?;
            let created = document.get("meta").and_then(|meta| meta.get("created")).and_then(Value::as_str);
            let created = created.unwrap_or_default().to_owned();
            if newest.as_ref().is_none_or(|(other, _)| *other <= created) {
                newest = Some((created, vendor));
            }
        }
        let unseen = || {
            Error::new(Kind::OddAnswer, "Slack created the group, then could not find it").at("displayName")
        };
        newest.map(|(_, vendor)| vendor).ok_or_else(unseen)
    }
}

#[async_trait]
impl Update for Groups {
    /// Slack answers 204 without a body.
    async fn update(&self, cx: &Cx<'_>, id: &RemoteId, change: &Change<'_>) -> Result<Updated> {
        patch(cx, id, "change group", change.set.clone()).await?;
        Ok(Updated::default())
    }
}

#[async_trait]
impl Delete for Groups {
    async fn delete(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Deleted> {
        let call = cx.call(Method::DELETE, &["Groups", id.as_str()]).operation("delete group");
        errors::deleted(call.send(errors::failure).await)
    }
}

#[async_trait]
impl Members for Groups {
    async fn change(&self, cx: &Cx<'_>, id: &RemoteId, change: &MemberChange) -> Result<()> {
        let added = change.add.iter().map(|id| json!({ "value": id }));
        let removed = change.remove.iter().map(|id| json!({ "value": id, "operation": "delete" }));
        let members: Vec<Value> = added.chain(removed).collect();
        let body = Map::from_iter([("members".to_owned(), Value::Array(members))]);
        patch(cx, id, "change members", body).await.map_err(about_members)
    }
}

async fn patch(cx: &Cx<'_>, id: &RemoteId, operation: &'static str, body: Map<String, Value>) -> Result<()> {
    let call =
        cx.call(Method::PATCH, &["Groups", id.as_str()]).operation(operation).json(&with_schemas(body));
    call.send(errors::failure).await.map(drop)
}

/// Inside a member list, an unknown user is a bad value, not a missing object.
fn about_members(error: Error) -> Error {
    match error.code() {
        Some("no_such_user" | "unknown_user" | "cannot_decode_user_id") => {
            error.with_kind(Kind::InvalidValue).at("members")
        }
        _ => error,
    }
}
