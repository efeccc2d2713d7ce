//! Reading requests: paths, query parameters, bodies.

use std::error::Error as StdError;

use axum::{body::to_bytes, extract::Request};
use bytes::Bytes;
use connector_core::{
    complete::Precondition,
    error::{Error, Kind, Result},
};
use http::{HeaderMap, header};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::form_urlencoded;

use crate::serve::BodyTimeout;

/// The largest request body, in bytes.
pub(super) const MAX_BODY: usize = 1 << 20;

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
        let mut parameters = Self::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
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
                ("filter", Value::String(text)) => {
                    parameters.filter = Some(text).filter(|text| !text.is_empty());
                }
                ("cursor", Value::String(text)) => parameters.cursor = Some(text),
                ("sortby", Value::String(text)) => parameters.sort_by = Some(text),
                ("sortorder", Value::String(text)) => parameters.sort_order = Some(text),
                ("startindex", Value::Number(number)) if number.is_i64() => {
                    parameters.start_index = number.as_i64();
                }
                ("count", Value::Number(number)) if number.is_i64() => parameters.count = number.as_i64(),
                ("attributes", Value::Array(names)) => parameters.attributes = Some(joined(&names)),
                ("excludedattributes", Value::Array(names)) => {
                    parameters.excluded_attributes = Some(joined(&names));
                }
                ("filter" | "sortby" | "sortorder", _) => return unfit("text"),
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
    serde_json::from_slice(&bytes).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        Error::new(Kind::InvalidSyntax, format!("the body is not JSON ({place})"))
    })
}

/// `application/scim+json` and `application/json`, whatever their parameters; a body without a type counts as JSON.
fn media_type(headers: &HeaderMap) -> Result<()> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let kind = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if kind.is_empty()
        || ["application/scim+json", "application/json"].iter().any(|known| kind.eq_ignore_ascii_case(known))
    {
        return Ok(());
    }
    Err(Error::new(Kind::MediaType, "the body must be application/scim+json or application/json"))
}

async fn bytes(request: Request, most: usize) -> Result<Bytes> {
    let too_large = || Error::new(Kind::TooLarge, format!("a request body may have at most {most} bytes"));
    let length = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > most as u64) {
        return Err(too_large());
    }
    to_bytes(request.into_body(), most).await.map_err(|error| {
        let mut source: Option<&(dyn StdError + 'static)> = Some(&error);
        while let Some(error) = source {
            if error.is::<BodyTimeout>() {
                return Error::new(Kind::InvalidSyntax, error.to_string());
            }
            if error.to_string() == "length limit exceeded" {
                return too_large();
            }
            source = error.source();
        }
        Error::new(Kind::InvalidSyntax, "the request body broke off")
    })
}

#[cfg(test)]
mod tests {
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
        let error = Parameters::read(Some("count=many")).unwrap_err();
        assert_eq!(error.to_string(), "count: must be a whole number");
    }
}
