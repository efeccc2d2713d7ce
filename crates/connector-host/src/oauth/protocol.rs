//! The OAuth 2.0 client (RFC 6749, 7636, 7009), over the one way out.

use std::{future::Future, pin::Pin, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use connector_core::{
    error::{Error, Kind, Result, Retry},
    http::{Endpoints, Observer, Outbound},
    oauth::{ClientAuthentication, Granted, Revocation, TokenAnswer, Unsuitable},
    secret::Secret,
};
use http::{HeaderValue, StatusCode, header};
use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet,
    EndpointSet, ExtraTokenFields, HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, RefreshToken, RequestTokenError, Scope, StandardRevocableToken, StandardTokenResponse,
    TokenResponse as _, TokenUrl,
    basic::{
        BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse,
        BasicTokenIntrospectionResponse, BasicTokenType,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::Instant;
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::Grant;
use crate::config::OAuthConfig;

/// How long the vendor's authorization server is given for one answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

type Client = oauth2::Client<
    BasicErrorResponse,
    StandardTokenResponse<Facts, BasicTokenType>,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// What a vendor says beside the fields of RFC 6749.
#[derive(Debug, Serialize, Deserialize)]
struct Facts {
    refresh_token_expires_in: Option<u64>,
    account: Option<String>,
    organization: Option<String>,
    unsuitable: Option<Unsuitable>,
}

impl ExtraTokenFields for Facts {}

/// This host as a client of one instance's authorization server.
#[derive(Debug)]
pub struct Protocol {
    config: OAuthConfig,
    endpoints: Endpoints,
}

/// What the administrator's browser is sent away with.
pub struct Departure {
    /// The vendor's page.
    pub url: String,
    /// To be shown at the exchange, where the vendor takes PKCE.
    pub verifier: Option<Secret>,
}

/// Why no token came.
#[derive(Debug)]
pub enum TokenFailure {
    /// The grant is not valid (any more): `invalid_grant`.
    Grant(String),
    /// Anything else the vendor refuses, a wrong client secret among it: asking again changes nothing until somebody
    /// changes something.
    Refused(String),
    /// It may work later.
    Later(Error),
}

impl Protocol {
    /// A client for this configuration.
    pub fn new(config: OAuthConfig, outbound: std::sync::Arc<Outbound>) -> Self {
        let mut endpoints = Endpoints::new(outbound)
            .with("token_url", config.token_url.clone())
            .with("revoke_url", config.revoke_url.clone());
        for (name, segment) in config.spec.siblings {
            endpoints = endpoints.with(*name, config.sibling(segment));
        }
        Self { config, endpoints }
    }

    /// Tells `observer` which of its requests were not allowed to leave.
    pub fn observed_by(self, observer: std::sync::Arc<dyn Observer>) -> Self {
        Self { endpoints: self.endpoints.observed_by(observer), ..self }
    }

    /// Every address this client may reach.
    pub const fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// As configured.
    pub const fn config(&self) -> &OAuthConfig {
        &self.config
    }

    fn client(&self) -> Client {
        let config = &self.config;
        oauth2::Client::new(ClientId::new(config.client_id.clone()))
            .set_client_secret(ClientSecret::new(config.client_secret.expose().to_owned()))
            .set_auth_type(match config.spec.client_authentication {
                ClientAuthentication::Basic => AuthType::BasicAuth,
                ClientAuthentication::Body => AuthType::RequestBody,
            })
            .set_auth_uri(AuthUrl::from_url(config.authorize_url.clone()))
            .set_token_uri(TokenUrl::from_url(config.token_url.clone()))
    }

    /// The vendor's page for this `state`.
    pub fn depart(&self, redirect_url: &str, state: &str) -> Result<Departure> {
        let spec = self.config.spec;
        let client = self.client().set_redirect_uri(redirect(redirect_url)?);
        let mut request = client.authorize_url(|| CsrfToken::new(state.to_owned()));
        if (spec.scope_parameter, spec.scope_separator) == ("scope", " ") {
            request = request.add_scopes(spec.scopes.iter().map(|scope| Scope::new((*scope).to_owned())));
        } else {
            request = request.add_extra_param(spec.scope_parameter, spec.scopes.join(spec.scope_separator));
        }
        let verifier = spec.pkce.then(PkceCodeChallenge::new_random_sha256);
        let (url, verifier) = match verifier {
            Some((challenge, verifier)) => {
                let (url, _) = request.set_pkce_challenge(challenge).url();
                (url, Some(Secret::new(verifier.secret())))
            }
            None => (request.url().0, None),
        };
        Ok(Departure { url: url.into(), verifier })
    }

    /// Exchanges a code (RFC 6749 section 4.1.3).
    pub async fn exchange(
        &self,
        code: &str,
        redirect_url: &str,
        verifier: Option<&Secret>,
    ) -> Result<Granted, TokenFailure> {
        let client = self.client().set_redirect_uri(redirect(redirect_url).map_err(TokenFailure::Later)?);
        let mut request = client.exchange_code(AuthorizationCode::new(code.to_owned()));
        if let Some(verifier) = verifier {
            request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier.expose().to_owned()));
        }
        request.request_async(&self.wire()).await.map(|answer| granted(&answer)).map_err(failure)
    }

    /// Exchanges a refresh token (RFC 6749 section 6).
    pub async fn refresh(&self, refresh_token: &Secret) -> Result<Granted, TokenFailure> {
        let token = RefreshToken::new(refresh_token.expose().to_owned());
        let client = self.client();
        client
            .exchange_refresh_token(&token)
            .request_async(&self.wire())
            .await
            .map(|answer| granted(&answer))
            .map_err(failure)
    }

    /// Gives an access token back; false when the vendor does not say that it is revoked.
    pub async fn revoke(&self, token: &Secret) -> Result<bool> {
        self.revoke_as("access_token", token).await
    }

    /// Gives a token of this kind (RFC 7009 section 2.1) back.
    async fn revoke_as(&self, kind: &str, token: &Secret) -> Result<bool> {
        let mut request = http::Request::post(self.config.revoke_url.as_str());
        let (request, answer_counts) = match self.config.spec.revocation {
            Revocation::Bearer { revoked, .. } => {
                request = request.header(header::AUTHORIZATION, sensitive("Bearer", token.expose())?);
                (request.body(Vec::new()), Some(revoked))
            }
            Revocation::Rfc7009 { .. } => {
                let part = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                let (id, secret) = (&self.config.client_id, &self.config.client_secret);
                let pair = Zeroizing::new(format!("{}:{}", part(id), part(secret.expose())));
                let form = form_urlencoded::Serializer::new(String::new())
                    .append_pair("token", token.expose())
                    .append_pair("token_type_hint", kind)
                    .finish();
                request = request
                    .header(header::AUTHORIZATION, sensitive("Basic", &BASE64_STANDARD.encode(&*pair))?)
                    .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
                (request.body(form.into_bytes()), None)
            }
        };
        let request =
            request.map_err(|error| Error::new(Kind::Internal, "no request can be made").source(error))?;
        let answer = self.endpoints.send(request, Instant::now() + PATIENCE).await?;
        Ok(answer.status().is_success()
            && answer_counts.is_none_or(|revoked| {
                serde_json::from_slice(answer.body()).is_ok_and(|answer: Value| revoked(&answer))
            }))
    }

    /// Gives everything in a grant back, the refresh token first: others are made from it.
    pub async fn give_up(&self, grant: &Grant) -> Result<bool> {
        let mut revoked = true;
        if let (Revocation::Rfc7009 { .. }, Some(token)) = (self.config.spec.revocation, &grant.refresh_token)
        {
            revoked = self.revoke_as("refresh_token", token).await?;
        }
        Ok(self.revoke(&grant.access_token).await? && revoked)
    }

    const fn wire(&self) -> Wire<'_> {
        Wire(self)
    }
}

