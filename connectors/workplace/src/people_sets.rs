//! People sets: lists of accounts for administrators, which SCIM at Workplace calls groups
//! (<https://developers.facebook.com/docs/workplace/reference/account-management-api/scim-v2>).

use std::sync::Arc;

use async_trait::async_trait;
use connector_core::{
    connector::{
        Change, Create, Delete, Deleted, Page, Position, Query, RemoteId, Resource, Update, Updated, Vendor,
    },
    error::{Error, Kind, Result},
    http::Cx,
    spec::{Membership, Paging, ResourceSpec},
};
use http::Method;
use serde_json::{Map, Value, json};

use crate::{
    call::{scim, send},
    errors, mapping, page,
    settings::WorkplaceSettings,
    vendor,
};

/// The people sets of a community.
pub(crate) struct PeopleSets {
    settings: Arc<WorkplaceSettings>,
}

static SPEC: ResourceSpec = ResourceSpec {
    table: &mapping::PEOPLE_SET,
    paging: Paging::Cursor { max: page::MOST },
    natural_keys: &["displayName"],
    soft_delete: false,
    id_alphabet: "digits",
    membership: Membership::Here,
    // A change sends everybody, so that members are a field like others.
    members_per_call: 0,
};

#[async_trait]
impl Resource for PeopleSets {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    async fn get(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Vendor> {
        let call = scim(cx, Method::GET, &["Groups", id.as_str()]).operation("read people set");
        vendor::people_set(&self.settings, send(call).await?.body().clone())
    }

    /// Whether this list can be paged is not documented: one that gives the same page again is not read to its end.
    async fn list(&self, cx: &Cx<'_>, query: &Query) -> Result<Page> {
        let (start, before) = place(&query.position)?;
        let window = (start, query.count);
        let rows = page::rows_of(cx, &self.settings, "Groups", "list people sets", window, None).await?;
        let items = rows.objects.into_iter().map(|row| vendor::people_set(&self.settings, row));
        let items = items.collect::<Result<Vec<_>>>()?;
        let first = match items.first() {
            Some(first) => first.document()?.get("id").map(Value::to_string).unwrap_or_default(),
            None => String::new(),
        };
        if !first.is_empty() && before.as_deref() == Some(&*first) {
            let rule = "the target gives the same page again and again: its list cannot be read to the end";
            return Err(Error::new(Kind::OddAnswer, rule).during("list people sets"));
        }
        let next = rows.next.map(|next| Position::Cursor(format!("{next} {first}")));
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
impl Create for PeopleSets {
    async fn create(&self, cx: &Cx<'_>, fields: &Map<String, Value>) -> Result<Vendor> {
        let body = self.settings.dialect(cx).people_set(body(fields));
        let call = scim(cx, Method::POST, &["Groups"]).operation("create people set").json(&body);
        vendor::people_set(&self.settings, send(call).await.map_err(about_members)?.body().clone())
    }
}

#[async_trait]
impl Update for PeopleSets {
    /// One PUT with the name and everybody who shall be in it.
    async fn update(&self, cx: &Cx<'_>, id: &RemoteId, change: &Change<'_>) -> Result<Updated> {
        let body = self.settings.dialect(cx).people_set(body(&change.whole));
        let call = scim(cx, Method::PUT, &["Groups", id.as_str()]).operation("change people set").json(&body);
        let reply = send(call).await.map_err(about_members)?;
        let answered = !reply.body().trim_ascii().is_empty();
        let object =
            answered.then(|| vendor::people_set(&self.settings, reply.body().clone())).transpose()?;
        Ok(Updated { object, ..Updated::default() })
    }
}

#[async_trait]
impl Delete for PeopleSets {
    async fn delete(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Deleted> {
        let call = scim(cx, Method::DELETE, &["Groups", id.as_str()]).operation("delete people set");
        errors::deleted(send(call).await)
    }
}

impl PeopleSets {
    pub(crate) const fn new(settings: Arc<WorkplaceSettings>) -> Self {
        Self { settings }
    }
}

/// The index a page begins at, and the first id of the page before.
fn place(position: &Position) -> Result<(u64, Option<String>)> {
    match position {
        Position::Index(index) => Ok((*index, None)),
        Position::Cursor(cursor) => {
            let (index, first) = cursor.split_once(' ').unwrap_or((cursor, ""));
            let index = index.parse().map_err(|_| {
                Error::new(Kind::InvalidCursor, "is no place in a list of people sets of Workplace")
            })?;
            Ok((index, Some(first.to_owned())))
        }
    }
}

/// The name and all members: a list that is left out would be an empty one.
fn body(fields: &Map<String, Value>) -> Map<String, Value> {
    let mut body = fields.clone();
    let mut members = body.shift_remove("members").unwrap_or_else(|| json!([]));
    for member in members.as_array_mut().into_iter().flatten() {
        member["type"] = "user".into();
    }
    body.insert("members".into(), members);
    body
}

/// The name is checked before anything is sent, so a refused value is a member.
fn about_members(error: Error) -> Error {
    if error.kind() == Kind::InvalidValue { error.at("members") } else { error }
}
