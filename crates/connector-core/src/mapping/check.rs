//! Whether a table is sound, and whether everything about an attribute really comes from its row.

use std::collections::HashMap;

use super::{
    compile::{Fault, PlanOptions, base_schema},
    plan::Plan,
    table::{Base, Direction, Row, Table},
    transform::Transform,
};
use crate::scim::{ENTERPRISE_USER_URN, Mutability, Schema, enterprise_user};

/// Everything unsound about a table; empty for a good one. `writable` says whether the resource type has any writing
/// facet.
///
/// Every core attribute must be mapped or `unmapped` with a reason; a required attribute must be sent; nothing may be
/// written on a read-only type; two rows may write the same target only when one is the other's alias.
pub fn faults(table: &Table, writable: bool) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |scim: &str, rule: &str| {
        faults.push(Fault { resource: table.resource.into(), scim: scim.into(), rule: rule.into() });
    };
    for row in table.rows {
        one_row(table.base, row, writable, &mut fault);
        for sub in row.elements.iter().flat_map(|elements| elements.rows) {
            if sub.direction == Direction::Unmapped && sub.note.is_none_or(str::is_empty) {
                fault(&format!("{}.{}", row.scim, sub.scim), "is unmapped without a reason");
            }
            if sub.via == Transform::BySlot && row.elements.is_some_and(|elements| elements.slots.is_empty())
            {
                fault(&format!("{}.{}", row.scim, sub.scim), "is decided by slots, and the list has none");
            }
            if sub.direction != Direction::Unmapped && sub.target.is_empty() {
                fault(&format!("{}.{}", row.scim, sub.scim), "has no target path");
            }
        }
    }
    for row in table.rows {
        let Some(other) = row.ambiguous_beside else { continue };
        if !table.rows.iter().any(|beside| beside.scim == other && beside.is_read()) {
            fault(row.scim, &format!("is told apart beside `{other}`, which is not read"));
        }
    }
    same_target(table, &mut fault);
    for scim in unaccounted(table) {
        fault(&scim, "is a core attribute that is neither mapped nor unmapped with a reason");
    }
    if let Err(compiled) = Plan::compile(table, &PlanOptions::default()) {
        faults.extend(compiled);
    }
    faults
}

fn one_row(base: Base, row: &Row<'_>, writable: bool, fault: &mut impl FnMut(&str, &str)) {
    match row.direction {
        Direction::Unmapped if row.note.is_none_or(str::is_empty) => {
            fault(row.scim, "is unmapped without a reason");
        }
        Direction::Unmapped => return,
        _ if row.target.is_empty() => fault(row.scim, "has no target path"),
        _ => {}
    }
    if row.is_sent() && !writable {
        fault(row.scim, "is written, but the resource type is read-only");
    }
    if row.required && !row.is_sent() && row.scim != "id" {
        fault(row.scim, "is required but never sent");
    }
    if row.is_sent() && (row.scim == "id" || row.scim.starts_with("meta.")) {
        fault(row.scim, "is assigned by the service provider and cannot be written");
    }
    if row.granted && row.elements.is_none() {
        fault(row.scim, "is granted, which lists alone are");
    }
    if row.computed && (row.direction != Direction::Read || row.elements.is_some()) {
        fault(row.scim, "is computed, which single attributes that are only read are alone");
    }
    if row.apart && row.scim != "members" {
        fault(row.scim, "is apart, which members alone are");
    }
    if row.is_sent() && !row.via.is_two_way() {
        fault(row.scim, "is written through a transform that only reads");
    }
    let core = match row.scim.strip_prefix(ENTERPRISE_USER_URN) {
        Some(rest) => enterprise_user().at(rest.trim_start_matches(':')).cloned(),
        None => base_schema(base).and_then(|schema| schema.at(row.scim).cloned()),
    };
    if row.is_sent() && core.is_some_and(|core| core.mutability == Mutability::ReadOnly) {
        fault(row.scim, "is read-only in the core schema and cannot be written");
    }
}

