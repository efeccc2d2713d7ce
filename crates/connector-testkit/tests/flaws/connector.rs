//! A small connector, sound unless an instance's parameter names a flaw.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use connector_core::{
    connector::{
        Change, Checked, Connector, Create, Delete, Deleted, MemberChange, Members, Page, Position, Query,
        Registration, RemoteId, Resource, Settings, Update, Updated, Vendor,
    },
    error::{Error, Kind, Result, Retry},
    http::{Call, Cx, Reply},
    mapping::{Table, both, create, list, read, unmapped},
    oauth::{ClientAuthentication, OAuthSpec, Revocation, TokenAnswer},
    scim::Type,
    spec::{
        ConnectorSpec, CredentialKind, Membership, Paging, Parameter, ParameterKind, ResourceSpec, Version,
    },
};
use http::Method;
use serde_json::{Map, Value, json};

use crate::Flaw;

#[rustfmt::skip]
const PERSON: Table = Table::custom("Person", "/People", "urn:example:2.0:Person", &[
    read  ("id",          "key").required(),
    create("login",       "login").typed(Type::String, "The sign-in name.").required().filter("login"),
    both  ("displayName", "shown").typed(Type::String, "The name shown."),
    both  ("given",       "names.given").typed(Type::String, "The given name."),
    both  ("title",       "title").typed(Type::String, "The title."),
    both  ("blocked",     "blocked").typed(Type::Boolean, "Whether it may not sign in."),
    read  ("seen",        "seen").typed(Type::DateTime, "The last time it was seen."),
]);

#[rustfmt::skip]
const TEAM: Table = Table::core_group(&[
    read("id",          "key").required(),
    both("displayName", "label").required(),
    list("members",     "people", &[both("value", "key")]).kept(),
    unmapped("externalId",        "there is none"),
    unmapped("meta.created",      "there is none"),
    unmapped("meta.lastModified", "there is none"),
]);

#[rustfmt::skip]
const SEAT: Table = Table::custom("Seat", "/Seats", "urn:example:2.0:Seat", &[
    read("id",          "key").required(),
    read("displayName", "label").typed(Type::String, "The name."),
]);

static PERSON_TABLE: Table = PERSON;
static TEAM_TABLE: Table = TEAM;
static SEAT_TABLE: Table = SEAT;

const fn spec(table: &'static Table, keys: &'static [&'static str], members_per_call: usize) -> ResourceSpec {
    ResourceSpec {
        table,
        paging: Paging::Cursor { max: 4 },
        natural_keys: keys,
        soft_delete: false,
        id_alphabet: "any",
        membership: if members_per_call > 0 { Membership::Here } else { Membership::None },
        members_per_call,
    }
}

static PEOPLE: ResourceSpec = spec(&PERSON_TABLE, &["login"], 0);
static TEAMS: ResourceSpec = spec(&TEAM_TABLE, &["displayName"], 3);
static SEATS: ResourceSpec = spec(&SEAT_TABLE, &[], 0);

static OAUTH: OAuthSpec = OAuthSpec {
    authorize_url: "https://toy.example/authorize",
    token_url: "https://toy.example/token",
    revocation: Revocation::Rfc7009 { url: "https://toy.example/revoke" },
    siblings: &[],
    scopes: &[],
    scope_parameter: "scope",
    scope_separator: " ",
    advice: &[],
    pkce: true,
    client_authentication: ClientAuthentication::Body,
    read: |_, _| TokenAnswer::Refused { error: "never_asked".to_owned(), description: String::new() },
    refresh_ahead: Duration::from_mins(5),
    refresh_idle: None,
};

static SPEC: ConnectorSpec = ConnectorSpec {
    name: "toy",
    display_name: "Toy",
    version: Version { major: 1, minor: 0 },
    summary: "A connector for tests of the testkit.",
    target_url: "https://toy.example/api",
    parameters: &[Parameter {
        name: "flaw",
        kind: ParameterKind::Text,
        doc: "What is wrong with it.",
        built: true,
    }],
    credentials: &[CredentialKind::AccessToken, CredentialKind::OAuth(&OAUTH)],
    permissions: &[],
    limitations: &[],
    budgets: &[],
    hosts: &[],
};

/// The connector as a registry would list it.
pub(crate) const REGISTRATION: Registration =
    Registration { spec: &SPEC, build: |settings| Ok(build(settings)) };

fn build(settings: &Settings) -> Box<dyn Connector> {
    let flaw = settings.text("flaw").map(str::to_owned);
    let kind = |path, spec| -> Box<dyn Resource> {
        Box::new(Objects { path, spec, flaw: flaw.clone(), reads: AtomicUsize::new(0) })
    };
    Box::new(Toy([kind("people", &PEOPLE), kind("teams", &TEAMS), kind("seats", &SEATS)], flaw.clone()))
}

struct Toy([Box<dyn Resource>; 3], Option<String>);

fn has(known: Option<&str>, flaw: Flaw) -> bool {
    known == Some(format!("{flaw:?}").as_str())
}

#[async_trait]
impl Connector for Toy {
    fn spec(&self) -> &'static ConnectorSpec {
        &SPEC
    }

    fn resources(&self) -> &[Box<dyn Resource>] {
        &self.0
    }

    async fn check(&self, cx: &Cx<'_>) -> Result<Checked> {
        let flaw = self.1.as_deref();
        if has(flaw, Flaw::ChecksNothing) {
            return Ok(Checked::default());
        }
        let method = if has(flaw, Flaw::ChecksByWriting) { Method::PUT } else { Method::GET };
        let call = cx.call(method, &["me"]).operation("check");
        if has(flaw, Flaw::ReportsRaw) {
            let refused = call.send(quoting).await.err();
            return Ok(Checked {
                problems: refused.iter().map(Error::to_string).collect(),
                ..Checked::default()
            });
        }
        call.send(failure).await?;
        Ok(Checked::default())
    }
}

