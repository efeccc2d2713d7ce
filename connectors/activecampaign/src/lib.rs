//! ActiveCampaign through version 3 of its API: the people who log in to an account, and its permission groups
//! (<https://developers.activecampaign.com/reference/overview>).

mod call;
mod check;
mod errors;
mod groups;
pub mod mapping;
mod memberships;
mod page;
mod permissions;
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

use settings::ActiveCampaignSettings;
pub use spec::SPEC;

/// What the host's registry lists.
pub const REGISTRATION: Registration =
    Registration { spec: &SPEC, build: |settings| Ok(Box::new(ActiveCampaign::new(settings)?)) };

/// An ActiveCampaign account.
pub struct ActiveCampaign {
    resources: [Box<dyn Resource>; 2],
}

impl ActiveCampaign {
    /// An account served as the instance's parameters say.
    pub fn new(settings: &Settings) -> Result<Self> {
        let settings = ActiveCampaignSettings::read(settings)?;
        Ok(Self {
            resources: [
                Box::new(users::Users::new(settings.clone())),
                Box::new(groups::Groups::new(settings)),
            ],
        })
    }
}

#[async_trait]
impl Connector for ActiveCampaign {
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
