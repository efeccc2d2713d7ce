//! The rules of ActiveCampaign as one running thing: state behind a lock, and the routes into it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::account::Account;
use super::api;
use super::options::Options;
use super::window::Window;
use crate::clock::Clock;
use crate::harness::{Admission, App, Call, Reply, changed, lock};
use crate::page::problem;

/// Everything that changes.
pub(super) struct State {
    pub(super) account: Account,
    pub(super) options: Options,
    pub(super) window: Window,
}

/// The stand-in's rules, shared by its connections and its handle.
pub(super) struct Rules {
    pub(super) state: Mutex<State>,
    clock: Clock,
    fast: AtomicBool,
}

impl Rules {
    pub(super) fn new(state: State, clock: Clock) -> Self {
        let fast = AtomicBool::new(state.options.fast);
        Self { state: Mutex::new(state), clock, fast }
    }

    pub(super) fn set_options(&self, change: impl FnOnce(&mut Options)) {
        let mut state = lock(&self.state);
        change(&mut state.options);
        self.fast.store(state.options.fast, Ordering::Relaxed);
    }
}

impl App for Rules {
    fn admit(&self, _call: &Call) -> Result<Admission, Reply> {
        Ok(Admission::default())
    }

    fn answer(&self, call: &Call) -> Reply {
        match call.path.strip_prefix("/api/3/") {
            Some(path) => api::answer(&mut lock(&self.state), call, path, self.clock.now_ms()),
            None => {
                let text = "The API of this account is below /api/3; the control paths are below /_sandbox.";
                Reply::html(404, problem("There is nothing here", text))
            }
        }
    }

    fn fast(&self, call: &Call) -> Option<Reply> {
        let fast = self.fast.load(Ordering::Relaxed) && call.path.starts_with("/api/3/");
        fast.then(|| self.answer(call))
    }

    fn options(&self) -> Value {
        serde_json::to_value(&lock(&self.state).options).unwrap_or_default()
    }

    fn change_options(&self, change: Value) -> Result<(), String> {
        let changed = changed(&lock(&self.state).options, change)?;
        self.set_options(|options| *options = changed);
        Ok(())
    }

    /// `POST /key` with `{"id"}`: the key of that user.
    fn control(&self, path: &str, call: &Call) -> Option<Reply> {
        if (call.method.as_str(), path) != ("POST", "/key") {
            return None;
        }
        let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
        let id = body["id"].as_str().and_then(|id| id.parse().ok());
        let key = id.and_then(|id| lock(&self.state).account.key(id));
        Some(match key {
            Some(key) => Reply::json(200, json!({"key": key}).to_string()),
            None => Reply::json(400, json!({"error": "there is no user of that id"}).to_string()),
        })
    }
}