/// What a failing reply means.
fn failure(reply: &Reply) -> Option<Error> {
    let by_status = reply.status_failure()?;
    let said = reply.json::<Value>().ok().and_then(|body| body["error"].as_str().map(str::to_owned));
    Some(match said {
        Some(said) => by_status.vendor_message(&reply.quote(&said)),
        None => by_status,
    })
}

/// The same with the target's words as they are.
fn quoting(reply: &Reply) -> Option<Error> {
    let words = String::from_utf8_lossy(reply.body()).into_owned();
    reply.status_failure().map(|error| error.vendor_message(&words))
}

/// The same with a refused credential taken for something else.
fn refused_is_missing(reply: &Reply) -> Option<Error> {
    let error = failure(reply)?;
    Some(if reply.status() == 401 { error.with_kind(Kind::NotFound) } else { error })
}

struct Objects {
    path: &'static str,
    spec: &'static ResourceSpec,
    flaw: Option<String>,
    reads: AtomicUsize,
}

impl Objects {
    fn has(&self, flaw: Flaw) -> bool {
        has(self.flaw.as_deref(), flaw)
    }

    async fn send(&self, cx: &Cx<'_>, call: Call<'_>) -> Result<Reply> {
        let call = call.operation("call");
        let read = match () {
            () if self.has(Flaw::QuotesRaw) || self.has(Flaw::LogsRaw) => quoting,
            () if self.has(Flaw::RefusedIsMissing) => refused_is_missing,
            () => failure,
        };
        let sent = call.send(read).await;
        sent.map_err(|error| {
            if self.has(Flaw::LogsRaw) {
                cx.warn(&error.to_string());
                return Error::new(error.kind(), "the target refuses");
            }
            let (from, to) = match error.kind() {
                Kind::Forbidden if self.has(Flaw::ForbiddenIsMissing) => (true, Kind::NotFound),
                Kind::Unavailable if self.has(Flaw::DownIsInvalid) => (true, Kind::InvalidValue),
                Kind::OddAnswer if self.has(Flaw::OddIsMissing) => (true, Kind::NotFound),
                kind => (false, kind),
            };
            let error = if from { error.with_kind(to) } else { error };
            match error.kind() {
                Kind::RateLimited if self.has(Flaw::NeverWaits) => error.retry(Retry::After(Duration::ZERO)),
                _ => error,
            }
        })
    }

