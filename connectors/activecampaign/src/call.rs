//! Calls to the account: where they go, and what a 403 means.

use connector_core::{
    connector::RemoteId,
    error::{Error, Kind, Result},
    http::{Call, Cx, Reply},
};
use http::Method;
use serde_json::{Map, Value};

use crate::errors;

/// A call to `segments` of the API. The target address may end before its `/api/3`.
pub(crate) fn call<'a>(cx: &'a Cx<'a>, method: Method, segments: &[&str]) -> Call<'a> {
    if cx.target().path().trim_end_matches('/').ends_with("/api/3") {
        return cx.call(method, segments);
    }
    let whole: Vec<&str> = ["api", "3"].iter().chain(segments).copied().collect();
    cx.call(method, &whole)
}

/// An id as ActiveCampaign writes ids, the only form that is sent: `me` names the key's owner there, and `01` somebody who
/// has an id of his own. [`Kind::NotFound`] otherwise.
pub(crate) fn number(id: &RemoteId) -> Result<&str> {
    let text = id.as_str();
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    if digits || id.is_promised() {
        Ok(text)
    } else {
        Err(Error::new(Kind::NotFound, "no object has this id, which is not a number"))
    }
}

/// Sends a call. A key that is refused, a missing permission and a whim of ActiveCampaign all look the same: the door
/// questions a 403 once, and after a second one the key's own user tells the first two apart.
pub(crate) async fn send(cx: &Cx<'_>, call: Call<'_>) -> Result<Reply> {
    match call.send(errors::failure).await {
        Ok(reply) => {
            // An error text beside a result: the action succeeded.
            if let Some(text) = errors::text_beside(&reply) {
                cx.warn(&format!("ActiveCampaign did what it was asked, and said: {text}"));
            }
            Ok(reply)
        }
        Err(error) if errors::is_ambiguous(&error) => Err(match me(cx).await {
            Err(refused) if refused.kind() == Kind::TargetCredential => refused,
            _ => error,
        }),
        failed => failed,
    }
}

/// The user whose key this host holds. Every good key may read that; [`Kind::TargetCredential`] otherwise.
pub(crate) async fn me(cx: &Cx<'_>) -> Result<Map<String, Value>> {
    let sent = call(cx, Method::GET, &["users", "me"]).operation("read own user").send(errors::failure).await;
    let reply = sent.map_err(|error| match error.kind() {
        Kind::Forbidden | Kind::NotFound => {
            Error::new(Kind::TargetCredential, "ActiveCampaign refuses the API key")
                .during("read own user")
                .remedy("replace api_key")
        }
        _ => error,
    })?;
    enveloped(&reply, "user")
}

/// The object in this envelope of a reply.
pub(crate) fn enveloped(reply: &Reply, envelope: &str) -> Result<Map<String, Value>> {
    let mut document: Map<String, Value> = reply.json()?;
    match document.remove(envelope) {
        Some(Value::Object(object)) => Ok(object),
        _ => Err(Error::new(Kind::OddAnswer, format!("the target's answer holds no `{envelope}`"))),
    }
}

/// An id, which comes as text and may come as a number.
pub(crate) fn id_of(object: &Map<String, Value>, member: &str) -> Option<String> {
    match object.get(member)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
