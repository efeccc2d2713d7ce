//! The refresh of one credential.
//!
//! It may use up the old refresh token, so it goes through these steps and no others: one task of one process holds the
//! lease, asks the vendor, commits the answer, and only then lets anybody use it. Whoever asks meanwhile waits for the
//! outcome.

use std::time::Duration;

use connector_core::error::{Error, Kind, Result, Retry};
use tokio::{
    sync::OwnedMutexGuard,
    time::{Instant, sleep},
};

use super::{Consented, Event, Grant, TokenFailure, held::Shared};
use crate::{
    failpoint,
    store::{StoreError, unix_now},
};

/// How long one process may be at a refresh before another takes over: the vendor's time and the commit's.
const LEASE_SECS: i64 = 15;

/// How often the store is asked whether the other process is done.
const LOOK: Duration = Duration::from_millis(200);

/// When to commit again what the store did not take.
const COMMIT_AGAIN: Duration = Duration::from_secs(1);

/// The longest wait after a failure.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// What only the one who refreshes sees.
#[derive(Default)]
pub(super) struct Single {
    pause: Option<Pause>,
    failures: u32,
    uncommitted: Option<Outcome>,
}

/// What a refresh made of a grant.
pub(super) struct Outcome {
    /// The version that was leased.
    pub(super) version: i64,
    pub(super) from: Grant,
    pub(super) to: Grant,
}

/// After a failure: until when the vendor is not asked again, and what is answered meanwhile.
pub(super) struct Pause {
    until: Instant,
    why: Why,
}

enum Why {
    /// Somebody has to change the configuration.
    Refused(String),
    /// It may work later.
    Later(String),
}

impl Pause {
    /// How much of it is left.
    pub(super) fn rest(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// What whoever needs the credential is told meanwhile.
    pub(super) fn error(&self) -> Error {
        let error = match &self.why {
            Why::Refused(why) => Error::new(Kind::TargetCredential, why.clone())
                .remedy("check client_id and client_secret of this instance"),
            Why::Later(why) => Error::new(Kind::Unavailable, why.clone()),
        };
        error.retry(Retry::After(self.rest()))
    }
}

impl Single {
    pub(super) const fn has_uncommitted(&self) -> bool {
        self.uncommitted.is_some()
    }

    /// The pause that still lasts.
    pub(super) fn pause(&self) -> Option<&Pause> {
        self.pause.as_ref().filter(|pause| pause.until > Instant::now())
    }
}

impl Consented {
    /// Gives everything back to the vendor and forgets it, while nobody else refreshes it. `None` when nothing was held,
    /// `Some(false)` when the vendor does not say that it is revoked. After an error everything is as it was.
    pub async fn give_up(&self) -> Result<Option<bool>> {
        let shared = &*self.0;
        let _single = shared.single.lock().await;
        let (_, grant) = loop {
            if shared.current().held.is_none() {
                return Ok(None);
            }
            if let Some(leased) = shared.lease().await? {
                break leased;
            }
        };
        let revoked = shared.protocol.give_up(&grant).await;
        if revoked.is_err() {
            let released = shared.store.release_credential(&shared.instance, &shared.owner).await;
            released.map_err(unavailable)?;
        }
        let revoked = revoked?;
        shared.store.forget_credential(&shared.instance).await.map_err(unavailable)?;
        shared.publish(0, None);
        Ok(Some(revoked))
    }

    /// Commits what the store did not take before: the last chance before the process ends.
    pub(crate) async fn settle(&self) {
        let single = self.0.single.clone().lock_owned().await;
        if single.has_uncommitted() {
            // A failure is logged where it happens.
            let _ = self.0.refresh(single).await;
        }
    }
}

impl Shared {
    /// One refresh, from the lease to the commit.
    pub(super) async fn refresh(&self, mut single: OwnedMutexGuard<Single>) -> Result<()> {
        let outcome = match single.uncommitted.take() {
            Some(outcome) => outcome,
            None => match self.lease().await? {
                Some((version, from)) => match self.ask(&from).await {
                    Ok(to) => Outcome { version, from, to },
                    Err(failure) => return self.postpone(&mut single, version, from, failure).await,
                },
                None => return Ok(()),
            },
        };
        self.commit(&mut single, outcome).await?;
        failpoint::reached("refresh.committed").await;
        (single.failures, single.pause) = (0, None);
        Ok(())
    }

