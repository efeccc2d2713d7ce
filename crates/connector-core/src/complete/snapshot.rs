//! The results of a walk, kept for its later pages: a bounded part in memory, the rest spilled.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use async_trait::async_trait;
use bytes::Bytes;

use super::sort::{Sort, SortKey};
use crate::{
    error::{Error, Kind, Result},
    scim::Resource,
};

/// Where the parts of snapshots go that find no place in memory. The host implements it over its store and seals them.
#[async_trait]
pub trait Spill: Send + Sync {
    /// Keeps a part.
    async fn put(&self, snapshot: u64, part: u32, data: Bytes) -> Result<()>;
    /// Reads a part.
    async fn get(&self, snapshot: u64, part: u32) -> Result<Bytes>;
    /// Drops all parts of a snapshot.
    async fn remove(&self, snapshot: u64) -> Result<()>;
}

/// No place at all: for checks that list nothing.
#[derive(Debug, Clone, Copy)]
pub struct NoSpill;

#[async_trait]
impl Spill for NoSpill {
    async fn put(&self, _: u64, _: u32, _: Bytes) -> Result<()> {
        Err(Error::new(Kind::Unavailable, "the list does not fit into memory"))
    }

    async fn get(&self, _: u64, _: u32) -> Result<Bytes> {
        Err(Error::new(Kind::Internal, "nothing was spilled"))
    }

    async fn remove(&self, _: u64) -> Result<()> {
        Ok(())
    }
}

/// What all snapshots of a process share.
pub struct SnapshotSpace {
    spill: Arc<dyn Spill>,
    /// Bytes held in memory.
    held: AtomicUsize,
    next: AtomicU64,
}

/// Bytes that all snapshots together hold in memory.
const IN_MEMORY: usize = 16 << 20;
/// Resources per part.
const PART: usize = 100;

impl SnapshotSpace {
    /// Snapshots that spill to `spill`.
    pub fn new(spill: Arc<dyn Spill>) -> Arc<Self> {
        Arc::new(Self { spill, held: AtomicUsize::new(0), next: AtomicU64::new(1) })
    }
}

enum Part {
    Held(Bytes),
    Spilled,
}

/// A snapshot being made or read. Dropping it gives its place back.
pub(super) struct Snapshot {
    space: Arc<SnapshotSpace>,
    id: u64,
    parts: Vec<Part>,
    /// The part being filled: resources as JSON, a newline after each.
    open: Vec<u8>,
    count: usize,
    keys: Vec<(SortKey, u32)>,
    order: Option<Vec<u32>>,
    spilled: bool,
}

impl Snapshot {
    pub(super) fn new(space: &Arc<SnapshotSpace>) -> Self {
        Self {
            space: Arc::clone(space),
            id: space.next.fetch_add(1, Ordering::Relaxed),
            parts: Vec::new(),
            open: Vec::new(),
            count: 0,
            keys: Vec::new(),
            order: None,
            spilled: false,
        }
    }

    /// Adds a resource.
    pub(super) async fn push(&mut self, resource: &Resource, sort: Option<&Sort>) -> Result<()> {
        let index = u32::try_from(self.count)
            .map_err(|_| Error::new(Kind::TooMany, "the list is longer than any list can be"))?;
        if let Some(sort) = sort {
            self.keys.push((sort.key(resource), index));
        }
        serde_json::to_writer(&mut self.open, resource).expect("writing JSON to memory");
        self.open.push(b'\n');
        self.count += 1;
        if self.count.is_multiple_of(PART) { self.close_part().await } else { Ok(()) }
    }

    /// Ends the making.
    pub(super) async fn finish(&mut self, sort: Option<&Sort>) -> Result<()> {
        if !self.open.is_empty() {
            self.close_part().await?;
        }
        if let Some(sort) = sort {
            // Stable: equal keys keep the target's order.
            self.keys.sort_by(|(a, _), (b, _)| sort.compare(a, b));
            self.order = Some(std::mem::take(&mut self.keys).into_iter().map(|(_, index)| index).collect());
        }
        Ok(())
    }

    async fn close_part(&mut self) -> Result<()> {
        let data = Bytes::from(std::mem::take(&mut self.open));
        let held = self.space.held.fetch_add(data.len(), Ordering::Relaxed);
        if held + data.len() <= IN_MEMORY {
            self.parts.push(Part::Held(data));
            return Ok(());
        }
        self.space.held.fetch_sub(data.len(), Ordering::Relaxed);
        let number = u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
        self.spilled = true;
        self.space.spill.put(self.id, number, data).await?;
        self.parts.push(Part::Spilled);
        Ok(())
    }

    /// How many resources there are.
    pub(super) const fn len(&self) -> usize {
        self.count
    }

    /// The resources from the 0-based `start`, `count` at most.
    pub(super) async fn page(&self, start: usize, count: usize) -> Result<Vec<Resource>> {
        let end = self.count.min(start.saturating_add(count));
        let mut out = Vec::with_capacity(end.saturating_sub(start));
        let mut at: Option<(usize, Bytes)> = None;
        for position in start..end {
            let index = self.order.as_ref().map_or(position, |order| order[position] as usize);
            let (part, line) = (index / PART, index % PART);
            let data = match &at {
                Some((number, data)) if *number == part => data.clone(),
                _ => self.part(part).await?,
            };
            let text = data.split(|byte| *byte == b'\n').nth(line).unwrap_or_default();
            let document = serde_json::from_slice(text)
                .map_err(|error| Error::new(Kind::Internal, "a kept list is damaged").source(error))?;
            out.push(Resource::new(document));
            at = Some((part, data));
        }
        Ok(out)
    }

    async fn part(&self, number: usize) -> Result<Bytes> {
        match self.parts.get(number) {
            Some(Part::Held(data)) => Ok(data.clone()),
            _ => self.space.spill.get(self.id, u32::try_from(number).unwrap_or(u32::MAX)).await,
        }
    }

    /// Drops what was spilled. Memory goes back by itself.
    pub(super) async fn discard(&self) -> Result<()> {
        if self.spilled { self.space.spill.remove(self.id).await } else { Ok(()) }
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        let held: usize =
            self.parts.iter().map(|part| if let Part::Held(data) = part { data.len() } else { 0 }).sum();
        self.space.held.fetch_sub(held, Ordering::Relaxed);
    }
}
