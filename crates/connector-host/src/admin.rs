//! `/admin/v1`: what an operator asks a running service. It needs `server.admin_token` and does not exist without one.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, RawQuery, Request, State},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use connector_core::{
    error::{Error, Kind, Result},
    scim::ErrorBody,
};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;
use tokio::time::Instant;
use url::form_urlencoded;

use crate::{
    app::App,
    auth::{self, AuthError},
    scim, serve,
    store::{self, AuditRecord},
    time::utc,
};

/// Where it is.
pub(crate) const PATH: &str = "/admin/v1";

/// Events of one page.
const PAGE: u32 = 100;

/// Everything under [`PATH`].
pub(crate) fn router(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/instances", get(instances))
        .route("/instances/{name}/preview", post(preview))
        .route("/audit", get(audit))
        .fallback(async || Failed(Error::new(Kind::NotFound, "the admin interface has no such path")))
        .method_not_allowed_fallback(async || {
            Failed(Error::new(Kind::MethodNotAllowed, "this path does not take this method"))
        })
        .layer(middleware::from_fn_with_state(Arc::clone(app), admit))
}

/// Lets nobody in without the admin token, and nobody at all when there is none.
async fn admit(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let Some(wanted) = &app.config.server.admin_token else {
        return Failed(Error::new(Kind::NotFound, "nothing is here; SCIM is at /scim/{instance}/v2/"))
            .into_response();
    };
    // Hashes, so that not even the length shows in the time it takes.
    let hash = |token: &str| store::hash_of_token(token);
    let failed = match auth::bearer(request.headers()) {
        Ok(token) if hash(token).ct_eq(&hash(wanted.expose())).into() => return next.run(request).await,
        Ok(_) => AuthError::Invalid,
        Err(error) => error,
    };
    app.slowdown.failed(PATH).await;
    let error = match failed {
        AuthError::Invalid => Error::new(Kind::Unauthenticated, "the bearer token is not the admin token"),
        other => Error::from(other),
    };
    let mut response = Failed(error).into_response();
    if let Some(challenge) = failed.challenge() {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    response
}

/// An error in the form of SCIM's.
struct Failed(Error);

impl axum::response::IntoResponse for Failed {
    fn into_response(self) -> Response {
        let (status, _) = self.0.kind().answer();
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let media = HeaderValue::from_static("application/scim+json");
        (status, [(header::CONTENT_TYPE, media)], Json(ErrorBody::from(&self.0))).into_response()
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

async fn instances(State(app): State<Arc<App>>) -> Json<Value> {
    Json(json!({ "instances": serve::states(&app) }))
}

/// What a request to an instance would send and answer, without sending a write.
async fn preview(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    request: Request,
) -> std::result::Result<Json<Value>, Failed> {
    let missing = || Error::new(Kind::NotFound, "no such instance").on(name.clone());
    let instance = app.instances.get(&name).ok_or_else(missing)?;
    let deadline = Instant::now() + app.config.server.request_deadline;
    let asked = scim::Asked::read(request).await?;
    Ok(Json(scim::preview(&app.tasks, deadline, instance, "admin", asked).await?))
}

/// The latest events first. `cursor` is what an earlier page gave as `next_cursor`.
async fn audit(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
) -> std::result::Result<Json<Value>, Failed> {
    let Asked { instance, before } = Asked::read(query.as_deref().unwrap_or_default())?;
    // One more tells whether there is another page.
    let found = app.store.audit_page(instance.as_deref(), before, PAGE + 1).await;
    let mut events = found.map_err(|error| {
        tracing::error!(%error, "the audit cannot be read");
        Error::new(Kind::Unavailable, "the store does not answer; send the request again")
    })?;
    let page = usize::try_from(PAGE).expect("a small number");
    let more = events.len() > page;
    events.truncate(page);
    let next = events.last().filter(|_| more).map(|event| event.id.to_string());
    let events: Vec<_> = events.iter().map(as_json).collect();
    Ok(Json(json!({ "events": events, "next_cursor": next })))
}

fn as_json(event: &AuditRecord) -> Value {
    json!({
        "id": event.id,
        "at": utc(event.at),
        "instance": event.instance,
        "actor": event.actor,
        "action": event.action,
        "detail": event.detail,
    })
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    instance: Option<String>,
    before: Option<i64>,
}

impl Asked {
    fn read(query: &str) -> Result<Self> {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()).filter(|(_, value)| !value.is_empty()) {
            match &*name {
                "instance" => asked.instance = Some(value.into_owned()),
                "cursor" => {
                    let before = value.parse().ok().filter(|id| *id > 0);
                    let odd =
                        || Error::new(Kind::InvalidValue, "is not a `next_cursor` of a page").at("cursor");
                    asked.before = Some(before.ok_or_else(odd)?);
                }
                _ => {}
            }
        }
        Ok(asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_asked_for_by_instance_and_cursor() {
        let asked = Asked::read("instance=acme-slack&cursor=17&x=y").unwrap();
        assert_eq!(asked, Asked { instance: Some("acme-slack".into()), before: Some(17) });
        assert_eq!(Asked::read("instance=&cursor=").unwrap(), Asked::default());
        for odd in ["cursor=x", "cursor=-1", "cursor=0"] {
            assert_eq!(Asked::read(odd).unwrap_err().kind(), Kind::InvalidValue, "{odd}");
        }
    }
}
