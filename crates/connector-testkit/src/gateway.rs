//! An instance of a connector, and the stand-in of a target it talks to.

use std::{sync::Arc, time::Duration};

use connector_core::{
    DryRun,
    complete::{
        CursorKey, Endpoint, Instance, ListRequest, Listed, NoSpill, Precondition, SnapshotSpace, Turns,
        Walks,
    },
    connector::{Checked, Connector, Registration, Setting, Settings},
    error::{Error, Result},
    http::{Credential, CredentialSource, Cx, Door, Endpoints, Fixed, Outbound, Policy},
    ledger::NoLedger,
    mapping::{Plan, PlanOptions},
    scim::{ErrorBody, Filter, PatchRequest, PatchRules, Projection, Resource},
    secret::Secret,
    spec::{Budget, CredentialKind},
};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    answer::Answer,
    script::{Script, Step},
    server::{Exchange, Received, Server, written},
};

/// The credential of every instance under test: neither a snapshot nor an error nor a log may show it.
pub const TOKEN: &str = "a-token-nobody-may-read";

/// How long a request may take with everything that is tried again.
const PATIENCE: Duration = Duration::from_millis(2500);

/// How an instance under test is set up.
#[derive(Clone)]
pub struct Setup {
    registration: Registration,
    /// Path of the target's API.
    base: String,
    /// Path of the configured target address.
    target_path: String,
    settings: Settings,
    endpoints: Vec<(String, String)>,
    patience: Duration,
    credentials: Option<Arc<dyn CredentialSource>>,
    budgets: &'static [Budget],
    standing: Vec<Step>,
}

impl Setup {
    /// An instance of this connector whose target's API is at `base`, such as `/scim/v1`. Its credential is [`TOKEN`], in
    /// the first way the connector declares.
    pub fn of(registration: Registration, base: &str) -> Self {
        Self {
            registration,
            base: base.to_owned(),
            target_path: base.to_owned(),
            settings: Settings::default(),
            endpoints: Vec::new(),
            patience: PATIENCE,
            credentials: None,
            budgets: &[],
            standing: Vec::new(),
        }
    }

    /// The configured target address ends in `path`, wherever the API is.
    pub fn configured_at(self, path: &str) -> Self {
        Self { target_path: path.to_owned(), ..self }
    }

    /// Sets a parameter of the instance.
    pub fn setting(mut self, name: &str, value: Setting) -> Self {
        self.settings.insert(name, value);
        self
    }

    /// Sets a text parameter of the instance.
    pub fn set(self, name: &str, value: &str) -> Self {
        self.setting(name, Setting::Text(value.to_owned()))
    }

    /// Sets a boolean parameter of the instance.
    pub fn flag(self, name: &str, value: bool) -> Self {
        self.setting(name, Setting::Boolean(value))
    }

    /// Gives the instance a further address of this name, at `path` of the same stand-in.
    pub fn endpoint(mut self, name: &str, path: &str) -> Self {
        self.endpoints.push((name.to_owned(), path.to_owned()));
        self
    }

    /// The client waits this long.
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The credential comes from here.
    pub(crate) fn credentials(self, source: Arc<dyn CredentialSource>) -> Self {
        Self { credentials: Some(source), ..self }
    }

    /// The vendor's published limits are kept. Without them no test waits for its turn.
    pub fn within_limits(self) -> Self {
        Self { budgets: self.registration.spec.budgets, ..self }
    }

    /// The target answers these calls whenever a script expects something else, and they need not be made: what a connector
    /// looks up and keeps for a while, such as names of ids.
    pub fn standing(self, steps: impl IntoIterator<Item = Step>) -> Self {
        Self { standing: steps.into_iter().collect(), ..self }
    }

    /// The connector alone.
    pub(crate) fn build(&self) -> Box<dyn Connector> {
        (self.registration.build)(&self.settings).expect("good settings")
    }

    /// The target answers these calls, in this order, and no other but those that are [`standing`](Self::standing).
    pub async fn answering(mut self, steps: impl IntoIterator<Item = Step>) -> Gateway {
        let script = Script::new(&self.base, std::mem::take(&mut self.standing), steps);
        let mut gateway = self.over(script.answering()).await;
        gateway.script = Some(script);
        gateway
    }

