//! An ActiveCampaign that answers by script, and an instance that talks to it.

use std::{
    collections::VecDeque,
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use connector_activecampaign::REGISTRATION;
use connector_core::{
    DryRun,
    complete::{Endpoint, Instance, ListRequest, Listed, NoSpill, Precondition, SnapshotSpace, Turns, Walks},
    connector::{Checked, Setting, Settings},
    error::{Error, Result},
    http::{Credential, Cx, Door, Fixed, Outbound, Policy},
    ledger::NoLedger,
    mapping::{Plan, PlanOptions},
    scim::{ErrorBody, Filter, PatchRequest, PatchRules, Projection, Resource},
    secret::Secret,
};
use serde_json::{Value, json};
use tokio::time::Instant;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

pub(crate) const KEY: &str = "a-key-nobody-may-read";
pub(crate) const OWN: &str = "urn:connector-host:scim:activecampaign:2.0:User";
pub(crate) const OWN_GROUP: &str = "urn:connector-host:scim:activecampaign:2.0:Group";

/// One call ActiveCampaign expects, and its answer.
pub(crate) struct Step(String, String, ResponseTemplate);

/// ActiveCampaign expects `call` ("GET /users/12") and answers with this status and body; `Null` for no body.
pub(crate) fn step(call: &str, status: u16, body: Value) -> Step {
    let answer = ResponseTemplate::new(status);
    step_with(call, if body.is_null() { answer } else { answer.set_body_json(body) })
}

/// ActiveCampaign expects `call` and answers with anything.
pub(crate) fn step_with(call: &str, answer: ResponseTemplate) -> Step {
    let (method, path) = call.split_once(' ').expect("method and path");
    Step(method.to_owned(), format!("/api/3{path}"), answer)
}

/// A refusal with a `message`.
pub(crate) fn refusal(call: &str, status: u16, message: &str) -> Step {
    step(call, status, json!({ "message": message }))
}

#[derive(Clone, Default)]
struct Script {
    steps: Arc<Mutex<VecDeque<Step>>>,
    unexpected: Arc<Mutex<Vec<String>>>,
}

impl Respond for Script {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let (method, path) = (request.method.as_str(), request.url.path());
        let mut steps = self.steps.lock().expect("one request at a time");
        match steps.front() {
            Some(Step(expected, at, _)) if *expected == method && at == path => {
                steps.pop_front().map_or_else(|| ResponseTemplate::new(599), |Step(_, _, answer)| answer)
            }
            _ => {
                self.unexpected.lock().expect("one request at a time").push(format!("{method} {path}"));
                ResponseTemplate::new(599)
            }
        }
    }
}

/// An instance of the connector, and the ActiveCampaign it talks to.
pub(crate) struct Account {
    server: MockServer,
    script: Script,
    instance: Arc<Instance>,
    /// Where writes are kept instead of being sent.
    dry_run: Option<DryRun>,
}

/// How long a call may take with everything that is tried again.
const PATIENCE: Duration = Duration::from_millis(2500);

impl Account {
    /// ActiveCampaign answers these calls, in this order, and no other.
    pub(crate) async fn answering(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::with("/api/3", &[], steps).await
    }

    /// The same for an instance with these parameters.
    pub(crate) async fn set(settings: &[(&str, &str)], steps: impl IntoIterator<Item = Step>) -> Self {
        Self::with("/api/3", settings, steps).await
    }

    /// The same for an instance whose target address has this path.
    pub(crate) async fn at(path: &str, steps: impl IntoIterator<Item = Step>) -> Self {
        Self::with(path, &[], steps).await
    }

