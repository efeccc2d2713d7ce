//! Completion: what targets lack, once for all connectors.
//!
//! PUT and PATCH become read → apply in SCIM space → difference → the smallest set of target calls; no difference, no
//! call. Filters and pages a target cannot do are done here.

mod cursor;
mod doubt;
mod list;
mod lookup;
mod membership;
mod pages;
mod rehearse;
mod snapshot;
mod sort;
mod turn;
mod version;
mod walk;
mod write;

use std::sync::Arc;

use serde_json::Value;
use tracing::debug;

pub use cursor::{CursorKey, CursorPage};
pub use list::{DEFAULT_COUNT, ListRequest, Listed, MAX_COUNT};
pub use snapshot::{NoSpill, SnapshotSpace, Spill};
pub use sort::Sort;
pub use turn::Turns;
pub use version::Precondition;
pub use walk::Walks;

use version::versioned;

use crate::{
    connector::{Connector, RemoteId, Resource as TargetResource, Settings, Vendor},
    error::{Error, Kind, Result},
    http::{Cx, Door},
    ledger::{Ledger, Memory},
    mapping::{Named, Plan},
    scim::{PatchRules, Resource, same_name},
};

/// One configured target: its connector, its compiled tables and its way out.
pub struct Instance {
    /// Its name, the segment of its SCIM base address.
    pub name: String,
    /// The connector.
    pub connector: Box<dyn Connector>,
    /// One plan per resource type of the connector, in the same order.
    pub plans: Vec<Plan>,
    /// The way out.
    pub door: Door,
    /// Values of the connector's own parameters.
    pub settings: Settings,
    /// How PATCH requests are read.
    pub patch_rules: PatchRules,
    /// Whether a create that meets an existing object takes it over instead of being refused.
    pub adopt_existing: bool,
    /// What clients wrote and the target cannot hold.
    pub ledger: Arc<dyn Ledger>,
    /// Lists being read, and their results.
    pub walks: Walks,
    /// Objects being written.
    pub turns: Turns,
    /// Signs the cursors its clients are given.
    pub cursors: CursorKey,
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instance").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Instance {
    /// The place in [`Self::plans`] of the resource type served at this path segment, as `Users`; letter case does not count.
    pub fn index_of(&self, segment: &str) -> Option<usize> {
        let serves = |plan: &Plan| same_name(plan.resource_type().endpoint.trim_start_matches('/'), segment);
        self.plans.iter().position(serves)
    }

    /// All resource types.
    pub fn endpoints(&self) -> impl Iterator<Item = Endpoint<'_>> {
        (0..self.plans.len()).map(|index| self.endpoint_at(index))
    }

    /// The resource type at this place of [`Self::plans`].
    pub fn endpoint_at(&self, index: usize) -> Endpoint<'_> {
        Endpoint {
            instance: self,
            index,
            target: &*self.connector.resources()[index],
            plan: &self.plans[index],
        }
    }
}

/// An object that is to be changed.
struct Loaded {
    /// As the target gave it.
    vendor: Vendor,
    /// As the target holds it.
    held: Resource,
    /// What the ledger remembers.
    memory: Memory,
    /// As the client sees it.
    seen: Resource,
}

/// One resource type of an instance: SCIM in, SCIM out.
#[derive(Clone, Copy)]
pub struct Endpoint<'a> {
    instance: &'a Instance,
    index: usize,
    target: &'a dyn TargetResource,
    plan: &'a Plan,
}

