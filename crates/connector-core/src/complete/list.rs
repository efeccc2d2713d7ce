//! Lists: pages passed through where the target pages by offset, direct reads where a filter names objects, walks with
//! local filtering elsewhere.

use std::collections::HashSet;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{Endpoint, lookup::Lookup};
use crate::{
    connector::{Condition, Position, Query},
    error::{Error, Kind, Result},
    http::Cx,
    scim::{Filter, Resource},
    spec::Paging,
};

/// The most resources one page holds, whatever the client asks for.
pub const MAX_COUNT: u64 = 1000;
/// How many resources a page holds when the client does not say.
const DEFAULT_COUNT: u64 = 100;
/// How many direct reads of one request run at once.
const PARALLEL: usize = 8;

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

/// What a walk has found: the window's resources, and how many match in all. An object counts once, however often a list
/// that moves shows it.
struct Found {
    window: Window,
    seen: HashSet<String>,
    resources: Vec<Resource>,
    total: u64,
}

impl Found {
    fn new(window: Window) -> Self {
        Self { window, seen: HashSet::new(), resources: Vec::new(), total: 0 }
    }

    fn take(&mut self, resource: Resource) {
        if self.seen.insert(resource.id().unwrap_or_default().to_owned()) {
            self.total += 1;
            if self.total >= self.window.start && (self.resources.len() as u64) < self.window.count {
                self.resources.push(resource);
            }
        }
    }
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
        let listed = match (&request.filter, self.target.spec().paging) {
            (None, Paging::Offset { max }) => self.pass_through(cx, window, max).await,
            (None, Paging::Cursor { .. }) => self.everything(cx, window, None).await,
            (Some(filter), _) => match self.lookups(filter) {
                Some(lookups) => self.direct(cx, window, lookups, filter).await,
                None => self.everything(cx, window, Some(filter)).await,
            },
        };
        let (resources, total) = listed.map_err(|error| error.on(self.name().to_owned()))?;
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
            let mut page = self.target.list(cx, &query).await?;
            total = page.total.unwrap_or(total);
            next += page.items.len() as u64;
            let ended = page.items.is_empty() || page.next.is_none();
            page.items.truncate(usize::try_from(missing).unwrap_or(usize::MAX));
            resources.extend(self.answers(&page.items).await?);
            if ended || resources.len() as u64 >= window.count {
                return Ok((resources, total));
            }
        }
    }

    /// Every page of the target, keeping what matches and falls into the window.
    async fn everything(
        self,
        cx: &Cx<'_>,
        window: Window,
        filter: Option<&Filter>,
    ) -> Result<(Vec<Resource>, u64)> {
        let mut found = Found::new(window);
        self.walk(cx, Vec::new(), |resource| {
            if filter.is_none_or(|filter| filter.matches(&resource)) {
                found.take(resource);
            }
        })
        .await?;
        Ok((found.resources, found.total))
    }

    /// Objects that a filter names, read side by side, in the filter's order. A look-up finds candidates: the filter is
    /// evaluated on each as the client sees it.
    async fn direct(
        self,
        cx: &Cx<'_>,
        window: Window,
        lookups: Vec<Lookup>,
        filter: &Filter,
    ) -> Result<(Vec<Resource>, u64)> {
        let mut found = Found::new(window);
        let mut candidates =
            stream::iter(lookups.into_iter().map(|lookup| self.look_up(cx, lookup))).buffered(PARALLEL);
        while let Some(resources) = candidates.try_next().await? {
            for resource in resources {
                if filter.matches(&resource) {
                    found.take(resource);
                }
            }
        }
        Ok((found.resources, found.total))
    }

    async fn look_up(self, cx: &Cx<'_>, lookup: Lookup) -> Result<Vec<Resource>> {
        match lookup {
            Lookup::Id(id) => Ok(self.get_if_there(cx, &id).await?.into_iter().collect()),
            Lookup::Value { attribute, value, condition } => {
                let mut resources = Vec::new();
                for id in self.instance.ledger.find(self.name(), &attribute, &value).await? {
                    resources.extend(self.get_if_there(cx, &id).await?);
                }
                if let Some(condition) = condition {
                    self.walk(cx, vec![condition], |resource| resources.push(resource)).await?;
                }
                Ok(resources)
            }
            Lookup::Member(user) => {
                // The member's own list of groups names them without reading every group.
                let Some(users) = self.instance.endpoints().find(|endpoint| endpoint.name() == "User") else {
                    return Ok(Vec::new());
                };
                let Some(user) = users.get_if_there(cx, &user).await? else { return Ok(Vec::new()) };
                let groups =
                    user.get("groups").and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
                let ids = groups.iter().filter_map(|group| group.get("value")?.as_str());
                let reads: Vec<_> = ids.map(|id| self.get_if_there(cx, id)).collect();
                let read = stream::iter(reads).buffered(PARALLEL).try_collect::<Vec<_>>().await?;
                Ok(read.into_iter().flatten().collect())
            }
        }
    }

    async fn get_if_there(self, cx: &Cx<'_>, id: &str) -> Result<Option<Resource>> {
        match self.get(cx, id).await {
            Ok(resource) => Ok(Some(resource)),
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Every page of the target that fulfils the conditions, object by object.
    async fn walk(
        self,
        cx: &Cx<'_>,
        conditions: Vec<Condition>,
        mut visit: impl FnMut(Resource),
    ) -> Result<()> {
        let count = self.target.spec().paging.max();
        let mut query = Query { conditions, position: Position::Index(1), count };
        let mut cursors = HashSet::new();
        loop {
            let page = self.target.list(cx, &query).await?;
            self.answers(&page.items).await?.into_iter().for_each(&mut visit);
            match page.next {
                // A page without items and a cursor that comes again would go on for ever.
                Some(_) if page.items.is_empty() => return Ok(()),
                Some(Position::Cursor(cursor)) if !cursors.insert(cursor.clone()) => {
                    return Err(Error::new(
                        Kind::OddAnswer,
                        "the target's list repeats a cursor and never ends",
                    ));
                }
                Some(next) => query.position = next,
                None => return Ok(()),
            }
        }
    }
}
