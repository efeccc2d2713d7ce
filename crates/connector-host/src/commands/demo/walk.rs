//! A consent walked as an administrator's browser would walk it: our page, the vendor's, and back.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use connector_core::http::{Endpoints, Outbound, Policy};
use http::{Method, Request, Response, header};
use tokio::time::Instant;
use url::Url;

use crate::{app::App, cli::Failure, consent};

/// Walks the consent of `instance`, whose vendor is a stand-in.
pub(super) async fn consent(app: &App, instance: &str) -> Result<(), Failure> {
    let failed = |what: &str| Failure::Failed(format!("the demo's consent for {instance}: {what}"));
    let link = consent::link(&app.store, &app.base_url, instance).await.map_err(Failure::failed)?;
    let page = step(app, Method::GET, link.expose(), None, String::new()).await?;
    let cookie = page.headers().get(header::SET_COOKIE).and_then(|value| value.to_str().ok());
    let cookie = cookie.and_then(|line| line.split(';').next()).map(ToOwned::to_owned);
    let vendor = link_on(page.body()).ok_or_else(|| failed("our page has no way to the vendor"))?;
    // The vendor's form sends back what it was called with, and the button.
    let (address, query) = vendor.split_once('?').unwrap_or((&vendor, ""));
    let answer = step(app, Method::POST, address, None, format!("{query}&decision=allow")).await?;
    let back = answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    let back = back.ok_or_else(|| failed("the stand-in does not send the browser back"))?;
    let end = step(app, Method::GET, back, cookie, String::new()).await?;
    if end.status().is_success() {
        Ok(())
    } else {
        Err(failed(&format!("it ended with {}: {}", end.status(), String::from_utf8_lossy(end.body()))))
    }
}

async fn step(
    app: &App,
    method: Method,
    address: &str,
    cookie: Option<String>,
    form: String,
) -> Result<Response<Bytes>, Failure> {
    let url: Url = address.parse().map_err(Failure::failed)?;
    let loopback = app.config.outbound.allow_networks.clone();
    let policy = Policy { allow_networks: loopback, only_networks: Vec::new() };
    let way = Endpoints::new(Arc::new(Outbound::new(policy))).with("page", url.clone());
    let mut request = Request::builder().method(method).uri(url.as_str());
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    if !form.is_empty() {
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    }
    let request = request.body(form.into_bytes()).map_err(Failure::failed)?;
    way.send(request, Instant::now() + Duration::from_secs(30)).await.map_err(Failure::failed)
}

/// Where the page's one button leads.
fn link_on(page: &[u8]) -> Option<String> {
    let page = std::str::from_utf8(page).ok()?;
    let (_, rest) = page.split_once(r#"<a class="action" href=""#)?;
    let (address, _) = rest.split_once('"')?;
    Some(address.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::link_on;

    #[test]
    fn the_button_of_a_page_is_found() {
        let page = br#"<p><a class="action" href="http://x/a?b=1&amp;c=2">Go</a></p>"#;
        assert_eq!(link_on(page).as_deref(), Some("http://x/a?b=1&c=2"));
        assert_eq!(link_on(b"<p>no</p>"), None);
    }
}
