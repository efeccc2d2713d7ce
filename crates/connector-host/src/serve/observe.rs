//! Around every request: its id, its log line, and the refusal while draining.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use axum::{
    Json,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use connector_core::{
    error::{Error, Kind},
    scim::ErrorBody,
};
use http::{HeaderValue, Method, StatusCode, Uri, header};

use super::request_id::{HEADER, RequestId};
use crate::{app::App, auth::Caller, instances::Instance, metrics::Asked};

/// How long the request waited for the target. Handlers put it into the answer's extensions; the rest of the time is
/// our own.
#[derive(Debug, Clone, Copy, Default)]
pub struct TargetTime(pub Duration);

/// What an authenticated request is about: its instance, the index of its resource type, and what it does.
pub(crate) struct Reached(pub(crate) Arc<Instance>, pub(crate) Option<usize>, pub(crate) &'static str);

/// Where a handler says what its request is about, as soon as it knows: a client that goes away is counted, too.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<OnceLock<Reached>>);

impl Seen {
    pub(crate) fn reached(&self, reached: Reached) {
        // It is about one thing.
        let _ = self.0.set(reached);
    }
}

/// Gives the request its id, writes its line and counts it.
pub(super) async fn observe(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers());
    let seen = Seen::default();
    request.extensions_mut().insert(id.clone());
    request.extensions_mut().insert(seen.clone());
    let mut line = Line {
        app,
        seen,
        started: Instant::now(),
        id,
        method: request.method().clone(),
        uri: request.uri().clone(),
        status: None,
        target: Duration::ZERO,
        caller: None,
    };
    let mut response = next.run(request).await;
    response.headers_mut().insert(HEADER, line.id.header());
    line.status = Some(response.status());
    line.target = response.extensions().get::<TargetTime>().copied().unwrap_or_default().0;
    line.caller = response.extensions_mut().remove::<Caller>();
    response
}

/// The line of one request, written when it is dropped: a client that goes away is seen, too.
struct Line {
    app: Arc<App>,
    seen: Seen,
    started: Instant,
    id: RequestId,
    method: Method,
    uri: Uri,
    status: Option<StatusCode>,
    target: Duration,
    caller: Option<Caller>,
}

impl Drop for Line {
    fn drop(&mut self) {
        let (total, path) = (self.started.elapsed(), self.uri.path());
        let own = total.saturating_sub(self.target);
        let reached = self.seen.0.get();
        let asked = match reached {
            Some(Reached(instance, resource, operation)) => Some(Asked::of(instance, *resource, operation)),
            None => Asked::at(path, &self.app),
        };
        if let Some(asked) = asked {
            self.app.metrics.answered(&asked, self.status, total, own);
        }
        let instance = path.strip_prefix("/scim/").and_then(|rest| rest.split('/').next()).unwrap_or("-");
        tracing::info!(
            target: "connector_host::request",
            request_id = self.id.as_str(),
            instance,
            caller = self.caller.as_ref().map_or("-", |caller| &caller.name),
            method = self.method.as_str(),
            path,
            // nginx's number for a client that went away.
            status = self.status.map_or(499, |status| status.as_u16()),
            total_ms = milliseconds(total),
            target_ms = milliseconds(self.target),
            own_ms = milliseconds(own),
        );
    }
}

/// Milliseconds with three digits after the point.
#[expect(clippy::cast_precision_loss, reason = "microseconds of a request are far below 2^52")]
fn milliseconds(time: Duration) -> f64 {
    time.as_micros() as f64 / 1000.0
}

/// No new requests while draining; whether the process lives may still be asked.
pub(super) async fn refuse_while_draining(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    if !app.is_draining() || matches!(request.uri().path(), "/healthz" | "/readyz" | "/metrics") {
        return next.run(request).await;
    }
    let body =
        ErrorBody::from(&Error::new(Kind::Unavailable, "the service is stopping; send the request again"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/scim+json")),
        (header::RETRY_AFTER, HeaderValue::from_static("1")),
        (header::CONNECTION, HeaderValue::from_static("close")),
    ];
    (StatusCode::SERVICE_UNAVAILABLE, headers, Json(body)).into_response()
}
