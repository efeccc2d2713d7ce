//! A Webex that answers by script, and an instance that talks to it.

use std::{
    collections::VecDeque,
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
use connector_core::{
    complete::{Endpoint, Instance, ListRequest, Listed, NoSpill, Precondition, SnapshotSpace, Turns, Walks},
    connector::{Checked, Setting, Settings},
    error::{Error, Result},
    http::{Credential, Cx, Door, Fixed, Outbound, Policy},
    ledger::NoLedger,
    mapping::{Plan, PlanOptions},
    scim::{ErrorBody, Filter, PatchRequest, PatchRules, Resource},
    secret::Secret,
};
use connector_webex::REGISTRATION;
use serde_json::{Value, json};
use tokio::time::Instant;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

pub(crate) const TOKEN: &str = "a-token-nobody-may-read";
/// One call Webex expects, and its answer.
pub(crate) struct Step {
    method: &'static str,
    path: String,
    answer: ResponseTemplate,
    /// Whether the same call may come again and again.
    again: bool,
}

impl Step {
    /// The same answer to the same call, however often it is tried; the last step of a script.
    pub(crate) fn again(self) -> Self {
        Self { again: true, ..self }
    }
}

/// Webex expects `call` ("GET /people/P1") and answers with this status and body; `Null` for no body.
pub(crate) fn step(call: &str, status: u16, body: Value) -> Step {
    let answer = ResponseTemplate::new(status);
    step_with(call, if body.is_null() { answer } else { answer.set_body_json(body) })
}

/// Webex expects `call` and answers with anything.
pub(crate) fn step_with(call: &str, answer: ResponseTemplate) -> Step {
    let (method, path) = call.split_once(' ').expect("method and path");
    let method = match method {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        other => panic!("no method: {other}"),
    };
    Step { method, path: format!("/v1{path}"), answer, again: false }
}

/// A list of one page.
pub(crate) fn items(call: &str, items: Value) -> Step {
    step(call, 200, json!({"items": items}))
}

/// Webex's error body.
pub(crate) fn failure(call: &str, status: u16, reason: &str) -> Step {
    let body = json!({"message": "Webex's own words", "errors": [{"description": reason}], "trackingId": "ROUTERGW_1"});
    step(call, status, body)
}

#[derive(Clone, Default)]
struct Script {
    steps: Arc<Mutex<VecDeque<Step>>>,
    /// Answers that are there whenever nothing else is expected.
    standing: Arc<Vec<Step>>,
    unexpected: Arc<Mutex<Vec<String>>>,
}

/// What Webex answers at any time: names of licences and roles, and who consented.
fn furniture() -> Vec<Step> {
    vec![
        items(
            "GET /licenses",
            json!([
                {"id": license("FMS"), "name": "Basic Messaging"},
                {"id": license("FSS"), "name": "Free screen share"},
                {"id": license("EE"), "name": "Webex Meetings Suite", "siteUrl": "acme-demo.webex.com"},
                {"id": license("BCSTD"), "name": "Webex Calling - Professional"},
            ]),
        ),
        items(
            "GET /roles",
            json!([{"id": id("ROLE", "id_full_admin"), "name": "Full Administrator"},
                   {"id": id("ROLE", "id_user_admin"), "name": "User Administrator"}]),
        ),
        step("GET /people/me", 200, service_account()),
    ]
}

impl Respond for Script {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let (method, path) = (request.method.as_str(), request.url.path());
        let mut steps = self.steps.lock().expect("one request at a time");
        match steps.front() {
            Some(step) if step.method == method && step.path == path => {
                let answer = step.answer.clone();
                if !step.again {
                    steps.pop_front();
                }
                answer
            }
            _ => {
                if let Some(step) =
                    self.standing.iter().find(|step| step.method == method && step.path == path)
                {
                    return step.answer.clone();
                }
                self.unexpected.lock().expect("one request at a time").push(format!("{method} {path}"));
                ResponseTemplate::new(599)
            }
        }
    }
}

