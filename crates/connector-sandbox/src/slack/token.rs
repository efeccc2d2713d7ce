//! Tokens: what they may do, how long they live, how a refresh replaces them.

use std::collections::HashMap;

use super::error::{Refusal, Result};
use super::model::{Rank, UserAt};
use super::options::Options;
use super::org::Org;
use crate::rng::Rng;

/// The organisation.
pub(super) const ENTERPRISE_TEAM: (&str, &str) = ("E0ACMEORG1", "Acme Org");
/// Workspaces of the organisation, and one of no organisation.
pub(super) const WORKSPACES: [(&str, &str); 3] =
    [("T0ACMELON1", "Acme London"), ("T0ACMEBER1", "Acme Berlin"), (LONE_WORKSPACE, "Lone Team")];
/// A workspace that belongs to no organisation.
pub(super) const LONE_WORKSPACE: &str = "T0LONETEAM";
/// Life of an expiring token.
pub(super) const EXPIRES_IN_SECS: i64 = 43_200;

const ALPHABET: &str = "0123456789abcdef";

/// Where an app is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Install {
    Organisation,
    /// An entry of [`WORKSPACES`].
    Workspace(usize),
}

impl Install {
    /// By the id of an organisation or workspace.
    pub(super) fn parse(id: &str) -> Option<Self> {
        if id == ENTERPRISE_TEAM.0 {
            return Some(Self::Organisation);
        }
        WORKSPACES.iter().position(|(team, _)| *team == id).map(Self::Workspace)
    }

    /// Id and name of the workspace.
    pub(super) fn team(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Organisation => None,
            Self::Workspace(at) => Some(WORKSPACES[at]),
        }
    }

    /// Id and name of the organisation.
    pub(super) fn enterprise(self) -> Option<(&'static str, &'static str)> {
        let lone = self.team().is_some_and(|(id, _)| id == LONE_WORKSPACE);
        (!lone).then_some(ENTERPRISE_TEAM)
    }
}

/// What was granted.
#[derive(Clone)]
pub(super) struct Grant {
    pub(super) user: UserAt,
    pub(super) scopes: String,
    pub(super) install: Install,
}

/// An access token's record. The token itself is the key it is found by.
pub(super) struct Token {
    pub(super) grant: Grant,
    pub(super) expires_ms: Option<i64>,
    pub(super) revoked_ms: Option<i64>,
    /// How many tokens were given before it.
    age: usize,
}

impl Token {
    fn is_active(&self, now_ms: i64) -> bool {
        self.revoked_ms.is_none_or(|at| now_ms < at) && self.expires_ms.is_none_or(|at| now_ms < at)
    }
}

/// A refresh token's record.
struct Refresh {
    access: String,
    grant: Grant,
    used_ms: Option<i64>,
}

/// Why a token is not good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bad {
    Missing,
    Unknown,
    Revoked,
    Expired,
    AccountInactive,
}

/// An access token, with a refresh token when it expires.
pub(super) struct Pair {
    pub(super) access: String,
    pub(super) refresh: Option<String>,
}

/// All tokens ever given.
pub(super) struct Tokens {
    access: HashMap<String, Token>,
    refresh: HashMap<String, Refresh>,
    rng: Rng,
}

impl Tokens {
    pub(super) fn new(rng: Rng) -> Self {
        Self { access: HashMap::new(), refresh: HashMap::new(), rng }
    }

    /// Gives a token that lives for ever.
    pub(super) fn give(&mut self, grant: Grant) -> String {
        let token = format!("xoxp-{}-{}", self.rng.word("0123456789", 12), self.rng.word(ALPHABET, 32));
        let age = self.access.len();
        self.access.insert(token.clone(), Token { grant, expires_ms: None, revoked_ms: None, age });
        token
    }

