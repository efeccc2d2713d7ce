//! Compiling a table for one instance, once, at start.

use serde_json::Value;

use super::{
    asides::Asides,
    plan::{ElementPlan, ElementRow, Plan, SlotPlan, Unit},
    published::{common, directed, extension, mark_computed, slot_words},
    read::Node,
    scim_path::ScimPath,
    table::{Base, Direction, Mark, Row, Table},
    target::TargetPath,
    transform::Transform,
};
use crate::scim::{
    Attribute, ENTERPRISE_USER_URN, Offset, Place, ResourceType, Returned, Schema, Text, Type,
    enterprise_user, group, same_name, user,
};

/// What one instance adds to a table.
#[derive(Debug, Clone, Default)]
pub struct PlanOptions {
    /// The SCIM base address, without a slash at the end.
    pub base: String,
    /// Replaces the offset of the target's date-times.
    pub offset: Option<Offset>,
    /// SCIM paths of attributes to leave out.
    pub disabled: Vec<String>,
    /// Attributes beyond the table's.
    pub custom: Vec<CustomAttribute>,
    /// The most members one membership call carries; 0 when the target has no such calls.
    pub members_per_call: usize,
}

/// An attribute that an operator adds to an instance.
#[derive(Debug, Clone)]
pub struct CustomAttribute {
    /// The extension URN it lives under.
    pub urn: String,
    /// Its name.
    pub name: String,
    /// The path in the vendor's JSON.
    pub target: String,
    /// Its type.
    pub kind: Type,
    /// Whether it is an array of plain values.
    pub multi_valued: bool,
    /// What it is for.
    pub description: String,
    /// Which way it goes.
    pub direction: Direction,
}

/// Why a table does not compile: the row and the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The resource type's name.
    pub resource: String,
    /// The row's SCIM path.
    pub scim: String,
    /// The rule.
    pub rule: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}: {}", self.resource, self.scim, self.rule)
    }
}

/// The schema a table's base rows refer to, with every attribute the RFC defines.
pub(super) fn base_schema(base: Base) -> Option<Schema> {
    match base {
        Base::User => Some(user()),
        Base::Group => Some(group()),
        Base::Custom(_) => None,
    }
}

impl Plan {
    /// Compiles a table. All faults are reported at once.
    pub fn compile(table: &Table, options: &PlanOptions) -> Result<Self, Vec<Fault>> {
        Self::compile_rows(table, table.rows, options)
    }

    /// Compiles `table` with other rows than its own.
    pub fn compile_rows(table: &Table, rows: &[Row<'_>], options: &PlanOptions) -> Result<Self, Vec<Fault>> {
        let base_urn = match (table.base, base_schema(table.base)) {
            (Base::Custom(urn), _) => urn.to_owned(),
            (_, Some(schema)) => schema.id.to_string(),
            (_, None) => String::new(),
        };
        let empty = Schema {
            id: base_urn.into(),
            name: table.resource.into(),
            description: table.description.into(),
            attributes: Vec::new(),
        };
        let mut compiler = Compiler {
            table,
            known: base_schema(table.base),
            enterprise: enterprise_user(),
            disabled: &options.disabled,
            faults: Vec::new(),
            plan: Self {
                rtype: ResourceType {
                    name: table.resource.into(),
                    endpoint: table.endpoint.into(),
                    description: table.description.into(),
                    schema: empty,
                    extensions: Vec::new(),
                    unmapped_meta: rows.iter().filter_map(unmapped_meta).collect(),
                },
                units: Vec::new(),
                reader: Node::default(),
                members: None,
                members_per_call: options.members_per_call,
                offset: options.offset,
                base: options.base.clone(),
                hidden: None,
                asides: Asides::of(rows),
            },
        };
        // A list without a mapped sub-attribute maps nothing.
        let is_mapped = |row: &&Row<'_>| {
            row.direction != Direction::Unmapped
                && row.elements.is_none_or(|elements| {
                    elements.rows.iter().any(|sub| sub.direction != Direction::Unmapped)
                })
        };
        for row in rows.iter().filter(is_mapped) {
            compiler.row(row);
        }
        for custom in &options.custom {
            compiler.custom(custom);
        }
        let off: Vec<Row<'_>> = rows.iter().filter(|row| compiler.is_disabled(row.scim)).copied().collect();
        let mut plan = compiler.finish(rows)?;
        if !off.is_empty() {
            let off: Vec<Row<'_>> = rows.iter().filter(|row| row.scim == "id").copied().chain(off).collect();
            plan.hidden = Some(Box::new(Self::compile_rows(table, &off, &PlanOptions::default())?));
        }
        Ok(plan)
    }
}

