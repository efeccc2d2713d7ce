//! What becomes of each value on its way, row by row: put down by the conversions themselves, for dry runs alone.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    plan::{Difference, Plan, Unit},
    table::{Direction, Row, Table},
    target::TargetPath,
    transform::Transform,
};
use crate::{
    connector::{MemberChange, Vendor},
    dry_run::{REDACTED, map_text},
    error::Result,
    scim::{Mutability, Path, Resource, same_name},
};

/// What became of one value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// The resource type; empty for what concerns the whole request.
    pub resource: String,
    /// The SCIM path as in the table; empty for what concerns no single attribute.
    pub scim: String,
    /// The path in the target's JSON; `null` where the target has none.
    pub target: Option<String>,
    /// The value that went in: the client's when writing, the target's when reading.
    #[serde(rename = "in")]
    pub before: Value,
    /// The transform; `null` for a plain copy.
    pub transform: Option<String>,
    /// The value that came out.
    #[serde(rename = "out")]
    pub after: Value,
    /// What that means.
    pub outcome: Outcome,
    /// Why, where it does not speak for itself.
    pub why: Option<String>,
}

/// What became of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It goes through as it is.
    Copied,
    /// It goes through in another form.
    Changed,
    /// The target's value is emptied.
    Cleared,
    /// The target holds it already: nothing is sent.
    Unchanged,
    /// The target cannot hold it as it is; this host keeps it for the client.
    Kept,
    /// It goes nowhere.
    Dropped,
    /// No value: something a person should know.
    Note,
}

/// Steps being put down, or nothing at all.
#[derive(Debug, Default)]
pub struct Trace(Option<Vec<Step>>);

impl Trace {
    /// Puts down nothing.
    pub const fn off() -> Self {
        Self(None)
    }

    /// Puts down everything.
    pub const fn on() -> Self {
        Self(Some(Vec::new()))
    }

    pub(crate) fn of(step: Step) -> Self {
        Self(Some(vec![step]))
    }

    pub(crate) fn into_steps(self) -> Vec<Step> {
        self.0.unwrap_or_default()
    }

    pub(crate) fn put(&mut self, step: impl FnOnce() -> Step) {
        if let Some(steps) = &mut self.0 {
            steps.push(step());
        }
    }

    const fn is_on(&self) -> bool {
        self.0.is_some()
    }
}

impl Step {
    /// Something a person should know.
    pub(crate) fn note(message: &str) -> Self {
        Self { why: Some(message.to_owned()), ..Self::new("", Value::Null, Value::Null, Outcome::Note) }
    }

    fn new(scim: &str, before: Value, after: Value, outcome: Outcome) -> Self {
        Self {
            resource: String::new(),
            scim: scim.to_owned(),
            target: None,
            before,
            transform: None,
            after,
            outcome,
            why: None,
        }
    }

    fn because(self, why: impl Into<String>) -> Self {
        Self { why: Some(why.into()), ..self }
    }

    /// The same with every text value changed so.
    pub(crate) fn map_text(self, change: &impl Fn(&str) -> String) -> Self {
        Self { before: map_text(self.before, change), after: map_text(self.after, change), ..self }
    }
}