    /// Gives what the app is set up for: an expiring pair, or a token that lives for ever.
    pub(super) fn issue(&mut self, grant: Grant, options: &Options, now_ms: i64) -> Pair {
        if !options.token_rotation {
            return Pair { access: self.give(grant), refresh: None };
        }
        let access = format!("xoxe.xoxp-1-{}", self.rng.word(ALPHABET, 64));
        let refresh = format!("xoxe-1-{}", self.rng.word(ALPHABET, 64));
        let expires_ms = Some(now_ms + EXPIRES_IN_SECS * 1000);
        let age = self.access.len();
        self.access.insert(access.clone(), Token { grant: grant.clone(), expires_ms, revoked_ms: None, age });
        self.end_beyond(options.active_tokens, &grant, now_ms);
        self.refresh.insert(refresh.clone(), Refresh { access: access.clone(), grant, used_ms: None });
        Pair { access, refresh: Some(refresh) }
    }

    /// Replaces a pair. None when the refresh token is unknown or was used before.
    pub(super) fn refresh(&mut self, refresh: &str, options: &Options, now_ms: i64) -> Option<(Grant, Pair)> {
        let record = self.refresh.get_mut(refresh)?;
        if let Some(used_ms) = record.used_ms
            && now_ms >= used_ms.saturating_add_unsigned(options.refresh_reuse_ms)
        {
            return None;
        }
        record.used_ms.get_or_insert(now_ms);
        let grant = record.grant.clone();
        let until = now_ms.saturating_add_unsigned(options.rotation_grace_ms);
        if let Some(old) = self.access.get_mut(&record.access) {
            old.revoked_ms.get_or_insert(until);
        }
        let rotating = Options { token_rotation: true, ..options.clone() };
        let pair = self.issue(grant.clone(), &rotating, now_ms);
        Some((grant, pair))
    }

    /// Ends the oldest expiring tokens of a grant, so that no more than so many are active.
    fn end_beyond(&mut self, most: usize, grant: &Grant, now_ms: i64) {
        let same = |token: &Token| {
            token.expires_ms.is_some()
                && token.grant.user == grant.user
                && token.grant.install == grant.install
                && token.is_active(now_ms)
        };
        let mut active: Vec<&mut Token> = self.access.values_mut().filter(|token| same(token)).collect();
        active.sort_by_key(|token| token.age);
        let beyond = active.len().saturating_sub(most);
        for token in active.into_iter().take(beyond) {
            token.revoked_ms = Some(now_ms);
        }
    }

    pub(super) fn revoke(&mut self, token: &str, now_ms: i64) {
        if let Some(token) = self.access.get_mut(token) {
            token.revoked_ms = Some(now_ms);
        }
    }

    /// The record of a token that is good.
    pub(super) fn check(&self, token: Option<&str>, org: &Org, now_ms: i64) -> Result<&Token, Bad> {
        let token = self.access.get(token.ok_or(Bad::Missing)?).ok_or(Bad::Unknown)?;
        if token.revoked_ms.is_some_and(|at| now_ms >= at) {
            return Err(Bad::Revoked);
        }
        if token.expires_ms.is_some_and(|at| now_ms >= at) {
            return Err(Bad::Expired);
        }
        if !org.users[token.grant.user].active {
            return Err(Bad::AccountInactive);
        }
        Ok(token)
    }

    /// The rights a SCIM call has by this credential.
    pub(super) fn authenticate(
        &self,
        authorization: Option<&str>,
        bearer: Option<&str>,
        org: &Org,
        options: &Options,
        now_ms: i64,
    ) -> Result<Rank> {
        let invalid = || Refusal::new(401, "invalid_authentication");
        if authorization.is_none() {
            return Err(Refusal::new(401, "missing_authentication"));
        }
        let token = self.check(bearer, org, now_ms).map_err(|bad| match bad {
            Bad::Expired => Refusal::new(401, options.expired_token_description.clone()),
            Bad::Missing | Bad::Unknown | Bad::Revoked | Bad::AccountInactive => invalid(),
        })?;
        let rank = org.users[token.grant.user].rank;
        let has_scope = token.grant.scopes.split(',').any(|scope| scope == "admin");
        if !has_scope || rank < Rank::Admin {
            return Err(invalid());
        }
        if token.grant.install != Install::Organisation {
            return Err(Refusal::bad("non_org_teams_only"));
        }
        Ok(rank)
    }
}