    async fn with(path: &str, given: &[(&str, &str)], steps: impl IntoIterator<Item = Step>) -> Self {
        let script = Script { steps: Arc::new(Mutex::new(steps.into_iter().collect())), ..Script::default() };
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(script.clone()).mount(&server).await;

        let loopback = "127.0.0.0/8".parse().expect("a network");
        let policy = Policy { allow_networks: vec![loopback], ..Policy::default() };
        let target = format!("{}{path}", server.uri()).parse().expect("a URL");
        let header = "Api-Token".parse().expect("a header");
        let credential = Fixed::new(Credential::header(header, "", &Secret::new(KEY)), "replace api_key");
        let mut settings = Settings::default();
        for (name, value) in given {
            settings.insert(*name, Setting::Text((*value).to_owned()));
        }
        let connector = (REGISTRATION.build)(&settings).expect("good settings");
        let plans = connector.resources().iter().map(|resource| {
            let options = PlanOptions {
                base: "https://host.example/scim/acme-campaign/v2".into(),
                members_per_call: resource.spec().members_per_call,
                ..PlanOptions::default()
            };
            Plan::compile(resource.spec().table, &options).expect("sound tables")
        });
        let instance = Instance {
            name: "acme-campaign".into(),
            plans: plans.collect(),
            connector,
            // Without the budget: the tests are about what is called, and a fifth of a second each is a long time.
            door: Door::new(Arc::new(Outbound::new(policy)), target, Arc::new(credential), &[]),
            settings,
            patch_rules: PatchRules::default(),
            adopt_existing: false,
            ledger: Arc::new(NoLedger),
            walks: Walks::new(SnapshotSpace::new(Arc::new(NoSpill))),
            turns: Turns::default(),
        };
        Self { server, script, instance: Arc::new(instance), dry_run: None }
    }

