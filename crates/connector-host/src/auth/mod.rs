//! Who calls: SCIM clients with a bearer token of ours, an access token of `POST /oauth/token`, or a JWT of an issuer that
//! the instance trusts.

mod access_token;
mod jwt;
mod known;
mod oauth_token;
mod slowdown;

use std::{fmt, sync::Arc};

use connector_core::error::{Error, Kind};
use http::{HeaderMap, header::AUTHORIZATION};

use crate::{
    app::App,
    store::{self, unix_now},
};

pub use jwt::Jwts;
pub use known::Known;
pub(crate) use oauth_token::{PATH as TOKEN_PATH, router as oauth_token};
pub(crate) use slowdown::Slowdown;

use access_token::AccessToken;

/// An authenticated client of one instance.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The instance its token opens; the one that was asked for.
    pub instance: Arc<str>,
    /// `token:NAME`, `client:NAME` or `jwt:SUBJECT`: for logs, the audit, and as part of keys that must not be shared between
    /// callers.
    pub name: Arc<str>,
}

/// Why nobody was authenticated. The text never says whether instance or token exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthError {
    /// There is no `Authorization` header.
    Missing,
    /// The header is not `Bearer TOKEN`.
    Malformed,
    /// The token does not open this instance.
    Invalid,
    /// The token is not known here and who knows does not answer: 503, as a client that reads 401 may give up for good.
    Unavailable,
}

impl AuthError {
    /// The `WWW-Authenticate` header of a 401 (RFC 6750 section 3).
    pub const fn challenge(self) -> Option<&'static str> {
        Some(match self {
            Self::Missing => r#"Bearer realm="connector-host""#,
            Self::Malformed => r#"Bearer realm="connector-host", error="invalid_request""#,
            Self::Invalid => r#"Bearer realm="connector-host", error="invalid_token""#,
            Self::Unavailable => return None,
        })
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "the request has no Authorization header; send `Authorization: Bearer TOKEN`",
            Self::Malformed => "the Authorization header is not `Bearer TOKEN`",
            Self::Invalid => "the bearer token does not open this instance",
            Self::Unavailable => "the bearer token cannot be checked now; send the request again",
        })
    }
}

impl std::error::Error for AuthError {}

impl From<AuthError> for Error {
    fn from(error: AuthError) -> Self {
        let kind = match error {
            AuthError::Missing | AuthError::Malformed | AuthError::Invalid => Kind::Unauthenticated,
            AuthError::Unavailable => Kind::Unavailable,
        };
        Self::new(kind, error.to_string())
    }
}

/// The longest token that is looked at. JWTs that list a person's groups are long.
const LONGEST: usize = 16 << 10;

/// Finds the caller by the request's bearer token. A token of one instance is nothing on another. A valid token is never
/// delayed; failures that repeat are, by at most a second each.
pub async fn authenticate(app: &App, instance: &str, headers: &HeaderMap) -> Result<Caller, AuthError> {
    let failed = match bearer(headers) {
        Ok(token) => match find(app, instance, token).await {
            Ok(caller) => return Ok(caller),
            Err(AuthError::Unavailable) => return Err(AuthError::Unavailable),
            Err(error) => error,
        },
        Err(error) => error,
    };
    app.slowdown.failed(instance).await;
    Err(failed)
}

/// The one bearer token of a request.
pub(crate) fn bearer(headers: &HeaderMap) -> Result<&str, AuthError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(AuthError::Missing)?;
    if values.next().is_some() {
        return Err(AuthError::Malformed);
    }
    let (scheme, token) =
        value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(AuthError::Malformed)?;
    let token = token.trim_matches(' ');
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= LONGEST {
        Ok(token)
    } else {
        Err(AuthError::Malformed)
    }
}

async fn find(app: &App, instance: &str, token: &str) -> Result<Caller, AuthError> {
    let caller = match app.jwts.of(instance) {
        _ if token.starts_with(access_token::PREFIX) => by_access_token(app, token).await?,
        Some(jwt) if jwt::is_one(token) => jwt.verify(token).await?,
        _ => by_token(app, token).await?,
    };
    caller.filter(|caller| *caller.instance == *instance).ok_or(AuthError::Invalid)
}

async fn by_token(app: &App, token: &str) -> Result<Option<Caller>, AuthError> {
    let hash = store::hash_of_token(token);
    let mut found = app.known.token(&hash);
    if found.is_none() {
        // It may have been made a moment ago.
        look_again(app).await?;
        found = app.known.token(&hash);
    }
    Ok(found.map(|token| Caller { instance: token.instance.clone(), name: token.caller.clone() }))
}

/// The token says itself whose it is; only whether that client is still there must be looked up, in memory.
async fn by_access_token(app: &App, token: &str) -> Result<Option<Caller>, AuthError> {
    let opened = app.store.sealer().and_then(|sealer| AccessToken::open(sealer, token, unix_now()));
    let Some(AccessToken { client_id, instance, .. }) = opened else { return Ok(None) };
    let mut found = app.known.client(&client_id);
    if found.is_none() {
        // It may have been made a moment ago, and its token by another replica.
        look_again(app).await?;
        found = app.known.client(&client_id);
    }
    Ok(found.filter(|client| *client.instance == *instance).map(|client| {
        client.mark_used();
        Caller { instance: client.instance.clone(), name: client.caller.clone() }
    }))
}

async fn look_again(app: &App) -> Result<(), AuthError> {
    app.known.look_again(&app.store).await.map_err(|error| {
        tracing::error!(%error, "an unknown token cannot be looked up");
        AuthError::Unavailable
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_header_is_one_bearer_token() {
        let headers = |values: &[&'static str]| {
            values.iter().map(|value| (AUTHORIZATION, HeaderValue::from_static(value))).collect::<HeaderMap>()
        };
        assert_eq!(bearer(&headers(&[])), Err(AuthError::Missing));
        assert_eq!(bearer(&headers(&["Bearer chs_x"])), Ok("chs_x"));
        assert_eq!(bearer(&headers(&["bearer  chs_x "])), Ok("chs_x"), "schemes have no case");
        for odd in [&["Basic YTpi"][..], &["Bearer"], &["Bearer "], &["chs_x"], &["Bearer a", "Bearer b"]] {
            assert_eq!(bearer(&headers(odd)), Err(AuthError::Malformed), "{odd:?}");
        }
    }
}
