//! Reads: ids, and objects that are not quite as expected.

use connector_core::{error::Kind, mapping::Row};
use serde_json::{Map, Value, json};

use super::{
    rows,
    scene::{Broken, CREATED, Calls, Fault, Subject, must, must_fail, must_work},
    stand_in::How,
};
/// An id that no object has.
const NOBODY: &str = "404404404";

/// Ids that a path could mistake for something else.
fn hostile() -> Vec<String> {
    let odd = [
        "a/b",
        "a?b=c",
        "a#b",
        "50%",
        "%2F",
        "%2e%2e",
        "a+b",
        "a@b.example",
        "a b",
        "../a",
        "a;b=c",
        "a:b",
        "a&b",
        "a\"b'c",
        "a\\b",
        "ünï-名前-🙂",
        "[a]{b}|^`",
    ];
    odd.iter().map(|id| (*id).to_owned()).chain(["x".repeat(1024)]).collect()
}

pub(super) async fn missing_id(subject: &Subject) -> Result<(), Broken> {
    let How::Answers(forms) = &subject.staged.how else { return Ok(()) };
    for form in forms {
        let missing = Fault::answer(Calls::Reads, form.clone());
        subject
            .play(vec![missing], async |scene| {
                must_fail("a read of an unknown id", scene.get(NOBODY).await, &[Kind::NotFound])?;
                let filter = format!("id eq \"{NOBODY}\"");
                let listed = must_work("a filter on an unknown id", scene.list(Some(&filter)).await)?;
                must(listed.total == 0, || format!("a filter on an unknown id finds {}", listed.total))
            })
            .await?;
    }
    subject
        .play(Vec::new(), async |scene| {
            must_fail("a read of an id that the stand-in lacks", scene.get(NOBODY).await, &[Kind::NotFound])?;
            Ok(())
        })
        .await
}

pub(super) async fn hostile_ids(subject: &Subject) -> Result<(), Broken> {
    subject
        .play(Vec::new(), async |scene| {
            for id in hostile() {
                let before = scene.exchanges().len();
                let object = subject.with_id(subject.object(0).1, &id);
                // A neighbour whom a badly encoded path would hit.
                let neighbour = subject.with_id(subject.object(1).1, "a");
                scene.holds([neighbour, object]);
                match scene.get(&id).await {
                    Ok(found) => must(found["id"] == id.as_str(), || {
                        format!("the id {id:?} was asked for, and {} came", found["id"])
                    })?,
                    // One that the connector knows to be nobody's.
                    Err(error) if error.kind() == Kind::NotFound && scene.exchanges().len() == before => {}
                    Err(error) => {
                        return Err(format!(
                            "the object of the id {id:?} is there, and a read says: {error}"
                        ));
                    }
                }
                if subject.target().deleter().is_some() {
                    scene.delete(&id).await.ok();
                }
                let exchanges = scene.exchanges();
                let stray = exchanges[before..].iter().find(|exchange| {
                    let segments = exchange.request.segments("");
                    segments.iter().any(|segment| segment == "a" || segment == "..")
                });
                must(stray.is_none(), || format!("a call for the id {id:?} went elsewhere"))?;
            }
            Ok(())
        })
        .await
}

pub(super) async fn unknown_fields(subject: &Subject) -> Result<(), Broken> {
    let (id, _) = subject.object(0);
    let mut plain = Value::Null;
    let kept = &mut plain;
    subject
        .play(Vec::new(), async |scene| {
            *kept = must_work("a plain read", scene.get(&id).await)?;
            Ok(())
        })
        .await?;
    let more = Fault::change(Calls::All, |_, usual| match usual.document() {
        Some(document) => usual.with_document(&with_more(document)),
        None => usual,
    });
    subject
        .play(vec![more], async |scene| {
            let read = must_work("a read of an object with further fields", scene.get(&id).await)?;
            must(read == plain, || format!("further fields change the object to {read}"))?;
            let listed = must_work("a list of objects with further fields", scene.list(None).await)?;
            must(listed.total == 3, || {
                format!("of 3 objects with further fields {} are listed", listed.total)
            })
        })
        .await
}

/// The document with members that nobody knows, at every level.
fn with_more(document: Value) -> Value {
    match document {
        Value::Object(members) => {
            let mut more: Map<String, Value> =
                members.into_iter().map(|(name, value)| (name, with_more(value))).collect();
            more.insert("kitUnknownText".into(), json!("further"));
            more.insert("kit_unknown".into(), json!({"a": [1, null, {"b": false}]}));
            Value::Object(more)
        }
        Value::Array(items) => items.into_iter().map(with_more).collect(),
        plain => plain,
    }
}

