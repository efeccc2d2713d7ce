//! ActiveCampaign: the users, groups and memberships of an account in version 3 of its API.
//!
//! [`start`] serves it; the [`ActiveCampaign`] handle tells its address and keys, shows the requests it got, changes
//! its switches, injects faults and moves its clock.

mod account;
mod api;
mod error;
mod fields;
mod flags;
mod group_write;
mod groups;
mod memberships;
mod options;
mod paging;
mod seed;
mod stamp;
mod state;
mod user_write;
mod users;
mod window;
mod words;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;

use serde_json::Value;

use self::account::{Account, PRIMARY_ADMIN};
pub use self::options::{
    Dates, Deleters, ForbiddenBody, FullGroup, GroupOnPut, InvalidAnswer, ListOrder, MembershipEnvelope,
    MissingBody, NobodyFound, Options, Paging, PasswordDate, Permission, PhoneOnWrite, PutAnswer,
    RateHeaders, SuccessText, UserNameOnPut, UsersTotal,
};
use self::state::{Rules, State};
use self::window::Window;
use crate::clock::Clock;
use crate::fault::Effect;
use crate::harness::{StandIn, bind, lock};
use crate::rng::Rng;

/// Serves a stand-in of ActiveCampaign at `listen` (port 0 for any) by the system's clock.
pub async fn start(listen: SocketAddr, options: Options) -> io::Result<ActiveCampaign> {
    start_with_clock(listen, options, Clock::system()).await
}

/// Serves a stand-in of ActiveCampaign at `listen` (port 0 for any) by that clock.
pub async fn start_with_clock(
    listen: SocketAddr,
    options: Options,
    clock: Clock,
) -> io::Result<ActiveCampaign> {
    let (listener, address) = bind(listen).await?;
    let mut account = Account::new(format!("http://{address}"), Rng::new(0xAC3_0001));
    seed::fill(&mut account, options.users, options.groups);
    let key = account.key(PRIMARY_ADMIN).unwrap_or_default();
    let state = State { account, options, window: Window::default() };
    let rules = Arc::new(Rules::new(state, clock.clone()));
    let stand_in = StandIn::start(listener, address, clock, Arc::<Rules>::clone(&rules));
    Ok(ActiveCampaign { key, rules, stand_in })
}

/// A refusal with a `message`, for a [`Fault`](crate::Fault).
pub fn refusal(status: u16, message: &str) -> Effect {
    Effect::status(status, serde_json::json!({"message": message}).to_string())
}

/// A stand-in of ActiveCampaign that is being served; it stops when dropped or shut down. What all stand-ins have in
/// common is in [`StandIn`].
pub struct ActiveCampaign {
    key: String,
    rules: Arc<Rules>,
    stand_in: StandIn,
}

impl ActiveCampaign {
    /// The API base, without a slash at the end; the "Target URL" with its tail.
    pub fn api_url(&self) -> String {
        format!("{}/api/3", self.base_url())
    }

    /// The key of the primary admin.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The key of the user of that id.
    pub fn key_of(&self, id: &str) -> Option<String> {
        lock(&self.rules.state).account.key(id.parse().ok()?)
    }

    /// A user as a read shows it, with the ids of its `groups` beside the usual members.
    pub fn user(&self, id: &str) -> Option<Value> {
        let state = lock(&self.rules.state);
        let at = id.parse().ok()?;
        let mut user = users::render(&state, at)?;
        let groups = state.account.of_user(at).map(|(_, record)| record.group.to_string());
        user["groups"] = groups.collect::<Vec<_>>().into();
        Some(user)
    }

    /// All users as a read shows them, with the ids of their `groups`, by id.
    pub fn users(&self) -> Vec<Value> {
        let ids: Vec<u64> = lock(&self.rules.state).account.users.keys().copied().collect();
        ids.into_iter().filter_map(|id| self.user(&id.to_string())).collect()
    }

    /// How many users the account has.
    pub fn users_len(&self) -> usize {
        lock(&self.rules.state).account.users.len()
    }

    /// Whether that is the password of the user of that id.
    pub fn has_password(&self, id: &str, password: &str) -> bool {
        let state = lock(&self.rules.state);
        let user = id.parse().ok().and_then(|id: u64| state.account.users.get(&id));
        user.is_some_and(|user| user.password == password)
    }

    /// A group as a read shows it, with the ids of its `members` beside the usual ones.
    pub fn group(&self, id: &str) -> Option<Value> {
        let state = lock(&self.rules.state);
        let at = id.parse().ok()?;
        let mut group = groups::render(&state, at)?;
        let members = state.account.of_group(at).map(|(_, record)| record.user.to_string());
        group["members"] = members.collect::<Vec<_>>().into();
        Some(group)
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

impl Deref for ActiveCampaign {
    type Target = StandIn;

    fn deref(&self) -> &StandIn {
        &self.stand_in
    }
}

/// Without the key, so that a log line cannot give it away.
impl fmt::Debug for ActiveCampaign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActiveCampaign").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}
