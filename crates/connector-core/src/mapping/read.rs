//! From the vendor's JSON to a SCIM resource, in one pass over the bytes.
//!
//! The rows are compiled to a tree of member names; what no row wants is skipped without being stored. Reading is
//! lenient: `null`, `""`, an empty array, a wrong type or an element without a value read as "no value".

use std::{cmp::Ordering, fmt};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{
    plan::{ElementPlan, Plan, Unit},
    table::Direction,
    transform::{Reading, Transform},
};
use crate::{
    error::{Error, Kind, Result},
    scim::{Resource, Type, same_name},
};

/// A member of the vendor's JSON that some row wants, or leads to one.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// Values this member feeds.
    pub leaves: Vec<usize>,
    /// Arrays this member feeds.
    pub lists: Vec<usize>,
    /// Members below it, sorted by length and then by name: most comparisons are of lengths alone.
    pub members: Vec<(Box<str>, Node)>,
}

impl Node {
    /// The node at a path, made if it is not there.
    pub(super) fn at(&mut self, members: &[String]) -> &mut Self {
        let Some((first, rest)) = members.split_first() else { return self };
        let index = match self.members.binary_search_by(|(name, _)| shorter(name, first)) {
            Ok(index) => index,
            Err(index) => {
                self.members.insert(index, (first.as_str().into(), Self::default()));
                index
            }
        };
        self.members[index].1.at(rest)
    }

    fn member(&self, name: &str) -> Option<&Self> {
        self.members
            .binary_search_by(|(member, _)| shorter(member, name))
            .ok()
            .map(|index| &self.members[index].1)
    }
}

fn shorter(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// How a value is converted when it is met.
#[derive(Clone, Copy)]
enum Leaf {
    Row(Type, Transform),
    /// A mark of a slot: compared as it is.
    Raw,
}

/// What the walk needs at each level: how to convert a leaf, and which array plan a list feeds.
#[derive(Clone, Copy)]
struct Walk<'p> {
    plan: &'p Plan,
    /// The array whose element is being read; `None` at the top.
    element: Option<&'p ElementPlan>,
}

impl<'p> Walk<'p> {
    fn leaf(self, index: usize) -> Leaf {
        match self.element {
            None => Leaf::Row(self.plan.units[index].kind, self.plan.units[index].via),
            Some(element) => element.rows.get(index).map_or(Leaf::Raw, |row| Leaf::Row(row.kind, row.via)),
        }
    }

    fn reading(self) -> Reading<'p> {
        Reading { offset: self.plan.offset, base: &self.plan.base }
    }

    fn store(self, node: &Node, values: &mut [Value], raw: Value) {
        let Some((&last, others)) = node.leaves.split_last() else { return };
        for &index in others {
            values[index] = self.convert(index, raw.clone());
        }
        values[last] = self.convert(last, raw);
    }

    /// Whether a value is the first one of a plain list.
    fn is_first(self, index: usize) -> bool {
        matches!(self.leaf(index), Leaf::Row(_, Transform::First))
    }

    /// The values of the rows that want the first one of a plain list.
    fn store_first(self, node: &Node, values: &mut [Value], first: &Value) {
        for &index in node.leaves.iter().filter(|&&index| self.is_first(index)) {
            values[index] = self.convert(index, first.clone());
        }
    }

    fn convert(self, index: usize, raw: Value) -> Value {
        match self.leaf(index) {
            Leaf::Row(kind, via) => via.read(kind, raw, self.reading()),
            Leaf::Raw => raw,
        }
    }
}

struct NodeSeed<'p, 'v> {
    walk: Walk<'p>,
    node: &'p Node,
    values: &'v mut [Value],
}

