//! The rules of Workplace as one running thing: state behind a lock, and the routes into it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::api;
use super::model::Tenant;
use super::options::Options;
use super::scim::write::claim;
use super::token::Tokens;
use crate::bucket::Limiter;
use crate::clock::Clock;
use crate::harness::{Admission, App, Call, Reply, changed, lock};
use crate::page::problem;

/// Everything that changes.
pub(super) struct State {
    pub(super) tenant: Tenant,
    /// `http://…/graph`, for links.
    pub(super) graph_url: String,
    pub(super) options: Options,
    pub(super) tokens: Tokens,
    /// The token of the integration with all permissions.
    pub(super) token: String,
    pub(super) limiter: Limiter<()>,
    /// Calls so far.
    pub(super) asked: u64,
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

    /// Another token for the integration with all permissions; the old one ends.
    pub(super) fn rotate(&self) -> String {
        let state = &mut *lock(&self.state);
        if let Some(token) = state.tokens.rotate(&state.token) {
            state.token = token;
        }
        state.token.clone()
    }

    /// The person comes and takes the account; false when there is no such account or it was not invited.
    pub(super) fn claim(&self, id: &str) -> bool {
        claim(&mut lock(&self.state).tenant, id, self.clock.now_ms())
    }

    /// An administrator switches deactivated integrations on again.
    pub(super) fn reactivate(&self) {
        lock(&self.state).tokens.reactivate(self.clock.now_ms());
    }
}

impl App for Rules {
    fn admit(&self, _call: &Call) -> Result<Admission, Reply> {
        Ok(Admission::default())
    }

    fn answer(&self, call: &Call) -> Reply {
        api::answer(&mut lock(&self.state), call, self.clock.now_ms()).unwrap_or_else(|| {
            let text = "SCIM is below /scim/v1 and /scim2, Graph below /graph; the control paths are below /_sandbox.";
            Reply::html(404, problem("There is nothing here", text))
        })
    }

    fn fast(&self, call: &Call) -> Option<Reply> {
        let fast = self.fast.load(Ordering::Relaxed) && api::surface(&call.path).is_some();
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

    /// `POST /claim` with `{"id"}`, `POST /rotate`, `POST /reactivate`.
    fn control(&self, path: &str, call: &Call) -> Option<Reply> {
        let ok = |body: Value| Reply::json(200, body.to_string());
        match (call.method.as_str(), path) {
            ("POST", "/claim") => {
                let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
                Some(if self.claim(body["id"].as_str().unwrap_or_default()) {
                    ok(json!({}))
                } else {
                    let text = "nobody of that id was invited";
                    Reply::json(400, json!({"error": text}).to_string())
                })
            }
            ("POST", "/rotate") => Some(ok(json!({"token": self.rotate()}))),
            ("POST", "/reactivate") => {
                self.reactivate();
                Some(ok(json!({})))
            }
            _ => None,
        }
    }

    /// Every answer tells the usage, also one that a fault made, and has the label of its edition.
    fn finish(&self, call: &Call, reply: Reply) -> Reply {
        api::finish(&lock(&self.state), call, reply)
    }
}
