//! Who may send next: lanes by limit, flows by caller, each in turn.
//!
//! A lane is a set of limits and a direction: reads never wait behind writes of the same limit. Inside a lane every flow (a
//! client's token, a bulk job, a walk) has its turn, so that none starves another.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use tokio::sync::oneshot;

use super::bucket::{Bucket, Nanos};

/// Limits and waiting requests of one instance.
#[derive(Debug, Default)]
pub(super) struct Queue {
    pub(super) buckets: Vec<Bucket>,
    lanes: Vec<Lane>,
    by_key: HashMap<LaneKey, usize>,
    /// Limits of writes and of reads by name, where none is published.
    learned: HashMap<String, [usize; 2]>,
    /// The lane whose turn is next.
    turn: usize,
    pub(super) waiting: usize,
    /// Whether somebody lets waiting requests go when their time comes.
    pub(super) driven: bool,
}

/// Which limits count a request, and whether it reads.
pub(super) type LaneKey = (Vec<usize>, bool);

#[derive(Debug, Default)]
struct Lane {
    buckets: Vec<usize>,
    flows: VecDeque<Flow>,
}

#[derive(Debug)]
struct Flow {
    name: Arc<str>,
    waiting: VecDeque<oneshot::Sender<()>>,
}

impl Queue {
    /// Nobody waits yet.
    pub(super) fn new(buckets: Vec<Bucket>) -> Self {
        Self { buckets, ..Self::default() }
    }

    /// The limit that is learned for this name and direction.
    pub(super) fn learned(&mut self, name: &str, reads: bool) -> usize {
        let at = usize::from(reads);
        if let Some(limits) = self.learned.get(name) {
            return limits[at];
        }
        let first = self.buckets.len();
        self.buckets.extend([Bucket::learned(), Bucket::learned()]);
        self.learned.insert(name.to_owned(), [first, first + 1]);
        first + at
    }

    /// The lane of this key.
    pub(super) fn lane(&mut self, key: LaneKey) -> usize {
        if let Some(lane) = self.by_key.get(&key) {
            return *lane;
        }
        self.lanes.push(Lane { buckets: key.0.clone(), flows: VecDeque::new() });
        self.by_key.insert(key, self.lanes.len() - 1);
        self.lanes.len() - 1
    }

    /// Lets one request of `lane` go at once, if nobody waits there and every limit admits it.
    pub(super) fn pass(&mut self, lane: usize, now: Nanos) -> bool {
        let free = self.lanes[lane].flows.is_empty() && self.ready_at(lane) <= now;
        if free {
            self.charge(lane, now);
        }
        free
    }

    /// When a request of `flow` would leave if it began to wait now: behind what is there, in turns.
    pub(super) fn estimate(&self, lane: usize, flow: &str) -> Nanos {
        let own = &self.lanes[lane];
        let mine = own.flows.iter().find(|other| *other.name == *flow).map_or(0, |flow| flow.waiting.len());
        let ahead = |lane: &Lane| {
            lane.flows.iter().map(|flow| flow.waiting.len().min(mine + 1)).sum::<usize>().max(mine)
        };
        let before = ahead(own);
        let of_bucket = |&bucket: &usize| {
            let others = self.lanes.iter().enumerate().filter(|(index, other)| {
                *index != lane && other.buckets.contains(&bucket) && !other.flows.is_empty()
            });
            let others: usize = others
                .map(|(_, other)| {
                    other.flows.iter().map(|flow| flow.waiting.len()).sum::<usize>().min(before + 1)
                })
                .sum();
            let limit = &self.buckets[bucket];
            limit.ready_at().saturating_add(limit.time_for((before + others) as u64))
        };
        own.buckets.iter().map(of_bucket).max().unwrap_or(0)
    }

    /// Begins to wait.
    pub(super) fn wait(&mut self, lane: usize, flow: &str) -> oneshot::Receiver<()> {
        let (go, gone) = oneshot::channel();
        let flows = &mut self.lanes[lane].flows;
        match flows.iter_mut().find(|other| *other.name == *flow) {
            Some(found) => found.waiting.push_back(go),
            None => flows.push_back(Flow { name: flow.into(), waiting: VecDeque::from([go]) }),
        }
        self.waiting += 1;
        gone
    }

    /// Lets everybody go whose time has come. When to call again; `None` when nobody waits.
    pub(super) fn release(&mut self, now: Nanos) -> Option<Nanos> {
        let lanes = self.lanes.len();
        loop {
            let mut released = false;
            for step in 0..lanes {
                let lane = (self.turn + step) % lanes;
                if self.ready_at(lane) <= now && self.release_one(lane) {
                    self.charge(lane, now);
                    // The next lane is first next time.
                    self.turn = lane + 1;
                    released = true;
                    break;
                }
            }
            if !released {
                break;
            }
        }
        let waiting: Vec<usize> = (0..lanes).filter(|lane| self.drop_gone(*lane)).collect();
        waiting.into_iter().map(|lane| self.ready_at(lane).max(now + 1)).min()
    }

    fn charge(&mut self, lane: usize, now: Nanos) {
        for bucket in &self.lanes[lane].buckets {
            self.buckets[*bucket].charge(now);
        }
    }

    fn ready_at(&self, lane: usize) -> Nanos {
        self.lanes[lane].buckets.iter().map(|bucket| self.buckets[*bucket].ready_at()).max().unwrap_or(0)
    }

    /// Lets the flow go whose turn it is; false when nobody waits.
    fn release_one(&mut self, lane: usize) -> bool {
        let flows = &mut self.lanes[lane].flows;
        while let Some(mut flow) = flows.pop_front() {
            while let Some(go) = flow.waiting.pop_front() {
                self.waiting -= 1;
                // One that gave up meanwhile takes nobody's place.
                if go.send(()).is_ok() {
                    if !flow.waiting.is_empty() {
                        flows.push_back(flow);
                    }
                    return true;
                }
            }
        }
        false
    }

    /// Forgets those who gave up; whether anybody is left.
    fn drop_gone(&mut self, lane: usize) -> bool {
        let flows = &mut self.lanes[lane].flows;
        for flow in flows.iter_mut() {
            let before = flow.waiting.len();
            flow.waiting.retain(|go| !go.is_closed());
            self.waiting -= before - flow.waiting.len();
        }
        flows.retain(|flow| !flow.waiting.is_empty());
        !flows.is_empty()
    }
}