impl<'de> DeserializeSeed<'de> for NodeSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NodeSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.walk.store(self.node, self.values, Value::Bool(value));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.walk.store(self.node, self.values, value.into());
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.walk.store(self.node, self.values, value.into());
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.walk.store(self.node, self.values, value.into());
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        if !value.is_empty() && !self.node.leaves.is_empty() {
            self.walk.store(self.node, self.values, Value::String(value.to_owned()));
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(found) = map.next_key_seed(KeySeed(self.node))? {
            match found {
                Some(node) => map.next_value_seed(NodeSeed { walk: self.walk, node, values: self.values })?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let list = match (self.walk.element, self.node.lists.first()) {
            (None, Some(&index)) => self.walk.plan.units[index].elements.as_ref().map(|plan| (index, plan)),
            _ => None,
        };
        let Some((index, plan)) = list else {
            if self.node.leaves.iter().any(|&index| self.walk.is_first(index))
                && let Some(first) = seq.next_element()?
            {
                self.walk.store_first(self.node, self.values, &first);
            }
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        let walk = Walk { plan: self.walk.plan, element: Some(plan) };
        let mut elements = Vec::new();
        loop {
            let mut values = vec![Value::Null; plan.width];
            if seq.next_element_seed(NodeSeed { walk, node: &plan.reader, values: &mut values })?.is_none() {
                break;
            }
            elements.push(values);
        }
        if let (Some(first), Some(value)) = (elements.first(), plan.value_row) {
            self.walk.store_first(self.node, self.values, &first[value]);
        }
        self.values[index] = assembled(plan, elements);
        Ok(())
    }
}

struct KeySeed<'p>(&'p Node);

impl<'de, 'p> DeserializeSeed<'de> for KeySeed<'p> {
    type Value = Option<&'p Node>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'p> Visitor<'_> for KeySeed<'p> {
    type Value = Option<&'p Node>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.member(name))
    }
}

/// The elements of an array as SCIM has them: those without a value dropped, slot marks added, the sub-attribute that
/// says which is primary once at most.
fn assembled(plan: &ElementPlan, elements: Vec<Vec<Value>>) -> Value {
    let has_value = |values: &[Value]| match plan.value_row {
        Some(row) => !values[row].is_null(),
        None => values[..plan.rows.len()].iter().any(|value| !value.is_null()),
    };
    let mut elements: Vec<Vec<Value>> = elements.into_iter().filter(|values| has_value(values)).collect();
    if plan.simple {
        let values: Vec<Value> = elements.into_iter().map(|mut values| values.swap_remove(0)).collect();
        return if values.is_empty() { Value::Null } else { Value::Array(values) };
    }
    let slots = slots_of(plan, &elements);
    let objects: Vec<Value> = elements
        .drain(..)
        .zip(slots)
        .map(|(values, slot)| {
            let mut object = Map::with_capacity(plan.rows.len());
            for (row, value) in plan.rows.iter().zip(values) {
                let value = match slot.and_then(|slot| mark(&plan.slots[slot].scim, &row.sub)) {
                    Some(marked) if row.via == Transform::BySlot => marked.clone(),
                    _ => value,
                };
                if !value.is_null() {
                    object.insert(row.sub.clone(), value);
                }
            }
            Value::Object(object)
        })
        .collect();
    if objects.is_empty() { Value::Null } else { Value::Array(objects) }
}

fn mark<'a>(marks: &'a [(String, Value)], sub: &str) -> Option<&'a Value> {
    marks.iter().find(|(name, _)| name == sub).map(|(_, value)| value)
}

/// Which slot each element is in: the one whose marks it bears, else a free one; `None` when all are taken.
fn slots_of(plan: &ElementPlan, elements: &[Vec<Value>]) -> Vec<Option<usize>> {
    let mut taken = vec![false; plan.slots.len()];
    let mut slots = vec![None; elements.len()];
    for (values, slot) in elements.iter().zip(&mut slots) {
        let bears = |marks: &[(usize, Value)]| {
            !marks.is_empty() && marks.iter().all(|(index, wanted)| &values[*index] == wanted)
        };
        *slot = plan.slots.iter().position(|slot| bears(&slot.read)).filter(|&index| !taken[index]);
        if let Some(index) = *slot {
            taken[index] = true;
        }
    }
    for slot in &mut slots {
        if slot.is_none() {
            *slot = taken.iter().position(|taken| !taken);
            if let Some(index) = *slot {
                taken[index] = true;
            }
        }
    }
    slots
}

