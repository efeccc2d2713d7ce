//! Dry runs over HTTP and from the command line: `{requests, resource, trace}` in place of an answer.
//!
//! A request is served as always; the door keeps its writes instead of sending them. What would be refused is refused
//! here, too, with the SCIM error it would get.

use std::sync::Arc;

use axum::{body::Body, extract::Request};
use bytes::Bytes;
use connector_core::{
    DryRun,
    error::{Error, Kind, Result},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use serde_json::{Value, json};
use tokio::time::Instant;
use url::Url;

use super::{
    answer,
    request::{self, Target},
    resources::Context,
    respond::{self, Answer},
};
use crate::{app::Tasks, instances::Instance, serve::TargetTime};

const PREFER: HeaderName = HeaderName::from_static("prefer");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
const PREFERENCE: HeaderValue = HeaderValue::from_static("dry-run");

/// Whether a request asks for a dry run: `Prefer: dry-run` (RFC 7240), alone or among other preferences.
pub(super) fn is_asked(headers: &HeaderMap) -> bool {
    let values = headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
    let mut preferences = values.flat_map(|value| value.split(','));
    preferences
        .any(|one| one.split([';', '=']).next().unwrap_or_default().trim().eq_ignore_ascii_case("dry-run"))
}

/// Says that it was one.
pub(super) fn tell_applied(headers: &mut HeaderMap) {
    headers.insert(PREFERENCE_APPLIED, PREFERENCE);
}

/// What is answered in place of `answer`. A refusal stays one.
pub(super) fn told(answer: Answer, run: &DryRun) -> Answer {
    match document(&answer, run) {
        None => answer,
        Some(document) => Answer::Document {
            status: StatusCode::OK,
            json: respond::json(&document),
            location: None,
            version: None,
            target: match answer {
                Answer::Document { target, .. }
                | Answer::NoContent(target)
                | Answer::NotModified(_, target) => target,
                _ => TargetTime::default(),
            },
        },
    }
}

/// `None` for a refusal.
fn document(answer: &Answer, run: &DryRun) -> Option<Value> {
    let resource = match answer {
        Answer::Document { json, .. } | Answer::Prepared(json) => {
            serde_json::from_slice(json).unwrap_or_default()
        }
        Answer::NoContent(_) | Answer::NotModified(..) => Value::Null,
        Answer::MethodNotAllowed(_)
        | Answer::Unauthenticated(_)
        | Answer::Failure(_)
        | Answer::TargetFailure(..) => return None,
    };
    Some(json!({ "requests": run.calls(), "resource": DryRun::shown(resource), "trace": run.trace() }))
}

/// A request as the admin interface and the command line name it.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The HTTP method, in any letter case.
    pub method: String,
    /// The path under the instance's SCIM base, with its query.
    pub path: String,
    /// The body.
    pub body: Bytes,
}

impl Asked {
    /// Reads `{method, path, body}`.
    pub(crate) async fn read(request: Request) -> Result<Self> {
        let Value::Object(mut asked) = request::body(request, request::MAX_BODY).await? else {
            return Err(Error::new(
                Kind::InvalidSyntax,
                "a preview needs an object of `method`, `path` and `body`",
            ));
        };
        let mut text = |name: &str| match asked.shift_remove(name) {
            Some(Value::String(text)) => Ok(text),
            _ => Err(Error::new(Kind::InvalidSyntax, "must be text").at(name.to_owned())),
        };
        let (method, path) = (text("method")?, text("path")?);
        let body = match asked.shift_remove("body") {
            None | Some(Value::Null) => Bytes::new(),
            Some(body) => respond::json(&body),
        };
        Ok(Self { method, path, body })
    }

    fn request(self, instance: &str) -> Result<Request> {
        let odd = |at: &'static str, rule: &str| Error::new(Kind::InvalidSyntax, rule.to_owned()).at(at);
        let method = Method::from_bytes(self.method.trim().to_ascii_uppercase().as_bytes())
            .map_err(|_| odd("method", "is no HTTP method"))?;
        // People write filters as they read them; this encodes what no address may hold.
        let text = format!("http://preview/{instance}/v2/{}", self.path.trim().trim_start_matches('/'));
        let uri = Url::parse(&text).ok().and_then(|url| url[url::Position::BeforePath..].parse::<Uri>().ok());
        let mut request = Request::new(Body::from(self.body));
        *request.method_mut() = if method == Method::HEAD { Method::GET } else { method };
        *request.uri_mut() = uri.ok_or_else(|| odd("path", "is no path under the instance's SCIM base"))?;
        Ok(request)
    }
}

/// Serves `asked` as a dry run. The error is the one that the request itself would get.
pub(crate) async fn preview(
    tasks: &Tasks,
    deadline: Instant,
    instance: &Arc<Instance>,
    caller: &str,
    asked: Asked,
) -> Result<Value> {
    let request = asked.request(&instance.config.name)?;
    let run = Arc::new(DryRun::new(&instance.core.plans));
    let target = Target::parse(request.uri().path());
    let target =
        target.ok_or_else(|| Error::new(Kind::NotFound, "no such path under the instance's SCIM base"))?;
    let context = Context {
        tasks: tasks.clone(),
        instance: Arc::clone(instance),
        deadline,
        id: None,
        caller: caller.into(),
        dry_run: Some(Arc::clone(&run)),
    };
    let answer = answer(context, &target.segments, request).await?;
    match document(&answer, &run) {
        Some(document) => Ok(document),
        None => Err(answer.into_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dry_run_is_preferred_alone_or_among_others() {
        let asked =
            |text: &'static str| is_asked(&HeaderMap::from_iter([(PREFER, HeaderValue::from_static(text))]));
        for text in ["dry-run", "Dry-Run", "return=representation, dry-run", "wait=10,dry-run;x=1"] {
            assert!(asked(text), "{text}");
        }
        for text in ["", "return=minimal", "no-dry-run", "dry-runs", "x=dry-run"] {
            assert!(!asked(text), "{text}");
        }
        assert!(!is_asked(&HeaderMap::new()));
    }

    #[test]
    fn a_path_is_taken_with_and_without_a_slash_and_as_people_write_it() {
        let uri = |path: &str| {
            let asked = Asked { method: "get".into(), path: path.into(), body: Bytes::new() };
            asked.request("acme").map(|request| request.uri().to_string()).map_err(|error| error.to_string())
        };
        assert_eq!(uri("/Users/a%2Fb").unwrap(), "/acme/v2/Users/a%2Fb");
        assert_eq!(
            uri("Users?filter=userName eq \"ü\"").unwrap(),
            "/acme/v2/Users?filter=userName%20eq%20%22%C3%BC%22"
        );
        let odd = Asked { method: "G T".into(), path: "Users".into(), body: Bytes::new() };
        assert_eq!(odd.request("acme").unwrap_err().to_string(), "method: is no HTTP method");
    }
}
