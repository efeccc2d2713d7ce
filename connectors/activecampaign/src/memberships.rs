//! Who is in which group: read from both sides, and written by no call of its own. `/groupMembers` is about contact
//! fields, whatever its name says.

use std::collections::HashSet;

use connector_core::{
    error::{Kind, Result},
    http::Cx,
};
use http::Method;
use serde_json::{Map, Value};

use crate::{
    call::{call, id_of, send},
    page,
};

/// The id of the primary admin, who is in the Admin group.
pub(crate) const PRIMARY_ADMIN: &str = "1";

/// The records of a group's people, each person once.
pub(crate) async fn of_group(cx: &Cx<'_>, id: &str) -> Result<Vec<Map<String, Value>>> {
    let mut records = page::all(cx, &["groups", id, "userGroups"], "userGroups", "read members").await?;
    let mut seen = HashSet::new();
    records.retain(|record| id_of(record, "userid").is_some_and(|user| seen.insert(user)));
    Ok(records)
}

/// The records of a user's groups: one as things are now, several from earlier days.
pub(crate) async fn of_user(cx: &Cx<'_>, id: &str) -> Result<Vec<Map<String, Value>>> {
    let asked = call(cx, Method::GET, &["users", id, "userGroup"]).operation("read membership");
    let mut document: Map<String, Value> = match send(cx, asked).await {
        Ok(reply) => reply.json()?,
        Err(error) if error.kind() == Kind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let held = document.remove("userGroup").or_else(|| document.remove("userGroups"));
    let records = match held {
        Some(Value::Array(records)) => records,
        Some(record) => vec![record],
        None => Vec::new(),
    };
    let records = records.into_iter().filter_map(|record| match record {
        Value::Object(record) if id_of(&record, "groupid").is_some() => Some(record),
        _ => None,
    });
    Ok(records.collect())
}
