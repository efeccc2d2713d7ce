//! Calls to the community's two addresses: SCIM, which is the target, and Graph.

use connector_core::{
    error::Result,
    http::{Call, Cx, Proof, Reply},
};
use http::Method;

use crate::{errors, usage};

/// The parameter with the address of Graph.
pub(crate) const GRAPH: &str = "graph_url";

/// A call to `segments` of SCIM.
pub(crate) fn scim<'a>(cx: &'a Cx<'a>, method: Method, segments: &[&str]) -> Call<'a> {
    dressed(cx, cx.call(method, segments))
}

/// A call to `segments` of Graph.
pub(crate) fn graph<'a>(cx: &'a Cx<'a>, method: Method, segments: &[&str]) -> Result<Call<'a>> {
    Ok(dressed(cx, cx.call_at(GRAPH, method, segments)?))
}

/// Sends a call.
pub(crate) async fn send(call: Call<'_>) -> Result<Reply> {
    call.send(errors::failure).await
}

/// What every call has: the proof of the app secret, where there is one, and ears for the usage.
fn dressed<'a>(cx: &'a Cx<'a>, call: Call<'a>) -> Call<'a> {
    let call = call.usage(usage::usage);
    match cx.settings().secret("app_secret") {
        Some(key) => call.proven(Proof { key, time: "appsecret_time", hash: "appsecret_proof" }),
        None => call,
    }
}
