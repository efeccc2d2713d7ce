//! A dry run: a request that is served as always, except that no write leaves.
//!
//! The door asks [`DryRun`] before a call leaves (`http/pretend.rs`): reads are made, writes are kept and answered as the
//! target would. What an object has become is kept here too, so that later reads show it. Nothing else knows of it but
//! the few places that write down what happened: ledger, walks, log.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};
use url::Url;

use crate::{
    connector::Vendor,
    ledger::Memory,
    mapping::{Effect, Plan, Step, Trace},
    scim::same_name,
};

/// What stands for a value that must not be printed.
pub(crate) const REDACTED: &str = "[redacted]";

/// One request of a client, tried without a trace in the target.
#[derive(Debug, Default)]
pub struct DryRun {
    /// Members of the target's JSON whose values are secrets.
    secrets: BTreeSet<String>,
    state: Mutex<State>,
    /// How many look at the target for the dry run's own sake just now.
    asides: AtomicUsize,
}

#[derive(Debug, Default)]
struct State {
    calls: Vec<PlannedCall>,
    /// What the target answered or would answer, by address.
    answers: HashMap<String, Pretended>,
    /// What was made, and what was changed of what is there, by resource type and id.
    objects: HashMap<(String, String), Object>,
    memories: HashMap<(String, String), Memory>,
    steps: Vec<Step>,
}

/// What a dry run knows of an object beyond what the target says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Object {
    /// As it was made, where it is not there yet.
    pub(crate) made: Option<Vendor>,
    /// What was changed since, in order.
    pub(crate) effects: Vec<Effect>,
}

/// A request to the target, as it is shown: secrets are left out, ids that do not exist yet are named.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedCall {
    /// Its place among the calls, from 1.
    pub call: usize,
    /// The method.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// The headers that matter to the target.
    pub headers: Map<String, Value>,
    /// The body; `null` where there is none.
    pub body: Value,
    /// Whether it was made: reads are, writes are not, nor are reads of what is not there yet.
    pub sent: bool,
}

/// What an address answers in this dry run.
#[derive(Debug, Clone)]
pub(crate) enum Pretended {
    /// The target answered this.
    Read(Bytes),
    /// It would answer this after a write.
    Written(Value),
    /// It would answer nothing any more.
    Gone,
}

impl DryRun {
    /// A dry run for an instance with these tables.
    pub fn new<'p>(plans: impl IntoIterator<Item = &'p Plan>) -> Self {
        let secrets = plans.into_iter().flat_map(Plan::secret_members).map(str::to_owned).collect();
        Self { secrets, ..Self::default() }
    }

    /// Every request to the target so far, in order.
    pub fn calls(&self) -> Vec<PlannedCall> {
        self.state().calls.clone()
    }

    /// What became of each value so far, in order.
    pub fn trace(&self) -> Vec<Step> {
        self.state().steps.iter().cloned().map(|step| step.map_text(&readable)).collect()
    }

    /// Text of an answer with names for the ids that do not exist yet, as people read them.
    pub fn shown(value: Value) -> Value {
        map_text(value, &readable)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until what this returns is dropped, calls are made for the dry run's own sake, and are no part of the result.
    pub(crate) fn aside(&self) -> impl Drop + use<'_> {
        struct Aside<'a>(&'a AtomicUsize);
        impl Drop for Aside<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::Relaxed);
            }
        }
        self.asides.fetch_add(1, Ordering::Relaxed);
        Aside(&self.asides)
    }

    pub(crate) fn is_aside(&self) -> bool {
        self.asides.load(Ordering::Relaxed) > 0
    }

    /// Adds a call; returns its number.
    pub(crate) fn plan(
        &self,
        method: &str,
        url: &Url,
        headers: Map<String, Value>,
        body: Value,
        sent: bool,
    ) -> usize {
        let mut state = self.state();
        let call = state.calls.len() + 1;
        let url = self.without_secrets(url);
        let body = map_text(self.redacted(body), &readable);
        state.calls.push(PlannedCall { call, method: method.to_owned(), url, headers, body, sent });
        call
    }

    /// What this address answers. An object that is not there yet answers wherever its id ends an address: some targets
    /// make things at one and show them at another.
    pub(crate) fn answer(&self, address: &str) -> Option<Pretended> {
        let state = self.state();
        let id = address.rsplit('/').next().filter(|id| is_promised(id));
        let elsewhere = || {
            let id = id?;
            let ends = |known: &&String| known.rsplit('/').next() == Some(id);
            state.answers.keys().find(ends).and_then(|known| state.answers.get(known))
        };
        state.answers.get(address).or_else(elsewhere).cloned()
    }

    pub(crate) fn set_answer(&self, address: &str, answer: Pretended) {
        self.state().answers.insert(address.to_owned(), answer);
    }

    /// What is known of an object beyond what the target says.
    pub(crate) fn object(&self, resource: &str, id: &str) -> Object {
        self.state().objects.get(&key(resource, id)).cloned().unwrap_or_default()
    }

    pub(crate) fn make(&self, resource: &str, id: &str, object: Vendor) {
        self.state().objects.entry(key(resource, id)).or_default().made = Some(object);
    }

    pub(crate) fn change(&self, resource: &str, id: &str, effect: Effect) {
        self.state().objects.entry(key(resource, id)).or_default().effects.push(effect);
    }

    /// What would be remembered of an object.
    pub(crate) fn memory(&self, resource: &str, id: &str) -> Option<Memory> {
        self.state().memories.get(&key(resource, id)).cloned()
    }

    pub(crate) fn set_memory(&self, resource: &str, id: &str, memory: Memory) {
        self.state().memories.insert(key(resource, id), memory);
    }

    /// Adds to the trace.
    pub(crate) fn add(&self, resource: &str, trace: Trace) {
        let steps = trace.into_steps().into_iter().map(|step| Step { resource: resource.to_owned(), ..step });
        self.state().steps.extend(steps);
    }

    fn without_secrets(&self, url: &Url) -> String {
        let is_secret = |name: &str| self.secrets.iter().any(|secret| same_name(secret, name));
        let mut url = url.clone();
        if url.query_pairs().any(|(name, _)| is_secret(&name)) {
            let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            let mut query = url.query_pairs_mut();
            query.clear();
            for (name, value) in &pairs {
                query.append_pair(name, if is_secret(name) { REDACTED } else { value });
            }
        }
        readable(url.as_str())
    }

    fn redacted(&self, value: Value) -> Value {
        match value {
            Value::Object(members) => {
                let members = members.into_iter().map(|(name, value)| {
                    let secret = self.secrets.iter().any(|secret| same_name(secret, &name));
                    let value = if secret { Value::from(REDACTED) } else { self.redacted(value) };
                    (name, value)
                });
                Value::Object(members.collect())
            }
            Value::Array(elements) => {
                Value::Array(elements.into_iter().map(|element| self.redacted(element)).collect())
            }
            other => other,
        }
    }
}