fn redirect(url: &str) -> Result<RedirectUrl> {
    RedirectUrl::new(url.to_owned())
        .map_err(|error| Error::new(Kind::Internal, "the redirect URL cannot be read").source(error))
}

fn sensitive(scheme: &str, text: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("{scheme} {text}"))
        .map_err(|_| Error::new(Kind::Internal, "a credential has characters no header can carry"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// `oauth2`'s HTTP client: our own way out, and the vendor's answer put into the form of RFC 6749.
struct Wire<'a>(&'a Protocol);

impl<'c> AsyncHttpClient<'c> for Wire<'_> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let answer = self.0.endpoints.send(request, Instant::now() + PATIENCE).await?;
            if let Some(error) = unavailable(&answer) {
                return Err(error);
            }
            let odd = |error| {
                let status = answer.status().as_u16();
                Error::new(Kind::OddAnswer, format!("the token endpoint answers {status} without JSON"))
                    .source(error)
            };
            let document: Value = serde_json::from_slice(answer.body()).map_err(odd)?;
            Ok(in_rfc_form((self.0.config.spec.read)(answer.status().as_u16(), &document)))
        })
    }
}

/// An answer that says nothing about the grant.
fn unavailable(answer: &http::Response<bytes::Bytes>) -> Option<Error> {
    let status = answer.status();
    if status != StatusCode::TOO_MANY_REQUESTS && !status.is_server_error() {
        return None;
    }
    let wait = answer.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    Some(
        Error::new(Kind::Unavailable, format!("the token endpoint answers {}", status.as_u16()))
            .retry(Retry::After(Duration::from_secs(wait.unwrap_or(5)))),
    )
}

