//! A host whose instance lives by a consent, and an administrator with a browser.

use std::{net::SocketAddr, path::Path};

use connector_host::{
    config::{Config, Sources, StoreUrl},
    store::Store,
};
use connector_sandbox::{
    RecordedRequest,
    slack::{self, Slack},
};
use serde_json::Value;

use crate::{Answer, Client, Host, Tap};

/// A browser as far as consents need one: it keeps a cookie per host and follows nothing by itself.
#[derive(Debug, Default, Clone)]
pub struct Browser {
    cookies: Vec<(SocketAddr, String)>,
}

impl Browser {
    /// The cookie it keeps for a host.
    pub fn cookie(&self, address: SocketAddr) -> Option<String> {
        let (_, cookie) = self.cookies.iter().find(|(of, _)| *of == address)?;
        cookie.split_once('=').map(|(_, value)| value.to_owned())
    }

    /// A host is the same under another port, as cookies see it.
    pub fn moved(&mut self, from: SocketAddr, to: SocketAddr) {
        for (address, _) in &mut self.cookies {
            if *address == from {
                *address = to;
            }
        }
    }

    /// GET of a path with its query.
    pub async fn get(&mut self, address: SocketAddr, path: &str) -> Answer {
        self.send("GET", address, path, "").await
    }

    /// Any request.
    pub async fn send(&mut self, method: &str, address: SocketAddr, path: &str, form: &str) -> Answer {
        let mut headers = vec![];
        if let Some((_, cookie)) = self.cookies.iter().find(|(of, _)| *of == address) {
            headers.push(("cookie", cookie.as_str()));
        }
        if !form.is_empty() {
            headers.push(("content-type", "application/x-www-form-urlencoded"));
        }
        let client = Client { address, base: String::new(), token: String::new() };
        let answer = client.send(method, path, &headers, form).await;
        if let Some(cookie) = answer.header("set-cookie").and_then(|line| line.split(';').next()) {
            self.cookies.retain(|(of, _)| *of != address);
            self.cookies.push((address, cookie.to_owned()));
        }
        answer
    }
}

/// What differs from what an operator would usually write.
#[derive(Debug, Default)]
pub struct Setup<'a> {
    /// How the target behaves.
    pub options: slack::Options,
    /// More of `[server]`.
    pub server: &'a str,
    /// More of `[store]`.
    pub store: &'a str,
    /// More of the instance's `oauth` table.
    pub oauth: &'a str,
    /// More instances.
    pub more: &'a str,
    /// Another client secret than the right one.
    pub client_secret: Option<&'a str>,
}

impl Setup<'_> {
    /// A target whose tokens rotate.
    pub fn rotating() -> Self {
        let options = slack::Options { token_rotation: true, ..slack::Options::default() };
        Self { options, ..Self::default() }
    }
}

/// One host whose instance `acme` lives by a consent.
#[derive(Debug)]
pub struct ConsentWorld {
    /// The target.
    pub slack: Slack,
    /// The wire to the target's token endpoint and its siblings.
    pub tap: Tap,
    /// The host.
    pub host: Host,
    /// A token of the instance.
    pub token: String,
}

impl ConsentWorld {
    /// Nobody has consented yet.
    pub async fn new(binary: &Path, setup: Setup<'_>) -> Self {
        let loopback = "127.0.0.1:0".parse().expect("an address");
        let slack = slack::start(loopback, setup.options).await.expect("the stand-in starts");
        let tap = Tap::before(slack.address()).await;
        let config = format!(
            "{}\n[outbound]\nallow_networks = [\"127.0.0.0/8\"]\n\
             [instances.acme]\nconnector = \"slack\"\ndisplay_name = \"Slack (Acme)\"\ntarget_url = \"{}\"\n\
             [instances.acme.oauth]\nclient_id = \"{}\"\nclient_secret = \"{}\"\nauthorize_url = \"{}\"\n\
             token_url = \"http://{}/api/oauth.v2.access\"\n{}\n{}\n",
            setup.store,
            slack.scim_url(),
            slack.client_id(),
            setup.client_secret.unwrap_or(slack.client_secret()),
            slack.authorize_url(),
            tap.address,
            setup.oauth,
            setup.more,
        );
        let host = Host::start(binary, setup.server, &config).await;
        let token = host.token("acme", "e2e").await;
        Self { slack, tap, host, token }
    }

    /// An owner has consented for the organisation.
    pub async fn consented(binary: &Path, setup: Setup<'_>) -> Self {
        let world = Self::new(binary, setup).await;
        world.walk("allow").await.page(200);
        world.slack.clear_requests();
        world
    }

    /// A client of the instance.
    pub fn scim(&self) -> Client {
        self.host.client("acme", &self.token)
    }

    /// The path of a fresh link.
    pub async fn link(&self) -> String {
        let output = self.host.run(&["consent", "acme"]).await;
        assert!(output.status.success(), "{output:?}");
        let link = String::from_utf8(output.stdout).expect("a link is text");
        path_of(link.trim()).to_owned()
    }

