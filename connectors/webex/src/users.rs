//! People of the organisation (<https://developer.webex.com/docs/api/v1/people>): reading, creating, deleting.

use std::sync::Arc;

use async_trait::async_trait;
use connector_core::{
    connector::{Create, Delete, Deleted, Page, Position, Query, RemoteId, Resource, Update, Vendor},
    error::{Error, Kind, Result},
    http::{Call, Cx},
    spec::{Membership, Paging, ResourceSpec},
};
use http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::{
    account::Account,
    assign::{Grants, assign},
    call::{self, PEOPLE_READ, PEOPLE_WRITE, text},
    catalog::{Catalog, Names},
    id, mapping,
    page::List,
    person::{self, shown},
    settings::WebexSettings,
};

/// The people of an organisation.
pub(crate) struct Users {
    pub(crate) settings: WebexSettings,
    account: Arc<Account>,
    pub(crate) catalog: Arc<Catalog>,
}

static SPEC: ResourceSpec = ResourceSpec {
    table: &mapping::USER,
    paging: Paging::Cursor { max: 100 },
    natural_keys: &["userName", "emails.value"],
    soft_delete: false,
    id_alphabet: "letters and digits (base64), letter case counts",
    membership: Membership::OtherSide,
    members_per_call: 0,
};

/// A person who is older was there before.
const JUST_NOW: SignedDuration = SignedDuration::from_mins(2);
const USER_NAME: &str = "userName";
const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value";

#[async_trait]
impl Resource for Users {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    async fn get(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Vendor> {
        let person = read(cx, id.as_str()).await?;
        Ok(self.shown(cx, person).await)
    }

    async fn list(&self, cx: &Cx<'_>, query: &Query) -> Result<Page> {
        let mut parameters: Vec<(&str, &str)> =
            query.conditions.iter().map(|condition| (condition.field, condition.value.as_str())).collect();
        // Presence is not mapped, and asking for that of many people leads to 429.
        parameters.extend([("callingData", "true"), ("excludeStatus", "true")]);
        let list = people(parameters);
        // Bots and applications are people to nobody else.
        let is_person =
            |person: &Map<String, Value>| text(person, "type").is_none_or(|kind| kind == "person");
        // On a later page a refusal is one: people left out would look deleted.
        let is_first = matches!(query.position, Position::Index(_));
        let mut page = match list.page(cx, query, is_person).await {
            Err(error) if is_first && error.kind() == Kind::InvalidValue => {
                // Nobody has a value that Webex does not even take for one.
                if !query.conditions.is_empty() {
                    return Ok(Page { items: Vec::new(), total: None, next: None });
                }
                // "Anybody else gets 400": who is no administrator must ask for somebody.
                let rule = "Webex lists everybody to administrators only";
                return Err(PEOPLE_READ.named(error.restated(Kind::Forbidden, rule)));
            }
            page => page?,
        };
        for condition in query.conditions.iter().filter(|condition| condition.field == "email") {
            page.items.iter_mut().for_each(|person| person::put_first(person, &condition.value));
        }
        let names = self.names(cx, &page.items).await;
        let items = page.items.into_iter().map(|person| names.person(cx, person)).collect();
        Ok(Page { items, total: None, next: page.next })
    }

    fn creator(&self) -> Option<&dyn Create> {
        Some(self)
    }

    fn updater(&self) -> Option<&dyn Update> {
        Some(self)
    }

    fn deleter(&self) -> Option<&dyn Delete> {
        Some(self)
    }
}

#[async_trait]
impl Create for Users {
    /// Creates a person, with licences. Webex may refuse with 400 what it made all the same, and skip licences in silence: the
    /// answer is what it holds afterwards.
    async fn create(&self, cx: &Cx<'_>, fields: &Map<String, Value>) -> Result<Vendor> {
        let wanted = person::ids(fields.get("licenses"));
        let mut body = fields.clone();
        // A new person cannot be made inactive in this call.
        body.shift_remove("active");
        for name in ["licenses", "roles"] {
            if body.contains_key(name) {
                body.insert(name.into(), person::ids(fields.get(name)).into());
            }
        }
        let line = if wanted.iter().any(|license| id::is_calling(license)) {
            let numbers = person::work_numbers(fields.get("phoneNumbers"));
            if body.contains_key("phoneNumbers") {
                body.insert("phoneNumbers".into(), numbers.into());
            }
            calling_line(fields)
        } else {
            drop_calling(cx, &mut body);
            Map::new()
        };
        if let Some(manager) = text(fields, "managerId") {
            body.insert("manager".into(), manager_name(cx, manager).await?);
        }
        if text(&body, "displayName").is_none()
            && let Some(name) = person::name_of(&body)
        {
            body.insert("displayName".into(), name.into());
        }
        let mut person = self.make(cx, &body).await?;
        // The PUT that comes next is built on what there is then: an organisation's template may give licences meanwhile.
        if fields.get("active") == Some(&Value::Bool(false))
            && let Some(id) = text(&person, "id").map(ToOwned::to_owned)
        {
            person = read(cx, &id).await?;
        }
        let given = person::ids(person.get("licenses"));
        let missing = Grants { add: Grants::between(&given, &wanted).add, remove: Vec::new() };
        if person.contains_key("licenses")
            && !missing.is_empty()
            && let Some(id) = text(&person, "id").map(ToOwned::to_owned)
        {
            let names = self.catalog.licenses(cx).await;
            let strict = self.settings.strict_licences;
            assign(cx, &id, &missing, &line, &names, strict).await.map_err(|error| {
                let rule = format!("was created as {id}, but not with all licences: {error}");
                Error::new(error.kind(), rule).at(mapping::ENTITLEMENTS).retry(error.retry_hint())
            })?;
            person = read(cx, &id).await?;
        }
        Ok(self.shown(cx, person).await)
    }
}

#[async_trait]
impl Delete for Users {
    /// Deletes for good.
    async fn delete(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Deleted> {
        self.refuse_own(cx, id, "deleted").await?;
        call::delete_named(cx, &["people", id.as_str()], "delete person", &PEOPLE_WRITE).await
    }
}

impl Users {
    pub(crate) const fn new(settings: WebexSettings, account: Arc<Account>, catalog: Arc<Catalog>) -> Self {
        Self { settings, account, catalog }
    }

