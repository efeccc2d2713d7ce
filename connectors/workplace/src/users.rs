//! People of the community
//! (<https://developers.facebook.com/docs/workplace/reference/account-management-api/scim-v2>).

use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use connector_core::{
    connector::{
        Change, Condition, Create, Delete, Deleted, Page, Position, Query, RemoteId, Resource, Update,
        Updated, Vendor,
    },
    error::{Error, Kind, Result},
    http::Cx,
    mapping::{Row, Table, unmapped},
    spec::{Membership, Paging, ResourceSpec},
};
use http::Method;
use serde_json::{Map, Value, json};

use crate::{
    call::{scim, send},
    errors, graph, leftovers,
    mapping::{self, ENTERPRISE, MANAGER, STATUS},
    page,
    person::{
        clears, extension, is_address, no_address, one_picture, refuse_claiming, replacement, say_status,
        show_name, sign_in_by_password, wanted,
    },
    settings::WorkplaceSettings,
    vendor,
};

/// The people of a community.
pub(crate) struct Users {
    settings: Arc<WorkplaceSettings>,
}

const fn spec(table: &'static Table, membership: Membership) -> ResourceSpec {
    ResourceSpec {
        table,
        paging: Paging::Offset { max: page::MOST },
        natural_keys: &["userName", "externalId"],
        soft_delete: false,
        id_alphabet: "digits",
        membership,
        members_per_call: 0,
    }
}

static SPEC: ResourceSpec = spec(&mapping::USER, Membership::OtherSide);

/// Without groups there is nothing a person could be in.
static ALONE: LazyLock<ResourceSpec> = LazyLock::new(|| {
    let row = |row: &Row<'static>| match row.scim {
        "groups" => unmapped("groups", "the instance serves users only"),
        _ => *row,
    };
    let rows: Vec<Row<'static>> = mapping::USER.rows.iter().map(row).collect();
    // One table for the life of the process, as all tables are.
    spec(Box::leak(Box::new(Table { rows: Vec::leak(rows), ..mapping::USER })), Membership::None)
});

