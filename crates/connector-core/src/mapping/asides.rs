//! Attributes that are read only on request, and membership that a client may name on the member's side.

use std::borrow::Cow;

use serde_json::Value;

use super::{Plan, scim_path::ScimPath, table::Row};
use crate::{
    error::{Error, Kind, Result},
    scim::{
        Filter, Mutability, Op, Operation, PatchRequest, Place, Projection, Resource, core_members, identity,
        same_name,
    },
};

/// Rows of a table that stand beside the usual way of reading and writing.
#[derive(Debug, Default)]
pub(super) struct Asides {
    /// Core attributes that a plain read leaves out.
    on_request: Vec<String>,
    /// What takes calls of its own: URN and name of the attribute, and both as the table has them.
    read_apart: Vec<(Option<String>, String, String)>,
    /// URN and name of an attribute, and the read-only list whose single `value` is taken for it.
    also_from: Vec<(Option<String>, String, &'static str)>,
}

impl Asides {
    pub(super) fn of(rows: &[Row<'_>]) -> Self {
        let also = |row: &Row<'_>| {
            let path = ScimPath::parse(row.scim).ok()?;
            Some((path.urn.map(str::to_owned), path.name.to_owned(), row.also_from?))
        };
        let apart = |row: &Row<'_>| {
            let path = ScimPath::parse(row.scim).ok()?;
            Some((path.urn.map(str::to_owned), path.name.to_owned(), row.scim.to_owned()))
        };
        Self {
            on_request: rows.iter().filter(|row| row.on_request).map(|row| row.scim.to_owned()).collect(),
            read_apart: rows.iter().filter(|row| row.read_apart).filter_map(apart).collect(),
            also_from: rows.iter().filter_map(also).collect(),
        }
    }
}

/// The values a request names in read-only lists for other attributes.
#[derive(Debug)]
pub struct Named(Vec<Vec<String>>);

impl Plan {
    /// The attributes that a plain read leaves out.
    pub fn on_request(&self) -> impl Iterator<Item = &str> {
        let mapped = |name: &&String| self.rtype.attribute(None, name).is_some();
        self.asides.on_request.iter().filter(mapped).map(String::as_str)
    }

    /// The attributes that take calls of their own and that nobody needs: the client leaves them out, and asks for, filters or
    /// sorts by none of them.
    pub fn unneeded(
        &self,
        projection: &Projection,
        filter: Option<&Filter>,
        sorted: impl Fn(Option<&str>, &str) -> bool,
    ) -> Vec<&str> {
        let apart = || {
            let apart = self.asides.read_apart.iter();
            apart.map(|(urn, name, scim)| (urn.as_deref(), name.as_str(), scim.as_str()))
        };
        // The same calls bring all of them.
        let asked = apart().any(|(urn, name, _)| {
            let filtered = filter.is_some_and(|filter| mentions(filter, urn, name));
            filtered || projection.names(urn, name) || sorted(urn, name)
        });
        let left_out = apart().filter(|(urn, name, _)| !asked && projection.leaves_out(*urn, name));
        left_out.map(|(.., scim)| scim).collect()
    }

    /// The attributes that take calls of their own, by path.
    pub fn read_apart(&self) -> impl Iterator<Item = &str> {
        self.asides.read_apart.iter().map(|(.., scim)| scim.as_str())
    }

