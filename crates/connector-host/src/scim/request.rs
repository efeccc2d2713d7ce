//! Reading requests: paths, query parameters, bodies.

use std::{error::Error as StdError, future::poll_fn, pin::Pin};

use axum::extract::Request;
use bytes::Bytes;
use connector_core::{
    complete::Precondition,
    error::{Error, Kind, Result},
};
use http::{HeaderMap, HeaderValue, header};
use http_body::Body as _;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::form_urlencoded;

use crate::serve::BodyTimeout;

/// The largest request body, in bytes.
pub(super) const MAX_BODY: usize = 1 << 20;
/// How much more of one that is too large is read.
const THROWN_AWAY: usize = 16 << 20;

/// A path under `/scim`, percent-decoded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// The instance.
    pub instance: String,
    /// What stands behind `v2`. Empty ones do not count: base addresses are typed with and without a slash at the end.
    pub segments: Vec<String>,
}

impl Target {
    /// Takes `/{instance}/v2/…` apart.
    pub(super) fn parse(path: &str) -> Option<Self> {
        let mut segments = path.strip_prefix('/')?.split('/');
        let decode = |segment: &str| Some(percent_decode_str(segment).decode_utf8().ok()?.into_owned());
        let instance = decode(segments.next()?)?;
        if !segments.next()?.eq_ignore_ascii_case("v2") {
            return None;
        }
        Some(Self {
            instance,
            segments: segments.filter(|segment| !segment.is_empty()).map(decode).collect::<Option<_>>()?,
        })
    }
}

/// The query parameters that mean something; others are ignored.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    pub filter: Option<String>,
    pub start_index: Option<i64>,
    pub count: Option<i64>,
    pub cursor: Option<String>,
    pub sort_by: Option<String>,
    pub sort_order: Option<String>,
    pub attributes: Option<String>,
    pub excluded_attributes: Option<String>,
}

impl Parameters {
    /// Reads a query string.
    pub(super) fn read(query: Option<&str>) -> Result<Self> {
        let query = query.unwrap_or_default();
        // Read leniently, a name in another encoding would quietly match nobody, and be created once more.
        if percent_decode_str(query).decode_utf8().is_err() {
            return Err(Error::new(Kind::InvalidSyntax, "the query string is not UTF-8"));
        }
        let mut parameters = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let number = || {
                value.trim().parse::<i64>().map(Some).map_err(|_| {
                    Error::new(Kind::InvalidValue, "must be a whole number").at(name.clone().into_owned())
                })
            };
            match name.to_ascii_lowercase().as_str() {
                "filter" if !value.trim().is_empty() => parameters.filter = Some(value.into_owned()),
                "startindex" => parameters.start_index = number()?,
                "count" => parameters.count = number()?,
                "cursor" => parameters.cursor = Some(value.into_owned()),
                "sortby" if !value.trim().is_empty() => parameters.sort_by = Some(value.into_owned()),
                "sortorder" if !value.trim().is_empty() => parameters.sort_order = Some(value.into_owned()),
                "attributes" if !value.trim().is_empty() => parameters.attributes = Some(value.into_owned()),
                "excludedattributes" => parameters.excluded_attributes = Some(value.into_owned()),
                _ => {}
            }
        }
        Ok(parameters)
    }
}

/// The demands of a request's headers on the version of its object.
pub(super) fn precondition(headers: &HeaderMap) -> Precondition {
    let tags = |name| {
        let mut values = headers.get_all(name).iter().peekable();
        values.peek()?;
        let texts = values.filter_map(|value| value.to_str().ok());
        Some(texts.flat_map(|text| text.split(',')).map(|tag| tag.trim().to_owned()).collect())
    };
    Precondition { if_match: tags(header::IF_MATCH), if_none_match: tags(header::IF_NONE_MATCH) }
}

impl Parameters {
    /// Reads the body of a `.search` (RFC 7644 section 3.4.3).
    pub(super) fn search(body: Value) -> Result<Self> {
        let Value::Object(body) = body else {
            return Err(Error::new(Kind::InvalidSyntax, "the body of a search must be a JSON object"));
        };
        let mut parameters = Self::default();
        for (name, value) in body {
            let unfit =
                |form: &str| Err(Error::new(Kind::InvalidSyntax, format!("must be {form}")).at(name.clone()));
            match (name.to_ascii_lowercase().as_str(), value) {
                (_, Value::Null) => {}
                // As in a query: nothing asked for.
                ("filter" | "sortby" | "sortorder", Value::String(text)) if text.trim().is_empty() => {}
                // An empty array has no value (RFC 7643 section 2.5).
                ("attributes" | "excludedattributes", Value::Array(names)) if names.is_empty() => {}
                ("filter", Value::String(text)) => parameters.filter = Some(text),
                ("cursor", Value::String(text)) => parameters.cursor = Some(text),
                ("sortby", Value::String(text)) => parameters.sort_by = Some(text),
                ("sortorder", Value::String(text)) => parameters.sort_order = Some(text),
                ("startindex", Value::Number(number)) if number.is_i64() => {
                    parameters.start_index = number.as_i64();
                }
                ("count", Value::Number(number)) if number.is_i64() => parameters.count = number.as_i64(),
                ("attributes", Value::Array(names)) if names.iter().all(Value::is_string) => {
                    parameters.attributes = Some(joined(&names));
                }
                ("excludedattributes", Value::Array(names)) if names.iter().all(Value::is_string) => {
                    parameters.excluded_attributes = Some(joined(&names));
                }
                ("filter" | "cursor" | "sortby" | "sortorder", _) => return unfit("text"),
                ("startindex" | "count", _) => return unfit("a whole number"),
                ("attributes" | "excludedattributes", _) => return unfit("an array of text"),
                _ => {}
            }
        }
        Ok(parameters)
    }
}

