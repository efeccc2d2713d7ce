//! From a SCIM resource to vendor fields, strictly; and from two resources to the smallest change.

use serde_json::{Map, Value};

use super::{
    elements::{elements, same_mark, scalar},
    plan::{Created, Difference, Plan, Unit},
    table::Direction,
    trace::{Trace, Written},
};
use crate::{
    connector::{Change, MemberChange, Vendor},
    error::{Error, Kind, Result},
    scim::{Place, Resource, Type},
};

impl Plan {
    /// The vendor fields of a new object. Missing required attributes and values the target cannot hold are errors
    /// naming attribute and rule.
    pub fn created(&self, entry: &Resource) -> Result<Created> {
        self.created_traced(entry, &mut Trace::off())
    }

    /// The same, putting down what becomes of each value.
    pub(crate) fn created_traced(&self, entry: &Resource, trace: &mut Trace) -> Result<Created> {
        self.require_named(entry)?;
        let mut resource = entry.clone();
        self.follow_aliases(None, &mut resource);
        self.require(None, &resource)?;
        let mut fields = Map::new();
        let mut members = MemberChange::default();
        for (index, unit) in self.units.iter().enumerate().filter(|(_, unit)| unit.is_sent()) {
            let Some(mut value) = self.written(unit, &resource)? else { continue };
            if Some(index) == self.members
                && let Value::Array(elements) = &mut value
            {
                let carried = if unit.apart { 0 } else { self.members_per_call.min(elements.len()) };
                let rest = elements.split_off(carried);
                members = member_change(&[], &self.member_ids(&Value::Array(rest)));
                if elements.is_empty() {
                    continue;
                }
            }
            trace.put(|| unit.step(unit.held(&resource), &Written::Set(&value)));
            unit.target.put(&mut fields, value);
        }
        Ok(Created { fields, members })
    }

    /// A whole resource must name what is required: what a PUT cannot change, too (RFC 7644 section 3.5.1), and what another
    /// attribute could stand for (RFC 7643 section 4.1.1: a `userName`, whatever the addresses are).
    pub fn require_named(&self, entry: &Resource) -> Result<()> {
        let stood_for = |index| self.units.iter().any(|alias| alias.alias_of == Some(index));
        let mut named = self.units.iter().enumerate().filter(|(index, unit)| {
            unit.required && (unit.direction == Direction::Create || stood_for(*index))
        });
        match named.find(|(_, unit)| unit.held(entry).is_none()) {
            Some((_, unit)) => Err(self.required(unit.scim.clone())),
            None => Ok(()),
        }
    }

    /// What a PUT makes of `current`: omitted attributes are cleared, except those a table marks as kept; attributes only
    /// the target or nobody can change stay. Also names what was sent and cannot be replaced.
    pub fn replaced(&self, current: &Resource, entry: &Resource) -> (Resource, Vec<&str>) {
        let mut next = entry.clone();
        let mut ignored = Vec::new();
        for unit in &self.units {
            let sent = match value_at(&unit.place, entry) {
                Some(Value::Array(elements)) if unit.selector.is_some() => unit.picked(elements),
                sent => sent,
            };
            let keep = match unit.direction {
                Direction::Read | Direction::Unmapped => true,
                Direction::Create => sent.is_none(),
                Direction::Write => {
                    if unit.only_on_create && sent.is_some_and(|value| !value.is_null()) {
                        ignored.push(unit.scim.as_str());
                    }
                    unit.only_on_create
                }
                Direction::Both => match sent {
                    None => unit.kept,
                    Some(value) => value.is_null() && unit.kept && unit.kind == Type::Boolean,
                },
            };
            unit.mark_single(&mut next);
            if keep {
                unit.keep(current, &mut next);
            }
        }
        // The client's own id stays when a PUT leaves it out, whether the target or the ledger holds it.
        if entry.get("externalId").is_none()
            && let Some(external_id) = current.get("externalId")
        {
            next.set("externalId", external_id.clone());
        }
        (next, ignored)
    }