    /// A person as the table sees it.
    pub(crate) async fn shown(&self, cx: &Cx<'_>, person: Map<String, Value>) -> Vendor {
        self.names(cx, std::slice::from_ref(&person)).await.person(cx, person)
    }

    /// What the licences and roles of these people are called.
    async fn names(&self, cx: &Cx<'_>, people: &[Map<String, Value>]) -> Shown {
        let has = |name: &str| people.iter().any(|person| !person::ids(person.get(name)).is_empty());
        let (has_licenses, has_roles) = (has("licenses"), has("roles"));
        let licenses = if has_licenses { self.catalog.licenses(cx).await } else { Arc::default() };
        let roles = if has_roles { self.catalog.roles(cx).await } else { Arc::default() };
        Shown { licenses, roles }
    }

    /// The account that consented holds everything: without it nothing works any more.
    pub(crate) async fn refuse_own(&self, cx: &Cx<'_>, id: &RemoteId, what: &str) -> Result<()> {
        let owner = self.account.owner(cx).await?;
        if !owner.may_be(id.as_str()) {
            return Ok(());
        }
        let is = if owner.known().is_some() { "is" } else { "may be" };
        let rule = format!(
            "{is} the account that consented: if it were {what}, this host could do nothing any more"
        );
        let remedy = "consent as another account first";
        Err(Error::new(Kind::Forbidden, rule).remedy(remedy))
    }

    /// The person that the POST made, whatever it answered.
    async fn make(&self, cx: &Cx<'_>, body: &Map<String, Value>) -> Result<Map<String, Value>> {
        let call = cx.call(Method::POST, &["people"]).query("callingData", "true").operation("create person");
        let error = match call::send(call.json(body), &PEOPLE_WRITE).await {
            Ok(reply) => return reply.json(),
            Err(error) => error,
        };
        if !matches!(error.kind(), Kind::InvalidValue | Kind::Duplicate) {
            return Err(error);
        }
        let address = body.get("emails").and_then(|emails| emails.get(0)).and_then(Value::as_str);
        let Some(address) = address else { return Err(error) };
        let found = self.of_address(cx, address).await?;
        match (error.kind(), found) {
            (Kind::InvalidValue, None) => Err(error),
            (Kind::InvalidValue, Some(person)) if is_made_by(&person, body) => {
                cx.warn(&format!("Webex refused to create the person, and made it all the same: {error}"));
                Ok(person)
            }
            (_, Some(person)) => {
                let id = text(&person, "id").unwrap_or_default();
                Err(error.restated(Kind::Duplicate, format!("is in use by User {id}")).at(USER_NAME))
            }
            (_, None) => {
                let rule = "is in use by an account outside of the organisation: an address belongs to one account in all of \
                            Webex, free ones included";
                let remedy = "claim the domain in Control Hub, or have the other account removed";
                Err(error.restated(Kind::Duplicate, rule).at(USER_NAME).remedy(remedy))
            }
        }
    }

