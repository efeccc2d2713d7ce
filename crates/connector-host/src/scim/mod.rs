//! SCIM 2.0 over HTTP (RFC 7644): one way in for every instance and resource type.

mod discovery;
mod request;
mod resources;
mod respond;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    response::Response,
};
use connector_core::error::{Error, Kind};
use http::Method;

pub use discovery::Discovery;
use request::Target;
use respond::Answer;

use crate::{app::App, auth, serve::RequestId};

/// Everything under `/scim`: `/{instance}/v2/…`.
pub fn router() -> Router<Arc<App>> {
    Router::new().fallback(serve)
}

/// Answers one request. Paths are taken apart here rather than by routes: discovery paths match in any letter case, and a
/// slash at the end does not count.
async fn serve(State(app): State<Arc<App>>, request: Request) -> Response {
    let media = respond::Media::of(request.headers());
    let id = request.extensions().get::<RequestId>().cloned();
    let answer = dispatch(&app, request).await;
    let (answer, fallback) = match answer {
        Ok((answer, default)) => (answer, default),
        Err((error, default)) => (Answer::Failure(error), default),
    };
    answer.into_response(media, fallback, id.as_ref().map_or("-", RequestId::as_str))
}

type Served = Result<(Answer, respond::Default), (Error, respond::Default)>;

async fn dispatch(app: &Arc<App>, request: Request) -> Served {
    let plain = respond::Default::default();
    let Some(target) = Target::parse(request.uri().path()) else {
        return Err((Error::new(Kind::NotFound, "no such path; SCIM is at /scim/{instance}/v2/"), plain));
    };
    let caller = match auth::authenticate(app, &target.instance, request.headers()).await {
        Ok(caller) => caller.token,
        Err(error) => return Ok((Answer::Unauthenticated(error), plain)),
    };
    let Some(instance) = app.instances.get(&target.instance) else {
        return Err((Error::new(Kind::NotFound, "no such instance"), plain));
    };
    let default = respond::Default::of(&instance.config);
    let segments: Vec<&str> = target.segments.iter().map(String::as_str).collect();
    let segments = match segments.as_slice() {
        [segments @ .., ""] => segments,
        segments => segments,
    };
    let failed = |error: Error| (error, default);
    if let Some(found) = instance.discovery.find(segments) {
        return match (request.method() == Method::GET, found) {
            (false, _) => Ok((Answer::MethodNotAllowed("GET"), default)),
            (true, _) if request.uri().query().is_some_and(request::has_filter) => {
                Err(failed(Error::new(Kind::Forbidden, "discovery answers cannot be filtered")))
            }
            (true, Ok(json)) => Ok((Answer::Prepared(json), default)),
            (true, Err(error)) => Err(failed(error)),
        };
    }
    let id = request.extensions().get::<RequestId>().cloned();
    let deadline = tokio::time::Instant::now() + app.config.server.request_deadline;
    let context =
        resources::Context { app: Arc::clone(app), instance: Arc::clone(instance), deadline, id, caller };
    let answer = match segments {
        [first] | [first, ..] if first.eq_ignore_ascii_case("Me") => Err(Error::new(
            Kind::Unsupported,
            "/Me is not offered: a bearer token stands for a client, not for a user",
        )),
        [".search"] => {
            Err(Error::new(Kind::Unsupported, "/.search over all types is not offered: use /Users/.search"))
        }
        [first] if first.eq_ignore_ascii_case("Bulk") => {
            Err(Error::new(Kind::Unsupported, "/Bulk is not offered"))
        }
        [first] => match context.endpoint(first) {
            Some(index) => context.collection(index, request).await,
            None => {
                Err(Error::new(Kind::NotFound, format!("this instance has no resource type at /{first}")))
            }
        },
        [first, ".search"] => match context.endpoint(first) {
            Some(index) => context.search(index, request).await,
            None => {
                Err(Error::new(Kind::NotFound, format!("this instance has no resource type at /{first}")))
            }
        },
        [first, id] => match context.endpoint(first) {
            Some(index) => context.object(index, id, request).await,
            None => {
                Err(Error::new(Kind::NotFound, format!("this instance has no resource type at /{first}")))
            }
        },
        _ => Err(Error::new(Kind::NotFound, "no such path under the instance")),
    };
    answer.map(|answer| (answer, default)).map_err(failed)
}
