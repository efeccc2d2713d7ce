//! Writes: once, the least, and only where the target can.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use connector_core::{
    error::Kind,
    mapping::{Direction, Plan, Row, Transform},
};
use serde_json::{Value, json};

use super::{
    rows,
    scene::{Broken, CREATED, Calls, Fault, Outcome, Scene, Subject, must, must_fail, must_work},
    stand_in::How,
};
use crate::{answer::Answer, sample::ScimPath, server::Exchange};

/// Fails when anything was written.
fn nothing_written(scene: &Scene<'_>, what: &str) -> Outcome {
    let writes = scene.writes();
    must(writes.is_empty(), || {
        let first = &writes[0].request;
        format!("{what} sends {} {}", first.method, first.path)
    })
}

pub(super) async fn duplicate_create(subject: &Subject) -> Result<(), Broken> {
    let How::Answers(forms) = &subject.staged.how else { return Ok(()) };
    for form in forms {
        let taken = Fault::answer(Calls::Writes, form.clone());
        subject
            .play(vec![taken], async |scene| {
                let body = rows::body(subject, CREATED, scene).await?;
                must_fail("a creation under a used name", scene.create(body).await, &[Kind::Duplicate])?;
                let sent = scene.writes().len();
                must(sent == 1, || format!("a creation under a used name sends {sent} writes"))
            })
            .await?;
    }
    Ok(())
}

pub(super) async fn delete_twice(subject: &Subject) -> Result<(), Broken> {
    subject
        .play(Vec::new(), async |scene| {
            let (id, object) = subject.object(0);
            scene.holds([(id.clone(), rows::unused(subject, object))]);
            must_work("a deletion", scene.delete(&id).await)?;
            must(!scene.writes().is_empty(), || "a deletion sends nothing".to_owned())?;
            if subject.target().spec().soft_delete {
                must_work("a second deletion, which is soft,", scene.delete(&id).await)?;
            }
            scene.holds([]);
            must_fail("a deletion of what is gone", scene.delete(&id).await, &[Kind::NotFound])?;
            Ok(())
        })
        .await
}

pub(super) async fn read_only_write(subject: &Subject) -> Result<(), Broken> {
    let (id, target) = (subject.object(0).0, subject.target());
    // Where nothing can be changed, that is what is said.
    let all_read_only = target.updater().is_none() && target.members().is_none();
    for row in rows::read_only(subject.table()) {
        subject
            .play(Vec::new(), async |scene| {
                let path = ScimPath::of(row.scim);
                let kind = path.kind(scene.endpoint().plan());
                let value = match row.elements {
                    Some(_) => json!([{"value": "kit"}]),
                    None => crate::sample::sent(row.via, kind),
                };
                let operations = json!([{"op": "replace", "path": row.scim, "value": value}]);
                let what = format!("a change of `{}`, which is only read,", row.scim);
                if row.computed {
                    must_work(&what, scene.modify(&id, operations).await)?;
                    return nothing_written(scene, &what);
                }
                let error = must_fail(
                    &what,
                    scene.modify(&id, operations).await,
                    &[Kind::Mutability, Kind::Unsupported],
                )?;
                let named = all_read_only || error.to_string().contains(&path.name);
                must(named, || format!("{what} is refused without its name: {error}"))?;
                nothing_written(scene, &what)
            })
            .await?;
    }
    Ok(())
}

