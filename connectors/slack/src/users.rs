//! People of the organisation (<https://docs.slack.dev/reference/scim-api#users>).

use std::{collections::HashSet, sync::LazyLock};

use async_trait::async_trait;
use connector_core::{
    connector::{
        Change, Create, Delete, Deleted, Page, Position, Query, RemoteId, Resource, Update, Updated, Vendor,
    },
    error::{Error, Kind, Result},
    http::Cx,
    mapping::TargetPath,
    spec::{Membership, Paging, ResourceSpec},
};
use http::Method;
use serde_json::{Map, Value, json};

use crate::{errors, mapping, page};

/// The users of an organisation.
pub(crate) struct Users {
    /// Whether lists leave bots out.
    pub(crate) hide_bots: bool,
}

static SPEC: ResourceSpec = ResourceSpec {
    table: &mapping::USER,
    paging: Paging::Offset { max: 1000 },
    natural_keys: &["userName", "emails.value"],
    soft_delete: true,
    id_alphabet: "`U` or `W`, then upper-case letters and digits",
    membership: Membership::OtherSide,
    members_per_call: 0,
};

/// Without bots Slack's totals and offsets are not the client's, so pages are not passed through.
static WITHOUT_BOTS: ResourceSpec = ResourceSpec { paging: Paging::Cursor { max: 1000 }, ..SPEC };

/// What the addresses of bots end in.
const BOTS: &str = "@slack-bots.com";

const CORE_URN: &str = "urn:scim:schemas:core:1.0";
const ENTERPRISE_URN: &str = "urn:scim:schemas:extension:enterprise:1.0";
const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value";
const GUEST_URN: &str = "urn:scim:schemas:extension:slack:guest:1.0";

/// The outermost members of a user that the table maps.
static MAPPED: LazyLock<HashSet<String>> = LazyLock::new(|| {
    mapping::USER.rows.iter().filter_map(|row| row.target_path().members().first().cloned()).collect()
});

