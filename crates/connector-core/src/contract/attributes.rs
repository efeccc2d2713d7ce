//! The attributes of a contract, from the rows of a table.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    mapping::{Direction, Filled, Mark, Row, Slot, Transform},
    scim::Type,
};

/// A mapped attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "independent marks, as in the table")]
pub struct Attribute {
    /// The SCIM path; within a list, the name of the sub-attribute.
    pub scim: String,
    /// The path in the vendor's JSON; within a list, from the element.
    pub target: String,
    /// Which way it goes.
    pub way: Way,
    /// How values are converted; `copy` for not at all.
    #[serde(default = "copy", skip_serializing_if = "is_copy")]
    pub transform: String,
    /// The words that correspond, SCIM's and the target's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<(String, String)>,
    /// The type, where the row states it.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Type>,
    /// Whether it must have a value when an object is created or replaced.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// Whether a PUT that omits it leaves it alone.
    #[serde(default, skip_serializing_if = "is_false")]
    pub kept: bool,
    /// Whether it is read only when a client asks for it by name.
    #[serde(default, skip_serializing_if = "is_false")]
    pub on_request: bool,
    /// Whether another element may be in the place of the one the path names.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unmarked: bool,
    /// Whether it takes calls of its own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub read_apart: bool,
    /// Whether a value that is only written is shown by a dry run.
    #[serde(default, skip_serializing_if = "is_false")]
    pub open: bool,
    /// The attribute beside which alone the target tells its states apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ambiguous_beside: Option<String>,
    /// Whether the target decides about its elements.
    #[serde(default, skip_serializing_if = "is_false")]
    pub granted: bool,
    /// Whether members are added after the object was created.
    #[serde(default, skip_serializing_if = "is_false")]
    pub apart: bool,
    /// Whether a PATCH that names it is ignored instead of refused.
    #[serde(default, skip_serializing_if = "is_false")]
    pub computed: bool,
    /// Whether the target may ignore it at creation.
    #[serde(default, skip_serializing_if = "is_false")]
    pub settled: bool,
    /// The most characters the target takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_chars: Option<usize>,
    /// The target's name of it in its own filters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// The attribute it stands for the same value with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias_of: Option<String>,
    /// The list whose single value is taken for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub also_from: Option<String>,
    /// Values the target fills in by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filled: Vec<String>,
    /// The places the target has for elements of the list; empty for any number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<String>,
    /// Whether the first place always has an element.
    #[serde(default, skip_serializing_if = "is_false")]
    pub leading: bool,
    /// The attributes of the list's elements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elements: Vec<Attribute>,
}

/// An attribute that is not mapped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmapped {
    /// The SCIM path.
    pub scim: String,
    /// Why.
    pub reason: String,
}

/// Which way an attribute goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Read and written.
    Both,
    /// Only read.
    Read,
    /// Read, and written at creation.
    Create,
    /// Written, never read.
    Write,
    /// Written at creation, never read.
    WriteAtCreation,
}

impl fmt::Display for Way {
    /// What it "was" and "is now".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Both => "written",
            Self::Read => "only read",
            Self::Create => "written at creation only",
            Self::Write => "written and never read",
            Self::WriteAtCreation => "written at creation only and never read",
        })
    }
}

fn copy() -> String {
    Transform::Copy.to_string()
}

fn is_copy(transform: &String) -> bool {
    *transform == copy()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// The mapped rows.
pub(super) fn mapped(rows: &[Row<'_>]) -> Vec<Attribute> {
    rows.iter().filter_map(|row| Some(one(row, way(row)?))).collect()
}

/// The rows that are not mapped, those of lists too.
pub(super) fn unmapped(rows: &[Row<'_>]) -> Vec<Unmapped> {
    let mut out = Vec::new();
    for row in rows {
        let mut add = |scim: String, row: &Row<'_>| {
            if row.direction == Direction::Unmapped {
                out.push(Unmapped { scim, reason: row.note.unwrap_or_default().to_owned() });
            }
        };
        add(row.scim.to_owned(), row);
        for sub in row.elements.iter().flat_map(|elements| elements.rows) {
            add(format!("{}.{}", row.scim, sub.scim), sub);
        }
    }
    out
}

fn way(row: &Row<'_>) -> Option<Way> {
    match row.direction {
        Direction::Both => Some(Way::Both),
        Direction::Read => Some(Way::Read),
        Direction::Create => Some(Way::Create),
        Direction::Write if row.is_only_on_create() => Some(Way::WriteAtCreation),
        Direction::Write => Some(Way::Write),
        Direction::Unmapped => None,
    }
}

fn one(row: &Row<'_>, own: Way) -> Attribute {
    // Taken apart, so that what is added to a row must be decided on here. Notes are for people.
    let Row {
        scim,
        target,
        direction: _,
        via,
        required,
        note: _,
        custom,
        elements,
        alias_of,
        kept,
        filter,
        max_chars,
        filled,
        settled,
        on_request,
        unmarked,
        read_apart,
        also_from,
        open,
        ambiguous_beside,
        granted,
        apart,
        computed,
    } = *row;
    // What cannot be written as a list cannot be written within it.
    let within = |sub: &Row<'_>| match own {
        Way::Both => way(sub),
        outer => way(sub).map(|_| outer),
    };
    let words = match via {
        Transform::Words(words) => words.iter().map(|&(a, b)| (a.to_owned(), b.to_owned())).collect(),
        _ => Vec::new(),
    };
    let subs = elements.map_or(&[][..], |elements| elements.rows).iter();
    Attribute {
        scim: scim.to_owned(),
        target: target.to_owned(),
        way: own,
        transform: if words.is_empty() { via.to_string() } else { "words".to_owned() },
        words,
        kind: custom.map(|(kind, _)| kind),
        required,
        kept,
        on_request,
        unmarked,
        read_apart,
        open,
        ambiguous_beside: ambiguous_beside.map(str::to_owned),
        granted,
        apart,
        computed,
        settled,
        max_chars,
        filter: filter.map(str::to_owned),
        alias_of: alias_of.map(str::to_owned),
        also_from: also_from.map(str::to_owned),
        filled: filled.iter().map(filled_in).collect(),
        places: elements.map_or(&[][..], |elements| elements.slots).iter().map(place).collect(),
        leading: elements.is_some_and(|elements| elements.leading),
        elements: subs.filter_map(|sub| Some(one(sub, within(sub)?))).collect(),
    }
}

fn filled_in(filled: &Filled) -> String {
    match filled {
        Filled::Like(pattern) => format!("like {pattern}"),
        Filled::SameAs(scim) => format!("as {scim}"),
    }
}

/// A place of a list: what marks it in SCIM, and in the target when it is read and when it is written.
fn place(slot: &Slot) -> String {
    let marks = |marks: &[(&str, Mark)]| {
        let mark = |(name, mark): &(&str, Mark)| match mark {
            Mark::Is(flag) => format!("{name}={flag}"),
            Mark::Word(word) => format!("{name}={word}"),
        };
        marks.iter().map(mark).collect::<Vec<_>>().join(",")
    };
    format!("{} (read {}; written {})", marks(slot.scim), marks(slot.read), marks(slot.write))
}
