//! Lists: pages passed through where the target pages by offset, direct reads where a filter names objects, walks
//! elsewhere.

use std::{collections::HashSet, sync::Arc};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{Endpoint, Instance, lookup::Lookup, pages::Progress, sort::Sort, walk::Key};
use crate::{
    connector::{Position, Query},
    error::{Kind, Result},
    http::Cx,
    scim::{Filter, Projection, Resource},
    spec::Paging,
};

/// The most resources one page holds, whatever the client asks for.
pub const MAX_COUNT: u64 = 1000;
/// How many resources a page holds when the client does not say.
pub const DEFAULT_COUNT: u64 = 100;
/// How many direct reads of one request run at once.
const PARALLEL: usize = 8;

/// A list request (RFC 7644 section 3.4.2).
#[derive(Debug, Default)]
pub struct ListRequest {
    /// Who asks: pages of one caller's walk are not another's.
    pub caller: String,
    /// Which resources.
    pub filter: Option<Filter>,
    /// In which order.
    pub sort: Option<Sort>,
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

/// The resources of a page, and how many match in all.
pub(super) struct Found {
    pub resources: Vec<Resource>,
    pub total: u64,
}

impl Instance {
    /// Answers a list request for the resource type at `index`, with an exact total and stable order.
    pub async fn list(self: &Arc<Self>, index: usize, cx: &Cx<'_>, request: &ListRequest) -> Result<Listed> {
        let endpoint = self.endpoint_at(index);
        let start = request.start_index.and_then(|start| u64::try_from(start).ok()).unwrap_or(1).max(1);
        let count = match request.count {
            None => DEFAULT_COUNT,
            Some(count) => u64::try_from(count).unwrap_or(0).min(MAX_COUNT),
        };
        endpoint.require_read(request.filter.as_ref())?;
        let lookups = request.filter.as_ref().and_then(|filter| endpoint.lookups(filter));
        let found = match (lookups, &request.filter, &request.sort, endpoint.target.spec().paging) {
            (Some(lookups), Some(filter), ..) => {
                let all = endpoint.direct(cx, lookups, filter).await;
                all.map(|all| window(sorted(all, request.sort.as_ref()), start, count))
            }
            (_, None, None, Paging::Offset { max }) => endpoint.pass_through(cx, start, count, max).await,
            (_, filter, sort, _) => {
                let key = Key {
                    caller: request.caller.clone(),
                    index,
                    filter: filter.as_ref().map(ToString::to_string),
                    sort: sort.as_ref().map(Sort::text),
                    left_out: cx.left_out().iter().map(|&name| name.to_owned()).collect(),
                };
                self.walks.page(self, key, start, count, filter.as_ref(), sort.as_ref(), cx).await
            }
        };
        let Found { resources, total } = found.map_err(|error| error.on(endpoint.name().to_owned()))?;
        Ok(Listed { resources, total, start_index: start })
    }
}

/// A few resources in the order asked for.
fn sorted(mut resources: Vec<Resource>, sort: Option<&Sort>) -> Vec<Resource> {
    if let Some(sort) = sort {
        resources.sort_by(|a, b| sort.compare(&sort.key(a), &sort.key(b)));
    }
    resources
}

/// The part of a whole list that a client asks for.
fn window(resources: Vec<Resource>, start: u64, count: u64) -> Found {
    let total = resources.len() as u64;
    let skip = usize::try_from(start - 1).unwrap_or(usize::MAX);
    let take = usize::try_from(count).unwrap_or(usize::MAX);
    Found { resources: resources.into_iter().skip(skip).take(take).collect(), total }
}

impl<'a> Endpoint<'a> {
    /// The attributes nobody needs for an answer that holds only this: they take calls of their own, the client leaves them
    /// out, and neither filter nor order is about them. See [`Cx::leaving_out`].
    pub fn unneeded(
        self,
        projection: &Projection,
        filter: Option<&Filter>,
        sort: Option<&Sort>,
    ) -> Vec<&'a str> {
        let sorted = |urn: Option<&str>, name: &str| sort.is_some_and(|sort| sort.is_by(urn, name));
        self.plan.unneeded(projection, filter, sorted)
    }

