//! People who log in to the account (<https://developers.activecampaign.com/reference/users>).

use std::{sync::OnceLock, time::Duration};

use async_trait::async_trait;
use connector_core::{
    cached::Cached,
    connector::{
        Change, Condition, Create, Delete, Deleted, Page, Query, RemoteId, Resource, Update, Updated, Vendor,
    },
    error::{Error, Kind, Result},
    http::Cx,
    mapping::Table,
    spec::{Membership, Paging, ResourceSpec},
};
use http::Method;
use serde_json::{Map, Value, json};

use crate::{
    call::{call, enveloped, id_of, me, number, send},
    errors,
    mapping::{self, GROUP_ID},
    memberships, page,
    settings::ActiveCampaignSettings,
};

/// The users of an account.
pub(crate) struct Users {
    settings: ActiveCampaignSettings,
    /// The id of the key's owner, once it was asked for: a key has one owner for ever.
    own_id: OnceLock<String>,
    /// All of them as they were a moment ago, for look-ups that find nobody: a filter of a hundred names reads them once. It
    /// says who may be meant; whoever is found so is read again.
    everybody: Cached<Vec<Map<String, Value>>>,
}

/// How long all users are held for look-ups.
const HELD: Duration = Duration::from_secs(5);

static SPEC: ResourceSpec = spec(&mapping::USER);
static SPEC_WITH_DEFAULT_GROUP: ResourceSpec = spec(&mapping::USER_WITH_DEFAULT_GROUP);

const fn spec(table: &'static Table) -> ResourceSpec {
    ResourceSpec {
        table,
        paging: Paging::Cursor { max: page::MOST },
        natural_keys: &["userName", "emails.value"],
        soft_delete: false,
        id_alphabet: "digits",
        membership: Membership::Here,
        members_per_call: 0,
    }
}

