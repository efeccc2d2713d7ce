//! Calls of the stand-in of Webex.

use std::net::SocketAddr;

use connector_sandbox::Clock;
use connector_sandbox::webex::{self, Options, Webex};
use serde_json::{Value, json};

pub(crate) use crate::wire::{Answer, send};

/// The nine scopes of the integration.
pub(crate) const SCOPES: [&str; 9] = [
    "spark:team_memberships_read",
    "spark:team_memberships_write",
    "spark:teams_read",
    "spark:teams_write",
    "spark-admin:licenses_read",
    "spark-admin:organizations_read",
    "spark-admin:people_read",
    "spark-admin:people_write",
    "spark-admin:roles_read",
];

/// A stand-in with a clock that stands still.
pub(crate) async fn start(options: Options) -> Webex {
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    webex::start_with_clock(listen, options, Clock::manual()).await.expect("a free port")
}

/// A usual organization.
pub(crate) async fn usual() -> Webex {
    start(Options::default()).await
}

/// An API call with that token; `path` is relative to `/v1`.
pub(crate) async fn call_as(webex: &Webex, token: &str, method: &str, path: &str, body: &Value) -> Answer {
    let headers = format!("Authorization: Bearer {token}\r\nContent-Type: application/json\r\n");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    send(webex, method, &format!("/v1/{path}"), &headers, &body).await.expect("an answer")
}

/// An API call of the full administrator.
pub(crate) async fn call(webex: &Webex, method: &str, path: &str, body: Value) -> Answer {
    call_as(webex, webex.token(), method, path, &body).await
}

pub(crate) async fn get(webex: &Webex, path: &str) -> Answer {
    call(webex, "GET", path, Value::Null).await
}

pub(crate) async fn post(webex: &Webex, path: &str, body: Value) -> Answer {
    call(webex, "POST", path, body).await
}

pub(crate) async fn put(webex: &Webex, path: &str, body: Value) -> Answer {
    call(webex, "PUT", path, body).await
}

pub(crate) async fn delete(webex: &Webex, path: &str) -> Answer {
    call(webex, "DELETE", path, Value::Null).await
}

/// `people/{id}` of a person.
pub(crate) fn path(person: &Value) -> String {
    format!("people/{}", text(person, "id"))
}

/// A member that is a text.
#[track_caller]
pub(crate) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}

/// Makes Bo Tern, who must be accepted.
pub(crate) async fn bo(webex: &Webex) -> Value {
    let body = json!({"emails": ["bo.tern@acme-demo.example"], "firstName": "Bo", "lastName": "Tern"});
    post(webex, "people", body).await.ok(200)
}

/// The first seeded person for whom that holds.
pub(crate) async fn seeded(webex: &Webex, holds: impl Fn(&Value) -> bool) -> Value {
    let people = get(webex, "people?max=200").await.ok(200);
    let id = people["items"]
        .as_array()
        .expect("items")
        .iter()
        .find(|p| holds(p))
        .expect("such a person is seeded");
    webex.person(text(id, "id")).expect("it is there")
}

/// The id of the first licence of that name.
pub(crate) async fn license(webex: &Webex, name: &str) -> String {
    let list = get(webex, "licenses").await.ok(200);
    let items = list["items"].as_array().expect("items");
    let found = items.iter().find(|license| license["name"] == name).expect("there is such a licence");
    text(found, "id").to_owned()
}

impl Answer {
    /// Status, reason (the message where there is none) and code of an error, after checking that the body has the
    /// right form.
    #[track_caller]
    pub(crate) fn refused(&self) -> (u16, String) {
        let body = self.json();
        let members: Vec<_> = body.as_object().expect("an object").keys().map(String::as_str).collect();
        let known = ["errors", "message", "trackingId"];
        assert!(members.iter().all(|member| known.contains(member)), "{}", self.text);
        assert_eq!(body["trackingId"], json!(self.header("trackingid")), "{self:?}");
        let reason = body["errors"][0]["description"].as_str().or(body["message"].as_str());
        (self.status, reason.expect("a message").to_owned())
    }

    /// The path and query of the next page.
    pub(crate) fn next(&self) -> Option<String> {
        let link = self.header("link")?;
        let url = link.strip_prefix('<')?.strip_suffix(">; rel=\"next\"").expect("a link of this form");
        Some(url.split_once("/v1/").expect("an address of the API").1.to_owned())
    }
}
