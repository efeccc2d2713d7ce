//! What the target itself can compare for equality.

use serde_json::Value;

use super::{
    plan::{Plan, Unit},
    transform::Transform,
};
use crate::{
    connector::Condition,
    scim::{Comparison, Filter, Literal, Place},
};

impl Plan {
    /// Whether the target itself can compare this place for equality. `beside`: what else the same element must fulfil.
    pub fn can_compare(&self, place: &Place, beside: &[Filter]) -> bool {
        self.comparison(place, beside).is_some()
    }

    /// The comparison of this place with `text` in the target's words; `None` when the target cannot compare it, or can
    /// never hold such a value.
    pub fn condition(&self, place: &Place, text: &str, beside: &[Filter]) -> Option<Condition> {
        let (field, via) = self.comparison(place, beside)?;
        match via.write(&Value::from(text)) {
            Ok(Value::String(value)) => Some(Condition { field, value }),
            Ok(Value::Array(list)) => match <[Value; 1]>::try_from(list) {
                Ok([Value::String(value)]) => Some(Condition { field, value }),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether a row maps this place.
    pub fn is_mapped(&self, place: &Place) -> bool {
        self.units.iter().any(|unit| unit.place.urn == place.urn && unit.place.name == place.name)
    }

    fn comparison(&self, place: &Place, beside: &[Filter]) -> Option<(&'static str, Transform)> {
        let here = |unit: &&Unit| unit.place.urn == place.urn && unit.place.name == place.name;
        let only = self.units.iter().filter(here).count() == 1;
        self.units.iter().filter(here).find_map(|unit| match (&unit.elements, &unit.selector) {
            // Other elements may hold the value too, unless the filter asks for the row's own.
            (None, Some(marked)) if !only && !beside.iter().any(|part| asks_for(part, marked)) => None,
            (None, _) if unit.place.sub == place.sub => Some((unit.filter?, unit.via)),
            (None, _) => None,
            (Some(plan), _) => {
                let row = plan.rows.iter().find(|row| Some(&row.sub) == place.sub.as_ref())?;
                Some((row.filter?, row.via))
            }
        })
    }
}

/// Whether a part of a filter in brackets asks for the element with this mark.
fn asks_for(part: &Filter, (by, marked): &(String, Value)) -> bool {
    match part {
        Filter::Compare(place, Comparison::Eq, literal) if place.name == *by => match (literal, marked) {
            (Literal::Text { value, .. }, Value::String(marked)) => value.eq_ignore_ascii_case(marked),
            (Literal::Boolean(value), Value::Bool(marked)) => value == marked,
            _ => false,
        },
        _ => false,
    }
}
