//! What the target took of a client's values, part by part.

use serde_json::{Map, Value};

use super::{
    elements::same_mark,
    plan::{ElementPlan, Plan, Unit},
    write::{lower, same},
};
use crate::{ledger::Kept, scim::Resource};

/// One attribute before and after a write.
pub(super) struct Step<'a> {
    pub urn: Option<&'a str>,
    pub name: &'a str,
    /// What the client wants to see.
    pub asked: &'a Resource,
    /// What the target held before the write, if it was written.
    pub before: Option<&'a Resource>,
    /// What it holds now.
    pub held: &'a Resource,
    /// What was remembered of it for good, and was true until now.
    pub earlier: Option<&'a Kept>,
}

impl<'a> Step<'a> {
    fn was(&self) -> &'a Value {
        self.before.and_then(|before| before.attribute(self.urn, self.name)).unwrap_or(&Value::Null)
    }

    fn is(&self) -> &'a Value {
        self.held.attribute(self.urn, self.name).unwrap_or(&Value::Null)
    }
}

impl Plan {
    /// Of the client's value what the target took: wherever it holds what was written of it, or made something else of it.
    /// A part or an element of which the target holds nothing, the same as before, or what it fills in by itself is the
    /// target's; one that no row writes stays.
    pub(super) fn taken(&self, step: &Step<'_>, sent: &Value) -> Value {
        let units: Vec<&Unit> = self.units_at(step.urn, step.name).collect();
        let written = |unit: &Unit, resource| self.written(unit, resource).unwrap_or(None);
        if units.iter().all(|unit| written(unit, step.asked) == written(unit, step.held)) {
            return sent.clone();
        }
        let listed = units.iter().find_map(|unit| Some((*unit, unit.elements.as_ref()?)));
        let taken = match (sent, listed) {
            (Value::Object(parts), _) => self.taken_parts(step, &units, parts).map(Value::Object),
            (Value::Array(elements), Some((unit, plan))) => {
                Some(Value::Array(self.taken_elements(step, unit, plan, elements)))
            }
            (Value::Array(elements), None) => Some(Value::Array(self.taken_each(step, &units, elements))),
            _ => units.iter().any(|unit| self.took(step, unit)).then(|| sent.clone()),
        };
        let empty = |taken: &Value| taken.as_array().is_some_and(Vec::is_empty);
        taken.filter(|taken| !empty(taken)).unwrap_or_else(|| step.is().clone())
    }

    /// Whether the target holds of this row what was written, or something it made of that.
    fn took(&self, step: &Step<'_>, unit: &Unit) -> bool {
        let written = |resource| self.written(unit, resource).unwrap_or(None);
        let (asked, held): (Option<Value>, _) = (written(step.asked), written(step.held));
        if same(asked.as_ref(), held.as_ref()) {
            return true;
        }
        let Some(value) = unit.held(step.held) else { return false };
        let changed = step.before.is_none_or(|before| unit.held(before) != Some(value));
        let alike = asked.as_ref().map(lower) == held.as_ref().map(lower);
        changed && (alike || !self.filled_in(unit, step.held))
    }

    /// Parts of a complex value.
    fn taken_parts(
        &self,
        step: &Step<'_>,
        units: &[&Unit],
        sent: &Map<String, Value>,
    ) -> Option<Map<String, Value>> {
        let mut taken = sent.clone();
        for unit in units {
            let Some((sub, own)) = unit.place.sub.as_ref().and_then(|sub| sent.get_key_value(sub)) else {
                continue;
            };
            let is = step.is().get(sub);
            let stayed = |kept: &Kept| kept.sent.get(sub) == Some(own) && kept.held.get(sub) == is;
            if is == Some(own) || step.earlier.is_some_and(stayed) || self.took(step, unit) {
                continue;
            }
            match is {
                Some(is) => taken[sub] = is.clone(),
                None => drop(taken.shift_remove(sub)),
            }
        }
        (!taken.is_empty()).then_some(taken)
    }

    /// Elements that have a row each.
    fn taken_each(&self, step: &Step<'_>, units: &[&Unit], sent: &[Value]) -> Vec<Value> {
        let mut taken = sent.to_vec();
        for unit in units {
            let picked = |list: &'_ Value| list.as_array().and_then(|list| unit.picked(list)).cloned();
            let (Some(own), is) = (unit.picked(sent), picked(step.is())) else { continue };
            let stayed = |kept: &Kept| picked(&kept.sent).as_ref() == Some(own) && picked(&kept.held) == is;
            if is.as_ref() != Some(own) && !step.earlier.is_some_and(stayed) && !self.took(step, unit) {
                unit.replace(&mut taken, is);
            }
        }
        taken
    }

