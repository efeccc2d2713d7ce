//! A Slack that answers by script, and an instance that talks to it.

use std::{
    collections::VecDeque,
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use connector_core::{
    DryRun,
    complete::{Endpoint, Instance, ListRequest, Listed, NoSpill, Precondition, SnapshotSpace, Turns, Walks},
    connector::{Checked, Setting, Settings},
    error::{Error, Result},
    http::{Credential, Cx, Door, Fixed, Outbound, Policy},
    ledger::NoLedger,
    mapping::{Plan, PlanOptions},
    scim::{ErrorBody, Filter, PatchRequest, PatchRules, Resource},
    secret::Secret,
};
use connector_slack::REGISTRATION;
use serde_json::{Value, json};
use tokio::time::Instant;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

pub(crate) const TOKEN: &str = "xoxp-a-token-nobody-may-read";
pub(crate) const CORE: &str = "urn:scim:schemas:core:1.0";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub(crate) const SLACKS_ENTERPRISE: &str = "urn:scim:schemas:extension:enterprise:1.0";
pub(crate) const SLACKS_GUEST: &str = "urn:scim:schemas:extension:slack:guest:1.0";
pub(crate) const OWN: &str = "urn:connector-host:scim:slack:2.0:User";

/// One call Slack expects, and its answer.
pub(crate) struct Step(&'static str, String, ResponseTemplate);

/// Slack expects `call` ("GET /Users/W1") and answers with this status and body; `Null` for no body.
pub(crate) fn step(call: &str, status: u16, body: Value) -> Step {
    let answer = ResponseTemplate::new(status);
    step_with(call, if body.is_null() { answer } else { answer.set_body_json(body) })
}

/// Slack expects `call` and answers with anything.
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
    Step(method, format!("/scim/v1{path}"), answer)
}

/// Slack's error body.
pub(crate) fn failure(call: &str, status: u16, description: &str) -> Step {
    step(call, status, json!({"Errors": {"description": description, "code": status}}))
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

/// An instance of the connector, and the Slack it talks to.
pub(crate) struct Slack {
    server: MockServer,
    script: Script,
    instance: Arc<Instance>,
    /// Where writes are kept instead of being sent.
    dry_run: Option<DryRun>,
}

/// How long a call may take with everything that is tried again.
const PATIENCE: Duration = Duration::from_millis(2500);

impl Slack {
    /// Slack answers these calls, in this order, and no other.
    pub(crate) async fn answering(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::set(&[], steps).await
    }

    /// The same for an instance with these parameters switched on.
    pub(crate) async fn set(flags: &[&str], steps: impl IntoIterator<Item = Step>) -> Self {
        let script = Script { steps: Arc::new(Mutex::new(steps.into_iter().collect())), ..Script::default() };
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(script.clone()).mount(&server).await;

        let loopback = "127.0.0.0/8".parse().expect("a network");
        let policy = Policy { allow_networks: vec![loopback], ..Policy::default() };
        let target = format!("{}/scim/v1/", server.uri()).parse().expect("a URL");
        let credential = Fixed::new(Credential::bearer(&Secret::new(TOKEN)), "replace access_token");
        let mut settings = Settings::default();
        for flag in flags {
            settings.insert(*flag, Setting::Boolean(true));
        }
        let connector = (REGISTRATION.build)(&settings).expect("good settings");
        let plans = connector.resources().iter().map(|resource| {
            let options = PlanOptions {
                base: "https://host.example/scim/acme-slack/v2".into(),
                members_per_call: resource.spec().members_per_call,
                ..PlanOptions::default()
            };
            Plan::compile(resource.spec().table, &options).expect("sound tables")
        });
        let instance = Instance {
            name: "acme-slack".into(),
            plans: plans.collect(),
            connector,
            door: Door::new(
                Arc::new(Outbound::new(policy)),
                target,
                Arc::new(credential),
                connector_slack::SPEC.budgets,
            ),
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

    pub(crate) async fn create(&self, endpoint: &str, body: Value) -> Result<Value> {
        self.endpoint(endpoint).create(&self.cx(), body).await.map(document)
    }

    pub(crate) async fn replace(&self, endpoint: &str, id: &str, body: Value) -> Result<Value> {
        self.endpoint(endpoint).replace(&self.cx(), id, body, &Precondition::default()).await.map(document)
    }

    /// Applies operations; the resource is asked for.
    pub(crate) async fn modify(&self, endpoint: &str, id: &str, operations: Value) -> Result<Value> {
        let changed = self.modify_quietly(endpoint, id, operations, true).await?;
        Ok(changed.expect("it was asked for"))
    }

    pub(crate) async fn modify_quietly(
        &self,
        endpoint: &str,
        id: &str,
        operations: Value,
        answered: bool,
    ) -> Result<Option<Value>> {
        let patch = PatchRequest::read(json!({"Operations": operations}))?;
        let changed = self
            .endpoint(endpoint)
            .modify(&self.cx(), id, &patch, answered, &Precondition::default())
            .await?;
        Ok(changed.map(document))
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
        let index = usize::from(endpoint == "Groups");
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
        let left = self.script.steps.lock().expect("all requests are done").len();
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

/// A user without custom profile fields, as Slack answers (shape A).
pub(crate) fn ada() -> Value {
    json!({
        "schemas": [CORE],
        "id": "W01EXAMPLE1", "externalId": "",
        "meta": {"created": "2023-03-14T09:26:53-07:00", "location": "https://api.slack.com/scim/v1/Users/W01EXAMPLE1"},
        "userName": "ada.l", "nickName": "ada.l",
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "displayName": "ada.l",
        "profileUrl": "https://acme.enterprise.slack.com/team/ada.l",
        "title": "", "timezone": "America/Los_Angeles", "active": true,
        "emails": [{"value": "ada.l@acme.example", "primary": true}],
        "photos": [{"value": "https://secure.gravatar.com/avatar/0a1b.jpg", "type": "photo"}],
        "groups": [],
    })
}

/// A user with a custom profile record, filled with nulls (shape B).
pub(crate) fn grace() -> Value {
    json!({
        "schemas": [CORE, SLACKS_ENTERPRISE],
        "id": "W01EXAMPLE2", "externalId": "",
        "meta": {"created": "2022-11-02T17:05:13-07:00", "location": "https://api.slack.com/scim/v1/Users/W01EXAMPLE2"},
        "userName": "grace.h", "nickName": "grace.h",
        "name": {"givenName": "Grace", "familyName": "Hopper", "honorificPrefix": null},
        "displayName": "Grace H",
        "profileUrl": "https://acme.enterprise.slack.com/team/grace.h",
        "title": "Compiler lead", "timezone": "Asia/Tokyo", "active": true,
        "emails": [{"value": "grace.h@acme.example", "primary": true}, {"value": "", "primary": false}],
        "photos": [{"value": "https://avatars.example/grace.jpg", "type": "photo"}],
        "addresses": [{"streetAddress": null, "locality": null, "region": null, "postalCode": null, "country": null}],
        "phoneNumbers": [{"value": null, "type": "mobile"}, {"value": null, "primary": true}],
        "userType": null, "roles": [{"value": null, "primary": true}], "preferredLanguage": null, "locale": null,
        SLACKS_ENTERPRISE: {"employeeNumber": null, "costCenter": null, "organization": null, "division": null,
                            "department": null, "manager": {"managerId": null}},
        "groups": [{"value": "S01EXAMPLE1", "display": "Payroll"}],
    })
}

/// A user in which everything the table maps has a value.
pub(crate) fn full() -> Value {
    let mut user = grace();
    user["name"]["honorificPrefix"] = json!("Dr");
    user["emails"][1]["value"] = json!("grace@home.example");
    user["addresses"] = json!([{"streetAddress": "12 Engine Row", "locality": "London", "region": "LDN",
                                "postalCode": "N1 1AA", "country": "GB"}]);
    user["phoneNumbers"] = json!([{"value": "+44 7700 900001", "type": "mobile"}, {"value": "+44 20 7000 0001", "primary": true}]);
    user["userType"] = json!("Employee");
    user["roles"] = json!([{"value": "Team lead", "primary": true}]);
    (user["preferredLanguage"], user["locale"]) = (json!("en_GB"), json!("en_GB"));
    user[SLACKS_ENTERPRISE] = json!({"employeeNumber": "1815", "costCenter": "7", "organization": "Acme",
        "division": "R&D", "department": "Analysis", "manager": {"managerId": "W01EXAMPLE1"}});
    user
}

/// A multi-channel guest, with members Slack added over time.
pub(crate) fn guest() -> Value {
    let mut user = ada();
    user["schemas"] = json!([CORE, SLACKS_GUEST]);
    user[SLACKS_GUEST] = json!({"type": "multi", "expiration": "2027-01-31T00:00:00-08:00",
                                "channels": [{"value": "C01EXAMPLE1", "display": "general"}]});
    user
}

/// An IDP group.
pub(crate) fn payroll(members: &[&str]) -> Value {
    let members: Vec<Value> =
        members.iter().map(|id| json!({"value": id, "display": format!("Name of {id}")})).collect();
    json!({
        "schemas": [CORE], "id": "S01EXAMPLE1", "displayName": "Payroll", "members": members,
        "meta": {"created": "2023-08-10T07:41:46-07:00", "location": "https://api.slack.com/scim/v1/Groups/S01EXAMPLE1"},
    })
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
