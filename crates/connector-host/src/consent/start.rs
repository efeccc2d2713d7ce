//! The page that a consent link opens.

use std::sync::Arc;

use axum::{
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    response::Response,
};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;

use super::{Journey, STATE_SECS, Ticket, binds_browser, browser::Browser, consented, page::Page, random};
use crate::{
    app::App,
    oauth::Consented,
    store::{ConsentKind, StoreError},
};

#[derive(Deserialize)]
pub(super) struct Link {
    ticket: Option<String>,
}

/// `GET /consent/{instance}?ticket=…`. The first browser that opens a link owns it.
pub(super) async fn start(
    State(app): State<Arc<App>>,
    instance: Result<Path<String>, PathRejection>,
    link: Result<Query<Link>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let instance = instance.map(|Path(instance)| instance).unwrap_or_default();
    let ticket = link.ok().and_then(|Query(link)| link.ticket);
    let page = match open(&app, &instance, ticket.as_deref(), &headers).await {
        Ok(Some((page, browser))) => {
            let mut response = page.render(&app);
            response.headers_mut().insert(header::SET_COOKIE, browser.set_cookie(app.is_https()));
            return response;
        }
        Ok(None) => Page::failure(
            400,
            "This link does not work",
            "A consent starts with a link that works once, for 24 hours. This one is not valid for this instance, has \
             been used, or is too old.",
        )
        .step(format!("Ask whoever runs the service to run `connector-host consent {instance}`."))
        .step("Open the link it prints in the browser in which you are signed in to the application."),
        Err(error) => {
            tracing::error!(%error, "a consent cannot be started");
            Page::failure(503, "The service cannot start a consent just now", "Open the link again in a minute.")
        }
    };
    page.render(&app)
}

/// `HEAD` of the same: whether the link leads anywhere, without opening it.
pub(super) async fn look(
    State(app): State<Arc<App>>,
    instance: Result<Path<String>, PathRejection>,
    link: Result<Query<Link>, QueryRejection>,
) -> StatusCode {
    let instance = instance.map(|Path(instance)| instance).unwrap_or_default();
    let Some(ticket) = link.ok().and_then(|Query(link)| link.ticket) else { return StatusCode::BAD_REQUEST };
    match app.store.peek_consent_state(ConsentKind::Ticket, &ticket).await {
        Ok(Some((of, _))) if of == instance => StatusCode::OK,
        Ok(_) => StatusCode::BAD_REQUEST,
        Err(error) => {
            tracing::error!(%error, "a consent link cannot be looked at");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// The page of a valid ticket and the browser it belongs to.
async fn open(
    app: &App,
    instance: &str,
    ticket: Option<&str>,
    headers: &HeaderMap,
) -> Result<Option<(Page, Browser)>, StoreError> {
    let (Some(ticket), Some(consented)) = (ticket, consented(app, instance)) else { return Ok(None) };
    let Some((of, kept)) = app.store.peek_consent_state(ConsentKind::Ticket, ticket).await? else {
        return Ok(None);
    };
    if of != instance {
        return Ok(None);
    }
    let owner = serde_json::from_slice::<Ticket>(&kept).unwrap_or_default().browser;
    let browser = match (Browser::known(headers, app.is_https()), owner) {
        (Some(browser), Some(owner)) if browser.is(&owner) => browser,
        (_, Some(_)) => return Ok(None),
        (known, None) => {
            // Of two browsers at once, one takes it.
            if app.store.take_consent_state(ConsentKind::Ticket, ticket).await?.is_none() {
                return Ok(None);
            }
            let browser = match known {
                Some(browser) => browser,
                None => Browser::new().map_err(StoreError::Random)?,
            };
            let opened = Ticket { browser: Some(browser.hash()) };
            let opened = serde_json::to_vec(&opened).expect("a ticket always serialises");
            app.store.put_consent_state(ConsentKind::Ticket, ticket, instance, STATE_SECS, &opened).await?;
            browser
        }
    };
    let page = depart(app, instance, consented, &browser).await?;
    Ok(Some((page, browser)))
}

/// The page with the way to the vendor, whose `state` is kept.
async fn depart(
    app: &App,
    instance: &str,
    consented: &Consented,
    browser: &Browser,
) -> Result<Page, StoreError> {
    let config = &app.instances.get(instance).expect("it has a consent").config;
    let vendor = config.registration.spec.display_name;
    let oauth = consented.protocol().config();
    let redirect_url = oauth.redirect_url(&app.base_url);
    let state = random().map_err(StoreError::Random)?;
    let departure = match consented.protocol().depart(&redirect_url, &state) {
        Ok(departure) => departure,
        Err(error) => {
            tracing::error!(instance, %error, "the redirect URL cannot be used");
            return Ok(Page::failure(
                500,
                "The redirect URL of this instance cannot be used",
                error.to_string(),
            ));
        }
    };
    let journey = Journey {
        browser: binds_browser(&app.base_url, &redirect_url).then(|| browser.hash()),
        verifier: departure.verifier.as_ref().map(|verifier| verifier.expose().to_owned()),
        redirect_url,
    };
    let journey = serde_json::to_vec(&journey).expect("a journey always serialises");
    app.store.put_consent_state(ConsentKind::State, &state, instance, STATE_SECS, &journey).await?;
    let mut page = Page::start(
        format!("Connect {}", config.display_name),
        format!(
            "The service asks {vendor} for access, so that it can manage people and groups there. You will be asked to \
             confirm this on {vendor}'s own page."
        ),
        (format!("Continue to {vendor}"), departure.url),
    )
    .about(instance)
    .fact("Application", vendor)
    .fact("Access asked for", oauth.spec.scopes.join(", "));
    for step in oauth.spec.advice {
        page = page.step(*step);
    }
    Ok(page)
}