#[async_trait]
impl Resource for Users {
    fn spec(&self) -> &'static ResourceSpec {
        if self.hide_bots { &WITHOUT_BOTS } else { &SPEC }
    }

    async fn get(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Vendor> {
        let call = cx.call(Method::GET, &["Users", id.as_str()]).operation("read user");
        Ok(Vendor::new(call.send(errors::failure).await?.body().clone()))
    }

    async fn list(&self, cx: &Cx<'_>, query: &Query) -> Result<Page> {
        if self.hide_bots {
            return page::list_some(cx, "Users", "list users", query, |user| Ok(!is_bot(user)?)).await;
        }
        page::list(cx, "Users", "list users", query).await
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
    async fn create(&self, cx: &Cx<'_>, fields: &Map<String, Value>) -> Result<Vendor> {
        let mut body = fields.clone();
        // New accounts are always active; what Slack makes of `false` here is not documented.
        body.shift_remove("active");
        mark_lone_mobile(&mut body);
        let call = cx
            .call(Method::POST, &["Users"])
            .operation("create user")
            .json(&with_schemas(body))
            .pretended(|| json!({ "active": true }));
        match call.send(errors::failure).await {
            Ok(reply) => Ok(Vendor::new(reply.body().clone())),
            Err(error) if error.code() == Some("user_creation_failed") => {
                let name = fields.get("userName").and_then(Value::as_str).unwrap_or_default();
                Err(if Self::exists(cx, name).await? {
                    error.with_kind(Kind::Duplicate).at("userName")
                } else {
                    error
                })
            }
            // A new name cannot be one that people were to choose themselves: the name itself is refused.
            Err(error) if error.code() == Some("invalid_display_name") => {
                Err(error.with_kind(Kind::InvalidValue))
            }
            Err(error) => Err(about_manager(error, fields)),
        }
    }
}

impl Users {
    async fn exists(cx: &Cx<'_>, user_name: &str) -> Result<bool> {
        let condition =
            connector_core::connector::Condition { field: "userName", value: user_name.to_owned() };
        let query = Query { conditions: vec![condition], position: Position::Index(1), count: 1 };
        Ok(!page::list(cx, "Users", "list users", &query).await?.items.is_empty())
    }
}

#[async_trait]
impl Update for Users {
    /// PATCH for plain attributes; PUT when a list or the `profileUrl` changes, since PATCH merges lists and refuses the
    /// other.
    async fn update(&self, cx: &Cx<'_>, id: &RemoteId, change: &Change<'_>) -> Result<Updated> {
        let whole = change.set.values().any(Value::is_array)
            || change.set.contains_key("profileUrl")
            || change.cleared.iter().any(|path| is_list(path) || path.as_str() == "profileUrl");
        let (method, body) =
            if whole { (Method::PUT, replacement(change)?) } else { (Method::PATCH, modification(change)) };
        let sent = self.send(cx, id, method.clone(), body.clone()).await;
        let sent = sent.map_err(|error| about_manager(error, &change.set));
        let Some(others) = without_display_name(&sent, change, body)? else {
            // A replacement cannot say that a guest becomes a full member.
            let object = match sent? {
                _ if whole && leaves_guest(change) => {
                    let member = json!({ "meta": { "attributes": [GUEST_URN] } });
                    self.send(cx, id, Method::PATCH, member.as_object().cloned().unwrap_or_default()).await?
                }
                // What Slack makes of both in one call is not documented.
                answer if was_activated(answer.as_ref(), change)? => {
                    self.send(cx, id, Method::PATCH, Map::from_iter([("active".into(), false.into())]))
                        .await?
                }
                answer => answer,
            };
            return Ok(Updated { object, ..Updated::default() });
        };
        // The organisation lets people choose their own display name, which bars SCIM from changing it: the other
        // attributes go through with the name Slack holds.
        cx.warn("Slack refused the new displayName, since people may choose their own; the other changes were made");
        let object = self.send(cx, id, method, others).await?;
        Ok(Updated { object, refused: vec!["displayName"], ..Updated::default() })
    }
}

impl Users {
    async fn send(
        &self,
        cx: &Cx<'_>,
        id: &RemoteId,
        method: Method,
        body: Map<String, Value>,
    ) -> Result<Option<Vendor>> {
        let call =
            cx.call(method, &["Users", id.as_str()]).operation("change user").json(&with_schemas(body));
        let reply = call.send(errors::failure).await?;
        Ok((!reply.body().trim_ascii().is_empty()).then(|| Vendor::new(reply.body().clone())))
    }
}

#[async_trait]
impl Delete for Users {
    /// Deactivates. Slack keeps the user readable and lets it be deleted again.
    async fn delete(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Deleted> {
        let call = cx.call(Method::DELETE, &["Users", id.as_str()]).operation("deactivate user");
        errors::deleted(call.send(errors::failure).await)
    }
}

fn is_bot(user: &Vendor) -> Result<bool> {
    let document = user.document()?;
    let emails = document.get("emails").and_then(Value::as_array).into_iter().flatten();
    let mut addresses = emails.filter_map(|email| email.get("value")?.as_str());
    Ok(addresses.any(|address| address.to_ascii_lowercase().ends_with(BOTS)))
}

fn is_list(path: &TargetPath) -> bool {
    mapping::USER.rows.iter().any(|row| row.target == path.as_str() && row.elements.is_some())
}

/// Where a manager is set, an unknown user is the manager: a bad value, not a missing object.
fn about_manager(error: Error, fields: &Map<String, Value>) -> Error {
    let manager = fields.get(ENTERPRISE_URN).and_then(|extension| extension.get("manager"));
    match error.code() {
        Some("no_such_user" | "unknown_user" | "cannot_decode_user_id") if manager.is_some() => {
            error.with_kind(Kind::InvalidValue).at(MANAGER)
        }
        _ => error,
    }
}

/// A partial user; emptied attributes are named in `meta.attributes`. The bare guest URN there makes a guest a full
/// member.
fn modification(change: &Change<'_>) -> Map<String, Value> {
    let mut body = change.set.clone();
    if makes_guest(change)
        && let Some(active) = change.whole.get("active")
    {
        // Becoming a guest activates an account that says nothing else.
        body.insert("active".into(), active.clone());
    }
    let emptied =
        change.cleared.iter().map(|path| if is_guest_type(path) { GUEST_URN } else { path.as_str() });
    let emptied: Vec<&str> = emptied.collect();
    if !emptied.is_empty() {
        body.insert("meta".into(), json!({ "attributes": emptied }));
    }
    body
}

fn is_guest_type(path: &TargetPath) -> bool {
    path.members() == [GUEST_URN, "type"]
}

/// Whether the user is to become a guest.
fn makes_guest(change: &Change<'_>) -> bool {
    change.set.get(GUEST_URN).is_some_and(|guest| guest.get("type").is_some())
}

/// Whether Slack activated an account that was to be a guest and inactive.
fn was_activated(answer: Option<&Vendor>, change: &Change<'_>) -> Result<bool> {
    let (Some(answer), true) = (answer, makes_guest(change)) else { return Ok(false) };
    let inactive = change.whole.get("active") == Some(&Value::Bool(false));
    Ok(inactive && answer.document()?.get("active") == Some(&Value::Bool(true)))
}

/// Whether a guest is to become a full member.
fn leaves_guest(change: &Change<'_>) -> bool {
    change.cleared.iter().any(|path| is_guest_type(path))
}

/// The whole user as it shall be: what the table maps, and what else Slack holds and takes back. A PUT resets what it
/// leaves out, `active` included.
fn replacement(change: &Change<'_>) -> Result<Map<String, Value>> {
    let mut body = change.whole.clone();
    let current = change.current.document()?;
    let own_name = current.get("displayName").cloned();
    for (name, value) in current {
        let assigned = matches!(name.as_str(), "schemas" | "id" | "meta" | "groups" | "externalId");
        match value {
            Value::Object(held) if name.starts_with("urn:") => {
                let extension = body.entry(name.as_str()).or_insert_with(|| json!({}));
                for (member, value) in held.into_iter().filter(|(_, value)| !is_unset(value)) {
                    let cleared = change
                        .cleared
                        .iter()
                        .any(|path| path.members().starts_with(&[name.clone(), member.clone()]));
                    if let Value::Object(extension) = extension
                        && !cleared
                    {
                        extension.entry(member).or_insert(value);
                    }
                }
            }
            value if !assigned && !MAPPED.contains(&name) && !is_unset(&value) => {
                body.entry(name).or_insert(value);
            }
            _ => {}
        }
    }
    if leaves_guest(change) {
        body.shift_remove(GUEST_URN);
    }
    body.retain(|_, value| !is_unset(value));
    mark_lone_mobile(&mut body);
    // A name Slack filled in by itself is no value of the client's, yet a PUT without it would blank it.
    let emptied = change.cleared.iter().any(|path| path.as_str() == "displayName");
    if let Some(name) = own_name.filter(|name| !emptied && !is_unset(name)) {
        body.entry("displayName").or_insert(name);
    }
    // Slack's own default follows the user name; sent back, it would stay with the old one.
    if !change.set.contains_key("profileUrl")
        && body.get("profileUrl").and_then(Value::as_str).is_some_and(|url| url.contains("/team/"))
    {
        body.shift_remove("profileUrl");
    }
    Ok(body)
}

/// Slack files a single phone without a type as the primary one, and one of type `work`, of all, as the mobile one.
fn mark_lone_mobile(body: &mut Map<String, Value>) {
    if let Some(Value::Array(phones)) = body.get_mut("phoneNumbers")
        && let [Value::Object(phone)] = &mut phones[..]
        && phone.get("primary") == Some(&Value::Bool(false))
    {
        phone.shift_remove("primary");
        phone.insert("type".into(), "work".into());
    }
}

fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Object(members) => members.values().all(is_unset),
        _ => false,
    }
}

/// The body with Slack's display name, when Slack refused to change that and there is more to change.
fn without_display_name(
    sent: &Result<Option<Vendor>>,
    change: &Change<'_>,
    mut body: Map<String, Value>,
) -> Result<Option<Map<String, Value>>> {
    let refused = matches!(sent, Err(error) if error.code() == Some("invalid_display_name"));
    let asked = change.set.contains_key("displayName");
    if !refused || !asked || change.set.len() + change.cleared.len() < 2 {
        return Ok(None);
    }
    match change.current.document()?.shift_remove("displayName") {
        Some(current) if body.contains_key("emails") => body.insert("displayName".into(), current),
        _ => body.shift_remove("displayName"),
    };
    Ok(Some(body))
}

/// Adds the URNs of the extensions that the body holds.
pub(crate) fn with_schemas(mut body: Map<String, Value>) -> Value {
    let urns = body.keys().filter(|name| name.starts_with("urn:")).map(String::as_str);
    let schemas: Vec<&str> = std::iter::once(CORE_URN).chain(urns).collect();
    let mut whole = Map::from_iter([("schemas".to_owned(), json!(schemas))]);
    whole.append(&mut body);
    Value::Object(whole)
}
