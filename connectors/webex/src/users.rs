//! People of the organisation (<https://developer.webex.com/docs/api/v1/people>).

use async_trait::async_trait;
use connector_core::{
    connector::{Page, Query, RemoteId, Resource, Vendor},
    error::Result,
    http::Cx,
    spec::{Membership, Paging, ResourceSpec},
};
use http::Method;

use crate::{errors, mapping, page::List};

/// The people of an organisation.
pub(crate) struct Users;

static SPEC: ResourceSpec = ResourceSpec {
    table: &mapping::USER,
    paging: Paging::Cursor { max: 100 },
    natural_keys: &["userName", "emails.value"],
    soft_delete: false,
    id_alphabet: "letters and digits (base64), letter case counts",
    membership: Membership::OtherSide,
    members_per_call: 0,
};

#[async_trait]
impl Resource for Users {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    async fn get(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Vendor> {
        let call = cx.call(Method::GET, &["people", id.as_str()]).operation("read person");
        Ok(Vendor::new(call.send(errors::failure).await?.body().clone()))
    }

    async fn list(&self, cx: &Cx<'_>, query: &Query) -> Result<Page> {
        let mut parameters: Vec<(&str, &str)> =
            query.conditions.iter().map(|condition| (condition.field, condition.value.as_str())).collect();
        // Presence is not mapped, and asking for that of many people leads to 429.
        parameters.push(("excludeStatus", "true"));
        List { segments: &["people"], operation: "list people", parameters }.page(cx, query).await
    }
}