    /// The object in a reply.
    fn object(&self, reply: &Reply) -> Result<Vendor> {
        let document: Map<String, Value> = match reply.json() {
            Err(error) if self.has(Flaw::OddIsMissing) => return Err(error.with_kind(Kind::NotFound)),
            document => document?,
        };
        let odd = |what: &str| Err(Error::new(Kind::OddAnswer, what));
        if self.has(Flaw::NeedsTitle)
            && self.path == "people"
            && !document.get("title").is_some_and(Value::is_string)
        {
            return odd("there is no title");
        }
        if self.has(Flaw::KnownFieldsOnly) && document.keys().any(|name| name.starts_with("kit")) {
            return odd("a field is not known");
        }
        let mut document = document;
        if self.has(Flaw::HidesTitle) {
            document.shift_remove("title");
        }
        if self.has(Flaw::Restless) {
            let n = self.reads.fetch_add(1, Ordering::Relaxed);
            document.insert("title".into(), format!("title {n}").into());
            document.insert("label".into(), format!("label {n}").into());
        }
        Ok(Vendor::new(Value::Object(document).to_string().into()))
    }

    fn call<'a>(&self, cx: &'a Cx<'a>, method: Method, id: &RemoteId) -> Call<'a> {
        if self.has(Flaw::RawIds) {
            let raw: Vec<&str> = [self.path].into_iter().chain(id.as_str().split('/')).collect();
            return cx.call(method, &raw);
        }
        cx.call(method, &[self.path, id.as_str()])
    }

    async fn page(&self, cx: &Cx<'_>, query: &Query) -> Result<Page> {
        let count = if self.has(Flaw::AsksForMore) { query.count + 1 } else { query.count };
        let mut call = cx.call(Method::GET, &[self.path]).query("count", &count.to_string());
        let mut from = match &query.position {
            Position::Cursor(cursor) => cursor.clone(),
            Position::Index(_) => "0".to_owned(),
        };
        if self.has(Flaw::MovesOn) {
            from = self.reads.fetch_add(1, Ordering::Relaxed).to_string();
        }
        call = call.query("from", &from);
        for condition in &query.conditions {
            if self.has(Flaw::NoConditions) {
                continue;
            }
            let literal = Value::from(condition.value.as_str()).to_string();
            let literal = if self.has(Flaw::RawConditions) { literal.replace('\\', "") } else { literal };
            call = call.query("where", &format!("{} = {literal}", condition.field));
        }
        let reply = self.send(cx, call).await?;
        let odd = || Error::new(Kind::OddAnswer, "the list has not the expected form");
        let body: Value = match reply.json() {
            Ok(body) => body,
            Err(_) if self.has(Flaw::OddIsEmpty) => json!({"items": []}),
            Err(error) => return Err(error),
        };
        let items = body["items"].as_array().ok_or_else(odd)?;
        let next = body["next"].as_str().map(|next| Position::Cursor(next.to_owned()));
        let next = match next {
            _ if self.has(Flaw::OnlyFirstPage) => None,
            Some(_) if self.has(Flaw::SamePage) => Some(query.position.clone()),
            next => next,
        };
        let items = items.iter().map(|item| Vendor::new(item.to_string().into())).collect();
        Ok(Page { items, total: None, next })
    }
}

#[async_trait]
impl Resource for Objects {
    fn spec(&self) -> &'static ResourceSpec {
        self.spec
    }

    async fn get(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Vendor> {
        if self.has(Flaw::TakesItsTime) {
            // It waits for something that never comes, and gives up long after its client did.
            let late = cx.deadline() + Duration::from_secs(3);
            let _ = tokio::time::timeout_at(late, std::future::pending::<()>()).await;
        }
        if self.has(Flaw::WritesOnRead) {
            cx.call(Method::PUT, &["me"]).send(failure).await?;
        }
        match self.send(cx, self.call(cx, Method::GET, id)).await {
            Ok(reply) => self.object(&reply),
            Err(error) if error.kind() == Kind::NotFound && self.has(Flaw::MissingIsEmpty) => {
                Ok(Vendor::new(json!({ "key": id.as_str() }).to_string().into()))
            }
            Err(error) if error.kind() == Kind::OddAnswer && self.has(Flaw::FollowsRedirects) => {
                self.object(&self.send(cx, cx.call(Method::GET, &["elsewhere"])).await?)
            }
            Err(error) => Err(error),
        }
    }

    async fn list(&self, cx: &Cx<'_>, query: &Query) -> Result<Page> {
        let mut page = self.page(cx, query).await?;
        if !self.has(Flaw::ReadsToTheEnd) {
            return Ok(page);
        }
        while let Some(next) = page.next.take() {
            let more = self.page(cx, &Query { position: next, ..query.clone() }).await?;
            page.items.extend(more.items);
            page.next = more.next;
            if page.items.len() > 10_000 {
                break;
            }
            tokio::task::yield_now().await;
        }
        Ok(page)
    }

    fn creator(&self) -> Option<&dyn Create> {
        (self.path != "seats").then_some(self)
    }

    fn updater(&self) -> Option<&dyn Update> {
        (self.path != "seats").then_some(self)
    }

    fn deleter(&self) -> Option<&dyn Delete> {
        (self.path != "seats").then_some(self)
    }

    fn members(&self) -> Option<&dyn Members> {
        (self.path == "teams").then_some(self)
    }
}

