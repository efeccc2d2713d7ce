//! What clients send, brought to canonical form: names in the schema's spelling, values in the schema's types.
//!
//! Harmless deviations of real clients are taken (booleans as text, a manager as plain text or array, `null`, `""` and
//! `[]` for "no value"); everything else that does not fit is an error naming the attribute and the rule.

use serde_json::{Map, Value};

use super::{
    resource::Resource,
    resource_type::{Found, ResourceType},
    same_name,
    schema::{Attribute, Mutability, Type},
    time::parse_instant,
};
use crate::error::{Error, Kind, Result};

/// A document a client sent to create or replace a resource, in canonical form.
///
/// An attribute sent as `null`, `""` or `[]` stands as `Null`: "explicitly empty", which PUT tells from absent. Read-only
/// attributes, and attributes that exist nowhere or that the target lacks, are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The attributes.
    pub resource: Resource,
    /// Names of attributes that were sent and cannot be kept.
    pub dropped: Vec<String>,
}

impl Entry {
    /// Reads `body` as a resource of `rtype`.
    pub fn read(body: Value, rtype: &ResourceType) -> Result<Self> {
        let Value::Object(body) = body else {
            return Err(
                Error::new(Kind::InvalidSyntax, "the body must be a JSON object").on(rtype.name.to_string())
            );
        };
        let mut entry = Self { resource: Resource::default(), dropped: Vec::new() };
        for (key, value) in body {
            entry.take(rtype, None, &key, value).map_err(|error| error.on(rtype.name.to_string()))?;
        }
        Ok(entry)
    }

    fn take(&mut self, rtype: &ResourceType, urn: Option<&str>, key: &str, value: Value) -> Result<()> {
        let (found_urn, rest) = if urn.is_none() { rtype.split_urn(key) } else { (urn, key) };
        let found = rtype.find(found_urn, rest);
        match found {
            Found::Attribute(_, attribute) if attribute.mutability == Mutability::ReadOnly => Ok(()),
            Found::Attribute(urn, attribute) => {
                match coerce(attribute, value, &attribute.name)? {
                    Some(value) => put(&mut self.resource, urn, &attribute.name, whole(value)),
                    None => self.dropped.push(attribute.name.to_string()),
                }
                Ok(())
            }
            Found::Extension(urn) => {
                let urn = urn.to_owned();
                self.extension(rtype, &urn, value)
            }
            Found::Unmapped if rest.is_empty() => {
                let urn = found_urn.unwrap_or(key).to_owned();
                self.extension(rtype, &urn, value)
            }
            Found::Unmapped | Found::Unknown => {
                if !is_empty(&value) {
                    self.dropped.push(match urn {
                        Some(urn) => format!("{urn}:{key}"),
                        None => key.to_owned(),
                    });
                }
                Ok(())
            }
        }
    }

    fn extension(&mut self, rtype: &ResourceType, urn: &str, value: Value) -> Result<()> {
        match value {
            Value::Object(attributes) => {
                attributes.into_iter().try_for_each(|(key, value)| self.take(rtype, Some(urn), &key, value))
            }
            Value::Null => Ok(()),
            _ => Err(Error::new(Kind::InvalidValue, "an extension must be an object").at(urn.to_owned())),
        }
    }
}

/// Sets a value, `Null` included (unlike [`Resource::set_attribute`], where it removes).
fn put(resource: &mut Resource, urn: Option<&str>, name: &str, value: Value) {
    match urn {
        None => resource.set(name, value),
        Some(urn) => match resource.get_mut(urn) {
            Some(Value::Object(extension)) => {
                extension.insert(name.to_owned(), value);
            }
            _ => resource.set(urn, Value::Object(Map::from_iter([(name.to_owned(), value)]))),
        },
    }
}

/// Whether a value says "no value".
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(object) => object.values().all(is_empty),
        _ => false,
    }
}

/// Brings `value` into the type of `attribute`. `Null`, also as a part of an object, stands for "explicitly no value"; `None`
/// for a value that names nothing of what the attribute has, and so says nothing about it. `at` names it in errors.
pub(super) fn coerce(attribute: &Attribute, value: Value, at: &str) -> Result<Option<Value>> {
    if !attribute.multi_valued {
        let value = match value {
            Value::Array(mut elements) if elements.len() == 1 => elements.remove(0),
            Value::Array(elements) if elements.is_empty() => Value::Null,
            Value::Array(_) => {
                return Err(
                    Error::new(Kind::InvalidValue, "has one value, not a list of them").at(at.to_owned())
                );
            }
            single => single,
        };
        return coerce_single(attribute, value, at);
    }
    let elements = match value {
        Value::Array(elements) => elements,
        single => vec![single],
    };
    let (mut kept, mut unknown) = (Vec::with_capacity(elements.len()), false);
    for element in elements {
        let said = !is_empty(&element);
        let element = coerce_single(attribute, element, at)?;
        unknown |= element.is_none();
        match element.map(whole).filter(|element| !element.is_null()) {
            Some(element) if !refers(attribute) || element.get("value").is_some() => kept.push(element),
            // Left out in silence, it would be a member that somebody believes in, or one less than before.
            None if !said || !refers(attribute) => {}
            _ => {
                let rule = "names a resource without its id: each element needs a `value`";
                return Err(Error::new(Kind::InvalidValue, rule).at(at.to_owned()));
            }
        }
    }
    one_primary(&mut kept, 0);
    Ok(match (kept.is_empty(), unknown) {
        (true, true) => None,
        (true, false) => Some(Value::Null),
        (false, _) => Some(Value::Array(kept)),
    })
}

