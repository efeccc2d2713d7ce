//! Tables for people: aligned text and markdown, one row per line, grouped by schema, what is not mapped at the end.
//!
//! The one layout of snapshots, `connector-host mapping` and the pages of the connectors.

use std::fmt::Write as _;

use super::{
    render::{RenderedRow, rendered},
    table::Table,
};

/// Rows of one schema that are mapped, or that are not.
struct Section<'r> {
    /// The schema they are of, which their paths leave out.
    urn: &'r str,
    mapped: bool,
    rows: Vec<&'r RenderedRow>,
}

impl Section<'_> {
    /// Column titles and cells.
    fn cells(&self) -> Vec<Vec<String>> {
        let titles: &[&str] = if self.mapped {
            &["SCIM path", "target path", "direction", "transform", "required", "note"]
        } else {
            &["SCIM path", "why it is not mapped"]
        };
        let mut lines = vec![titles.iter().map(|&title| title.to_owned()).collect()];
        lines.extend(self.rows.iter().map(|row| {
            let path = split(&row.scim).1.to_owned();
            let note = row.note.clone().unwrap_or_default();
            if !self.mapped {
                return vec![path, note];
            }
            let target = row.target.clone().unwrap_or_default();
            let transform = row.transform.clone().unwrap_or_default();
            let required = if row.required { "yes" } else { "" };
            vec![path, target, row.direction.to_owned(), transform, required.to_owned(), note]
        }));
        lines
    }
}

/// The schema a path names, and the rest of it.
fn split(scim: &str) -> (Option<&str>, &str) {
    match scim.starts_with("urn:").then(|| scim.rsplit_once(':')).flatten() {
        Some((urn, rest)) => (Some(urn), rest),
        None => (None, scim),
    }
}

/// The rows in sections, in the order in which the table comes to each schema; those that are not mapped come last.
fn sections<'r>(table: &Table, rows: &'r [RenderedRow]) -> Vec<Section<'r>> {
    let mut sections: Vec<Section<'r>> = Vec::new();
    for row in rows {
        let urn = split(&row.scim).0.unwrap_or(table.base.urn());
        let mapped = row.target.is_some();
        match sections.iter_mut().find(|section| section.urn == urn && section.mapped == mapped) {
            Some(section) => section.rows.push(row),
            None => sections.push(Section { urn, mapped, rows: vec![row] }),
        }
    }
    sections.sort_by_key(|section| !section.mapped);
    sections
}

/// The tables as markdown. The heading of each has this many `#`.
pub fn to_markdown(tables: &[&Table], level: usize) -> String {
    let mut out = String::new();
    for (index, table) in tables.iter().enumerate() {
        let separator = if index > 0 { "\n" } else { "" };
        let marks = "#".repeat(level);
        writeln!(out, "{separator}{marks} {} (`{}`)", table.resource, table.endpoint).expect("text grows");
        for section in sections(table, &rendered(&[table])) {
            let mapped = if section.mapped { "" } else { "Not mapped, " };
            writeln!(out, "\n{mapped}`{}`:\n", section.urn).expect("text grows");
            let mut lines = section.cells();
            for cell in lines.iter_mut().flatten() {
                *cell = cell.replace('|', "\\|");
            }
            lines.insert(1, Vec::new());
            grid(&mut out, &lines, "| ", " | ", " |");
        }
    }
    out
}

/// The tables as aligned text, for review snapshots.
pub fn to_text(tables: &[&Table]) -> String {
    let mut out = String::new();
    for (index, table) in tables.iter().enumerate() {
        let separator = if index > 0 { "\n" } else { "" };
        writeln!(out, "{separator}{} ({})", table.resource, table.endpoint).expect("text grows");
        for section in sections(table, &rendered(&[table])) {
            let mapped = if section.mapped { "" } else { "not mapped, " };
            writeln!(out, "\n  {mapped}{}", section.urn).expect("text grows");
            grid(&mut out, &section.cells(), "    ", "  ", "");
        }
    }
    out
}

/// Columns grow in steps of this, so that a slightly longer cell does not touch the line of every other row.
const STEP: usize = 4;

/// Lines of aligned cells; an empty one is a rule.
fn grid(out: &mut String, lines: &[Vec<String>], before: &str, between: &str, after: &str) {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(|column| widest(column).next_multiple_of(STEP)).collect();
    for line in lines {
        let cell = |(column, width): (usize, &usize)| match line.get(column) {
            Some(cell) => format!("{cell:<width$}"),
            None => "-".repeat(*width),
        };
        let cells: Vec<String> = widths.iter().enumerate().map(cell).collect();
        let text = format!("{before}{}{after}", cells.join(between));
        out.push_str(text.trim_end());
        out.push('\n');
    }
}
