//! One rate limit as a token bucket (GCRA: a single instant says how full it is).

use std::time::Duration;

use crate::spec::Budget;

/// Nanoseconds on the clock of [`super::Budgets`].
pub(super) type Nanos = u64;

const MINUTE: Nanos = 60_000_000_000;

/// The part of a published rate that is used. The target's clock starts when a request arrives, ours when it leaves: exactly
/// at the limit, the one that travels faster would be refused.
const MARGIN: f64 = 0.98;

/// How much longer than a second the requests of one second take where the target takes none at once: it may count any
/// second that it likes, and a request that opens a connection arrives later than the next ones.
const TRAVEL: Nanos = 100_000_000;

/// One limit: published, or learned from a target that publishes none.
#[derive(Debug)]
pub(super) struct Bucket {
    limit: Limit,
    /// This process's part of the limit, when others use it, too.
    share: f64,
    /// When it is full again; in the past when it is full.
    full_at: Nanos,
    /// Nothing leaves before.
    stopped_until: Nanos,
}

#[derive(Debug)]
enum Limit {
    Published(&'static Budget),
    Learned(Learned),
}

/// What a target without published limits has taught: nothing, until it refuses for the first time.
#[derive(Debug, Default)]
struct Learned {
    per_minute: Option<f64>,
    /// Requests of this minute and of the one before.
    counted: [u32; 2],
    minute: Nanos,
    /// When few requests were refused, and nothing was learned from that.
    refused: Option<Nanos>,
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

impl Bucket {
    pub(super) const fn published(budget: &'static Budget) -> Self {
        Self { limit: Limit::Published(budget), share: 1.0, full_at: 0, stopped_until: 0 }
    }

    pub(super) fn learned() -> Self {
        Self { limit: Limit::Learned(Learned::default()), share: 1.0, full_at: 0, stopped_until: 0 }
    }

    /// The published limit.
    pub(super) const fn budget(&self) -> Option<&'static Budget> {
        match &self.limit {
            Limit::Published(budget) => Some(*budget),
            Limit::Learned(_) => None,
        }
    }

    /// Takes another part of the limit from now on. One that grows brings nothing to use at once: whoever had it may have used
    /// it. One that shrinks takes its part of what is left along.
    pub(super) fn set_share(&mut self, now: Nanos, share: f64) {
        let left = self.left(now).filter(|_| share > self.share && !self.is_untouched());
        self.share = share;
        if let Some(left) = left {
            self.leave(now, left);
        }
    }

    /// Whether it was full from the start on.
    const fn is_untouched(&self) -> bool {
        self.full_at == 0
    }

    /// Nothing but one request may leave at once: others may have used the rest.
    pub(super) fn drain(&mut self, now: Nanos) {
        self.leave(now, 1.0);
    }

    /// How many requests may leave at once, and what part of the next one has flown back; `None`: no limit is known.
    #[expect(clippy::cast_precision_loss, reason = "minutes in nanoseconds are exact")]
    fn left(&self, now: Nanos) -> Option<f64> {
        let (interval, burst) = self.pace()?;
        let used = self.full_at.saturating_sub(now) as f64 / interval as f64;
        Some((f64::from(burst) - used).max(0.0))
    }