    /// The target answers as this says.
    pub(crate) async fn over(self, answering: impl FnMut(&Received) -> Answer + Send + 'static) -> Gateway {
        let connector = self.build();
        let server = Server::start(answering).await;
        let at = |path: &str| format!("{}{path}", server.uri()).parse().expect("a URL");
        let loopback = "127.0.0.0/8".parse().expect("a network");
        let policy = Policy { allow_networks: vec![loopback], ..Policy::default() };
        let outbound = Arc::new(Outbound::new(policy));
        let (kind, header) = way_of(&self.registration);
        let credentials =
            self.credentials.unwrap_or_else(|| Arc::new(Fixed::new(carried(kind, TOKEN), replacing(kind))));
        let endpoints =
            self.endpoints.iter().fold(Endpoints::new(Arc::clone(&outbound)), |known, (name, path)| {
                known.with(name.as_str(), at(path))
            });
        let name = self.registration.spec.name;
        let plans = connector.resources().iter().map(|resource| {
            let options = PlanOptions {
                base: format!("https://host.example/scim/acme-{name}/v2"),
                members_per_call: resource.spec().members_per_call,
                ..PlanOptions::default()
            };
            Plan::compile(resource.spec().table, &options).expect("sound tables")
        });
        let instance = Instance {
            name: format!("acme-{name}"),
            plans: plans.collect(),
            connector,
            door: Door::new(outbound, at(&self.target_path), credentials, self.budgets)
                .with_endpoints(endpoints),
            settings: self.settings,
            patch_rules: PatchRules::default(),
            adopt_existing: false,
            ledger: Arc::new(NoLedger),
            walks: Walks::new(SnapshotSpace::new(Arc::new(NoSpill))),
            turns: Turns::default(),
            cursors: CursorKey::derived(b"a key of tests", name),
        };
        let (instance, patience) = (Arc::new(instance), self.patience);
        Gateway { server, script: None, instance, header, patience, dry_run: None }
    }
}

/// The way in which a connector authenticates by default, and the header that carries it.
fn way_of(registration: &Registration) -> (CredentialKind, String) {
    let kind = registration.spec.credentials.first().copied().unwrap_or(CredentialKind::AccessToken);
    match kind {
        CredentialKind::ApiKey { header, .. } => (kind, header.to_ascii_lowercase()),
        _ => (kind, "authorization".to_owned()),
    }
}

/// What an operator does about a credential of this kind that is refused.
const fn replacing(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::ApiKey { .. } => "replace api_key",
        _ => "replace access_token",
    }
}

/// `token` in the way of this kind.
pub(crate) fn carried(kind: CredentialKind, token: &str) -> Credential {
    match kind {
        CredentialKind::ApiKey { header, prefix } => {
            Credential::header(header.parse().expect("a header name"), prefix, &Secret::new(token))
        }
        _ => Credential::bearer(&Secret::new(token)),
    }
}

/// An instance of a connector, and the stand-in of a target it talks to. Every method is one request of a SCIM client, so
/// that completion is part of what is tested.
pub struct Gateway {
    server: Server,
    script: Option<Script>,
    instance: Arc<Instance>,
    /// The header that carries the credential.
    header: String,
    patience: Duration,
    /// Where writes are kept instead of being sent.
    dry_run: Option<DryRun>,
}

impl Gateway {
    /// The same where nothing is written.
    pub fn rehearsing(self) -> Self {
        Self { dry_run: Some(DryRun::new(&self.instance.plans)), ..self }
    }

    /// What a rehearsing gateway would have sent.
    pub const fn dry_run(&self) -> &DryRun {
        self.dry_run.as_ref().expect("it is rehearsing")
    }

