//! Newtarget's authorization server.

use std::time::Duration;

use connector_core::oauth::{ClientAuthentication, OAuthSpec, Revocation, read_rfc6749};

pub(crate) static OAUTH: OAuthSpec = OAuthSpec {
    authorize_url: "https://fill-in.invalid/authorize",
    token_url: "https://fill-in.invalid/token",
    revocation: Revocation::Rfc7009 { url: "https://fill-in.invalid/revoke" },
    siblings: &[],
    scopes: &["FILL IN: the scopes to ask for, as the vendor writes them"],
    scope_parameter: "scope",
    scope_separator: " ",
    advice: &["FILL IN: who to be signed in as, and what to choose on the vendor's page."],
    pkce: true,
    client_authentication: ClientAuthentication::Basic,
    // A vendor with habits of its own gets a function here that rewrites its answer.
    read: read_rfc6749,
    refresh_ahead: Duration::from_mins(10),
    refresh_idle: None,
};