/// Whether the elements of a list are other resources, as members are.
fn refers(attribute: &Attribute) -> bool {
    let named = attribute.name == "members" || attribute.sub("$ref").is_some();
    named && attribute.sub("value").is_some()
}

/// A value without the parts that are explicitly empty.
fn whole(value: Value) -> Value {
    match value {
        Value::Object(mut parts) => {
            parts.retain(|_, part| !part.is_null());
            if parts.is_empty() { Value::Null } else { Value::Object(parts) }
        }
        other => other,
    }
}

/// Keeps the first `primary: true` at or after `from` and switches the others off (RFC 7643 section 2.4).
pub(super) fn one_primary(elements: &mut [Value], from: usize) {
    let is_primary = |element: &Value| element.get("primary") == Some(&Value::Bool(true));
    let order = elements.iter().enumerate().skip(from).chain(elements.iter().enumerate().take(from));
    let Some(kept) = order.filter(|(_, element)| is_primary(element)).map(|(index, _)| index).next() else {
        return;
    };
    for (index, element) in elements.iter_mut().enumerate() {
        if index != kept && is_primary(element) {
            element["primary"] = Value::Bool(false);
        }
    }
}

fn coerce_single(attribute: &Attribute, value: Value, at: &str) -> Result<Option<Value>> {
    match value {
        Value::Object(object) if attribute.kind == Type::Complex => complex(attribute, object, at),
        empty if is_empty(&empty) => Ok(Some(Value::Null)),
        // A plain value stands for the element's `value` (Entra's manager, members as strings).
        simple @ (Value::String(_) | Value::Number(_) | Value::Bool(_))
            if attribute.kind == Type::Complex && attribute.sub("value").is_some() =>
        {
            complex(attribute, Map::from_iter([("value".to_owned(), simple)]), at)
        }
        value => coerce_simple(attribute, value, at).map(Some),
    }
}

fn coerce_simple(attribute: &Attribute, value: Value, at: &str) -> Result<Value> {
    let unfit = |rule: &str| Err(Error::new(Kind::InvalidValue, rule).at(at.to_owned()));
    match (attribute.kind, value) {
        (Type::Complex, _) => unfit("must be an object of sub-attributes"),
        (Type::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(Value::Bool(true)),
        (Type::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(Value::Bool(false)),
        (Type::Boolean, value @ Value::Bool(_)) => Ok(value),
        (Type::Boolean, _) => unfit("must be true or false"),
        (Type::Integer, Value::Number(number)) if number.is_i64() || number.is_u64() => {
            Ok(Value::Number(number))
        }
        (Type::Integer, Value::String(text)) => match text.trim().parse::<i64>() {
            Ok(number) => Ok(number.into()),
            Err(_) => unfit("must be a whole number"),
        },
        (Type::Integer, _) => unfit("must be a whole number"),
        (Type::Decimal, value @ Value::Number(_)) => Ok(value),
        (Type::Decimal, Value::String(text)) => match serde_json::from_str(text.trim()) {
            Ok(value @ Value::Number(_)) => Ok(value),
            _ => unfit("must be a number"),
        },
        (Type::Decimal, _) => unfit("must be a number"),
        (Type::DateTime, Value::String(text)) => match parse_instant(&text) {
            Some(_) => Ok(Value::String(text)),
            None => unfit("must be a date-time such as 2025-03-04T10:00:00Z"),
        },
        (Type::DateTime, _) => unfit("must be a date-time such as 2025-03-04T10:00:00Z"),
        (Type::String | Type::Reference | Type::Binary, value @ Value::String(_)) => Ok(value),
        // Some clients send employee numbers and the like as JSON numbers.
        (Type::String, Value::Number(number)) => Ok(Value::String(number.to_string())),
        (Type::String | Type::Reference | Type::Binary, _) => unfit("must be text"),
    }
}

/// The parts the attribute has; one that is explicitly empty as `Null`.
fn complex(attribute: &Attribute, object: Map<String, Value>, at: &str) -> Result<Option<Value>> {
    let object = unpacked(object);
    let mut kept = Map::with_capacity(object.len());
    for (key, value) in object {
        // Older clients write `manager.managerId`, the name of SCIM 1.1.
        let name =
            if same_name(&key, "managerId") && attribute.sub("value").is_some() { "value" } else { &key };
        let Some(sub) = attribute.sub(name) else { continue };
        if sub.mutability == Mutability::ReadOnly {
            continue;
        }
        let Some(value) = coerce(sub, value, &format!("{at}.{}", sub.name))? else { continue };
        if value.is_null() && sub.name == "value" {
            // `{"value": "", "type": "work"}` is how clients write "no value".
            return Ok(Some(Value::Null));
        }
        kept.insert(sub.name.to_string(), value);
    }
    Ok((!kept.is_empty()).then_some(Value::Object(kept)))
}

/// Entra sends a role whose `value` is itself a JSON object in text; its members are the element's.
fn unpacked(object: Map<String, Value>) -> Map<String, Value> {
    if let Some(Value::String(text)) = object.get("value")
        && text.starts_with('{')
        && let Ok(Value::Object(inner)) = serde_json::from_str::<Value>(text)
        && inner.contains_key("value")
    {
        let mut merged = object.clone();
        merged.extend(inner.into_iter().map(|(key, value)| match key.as_str() {
            "displayName" => ("display".to_owned(), value),
            _ => (key, value),
        }));
        return merged;
    }
    object
}
