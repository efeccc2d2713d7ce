//! PagerDuty: users and teams of an account, through version 2 of its REST API
//! (<https://developer.pagerduty.com/api-reference>).

mod call;
mod check;
mod errors;
mod groups;
pub mod mapping;
mod page;
mod settings;
mod spec;
mod users;

use async_trait::async_trait;
use connector_core::{
    connector::{Checked, Connector, Registration, Resource, Settings},
    error::Result,
    http::Cx,
    spec::ConnectorSpec,
};

use settings::PagerdutySettings;
pub use spec::SPEC;

/// What the host's registry lists.
pub const REGISTRATION: Registration =
    Registration { spec: &SPEC, build: |settings| Ok(Box::new(Pagerduty::new(settings)?)) };

/// A PagerDuty account.
pub struct Pagerduty {
    resources: [Box<dyn Resource>; 2],
}

impl Pagerduty {
    /// Served as the instance's parameters say.
    pub fn new(settings: &Settings) -> Result<Self> {
        let settings = PagerdutySettings::read(settings)?;
        Ok(Self { resources: [Box::new(users::Users { settings }), Box::new(groups::Groups)] })
    }
}

#[async_trait]
impl Connector for Pagerduty {
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
