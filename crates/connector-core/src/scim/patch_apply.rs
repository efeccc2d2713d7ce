//! PATCH requests (RFC 7644 section 3.5.2): applying them to a resource in SCIM space.
//!
//! Applied once here for every target: operations work in order on a copy, so a request takes effect whole or not at
//! all; completion then finds what changed.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use serde_json::{Map, Value};

use super::{
    filter::{Comparison, Filter, Literal},
    patch::{Op, PatchRequest},
    path::Path,
    resource::Resource,
    resource_type::ResourceType,
    same_name,
    schema::{Attribute, Mutability, Type},
    value::{coerce, is_empty, one_primary},
};
use crate::error::{Error, Kind, Result};

/// How strictly a PATCH is read.
#[derive(Debug, Clone, Copy, Default)]
pub struct PatchRules {
    /// Replacing on a value filter that matches nothing is `noTarget`, as the RFC has it, instead of creating the element.
    pub strict: bool,
    /// A bare `remove` of `members` is refused.
    pub refuse_remove_all_members: bool,
}

impl PatchRequest {
    /// Applies all operations to a copy of `resource` and returns it, with the paths that were dropped because the target
    /// lacks the attribute or makes it by itself.
    pub fn apply(
        &self,
        resource: &Resource,
        rtype: &ResourceType,
        rules: PatchRules,
    ) -> Result<(Resource, Vec<String>)> {
        let mut work = Work { resource: resource.clone(), rtype, rules, dropped: Vec::new() };
        for operation in &self.operations {
            let object = || format!("{} {}", rtype.name, resource.id().unwrap_or_default());
            let value = operation.value.clone().unwrap_or(Value::Null);
            match &operation.path {
                None => work.pathless(operation.op, value),
                Some(path) => work.at_path(operation.op, path, value),
            }
            .map_err(|error| error.on(object().trim_end().to_owned()))?;
        }
        if let Some(gone) = gone(resource, &work.resource, rtype) {
            let error = at_error(Kind::Mutability, &gone, "is required and cannot be removed");
            return Err(error.on(format!("{} {}", rtype.name, resource.id().unwrap_or_default())));
        }
        Ok((work.resource, work.dropped))
    }
}

/// The first required attribute, or part of one with a single value, that was there and is not any more.
fn gone(before: &Resource, after: &Resource, rtype: &ResourceType) -> Option<String> {
    let has = |resource: &Resource, name: &str, sub: Option<&str>| {
        let value = resource.get(name);
        let value = match sub {
            Some(sub) => value.and_then(|value| value.get(sub)),
            None => value,
        };
        value.is_some_and(|value| !is_empty(value))
    };
    let lost = |name: &str, sub: Option<&str>| has(before, name, sub) && !has(after, name, sub);
    for attribute in &rtype.schema.attributes {
        let name = &*attribute.name;
        let mut required = attribute.sub_attributes.iter().filter(|sub| sub.required);
        if !attribute.multi_valued
            && let Some(sub) = required.find(|sub| lost(name, Some(&sub.name)))
        {
            return Some(format!("{name}.{}", sub.name));
        }
        if attribute.required && lost(name, None) {
            return Some(name.to_owned());
        }
    }
    None
}

struct Work<'a> {
    resource: Resource,
    rtype: &'a ResourceType,
    rules: PatchRules,
    dropped: Vec<String>,
}

fn at_error(kind: Kind, at: &str, rule: &str) -> Error {
    Error::new(kind, rule).at(at.to_owned())
}

