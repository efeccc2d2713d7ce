//! Webex: people, licences, roles, organizations, teams and team memberships, and the OAuth consent of an integration.
//!
//! [`start`] serves it; the [`Webex`] handle tells its addresses and credentials, shows the requests it got, changes
//! its switches, injects faults and moves its clock.

mod api;
mod auth;
mod change;
mod directory;
mod error;
mod id;
mod license_rules;
mod license_write;
mod licenses;
mod membership_write;
mod memberships;
mod model;
mod oauth;
mod options;
mod org;
mod pages;
mod paging;
mod people;
mod people_write;
mod render;
mod seed;
mod state;
mod team_write;
mod teams;
mod token;
mod words;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;

use serde_json::Value;

use self::id::Kind;
use self::oauth::Codes;
pub use self::options::{
    BlockedIntegration, Consenter, DirectorySync, ListOrder, NameLimits, NewPerson, NextLink, Options,
    RateScope, RefreshToken, RetryAfter, TimeZoneSpelling, TokenError, TrackingIdForm,
};
use self::org::Org;
use self::render::View;
use self::state::{Rules, State};
use self::token::{Grant, Tokens};
use crate::bucket::Limiter;
use crate::clock::Clock;
use crate::fault::Effect;
use crate::harness::{StandIn, bind, lock};
use crate::rng::Rng;

/// Serves a stand-in of Webex at `listen` (port 0 for any) by the system's clock.
pub async fn start(listen: SocketAddr, options: Options) -> io::Result<Webex> {
    start_with_clock(listen, options, Clock::system()).await
}

/// Serves a stand-in of Webex at `listen` (port 0 for any) by that clock.
pub async fn start_with_clock(listen: SocketAddr, options: Options, clock: Clock) -> io::Result<Webex> {
    let (listener, address) = bind(listen).await?;
    let mut rng = Rng::new(0x3EBE_0F51_ACC0);
    let mut org = Org::new(format!("http://{address}/v1"), seed::licenses(), Rng::new(rng.next()));
    let cast = seed::fill(&mut org, options.people, options.teams, options.foreign_teams);
    let mut tokens = Tokens::new(model::ORG, Rng::new(rng.next()));
    let scopes = options::SCOPES.map(ToOwned::to_owned);
    let grant = Grant { person: cast.full_administrator.clone(), scopes: scopes.to_vec() };
    let pair = tokens.issue(grant, &options, clock.now_ms());
    let credentials = Credentials {
        token: pair.access,
        refresh_token: pair.refresh.unwrap_or_default(),
        client_id: format!("C{}", rng.word("0123456789abcdef", 64)),
        client_secret: rng.word("0123456789abcdef", 64),
    };
    let state = State {
        org,
        options,
        limiter: Limiter::default(),
        tokens,
        codes: Codes::new(Rng::new(rng.next())),
        cast,
        client_id: credentials.client_id.clone(),
        client_secret: credentials.client_secret.clone(),
        asked: 0,
    };
    let rules = Arc::new(Rules::new(state, clock.clone()));
    let stand_in = StandIn::start(listener, address, clock, Arc::<Rules>::clone(&rules));
    Ok(Webex { credentials, rules, stand_in })
}

/// A refusal in Webex's form, for a [`Fault`](crate::Fault); `reason` goes into `errors` unless it is empty.
pub fn refusal(status: u16, message: &str, reason: &str) -> Effect {
    let refusal = error::Refusal::new(status, message);
    let refusal = if reason.is_empty() { refusal } else { refusal.because(reason) };
    Effect::status(status, refusal.body(Some("ROUTERGW_00000000-0000-4000-8000-00000000fa17")).to_string())
}

/// A stand-in of Webex that is being served; it stops when dropped or shut down. What all stand-ins have in common is
/// in [`StandIn`].
pub struct Webex {
    credentials: Credentials,
    rules: Arc<Rules>,
    stand_in: StandIn,
}

struct Credentials {
    token: String,
    refresh_token: String,
    client_id: String,
    client_secret: String,
}

impl Webex {
    /// The API base, without a slash at the end: the "Target URL".
    pub fn api_url(&self) -> String {
        format!("{}/v1", self.base_url())
    }

    /// The page that asks for consent.
    pub fn authorize_url(&self) -> String {
        format!("{}/v1/authorize", self.base_url())
    }

    /// Where codes and refresh tokens are exchanged.
    pub fn token_url(&self) -> String {
        format!("{}/v1/access_token", self.base_url())
    }

    /// Where tokens are revoked; the real one is on another host.
    pub fn revoke_url(&self) -> String {
        format!("{}/idb/oauth2/v1/revoke", self.base_url())
    }

    /// A good token of the full administrator with the nine scopes; it lives 14 days.
    pub fn token(&self) -> &str {
        &self.credentials.token
    }

    /// The refresh token that belongs to [`Webex::token`].
    pub fn refresh_token(&self) -> &str {
        &self.credentials.refresh_token
    }

    /// A fresh token of that person with these scopes.
    pub fn token_of(&self, consenter: Consenter, scopes: &[&str]) -> String {
        let now_ms = self.clock().now_ms();
        let state = &mut *lock(&self.rules.state);
        let scopes = scopes.iter().map(ToString::to_string).collect();
        let grant = Grant { person: state.cast.uuid(consenter).to_owned(), scopes };
        state.tokens.issue(grant, &state.options, now_ms).access
    }

    /// The integration's client id.
    pub fn client_id(&self) -> &str {
        &self.credentials.client_id
    }

    /// The integration's client secret.
    pub fn client_secret(&self) -> &str {
        &self.credentials.client_secret
    }

    /// The id of one of those who may consent.
    pub fn person_id(&self, consenter: Consenter) -> String {
        id::encode(Kind::Person, lock(&self.rules.state).cast.uuid(consenter))
    }

    /// A person as an administrator sees it, Calling data included; by id, or by any address.
    pub fn person(&self, id_or_email: &str) -> Option<Value> {
        let now_ms = self.clock().now_ms();
        let state = lock(&self.rules.state);
        let uuid = id::decode(Kind::Person, id_or_email).ok();
        let by_uuid = uuid.and_then(|uuid| state.org.person_at(&uuid));
        let at = by_uuid.or_else(|| state.org.person_at_email(id_or_email))?;
        let view = View { administrator: true, status: true, calling: true, by_id: false };
        state.person(at, view, now_ms).ok()
    }

    /// How many people the organization has, bots and invited ones included.
    pub fn people_len(&self) -> usize {
        lock(&self.rules.state).org.own_len()
    }

    /// All teams, also those the full administrator is not in, with their `members` beside the usual members.
    pub fn teams(&self) -> Vec<Value> {
        let state = lock(&self.rules.state);
        let team = |team| {
            let mut value = teams::render(team, &state.options);
            let members: Vec<_> =
                team.members.iter().map(|member| memberships::render(&state.org, team, member)).collect();
            value["members"] = Value::from(members);
            value
        };
        state.org.teams.values().map(team).collect()
    }

    /// Lets an invited person sign in for the first time; false when there is nobody of that id.
    pub fn activate(&self, id: &str) -> bool {
        people_write::activate_by_id(&mut lock(&self.rules.state), id).is_ok()
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

impl Deref for Webex {
    type Target = StandIn;

    fn deref(&self) -> &StandIn {
        &self.stand_in
    }
}

/// Without credentials, so that a log line cannot give them away.
impl fmt::Debug for Webex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webex").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}
