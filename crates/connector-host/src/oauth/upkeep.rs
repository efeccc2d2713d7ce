//! Refreshing ahead of time, and following what other processes do.

use std::time::Duration;

use connector_core::oauth::OAuthSpec;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{Consented, Grant};
use crate::store::{Store, StoreError};

/// How often the clock is looked at: it may be set meanwhile.
const LOOK: Duration = Duration::from_mins(1);

/// When to read the store again after it failed, and to refresh again.
const AGAIN: Duration = Duration::from_secs(1);

/// Seconds between two refreshes, whatever life the vendor gives a token.
const LEAST: i64 = 5;

/// How long a refresh that nobody waits for may take.
const PATIENCE: Duration = Duration::from_mins(1);

impl Grant {
    /// When to refresh: some time before the access token ends, and before the refresh token dies of disuse; a little
    /// earlier by a part that depends on `version`, so that many instances do not ask at once.
    pub(super) fn refresh_at(&self, spec: &OAuthSpec, version: i64) -> Option<i64> {
        let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        let early = |time: i64| time + time / 10 * (version.wrapping_mul(7919).rem_euclid(10)) / 10;
        let before_end = self.expires_at.map(|end| {
            let life = (end - self.issued_at()).max(0);
            end - early(seconds(spec.refresh_ahead).min(life / 4))
        });
        let before_disuse = spec.refresh_idle.map(|idle| {
            let idle = seconds(idle);
            self.issued_at() + idle - early(idle / 10)
        });
        let at = before_end.into_iter().chain(before_disuse).min()?;
        Some(at.max(self.issued_at() + LEAST))
    }
}

/// Keeps these credentials alive and up to date with the store, for ever.
pub async fn follow(credentials: Vec<Consented>, store: Store, changes: watch::Receiver<i64>) {
    if credentials.is_empty() {
        return std::future::pending().await;
    }
    let mut work = JoinSet::new();
    for credential in credentials.clone() {
        work.spawn(async move { keep_alive(&credential).await });
    }
    work.spawn(async move { watch(&credentials, &store, changes).await });
    while work.join_next().await.is_some() {}
}

async fn keep_alive(credential: &Consented) {
    loop {
        let due = credential.due_in().await;
        tokio::select! {
            () = sleep(due.unwrap_or(LOOK).min(LOOK)) => {}
            () = credential.changed() => continue,
        }
        if credential.due_in().await == Some(Duration::ZERO) {
            // A failure is recorded and logged where it happens. What keeps it from being recorded lasts a while, too.
            if credential.refresh(Instant::now() + PATIENCE).await.is_err() {
                sleep(AGAIN).await;
            }
        }
    }
}

/// Takes over what other processes changed.
async fn watch(credentials: &[Consented], store: &Store, mut changes: watch::Receiver<i64>) {
    loop {
        let moved = async {
            let versions = store.credential_versions().await?;
            for credential in credentials {
                let version = versions.iter().find(|(name, _)| name == credential.instance());
                credential.follow(version.map_or(0, |(_, version)| *version)).await?;
            }
            Ok::<_, StoreError>(())
        };
        if let Err(error) = moved.await {
            tracing::error!(%error, "credentials cannot be brought up to date");
            sleep(AGAIN).await;
        } else if changes.changed().await.is_err() {
            return;
        }
    }
}