/// What a written row comes to.
pub(super) enum Written<'v> {
    Set(&'v Value),
    Cleared,
    Members(&'v MemberChange),
    /// Nothing is sent: the target holds it, or fills it in by itself.
    Same,
}

/// What a change makes of a target's object.
#[derive(Debug, Clone, Default)]
pub(crate) struct Effect {
    set: Map<String, Value>,
    cleared: Vec<Vec<String>>,
    /// What the target said of a value that is another one now, as its name: gone until the target says something else.
    outdated: Vec<(TargetPath, Value)>,
    members: Vec<MemberChange>,
}

impl Unit {
    /// The row's step.
    pub(super) fn step(&self, asked: Option<&Value>, written: &Written<'_>) -> Step {
        let before = asked.cloned().unwrap_or(Value::Null);
        let (after, outcome) = match written {
            Written::Set(value) if **value == before => ((*value).clone(), Outcome::Copied),
            Written::Set(value) => ((*value).clone(), Outcome::Changed),
            Written::Cleared => (Value::Null, Outcome::Cleared),
            Written::Members(change) => {
                (json!({ "add": change.add, "remove": change.remove }), Outcome::Changed)
            }
            Written::Same => (Value::Null, Outcome::Unchanged),
        };
        let why = match (outcome, &self.elements) {
            (Outcome::Changed, Some(_)) if matches!(written, Written::Members(_)) => {
                Some("only who comes and who goes is sent".to_owned())
            }
            (Outcome::Changed, Some(_)) => {
                Some("in the places and with the marks the target has for them".to_owned())
            }
            (Outcome::Changed, None) => Some(format!("the target takes it so: {}", self.via)),
            (Outcome::Unchanged, _) => {
                Some("the target holds it already, or fills it in by itself".to_owned())
            }
            _ => None,
        };
        self.row(Step { why, ..Step::new(&self.scim, before, after, outcome) })
    }

    /// The step with what the row says of itself, and without a secret.
    fn row(&self, step: Step) -> Step {
        let hidden = |value: Value| if value.is_null() { value } else { REDACTED.into() };
        let (before, after) = if self.is_secret() {
            (hidden(step.before), hidden(step.after))
        } else {
            (step.before, step.after)
        };
        Step {
            target: Some(self.target.as_str().to_owned()),
            transform: (self.via != Transform::Copy).then(|| self.via.to_string()),
            before,
            after,
            ..step
        }
    }

    /// Whether the target says this of the other one's value, as the name of a manager.
    fn tells_of(&self, other: &Self) -> bool {
        let (place, about) = (&self.place, &other.place);
        self.direction == Direction::Read
            && self.target != other.target
            && self.selector == other.selector
            && place.sub.is_some()
            && about.sub.is_some()
            && place.urn == about.urn
            && same_name(&place.name, &about.name)
    }

    /// Whether previews leave its value out.
    pub(super) fn is_secret(&self) -> bool {
        self.direction == Direction::Write && !self.open
    }
}

impl Plan {
    /// The names under which secrets stand in the target's JSON.
    pub(crate) fn secret_members(&self) -> impl Iterator<Item = &str> {
        let secret = self.units.iter().filter(|unit| unit.is_secret());
        secret.filter_map(|unit| unit.target.members().last().map(String::as_str))
    }

    /// What of a client's body is in none of the values taken from it, and why.
    pub(crate) fn trace_lost(&self, table: &Table, body: &Value, taken: &Resource, trace: &mut Trace) {
        if !trace.is_on() {
            return;
        }
        for (urn, name, value) in attributes(body) {
            if matches!(name, "schemas" | "meta") && urn.is_none() {
                continue;
            }
            let path = urn.map_or_else(|| name.to_owned(), |urn| format!("{urn}:{name}"));
            let Some(kept) = taken.attribute(urn, name) else {
                let why = self.why_lost(table, &path);
                trace.put(|| Step::new(&path, value.clone(), Value::Null, Outcome::Dropped).because(why));
                continue;
            };
            if !self
                .units
                .iter()
                .any(|unit| unit.place.urn.as_deref() == urn && same_name(&unit.place.name, name))
            {
                let why = reason(table, &path).unwrap_or("the target has no field for it");
                let why = format!("{why}; this host keeps it");
                trace.put(|| Step::new(&path, value.clone(), kept.clone(), Outcome::Kept).because(why));
            }
            for (sub, value) in parts(value) {
                if !parts(kept).any(|(held, _)| same_name(held, sub)) {
                    let path = format!("{path}.{sub}");
                    let why = self.why_lost(table, &path);
                    trace.put(|| Step::new(&path, value.clone(), Value::Null, Outcome::Dropped).because(why));
                }
            }
        }
    }

    /// One name that was dropped from a request, with the value it had.
    pub(crate) fn trace_dropped(&self, table: &Table, path: &str, value: Value, trace: &mut Trace) {
        trace.put(|| {
            let why = self.why_lost(table, path);
            Step::new(path, value, Value::Null, Outcome::Dropped).because(why)
        });
    }

    fn why_lost(&self, table: &Table, path: &str) -> String {
        if let Some(reason) = reason(table, path) {
            return reason.to_owned();
        }
        let parsed = Path::parse(path, &self.rtype).ok().flatten();
        match parsed.and_then(|path| self.rtype.definition(&path)) {
            Some(attribute) if attribute.computed => {
                "the target makes it of other values: what is written is ignored".to_owned()
            }
            Some(attribute) if attribute.mutability == Mutability::ReadOnly => "can only be read".to_owned(),
            _ if table
                .rows
                .iter()
                .any(|row| same_name(row.scim, path) && row.direction != Direction::Unmapped) =>
            {
                "is switched off for this instance".to_owned()
            }
            _ => "this resource type has no such attribute".to_owned(),
        }
    }

    /// What was read of a target's object, row by row, and which values the client sees instead of the target's.
    pub(crate) fn trace_read(
        &self,
        vendor: &Vendor,
        held: &Resource,
        seen: &Resource,
        trace: &mut Trace,
    ) -> Result<()> {
        if !trace.is_on() {
            return Ok(());
        }
        let document = Value::Object(vendor.document()?);
        for unit in self.units.iter().filter(|unit| unit.is_read()) {
            let raw = unit
                .target
                .of(&document)
                .filter(|raw| !matches!(raw, Value::Null) && *raw != "" && **raw != json!([]));
            let Some(raw) = raw else { continue };
            let read = unit.held(held);
            let (outcome, why) = match read {
                Some(read) if read == raw => (Outcome::Copied, None),
                Some(_) => (Outcome::Changed, None),
                None => (Outcome::Dropped, Some("the value does not fit the attribute".to_owned())),
            };
            let step = Step::new(&unit.scim, raw.clone(), read.cloned().unwrap_or(Value::Null), outcome);
            trace.put(|| unit.row(Step { why, ..step }));
        }
        for (urn, name, value) in attributes(&Value::Object(seen.document().clone())) {
            let under = held.attribute(urn, name).cloned().unwrap_or(Value::Null);
            if under != *value && !(urn.is_none() && matches!(name, "meta" | "schemas")) {
                let path = urn.map_or_else(|| name.to_owned(), |urn| format!("{urn}:{name}"));
                let why = "a client wrote this, and the target still holds what it made of it";
                trace.put(|| Step::new(&path, under, value.clone(), Outcome::Kept).because(why));
            }
        }
        Ok(())
    }

    /// What a change, and members that come later, make of the target's object.
    pub(crate) fn effect(&self, difference: &Difference<'_>, further: &MemberChange) -> Result<Effect> {
        let joined = [&difference.members, further].into_iter().filter(|change| !change.is_empty());
        let members = joined.cloned().collect();
        let Some(change) = &difference.change else { return Ok(Effect { members, ..Effect::default() }) };
        let current = change.current.document()?;
        let is_changed = |unit: &&Unit| {
            unit.is_sent()
                && (unit.target.of_object(&change.set).is_some() || change.cleared.contains(&&unit.target))
        };
        let changed: Vec<&Unit> = self.units.iter().filter(is_changed).collect();
        let told = self.units.iter().filter(|unit| changed.iter().any(|changed| unit.tells_of(changed)));
        let outdated = told.filter_map(|unit| {
            let before = unit.target.of_object(&current)?;
            Some((unit.target.clone(), before.clone()))
        });
        Ok(Effect {
            outdated: outdated.collect(),
            set: change.set.clone(),
            cleared: change.cleared.iter().map(|path| path.members().to_vec()).collect(),
            members,
        })
    }

    /// The target's object as these changes would leave it. It does not matter whether it shows them already.
    pub(crate) fn pretended(&self, vendor: &Vendor, effects: &[Effect]) -> Result<Vendor> {
        let mut document = vendor.document()?;
        for effect in effects {
            lay_over(&mut document, &effect.set);
            for path in &effect.cleared {
                remove(&mut document, path);
            }
            for (path, before) in &effect.outdated {
                if path.of_object(&document) == Some(before) {
                    remove(&mut document, path.members());
                }
            }
        }
        let mut document = Value::Object(document);
        for change in effects.iter().flat_map(|effect| &effect.members) {
            self.change_members(&mut document, change);
        }
        Ok(Vendor::new(document.to_string().into()))
    }

    fn change_members(&self, document: &mut Value, change: &MemberChange) {
        let Some(unit) = self.members.map(|index| &self.units[index]) else { return };
        let value = unit.elements.as_ref().and_then(|plan| Some(&plan.rows[plan.value_row?].target));
        let Some(value) = value else { return };
        let mut elements = unit.target.of(document).and_then(Value::as_array).cloned().unwrap_or_default();
        // Who is added stands at the end, once.
        elements.retain(|element| match value.of(element) {
            Some(Value::String(id)) => !change.remove.contains(id) && !change.add.contains(id),
            Some(Value::Number(id)) => {
                ![&change.remove, &change.add].iter().any(|ids| ids.contains(&id.to_string()))
            }
            _ => true,
        });
        elements.extend(change.add.iter().map(|id| match value.members() {
            [] => Value::from(id.as_str()),
            _ => {
                let mut element = Map::new();
                value.put(&mut element, id.as_str().into());
                Value::Object(element)
            }
        }));
        if let Value::Object(document) = document {
            unit.target.put(document, Value::Array(elements));
        }
    }
}

/// Why the table maps nothing to this path.
fn reason(table: &Table, path: &str) -> Option<&'static str> {
    let unmapped = |row: &&Row<'static>| row.direction == Direction::Unmapped;
    let whole = table.rows.iter().filter(unmapped).find(|row| same_name(row.scim, path));
    let part = || {
        let (list, sub) = path.rsplit_once('.')?;
        let elements = table.rows.iter().find(|row| same_name(row.scim, list))?.elements?;
        elements.rows.iter().filter(unmapped).find(|row| same_name(row.scim, sub))
    };
    whole.or_else(part)?.note
}

