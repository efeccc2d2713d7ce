//! Lists: pages passed through where the target pages by offset, walks with local filtering elsewhere.

use std::collections::HashSet;

use super::Endpoint;
use crate::{
    connector::{Condition, Position, Query},
    error::{Error, Kind, Result},
    http::Cx,
    scim::{Comparison, Filter, Literal, Resource},
    spec::Paging,
};

/// The most resources one page holds, whatever the client asks for.
pub const MAX_COUNT: u64 = 1000;
/// How many resources a page holds when the client does not say.
const DEFAULT_COUNT: u64 = 100;

/// A list request (RFC 7644 section 3.4.2).
#[derive(Debug, Default)]
pub struct ListRequest {
    /// Which resources.
    pub filter: Option<Filter>,
    /// The 1-based index of the first one; less counts as 1.
    pub start_index: Option<i64>,
    /// How many at most; less than 0 counts as 0.
    pub count: Option<i64>,
}

/// One page of a list.
#[derive(Debug)]
pub struct Listed {
    /// The resources.
    pub resources: Vec<Resource>,
    /// How many match in all.
    pub total: u64,
    /// The 1-based index of the first one.
    pub start_index: u64,
}

/// The window of a list that a client wants.
#[derive(Clone, Copy)]
struct Window {
    start: u64,
    count: u64,
}

impl Endpoint<'_> {
    /// Answers a list request with an exact total and stable order.
    pub async fn list(self, cx: &Cx<'_>, request: &ListRequest) -> Result<Listed> {
        let start = request.start_index.and_then(|start| u64::try_from(start).ok()).unwrap_or(1).max(1);
        let count = match request.count {
            None => DEFAULT_COUNT,
            Some(count) => u64::try_from(count).unwrap_or(0).min(MAX_COUNT),
        };
        let window = Window { start, count };
        let on = |error: Error| error.on(self.plan.resource_type().name.to_string());
        let (resources, total) = match (&request.filter, self.target.spec().paging) {
            (None, Paging::Offset { max }) => self.pass_through(cx, window, max).await.map_err(on)?,
            (None, Paging::Cursor { .. }) => self.walk(cx, window, Vec::new(), None).await.map_err(on)?,
            (Some(filter), _) => match wanted_id(filter) {
                Some(id) => self.by_id(cx, window, id, filter).await?,
                None => match self.plan.conditions(filter) {
                    None => (Vec::new(), 0),
                    Some(conditions) => self.walk(cx, window, conditions, Some(filter)).await.map_err(on)?,
                },
            },
        };
        Ok(Listed { resources, total, start_index: start })
    }

    /// The target's own pages, as many as the window needs.
    async fn pass_through(self, cx: &Cx<'_>, window: Window, max: u32) -> Result<(Vec<Resource>, u64)> {
        let mut resources = Vec::new();
        let (mut next, mut total) = (window.start, 0);
        loop {
            let missing = window.count - resources.len() as u64;
            // Asked for nothing, a target may answer anything; one item is the cheapest way to its total.
            let count = u32::try_from(missing.max(1)).unwrap_or(max).min(max);
            let query = Query { conditions: Vec::new(), position: Position::Index(next), count };
            let page = self.target.list(cx, &query).await?;
            total = page.total.unwrap_or(total);
            next += page.items.len() as u64;
            for vendor in page.items.iter().take(usize::try_from(missing).unwrap_or(usize::MAX)) {
                resources.push(self.answer(vendor)?);
            }
            if page.items.is_empty() || page.next.is_none() || resources.len() as u64 >= window.count {
                return Ok((resources, total));
            }
        }
    }

    /// Every page of the target, keeping what matches and falls into the window. Memory is the window, plus one id per
    /// object: a list that moves while it is walked shows an object twice.
    async fn walk(
        self,
        cx: &Cx<'_>,
        window: Window,
        conditions: Vec<Condition>,
        filter: Option<&Filter>,
    ) -> Result<(Vec<Resource>, u64)> {
        let mut query =
            Query { conditions, position: Position::Index(1), count: self.target.spec().paging.max() };
        let (mut resources, mut total) = (Vec::new(), 0);
        let mut seen = HashSet::new();
        let mut cursors = HashSet::new();
        loop {
            let page = self.target.list(cx, &query).await?;
            for vendor in &page.items {
                let resource = self.answer(vendor)?;
                if filter.is_some_and(|filter| !filter.matches(&resource)) {
                    continue;
                }
                if !seen.insert(resource.id().unwrap_or_default().to_owned()) {
                    continue;
                }
                total += 1;
                if total >= window.start && (resources.len() as u64) < window.count {
                    resources.push(resource);
                }
            }
            match page.next {
                // A page without items and a cursor that comes again would go on for ever.
                Some(_) if page.items.is_empty() => return Ok((resources, total)),
                Some(Position::Cursor(cursor)) if !cursors.insert(cursor.clone()) => {
                    return Err(Error::new(
                        Kind::OddAnswer,
                        "the target's list repeats a cursor and never ends",
                    ));
                }
                Some(next) => query.position = next,
                None => return Ok((resources, total)),
            }
        }
    }

    /// A filter on the id is a read.
    async fn by_id(
        self,
        cx: &Cx<'_>,
        window: Window,
        id: &str,
        filter: &Filter,
    ) -> Result<(Vec<Resource>, u64)> {
        match self.get(cx, id).await {
            Ok(resource) if filter.matches(&resource) => {
                let shown = window.start == 1 && window.count > 0;
                Ok((if shown { vec![resource] } else { Vec::new() }, 1))
            }
            Ok(_) => Ok((Vec::new(), 0)),
            Err(error) if error.kind() == Kind::NotFound => Ok((Vec::new(), 0)),
            Err(error) => Err(error),
        }
    }
}

/// The id a filter asks for, when all matches must have it.
fn wanted_id(filter: &Filter) -> Option<&str> {
    filter.conjuncts().iter().find_map(|part| match part {
        Filter::Compare(place, Comparison::Eq, Literal::Text { value, .. })
            if place.urn.is_none() && place.name == "id" =>
        {
            Some(value.as_str())
        }
        _ => None,
    })
}