impl Work<'_> {
    /// Each key of the value is a path of its own: nested objects, dotted names and URN keys alike.
    fn pathless(&mut self, op: Op, value: Value) -> Result<()> {
        let Value::Object(attributes) = value else { return Ok(()) };
        for (key, value) in attributes {
            if same_name(&key, "id") {
                if value.as_str() != self.resource.id() {
                    return Err(at_error(
                        Kind::Mutability,
                        "id",
                        "cannot be changed, and this is another object's",
                    ));
                }
                continue;
            }
            let (urn, rest) = self.rtype.split_urn(&key);
            if let (Some(urn), true, Value::Object(members)) = (urn, rest.is_empty(), &value) {
                let urn = urn.to_owned();
                for (name, value) in members.clone() {
                    self.lenient(op, &format!("{urn}:{name}"), value)?;
                }
                continue;
            }
            self.lenient(op, &key, value)?;
        }
        Ok(())
    }

    /// A key of a path-less value: unknown and read-only attributes are ignored, as in a PUT.
    fn lenient(&mut self, op: Op, key: &str, value: Value) -> Result<()> {
        match Path::parse_in_patch(key, self.rtype) {
            Ok(Some(path)) => {
                let definition = self.rtype.definition(&path);
                if definition.is_none_or(|attribute| attribute.mutability != Mutability::ReadOnly) {
                    self.apply(op, &path, value)?;
                }
            }
            Ok(None) => self.dropped.push(key.to_owned()),
            Err(error) if key.contains('[') => return Err(error),
            Err(_) => self.dropped.push(key.to_owned()),
        }
        Ok(())
    }

    fn at_path(&mut self, op: Op, text: &str, value: Value) -> Result<()> {
        if self.rtype.split_urn(text.trim()) == (Some(&*self.rtype.schema.id), "") {
            // The base schema as a whole is the resource itself.
            return match (op, value) {
                (Op::Remove, _) => {
                    Err(at_error(Kind::NoTarget, text, "a resource cannot be removed by PATCH"))
                }
                (op, value @ Value::Object(_)) => self.pathless(op, value),
                _ => Err(at_error(Kind::InvalidValue, text, "must be an object of attributes")),
            };
        }
        let read_only = || Err(at_error(Kind::Mutability, text, "is read-only"));
        let path = match Path::parse_in_patch(text, self.rtype) {
            Ok(Some(path)) => path,
            // A membership that is asked for and left out in silence is a right that somebody lacks.
            _ if self.rtype.is_read_only_by_rfc(text) => return read_only(),
            Ok(None) => {
                self.dropped.push(text.to_owned());
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        match self.rtype.definition(&path) {
            Some(attribute) if attribute.mutability == Mutability::ReadOnly && attribute.computed => {
                self.dropped.push(text.to_owned());
                Ok(())
            }
            Some(attribute) if attribute.mutability == Mutability::ReadOnly => read_only(),
            _ => self.apply(op, &path, value),
        }
    }

    fn apply(&mut self, op: Op, path: &Path, value: Value) -> Result<()> {
        if path.name.is_empty() {
            let urn = path.urn.clone().unwrap_or_default();
            match (op, value) {
                (Op::Remove, _) => {
                    self.resource.remove(&urn);
                }
                (op, Value::Object(members)) => {
                    for (name, value) in members {
                        self.lenient(op, &format!("{urn}:{name}"), value)?;
                    }
                }
                _ => return Err(at_error(Kind::InvalidValue, &urn, "an extension must be an object")),
            }
            return Ok(());
        }
        let rtype = self.rtype;
        let Some(attribute) = rtype.attribute(path.urn(), &path.name) else {
            return Err(at_error(Kind::InvalidPath, &path.to_string(), "no attribute has this name"));
        };
        // Taken, not copied: a thousand operations on a large group must not copy it a thousand times. What is left of an
        // operation that fails is dropped.
        let held = match path.urn() {
            None => self.resource.get_mut(&path.name).map(Value::take),
            urn => self.resource.attribute(urn, &path.name).cloned(),
        };
        let held = held.unwrap_or(Value::Null);
        let next = if attribute.multi_valued {
            self.multi_valued(op, path, attribute, held, value)?
        } else {
            single(op, path, attribute, held, value)?
        };
        self.resource.set_attribute(path.urn(), &path.name, next);
        Ok(())
    }

    fn multi_valued(
        &self,
        op: Op,
        path: &Path,
        attribute: &Attribute,
        held: Value,
        value: Value,
    ) -> Result<Value> {
        let mut elements = match held {
            Value::Array(elements) => elements,
            _ => Vec::new(),
        };
        if elements.len() > 1 && path.filter.as_ref().is_some_and(Filter::is_vacuous) {
            let rule = "the target lacks what would tell these elements apart";
            return Err(at_error(Kind::NoTarget, &path.to_string(), rule));
        }
        if let (false, Some(filter)) = (self.rules.strict, &path.filter) {
            mark_as_work(&mut elements, filter);
        }
        let mut touched = elements.len();
        match (op, &path.filter, &path.sub) {
            (Op::Remove, None, None) if value.is_null() => {
                if self.rules.refuse_remove_all_members && path.is_core("members") {
                    return Err(at_error(
                        Kind::InvalidValue,
                        "members",
                        "removing all members at once is switched off for this instance; name those to remove",
                    ));
                }
                elements.clear();
            }
            // A value lists what to remove; one that names nothing (`[]`) removes nothing.
            (Op::Remove, None, None) => {
                if let Some(Value::Array(listed)) = coerce(attribute, value, &path.to_string())? {
                    let listed: HashSet<Identity<'_>> = listed.iter().map(Identity::of).collect();
                    elements.retain(|element| !listed.contains(&Identity::of(element)));
                }
            }
            (Op::Remove, filter, sub) => {
                let hit =
                    |element: &Value| filter.as_ref().is_none_or(|filter| filter.matches_element(element));
                match sub {
                    Some(sub) if sub != "value" => {
                        for element in elements.iter_mut().filter(|element| hit(element)) {
                            merge(element, Value::Object(Map::from_iter([(sub.clone(), Value::Null)])));
                        }
                    }
                    // An element without its value is none.
                    _ => elements.retain(|element| !hit(element)),
                }
            }
            (Op::Add, None, None) => {
                if let Some(Value::Array(added)) = coerce(attribute, value, &path.to_string())? {
                    touched = add(&mut elements, added).unwrap_or(touched);
                }
            }
            (Op::Replace, None, None) => {
                touched = 0;
                elements = match coerce(attribute, value, &path.to_string())? {
                    Some(Value::Array(elements)) => elements,
                    Some(_) => Vec::new(),
                    None => elements,
                };
            }
            (Op::Add | Op::Replace, filter, sub) => {
                touched = self.at_elements(
                    op,
                    path,
                    attribute,
                    &mut elements,
                    filter.as_ref(),
                    sub.as_deref(),
                    value,
                )?;
            }
        }
        // Whole elements are never empty here; parts of them may have been all there was.
        if path.filter.is_some() || path.sub.is_some() {
            elements.retain(|element| !is_empty(element));
        }
        if attribute.sub("primary").is_some() {
            let last = elements.len().saturating_sub(1);
            one_primary(&mut elements, touched.min(last));
        }
        Ok(if elements.is_empty() { Value::Null } else { Value::Array(elements) })
    }

    /// Add or replace on the elements a filter picks (or all of them). Returns the index of the first one touched.
    #[expect(clippy::too_many_arguments, reason = "the parts of one path, already taken apart by the caller")]
    fn at_elements(
        &self,
        op: Op,
        path: &Path,
        attribute: &Attribute,
        elements: &mut Vec<Value>,
        filter: Option<&Filter>,
        sub: Option<&str>,
        value: Value,
    ) -> Result<usize> {
        let text = path.to_string();
        let change = match sub.and_then(|sub| attribute.sub(sub)) {
            Some(sub) => coerce(sub, value, &text)?
                .map(|value| Value::Object(Map::from_iter([(sub.name.to_string(), value)]))),
            None => {
                let mut one = attribute.clone();
                one.multi_valued = false;
                coerce(&one, value, &text)?
            }
        };
        let Some(change) = change else { return Ok(elements.len()) };
        let hit = |element: &Value| filter.is_none_or(|filter| filter.matches_element(element));
        if self.rules.strict && op == Op::Replace && filter.is_some() && !elements.iter().any(hit) {
            return Err(at_error(Kind::NoTarget, &text, "no element matches"));
        }
        let emptied = match sub {
            None => op == Op::Replace && change.is_null(),
            Some(sub) => sub == "value" && is_empty(&change),
        };
        if emptied {
            // An element without its value is none.
            elements.retain(|element| !hit(element));
            return Ok(0);
        }
        let literals = filter.map(literals).unwrap_or_default();
        let mut first = None;
        for (index, element) in elements.iter_mut().enumerate() {
            if !hit(element) {
                continue;
            }
            first.get_or_insert(index);
            if sub.is_none() && op == Op::Replace {
                *element = Value::Object(literals.clone());
            }
            merge(element, change.clone());
        }
        if let Some(first) = first {
            return Ok(first);
        }
        let mut element = Value::Object(literals);
        let nothing = is_empty(&change);
        merge(&mut element, change);
        if !nothing {
            if !hit(&element) {
                let rule = "no element matches, and one with this value would not either";
                return Err(at_error(Kind::NoTarget, &text, rule));
            }
            elements.push(element);
        }
        Ok(elements.len().saturating_sub(1))
    }
}

/// A single element without a type counts as the work one, and becomes it where a client asks for that one: it would stay
/// beside a second one otherwise, which the client means to be the first.
fn mark_as_work(elements: &mut [Value], filter: &Filter) {
    let asked = literals(filter);
    let work = asked.len() == 1
        && asked.get("type").and_then(Value::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("work"));
    if let ([Value::Object(only)], true) = (elements, work) {
        only.entry("type").or_insert_with(|| "work".into());
    }
}

/// What tells the elements of an array apart: their `value`, else all of them.
#[derive(PartialEq, Eq, Hash)]
enum Identity<'v> {
    Text(&'v str),
    Json(String),
}

impl<'v> Identity<'v> {
    fn of(element: &'v Value) -> Self {
        match element.get("value").unwrap_or(element) {
            Value::String(text) => Self::Text(text),
            other => Self::Json(other.to_string()),
        }
    }
}

/// Adds elements; one that is there already, or was named before, is merged. Linear in both lists. Returns where the one is
/// that is added as primary.
fn add(elements: &mut Vec<Value>, added: Vec<Value>) -> Option<usize> {
    let mut unique: Vec<Value> = Vec::with_capacity(added.len());
    let mut named = HashMap::with_capacity(added.len());
    for element in added {
        match named.entry(element.get("value").unwrap_or(&element).to_string()) {
            Entry::Occupied(first) => merge(&mut unique[*first.get()], element),
            Entry::Vacant(first) => {
                first.insert(unique.len());
                unique.push(element);
            }
        }
    }
    let mut places = vec![None; unique.len()];
    let wanted: HashMap<Identity<'_>, usize> =
        unique.iter().enumerate().map(|(number, element)| (Identity::of(element), number)).collect();
    for (place, held) in elements.iter().enumerate().rev() {
        if let Some(number) = wanted.get(&Identity::of(held)) {
            places[*number] = Some(place);
        }
    }
    let mut primary = None;
    for (element, place) in unique.into_iter().zip(places) {
        let place = place.unwrap_or(elements.len());
        if element.get("primary") == Some(&Value::Bool(true)) {
            primary.get_or_insert(place);
        }
        match elements.get_mut(place) {
            Some(held) => merge(held, element),
            None => elements.push(element),
        }
    }
    primary
}

fn single(op: Op, path: &Path, attribute: &Attribute, held: Value, value: Value) -> Result<Value> {
    let text = path.to_string();
    let Some(sub) = path.sub.as_deref().and_then(|sub| attribute.sub(sub)) else {
        if op == Op::Remove {
            return Ok(Value::Null);
        }
        let value = match coerce(attribute, value, &text)? {
            None => return Ok(held),
            Some(value) if attribute.kind != Type::Complex || value.is_null() => return Ok(value),
            Some(value) => value,
        };
        // A complex value sets the sub-attributes it names and leaves the others (RFC 7644 sections 3.5.2.1 and .3).
        let mut merged = if held.is_object() { held } else { Value::Object(Map::new()) };
        merge(&mut merged, value);
        return Ok(if is_empty(&merged) { Value::Null } else { merged });
    };
    let mut held = if held.is_object() { held } else { Value::Object(Map::new()) };
    let value = if op == Op::Remove { Some(Value::Null) } else { coerce(sub, value, &text)? };
    merge(&mut held, Value::Object(value.into_iter().map(|value| (sub.name.to_string(), value)).collect()));
    Ok(if is_empty(&held) { Value::Null } else { held })
}

/// Sets the members of `patch` in `target`; a `Null` removes.
fn merge(target: &mut Value, patch: Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (name, value) in patch {
                if value.is_null() {
                    target.shift_remove(&name);
                } else {
                    target.insert(name, value);
                }
            }
        }
        (_, Value::Null) => {}
        (target, patch) => *target = patch,
    }
}

/// What a new element must hold to fulfil the filter: its `eq` comparisons.
fn literals(filter: &Filter) -> Map<String, Value> {
    filter
        .conjuncts()
        .iter()
        .filter_map(|part| match part {
            Filter::Compare(place, Comparison::Eq, literal) => {
                let value = match literal {
                    Literal::Text { value, .. } => Value::String(value.clone()),
                    Literal::Boolean(value) => Value::Bool(*value),
                    Literal::Number(number) => serde_json::Number::from_f64(*number)?.into(),
                    Literal::Instant(_, text) => Value::String(text.clone()),
                    Literal::Null => return None,
                };
                Some((place.name.clone(), value))
            }
            _ => None,
        })
        .collect()
}
