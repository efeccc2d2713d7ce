//! Each replica's part of a target's limits: by what it has to send, agreed through the store once a second.
//!
//! Every process writes what each instance wanted to send and reads what the others did; all compute the same parts from the
//! same rows. A part that grows is used one round later than one that shrinks, so that together they never exceed the limit.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::time::MissedTickBehavior;

use crate::{
    instances::Instance,
    store::{Demand, ProcessId, Store, StoreError},
};

/// How often the parts are agreed.
const ROUND: Duration = Duration::from_secs(1);

/// A process that has not said anything new for so long is gone.
const GONE: Duration = Duration::from_secs(5);

/// In what a demand is told.
const HUNDREDTHS: u64 = 100;

/// The part of a process before it has heard of the others.
const FIRST: f64 = 0.1;

/// One process's way to its parts.
pub(crate) struct Shares {
    process: ProcessId,
    round: i64,
    /// The last new round of every process, by our own clock.
    heard: HashMap<ProcessId, (i64, Instant)>,
    /// What this process wants, by instance, in hundredths of a request a round; smoothed, as parts that jump are used in
    /// part only.
    wanted: BTreeMap<String, u64>,
    /// Parts of the round before, by instance.
    before: HashMap<String, f64>,
}

impl Shares {
    /// Nobody else is known yet: little leaves until they are.
    pub(crate) fn join(process: ProcessId, instances: &[Arc<Instance>]) -> Self {
        for instance in instances {
            instance.core.door.join(FIRST * instance.config.budget_factor);
        }
        Self::new(process)
    }

    fn new(process: ProcessId) -> Self {
        Self { process, round: 0, heard: HashMap::new(), wanted: BTreeMap::new(), before: HashMap::new() }
    }

    /// Agrees the parts for ever. One process alone has everything.
    pub(crate) async fn follow(mut self, store: &Store, instances: &[Arc<Instance>]) {
        let mut ticks = tokio::time::interval(ROUND);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut agreed = true;
        loop {
            ticks.tick().await;
            match self.agree(store, instances).await {
                Ok(()) => agreed = true,
                Err(error) if agreed => {
                    agreed = false;
                    tracing::error!(%error, "parts of the targets' limits cannot be agreed; they stay as they are");
                }
                Err(_) => {}
            }
        }
    }

    async fn agree(&mut self, store: &Store, instances: &[Arc<Instance>]) -> Result<(), StoreError> {
        self.round += 1;
        for instance in instances {
            let demand = instance.core.door.demand().saturating_mul(HUNDREDTHS);
            let wanted = self.wanted.entry(instance.config.name.clone()).or_insert(demand);
            *wanted = (*wanted / 4).saturating_mul(3) + demand / 4;
        }
        let own = Demand { process: self.process, round: self.round, wanted: self.wanted.clone() };
        let said = store.exchange_demands(&own).await?;
        let living = self.living(said, Instant::now());
        for instance in instances {
            let name = instance.config.name.as_str();
            let part = self.part(&living, name);
            let before = self.before.insert(name.to_owned(), part).unwrap_or(FIRST);
            instance.core.door.set_share(part.min(before) * instance.config.budget_factor);
        }
        Ok(())
    }

    /// What the living say.
    fn living(&mut self, mut said: Vec<Demand>, now: Instant) -> Vec<Demand> {
        for demand in &said {
            let heard = self.heard.entry(demand.process).or_insert((demand.round, now));
            if heard.0 != demand.round {
                *heard = (demand.round, now);
            }
        }
        let own = self.process;
        said.retain(|demand| {
            let fresh = self.heard.get(&demand.process).is_some_and(|(_, at)| now.duration_since(*at) < GONE);
            fresh || demand.process == own
        });
        said
    }

    /// This process's part of an instance's limits.
    #[expect(clippy::cast_precision_loss, reason = "requests of a second, and a handful of processes")]
    fn part(&self, living: &[Demand], instance: &str) -> f64 {
        let wants = |demand: &Demand| demand.wanted.get(instance).copied().unwrap_or(0) as f64;
        let all: f64 = living.iter().map(wants).sum();
        let own: f64 = living.iter().filter(|demand| demand.process == self.process).map(wants).sum();
        // Those who want nothing now keep a little, for the first request of the next second.
        let idle = HUNDREDTHS as f64 + all * 0.02;
        (own + idle) / (all + idle * living.len().max(1) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(number: u8) -> ProcessId {
        [number; 16]
    }

    fn said(rows: &[(u8, i64, u64)]) -> Vec<Demand> {
        let row = |&(number, round, wanted): &(u8, i64, u64)| Demand {
            process: process(number),
            round,
            wanted: [("acme".to_owned(), wanted)].into(),
        };
        rows.iter().map(row).collect()
    }

    fn part(shares: &mut Shares, rows: &[(u8, i64, u64)], now: Instant) -> f64 {
        let living = shares.living(said(rows), now);
        shares.part(&living, "acme")
    }

    #[test]
    fn one_process_alone_has_everything() {
        let part = part(&mut Shares::new(process(1)), &[(1, 1, 50)], Instant::now());
        assert!((part - 1.0).abs() < 1e-9, "{part}");
    }

    #[test]
    fn parts_follow_what_each_has_to_send_and_add_up_to_one() {
        let rows = [(1, 1, 9000), (2, 7, 3000), (3, 2, 0)];
        let now = Instant::now();
        let parts: Vec<_> = (1..=3).map(|own| part(&mut Shares::new(process(own)), &rows, now)).collect();
        assert!((parts.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{parts:?}");
        assert!(parts[0] > 0.7 && parts[1] > 0.2 && parts[2] > 0.01, "{parts:?}");
        let idle = [(1, 1, 0), (2, 1, 0)];
        assert!((part(&mut Shares::new(process(1)), &idle, now) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn a_process_that_says_nothing_new_is_gone() {
        let mut shares = Shares::new(process(1));
        let began = Instant::now();
        assert!(part(&mut shares, &[(1, 1, 1000), (2, 5, 1000)], began) < 0.6);
        let later = began + Duration::from_secs(4);
        assert!(part(&mut shares, &[(1, 5, 1000), (2, 5, 1000)], later) < 0.6);
        let gone = began + GONE;
        assert!((part(&mut shares, &[(1, 6, 1000), (2, 5, 1000)], gone) - 1.0).abs() < 1e-9);
        assert!(part(&mut shares, &[(1, 7, 1000), (2, 6, 1000)], gone) < 0.6, "it is back");
    }
}