fn joined(names: &[Value]) -> String {
    names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")
}

/// Whether a query string has a filter (RFC 7644 section 4 forbids it on discovery).
pub(super) fn has_filter(query: &str) -> bool {
    form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name.eq_ignore_ascii_case("filter"))
}

/// Reads a JSON body of a supported media type and size.
pub(super) async fn body(request: Request, most: usize) -> Result<Value> {
    media_type(request.headers())?;
    let bytes = bytes(request, most).await?;
    if bytes.trim_ascii().is_empty() {
        return Err(Error::new(Kind::InvalidSyntax, "the request needs a JSON body"));
    }
    serde_json::from_slice(&bytes)
        .map_err(|error| Error::new(Kind::InvalidSyntax, format!("the body is not JSON: {error}")))
}

/// `application/scim+json` and `application/json`, whatever their parameters; a body without a type counts as JSON. None
/// is taken compressed.
fn media_type(headers: &HeaderMap) -> Result<()> {
    let plain = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    if headers.get_all(header::CONTENT_ENCODING).iter().any(|value| !plain(value)) {
        return Err(Error::new(Kind::MediaType, "the body must come without a Content-Encoding"));
    }
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let kind = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if kind.is_empty()
        || ["application/scim+json", "application/json"].iter().any(|known| kind.eq_ignore_ascii_case(known))
    {
        return Ok(());
    }
    Err(Error::new(Kind::MediaType, "the body must be application/scim+json or application/json"))
}

/// Reads all of a body. One that is too large is read on for a while and thrown away: a client that still sends when the
/// connection closes does not see the answer.
async fn bytes(request: Request, most: usize) -> Result<Bytes> {
    let too_large = || Error::new(Kind::TooLarge, format!("a request body may have at most {most} bytes"));
    let length = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok())
        .unwrap_or(0);
    if length > most + THROWN_AWAY {
        return Err(too_large());
    }
    let mut body = request.into_body();
    let mut whole = Vec::with_capacity(if length > most { 0 } else { length });
    let mut read = 0;
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(data) = frame.map_err(|error| broken(&error))?.into_data() else { continue };
        read += data.len();
        if read <= most {
            whole.extend_from_slice(&data);
        } else if read > most + THROWN_AWAY {
            break;
        }
    }
    if read > most { Err(too_large()) } else { Ok(whole.into()) }
}

/// Why a body did not arrive.
fn broken(error: &axum::Error) -> Error {
    let mut source: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = source {
        if error.is::<BodyTimeout>() {
            return Error::new(Kind::InvalidSyntax, error.to_string());
        }
        source = error.source();
    }
    Error::new(Kind::InvalidSyntax, "the request body broke off")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_is_instance_version_and_the_rest() {
        let target = Target::parse("/acme-slack/v2/Users/a%2Fb%20%C3%BC/").unwrap();
        assert_eq!(target.instance, "acme-slack");
        assert_eq!(target.segments, ["Users", "a/b ü"]);
        assert_eq!(Target::parse("/acme/v2//Users/").unwrap().segments, ["Users"]);
        assert_eq!(Target::parse("/acme/V2").unwrap().segments, Vec::<String>::new());
        for odd in ["", "/", "/acme", "/acme/v1/Users", "/acme/v2/%ff"] {
            assert_eq!(Target::parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn parameters_have_no_letter_case_and_unknown_ones_do_not_matter() {
        let parameters =
            Parameters::read(Some("aadOptscim062020&STARTINDEX=2&count=5&filter=userName+eq%20%22a%2Bb%22&"))
                .unwrap();
        assert_eq!(parameters.filter.as_deref(), Some("userName eq \"a+b\""));
        assert_eq!((parameters.start_index, parameters.count), (Some(2), Some(5)));
        let error = Parameters::read(Some("filter=userName%20eq%20%22M%FCller%22")).unwrap_err();
        assert_eq!(error.to_string(), "the query string is not UTF-8");
        let error = Parameters::read(Some("count=many")).unwrap_err();
        assert_eq!(error.to_string(), "count: must be a whole number");
    }

    #[test]
    fn the_parts_of_a_search_have_their_types() {
        let search = |body| Parameters::search(body).map_err(|error| error.to_string());
        for (name, value, form) in [
            ("filter", json!(5), "text"),
            ("cursor", json!(5), "text"),
            ("sortBy", json!(["id"]), "text"),
            ("count", json!("5"), "a whole number"),
            ("startIndex", json!(1.5), "a whole number"),
            ("attributes", json!("userName"), "an array of text"),
            ("excludedAttributes", json!([1]), "an array of text"),
        ] {
            assert_eq!(search(json!({ name: value })).unwrap_err(), format!("{name}: must be {form}"));
        }
        let asked =
            search(json!({"Attributes": ["userName", "id"], "cursor": "", "filter": null, "x": 1})).unwrap();
        assert_eq!((asked.attributes.as_deref(), asked.cursor.as_deref()), (Some("userName,id"), Some("")));
        let nothing =
            json!({"attributes": [], "excludedAttributes": [], "filter": " ", "sortBy": "", "sortOrder": ""});
        let nothing = search(nothing).unwrap();
        assert_eq!((nothing.attributes, nothing.excluded_attributes), (None, None));
        assert_eq!((nothing.filter, nothing.sort_by, nothing.sort_order), (None, None, None));
    }
}
