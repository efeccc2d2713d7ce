//! The pages of a target's list, one after another, each object once.

use std::collections::HashSet;

use super::Endpoint;
use crate::{
    connector::{Condition, Page, Position, Query},
    error::{Error, Kind, Result},
    http::Cx,
    scim::Resource,
};

/// How many pages without a single object are followed.
const MOST_EMPTY: u32 = 50;

/// Whether a list that is read page by page comes nearer to its end.
#[derive(Default)]
pub(super) struct Progress {
    cursors: HashSet<String>,
    /// Pages without objects, in a row.
    empty: u32,
    /// The ids of the page before.
    before: HashSet<String>,
}

impl Progress {
    /// Where the page after this one begins; `None` after the last. A target that gives the same page or cursor again and
    /// again is [`Kind::OddAnswer`]: its list cannot be read to the end. `ids` are those of the page's objects.
    pub(super) fn after<'r>(
        &mut self,
        next: Option<Position>,
        ids: impl Iterator<Item = &'r str>,
    ) -> Result<Option<Position>> {
        let page: HashSet<String> = ids.map(str::to_owned).collect();
        let known = !page.is_empty() && page.is_subset(&self.before);
        self.empty = if page.is_empty() { self.empty + 1 } else { 0 };
        let next = match next {
            Some(Position::Index(_)) if page.is_empty() => None,
            Some(Position::Cursor(cursor)) if !self.cursors.insert(cursor.clone()) => return Err(endless()),
            next => next,
        };
        self.before = page;
        // A cursor may lead through pages of nothing.
        if next.is_some() && (known || self.empty > MOST_EMPTY) { Err(endless()) } else { Ok(next) }
    }
}

/// What a list without an end is.
pub(super) fn endless() -> Error {
    let rule = "the target gives the same page again and again: its list cannot be read to the end";
    Error::new(Kind::OddAnswer, rule)
}

/// A list being read page by page.
pub(super) struct Pages<'a> {
    endpoint: Endpoint<'a>,
    query: Query,
    ended: bool,
    progress: Progress,
    /// Ids seen: a list that moves while it is read shows an object twice.
    seen: HashSet<String>,
}

impl<'a> Endpoint<'a> {
    /// The pages of everything that fulfils the conditions.
    pub(super) fn pages(self, conditions: Vec<Condition>) -> Pages<'a> {
        let count = self.target.spec().paging.max();
        Pages {
            endpoint: self,
            query: Query { conditions, position: Position::Index(1), count },
            ended: false,
            progress: Progress::default(),
            seen: HashSet::new(),
        }
    }
}

impl Pages<'_> {
    /// The next page as the client sees its objects; `None` after the last.
    pub(super) async fn next(&mut self, cx: &Cx<'_>) -> Result<Option<Vec<Resource>>> {
        if self.ended {
            return Ok(None);
        }
        let Page { items, next, .. } = self.endpoint.target.list(cx, &self.query).await?;
        let mut resources = self.endpoint.answers(cx, &items).await?;
        let next = self.progress.after(next, resources.iter().filter_map(Resource::id))?;
        let came = resources.len();
        resources.retain(|resource| self.seen.insert(resource.id().unwrap_or_default().to_owned()));
        match next {
            // Not the page before, but nothing new either: the target goes round in a circle.
            Some(_) if resources.is_empty() && came > 0 => return Err(endless()),
            Some(next) => self.query.position = next,
            None => self.ended = true,
        }
        Ok(Some(resources))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(text: &str) -> Position {
        Position::Cursor(text.to_owned())
    }

    #[test]
    fn a_cursor_leads_through_pages_of_nothing_but_not_for_ever() {
        let mut progress = Progress::default();
        for n in 0..MOST_EMPTY {
            let next = Some(cursor(&n.to_string()));
            assert_eq!(progress.after(next.clone(), [].into_iter()).unwrap(), next);
        }
        assert_eq!(progress.after(Some(cursor("last")), [].into_iter()).unwrap_err().kind(), Kind::OddAnswer);
    }

    #[test]
    fn a_page_or_cursor_that_comes_again_is_no_progress() {
        let mut progress = Progress::default();
        progress.after(Some(cursor("a")), ["1", "2"].into_iter()).unwrap();
        progress.after(Some(cursor("b")), ["2", "3"].into_iter()).expect("a row that moved");
        assert!(progress.after(Some(cursor("a")), ["4"].into_iter()).is_err());
        let mut progress = Progress::default();
        progress.after(Some(Position::Index(3)), ["1", "2"].into_iter()).unwrap();
        assert!(progress.after(Some(Position::Index(5)), ["1", "2"].into_iter()).is_err());
        assert_eq!(progress.after(None, ["1", "2"].into_iter()).unwrap(), None, "the last page moved");
        assert_eq!(progress.after(Some(Position::Index(7)), [].into_iter()).unwrap(), None);
    }
}
