//! Users.

use async_trait::async_trait;
use connector_core::{
    connector::{Change, Create, Delete, Deleted, Page, Query, RemoteId, Resource, Update, Updated, Vendor},
    error::Result,
    http::Cx,
    spec::{Membership, Paging, ResourceSpec},
};
use http::Method;
use serde_json::{Map, Value};

use crate::{errors, mapping, page};

/// The users of the target.
pub(crate) struct Users;

static SPEC: ResourceSpec = ResourceSpec {
    table: &mapping::USER,
    paging: Paging::Cursor { max: page::MOST },
    // By what a user is found again whose creation was answered by nothing.
    natural_keys: &["userName"],
    soft_delete: false,
    id_alphabet: "letters and digits",
    membership: Membership::None,
    members_per_call: 0,
};

#[async_trait]
impl Resource for Users {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    async fn get(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Vendor> {
        let call = cx.call(Method::GET, &["users", id.as_str()]).operation("read user");
        Ok(Vendor::new(call.send(errors::failure).await?.body().clone()))
    }

    async fn list(&self, cx: &Cx<'_>, query: &Query) -> Result<Page> {
        page::page(cx, "users", "list users", query).await
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
impl Create for Users {
    async fn create(&self, cx: &Cx<'_>, fields: &Map<String, Value>) -> Result<Vendor> {
        let call = cx.call(Method::POST, &["users"]).operation("create user").json(fields);
        Ok(Vendor::new(call.send(errors::failure).await?.body().clone()))
    }
}

#[async_trait]
impl Update for Users {
    /// Sends the changed fields alone; an emptied one as `null`.
    async fn update(&self, cx: &Cx<'_>, id: &RemoteId, change: &Change<'_>) -> Result<Updated> {
        let mut body = change.set.clone();
        for path in &change.cleared {
            path.put(&mut body, Value::Null);
        }
        let call = cx.call(Method::PATCH, &["users", id.as_str()]).operation("change user").json(&body);
        let object = Vendor::new(call.send(errors::failure).await?.body().clone());
        Ok(Updated { object: Some(object), ..Updated::default() })
    }
}

#[async_trait]
impl Delete for Users {
    async fn delete(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Deleted> {
        let call = cx.call(Method::DELETE, &["users", id.as_str()]).operation("delete user");
        errors::deleted(call.send(errors::failure).await)
    }
}