pub(super) async fn undeclared_ability(subject: &Subject) -> Result<(), Broken> {
    let target = subject.target();
    let (id, _) = subject.object(0);
    subject
        .play(Vec::new(), async |scene| {
            if target.creator().is_none() {
                let body = json!({"userName": "kit", "displayName": "kit"});
                must_fail("a creation without `Create`", scene.create(body).await, &[Kind::Unsupported])?;
            }
            if target.deleter().is_none() {
                must_fail("a deletion without `Delete`", scene.delete(&id).await, &[Kind::Unsupported])?;
            }
            let operations = json!([{"op": "replace", "path": "displayName", "value": "kit"}]);
            if target.updater().is_none() && target.members().is_none() {
                let what = "a change of a type that is only read";
                must_fail(what, scene.modify(&id, operations.clone()).await, &[Kind::Unsupported])?;
            }
            must(scene.exchanges().is_empty(), || "what is refused asks the target all the same".to_owned())?;
            must_work("a read", scene.get(&id).await)?;
            if target.updater().is_none() {
                let kinds = [Kind::Unsupported, Kind::Mutability, Kind::InvalidPath, Kind::NoTarget];
                must_fail("a change without `Update`", scene.modify(&id, operations).await, &kinds)?;
            }
            if target.members().is_none() && subject.of() == "Group" {
                let operations = json!([{"op": "add", "path": "members", "value": [{"value": "kit"}]}]);
                let kinds = [Kind::Unsupported, Kind::Mutability, Kind::InvalidPath];
                must_fail("a new member without `Members`", scene.modify(&id, operations).await, &kinds)?;
            }
            nothing_written(scene, "what is refused")
        })
        .await
}

pub(super) async fn empty_update(subject: &Subject) -> Result<(), Broken> {
    let (id, _) = subject.object(0);
    subject
        .play(Vec::new(), async |scene| {
            let read = must_work("a read", scene.get(&id).await)?;
            must_work("a PUT of what was read", scene.replace(&id, read.clone()).await)?;
            nothing_written(scene, "a PUT of what was read")?;
            let same = rows::writable(subject.table(), read);
            let operations = json!([{"op": "replace", "value": same}]);
            must_work("a PATCH with what was read", scene.modify(&id, operations).await)?;
            nothing_written(scene, "a PATCH with what was read")?;
            must_work("a PATCH without operations", scene.modify(&id, json!([])).await)
                .or_else(|why| if why.contains("InvalidSyntax") { Ok(Value::Null) } else { Err(why) })?;
            nothing_written(scene, "a PATCH without operations")
        })
        .await
}

pub(super) async fn changed_only(subject: &Subject) -> Result<(), Broken> {
    let (id, object) = subject.object(0);
    let writable = |row: &&Row<'_>| row.is_sent() && row.is_read() && row.direction == Direction::Both;
    for row in subject.table().rows.iter().filter(writable) {
        if subject.staged.leaves_out(row.scim) || row.scim == "members" {
            continue;
        }
        subject
            .play(Vec::new(), async |scene| {
                let read = must_work("a read", scene.get(&id).await)?;
                let Some((value, sent)) = changed_value(scene, row, &read) else { return Ok(()) };
                let operations = json!([{"op": "replace", "path": row.scim, "value": value}]);
                let what = format!("a change of `{}` to {value}", row.scim);
                must_work(&what, scene.modify(&id, operations).await)?;
                let writes = scene.writes();
                must(!writes.is_empty(), || format!("{what} sends nothing"))?;
                exactly(subject, scene.endpoint().plan(), row, &object, sent.as_ref(), &writes)
                    .map_err(|why| format!("{what} {why}"))
            })
            .await?;
    }
    Ok(())
}

/// Another value of a row, and what the target is to get where that can be said.
fn changed_value(scene: &Scene<'_>, row: &Row<'_>, read: &Value) -> Option<(Value, Option<Value>)> {
    let plan = scene.endpoint().plan();
    let path = ScimPath::of(row.scim);
    let Some(elements) = row.elements else {
        let value = rows::changed(row, path.kind(plan), path.values_in(read).first().copied())?;
        let copied = row.via == Transform::Copy;
        return Some((value.clone(), copied.then_some(value)));
    };
    let mut list = read.get(&path.name)?.clone();
    let first = list.as_array_mut()?.first_mut()?.as_object_mut()?;
    let sub = elements
        .rows
        .iter()
        .find(|sub| sub.is_sent() && sub.via == Transform::Copy && first.contains_key(sub.scim))?;
    let kind = ScimPath { sub: Some(sub.scim.to_owned()), ..path.clone() }.kind(plan);
    let value = rows::changed(sub, kind, first.get(sub.scim))?;
    first.insert(sub.scim.to_owned(), value);
    Some((list, None))
}

