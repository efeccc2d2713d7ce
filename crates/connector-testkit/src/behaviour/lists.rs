//! Lists: pages, their ends, and what they are asked for.

use connector_core::{
    connector::{Condition, Page, Position, Query},
    error::{Kind, Result},
    spec::Paging,
};
use serde_json::Value;

use super::{
    rows,
    scene::{Broken, Calls, Fault, Outcome, SHORT, Scene, Subject, must, must_fail, must_work},
    stand_in::How,
};

/// The most requests an endless list may cost.
const MOST_REQUESTS: usize = 250;

/// Values that a path, a query or a filter could mistake for something else.
const VALUES: &[&str] = &[
    "zoë & co = 50%",
    "a\"b\\c",
    "a/b?c#d",
    "%2F+%20",
    "zoe+tag@example.test",
    "  two  blanks ",
    "名前 ü ñ",
    "x) or (y eq \"z\"",
];

impl Scene<'_> {
    /// One page as the connector gives it.
    async fn raw(&self, query: &Query) -> Result<Page> {
        self.noted(self.endpoint().target().list(&self.gateway.cx(), query).await)
    }

    fn ids(&self, page: &Page) -> std::result::Result<Vec<String>, String> {
        let read = page.items.iter().map(|item| self.endpoint().plan().read(item));
        let read =
            read.collect::<Result<Vec<_>>>().map_err(|error| format!("an item cannot be read: {error}"))?;
        Ok(read.iter().filter_map(|resource| Some(resource.id()?.to_owned())).collect())
    }
}

fn most(subject: &Subject) -> u32 {
    subject.target().spec().paging.max()
}

fn first(count: u32) -> Query {
    Query { conditions: Vec::new(), position: Position::Index(1), count }
}

/// So many objects that they fill two pages and a bit.
fn many(subject: &Subject) -> Vec<(String, Value)> {
    (0..=2 * most(subject) as usize).map(|n| subject.object(n)).collect()
}

pub(super) async fn first_page(subject: &Subject) -> std::result::Result<(), Broken> {
    subject
        .play(Vec::new(), async |scene| {
            scene.holds(many(subject));
            let page = must_work("the first page", scene.raw(&first(most(subject))).await)?;
            let (came, asked) = (page.items.len(), most(subject) as usize);
            let (all, whole) = (2 * asked + 1, page.next.is_none() && came == 2 * asked + 1);
            // A target without pages gives everything at once.
            must(whole || came > 0 && came <= asked, || {
                format!("{asked} objects were asked for, and {came} came")
            })?;
            must(whole || page.next.is_some(), || {
                format!("of {all} objects {came} came, and `next` is `None`")
            })?;
            if let Paging::Offset { .. } = subject.target().spec().paging {
                let all = all as u64;
                must(page.total == Some(all), || {
                    format!("{all} objects match, and the total is {:?}", page.total)
                })?;
                let listed = must_work("a page of two", scene.page(1, 2).await)?;
                must(listed.resources.len() == 2 && listed.total == all, || {
                    format!(
                        "of {all} objects 2 were asked for, and {} of {} came",
                        listed.resources.len(),
                        listed.total
                    )
                })?;
            }
            Ok(())
        })
        .await
}

pub(super) async fn last_page(subject: &Subject) -> std::result::Result<(), Broken> {
    subject
        .play(Vec::new(), async |scene| {
            let objects = many(subject);
            let wanted: Vec<&str> = objects.iter().map(|(id, _)| id.as_str()).collect();
            scene.holds(objects.clone());
            let (mut query, mut came) = (first(most(subject)), Vec::new());
            loop {
                let page = must_work("a page", scene.raw(&query).await)?;
                came.extend(scene.ids(&page)?);
                must(came.len() <= wanted.len(), || {
                    format!("{} objects are there, and {} came", wanted.len(), came.len())
                })?;
                let Some(next) = page.next else { break };
                must(next != query.position, || format!("`next` of {:?} is the same place", query.position))?;
                query.position = next;
                must(scene.exchanges().len() <= MOST_REQUESTS + wanted.len(), || {
                    "the list does not end".to_owned()
                })?;
            }
            must(came == wanted, || {
                let lost = wanted.iter().find(|id| !came.iter().any(|other| other == *id));
                format!(
                    "{} objects are there, and {} came; the first that is lost: {lost:?}",
                    wanted.len(),
                    came.len()
                )
            })?;
            if let Paging::Offset { .. } = subject.target().spec().paging {
                let start = i64::try_from(wanted.len()).expect("not so many");
                let last = must_work("the last page", scene.page(start, 5).await)?;
                must(last.resources.len() == 1, || format!("from {start} on {} came", last.resources.len()))?;
                let past = must_work("a page past the end", scene.page(start + 9, 5).await)?;
                must(past.resources.is_empty() && past.total == wanted.len() as u64, || {
                    format!("past the end {} of {} came", past.resources.len(), past.total)
                })?;
            }
            // The same as a client sees it: an empty target is an empty list.
            scene.holds([]);
            let none = must_work("a list of nothing", scene.raw(&first(most(subject))).await)?;
            must(none.items.is_empty() && none.next.is_none(), || {
                format!("nothing is there, and {} objects came, next {:?}", none.items.len(), none.next)
            })
        })
        .await
}

