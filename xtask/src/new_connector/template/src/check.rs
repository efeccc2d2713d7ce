//! Whether address and credential work.

use connector_core::{connector::Checked, error::Result, http::Cx};
use http::Method;

use crate::errors;

/// Reads one user: the cheapest call that a bad credential cannot make.
pub(crate) async fn check(cx: &Cx<'_>) -> Result<Checked> {
    cx.call(Method::GET, &["users"]).query("limit", "1").operation("check").send(errors::failure).await?;
    Ok(Checked::default())
}