struct Compiler<'c> {
    table: &'c Table,
    known: Option<Schema>,
    enterprise: Schema,
    disabled: &'c [String],
    faults: Vec<Fault>,
    plan: Plan,
}

/// Whether an operator who switched these off switched off this attribute, or the one it is part of.
pub(crate) fn is_disabled(disabled: &[String], scim: &str) -> bool {
    disabled.iter().any(|off| {
        same_name(off, scim)
            || scim.get(..off.len()).is_some_and(|head| same_name(head, off))
                && matches!(scim.as_bytes().get(off.len()), Some(b'.' | b'['))
    })
}

impl Compiler<'_> {
    fn fault(&mut self, scim: &str, rule: impl Into<String>) {
        self.faults.push(Fault {
            resource: self.table.resource.into(),
            scim: scim.into(),
            rule: rule.into(),
        });
    }

    fn is_disabled(&self, scim: &str) -> bool {
        is_disabled(self.disabled, scim)
    }

    fn row(&mut self, row: &Row<'_>) {
        if self.is_disabled(row.scim) {
            return;
        }
        let path = match ScimPath::parse(row.scim) {
            Ok(path) => path,
            Err(rule) => return self.fault(row.scim, rule),
        };
        let Some((attribute, leaf)) = self.definition(row, &path) else { return };
        let attribute = self.restricted(row, attribute, &path);
        let kind = leaf.kind;
        self.publish(row, &path, attribute);
        let unit = Unit {
            scim: row.scim.to_owned(),
            place: Place {
                urn: path.urn.map(str::to_owned),
                name: path.name.to_owned(),
                sub: path.sub.map(str::to_owned),
            },
            takes_unmarked: self.is_first_selector(&path),
            takes_any: row.unmarked,
            selector: path.selector.map(|(by, literal)| (by.to_owned(), literal)),
            target: row.target_path(),
            direction: row.direction,
            only_on_create: row.is_only_on_create(),
            via: row.via,
            kind,
            required: row.required,
            kept: row.kept,
            settled: row.settled,
            open: row.open,
            filter: row.filter,
            max_chars: row.max_chars,
            filled: row.filled,
            ambiguous_beside: row.ambiguous_beside.and_then(place_of),
            granted: row.granted,
            apart: row.apart,
            alias_of: None,
            elements: row.elements.map(|_| self.elements(row, &leaf)),
        };
        self.unit(unit);
    }

    /// Whether no row before asks for another element of the same attribute.
    fn is_first_selector(&self, path: &ScimPath<'_>) -> bool {
        let same = |unit: &&Unit| unit.place.urn.as_deref() == path.urn && unit.place.name == path.name;
        self.plan.units.iter().filter(same).all(|unit| {
            unit.selector.as_ref().map(|(by, literal)| (by.as_str(), literal))
                == path.selector.as_ref().map(|(by, literal)| (*by, literal))
        })
    }

    fn unit(&mut self, unit: Unit) {
        let index = self.plan.units.len();
        if unit.is_read() {
            let node = self.plan.reader.at(unit.target.members());
            if unit.elements.is_some() { node.lists.push(index) } else { node.leaves.push(index) }
        }
        if unit.is_sent()
            && unit.place.urn.is_none()
            && unit.place.name == "members"
            && self.plan.members_per_call > 0
        {
            self.plan.members = Some(index);
        }
        self.plan.units.push(unit);
    }

    /// The definition of the attribute a row maps, and of the leaf its value has.
    fn definition(&mut self, row: &Row<'_>, path: &ScimPath<'_>) -> Option<(Attribute, Attribute)> {
        let known = match path.urn {
            None => self
                .known
                .as_ref()
                .and_then(|schema| schema.attribute(path.name))
                .cloned()
                .or_else(|| common(path)),
            Some(ENTERPRISE_USER_URN) => self.enterprise.attribute(path.name).cloned(),
            Some(_) => None,
        };
        let attribute = match (known, row.custom) {
            (Some(attribute), _) => attribute,
            (None, Some((kind, description))) => {
                let mut attribute = Attribute::new(path.name.to_owned(), kind, description.to_owned());
                if let Some(elements) = row.elements {
                    attribute.kind = Type::Complex;
                    attribute.multi_valued = true;
                    attribute.sub_attributes = elements
                        .rows
                        .iter()
                        .map(|sub| {
                            let (kind, text) = sub.custom.unwrap_or((Type::String, ""));
                            Attribute::new(sub.scim.to_owned(), kind, text.to_owned())
                        })
                        .collect();
                }
                attribute
            }
            (None, None) => {
                self.fault(row.scim, "is in no core schema, so the row must state its type");
                return None;
            }
        };
        let Some(sub) = path.sub else {
            if attribute.kind == Type::Complex && row.elements.is_none() {
                self.fault(row.scim, "is complex: map its sub-attributes");
                return None;
            }
            return Some((attribute.clone(), attribute));
        };
        match attribute.sub(sub).cloned() {
            Some(leaf) => Some((attribute, leaf)),
            None => {
                self.fault(row.scim, "no such sub-attribute");
                None
            }
        }
    }

    /// The attribute as this row publishes it: only mapped sub-attributes, mutability by direction.
    fn restricted(&mut self, row: &Row<'_>, mut attribute: Attribute, path: &ScimPath<'_>) -> Attribute {
        let by = path.selector.as_ref().map(|(by, literal)| (*by, literal.as_str()));
        match (row.elements, path.sub) {
            (Some(elements), _) => {
                let subs = elements.rows.iter().filter(|sub| sub.direction != Direction::Unmapped);
                attribute.sub_attributes = subs
                    .filter(|sub| !self.is_disabled(&format!("{}.{}", row.scim, sub.scim)))
                    .filter_map(|sub| {
                        let mut definition = attribute.sub(sub.scim)?.clone();
                        directed(&mut definition, sub.direction, row.direction);
                        definition.required = sub.required;
                        if let Transform::Always(word) = sub.via {
                            definition.canonical_values = vec![word];
                        }
                        if sub.via == Transform::BySlot && !definition.canonical_values.is_empty() {
                            definition.canonical_values = slot_words(elements.slots, sub.scim);
                        }
                        Some(definition)
                    })
                    .collect();
                directed(&mut attribute, row.direction, row.direction);
                attribute.required = row.required || attribute.sub_attributes.iter().any(|sub| sub.required);
            }
            (None, Some(sub)) => {
                attribute.sub_attributes.retain(|sub| path.publishes(&sub.name, row.is_sent()));
                for definition in &mut attribute.sub_attributes {
                    if same_name(&definition.name, sub) {
                        directed(definition, row.direction, row.direction);
                        mark_computed(definition, row);
                        definition.required = row.required;
                    } else if !row.unmarked {
                        definition
                            .canonical_values
                            .retain(|word| by.is_some_and(|(_, marked)| marked == Some(word)));
                    }
                }
                attribute.required = row.required;
            }
            (None, None) => {
                directed(&mut attribute, row.direction, row.direction);
                mark_computed(&mut attribute, row);
                attribute.required = row.required;
            }
        }
        if row.on_request {
            attribute.returned = Returned::Request;
        }
        attribute
    }

    /// Adds an attribute to the schema it belongs to; rows about parts of one attribute meet here.
    fn publish(&mut self, row: &Row<'_>, path: &ScimPath<'_>, attribute: Attribute) {
        let schema = match path.urn {
            None if common(path).is_some() => return,
            None => &mut self.plan.rtype.schema,
            Some(urn) => {
                let extensions = &mut self.plan.rtype.extensions;
                let index = extensions.iter().position(|schema| schema.id == urn).unwrap_or_else(|| {
                    extensions.push(extension(urn, self.table));
                    extensions.len() - 1
                });
                &mut extensions[index]
            }
        };
        let Some(there) = schema.attributes.iter_mut().find(|there| there.name == attribute.name) else {
            schema.attributes.push(attribute);
            return;
        };
        let mut clash = false;
        for sub in attribute.sub_attributes {
            match there.sub_attributes.iter_mut().find(|known| known.name == sub.name) {
                Some(known) if path.selector.is_some() => {
                    let new = sub
                        .canonical_values
                        .into_iter()
                        .filter(|word| !known.canonical_values.contains(word));
                    known.canonical_values.extend(new.collect::<Vec<_>>());
                    known.required |= sub.required;
                }
                Some(_) => clash = true,
                None => there.sub_attributes.push(sub),
            }
        }
        there.required |= attribute.required;
        if clash || path.sub.is_none() {
            self.fault(row.scim, "is mapped twice");
        }
    }

    fn elements(&mut self, row: &Row<'_>, attribute: &Attribute) -> ElementPlan {
        let Some(elements) = row.elements else { unreachable!("called for rows with elements") };
        let mut reader = Node::default();
        let mut rows = Vec::new();
        for sub in elements.rows.iter().filter(|sub| sub.direction != Direction::Unmapped) {
            let scim = format!("{}.{}", row.scim, sub.scim);
            if self.is_disabled(&scim) {
                continue;
            }
            let Some(definition) = attribute.sub(sub.scim) else {
                self.fault(&scim, "no such sub-attribute");
                continue;
            };
            let target = sub.target_path();
            if sub.via != Transform::BySlot {
                reader.at(target.members()).leaves.push(rows.len());
            }
            rows.push(ElementRow {
                sub: definition.name.to_string(),
                target,
                via: sub.via,
                kind: definition.kind,
                sent: row.is_sent() && sub.is_sent() && sub.via != Transform::BySlot && sub.via.is_two_way(),
                told: sub.direction == Direction::Read,
                required: sub.required,
                filter: sub.filter,
                max_chars: sub.max_chars,
            });
        }
        let mut width = rows.len();
        let slots = elements
            .slots
            .iter()
            .map(|slot| SlotPlan {
                scim: marks(slot.scim)
                    .into_iter()
                    .filter(|(sub, _)| rows.iter().any(|row| row.sub == *sub))
                    .collect(),
                read: marks(slot.read)
                    .into_iter()
                    .map(|(member, mark)| {
                        reader.at(TargetPath::parse(&member).members()).leaves.push(width);
                        width += 1;
                        (width - 1, mark)
                    })
                    .collect(),
                write: marks(slot.write)
                    .into_iter()
                    .map(|(member, mark)| (TargetPath::parse(&member), mark))
                    .collect(),
            })
            .collect();
        let value_row = rows.iter().position(|row| row.sub == "value");
        ElementPlan { simple: false, rows, slots, leading: elements.leading, reader, width, value_row }
    }

    fn custom(&mut self, custom: &CustomAttribute) {
        let scim = format!("{}:{}", custom.urn, custom.name);
        if self.is_disabled(&scim) {
            return;
        }
        let mut attribute = Attribute::new(custom.name.clone(), custom.kind, custom.description.clone());
        attribute.multi_valued = custom.multi_valued;
        directed(&mut attribute, custom.direction, custom.direction);
        let text = scim.clone();
        let path = match ScimPath::parse(&text) {
            Ok(path) if path.sub.is_none() && path.selector.is_none() => path,
            _ => return self.fault(&scim, "the name of a custom attribute is letters, digits, `-` and `_`"),
        };
        let row = super::table::both(&text, &custom.target);
        self.publish(&row, &path, attribute);
        let elements = custom.multi_valued.then(|| {
            let mut reader = Node::default();
            reader.leaves.push(0);
            ElementPlan {
                simple: true,
                rows: vec![ElementRow {
                    sub: "value".into(),
                    target: TargetPath::parse("."),
                    via: Transform::Copy,
                    kind: custom.kind,
                    sent: custom.direction != Direction::Read,
                    told: false,
                    required: false,
                    filter: None,
                    max_chars: None,
                }],
                slots: Vec::new(),
                leading: false,
                reader,
                width: 1,
                value_row: Some(0),
            }
        });
        self.unit(Unit {
            scim,
            place: Place { urn: Some(custom.urn.clone()), name: custom.name.clone(), sub: None },
            selector: None,
            takes_unmarked: false,
            takes_any: false,
            target: TargetPath::parse(&custom.target),
            direction: custom.direction,
            only_on_create: false,
            via: Transform::Copy,
            kind: custom.kind,
            required: false,
            kept: false,
            settled: false,
            open: false,
            filter: None,
            max_chars: None,
            filled: &[],
            ambiguous_beside: None,
            granted: false,
            apart: false,
            alias_of: None,
            elements,
        });
    }

    /// Links aliases and checks what only the whole table shows.
    fn finish(mut self, rows: &[Row<'_>]) -> Result<Plan, Vec<Fault>> {
        for row in rows {
            let Some(other) = row.alias_of else { continue };
            let find = |scim: &str| self.plan.units.iter().position(|unit| unit.scim == scim);
            match (find(row.scim), find(other)) {
                (Some(alias), Some(other)) => self.plan.units[alias].alias_of = Some(other),
                // Without one of the two there is nothing to agree on.
                (None, _) => {}
                (Some(_), None) if self.is_disabled(other) || !rows.iter().any(|row| row.scim == other) => {}
                (Some(_), None) => {
                    self.fault(row.scim, format!("is an alias of `{other}`, which is not mapped"));
                }
            }
        }
        for off in self.disabled {
            // The row itself, or one about a part of it.
            let within = |scim: &str| {
                scim.get(..off.len()).is_some_and(|head| same_name(head, off))
                    && matches!(scim.as_bytes().get(off.len()), None | Some(b'.' | b'['))
            };
            let whole = |row: &&Row<'_>| within(row.scim);
            let part = |row: &Row<'_>| {
                let subs = row.elements.iter().flat_map(|elements| elements.rows);
                subs.map(|sub| format!("{}.{}", row.scim, sub.scim)).any(|scim| within(&scim))
            };
            let needed = rows.iter().filter(whole).any(|row| {
                row.required
                    || row.elements.is_some_and(|elements| elements.rows.iter().any(|sub| sub.required))
            });
            let rule = if needed || ["id", "schemas", "meta"].iter().any(|name| same_name(name, off)) {
                "is mandatory and cannot be disabled"
            } else if rows.iter().any(|row| whole(&row) || part(row)) {
                continue;
            } else {
                "is no attribute of this resource type"
            };
            let (resource, scim) = (self.table.resource.into(), off.clone());
            self.faults.push(Fault { resource, scim, rule: rule.into() });
        }
        if self.faults.is_empty() { Ok(self.plan) } else { Err(self.faults) }
    }
}

/// The place that a SCIM path names.
fn place_of(scim: &str) -> Option<Place> {
    let path = ScimPath::parse(scim).ok()?;
    let owned = |text: &str| text.to_owned();
    Some(Place { urn: path.urn.map(owned), name: owned(path.name), sub: path.sub.map(owned) })
}

/// The part of `meta` that a row says the target lacks.
fn unmapped_meta(row: &Row<'_>) -> Option<Text> {
    let part = row.scim.strip_prefix("meta.").filter(|_| row.direction == Direction::Unmapped)?;
    Some(part.to_owned().into())
}

fn marks(marks: &[(&str, Mark)]) -> Vec<(String, Value)> {
    let value = |mark: &Mark| match *mark {
        Mark::Is(flag) => Value::Bool(flag),
        Mark::Word(word) => Value::from(word),
    };
    marks.iter().map(|(name, mark)| ((*name).to_owned(), value(mark))).collect()
}
