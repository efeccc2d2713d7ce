//! Whose token it is, and what it may do: scopes and the administrator role of the person behind it.

use super::error::{Refusal, Result};
use super::model::{FULL_ADMINISTRATOR, PersonAt, USER_ADMINISTRATOR};
use super::state::State;
use crate::harness::Call;

/// The person a call is made for.
pub(super) struct Caller {
    pub(super) at: PersonAt,
    pub(super) uuid: String,
    pub(super) token: String,
    pub(super) expires_ms: i64,
    scopes: Vec<String>,
    roles: Vec<String>,
}

/// The caller behind a bearer token. Who has left or may not sign in has none.
pub(super) fn caller(state: &State, call: &Call, now_ms: i64) -> Result<Caller> {
    let token = call.bearer().ok_or_else(Refusal::unauthorized)?;
    let (grant, expires_ms) = state.tokens.check(token, now_ms).ok_or_else(Refusal::unauthorized)?;
    let at = state.org.person_at(&grant.person).ok_or_else(Refusal::unauthorized)?;
    let person = state.org.people.get(&at).filter(|person| person.login_enabled);
    let person = person.ok_or_else(Refusal::unauthorized)?;
    Ok(Caller {
        at,
        uuid: grant.person.clone(),
        token: token.to_owned(),
        expires_ms,
        scopes: grant.scopes.clone(),
        roles: person.roles.clone(),
    })
}

impl Caller {
    pub(super) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held == scope)
    }

    pub(super) fn is_administrator(&self) -> bool {
        !self.roles.is_empty()
    }

    /// Whether people may be written: read-only and other administrators may not.
    fn manages_people(&self) -> bool {
        let mighty = |role: &String| [FULL_ADMINISTRATOR, USER_ADMINISTRATOR].contains(&role.as_str());
        self.roles.iter().any(mighty)
    }

    /// The scope to write people, those named beside it, and the role that may.
    pub(super) fn needs_people_manager(&self, state: &State, beside: &[&str]) -> Result<()> {
        self.needs(state, &["spark-admin:people_write"])?;
        self.needs(state, beside)?;
        if self.manages_people() {
            return Ok(());
        }
        Err(Refusal::forbidden(&state.options, "The user's role may not change people."))
    }

    /// All of these scopes.
    pub(super) fn needs(&self, state: &State, scopes: &[&str]) -> Result<()> {
        match scopes.iter().find(|scope| !self.has(scope)) {
            None => Ok(()),
            Some(missing) => {
                Err(Refusal::forbidden(&state.options, format!("The token lacks the scope {missing}.")))
            }
        }
    }

    /// These scopes, and any administrator role.
    pub(super) fn needs_administrator(&self, state: &State, scopes: &[&str]) -> Result<()> {
        self.needs(state, scopes)?;
        if self.is_administrator() {
            return Ok(());
        }
        Err(Refusal::forbidden(&state.options, "The user is not an administrator of the organization."))
    }
}
