//! Workplace from Meta: people and people sets in SCIM 1.1 and SCIM 2.0, groups and accounts in Graph.
//!
//! [`start`] serves it; the [`Workplace`] handle tells its addresses and tokens, shows the requests it got, changes its
//! switches, injects faults and moves its clock.

mod api;
mod error;
mod graph;
mod model;
mod options;
mod scim;
mod seed;
mod state;
mod token;
mod words;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;

use serde_json::Value;

use self::model::Tenant;
pub use self::options::{
    Editions, Era, Meta, Options, Permission, ReadOnlyMembers, ScimErrors, StatusDates, StatusPlace,
    ThrottleForm, UsageHeader,
};
use self::state::{Rules, State};
use self::token::Tokens;
use crate::bucket::Limiter;
use crate::clock::Clock;
use crate::fault::Effect;
use crate::harness::{StandIn, bind, lock};
use crate::rng::Rng;

/// Serves a stand-in of Workplace at `listen` (port 0 for any) by the system's clock.
pub async fn start(listen: SocketAddr, options: Options) -> io::Result<Workplace> {
    start_with_clock(listen, options, Clock::system()).await
}

/// Serves a stand-in of Workplace at `listen` (port 0 for any) by that clock.
pub async fn start_with_clock(listen: SocketAddr, options: Options, clock: Clock) -> io::Result<Workplace> {
    let (listener, address) = bind(listen).await?;
    let mut rng = Rng::new(0x3088_FB01);
    let mut tenant = Tenant::new(options.first_id, Rng::new(rng.next()));
    seed::fill(&mut tenant, options.people, options.people_sets, options.groups);
    let mut tokens = Tokens::new(Rng::new(rng.next()));
    let token = tokens.issue(&Permission::ALL, clock.now_ms());
    let graph_url = format!("http://{address}/graph");
    let state = State { tenant, graph_url, options, tokens, token, limiter: Limiter::default(), asked: 0 };
    let rules = Arc::new(Rules::new(state, clock.clone()));
    let stand_in = StandIn::start(listener, address, clock, Arc::<Rules>::clone(&rules));
    Ok(Workplace { rules, stand_in })
}

/// A refusal in the form of Graph, for a [`Fault`](crate::Fault).
pub fn refusal(status: u16, code: u32, message: &str) -> Effect {
    let body = error::Refusal::new(status, code, message).graph_body("Afa17000000");
    Effect::status(status, body.to_string())
}

/// A stand-in of Workplace that is being served; it stops when dropped or shut down. What all stand-ins have in common
/// is in [`StandIn`].
pub struct Workplace {
    rules: Arc<Rules>,
    stand_in: StandIn,
}

impl Workplace {
    /// The base of SCIM 2.0, without a slash at the end: the "Target URL".
    pub fn scim_url(&self) -> String {
        format!("{}/scim2", self.base_url())
    }

    /// The base of SCIM 1.1, without a slash at the end.
    pub fn scim_v1_url(&self) -> String {
        format!("{}/scim/v1", self.base_url())
    }

    /// The base of Graph, without a slash at the end: the "Graph API URL".
    pub fn graph_url(&self) -> String {
        format!("{}/graph", self.base_url())
    }

    /// The token of the integration with all eight permissions, as it stands.
    pub fn token(&self) -> String {
        lock(&self.rules.state).token.clone()
    }

    /// The token of a new integration with these permissions.
    pub fn token_with(&self, permissions: &[Permission]) -> String {
        let now_ms = self.clock().now_ms();
        lock(&self.rules.state).tokens.issue(permissions, now_ms)
    }

    /// Gives the integration of [`Workplace::token`] another token; the old one ends.
    pub fn rotate_token(&self) -> String {
        self.rules.rotate()
    }

    /// Switches integrations on again that were deactivated because nobody used them.
    pub fn reactivate(&self) {
        self.rules.reactivate();
    }

    /// The app secret of every integration, with which calls are signed where that is required.
    pub fn app_secret(&self) -> String {
        lock(&self.rules.state).tokens.app_secret.clone()
    }

    /// `appsecret_time=…&appsecret_proof=…` for that token, as of now.
    pub fn proof(&self, token: &str) -> String {
        let time = self.clock().now_ms().div_euclid(1000).to_string();
        let proof = token::proof_of(&self.app_secret(), token, &time);
        format!("appsecret_time={time}&appsecret_proof={proof}")
    }

    /// Lets an invited person come and take the account; false when there is no such account or it was not invited.
    pub fn claim(&self, id: &str) -> bool {
        self.rules.claim(id)
    }

    /// A person as SCIM 2.0 shows it.
    pub fn person(&self, id: &str) -> Option<Value> {
        scim::view_person(&lock(&self.rules.state), id)
    }

    /// The ids of all people, oldest first.
    pub fn people(&self) -> Vec<String> {
        lock(&self.rules.state).tenant.people.keys().map(ToString::to_string).collect()
    }

    /// A people set as SCIM 2.0 shows it.
    pub fn people_set(&self, id: &str) -> Option<Value> {
        scim::view_people_set(&lock(&self.rules.state), id)
    }

    /// A group with all its fields and its `members`, also those Graph does not show.
    pub fn group(&self, id: &str) -> Option<Value> {
        graph::groups::view(&lock(&self.rules.state), id)
    }

    /// The ids of all groups, oldest first.
    pub fn groups(&self) -> Vec<String> {
        lock(&self.rules.state).tenant.groups.keys().map(ToString::to_string).collect()
    }

    /// A copy of the switches as they stand.
    pub fn options(&self) -> Options {
        lock(&self.rules.state).options.clone()
    }

    /// Changes switches while it runs.
    pub fn set_options(&self, change: impl FnOnce(&mut Options)) {
        self.rules.set_options(change);
    }

    /// Takes no new requests, lets running ones finish for two seconds at most, and closes.
    pub async fn shutdown(self) {
        self.stand_in.shutdown().await;
    }
}

impl Deref for Workplace {
    type Target = StandIn;

    fn deref(&self) -> &StandIn {
        &self.stand_in
    }
}

/// Without credentials, so that a log line cannot give them away.
impl fmt::Debug for Workplace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workplace").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}
