//! Webex, from the consent on.

mod consent;
mod people;
mod teams;
mod unknowns;

use connector_host_tests::{Client, Host};
use connector_sandbox::webex::{self, Options, Webex};
use serde_json::{Value, json};

use crate::binary;

const OWN: &str = "urn:connector-host:scim:webex:2.0:User";
pub(crate) const OWN_GROUP: &str = "urn:connector-host:scim:webex:2.0:Group";

/// One host with one instance, and the stand-in behind it.
pub(crate) struct Organisation {
    pub(crate) target: Webex,
    host: Host,
    pub(crate) scim: Client,
}

impl Organisation {
    /// A small organisation; `change` sets switches, `keys` are further keys of the instance.
    pub(crate) async fn with(change: impl FnOnce(&mut Options), keys: &str) -> Self {
        let mut options =
            Options { people: 20, teams: 3, foreign_teams: 1, rate_limiter: false, ..Options::default() };
        change(&mut options);
        let target = webex::start("127.0.0.1:0".parse().unwrap(), options).await.unwrap();
        let config = format!(
            "[outbound]\nallow_networks = [\"127.0.0.0/8\"]\n[instances.acme]\nconnector = \"webex\"\n\
             target_url = \"{}\"\naccess_token = \"{}\"\n{keys}\n",
            target.api_url(),
            target.token(),
        );
        let host = Host::start(&binary(), "", &config).await;
        let scim = host.client("acme", &host.token("acme", "e2e").await);
        Self { target, host, scim }
    }

    async fn new() -> Self {
        Self::with(|_| {}, "").await
    }

    /// What the target was asked to change since the last call of this.
    fn writes(&self) -> Vec<String> {
        let requests = self.target.requests();
        self.target.clear_requests();
        let writes = requests.into_iter().filter(|request| request.method != "GET");
        writes.map(|request| format!("{} {}", request.method, request.path)).collect()
    }

    /// Creates a person; the id.
    async fn create(&self, name: &str) -> String {
        let created = self.scim.post("/Users", &user(name)).await.ok(201);
        self.target.clear_requests();
        created["id"].as_str().unwrap().to_owned()
    }

    /// The ids of licences by name.
    pub(crate) async fn license(&self, name: &str) -> String {
        let listed = self.scim.get("/Licenses").await.ok(200);
        let licenses = listed["Resources"].as_array().unwrap();
        let found = licenses.iter().find(|license| license["displayName"] == name);
        found.unwrap_or_else(|| panic!("no {name} in {listed}"))["id"].as_str().unwrap().to_owned()
    }
}

pub(crate) fn user(name: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": format!("{name}@acme-demo.example"), "externalId": format!("hr-{name}"),
        "name": {"givenName": "Tove", "familyName": "Arvidsson"}, "title": "Editor",
        "emails": [{"value": format!("{name}@acme-demo.example"), "type": "work", "primary": true}],
    })
}

#[expect(clippy::needless_pass_by_value, reason = "values are written where they are used")]
fn replace(path: &str, value: Value) -> Value {
    json!([{"op": "replace", "path": path, "value": value}])
}

#[tokio::test]
async fn i_08_nothing_is_written_to_a_type_that_can_only_be_read() {
    let acme = Organisation::new().await;
    let license = acme.license("Webex Calling - Professional").await;
    let path = format!("/Licenses/{license}");
    acme.target.clear_requests();
    let changed = json!({"displayName": "Other"});
    acme.scim.post("/Licenses", &changed).await.refused(501, "");
    acme.scim.put(&path, &changed).await.refused(501, "");
    acme.scim.patch(&path, json!([{"op": "replace", "value": changed}])).await.refused(501, "");
    acme.scim
        .patch(&path, json!([{"op": "replace", "path": "displayName", "value": "x"}]))
        .await
        .refused(501, "");
    acme.scim.delete(&path).await.refused(501, "");
    assert!(acme.target.requests().is_empty(), "nothing was asked");
}