impl Plan {
    /// Reads one object from JSON text.
    pub(super) fn read_json(&self, json: &[u8]) -> Result<Resource> {
        let odd = |rule: &str| Error::new(Kind::OddAnswer, rule).on(self.rtype.name.to_string());
        let mut values = vec![Value::Null; self.units.len()];
        let walk = Walk { plan: self, element: None };
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        NodeSeed { walk, node: &self.reader, values: &mut values }
            .deserialize(&mut deserializer)
            .and_then(|()| deserializer.end())
            .map_err(|error| odd("the target's answer is not the JSON of an object").source(error))?;
        self.document(values)
    }

    /// Puts the values read into a resource, in table order, with `schemas` and `meta`.
    fn document(&self, values: Vec<Value>) -> Result<Resource> {
        let mut document = Map::with_capacity(self.units.len() + 2);
        document.insert("schemas".to_owned(), Value::Array(vec![Value::from(&*self.rtype.schema.id)]));
        let mut meta = Map::with_capacity(4);
        meta.insert("resourceType".to_owned(), Value::from(&*self.rtype.name));
        for (unit, value) in self.units.iter().zip(values) {
            if value.is_null() || unit.direction == Direction::Write {
                continue;
            }
            if unit.place.urn.is_none() && unit.place.name == "meta" {
                meta.insert(unit.place.sub.clone().unwrap_or_default(), value);
            } else {
                insert(&mut document, unit, value);
            }
        }
        let Some(id) = document.get("id").and_then(Value::as_str) else {
            return Err(
                Error::new(Kind::OddAnswer, "the target's object has no id").on(self.rtype.name.to_string())
            );
        };
        meta.insert("location".to_owned(), Value::String(self.location(id)));
        document.insert("meta".to_owned(), Value::Object(meta));
        let used = self.rtype.extensions.iter().filter(|schema| document.contains_key(&*schema.id));
        let used: Vec<Value> = used.map(|schema| Value::from(&*schema.id)).collect();
        if let Some(Value::Array(schemas)) = document.get_mut("schemas") {
            schemas.extend(used);
        }
        Ok(Resource::new(document))
    }
}

fn insert(document: &mut Map<String, Value>, unit: &Unit, value: Value) {
    let place = &unit.place;
    let object = match &place.urn {
        None => document,
        Some(urn) => object_at(document, urn),
    };
    match (&unit.selector, &place.sub) {
        (None, None) => {
            object.insert(place.name.clone(), value);
        }
        (None, Some(sub)) => {
            object_at(object, &place.name).insert(sub.clone(), value);
        }
        (Some((by, marked)), sub) => {
            let elements = object.entry(place.name.as_str()).or_insert_with(|| Value::Array(Vec::new()));
            let Value::Array(elements) = elements else { return };
            let sub = sub.as_deref().unwrap_or("value");
            match elements.iter_mut().find(|element| element.get(by) == Some(marked)) {
                Some(Value::Object(element)) => {
                    element.insert(sub.to_owned(), value);
                }
                _ => elements.push(Value::Object(Map::from_iter([
                    (sub.to_owned(), value),
                    (by.clone(), marked.clone()),
                ]))),
            }
        }
    }
}

fn object_at<'a>(object: &'a mut Map<String, Value>, name: &str) -> &'a mut Map<String, Value> {
    debug_assert!(!object.keys().any(|key| key != name && same_name(key, name)), "names are canonical");
    let slot = object.entry(name).or_insert_with(|| Value::Object(Map::new()));
    if !slot.is_object() {
        *slot = Value::Object(Map::new());
    }
    slot.as_object_mut().expect("just made an object")
}