#[async_trait]
impl Create for Objects {
    async fn create(&self, cx: &Cx<'_>, fields: &Map<String, Value>) -> Result<Vendor> {
        let mut fields = fields.clone();
        if self.has(Flaw::DropsTitle) {
            fields.shift_remove("title");
        }
        let call = || cx.call(Method::POST, &[self.path]).json(&json!({ "object": fields }));
        let sent = match self.send(cx, call()).await {
            Err(_) if self.has(Flaw::RepeatsCreations) => self.send(cx, call()).await,
            sent => sent,
        };
        match sent {
            Err(error) if error.kind() == Kind::Duplicate && self.has(Flaw::AdoptsDuplicates) => {
                let query = Query { conditions: Vec::new(), position: Position::Index(1), count: 1 };
                self.page(cx, &query).await?.items.pop().ok_or(error)
            }
            sent => self.object(&sent?),
        }
    }
}

#[async_trait]
impl Update for Objects {
    async fn update(&self, cx: &Cx<'_>, id: &RemoteId, change: &Change<'_>) -> Result<Updated> {
        let mut body = change.set.clone();
        for path in &change.cleared {
            path.put(&mut body, Value::Null);
        }
        if self.has(Flaw::ResetsTitle) {
            body.insert("title".into(), "".into());
        }
        if self.has(Flaw::ForgetsChanges) {
            body.shift_remove("names");
        }
        let call = self.call(cx, Method::PATCH, id).json(&json!({ "object": body }));
        match self.send(cx, call).await {
            Err(error) if error.kind() == Kind::NotFound && self.has(Flaw::MissingIsChanged) => {}
            Err(error) if error.kind() == Kind::Duplicate && self.has(Flaw::ConflictIsFine) => {}
            sent => drop(sent?),
        }
        Ok(Updated { object: Some(change.current.clone()), ..Updated::default() })
    }
}

#[async_trait]
impl Delete for Objects {
    async fn delete(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Deleted> {
        if self.has(Flaw::DeletesNothing) {
            return Ok(Deleted::Removed);
        }
        match self.send(cx, self.call(cx, Method::DELETE, id)).await {
            Ok(_) => Ok(Deleted::Removed),
            Err(error) if error.kind() == Kind::NotFound => {
                Ok(if self.has(Flaw::MissingIsDeleted) { Deleted::Removed } else { Deleted::Missing })
            }
            Err(error) => Err(error),
        }
    }
}

#[async_trait]
impl Members for Objects {
    async fn change(&self, cx: &Cx<'_>, id: &RemoteId, change: &MemberChange) -> Result<()> {
        let mut body = json!({"add": change.add, "remove": change.remove});
        if self.has(Flaw::RewritesMembers) {
            let held = self.get(cx, id).await?.document()?;
            let held = held["people"].as_array().into_iter().flatten().map(|person| person["key"].clone());
            body = json!({"people": held.chain(change.add.iter().map(|id| id.as_str().into())).collect::<Vec<Value>>()});
        }
        let call = cx.call(Method::PATCH, &[self.path, id.as_str(), "people"]).json(&body);
        self.send(cx, call).await.map(drop)
    }
}
