//! The consent for Webex, given in one data centre and in another.

use connector_host_tests::{Answer, Client, Host};
use connector_sandbox::webex::{self, Webex};

use crate::binary;

/// The two data centres, each with the redirect URL that is registered for it.
const CENTRES: [(&str, &str); 2] = [
    ("us", "https://us.gateway.example/consent/callback"),
    ("eu", "https://eu.gateway.example/consent/callback"),
];

/// A stand-in whose integration has both redirect URLs and takes no other.
async fn stand_in() -> Webex {
    let redirect_uris = CENTRES.iter().map(|(_, url)| (*url).to_owned()).collect();
    let options = webex::Options { redirect_uris, people: 20, ..webex::Options::default() };
    webex::start("127.0.0.1:0".parse().unwrap(), options).await.unwrap()
}

async fn host(webex: &Webex, region: &str) -> Host {
    let [(us, us_url), (eu, eu_url)] = CENTRES;
    let config = format!(
        "[outbound]\nallow_networks = [\"127.0.0.0/8\"]\n\
         [instances.acme]\nconnector = \"webex\"\ntarget_url = \"{}\"\n\
         [instances.acme.oauth]\nclient_id = \"{}\"\nclient_secret = \"{}\"\n\
         redirect_urls = {{ {us} = \"{us_url}\", {eu} = \"{eu_url}\" }}\n\
         authorize_url = \"{}\"\ntoken_url = \"{}\"\nrevoke_url = \"{}\"\n",
        webex.api_url(),
        webex.client_id(),
        webex.client_secret(),
        webex.authorize_url(),
        webex.token_url(),
        webex.revoke_url(),
    );
    Host::start(&binary(), &format!("region = \"{region}\""), &config).await
}

/// The address without scheme and host, to be asked of whoever stands there.
fn path(url: &str) -> &str {
    let (_, rest) = url.split_once("://").unwrap();
    &rest[rest.find('/').unwrap()..]
}

fn browser(address: std::net::SocketAddr) -> Client {
    Client { address, base: String::new(), token: String::new() }
}

/// The administrator's way from the link to Webex's page, with what our page sends along.
async fn departure(host: &Host) -> String {
    let output = host.run(&["consent", "acme"]).await;
    assert!(output.status.success(), "{output:?}");
    let link = String::from_utf8(output.stdout).unwrap();
    let page = browser(host.address).get(path(link.trim())).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let (_, rest) = page.text.split_once(r#"<a class="action" href=""#).expect("a button");
    rest.split_once('"').unwrap().0.replace("&amp;", "&")
}

/// Webex's page answered with `decision`; where it sends the browser.
async fn decide(webex: &Webex, departure: &str, decision: &str) -> String {
    let (_, query) = departure.split_once('?').unwrap();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let answer = browser(webex.address())
        .send("POST", path(&webex.authorize_url()), &form, &format!("{query}&decision={decision}"))
        .await;
    assert_eq!(answer.status, 302, "{}", answer.text);
    answer.header("location").unwrap().to_owned()
}

async fn arrive(host: &Host, back: &str) -> Answer {
    browser(host.address).get(path(back)).await
}

/// The value of a query parameter, as it is sent.
fn parameter<'u>(url: &'u str, name: &str) -> &'u str {
    let (_, query) = url.split_once('?').unwrap();
    let found = query.split('&').filter_map(|pair| pair.split_once('=')).find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("no {name} in {url}")).1
}

#[tokio::test]
async fn each_data_centre_names_its_own_redirect_url_in_both_steps() {
    for (region, redirect) in CENTRES {
        let webex = stand_in().await;
        let host = host(&webex, region).await;
        let departure = departure(&host).await;
        let sent = parameter(&departure, "redirect_uri").replace("%3A", ":").replace("%2F", "/");
        assert_eq!(sent, redirect);
        let scopes = parameter(&departure, "scope").replace("%3A", ":").replace("%20", "+");
        assert_eq!(
            scopes,
            "spark:team_memberships_read+spark:team_memberships_write+spark:teams_read+spark:teams_write+\
             spark-admin:licenses_read+spark-admin:organizations_read+spark-admin:people_read+\
             spark-admin:people_write+spark-admin:roles_read"
        );
        assert_eq!(parameter(&departure, "code_challenge_method"), "S256");
        let back = decide(&webex, &departure, "allow").await;
        assert!(back.starts_with(redirect), "{back}");
        // The stand-in exchanges a code for the redirect URL of the first step alone.
        let page = arrive(&host, &back).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains("Acme"), "{}", page.text);
        let scim = host.client("acme", &host.token("acme", "e2e").await);
        scim.get("/Users?count=1").await.ok(200);
    }
}

#[tokio::test]
async fn a_consent_that_is_not_enough_is_told_with_everything_that_is_missing() {
    let webex = stand_in().await;
    let host = host(&webex, "eu").await;

    webex.set_options(|options| {
        options.withheld_scopes = vec!["spark:teams_read".into(), "spark-admin:roles_read".into()];
    });
    let page = arrive(&host, &decide(&webex, &departure(&host).await, "allow").await).await;
    assert_eq!(page.status, 400, "{}", page.text);
    for scope in ["spark:teams_read", "spark-admin:roles_read"] {
        assert!(page.text.contains(scope), "{}", page.text);
    }
    // The same where the token answer does not say what was granted.
    webex.set_options(|options| options.bare_token_answer = true);
    let page = arrive(&host, &decide(&webex, &departure(&host).await, "allow").await).await;
    assert_eq!(page.status, 400, "{}", page.text);
    for scope in ["spark:teams_read", "spark-admin:roles_read"] {
        assert!(page.text.contains(scope), "{}", page.text);
    }

    webex.set_options(|options| {
        options.withheld_scopes.clear();
        options.consenter = webex::Consenter::ReadOnlyAdministrator;
    });
    let page = arrive(&host, &decide(&webex, &departure(&host).await, "allow").await).await;
    assert_eq!(page.status, 400, "{}", page.text);
    assert!(page.text.contains("Read-only Administrator only"), "{}", page.text);

    webex.set_options(|options| options.consenter = webex::Consenter::Member);
    let page = arrive(&host, &decide(&webex, &departure(&host).await, "allow").await).await;
    assert_eq!(page.status, 400, "{}", page.text);
    assert!(page.text.contains("no administrator"), "{}", page.text);

    let page = arrive(&host, &decide(&webex, &departure(&host).await, "deny").await).await;
    assert_eq!(page.status, 400, "{}", page.text);
    host.client("acme", &host.token("acme", "e2e").await).get("/Users?count=1").await.refused(502, "");
}
