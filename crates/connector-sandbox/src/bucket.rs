//! Token buckets: a burst at once, then so many a minute.

use std::collections::HashMap;
use std::hash::Hash;

/// What a bucket holds.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) per_minute: f64,
    pub(crate) burst: f64,
}

/// The state of all buckets; one that was never drawn from is full.
pub(crate) struct Limiter<K>(HashMap<K, Level>);

struct Level {
    tokens: f64,
    at_ms: i64,
}

impl<K> Default for Limiter<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    /// Draws one token from each bucket, or from none: then the seconds until it would do.
    pub(crate) fn draw(&mut self, buckets: &[(K, Size)], now_ms: i64) -> Result<(), u64> {
        let mut wait = 0.0_f64;
        for (bucket, Size { per_minute, burst }) in buckets {
            let level = self.0.entry(bucket.clone()).or_insert(Level { tokens: *burst, at_ms: now_ms });
            #[expect(clippy::cast_precision_loss, reason = "milliseconds between requests are small")]
            let elapsed = (now_ms - level.at_ms).max(0) as f64;
            level.tokens = (level.tokens + elapsed * per_minute / 60_000.0).min(*burst);
            level.at_ms = now_ms;
            if level.tokens < 1.0 {
                wait = wait.max((1.0 - level.tokens) * 60.0 / per_minute);
            }
        }
        if wait > 0.0 {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "at least 1 s, and no bucket takes years to fill"
            )]
            return Err(wait.ceil().max(1.0) as u64);
        }
        for (bucket, _) in buckets {
            if let Some(level) = self.0.get_mut(bucket) {
                level.tokens -= 1.0;
            }
        }
        Ok(())
    }

    /// Whole tokens in a bucket as of the last draw; `size` tells those of a bucket not drawn from yet.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the burst")]
    pub(crate) fn left(&self, bucket: &K, size: Size) -> u64 {
        self.0.get(bucket).map_or(size.burst, |level| level.tokens) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_burst_passes_then_the_rate_and_a_refusal_tells_the_wait() {
        let mut limiter = Limiter::default();
        let bucket = [("a", Size { per_minute: 6.0, burst: 2.0 })];
        assert_eq!(limiter.left(&"a", bucket[0].1), 2);
        assert_eq!(limiter.draw(&bucket, 0), Ok(()));
        assert_eq!(limiter.left(&"a", bucket[0].1), 1);
        assert_eq!(limiter.draw(&bucket, 0), Ok(()));
        assert_eq!(limiter.draw(&bucket, 0), Err(10));
        assert_eq!(limiter.draw(&bucket, 4_000), Err(6));
        assert_eq!(limiter.draw(&bucket, 10_000), Ok(()));
        assert_eq!(limiter.draw(&[("b", bucket[0].1)], 10_000), Ok(()), "buckets are apart");
    }
}
