//! Rows: what the table says of an object, held against what came and what was sent.

use connector_core::{
    connector::Vendor,
    mapping::{Direction, Plan, Row, Table, TargetPath, Transform},
    scim::{Entry, Resource, Type},
};
use proptest::{
    strategy::{Strategy as _, ValueTree as _},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Map, Value};

use super::{
    scene::{Broken, Outcome, Scene, Subject, must, must_work},
    values,
};
use crate::{
    sample::{ScimPath, answer_of, marked},
    tables::leaves,
};

/// How many objects with values of their own go through the connector.
const OBJECTS: usize = 12;

/// Rows that the target compares: SCIM path, and the target's name of the field.
pub(super) fn comparable(table: &Table) -> Vec<(String, &'static str)> {
    leaves(table.rows).filter_map(|(scim, row, sub)| Some((scim, sub.unwrap_or(row).filter?))).collect()
}

/// Attributes that are only read, that a client can name, and that stand for no other.
pub(super) fn read_only(table: &Table) -> impl Iterator<Item = &'static Row<'static>> {
    let stands = |list: &str| table.rows.iter().any(|row| row.also_from == Some(list));
    let read = table
        .rows
        .iter()
        .filter(|row| row.direction == Direction::Read && !ScimPath::of(row.scim).is_common());
    read.filter(move |row| !stands(row.scim))
}

/// A path as filters take it.
pub(super) fn plain(scim: &str) -> String {
    ScimPath::of(scim).plain()
}

/// The first text at a path.
pub(super) fn text_at(document: &Value, scim: &str) -> Option<String> {
    ScimPath::of(scim).values_in(document).into_iter().find_map(|value| value.as_str().map(str::to_owned))
}

/// Where the target keeps the id.
pub(super) fn id_path(table: &Table) -> TargetPath {
    let row = table.rows.iter().find(|row| row.scim == "id");
    row.expect("every table has an id").target_path()
}

/// The object without members: what may be deleted in every target.
pub(super) fn unused(subject: &Subject, object: Value) -> Value {
    let Value::Object(mut fields) = object else { return object };
    for row in subject.table().rows.iter().filter(|row| row.scim == "members") {
        row.target_path().put(&mut fields, Value::Array(Vec::new()));
    }
    Value::Object(fields)
}

/// What a client sends to create the `n`-th object: it as it is read, without what is only read.
pub(super) async fn body(subject: &Subject, n: usize, scene: &Scene<'_>) -> Result<Value, String> {
    body_of(subject, subject.object(n), scene).await
}

async fn body_of(subject: &Subject, object: (String, Value), scene: &Scene<'_>) -> Result<Value, String> {
    let id = object.0.clone();
    scene.holds([object]);
    let read = must_work("a plain read", scene.get(&id).await)?;
    scene.holds((0..3).map(|n| subject.object(n)));
    let mut body = writable(subject.table(), read);
    merge(&mut body, subject.words.only_written(subject.of()));
    Ok(body)
}

/// The document without what is only read.
pub(super) fn writable(table: &Table, document: Value) -> Value {
    let sent = |urn: Option<&str>, name: &str, sub: Option<&str>| {
        table.rows.iter().any(|row| {
            let path = ScimPath::of(row.scim);
            row.is_sent()
                && path.urn.as_deref() == urn
                && path.name == name
                && (path.mark.is_some()
                    || path.sub.is_none()
                    || sub.is_none_or(|sub| path.sub.as_deref() == Some(sub)))
        })
    };
    let kept = |urn: Option<&str>, members: Map<String, Value>| -> Map<String, Value> {
        let members = members.into_iter().filter(|(name, _)| sent(urn, name, None));
        members
            .map(|(name, value)| match value {
                Value::Object(mut subs) => {
                    subs.retain(|sub, _| sent(urn, &name, Some(sub)));
                    (name, Value::Object(subs))
                }
                value => (name, value),
            })
            .collect()
    };
    let Value::Object(document) = document else { return document };
    let (extensions, core): (Map<_, _>, Map<_, _>) =
        document.into_iter().partition(|(name, _)| name.starts_with("urn:"));
    let mut body = kept(None, core);
    for (urn, extension) in extensions {
        if let Value::Object(members) = extension {
            let members = kept(Some(&urn), members);
            if !members.is_empty() {
                body.insert(urn, Value::Object(members));
            }
        }
    }
    Value::Object(body)
}