    /// What differs between `before`, read from `current`, and `after`, in fields of the target.
    ///
    /// Both sides are compared as they would be written, so what the target rewrites or fills in by itself is no
    /// difference. Read-only attributes are not looked at; changing one that is settable at creation only is
    /// [`Kind::Mutability`].
    pub fn difference<'a>(
        &'a self,
        current: &'a Vendor,
        before: &Resource,
        after: &Resource,
    ) -> Result<Difference<'a>> {
        self.difference_seen(current, before, before, after, &mut Trace::off())
    }

    /// The same where the client sees other values than the target holds: `before` is what the target holds, `seen` what
    /// the client saw. What the client leaves as it saw it is no difference. Puts down what becomes of each value.
    pub fn difference_seen<'a>(
        &'a self,
        current: &'a Vendor,
        before: &Resource,
        seen: &Resource,
        after: &Resource,
        trace: &mut Trace,
    ) -> Result<Difference<'a>> {
        let mut after = after.clone();
        self.follow_aliases(Some(seen), &mut after);
        self.require(Some(before), &after)?;
        let (mut set, mut whole) = (Map::new(), Map::new());
        let (mut cleared, mut attributes) = (Vec::new(), Vec::new());
        let mut members = MemberChange::default();
        for (index, unit) in self.units.iter().enumerate().filter(|(_, unit)| unit.is_sent()) {
            if unit.direction == Direction::Create || unit.only_on_create {
                self.refuse_late_change(unit, before, &after)?;
                continue;
            }
            let untouched = unit.is_read() && value_at(&unit.place, seen) == value_at(&unit.place, &after);
            // What came from the target may break the target's own rules: that says nothing about the client.
            let was = if unit.is_read() { self.written(unit, before).unwrap_or(None) } else { None };
            let is = if untouched { was.clone() } else { self.written(unit, &after)? };
            if Some(index) == self.members {
                members = member_change(&self.member_ids(&was.into()), &self.member_ids(&is.into()));
                if !members.is_empty() {
                    attributes.push(unit.scim.as_str());
                    trace.put(|| unit.step(unit.held(&after), &Written::Members(&members)));
                }
                continue;
            }
            if let Some(value) = &is {
                unit.target.put(&mut whole, value.clone());
            }
            let untold = is.is_none() && (unit.direction == Direction::Write || self.filled_in(unit, before));
            // Where the target reads the same before and after, what the client changed decides.
            let told = unit.ambiguous_beside.is_some() && !untouched && is.is_some();
            if same(was.as_ref(), is.as_ref()) && !told || untold {
                if !untouched && unit.is_read() {
                    trace.put(|| unit.step(unit.held(&after), &Written::Same));
                }
                continue;
            }
            attributes.push(unit.scim.as_str());
            trace.put(|| unit.step(unit.held(&after), &is.as_ref().map_or(Written::Cleared, Written::Set)));
            match is {
                Some(value) => unit.target.put(&mut set, value),
                None if unit.kept && unit.kind == Type::Boolean => {
                    let rule = "always has a value: set it to true or false instead of removing it";
                    return Err(Error::new(Kind::InvalidValue, rule).at(unit.scim.clone()));
                }
                None => cleared.push(&unit.target),
            }
        }
        self.put_hidden(current, &mut whole)?;
        let change =
            (!set.is_empty() || !cleared.is_empty()).then_some(Change { current, set, cleared, whole });
        Ok(Difference { change, members, attributes })
    }

    /// Adds what the target holds for attributes that are switched off: a replacement must not take them away.
    fn put_hidden(&self, current: &Vendor, whole: &mut Map<String, Value>) -> Result<()> {
        let Some(hidden) = &self.hidden else { return Ok(()) };
        let held = hidden.read(current)?;
        for unit in hidden.units.iter().filter(|unit| unit.direction == Direction::Both) {
            if let Some(value) = hidden.written(unit, &held).unwrap_or(None) {
                unit.target.put(whole, value);
            }
        }
        Ok(())
    }

    /// What a freshly created object lacks of what was asked for: rows the target may ignore at creation. Of these only
    /// values that were asked for count.
    pub fn unsettled<'a>(
        &'a self,
        current: &'a Vendor,
        created: &Resource,
        asked: &Resource,
    ) -> Result<Difference<'a>> {
        let mut wanted = created.clone();
        for unit in self.units.iter().filter(|unit| unit.settled) {
            let Some(value) = unit.held(asked) else { continue };
            match (unit.held(created), value) {
                (Some(Value::Array(held)), Value::Array(asked)) if unit.granted => {
                    let lacks =
                        |element: &&Value| !held.iter().any(|held| held.get("value") == element.get("value"));
                    let all = held.iter().chain(asked.iter().filter(lacks)).cloned().collect();
                    unit.put(&mut wanted, Value::Array(all));
                }
                _ => unit.put(&mut wanted, value.clone()),
            }
        }
        self.difference(current, created, &wanted)
    }

    /// Of these attributes those whose state the target shows: the others read the same before and after some changes.
    pub fn shown<'p>(&self, attributes: &[&'p str]) -> Vec<&'p str> {
        let ambiguous =
            |scim: &str| self.units.iter().any(|unit| unit.scim == scim && unit.ambiguous_beside.is_some());
        attributes.iter().copied().filter(|scim| !ambiguous(scim)).collect()
    }

    /// In what an object that was found differs from one that was asked for. Values nobody asked for do not count, nor those
    /// the target may ignore at creation: an object that differs in nothing may be the one whose creation nobody saw.
    pub fn estranged(&self, found: &Resource, asked: &Resource) -> Vec<&str> {
        let compared = self.units.iter().enumerate().filter(|(index, unit)| {
            unit.is_sent() && unit.is_read() && !unit.settled && !unit.granted && Some(*index) != self.members
        });
        let differs = |unit: &Unit| match self.written(unit, asked) {
            Ok(Some(asked)) => {
                let found = self.written(unit, found).unwrap_or(None);
                let folded = |value| self.folded(&unit.place, value);
                !same(Some(&folded(asked)), found.map(folded).as_ref())
            }
            _ => false,
        };
        compared.filter(|(_, unit)| differs(unit)).map(|(_, unit)| unit.scim.as_str()).collect()
    }

    /// Whether both have the same value at this place, as the target would hold it; letter case counts only where it does in
    /// the schema.
    pub fn same_value(&self, place: &Place, one: &Resource, other: &Resource) -> bool {
        let folded = |value: Value| self.folded(place, value);
        let mut units =
            self.units.iter().filter(|unit| unit.place.urn == place.urn && unit.place.name == place.name);
        units.any(|unit| match (self.written(unit, one), self.written(unit, other)) {
            (Ok(Some(one)), Ok(Some(other))) => same(Some(&folded(one)), Some(&folded(other))),
            _ => false,
        })
    }

    /// A written value as it is compared: without letter case, where that does not count in the schema.
    fn folded(&self, place: &Place, value: Value) -> Value {
        let whole = self.rtype.attribute(place.urn.as_deref(), &place.name);
        let definition = whole.and_then(|whole| match &place.sub {
            Some(sub) => whole.sub(sub),
            None => Some(whole),
        });
        if definition.is_none_or(|definition| definition.case_exact) { value } else { lower(&value) }
    }

    /// `after` with the values the target holds for attributes it refused to change.
    pub fn with_refused(&self, after: &Resource, held: &Resource, refused: &[&str]) -> Resource {
        let mut after = after.clone();
        for unit in self.units.iter().filter(|unit| refused.contains(&unit.target.as_str())) {
            set_at(&unit.place, &mut after, value_at(&unit.place, held).cloned().unwrap_or(Value::Null));
        }
        after
    }

    /// Every required attribute must have a value; one that the target's object lacked before may go on lacking it.
    fn require(&self, before: Option<&Resource>, after: &Resource) -> Result<()> {
        let lacks = |unit: &Unit, resource: &Resource| -> Option<String> {
            let value = unit.held(resource);
            if unit.required && value.is_none() {
                return Some(unit.scim.clone());
            }
            let rows = unit.elements.iter().flat_map(|plan| &plan.rows).filter(|row| row.required);
            let elements = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            rows.filter(|row| {
                elements.is_empty() || elements.iter().any(|element| element.get(&row.sub).is_none())
            })
            .map(|row| format!("{}.{}", unit.scim, row.sub))
            .next()
        };
        for unit in self.units.iter().filter(|unit| unit.is_sent() && !unit.only_on_create) {
            let Some(scim) = lacks(unit, after) else { continue };
            if before.is_none_or(|before| lacks(unit, before).is_none()) {
                return Err(self.required(scim));
            }
        }
        Ok(())
    }

    fn required(&self, scim: String) -> Error {
        Error::new(Kind::InvalidValue, "is required").on(self.rtype.name.to_string()).at(scim)
    }

    fn refuse_late_change(&self, unit: &Unit, before: &Resource, after: &Resource) -> Result<()> {
        let was = if unit.is_read() { unit.held(before) } else { None };
        let is = unit.held(after);
        let as_compared = |resource| {
            self.written(unit, resource).unwrap_or(None).map(|value| self.folded(&unit.place, value))
        };
        if is == was || was.is_some() && is.is_some() && as_compared(before) == as_compared(after) {
            return Ok(());
        }
        Err(Error::new(Kind::Mutability, "is taken at creation only")
            .on(self.rtype.name.to_string())
            .at(unit.scim.clone()))
    }

    /// Lets two rows that stand for one value agree: what the client changed wins, the alias before the other.
    fn follow_aliases(&self, before: Option<&Resource>, after: &mut Resource) {
        for alias in &self.units {
            let Some(other) = alias.alias_of.map(|index| &self.units[index]) else { continue };
            let held = |unit: &Unit, after: &Resource| unit.shared(after).cloned();
            let changed = |unit: &Unit, after: &Resource| {
                held(unit, after).filter(|is| before.and_then(|before| unit.shared(before)) != Some(is))
            };
            let winner = changed(alias, after)
                .or_else(|| changed(other, after))
                .or_else(|| held(other, after))
                .or_else(|| held(alias, after));
            if let Some(winner) = winner {
                for unit in [alias, other] {
                    if unit.shared(after) != Some(&winner) {
                        unit.share(after, winner.clone());
                    }
                }
            }
        }
    }

    /// Lets what stands for the same value as a changed attribute follow it, unless the client saw another value there, which
    /// it must have written: Slack's `nickName` is its `userName`, whatever it was before.
    pub fn let_follow(&self, seen: &Resource, after: &mut Resource) {
        for alias in &self.units {
            let Some(other) = alias.alias_of.map(|index| &self.units[index]) else { continue };
            let changed = |unit: &Unit| unit.shared(after) != unit.shared(seen);
            let (leads, follows) = match (changed(alias), changed(other)) {
                (true, false) => (alias, other),
                (false, true) => (other, alias),
                _ => continue,
            };
            if let Some(value) = leads.shared(after).cloned()
                && self.agree(leads, follows, seen)
            {
                follows.share(after, value);
            }
        }
    }

    /// Whether two rows that stand for one value do not contradict each other: but for letter case, or as they would be
    /// written.
    fn agree(&self, one: &Unit, other: &Unit, seen: &Resource) -> bool {
        let (Some(a), Some(b)) = (one.shared(seen), other.shared(seen)) else { return true };
        let written = |unit: &Unit| self.written(unit, seen).unwrap_or(None).map(|value| lower(&value));
        lower(a) == lower(b) || written(one).is_some_and(|one| Some(one) == written(other))
    }

    /// A row's value in the target's form; `None` when there is none.
    pub(super) fn written(&self, unit: &Unit, resource: &Resource) -> Result<Option<Value>> {
        let Some(value) = unit.held(resource) else { return Ok(None) };
        let written = match &unit.elements {
            Some(plan) => elements(plan, &unit.scim, value),
            None => scalar(unit.via, unit.kind, unit.max_chars, value),
        };
        let written = written.map_err(|error| error.on(self.rtype.name.to_string()).at(unit.scim.clone()))?;
        Ok(Some(written).filter(|value| !value.is_null()))
    }

    /// The target ids in a written members array.
    fn member_ids(&self, written: &Value) -> Vec<String> {
        let Some(plan) = self.members.and_then(|index| self.units[index].elements.as_ref()) else {
            return Vec::new();
        };
        let Some(row) = plan.value_row.map(|index| &plan.rows[index]) else { return Vec::new() };
        let elements = written.as_array().map(Vec::as_slice).unwrap_or_default();
        elements
            .iter()
            .filter_map(|element| match row.target.members() {
                [] => Some(element),
                path => path.iter().try_fold(element, |value, member| value.get(member)),
            })
            .filter_map(|id| id.as_str().map(str::to_owned))
            .collect()
    }
}

