//! The rules of Webex as one running thing: state behind a lock, and the routes into it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::error::{Refusal, Result};
use super::model::PersonAt;
use super::oauth::{self, Codes};
use super::options::{Consenter, Options, TrackingIdForm};
use super::org::Org;
use super::render::{self, View};
use super::token::Tokens;
use super::{api, pages, people_write};
use crate::bucket::Limiter;
use crate::clock::Clock;
use crate::harness::{Admission, App, Call, Reply, changed, lock};
use crate::locks::Locks;
use crate::page::problem;
use crate::rng::mix;

/// Everything that changes.
pub(super) struct State {
    pub(super) org: Org,
    pub(super) options: Options,
    pub(super) limiter: Limiter<String>,
    pub(super) tokens: Tokens,
    pub(super) codes: Codes,
    pub(super) cast: Cast,
    pub(super) client_id: String,
    pub(super) client_secret: String,
    /// Requests of the API so far.
    pub(super) asked: u64,
}

/// UUIDs of those who may consent.
pub(super) struct Cast {
    pub(super) full_administrator: String,
    pub(super) user_administrator: String,
    pub(super) read_only_administrator: String,
    pub(super) member: String,
}

impl Cast {
    pub(super) fn uuid(&self, consenter: Consenter) -> &str {
        match consenter {
            Consenter::FullAdministrator => &self.full_administrator,
            Consenter::UserAdministrator => &self.user_administrator,
            Consenter::ReadOnlyAdministrator => &self.read_only_administrator,
            Consenter::Member => &self.member,
        }
    }
}

impl State {
    /// Nothing of that UUID: it never was there, or was deleted.
    pub(super) fn missing(&self, what: &str, uuid: &str) -> Refusal {
        let status = if self.org.is_gone(uuid) { self.options.deleted_status } else { 404 };
        Refusal { status, ..Refusal::missing(what) }
    }

    /// A person as that view shows it.
    pub(super) fn person(&self, at: PersonAt, view: View, now_ms: i64) -> Result<Value> {
        let person = self.org.people.get(&at).ok_or_else(|| Refusal::missing("Person"))?;
        Ok(render::person(&self.org, person, view, &self.options, now_ms))
    }
}

/// The stand-in's rules, shared by its connections and its handle.
pub(super) struct Rules {
    pub(super) state: Mutex<State>,
    clock: Clock,
    fast: AtomicBool,
    answered: AtomicU64,
    writing: Locks,
}

impl Rules {
    pub(super) fn new(state: State, clock: Clock) -> Self {
        let fast = AtomicBool::new(state.options.fast);
        Self { state: Mutex::new(state), clock, fast, answered: AtomicU64::new(0), writing: Locks::default() }
    }

    pub(super) fn set_options(&self, change: impl FnOnce(&mut Options)) {
        let mut state = lock(&self.state);
        change(&mut state.options);
        self.fast.store(state.options.fast, Ordering::Relaxed);
    }

    /// The client's own tracking id, or one nobody has had.
    fn tracking_id(&self, call: &Call) -> String {
        if let Some(own) = &call.request_id {
            return own.clone();
        }
        let n = self.answered.fetch_add(1, Ordering::Relaxed);
        let (high, low) = (mix(n ^ 0x7AC4), mix(n));
        let uuid = format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            high >> 32,
            high & 0xFFFF,
            (high >> 16) & 0xFFF,
            low & 0xFFF,
            low >> 16
        );
        match lock(&self.state).options.tracking_id_form {
            TrackingIdForm::RouterGateway => format!("ROUTERGW_{uuid}"),
            TrackingIdForm::Router => format!("ROUTER_{uuid}"),
            TrackingIdForm::NotAvailable => format!("NA_{uuid}"),
            TrackingIdForm::Bare => format!("{high:016x}{low:016x}_{}", self.clock.now_ms()),
        }
    }
}

impl App for Rules {
    fn admit(&self, call: &Call) -> Result<Admission, Reply> {
        let options = {
            let state = lock(&self.state);
            let written =
                call.path.strip_prefix("/v1/").filter(|path| *path != "access_token" && *path != "authorize");
            if written.is_none() || call.method == "GET" {
                return Ok(Admission::default());
            }
            state.options.clone()
        };
        let takes = Duration::from_millis(options.write_ms);
        let id = call
            .path
            .rsplit('/')
            .next()
            .filter(|id| call.method != "POST" && *id != "users" && options.lock_per_id);
        let Some(id) = id else { return Ok(Admission { takes, hold: None }) };
        let held = self.writing.hold(id).ok_or_else(|| {
            let tracking_id = self.tracking_id(call);
            let text = "The requested resource is temporarily unavailable.";
            let refusal = Refusal { wait: Some(1), ..Refusal::new(423, text) };
            refusal.reply(&options, &tracking_id).header("trackingid", tracking_id)
        })?;
        Ok(Admission { takes, hold: Some(Box::new(held)) })
    }

    fn answer(&self, call: &Call) -> Reply {
        let tracking_id = self.tracking_id(call);
        let now_ms = self.clock.now_ms();
        let state = &mut *lock(&self.state);
        let reply = match call.path.as_str() {
            "/v1/authorize" | "/idb/oauth2/v1/authorize" => {
                oauth::authorize(state, call, &tracking_id, now_ms)
            }
            "/v1/access_token" | "/idb/oauth2/v1/access_token" => {
                oauth::access_token(state, call, &tracking_id, now_ms)
            }
            "/idb/oauth2/v1/revoke" => oauth::revoke(state, call, &tracking_id, now_ms),
            "/idb/oauth2/v1/logout" => oauth::logout(state, call, now_ms),
            "/" => pages::front(state),
            path => match path.strip_prefix("/v1/") {
                Some(path) => api::answer(state, call, path, &tracking_id, now_ms),
                None => Reply::html(404, problem("There is nothing here", "This stand-in has no such page.")),
            },
        };
        reply.header("trackingid", tracking_id)
    }

    fn fast(&self, call: &Call) -> Option<Reply> {
        let fast = self.fast.load(Ordering::Relaxed) && call.path.starts_with("/v1/");
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

    /// `POST /activate` with `{"id"}`: the first sign-in of an invited person.
    fn control(&self, path: &str, call: &Call) -> Option<Reply> {
        if (call.method.as_str(), path) != ("POST", "/activate") {
            return None;
        }
        let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
        let activated =
            people_write::activate_by_id(&mut lock(&self.state), body["id"].as_str().unwrap_or_default());
        Some(match activated {
            Ok(person) => Reply::json(200, person.to_string()),
            Err(refusal) => Reply::json(refusal.status, refusal.body(None).to_string()),
        })
    }

    /// Every answer has a tracking id, also one that a fault made.
    fn finish(&self, call: &Call, mut reply: Reply) -> Reply {
        if !reply.headers.iter().any(|(name, _)| *name == "trackingid") {
            let tracking_id = self.tracking_id(call);
            reply = reply.header("trackingid", tracking_id);
        }
        let (twice, plain) = {
            let options = &lock(&self.state).options;
            (options.tracking_id_twice, options.plain_content_type)
        };
        if twice && call.request_id.is_some() {
            for (_, value) in reply.headers.iter_mut().filter(|(name, _)| *name == "trackingid") {
                *value = format!("{value},{value}");
            }
        }
        if reply.content_type.as_deref() == Some(Reply::JSON) {
            let told = if plain { "application/json" } else { "application/json;charset=UTF-8" };
            reply.content_type = Some(told.into());
        }
        reply
    }
}
