//! Calls of the stand-in of Workplace.

use std::net::SocketAddr;

use connector_sandbox::Clock;
use connector_sandbox::workplace::{self, Options, Workplace};
use serde_json::{Value, json};

pub(crate) use crate::wire::{Answer, send};

/// Where SCIM 1.1 is.
pub(crate) const V1: &str = "/scim/v1/";
/// Where SCIM 2.0 is.
pub(crate) const V2: &str = "/scim2/";

pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub(crate) const DATES: &str = "urn:ietf:params:scim:schemas:extension:facebook:starttermdates:2.0:User";
pub(crate) const STATUS: &str =
    "urn:ietf:params:scim:schemas:extension:facebook:accountstatusdetails:2.0:User";
pub(crate) const AUTH: &str = "urn:ietf:params:scim:schemas:extension:facebook:authmethod:2.0:User";
pub(crate) const FRONTLINE: &str = "urn:ietf:params:scim:schemas:extension:facebook:frontline:2.0:User";

/// A stand-in with a clock that stands still.
pub(crate) async fn start(options: Options) -> Workplace {
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    workplace::start_with_clock(listen, options, Clock::manual()).await.expect("a free port")
}

/// A usual tenant.
pub(crate) async fn usual() -> Workplace {
    start(Options::default()).await
}

/// A call with that token; `path` begins with one of the bases.
pub(crate) async fn call_as(
    target: &Workplace,
    token: &str,
    method: &str,
    path: &str,
    body: &Value,
) -> Answer {
    let headers = format!(
        "Authorization: Bearer {token}\r\nUser-Agent: specification\r\nContent-Type: application/json\r\n"
    );
    let body = if body.is_null() { String::new() } else { body.to_string() };
    send(target, method, path, &headers, &body).await.expect("an answer")
}

/// A call by the integration with all permissions.
pub(crate) async fn call(target: &Workplace, method: &str, path: &str, body: Value) -> Answer {
    call_as(target, &target.token(), method, path, &body).await
}

pub(crate) async fn get(target: &Workplace, path: &str) -> Answer {
    call(target, "GET", path, Value::Null).await
}

/// `POST /Users` of SCIM 2.0.
pub(crate) async fn post(target: &Workplace, body: Value) -> Answer {
    call(target, "POST", "/scim2/Users", body).await
}

/// `PUT /Users/{id}` of SCIM 2.0.
pub(crate) async fn put(target: &Workplace, id: &str, body: Value) -> Answer {
    call(target, "PUT", &format!("/scim2/Users/{id}"), body).await
}

pub(crate) async fn delete(target: &Workplace, path: &str) -> Answer {
    call(target, "DELETE", path, Value::Null).await
}

/// Mina, as an identity system makes her.
pub(crate) fn mina() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "externalId": "E-90417",
        "userName": "mina.okafor@riverbank.example",
        "name": {"formatted": "Mina Okafor", "givenName": "Mina", "familyName": "Okafor"},
        "title": "Quay Supervisor",
        "locale": "en_GB",
        "active": true,
        "phoneNumbers": [{"value": "+441632960123", "type": "work", "primary": true}],
        ENTERPRISE: {"employeeNumber": "90417", "department": "Harbour"},
    })
}

/// Makes Mina, who must be accepted; her id.
pub(crate) async fn made(target: &Workplace) -> String {
    post(target, mina()).await.ok(201)["id"].to_string()
}

/// An object with members in the place of its own.
pub(crate) fn with(object: Value, members: Value) -> Value {
    let (Value::Object(mut object), Value::Object(members)) = (object, members) else { panic!("objects") };
    object.extend(members);
    Value::Object(object)
}

impl Answer {
    /// Status and text of an error of SCIM 2.0.
    #[track_caller]
    pub(crate) fn scim(&self) -> (u16, String) {
        let body = self.json();
        assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]), "{self:?}");
        assert_eq!(body["status"], json!(self.status.to_string()), "{self:?}");
        (self.status, body["detail"].as_str().expect("a text").to_owned())
    }

    /// Status and code of an error in the form of Graph.
    #[track_caller]
    pub(crate) fn graph(&self) -> (u16, u64) {
        let error = &self.json()["error"];
        assert!(error["message"].is_string() && error["type"].is_string(), "{self:?}");
        assert!(error["fbtrace_id"].as_str().is_some_and(|trace| trace.len() == 11), "{self:?}");
        (self.status, error["code"].as_u64().unwrap_or_else(|| panic!("a code in {self:?}")))
    }
}
