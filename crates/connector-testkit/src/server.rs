//! A target over real HTTP on loopback that keeps every exchange.

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use percent_encoding::percent_decode_str;
use serde_json::Value;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

use crate::answer::Answer;

/// One request a target got.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) method: String,
    /// Percent-encoded, as it came.
    pub(crate) path: String,
    /// Decoded.
    pub(crate) query: Vec<(String, String)>,
    /// Every header.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    fn of(request: &Request) -> Self {
        let headers = request.headers.iter();
        Self {
            method: request.method.to_string(),
            path: request.url.path().to_owned(),
            query: request.url.query_pairs().map(|(name, value)| (name.into(), value.into())).collect(),
            headers: headers
                .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()))
                .collect(),
            body: request.body.clone(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The decoded segments of the path after `base`; of the whole path where it is elsewhere.
    pub(crate) fn segments(&self, base: &str) -> Vec<String> {
        let under = self.path.strip_prefix(base).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let path = under.unwrap_or(&self.path).trim_start_matches('/');
        let decoded = |segment: &str| percent_decode_str(segment).decode_utf8_lossy().into_owned();
        path.split('/').filter(|segment| !segment.is_empty()).map(decoded).collect()
    }

    pub(crate) fn is_read(&self) -> bool {
        self.method == "GET"
    }

    /// The body as JSON; `Null` without one.
    pub(crate) fn document(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

/// A request, and what it was answered.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) request: Received,
    pub(crate) answer: Answer,
}

type Answering = Box<dyn FnMut(&Received) -> Answer + Send>;

#[derive(Clone)]
struct Responder {
    answering: Arc<Mutex<Answering>>,
    kept: Arc<Mutex<Vec<Exchange>>>,
}

impl Respond for Responder {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let request = Received::of(request);
        let answer = lock(&self.answering)(&request);
        let template = answer.template();
        lock(&self.kept).push(Exchange { request, answer });
        template
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A target over HTTP on loopback.
pub(crate) struct Server {
    server: MockServer,
    kept: Arc<Mutex<Vec<Exchange>>>,
}

impl Server {
    pub(crate) async fn start(answering: impl FnMut(&Received) -> Answer + Send + 'static) -> Self {
        let kept = Arc::default();
        let answering: Arc<Mutex<Answering>> = Arc::new(Mutex::new(Box::new(answering)));
        let server = MockServer::start().await;
        Mock::given(any())
            .respond_with(Responder { answering, kept: Arc::clone(&kept) })
            .mount(&server)
            .await;
        Self { server, kept }
    }

    /// Its address, without a slash at the end.
    pub(crate) fn uri(&self) -> String {
        self.server.uri()
    }

    /// What was exchanged so far.
    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        lock(&self.kept).clone()
    }
}

/// How a request is written in snapshots: `credential` names the header that carries the secret.
pub(crate) fn written(request: &Received, credential: &str, secrets: &[&str]) -> String {
    let mut text = format!("{} {}", request.method, request.path);
    for (name, value) in &request.query {
        write!(text, "\n  ?{name}={value}").expect("text grows");
    }
    let shown = request.header(credential).unwrap_or("none");
    writeln!(text, "\n  {credential}: {shown}").expect("text grows");
    if !request.body.is_empty() {
        match serde_json::from_slice::<Value>(&request.body) {
            Ok(body) => writeln!(text, "{}", serde_json::to_string_pretty(&body).expect("JSON")),
            Err(_) => writeln!(text, "{}", String::from_utf8_lossy(&request.body)),
        }
        .expect("text grows");
    }
    secrets.iter().fold(text, |text, secret| text.replace(secret, "[redacted]"))
}

/// How exchanges are written where a case fails.
pub(crate) fn told(exchanges: &[Exchange], credential: &str, secrets: &[&str]) -> String {
    /// More of a body than this says nothing more.
    const MOST: usize = 1500;
    /// More exchanges than this are told by number.
    const LAST: usize = 12;
    let earlier = exchanges.len().saturating_sub(LAST);
    let mut text = if earlier > 0 { format!("({earlier} earlier exchanges)\n") } else { String::new() };
    for Exchange { request, answer } in &exchanges[earlier..] {
        text.push_str(&written(request, credential, secrets));
        write!(text, "<- {}", answer.status).expect("text grows");
        for (name, value) in &answer.headers {
            write!(text, "\n   {name}: {value}").expect("text grows");
        }
        let body = String::from_utf8_lossy(&answer.body[..answer.body.len().min(MOST)]);
        let more = if answer.body.len() > MOST { " …" } else { "" };
        writeln!(text, "\n   {body}{more}").expect("text grows");
    }
    let text = secrets.iter().fold(text, |text, secret| text.replace(secret, "[redacted]"));
    if text.is_empty() { "no request was sent\n".to_owned() } else { text }
}
