//! Inbound tokens in memory: looked up by hash on every request, brought up to date when the store's counter moves.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use subtle::ConstantTimeEq as _;
use tokio::sync::{Mutex, watch};

use crate::store::{Store, StoreError, TokenHash, unix_now};

/// How long to wait when the store did not answer.
const AGAIN: Duration = Duration::from_secs(1);

/// Unknown tokens ask the store together, at most once in this time.
const ASK_AT_MOST: Duration = Duration::from_millis(50);

/// Every valid token.
pub struct Tokens {
    snapshot: RwLock<Arc<Snapshot>>,
    /// When the last look into the store began.
    last_look: Mutex<Instant>,
}

#[derive(Default)]
struct Snapshot {
    counter: i64,
    by_hash: HashMap<TokenHash, Arc<Token>>,
}

/// One valid token.
#[derive(Debug)]
pub struct Token {
    /// The instance it opens.
    pub instance: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    hash: TokenHash,
    used: AtomicI64,
    used_in_store: AtomicI64,
}

impl Tokens {
    /// Reads all tokens.
    pub async fn load(store: &Store) -> Result<Self, StoreError> {
        let tokens = Self {
            snapshot: RwLock::new(Arc::new(Snapshot { counter: -1, ..Snapshot::default() })),
            last_look: Mutex::new(Instant::now()),
        };
        tokens.look(store).await?;
        Ok(tokens)
    }

    /// The token with this hash, marked as used now.
    pub(crate) fn find(&self, hash: &TokenHash) -> Option<Arc<Token>> {
        let token =
            self.snapshot().by_hash.get(hash).filter(|token| token.hash.ct_eq(hash).into()).cloned()?;
        token.used.store(unix_now(), Ordering::Relaxed);
        Some(token)
    }

    /// Makes sure that the store was looked at after this call began: a token made a moment ago is found afterwards.
    /// However many callers there are, the store is asked at most once in [`ASK_AT_MOST`].
    pub(crate) async fn look_again(&self, store: &Store) -> Result<(), StoreError> {
        let called = Instant::now();
        let mut last = self.last_look.lock().await;
        if *last >= called {
            return Ok(());
        }
        tokio::time::sleep_until((*last + ASK_AT_MOST).into()).await;
        let now = Instant::now();
        self.look(store).await?;
        *last = now;
        Ok(())
    }

    /// Keeps up with `changes`, and notes uses once a minute, until the feed ends.
    pub(crate) async fn follow(&self, store: &Store, mut changes: watch::Receiver<i64>) {
        let mut minutes = tokio::time::interval(Duration::from_mins(1));
        minutes.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            while let Err(error) = self.refresh(store).await {
                tracing::error!(%error, "tokens cannot be refreshed");
                tokio::time::sleep(AGAIN).await;
            }
            tokio::select! {
                seen = changes.changed() => if seen.is_err() { return },
                _ = minutes.tick() => self.note_uses(store).await,
            }
        }
    }

    async fn refresh(&self, store: &Store) -> Result<(), StoreError> {
        let mut last = self.last_look.lock().await;
        let now = Instant::now();
        self.look(store).await?;
        *last = now;
        Ok(())
    }

    /// Writes when tokens were last used.
    pub(crate) async fn note_uses(&self, store: &Store) {
        let snapshot = self.snapshot();
        let used: Vec<_> = snapshot
            .by_hash
            .values()
            .map(|token| (token, token.used.load(Ordering::Relaxed)))
            .filter(|(token, used)| *used > token.used_in_store.swap(*used, Ordering::Relaxed))
            .map(|(token, used)| (token.hash, used))
            .collect();
        if let Err(error) = store.tokens_used(&used).await {
            tracing::warn!(%error, "the last use of tokens cannot be noted");
        }
    }

    async fn look(&self, store: &Store) -> Result<(), StoreError> {
        // The counter first: a change in between is seen again at the next look, never missed.
        let counter = store.changes().await?;
        let before = self.snapshot();
        if counter == before.counter {
            return Ok(());
        }
        let mut by_hash = HashMap::new();
        for record in store.tokens().await? {
            let token = before.by_hash.get(&record.hash).cloned().unwrap_or_else(|| {
                let used = record.last_used_at.unwrap_or(0);
                Arc::new(Token {
                    instance: record.instance.into(),
                    name: record.name.into(),
                    hash: record.hash,
                    used: used.into(),
                    used_in_store: used.into(),
                })
            });
            by_hash.insert(record.hash, token);
        }
        let after = Arc::new(Snapshot { counter, by_hash });
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) = after;
        Ok(())
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
