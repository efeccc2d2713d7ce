//! How attributes are published in a schema.

use super::{
    scim_path::ScimPath,
    table::{Direction, Mark, Row, Slot, Table},
};
use crate::scim::{Attribute, ENTERPRISE_USER_URN, Mutability, Returned, Schema, Type, enterprise_user};

/// The common attributes a row can map: `id`, `externalId` and parts of `meta`.
pub(super) fn common(path: &ScimPath<'_>) -> Option<Attribute> {
    let text = |name: &'static str| Some(Attribute::new(name, Type::String, ""));
    match (path.urn, path.name, path.sub) {
        (None, "id" | "externalId", None) => text(if path.name == "id" { "id" } else { "externalId" }),
        (None, "meta", Some("created" | "lastModified")) => {
            let mut meta = Attribute::new("meta", Type::Complex, "");
            meta.sub_attributes = vec![
                Attribute::new("created", Type::DateTime, ""),
                Attribute::new("lastModified", Type::DateTime, ""),
            ];
            Some(meta)
        }
        _ => None,
    }
}

pub(super) fn extension(urn: &str, table: &Table) -> Schema {
    if urn == ENTERPRISE_USER_URN {
        return Schema { attributes: Vec::new(), ..enterprise_user() };
    }
    Schema {
        id: urn.to_owned().into(),
        name: format!("{}Extension", table.resource).into(),
        description: format!("Further attributes of a {}", table.resource).into(),
        attributes: Vec::new(),
    }
}

/// Mutability and return by direction. A part of a writable list keeps what the RFC says of it.
pub(super) fn directed(attribute: &mut Attribute, direction: Direction, of_list: Direction) {
    match direction {
        Direction::Both if of_list == Direction::Read => attribute.mutability = Mutability::ReadOnly,
        Direction::Both | Direction::Unmapped => {}
        Direction::Read => attribute.mutability = Mutability::ReadOnly,
        Direction::Create => attribute.mutability = Mutability::Immutable,
        Direction::Write => {
            attribute.mutability = Mutability::WriteOnly;
            attribute.returned = Returned::Never;
        }
    }
}

/// Says so where the target makes the value.
pub(super) fn mark_computed(attribute: &mut Attribute, row: &Row<'_>) {
    if row.computed {
        attribute.computed = true;
        let description = format!(
            "{} The target makes it of other values; what is written is ignored.",
            attribute.description
        );
        attribute.description = description.trim_start().to_owned().into();
    }
}

pub(super) fn slot_words(slots: &[Slot], sub: &str) -> Vec<&'static str> {
    slots
        .iter()
        .flat_map(|slot| slot.scim)
        .filter_map(|(name, mark)| match mark {
            Mark::Word(word) if *name == sub => Some(*word),
            _ => None,
        })
        .collect()
}
