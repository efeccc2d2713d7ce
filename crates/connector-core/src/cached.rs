//! What a target tells that many requests need and that changes seldom: read once, held for a while.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::error::Result;

/// A value of the target, held for a fixed time and read by one request at a time.
#[derive(Debug)]
pub struct Cached<T> {
    life: Duration,
    held: Mutex<Option<(Instant, Arc<T>)>>,
    /// Whose turn it is to read: the others wait for the same answer.
    turn: tokio::sync::Mutex<()>,
}

impl<T> Cached<T> {
    /// Nothing yet; a value is good for `life`.
    pub const fn new(life: Duration) -> Self {
        Self { life, held: Mutex::new(None), turn: tokio::sync::Mutex::const_new(()) }
    }

    /// The value, by `read` when there is none that is fresh enough. A failure is not held: the next request reads again.
    pub async fn get(&self, read: impl Future<Output = Result<T>>) -> Result<Arc<T>> {
        if let Some(value) = self.fresh() {
            return Ok(value);
        }
        let _turn = self.turn.lock().await;
        if let Some(value) = self.fresh() {
            return Ok(value);
        }
        let value = Arc::new(read.await?);
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), Arc::clone(&value)));
        Ok(value)
    }

    fn fresh(&self) -> Option<Arc<T>> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, value) = held.as_ref()?;
        (since.elapsed() < self.life).then(|| Arc::clone(value))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::error::{Error, Kind};

    #[tokio::test(start_paused = true)]
    async fn a_value_is_read_once_by_those_who_ask_together_and_again_when_it_is_old() {
        let (cached, reads) = (Cached::new(Duration::from_mins(1)), AtomicU32::new(0));
        let ask = || {
            cached.get(async {
                tokio::task::yield_now().await;
                Ok(reads.fetch_add(1, Ordering::Relaxed))
            })
        };
        let (one, other) = tokio::join!(ask(), ask());
        assert_eq!((*one.unwrap(), *other.unwrap()), (0, 0));
        tokio::time::advance(Duration::from_secs(59)).await;
        assert_eq!(*ask().await.unwrap(), 0);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(*ask().await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_failure_is_not_held() {
        let cached = Cached::new(Duration::from_mins(1));
        let failed = cached.get(async { Err(Error::new(Kind::Unavailable, "down")) }).await;
        assert!(failed.is_err());
        assert_eq!(*cached.get(async { Ok(7) }).await.unwrap(), 7);
    }
}