/// Puts everything of `more` into `document`; lists are matched element by element.
pub(super) fn merge(document: &mut Value, more: Value) {
    match (document, more) {
        (Value::Object(held), Value::Object(more)) => {
            for (name, value) in more {
                merge(held.entry(name).or_insert(Value::Null), value);
            }
        }
        (Value::Array(held), Value::Array(more)) => {
            let template = held.first().cloned().unwrap_or(Value::Null);
            held.resize(more.len(), template);
            held.iter_mut().zip(more).for_each(|(held, more)| merge(held, more));
        }
        (held, more) => *held = more,
    }
}

/// The first mapped attribute whose value is not of its type.
pub(super) fn of_wrong_type(plan: &Plan, table: &Table, document: &Value) -> Option<String> {
    leaves(table.rows).map(|(scim, ..)| scim).find(|scim| {
        let path = ScimPath::of(scim);
        let kind = path.kind(plan);
        path.values_in(document).into_iter().any(|value| !is_of(kind, value))
    })
}

fn is_of(kind: Type, value: &Value) -> bool {
    match kind {
        Type::Boolean => value.is_boolean(),
        Type::Integer => value.is_i64() || value.is_u64(),
        Type::Decimal => value.is_number(),
        Type::Complex => value.is_object() || value.is_array(),
        _ => value.is_string(),
    }
}

/// The first attribute that another row's odd field cost.
pub(super) fn lost(subject: &Subject, odd: &Row<'_>, plain: &Value, read: &Value) -> Option<String> {
    let path = odd.target_path();
    let touches = |other: &Row<'_>| {
        let other = other.target_path();
        let (a, b) = (path.members(), other.members());
        a.starts_with(b) || b.starts_with(a)
    };
    let others = leaves(subject.table().rows).filter(|(scim, row, _)| {
        row.is_read() && !row.on_request && !touches(row) && !subject.staged.leaves_out(scim)
    });
    others.map(|(scim, ..)| scim).find(|scim| {
        let path = ScimPath::of(scim);
        path.values_in(plain) != path.values_in(read)
    })
}

/// Objects with values of their own: read, created, and read back from what is written.
pub(super) async fn round_trip(subject: &Subject) -> Result<(), Broken> {
    let table = subject.table();
    subject
        .play(Vec::new(), async |scene| {
            let plan = scene.endpoint().plan();
            let mut runner = runner();
            for n in 0..OBJECTS {
                let (id, template) = subject.object(n);
                let object = match n {
                    // One as the vendor shows it.
                    0 => template,
                    _ => with_values(subject, plan, template, &mut runner),
                };
                scene.holds([(id.clone(), object.clone())]);
                let read = must_work("a read", scene.get(&id).await)?;
                read_as_mapped(subject, plan, &object, &read)?;
                if subject.target().creator().is_some() {
                    creates_as_mapped(subject, plan, scene, (id, object)).await?;
                }
            }
            comes_back(subject, plan)
        })
        .await
        .map_err(|broken| Broken { what: format!("{} ({})", broken.what, table.resource), ..broken })
}

