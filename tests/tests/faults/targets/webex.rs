//! Webex.

use std::net::SocketAddr;

use connector_host_tests::user;
use connector_sandbox::webex::{self, Consenter, Webex};
use connector_testkit::faults::{Person, Target};
use serde_json::{Value, json};

pub(super) struct WebexTarget(Webex);

impl WebexTarget {
    pub(super) async fn start() -> Self {
        let options = webex::Options { people: 20, rate_limiter: false, ..webex::Options::default() };
        Self(webex::start("127.0.0.1:0".parse().unwrap(), options).await.unwrap())
    }
}

impl Target for WebexTarget {
    fn connector(&self) -> &'static str {
        "webex"
    }

    fn address(&self) -> SocketAddr {
        self.0.address()
    }

    fn instance(&self, origin: &str) -> String {
        format!("target_url = \"{origin}/v1\"\naccess_token = \"{}\"", self.0.token())
    }

    fn somebody(&self) -> String {
        self.0.person_id(Consenter::FullAdministrator)
    }

    fn user(&self, name: &str) -> Value {
        let address = format!("{name}@acme.example");
        let names = json!({ "givenName": "Tove", "familyName": "Arvidsson" });
        user(name, json!({ "userName": address, "displayName": "Tove Arvidsson", "name": names }))
    }

    fn change(&self) -> Value {
        json!([{ "op": "replace", "path": "name.familyName", "value": "Changed" }])
    }

    fn people(&self, name: &str) -> Vec<Person> {
        let person = |person: Value| Person {
            id: person["id"].as_str().unwrap().to_owned(),
            is_active: true,
            is_changed: person["lastName"] == "Changed",
        };
        self.0.person(&format!("{name}@acme.example")).map(person).into_iter().collect()
    }

    fn groups(&self, name: &str) -> Vec<Vec<String>> {
        let of_name = self.0.teams().into_iter().filter(|team| team["name"] == name);
        let members = |team: Value| {
            let members = team["members"].as_array().cloned().unwrap_or_default();
            members.iter().map(|member| member["personId"].as_str().unwrap().to_owned()).collect()
        };
        of_name.map(members).collect()
    }
}