fn in_rfc_form(answer: TokenAnswer) -> HttpResponse {
    let (status, body) = match answer {
        TokenAnswer::Granted(granted) => {
            let mut body = json!({
                "access_token": granted.access_token.expose(),
                "token_type": "bearer",
                "refresh_token_expires_in": granted.refresh_token_expires_in,
                "account": granted.account,
                "organization": granted.organization,
                "unsuitable": granted.unsuitable,
            });
            if let Some(token) = &granted.refresh_token {
                body["refresh_token"] = token.expose().into();
            }
            if let Some(seconds) = granted.expires_in {
                body["expires_in"] = seconds.into();
            }
            if let Some(scopes) = &granted.scopes {
                body["scope"] = scopes.join(" ").into();
            }
            (StatusCode::OK, body)
        }
        TokenAnswer::Refused { error, description } => {
            (StatusCode::BAD_REQUEST, json!({ "error": error, "error_description": description }))
        }
    };
    let mut response = HttpResponse::new(serde_json::to_vec(&body).expect("JSON values always serialise"));
    *response.status_mut() = status;
    response
}

fn granted(answer: &StandardTokenResponse<Facts, BasicTokenType>) -> Granted {
    let facts = answer.extra_fields();
    Granted {
        access_token: Secret::new(answer.access_token().secret()),
        refresh_token: answer.refresh_token().map(|token| Secret::new(token.secret())),
        expires_in: answer.expires_in().map(|time| time.as_secs()),
        refresh_token_expires_in: facts.refresh_token_expires_in,
        scopes: answer.scopes().map(|scopes| scopes.iter().map(|scope| scope.to_string()).collect()),
        account: facts.account.clone(),
        organization: facts.organization.clone(),
        unsuitable: facts.unsuitable.clone(),
    }
}

fn failure(error: RequestTokenError<Error, BasicErrorResponse>) -> TokenFailure {
    match error {
        RequestTokenError::ServerResponse(answer) => {
            let code = answer.error().as_ref().to_owned();
            let text = match answer.error_description().map(|text| text.trim()) {
                Some(text) if !text.is_empty() => format!("{code}: {text}"),
                _ => code.clone(),
            };
            match answer.error() {
                BasicErrorResponseType::InvalidGrant => TokenFailure::Grant(text),
                BasicErrorResponseType::Extension(code) if code == "temporarily_unavailable" => {
                    TokenFailure::Later(Error::new(Kind::Unavailable, text))
                }
                _ => TokenFailure::Refused(text),
            }
        }
        RequestTokenError::Request(error) => TokenFailure::Later(error),
        // Neither quotes the answer: it holds tokens.
        RequestTokenError::Parse(..) => TokenFailure::Later(Error::new(
            Kind::OddAnswer,
            "the token endpoint's answer has not the expected form",
        )),
        RequestTokenError::Other(_) => {
            TokenFailure::Later(Error::new(Kind::OddAnswer, "the token endpoint's answer makes no sense"))
        }
    }
}
