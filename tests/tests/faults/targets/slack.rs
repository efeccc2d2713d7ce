//! Slack.

use std::net::SocketAddr;

use connector_host_tests::user;
use connector_sandbox::slack::{self, Slack};
use connector_testkit::faults::{Person, Target};
use serde_json::{Value, json};

pub(super) struct SlackTarget(Slack);

impl SlackTarget {
    pub(super) async fn start() -> Self {
        let options =
            slack::Options { users: 40, groups: 3, rate_limiter: false, ..slack::Options::default() };
        Self(slack::start("127.0.0.1:0".parse().unwrap(), options).await.unwrap())
    }
}

impl Target for SlackTarget {
    fn connector(&self) -> &'static str {
        "slack"
    }

    fn address(&self) -> SocketAddr {
        self.0.address()
    }

    fn instance(&self, origin: &str) -> String {
        format!("target_url = \"{origin}/scim/v1/\"\naccess_token = \"{}\"", self.0.token())
    }

    fn somebody(&self) -> String {
        self.0.users()[20]["id"].as_str().unwrap().to_owned()
    }

    fn user(&self, name: &str) -> Value {
        user(name, json!({ "title": "Engineer" }))
    }

    fn change(&self) -> Value {
        json!([{ "op": "replace", "path": "title", "value": "Changed" }])
    }

    fn people(&self, name: &str) -> Vec<Person> {
        let of_name = self.0.users().into_iter().filter(|user| user["userName"] == name);
        let person = |user: Value| Person {
            id: user["id"].as_str().unwrap().to_owned(),
            is_active: user["active"] == true,
            is_changed: user["title"] == "Changed",
        };
        of_name.map(person).collect()
    }

    fn groups(&self, name: &str) -> Vec<Vec<String>> {
        let of_name = self.0.groups().into_iter().filter(|group| group["displayName"] == name);
        let members = |group: Value| {
            let members = group["members"].as_array().cloned().unwrap_or_default();
            members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect()
        };
        of_name.map(members).collect()
    }
}
