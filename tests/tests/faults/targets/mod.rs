//! What the suite needs of each connector's target: one file and one line per connector.

mod activecampaign;
mod slack;
mod webex;
mod workplace;

use std::sync::Arc;

use connector_testkit::faults::Target;

/// The stand-in of this connector's target.
///
/// # Panics
/// When there is none: a connector that is in the registry goes through the suite.
pub(crate) async fn start(connector: &str) -> Arc<dyn Target> {
    match connector {
        "activecampaign" => Arc::new(activecampaign::ActiveCampaignTarget::start().await),
        "slack" => Arc::new(slack::SlackTarget::start().await),
        "webex" => Arc::new(webex::WebexTarget::start().await),
        "workplace" => Arc::new(workplace::WorkplaceTarget::start().await),
        other => panic!("{other} has no target in tests/tests/faults/targets: add one, with its stand-in"),
    }
}
