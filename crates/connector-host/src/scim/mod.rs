//! SCIM 2.0 over HTTP (RFC 7644).

use std::sync::Arc;

use axum::Router;

use crate::app::App;

/// Everything under `/scim`: `/{instance}/v2/…`.
pub fn router() -> Router<Arc<App>> {
    Router::new()
}
