//! The credential of one instance, in memory as in the store.
//!
//! A refresh may use up the old refresh token, so it goes through these steps and no others: one task of one process holds
//! the lease, asks the vendor, commits the answer, and only then lets anybody use it. Whoever asks meanwhile waits for the
//! outcome. The task outlives the request that started it.

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use async_trait::async_trait;
use connector_core::{
    error::{Error, Kind, Result, Retry},
    http::{Credential, CredentialSource},
    oauth::Granted,
};
use tokio::{
    sync::{Mutex, Notify, OwnedMutexGuard},
    time::{Instant, sleep, timeout_at},
};

use super::{Event, Grant, Protocol, TokenFailure};
use crate::{
    app::Tasks,
    failpoint,
    store::{CredentialRecord, LeaseOwner, Store, StoreError, unix_now},
};

/// How long one process may be at a refresh before another takes over: the vendor's time and the commit's.
const LEASE_SECS: i64 = 15;

/// A token that was issued so recently is not refreshed because a target refuses it: that would never end.
const FRESH_SECS: i64 = 60;

/// How often the store is asked whether the other process is done.
const LOOK: Duration = Duration::from_millis(200);

/// The credential of one instance. Clones share it.
#[derive(Clone)]
pub struct Consented(Arc<Shared>);

struct Shared {
    instance: String,
    protocol: Protocol,
    store: Store,
    tasks: Tasks,
    /// Where a person starts the consent.
    page: String,
    owner: LeaseOwner,
    current: RwLock<Arc<Current>>,
    single: Arc<Mutex<Single>>,
    changed: Notify,
}

/// What is held now.
struct Current {
    /// Version in the store; 0 when there is nothing.
    version: i64,
    held: Option<(Grant, Arc<Credential>)>,
}

/// What only the one who refreshes sees.
#[derive(Default)]
struct Single {
    /// A refresh of an earlier process was cut off.
    interrupted: bool,
    /// After a failure: until when nobody asks again, and what is answered meanwhile.
    pause: Option<(Instant, String)>,
    failures: u32,
    /// Refreshed at the vendor and not committed yet.
    uncommitted: Option<(i64, Grant)>,
}

impl fmt::Debug for Consented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Consented({})", self.0.instance)
    }
}

impl Consented {
    /// Reads what the store holds for `instance`; `page` is where a person starts the consent.
    pub async fn load(
        instance: &str,
        protocol: Protocol,
        store: Store,
        tasks: Tasks,
        page: String,
    ) -> Result<Self, StoreError> {
        let mut owner = LeaseOwner::default();
        getrandom::fill(&mut owner).map_err(StoreError::Random)?;
        let nothing = Arc::new(Current { version: 0, held: None });
        let held = Self(Arc::new(Shared {
            instance: instance.to_owned(),
            protocol,
            store,
            tasks,
            page,
            owner,
            current: RwLock::new(nothing),
            single: Arc::default(),
            changed: Notify::new(),
        }));
        let record = held.0.store.credential(instance).await?;
        held.0.single.lock().await.interrupted = record.as_ref().is_some_and(|record| record.lease.is_some());
        held.0.adopt(record);
        Ok(held)
    }

    /// The instance.
    pub fn instance(&self) -> &str {
        &self.0.instance
    }

    /// The client of its authorization server.
    pub fn protocol(&self) -> &Protocol {
        &self.0.protocol
    }

    /// What is held now.
    pub fn grant(&self) -> Option<Grant> {
        self.0.current().held.as_ref().map(|(grant, _)| grant.clone())
    }

    /// Whether requests can be sent: somebody consented and it is not lost.
    pub fn is_usable(&self) -> bool {
        let current = self.0.current();
        current.held.as_ref().is_some_and(|(grant, _)| self.0.objection(grant).is_none())
    }

    /// Keeps a new consent in place of what was there.
    pub async fn keep(&self, grant: Grant) -> Result<(), StoreError> {
        let mut single = self.0.single.lock().await;
        let version = self.0.store.put_credential(&self.0.instance, None, &grant.to_bytes()).await?;
        *single = Single::default();
        self.0.publish(version.unwrap_or_default(), Some(grant));
        Ok(())
    }

    /// Reads the store again when it has another version.
    pub(super) async fn follow(&self, version: i64) -> Result<(), StoreError> {
        if self.0.current().version != version {
            let record = self.0.store.credential(&self.0.instance).await?;
            self.0.adopt(record);
        }
        Ok(())
    }

    /// Waits until something else is held.
    pub(super) async fn changed(&self) {
        self.0.changed.notified().await;
    }

