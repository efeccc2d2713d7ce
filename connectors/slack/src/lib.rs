//! Slack Enterprise Grid through its SCIM v1 API, a SCIM 1.1 dialect
//! (<https://docs.slack.dev/reference/scim-api>).

mod check;
mod errors;
mod groups;
pub mod mapping;
mod oauth;
mod page;
mod spec;
mod users;

use async_trait::async_trait;
use connector_core::{
    connector::{Checked, Connector, Registration, Resource},
    error::Result,
    http::Cx,
    spec::ConnectorSpec,
};

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

    async fn check(&self, cx: &Cx<'_>) -> Result<Checked> {
        check::check(cx).await
    }
}
