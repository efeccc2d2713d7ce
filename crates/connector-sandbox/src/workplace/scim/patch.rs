//! PATCH of SCIM 2.0: operations on an object as a client sees it, which is then written whole.

use serde_json::{Map, Value};

use super::super::error::{Refusal, Result};
use super::super::options::Options;
use super::patch_path::Path;

/// The object after the operations of a body. Read-only members are as before, so that nothing can be read into them.
pub(super) fn apply(
    object: Value,
    body: &Map<String, Value>,
    options: &Options,
) -> Result<Map<String, Value>> {
    let Value::Object(mut object) = object else { return Err(Refusal::missing("Resource")) };
    let operations = body.get("Operations").and_then(Value::as_array);
    let operations = operations.ok_or_else(|| Refusal::invalid("Operations is required."))?;
    for operation in operations {
        let name = operation["op"].as_str().unwrap_or_default().to_lowercase();
        let value = operation.get("value").cloned().unwrap_or_default();
        match (name.as_str(), operation["path"].as_str()) {
            ("add" | "replace", Some(path)) => set(&mut object, &Path::parse(path)?, value, name == "add"),
            ("add" | "replace", None) => {
                let Value::Object(members) = value else {
                    return Err(Refusal::invalid(
                        "An operation without a path needs an object as its value.",
                    ));
                };
                for (path, value) in members {
                    // The whole of an extension, or an attribute, or a dotted path.
                    if path.starts_with("urn:") && value.is_object() {
                        merge(&mut object, path, value);
                    } else {
                        set(&mut object, &Path::parse(&path)?, value, name == "add");
                    }
                }
            }
            ("remove", Some(path)) => remove(&mut object, &Path::parse(path)?, options),
            _ => return Err(Refusal::invalid("op must be add, replace or remove, and remove needs a path.")),
        }
    }
    Ok(object)
}

fn merge(object: &mut Map<String, Value>, name: String, value: Value) {
    match (object.get_mut(&name).and_then(Value::as_object_mut), value) {
        (Some(held), Value::Object(members)) => held.extend(members),
        (_, value) => {
            object.insert(name, value);
        }
    }
}

/// Where the attribute of a path is: in the object or in one of its extensions.
fn place<'a>(object: &'a mut Map<String, Value>, path: &Path<'_>) -> Option<&'a mut Map<String, Value>> {
    let Some(urn) = path.extension else { return Some(object) };
    object.entry(urn.to_owned()).or_insert_with(|| Value::Object(Map::new())).as_object_mut()
}

fn matches(item: &Value, filter: &(&str, Value)) -> bool {
    item[filter.0] == filter.1
}

fn set(object: &mut Map<String, Value>, path: &Path<'_>, value: Value, add: bool) {
    let Some(place) = place(object, path) else { return };
    let name = path.attribute.to_owned();
    match (&path.filter, path.part) {
        (None, None) => match (place.get_mut(&name), value) {
            (Some(Value::Array(held)), Value::Array(items)) if add => {
                let fresh: Vec<_> = items.into_iter().filter(|item| !held.contains(item)).collect();
                held.extend(fresh);
            }
            (Some(Value::Object(held)), Value::Object(members)) => held.extend(members),
            (_, value) => {
                place.insert(name, value);
            }
        },
        (None, Some(part)) => {
            let held = place.entry(name).or_insert_with(|| Value::Object(Map::new()));
            if let Some(held) = held.as_object_mut() {
                held.insert(part.to_owned(), value);
            }
        }
        (Some(filter), part) => {
            let held = place.entry(name).or_insert_with(|| Value::Array(Vec::new()));
            let Some(held) = held.as_array_mut() else { return };
            if !held.iter().any(|item| matches(item, filter)) {
                held.push(Value::Object(Map::from_iter([(filter.0.to_owned(), filter.1.clone())])));
            }
            for item in held.iter_mut().filter(|item| matches(item, filter)) {
                match (item.as_object_mut(), part, &value) {
                    (Some(item), Some(part), value) => {
                        item.insert(part.to_owned(), value.clone());
                    }
                    (Some(item), None, Value::Object(members)) => item.extend(members.clone()),
                    _ => {}
                }
            }
        }
    }
}

fn remove(object: &mut Map<String, Value>, path: &Path<'_>, options: &Options) {
    if !options.empty_value_clears {
        return;
    }
    let Some(place) = place(object, path) else { return };
    match (&path.filter, path.part) {
        (None, None) => {
            place.remove(path.attribute);
        }
        (None, Some(part)) => {
            if let Some(held) = place.get_mut(path.attribute).and_then(Value::as_object_mut) {
                held.remove(part);
            }
        }
        (Some(filter), part) => {
            let Some(held) = place.get_mut(path.attribute).and_then(Value::as_array_mut) else { return };
            match part {
                None => held.retain(|item| !matches(item, filter)),
                Some(part) => {
                    for item in held.iter_mut().filter(|item| matches(item, filter)) {
                        if let Some(item) = item.as_object_mut() {
                            item.remove(part);
                        }
                    }
                }
            }
        }
    }
}
