//! Values that a target fills in by itself.

use serde_json::Value;

use super::{
    plan::{Plan, Unit},
    table::Filled,
    write::{set_at, value_at},
};
use crate::scim::Resource;

impl Plan {
    /// Lets an element that the target filled in by itself make place for the client's own, where the target has too few
    /// places for both. A list that is kept as it is has place for all.
    pub fn yield_filled(&self, before: &Resource, after: &mut Resource) {
        for unit in self.units.iter().filter(|unit| self.filled_in(unit, before)) {
            let places = unit.elements.as_ref().map_or(0, |plan| plan.slots.len());
            let (Some(Value::Array(was)), Some(Value::Array(is))) =
                (value_at(&unit.place, before), value_at(&unit.place, after))
            else {
                continue;
            };
            if places == 0 || is.len() <= places {
                continue;
            }
            let own: Vec<Value> = is.iter().filter(|element| !was.contains(element)).cloned().collect();
            if !own.is_empty() && own.len() < is.len() {
                set_at(&unit.place, after, Value::Array(own));
            }
        }
    }

    /// Whether the target filled the value in by itself, so that it counts as none.
    pub(super) fn filled_in(&self, unit: &Unit, before: &Resource) -> bool {
        let held = match value_at(&unit.place, before) {
            Some(Value::Array(elements)) if elements.len() == 1 => elements[0].get("value"),
            other => other,
        };
        held.and_then(Value::as_str).is_some_and(|held| self.fills(unit, held, before))
    }

    /// Whether the target fills in this value for what `held` is otherwise.
    pub(super) fn fills(&self, unit: &Unit, value: &str, held: &Resource) -> bool {
        unit.filled.iter().any(|filled| match filled {
            Filled::Like(pattern) => like(pattern, value),
            Filled::SameAs(scim) => self
                .units
                .iter()
                .find(|other| other.scim == *scim)
                .and_then(|other| value_at(&other.place, held))
                .is_some_and(|same| same.as_str() == Some(value)),
        })
    }
}

/// Whether `text` fits `pattern`, where `*` stands for anything.
fn like(pattern: &str, text: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut rest) = text.strip_prefix(head) else { return false };
    let (middle, end) = tail.rsplit_once('*').unwrap_or(("", tail));
    for part in middle.split('*') {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn a_star_stands_for_anything() {
        assert!(like("https://*.slack.com/team/*", "https://acme.enterprise.slack.com/team/ada"));
        assert!(like("America/Los_Angeles", "America/Los_Angeles"));
        assert!(!like("America/Los_Angeles", "America/Los_Angeles2"));
        assert!(like("a*b", "axbxb") && like("*", "") && like("a*b*c", "a-b-c") && !like("a*b*c", "a-c"));
        assert!(!like("https://*.slack.com/team/*", "https://ada.example/"));
    }
}
