//! Calls of the stand-in of ActiveCampaign.

use std::net::SocketAddr;

use connector_sandbox::Clock;
use connector_sandbox::activecampaign::{self, ActiveCampaign, Options};
use serde_json::{Value, json};

pub(crate) use crate::wire::{Answer, send};

/// A stand-in with a clock that stands still.
pub(crate) async fn start(options: Options) -> ActiveCampaign {
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    activecampaign::start_with_clock(listen, options, Clock::manual()).await.expect("a free port")
}

/// These switches, and a limit that nobody reaches.
pub(crate) fn unlimited() -> Options {
    Options { requests_per_second: 1_000_000, ..Options::default() }
}

/// A usual account without a rate limit.
pub(crate) async fn usual() -> ActiveCampaign {
    start(unlimited()).await
}

/// An API call with that key; `path` is relative to `/api/3`.
pub(crate) async fn call_as(
    target: &ActiveCampaign,
    key: &str,
    method: &str,
    path: &str,
    body: &Value,
) -> Answer {
    let headers = format!("Api-Token: {key}\r\nContent-Type: application/json\r\n");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    send(target, method, &format!("/api/3/{path}"), &headers, &body).await.expect("an answer")
}

/// An API call of the primary admin.
pub(crate) async fn call(target: &ActiveCampaign, method: &str, path: &str, body: Value) -> Answer {
    call_as(target, target.key(), method, path, &body).await
}

pub(crate) async fn get(target: &ActiveCampaign, path: &str) -> Answer {
    call(target, "GET", path, Value::Null).await
}

pub(crate) async fn post_user(target: &ActiveCampaign, user: Value) -> Answer {
    call(target, "POST", "users", json!({"user": user})).await
}

pub(crate) async fn put_user(target: &ActiveCampaign, id: &str, user: Value) -> Answer {
    call(target, "PUT", &format!("users/{id}"), json!({"user": user})).await
}

pub(crate) async fn post_group(target: &ActiveCampaign, group: Value) -> Answer {
    call(target, "POST", "groups", json!({"group": group})).await
}

pub(crate) async fn put_group(target: &ActiveCampaign, id: &str, group: Value) -> Answer {
    call(target, "PUT", &format!("groups/{id}"), json!({"group": group})).await
}

pub(crate) async fn delete(target: &ActiveCampaign, path: &str) -> Answer {
    call(target, "DELETE", path, Value::Null).await
}

/// Tove, complete.
pub(crate) fn tove() -> Value {
    json!({
        "username": "t.arvidsson", "email": "tove@northlight.example", "firstName": "Tove", "lastName": "Arvidsson",
        "group": 4, "password": "correct horse 1",
    })
}

/// Makes Tove, who must be accepted; her id.
pub(crate) async fn made(target: &ActiveCampaign) -> String {
    text(&post_user(target, tove()).await.ok(201)["user"], "id").to_owned()
}

/// A member that is a text.
#[track_caller]
pub(crate) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}

/// The names of an object's members, sorted.
#[track_caller]
pub(crate) fn names(value: &Value) -> Vec<&str> {
    let mut names: Vec<_> = value.as_object().expect("an object").keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// An object with members in the place of its own.
pub(crate) fn with(object: Value, members: Value) -> Value {
    let (Value::Object(mut object), Value::Object(members)) = (object, members) else { panic!("objects") };
    object.extend(members);
    Value::Object(object)
}

impl Answer {
    /// Status, code and last part of the pointer of the only entry of an error.
    #[track_caller]
    pub(crate) fn invalid(&self) -> (u16, String, String) {
        let body = self.json();
        let entries = body["errors"].as_array().unwrap_or_else(|| panic!("errors in {self:?}"));
        assert_eq!(entries.len(), 1, "{self:?}");
        let pointer = text(&entries[0]["source"], "pointer").strip_prefix("/data/attributes/");
        (self.status, text(&entries[0], "code").to_owned(), pointer.expect("a pointer").to_owned())
    }

    /// Status and `message` of an error.
    #[track_caller]
    pub(crate) fn message(&self) -> (u16, String) {
        (self.status, text(&self.json(), "message").to_owned())
    }
}