    /// Whether a filter is about single core attributes alone: an object that was read without what takes calls of its own
    /// shows these.
    pub fn is_told_by_bare_objects(&self, filter: &Filter) -> bool {
        let is_single = |place: &Place| {
            let mut apart = self.asides.read_apart.iter();
            let apart = apart.any(|(urn, name, _)| urn.is_none() && same_name(name, &place.name));
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
        match self.on_request().find(|name| mentions(filter, None, name)) {
            Some(name) => {
                let rule = "is read only when it is asked for by name in a read of one object, so no filter finds it";
                Err(Error::new(Kind::InvalidFilter, rule).at(name))
            }
            None => Ok(()),
        }
    }

    /// What a body names in read-only lists for other attributes: see [`Row::also_from`].
    pub fn named_elsewhere(&self, body: &Value) -> Named {
        let lists =
            self.asides.also_from.iter().map(|(.., list)| self.values(body, list).unwrap_or_default());
        Named(lists.collect())
    }

    /// The same of a PATCH, by path or without one: what it adds to such a list, or replaces it with.
    pub fn named_by(&self, patch: &PatchRequest) -> Named {
        let mut named: Vec<Vec<String>> = vec![Vec::new(); self.asides.also_from.len()];
        for operation in &patch.operations {
            for ((.., list), named) in self.asides.also_from.iter().zip(&mut named) {
                let values = match operation.whole(&self.rtype) {
                    Some(value) => self.values(value, list),
                    None => self.put_by_path(operation, list),
                };
                match operation.op {
                    Op::Add => named.extend(values.unwrap_or_default()),
                    Op::Replace => *named = values.unwrap_or_else(|| std::mem::take(named)),
                    Op::Remove => {}
                }
            }
        }
        for named in &mut named {
            named.sort_unstable();
            named.dedup();
        }
        Named(named)
    }

    /// The PATCH without operations that put something into such a list by its path; any others refuse to change it.
    pub fn without_named<'p>(&self, patch: &'p PatchRequest) -> Cow<'p, PatchRequest> {
        let puts = |operation: &&Operation| {
            self.asides.also_from.iter().any(|(urn, name, list)| {
                self.rtype.attribute(urn.as_deref(), name).is_some()
                    && self.put_by_path(operation, list).is_some()
            })
        };
        if !patch.operations.iter().any(|operation| puts(&operation)) {
            return Cow::Borrowed(patch);
        }
        let rest = patch.operations.iter().filter(|operation| !puts(operation)).cloned();
        Cow::Owned(PatchRequest { operations: rest.collect() })
    }

    /// The values that an operation puts into a list by its path; `None` for one that does not, or that empties it.
    fn put_by_path(&self, operation: &Operation, list: &str) -> Option<Vec<String>> {
        let path = operation.path.as_deref().filter(|_| operation.op != Op::Remove)?;
        let is_list = self.rtype.core_name(path).is_some_and(|name| same_name(name, list));
        let values =
            operation.value.as_ref().filter(|_| is_list).map(|held| distinct(elements(held).iter()))?;
        (!values.is_empty()).then_some(values)
    }

    /// The lists in which something is named.
    pub fn lists_of<'p>(&'p self, named: &Named) -> Vec<&'p str> {
        let lists = self.asides.also_from.iter().zip(&named.0);
        lists.filter(|(_, values)| !values.is_empty()).map(|((.., list), _)| *list).collect()
    }

    /// Whether more is named for some attribute than it takes.
    pub fn names_several(&self, named: &Named, entry: &Resource) -> bool {
        let lists = self.asides.also_from.iter().zip(&named.0);
        lists
            .filter(|((urn, name, _), _)| self.takes(urn.as_deref(), name, entry))
            .any(|(_, values)| values.len() > 1)
    }

    /// What is named, but for lists that an object holds as they are named: those change nothing.
    pub fn named_anew(&self, named: Named, held: &Resource) -> Named {
        let held = Value::Object(held.document().clone());
        let lists = self.asides.also_from.iter().zip(named.0);
        let anew = lists.map(|((.., list), named)| {
            if self.values(&held, list).is_some_and(|held| held == named) { Vec::new() } else { named }
        });
        Named(anew.collect())
    }

    /// Whether an attribute has no value of its own, and can have one.
    fn takes(&self, urn: Option<&str>, name: &str, entry: &Resource) -> bool {
        entry.attribute(urn, name).is_none() && self.rtype.attribute(urn, name).is_some()
    }

    /// Gives the attributes that have no value of their own what was named for them.
    pub fn take_named(&self, named: &Named, entry: &mut Resource) -> Result<()> {
        for ((urn, name, list), values) in self.asides.also_from.iter().zip(&named.0) {
            let urn = urn.as_deref();
            if !self.takes(urn, name, entry) {
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
        if self.has_read_only_members() { self.values(body, "members") } else { None }
    }

    /// Whether it has members that no client can change.
    pub fn has_read_only_members(&self) -> bool {
        let members = self.rtype.attribute(None, "members");
        members.is_some_and(|members| members.mutability == Mutability::ReadOnly)
    }

    /// The different values of a list in a body, sorted; `None` when it is not there.
    fn values(&self, body: &Value, list: &str) -> Option<Vec<String>> {
        let mut held = core_members(body, &self.rtype).filter(|(name, _)| same_name(name, list)).peekable();
        held.peek()?;
        Some(distinct(held.flat_map(|(_, held)| elements(held))))
    }
}

/// The different values of elements, sorted.
fn distinct<'v>(elements: impl Iterator<Item = &'v Value>) -> Vec<String> {
    let mut values: Vec<String> = elements.filter_map(identity).collect();
    values.sort_unstable();
    values.dedup();
    values
}

fn elements(held: &Value) -> &[Value] {
    match held {
        Value::Array(elements) => elements,
        single => std::slice::from_ref(single),
    }
}

fn mentions(filter: &Filter, urn: Option<&str>, attribute: &str) -> bool {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().any(|part| mentions(part, urn, attribute)),
        Filter::Not(inner) => mentions(inner, urn, attribute),
        Filter::Compare(place, ..) | Filter::Present(place) | Filter::Element(place, _) => {
            place.urn.as_deref() == urn && same_name(&place.name, attribute)
        }
    }
}