    /// The person who has this address, as a read by id shows it.
    async fn of_address(&self, cx: &Cx<'_>, address: &str) -> Result<Option<Map<String, Value>>> {
        let parameters = vec![("email", address), ("callingData", "true"), ("excludeStatus", "true")];
        let query = Query { conditions: Vec::new(), position: Position::Index(1), count: 10 };
        let has = |person: &Map<String, Value>| {
            let emails = person.get("emails").and_then(Value::as_array).into_iter().flatten();
            emails.filter_map(Value::as_str).any(|email| email.eq_ignore_ascii_case(address))
        };
        let page = people(parameters).page(cx, &query, has).await?;
        match page.items.first().and_then(|person| text(person, "id")) {
            Some(id) => read(cx, id).await.map(Some),
            None => Ok(None),
        }
    }
}

/// How people are shown: with names beside the ids of what they have.
struct Shown {
    licenses: Arc<Names>,
    roles: Arc<Names>,
}

impl Shown {
    fn person(&self, cx: &Cx<'_>, person: Map<String, Value>) -> Vendor {
        if let Some(reasons) = person::partial(&person) {
            cx.warn(&format!("Webex shows a person in part only: {reasons}"));
        }
        shown(person, &self.licenses, &self.roles)
    }
}

fn people<'a>(parameters: Vec<(&'a str, &'a str)>) -> List<'a> {
    List { segments: &["people"], operation: "list people", parameters, need: &PEOPLE_READ }
}

/// A person with what belongs to Calling: without it a PUT would be built on less than there is.
pub(crate) async fn read(cx: &Cx<'_>, id: &str) -> Result<Map<String, Value>> {
    let call = cx.call(Method::GET, &["people", id]).query("callingData", "true").operation("read person");
    call::find(call, &PEOPLE_READ).await?.json()
}

/// A call that changes a person.
pub(crate) fn put<'a>(cx: &'a Cx<'a>, id: &RemoteId, body: &Map<String, Value>) -> Call<'a> {
    let call = cx.call(Method::PUT, &["people", id.as_str()]).query("callingData", "true");
    call.operation("change person").json(body)
}

/// Whether a person who was found after a refusal is the one that was to be made, rather than one who was there before.
fn is_made_by(person: &Map<String, Value>, body: &Map<String, Value>) -> bool {
    let created = text(person, "created").and_then(|created| created.parse::<Timestamp>().ok());
    let is_new = created.is_some_and(|created| Timestamp::now().duration_since(created).abs() < JUST_NOW);
    let same = |name: &&str| text(body, name).is_none_or(|sent| text(person, name) == Some(sent));
    is_new && ["displayName", "firstName", "lastName"].iter().all(same)
}

/// Leaves out what Webex takes for people with Calling only.
fn drop_calling(cx: &Cx<'_>, body: &mut Map<String, Value>) {
    let dropped: Vec<&str> = ["phoneNumbers", "extension", "locationId"]
        .into_iter()
        .filter(|name| body.shift_remove(*name).is_some())
        .collect();
    if !dropped.is_empty() {
        cx.warn(&not_calling(&dropped));
    }
}

pub(crate) fn not_calling(dropped: &[&str]) -> String {
    format!("Webex takes {} for people with Webex Calling only: left out", dropped.join(", "))
}

/// The properties a Calling licence comes with.
pub(crate) fn calling_line(person: &Map<String, Value>) -> Map<String, Value> {
    let number = person::work_numbers(person.get("phoneNumbers")).into_iter().next();
    let number = number.and_then(|number| number.get("value").cloned());
    let own = |name: &str| person.get(name).filter(|value| !value.is_null()).cloned();
    let line = [("locationId", own("locationId")), ("phoneNumber", number), ("extension", own("extension"))];
    line.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// The name of a manager, which Webex keeps beside the id. An unknown manager is a bad value.
pub(crate) async fn manager_name(cx: &Cx<'_>, manager: &str) -> Result<Value> {
    let unknown = || format!("`{manager}` is no person of Webex");
    if manager == "me" {
        return Err(Error::new(Kind::InvalidValue, unknown()).at(MANAGER));
    }
    let read = call::read(cx, &["people", manager], "read manager", &PEOPLE_READ).await;
    let person = read.map_err(|error| match error.kind() {
        Kind::NotFound => error.restated(Kind::InvalidValue, unknown()).at(MANAGER),
        _ => error,
    })?;
    Ok(person.get("displayName").cloned().unwrap_or_default())
}
