//! The way back from the vendor: exchange, judgement, proof, and only then is anything kept.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::Response,
};
use connector_core::{
    connector::Checked,
    error::{Error, Kind},
    http::{Credential, Cx},
    oauth::Granted,
    secret::Secret,
};
use http::HeaderMap;
use serde::Deserialize;
use tokio::time::Instant;

use super::{Journey, browser::Browser, page::Page};
use crate::{
    app::App,
    instances::Instance,
    oauth::{Consented, Grant, TokenFailure},
    serve::RequestId,
    store::{ConsentKind, unix_now},
};

/// How long the proof of a new credential may take.
const PROOF: Duration = Duration::from_secs(30);

#[derive(Default, Deserialize)]
pub(super) struct Return {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// `GET /consent/callback`.
pub(super) async fn callback(
    State(app): State<Arc<App>>,
    id: Option<axum::Extension<RequestId>>,
    back: Result<Query<Return>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let id = id.map_or_else(|| "-".to_owned(), |id| id.as_str().to_owned());
    let back = back.map(|Query(back)| back).unwrap_or_default();
    let browser = Browser::known(&headers, app.is_https());
    // A browser that goes away must not leave a token behind that nobody keeps and nobody gives back.
    let work = app.tasks.spawn({
        let app = Arc::clone(&app);
        async move { arrive(&app, back, browser, &id).await }
    });
    let page = work.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a consent broke off");
        Page::failure(500, "Something went wrong here", "Nothing was kept. Start again with a new link.")
    });
    page.render(&app)
}

async fn arrive(app: &App, back: Return, browser: Option<Browser>, id: &str) -> Page {
    let again = "Start again with a new link.";
    let Some(state) = back.state else {
        return Page::failure(400, "This is not the end of a consent", "The address lacks its `state`.")
            .step(again);
    };
    let found = match app.store.take_consent_state(ConsentKind::State, &state).await {
        Ok(found) => found,
        Err(error) => {
            tracing::error!(%error, "a consent cannot be continued");
            return Page::failure(503, "The service cannot continue just now", "Nothing was kept.")
                .step(again);
        }
    };
    let found = found.and_then(|(name, journey)| {
        let instance = app.instances.get(&name)?;
        Some((instance, instance.consented.as_ref()?, serde_json::from_slice::<Journey>(&journey).ok()?))
    });
    let Some((instance, consented, journey)) = found else {
        let why = "It was completed before, was started more than ten minutes ago, or was not started here.";
        return Page::failure(400, "This consent is no longer under way", why).step(again);
    };
    if let Some(left) = &journey.browser
        && !browser.is_some_and(|browser| browser.is(left))
    {
        let why = "A consent must end in the browser in which it was started, with cookies allowed.";
        return Page::failure(400, "This consent was started in another browser", why).step(again);
    }
    let arrival = Arrival { app, instance, consented, id };
    let page = match (back.code, back.error) {
        (_, Some(error)) => arrival.declined(&error, back.error_description.as_deref()),
        (None, None) => {
            Page::failure(400, "The vendor sent no code", "The address lacks both `code` and `error`.")
                .step(again)
        }
        (Some(code), None) => arrival.exchange(&code, journey).await,
    };
    page.about(&instance.config.name)
}

/// Somebody back from the vendor, for this instance.
struct Arrival<'a> {
    app: &'a App,
    instance: &'a Instance,
    consented: &'a Consented,
    id: &'a str,
}