/// Every attribute of a document that has a value, those of extensions one by one.
fn attributes(document: &Value) -> impl Iterator<Item = (Option<&str>, &str, &Value)> {
    let members = document.as_object().into_iter().flatten();
    let all = members.flat_map(|(name, value)| match value {
        Value::Object(extension) if name.starts_with("urn:") => {
            extension.iter().map(|(sub, value)| (Some(name.as_str()), sub.as_str(), value)).collect()
        }
        _ => vec![(None, name.as_str(), value)],
    });
    all.filter(|(_, _, value)| !value.is_null() && **value != "" && **value != json!([]))
}

/// The sub-attributes of a value, those of each element of a list.
fn parts(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let objects: Vec<&Value> = match value {
        Value::Array(elements) => elements.iter().collect(),
        other => vec![other],
    };
    let parts = objects.into_iter().filter_map(Value::as_object).flatten();
    parts.map(|(name, value)| (name.as_str(), value)).filter(|(_, value)| !value.is_null())
}

fn lay_over(document: &mut Map<String, Value>, more: &Map<String, Value>) {
    for (name, more) in more {
        match (document.get_mut(name), more) {
            (Some(Value::Object(held)), Value::Object(more)) => lay_over(held, more),
            _ => {
                document.insert(name.clone(), more.clone());
            }
        }
    }
}

fn remove(document: &mut Map<String, Value>, path: &[String]) {
    match path {
        [] => {}
        [last] => {
            document.shift_remove(last);
        }
        [first, rest @ ..] => {
            if let Some(Value::Object(inner)) = document.get_mut(first) {
                remove(inner, rest);
            }
        }
    }
}
