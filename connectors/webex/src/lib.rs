//! Cisco Webex through its REST API (<https://developer.webex.com/docs/basics>), as an OAuth integration.

mod account;
mod assign;
mod call;
mod catalog;
mod change;
mod check;
mod errors;
mod groups;
mod id;
pub mod mapping;
mod memberships;
mod oauth;
mod page;
mod person;
mod settings;
mod spec;
mod teams;
mod users;

use std::sync::Arc;

use async_trait::async_trait;
use connector_core::{
    connector::{Checked, Connector, Registration, Resource, Settings},
    error::Result,
    http::Cx,
    spec::ConnectorSpec,
};

use account::Account;
use catalog::{Catalog, ReadOnly};
use settings::WebexSettings;
pub use spec::SPEC;

/// What the host's registry lists.
pub const REGISTRATION: Registration =
    Registration { spec: &SPEC, build: |settings| Ok(Box::new(Webex::new(settings))) };

/// A Webex organisation.
pub struct Webex {
    resources: [Box<dyn Resource>; 6],
}

impl Webex {
    /// An organisation served as the instance's parameters say.
    pub fn new(settings: &Settings) -> Self {
        let settings = WebexSettings::read(settings);
        let (account, catalog) = (Arc::new(Account::new()), Arc::new(Catalog::new()));
        Self {
            resources: [
                Box::new(users::Users::new(settings, Arc::clone(&account), Arc::clone(&catalog))),
                Box::new(groups::Groups::new(settings, account)),
                Box::new(ReadOnly::licenses(Arc::clone(&catalog))),
                Box::new(ReadOnly::entitlements(catalog)),
                Box::new(ReadOnly::roles()),
                Box::new(ReadOnly::organizations()),
            ],
        }
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