/// What was sent: the changed field with its new value, and nothing else that is not as it was.
fn exactly(
    subject: &Subject,
    plan: &Plan,
    row: &Row<'_>,
    object: &Value,
    wanted: Option<&Value>,
    writes: &[Exchange],
) -> Outcome {
    let table = subject.table();
    let related = |other: &Row<'_>| {
        other.scim == row.scim
            || other.alias_of == Some(row.scim)
            || row.alias_of == Some(other.scim)
            || (row.alias_of.is_some() && other.alias_of == row.alias_of)
    };
    let changed: Vec<Vec<String>> = table
        .rows
        .iter()
        .filter(|other| related(other))
        .map(|other| other.target_path().members().to_vec())
        .collect();
    let mut arrived = false;
    for write in writes {
        let body = write.request.document();
        if body.is_null() {
            continue;
        }
        let fields = subject.words.fields(subject.of(), body);
        for (path, value) in leaf_values(&fields) {
            if changed.iter().any(|changed| path.starts_with(changed)) {
                arrived |= wanted.is_none_or(|wanted| rows::same(wanted, &value));
                continue;
            }
            let held = path.iter().try_fold(object, |value, member| value.get(member));
            let as_it_was = held.is_some_and(|held| rows::same(&value, held))
                || rows::reads_the_same(subject, plan, object, &path, &value);
            let beside =
                subject.staged.beside.iter().any(|field| path.first().is_some_and(|first| first == field));
            must(as_it_was || beside, || {
                format!(
                    "sends `{}` as {value}, which nobody changed and the target holds as {held:?}",
                    path.join(".")
                )
            })?;
        }
    }
    must(arrived, || format!("does not send the new value in `{}`", row.target))
}

/// Every value of a document that is no object, by path. Lists count as one.
fn leaf_values(document: &Value) -> Vec<(Vec<String>, Value)> {
    fn walk(path: &mut Vec<String>, value: &Value, found: &mut Vec<(Vec<String>, Value)>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    path.push(name.clone());
                    walk(path, value, found);
                    path.pop();
                }
            }
            leaf => found.push((path.clone(), leaf.clone())),
        }
    }
    let mut found = Vec::new();
    walk(&mut Vec::new(), document, &mut found);
    found
}

pub(super) async fn ambiguous_create(subject: &Subject) -> Result<(), Broken> {
    let target = subject.target();
    let lost = || Answer::new(502).body("<html>Bad Gateway</html>", "text/html");
    // Members of a new object may be written by calls of their own.
    let creations = |scene: &Scene<'_>| {
        let writes = scene.writes();
        let first = writes.first().map(|write| (&write.request.method, &write.request.path));
        writes.iter().filter(|write| Some((&write.request.method, &write.request.path)) == first).count()
    };
    if target.spec().natural_keys.is_empty() {
        return subject
            .play(vec![Fault::answer(Calls::Writes, lost())], async |scene| {
                let body = rows::body(subject, CREATED, scene).await?;
                let error = must_fail(
                    "a creation of unknown fate",
                    scene.create(body).await,
                    &[Kind::Unavailable, Kind::OddAnswer],
                )?;
                must(error.is_in_doubt(), || format!("the client is not told that it is unknown: {error}"))?;
                must(creations(scene) == 1, || format!("{} were sent", creations(scene)))
            })
            .await;
    }
    // It was made, and the answer was lost.
    let (shelf, made) = (Arc::new(Mutex::new(None::<super::shelf::Shelf>)), subject.object(CREATED));
    let (of, keeps) = (subject.of(), Arc::clone(&shelf));
    let takes = Fault::change(Calls::Writes, move |_, _| {
        if let Some(shelf) = &*keeps.lock().expect("one at a time") {
            shelf.put(of, [made.clone()]);
        }
        lost()
    });
    subject
        .play_with(
            vec![takes.times(1)],
            |setup| setup.patience(PATIENT),
            async |scene| {
                let body = rows::body(subject, CREATED, scene).await?;
                scene.holds([]);
                *shelf.lock().expect("one at a time") = Some(scene.shelf.clone());
                let created = must_work("a creation whose answer was lost", scene.create(body).await)?;
                let id = subject.object(CREATED).0;
                must(created["id"] == id.as_str(), || format!("the client is told of {}", created["id"]))?;
                must(creations(scene) == 1, || format!("{} creations were sent", creations(scene)))
            },
        )
        .await?;
    // It was not made.
    subject
        .play_with(
            vec![Fault::answer(Calls::Writes, lost()).times(1)],
            |setup| setup.patience(PATIENT),
            async |scene| {
                let body = rows::body(subject, CREATED, scene).await?;
                scene.holds([]);
                must_work("a creation that never arrived", scene.create(body).await)?;
                must(creations(scene) == 2, || format!("{} creations were sent", creations(scene)))
            },
        )
        .await
}

