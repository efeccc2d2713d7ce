//! Workplace: people through SCIM, groups through Graph.

use std::net::SocketAddr;

use connector_sandbox::workplace::{self, Options, Workplace};
use connector_testkit::faults::{Person, Target};
use serde_json::{Value, json};

pub(super) struct WorkplaceTarget(Workplace);

impl WorkplaceTarget {
    pub(super) async fn start() -> Self {
        let options =
            Options { people: 20, people_sets: 1, groups: 2, rate_limiter: false, ..Options::default() };
        Self(workplace::start("127.0.0.1:0".parse().unwrap(), options).await.unwrap())
    }
}

impl Target for WorkplaceTarget {
    fn connector(&self) -> &'static str {
        "workplace"
    }

    fn address(&self) -> SocketAddr {
        self.0.address()
    }

    fn instance(&self, origin: &str) -> String {
        let token = self.0.token();
        format!("target_url = \"{origin}/scim2/\"\ngraph_url = \"{origin}/graph/\"\napi_key = \"{token}\"")
    }

    fn somebody(&self) -> String {
        self.0.people().remove(2)
    }

    fn user(&self, name: &str) -> Value {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": format!("{name}@riverbank.example"),
            "name": { "givenName": "Mina", "familyName": "Okafor" },
        })
    }

    fn change(&self) -> Value {
        json!([{ "op": "replace", "path": "title", "value": "Changed" }])
    }

    fn people(&self, name: &str) -> Vec<Person> {
        let user_name = format!("{name}@riverbank.example");
        let people = self.0.people().into_iter().filter_map(|id| Some((self.0.person(&id)?, id)));
        let of_name = people.filter(|(person, _)| person["userName"] == user_name);
        let person = |(person, id): (Value, String)| Person {
            id,
            is_active: person["active"] == true,
            is_changed: person["title"] == "Changed",
        };
        of_name.map(person).collect()
    }

    fn groups(&self, name: &str) -> Vec<Vec<String>> {
        let groups = self.0.groups().into_iter().filter_map(|id| self.0.group(&id));
        let members = |group: Value| {
            let members = group["members"].as_array().cloned().unwrap_or_default();
            members.iter().map(|member| member["id"].as_str().unwrap().to_owned()).collect()
        };
        groups.filter(|group| group["name"] == name).map(members).collect()
    }
}