/// Two rows that write one target without an alias mark would overwrite each other.
fn same_target(table: &Table, fault: &mut impl FnMut(&str, &str)) {
    let mut first: HashMap<&str, &Row<'_>> = HashMap::new();
    for row in table.rows.iter().filter(|row| row.is_sent()) {
        match first.get(row.target) {
            Some(other) if row.alias_of == Some(other.scim) || other.alias_of == Some(row.scim) => {}
            Some(other) => {
                fault(row.scim, &format!("writes the same target as `{}` and is not its alias", other.scim));
            }
            None => {
                first.insert(row.target, row);
            }
        }
        let mut subs: HashMap<&str, &str> = HashMap::new();
        for sub in row.elements.iter().flat_map(|elements| elements.rows) {
            let scim = format!("{}.{}", row.scim, sub.scim);
            if sub.is_sent() && sub.via != Transform::BySlot && subs.insert(sub.target, sub.scim).is_some() {
                fault(&scim, "writes the same target as another row of the list");
            }
        }
    }
}

/// Core attributes the table says nothing of.
fn unaccounted(table: &Table) -> Vec<String> {
    let Some(base) = base_schema(table.base) else { return Vec::new() };
    let mut missing = Vec::new();
    let mut schemas: Vec<(String, Schema)> = vec![(String::new(), base)];
    if table.base == Base::User {
        schemas.push((format!("{ENTERPRISE_USER_URN}:"), enterprise_user()));
    }
    let named = |scim: &str| {
        table.rows.iter().any(|row| {
            let path = row.scim.split('[').next().unwrap_or_default();
            let within =
                row.elements.is_none() && scim.starts_with(row.scim) && row.direction == Direction::Unmapped;
            let part = row.scim.find('[').is_some() && scim.starts_with(path);
            within
                || part
                || row.scim == scim
                || row.elements.is_some_and(|elements| {
                    elements.rows.iter().any(|sub| format!("{}.{}", row.scim, sub.scim) == scim)
                })
        })
    };
    for (prefix, schema) in schemas {
        for attribute in &schema.attributes {
            let name = format!("{prefix}{}", attribute.name);
            if attribute.sub_attributes.is_empty() {
                missing.extend((!named(&name)).then_some(name));
                continue;
            }
            let subs = attribute.sub_attributes.iter().map(|sub| format!("{name}.{}", sub.name));
            missing.extend(subs.filter(|sub| !named(sub)));
        }
    }
    missing.extend(
        ["id", "externalId", "meta.created", "meta.lastModified"]
            .into_iter()
            .filter(|scim| !named(scim))
            .map(str::to_owned),
    );
    missing
}

/// For every row (rows of lists too): its SCIM path, and the table's rows without it. A test compiles each and sees the
/// attribute vanish from schema, reading, writing, PATCH and docs.
pub fn vanishing_rows(table: &Table) -> Vec<(String, Vec<Row<'static>>)> {
    let mut out = Vec::new();
    for (index, row) in table.rows.iter().enumerate().filter(|(_, row)| row.direction != Direction::Unmapped)
    {
        let mut without: Vec<Row<'static>> = table.rows.to_vec();
        match row.elements {
            None => {
                without.remove(index);
                out.push((row.scim.to_owned(), without));
            }
            Some(elements) => {
                for sub in 0..elements.rows.len() {
                    let mut subs = elements.rows.to_vec();
                    let removed = subs.remove(sub);
                    let mut changed = *row;
                    // Leaked on purpose: tables live as long as the process, and only tests take them apart.
                    let rows: &'static [Row<'static>] = Vec::leak(subs);
                    changed.elements = Some(super::table::Elements { rows, ..elements });
                    without[index] = changed;
                    if removed.direction != Direction::Unmapped {
                        out.push((format!("{}.{}", row.scim, removed.scim), without.clone()));
                    }
                }
            }
        }
    }
    out
}
