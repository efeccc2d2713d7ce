//! Workplace: people and people sets through SCIM in both editions, groups through Graph.

mod checks;
mod groups;
mod people_sets;
mod switches;
mod users;

use connector_host_tests::{Client, Host};
use connector_sandbox::workplace::{self, Options, Workplace};
use serde_json::{Value, json};

use crate::binary;

const OWN: &str = "urn:connector-host:scim:workplace:2.0:User";
pub(crate) const OWN_GROUP: &str = "urn:connector-host:scim:workplace:2.0:Group";
const STATUS: &str = "urn:ietf:params:scim:schemas:extension:facebook:accountstatusdetails:2.0:User";

/// One host with one instance, and the stand-in behind it.
pub(crate) struct Community {
    pub(crate) target: Workplace,
    host: Host,
    pub(crate) scim: Client,
}

impl Community {
    async fn new(options: Options, keys: &str) -> Self {
        Self::speaking("v2", options, keys).await
    }

    /// An instance whose target address is that of this edition.
    pub(crate) async fn speaking(edition: &str, options: Options, keys: &str) -> Self {
        Self::served("", edition, options, keys).await
    }

    /// The same with more of `[server]`.
    async fn served(server: &str, edition: &str, options: Options, keys: &str) -> Self {
        let target = workplace::start("127.0.0.1:0".parse().unwrap(), options).await.unwrap();
        let config = configuration(&target, edition, &target.token(), keys);
        let host = Host::start(&binary(), server, &config).await;
        let scim = host.client("acme", &host.token("acme", "e2e").await);
        Self { target, host, scim }
    }

    /// What the target was asked since the last call of this.
    fn calls(&self) -> Vec<String> {
        let requests = self.target.requests();
        self.target.clear_requests();
        requests.into_iter().map(|request| format!("{} {}", request.method, request.path)).collect()
    }

    /// Waits for a line of the log that has this text.
    async fn logged(&self, text: &str) {
        self.host.logged(|line| line["message"].as_str().is_some_and(|line| line.contains(text))).await;
    }

    /// A new person, by name.
    async fn person(&self, name: &str) -> String {
        let created = self.scim.post("/Users", &person(name)).await.ok(201);
        created["id"].as_str().unwrap().to_owned()
    }
}

fn configuration(target: &Workplace, edition: &str, token: &str, keys: &str) -> String {
    let target_url = if edition == "v1" { target.scim_v1_url() } else { target.scim_url() };
    format!(
        "[outbound]\nallow_networks = [\"127.0.0.0/8\"]\n[instances.acme]\nconnector = \"workplace\"\n\
         target_url = \"{target_url}\"\ngraph_url = \"{}\"\napi_key = \"{token}\"\n{keys}\n",
        target.graph_url(),
    )
}

/// A small community.
pub(crate) fn few() -> Options {
    Options { people: 12, people_sets: 2, groups: 3, ..Options::default() }
}

pub(crate) fn person(name: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", OWN],
        "userName": format!("{name}@riverbank.example"), "externalId": format!("hr-{name}"),
        "name": {"givenName": "Mina", "familyName": "Okafor"},
        "title": "Quay Supervisor", "locale": "en-GB",
        "phoneNumbers": [{"value": "+441632960123", "type": "work", "primary": true}],
        "addresses": [{"type": "work", "formatted": "Dock 4, Hull", "primary": true}],
        crate::ENTERPRISE: {"department": "Harbour", "costCenter": "CC-88"},
        OWN: {"startDate": "2021-01-01T00:00:00Z", "authMethod": "sso", "frontline": true},
    })
}