impl Unit {
    /// The row's value in `resource`; for a row about one element, the part of that element.
    pub(super) fn held<'r>(&self, resource: &'r Resource) -> Option<&'r Value> {
        let value = value_at(&self.place, resource).filter(|value| !value.is_null())?;
        match (&self.selector, value) {
            (None, value) => Some(value),
            (Some(_), Value::Array(elements)) => self.picked(elements).filter(|value| !value.is_null()),
            (Some(_), _) => None,
        }
    }

    /// What the row shares with its alias: its value, or for a list the `value` of its first element.
    fn shared<'r>(&self, resource: &'r Resource) -> Option<&'r Value> {
        let held = self.held(resource)?;
        match (&self.elements, held) {
            (None, held) => Some(held),
            (Some(_), Value::Array(elements)) => elements.first()?.get("value"),
            (Some(_), _) => None,
        }
    }

    /// Sets what the row shares with its alias; other elements of a list stay as far as it has places for them.
    fn share(&self, resource: &mut Resource, value: Value) {
        let Some(plan) = &self.elements else { return self.put(resource, value) };
        let mut elements = match self.held(resource) {
            Some(Value::Array(elements)) => elements.clone(),
            _ => Vec::new(),
        };
        if !plan.slots.is_empty() {
            elements.truncate(plan.slots.len());
        }
        match elements.first_mut() {
            Some(first) if first.is_object() => first["value"] = value,
            _ => {
                let marks = plan.slots.first().into_iter().flat_map(|slot| slot.scim.iter().cloned());
                let element = std::iter::once(("value".to_owned(), value)).chain(marks);
                elements = vec![Value::Object(element.collect())];
            }
        }
        self.put(resource, Value::Array(elements));
    }

    /// The part of the element the row is about. A single unmarked element counts as the one that the attribute's first
    /// row asks for.
    pub(super) fn picked<'v>(&self, elements: &'v [Value]) -> Option<&'v Value> {
        let (by, marked) = self.selector.as_ref()?;
        let bears = |element: &&Value| element.get(by).is_some_and(|held| same_mark(held, marked));
        let element =
            elements.iter().find(bears).or_else(|| self.stand_in(elements).map(|at| &elements[at]))?;
        element.get(self.place.sub.as_deref().unwrap_or("value"))
    }

    /// Gives the row's element among these another value, or takes it away; with its value an element goes, too.
    pub(super) fn replace(&self, elements: &mut Vec<Value>, value: Option<Value>) {
        let Some((by, marked)) = &self.selector else { return };
        let bears = |element: &Value| element.get(by).is_some_and(|held| same_mark(held, marked));
        let at = elements.iter().position(bears).or_else(|| self.stand_in(elements));
        let sub = self.place.sub.as_deref().unwrap_or("value");
        match (at, value) {
            (Some(at), Some(value)) => elements[at][sub] = value,
            (Some(at), None) if sub == "value" => drop(elements.remove(at)),
            (Some(at), None) => drop(elements[at].as_object_mut().and_then(|parts| parts.shift_remove(sub))),
            (None, _) => {}
        }
    }

    /// Where the element is that counts as the row's, as none bears its mark.
    fn stand_in(&self, elements: &[Value]) -> Option<usize> {
        let (by, _) = self.selector.as_ref()?;
        let primary = |element: &Value| element.get("primary") == Some(&Value::Bool(true));
        match elements {
            [only] if self.takes_any || self.takes_unmarked && only.get(by).is_none() => Some(0),
            several if self.takes_any => several.iter().position(primary),
            _ => None,
        }
    }

    /// Marks a single unmarked element as the one it counts as, so that it stays so beside others.
    fn mark_single(&self, next: &mut Resource) {
        let Some((by, marked)) = self.selector.as_ref().filter(|_| self.takes_unmarked) else { return };
        let (urn, name) = (self.place.urn.as_deref(), self.place.name.as_str());
        if let Some(Value::Array(elements)) = next.attribute(urn, name)
            && let [Value::Object(only)] = &elements[..]
            && !only.contains_key(by)
        {
            let mut only = only.clone();
            only.insert(by.clone(), marked.clone());
            next.set_attribute(urn, name, Value::Array(vec![Value::Object(only)]));
        }
    }

    /// Carries the row's value over from `current` to `next`.
    fn keep(&self, current: &Resource, next: &mut Resource) {
        match self.held(current) {
            Some(value) => self.put(next, value.clone()),
            None if self.selector.is_none() => set_at(&self.place, next, Value::Null),
            None => {}
        }
    }

    /// Sets the row's value; for a row about one element, the part of that element, which is made if it is not there.
    fn put(&self, resource: &mut Resource, value: Value) {
        let Some((by, marked)) = &self.selector else { return set_at(&self.place, resource, value) };
        self.mark_single(resource);
        let (urn, name) = (self.place.urn.as_deref(), self.place.name.as_str());
        let mut elements = match resource.attribute(urn, name) {
            Some(Value::Array(elements)) => elements.clone(),
            _ => Vec::new(),
        };
        let sub = self.place.sub.as_deref().unwrap_or("value");
        let bears = |element: &Value| element.get(by).is_some_and(|held| same_mark(held, marked));
        let at = elements.iter().position(bears);
        match at.or_else(|| self.stand_in(&elements)) {
            Some(at) => elements[at][sub] = value,
            None => elements
                .push(Value::Object(Map::from_iter([(sub.to_owned(), value), (by.clone(), marked.clone())]))),
        }
        resource.set_attribute(urn, name, Value::Array(elements));
    }
}

