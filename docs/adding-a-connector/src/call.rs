//! Calls to PagerDuty: its version header, and objects in envelopes.

use connector_core::{
    connector::Vendor,
    error::{Error, Kind, Result},
    http::{Call, Cx, Reply},
};
use http::Method;
use serde_json::{Map, Value};

/// A call to `segments` of version 2 of the API.
pub(crate) fn call<'a>(cx: &'a Cx<'a>, method: Method, segments: &[&str]) -> Result<Call<'a>> {
    cx.call(method, segments).header("accept", "application/vnd.pagerduty+json;version=2")
}

/// The object in this envelope of a reply.
pub(crate) fn enveloped(reply: &Reply, envelope: &str) -> Result<Map<String, Value>> {
    let mut document: Map<String, Value> = reply.json()?;
    match document.remove(envelope) {
        Some(Value::Object(object)) => Ok(object),
        _ => Err(Error::new(Kind::OddAnswer, format!("the target's answer holds no `{envelope}`"))),
    }
}

/// An object for the mapping.
pub(crate) fn vendor(object: Map<String, Value>) -> Vendor {
    Vendor::new(Value::Object(object).to_string().into())
}
