//! A client that previews each request before it makes it.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use connector_host_tests::{Answer, Client};
use connector_sandbox::RecordedRequest;
use serde_json::{Value, json};

pub(super) const DRY_RUN: (&str, &str) = ("prefer", "dry-run");

/// The requests of a client, and what the target is asked meanwhile.
pub(super) struct Session<'t> {
    scim: Client,
    /// What the target was asked since this was asked last.
    asked: Box<dyn Fn() -> Vec<RecordedRequest> + Send + Sync + 't>,
    /// What was previewed and then done, as `METHOD /Endpoint` and `members of /Endpoint`.
    tried: Mutex<BTreeSet<String>>,
}

impl<'t> Session<'t> {
    pub(super) fn new(scim: &Client, asked: impl Fn() -> Vec<RecordedRequest> + Send + Sync + 't) -> Self {
        Self { scim: scim.clone(), asked: Box::new(asked), tried: Mutex::default() }
    }

    /// What was previewed and then done.
    pub(super) fn tried(self) -> BTreeSet<String> {
        self.tried.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    async fn send(&self, method: &str, path: &str, body: &Value, dry_run: bool) -> Answer {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let headers = [("content-type", "application/scim+json"), DRY_RUN];
        self.scim.send(method, path, if dry_run { &headers } else { &headers[..1] }, &text).await
    }

    async fn preview(&self, method: &str, path: &str, body: &Value) -> Answer {
        // What a connector learns once it does not read again: so the second preview is the one that counts.
        self.send(method, path, body, true).await;
        (self.asked)();
        let preview = self.send(method, path, body, true).await;
        assert_eq!(preview.header("preference-applied"), Some("dry-run"), "{preview:?}");
        let made = (self.asked)();
        assert!(made.iter().all(|request| request.method == "GET"), "{method} {path} wrote: {made:?}");
        preview
    }

    /// The preview of a request is what the request then does, and what it makes; returns its answer.
    pub(super) async fn is_as_previewed(&self, method: &str, path: &str, body: Value) -> Value {
        let (shown, mut real) = self.sends_as_previewed(method, path, body).await;
        if real.is_null() && method == "PATCH" {
            real = self.send("GET", path, &Value::Null, false).await.ok(200);
        }
        if real.is_object() {
            let [shown, is] = [&shown, &real].map(without_marks);
            let may_fill = ["POST", "PUT"].contains(&method);
            assert!(fits(&shown, &is, may_fill), "{method} {path} is shown as {shown}, and then it is {is}");
        }
        real
    }

    /// What a request sends is what its preview shows; returns what becomes of the object, as shown and as answered.
    pub(super) async fn sends_as_previewed(&self, method: &str, path: &str, body: Value) -> (Value, Value) {
        let preview = self.preview(method, path, &body).await.ok(200);
        let real = self.send(method, path, &body, false).await;
        assert!(real.status < 300, "{method} {path}: {real:?}");
        let real = if real.text.is_empty() { Value::Null } else { serde_json::from_str(&real.text).unwrap() };
        let mut sent: Vec<Value> = (self.asked)().iter().map(as_sent).collect();
        let [promised, id] = [&preview["resource"]["id"], &real["id"]].map(|id| id.as_str().unwrap_or("–"));
        // What is there already keeps its id.
        let id = if real.is_null() { promised } else { id };
        let planned = preview["requests"].as_array().unwrap().iter();
        let planned = planned.map(|request| as_planned(request, promised, id));
        let mut planned: Vec<Value> = planned.collect();
        if method == "POST" {
            know_filled(&mut planned, &sent);
        }
        if method == "GET" {
            // What a list takes is read at once, in any order.
            for calls in [&mut planned, &mut sent] {
                calls.sort_by_key(Value::to_string);
            }
        }
        assert_eq!(planned, sent, "{method} {path}: shown, and sent");
        assert!(preview["trace"].is_array());
        self.note(method, path, &body);
        (preview["resource"].clone(), real)
    }

    /// The preview of a request is the refusal that the request then meets, here or of the target; returns its detail.
    pub(super) async fn is_refused_as_previewed(&self, method: &str, path: &str, body: Value) -> String {
        let preview = self.preview(method, path, &body).await;
        let real = self.send(method, path, &body, false).await;
        let sent = (self.asked)();
        let wrote = sent.iter().any(|request| request.method != "GET" && request.status < 300);
        assert!(!wrote, "{method} {path} wrote: {sent:?}");
        assert!((400..600).contains(&real.status), "{method} {path}: {real:?}");
        let (mut shown, mut is) = (preview.json(), real.json());
        let detail = is["detail"].as_str().unwrap().to_owned();
        if sent.iter().any(|request| request.method != "GET") {
            // It was the target that refused, in its own words.
            shown["detail"].take();
            is["detail"].take();
        }
        assert_eq!((preview.status, shown), (real.status, is), "{method} {path}");
        detail
    }

    fn note(&self, method: &str, path: &str, body: &Value) {
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let endpoint = path.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default();
        if method == "PATCH" && body["Operations"].to_string().contains("\"members") {
            tried.insert(format!("members of /{endpoint}"));
        }
        tried.insert(format!("{method} /{endpoint}"));
    }
}

/// The body of a PATCH.
#[expect(clippy::needless_pass_by_value, reason = "operations are written where they are used")]
pub(super) fn change(operations: Value) -> Value {
    json!({ "Operations": operations })
}

/// What the target fills into something new goes along in the calls that then change it: nobody knows it before.
fn know_filled(planned: &mut [Value], sent: &[Value]) {
    let after_creation = planned.iter_mut().zip(sent).skip_while(|(_, sent)| sent[0] != "POST").skip(1);
    for (planned, sent) in after_creation {
        if fits(&planned[2], &sent[2], true) {
            planned[2] = sent[2].clone();
        }
    }
}

/// A resource without what is the target's own, or follows from the rest.
fn without_marks(resource: &Value) -> Value {
    let mut resource = resource.clone();
    for name in ["id", "meta", "schemas"] {
        resource.as_object_mut().unwrap().remove(name);
    }
    resource
}

/// Whether a value is as it was shown. What the target makes of what a whole body leaves out is not known before
/// (`may_fill`), and names of others, as members, are the target's alone: both may come in addition.
fn fits(shown: &Value, is: &Value, may_fill: bool) -> bool {
    let may_come = |name: &str| may_fill || ["display", "displayName"].contains(&name);
    match (shown, is) {
        (Value::Object(shown), Value::Object(is)) => {
            is.keys().all(|name| shown.contains_key(name) || may_come(name))
                && shown.iter().all(|(name, value)| is.get(name).is_some_and(|is| fits(value, is, may_fill)))
        }
        (Value::Array(shown), Value::Array(is)) => {
            shown.len() == is.len() && shown.iter().zip(is).all(|(shown, is)| fits(shown, is, may_fill))
        }
        _ => shown == is,
    }
}

/// The stand-in masks passwords, and so does a preview, in words of their own.
fn without_password(mut body: Value) -> Value {
    let inner = if body["user"].is_object() { &mut body["user"] } else { &mut body };
    if inner.get("password").is_some() {
        inner["password"] = json!("*");
    }
    body
}

fn as_sent(request: &RecordedRequest) -> Value {
    let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
    json!([request.method, format!("{}{query}", request.path), without_password(request.body.clone())])
}

/// `promised` is the id that a preview names, and `id` what it came to be.
fn as_planned(request: &Value, promised: &str, id: &str) -> Value {
    let text = request.to_string().replace(promised, id);
    let mut request: Value = serde_json::from_str(&text).unwrap();
    let url = request["url"].as_str().unwrap().splitn(4, '/').nth(3).unwrap().to_owned();
    json!([request["method"], format!("/{url}"), without_password(request["body"].take())])
}