/// Values that are the same in every run.
fn runner() -> TestRunner {
    let config = Config { cases: 64, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// The vendor's object with generated values in every mapped field.
fn with_values(subject: &Subject, plan: &Plan, mut object: Value, runner: &mut TestRunner) -> Value {
    let table = subject.table();
    let generated = answer_of(table, plan, |row, kind| {
        let tree = values::of(row, kind).new_tree(runner).expect("nothing is filtered");
        tree.current()
    });
    let Value::Object(mut fields) = generated else { return object };
    follow_aliases(table, &mut fields);
    for row in table.rows {
        let left_out = row.scim == "id" || row.on_request || subject.staged.leaves_out(row.scim);
        if let (false, Some(value)) = (left_out, row.target_path().of_object(&fields)) {
            let mut one = Map::new();
            row.target_path().put(&mut one, value.clone());
            merge(&mut object, Value::Object(one));
        }
    }
    object
}

/// Rows that stand for the same value have the same.
fn follow_aliases(table: &Table, fields: &mut Map<String, Value>) {
    for row in table.rows {
        let first = row.alias_of.and_then(|path| table.rows.iter().find(|other| other.scim == path));
        if let Some(value) = first.and_then(|first| first.target_path().of_object(fields)).cloned() {
            row.target_path().put(fields, value);
        }
    }
}

/// What the client reads is what the table makes of the object.
fn read_as_mapped(subject: &Subject, plan: &Plan, object: &Value, read: &Value) -> Outcome {
    let mapped = plan.read(&Vendor::new(object.to_string().into()));
    let mapped = mapped.map_err(|error| format!("the table cannot read {object}: {error}"))?;
    let rows = leaves(subject.table().rows).filter(|(scim, row, sub)| {
        row.is_read() && sub.is_none_or(Row::is_read) && !row.on_request && !subject.staged.leaves_out(scim)
    });
    for (scim, row, _) in rows {
        let path = ScimPath::of(&scim);
        let (wanted, came) = (path.values(&mapped), path.values_in(read));
        must(wanted == came, || {
            format!(
                "the target holds {wanted:?} for `{scim}` (in `{}`), and the client reads {came:?}",
                row.target
            )
        })?;
    }
    Ok(())
}

/// Every field that core hands to the connector reaches the target, with its value.
async fn creates_as_mapped(
    subject: &Subject,
    plan: &Plan,
    scene: &Scene<'_>,
    object: (String, Value),
) -> Outcome {
    let held = object.clone();
    let body = body_of(subject, object, scene).await?;
    let entry = Entry::read(body.clone(), plan.resource_type())
        .map_err(|error| format!("the body of a creation cannot be read: {error}: {body}"))?;
    let created = plan.created(&entry.resource);
    let created = created.map_err(|error| format!("what was read cannot be written: {error}: {body}"))?;
    scene.shelf.will_create(subject.of(), held);
    let before = scene.writes().len();
    must_work("a creation", scene.create(body).await)?;
    let mut sent = Value::Object(Map::new());
    for exchange in &scene.writes()[before..] {
        merge(&mut sent, subject.words.fields(subject.of(), exchange.request.document()));
    }
    let Value::Object(sent) = sent else { return Err("a creation sends no object".to_owned()) };
    for row in subject.table().rows.iter().filter(|row| row.is_sent()) {
        let path = row.target_path();
        if subject.staged.leaves_out(row.scim) {
            continue;
        }
        if let Some(wanted) = path.of_object(&created.fields) {
            let came = path.of_object(&sent);
            must(came.is_some_and(|came| same(wanted, came)), || {
                format!(
                    "`{}` of a new object is {wanted} in `{}`, and the target got {came:?}",
                    row.scim, row.target
                )
            })?;
        }
    }
    Ok(())
}

/// Whether both are the same to a target that takes numbers as text.
pub(super) fn same(one: &Value, other: &Value) -> bool {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.iter().all(|(name, value)| other.get(name).is_some_and(|other| same(value, other)))
        }
        _ => text(one) == text(other),
    }
}

/// For any values: what is written of what was read is read as the same again.
fn comes_back(subject: &Subject, plan: &Plan) -> Outcome {
    let table = subject.table();
    let mut kinds: Vec<proptest::strategy::BoxedStrategy<Value>> = Vec::new();
    answer_of(table, plan, |row, kind| {
        kinds.push(values::of(row, kind));
        Value::Null
    });
    let law = runner().run(&kinds, |values| {
        let mut values = values.into_iter();
        let document = answer_of(table, plan, |_, _| values.next().expect("one for each row"));
        comes_back_once(table, plan, document).map_err(proptest::test_runner::TestCaseError::fail)
    });
    law.map_err(|error| format!("{error}"))
}

