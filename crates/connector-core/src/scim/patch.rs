//! PATCH requests (RFC 7644 section 3.5.2): reading them.

use serde_json::{Map, Value};

use super::{
    filter::{Comparison, Filter, Literal},
    path::Path,
    resource_type::ResourceType,
    same_name,
};
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

impl Operation {
    /// The value that stands for the resource itself, in an operation that adds or replaces without a path or with the base
    /// schema as path.
    pub(crate) fn whole(&self, rtype: &ResourceType) -> Option<&Value> {
        let is_whole = self.path.as_ref().is_none_or(|path| rtype.core_name(path) == Some(""));
        self.value.as_ref().filter(|_| is_whole && self.op != Op::Remove)
    }
}

impl PatchRequest {
    /// Whether every operation works on this attribute of the core schema, and says so in its path.
    pub fn is_about(&self, attribute: &str, rtype: &ResourceType) -> bool {
        let named = |operation: &Operation| {
            let path =
                operation.path.as_deref().and_then(|path| Path::parse_in_patch(path, rtype).ok().flatten());
            path.is_some_and(|path| path.is_core(attribute))
        };
        !self.operations.is_empty() && self.operations.iter().all(named)
    }

    /// Whether some operation works on this attribute of the core schema.
    pub fn touches(&self, attribute: &str, rtype: &ResourceType) -> bool {
        let names = |path: &str| {
            let name = rtype.core_name(path).and_then(|name| name.split(['[', '.']).next());
            name.is_some_and(|name| same_name(name.trim(), attribute))
        };
        self.operations.iter().any(|operation| match operation.whole(rtype) {
            Some(value) => core_members(value, rtype).any(|(name, _)| names(name)),
            None => operation.path.as_deref().is_some_and(names),
        })
    }

    /// The values of this attribute that operations remove by name: `members[value eq "…"]`, or a list of elements beside the
    /// path, as Entra sends it.
    pub fn removed(&self, attribute: &str, rtype: &ResourceType) -> Vec<String> {
        let mut removed = Vec::new();
        for operation in self.operations.iter().filter(|operation| operation.op == Op::Remove) {
            let path =
                operation.path.as_deref().and_then(|path| Path::parse_in_patch(path, rtype).ok().flatten());
            let Some(path) = path.filter(|path| path.is_core(attribute)) else { continue };
            match (&path.filter, path.sub.as_deref()) {
                (Some(filter), None | Some("value")) => named(filter, &mut removed),
                (None, None) => {
                    let elements = match &operation.value {
                        Some(Value::Array(elements)) => elements.as_slice(),
                        Some(single) => std::slice::from_ref(single),
                        None => &[],
                    };
                    removed.extend(elements.iter().filter_map(identity));
                }
                _ => {}
            }
        }
        removed
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

/// The members of a body that belong to the base schema, those under its URN included.
pub(crate) fn core_members<'v>(
    body: &'v Value,
    rtype: &'v ResourceType,
) -> impl Iterator<Item = (&'v str, &'v Value)> {
    let members = body.as_object().into_iter().flatten();
    members.flat_map(|(key, value)| match (rtype.core_name(key), value) {
        (Some(""), Value::Object(below)) => {
            below.iter().map(|(name, value)| (name.as_str(), value)).collect::<Vec<_>>()
        }
        (Some(name), value) => vec![(name, value)],
        (None, _) => Vec::new(),
    })
}

/// The `value` of an element, or a plain element.
pub(crate) fn identity(element: &Value) -> Option<String> {
    match element.get("value").unwrap_or(element) {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The values that a filter in brackets names.
fn named(filter: &Filter, into: &mut Vec<String>) {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().for_each(|part| named(part, into)),
        Filter::Compare(place, Comparison::Eq, Literal::Text { value, .. }) if place.name == "value" => {
            into.push(value.clone());
        }
        _ => {}
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
