//! A Workplace that answers by script, and an instance that talks to it.

use std::{
    collections::VecDeque,
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use connector_core::{
    complete::{Endpoint, Instance, ListRequest, Listed, NoSpill, Precondition, SnapshotSpace, Turns, Walks},
    connector::{Checked, Setting, Settings},
    error::{Error, Result},
    http::{Credential, Cx, Door, Endpoints, Fixed, Outbound, Policy},
    ledger::NoLedger,
    mapping::{Plan, PlanOptions},
    scim::{ErrorBody, Filter, PatchRequest, PatchRules, Projection, Resource},
    secret::Secret,
};
use connector_workplace::REGISTRATION;
use serde_json::{Value, json};
use tokio::time::Instant;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

pub(crate) const TOKEN: &str = "DQVJ-a-token-nobody-may-read";
pub(crate) const OWN: &str = "urn:connector-host:scim:workplace:2.0:User";
pub(crate) const OWN_GROUP: &str = "urn:connector-host:scim:workplace:2.0:Group";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// One call Workplace expects, and its answer.
pub(crate) struct Step(String, String, ResponseTemplate);

/// Workplace expects `call` (`GET /scim/Users/1001`, `GET /graph/2001`) and answers with this status and body; `Null` for no
/// body.
pub(crate) fn step(call: &str, status: u16, body: Value) -> Step {
    let answer = ResponseTemplate::new(status);
    step_with(call, if body.is_null() { answer } else { answer.set_body_json(body) })
}

/// Workplace expects `call` and answers with anything.
pub(crate) fn step_with(call: &str, answer: ResponseTemplate) -> Step {
    let (method, path) = call.split_once(' ').expect("method and path");
    Step(method.to_owned(), path.to_owned(), answer)
}

/// A refusal as Graph tells it.
pub(crate) fn refusal(call: &str, status: u16, code: u64, message: &str) -> Step {
    step(
        call,
        status,
        json!({"error": {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "Abc"}}),
    )
}

/// Graph's answer to a write.
pub(crate) fn success(call: &str) -> Step {
    step(call, 200, json!({"success": true}))
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

/// An instance of the connector, and the Workplace it talks to.
pub(crate) struct Community {
    server: MockServer,
    script: Script,
    instance: Arc<Instance>,
}

/// How long a call may take with everything that is tried again.
const PATIENCE: Duration = Duration::from_millis(2500);

impl Community {
    /// Workplace answers these calls, in this order, and no other.
    pub(crate) async fn answering(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::set(&[], steps).await
    }

    /// The same for an instance with these parameters.
    pub(crate) async fn set(given: &[(&str, Setting)], steps: impl IntoIterator<Item = Step>) -> Self {
        let script = Script { steps: Arc::new(Mutex::new(steps.into_iter().collect())), ..Script::default() };
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(script.clone()).mount(&server).await;

        let loopback = "127.0.0.0/8".parse().expect("a network");
        let outbound =
            Arc::new(Outbound::new(Policy { allow_networks: vec![loopback], ..Policy::default() }));
        let address = |path: &str| format!("{}{path}", server.uri()).parse().expect("a URL");
        let header = "Authorization".parse().expect("a header");
        let credential =
            Fixed::new(Credential::header(header, "Bearer ", &Secret::new(TOKEN)), "replace api_key");
        let mut settings = Settings::default();
        for (name, value) in given {
            settings.insert(*name, value.clone());
        }
        let connector = (REGISTRATION.build)(&settings).expect("good settings");
        let plans = connector.resources().iter().map(|resource| {
            let options = PlanOptions {
                base: "https://host.example/scim/acme-workplace/v2".into(),
                members_per_call: resource.spec().members_per_call,
                ..PlanOptions::default()
            };
            Plan::compile(resource.spec().table, &options).expect("sound tables")
        });
        let endpoints = Endpoints::new(Arc::clone(&outbound)).with("graph_url", address("/graph"));
        let door = Door::new(outbound, address("/scim"), Arc::new(credential), REGISTRATION.spec.budgets);
        let instance = Instance {
            name: "acme-workplace".into(),
            plans: plans.collect(),
            connector,
            door: door.with_endpoints(endpoints),
            settings,
            patch_rules: PatchRules::default(),
            adopt_existing: false,
            ledger: Arc::new(NoLedger),
            walks: Walks::new(SnapshotSpace::new(Arc::new(NoSpill))),
            turns: Turns::default(),
        };
        Self { server, script, instance: Arc::new(instance) }
    }

    pub(crate) fn cx(&self) -> Cx<'_> {
        let deadline = Instant::now() + PATIENCE;
        Cx::new(&self.instance.door, &self.instance.settings, deadline, "request-1")
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

    /// Applies operations of which nobody wants to see the result.
    pub(crate) async fn modify_silently(&self, endpoint: &str, id: &str, operations: Value) -> Result<()> {
        let patch = PatchRequest::read(json!({ "Operations": operations }))?;
        let endpoint = self.endpoint(endpoint);
        endpoint.modify(&self.cx(), id, &patch, false, &Precondition::default()).await.map(drop)
    }

    pub(crate) async fn delete(&self, endpoint: &str, id: &str) -> Result<()> {
        self.endpoint(endpoint).delete(&self.cx(), id, &Precondition::default()).await
    }

    pub(crate) async fn list(&self, endpoint: &str, filter: Option<&str>) -> Result<Listed> {
        let index = self.instance.index_of(endpoint).expect(endpoint);
        let rtype = self.endpoint(endpoint).plan().resource_type();
        let filter = filter.map(|text| Filter::parse(text, rtype)).transpose()?;
        let request = ListRequest { filter, ..ListRequest::default() };
        self.instance.list(index, &self.cx(), &request).await
    }

    pub(crate) async fn check(&self) -> Result<Checked> {
        self.instance.connector.check(&self.cx()).await
    }

    /// What was sent, for a snapshot. Every scripted call must have been made, and no other; each has a token and a
    /// `User-Agent`.
    pub(crate) async fn sent(self) -> String {
        let unexpected = self.script.unexpected.lock().expect("all requests are done").clone();
        assert!(unexpected.is_empty(), "calls nobody expected: {unexpected:?}");
        let left = self.script.steps.lock().expect("all requests are done").len();
        assert_eq!(left, 0, "calls that were not made");
        let mut text = String::new();
        for request in self.server.received_requests().await.expect("recording is on") {
            let header = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok());
            assert_eq!(header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
            assert!(header("user-agent").is_some_and(|agent| agent.starts_with("connector-host/")));
            let query = request.url.query_pairs().map(|(name, value)| format!("\n  ?{name}={value}"));
            let query: String = query.collect();
            let (method, path) = (&request.method, request.url.path());
            writeln!(text, "{method} {path}{query}").expect("text grows");
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

/// A switch of an instance.
pub(crate) fn on(name: &'static str) -> [(&'static str, Setting); 1] {
    [(name, Setting::Boolean(true))]
}

/// A person as SCIM 2.0 answers.
pub(crate) fn mina() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "id": 1001, "externalId": "E-20417", "userName": "mina@riverbank.example",
        "name": {"formatted": "Mina Okafor", "givenName": "Mina", "familyName": "Okafor"},
        "title": "Quay Supervisor", "locale": "en_GB", "preferredLanguage": "en_GB", "active": true,
        "emails": [{"value": "mina@riverbank.example", "type": "work", "primary": true}],
        "phoneNumbers": [{"value": "+441632960123", "type": "work", "primary": true}],
        "addresses": [{"type": "work", "formatted": "Dock 4, Hull", "primary": true}],
        "groups": [],
        "meta": {"resourceType": "User", "created": "2024-03-01T00:00:00+00:00"},
        ENTERPRISE: {
            "employeeNumber": "20417", "department": "Harbour", "division": "Operations", "organization": "Riverbank",
            "costCenter": "CC-88", "manager": {"managerId": 1003, "displayName": "Ivo Brandt"}
        },
        "urn:ietf:params:scim:schemas:extension:facebook:starttermdates:2.0:User": {"startDate": 1_609_459_200, "termDate": 0},
        "urn:ietf:params:scim:schemas:extension:facebook:accountstatusdetails:2.0:User": {
            "invited": true, "inviteDate": "2024-03-01T00:00:00+00:00", "claimed": false, "canDelete": true,
            "claimLink": "https://fb.example/claim/a1b2c3"
        },
        "urn:ietf:params:scim:schemas:extension:facebook:authmethod:2.0:User": {"authMethod": "sso"},
        "urn:ietf:params:scim:schemas:extension:facebook:frontline:2.0:User": {"is_frontline": false},
    })
}

/// The same person as SCIM 1.1 answers.
pub(crate) fn mina_v1() -> Value {
    let text = mina().to_string();
    let text = text
        .replace("urn:ietf:params:scim:schemas:core:2.0:User", "urn:scim:schemas:core:1.0")
        .replace(ENTERPRISE, "urn:scim:schemas:extension:enterprise:1.0")
        .replace("authmethod:2.0:User", "auth_method:1.0")
        .replace("\"authMethod\"", "\"auth_method\"")
        .replace(":2.0:User", ":1.0")
        .replace("urn:ietf:params:scim:schemas:extension:facebook", "urn:scim:schemas:extension:facebook")
        .replace("\"2024-03-01T00:00:00+00:00\",\"claimed\"", "1709251200,\"claimed\"");
    serde_json::from_str(&text).expect("JSON")
}

/// A read of Mina.
pub(crate) fn reads() -> Step {
    step("GET /scim/Users/1001", 200, mina())
}

/// A write of Mina, answered with what she is then.
pub(crate) fn puts(changes: Value) -> Step {
    step("PUT /scim/Users/1001", 200, with(mina(), changes))
}

/// A group as Graph answers.
pub(crate) fn harbour() -> Value {
    json!({
        "id": "2001", "name": "Harbour Safety", "description": "Safety notes", "privacy": "CLOSED",
        "purpose": "WORK_TEAMWORK", "archived": false, "is_community": false, "is_workplace_default": false,
        "join_setting": "ADMIN_ONLY", "post_permissions": "NONE", "post_requires_admin_approval": false,
        "sorting_setting": "CHRONOLOGICAL", "icon": "https://static.example/icons/group.png",
        "owner": {"id": "1003", "name": "Ivo Brandt"}, "updated_time": "2025-03-02T08:15:00+0000",
    })
}

/// A read of the group.
pub(crate) fn reads_group() -> Step {
    step("GET /graph/2001", 200, harbour())
}

/// A page of the group's people; the first administers it.
pub(crate) fn people(ids: &[&str]) -> Step {
    let entries = ids
        .iter()
        .enumerate()
        .map(|(at, id)| json!({"id": id, "name": format!("Person {id}"), "administrator": at == 0}));
    step("GET /graph/2001/members", 200, json!({"data": entries.collect::<Vec<_>>()}))
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
