//! Slack Enterprise Grid through its SCIM v1 API, a SCIM 1.1 dialect
//! (<https://docs.slack.dev/reference/scim-api>).

mod errors;
mod groups;
pub mod mapping;
mod page;
mod spec;
mod users;

use async_trait::async_trait;
use connector_core::{
    connector::{Connector, Registration, Resource},
    error::Result,
    http::Cx,
    spec::ConnectorSpec,
};
use http::Method;

pub use spec::SPEC;

/// What the host's registry lists.
pub const REGISTRATION: Registration =
    Registration { spec: &SPEC, build: |_| Ok(Box::new(Slack::default())) };

/// An Enterprise Grid organisation.
pub struct Slack {
    resources: [Box<dyn Resource>; 2],
}

impl Default for Slack {
    fn default() -> Self {
        Self { resources: [Box::new(users::Users), Box::new(groups::Groups)] }
    }
}

#[async_trait]
impl Connector for Slack {
    fn spec(&self) -> &'static ConnectorSpec {
        &SPEC
    }

    fn resources(&self) -> &[Box<dyn Resource>] {
        &self.resources
    }

    /// One user: `ServiceProviderConfigs` answers without a valid token and proves nothing.
    async fn check(&self, cx: &Cx<'_>) -> Result<()> {
        cx.call(Method::GET, &["Users"]).query("count", "1").operation("check").send(errors::failure).await?;
        Ok(())
    }
}
