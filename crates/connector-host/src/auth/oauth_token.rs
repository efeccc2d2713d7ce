//! `POST /oauth/token`: client credentials become a short-lived access token (RFC 6749 sections 4.4 and 5).

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Extension, Json, Router,
    body::to_bytes,
    extract::{Request, State},
    response::{IntoResponse as _, Response},
    routing::post,
};
use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use connector_core::secret::Secret;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use percent_encoding::percent_decode_str;
use serde_json::json;
use url::form_urlencoded;

use super::{
    Caller,
    access_token::{AccessToken, LIFETIME},
    known::Client,
};
use crate::{
    app::App,
    store::{hash_of_client_secret, unix_now},
};

/// Where it is.
pub(crate) const PATH: &str = "/oauth/token";

/// The one scope there is: all of the instance's SCIM.
const SCOPE: &str = "scim";

/// The largest request, in bytes.
const MAX_BODY: usize = 16 << 10;

const CHALLENGE: &str = r#"Basic realm="connector-host", charset="UTF-8""#;

/// The endpoint.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new().route(PATH, post(answer))
}

/// Why no token is given: the codes of RFC 6749 section 5.2, and one for what is wrong on this side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// The request has not the form it must have.
    InvalidRequest(&'static str),
    /// Nobody, or not who it says.
    InvalidClient(&'static str),
    /// A client that may not have a token.
    UnauthorizedClient(&'static str),
    /// Another grant than client credentials.
    UnsupportedGrantType,
    /// A scope that is none of ours.
    InvalidScope(&'static str),
    /// No token can be sealed.
    NotOffered,
    /// The client cannot be looked up now.
    Unavailable,
}

impl Refusal {
    /// Status, code, and what a person can do about it, in the characters that the RFC allows.
    const fn answer(self) -> (StatusCode, &'static str, &'static str) {
        const BAD: StatusCode = StatusCode::BAD_REQUEST;
        match self {
            Self::InvalidRequest(what) => (BAD, "invalid_request", what),
            Self::InvalidClient(what) => (StatusCode::UNAUTHORIZED, "invalid_client", what),
            Self::UnauthorizedClient(what) => (BAD, "unauthorized_client", what),
            Self::UnsupportedGrantType => {
                (BAD, "unsupported_grant_type", "the grant_type must be client_credentials")
            }
            Self::InvalidScope(what) => (BAD, "invalid_scope", what),
            Self::NotOffered => (
                StatusCode::NOT_IMPLEMENTED,
                "server_error",
                "this host has no store.encryption_key, which seals access tokens; use a token of \
                 connector-host token create",
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                "the client cannot be checked now; send the request again",
            ),
        }
    }
}

async fn answer(State(app): State<Arc<App>>, request: Request) -> Response {
    let mut response = match grant(&app, request).await {
        Ok(Granted { token, caller, scope }) => {
            let mut body = json!({
                "access_token": token.expose(),
                "token_type": "Bearer",
                "expires_in": LIFETIME,
            });
            if let Some(scope) = scope {
                body["scope"] = scope.into();
            }
            (Extension(caller), Json(body)).into_response()
        }
        Err(refusal) => {
            let (status, error, description) = refusal.answer();
            tracing::info!(error, description, "no access token is given");
            if matches!(refusal, Refusal::InvalidClient(_)) {
                app.slowdown.failed(PATH).await;
            }
            let body = Json(json!({ "error": error, "error_description": description }));
            (status, body).into_response()
        }
    };
    let status = response.status();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE));
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

struct Granted {
    token: Secret,
    /// For the log.
    caller: Caller,
    /// Where it is not what was asked for.
    scope: Option<&'static str>,
}

async fn grant(app: &App, request: Request) -> Result<Granted, Refusal> {
    let basic = basic(request.headers())?;
    let form = form(request).await?;
    let (client_id, secret) = credentials(basic, &form)?;
    let sealer = app.store.sealer().ok_or(Refusal::NotOffered)?;
    let client = authenticate(app, &client_id, &secret).await?;
    if app.instances.get(&client.instance).is_none() {
        return Err(Refusal::UnauthorizedClient("the instance of this client is not configured"));
    }
    match form.get("grant_type").map(String::as_str) {
        Some("client_credentials") => {}
        Some(_) => return Err(Refusal::UnsupportedGrantType),
        None => return Err(Refusal::InvalidRequest("the form lacks grant_type=client_credentials")),
    }
    let scope = scope(form.get("scope").map(String::as_str))?;
    let token =
        AccessToken { expires_at: unix_now() + LIFETIME, client_id, instance: client.instance.to_string() };
    client.mark_used();
    let token = token.seal(sealer).map_err(|error| {
        tracing::error!(%error, "no access token can be made");
        Refusal::Unavailable
    })?;
    let caller = Caller { instance: client.instance.clone(), name: client.caller.clone() };
    Ok(Granted { token, caller, scope })
}

async fn authenticate(app: &App, client_id: &str, secret: &Secret) -> Result<Arc<Client>, Refusal> {
    let hash = hash_of_client_secret(secret.expose());
    let mut found = app.known.client(client_id);
    if found.is_none() {
        // It may have been made a moment ago.
        app.known.look_again(&app.store).await.map_err(|error| {
            tracing::error!(%error, "an unknown client cannot be looked up");
            Refusal::Unavailable
        })?;
        found = app.known.client(client_id);
    }
    found
        .filter(|client| client.has_secret(&hash))
        .ok_or(Refusal::InvalidClient("no client has this id and secret"))
}

/// Id and secret of a client.
type Credentials = (String, Secret);

/// What stands in the `Authorization` header.
fn basic(headers: &HeaderMap) -> Result<Option<Credentials>, Refusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Refusal::InvalidRequest("there is more than one Authorization header"));
    }
    let odd = Refusal::InvalidClient("the Authorization header is not Basic with client id and secret");
    let (scheme, encoded) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(odd)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(odd);
    }
    let decoded =
        BASE64.decode(encoded.trim_matches(' ')).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let decoded = decoded.map(Secret::new).ok_or(odd)?;
    let (id, secret) = decoded.expose().split_once(':').ok_or(odd)?;
    Ok(Some((form_decoded(id), Secret::new(form_decoded(secret)))))
}

