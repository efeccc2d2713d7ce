//! Whether address and key work.

use connector_core::{connector::Checked, error::Result, http::Cx};
use http::Method;

use crate::{call::call, errors};

/// Reads one user: `users/me` exists for the keys of users only, not for those of an account.
pub(crate) async fn check(cx: &Cx<'_>) -> Result<Checked> {
    call(cx, Method::GET, &["users"])?.query("limit", "1").operation("check").send(errors::failure).await?;
    Ok(Checked::default())
}
