//! What a consent brought, as it is sealed into the store.

use connector_core::{oauth::Granted, secret::Secret};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A credential that somebody consented to.
#[derive(Clone, Serialize, Deserialize)]
pub struct Grant {
    #[serde(with = "text")]
    pub(super) access_token: Secret,
    #[serde(with = "optional_text")]
    pub(super) refresh_token: Option<Secret>,
    /// The client it was given to: of no use to another.
    pub client_id: String,
    /// When somebody consented, in seconds since 1970, as all times here.
    pub consented_at: i64,
    /// When it was last refreshed.
    pub refreshed_at: Option<i64>,
    /// When the access token ends; `None`: it does not.
    pub expires_at: Option<i64>,
    /// When the refresh token ends, where the vendor says.
    pub refresh_expires_at: Option<i64>,
    /// As granted.
    pub scopes: Vec<String>,
    /// Who consented.
    pub account: Option<String>,
    /// For which organisation.
    pub organization: Option<String>,
    /// Why it is of no use any more: the vendor said so.
    pub lost: Option<Event>,
    /// The last refresh that failed, for the operator.
    pub last_failure: Option<Event>,
}

/// Something that happened to a grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Seconds since 1970.
    pub at: i64,
    /// What, as a sentence without a full stop.
    pub what: String,
}

impl Grant {
    /// From the answer to a code exchange.
    pub fn new(granted: &Granted, client_id: &str, asked: &[&str], now: i64) -> Self {
        let asked = || asked.iter().map(|scope| (*scope).to_owned()).collect();
        Self {
            access_token: granted.access_token.clone(),
            refresh_token: granted.refresh_token.clone(),
            client_id: client_id.to_owned(),
            consented_at: now,
            refreshed_at: None,
            expires_at: end(now, granted.expires_in),
            refresh_expires_at: end(now, granted.refresh_token_expires_in),
            scopes: granted.scopes.clone().unwrap_or_else(asked),
            account: granted.account.clone(),
            organization: granted.organization.clone(),
            lost: None,
            last_failure: None,
        }
    }

    /// What it is after the answer to a refresh: a refresh token that did not come again stays.
    pub fn refreshed(&self, granted: &Granted, now: i64) -> Self {
        Self {
            access_token: granted.access_token.clone(),
            refresh_token: granted.refresh_token.clone().or_else(|| self.refresh_token.clone()),
            refreshed_at: Some(now),
            expires_at: end(now, granted.expires_in),
            refresh_expires_at: end(now, granted.refresh_token_expires_in).or(self.refresh_expires_at),
            scopes: granted.scopes.clone().unwrap_or_else(|| self.scopes.clone()),
            last_failure: None,
            ..self.clone()
        }
    }

    /// The text that is sealed.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(serde_json::to_vec(self).expect("a grant always serialises"))
    }

    /// Reads what [`Grant::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// Whether it can be refreshed at all.
    pub const fn is_renewable(&self) -> bool {
        self.refresh_token.is_some() && self.lost.is_none()
    }

    /// Whether the access token has ended, or does so within a minute of `now` (a short-lived one within a tenth of its
    /// life): a request takes its time.
    pub fn is_expired(&self, now: i64) -> bool {
        self.expires_at.is_some_and(|end| end <= now + ((end - self.issued_at()) / 10).clamp(0, 60))
    }

    /// Whether the access token has ended.
    pub fn has_ended(&self, now: i64) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// Whether both hold the tokens of the same answer of the vendor, whatever was noted about them since.
    pub fn is_of_one_answer_with(&self, other: &Self) -> bool {
        self.access_token.expose() == other.access_token.expose()
            && (self.issued_at(), self.expires_at) == (other.issued_at(), other.expires_at)
    }

    /// Whether giving one back would end the other.
    pub fn shares_a_token_with(&self, other: &Self) -> bool {
        let same = |one: &Secret, two: &Secret| one.expose() == two.expose();
        let refresh = self.refresh_token.as_ref().zip(other.refresh_token.as_ref());
        same(&self.access_token, &other.access_token) || refresh.is_some_and(|(one, two)| same(one, two))
    }

    /// When the tokens in it were issued.
    pub fn issued_at(&self) -> i64 {
        self.refreshed_at.unwrap_or(self.consented_at)
    }
}

/// A life of no seconds is a vendor's way to say nothing: taken at its word, every request would refresh.
fn end(now: i64, life: Option<u64>) -> Option<i64> {
    life.filter(|life| *life > 0).map(|life| now.saturating_add(i64::try_from(life).unwrap_or(i64::MAX)))
}

impl std::fmt::Debug for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Grant")
            .field("expires_at", &self.expires_at)
            .field("lost", &self.lost)
            .finish_non_exhaustive()
    }
}

/// A secret inside the one document that is sealed.
mod text {
    use connector_core::secret::Secret;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(secret: &Secret, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(secret.expose())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Secret, D::Error> {
        String::deserialize(from).map(Secret::new)
    }
}

/// The same where there may be none.
mod optional_text {
    use connector_core::secret::Secret;
    use serde::{Deserialize as _, Deserializer, Serializer};

    #[expect(clippy::ref_option, reason = "serde hands over the field")]
    pub(super) fn serialize<S: Serializer>(secret: &Option<Secret>, to: S) -> Result<S::Ok, S::Error> {
        match secret {
            Some(secret) => to.serialize_some(secret.expose()),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Secret>, D::Error> {
        Ok(Option::<String>::deserialize(from)?.map(Secret::new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted() -> Granted {
        Granted {
            access_token: Secret::new("access-1"),
            refresh_token: Some(Secret::new("refresh-1")),
            expires_in: Some(43_200),
            ..Granted::default()
        }
    }

    #[test]
    fn a_grant_is_read_as_it_was_written_and_never_printed() {
        let grant = Grant::new(&granted(), "client", &["admin"], 1_000);
        let again = Grant::from_bytes(&grant.to_bytes()).unwrap();
        assert_eq!(again.access_token.expose(), "access-1");
        assert_eq!(again.refresh_token.as_ref().map(Secret::expose), Some("refresh-1"));
        assert_eq!((again.expires_at, again.scopes), (Some(44_200), vec!["admin".to_owned()]));
        let printed = format!("{grant:?}");
        assert!(!printed.contains("access-1") && !printed.contains("refresh-1"), "{printed}");
    }

    #[test]
    fn a_refresh_answer_without_refresh_token_keeps_the_old_one() {
        let grant = Grant::new(&granted(), "client", &[], 1_000);
        let answer =
            Granted { access_token: Secret::new("access-2"), expires_in: Some(10), ..Granted::default() };
        let after = grant.refreshed(&answer, 2_000);
        assert_eq!(after.access_token.expose(), "access-2");
        assert_eq!(after.refresh_token.as_ref().map(Secret::expose), Some("refresh-1"));
        assert_eq!(
            (after.expires_at, after.refreshed_at, after.consented_at),
            (Some(2_010), Some(2_000), 1_000)
        );
    }

    #[test]
    fn a_token_without_an_end_never_expires() {
        for life in [None, Some(0)] {
            let answer = Granted { expires_in: life, ..granted() };
            assert!(!Grant::new(&answer, "client", &[], 0).is_expired(i64::MAX - 100));
        }
        let grant = Grant::new(&granted(), "client", &[], 0);
        assert!(!grant.is_expired(43_139) && grant.is_expired(43_140));
    }
}