    /// The same for a client that waits this long.
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The context of one request.
    pub fn cx(&self) -> Cx<'_> {
        let deadline = Instant::now() + self.patience;
        Cx::new(&self.instance.door, &self.instance.settings, deadline, "request-1")
            .rehearsing(self.dry_run.as_ref())
    }

    /// The instance.
    pub const fn instance(&self) -> &Arc<Instance> {
        &self.instance
    }

    /// The resource type at this endpoint, as `Users`.
    pub fn endpoint(&self, name: &str) -> Endpoint<'_> {
        self.instance.endpoint_at(self.index_of(name))
    }

    fn index_of(&self, name: &str) -> usize {
        self.instance.index_of(name).unwrap_or_else(|| panic!("there is no endpoint {name}"))
    }

    /// Reads one object.
    pub async fn get(&self, endpoint: &str, id: &str) -> Result<Value> {
        self.endpoint(endpoint).get(&self.cx(), id).await.map(document)
    }

    /// Reads one object with `attributes`, and what the client is answered.
    pub async fn get_only(&self, endpoint: &str, id: &str, attributes: &str) -> Result<Value> {
        let endpoint = self.endpoint(endpoint);
        let projection = Projection::read(Some(attributes), None, endpoint.plan().resource_type())?;
        let found = endpoint.get_with(&self.cx(), id, |name| projection.names(None, name)).await?;
        Ok(document(projection.apply(found)))
    }

    /// Creates an object.
    pub async fn create(&self, endpoint: &str, body: Value) -> Result<Value> {
        self.endpoint(endpoint).create(&self.cx(), body).await.map(document)
    }

    /// Replaces an object.
    pub async fn replace(&self, endpoint: &str, id: &str, body: Value) -> Result<Value> {
        self.endpoint(endpoint).replace(&self.cx(), id, body, &Precondition::default()).await.map(document)
    }

    /// Applies operations; the resource is asked for.
    pub async fn modify(&self, endpoint: &str, id: &str, operations: Value) -> Result<Value> {
        let changed = self.modify_quietly(endpoint, id, operations, true).await?;
        Ok(changed.expect("it was asked for"))
    }

    /// Applies operations; the resource is asked for or not.
    pub async fn modify_quietly(
        &self,
        endpoint: &str,
        id: &str,
        operations: Value,
        answered: bool,
    ) -> Result<Option<Value>> {
        let patch = PatchRequest::read(json!({"Operations": operations}))?;
        let endpoint = self.endpoint(endpoint);
        let changed = endpoint.modify(&self.cx(), id, &patch, answered, &Precondition::default()).await?;
        Ok(changed.map(document))
    }

    /// Removes an object.
    pub async fn delete(&self, endpoint: &str, id: &str) -> Result<()> {
        self.endpoint(endpoint).delete(&self.cx(), id, &Precondition::default()).await
    }

    /// Lists what a filter finds, or everything.
    pub async fn list(&self, endpoint: &str, filter: Option<&str>) -> Result<Listed> {
        self.page(endpoint, filter, None, None).await
    }

    /// Reads one page of a list.
    pub async fn page(
        &self,
        endpoint: &str,
        filter: Option<&str>,
        start_index: Option<i64>,
        count: Option<i64>,
    ) -> Result<Listed> {
        let rtype = self.endpoint(endpoint).plan().resource_type();
        let filter = filter.map(|text| Filter::parse(text, rtype)).transpose()?;
        let request = ListRequest { filter, start_index, count, ..ListRequest::default() };
        self.instance.list(self.index_of(endpoint), &self.cx(), &request).await
    }

    /// Checks address and credential.
    pub async fn check(&self) -> Result<Checked> {
        self.instance.connector.check(&self.cx()).await
    }

    /// What was sent, for a snapshot: method, path, query, credential (redacted), body. Fails unless every scripted call
    /// was made, and no other, and each names this host as its user agent.
    #[expect(clippy::unused_async, reason = "every step of a test awaits the gateway")]
    pub async fn sent(self) -> String {
        if let Some(script) = &self.script {
            script.assert_played();
        }
        let exchanges = self.server.exchanges();
        for Exchange { request, .. } in &exchanges {
            let agent = request.header("user-agent").unwrap_or("none");
            assert!(agent.starts_with("connector-host/"), "{} {}: {agent}", request.method, request.path);
        }
        let text: String =
            exchanges.iter().map(|exchange| written(&exchange.request, &self.header, &[TOKEN])).collect();
        if text.is_empty() { "no call\n".to_owned() } else { text }
    }

    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.server.exchanges()
    }

    pub(crate) fn credential_header(&self) -> &str {
        &self.header
    }
}

/// The document without its version, which is a hash of the rest.
pub fn document(resource: Resource) -> Value {
    let mut document = Value::Object(resource.into_document());
    if let Some(meta) = document.get_mut("meta").and_then(Value::as_object_mut) {
        meta.remove("version");
    }
    document
}

/// What the client is told: status, `scimType`, detail.
pub fn told(error: &Error) -> String {
    let body = serde_json::to_value(ErrorBody::from(error)).expect("plain data");
    let field = |name: &str| body[name].as_str().unwrap_or("-").to_owned();
    format!("{} {} {}", field("status"), field("scimType"), field("detail"))
}

/// The document with some members set; `Null` takes one away.
pub fn with(document: Value, changes: Value) -> Value {
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
