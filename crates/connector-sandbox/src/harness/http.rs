//! A request taken apart and an answer not yet framed.

use std::borrow::Cow;
use std::convert::Infallible;
use std::io;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, USER_AGENT};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream::{self, StreamExt as _};

use crate::form::Form;

/// More than any body a client may send; beyond it the answer is 413.
const BODY_LIMIT: usize = 32 << 20;

/// A request, read whole.
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) authorization: Option<String>,
    /// The `Api-Token` header.
    pub(crate) api_token: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) user_agent: Option<String>,
    /// What the client calls this request: `X-Request-Id`, or `TrackingID`.
    pub(crate) request_id: Option<String>,
    pub(crate) body: Bytes,
}

impl Call {
    pub(crate) async fn read(request: Request) -> Result<Self, Reply> {
        let (parts, body) = request.into_parts();
        let header = |name: HeaderName| {
            parts.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let authorization = header(AUTHORIZATION);
        let api_token = header(HeaderName::from_static("api-token"));
        let content_type = header(CONTENT_TYPE);
        let user_agent = header(USER_AGENT);
        let request_id =
            ["x-request-id", "trackingid"].into_iter().map(HeaderName::from_static).find_map(header);
        let body = if parts.method == Method::GET {
            Bytes::new()
        } else {
            to_bytes(body, BODY_LIMIT).await.map_err(|_| Reply::empty(413))?
        };
        Ok(Self {
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            authorization,
            api_token,
            content_type,
            user_agent,
            request_id,
            body,
        })
    }

    pub(crate) fn query(&self) -> Form {
        Form::parse(&self.query)
    }

    pub(crate) fn form(&self) -> Form {
        Form::parse(&String::from_utf8_lossy(&self.body))
    }

    /// The credential of a `Bearer` header.
    pub(crate) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.authorization.as_deref()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim()).filter(|token| !token.is_empty())
    }

    /// Name and password of a `Basic` header.
    pub(crate) fn basic(&self) -> Option<(String, String)> {
        let encoded = self.authorization.as_deref()?.strip_prefix("Basic ")?;
        let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        pair.split_once(':').map(|(name, password)| (name.to_owned(), password.to_owned()))
    }
}

/// An answer not yet framed.
#[derive(Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: Option<Cow<'static, str>>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
}

/// How the body goes over the wire.
#[derive(Clone, Copy)]
pub(crate) enum Framing {
    /// With `Content-Length`.
    Length,
    /// In chunks, as Slack does.
    Chunked,
    /// Broken off after so many bytes.
    Truncated(usize),
}

impl Reply {
    /// The content type of [`Reply::json`].
    pub(crate) const JSON: &'static str = "application/json; charset=utf-8";

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, content_type: None, headers: Vec::new(), body: Bytes::new() }
    }

    pub(crate) fn text(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self { content_type: Some(content_type.into()), body: body.into(), ..Self::empty(status) }
    }

    pub(crate) fn json(status: u16, body: impl Into<Bytes>) -> Self {
        Self::text(status, Self::JSON, body)
    }

    pub(crate) fn html(status: u16, body: String) -> Self {
        Self::text(status, "text/html; charset=utf-8", body)
    }

    pub(crate) fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(crate) fn header_if(self, name: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.header(name, value.to_owned()),
            None => self,
        }
    }

    pub(crate) fn into_response(self, framing: Framing) -> Response {
        let empty = self.body.is_empty();
        let body = match framing {
            _ if empty => Body::empty(),
            Framing::Length => Body::from(self.body),
            Framing::Chunked => Body::from_stream(stream::iter([Ok::<_, Infallible>(self.body)])),
            Framing::Truncated(bytes) => {
                let kept = self.body.slice(..bytes.min(self.body.len()));
                // Yielding lets what was sent so far leave before the connection breaks.
                let breaks = stream::once(async {
                    tokio::task::yield_now().await;
                    Err(io::Error::from(io::ErrorKind::ConnectionReset))
                });
                Body::from_stream(stream::iter([Ok(kept)]).chain(breaks))
            }
        };
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        if let Some(content_type) = self.content_type {
            let value = match content_type {
                Cow::Borrowed(text) => Ok(HeaderValue::from_static(text)),
                Cow::Owned(text) => HeaderValue::try_from(text),
            };
            if let Ok(value) = value {
                headers.insert(CONTENT_TYPE, value);
            }
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.append(HeaderName::from_static(name), value);
            }
        }
        response
    }
}
