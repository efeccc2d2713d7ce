//! Other processes' changes: one poll of the store's counter for everybody who holds something of it in memory.

use std::time::Duration;

use tokio::sync::watch;

use crate::store::{Store, StoreError};

/// How often the counter is read. A change counts after this at the latest.
pub const POLL: Duration = Duration::from_millis(250);

/// Says when tokens, clients or credentials changed in the store, by whatever process.
#[derive(Debug)]
pub struct ChangeFeed {
    counter: watch::Sender<i64>,
}

impl ChangeFeed {
    /// Begins with the counter as it is.
    pub async fn new(store: &Store) -> Result<Self, StoreError> {
        Ok(Self { counter: watch::Sender::new(store.changes().await?) })
    }

    /// Sees every change from now on, several at once as one. What is held in memory must be read after this call, and
    /// again after each change.
    pub fn subscribe(&self) -> watch::Receiver<i64> {
        self.counter.subscribe()
    }

    /// Reads the counter for ever.
    pub(crate) async fn follow(&self, store: &Store) {
        let mut ticks = tokio::time::interval(POLL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut answers = true;
        loop {
            ticks.tick().await;
            match store.changes().await {
                Ok(counter) => {
                    if !answers {
                        tracing::info!("the store answers again");
                    }
                    answers = true;
                    self.counter.send_if_modified(|seen| std::mem::replace(seen, counter) != counter);
                }
                // Once per outage, not four times a second.
                Err(error) if answers => {
                    answers = false;
                    tracing::error!(%error, "changes by other processes are not seen: the store does not answer");
                }
                Err(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::StoreConfig;

    #[tokio::test]
    async fn every_subscriber_hears_of_another_processs_change_within_a_second() {
        let directory = tempfile::tempdir().unwrap();
        let config = StoreConfig::file(directory.path().join("store.db"), None);
        let store = Store::open(&config).await.unwrap();
        let feed = ChangeFeed::new(&store).await.unwrap();
        let (mut one, mut two) = (feed.subscribe(), feed.subscribe());
        let beside = Store::open_without_key(&config).await.unwrap();
        let heard = async {
            assert!(!one.has_changed().unwrap());
            beside.create_client("acme", "entra").await.unwrap();
            one.changed().await.unwrap();
            two.changed().await.unwrap();
            assert_eq!(*one.borrow_and_update(), beside.changes().await.unwrap());
        };
        tokio::select! {
            () = feed.follow(&store) => unreachable!("it follows for ever"),
            heard = tokio::time::timeout(Duration::from_secs(1), heard) => heard.expect("within a second"),
        }
    }
}