/// How long a call may take with everything that is tried again.
const PATIENCE: Duration = Duration::from_millis(2500);

/// An instance of the connector, and the Webex it talks to.
pub(crate) struct Webex {
    server: MockServer,
    script: Script,
    instance: Arc<Instance>,
    patience: Duration,
}

impl Webex {
    /// Webex answers these calls, in this order, and no other.
    pub(crate) async fn answering(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::with(&[], Vec::new(), steps).await
    }

    /// The same beside what every organisation answers.
    pub(crate) async fn organisation(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::with(&[], furniture(), steps).await
    }

    /// The same with these parameters set to true.
    pub(crate) async fn set(parameters: &[&str], steps: impl IntoIterator<Item = Step>) -> Self {
        Self::with(parameters, furniture(), steps).await
    }

    async fn with(parameters: &[&str], standing: Vec<Step>, steps: impl IntoIterator<Item = Step>) -> Self {
        let mut settings = Settings::default();
        for name in parameters {
            settings.insert(*name, Setting::Boolean(true));
        }
        let script = Script {
            steps: Arc::new(Mutex::new(steps.into_iter().collect())),
            standing: Arc::new(standing),
            ..Script::default()
        };
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(script.clone()).mount(&server).await;

        let loopback = "127.0.0.0/8".parse().expect("a network");
        let policy = Policy { allow_networks: vec![loopback], ..Policy::default() };
        let target = format!("{}/v1", server.uri()).parse().expect("a URL");
        let credential = Fixed::new(Credential::bearer(&Secret::new(TOKEN)), "replace access_token");
        let connector = (REGISTRATION.build)(&settings).expect("good settings");
        let plans = connector.resources().iter().map(|resource| {
            let options = PlanOptions {
                base: "https://host.example/scim/acme-webex/v2".into(),
                members_per_call: resource.spec().members_per_call,
                ..PlanOptions::default()
            };
            Plan::compile(resource.spec().table, &options).expect("sound tables")
        });
        let instance = Instance {
            name: "acme-webex".into(),
            plans: plans.collect(),
            connector,
            door: Door::new(
                Arc::new(Outbound::new(policy)),
                target,
                Arc::new(credential),
                connector_webex::SPEC.budgets,
            ),
            settings,
            patch_rules: PatchRules::default(),
            adopt_existing: false,
            ledger: Arc::new(NoLedger),
            turns: Turns::default(),
            walks: Walks::new(SnapshotSpace::new(Arc::new(NoSpill))),
        };
        Self { server, script, instance: Arc::new(instance), patience: PATIENCE }
    }

    /// The same for a client that does not wait long: passing faults are tried again for a moment only.
    pub(crate) fn hasty(self) -> Self {
        Self { patience: Duration::from_millis(300), ..self }
    }

