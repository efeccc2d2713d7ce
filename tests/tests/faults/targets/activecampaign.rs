//! ActiveCampaign. Members of its groups are changed on the user, so nothing is asked about groups.

use std::net::SocketAddr;

use connector_sandbox::activecampaign::{self, ActiveCampaign, Options};
use connector_testkit::faults::{Person, Target};
use serde_json::{Value, json};

pub(super) struct ActiveCampaignTarget(ActiveCampaign);

impl ActiveCampaignTarget {
    pub(super) async fn start() -> Self {
        let options = Options { users: 20, groups: 3, rate_limiter: false, ..Options::default() };
        Self(activecampaign::start("127.0.0.1:0".parse().unwrap(), options).await.unwrap())
    }
}

impl Target for ActiveCampaignTarget {
    fn connector(&self) -> &'static str {
        "activecampaign"
    }

    fn address(&self) -> SocketAddr {
        self.0.address()
    }

    fn instance(&self, origin: &str) -> String {
        format!("target_url = \"{origin}/api/3\"\napi_key = \"{}\"\ndefault_group_id = \"3\"", self.0.key())
    }

    fn somebody(&self) -> String {
        "2".to_owned()
    }

    fn user(&self, name: &str) -> Value {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": name,
            "name": { "givenName": "Tove", "familyName": "Arvidsson" },
            "emails": [{ "value": format!("{name}@acme.example"), "type": "work", "primary": true }],
            "password": "correct horse battery",
        })
    }

    fn change(&self) -> Value {
        json!([{ "op": "replace", "path": "name.familyName", "value": "Changed" }])
    }

    fn people(&self, name: &str) -> Vec<Person> {
        let of_name = self.0.users().into_iter().filter(|user| user["username"] == name);
        let person = |user: Value| Person {
            id: user["id"].as_str().unwrap().to_owned(),
            is_active: true,
            is_changed: user["lastName"] == "Changed",
        };
        of_name.map(person).collect()
    }

    fn groups(&self, _: &str) -> Vec<Vec<String>> {
        Vec::new()
    }
}
