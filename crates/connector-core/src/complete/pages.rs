//! The pages of a target's list, one after another, each object once.

use std::collections::HashSet;

use super::Endpoint;
use crate::{
    connector::{Condition, Position, Query},
    error::{Error, Kind, Result},
    http::Cx,
    scim::Resource,
};

/// A list being read page by page.
pub(super) struct Pages<'a> {
    endpoint: Endpoint<'a>,
    query: Query,
    ended: bool,
    cursors: HashSet<String>,
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
            cursors: HashSet::new(),
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
        let page = self.endpoint.target.list(cx, &self.query).await?;
        let empty = page.items.is_empty();
        match page.next {
            // A page without items and a cursor that comes again would go on for ever.
            Some(Position::Cursor(cursor)) if !self.cursors.insert(cursor.clone()) => {
                return Err(Error::new(Kind::OddAnswer, "the target's list repeats a cursor and never ends"));
            }
            Some(next) if !empty => self.query.position = next,
            _ => self.ended = true,
        }
        let mut resources = self.endpoint.answers(cx, &page.items).await?;
        resources.retain(|resource| self.seen.insert(resource.id().unwrap_or_default().to_owned()));
        Ok(Some(resources))
    }
}