impl<'a> Endpoint<'a> {
    /// The compiled table.
    pub const fn plan(self) -> &'a Plan {
        self.plan
    }

    /// The target's side.
    pub const fn target(self) -> &'a dyn TargetResource {
        self.target
    }

    /// Reads one object.
    pub async fn get(self, cx: &Cx<'_>, id: &str) -> Result<Resource> {
        let id = self.id(id)?;
        let vendor = self.fetch(cx, &id).await?;
        let seen = self.answers(cx, std::slice::from_ref(&vendor)).await?.remove(0);
        self.trace_read(cx, &vendor, &seen)?;
        Ok(seen)
    }

    /// Reads one object, and what of it is read only on request where `asked` names it. The version stays that of a plain
    /// read.
    pub async fn get_with(self, cx: &Cx<'_>, id: &str, asked: impl Fn(&str) -> bool) -> Result<Resource> {
        let resource = self.get(cx, id).await?;
        self.with_requested(cx, &self.id(id)?, resource, asked).await
    }

    /// An object with what of it is read only on request where `asked` names it.
    async fn with_requested(
        self,
        cx: &Cx<'_>,
        id: &RemoteId,
        mut resource: Resource,
        asked: impl Fn(&str) -> bool,
    ) -> Result<Resource> {
        let names: Vec<&str> = self.plan.on_request().filter(|name| asked(name)).collect();
        if !names.is_empty() {
            let more = self.target.on_request(cx, id).await.map_err(|error| error.on(self.object(id)))?;
            let mut more = self.plan.read(&more)?;
            for name in names {
                if let Some(value) = more.remove(name) {
                    resource.set(name, value);
                }
            }
        }
        Ok(resource)
    }

    /// The answer to a write with the lists it named something in: what is read on request is returned to whoever writes it
    /// (RFC 7643 section 7). The write is done, whether they can be read or not.
    async fn with_named(self, cx: &Cx<'_>, resource: Resource, lists: &[&str]) -> Resource {
        // What a dry run would have written cannot be read.
        if lists.is_empty() || cx.dry_run().is_some() {
            return resource;
        }
        let Ok(id) = self.id(resource.id().unwrap_or_default()) else { return resource };
        match self.with_requested(cx, &id, resource.clone(), |name| lists.contains(&name)).await {
            Ok(whole) => whole,
            Err(error) => {
                cx.warn(&format!(
                    "{}: {} could not be read after the write: {error}",
                    self.object(&id),
                    lists.join(", ")
                ));
                resource
            }
        }
    }

    /// Gives the attributes of a change what it names for them in read-only lists. Several values are too many, unless the
    /// object is read with just these: then they change nothing.
    async fn take_named(
        self,
        cx: &Cx<'_>,
        id: &RemoteId,
        loaded: &Loaded,
        mut named: Named,
        after: &mut Resource,
    ) -> Result<()> {
        if self.plan.names_several(&named, after) {
            let held = self.with_requested(cx, id, loaded.seen.clone(), |_| true).await?;
            named = self.plan.named_anew(named, &held);
        }
        self.plan.take_named(&named, after).map_err(|error| error.on(self.object(id)))
    }

    /// Objects of the target as the client sees them, with one look into the ledger. Without their version where not all of
    /// them was read.
    async fn answers(self, cx: &Cx<'_>, vendors: &[Vendor]) -> Result<Vec<Resource>> {
        let held = vendors.iter().map(|vendor| self.plan.read(vendor)).collect::<Result<Vec<_>>>()?;
        let ids: Vec<&str> = held.iter().filter_map(Resource::id).collect();
        let memories = self.instance.ledger.recall(self.name(), &ids).await?;
        let over = |resource: Resource| match resource.id().and_then(|id| memories.get(id)) {
            Some(memory) => memory.over(resource),
            None => resource,
        };
        let seen = held.into_iter().map(over);
        Ok(if cx.left_out().is_empty() { seen.map(versioned).collect() } else { seen.collect() })
    }

    /// Reads an object that is to be changed.
    async fn load(self, cx: &Cx<'_>, id: &RemoteId) -> Result<Loaded> {
        let vendor = self.fetch(cx, id).await?;
        let held = self.plan.read(&vendor)?;
        let memory = self.recall(cx, id).await?;
        Ok(Loaded { seen: memory.over(held.clone()), held, memory, vendor })
    }

    fn id(self, id: &str) -> Result<RemoteId> {
        RemoteId::parse(id).map_err(|error| error.on(self.name().to_owned()))
    }

    fn name(self) -> &'a str {
        &self.plan.resource_type().name
    }

    fn object(self, id: &RemoteId) -> String {
        format!("{} {id}", self.name())
    }

    fn unsupported(self, what: &str) -> Error {
        Error::new(Kind::Unsupported, format!("the target does not let {what}")).on(self.name().to_owned())
    }

    /// What the ledger remembers of an object.
    async fn recall(self, cx: &Cx<'_>, id: &RemoteId) -> Result<Memory> {
        if let Some(memory) = cx.dry_run().and_then(|run| run.memory(self.name(), id.as_str())) {
            return Ok(memory);
        }
        let memory = self.instance.ledger.recall(self.name(), &[id.as_str()]).await?.remove(id.as_str());
        Ok(memory.unwrap_or_default())
    }

    fn log_dropped(self, cx: &Cx<'_>, dropped: &[impl AsRef<str>]) {
        if !dropped.is_empty() {
            let names = dropped.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
            debug!(
                request_id = cx.request_id(),
                resource = self.name(),
                names,
                "attributes the target lacks or makes by itself, dropped"
            );
        }
    }

    /// Reads a body as an entry of this type, and what it names in read-only lists for other attributes.
    fn entry(self, cx: &Cx<'_>, body: Value) -> Result<(Resource, Named)> {
        let named = self.plan.named_elsewhere(&body);
        let sent = cx.dry_run().is_some().then(|| body.clone());
        let entry = crate::scim::Entry::read(body, self.plan.resource_type())?;
        self.log_dropped(cx, &entry.dropped);
        if let Some(body) = sent {
            self.trace_lost(cx, &body, &entry.resource);
        }
        Ok((entry.resource, named))
    }
}
