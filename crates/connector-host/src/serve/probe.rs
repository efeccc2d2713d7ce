//! `/healthz`, `/readyz`, `/metrics`, and answers to paths that are none.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use serde_json::{Value, json};

use crate::{app::App, instances::Instance, metrics};

/// The probes.
pub(super) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(counted))
}

/// The process lives.
async fn healthz() -> Json<Value> {
    Json(json!({ "status": "alive" }))
}

/// Requests can be served. The state of an instance is told but decides nothing: one target that is down must not take
/// the others off the load balancer.
async fn readyz(State(app): State<Arc<App>>) -> (StatusCode, Json<Value>) {
    let (code, status) = if app.is_draining() {
        (StatusCode::SERVICE_UNAVAILABLE, "draining")
    } else if app.is_ready().await {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the store is not ready")
    };
    (code, Json(json!({ "status": status, "instances": states(&app) })))
}

/// What is counted, for Prometheus.
async fn counted(State(app): State<Arc<App>>) -> Response {
    match app.metrics.text(&app).await {
        Ok(text) => ([(header::CONTENT_TYPE, metrics::TEXT_FORMAT)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "metrics cannot be told");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// How each instance is.
pub(crate) fn states(app: &App) -> Vec<Value> {
    let state = |instance: &Arc<Instance>| {
        json!({
            "name": instance.config.name,
            "connector": instance.config.registration.spec.name,
            "state": instance.state(),
        })
    };
    app.instances.iter().map(state).collect()
}

/// Every other path.
pub(super) async fn not_found() -> (StatusCode, Json<Value>) {
    let detail = "nothing is here; SCIM is at /scim/{instance}/v2/";
    (StatusCode::NOT_FOUND, Json(json!({ "error": "not_found", "detail": detail })))
}

/// Every other method.
pub(super) async fn method_not_allowed() -> (StatusCode, Json<Value>) {
    let detail = "this path does not take this method";
    (StatusCode::METHOD_NOT_ALLOWED, Json(json!({ "error": "method_not_allowed", "detail": detail })))
}
