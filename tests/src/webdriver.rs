//! A real browser without a window: chromium, driven by chromedriver (<https://www.w3.org/TR/webdriver2/>).

use std::{path::Path, process::Stdio};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::{Client, PATIENCE};

/// A browser with a profile of its own.
#[derive(Debug)]
pub struct WebDriver {
    client: Client,
    /// The browser, which outlives a driver that is killed; none when it was told to end.
    browser: Option<u64>,
    _driver: Child,
    _profile: tempfile::TempDir,
}

/// The name of an element in answers, by the specification.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

impl WebDriver {
    /// Starts it, with a window of this size in CSS pixels.
    pub async fn start(width: u32, height: u32) -> Self {
        let profile = tempfile::tempdir().expect("a temporary directory");
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| {
                panic!("chromedriver cannot be started ({error}); install chromium and chromium-driver")
            });
        let mut lines = BufReader::new(driver.stdout.take().expect("stdout was asked for")).lines();
        let port = timeout(PATIENCE, async {
            loop {
                let line = lines.next_line().await.expect("stdout is text").expect("it says its port");
                // `ChromeDriver was started successfully on port 12345.`
                if let Some((_, port)) = line.split_once("successfully on port ") {
                    return port.trim_end_matches('.').parse().expect("a port");
                }
            }
        });
        let port: u16 = port.await.expect("chromedriver starts");
        let mut client =
            Client { address: ([127, 0, 0, 1], port).into(), base: String::new(), token: String::new() };
        let arguments = [
            "--headless".to_owned(),
            // It runs as root where tests do.
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-quic".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            format!("--user-data-dir={}", profile.path().display()),
            format!("--window-size={width},{height}"),
        ];
        // What is looked for is waited for: a click may return before the page that it leads to has begun.
        let patience = json!({ "implicit": 10_000 });
        let chrome = json!({ "args": arguments });
        let options = json!({ "browserName": "chrome", "goog:chromeOptions": chrome, "timeouts": patience });
        let session = post(&client, "/session", json!({ "capabilities": { "alwaysMatch": options } })).await;
        client.base = format!("/session/{}", session["sessionId"].as_str().expect("a session"));
        let browser = session["capabilities"]["goog:processID"].as_u64();
        Self { client, browser, _driver: driver, _profile: profile }
    }

    /// Goes to an address, as if it had been typed.
    pub async fn open(&self, url: &str) {
        post(&self.client, "/url", json!({ "url": url })).await;
    }

    /// Where it is.
    pub async fn url(&self) -> String {
        text(&get(&self.client, "/url").await)
    }

    /// The page's title.
    pub async fn title(&self) -> String {
        text(&get(&self.client, "/title").await)
    }

    /// Waits until the page shows what this CSS selector finds.
    pub async fn appears(&self, selector: &str) {
        self.find(selector).await;
    }

    /// What a person can read.
    pub async fn read(&self) -> String {
        let body = self.find("body").await;
        text(&get(&self.client, &format!("/element/{body}/text")).await)
    }

    /// Clicks on the first element that a CSS selector finds.
    pub async fn click(&self, selector: &str) {
        let element = self.find(selector).await;
        post(&self.client, &format!("/element/{element}/click"), json!({})).await;
    }

    /// Presses keys where the focus is. `\u{e004}` is the tabulator, `\u{e006}` the enter key.
    pub async fn press(&self, keys: &str) {
        let focus = text(&get(&self.client, "/element/active").await[ELEMENT]);
        post(&self.client, &format!("/element/{focus}/value"), json!({ "text": keys })).await;
    }

    /// What an expression in the page's own world is.
    pub async fn value(&self, expression: &str) -> Value {
        let script = format!("return {expression}");
        post(&self.client, "/execute/sync", json!({ "script": script, "args": [] })).await
    }

    /// Keeps a picture of the page.
    pub async fn picture(&self, file: &Path) {
        let picture = get(&self.client, "/screenshot").await;
        let picture = BASE64_STANDARD.decode(text(&picture)).expect("base64");
        std::fs::write(file, picture).expect("the picture can be written");
    }

    /// Ends it in good order.
    pub async fn quit(mut self) {
        self.client.send("DELETE", "", &[], "").await.ok(200);
        self.browser = None;
    }

    async fn find(&self, selector: &str) -> String {
        let found =
            post(&self.client, "/element", json!({ "using": "css selector", "value": selector })).await;
        text(&found[ELEMENT])
    }
}

impl Drop for WebDriver {
    fn drop(&mut self) {
        if let Some(browser) = self.browser {
            // It may have ended; a failing test has nobody left to tell.
            let _ = std::process::Command::new("kill").args(["-KILL", &browser.to_string()]).status();
        }
    }
}

async fn get(client: &Client, path: &str) -> Value {
    client.get(path).await.ok(200)["value"].take()
}

async fn post(client: &Client, path: &str, body: Value) -> Value {
    client.post(path, &body).await.ok(200)["value"].take()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
