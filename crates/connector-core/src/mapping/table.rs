//! Mapping tables as data: the file reviewers read, and the one source of schema, conversions, checks and docs.

use super::{target::TargetPath, transform::Transform};
use crate::scim::{GROUP_URN, Type, USER_URN};

/// The mapping of one resource type.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Which schema the base attributes come from.
    pub base: Base,
    /// Name of the resource type, `User`.
    pub resource: &'static str,
    /// Path under the SCIM base address, `/Users`.
    pub endpoint: &'static str,
    /// What the resource type is in the target.
    pub description: &'static str,
    /// One row per attribute.
    pub rows: &'static [Row<'static>],
}

/// The base schema of a resource type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// The core User (RFC 7643 section 4.1), with the enterprise extension where rows name it.
    User,
    /// The core Group (RFC 7643 section 4.2).
    Group,
    /// A schema of the connector's own, under this URN; every row states its type.
    Custom(&'static str),
}

impl Base {
    /// The URN of the schema.
    pub const fn urn(self) -> &'static str {
        match self {
            Self::User => USER_URN,
            Self::Group => GROUP_URN,
            Self::Custom(urn) => urn,
        }
    }
}

impl Table {
    /// A table of core Users.
    pub const fn core_user(rows: &'static [Row<'static>]) -> Self {
        Self { base: Base::User, resource: "User", endpoint: "/Users", description: "User Account", rows }
    }

    /// A table of core Groups.
    pub const fn core_group(rows: &'static [Row<'static>]) -> Self {
        Self { base: Base::Group, resource: "Group", endpoint: "/Groups", description: "Group", rows }
    }

    /// A table of a resource type of the connector's own.
    pub const fn custom(
        resource: &'static str,
        endpoint: &'static str,
        urn: &'static str,
        rows: &'static [Row<'static>],
    ) -> Self {
        Self { base: Base::Custom(urn), resource, endpoint, description: resource, rows }
    }
}

/// Which way an attribute goes; decides its mutability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Read and written: `readWrite`.
    Both,
    /// Only read: `readOnly`.
    Read,
    /// Read, and written at creation only: `immutable`.
    Create,
    /// Only written: `writeOnly`, never returned.
    Write,
    /// Not at all, for a stated reason.
    Unmapped,
}

/// One attribute's mapping.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "independent marks, each set by a method of its name")]
pub struct Row<'t> {
    /// SCIM path as in filters: `name.givenName`, `emails[type eq "work"].value`, `URN:attr`.
    pub scim: &'t str,
    /// Path in the vendor's JSON; empty for an unmapped attribute.
    pub target: &'t str,
    /// Which way it goes.
    pub direction: Direction,
    /// How values are converted.
    pub via: Transform,
    /// Whether it must have a value when an object is created or replaced.
    pub required: bool,
    /// What a reviewer should know; the reason of an unmapped attribute.
    pub note: Option<&'static str>,
    /// Type and description, for attributes outside the core schemas.
    pub custom: Option<(Type, &'t str)>,
    /// For an array of objects: its elements.
    pub elements: Option<Elements<'t>>,
    /// The SCIM path of the row this one stands for the same value with.
    pub alias_of: Option<&'static str>,
    /// Whether a PUT that omits it leaves it alone.
    pub kept: bool,
    /// The target's name of the field in its own filters, where it can compare it for equality.
    pub filter: Option<&'static str>,
    /// The most characters the target takes.
    pub max_chars: Option<usize>,
    /// Values the target fills in by itself: they count as "no value" when looking for differences.
    pub filled: &'static [Filled],
    /// Whether the target may ignore it at creation, so that it is compared afterwards and set once more.
    pub settled: bool,
    /// Whether it is read only when a client asks for it by name (`returned: request`).
    pub on_request: bool,
    /// For a row about one element: whether the target's one place has no mark, so that another element may be in it.
    pub unmarked: bool,
    /// Whether it takes calls of its own, which a client that leaves it out spares the target.
    pub read_apart: bool,
    /// The read-only list whose single `value` is taken for it.
    pub also_from: Option<&'static str>,
    /// Whether a value that is only written may be shown all the same: it is no secret.
    pub open: bool,
    /// The SCIM path of the attribute beside which alone the target tells its states apart.
    pub ambiguous_beside: Option<&'static str>,
    /// Whether the target decides about its elements.
    pub granted: bool,
    /// Whether members are added after the object was created.
    pub apart: bool,
    /// Whether the target makes it of other values, so that a PATCH of it is ignored instead of refused.
    pub computed: bool,
}