/// Some clients leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Ids and secrets are form-encoded before they are joined (RFC 6749 section 2.3.1). Ours are the same with and without,
/// so it does not matter that many clients leave it out.
fn form_decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// The parameters of the body. Those without a value count as left out, those that nobody knows do not matter (RFC 6749
/// section 3.2).
async fn form(request: Request) -> Result<BTreeMap<String, String>, Refusal> {
    let kind = request.headers().get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
    let kind = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
    if !kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")) {
        return Err(Refusal::InvalidRequest("the body must be application/x-www-form-urlencoded"));
    }
    let body = to_bytes(request.into_body(), MAX_BODY)
        .await
        .map_err(|_| Refusal::InvalidRequest("the body is too large, or did not arrive"))?;
    let mut form = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(&body).filter(|(_, value)| !value.is_empty()) {
        if form.insert(name.into_owned(), value.into_owned()).is_some() {
            return Err(Refusal::InvalidRequest("the form has a parameter twice"));
        }
    }
    Ok(form)
}

/// Exactly one way of authenticating. The id alone in the form is none, many clients send it beside the header.
fn credentials(basic: Option<Credentials>, form: &BTreeMap<String, String>) -> Result<Credentials, Refusal> {
    match (basic, form.get("client_id"), form.get("client_secret")) {
        (Some(_), _, Some(_)) => {
            Err(Refusal::InvalidRequest("the client authenticates by header and by form; use one of them"))
        }
        (Some((id, _)), Some(other), None) if id != *other => {
            Err(Refusal::InvalidRequest("header and form name different clients"))
        }
        (Some(basic), _, None) => Ok(basic),
        (None, Some(id), Some(secret)) => Ok((id.clone(), Secret::new(secret.clone()))),
        (None, _, _) => Err(Refusal::InvalidClient("the client id and the secret are missing")),
    }
}

