//! Consent in a real browser, by keyboard and mouse, as the administrator meets it.
//!
//! `cargo test -p connector-host-tests --features browser-tests --test browser`; with
//! `CONNECTOR_HOST_PICTURES=DIRECTORY` it keeps pictures of the pages.

use std::path::PathBuf;

use connector_host_tests::{ConsentWorld, Setup, WebDriver};
use serde_json::json;

const TABULATOR: &str = "\u{e004}";
const ENTER: &str = "\u{e006}";
/// What the host's page has after the consent, and the vendor's before it has not.
const OUTCOME: &str = "main h2";

fn binary() -> PathBuf {
    std::env::var_os("CONNECTOR_HOST_BIN")
        .map_or_else(|| env!("CARGO_BIN_EXE_connector-host-under-test").into(), PathBuf::from)
}

/// An administrator before the vendor's page, come there by keyboard alone.
async fn at_the_vendor(world: &ConsentWorld, width: u32) -> WebDriver {
    let browser = WebDriver::start(width, 1000).await;
    browser.open(&format!("http://{}{}", world.host.address, world.link().await)).await;
    assert_eq!(browser.title().await, "Connect Slack (Acme)");
    accessible(&browser, 200).await;
    picture(&browser, "start").await;
    browser.press(TABULATOR).await;
    assert_eq!(browser.value("document.activeElement.textContent").await, "Continue to Slack");
    let focus = "getComputedStyle(document.activeElement)";
    assert_eq!(browser.value(&format!("{focus}.outlineStyle")).await, "solid");
    let background = browser.value("getComputedStyle(document.body).backgroundColor").await;
    assert_ne!(browser.value(&format!("{focus}.outlineColor")).await, background, "the focus is seen");
    picture(&browser, "start-focus").await;
    browser.press(ENTER).await;
    browser.appears("button[value=allow]").await;
    assert!(browser.url().await.starts_with(world.slack.base_url()), "{}", browser.url().await);
    browser
}

/// What assistive technology needs, and that the page's style sheet is in force under its own policy.
async fn accessible(browser: &WebDriver, status: u16) {
    assert_eq!(browser.value("performance.getEntriesByType('navigation')[0].responseStatus").await, status);
    for (expression, wanted) in [
        ("document.documentElement.lang", json!("en")),
        ("document.querySelectorAll('main').length", json!(1)),
        ("document.querySelectorAll('h1').length", json!(1)),
        ("document.querySelector('h1').textContent === document.title", json!(true)),
        ("document.querySelectorAll('h2').length > 0", json!(true)),
        ("document.querySelectorAll('script').length", json!(0)),
        ("getComputedStyle(document.body).margin", json!("0px")),
        // Nothing is cut off on a narrow screen.
        ("document.documentElement.scrollWidth <= innerWidth", json!(true)),
    ] {
        assert_eq!(browser.value(expression).await, wanted, "{expression}");
    }
}

async fn picture(browser: &WebDriver, name: &str) {
    if let Some(directory) = std::env::var_os("CONNECTOR_HOST_PICTURES") {
        let width = browser.value("innerWidth").await;
        browser.picture(&PathBuf::from(directory).join(format!("{name}-{width}.png"))).await;
    }
}

#[tokio::test]
async fn an_administrator_consents_from_the_link_to_the_page_that_says_so() {
    let world = ConsentWorld::new(&binary(), Setup::rotating()).await;
    let browser = at_the_vendor(&world, 1000).await;
    browser.click("button[value=allow]").await;
    browser.appears(OUTCOME).await;
    assert_eq!(browser.title().await, "Slack (Acme) is connected");
    accessible(&browser, 200).await;
    picture(&browser, "success").await;
    let page = browser.read().await;
    for word in ["Acme Org (E0ACMEORG1)", "admin", "the service renews it by itself", "acme"] {
        assert!(page.contains(word), "{word} in {page}");
    }
    world.scim().get("/Users?count=1").await.ok(200);
    // Back and forth, as people do.
    browser.open(&browser.url().await).await;
    assert_eq!(browser.title().await, "This consent is no longer under way");
    accessible(&browser, 400).await;
    world.scim().get("/Users?count=1").await.ok(200);
    browser.quit().await;
}

#[tokio::test]
async fn an_install_on_a_workspace_is_refused_with_the_way_out() {
    let world = ConsentWorld::new(&binary(), Setup::default()).await;
    // As on a telephone.
    let browser = at_the_vendor(&world, 500).await;
    browser.click("option[value=T0ACMELON1]").await;
    browser.click("button[value=allow]").await;
    browser.appears(OUTCOME).await;
    accessible(&browser, 400).await;
    picture(&browser, "workspace").await;
    let page = browser.read().await;
    for word in ["Acme London (T0ACMELON1)", "upper right corner", "Acme Org (E0ACMEORG1)", "given back"] {
        assert!(page.contains(word), "{word} in {page}");
    }
    world.scim().get("/Users?count=1").await.refused(502, "");
    browser.quit().await;
}
