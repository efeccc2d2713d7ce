//! Slack: SCIM v1 of an Enterprise organisation, the consent pages and the Web API methods around the credential.
//!
//! [`start`] serves it; the [`Slack`] handle tells its addresses and credentials, shows the requests it got, changes
//! its switches, injects faults and moves its clock.

mod custom;
mod error;
mod extension;
mod filter;
mod group;
mod list;
mod model;
mod name;
mod oauth;
mod options;
mod org;
mod pages;
mod rate;
mod render;
mod schemas;
mod scim;
mod seed;
mod slots;
mod state;
mod time;
mod token;
mod web_api;
mod write;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;

use serde_json::Value;

use self::oauth::Codes;
pub use self::options::{Lag, LongLocalPart, LongName, Options, RateLimitBody};
use self::org::Org;
use self::state::{Rules, State};
use self::token::{Grant, Install, Tokens};
use crate::bucket::Limiter;
use crate::clock::Clock;
use crate::fault::Effect;
use crate::harness::{StandIn, bind, lock};
use crate::rng::Rng;

/// Serves a stand-in of Slack at `listen` (port 0 for any) by the system's clock.
pub async fn start(listen: SocketAddr, options: Options) -> io::Result<Slack> {
    start_with_clock(listen, options, Clock::system()).await
}

/// Serves a stand-in of Slack at `listen` (port 0 for any) by that clock.
pub async fn start_with_clock(listen: SocketAddr, options: Options, clock: Clock) -> io::Result<Slack> {
    let (listener, address) = bind(listen).await?;
    let base_url = format!("http://{address}");
    let mut rng = Rng::new(0x5EED_0F51_ACC0);
    let mut org = Org::new(format!("{base_url}/scim/v1/"), Rng::new(rng.next()));
    let cast = seed::fill(&mut org, options.users, options.groups);
    let mut tokens = Tokens::new(Rng::new(rng.next()));
    let mut give =
        |user, scopes: &str, install| tokens.give(Grant { user, scopes: scopes.to_owned(), install });
    let tokens_given = Credentials {
        org: give(cast.installer, "admin", Install::Organisation),
        primary_owner: give(cast.primary_owner, "admin", Install::Organisation),
        no_admin: give(cast.installer, "users:read", Install::Organisation),
        workspace: give(cast.installer, "admin", Install::Workspace(0)),
        admin_not_owner: give(cast.admin, "admin", Install::Organisation),
        client_id: format!("{}.{}", rng.word("123456789", 12), rng.word("123456789", 13)),
        client_secret: rng.word("0123456789abcdef", 32),
    };
    let state = State {
        org,
        options,
        limiter: Limiter::default(),
        tokens,
        codes: Codes::new(Rng::new(rng.next())),
        client_id: tokens_given.client_id.clone(),
        client_secret: tokens_given.client_secret.clone(),
    };
    let rules = Arc::new(Rules::new(state, clock.clone()));
    let stand_in = StandIn::start(listener, address, clock, Arc::<Rules>::clone(&rules));
    Ok(Slack { credentials: tokens_given, rules, stand_in })
}

/// A refusal in Slack's form, for a [`Fault`](crate::Fault): any description of the real service can be had, also those that the
/// stand-in has no reason to give, such as `invited_user_not_created`.
pub fn refusal(status: u16, description: &str) -> Effect {
    let body = error::Refusal::new(status, description).reply().body;
    Effect::status(status, String::from_utf8_lossy(&body))
}

/// A stand-in of Slack that is being served; it stops when dropped or shut down. What all stand-ins have in common is
/// in [`StandIn`].
pub struct Slack {
    credentials: Credentials,
    rules: Arc<Rules>,
    stand_in: StandIn,
}

struct Credentials {
    org: String,
    primary_owner: String,
    no_admin: String,
    workspace: String,
    admin_not_owner: String,
    client_id: String,
    client_secret: String,
}

impl Slack {
    /// The SCIM base, with a slash at the end.
    pub fn scim_url(&self) -> String {
        format!("{}/scim/v1/", self.base_url())
    }

    /// The page that asks for consent.
    pub fn authorize_url(&self) -> String {
        format!("{}/oauth/v2/authorize", self.base_url())
    }

    /// `oauth.v2.access`; `auth.test` and `auth.revoke` are its siblings.
    pub fn token_url(&self) -> String {
        format!("{}/api/oauth.v2.access", self.base_url())
    }

    /// A good token: installed on the organisation by an owner.
    pub fn token(&self) -> &str {
        &self.credentials.org
    }

    /// A good token of the primary owner.
    pub fn primary_owner_token(&self) -> &str {
        &self.credentials.primary_owner
    }

    /// A token without the scope `admin`.
    pub fn no_admin_token(&self) -> &str {
        &self.credentials.no_admin
    }

    /// A token of an installation on a workspace, by mistake.
    pub fn workspace_token(&self) -> &str {
        &self.credentials.workspace
    }

    /// A token of an admin who is not an owner.
    pub fn admin_token(&self) -> &str {
        &self.credentials.admin_not_owner
    }

    /// The app's client id.
    pub fn client_id(&self) -> &str {
        &self.credentials.client_id
    }

    /// The app's client secret.
    pub fn client_secret(&self) -> &str {
        &self.credentials.client_secret
    }

    /// A copy of the switches as they stand.
    pub fn options(&self) -> Options {
        lock(&self.rules.state).options.clone()
    }

    /// Changes switches while it runs.
    pub fn set_options(&self, change: impl FnOnce(&mut Options)) {
        self.rules.set_options(change);
    }

    /// A user as held, whatever reads still see; None when there is none of that id.
    pub fn user(&self, id: &str) -> Option<Value> {
        let state = lock(&self.rules.state);
        state.org.user_at(id).map(|at| state.org.user_now(at))
    }

    /// A user as held, by user name.
    pub fn user_named(&self, user_name: &str) -> Option<Value> {
        let state = lock(&self.rules.state);
        state.org.user_by_name(user_name).map(|at| state.org.user_now(at))
    }

    /// All users as held, in order of creation.
    pub fn users(&self) -> Vec<Value> {
        let state = lock(&self.rules.state);
        (0..state.org.users.len()).map(|at| state.org.user_now(at)).collect()
    }

    /// A group as held; None when there is none of that id.
    pub fn group(&self, id: &str) -> Option<Value> {
        let state = lock(&self.rules.state);
        state.org.group_at(id).and_then(|at| state.org.group_now(at))
    }

    /// All groups as held, in order of creation.
    pub fn groups(&self) -> Vec<Value> {
        let state = lock(&self.rules.state);
        state.org.groups.keys().filter_map(|at| state.org.group_now(*at)).collect()
    }

    /// How many users there are, bots and deactivated ones included.
    pub fn users_len(&self) -> usize {
        lock(&self.rules.state).org.users.len()
    }

    /// How many groups there are.
    pub fn groups_len(&self) -> usize {
        lock(&self.rules.state).org.groups.len()
    }

    /// Takes no new requests, lets running ones finish for two seconds at most, and closes.
    pub async fn shutdown(self) {
        self.stand_in.shutdown().await;
    }
}

impl Deref for Slack {
    type Target = StandIn;

    fn deref(&self) -> &StandIn {
        &self.stand_in
    }
}

/// Without credentials, so that a log line cannot give them away.
impl fmt::Debug for Slack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slack").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}