    /// Elements of a list that one row maps. What the client took out and the target did not is there again.
    fn taken_elements(&self, step: &Step<'_>, unit: &Unit, plan: &ElementPlan, sent: &[Value]) -> Vec<Value> {
        let (was, is) = (list(step.was()), list(step.is()));
        let earlier = step.earlier.map(|kept| Pairs::of(unit, plan, list(&kept.sent), list(&kept.held)));
        let filled = |element: &Value| {
            let value = element.get("value").unwrap_or(element).as_str();
            value.is_some_and(|value| self.fills(unit, value, step.held))
        };
        let mut pairs = Pairs::new(unit, plan, sent, is);
        if let Some(earlier) = &earlier {
            pairs.join(|own, held| earlier.are_paired(own, held));
        }
        pairs.join_alike();
        // What the client left as it was, the target replaced by itself.
        let left = |own: &Value| was.iter().any(|was| was == own || same_part(was, own, "value"));
        pairs.join_rest(|own, held| !left(own) && !was.contains(held) && !filled(held));

        let mut taken: Vec<Value> = Vec::new();
        for (own, held) in pairs.found() {
            if earlier.as_ref().is_some_and(|earlier| earlier.are_paired(own, held)) {
                taken.push(own.clone());
                continue;
            }
            let before = was.iter().find(|was| same_part(was, held, "value"));
            let before = before.or_else(|| was.iter().find(|was| same_part(was, held, "type")));
            let mut element = own.clone();
            for row in plan.rows.iter().filter(|row| row.sent && row.sub != "value" && !plan.simple) {
                let Some(part) = own.get(&row.sub) else { continue };
                let is = held.get(&row.sub);
                let rewritten = || {
                    let one = earlier.as_ref().and_then(|earlier| earlier.sent_as(before?));
                    one.is_some_and(|one| one.get(&row.sub) == Some(part))
                };
                let left = before.is_some_and(|before| before.get(&row.sub) == is) && !rewritten();
                if is != Some(part) && (is.is_none() || left) {
                    set_part(&mut element, &row.sub, is);
                }
            }
            plan.tell(&mut element, Some(held));
            if plan.has_value(&element) {
                taken.push(element);
            }
        }
        let hidden = |held| earlier.as_ref().is_some_and(|earlier| earlier.sent_as(held).is_none());
        let back = pairs.left().filter(|held| was.contains(held) && !hidden(held) && !filled(held));
        taken.extend(back.cloned());
        taken
    }
}

impl ElementPlan {
    /// Gives the parts of which only the target says what they are the target's values.
    pub(super) fn tell(&self, element: &mut Value, held: Option<&Value>) {
        for row in self.rows.iter().filter(|row| row.told) {
            set_part(element, &row.sub, held.and_then(|held| held.get(&row.sub)));
        }
    }
}

/// Which element of the target was made of which of the client's.
struct Pairs<'a> {
    unit: &'a Unit,
    plan: &'a ElementPlan,
    sent: &'a [Value],
    held: &'a [Value],
    /// For each of `sent` its place in `held`.
    places: Vec<Option<usize>>,
    /// For each of `held` whether it is paired.
    paired: Vec<bool>,
}

impl<'a> Pairs<'a> {
    fn new(unit: &'a Unit, plan: &'a ElementPlan, sent: &'a [Value], held: &'a [Value]) -> Self {
        Self { unit, plan, sent, held, places: vec![None; sent.len()], paired: vec![false; held.len()] }
    }

    /// All pairs of what was sent and what was made of it.
    fn of(unit: &'a Unit, plan: &'a ElementPlan, sent: &'a [Value], held: &'a [Value]) -> Self {
        let mut pairs = Self::new(unit, plan, sent, held);
        pairs.join_alike();
        pairs.join_rest(|_, _| true);
        pairs
    }

    /// Joins those that have no other yet.
    fn join(&mut self, fits: impl Fn(&Value, &Value) -> bool) {
        self.join_at(|own, held, pairs| fits(&pairs.sent[own], &pairs.held[held]));
    }

    fn join_at(&mut self, fits: impl Fn(usize, usize, &Self) -> bool) {
        for own in 0..self.sent.len() {
            if self.places[own].is_none()
                && let Some(held) = (0..self.held.len()).find(|&at| !self.paired[at] && fits(own, at, self))
            {
                self.places[own] = Some(held);
                self.paired[held] = true;
            }
        }
    }

    /// Those that are written alike, or have the same value.
    fn join_alike(&mut self) {
        let one = |element: &Value| self.plan.one(&self.unit.scim, element).ok();
        let sent: Vec<Option<Value>> = self.sent.iter().map(one).collect();
        let held: Vec<Option<Value>> = self.held.iter().map(one).collect();
        self.join(|own, held| own == held);
        self.join_at(|own, at, _| sent[own].is_some() && sent[own] == held[at]);
        self.join(|own, held| same_part(own, held, "value"));
    }

    /// The others: what the target made may read quite differently.
    fn join_rest(&mut self, made: impl Fn(&Value, &Value) -> bool) {
        self.join(|own, held| same_part(own, held, "type") && made(own, held));
        self.join(made);
    }

    fn found(&self) -> impl Iterator<Item = (&'a Value, &'a Value)> {
        self.sent.iter().zip(&self.places).filter_map(|(own, at)| Some((own, &self.held[(*at)?])))
    }

    fn left(&self) -> impl Iterator<Item = &'a Value> {
        self.held.iter().zip(&self.paired).filter(|(_, paired)| !**paired).map(|(held, _)| held)
    }

    fn are_paired(&self, own: &Value, held: &Value) -> bool {
        self.found().any(|pair| pair == (own, held))
    }

    /// What was sent of this element of the target.
    fn sent_as(&self, held: &Value) -> Option<&'a Value> {
        self.found().find(|(_, known)| *known == held).map(|(own, _)| own)
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Whether both have the same part, letter case aside.
pub(super) fn same_part(one: &Value, other: &Value, sub: &str) -> bool {
    one.get(sub).zip(other.get(sub)).is_some_and(|(one, other)| same_mark(one, other))
}

fn set_part(element: &mut Value, sub: &str, value: Option<&Value>) {
    let Some(parts) = element.as_object_mut() else { return };
    match value {
        Some(value) => drop(parts.insert(sub.to_owned(), value.clone())),
        None => drop(parts.shift_remove(sub)),
    }
}