/// What is granted, where that must be told: whoever asks for more than [`SCOPE`] gets it alone.
fn scope(asked: Option<&str>) -> Result<Option<&'static str>, Refusal> {
    match asked {
        None | Some(SCOPE) => Ok(None),
        Some(asked) if asked.split(' ').any(|scope| scope == SCOPE) => Ok(Some(SCOPE)),
        Some(_) => Err(Refusal::InvalidScope("the only scope is scim; it may be left out")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authorization(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(value))])
    }

    fn parameters(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn shown((id, secret): Credentials) -> (String, String) {
        (id, secret.expose().to_owned())
    }

    #[test]
    fn a_basic_header_is_decoded_twice_and_padding_does_not_matter() {
        // "a%3Ab:s+%2B" is id "a:b", secret "s +".
        for value in ["Basic YSUzQWI6cyslMkI=", "basic YSUzQWI6cyslMkI", "Basic  YSUzQWI6cyslMkI= "] {
            let found = basic(&authorization(value)).unwrap().map(shown);
            assert_eq!(found, Some(("a:b".to_owned(), "s +".to_owned())), "{value}");
        }
        assert!(basic(&HeaderMap::new()).unwrap().is_none());
        for odd in ["Bearer YTpi", "Basic", "Basic !", "Basic YWI="] {
            assert!(matches!(basic(&authorization(odd)), Err(Refusal::InvalidClient(_))), "{odd}");
        }
        let twice: HeaderMap = [authorization("Basic YTpi"), authorization("Basic YTpi")]
            .into_iter()
            .flat_map(|headers| headers.into_iter().map(|(name, value)| (name.unwrap(), value)))
            .fold(HeaderMap::new(), |mut all, (name, value)| {
                all.append(name, value);
                all
            });
        assert!(matches!(basic(&twice), Err(Refusal::InvalidRequest(_))));
    }

    #[test]
    fn there_is_exactly_one_way_of_authenticating() {
        let header = || Some(("a".to_owned(), Secret::new("s")));
        let both = [("client_id", "a"), ("client_secret", "s")];
        let expected = ("a".to_owned(), "s".to_owned());
        assert_eq!(shown(credentials(header(), &parameters(&[])).unwrap()), expected);
        assert_eq!(
            shown(credentials(header(), &parameters(&both[..1])).unwrap()),
            expected,
            "the id beside it"
        );
        assert_eq!(shown(credentials(None, &parameters(&both)).unwrap()), expected);
        for (basic, form) in
            [(header(), &both[..]), (header(), &both[1..]), (header(), &[("client_id", "b")])]
        {
            assert!(
                matches!(credentials(basic, &parameters(form)), Err(Refusal::InvalidRequest(_))),
                "{form:?}"
            );
        }
        for form in [&[][..], &both[..1], &both[1..]] {
            assert!(
                matches!(credentials(None, &parameters(form)), Err(Refusal::InvalidClient(_))),
                "{form:?}"
            );
        }
    }

    #[test]
    fn the_only_scope_is_granted_and_told_where_more_was_asked_for() {
        assert_eq!(scope(None), Ok(None));
        assert_eq!(scope(Some("scim")), Ok(None));
        assert_eq!(scope(Some("openid scim")), Ok(Some("scim")));
        for odd in ["admin", "SCIM", "scim.read"] {
            assert!(matches!(scope(Some(odd)), Err(Refusal::InvalidScope(_))), "{odd}");
        }
    }

    #[test]
    fn descriptions_have_only_the_characters_that_the_rfc_allows() {
        for refusal in [Refusal::UnsupportedGrantType, Refusal::NotOffered, Refusal::Unavailable] {
            let (_, _, text) = refusal.answer();
            assert!(text.bytes().all(|b| matches!(b, 0x20..=0x7e) && !matches!(b, b'"' | b'\\')), "{text}");
        }
    }
}
