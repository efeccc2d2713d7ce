//! Newtarget. FILL IN: which API and edition, with a link to its documentation.

mod check;
mod errors;
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

use settings::NewtargetSettings;
pub use spec::SPEC;

/// What the host's registry lists.
pub const REGISTRATION: Registration =
    Registration { spec: &SPEC, build: |settings| Ok(Box::new(Newtarget::new(settings)?)) };

/// One configured Newtarget.
pub struct Newtarget {
    resources: [Box<dyn Resource>; 1],
}

impl Newtarget {
    /// Served as the instance's parameters say.
    pub fn new(settings: &Settings) -> Result<Self> {
        let _settings = NewtargetSettings::read(settings);
        Ok(Self { resources: [Box::new(users::Users)] })
    }
}

#[async_trait]
impl Connector for Newtarget {
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