    pub(crate) fn cx(&self) -> Cx<'_> {
        let deadline = Instant::now() + self.patience;
        Cx::new(&self.instance.door, &self.instance.settings, deadline, "request-1")
    }

    pub(crate) fn endpoint(&self, name: &str) -> Endpoint<'_> {
        self.instance.endpoint_at(self.instance.index_of(name).expect(name))
    }

    pub(crate) async fn get(&self, endpoint: &str, id: &str) -> Result<Value> {
        self.endpoint(endpoint).get(&self.cx(), id).await.map(document)
    }

    pub(crate) async fn create(&self, endpoint: &str, body: Value) -> Result<Value> {
        self.endpoint(endpoint).create(&self.cx(), body).await.map(document)
    }

    pub(crate) async fn replace(&self, endpoint: &str, id: &str, body: Value) -> Result<Value> {
        self.endpoint(endpoint).replace(&self.cx(), id, body, &Precondition::default()).await.map(document)
    }

    /// Applies operations; the resource is asked for.
    pub(crate) async fn modify(&self, endpoint: &str, id: &str, operations: Value) -> Result<Value> {
        let patch = PatchRequest::read(json!({"Operations": operations}))?;
        let cx = self.cx();
        let changed = self.endpoint(endpoint).modify(&cx, id, &patch, true, &Precondition::default()).await?;
        Ok(changed.map(document).expect("it was asked for"))
    }

    /// The same without an answer.
    pub(crate) async fn modify_quietly(&self, endpoint: &str, id: &str, operations: Value) -> Result<()> {
        let patch = PatchRequest::read(json!({"Operations": operations}))?;
        let cx = self.cx();
        self.endpoint(endpoint).modify(&cx, id, &patch, false, &Precondition::default()).await.map(drop)
    }

    pub(crate) async fn delete(&self, endpoint: &str, id: &str) -> Result<()> {
        self.endpoint(endpoint).delete(&self.cx(), id, &Precondition::default()).await
    }

    pub(crate) async fn list(
        &self,
        endpoint: &str,
        filter: Option<&str>,
        start_index: Option<i64>,
        count: Option<i64>,
    ) -> Result<Listed> {
        let index = self.instance.index_of(endpoint).expect(endpoint);
        let rtype = self.endpoint(endpoint).plan().resource_type();
        let filter = filter.map(|text| Filter::parse(text, rtype)).transpose()?;
        let request = ListRequest { filter, start_index, count, ..ListRequest::default() };
        self.instance.list(index, &self.cx(), &request).await
    }

    pub(crate) async fn check(&self) -> Result<Checked> {
        self.instance.connector.check(&self.cx()).await
    }

    /// What was sent, for a snapshot. Every scripted call must have been made, and no other.
    pub(crate) async fn sent(self) -> String {
        let unexpected = self.script.unexpected.lock().expect("all requests are done").clone();
        assert!(unexpected.is_empty(), "calls nobody expected: {unexpected:?}");
        let left = {
            let steps = self.script.steps.lock().expect("all requests are done");
            steps.iter().filter(|step| !step.again).count()
        };
        assert_eq!(left, 0, "calls that were not made");
        let mut text = String::new();
        for request in self.server.received_requests().await.expect("recording is on") {
            let authorization = request.headers.get("authorization").and_then(|value| value.to_str().ok());
            let authorization = authorization.unwrap_or("none").replace(TOKEN, "[redacted]");
            let query = request.url.query_pairs().map(|(name, value)| format!("\n  ?{name}={value}"));
            let query: String = query.collect();
            let (method, path) = (&request.method, request.url.path());
            writeln!(text, "{method} {path}{query}\n  authorization: {authorization}").expect("text grows");
            if !request.body.is_empty() {
                let body: Value = serde_json::from_slice(&request.body).expect("JSON");
                let body = serde_json::to_string_pretty(&body).expect("JSON");
                writeln!(text, "{body}").expect("text grows");
            }
        }
        if text.is_empty() { "no call\n".to_owned() } else { text }
    }
}

/// The document without its version, which is a hash of the rest.
fn document(resource: Resource) -> Value {
    let mut document = Value::Object(resource.into_document());
    if let Some(meta) = document.get_mut("meta").and_then(Value::as_object_mut) {
        meta.remove("version");
    }
    document
}

/// What the client is told: status, `scimType`, detail.
pub(crate) fn told(error: &Error) -> String {
    let body = serde_json::to_value(ErrorBody::from(error)).expect("plain data");
    let field = |name: &str| body[name].as_str().unwrap_or("-").to_owned();
    format!("{} {} {}", field("status"), field("scimType"), field("detail"))
}

/// The document with some members set; `Null` takes one away.
pub(crate) fn with(document: Value, changes: Value) -> Value {
    let (Value::Object(mut document), Value::Object(changes)) = (document, changes) else {
        panic!("not objects")
    };
    for (name, value) in changes {
        if value.is_null() {
            document.remove(&name);
        } else {
            document.insert(name, value);
        }
    }
    Value::Object(document)
}

/// An id of this kind and value, as Webex forms it.
pub(crate) fn id(kind: &str, value: &str) -> String {
    BASE64_STANDARD_NO_PAD.encode(format!("ciscospark://us/{kind}/{value}"))
}

