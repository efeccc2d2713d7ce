//! Inbound tokens and OAuth clients in memory: looked up on every request, brought up to date when the store's counter
//! moves.

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

use crate::store::{ClientSecretHash, Store, StoreError, TokenHash, unix_now};

/// How long to wait when the store did not answer.
const AGAIN: Duration = Duration::from_secs(1);

/// Unknown tokens and clients ask the store together, at most once in this time.
const ASK_AT_MOST: Duration = Duration::from_millis(50);

/// Every valid token and client.
pub struct Known {
    snapshot: RwLock<Arc<Snapshot>>,
    /// When the last look into the store began.
    last_look: Mutex<Instant>,
}

#[derive(Default)]
struct Snapshot {
    counter: i64,
    tokens: HashMap<TokenHash, Arc<Token>>,
    clients: HashMap<String, Arc<Client>>,
}

/// One valid token.
pub(super) struct Token {
    /// The instance it opens.
    pub(super) instance: Arc<str>,
    /// `token:NAME`.
    pub(super) caller: Arc<str>,
    hash: TokenHash,
    used: Used,
}

/// One valid client.
pub(super) struct Client {
    /// The instance its access tokens open.
    pub(super) instance: Arc<str>,
    /// `client:NAME`.
    pub(super) caller: Arc<str>,
    secret_hash: ClientSecretHash,
    used: Used,
}

impl Client {
    /// Whether this is its secret; in constant time.
    pub(super) fn has_secret(&self, hash: &ClientSecretHash) -> bool {
        self.secret_hash.ct_eq(hash).into()
    }

    /// Notes that it, or an access token of it, was used now.
    pub(super) fn mark_used(&self) {
        self.used.now.store(unix_now(), Ordering::Relaxed);
    }
}

/// When something was last used, and what the store knows of that.
struct Used {
    now: AtomicI64,
    in_store: AtomicI64,
}

impl Used {
    fn since(record: Option<i64>) -> Self {
        let at = record.unwrap_or(0);
        Self { now: at.into(), in_store: at.into() }
    }

    /// The time, when the store does not know it yet.
    fn news(&self) -> Option<i64> {
        let used = self.now.load(Ordering::Relaxed);
        (used > self.in_store.load(Ordering::Relaxed)).then_some(used)
    }

    fn stored(&self, used: i64) {
        self.in_store.fetch_max(used, Ordering::Relaxed);
    }
}

impl Known {
    /// Reads all tokens and clients.
    pub async fn load(store: &Store) -> Result<Self, StoreError> {
        let known = Self {
            snapshot: RwLock::new(Arc::new(Snapshot { counter: -1, ..Snapshot::default() })),
            last_look: Mutex::new(Instant::now()),
        };
        known.look(store).await?;
        Ok(known)
    }

    /// The token with this hash, marked as used now.
    pub(super) fn token(&self, hash: &TokenHash) -> Option<Arc<Token>> {
        let token =
            self.snapshot().tokens.get(hash).filter(|token| token.hash.ct_eq(hash).into()).cloned()?;
        token.used.now.store(unix_now(), Ordering::Relaxed);
        Some(token)
    }

    /// The client of this id.
    pub(super) fn client(&self, client_id: &str) -> Option<Arc<Client>> {
        self.snapshot().clients.get(client_id).cloned()
    }

    /// Makes sure that the store was looked at after this call began: what was made a moment ago is found afterwards.
    /// However many callers there are, the store is asked at most once in [`ASK_AT_MOST`].
    pub(super) async fn look_again(&self, store: &Store) -> Result<(), StoreError> {
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

    /// Writes when tokens and clients were last used.
    pub(crate) async fn note_uses(&self, store: &Store) {
        let snapshot = self.snapshot();
        let tokens: Vec<_> =
            snapshot.tokens.values().filter_map(|token| Some((token.hash, token.used.news()?))).collect();
        let clients: Vec<_> = snapshot
            .clients
            .iter()
            .filter_map(|(id, client)| Some((id.clone(), client.used.news()?)))
            .collect();
        let noted = async {
            store.tokens_used(&tokens).await?;
            store.clients_used(&clients).await
        };
        if let Err(error) = noted.await {
            tracing::warn!(%error, "the last use of tokens cannot be noted; it is tried again");
            return;
        }
        for (hash, used) in tokens {
            snapshot.tokens[&hash].used.stored(used);
        }
        for (id, used) in clients {
            snapshot.clients[&id].used.stored(used);
        }
    }

    async fn look(&self, store: &Store) -> Result<(), StoreError> {
        // The counter first: a change in between is seen again at the next look, never missed.
        let counter = store.changes().await?;
        let before = self.snapshot();
        if counter == before.counter {
            return Ok(());
        }
        let mut tokens = HashMap::new();
        for record in store.tokens().await? {
            let token = before.tokens.get(&record.hash).cloned().unwrap_or_else(|| {
                Arc::new(Token {
                    caller: format!("token:{}", record.name).into(),
                    instance: record.instance.into(),
                    hash: record.hash,
                    used: Used::since(record.last_used_at),
                })
            });
            tokens.insert(record.hash, token);
        }
        let mut clients = HashMap::new();
        for record in store.clients().await? {
            let client = before.clients.get(&record.client_id).cloned().unwrap_or_else(|| {
                Arc::new(Client {
                    caller: format!("client:{}", record.name).into(),
                    instance: record.instance.into(),
                    secret_hash: record.secret_hash,
                    used: Used::since(record.last_used_at),
                })
            });
            clients.insert(record.client_id, client);
        }
        let after = Arc::new(Snapshot { counter, tokens, clients });
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) = after;
        Ok(())
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
