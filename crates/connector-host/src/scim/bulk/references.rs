//! References to what other operations create: `bulkId:` and the id of the operation.

use std::collections::{HashMap, HashSet};

use connector_core::error::{Error, Kind, Result};
use serde_json::{Map, Value};

const REFERENCE: &str = "bulkId:";

/// The ids of what the operations so far created, by `bulkId`; `None` where one failed.
pub(super) type Made = HashMap<String, Option<String>>;

/// The `bulkId` a text refers to.
pub(super) fn referred(text: &str) -> Option<&str> {
    text.strip_prefix(REFERENCE)
}

/// A text, or the id of the object it refers to.
pub(super) fn resolved(text: &str, made: &Made) -> Result<String> {
    let Some(id) = referred(text) else { return Ok(text.to_owned()) };
    let refused = |why: &str| Err(Error::new(Kind::InvalidValue, format!("refers to `{text}`, which {why}")));
    match made.get(id) {
        Some(Some(created)) => Ok(created.clone()),
        Some(None) => refused("was not created"),
        None => refused("no operation has"),
    }
}

/// Adds the `bulkId`s a document refers to.
pub(super) fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.extend(referred(text).map(str::to_owned)),
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, found)),
        Value::Object(object) => object.values().for_each(|value| collect(value, found)),
        _ => {}
    }
}

/// Puts ids in the place of references.
pub(super) fn resolve(value: &mut Value, made: &Made) -> Result<()> {
    match value {
        Value::String(text) if referred(text).is_some() => *text = resolved(text, made)?,
        Value::Array(elements) => elements.iter_mut().try_for_each(|element| resolve(element, made))?,
        Value::Object(object) => object.values_mut().try_for_each(|value| resolve(value, made))?,
        _ => {}
    }
    Ok(())
}

/// Takes the attributes with a reference to one of these out of a document. What of it is returned, with extensions as they
/// were.
pub(super) fn take_out(data: &mut Map<String, Value>, later: &HashSet<String>) -> Map<String, Value> {
    let mut out = Map::new();
    let names: Vec<String> = data.keys().cloned().collect();
    for name in names {
        let value = &mut data[&name];
        let mut found = Vec::new();
        collect(value, &mut found);
        if !found.iter().any(|id| later.contains(id)) {
            continue;
        }
        match value {
            Value::Object(extension) if name.starts_with("urn:") => {
                let part = take_out(extension, later);
                out.insert(name, Value::Object(part));
            }
            _ => {
                let value = data.shift_remove(&name).unwrap_or_default();
                out.insert(name, value);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn attributes_that_refer_to_what_comes_later_are_taken_out_whole() {
        let body = json!({
            "userName": "a", "groups": [{"value": "bulkId:now"}],
            "members": [{"value": "1"}, {"value": "bulkId:later"}],
            "urn:x:User": {"department": "D", "manager": {"value": "bulkId:later"}},
        });
        let Value::Object(mut body) = body else { unreachable!() };
        let out = take_out(&mut body, &HashSet::from(["later".to_owned()]));
        assert_eq!(
            Value::Object(out),
            json!({"members": [{"value": "1"}, {"value": "bulkId:later"}],
                   "urn:x:User": {"manager": {"value": "bulkId:later"}}})
        );
        let left =
            json!({"userName": "a", "groups": [{"value": "bulkId:now"}], "urn:x:User": {"department": "D"}});
        assert_eq!(Value::Object(body), left);
    }
}