#[async_trait]
impl Resource for Users {
    fn spec(&self) -> &'static ResourceSpec {
        if self.settings.default_group.is_some() { &SPEC_WITH_DEFAULT_GROUP } else { &SPEC }
    }

    async fn get(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Vendor> {
        Ok(vendor(read(cx, number(id)?).await?))
    }

    async fn list(&self, cx: &Cx<'_>, query: &Query) -> Result<Page> {
        if let Some(condition) = query.conditions.first() {
            let items = self.look_up(cx, condition).await?;
            return Ok(Page { items, total: None, next: None });
        }
        let page = page::rows_of(cx, &["users"], "users", "list users", query).await?;
        let items = page.rows.into_iter().map(vendor).collect();
        Ok(Page { items, total: None, next: page.next })
    }

    /// The user's groups, which take a call of their own.
    async fn on_request(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Vendor> {
        let records = memberships::of_user(cx, id.as_str()).await?;
        Ok(document(&json!({ "id": id.as_str(), "userGroups": records })))
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
    /// Creates a user in one group. A missing group and an inactive user are refused before anything is sent.
    async fn create(&self, cx: &Cx<'_>, fields: &Map<String, Value>) -> Result<Vendor> {
        let mut body = fields.clone();
        if body.shift_remove("active") == Some(Value::Bool(false)) {
            let rule = "must be true: ActiveCampaign has no disabled users, so none can be created";
            return Err(Error::new(Kind::InvalidValue, rule).at("active"));
        }
        let group = match (body.get("group"), self.settings.default_group) {
            (Some(named), _) => group_id(named)?,
            (None, Some(default)) => default,
            (None, None) => {
                let rule = "is required: the id of the group the user is put into";
                return Err(Error::new(Kind::InvalidValue, rule)
                    .at(GROUP_ID)
                    .remedy("or set default_group_id for the instance"));
            }
        };
        body.insert("group".into(), group.into());
        let asked =
            call(cx, Method::POST, &["users"]).operation("create user").json(&json!({ "user": body }));
        match send(cx, asked).await {
            Ok(reply) => Ok(vendor(enveloped(&reply, "user")?)),
            Err(error) => Err(about_duplicate(cx, about_group(error), &body).await),
        }
    }
}

#[async_trait]
impl Update for Users {
    /// One PUT with what shall be, the present group included: One Identity's connector found it mandatory. The answer may
    /// be stale, so core reads again.
    async fn update(&self, cx: &Cx<'_>, id: &RemoteId, change: &Change<'_>) -> Result<Updated> {
        if change.set.get("active") == Some(&Value::Bool(false)) {
            return self.deactivate(cx, id, change).await;
        }
        let present = memberships::of_user(cx, id.as_str()).await?;
        let present: Vec<String> = present.iter().filter_map(|record| id_of(record, "groupid")).collect();
        let group = match change.set.get("group") {
            Some(named) => Some(group_id(named)?),
            None => present.first().and_then(|id| id.parse().ok()),
        };
        let moved = !matches!(&present[..], [only] if Some(only.as_str()) == group.map(|id| id.to_string()).as_deref());
        let only_group = change.cleared.is_empty() && change.set.keys().all(|name| name == "group");
        if only_group && !moved {
            return Ok(Updated { object: Some(change.current.clone()), ..Updated::default() });
        }
        if present.len() > 1 {
            cx.warn("the user was in several groups of ActiveCampaign, and a change leaves one of them");
        }
        let sent = send(cx, replacement(cx, id, change, group)).await;
        sent.map_err(about_group)?;
        Ok(Updated::default())
    }
}

#[async_trait]
impl Delete for Users {
    /// Deletes for good.
    async fn delete(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Deleted> {
        let Ok(number) = number(id) else { return Ok(Deleted::Missing) };
        self.refuse_protected(cx, id).await?;
        let asked = call(cx, Method::DELETE, &["users", number]).operation("delete user");
        errors::deleted(send(cx, asked).await)
    }
}

impl Users {
    /// The users of this name or address. A look-up may regard letter case, which SCIM does not, and tells that there is nobody
    /// in many ways, a missing permission's among them: who is not found so is looked for among all users, of whom there are few.
    async fn look_up(&self, cx: &Cx<'_>, condition: &Condition) -> Result<Vec<Vendor>> {
        // No path can carry such a value, and no user has it.
        if !RemoteId::fits_path(&condition.value) {
            return Ok(Vec::new());
        }
        let field = condition.field;
        let nobody = match named(cx, field, &condition.value).await {
            Ok(Some(user)) => return Ok(vec![vendor(user)]),
            Ok(None) => true,
            Err(error) if errors::is_ambiguous(&error) => false,
            Err(error) => return Err(error),
        };
        let everybody = self.everybody.get(Box::pin(page::all(cx, &["users"], "users", "look up user")));
        let users = match everybody.await {
            // What was said of this name is enough.
            Err(error) if nobody && error.kind() == Kind::OddAnswer => {
                cx.warn(&format!("a name in other letters could not be looked for among all users: {error}"));
                return Ok(Vec::new());
            }
            users => users?,
        };
        let lower = condition.value.to_lowercase();
        let is_named = |user: &Map<String, Value>| {
            user.get(field).and_then(Value::as_str).is_some_and(|held| held.to_lowercase() == lower)
        };
        let mut found = Vec::new();
        for id in users.iter().filter(|user| is_named(user)).filter_map(|user| id_of(user, "id")) {
            match read(cx, &id).await {
                Ok(user) if is_named(&user) => found.push(vendor(user)),
                Ok(_) => {}
                Err(error) if error.kind() == Kind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    pub(crate) fn new(settings: ActiveCampaignSettings) -> Self {
        Self { settings, own_id: OnceLock::new(), everybody: Cached::new(HELD) }
    }

    /// What setting `active` to false does: nothing, or deletion where the operator chose that.
    async fn deactivate(&self, cx: &Cx<'_>, id: &RemoteId, change: &Change<'_>) -> Result<Updated> {
        if !self.settings.deactivate_deletes {
            let rule =
                "cannot be set to false: ActiveCampaign has no disabled users, so delete the user instead";
            let remedy = "or let the operator set deactivate = \"delete\" for the instance";
            return Err(Error::new(Kind::Mutability, rule).at("active").remedy(remedy));
        }
        self.delete(cx, id).await?;
        cx.warn("the user was deleted for good, as deactivate = \"delete\" says");
        let mut gone = change.current.document()?;
        gone.insert("active".into(), false.into());
        Ok(Updated { object: Some(document(&Value::Object(gone))), removed: true, ..Updated::default() })
    }

    /// The primary admin holds the account, and with the key's owner the key would go.
    async fn refuse_protected(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<()> {
        let refused = |rule: &str| Err(Error::new(Kind::Forbidden, rule));
        if self.settings.is_primary_admin(id.as_str()) {
            return refused("is the primary admin of the account, who is not deleted");
        }
        let own = match self.own_id.get() {
            Some(own) => own,
            None => {
                let own = id_of(&me(cx).await?, "id").unwrap_or_default();
                self.own_id.get_or_init(|| own)
            }
        };
        if own == id.as_str() {
            return refused("is the owner of the API key, which would be gone with the user");
        }
        Ok(())
    }
}

/// A user.
async fn read(cx: &Cx<'_>, id: &str) -> Result<Map<String, Value>> {
    enveloped(&send(cx, call(cx, Method::GET, &["users", id]).operation("read user")).await?, "user")
}

/// The user whom ActiveCampaign's own look-up finds by this name or address, in the given letters or in lower case. A 403
/// may mean nobody as well.
async fn named(cx: &Cx<'_>, field: &str, value: &str) -> Result<Option<Map<String, Value>>> {
    let lower = value.to_lowercase();
    let forms = [value, &lower];
    for form in &forms[..if lower == value { 1 } else { 2 }] {
        let asked = call(cx, Method::GET, &["users", field]).segment(form).operation("look up user");
        match send(cx, asked).await {
            Ok(reply) => {
                let mut document: Map<String, Value> = reply.json()?;
                match document.remove("user") {
                    Some(Value::Object(user)) if id_of(&user, "id").is_some() => return Ok(Some(user)),
                    _ => {}
                }
            }
            Err(error) if error.kind() == Kind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// How a used name is refused is not known: after a refusal that names no attribute, name and address are looked up.
async fn about_duplicate(cx: &Cx<'_>, error: Error, body: &Map<String, Value>) -> Error {
    if error.kind() != Kind::InvalidValue || error.attribute().is_some() {
        return error;
    }
    for (field, attribute) in [("username", "userName"), ("email", "emails")] {
        let Some(value) = body.get(field).and_then(Value::as_str) else { continue };
        if !RemoteId::fits_path(value) {
            continue;
        }
        match named(cx, field, value).await {
            Ok(Some(_)) => return error.restated(Kind::Duplicate, "is in use").at(attribute),
            Ok(None) => {}
            Err(forbidden) if errors::is_ambiguous(&forbidden) => {}
            Err(failed) => {
                cx.warn(&format!("whether a refused user is there already could not be looked up: {failed}"));
                return error;
            }
        }
    }
    error
}

/// The user as it shall be. Never the user name, which cannot change; a telephone number only when it changes, as
/// nobody says whether it may be sent.
fn replacement<'a>(
    cx: &'a Cx<'a>,
    id: &RemoteId,
    change: &Change<'_>,
    group: Option<u64>,
) -> connector_core::http::Call<'a> {
    let mut body = Map::new();
    for name in ["firstName", "lastName", "email"] {
        body.extend(change.whole.get(name).map(|value| (name.to_owned(), value.clone())));
    }
    for name in ["password", "phone"] {
        body.extend(change.set.get(name).map(|value| (name.to_owned(), value.clone())));
    }
    for path in &change.cleared {
        path.put(&mut body, Value::from(""));
    }
    body.extend(group.map(|group| ("group".to_owned(), group.into())));
    call(cx, Method::PUT, &["users", id.as_str()]).operation("change user").json(&json!({ "user": body }))
}

/// An unknown group of a user is a bad value, not a missing user.
fn about_group(error: Error) -> Error {
    if errors::lacks_group(&error) { error.with_kind(Kind::InvalidValue).at(GROUP_ID) } else { error }
}

/// A group's id as ActiveCampaign takes it: a number.
fn group_id(named: &Value) -> Result<u64> {
    let id = named.as_u64().or_else(|| named.as_str()?.trim().parse().ok());
    id.ok_or_else(|| {
        let rule = "must be the id of a group, a whole number as in GET /Groups";
        Error::new(Kind::InvalidValue, rule).at(GROUP_ID)
    })
}

/// A user with what ActiveCampaign does not tell: there is no disabled state, and both names make the one shown.
fn vendor(mut user: Map<String, Value>) -> Vendor {
    let names =
        ["firstName", "lastName"].map(|name| user.get(name).and_then(Value::as_str).unwrap_or_default());
    let shown = names.map(str::trim).join(" ").trim().to_owned();
    user.insert("displayName".into(), shown.into());
    user.insert("active".into(), true.into());
    document(&Value::Object(user))
}

fn document(object: &Value) -> Vendor {
    Vendor::new(object.to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_of_what_there_is() {
        let shown = |user: Value| {
            let Value::Object(user) = user else { unreachable!() };
            vendor(user).document().unwrap()["displayName"].clone()
        };
        assert_eq!(shown(json!({"firstName": "Tove", "lastName": "Arvidsson"})), "Tove Arvidsson");
        assert_eq!(shown(json!({"firstName": " Tove ", "lastName": ""})), "Tove");
        assert_eq!(shown(json!({"lastName": null})), "");
    }

    #[test]
    fn a_group_is_told_as_text_or_number() {
        assert_eq!(group_id(&json!("7")).unwrap(), 7);
        assert_eq!(group_id(&json!(7)).unwrap(), 7);
        for bad in [json!("Editors"), json!("-1"), json!(true), json!("")] {
            assert_eq!(group_id(&bad).unwrap_err().attribute(), Some(GROUP_ID), "{bad}");
        }
    }
}
