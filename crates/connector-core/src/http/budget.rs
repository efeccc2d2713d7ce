//! What is left of a target's published rate limits, as far as this process has used them.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use http::Method;
use tokio::time::Instant;

use crate::spec::Budget;

/// The declared budgets of one instance, each a token bucket.
#[derive(Debug)]
pub(super) struct Budgets {
    began: Instant,
    buckets: Vec<Bucket>,
}

/// How full one bucket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gauge {
    /// Requests the target takes at once after a pause.
    pub limit: u32,
    /// Requests it takes now.
    pub remaining: u32,
    /// Until it takes [`Gauge::limit`] again.
    pub reset: Duration,
}

#[derive(Debug)]
struct Bucket {
    budget: &'static Budget,
    /// Nanoseconds after `began` at which the bucket is full again; in the past when it is full.
    full_at: AtomicU64,
}

impl Bucket {
    /// Nanoseconds in which one request's worth flows back.
    fn interval(&self) -> u64 {
        60_000_000_000 / u64::from(self.budget.per_minute.max(1))
    }

    fn counts(&self, method: &Method, segments: &[&str]) -> bool {
        let budget = self.budget;
        let path = || {
            let mut wanted = budget.path.split('/');
            segments.iter().all(|have| wanted.next().is_some_and(|want| want == "*" || want == *have))
                && wanted.next().is_none()
        };
        budget.methods.contains(&method.as_str()) && (budget.path.is_empty() || path())
    }

    fn charge(&self, now: u64) {
        let charged = |full_at: u64| full_at.max(now) + self.interval();
        self.full_at.update(Ordering::Relaxed, Ordering::Relaxed, charged);
    }

    fn gauge(&self, now: u64) -> Gauge {
        let reset = self.full_at.load(Ordering::Relaxed).saturating_sub(now);
        let used = u32::try_from(reset.div_ceil(self.interval())).unwrap_or(u32::MAX);
        Gauge {
            limit: self.budget.burst,
            remaining: self.budget.burst.saturating_sub(used),
            reset: Duration::from_nanos(reset),
        }
    }
}

impl Budgets {
    pub(super) fn new(budgets: &'static [Budget]) -> Self {
        let buckets = budgets.iter().map(|budget| Bucket { budget, full_at: AtomicU64::new(0) }).collect();
        Self { began: Instant::now(), buckets }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Counts one request against every bucket that counts it.
    pub(super) fn charge(&self, method: &Method, segments: &[&str]) {
        let now = self.now();
        for bucket in self.buckets.iter().filter(|bucket| bucket.counts(method, segments)) {
            bucket.charge(now);
        }
    }

    /// The emptiest bucket, in proportion, that counts reads or that counts writes; `None` when none is declared.
    pub(super) fn tightest(&self, reads: bool) -> Option<Gauge> {
        let now = self.now();
        let counts = |budget: &Budget| budget.methods.contains(&"GET") == reads;
        let gauges =
            self.buckets.iter().filter(|bucket| counts(bucket.budget)).map(|bucket| bucket.gauge(now));
        // Compared as fractions; of equals the first declared.
        gauges.reduce(|least, next| {
            let (left, right) = (u64::from(next.remaining), u64::from(least.remaining));
            if left * u64::from(least.limit) < right * u64::from(next.limit) { next } else { least }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static BUDGETS: &[Budget] = &[
        Budget { name: "all writes", methods: &["POST", "PUT"], path: "", per_minute: 600, burst: 180 },
        Budget { name: "all reads", methods: &["GET"], path: "", per_minute: 600, burst: 100 },
        Budget { name: "read a user", methods: &["GET"], path: "Users/*", per_minute: 60, burst: 10 },
    ];

    fn remaining(budgets: &Budgets, reads: bool) -> (u32, u32) {
        let gauge = budgets.tightest(reads).unwrap();
        (gauge.remaining, gauge.limit)
    }

    #[tokio::test(start_paused = true)]
    async fn the_emptiest_bucket_of_the_kind_is_told() {
        let budgets = Budgets::new(BUDGETS);
        assert_eq!(remaining(&budgets, true), (100, 100), "of equals the first");
        budgets.charge(&Method::GET, &["Users"]);
        assert_eq!(remaining(&budgets, true), (99, 100), "a list is not a read of a user");
        budgets.charge(&Method::GET, &["Users", "W1"]);
        assert_eq!(remaining(&budgets, true), (9, 10));
        assert_eq!(budgets.tightest(true).unwrap().reset, Duration::from_secs(1));
        assert_eq!(remaining(&budgets, false), (180, 180), "writes are counted apart");
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_used_flows_back_and_never_beyond_the_burst() {
        let budgets = Budgets::new(BUDGETS);
        for _ in 0..12 {
            budgets.charge(&Method::GET, &["Users", "W1"]);
        }
        assert_eq!(remaining(&budgets, true), (0, 10));
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(remaining(&budgets, true), (3, 10));
        tokio::time::advance(Duration::from_hours(1)).await;
        budgets.charge(&Method::GET, &["Users", "W1"]);
        assert_eq!(remaining(&budgets, true), (9, 10));
    }

    #[test]
    fn a_target_without_published_limits_has_no_gauge() {
        assert_eq!(Budgets::new(&[]).tightest(true), None);
    }
}