/// The id of the licence with this offer code.
pub(crate) fn license(code: &str) -> String {
    id(
        "LICENSE",
        &format!("7a1e3c52-6f0d-4b8e-9a34-51c0d2e7f601:{code}_9eca7814-3313-464f-9642-0239875bc9f8"),
    )
}

/// The bodies of what was sent to `METHOD /path`, in order.
pub(crate) fn bodies(sent: &str, call: &str) -> Vec<Value> {
    let (method, path) = call.split_once(' ').expect("method and path");
    let line = format!("{method} /v1{path}");
    let mut bodies = Vec::new();
    let mut at = String::new();
    let mut body = String::new();
    for text in sent.lines().chain([""]) {
        if !text.starts_with(['{', '}', ' ']) {
            if !body.is_empty() && at == line {
                bodies.push(serde_json::from_str(&body).expect("JSON"));
            }
            body.clear();
            text.clone_into(&mut at);
        } else if text.starts_with('{') || !body.is_empty() {
            body.push_str(text);
        }
    }
    bodies
}

/// A document as reviewers read it.
pub(crate) fn pretty(document: &Value) -> String {
    serde_json::to_string_pretty(document).expect("plain data")
}

/// The calls that were made, without queries and bodies.
pub(crate) fn calls(sent: &str) -> Vec<&str> {
    sent.lines().filter(|line| !line.starts_with(['{', '}', ' '])).collect()
}

/// The organisation's id.
pub(crate) fn acme() -> String {
    id("ORGANIZATION", "7a1e3c52-6f0d-4b8e-9a34-51c0d2e7f601")
}

/// An established person, as an administrator sees her.
pub(crate) fn ada() -> Value {
    json!({
        "id": "P-ADA",
        "emails": ["ada.quill@acme-demo.example"],
        "phoneNumbers": [
            {"type": "work", "value": "+4930555010", "primary": true},
            {"type": "work_extension", "value": "8110", "primary": false},
        ],
        "extension": "110",
        "locationId": "L-BERLIN",
        "displayName": "Ada Quill", "nickName": "Ada", "firstName": "Ada", "lastName": "Quill",
        "avatar": "https://avatar.example/ada.png",
        "orgId": acme(),
        "roles": [id("ROLE", "id_user_admin")],
        "licenses": [license("FMS"), license("FSS")],
        "department": "Research", "manager": "Bo Tern", "managerId": "P-BO", "title": "Analyst",
        "addresses": [{"type": "work", "country": "DE", "locality": "Berlin", "region": "BE",
                       "streetAddress": "Beispielweg 4", "postalCode": "10115"}],
        "created": "2025-03-04T08:15:30.120Z", "lastModified": "2026-01-19T11:02:07.455Z",
        "timeZone": "Europe/Berlin",
        "lastActivity": "2026-05-02T14:20:11.000Z",
        "siteUrls": ["acme-demo.webex.com"],
        "sipAddresses": [{"type": "cloud-calling", "value": "ada.quill@acme-demo.calls.example", "primary": true}],
        "status": "inactive", "invitePending": false, "loginEnabled": true, "type": "person",
    })
}

/// Somebody just created, without a licence, who never signed in.
pub(crate) fn bo() -> Value {
    json!({
        "id": "P-BO",
        "emails": ["bo.tern@acme-demo.example"],
        "displayName": "Bo Tern", "nickName": "Bo", "firstName": "Bo", "lastName": "Tern",
        "orgId": acme(),
        "roles": [], "licenses": [],
        "created": "2026-05-03T09:00:00.464Z", "lastModified": "2026-05-03T09:00:02.584Z",
        "status": "pending", "invitePending": true, "loginEnabled": false, "type": "person",
    })
}

/// The account that consented.
pub(crate) fn service_account() -> Value {
    with(
        ada(),
        json!({
            "id": "P-ME", "emails": ["webex-service@acme-demo.example"], "displayName": "Webex Service",
            "roles": [id("ROLE", "id_full_admin")],
        }),
    )
}
