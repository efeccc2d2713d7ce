//! What a person sees: one plain page, without script, that nobody can frame.

use std::sync::LazyLock;

use axum::{body::Body, response::Response};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderValue, StatusCode, header};
use minijinja::Environment;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::app::App;

/// A page being put together.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    #[serde(skip)]
    status: u16,
    kind: &'static str,
    title: String,
    lead: String,
    facts: Vec<(String, String)>,
    steps: Vec<String>,
    /// Label and address of the one thing to do.
    action: Option<(String, String)>,
}

impl Page {
    fn new(kind: &'static str, status: u16, title: impl Into<String>, lead: impl Into<String>) -> Self {
        let (title, lead) = (title.into(), lead.into());
        Self { status, kind, title, lead, facts: Vec::new(), steps: Vec::new(), action: None }
    }

    /// The page before the vendor's.
    pub(super) fn start(title: impl Into<String>, lead: impl Into<String>, action: (String, String)) -> Self {
        Self { action: Some(action), ..Self::new("start", 200, title, lead) }
    }

    /// It worked.
    pub(super) fn success(title: impl Into<String>, lead: impl Into<String>) -> Self {
        Self::new("success", 200, title, lead)
    }

    /// It did not.
    pub(super) fn failure(status: u16, title: impl Into<String>, lead: impl Into<String>) -> Self {
        Self::new("failure", status, title, lead)
    }

    /// Something to know.
    pub(super) fn fact(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.facts.push((name.into(), value.into()));
        self
    }

    /// The instance it is about, before everything else.
    pub(super) fn about(mut self, instance: &str) -> Self {
        self.facts.insert(0, ("Instance".to_owned(), instance.to_owned()));
        self
    }

    /// Something to do; text between backticks is shown as code.
    pub(super) fn step(mut self, step: impl Into<String>) -> Self {
        self.steps.push(step.into());
        self
    }

    /// As an answer.
    pub(super) fn render(&self, app: &App) -> Response {
        let template = TEMPLATES.get_template("page.html").expect("it is built in");
        let html = template.render(self).expect("a test renders every kind of page");
        let mut response = Response::new(Body::from(html));
        *response.status_mut() = StatusCode::from_u16(self.status).expect("a status of ours");
        let headers = response.headers_mut();
        for (name, value) in HEADERS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers.insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
        if app.is_https() {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
        }
        response
    }
}

const HEADERS: [(header::HeaderName, &str); 6] = [
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

const STYLE: &str = include_str!("page.css");

/// Nothing but this page's own style sheet, known by its hash.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).expect("base64 fits a header")
});

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    templates.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    templates.add_global("style", minijinja::Value::from_safe_string(STYLE.to_owned()));
    templates.add_filter("address", address);
    templates.add_filter("code", code);
    templates.add_template("page.html", include_str!("page.html")).expect("a test renders it");
    templates
});

/// Escaped, and text between backticks as code.
fn code(text: &str) -> minijinja::Value {
    let mut html = String::with_capacity(text.len() + 16);
    for (index, part) in text.split('`').enumerate() {
        let part = escaped(part);
        if index % 2 == 1 {
            html.extend(["<code>", &part, "</code>"]);
        } else {
            html.push_str(&part);
        }
    }
    minijinja::Value::from_safe_string(html)
}

/// An address inside quotes: escaped like other text, but slashes stay as they are for those who read the source.
fn address(text: &str) -> minijinja::Value {
    minijinja::Value::from_safe_string(escaped(text))
}

fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(page: &Page) -> String {
        TEMPLATES.get_template("page.html").unwrap().render(page).unwrap()
    }

    #[test]
    fn pages_show_what_was_put_into_them_and_run_nothing() {
        let action = ("Continue".to_owned(), "https://slack.com/a?b=1&c=<".to_owned());
        let start = Page::start("Connect <Acme>", "Why", action).fact("Instance", "acme").step("Run `x`.");
        insta::assert_snapshot!(html(&start));
        let failure = html(&Page::failure(400, "No", "Because").step("`<script>alert(1)</script>`"));
        assert!(failure.contains("<code>&lt;script&gt;"), "{failure}");
        assert!(!failure.contains("<script"), "{failure}");
    }

    #[test]
    fn the_policy_admits_this_style_sheet_and_nothing_else() {
        let policy = POLICY.to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(!STYLE.contains('<') && !STYLE.contains("url("), "it stands in the page as it is");
    }
}
