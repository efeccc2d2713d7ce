//! Faults between the host and a target: afterwards the target holds exactly what was acknowledged, nothing twice, and the
//! client was told the truth.
//!
//! A [`Scenario`] is one operation of a SCIM client and one [`Trouble`] on the [`Wire`] to the target. It goes in two steps,
//! so that many can go at once: [`Scenario::begin`] prepares, makes the trouble, sends the request and lifts the trouble when
//! the answer is there; when the host has ended what it does behind its clients' backs, [`Begun::finish`] looks what the
//! target holds, sends the same request again, and looks once more.

mod certificate;
mod names;
mod scenario;
mod trouble;
mod wire;

pub use certificate::{Authority, Validity};
pub use names::Names;
pub use scenario::{Begun, Operation, Scenario};
pub use trouble::{Lasts, Place, Trouble};
pub use wire::{Counts, Struck, Wire};

use std::net::SocketAddr;

use async_trait::async_trait;
use connector_core::connector::Connector;
use serde_json::Value;

/// What a connector's target has to tell the suite: one of these per connector.
pub trait Target: Send + Sync {
    /// The connector's name.
    fn connector(&self) -> &'static str;

    /// Where the target listens.
    fn address(&self) -> SocketAddr;

    /// The keys of an instance that reaches the target at this origin, as `http://127.0.0.1:8080`: `target_url` and the
    /// credential.
    fn instance(&self, origin: &str) -> String;

    /// The id of somebody who is there from the start.
    fn somebody(&self) -> String;

    /// The SCIM body of a new user of this name (of letters, digits and hyphens, at most 20).
    fn user(&self, name: &str) -> Value;

    /// Operations of a PATCH that change such a user so that [`Person::is_changed`].
    fn change(&self) -> Value;

    /// Everybody of this name that the target itself holds, the deactivated included.
    fn people(&self, name: &str) -> Vec<Person>;

    /// For every group of this name that the target itself holds: the ids of its members. Only asked where members of groups
    /// can be changed.
    fn groups(&self, name: &str) -> Vec<Vec<String>>;
}

/// A user as the target holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Its id.
    pub id: String,
    /// Whether it can sign in: false where a deletion only deactivates.
    pub is_active: bool,
    /// Whether [`Target::change`] took effect.
    pub is_changed: bool,
}

/// A SCIM client of one instance of the host.
#[async_trait]
pub trait Scim: Send + Sync {
    /// Sends a request to a path under the instance's SCIM address and waits for its answer: status and body.
    async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value);
}

/// What a connector can do: read off its facets, so that none is forgotten.
pub fn operations(connector: &dyn Connector) -> Vec<Operation> {
    let find = |name| connector.resources().iter().find(|known| known.spec().table.resource == name);
    let (user, group) = (find("User"), find("Group"));
    let creates = user.is_some_and(|user| user.creator().is_some());
    let can = |operation: &Operation| match operation {
        Operation::Read => user.is_some(),
        Operation::Create => creates,
        Operation::Modify => creates && user.is_some_and(|user| user.updater().is_some()),
        Operation::Delete => creates && user.is_some_and(|user| user.deleter().is_some()),
        Operation::AddMember => {
            creates && group.is_some_and(|group| group.creator().is_some() && group.members().is_some())
        }
    };
    Operation::ALL.iter().copied().filter(can).collect()
}