    /// What need not be read to tell which objects match: it takes calls of its own, and the filter is about other things.
    /// Those that match are [read again](Self::whole).
    pub(super) fn sparable(self, cx: &Cx<'_>, filter: Option<&'a Filter>) -> Vec<&'a str> {
        let told = filter.filter(|filter| self.plan.is_told_by_bare_objects(filter));
        let names = told.into_iter().flat_map(|_| self.plan.read_apart());
        names.filter(|name| !cx.leaves_out(name)).collect()
    }

    /// Objects with all that is wanted of them; without those that are gone or match no more.
    pub(super) async fn whole(
        self,
        cx: &Cx<'_>,
        bare: &[Resource],
        filter: Option<&Filter>,
    ) -> Result<Vec<Resource>> {
        let reads: Vec<_> =
            bare.iter().filter_map(Resource::id).map(|id| self.get_if_there(cx, id)).collect();
        let read = stream::iter(reads).buffered(PARALLEL).try_collect::<Vec<_>>().await?;
        let matches = |resource: &Resource| filter.is_none_or(|filter| filter.matches(resource));
        Ok(read.into_iter().flatten().filter(matches).collect())
    }

    /// Refuses a filter over what lists do not hold.
    pub(super) fn require_read(self, filter: Option<&Filter>) -> Result<()> {
        let read = filter.map_or(Ok(()), |filter| self.plan.require_read(filter));
        read.map_err(|error| error.on(self.name().to_owned()))
    }

    /// The target's own pages, as many as the window needs.
    async fn pass_through(self, cx: &Cx<'_>, start: u64, wanted: u64, max: u32) -> Result<Found> {
        let mut resources = Vec::new();
        let (mut next, mut total, mut progress) = (start, 0, Progress::default());
        loop {
            let missing = wanted - resources.len() as u64;
            // Asked for nothing, a target may answer anything; one item is the cheapest way to its total.
            let count = u32::try_from(missing.max(1)).unwrap_or(max).min(max);
            let query = Query { conditions: Vec::new(), position: Position::Index(next), count };
            let mut page = self.target.list(cx, &query).await?;
            total = page.total.unwrap_or(total);
            next += page.items.len() as u64;
            page.items.truncate(usize::try_from(missing).unwrap_or(usize::MAX));
            let came = self.answers(cx, &page.items).await?;
            let full = (resources.len() + came.len()) as u64 >= wanted;
            let ended = full || progress.after(page.next, came.iter().filter_map(Resource::id))?.is_none();
            resources.extend(came);
            if ended {
                return Ok(Found { resources, total });
            }
        }
    }

    /// Objects that a filter names, read side by side, in the filter's order, each once. A look-up finds candidates: the
    /// filter is evaluated on each as the client sees it.
    async fn direct(self, cx: &Cx<'_>, lookups: Vec<Lookup>, filter: &Filter) -> Result<Vec<Resource>> {
        let (mut found, mut seen) = (Vec::new(), HashSet::new());
        let reads = lookups.into_iter().map(|lookup| self.look_up(cx, lookup));
        let mut candidates = stream::iter(reads).buffered(PARALLEL);
        while let Some(resources) = candidates.try_next().await? {
            for resource in resources {
                if filter.matches(&resource) && seen.insert(resource.id().unwrap_or_default().to_owned()) {
                    found.push(resource);
                }
            }
        }
        Ok(found)
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
                    let mut pages = self.pages(vec![condition]);
                    while let Some(page) = pages.next(cx).await? {
                        resources.extend(page);
                    }
                }
                Ok(resources)
            }
            Lookup::Member(user) => {
                // The member's own list of groups names them without reading every group.
                let Some(users) = self.instance.endpoints().find(|endpoint| endpoint.name() == "User") else {
                    return Ok(Vec::new());
                };
                let user = match users.get_with(cx, &user, |name| name == "groups").await {
                    Err(error) if error.kind() == Kind::NotFound => return Ok(Vec::new()),
                    user => user?,
                };
                let groups = user.get("groups").and_then(serde_json::Value::as_array);
                let ids = groups.into_iter().flatten().filter_map(|group| group.get("value")?.as_str());
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
}
