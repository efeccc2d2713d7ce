//! Calls of the stand-in of Slack.

use std::net::SocketAddr;

use connector_sandbox::Clock;
use connector_sandbox::slack::{self, Options, Slack};
use serde_json::{Value, json};

pub(crate) use crate::wire::{Answer, send};

pub(crate) const CORE: &str = "urn:scim:schemas:core:1.0";
pub(crate) const ENTERPRISE: &str = "urn:scim:schemas:extension:enterprise:1.0";
pub(crate) const GUEST: &str = "urn:scim:schemas:extension:slack:guest:1.0";
pub(crate) const PROFILE: &str = "urn:scim:schemas:extension:slack:profile:1.0";

/// A stand-in with a clock that stands still.
pub(crate) async fn start(options: Options) -> Slack {
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    slack::start_with_clock(listen, options, Clock::manual()).await.expect("a free port")
}

/// A usual organisation.
pub(crate) async fn usual() -> Slack {
    start(Options::default()).await
}

impl Answer {
    /// The description of an error, after checking that the body has the right form.
    #[track_caller]
    pub(crate) fn error(&self) -> (u16, String) {
        let body = self.json();
        let description = body["Errors"]["description"].as_str().unwrap_or_default().to_owned();
        assert_eq!(body, json!({"Errors": {"description": description, "code": self.status}}), "{self:?}");
        (self.status, description)
    }
}

/// A SCIM call with that token; `path` is relative to the SCIM base.
pub(crate) async fn scim_as(slack: &Slack, token: &str, method: &str, path: &str, body: &Value) -> Answer {
    let headers = format!("Authorization: Bearer {token}\r\nContent-Type: application/json\r\n");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    send(slack, method, &format!("/scim/v1/{path}"), &headers, &body).await.expect("an answer")
}

/// A SCIM call with the good token.
pub(crate) async fn scim(slack: &Slack, method: &str, path: &str, body: Value) -> Answer {
    scim_as(slack, slack.token(), method, path, &body).await
}

pub(crate) async fn get(slack: &Slack, path: &str) -> Answer {
    scim(slack, "GET", path, Value::Null).await
}

pub(crate) async fn patch(slack: &Slack, path: &str, body: Value) -> Answer {
    scim(slack, "PATCH", path, body).await
}

/// POSTs a user of that name, with more members if given; answers with what Slack made of it.
pub(crate) async fn post_user(slack: &Slack, name: &str, more: Value) -> Answer {
    let email = format!("{}@new.example", name.split('@').next().unwrap_or_default().replace(' ', "."));
    let mut body = json!({"schemas": [CORE, ENTERPRISE], "userName": name, "emails": [{"value": email}]});
    let (Some(all), Value::Object(more)) = (body.as_object_mut(), more) else { panic!("objects") };
    all.extend(more);
    scim(slack, "POST", "Users", body).await
}

/// Makes a user that must be accepted.
pub(crate) async fn new_user(slack: &Slack, name: &str, more: Value) -> Value {
    post_user(slack, name, more).await.ok(201)
}

/// `Users/{id}` of a user.
pub(crate) fn path(user: &Value) -> String {
    format!("Users/{}", user["id"].as_str().expect("an id"))
}

/// The first seeded user for whom that holds.
pub(crate) fn seeded(slack: &Slack, holds: impl Fn(&Value) -> bool) -> Value {
    slack.users().into_iter().find(|user| holds(user)).expect("such a user is seeded")
}