/// The elements of an array of objects.
#[derive(Debug, Clone, Copy)]
pub struct Elements<'t> {
    /// One row per sub-attribute; paths are relative to the element, `.` is the element itself.
    pub rows: &'t [Row<'t>],
    /// The places the target has for elements; empty for any number of equal ones.
    pub slots: &'t [Slot],
    /// Whether the first slot always has an element: the one its marks point to, else the first.
    pub leading: bool,
}

/// A place for one element of a multi-valued attribute, in targets that hold a fixed set of them.
#[derive(Debug, Clone, Copy)]
pub struct Slot {
    /// What marks the element in SCIM, the most telling first.
    pub scim: &'static [(&'static str, Mark)],
    /// What marks it in the target's answers.
    pub read: &'static [(&'static str, Mark)],
    /// What is sent to the target to mark it.
    pub write: &'static [(&'static str, Mark)],
}

/// A constant value of a sub-attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// `true` or `false`.
    Is(bool),
    /// A word.
    Word(&'static str),
}

/// A value that a target fills in by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filled {
    /// This text; a `*` in it stands for anything.
    Like(&'static str),
    /// The same value as the attribute at this SCIM path.
    SameAs(&'static str),
}

const fn row<'t>(scim: &'t str, target: &'t str, direction: Direction) -> Row<'t> {
    Row {
        scim,
        target,
        direction,
        via: Transform::Copy,
        required: false,
        note: None,
        custom: None,
        elements: None,
        alias_of: None,
        kept: false,
        filter: None,
        max_chars: None,
        filled: &[],
        settled: false,
        on_request: false,
        unmarked: false,
        read_apart: false,
        also_from: None,
        open: false,
        ambiguous_beside: None,
        granted: false,
        apart: false,
        computed: false,
    }
}

/// Read and written.
pub const fn both<'t>(scim: &'t str, target: &'t str) -> Row<'t> {
    row(scim, target, Direction::Both)
}

/// Only read.
pub const fn read<'t>(scim: &'t str, target: &'t str) -> Row<'t> {
    row(scim, target, Direction::Read)
}

/// Read, and written at creation only.
pub const fn create<'t>(scim: &'t str, target: &'t str) -> Row<'t> {
    row(scim, target, Direction::Create)
}

/// Only written.
pub const fn write<'t>(scim: &'t str, target: &'t str) -> Row<'t> {
    row(scim, target, Direction::Write)
}

/// Not mapped, because of `reason`. Covers the sub-attributes too.
pub const fn unmapped<'t>(scim: &'t str, reason: &'static str) -> Row<'t> {
    let mut row = row(scim, "", Direction::Unmapped);
    row.note = Some(reason);
    row
}

/// An array of objects, read and written as a whole; `rows` map one element.
pub const fn list<'t>(scim: &'t str, target: &'t str, rows: &'t [Row<'t>]) -> Row<'t> {
    let mut row = row(scim, target, Direction::Both);
    row.elements = Some(Elements { rows, slots: &[], leading: false });
    row
}

/// An array of objects that is only read.
pub const fn read_list<'t>(scim: &'t str, target: &'t str, rows: &'t [Row<'t>]) -> Row<'t> {
    let mut row = list(scim, target, rows);
    row.direction = Direction::Read;
    row
}

/// An array of objects that is only written.
pub const fn write_list<'t>(scim: &'t str, target: &'t str, rows: &'t [Row<'t>]) -> Row<'t> {
    let mut row = list(scim, target, rows);
    row.direction = Direction::Write;
    row
}

impl<'t> Row<'t> {
    /// Must have a value when an object is created or replaced.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Converts values by `transform`.
    pub const fn via(mut self, transform: Transform) -> Self {
        self.via = transform;
        self
    }

    /// What a reviewer should know.
    pub const fn note(mut self, note: &'static str) -> Self {
        self.note = Some(note);
        self
    }

    /// Written at creation only, and never read.
    pub const fn only_on_create(mut self) -> Self {
        self.direction = Direction::Write;
        self.note = Some(ONLY_ON_CREATE);
        self
    }

    /// An attribute of this type outside the core schemas.
    pub const fn typed(mut self, kind: Type, description: &'t str) -> Self {
        self.custom = Some((kind, description));
        self
    }

    /// Stands for the same value as the row at this SCIM path: what the client changed wins, an absent one follows, and
    /// when both were changed this one wins.
    pub const fn alias_of(mut self, scim: &'static str) -> Self {
        self.alias_of = Some(scim);
        self
    }

    /// A PUT that omits it leaves it alone.
    pub const fn kept(mut self) -> Self {
        self.kept = true;
        self
    }

    /// The target compares it for equality under this name.
    pub const fn filter(mut self, field: &'static str) -> Self {
        self.filter = Some(field);
        self
    }

    /// The target takes at most this many characters.
    pub const fn max_chars(mut self, count: usize) -> Self {
        self.max_chars = Some(count);
        self
    }

    /// The target fills these values in by itself.
    pub const fn filled(mut self, values: &'static [Filled]) -> Self {
        self.filled = values;
        self
    }

    /// The target may ignore it at creation.
    pub const fn settled(mut self) -> Self {
        self.settled = true;
        self
    }

    /// A read-only core attribute that costs a call of its own: read when a client asks for it by name in a read of one
    /// object ([`crate::connector::Resource::on_request`]), and left out otherwise.
    pub const fn on_request(mut self) -> Self {
        self.on_request = true;
        self
    }

    /// The target has this one place for all elements of the attribute and keeps no mark: where no element bears the row's,
    /// the only one is put there, else the primary one.
    pub const fn unmarked(mut self) -> Self {
        self.unmarked = true;
        self
    }

    /// An attribute that takes calls of its own, the same ones as others of the table that have this mark: where
    /// [`crate::http::Cx::leaves_out`] says so, the connector need not read it, nor what comes with it.
    pub const fn read_apart(mut self) -> Self {
        self.read_apart = true;
        self
    }

    /// The single `value` of this read-only core list is taken for it in POST, PUT and PATCH, unless it has a value of its own:
    /// membership that is written on the member's side. Several values are refused, unless the object has just these.
    pub const fn also_from(mut self, list: &'static str) -> Self {
        self.also_from = Some(list);
        self
    }

    /// Though it is only written it is no secret: a dry run shows its value, which it does of no other row that is only
    /// written.
    pub const fn open(mut self) -> Self {
        self.open = true;
        self
    }

    /// The target reads the same before and after some changes of it, for as long as the attribute at this SCIM path stays
    /// as it is: an invited person whose sign-in is blocked looks like any invited one. What a client changes is sent even
    /// where the target reads the same, and remembered until that attribute changes.
    pub const fn ambiguous_beside(mut self, scim: &'static str) -> Self {
        self.ambiguous_beside = Some(scim);
        self
    }

    /// A list of what the target grants: it may add elements of its own and refuse others. Clients always see the target's;
    /// a new object lacks only what was asked for and is missing.
    pub const fn granted(mut self) -> Self {
        self.granted = true;
        self
    }

    /// Members that no creating call carries: they are added once the object is there.
    pub const fn apart(mut self) -> Self {
        self.apart = true;
        self
    }

    /// Only read, and made by the target of values that clients write, as a display name of both names: a PATCH that names
    /// it by path, as many clients do by default, is ignored instead of refused. Other read-only attributes refuse it
    /// (RFC 7644 section 3.5.2).
    pub const fn computed(mut self) -> Self {
        self.computed = true;
        self
    }

    /// The target has exactly these places for elements.
    pub const fn slots(mut self, slots: &'t [Slot]) -> Self {
        if let Some(elements) = self.elements {
            self.elements = Some(Elements { slots, ..elements });
        }
        self
    }

    /// The first slot always has an element: the one its marks point to, else the first.
    pub const fn leading(mut self) -> Self {
        if let Some(elements) = self.elements {
            self.elements = Some(Elements { leading: true, ..elements });
        }
        self
    }

    /// Whether it is written at creation only and never read.
    pub fn is_only_on_create(&self) -> bool {
        self.direction == Direction::Write && self.note == Some(ONLY_ON_CREATE)
    }

    /// Whether a value of the client ever reaches the target.
    pub fn is_sent(&self) -> bool {
        matches!(self.direction, Direction::Both | Direction::Create | Direction::Write)
    }

    /// Whether a value of the target ever reaches the client.
    pub fn is_read(&self) -> bool {
        matches!(self.direction, Direction::Both | Direction::Create | Direction::Read)
    }

    /// The parsed target path.
    pub fn target_path(&self) -> TargetPath {
        TargetPath::parse(self.target)
    }
}

/// The note of rows that are written at creation only and never read.
pub const ONLY_ON_CREATE: &str = "create only";
