//! Roles and organizations: two short lists that are only read.

use serde_json::{Value, json};

use super::api::Ask;
use super::error::{Refusal, Result};
use super::id::{self, Kind};
use super::model::{ORG, ROLES};
use super::state::State;
use crate::harness::Reply;

/// `GET /roles`, `GET /roles/{id}`
pub(super) fn roles(state: &State, ask: &Ask<'_>, id: Option<&str>) -> Result<Reply> {
    ask.caller.needs_administrator(state, &["spark-admin:roles_read"])?;
    let role = |(name, value): &(&str, &str)| json!({"id": id::encode(Kind::Role, value), "name": name});
    match id {
        None => Ok(ask.json(&items(ROLES.iter().map(role)))),
        Some(id) => {
            let value = id::decode(Kind::Role, id)?;
            let found = ROLES.iter().find(|(_, held)| *held == value);
            Ok(ask.json(&found.map(role).ok_or_else(|| Refusal::missing("Role"))?))
        }
    }
}

/// `GET /organizations`, `GET /organizations/{id}`
pub(super) fn organizations(state: &State, ask: &Ask<'_>, id: Option<&str>) -> Result<Reply> {
    ask.caller.needs_administrator(state, &["spark-admin:organizations_read"])?;
    let managed = (0..state.options.managed_organizations).map(|n| {
        let uuid = format!("5c1b0e00-0000-4000-a000-{n:012x}");
        organization(&uuid, &format!("Customer {}", n + 1))
    });
    let mut all = std::iter::once(organization(ORG, "Acme Demo")).chain(managed);
    match id {
        None => Ok(ask.json(&items(all))),
        Some(id) => {
            let wanted = json!(id::encode(Kind::Organization, &id::decode(Kind::Organization, id)?));
            let found = all.find(|organization| organization["id"] == wanted);
            Ok(ask.json(&found.ok_or_else(|| Refusal::missing("Organization"))?))
        }
    }
}

fn organization(uuid: &str, name: &str) -> Value {
    json!({
        "id": id::encode(Kind::Organization, uuid),
        "displayName": name,
        "created": "2024-02-11T10:00:00+00:00",
    })
}

fn items(items: impl Iterator<Item = Value>) -> Value {
    json!({"items": items.collect::<Vec<_>>()})
}