    /// Opens a link and returns where its page leads, which is the vendor's.
    pub async fn leave(&self, browser: &mut Browser, link: &str) -> String {
        let page = browser.get(self.host.address, link).await;
        let text = page.page(200);
        let (_, rest) = text.split_once("class=\"action\" href=\"").expect("the page leads on");
        let address = rest.split('"').next().expect("it ends");
        address.replace("&amp;", "&")
    }

    /// Presses a button of the vendor's page, `allow` or `cancel`, with further fields; returns where that leads.
    pub async fn decide(&self, vendor: &str, decision: &str) -> String {
        let (address, query) = vendor.split_once('?').expect("the vendor is told what is wanted");
        let form = format!("{query}&decision={decision}");
        let answer = Browser::default().send("POST", self.slack.address(), path_of(address), &form).await;
        assert_eq!(answer.status, 302, "{}", answer.text);
        answer.header("location").expect("it leads back").to_owned()
    }

    /// Follows the vendor's redirect, whatever host it names.
    pub async fn arrive(&self, browser: &mut Browser, location: &str) -> Answer {
        browser.get(self.host.address, path_of(location)).await
    }

    /// From a fresh link to the last page, in a fresh browser.
    pub async fn walk(&self, decision: &str) -> Answer {
        let mut browser = Browser::default();
        let vendor = self.leave(&mut browser, &self.link().await).await;
        let location = self.decide(&vendor, decision).await;
        self.arrive(&mut browser, &location).await
    }

    /// What `consent --status` says.
    pub async fn status(&self) -> String {
        let output = self.host.run(&["consent", "acme", "--status"]).await;
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// What `/readyz` says of an instance.
    pub async fn state(&self, instance: &str) -> String {
        let readyz = Browser::default().get(self.host.address, "/readyz").await.ok(200);
        let instances = readyz["instances"].as_array().expect("a list");
        let found = instances.iter().find(|known| known["name"] == instance).expect("it is there");
        found["state"].as_str().expect("a text").to_owned()
    }

    /// How often the vendor was asked to refresh since the requests were cleared.
    pub fn refreshes(&self) -> usize {
        refreshes(&self.slack)
    }

    /// Makes the consent older, by seconds, as if time had passed for the host, and waits until it has noticed.
    pub async fn age(&self, seconds: i64) {
        let version = age(self.host.directory(), seconds).await;
        noticed(&self.host, version).await;
    }

    /// Whether the target takes this access token.
    pub async fn is_taken(&self, token: &str) -> bool {
        let client =
            Client { address: self.slack.address(), base: "/scim/v1".into(), token: token.to_owned() };
        client.get("/Users?count=1").await.status == 200
    }

    /// The access tokens that the vendor has given so far, oldest first.
    pub fn tokens(&self) -> Vec<String> {
        self.tap.all("\"access_token\":\"", '"')
    }
}

impl Answer {
    /// The text of a page for people, after checking its status and what every page has.
    #[track_caller]
    pub fn page(&self, status: u16) -> &str {
        assert_eq!(self.status, status, "{}", self.text);
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(self.header(name), Some(value), "{name}");
        }
        let policy = self.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("script-src"), "{policy}");
        assert!(!self.text.contains("<script"), "{}", self.text);
        &self.text
    }
}

/// Waits until a host has noticed that the credential has this version.
pub async fn noticed(host: &Host, version: i64) {
    let noticed = |line: &Value| {
        line["message"] == "another process changed the credential"
            && line["version"].as_i64() >= Some(version)
    };
    host.logged(noticed).await;
}

/// How often this vendor was asked to refresh.
pub fn refreshes(slack: &Slack) -> usize {
    let is_refresh = |request: &RecordedRequest| {
        request.path == "/api/oauth.v2.access" && request.body["grant_type"] == "refresh_token"
    };
    slack.requests().iter().filter(|request| is_refresh(request)).count()
}

/// The store of a host, as another process opens it.
pub async fn store(directory: &Path) -> Store {
    let file = Some(directory.join("connector-host.toml"));
    let mut config = Config::load(&Sources { file, ..Sources::default() }).expect("it is configured");
    if let StoreUrl::Sqlite(path) = &mut config.store.url {
        *path = directory.join(&path);
    }
    Store::open(&config.store).await.expect("the store opens")
}

/// The consent of `acme` as it is kept, and its version.
pub async fn held(store: &Store) -> (Value, i64) {
    let held = store.credential("acme").await.expect("the store answers").expect("somebody consented");
    (serde_json::from_slice(&held.plain).expect("JSON"), held.version)
}

/// Makes the consent of `acme` older, by seconds; its version then.
pub async fn age(directory: &Path, seconds: i64) -> i64 {
    let store = store(directory).await;
    let version = loop {
        let (mut grant, version) = held(&store).await;
        for time in ["consented_at", "refreshed_at", "expires_at"] {
            if let Some(at) = grant[time].as_i64() {
                grant[time] = (at - seconds).into();
            }
        }
        let aged = grant.to_string();
        let put = store.put_credential("acme", Some(version), aged.as_bytes()).await;
        if let Some(version) = put.expect("the store answers") {
            break version;
        }
    };
    store.close().await;
    version
}

/// What of an address stands behind its host.
pub fn path_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.find('/').map_or("/", |at| &rest[at..])
}
