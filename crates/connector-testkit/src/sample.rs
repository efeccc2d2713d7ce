//! An object of a target in which every row of a table has a value, made from the table alone.

use connector_core::{
    mapping::{Direction, Mark, Plan, Row, Table, TargetPath, Transform},
    scim::{Resource, Type},
};
use serde_json::{Map, Value, json};

/// A row's SCIM path, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ScimPath {
    pub(crate) urn: Option<String>,
    pub(crate) name: String,
    /// What marks the element a row is about.
    pub(crate) mark: Option<(String, Value)>,
    pub(crate) sub: Option<String>,
}

impl ScimPath {
    /// Reads the path of a row that compiles.
    pub(crate) fn of(text: &str) -> Self {
        let (urn, rest) = match text.starts_with("urn:").then(|| text.rsplit_once(':')).flatten() {
            Some((urn, rest)) => (Some(urn.to_owned()), rest),
            None => (None, text),
        };
        let (head, mark, tail) = match rest.split_once('[') {
            None => (rest, None, ""),
            Some((head, tail)) => {
                let (inner, tail) = tail.split_once(']').unwrap_or((tail, ""));
                let mark = inner
                    .split_once(" eq ")
                    .and_then(|(by, literal)| Some((by.to_owned(), serde_json::from_str(literal).ok()?)));
                (head, mark, tail)
            }
        };
        let (name, sub) = head.split_once('.').unwrap_or((head, tail.trim_start_matches('.')));
        Self { urn, name: name.to_owned(), mark, sub: (!sub.is_empty()).then(|| sub.to_owned()) }
    }

    /// Whether it is one of the attributes every resource has, whatever the table says.
    pub(crate) fn is_common(&self) -> bool {
        self.urn.is_none() && matches!(self.name.as_str(), "id" | "externalId" | "meta")
    }

    /// The path without its mark, as filters take it.
    pub(crate) fn plain(&self) -> String {
        let urn = self.urn.as_ref().map(|urn| format!("{urn}:")).unwrap_or_default();
        let sub = self.sub.as_ref().map(|sub| format!(".{sub}")).unwrap_or_default();
        format!("{urn}{}{sub}", self.name)
    }

    /// The values at this path.
    pub(crate) fn values<'r>(&self, resource: &'r Resource) -> Vec<&'r Value> {
        self.parts(resource.attribute(self.urn.as_deref(), &self.name))
    }

    /// The values at this path of a resource's document.
    pub(crate) fn values_in<'r>(&self, document: &'r Value) -> Vec<&'r Value> {
        let under = match &self.urn {
            Some(urn) => document.get(urn),
            None => Some(document),
        };
        self.parts(under.and_then(|under| under.get(&self.name)))
    }

    fn parts<'r>(&self, attribute: Option<&'r Value>) -> Vec<&'r Value> {
        let elements = match attribute {
            Some(Value::Array(elements)) => elements.iter().collect(),
            Some(single) => vec![single],
            None => Vec::new(),
        };
        let marked = |element: &&Value| match &self.mark {
            Some((by, mark)) => element.get(by) == Some(mark),
            None => true,
        };
        let part = |element: &'r Value| match &self.sub {
            Some(sub) => element.get(sub),
            None => Some(element),
        };
        elements.into_iter().filter(marked).filter_map(part).collect()
    }

    /// The type of its values.
    pub(crate) fn kind(&self, plan: &Plan) -> Type {
        if self.name == "meta" {
            return Type::DateTime;
        }
        let schema = plan.resource_type().schemas().find(|schema| match &self.urn {
            Some(urn) => schema.id == urn.as_str(),
            None => schema.id == plan.resource_type().schema.id,
        });
        let attribute = schema.and_then(|schema| schema.attribute(&self.name));
        let leaf = match &self.sub {
            Some(sub) => attribute.and_then(|attribute| attribute.sub(sub)),
            None => attribute,
        };
        leaf.map_or(Type::String, |leaf| leaf.kind)
    }
}

/// A value as the target has it.
fn held(via: Transform, kind: Type, number: usize) -> Value {
    match (via, kind) {
        (Transform::Words(words), _) => words.first().map_or(Value::Null, |(_, word)| Value::from(*word)),
        (Transform::First, _) => json!([held(Transform::Copy, kind, number)]),
        (Transform::Number, _) => json!(number),
        (_, Type::Boolean) => json!(true),
        (_, Type::Integer) => json!(number),
        (_, Type::Decimal) => json!(0.5),
        (_, Type::DateTime) => json!("2025-03-04T10:00:00Z"),
        (_, Type::Binary) => json!("AAAA"),
        _ => json!(format!("x{number}")),
    }
}