    /// Only so many requests may leave at once.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "not negative, and minutes in nanoseconds are exact"
    )]
    fn leave(&mut self, now: Nanos, left: f64) {
        if let Some((interval, burst)) = self.pace() {
            let used = (interval as f64 * (f64::from(burst) - left).max(0.0)) as Nanos;
            self.full_at = self.full_at.max(now.saturating_add(used));
        }
    }

    /// Nanoseconds between two requests in the long run, and how many may leave at once; `None`: no limit is known.
    fn pace(&self) -> Option<(Nanos, u32)> {
        let (per_minute, burst) = match &self.limit {
            Limit::Published(budget) => (f64::from(budget.per_minute.max(1)), f64::from(budget.burst)),
            Limit::Learned(learned) => {
                let per_minute = learned.per_minute?;
                (per_minute, per_minute / 10.0)
            }
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let pace = |burst: f64, interval: f64| (interval as Nanos, burst as u32);
        if let Some(interval) = self.evenly() {
            return Some(pace(1.0, interval));
        }
        // One less than published, where there is more than one: see MARGIN.
        let burst = (burst * self.share).floor() - 1.0;
        #[expect(clippy::cast_precision_loss, reason = "a minute in nanoseconds is exact")]
        let interval = MINUTE as f64 / (per_minute * MARGIN * self.share.max(0.001));
        Some(pace(burst.clamp(1.0, f64::from(u32::MAX)), interval))
    }

    /// Between two requests to a target that takes none at once: each second has as many as it permits, whichever second it
    /// counts. A part of such a limit is whole requests, as those of others come beside them in any order; `None` where it is
    /// less than one, or where the limit has a burst.
    fn evenly(&self) -> Option<f64> {
        let budget = self.budget().filter(|budget| budget.burst <= 1)?;
        // Parts are computed, and one that is everything may be a hair less.
        let a_second = (f64::from(budget.per_minute) / 60.0 * self.share + 1e-6).floor();
        #[expect(clippy::cast_precision_loss, reason = "a second in nanoseconds is exact")]
        (a_second >= 1.0).then(|| (MINUTE / 60 + TRAVEL) as f64 / a_second)
    }

    /// When the next request may leave.
    pub(super) fn ready_at(&self) -> Nanos {
        let paced = self.pace().map_or(0, |(interval, burst)| {
            self.full_at.saturating_sub(interval.saturating_mul(u64::from(burst - 1)))
        });
        paced.max(self.stopped_until)
    }

    /// How long `ahead` requests take that leave first.
    pub(super) fn time_for(&self, ahead: u64) -> Nanos {
        self.pace().map_or(0, |(interval, _)| interval.saturating_mul(ahead))
    }

    /// Counts one request.
    pub(super) fn charge(&mut self, now: Nanos) {
        if let Limit::Learned(learned) = &mut self.limit {
            learned.count(now);
        }
        if let Some((interval, _)) = self.pace() {
            self.full_at = self.full_at.max(now) + interval;
        }
    }

    /// Nothing leaves for this long.
    pub(super) fn pause(&mut self, now: Nanos, pause: Duration) {
        let pause = Nanos::try_from(pause.as_nanos()).unwrap_or(Nanos::MAX / 2);
        self.stopped_until = self.stopped_until.max(now.saturating_add(pause));
    }

    /// The target refused: nothing leaves for this long, and nothing is left.
    pub(super) fn stop(&mut self, now: Nanos, wait: Duration) {
        // Requests that were under way together are refused together, and teach one thing.
        let told = now < self.stopped_until;
        self.pause(now, wait);
        match &mut self.limit {
            Limit::Learned(_) if told => {}
            Limit::Learned(learned) => learned.refused(now),
            // Somebody else uses the same limit: it is empty, whatever was counted here.
            Limit::Published(_) => {
                if let Some((interval, burst)) = self.pace() {
                    let empty = now + interval.saturating_mul(u64::from(burst));
                    self.full_at = self.full_at.max(empty);
                }
            }
        }
    }

    /// How full it is; `None` where no limit is known.
    pub(super) fn gauge(&self, now: Nanos) -> Option<Gauge> {
        let (interval, _) = self.pace()?;
        let limit = match &self.limit {
            Limit::Published(budget) => scaled(budget.burst, self.share),
            Limit::Learned(_) => self.pace()?.1,
        };
        let reset = self.full_at.max(self.stopped_until).saturating_sub(now);
        let used = u32::try_from(self.full_at.saturating_sub(now).div_ceil(interval)).unwrap_or(u32::MAX);
        let remaining = if self.stopped_until > now { 0 } else { limit.saturating_sub(used) };
        Some(Gauge { limit, remaining, reset: Duration::from_nanos(reset) })
    }
}

/// A burst as this process may use it, at least one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
fn scaled(burst: u32, share: f64) -> u32 {
    (f64::from(burst) * share).clamp(1.0, f64::from(u32::MAX)) as u32
}

/// A learned limit above this many requests a minute is none.
const PLENTY: f64 = 30_000.0;

/// The first limit that is learned is not below this many requests a minute: who sent few was refused because of others.
const FIRST: f64 = 60.0;

/// Few requests that are refused teach nothing, unless that happens again within this time.
const CHANCE: Nanos = 5 * MINUTE;

/// No limit is learned below this many requests a minute.
const LEAST: f64 = 6.0;

impl Learned {
    fn count(&mut self, now: Nanos) {
        let passed = (now - self.minute.min(now)) / MINUTE;
        if passed > 0 {
            self.counted = [0, if passed == 1 { self.counted[0] } else { 0 }];
            self.minute += passed * MINUTE;
            // What was never refused for a while may be tried a little faster.
            let faster = 1.1_f64.powi(i32::try_from(passed.min(60)).unwrap_or(60));
            self.per_minute = self.per_minute.map(|rate| rate * faster).filter(|rate| *rate < PLENTY);
        }
        self.counted[0] = self.counted[0].saturating_add(1);
    }

    /// A little less than what was sent in the last minute is what the target takes, and clearly less than what it took so
    /// far when that was refused, too. A single refusal of few requests is others' doing: it is waited for, and that is all.
    fn refused(&mut self, now: Nanos) {
        #[expect(clippy::cast_precision_loss, reason = "a part of a minute")]
        let into = (now.saturating_sub(self.minute).min(MINUTE)) as f64 / MINUTE as f64;
        let sent = f64::from(self.counted[0]) + f64::from(self.counted[1]) * (1.0 - into);
        if self.per_minute.is_none() && sent * 0.9 < FIRST {
            let again = self.refused.replace(now).is_some_and(|before| now.saturating_sub(before) < CHANCE);
            if !again {
                return;
            }
        }
        let learned = (sent * 0.9).max(FIRST);
        self.per_minute =
            Some(self.per_minute.map_or(learned, |known| (known * 0.7).min(learned).max(LEAST)));
    }
}
