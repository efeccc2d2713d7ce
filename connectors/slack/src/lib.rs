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
    Registration { spec: &SPEC, build: |settings| Ok(Box::new(Slack::new(settings.flag("hide_bots")))) };

/// An Enterprise Grid organisation.
pub struct Slack {
    resources: [Box<dyn Resource>; 2],
}

impl Slack {
    /// An organisation whose bots are users like others, or are left out of lists.
    pub fn new(hide_bots: bool) -> Self {
        Self { resources: [Box::new(users::Users { hide_bots }), Box::new(groups::Groups)] }
    }
}

impl Default for Slack {
    fn default() -> Self {
        Self::new(false)
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
