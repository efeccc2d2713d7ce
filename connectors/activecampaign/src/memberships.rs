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
    errors, page,
};

/// The records of a group's people, each person once.
pub(crate) async fn of_group(cx: &Cx<'_>, id: &str) -> Result<Vec<Map<String, Value>>> {
    let mut records = page::all(cx, &["groups", id, "userGroups"], "userGroups", "read members").await?;
    let mut seen = HashSet::new();
    records.retain(|record| id_of(record, "userid").is_some_and(|user| seen.insert(user)));
    Ok(records)
}

/// The records of a user's groups: one as things are now, several from earlier days. Nobody says what the link from a user
/// answers, and where it tells none they are looked for in the groups.
pub(crate) async fn of_user(cx: &Cx<'_>, id: &str) -> Result<Vec<Map<String, Value>>> {
    let linked = linked_from(cx, id).await?;
    if !linked.is_empty() {
        return Ok(linked);
    }
    let mut found = Vec::new();
    for group in page::all(cx, &["groups"], "groups", "read membership").await? {
        let Some(group) = id_of(&group, "id") else { continue };
        let mut records = match of_group(cx, &group).await {
            // Deleted since the list was read.
            Err(error) if error.kind() == Kind::NotFound => continue,
            records => records?,
        };
        records.retain(|record| id_of(record, "userid").as_deref() == Some(id));
        for record in &mut records {
            record.entry("groupid").or_insert_with(|| group.as_str().into());
        }
        found.extend(records);
    }
    Ok(found)
}

/// The records that the link from a user leads to.
async fn linked_from(cx: &Cx<'_>, id: &str) -> Result<Vec<Map<String, Value>>> {
    let asked = call(cx, Method::GET, &["users", id, "userGroup"]).operation("read membership");
    let mut document: Map<String, Value> = match send(cx, asked).await {
        Ok(reply) => reply.json()?,
        Err(error) if error.kind() == Kind::NotFound || errors::is_ambiguous(&error) => return Ok(Vec::new()),
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