fn comes_back_once(table: &Table, plan: &Plan, document: Value) -> Outcome {
    let Value::Object(mut fields) = document else { return Err("no object".to_owned()) };
    follow_aliases(table, &mut fields);
    let reads = |fields: &Map<String, Value>| {
        let vendor = Vendor::new(Value::Object(fields.clone()).to_string().into());
        plan.read(&vendor).map_err(|error| format!("cannot be read: {error}"))
    };
    let read = reads(&fields)?;
    let mut entry = read.clone();
    for row in table.rows.iter().filter(|row| row.direction == Direction::Write) {
        let path = ScimPath::of(row.scim);
        entry.set_attribute(path.urn.as_deref(), &path.name, crate::sample::sent_for(row, &path, plan));
    }
    let created = plan.created(&entry).map_err(|error| format!("cannot be written: {error}"))?;
    let mut held = fields.clone();
    for row in table.rows.iter().filter(|row| row.is_sent() && row.is_read()) {
        let value = row.target_path().of_object(&created.fields).cloned();
        let value = match (value, row.elements) {
            (Some(Value::Array(elements)), Some(plan)) => {
                Value::Array(elements.into_iter().map(|element| filed(element, plan.slots)).collect())
            }
            (value, _) => value.unwrap_or(Value::Null),
        };
        row.target_path().put(&mut held, value);
    }
    let again = reads(&held)?;
    for (scim, row, sub) in leaves(table.rows) {
        if row.direction != Direction::Both || sub.is_some_and(|sub| sub.direction != Direction::Both) {
            continue;
        }
        if row.scim == "members" && !created.members.is_empty() {
            // Those go by calls of their own.
            continue;
        }
        let path = ScimPath::of(&scim);
        let (first, second) = (path.values(&read), path.values(&again));
        must(first == second, || format!("`{scim}` is read as {first:?}, written, and read as {second:?}"))?;
    }
    Ok(())
}

/// An element as the target files it: with the marks of answers in place of those of requests.
fn filed(element: Value, slots: &[connector_core::mapping::Slot]) -> Value {
    let Value::Object(mut fields) = element else { return element };
    let written = |slot: &&connector_core::mapping::Slot| {
        slot.write.iter().all(|(name, mark)| fields.get(*name) == Some(&marked(*mark)))
    };
    if let Some(slot) = slots.iter().find(written) {
        for (name, _) in slot.write {
            fields.shift_remove(*name);
        }
        for (name, mark) in slot.read {
            fields.insert((*name).to_owned(), marked(*mark));
        }
    }
    Value::Object(fields)
}

/// Whether the object with this value at this path is read as it is without: a value in another form is no change.
pub(super) fn reads_the_same(
    subject: &Subject,
    plan: &Plan,
    object: &Value,
    path: &[String],
    value: &Value,
) -> bool {
    let row = subject.table().rows.iter().find(|row| row.target_path().members() == path);
    let (Some(row), Value::Object(mut fields)) = (row, object.clone()) else { return false };
    let value = match (value, row.elements) {
        (Value::Array(elements), Some(plan)) => {
            elements.iter().map(|element| filed(element.clone(), plan.slots)).collect()
        }
        (value, _) => value.clone(),
    };
    row.target_path().put(&mut fields, value);
    let read = |object: &Value| plan.read(&Vendor::new(object.to_string().into()));
    match (read(object), read(&Value::Object(fields))) {
        (Ok(before), Ok(after)) => unordered(before) == unordered(after),
        _ => false,
    }
}

/// The resource with its lists in an order of their own.
fn unordered(resource: Resource) -> Value {
    let mut document = Value::Object(resource.into_document());
    for value in document.as_object_mut().into_iter().flat_map(Map::values_mut) {
        if let Value::Array(items) = value {
            items.sort_by_key(ToString::to_string);
        }
    }
    document
}

/// What `row` would be changed to, from what it is; `None` where that cannot be said.
pub(super) fn changed(row: &Row<'_>, kind: Type, current: Option<&Value>) -> Option<Value> {
    match (row.via, kind, current) {
        (Transform::Words(words), ..) => {
            let other = words.iter().find(|(scim, _)| current.and_then(Value::as_str) != Some(*scim));
            other.map(|(scim, _)| Value::from(*scim))
        }
        (Transform::Number, ..) => Some("4711".into()),
        (Transform::Underscored, ..) => Some("fr-CH".into()),
        (Transform::Handle | Transform::Lowercase, ..) => Some("kit.changed".into()),
        (_, Type::Boolean, Some(Value::Bool(flag))) => Some((!flag).into()),
        (_, Type::Boolean, _) => Some(true.into()),
        (_, Type::Integer, _) => Some(4711.into()),
        (_, Type::Decimal, _) => Some(47.5.into()),
        (_, Type::DateTime, _) => Some("2031-05-06T07:08:09Z".into()),
        (_, Type::Binary, _) => Some("a2l0".into()),
        (_, Type::Reference, _) => Some("https://kit.example/changed?a=b".into()),
        (_, Type::Complex, _) => None,
        (_, Type::String, _) => Some(
            "zoe+kit@changed.example".chars().take(row.max_chars.unwrap_or(60)).collect::<String>().into(),
        ),
    }
}
