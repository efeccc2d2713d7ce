//! The consent flow: from a one-time link to a credential that is proven to work (RFC 6749 section 4.1).

mod browser;
mod callback;
mod page;
mod start;

use std::sync::Arc;

use axum::{Router, extract::State, response::Response, routing::get};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use connector_core::secret::Secret;
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    oauth::Consented,
    store::{ConsentKind, Store, StoreError},
};

use page::Page;

/// How long a link may lie about before it is opened.
pub const TICKET_SECS: i64 = 24 * 60 * 60;

/// How long the administrator may take between the link and the vendor's redirect.
const STATE_SECS: i64 = 10 * 60;

/// `/consent/…`.
pub fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/callback", get(callback::callback))
        // What only looks whether a link leads anywhere does not use it up.
        .route("/{instance}", get(start::start).head(start::look))
        .fallback(not_found)
}

/// Where a person starts the consent of an instance; without a ticket it says how to get one.
pub fn page_url(base_url: &str, instance: &str) -> String {
    format!("{base_url}/consent/{instance}")
}

/// A fresh one-time link.
pub async fn link(store: &Store, base_url: &str, instance: &str) -> Result<Secret, StoreError> {
    let ticket = random().map_err(StoreError::Random)?;
    let nobody = serde_json::to_vec(&Ticket::default()).expect("a ticket always serialises");
    store.put_consent_state(ConsentKind::Ticket, &ticket, instance, TICKET_SECS, &nobody).await?;
    Ok(Secret::new(format!("{}?ticket={ticket}", page_url(base_url, instance))))
}

/// What is known of a link.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Ticket {
    /// The browser that opened it, as the hash of its cookie; it alone may open it again.
    browser: Option<String>,
}

/// What the way back from the vendor needs.
#[derive(Serialize, Deserialize)]
struct Journey {
    /// As named to the vendor; the exchange must name the same.
    redirect_url: String,
    /// PKCE.
    verifier: Option<String>,
    /// The browser that left, where its cookie reaches the redirect URL.
    browser: Option<String>,
}

/// Whether the redirect URL gets the cookie that the consent link set: only then is the way back bound to the browser.
pub fn binds_browser(base_url: &str, redirect_url: &str) -> bool {
    let origin = |text: &str| url::Url::parse(text).ok().map(|url| url.origin());
    origin(base_url).is_some_and(|base| base.is_tuple() && Some(base) == origin(redirect_url))
}

/// 256 random bits as text.
fn random() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// The instance's consent, where it lives by one.
fn consented<'a>(app: &'a App, instance: &str) -> Option<&'a Consented> {
    app.instances.get(instance)?.consented.as_ref()
}

async fn not_found(State(app): State<Arc<App>>) -> Response {
    Page::failure(
        404,
        "There is nothing here",
        "Consent starts with a link of `connector-host consent INSTANCE`.",
    )
    .render(&app)
}
