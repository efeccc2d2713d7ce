//! Teams of the account that consented (<https://developer.webex.com/docs/api/v1/teams>).

use async_trait::async_trait;
use connector_core::{
    connector::{Page, Query, RemoteId, Resource, Vendor},
    error::Result,
    http::Cx,
    spec::{Membership, Paging, ResourceSpec},
};
use http::Method;

use crate::{errors, mapping, page::List};

/// The teams of an account.
pub(crate) struct Groups;

static SPEC: ResourceSpec = ResourceSpec {
    table: &mapping::GROUP,
    paging: Paging::Cursor { max: 100 },
    natural_keys: &[],
    soft_delete: false,
    id_alphabet: "letters and digits (base64), letter case counts",
    membership: Membership::None,
    members_per_call: 0,
};

#[async_trait]
impl Resource for Groups {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    async fn get(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Vendor> {
        let call = cx.call(Method::GET, &["teams", id.as_str()]).operation("read team");
        Ok(Vendor::new(call.send(errors::failure).await?.body().clone()))
    }

    async fn list(&self, cx: &Cx<'_>, query: &Query) -> Result<Page> {
        let list = List { segments: &["teams"], operation: "list teams", parameters: Vec::new() };
        list.page(cx, query).await
    }
}