#[async_trait]
impl Resource for Users {
    fn spec(&self) -> &'static ResourceSpec {
        if self.settings.users_only { &ALONE } else { &SPEC }
    }

    async fn get(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Vendor> {
        let call = scim(cx, Method::GET, &["Users", id.as_str()]).operation("read user");
        vendor::person(&self.settings, send(call).await?.body().clone())
    }

    async fn list(&self, cx: &Cx<'_>, query: &Query) -> Result<Page> {
        let Position::Index(start) = query.position else {
            return Err(Error::new(Kind::Internal, "Workplace's SCIM has no cursors"));
        };
        let condition = query.conditions.first().map(as_asked);
        let mut rows = self.rows(cx, (start, query.count), condition.as_ref()).await?;
        // Whether upper case counts in a comparison is not known: who is not found so may be found in lower case.
        if let Some(Condition { field: "userName", value }) = &condition
            && rows.objects.is_empty()
            && value.chars().any(char::is_uppercase)
        {
            let lower = Condition { field: "userName", value: value.to_lowercase() };
            rows = self.rows(cx, (start, query.count), Some(&lower)).await?;
        }
        let items = rows.objects.into_iter().map(|row| vendor::person(&self.settings, row));
        let items = items.collect::<Result<Vec<_>>>()?;
        Ok(Page { items, total: Some(rows.total), next: rows.next.map(Position::Index) })
    }

    /// The person's groups in Graph, which take a call of their own. Whoever is deactivated leaves Graph, and so every group.
    async fn on_request(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Vendor> {
        let groups = match graph::groups_of(cx, id.as_str()).await {
            Err(error) if error.kind() == Kind::NotFound => Vec::new(),
            groups => groups?,
        };
        let shown = json!({ "id": id.as_str(), "graph": { "groups": groups } });
        Ok(Vendor::new(shown.to_string().into()))
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
    /// Creates an account, invited where the client or the operator says so. An account without an address is one whose user
    /// name is its `externalId`.
    async fn create(&self, cx: &Cx<'_>, fields: &Map<String, Value>) -> Result<Vendor> {
        let mut body = fields.clone();
        let external_id = body.get("externalId").cloned();
        if !is_address(body.get("userName")) {
            if body.shift_remove("userName") != external_id {
                return Err(no_address());
            }
            sign_in_by_password(&mut body);
        }
        show_name(&mut body)?;
        refuse_claiming(fields)?;
        let told = extension(fields, STATUS).and_then(|status| status.get("invited"));
        let invited = told.cloned().or_else(|| self.settings.invite.then(|| true.into()));
        body.shift_remove(STATUS);
        say_status(&mut body, invited.map(|invited| ("invited", invited)));
        let body = self.body(cx, body);
        let call = scim(cx, Method::POST, &["Users"]).operation("create user").json(&body);
        match send(call).await {
            Ok(reply) => vendor::person(&self.settings, reply.body().clone()),
            Err(error) => Err(self.about_duplicate(cx, about_manager(error, fields), fields, None).await),
        }
    }
}

#[async_trait]
impl Update for Users {
    /// One PUT with everything that may be sent back, though a PUT merges: should it replace, nothing is lost. Activation
    /// alone is sent alone, so that nothing else can stand in its way. What the answer shows to be missing or still there is
    /// set once more, by PATCH where there is one; what it refuses then, or ignores, stays as it is and is no failure.
    async fn update(&self, cx: &Cx<'_>, id: &RemoteId, change: &Change<'_>) -> Result<Updated> {
        refuse_claiming(&change.set)?;
        if change.set.contains_key("userName") && !is_address(change.set.get("userName")) {
            return Err(no_address());
        }
        let wanted = wanted(change)?;
        let clears = clears(&wanted, change)?;
        if change.set.is_empty() && !clears {
            return Ok(Updated { object: Some(change.current.clone()), ..Updated::default() });
        }
        let only_active = !clears && change.set.keys().all(|name| name == "active");
        let dialect = self.settings.dialect(cx);
        let body = if only_active { change.set.clone() } else { replacement(&wanted, change, dialect) };
        let mut answer = match self.put(cx, id, body, &change.set).await {
            // A PUT that replaces would have taken everything else away, and was refused for that.
            Err(error) if only_active && error.kind() == Kind::InvalidValue => {
                self.put(cx, id, leftovers::put(&wanted, &[]), &change.set).await?
            }
            put => put?,
        };
        let left = leftovers::of(&answer.document()?, &wanted, change);
        if left.is_empty() {
            return Ok(Updated { object: Some(answer), ..Updated::default() });
        }
        let again = match leftovers::patch(&left, dialect) {
            Some(patch) => self.patch(cx, id, &patch).await,
            None => self.put(cx, id, leftovers::put(&wanted, &left), &change.set).await,
        };
        answer = match again {
            // The change was made, all but this.
            Err(error) if errors::is_refusal(&error) => {
                cx.warn(&format!("User {id}: Workplace refuses what its answer to a PUT lacks: {error}"));
                self.get(cx, id).await?
            }
            again => again?,
        };
        let left = leftovers::of(&answer.document()?, &wanted, change);
        let refused: Vec<&'static str> = left.iter().map(|left| left.row.target).collect();
        if !refused.is_empty() {
            let names: Vec<&str> = left.iter().map(|left| left.row.scim).collect();
            cx.warn(&format!("Workplace did not take the change of {}", names.join(", ")));
        }
        Ok(Updated { object: Some(answer), refused, ..Updated::default() })
    }
}

#[async_trait]
impl Delete for Users {
    /// Deletes an account that nobody ever took, and deactivates any other: Workplace keeps those for ever.
    async fn delete(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Deleted> {
        let call = scim(cx, Method::DELETE, &["Users", id.as_str()]).operation("delete user");
        match errors::deleted(send(call).await) {
            Err(error) if error.code() == Some(errors::CLAIMED) => {
                let inactive = Map::from_iter([("active".to_owned(), false.into())]);
                match self.put(cx, id, inactive, &Map::new()).await {
                    Err(error) if error.kind() == Kind::NotFound => return Ok(Deleted::Missing),
                    put => put?,
                };
                cx.warn(&format!(
                    "User {id} was deactivated instead of deleted: the account was claimed, and Workplace deletes no such"
                ));
                Ok(Deleted::Deactivated)
            }
            deleted => deleted,
        }
    }
}

impl Users {
    pub(crate) const fn new(settings: Arc<WorkplaceSettings>) -> Self {
        Self { settings }
    }

    async fn rows(
        &self,
        cx: &Cx<'_>,
        window: (u64, u32),
        condition: Option<&Condition>,
    ) -> Result<page::Rows> {
        page::rows_of(cx, &self.settings, "Users", "list users", window, condition).await
    }

    /// A person in the edition's names, with one picture.
    fn body(&self, cx: &Cx<'_>, mut fields: Map<String, Value>) -> Value {
        let others = one_picture(&mut fields);
        if others > 0 {
            cx.warn(&format!("Workplace keeps one picture of a person: {others} more are not sent"));
        }
        self.settings.dialect(cx).person(fields)
    }

    async fn put(
        &self,
        cx: &Cx<'_>,
        id: &RemoteId,
        body: Map<String, Value>,
        set: &Map<String, Value>,
    ) -> Result<Vendor> {
        let body = self.body(cx, body);
        let call = scim(cx, Method::PUT, &["Users", id.as_str()]).operation("change user").json(&body);
        match send(call).await {
            Ok(reply) => self.answered(cx, id, reply.body().clone()).await,
            Err(error) => Err(self.about_duplicate(cx, about_manager(error, set), set, Some(id)).await),
        }
    }

    async fn patch(&self, cx: &Cx<'_>, id: &RemoteId, operations: &Value) -> Result<Vendor> {
        let call = scim(cx, Method::PATCH, &["Users", id.as_str()]).operation("change user").json(operations);
        let reply = send(call).await?;
        self.answered(cx, id, reply.body().clone()).await
    }

    /// The person as the answer to a write shows it, or as a read does where the answer is empty.
    async fn answered(&self, cx: &Cx<'_>, id: &RemoteId, body: bytes::Bytes) -> Result<Vendor> {
        if body.trim_ascii().is_empty() {
            self.get(cx, id).await
        } else {
            vendor::person(&self.settings, body)
        }
    }

    /// Which status a used name is told with is not known: after a refusal that says nothing else it is looked up, and in use
    /// where somebody but `own` has it.
    async fn about_duplicate(
        &self,
        cx: &Cx<'_>,
        error: Error,
        fields: &Map<String, Value>,
        own: Option<&RemoteId>,
    ) -> Error {
        let name = fields.get("userName").and_then(Value::as_str).unwrap_or_default();
        match error.kind() {
            Kind::Duplicate => return about_key(error),
            Kind::InvalidValue if error.attribute().is_none() && !name.is_empty() => {}
            _ => return error,
        }
        let condition = as_asked(&Condition { field: "userName", value: name.to_owned() });
        match self.rows(cx, (1, 1), Some(&condition)).await {
            Ok(found) if found.objects.iter().any(|row| is_other(row, own)) => {
                error.with_kind(Kind::Duplicate).at("userName")
            }
            _ => error,
        }
    }
}

/// An account without an address is found by what it shows as its user name.
fn as_asked(condition: &Condition) -> Condition {
    match condition.field {
        "userName" if !condition.value.contains('@') => {
            Condition { field: "externalId", value: condition.value.clone() }
        }
        _ => condition.clone(),
    }
}

/// Whether a row of a list is somebody else.
fn is_other(row: &bytes::Bytes, own: Option<&RemoteId>) -> bool {
    let id = Vendor::new(row.clone()).document().ok().and_then(|person| graph::id_of(&person));
    id.is_some_and(|id| own.is_none_or(|own| own.as_str() != id))
}

/// What is in use: the user name, unless the refusal names the other key.
fn about_key(error: Error) -> Error {
    let other = error.to_string().to_lowercase().contains("externalid");
    error.at(if other { "externalId" } else { "userName" })
}

/// Where a manager is set and the refusal names one, it is about the manager.
fn about_manager(error: Error, set: &Map<String, Value>) -> Error {
    let sets_manager = extension(set, ENTERPRISE).is_some_and(|set| set.contains_key("manager"));
    let named = || error.to_string().to_lowercase().contains("manager");
    if sets_manager && error.kind() == Kind::InvalidValue && named() { error.at(MANAGER) } else { error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_no_address_is_looked_for_by_external_id() {
        let field = |value: &str| as_asked(&Condition { field: "userName", value: value.into() }).field;
        assert_eq!((field("E-1"), field("m@riverbank.example")), ("externalId", "userName"));
    }
}