fn key(resource: &str, id: &str) -> (String, String) {
    (resource.to_owned(), id.to_owned())
}

const ID_OF: &str = "{id of call ";

/// What stands for the id that call `number` would bring.
pub(crate) fn id_of(number: usize) -> String {
    format!("{ID_OF}{number}}}")
}

/// Whether it stands for an id that a call would bring.
pub(crate) fn is_promised(id: &str) -> bool {
    id.strip_prefix(ID_OF)
        .and_then(|rest| rest.strip_suffix('}'))
        .is_some_and(|number| number.parse::<usize>().is_ok())
}

/// Whether an address holds an id that a call would bring.
pub(crate) fn is_about_promised(url: &str) -> bool {
    readable(url).contains(ID_OF)
}

/// Text in which ids that a call would bring stand as they are written, not as an address encodes them.
pub(crate) fn readable(text: &str) -> String {
    const FORMS: [(&str, &str); 3] =
        [("%7Bid%20of%20call%20", "%7D"), ("%7Bid+of+call+", "%7D"), ("{id%20of%20call%20", "}")];
    let mut text = text.to_owned();
    for (begin, end) in FORMS {
        let mut from = 0;
        while let Some(at) = text[from..].find(begin).map(|at| at + from) {
            let digits = text[at + begin.len()..].bytes().take_while(u8::is_ascii_digit).count();
            let after = at + begin.len() + digits;
            if digits > 0 && text[after..].starts_with(end) {
                let plain = format!("{ID_OF}{}}}", &text[at + begin.len()..after]);
                text.replace_range(at..after + end.len(), &plain);
                from = at + plain.len();
            } else {
                from = after;
            }
        }
    }
    text
}

/// A value with every text in it changed so.
pub(crate) fn map_text(value: Value, change: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(change(&text)),
        Value::Array(elements) => {
            Value::Array(elements.into_iter().map(|element| map_text(element, change)).collect())
        }
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (name, map_text(value, change))).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_id_that_a_call_would_bring_reads_the_same_in_every_address() {
        let url = |path: &[&str], query: &str| {
            let mut url = Url::parse("https://h/v1/").unwrap();
            url.path_segments_mut().unwrap().pop_if_empty().extend(path);
            if !query.is_empty() {
                url.query_pairs_mut().append_pair("teamId", query);
            }
            readable(url.as_str())
        };
        let id = id_of(12);
        assert!(is_promised(&id) && !is_promised("{id of call x}") && !is_promised("W01"));
        assert_eq!(url(&["Users", &id], ""), "https://h/v1/Users/{id of call 12}");
        assert_eq!(url(&["memberships"], &id), "https://h/v1/memberships?teamId={id of call 12}");
        assert_eq!(
            readable("%7Bid%20of%20call%20x%7D %7Bid%20of%20call%20"),
            "%7Bid%20of%20call%20x%7D %7Bid%20of%20call%20"
        );
    }

    #[test]
    fn secrets_show_neither_in_a_body_nor_in_an_address() {
        let run = DryRun { secrets: BTreeSet::from(["initial_password".to_owned()]), ..DryRun::default() };
        let url = Url::parse("https://h/v1/users?a=1&initial_password=hunter2").unwrap();
        let body = json!({"user": {"login": "ada", "Initial_Password": "hunter2"}, "more": [{"initial_password": {"x": 1}}]});
        run.plan("POST", &url, Map::new(), body, false);
        let call = serde_json::to_string(&run.calls()).unwrap();
        assert!(!call.contains("hunter2") && call.contains("ada"), "{call}");
        assert_eq!(run.calls()[0].body["more"][0]["initial_password"], "[redacted]");
    }
}
