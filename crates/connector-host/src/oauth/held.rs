//! The credential of one instance, in memory as in the store.

use std::{
    borrow::Cow,
    fmt,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use connector_core::{
    error::{Error, Kind, Result},
    http::{Credential, CredentialSource},
};
use tokio::{
    sync::{Mutex, Notify},
    time::{Instant, timeout_at},
};

use super::{
    Grant, Protocol,
    refresh::{Pause, Single},
};
use crate::{
    app::Tasks,
    store::{CredentialRecord, Lease, LeaseOwner, Store, StoreError, unix_now},
};

/// A token that was issued so recently is not refreshed because a target refuses it: that would never end.
const FRESH_SECS: i64 = 60;

/// The credential of one instance. Clones share it.
#[derive(Clone)]
pub struct Consented(pub(super) Arc<Shared>);

pub(super) struct Shared {
    pub(super) instance: String,
    pub(super) protocol: Protocol,
    pub(super) store: Store,
    tasks: Tasks,
    /// Where a person starts the consent.
    page: String,
    pub(super) owner: LeaseOwner,
    current: RwLock<Arc<Current>>,
    pub(super) single: Arc<Mutex<Single>>,
    changed: Notify,
    /// No other process serves from the store.
    alone: AtomicBool,
}

/// What is held now.
pub(super) struct Current {
    /// Version in the store; 0 when there is nothing.
    pub(super) version: i64,
    pub(super) held: Option<(Grant, Arc<Credential>)>,
    /// The lease that was found at the start: a refresh that an earlier process may not have finished.
    found: Option<Lease>,
}

impl Current {
    /// Whether the vendor may have refreshed it without our having kept the answer: its refresh tokens are good for little
    /// more then.
    fn is_unsettled(&self) -> bool {
        let failed = |(grant, _): &(Grant, _)| grant.last_failure.is_some();
        self.found.is_some() || self.held.as_ref().is_some_and(failed)
    }
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
        let record = store.credential(instance).await?;
        let found = record.as_ref().and_then(|record| record.lease);
        let held = Self(Arc::new(Shared {
            instance: instance.to_owned(),
            protocol,
            store,
            tasks,
            page,
            owner,
            current: RwLock::new(Arc::new(Current { version: 0, held: None, found: None })),
            single: Arc::default(),
            changed: Notify::new(),
            alone: AtomicBool::new(false),
        }));
        let (version, grant) = held.0.read(record);
        held.0.set(version, grant, found);
        Ok(held)
    }

    /// No other process serves from the store: whoever had the lease that was found at the start is gone.
    pub fn serve_alone(&self) {
        self.0.alone.store(true, Ordering::Relaxed);
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
        let at = if single.has_uncommitted() || current.is_unsettled() {
            now
        } else {
            grant.refresh_at(self.0.protocol.config().spec, current.version)?
        };
        let due = Duration::from_secs(u64::try_from(at - now).unwrap_or(0));
        Some(due.max(single.pause().map(Pause::rest).unwrap_or_default()))
    }

    /// Refreshes what is held now.
    pub(super) async fn refresh(&self, deadline: Instant) -> Result<Arc<Credential>> {
        let current = self.0.current();
        match &current.held {
            Some((grant, _)) => self.refreshed(grant, deadline).await,
            None => self.0.usable(),
        }
    }

    /// Another credential than that of `stale`. Any number of callers cause one refresh.
    async fn refreshed(&self, stale: &Grant, deadline: Instant) -> Result<Arc<Credential>> {
        let late = || Error::new(Kind::Deadline, "the credential is being refreshed");
        let lock = Arc::clone(&self.0.single).lock_owned();
        let single = timeout_at(deadline, lock).await.map_err(|_| late())?;
        let current = self.0.current();
        let is_stale =
            |(grant, _): &(Grant, _)| grant.is_of_one_answer_with(stale) && self.0.objection(grant).is_none();
        if current.held.as_ref().is_some_and(is_stale) {
            if let Some(pause) = single.pause() {
                return Err(pause.error());
            }
            // It outlives the request that started it.
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
        match &current.held {
            Some((grant, _)) if grant.is_expired(unix_now()) && grant.is_renewable() => {
                // An old token is good until its very end.
                let refreshed = self.refreshed(grant, deadline).await;
                refreshed.or_else(|error| self.0.usable().map_err(|_| error))
            }
            _ => self.0.usable(),
        }
    }

    async fn renew(&self, refused: &Credential, deadline: Instant) -> Result<Option<Arc<Credential>>> {
        let current = self.0.current();
        let Some((grant, credential)) = &current.held else { return Ok(None) };
        if credential.token().expose() != refused.token().expose() {
            return self.0.usable().map(Some);
        }
        // One that was issued in the future was issued before the clock was set back.
        let is_fresh = (0..FRESH_SECS).contains(&(unix_now() - grant.issued_at())) && !current.is_unsettled();
        if !grant.is_renewable() || is_fresh {
            return Ok(None);
        }
        let renewed = self.refreshed(grant, deadline).await?;
        // Webex hands out the same token again within a day.
        Ok((renewed.token().expose() != refused.token().expose()).then_some(renewed))
    }

    fn remedy(&self) -> Cow<'static, str> {
        let Shared { instance, page, .. } = &*self.0;
        format!("consent needed: `connector-host consent {instance}` prints the link, see {page}").into()
    }
}

