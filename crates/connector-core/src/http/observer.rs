//! What happens on the way to a target, told to whoever counts it.

use std::{error::Error as StdError, fmt, time::Duration};

use super::policy::{Refusal, Rule};
use crate::error::Error;

/// Is told what happens at one instance's door. It must not block, and never sees addresses, bodies or credentials.
pub trait Observer: Send + Sync + fmt::Debug {
    /// One attempt of `operation`, named as in errors, took so long; without a status the target did not answer.
    fn called(&self, operation: &'static str, status: Option<u16>, took: Duration);

    /// An attempt is made again after a passing fault.
    fn retried(&self);

    /// The target refused an attempt because of a rate limit.
    fn limited(&self);

    /// The target refused our credential, and there is no other.
    fn credential_refused(&self);

    /// A request waited so long for its turn under the target's limits.
    fn queued(&self, waited: Duration);

    /// A request would have had to wait for longer than its client does.
    fn turned_away(&self);

    /// A request was not allowed to leave.
    fn refused(&self, rule: Rule);
}

/// Nobody counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoObserver;

impl Observer for NoObserver {
    fn called(&self, _: &'static str, _: Option<u16>, _: Duration) {}
    fn retried(&self) {}
    fn limited(&self) {}
    fn credential_refused(&self) {}
    fn queued(&self, _: Duration) {}
    fn turned_away(&self) {}
    fn refused(&self, _: Rule) {}
}

/// Tells the rule that kept a request from leaving, if one did.
pub(super) fn tell_refusal(observer: &dyn Observer, error: &Error) {
    if let Some(refusal) = StdError::source(error).and_then(|source| source.downcast_ref::<Refusal>()) {
        observer.refused(refusal.rule());
    }
}
