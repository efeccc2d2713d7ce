//! A compiled table: what one instance knows of one resource type.

use serde_json::{Map, Value};

use super::{
    asides::Asides,
    read::Node,
    table::{Direction, Filled},
    target::TargetPath,
    transform::Transform,
};
use crate::{
    connector::{Change, MemberChange, Vendor},
    scim::{Offset, Place, ResourceType, Type},
};

/// A table compiled for one instance: converts both ways, and turns the difference of two resources into the smallest
/// change of the target.
#[derive(Debug)]
pub struct Plan {
    pub(super) rtype: ResourceType,
    pub(super) units: Vec<Unit>,
    pub(super) reader: Node,
    /// The unit that membership calls carry, when the target has them.
    pub(super) members: Option<usize>,
    pub(super) members_per_call: usize,
    pub(super) offset: Option<Offset>,
    pub(super) base: String,
    /// The rows that are switched off, for what must not be lost with a replacement.
    pub(super) hidden: Option<Box<Plan>>,
    pub(super) asides: Asides,
}

/// What to send to create an object.
#[derive(Debug)]
pub struct Created {
    /// The vendor fields.
    pub fields: Map<String, Value>,
    /// Members beyond what one call carries, to be added afterwards.
    pub members: MemberChange,
}

/// How to get from one state of an object to another.
#[derive(Debug)]
pub struct Difference<'a> {
    /// Changed fields; `None` when none is.
    pub change: Option<Change<'a>>,
    /// Changed membership.
    pub members: MemberChange,
    /// The SCIM paths that differ.
    pub attributes: Vec<&'a str>,
}

impl Difference<'_> {
    /// Whether the target needs no call at all.
    pub const fn is_empty(&self) -> bool {
        self.change.is_none() && self.members.is_empty()
    }
}

/// One row of the table outside element rows, ready to run.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent marks of a row, as in the table")]
pub(super) struct Unit {
    /// The SCIM path as the table has it.
    pub scim: String,
    pub place: Place,
    /// For a row about one element: what marks the element.
    pub selector: Option<(String, Value)>,
    /// Whether a single unmarked element counts as the one the selector asks for.
    pub takes_unmarked: bool,
    /// Whether an element with another mark counts as it where none bears it.
    pub takes_any: bool,
    pub target: TargetPath,
    pub direction: Direction,
    pub only_on_create: bool,
    pub via: Transform,
    pub kind: Type,
    pub required: bool,
    pub kept: bool,
    pub settled: bool,
    pub open: bool,
    pub filter: Option<&'static str>,
    pub max_chars: Option<usize>,
    pub filled: &'static [Filled],
    /// The place beside which alone the target tells its states apart.
    pub ambiguous_beside: Option<Place>,
    pub granted: bool,
    pub apart: bool,
    /// The unit this one stands for the same value with.
    pub alias_of: Option<usize>,
    pub elements: Option<ElementPlan>,
}

impl Unit {
    pub(super) fn is_sent(&self) -> bool {
        matches!(self.direction, Direction::Both | Direction::Create | Direction::Write)
    }

    pub(super) fn is_read(&self) -> bool {
        !matches!(self.direction, Direction::Write | Direction::Unmapped)
    }
}

/// How elements of an array are converted.
#[derive(Debug)]
pub(super) struct ElementPlan {
    /// Elements are plain values rather than objects.
    pub simple: bool,
    pub rows: Vec<ElementRow>,
    pub slots: Vec<SlotPlan>,
    /// The first slot always has an element.
    pub leading: bool,
    pub reader: Node,
    /// How many values reading an element yields: one per row, then one per mark of the slots.
    pub width: usize,
    /// The row of the sub-attribute `value`.
    pub value_row: Option<usize>,
}

#[derive(Debug)]
pub(super) struct ElementRow {
    pub sub: String,
    pub target: TargetPath,
    pub via: Transform,
    pub kind: Type,
    pub sent: bool,
    /// Only the target says what it is.
    pub told: bool,
    pub required: bool,
    pub filter: Option<&'static str>,
    pub max_chars: Option<usize>,
}

#[derive(Debug)]
pub(super) struct SlotPlan {
    /// Marks of sub-attributes that have a row.
    pub scim: Vec<(String, Value)>,
    /// Index of the value read, and what it must be.
    pub read: Vec<(usize, Value)>,
    pub write: Vec<(TargetPath, Value)>,
}

impl Plan {
    /// The resource type with its schemas.
    pub const fn resource_type(&self) -> &ResourceType {
        &self.rtype
    }

    /// Whether the row at this SCIM path takes a value after the object was created.
    pub fn takes_later(&self, scim: &str) -> bool {
        let later = |unit: &Unit| unit.direction != Direction::Create && !unit.only_on_create;
        self.units.iter().any(|unit| unit.scim == scim && unit.is_sent() && later(unit))
    }

    /// The SCIM address of the object with this id.
    pub fn location(&self, id: &str) -> String {
        super::transform::location(&self.base, &self.rtype.endpoint, id)
    }

    /// Whether membership goes by calls of its own.
    pub const fn has_member_calls(&self) -> bool {
        self.members.is_some()
    }

    /// The most members one call carries.
    pub const fn members_per_call(&self) -> usize {
        self.members_per_call
    }

    /// An object of the target as a SCIM resource: one pass over its bytes.
    pub fn read(&self, vendor: &Vendor) -> crate::error::Result<crate::scim::Resource> {
        self.read_json(vendor.json())
    }
}
