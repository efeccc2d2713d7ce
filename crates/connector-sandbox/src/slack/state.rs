//! The rules of Slack as one running thing: state behind a lock, and the routes into it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::oauth::{self, Codes};
use super::options::Options;
use super::org::Org;
use super::rate::Bucket;
use super::token::Tokens;
use super::{pages, scim, web_api};
use crate::bucket::Limiter;
use crate::clock::Clock;
use crate::harness::{Admission, App, Call, Reply, changed, lock};
use crate::locks::Locks;
use crate::page::problem;

/// Everything that changes.
pub(super) struct State {
    pub(super) org: Org,
    pub(super) options: Options,
    pub(super) limiter: Limiter<Bucket>,
    pub(super) tokens: Tokens,
    pub(super) codes: Codes,
    pub(super) client_id: String,
    pub(super) client_secret: String,
}

/// The stand-in's rules, shared by its connections and its handle.
pub(super) struct Rules {
    pub(super) state: Mutex<State>,
    clock: Clock,
    fast: AtomicBool,
    writing: Locks,
}

impl Rules {
    pub(super) fn new(state: State, clock: Clock) -> Self {
        let fast = AtomicBool::new(state.options.fast);
        Self { state: Mutex::new(state), clock, fast, writing: Locks::default() }
    }

    pub(super) fn set_options(&self, change: impl FnOnce(&mut Options)) {
        let mut state = lock(&self.state);
        change(&mut state.options);
        self.fast.store(state.options.fast, Ordering::Relaxed);
    }
}

impl App for Rules {
    fn admit(&self, call: &Call) -> Result<Admission, Reply> {
        let state = lock(&self.state);
        let writes = call.path.starts_with("/scim/") && call.method != "GET";
        if !writes {
            return Ok(Admission::default());
        }
        let takes = Duration::from_millis(state.options.write_ms);
        let Some(id) = scim::written_id(call).filter(|_| state.options.lock_per_id) else {
            return Ok(Admission { takes, hold: None });
        };
        let held = self.writing.hold(id).ok_or_else(|| scim::too_many(&state, "resource_locked", 1))?;
        Ok(Admission { takes, hold: Some(Box::new(held)) })
    }

    fn answer(&self, call: &Call) -> Reply {
        let now_ms = self.clock.now_ms();
        let state = &mut *lock(&self.state);
        let path = call.path.as_str();
        if path.starts_with("/scim/") {
            scim::answer(state, call, now_ms)
        } else if let Some(method) = path.strip_prefix("/api/") {
            web_api::answer(state, call, method, now_ms)
        } else if path == "/oauth/v2/authorize" {
            oauth::authorize(state, call, now_ms)
        } else if path == "/" {
            pages::front(state)
        } else {
            Reply::html(404, problem("There is nothing here", "This stand-in has no such page."))
        }
    }

    fn fast(&self, call: &Call) -> Option<Reply> {
        if !self.fast.load(Ordering::Relaxed) || !call.path.starts_with("/scim/") {
            return None;
        }
        Some(scim::answer(&mut lock(&self.state), call, self.clock.now_ms()))
    }

    fn options(&self) -> Value {
        serde_json::to_value(&lock(&self.state).options).unwrap_or_default()
    }

    fn change_options(&self, change: Value) -> Result<(), String> {
        let changed = changed(&lock(&self.state).options, change)?;
        self.set_options(|options| *options = changed);
        Ok(())
    }
}
