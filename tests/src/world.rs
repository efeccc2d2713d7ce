//! One host with one instance, and the stand-in of Slack behind it.

use std::path::{Path, PathBuf};

use connector_sandbox::slack::{self, Slack};
use serde_json::{Value, json};

use crate::{Client, Gate, Host};

/// What most tests happen in.
#[derive(Debug)]
pub struct World {
    /// The target.
    pub slack: Slack,
    /// The host.
    pub host: Host,
    /// A client of the instance `acme`.
    pub scim: Client,
}

impl World {
    /// A host whose instance `acme` has these further keys; `server` are further keys of `[server]`.
    pub async fn with(binary: PathBuf, server: &str, keys: &str) -> Self {
        let slack = stand_in().await;
        let url = slack.scim_url();
        Self::of(slack, &url, &binary, server, keys, "").await
    }

    /// The same with these further keys of `[outbound]`.
    pub async fn with_outbound(binary: PathBuf, keys: &str) -> Self {
        let slack = stand_in().await;
        let url = slack.scim_url();
        Self::of(slack, &url, &binary, "", "", keys).await
    }

    /// The same with a gate before the target.
    pub async fn behind_gate(binary: PathBuf, server: &str) -> (Self, Gate) {
        let slack = stand_in().await;
        let gate = Gate::before(Some(slack.address())).await;
        let url = gate.scim_url();
        (Self::of(slack, &url, &binary, server, "", "").await, gate)
    }

    async fn of(slack: Slack, url: &str, binary: &Path, server: &str, keys: &str, outbound: &str) -> Self {
        let config = instance("acme", url, slack.token(), keys);
        let config = format!("[outbound]\nallow_networks = [\"127.0.0.0/8\"]\n{outbound}\n{config}");
        let host = Host::start(binary, server, &config).await;
        let token = host.token("acme", "e2e").await;
        let scim = host.client("acme", &token);
        Self { slack, host, scim }
    }

    /// What the target was asked since the last call of this, as `METHOD path?query`.
    pub fn calls(&self) -> Vec<String> {
        let calls = calls(&self.slack);
        self.slack.clear_requests();
        calls
    }

    /// The same, each with the members its body names.
    pub fn member_calls(&self) -> Vec<(String, Value)> {
        let members: Vec<_> =
            self.slack.requests().into_iter().map(|mut request| request.body["members"].take()).collect();
        self.calls().into_iter().zip(members).collect()
    }

    /// Creates a user and forgets the calls that took.
    pub async fn create(&self, name: &str, more: Value) -> Value {
        let created = self.scim.post("/Users", &user(name, more)).await.ok(201);
        self.slack.clear_requests();
        created
    }

    /// A seeded user who is an ordinary, active member.
    pub fn member(&self, nth: usize) -> Value {
        let ordinary = |user: &Value| {
            user["active"] == true && user["urn:scim:schemas:extension:slack:guest:1.0"].is_null()
        };
        // The first accounts are owners, admins and bots.
        self.slack.users().into_iter().skip(9).filter(ordinary).nth(nth).expect("there are many")
    }

    /// The ids of so many of them.
    pub fn members(&self, count: usize) -> Vec<String> {
        let id = |nth| self.member(nth)["id"].as_str().expect("users have ids").to_owned();
        (0..count).map(id).collect()
    }
}

/// A stand-in of Slack with its usual people.
pub async fn stand_in() -> Slack {
    let loopback = "127.0.0.1:0".parse().expect("an address");
    slack::start(loopback, slack::Options::default()).await.expect("the stand-in starts")
}

/// What a target was asked, as `METHOD path?query`.
pub fn calls(slack: &Slack) -> Vec<String> {
    let line = |request: connector_sandbox::RecordedRequest| match request.query.as_str() {
        "" => format!("{} {}", request.method, request.path),
        query => format!("{} {}?{query}", request.method, request.path),
    };
    slack.requests().into_iter().map(line).collect()
}

/// An instance as it is configured.
pub fn instance(name: &str, target_url: &str, token: &str, keys: &str) -> String {
    format!(
        "[instances.{name}]\nconnector = \"slack\"\ntarget_url = \"{target_url}\"\naccess_token = \"{token}\"\n{keys}\n"
    )
}

/// The body of a new user, with what `more` adds or replaces.
pub fn user(name: &str, more: Value) -> Value {
    let mut body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": name,
        "emails": [{ "value": format!("{name}@acme.example"), "type": "work", "primary": true }],
    });
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    body
}
