//! What changed between two versions of a connector, as sentences for people, and which of it breaks clients.
//!
//! What cannot be seen from the contracts counts as breaking: a field that the vendor merely renamed looks like one that
//! holds other values.

use std::fmt;

use super::{Contract, Type, declared, rules::Context};

/// What a change does to those who rely on the version before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Nothing they have to know.
    Fine,
    /// Something they have to know; it breaks none of what they do now.
    Careful,
    /// What worked fails, or does something else: the change needs a new major version.
    Breaks,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The resource type concerned; `None` for what a connector declares as a whole.
    pub resource: Option<String>,
    /// What it does.
    pub effect: Effect,
    /// A sentence without a full stop.
    pub text: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.effect {
            Effect::Breaks => "BREAKS   ",
            Effect::Careful => "careful  ",
            Effect::Fine => "         ",
        })?;
        f.write_str(&self.text)
    }
}

/// Everything that changed from one contract to another, in the order of the later one. Versions, notes and reasons are no
/// changes.
pub fn changes(before: &Contract, after: &Contract) -> Vec<Change> {
    let Contract { connector: _, version: _, resources, parameters: _, credentials: _, hosts: _ } = before;
    let mut told = Vec::new();
    for new in &after.resources {
        let mut notes = Notes::default();
        match resources.iter().find(|old| old.resource == new.resource) {
            None => notes.fine(format!("{} (`{}`) is new", new.resource, new.endpoint)),
            Some(old) => resource(&mut notes, old, new),
        }
        told.extend(notes.about(Some(&new.resource)));
    }
    for old in resources.iter().filter(|old| after.resources.iter().all(|new| new.resource != old.resource)) {
        let mut notes = Notes::default();
        notes.breaks(format!("{} (`{}`) is gone, with all its attributes", old.resource, old.endpoint));
        told.extend(notes.about(Some(&old.resource)));
    }
    let mut notes = Notes::default();
    declared::compare(&mut notes, before, after);
    told.extend(notes.about(None));
    told
}

/// Sentences with their effects.
#[derive(Default)]
pub(super) struct Notes(Vec<(Effect, String)>);

impl Notes {
    pub(super) fn fine(&mut self, text: String) {
        self.0.push((Effect::Fine, text));
    }

    pub(super) fn careful(&mut self, text: String) {
        self.0.push((Effect::Careful, text));
    }

    pub(super) fn breaks(&mut self, text: String) {
        self.0.push((Effect::Breaks, text));
    }

    /// A sentence that breaks when it holds.
    pub(super) fn breaks_if(&mut self, breaks: bool, text: String) {
        self.0.push((if breaks { Effect::Breaks } else { Effect::Fine }, text));
    }

    fn about(self, resource: Option<&str>) -> impl Iterator<Item = Change> {
        self.0.into_iter().map(move |(effect, text)| Change {
            resource: resource.map(str::to_owned),
            effect,
            text,
        })
    }
}

fn resource(notes: &mut Notes, before: &Type, after: &Type) {
    // Taken apart, so that what is added to a contract must be decided on here.
    let Type {
        resource: _,
        endpoint,
        schema,
        create,
        change,
        delete,
        soft_delete,
        members,
        attributes,
        unmapped,
    } = before;
    for (what, old, new) in [("path", endpoint, &after.endpoint), ("schema", schema, &after.schema)] {
        if old != new {
            notes.breaks(format!("the {what} was `{old}`, is now `{new}`"));
        }
    }
    for (what, old, new) in [
        ("created", *create, after.create),
        ("changed", *change, after.change),
        ("deleted", *delete, after.delete),
        ("given and taken members one by one", *members, after.members),
    ] {
        match (old, new) {
            (true, false) => notes.breaks(format!("objects can no longer be {what}")),
            (false, true) => notes.fine(format!("objects can now be {what}")),
            _ => {}
        }
    }
    if *delete && after.delete && *soft_delete != after.soft_delete {
        let text = if after.soft_delete {
            "DELETE removed for good, now only deactivates"
        } else {
            "DELETE only deactivated, now removes for good"
        };
        notes.breaks(text.to_owned());
    }
    let context = Context { before, after, list: "" };
    context.attributes(notes, attributes, unmapped, &after.attributes);
}