    /// What the vendor makes of this grant; one that it refuses to refresh is lost.
    async fn ask(&self, grant: &Grant) -> Result<Grant, TokenFailure> {
        failpoint::reached("refresh.leased").await;
        let answer = match &grant.refresh_token {
            Some(token) => self.protocol.refresh(token).await,
            None => Err(TokenFailure::Grant("there is no refresh token".to_owned())),
        };
        failpoint::reached("refresh.answered").await;
        match answer {
            Ok(granted) => {
                tracing::info!(instance = self.instance, "credential refreshed");
                Ok(grant.refreshed(&granted, unix_now()))
            }
            Err(TokenFailure::Grant(why)) => {
                tracing::error!(
                    instance = self.instance,
                    why,
                    "the vendor refuses to refresh; consent needed"
                );
                let what = format!("the vendor refused to refresh it ({why})");
                Ok(Grant { lost: Some(Event { at: unix_now(), what }), ..grant.clone() })
            }
            Err(failure) => Err(failure),
        }
    }

    /// Takes the lease of what the store holds; `None` when that is something else than was thought.
    pub(super) async fn lease(&self) -> Result<Option<(i64, Grant)>> {
        let seen = self.current();
        let began = Instant::now();
        loop {
            let record = self.store.credential(&self.instance).await.map_err(unavailable)?;
            let version = record.as_ref().map_or(0, |record| record.version);
            if version != seen.version {
                self.adopt(record);
                return Ok(None);
            }
            let now = unix_now();
            let over = self.left_behind(&seen).map_or(now, |until| until.max(now));
            let until = now + LEASE_SECS;
            let leased = self.store.lease_credential(&self.instance, version, &self.owner, over, until).await;
            if leased.map_err(unavailable)? {
                return Ok(seen.held.as_ref().map(|(grant, _)| (version, grant.clone())));
            }
            if began.elapsed() > Duration::from_secs(LEASE_SECS.unsigned_abs() + 5) {
                let why = "another process has been refreshing for too long";
                return Err(Error::new(Kind::Unavailable, why));
            }
            sleep(LOOK).await;
        }
    }

    /// Commits what the vendor gave; only then is it used. While the store refuses, it is kept for the next attempt and the
    /// vendor is not asked again.
    pub(super) async fn commit(&self, single: &mut Single, outcome: Outcome) -> Result<()> {
        match self.put(&outcome).await {
            Ok(()) => Ok(()),
            Err(error) => {
                tracing::error!(instance = self.instance, %error, "a credential cannot be committed yet");
                let why = Why::Later("the store does not take the refreshed credential".to_owned());
                single.pause = Some(Pause { until: Instant::now() + COMMIT_AGAIN, why });
                single.uncommitted = Some(outcome);
                Err(unavailable(error))
            }
        }
    }

    async fn put(&self, outcome: &Outcome) -> Result<(), StoreError> {
        let Outcome { version, from, to } = outcome;
        let mut expected = *version;
        loop {
            let put = self.store.put_credential(&self.instance, Some(expected), &to.to_bytes()).await?;
            if let Some(version) = put {
                self.publish(version, Some(to.clone()));
                return Ok(());
            }
            let there = self.store.credential(&self.instance).await?;
            // Another process held the lease after this one and got no answer or a refusal: this one had been faster.
            let beaten = there.as_ref().filter(|there| {
                let there = Grant::from_bytes(&there.plain);
                there.is_ok_and(|there| there.is_of_one_answer_with(from) && !to.is_of_one_answer_with(from))
            });
            match beaten {
                Some(there) => expected = there.version,
                // A new consent, or none at all: what is there counts.
                None => {
                    self.adopt(there);
                    return Ok(());
                }
            }
        }
    }

    /// Notes a failure that says nothing about the grant, and waits longer with each.
    async fn postpone(
        &self,
        single: &mut Single,
        version: i64,
        from: Grant,
        failure: TokenFailure,
    ) -> Result<()> {
        single.failures += 1;
        let (wait, why) = match failure {
            TokenFailure::Grant(why) | TokenFailure::Refused(why) => {
                (LONGEST_PAUSE, Why::Refused(format!("the vendor refuses to refresh ({why})")))
            }
            TokenFailure::Later(error) => {
                let asked = match error.retry_hint() {
                    Retry::After(wait) => wait,
                    _ => Duration::ZERO,
                };
                let wait = asked.max(Duration::from_secs(1 << single.failures.min(8))).min(LONGEST_PAUSE);
                (wait, Why::Later(format!("the credential cannot be refreshed now: {error}")))
            }
        };
        let pause = Pause { until: Instant::now() + wait, why };
        let error = pause.error();
        tracing::warn!(instance = self.instance, %error, wait_secs = wait.as_secs(), "refresh failed");
        let noted =
            Grant { last_failure: Some(Event { at: unix_now(), what: error.to_string() }), ..from.clone() };
        // Ends the lease, too. Nothing but the note is lost when the store refuses.
        if self.commit(single, Outcome { version, from, to: noted }).await.is_err() {
            single.uncommitted = None;
        }
        single.pause = Some(pause);
        Err(error)
    }
}

fn unavailable(error: StoreError) -> Error {
    Error::new(Kind::Unavailable, "the store does not answer").source(error)
}