    pub(crate) fn cx(&self) -> Cx<'_> {
        let deadline = Instant::now() + PATIENCE;
        Cx::new(&self.instance.door, &self.instance.settings, deadline, "request-1")
            .rehearsing(self.dry_run.as_ref())
    }

    /// The same where nothing is written.
    pub(crate) async fn rehearsing(steps: impl IntoIterator<Item = Step>) -> Self {
        let rehearsed = Self::answering(steps).await;
        Self { dry_run: Some(DryRun::new(&rehearsed.instance.plans)), ..rehearsed }
    }

    pub(crate) const fn dry_run(&self) -> &DryRun {
        self.dry_run.as_ref().expect("it is one")
    }

    pub(crate) fn endpoint(&self, name: &str) -> Endpoint<'_> {
        self.instance.endpoint_at(self.instance.index_of(name).expect(name))
    }

    pub(crate) async fn get(&self, endpoint: &str, id: &str) -> Result<Value> {
        self.endpoint(endpoint).get(&self.cx(), id).await.map(document)
    }

    /// Reads one object with `attributes`, and what the client is answered.
    pub(crate) async fn get_only(&self, endpoint: &str, id: &str, attributes: &str) -> Result<Value> {
        let endpoint = self.endpoint(endpoint);
        let projection = Projection::read(Some(attributes), None, endpoint.plan().resource_type())?;
        let found = endpoint.get_with(&self.cx(), id, |name| projection.names(name)).await?;
        Ok(document(projection.apply(found)))
    }

    pub(crate) async fn create(&self, endpoint: &str, body: Value) -> Result<Value> {
        self.endpoint(endpoint).create(&self.cx(), body).await.map(document)
    }

    pub(crate) async fn replace(&self, endpoint: &str, id: &str, body: Value) -> Result<Value> {
        self.endpoint(endpoint).replace(&self.cx(), id, body, &Precondition::default()).await.map(document)
    }

    /// Applies operations; the resource is asked for.
    pub(crate) async fn modify(&self, endpoint: &str, id: &str, operations: Value) -> Result<Value> {
        let patch = PatchRequest::read(json!({ "Operations": operations }))?;
        let endpoint = self.endpoint(endpoint);
        let changed = endpoint.modify(&self.cx(), id, &patch, true, &Precondition::default()).await?;
        Ok(changed.map(document).expect("it was asked for"))
    }

    pub(crate) async fn delete(&self, endpoint: &str, id: &str) -> Result<()> {
        self.endpoint(endpoint).delete(&self.cx(), id, &Precondition::default()).await
    }

    pub(crate) async fn list(&self, endpoint: &str, filter: Option<&str>) -> Result<Listed> {
        let index = usize::from(endpoint == "Groups");
        let rtype = self.endpoint(endpoint).plan().resource_type();
        let filter = filter.map(|text| Filter::parse(text, rtype)).transpose()?;
        let request = ListRequest { filter, ..ListRequest::default() };
        self.instance.list(index, &self.cx(), &request).await
    }

    pub(crate) async fn check(&self) -> Result<Checked> {
        self.instance.connector.check(&self.cx()).await
    }

    /// What was sent, for a snapshot. Every scripted call must have been made, and no other.
    pub(crate) async fn sent(self) -> String {
        let unexpected = self.script.unexpected.lock().expect("all requests are done").clone();
        assert!(unexpected.is_empty(), "calls nobody expected: {unexpected:?}");
        let left = self.script.steps.lock().expect("all requests are done").len();
        assert_eq!(left, 0, "calls that were not made");
        let mut text = String::new();
        for request in self.server.received_requests().await.expect("recording is on") {
            let key = request.headers.get("api-token").and_then(|value| value.to_str().ok());
            let key = key.unwrap_or("none").replace(KEY, "[redacted]");
            let query = request.url.query_pairs().map(|(name, value)| format!("\n  ?{name}={value}"));
            let query: String = query.collect();
            let (method, path) = (&request.method, request.url.path());
            writeln!(text, "{method} {path}{query}\n  api-token: {key}").expect("text grows");
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
pub(crate) fn document(resource: Resource) -> Value {
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

/// A user as ActiveCampaign answers.
pub(crate) fn tove() -> Value {
    json!({
        "username": "t.arvidsson", "firstName": "Tove", "lastName": "Arvidsson", "email": "tove@northlight.example",
        "phone": "", "signature": null, "localZoneid": "Europe/Stockholm", "mfaEnabled": "0",
        "cdate": "2025-11-04T09:12:30-06:00", "udate": "2025-11-20T15:01:02-06:00",
        "links": {"lists": "https://northlight.api-us1.com/api/3/users/12/lists",
                  "userGroup": "https://northlight.api-us1.com/api/3/users/12/userGroup"},
        "id": "12",
    })
}

/// The key's own user.
pub(crate) fn me() -> Step {
    step(
        "GET /users/me",
        200,
        json!({"user": {"username": "admin", "email": "ops@northlight.example", "id": "2"}}),
    )
}

/// A read of Tove.
pub(crate) fn reads() -> Step {
    step("GET /users/12", 200, json!({ "user": tove() }))
}

/// A read of the user as changed.
pub(crate) fn reads_with(changes: Value) -> Step {
    step("GET /users/12", 200, json!({ "user": with(tove(), changes) }))
}

/// A read of Tove's one group.
pub(crate) fn in_group(group: &str) -> Step {
    step("GET /users/12/userGroup", 200, json!({ "userGroup": record("31", "12", group) }))
}

/// A membership record.
pub(crate) fn record(id: &str, user: &str, group: &str) -> Value {
    json!({"userid": user, "groupid": group, "cdate": null, "udate": null, "links": {}, "id": id, "group": group,
           "user": user})
}

/// A group as ActiveCampaign answers.
pub(crate) fn editors() -> Value {
    json!({"title": "Newsletter editors", "descript": "May write, not send", "p_admin": "1", "pgMessageAdd": "1",
           "pg_user_add": "0", "reqApproval1st": "2", "sdate": null, "links": {}, "id": "7"})
}

/// A read of the group.
pub(crate) fn reads_group() -> Step {
    step("GET /groups/7", 200, json!({ "group": editors() }))
}

/// A read of the group's people.
pub(crate) fn people(users: &[&str]) -> Step {
    let records: Vec<Value> = users.iter().map(|user| record(&format!("3{user}"), user, "7")).collect();
    step("GET /groups/7/userGroups", 200, json!({ "userGroups": records }))
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
