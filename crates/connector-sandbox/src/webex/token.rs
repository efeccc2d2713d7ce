//! Tokens: whose they are, how long they live, how a refresh renews them.

use std::collections::HashMap;

use super::options::{Options, RefreshToken};
use crate::rng::Rng;

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// What was granted, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    /// UUID of the person who consented.
    pub(super) person: String,
    pub(super) scopes: Vec<String>,
}

/// An access token's record. The token itself is the key it is found by.
struct Access {
    grant: Grant,
    given_ms: i64,
    expires_ms: i64,
    /// Given by a refresh, so that another refresh soon after gives it again.
    refreshed: bool,
    revoked_ms: Option<i64>,
}

/// A refresh token's record.
struct Refresh {
    grant: Grant,
    expires_ms: i64,
    /// The access tokens made from it, the newest last.
    made: Vec<String>,
    revoked: bool,
}

/// What the token endpoint gives, with the seconds each has to live.
pub(super) struct Pair {
    pub(super) access: String,
    pub(super) expires_in: i64,
    /// Left out of the answer where the switch says so.
    pub(super) refresh: Option<String>,
    pub(super) refresh_expires_in: i64,
    pub(super) grant: Grant,
}

/// All tokens ever given.
pub(super) struct Tokens {
    access: HashMap<String, Access>,
    refresh: HashMap<String, Refresh>,
    /// How every token ends: a cluster and the organization.
    suffix: String,
    rng: Rng,
}

impl Tokens {
    pub(super) fn new(org_uuid: &str, rng: Rng) -> Self {
        let suffix = format!("_P0A1_{org_uuid}");
        Self { access: HashMap::new(), refresh: HashMap::new(), suffix, rng }
    }

    /// Gives a first pair.
    pub(super) fn issue(&mut self, grant: Grant, options: &Options, now_ms: i64) -> Pair {
        let access = self.new_access(&grant, false, options, now_ms);
        let token = self.fresh();
        let record = Refresh {
            grant: grant.clone(),
            expires_ms: now_ms + millis(options.refresh_token_secs),
            made: vec![access.clone()],
            revoked: false,
        };
        self.refresh.insert(token.clone(), record);
        self.pair(access, Some(token), grant, options, now_ms)
    }

    /// Renews by a refresh token; None when it is unknown, expired or revoked.
    pub(super) fn refresh(&mut self, token: &str, options: &Options, now_ms: i64) -> Option<Pair> {
        let record = self.refresh.get(token).filter(|r| !r.revoked && now_ms < r.expires_ms)?;
        let (grant, last) = (record.grant.clone(), record.made.last().cloned().unwrap_or_default());
        let again = self.access.get(&last).is_some_and(|access| {
            access.refreshed
                && access.is_good(now_ms)
                && now_ms - access.given_ms < millis(options.same_access_token_secs)
        });
        let access = if again { last } else { self.new_access(&grant, true, options, now_ms) };
        let record = self.refresh.get_mut(token)?;
        record.expires_ms = now_ms + millis(options.refresh_token_secs);
        if record.made.last() != Some(&access) {
            record.made.push(access.clone());
        }
        if !options.previous_access_token_stays {
            for old in record.made.iter().filter(|old| **old != access) {
                if let Some(old) = self.access.get_mut(old) {
                    old.revoked_ms.get_or_insert(now_ms);
                }
            }
        }
        let told = match options.refresh_token_answer {
            RefreshToken::Unchanged => Some(token.to_owned()),
            RefreshToken::LeftOut => None,
            RefreshToken::Rotated => {
                let fresh = self.fresh();
                let record = self.refresh.remove(token)?;
                self.refresh.insert(fresh.clone(), record);
                Some(fresh)
            }
        };
        Some(self.pair(access, told, grant, options, now_ms))
    }

    /// Ends a token, and with a refresh token all that was made from it; says whether there was such a token.
    pub(super) fn revoke(&mut self, token: &str, options: &Options, now_ms: i64) -> bool {
        let until = now_ms.saturating_add_unsigned(options.revocation_lag_ms);
        let made = match self.refresh.get_mut(token) {
            Some(refresh) => {
                refresh.revoked = true;
                refresh.made.clone()
            }
            None => vec![token.to_owned()],
        };
        let mut known = self.refresh.contains_key(token);
        for token in made {
            if let Some(access) = self.access.get_mut(&token) {
                access.revoked_ms.get_or_insert(until);
                known = true;
            }
        }
        known
    }

    /// The grant of an access token that is good, and when it ends.
    pub(super) fn check(&self, token: &str, now_ms: i64) -> Option<(&Grant, i64)> {
        let access = self.access.get(token).filter(|access| access.is_good(now_ms))?;
        Some((&access.grant, access.expires_ms))
    }

    fn new_access(&mut self, grant: &Grant, refreshed: bool, options: &Options, now_ms: i64) -> String {
        let live = |access: &Access| access.grant.person == grant.person && access.is_good(now_ms);
        if self.access.values().filter(|access| live(access)).count() >= options.live_access_tokens {
            let oldest = self.access.values_mut().filter(|access| live(access)).min_by_key(|a| a.given_ms);
            if let Some(oldest) = oldest {
                oldest.revoked_ms = Some(now_ms);
            }
        }
        let token = self.fresh();
        let expires_ms = now_ms + millis(options.access_token_secs);
        let access =
            Access { grant: grant.clone(), given_ms: now_ms, expires_ms, refreshed, revoked_ms: None };
        self.access.insert(token.clone(), access);
        token
    }

    fn fresh(&mut self) -> String {
        format!("{}{}", self.rng.word(ALPHABET, 64), self.suffix)
    }

    fn pair(
        &self,
        access: String,
        refresh: Option<String>,
        grant: Grant,
        options: &Options,
        now_ms: i64,
    ) -> Pair {
        let expires_in = self.access.get(&access).map_or(0, |held| (held.expires_ms - now_ms) / 1000);
        let refresh_expires_in = i64::try_from(options.refresh_token_secs).unwrap_or(i64::MAX);
        Pair { access, expires_in, refresh, refresh_expires_in, grant }
    }
}

impl Access {
    fn is_good(&self, now_ms: i64) -> bool {
        now_ms < self.expires_ms && self.revoked_ms.is_none_or(|at| now_ms < at)
    }
}

/// Seconds as milliseconds.
pub(super) fn millis(secs: u64) -> i64 {
    i64::try_from(secs).unwrap_or(i64::MAX / 4000).saturating_mul(1000)
}