pub(super) async fn repeated_page(subject: &Subject) -> std::result::Result<(), Broken> {
    subject
        .play(Vec::new(), async |scene| {
            scene.holds(many(subject));
            let query = first(most(subject));
            let page = must_work("the first page", scene.raw(&query).await)?;
            let positions = [("first", Some(Position::Index(1))), ("second", page.next)];
            for (name, position) in
                positions.into_iter().filter_map(|(name, position)| Some((name, position?)))
            {
                let query = Query { position, ..query.clone() };
                let once = scene.ids(&must_work("a page", scene.raw(&query).await)?)?;
                let again = scene.ids(&must_work("the page again", scene.raw(&query).await)?)?;
                must(once == again, || format!("the {name} page is another one when it is asked for again"))?;
            }
            Ok(())
        })
        .await
}

pub(super) async fn endless_list(subject: &Subject) -> std::result::Result<(), Broken> {
    let How::Answers(forms) = &subject.staged.how else { return Ok(()) };
    for form in forms {
        let again = Fault::answer(Calls::Reads, form.clone());
        subject
            .play(vec![again], async |scene| {
                // A filter that no target compares makes core read to the end.
                let listed = scene.list(Some("meta.resourceType ne \"Nothing\"")).await;
                let asked = scene.exchanges().len();
                must_fail("a list that never ends", listed, &[Kind::OddAnswer])?;
                must(asked <= MOST_REQUESTS, || format!("the target was asked {asked} times"))?;
                if let Paging::Offset { .. } = subject.target().spec().paging {
                    must_fail(
                        "a page of a list that never ends",
                        scene.page(1, 500).await,
                        &[Kind::OddAnswer],
                    )?;
                    let asked = scene.exchanges().len() - asked;
                    must(asked <= MOST_REQUESTS, || {
                        format!("for one page the target was asked {asked} times")
                    })?;
                }
                Ok(())
            })
            .await?;
    }
    Ok(())
}

pub(super) async fn hostile_values(subject: &Subject) -> std::result::Result<(), Broken> {
    for (scim, field) in rows::comparable(subject.table()) {
        subject
            .play_with(
                Vec::new(),
                |setup| setup.patience(SHORT * 5),
                async |scene| {
                    for value in VALUES {
                        let before = scene.exchanges().len();
                        let condition = Condition { field, value: (*value).to_owned() };
                        let query = Query { conditions: vec![condition], ..first(most(subject)) };
                        let page = must_work(&format!("`{scim}` eq {value:?}"), scene.raw(&query).await)?;
                        sent_intact(scene, before, &scim, value, &page)?;
                    }
                    Ok(())
                },
            )
            .await?;
    }
    Ok(())
}

/// The value stands in the request as it is, in a path segment, a query value, or a literal of a filter in it; or the
/// connector reads everything and compares by itself.
fn sent_intact(scene: &Scene<'_>, before: usize, scim: &str, value: &str, page: &Page) -> Outcome {
    let exchanges = scene.exchanges();
    let literal = Value::from(value).to_string();
    let doubled = format!("'{}'", value.replace('\'', "''"));
    let found = exchanges[before..].iter().any(|exchange| {
        let request = &exchange.request;
        let words = request.segments("");
        let queries = request.query.iter().map(|(_, text)| text.as_str());
        words
            .iter()
            .map(String::as_str)
            .chain(queries)
            .any(|text| text == value || text.contains(&literal) || text.contains(&doubled))
    });
    let read_all = exchanges.len() > before && page.items.is_empty() && page.next.is_none();
    must(found || read_all, || format!("`{scim}` eq {value:?} reached the target as something else"))
}
