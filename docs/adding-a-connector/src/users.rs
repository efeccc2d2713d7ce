//! Users (<https://developer.pagerduty.com/api-reference>, Users).

use async_trait::async_trait;
use connector_core::{
    connector::{Change, Create, Delete, Deleted, Page, Query, RemoteId, Resource, Update, Updated, Vendor},
    error::Result,
    http::Cx,
    spec::{Membership, Paging, ResourceSpec},
};
use http::Method;
use serde_json::{Map, Value, json};

use crate::{
    call::{call, enveloped, vendor},
    errors, mapping, page,
    settings::PagerdutySettings,
};

/// The users of an account.
pub(crate) struct Users {
    pub(crate) settings: PagerdutySettings,
}

static SPEC: ResourceSpec = ResourceSpec {
    table: &mapping::USER,
    paging: Paging::Cursor { max: page::MOST },
    natural_keys: &["userName"],
    soft_delete: false,
    id_alphabet: "`P`, then upper-case letters and digits",
    membership: Membership::OtherSide,
    members_per_call: 0,
};

#[async_trait]
impl Resource for Users {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    async fn get(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Vendor> {
        let asked = call(cx, Method::GET, &["users", id.as_str()])?.operation("read user");
        Ok(vendor(enveloped(&asked.send(errors::failure).await?, "user")?))
    }

    /// `query` matches parts of names and addresses: core takes out what it found too much.
    async fn list(&self, cx: &Cx<'_>, query: &Query) -> Result<Page> {
        let page = page::rows(cx, &["users"], "users", "list users", query).await?;
        Ok(Page { items: page.rows.into_iter().map(vendor).collect(), total: None, next: page.next })
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
        let mut asked = call(cx, Method::POST, &["users"])?.operation("create user").json(&body(fields));
        if let Some(address) = &self.settings.from_address {
            asked = asked.header("from", address)?;
        }
        Ok(vendor(enveloped(&asked.send(errors::failure).await?, "user")?))
    }
}

#[async_trait]
impl Update for Users {
    /// PagerDuty knows replacement only: the whole user as it shall be, with `null` for what is emptied.
    async fn update(&self, cx: &Cx<'_>, id: &RemoteId, change: &Change<'_>) -> Result<Updated> {
        let mut whole = change.whole.clone();
        for path in &change.cleared {
            path.put(&mut whole, Value::Null);
        }
        let asked =
            call(cx, Method::PUT, &["users", id.as_str()])?.operation("change user").json(&body(&whole));
        let object = vendor(enveloped(&asked.send(errors::failure).await?, "user")?);
        Ok(Updated { object: Some(object), ..Updated::default() })
    }
}

#[async_trait]
impl Delete for Users {
    async fn delete(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Deleted> {
        let asked = call(cx, Method::DELETE, &["users", id.as_str()])?.operation("delete user");
        errors::deleted(asked.send(errors::failure).await)
    }
}

/// Objects name their type.
fn body(fields: &Map<String, Value>) -> Value {
    let mut user = fields.clone();
    user.insert("type".into(), "user".into());
    json!({ "user": user })
}