pub(super) async fn odd_fields(subject: &Subject) -> Result<(), Broken> {
    let (id, object) = subject.object(0);
    subject
        .play(Vec::new(), async |scene| {
            scene.holds([(id.clone(), object.clone())]);
            let plain = must_work("a plain read", scene.get(&id).await)?;
            // A row may read the field of the id, as one with a constant value does.
            let id_path = rows::id_path(subject.table());
            let is_id = |row: &Row<'_>| row.target_path().members() == id_path.members();
            let judged =
                |row: &&Row<'_>| row.is_read() && !is_id(row) && !subject.staged.leaves_out(row.scim);
            for row in subject.table().rows.iter().filter(judged) {
                let target = row.target_path();
                for (what, odd) in odd_values() {
                    let Value::Object(mut fields) = object.clone() else {
                        return Err("no object".to_owned());
                    };
                    match odd {
                        Some(value) => target.put(&mut fields, value),
                        None => take(&mut fields, target.members()),
                    }
                    scene.holds([(id.clone(), Value::Object(fields))]);
                    let told = format!("a read with `{}` {what}", row.target);
                    let read = must_work(&told, scene.get(&id).await)?;
                    must(read["id"] == id.as_str(), || format!("{told} has the id {}", read["id"]))?;
                    if let Some(wrong) = rows::of_wrong_type(scene.endpoint().plan(), subject.table(), &read)
                    {
                        return Err(format!("{told} has a value of the wrong type at {wrong}: {read}"));
                    }
                    if let Some(lost) = rows::lost(subject, row, &plain, &read) {
                        return Err(format!("{told} costs another attribute, too: {lost}"));
                    }
                }
            }
            for odd in [json!(null), json!({}), json!([]), json!("")] {
                let (_, mut nameless) = subject.with_id(object.clone(), "");
                if let Value::Object(fields) = &mut nameless {
                    rows::id_path(subject.table()).put(fields, odd.clone());
                }
                scene.holds([(id.clone(), nameless)]);
                must_fail(&format!("an object whose id is {odd}"), scene.get(&id).await, &[Kind::OddAnswer])?;
            }
            Ok(())
        })
        .await
}

/// Values that no row expects; `None` takes the field away.
fn odd_values() -> [(&'static str, Option<Value>); 8] {
    [
        ("missing", None),
        ("null", Some(Value::Null)),
        ("an object", Some(json!({"kit": 1}))),
        ("a list of nothing", Some(json!([]))),
        ("a list of odd things", Some(json!([null, 5, "x", {"kit": [1]}, [[]]]))),
        ("a number", Some(json!(-7.5))),
        ("a text", Some(json!("kit"))),
        ("a flag", Some(json!(true))),
    ]
}

fn take(fields: &mut Map<String, Value>, path: &[String]) {
    match path {
        [] => {}
        [last] => drop(fields.shift_remove(last)),
        [first, rest @ ..] => {
            if let Some(Value::Object(inner)) = fields.get_mut(first) {
                take(inner, rest);
            }
        }
    }
}

pub(super) async fn capabilities(subject: &Subject) -> Result<(), Broken> {
    let target = subject.target();
    let (id, object) = subject.object(0);
    subject
        .play(Vec::new(), async |scene| {
            must_work("a read", scene.get(&id).await)?;
            let listed = must_work("a list", scene.list(None).await)?;
            must(listed.total == 3, || format!("3 objects are there, and {} are listed", listed.total))?;
            if target.creator().is_some() {
                let body = rows::body(subject, CREATED, scene).await?;
                let before = scene.writes().len();
                must_work("a creation, as there is a `Create`,", scene.create(body).await)?;
                must(scene.writes().len() > before, || "a creation sends nothing".to_owned())?;
            }
            if target.deleter().is_some() {
                let before = scene.writes().len();
                // What is in use cannot be deleted in every target.
                scene.holds([(id.clone(), rows::unused(subject, object.clone()))]);
                must_work("a deletion, as there is a `Delete`,", scene.delete(&id).await)?;
                must(scene.writes().len() > before, || "a deletion sends nothing".to_owned())?;
            }
            Ok(())
        })
        .await?;
    subject
        .play(Vec::new(), async |scene| {
            for (scim, _) in rows::comparable(subject.table()) {
                let read = must_work("a read", scene.get(&id).await)?;
                let Some(value) = rows::text_at(&read, &scim) else { continue };
                let plain = rows::plain(&scim);
                let filter = format!("{plain} eq {}", Value::from(value.as_str()));
                let listed = must_work(&format!("the filter {filter}"), scene.list(Some(&filter)).await)?;
                let found = listed.resources.iter().any(|resource| resource.id() == Some(id.as_str()));
                must(found, || format!("the object is there, and the filter {filter} does not find it"))?;
            }
            Ok(())
        })
        .await
}
