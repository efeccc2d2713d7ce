//! Roles and organizations: two short lists that are only read.

use serde_json::{Value, json};

use super::api::Ask;
use super::error::{Refusal, Result};
use super::id::{self, Kind};
use super::model::{ORG, ROLES};
use super::state::State;
use crate::harness::Reply;

/// `GET /roles`, `GET /roles/{id}`
pub(super) fn roles(state: &State, ask: &Ask, id: Option<&str>) -> Result<Reply> {
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
pub(super) fn organizations(state: &State, ask: &Ask, id: Option<&str>) -> Result<Reply> {
    ask.caller.needs_administrator(state, &["spark-admin:organizations_read"])?;
    let own = json!({
        "id": id::encode(Kind::Organization, ORG),
        "displayName": "Acme Demo",
        "created": "2024-02-11T10:00:00+00:00",
    });
    match id {
        None => Ok(ask.json(&items(std::iter::once(own)))),
        Some(id) if id::decode(Kind::Organization, id)? == ORG => Ok(ask.json(&own)),
        Some(_) => Err(Refusal::missing("Organization")),
    }
}

fn items(items: impl Iterator<Item = Value>) -> Value {
    json!({"items": items.collect::<Vec<_>>()})
}