/// Long enough to look an object up twice.
const PATIENT: Duration = Duration::from_secs(8);

pub(super) async fn member_changes(subject: &Subject) -> Result<(), Broken> {
    let most = subject.target().spec().members_per_call;
    let (id, _) = subject.object(0);
    subject
        .play(Vec::new(), async |scene| {
            let read = must_work("a read", scene.get(&id).await)?;
            let members: Vec<String> = read["members"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|member| member["value"].as_str().map(str::to_owned))
                .collect();
            must(members.len() > 1, || "needs a sample with two members at least".to_owned())?;
            let add = json!([{"op": "add", "path": "members", "value": [{"value": "KITNEW1"}, {"value": members[0]}]}]);
            must_work("adding a member", scene.modify(&id, add).await)?;
            let writes = scene.writes();
            must(mentions(&writes, "KITNEW1") == 1, || "a new member is not sent exactly once".to_owned())?;
            untouched(&writes, &members)?;
            let before = writes.len();
            let remove = json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", members[0])}]);
            must_work("removing a member", scene.modify(&id, remove).await)?;
            let writes = &scene.writes()[before..];
            must(!writes.is_empty(), || "removing a member sends nothing".to_owned())?;
            untouched(writes, &members[1..])
        })
        .await?;
    subject
        .play_with(
            Vec::new(),
            |setup| setup.patience(PATIENT),
            async |scene| {
                let new: Vec<String> = (0..=2 * most).map(|n| format!("KITNEW{n:05}")).collect();
                let value: Vec<Value> = new.iter().map(|id| json!({ "value": id })).collect();
                let add = json!([{"op": "add", "path": "members", "value": value}]);
                must_work("adding many members", scene.modify(&id, add).await)?;
                let writes = scene.writes();
                for write in &writes {
                    let count = named(write).iter().filter(|text| text.starts_with("KITNEW")).count();
                    must(count <= most, || {
                        format!("a call carries {count} members, and {most} are declared")
                    })?;
                }
                let sent: Vec<String> =
                    writes.iter().flat_map(named).filter(|text| text.starts_with("KITNEW")).collect();
                let once: HashSet<&String> = sent.iter().collect();
                must(once.len() == sent.len(), || "a member is sent twice".to_owned())?;
                let lost = new.iter().find(|id| !once.contains(id));
                must(lost.is_none(), || format!("the member {lost:?} of {} is not sent", new.len()))
            },
        )
        .await
}

fn untouched(writes: &[Exchange], members: &[String]) -> Outcome {
    let touched = members.iter().find(|member| mentions(writes, member) > 0);
    must(touched.is_none(), || format!("the member {touched:?}, whom nobody changed, is sent"))
}

/// How often these requests name exactly this text.
fn mentions(writes: &[Exchange], text: &str) -> usize {
    writes.iter().flat_map(named).filter(|named| named == text).count()
}

/// Every text of a request: path segments, query values, values of the body.
fn named(write: &Exchange) -> Vec<String> {
    fn texts(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::String(text) => found.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
            Value::Object(members) => members.values().for_each(|value| texts(value, found)),
            _ => {}
        }
    }
    let mut found = write.request.segments("");
    found.extend(write.request.query.iter().map(|(_, value)| value.clone()));
    texts(&write.request.document(), &mut found);
    found
}
