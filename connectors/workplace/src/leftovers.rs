//! What a write left undone. Whether a PUT can clear a value, and whether it merges lists, is not documented: the answer
//! tells, and what is missing is asked for in another way.

use connector_core::{
    connector::Change,
    mapping::{Direction, Row, TargetPath},
};
use serde_json::{Map, Value, json};

use crate::{
    dialect::Dialect,
    mapping::{DATES, ENTERPRISE, STATUS, USER},
};

/// A row whose value is not what was asked for.
pub(crate) struct Left {
    pub(crate) row: &'static Row<'static>,
    path: TargetPath,
    /// `Null`: none.
    wanted: Value,
}

/// What the answer lacks of what was wanted, and what it has of what was to go. A value that Workplace spells differently is no
/// difference.
pub(crate) fn of(answer: &Map<String, Value>, wanted: &Map<String, Value>, change: &Change<'_>) -> Vec<Left> {
    let written = USER.rows.iter().filter(|row| row.direction == Direction::Both);
    let left = written.filter_map(|row| {
        let path = row.target_path();
        let held = path.of_object(answer).filter(|held| !is_nothing(held));
        let changed = path.of_object(&change.set).is_some();
        // What the account's state becomes is Workplace's affair unless it was asked for.
        let want = path.of_object(wanted).filter(|_| changed || path.members()[0] != STATUS);
        let is_left = match (want.filter(|want| !is_nothing(want)), held) {
            (None, Some(_)) => change.cleared.contains(&&path),
            (Some(_), None) => true,
            (Some(Value::Array(want)), Some(Value::Array(held))) => changed && held.len() > want.len(),
            (Some(Value::Bool(want)), Some(held)) => changed && *held != Value::Bool(*want),
            _ => false,
        };
        is_left.then(|| Left { row, wanted: want.cloned().unwrap_or_default(), path })
    });
    left.collect()
}

/// A PATCH of the rest; `None` where there is no PATCH.
pub(crate) fn patch(left: &[Left], dialect: Dialect) -> Option<Value> {
    if dialect == Dialect::V1 {
        return None;
    }
    let operation = |Left { path, wanted, .. }: &Left| {
        // A manager goes and comes whole.
        let (path, value) = match path.members() {
            [urn, name, part] if is_manager(urn, name) => {
                (format!("{urn}:{name}"), json!({ part.as_str(): wanted }))
            }
            [urn, rest @ ..] if urn.starts_with("urn:") => {
                (format!("{urn}:{}", rest.join(".")), wanted.clone())
            }
            members => (members.join("."), wanted.clone()),
        };
        if wanted.is_null() {
            json!({"op": "remove", "path": path})
        } else {
            json!({"op": "replace", "path": path, "value": value})
        }
    };
    let operations: Vec<Value> = left.iter().map(operation).collect();
    Some(json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations}))
}

/// The body of another PUT with everything, in which what is to go is `null`.
pub(crate) fn put(wanted: &Map<String, Value>, left: &[Left]) -> Map<String, Value> {
    let mut body = wanted.clone();
    body.shift_remove(STATUS);
    for Left { path, wanted, .. } in left {
        path.put(&mut body, wanted.clone());
    }
    body
}

/// What a PUT has in place of a value that is to go. `None` for a manager where there is a PATCH: 0 is nobody's id, and may
/// be refused.
pub(crate) fn nothing(path: &TargetPath, dialect: Dialect) -> Option<Value> {
    let is_list = USER.rows.iter().any(|row| row.target == path.as_str() && row.elements.is_some());
    match path.members() {
        _ if is_list => Some(json!([])),
        [urn, ..] if urn == DATES => Some(json!(0)),
        [urn, name, ..] if is_manager(urn, name) => (dialect == Dialect::V1).then(|| json!(0)),
        _ => Some(json!("")),
    }
}

fn is_manager(urn: &str, name: &str) -> bool {
    urn == ENTERPRISE && name == "manager"
}

/// Whether a value stands for none.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Number(number) => number.as_i64() == Some(0),
        Value::Bool(_) | Value::Object(_) => false,
    }
}
