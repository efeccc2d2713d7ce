//! End to end: the real host as a process, configured as an operator would, in front of a stand-in of its target.
//!
//! Every test looks at both sides: what the SCIM client is answered, and what the target was asked.

#![expect(clippy::unwrap_used, reason = "a failing helper is a failing test")]

mod access;
mod activecampaign;
mod admin;
mod bulk;
mod clients;
mod consent;
mod discovery;
mod doubt;
mod failures;
mod groups;
mod ledger;
mod lists;
mod mapping;
mod metrics;
mod operating;
mod outbound;
mod preview;
mod protocol;
mod refresh;
mod refusals;
mod settings;
mod shapes;
mod store;
mod tls;
mod users;
mod versions;
mod webex;
mod workplace;

use std::path::PathBuf;

use connector_host_tests::World;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The binary under test: the one this package builds, or any other, as a release build.
fn binary() -> PathBuf {
    std::env::var_os("CONNECTOR_HOST_BIN")
        .map_or_else(|| env!("CARGO_BIN_EXE_connector-host-under-test").into(), PathBuf::from)
}

/// One instance, nothing special.
async fn world() -> World {
    World::with(binary(), "", "").await
}

/// One instance with these further keys.
async fn world_with(keys: &str) -> World {
    World::with(binary(), "", keys).await
}
