//! Workplace from Meta: people and people sets through its SCIM API in both editions, groups through Graph
//! (<https://developers.facebook.com/docs/workplace/>). The product closed on 1 June 2026; see [`SPEC`] for what lives on.

mod call;
mod check;
mod dialect;
mod errors;
mod graph;
mod groups;
mod leftovers;
pub mod mapping;
mod membership;
mod page;
mod people_sets;
mod permissions;
mod person;
mod settings;
mod spec;
mod usage;
mod users;
mod vendor;

use std::sync::Arc;

use async_trait::async_trait;
use connector_core::{
    connector::{Checked, Connector, Registration, Resource, Settings},
    error::Result,
    http::Cx,
    spec::ConnectorSpec,
};

use settings::WorkplaceSettings;
pub use spec::SPEC;

/// What the host's registry lists.
pub const REGISTRATION: Registration =
    Registration { spec: &SPEC, build: |settings| Ok(Box::new(Workplace::new(settings))) };

/// A community, or what is left of one.
pub struct Workplace {
    resources: Vec<Box<dyn Resource>>,
    settings: Arc<WorkplaceSettings>,
}

impl Workplace {
    /// A community served as the instance's parameters say.
    pub fn new(settings: &Settings) -> Self {
        let settings = Arc::new(WorkplaceSettings::read(settings));
        let users = Box::new(users::Users::new(Arc::clone(&settings)));
        let resources: Vec<Box<dyn Resource>> = if settings.users_only {
            vec![users]
        } else {
            let groups = Box::new(groups::Groups::new(Arc::clone(&settings)));
            vec![users, groups, Box::new(people_sets::PeopleSets::new(Arc::clone(&settings)))]
        };
        Self { resources, settings }
    }
}

#[async_trait]
impl Connector for Workplace {
    fn spec(&self) -> &'static ConnectorSpec {
        &SPEC
    }

    fn resources(&self) -> &[Box<dyn Resource>] {
        &self.resources
    }

    async fn check(&self, cx: &Cx<'_>) -> Result<Checked> {
        check::check(cx, &self.settings).await
    }
}