impl Shared {
    pub(super) fn current(&self) -> Arc<Current> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Until when the lease lasts that a process which is gone has left.
    pub(super) fn left_behind(&self, current: &Current) -> Option<i64> {
        current.found.filter(|_| self.alone.load(Ordering::Relaxed)).map(|lease| lease.until)
    }

    pub(super) fn publish(&self, version: i64, grant: Option<Grant>) {
        self.set(version, grant, None);
    }

    fn set(&self, version: i64, grant: Option<Grant>, found: Option<Lease>) {
        let held = grant.map(|grant| {
            let credential = Arc::new(Credential::bearer(&grant.access_token));
            (grant, credential)
        });
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        // What was read before a commit and arrives after it is old.
        if version == 0 || version >= current.version {
            *current = Arc::new(Current { version, held, found });
            drop(current);
            self.changed.notify_waiters();
        }
    }

    /// Holds what the store holds.
    pub(super) fn adopt(&self, record: Option<CredentialRecord>) {
        let (version, grant) = self.read(record);
        self.publish(version, grant);
        tracing::debug!(instance = self.instance, version, "another process changed the credential");
    }

    fn read(&self, record: Option<CredentialRecord>) -> (i64, Option<Grant>) {
        let Some(record) = record else { return (0, None) };
        let grant = Grant::from_bytes(&record.plain);
        let grant = grant.inspect_err(|error| {
            tracing::error!(instance = self.instance, %error, "the stored credential cannot be read; consent needed");
        });
        (record.version, grant.ok())
    }

    /// Why this grant is of no use, if so.
    fn objection(&self, grant: &Grant) -> Option<String> {
        match &grant.lost {
            Some(lost) => Some(format!("the consent is lost: {}", lost.what)),
            None if grant.client_id != self.protocol.config().client_id => {
                Some("the consent was given to another client_id".to_owned())
            }
            None if grant.has_ended(unix_now()) && !grant.is_renewable() => {
                Some("the access token has ended and the vendor gave no refresh token".to_owned())
            }
            None => None,
        }
    }

    /// What is held now, or why there is nothing to use.
    fn usable(&self) -> Result<Arc<Credential>> {
        let consent_needed = |why: String| Error::new(Kind::TargetCredential, why);
        let current = self.current();
        let Some((grant, credential)) = &current.held else {
            return Err(consent_needed("nobody has consented yet".to_owned()));
        };
        match self.objection(grant) {
            Some(objection) => Err(consent_needed(objection)),
            None if grant.has_ended(unix_now()) => {
                Err(Error::new(Kind::Unavailable, "the credential has ended and is not refreshed yet"))
            }
            None => Ok(Arc::clone(credential)),
        }
    }
}