    /// Until when a refresh should wait; `None` when there is nothing to refresh.
    pub(super) async fn due_in(&self) -> Option<Duration> {
        let single = self.0.single.lock().await;
        let current = self.0.current();
        let (grant, _) = current.held.as_ref()?;
        if !grant.is_renewable() || self.0.objection(grant).is_some() {
            return None;
        }
        let now = unix_now();
        let at = if single.interrupted || single.uncommitted.is_some() {
            now
        } else {
            grant.refresh_at(self.0.protocol.config().spec, current.version)?
        };
        let due = Duration::from_secs(u64::try_from(at - now).unwrap_or(0));
        let pause = single.pause.as_ref().map(|(until, _)| until.saturating_duration_since(Instant::now()));
        Some(due.max(pause.unwrap_or_default()))
    }

    /// Refreshes what is held now.
    pub(super) async fn refresh(&self, deadline: Instant) -> Result<Arc<Credential>> {
        let version = self.0.current().version;
        self.refresh_since(version, deadline).await
    }

    /// Refreshes, unless something newer than `version` is held already. Any number of callers cause one refresh.
    async fn refresh_since(&self, version: i64, deadline: Instant) -> Result<Arc<Credential>> {
        let late = || Error::new(Kind::Deadline, "the credential is being refreshed");
        let lock = Arc::clone(&self.0.single).lock_owned();
        let single = timeout_at(deadline, lock).await.map_err(|_| late())?;
        let current = self.0.current();
        if current.version == version {
            if let Some((until, why)) = &single.pause
                && *until > Instant::now()
            {
                let wait = until.saturating_duration_since(Instant::now());
                return Err(Error::new(Kind::Unavailable, why.clone()).retry(Retry::After(wait)));
            }
            let shared = Arc::clone(&self.0);
            let work = self.0.tasks.spawn(async move { shared.refresh(single).await });
            let outcome = timeout_at(deadline, work).await.map_err(|_| late())?;
            outcome.map_err(|error| Error::new(Kind::Internal, "a refresh broke off").source(error))??;
        }
        self.0.usable()
    }
}

#[async_trait]
impl CredentialSource for Consented {
    async fn current(&self, deadline: Instant) -> Result<Arc<Credential>> {
        let current = self.0.current();
        if let Some((grant, credential)) = &current.held
            && self.0.objection(grant).is_none()
        {
            if !grant.is_expired(unix_now()) {
                return Ok(Arc::clone(credential));
            }
            if grant.is_renewable() {
                return self.refresh_since(current.version, deadline).await;
            }
        }
        self.0.usable()
    }

    async fn renew(&self, refused: &Credential, deadline: Instant) -> Result<Option<Arc<Credential>>> {
        let current = self.0.current();
        let Some((grant, credential)) = &current.held else { return Ok(None) };
        if credential.token().expose() != refused.token().expose() {
            return Ok(Some(Arc::clone(credential)));
        }
        if !grant.is_renewable() || unix_now() - grant.issued_at() < FRESH_SECS {
            return Ok(None);
        }
        let renewed = self.refresh_since(current.version, deadline).await?;
        // Webex hands out the same token again within a day.
        Ok((renewed.token().expose() != refused.token().expose()).then_some(renewed))
    }

    fn remedy(&self) -> Cow<'static, str> {
        let Shared { instance, page, .. } = &*self.0;
        format!("consent needed: `connector-host consent {instance}` prints the link, see {page}").into()
    }
}

impl Shared {
    fn current(&self) -> Arc<Current> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn publish(&self, version: i64, grant: Option<Grant>) {
        let held = grant.map(|grant| {
            let credential = Arc::new(Credential::bearer(&grant.access_token));
            (grant, credential)
        });
        let current = Arc::new(Current { version, held });
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = current;
        self.changed.notify_waiters();
    }

    /// Holds what the store holds.
    fn adopt(&self, record: Option<CredentialRecord>) {
        let Some(record) = record else { return self.publish(0, None) };
        match Grant::from_bytes(&record.plain) {
            Ok(grant) => self.publish(record.version, Some(grant)),
            Err(error) => {
                tracing::error!(instance = self.instance, %error, "the stored credential cannot be read; consent needed");
                self.publish(record.version, None);
            }
        }
    }

    /// Why this grant is of no use, if so.
    fn objection(&self, grant: &Grant) -> Option<String> {
        match &grant.lost {
            Some(lost) => Some(format!("the consent is lost: {}", lost.what)),
            None if grant.client_id != self.protocol.config().client_id => {
                Some("the consent was given to another client_id".to_owned())
            }
            None => None,
        }
    }

    /// What is held now, or why there is nothing to use.
    fn usable(&self) -> Result<Arc<Credential>> {
        let why = match &self.current().held {
            None => "nobody has consented yet".to_owned(),
            Some((grant, credential)) => match self.objection(grant) {
                Some(objection) => objection,
                None if grant.is_expired(unix_now()) => {
                    "the access token has ended and the vendor gave no refresh token".to_owned()
                }
                None => return Ok(Arc::clone(credential)),
            },
        };
        Err(Error::new(Kind::TargetCredential, why))
    }

