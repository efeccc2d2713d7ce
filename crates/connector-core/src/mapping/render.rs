//! The rows of a table as they are told: one per attribute, with all its marks as a phrase. `layout` makes pages of them.

use serde::Serialize;

use super::{
    table::{Direction, Filled, Row, Table},
    transform::Transform,
};

/// One attribute's mapping as it is printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RenderedRow {
    /// The resource type.
    pub resource: String,
    /// The SCIM path as in filters.
    pub scim: String,
    /// The target path; `null` for an unmapped attribute.
    pub target: Option<String>,
    /// `both`, `read`, `create`, `write` or `unmapped`.
    pub direction: &'static str,
    /// The transform's name; `null` for a plain copy.
    pub transform: Option<String>,
    /// Whether it must have a value.
    pub required: bool,
    /// What a reviewer should know; the reason of an unmapped attribute.
    pub note: Option<String>,
}

pub(super) fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Both => "both",
        Direction::Read => "read",
        Direction::Create => "create",
        Direction::Write => "write",
        Direction::Unmapped => "unmapped",
    }
}

/// Every attribute of the tables: mapped ones in table order, unmapped ones at the end of their table.
pub fn rendered(tables: &[&Table]) -> Vec<RenderedRow> {
    let mut out = Vec::new();
    for table in tables {
        let mut rows = Vec::new();
        for row in table.rows {
            match row.elements {
                None => rows.push(one(table, row, row.scim.to_owned(), row.target.to_owned(), row.direction)),
                Some(elements) => {
                    let first = elements.rows.iter().position(|sub| sub.direction != Direction::Unmapped);
                    rows.extend(elements.rows.iter().enumerate().map(|(index, sub)| {
                        let target = match sub.target {
                            "." => row.target.to_owned(),
                            path => format!("{}.{path}", row.target),
                        };
                        let direction = match (row.direction, sub.direction) {
                            (_, Direction::Unmapped) => Direction::Unmapped,
                            (Direction::Both, own) => own,
                            (outer, _) => outer,
                        };
                        let mut rendered =
                            one(table, sub, format!("{}.{}", row.scim, sub.scim), target, direction);
                        rendered.required |= row.required;
                        if Some(index) == first {
                            // What holds for the list as a whole is told once.
                            let notes: Vec<String> = rendered.note.into_iter().chain(note(row)).collect();
                            rendered.note = (!notes.is_empty()).then(|| notes.join("; "));
                        }
                        rendered
                    }));
                }
            }
        }
        rows.sort_by_key(|row| row.direction == word(Direction::Unmapped));
        out.extend(rows);
    }
    out
}

fn one(table: &Table, row: &Row<'_>, scim: String, target: String, direction: Direction) -> RenderedRow {
    let mapped = direction != Direction::Unmapped;
    RenderedRow {
        resource: table.resource.to_owned(),
        scim,
        target: mapped.then_some(target),
        direction: word(direction),
        transform: (mapped && row.via != Transform::Copy).then(|| row.via.to_string()),
        required: row.required,
        note: note(row),
    }
}

/// The row's note and its marks, as one phrase.
fn note(row: &Row<'_>) -> Option<String> {
    let mut parts: Vec<String> = row.note.iter().map(|&note| note.to_owned()).collect();
    if let Some(other) = row.alias_of {
        parts.push(format!("alias of {other}"));
    }
    if let Some(most) = row.max_chars {
        parts.push(format!("at most {most} characters"));
    }
    if let Some(field) = row.filter {
        parts.push(format!("filter {field}"));
    }
    for filled in row.filled {
        parts.push(match filled {
            Filled::Like(pattern) => format!("filled in by the target as {pattern}"),
            Filled::SameAs(scim) => format!("filled in by the target as {scim}"),
        });
    }
    match row.elements.map_or(0, |elements| elements.slots.len()) {
        0 => {}
        1 => parts.push("one at most".into()),
        places => parts.push(format!("{places} at most")),
    }
    if row.kept {
        parts.push("kept when a PUT omits it".into());
    }
    if row.unmarked {
        parts.push("else the only element, or the primary one".into());
    }
    if row.computed {
        parts.push("ignored on write".into());
    }
    if row.on_request {
        parts.push("only when asked for".into());
    }
    if row.read_apart {
        parts.push("not read for a client that leaves it out".into());
    }
    if let Some(list) = row.also_from {
        parts.push(format!("also taken from {list}"));
    }
    if row.settled {
        parts.push("compared after creation".into());
    }
    if let Some(other) = row.ambiguous_beside {
        parts.push(format!("ambiguous in the target: what was written is remembered until {other} changes"));
    }
    if row.granted {
        parts.push("the target's is always shown".into());
    }
    if row.apart {
        parts.push("added after creation".into());
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// The tables as JSON: a list of rows.
pub fn to_json(tables: &[&Table]) -> String {
    serde_json::to_string_pretty(&rendered(tables)).expect("rows are plain data")
}