impl Arrival<'_> {
    fn vendor(&self) -> &'static str {
        self.instance.config.registration.spec.display_name
    }

    fn again(&self) -> String {
        format!("Start again with a new link of `connector-host consent {}`.", self.instance.config.name)
    }

    /// The vendor's own "no" (RFC 6749 section 4.1.2.1).
    fn declined(&self, error: &str, description: Option<&str>) -> Page {
        tracing::warn!(instance = self.instance.config.name, error, "consent declined");
        let vendor = self.vendor();
        let page = if error == "access_denied" {
            let why = format!("Either it was cancelled on {vendor}'s page, or this account may not give it.");
            Page::failure(400, "The consent was declined", why)
        } else {
            Page::failure(
                400,
                format!("{vendor} did not ask for consent"),
                format!("{vendor} says: {}", short(error)),
            )
        };
        let page = match description {
            Some(description) => page.fact(format!("{vendor} says"), short(description)),
            None => page,
        };
        page.step(self.again())
    }

    async fn exchange(&self, code: &str, journey: Journey) -> Page {
        let verifier = journey.verifier.map(Secret::new);
        let exchanged =
            self.consented.protocol().exchange(code, &journey.redirect_url, verifier.as_ref()).await;
        let granted = match exchanged {
            Ok(granted) => granted,
            Err(failure) => return self.not_exchanged(failure),
        };
        match self.judge(&granted).await {
            Ok(checked) => self.keep(&granted, checked).await,
            Err(page) => self.give_back(&granted, page).await.step(self.again()),
        }
    }

    fn not_exchanged(&self, failure: TokenFailure) -> Page {
        let vendor = self.vendor();
        let (why, remedy) = match failure {
            TokenFailure::Grant(why) => (why, None),
            TokenFailure::Refused(why) => (
                why,
                Some("Check client_id and client_secret of this instance, and the redirect URL registered."),
            ),
            TokenFailure::Later(error) => (error.to_string(), None),
        };
        tracing::warn!(instance = self.instance.config.name, why, "the code was not exchanged");
        let page =
            Page::failure(502, format!("{vendor} gave no token"), format!("{vendor} says: {}", short(&why)));
        let page = remedy.into_iter().fold(page, Page::step);
        page.step(self.again())
    }

    /// Whether this grant will do: suitable, complete, and proven by calls to the target.
    async fn judge(&self, granted: &Granted) -> Result<Checked, Page> {
        let vendor = self.vendor();
        if let Some(unsuitable) = &granted.unsuitable {
            let page = Page::failure(400, "This access cannot be used", &*unsuitable.reason);
            return Err(unsuitable.steps.iter().fold(page, |page, step| page.step(&**step)));
        }
        let asked = self.consented.protocol().config().spec.scopes;
        let missing: Vec<_> = match &granted.scopes {
            Some(granted) => {
                asked.iter().filter(|scope| !granted.iter().any(|have| have == *scope)).collect()
            }
            None => Vec::new(),
        };
        if !missing.is_empty() {
            let page = Page::failure(
                400,
                "Access was granted in part only",
                format!("{vendor} left out scopes that the service needs."),
            );
            return Err(missing.into_iter().fold(page, |page, scope| {
                page.step(format!(
                    "Scope `{scope}` is missing: tick it in the app's registration and consent to it."
                ))
            }));
        }
        let core = &self.instance.core;
        let door = core.door.carrying(Credential::bearer(&granted.access_token));
        let cx = Cx::new(&door, &core.settings, Instant::now() + PROOF, self.id);
        match core.connector.check(&cx).await {
            Ok(checked) if checked.problems.is_empty() => Ok(checked),
            Ok(checked) => {
                let why = "The new access was tried and some of it does not work.";
                let page = Page::failure(400, "This access is not enough", why);
                Err(checked.problems.iter().fold(page, |page, problem| page.step(&**problem)))
            }
            Err(error) => Err(self.not_proven(&error)),
        }
    }

    fn not_proven(&self, error: &Error) -> Page {
        let vendor = self.vendor();
        tracing::warn!(instance = self.instance.config.name, %error, "the new credential does not work");
        match error.kind() {
            Kind::TargetCredential | Kind::Forbidden => Page::failure(
                400,
                "The new access does not work",
                format!("{vendor} gave a token and refused it at the first try: {error}"),
            ),
            _ => Page::failure(
                502,
                format!("The new access could not be tried: {vendor} does not answer"),
                format!("Only access that is proven to work is kept. {error}"),
            ),
        }
    }

    /// Gives tokens back that are not kept, unless they are the very ones that are in use.
    async fn give_back(&self, granted: &Granted, page: Page) -> Page {
        let (vendor, protocol) = (self.vendor(), self.consented.protocol());
        let grant = Grant::new(granted, &protocol.config().client_id, &[], unix_now());
        if self.consented.grant().is_some_and(|held| held.shares_a_token_with(&grant)) {
            return page.fact("The access that was there before", "is unchanged");
        }
        match protocol.give_up(&grant).await {
            Ok(true) => page.fact("The new token", "was given back and not kept"),
            outcome => {
                let error = outcome.err().map(|error| error.to_string());
                tracing::error!(
                    instance = self.instance.config.name,
                    error,
                    "a token could not be given back"
                );
                page.fact(
                    "The new token",
                    format!("was not kept, but {vendor} did not confirm that it is revoked"),
                )
                .step(format!("Remove the app in {vendor} by hand."))
            }
        }
    }

    async fn keep(&self, granted: &Granted, checked: Checked) -> Page {
        let oauth = self.consented.protocol().config();
        let mut grant = Grant::new(granted, &oauth.client_id, oauth.spec.scopes, unix_now());
        grant.account = checked.account.or(grant.account);
        grant.organization = checked.organization.or(grant.organization);
        let name = &self.instance.config.name;
        if let Err(error) = self.consented.keep(grant.clone()).await {
            tracing::error!(instance = name, %error, "a consent cannot be kept");
            let page = Page::failure(503, "The service cannot keep the access just now", "Nothing was kept.");
            return self.give_back(granted, page).await.step(self.again());
        }
        let who = grant.account.as_deref().unwrap_or("unknown");
        tracing::info!(instance = name, account = who, "consent given");
        let detail = format!("by {who} for {}", grant.organization.as_deref().unwrap_or("unknown"));
        if let Err(error) = self.app.store.record_audit(name, "browser", "consent.given", &detail).await {
            tracing::error!(instance = name, %error, "a consent is not in the audit log");
        }
        success(self.instance, &grant)
    }
}

fn success(instance: &Instance, grant: &Grant) -> Page {
    let config = &instance.config;
    let end = |end: Option<i64>| end.map_or_else(|| "does not end by itself".to_owned(), page_time);
    let mut page = Page::success(
        format!("{} is connected", config.display_name),
        "The access works: it was tried just now. You can close this page.",
    )
    .fact("Application", config.registration.spec.display_name);
    if let Some(account) = &grant.account {
        page = page.fact("Consented by", &**account);
    }
    if let Some(organization) = &grant.organization {
        page = page.fact("Organisation", &**organization);
    }
    page = page.fact("Access granted", grant.scopes.join(", "));
    page = if grant.is_renewable() {
        let renewal = grant.refresh_expires_at.map(|end| format!(" Without use it ends {}.", page_time(end)));
        page.fact(
            "Good until",
            format!("it is withdrawn; the service renews it by itself.{}", renewal.unwrap_or_default()),
        )
    } else {
        page.fact("Good until", end(grant.expires_at))
    };
    page.step("Keep the account that consented active and an administrator: the access ends with it.")
        .step(format!("`connector-host consent {} --status` shows what is held.", config.name))
}

/// Seconds since 1970 as a person reads them.
fn page_time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds)
        .map_or_else(|_| "far away".to_owned(), |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// Somebody else's words, on one line of bearable length.
fn short(text: &str) -> String {
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(300) {
        line.truncate(end);
        line.push('…');
    }
    line
}