    /// One refresh, from the lease to the commit.
    async fn refresh(&self, mut single: OwnedMutexGuard<Single>) -> Result<()> {
        if let Some((version, grant)) = single.uncommitted.take() {
            return self.commit(&mut single, version, grant).await;
        }
        let Some((version, grant)) = self.lease().await? else { return Ok(()) };
        single.interrupted = false;
        let Some(token) = grant.refresh_token.as_ref().filter(|_| grant.is_renewable()) else {
            return Ok(());
        };
        failpoint::reached("refresh.leased").await;
        let answer = self.protocol.refresh(token).await;
        failpoint::reached("refresh.answered").await;
        match answer {
            Ok(granted) => {
                let refreshed = refreshed(&grant, &granted);
                self.commit(&mut single, version, refreshed).await?;
                failpoint::reached("refresh.committed").await;
                tracing::info!(instance = self.instance, "credential refreshed");
                Ok(())
            }
            Err(failure) => self.failed(&mut single, version, grant, failure).await,
        }
    }

    /// Takes the lease of what the store holds; `None` when another process has refreshed it meanwhile.
    async fn lease(&self) -> Result<Option<(i64, Grant)>> {
        let seen = self.current().version;
        let began = Instant::now();
        loop {
            let record = self.store.credential(&self.instance).await.map_err(unavailable)?;
            let version = record.as_ref().map_or(0, |record| record.version);
            if version != seen {
                self.adopt(record);
                return Ok(None);
            }
            let now = unix_now();
            let until = now + LEASE_SECS;
            let leased = self.store.lease_credential(&self.instance, version, &self.owner, now, until).await;
            if leased.map_err(unavailable)? {
                let current = self.current();
                let Some((grant, _)) = &current.held else { return Ok(None) };
                return Ok(Some((version, grant.clone())));
            }
            if began.elapsed() > Duration::from_secs(LEASE_SECS.unsigned_abs() + 5) {
                return Err(Error::new(
                    Kind::Unavailable,
                    "another process has been refreshing for too long",
                ));
            }
            sleep(LOOK).await;
        }
    }

    /// Commits what the vendor gave; only then is it used. While the store refuses, it is kept for the next attempt and the
    /// vendor is not asked again.
    async fn commit(&self, single: &mut Single, version: i64, grant: Grant) -> Result<()> {
        match self.store.put_credential(&self.instance, Some(version), &grant.to_bytes()).await {
            Ok(Some(version)) => {
                (single.failures, single.pause) = (0, None);
                self.publish(version, Some(grant));
                Ok(())
            }
            // A new consent, or none at all: what is there counts.
            Ok(None) => {
                self.adopt(self.store.credential(&self.instance).await.map_err(unavailable)?);
                Ok(())
            }
            Err(error) => {
                tracing::error!(instance = self.instance, %error, "a refreshed credential cannot be committed yet");
                single.uncommitted = Some((version, grant));
                single.pause =
                    Some((Instant::now() + LOOK * 5, "the store does not take the credential".to_owned()));
                Err(unavailable(error))
            }
        }
    }

    async fn failed(
        &self,
        single: &mut Single,
        version: i64,
        mut grant: Grant,
        failure: TokenFailure,
    ) -> Result<()> {
        single.failures += 1;
        let event = |what: String| Some(Event { at: unix_now(), what });
        let (wait, error) = match failure {
            TokenFailure::Grant(why) => {
                tracing::error!(
                    instance = self.instance,
                    why,
                    "the vendor refuses to refresh; consent needed"
                );
                grant.lost = event(format!("the vendor refused to refresh it ({why})"));
                return self.commit(single, version, grant).await;
            }
            TokenFailure::Refused(why) => {
                let why = format!("the vendor refuses to refresh ({why}); check client_id and client_secret");
                grant.last_failure = event(why.clone());
                (Duration::from_mins(5), Error::new(Kind::TargetCredential, why))
            }
            TokenFailure::Later(error) => {
                let why = format!("the credential cannot be refreshed now: {error}");
                grant.last_failure = event(why.clone());
                let wait = match error.retry_hint() {
                    Retry::After(wait) => wait,
                    _ => Duration::from_secs(1),
                };
                let backoff = wait.max(Duration::from_secs(1 << single.failures.min(8)));
                (backoff.min(Duration::from_mins(5)), Error::new(Kind::Unavailable, why).source(error))
            }
        };
        tracing::warn!(instance = self.instance, %error, wait_secs = wait.as_secs(), "refresh failed");
        let failures = single.failures;
        // Ends the lease, too.
        self.commit(single, version, grant).await?;
        single.failures = failures;
        single.pause = Some((Instant::now() + wait, error.to_string()));
        Err(error.retry(Retry::After(wait)))
    }
}

fn refreshed(grant: &Grant, granted: &Granted) -> Grant {
    grant.refreshed(granted, unix_now())
}

fn unavailable(error: StoreError) -> Error {
    Error::new(Kind::Unavailable, "the store does not answer").source(error)
}
