//! Attributes that are read only on request, and membership that a client may name on the member's side.

use serde_json::Value;

use super::{Plan, scim_path::ScimPath, table::Row};
use crate::{
    error::{Error, Kind, Result},
    scim::{Filter, Mutability, Place, Resource, same_name},
};

/// Rows of a table that stand beside the usual way of reading and writing.
#[derive(Debug, Default)]
pub(super) struct Asides {
    /// Core attributes that a plain read leaves out.
    on_request: Vec<String>,
    /// Core attributes that take calls of their own.
    read_apart: Vec<String>,
    /// URN and name of an attribute, and the read-only list whose single `value` is taken for it.
    also_from: Vec<(Option<String>, String, &'static str)>,
}

impl Asides {
    pub(super) fn of(rows: &[Row<'_>]) -> Self {
        let also = |row: &Row<'_>| {
            let path = ScimPath::parse(row.scim).ok()?;
            Some((path.urn.map(str::to_owned), path.name.to_owned(), row.also_from?))
        };
        let named = |marked: fn(&Row<'_>) -> bool| {
            rows.iter().filter(|row| marked(row)).map(|row| row.scim.to_owned()).collect()
        };
        Self {
            on_request: named(|row| row.on_request),
            read_apart: named(|row| row.read_apart),
            also_from: rows.iter().filter_map(also).collect(),
        }
    }
}

/// The values a body names in read-only lists for other attributes.
#[derive(Debug)]
pub struct Named(Vec<Vec<String>>);

impl Plan {
    /// The attributes that a plain read leaves out.
    pub fn on_request(&self) -> impl Iterator<Item = &str> {
        let mapped = |name: &&String| self.rtype.attribute(None, name).is_some();
        self.asides.on_request.iter().filter(mapped).map(String::as_str)
    }

    /// The attributes that take calls of their own, those that a filter is about left aside.
    pub fn read_apart<'p>(&'p self, filter: Option<&'p Filter>) -> impl Iterator<Item = &'p str> {
        let free = move |name: &&String| filter.is_none_or(|filter| !mentions(filter, name));
        self.asides.read_apart.iter().filter(free).map(String::as_str)
    }

    /// Whether a filter is about single core attributes alone: an object that was read without what takes calls of its own
    /// shows these.
    pub fn is_told_by_bare_objects(&self, filter: &Filter) -> bool {
        let is_single = |place: &Place| {
            let apart = self.asides.read_apart.iter().any(|name| same_name(name, &place.name));
            let listed = self.rtype.attribute(None, &place.name).is_some_and(|known| known.multi_valued);
            place.urn.is_none() && !apart && !listed
        };
        match filter {
            Filter::And(parts) | Filter::Or(parts) => {
                parts.iter().all(|part| self.is_told_by_bare_objects(part))
            }
            Filter::Not(inner) => self.is_told_by_bare_objects(inner),
            Filter::Compare(place, ..) | Filter::Present(place) => is_single(place),
            Filter::Element(..) => false,
        }
    }

    /// Refuses a filter over what a plain read leaves out: it would match nothing.
    pub fn require_read(&self, filter: &Filter) -> Result<()> {
        match self.on_request().find(|name| mentions(filter, name)) {
            Some(name) => {
                let rule = "is read only when it is asked for by name in a read of one object, so no filter finds it";
                Err(Error::new(Kind::InvalidFilter, rule).at(name))
            }
            None => Ok(()),
        }
    }

    /// What a body names in read-only lists for other attributes: see [`Row::also_from`].
    pub fn named_elsewhere(&self, body: &Value) -> Named {
        let lists = self.asides.also_from.iter().map(|(.., list)| values(body, list).unwrap_or_default());
        Named(lists.collect())
    }

    /// Gives the attributes that have no value of their own what was named for them.
    pub fn take_named(&self, named: &Named, entry: &mut Resource) -> Result<()> {
        for ((urn, name, list), values) in self.asides.also_from.iter().zip(&named.0) {
            let urn = urn.as_deref();
            if entry.attribute(urn, name).is_some() || self.rtype.attribute(urn, name).is_none() {
                continue;
            }
            match &values[..] {
                [] => {}
                [only] => entry.set_attribute(urn, name, Value::from(only.as_str())),
                _ => {
                    let rule =
                        format!("has several values, and the target takes one: send that, or `{name}`");
                    return Err(Error::new(Kind::InvalidValue, rule).at(*list));
                }
            }
        }
        Ok(())
    }

    /// The members a body names for a type whose members cannot be written; `None` where it names none or they can.
    pub fn unwritable_members(&self, body: &Value) -> Option<Vec<String>> {
        if self.has_read_only_members() { values(body, "members") } else { None }
    }

    /// Whether it has members that no client can change.
    pub fn has_read_only_members(&self) -> bool {
        let members = self.rtype.attribute(None, "members");
        members.is_some_and(|members| members.mutability == Mutability::ReadOnly)
    }
}

/// The different values of a list in a body, sorted; `None` when it is not there.
fn values(body: &Value, list: &str) -> Option<Vec<String>> {
    let (_, held) = body.as_object()?.iter().find(|(name, _)| same_name(name, list))?;
    let one = |element: &Value| match element.get("value").unwrap_or(element) {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let mut values: Vec<String> = match held {
        Value::Array(elements) => elements.iter().filter_map(one).collect(),
        single => one(single).into_iter().collect(),
    };
    values.sort_unstable();
    values.dedup();
    Some(values)
}

fn mentions(filter: &Filter, attribute: &str) -> bool {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().any(|part| mentions(part, attribute)),
        Filter::Not(inner) => mentions(inner, attribute),
        Filter::Compare(place, ..) | Filter::Present(place) | Filter::Element(place, _) => {
            place.urn.is_none() && same_name(&place.name, attribute)
        }
    }
}
