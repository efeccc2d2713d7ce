//! Cisco Webex through its REST API (<https://developer.webex.com/docs/basics>), as an OAuth integration.

mod check;
mod errors;
mod groups;
mod id;
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
    Registration { spec: &SPEC, build: |_| Ok(Box::new(Webex::default())) };

/// A Webex organisation.
pub struct Webex {
    resources: [Box<dyn Resource>; 2],
}

impl Default for Webex {
    fn default() -> Self {
        Self { resources: [Box::new(users::Users), Box::new(groups::Groups)] }
    }
}

#[async_trait]
impl Connector for Webex {
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