/// A value as a client sends it, in the type of the path.
pub(crate) fn sent(via: Transform, kind: Type) -> Value {
    match via {
        Transform::Words(words) => words.first().map_or(Value::Null, |(word, _)| Value::from(*word)),
        Transform::Number => json!("1"),
        _ => held(Transform::Copy, kind, 1),
    }
}

/// A value as a client sends it for a row: for a list, one element with every sub-attribute.
pub(crate) fn sent_for(row: &Row<'_>, path: &ScimPath, plan: &Plan) -> Value {
    let Some(elements) = row.elements else { return sent(row.via, path.kind(plan)) };
    let mut element = Map::new();
    for sub in elements.rows.iter().filter(|sub| sub.is_sent()) {
        let marked =
            elements.slots.first().and_then(|slot| slot.scim.iter().find(|(name, _)| *name == sub.scim));
        let path = ScimPath { sub: Some(sub.scim.to_owned()), ..path.clone() };
        let value = marked.map_or_else(|| sent(sub.via, path.kind(plan)), |(_, mark)| self::marked(*mark));
        element.insert(sub.scim.to_owned(), value);
    }
    json!([element])
}

/// The target's answer with a value for every row.
pub(crate) fn answer(table: &Table, plan: &Plan) -> Value {
    let mut number = 0;
    answer_of(table, plan, |row, kind| {
        number += 1;
        held(row.via, kind, number)
    })
}

/// The target's answer with this value for every row that maps one.
pub(crate) fn answer_of(table: &Table, plan: &Plan, mut value: impl FnMut(&Row<'_>, Type) -> Value) -> Value {
    let mut document = Map::new();
    for row in table.rows.iter().filter(|row| row.direction != Direction::Unmapped) {
        let path = ScimPath::of(row.scim);
        let Some(elements) = row.elements else {
            let is_told = is_derived(row.via) && is_there(&document, &row.target_path());
            if !is_told {
                row.target_path().put(&mut document, value(row, path.kind(plan)));
            }
            continue;
        };
        let mut made = Vec::new();
        for place in 0..elements.slots.len().max(1) {
            let mut element = Value::Object(Map::new());
            for sub in elements.rows.iter().filter(|sub| sub.direction != Direction::Unmapped) {
                let path = ScimPath { sub: Some(sub.scim.to_owned()), ..path.clone() };
                let is_told = is_derived(sub.via)
                    && element.as_object().is_some_and(|held| is_there(held, &sub.target_path()));
                if sub.via != Transform::BySlot && !is_told {
                    put(&sub.target_path(), &mut element, value(sub, path.kind(plan)));
                }
            }
            for (member, mark) in elements.slots.get(place).into_iter().flat_map(|slot| slot.read) {
                put(&TargetPath::parse(member), &mut element, marked(*mark));
            }
            made.push(element);
        }
        row.target_path().put(&mut document, Value::Array(made));
    }
    Value::Object(document)
}

/// Whether a row shows something that is made of another row's value.
const fn is_derived(via: Transform) -> bool {
    matches!(via, Transform::Location(_) | Transform::Always(_))
}

fn is_there(object: &Map<String, Value>, path: &TargetPath) -> bool {
    let Some((first, rest)) = path.members().split_first() else { return false };
    let found = object.get(first);
    rest.iter().fold(found, |value, member| value?.get(member)).is_some()
}

fn put(path: &TargetPath, element: &mut Value, value: Value) {
    match element {
        Value::Object(object) if !path.members().is_empty() => path.put(object, value),
        _ => *element = value,
    }
}

pub(crate) fn marked(mark: Mark) -> Value {
    match mark {
        Mark::Is(flag) => json!(flag),
        Mark::Word(word) => json!(word),
    }
}

/// Whether `fields`, as they would be sent, have the field of this row of a list, or of the table.
pub(crate) fn is_sent(fields: &Map<String, Value>, row: &Row<'_>, sub: Option<&Row<'_>>) -> bool {
    let at = |value: &Value, path: &TargetPath| {
        path.members().iter().try_fold(value.clone(), |value, member| value.get(member).cloned()).is_some()
    };
    let fields = Value::Object(fields.clone());
    match sub {
        None => at(&fields, &row.target_path()),
        Some(sub) => {
            let list = row
                .target_path()
                .members()
                .iter()
                .try_fold(fields, |value, member| value.get(member).cloned());
            list.and_then(|list| list.as_array().cloned())
                .is_some_and(|elements| elements.iter().any(|element| at(element, &sub.target_path())))
        }
    }
}
