//! The target's rate limits, kept before the target has to: requests wait their turn inside the client's deadline, and what
//! cannot make it is told so at once.

mod bucket;
mod queue;
#[cfg(test)]
mod tests;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::Method;
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until, timeout_at},
};

pub use bucket::Gauge;
use bucket::{Bucket, Nanos};
use queue::{LaneKey, Queue};

use crate::{
    error::{Error, Kind, Result, Retry},
    spec::Budget,
};

/// Requests that wait at once in one instance before further ones are refused.
const MOST_WAITING: usize = 1024;

/// The limits of one instance and who waits for them.
#[derive(Debug)]
pub(super) struct Budgets {
    began: Instant,
    /// Published limits; their buckets are the queue's first.
    published: &'static [Budget],
    queue: Mutex<Queue>,
    moved: Notify,
    /// Requests that wanted to leave.
    wanted: AtomicU64,
}

/// Which limits count a request.
#[derive(Debug, Clone)]
pub(super) struct Counted {
    lane: usize,
    /// The one that a refusal of the target is about.
    narrowest: usize,
}

impl Budgets {
    pub(super) fn new(published: &'static [Budget]) -> Arc<Self> {
        let buckets = published.iter().map(Bucket::published).collect();
        Arc::new(Self {
            began: Instant::now(),
            published,
            queue: Mutex::new(Queue::new(buckets)),
            moved: Notify::new(),
            wanted: AtomicU64::new(0),
        })
    }

    /// Finds the limits of a request to `segments` under the target address. Where none is published, one is learned per
    /// first segment and direction.
    pub(super) fn counted(&self, method: &Method, segments: &[&str]) -> Counted {
        let reads = method.is_safe();
        let mut buckets: Vec<usize> = (0..self.published.len())
            .filter(|index| counts(&self.published[*index], method, segments))
            .collect();
        let narrowest = buckets.iter().copied().max_by_key(|index| self.published[*index].path.len());
        let mut queue = self.queue();
        let narrowest = narrowest.unwrap_or_else(|| {
            let name = segments.first().copied().unwrap_or_default();
            let learned = queue.learned(name, reads);
            buckets.push(learned);
            learned
        });
        let key: LaneKey = (buckets, reads);
        Counted { lane: queue.lane(key), narrowest }
    }

    /// The limit of a request to the address of this name, learned like others that are not published.
    pub(super) fn counted_at(&self, method: &Method, name: &str) -> Counted {
        let reads = method.is_safe();
        let mut queue = self.queue();
        // No path under the target address has a slash in its first segment.
        let narrowest = queue.learned(&format!("/{name}"), reads);
        let key: LaneKey = (vec![narrowest], reads);
        Counted { lane: queue.lane(key), narrowest }
    }

    /// Waits until a request of `flow` may leave, at most until `limit`. A wait that would be longer is refused at once,
    /// with the true time.
    pub(super) async fn acquire(
        self: &Arc<Self>,
        counted: &Counted,
        flow: &str,
        limit: Instant,
    ) -> Result<()> {
        self.wanted.fetch_add(1, Ordering::Relaxed);
        let turn = {
            let (mut queue, now) = (self.queue(), self.now());
            if queue.pass(counted.lane, now) {
                return Ok(());
            }
            if queue.waiting >= MOST_WAITING {
                let rule = format!("{MOST_WAITING} requests wait for the target already");
                return Err(Error::new(Kind::Unavailable, rule));
            }
            let estimate = queue.estimate(counted.lane, flow);
            if self.began + Duration::from_nanos(estimate) > limit {
                return Err(used_up(estimate.saturating_sub(now)));
            }
            let turn = queue.wait(counted.lane, flow);
            if !std::mem::replace(&mut queue.driven, true) {
                tokio::spawn(Arc::clone(self).drive());
            }
            turn
        };
        self.moved.notify_one();
        match timeout_at(limit, turn).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Error::new(Kind::Internal, "the queue to the target broke off")),
            // Others had their turn first.
            Err(_) => {
                let (queue, now) = (self.queue(), self.now());
                Err(used_up(queue.estimate(counted.lane, flow).saturating_sub(now)))
            }
        }
    }

    /// The target refused such a request: none leaves for this long.
    pub(super) fn stop(&self, counted: &Counted, wait: Duration) {
        let now = self.now();
        self.queue().buckets[counted.narrowest].stop(now, wait);
        self.moved.notify_one();
    }

    /// The target takes such requests still, but not for long: the next one leaves after this pause.
    pub(super) fn pause(&self, counted: &Counted, pause: Duration) {
        let now = self.now();
        self.queue().buckets[counted.narrowest].pause(now, pause);
        self.moved.notify_one();
    }

    /// This process's part of every published limit: below 1 where others use them, too, above where the vendor grants more.
    pub(super) fn set_share(&self, share: f64) {
        let now = self.now();
        for bucket in &mut self.queue().buckets {
            bucket.set_share(now, share);
        }
        self.moved.notify_one();
    }

    /// The same for a process that joins others, which may just have used what the target takes at once.
    pub(super) fn join(&self, share: f64) {
        let now = self.now();
        for bucket in &mut self.queue().buckets {
            bucket.set_share(now, share);
            bucket.drain(now);
        }
        self.moved.notify_one();
    }

    /// Requests that wanted to leave since this was asked last, and those that still wait.
    pub(super) fn demand(&self) -> u64 {
        self.wanted.swap(0, Ordering::Relaxed) + self.waiting() as u64
    }

    /// Requests that wait now.
    pub(super) fn waiting(&self) -> usize {
        self.queue().waiting
    }

    /// The emptiest bucket, in proportion, that counts reads or that counts writes; `None` where no limit is known.
    pub(super) fn tightest(&self, reads: bool) -> Option<Gauge> {
        let (queue, now) = (self.queue(), self.now());
        let of_kind = |bucket: &&Bucket| {
            bucket
                .budget()
                .is_some_and(|budget| budget.methods.iter().any(|method| (*method == "GET") == reads))
        };
        let gauges = queue.buckets.iter().filter(of_kind).filter_map(|bucket| bucket.gauge(now));
        // Compared as fractions; of equals the first declared.
        gauges.reduce(|least, next| {
            let (left, right) = (u64::from(next.remaining), u64::from(least.remaining));
            if left * u64::from(least.limit) < right * u64::from(next.limit) { next } else { least }
        })
    }

    /// Lets waiting requests go when their time comes; ends when nobody waits.
    async fn drive(self: Arc<Self>) {
        loop {
            let next = {
                let (mut queue, now) = (self.queue(), self.now());
                let next = queue.release(now);
                queue.driven = next.is_some();
                next
            };
            let Some(next) = next else { return };
            tokio::select! {
                () = sleep_until(self.began + Duration::from_nanos(next)) => {}
                () = self.moved.notified() => {}
            }
        }
    }

    fn now(&self) -> Nanos {
        Nanos::try_from(self.began.elapsed().as_nanos()).unwrap_or(Nanos::MAX)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn counts(budget: &Budget, method: &Method, segments: &[&str]) -> bool {
    let path = || {
        let mut wanted = budget.path.split('/');
        segments.iter().all(|have| wanted.next().is_some_and(|want| want == "*" || want == *have))
            && wanted.next().is_none()
    };
    budget.methods.contains(&method.as_str()) && (budget.path.is_empty() || path())
}

fn used_up(wait: Nanos) -> Error {
    Error::new(Kind::RateLimited, "the target's rate limit is used up for longer than the client waits")
        .retry(Retry::After(Duration::from_nanos(wait)))
}
