//! PATCH requests (RFC 7644 section 3.5.2): reading them.

use serde_json::{Map, Value};

use super::same_name;
use crate::error::{Error, Kind, Result};

/// Schema URN of a PATCH body.
pub const PATCH_URN: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// The most operations one PATCH may hold.
pub const MAX_OPERATIONS: usize = 1000;

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Adds to what is there.
    Add,
    /// Replaces what is there.
    Replace,
    /// Removes what is there.
    Remove,
}

/// One operation, its path still text.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// What it does.
    pub op: Op,
    /// What it works on; `None` for the resource itself.
    pub path: Option<String>,
    /// What it brings.
    pub value: Option<Value>,
}

/// The operations of a PATCH body, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchRequest {
    /// The operations.
    pub operations: Vec<Operation>,
}

impl PatchRequest {
    /// Whether every operation works on this attribute of the core schema, and says so in its path.
    pub fn is_about(&self, attribute: &str) -> bool {
        let head = |path: &str| path.split(['[', '.']).next().unwrap_or_default().to_owned();
        let named = |path: &String| same_name(&head(path), attribute);
        !self.operations.is_empty()
            && self.operations.iter().all(|operation| operation.path.as_ref().is_some_and(named))
    }

    /// Whether some operation works on this attribute of the core schema.
    pub fn touches(&self, attribute: &str) -> bool {
        let named = |text: &str| same_name(text.split(['[', '.']).next().unwrap_or_default(), attribute);
        self.operations.iter().any(|operation| match (&operation.path, &operation.value) {
            (Some(path), _) => named(path),
            (None, Some(Value::Object(members))) => members.keys().any(|name| named(name)),
            (None, _) => false,
        })
    }

    /// The values of this attribute that operations remove by name: `members[value eq "…"]`, or a list of elements beside the
    /// path, as Entra sends it.
    pub fn removed(&self, attribute: &str) -> Vec<&str> {
        let removals = self.operations.iter().filter(|operation| operation.op == Op::Remove);
        removals
            .filter_map(|operation| {
                let path = operation.path.as_deref()?.trim();
                let (name, filter) = path.split_once('[').unwrap_or((path, ""));
                same_name(name.trim(), attribute).then_some((filter, operation.value.as_ref()))
            })
            .flat_map(|(filter, value)| {
                let elements = match value {
                    Some(Value::Array(elements)) => elements.as_slice(),
                    Some(single) => std::slice::from_ref(single),
                    None => &[],
                };
                let listed =
                    elements.iter().filter_map(|element| element.get("value").unwrap_or(element).as_str());
                // The texts between quotes; ids hold none.
                filter.split('"').skip(1).step_by(2).chain(listed).collect::<Vec<_>>()
            })
            .collect()
    }

    /// Reads a body. Letter case of names and of `op` does not count; `schemas` may be missing; further members are
    /// ignored.
    pub fn read(body: Value) -> Result<Self> {
        let Value::Object(mut body) = body else {
            return Err(syntax("the body of a PATCH must be a JSON object"));
        };
        let Some(Value::Array(operations)) = take(&mut body, "Operations") else {
            return Err(syntax("a PATCH needs the array `Operations`"));
        };
        if operations.len() > MAX_OPERATIONS {
            return Err(Error::new(
                Kind::TooLarge,
                format!("a PATCH may hold at most {MAX_OPERATIONS} operations"),
            ));
        }
        if operations.is_empty() {
            return Err(syntax("`Operations` is empty"));
        }
        let operations =
            operations.into_iter().enumerate().map(|(index, operation)| read_one(index + 1, operation));
        Ok(Self { operations: operations.collect::<Result<_>>()? })
    }
}

fn syntax(rule: impl Into<String>) -> Error {
    Error::new(Kind::InvalidSyntax, rule)
}

fn take(object: &mut Map<String, Value>, name: &str) -> Option<Value> {
    let key = object.keys().find(|key| same_name(key, name))?.clone();
    object.shift_remove(&key)
}

fn read_one(number: usize, operation: Value) -> Result<Operation> {
    let Value::Object(mut operation) = operation else {
        return Err(syntax(format!("operation {number} is not an object")));
    };
    let op = match take(&mut operation, "op") {
        Some(Value::String(op)) => match op.to_ascii_lowercase().as_str() {
            "add" => Op::Add,
            "replace" => Op::Replace,
            "remove" => Op::Remove,
            _ => return Err(syntax(format!("`op` of operation {number} must be add, replace or remove"))),
        },
        _ => return Err(syntax(format!("operation {number} lacks `op`"))),
    };
    let path = match take(&mut operation, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(path)) if path.trim().is_empty() => None,
        Some(Value::String(path)) => Some(path),
        Some(_) => {
            return Err(Error::new(Kind::InvalidPath, format!("`path` of operation {number} must be text")));
        }
    };
    let value = take(&mut operation, "value");
    if value.is_none() && op != Op::Remove {
        return Err(Error::new(Kind::InvalidValue, format!("operation {number} lacks `value`")));
    }
    if path.is_none() && op == Op::Remove {
        return Err(Error::new(Kind::NoTarget, format!("operation {number} removes without a path")));
    }
    if path.is_none() && !value.as_ref().is_some_and(Value::is_object) {
        return Err(Error::new(
            Kind::InvalidValue,
            format!("operation {number} has no path, so its value must be an object of attributes"),
        ));
    }
    Ok(Operation { op, path, value })
}
