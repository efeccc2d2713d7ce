//! Values and elements of lists in the target's form.

use serde_json::{Map, Value};

use super::{
    plan::{ElementPlan, ElementRow},
    transform::{Transform, written_instant},
};
use crate::{
    error::{Error, Kind, Result},
    scim::Type,
};

pub(super) fn scalar(via: Transform, kind: Type, max_chars: Option<usize>, value: &Value) -> Result<Value> {
    let written = match kind {
        Type::DateTime => written_instant(&via.write(value)?),
        _ => via.write(value)?,
    };
    if let (Some(most), Value::String(text)) = (max_chars, &written)
        && text.chars().count() > most
    {
        return Err(Error::new(Kind::InvalidValue, format!("may have at most {most} characters")));
    }
    Ok(written)
}

/// An array in the target's form. With slots, each element goes to the one it is meant for; more values than slots are an
/// error.
pub(super) fn elements(plan: &ElementPlan, scim: &str, value: &Value) -> Result<Value> {
    let Value::Array(elements) = value else {
        return Err(Error::new(Kind::InvalidValue, "must be a list"));
    };
    let mut elements: Vec<&Value> = elements.iter().filter(|element| plan.has_value(element)).collect();
    if !plan.slots.is_empty() && elements.len() > plan.slots.len() {
        elements = plan.distinct(elements);
    }
    let slots = assigned(plan, &elements)?;
    let mut written: Vec<(Option<usize>, Value)> = Vec::with_capacity(elements.len());
    for (element, slot) in elements.into_iter().zip(slots) {
        let mut value = plan.one(scim, element)?;
        if let Value::Object(object) = &mut value {
            for (member, mark) in slot.into_iter().flat_map(|slot| &plan.slots[slot].write) {
                member.put(object, mark.clone());
            }
        }
        written.push((slot, value));
    }
    written.sort_by_key(|(slot, _)| *slot);
    let written: Vec<Value> = written.into_iter().map(|(_, value)| value).collect();
    Ok(if written.is_empty() { Value::Null } else { Value::Array(written) })
}

impl ElementPlan {
    /// One element in the target's form, without the marks of its place.
    pub(super) fn one(&self, scim: &str, element: &Value) -> Result<Value> {
        if self.simple {
            let row = &self.rows[0];
            return scalar(row.via, row.kind, row.max_chars, element);
        }
        let mut object = Map::new();
        for row in self.rows.iter().filter(|row| row.sent) {
            let Some(value) = element.get(&row.sub).filter(|value| !value.is_null()) else { continue };
            let value = scalar(row.via, row.kind, row.max_chars, value)
                .map_err(|error| error.at(format!("{scim}.{}", row.sub)))?;
            if row.target.members().is_empty() {
                return Ok(value);
            }
            row.target.put(&mut object, value);
        }
        Ok(Value::Object(object))
    }

    /// One element of each value: the first primary one, else the first. A client may send one address as several kinds of it
    /// (RFC 7643 section 2.4), and a target that has no place for the kinds still holds the address.
    fn distinct<'v>(&self, elements: Vec<&'v Value>) -> Vec<&'v Value> {
        let sub = self.value_row.map(|index| self.rows[index].sub.as_str());
        let value = |element: &Value| sub.map_or(Some(element), |sub| element.get(sub)).cloned();
        let mut distinct: Vec<&Value> = Vec::new();
        for element in elements {
            let same = |known: &&&mut &Value| match (value(known), value(element)) {
                (Some(known), Some(value)) => same_mark(&known, &value),
                _ => false,
            };
            match distinct.iter_mut().find(|known| same(&known)) {
                Some(known) if element["primary"] == true && known["primary"] != true => *known = element,
                Some(_) => {}
                None => distinct.push(element),
            }
        }
        distinct
    }

    /// Whether an element has anything the target holds; without its `value` it has nothing.
    pub(super) fn has_value(&self, element: &Value) -> bool {
        let holds = |row: &ElementRow| element.get(&row.sub).is_some_and(|value| !value.is_null());
        match self.value_row.map(|index| &self.rows[index]) {
            _ if self.simple => !element.is_null(),
            Some(row) if row.sent => holds(row),
            _ => self.rows.iter().any(|row| row.sent && holds(row)),
        }
    }
}

/// The slot of each element: by the most telling mark first, then by the next, then any free one in order.
fn assigned(plan: &ElementPlan, elements: &[&Value]) -> Result<Vec<Option<usize>>> {
    let mut of_element = vec![None; elements.len()];
    if plan.slots.is_empty() {
        return Ok(of_element);
    }
    if elements.len() > plan.slots.len() {
        let places = plan.slots.len();
        let rule = if places == 1 {
            "the target holds one at most".into()
        } else {
            format!("the target holds {places} at most")
        };
        return Err(Error::new(Kind::InvalidValue, rule));
    }
    let mut taken = vec![false; plan.slots.len()];
    if plan.leading && !elements.is_empty() {
        let bears = |(sub, mark): &(String, Value)| {
            elements.iter().position(|element| element.get(sub).is_some_and(|value| same_mark(value, mark)))
        };
        of_element[plan.slots[0].scim.iter().find_map(bears).unwrap_or(0)] = Some(0);
        taken[0] = true;
    }
    let rounds = plan.slots.iter().map(|slot| slot.scim.len()).max().unwrap_or(0);
    for round in 0..rounds {
        for (index, slot) in plan.slots.iter().enumerate() {
            let Some((sub, mark)) = slot.scim.get(round).filter(|_| !taken[index]) else { continue };
            let fits = |(at, element): &(usize, &&Value)| {
                of_element[*at].is_none() && element.get(sub).is_some_and(|value| same_mark(value, mark))
            };
            if let Some((at, _)) = elements.iter().enumerate().find(fits) {
                of_element[at] = Some(index);
                taken[index] = true;
            }
        }
    }
    for slot in of_element.iter_mut().filter(|slot| slot.is_none()) {
        if let Some(index) = taken.iter().position(|taken| !taken) {
            taken[index] = true;
            *slot = Some(index);
        }
    }
    Ok(of_element)
}

pub(super) fn same_mark(value: &Value, mark: &Value) -> bool {
    match (value, mark) {
        (Value::String(a), Value::String(b)) => a.eq_ignore_ascii_case(b),
        (a, b) => a == b,
    }
}
