//! One HTTP exchange: a request out through the checked client, a whole answer back.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, header};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::{
    client::{Outbound, cause_in, check_name},
    policy::{Refusal, Rule},
};
use crate::error::{Error, Kind, Result, Retry};

/// The largest body that is read.
const MAX_BODY: usize = 64 << 20;

/// What is sent.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Bytes>,
}

/// Sends it and waits for the whole answer, at most until the deadline.
pub(super) async fn send(
    outbound: &Outbound,
    request: Request,
    deadline: Instant,
) -> Result<http::Response<Bytes>> {
    outbound.policy().check_url(&request.url).map_err(|refusal| refused(&refusal))?;
    match timeout_at(deadline, exchange(outbound, request)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Error::new(Kind::Deadline, "the target did not answer in time")),
    }
}

async fn exchange(outbound: &Outbound, request: Request) -> Result<http::Response<Bytes>> {
    if outbound.proxy().is_some() {
        check_name(outbound, &request.url).await?;
    }
    let mut ways = outbound.ways(&request.url)?.into_iter().peekable();
    while let Some(way) = ways.next() {
        let client = outbound.client(way)?;
        let mut builder = client.request(request.method.clone(), request.url.clone());
        builder = builder.headers(request.headers.clone()).header(
            header::USER_AGENT,
            HeaderValue::from_static(concat!("connector-host/", env!("CARGO_PKG_VERSION"))),
        );
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        match builder.send().await {
            // Nothing was sent: the other family may do.
            Err(error) if ways.peek().is_some() && lacks_family(&error) => {}
            Err(error) => return Err(send_error(error)),
            Ok(mut response) => {
                let mut answer = http::Response::new(Bytes::new());
                *answer.status_mut() = response.status();
                *answer.headers_mut() = std::mem::take(response.headers_mut());
                *answer.body_mut() = body(response).await?;
                return Ok(answer);
            }
        }
    }
    Err(Error::new(Kind::Internal, "there is no way to the target"))
}

/// The whole body. One that comes in one piece is not copied.
async fn body(mut response: reqwest::Response) -> Result<Bytes> {
    let broken = |error: reqwest::Error| {
        Error::new(Kind::OddAnswer, "the target's answer broke off")
            .retry(Retry::After(Duration::ZERO))
            .source(error.without_url())
    };
    let too_large =
        || Error::new(Kind::OddAnswer, format!("the target's answer is larger than {MAX_BODY} bytes"));
    if response.content_length().is_some_and(|length| length > MAX_BODY as u64) {
        return Err(too_large());
    }
    let mut body: Option<Bytes> = None;
    let mut more = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        let length = if more.is_empty() { body.as_ref().map_or(0, Bytes::len) } else { more.len() };
        if length + chunk.len() > MAX_BODY {
            return Err(too_large());
        }
        match &body {
            None => body = Some(chunk),
            Some(first) => {
                if more.is_empty() {
                    more.extend_from_slice(first);
                }
                more.extend_from_slice(&chunk);
            }
        }
    }
    Ok(if more.is_empty() { body.unwrap_or_default() } else { more.freeze() })
}

/// A destination the policy does not admit.
pub(super) fn refused(refusal: &Refusal) -> Error {
    Error::new(Kind::Refused, format!("the destination is not allowed: it {}", refusal.rule().text()))
        .source(refusal.clone())
}

/// Whether the name has no address of the family that the connection would come from.
fn lacks_family(error: &reqwest::Error) -> bool {
    cause_in::<Refusal>(error).is_some_and(|refusal| refusal.rule() == Rule::FAMILY)
}

fn send_error(error: reqwest::Error) -> Error {
    if let Some(refusal) = cause_in::<Refusal>(&error) {
        return refused(refusal);
    }
    let error = error.without_url();
    if error.is_connect() {
        Error::new(Kind::Unavailable, "the target cannot be reached").retry(Retry::Now).source(error)
    } else {
        Error::new(Kind::Unavailable, "the connection to the target broke").source(error)
    }
}