fn member_change(was: &[String], is: &[String]) -> MemberChange {
    use std::collections::HashSet;
    let before: HashSet<&String> = was.iter().collect();
    let after: HashSet<&String> = is.iter().collect();
    let mut seen = HashSet::new();
    MemberChange {
        add: is.iter().filter(|id| !before.contains(id) && seen.insert(*id)).cloned().collect(),
        remove: was.iter().filter(|id| !after.contains(id)).cloned().collect(),
    }
}

pub(super) fn value_at<'r>(place: &Place, resource: &'r Resource) -> Option<&'r Value> {
    let value = resource.attribute(place.urn.as_deref(), &place.name)?;
    match (&place.sub, value) {
        (Some(sub), Value::Object(object)) => object.get(sub),
        // A selector row looks for its element itself.
        (Some(_), Value::Array(_)) | (None, _) => Some(value),
        (Some(_), Value::Null) => Some(&Value::Null),
        (Some(_), _) => None,
    }
}

pub(super) fn set_at(place: &Place, resource: &mut Resource, value: Value) {
    let Some(sub) = &place.sub else {
        resource.set_attribute(place.urn.as_deref(), &place.name, value);
        return;
    };
    let mut object = match resource.attribute(place.urn.as_deref(), &place.name) {
        Some(Value::Object(object)) => object.clone(),
        _ => Map::new(),
    };
    if value.is_null() {
        object.shift_remove(sub);
    } else {
        object.insert(sub.clone(), value);
    }
    let object = if object.is_empty() { Value::Null } else { Value::Object(object) };
    resource.set_attribute(place.urn.as_deref(), &place.name, object);
}

/// Whether two written values are the same; the order of an array's elements does not count.
pub(super) fn same(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        (Some(Value::Array(a)), Some(Value::Array(b))) => {
            let sorted = |elements: &[Value]| {
                let mut texts: Vec<String> = elements.iter().map(Value::to_string).collect();
                texts.sort_unstable();
                texts
            };
            a == b || a.len() == b.len() && sorted(a) == sorted(b)
        }
        (a, b) => a == b,
    }
}

/// A written value without its letter case.
pub(super) fn lower(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.to_lowercase()),
        Value::Array(elements) => elements.iter().map(lower).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn membership_changes_are_sets() {
        let ids = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let change = member_change(&ids("a b"), &ids("b c c"));
        assert_eq!(change, MemberChange { add: ids("c"), remove: ids("a") });
    }
}
