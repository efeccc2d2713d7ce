//! SCIM 2.0 over HTTP (RFC 7644): one way in for every instance and resource type.

mod bulk;
mod discovery;
mod preview;
mod request;
mod resources;
mod respond;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    response::Response,
};
use connector_core::{
    DryRun,
    error::{Error, Kind, Result},
};
use http::Method;

pub use discovery::Discovery;
pub(crate) use preview::{Asked, preview};
use request::Target;
use resources::Context;
use respond::Answer;

use crate::{
    app::App,
    auth::{self, Caller},
    config::MediaType,
    instances::Instance,
    metrics,
    serve::{Reached, RequestId, Seen},
};

/// Everything under `/scim`: `/{instance}/v2/…`.
pub fn router() -> Router<Arc<App>> {
    Router::new().fallback(serve)
}

/// Answers one request. Paths are taken apart here rather than by routes: discovery paths match in any letter case, and a
/// slash at the end does not count.
async fn serve(State(app): State<Arc<App>>, mut request: Request) -> Response {
    // The server leaves the body of the answer away.
    if *request.method() == Method::HEAD {
        *request.method_mut() = Method::GET;
    }
    let media = respond::Media::of(request.headers());
    let id = request.extensions().get::<RequestId>().cloned();
    let reads = *request.method() == Method::GET;
    let mut served = Served::default();
    let mut answer = dispatch(&app, request, &mut served).await.unwrap_or_else(Answer::Failure);
    if let Some(run) = &served.dry_run {
        answer = preview::told(answer, run);
    }
    let default =
        served.instance.as_ref().map_or(MediaType::Scim, |instance| instance.config.default_media_type);
    let mut response = answer.into_response(media, default, id.as_ref().map_or("-", RequestId::as_str));
    if let Some(caller) = served.caller {
        response.extensions_mut().insert(caller);
    }
    if served.dry_run.is_some() {
        preview::tell_applied(response.headers_mut());
    }
    if let Some(gauge) = served.instance.and_then(|instance| instance.core.door.gauge(reads)) {
        respond::tell_rate(response.headers_mut(), gauge);
    }
    response
}

/// What is found out about a request on the way to its answer.
#[derive(Default)]
struct Served {
    /// The instance, once the caller may know that it exists.
    instance: Option<Arc<Instance>>,
    /// Who asks.
    caller: Option<Caller>,
    /// Where its writes are kept, when nothing shall be written.
    dry_run: Option<Arc<DryRun>>,
}

/// Finds the answer.
async fn dispatch(app: &Arc<App>, request: Request, served: &mut Served) -> Result<Answer> {
    let Some(target) = Target::parse(request.uri().path()) else {
        return Err(Error::new(Kind::NotFound, "no such path; SCIM is at /scim/{instance}/v2/"));
    };
    let caller = match auth::authenticate(app, &target.instance, request.headers()).await {
        Ok(caller) => served.caller.insert(caller).name.clone(),
        Err(error) => return Ok(Answer::Unauthenticated(error)),
    };
    let Some(instance) = app.instances.get(&target.instance) else {
        return Err(Error::new(Kind::NotFound, "no such instance"));
    };
    served.instance = Some(Arc::clone(instance));
    served.dry_run =
        preview::is_asked(request.headers()).then(|| Arc::new(DryRun::new(&instance.core.plans)));
    let context = Context {
        tasks: app.tasks.clone(),
        instance: Arc::clone(instance),
        deadline: tokio::time::Instant::now() + app.config.server.request_deadline,
        id: request.extensions().get::<RequestId>().cloned(),
        caller,
        dry_run: served.dry_run.clone(),
    };
    answer(context, &target.segments, request).await
}

/// Answers a request to an instance.
async fn answer(context: Context, segments: &[String], request: Request) -> Result<Answer> {
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let segments = segments.as_slice();
    let found = context.instance.discovery.find(segments);
    if let Some(seen) = request.extensions().get::<Seen>() {
        let instance = &context.instance;
        let (resource, operation) = match (&found, &context.dry_run) {
            (Some(_), _) => (None, "discovery"),
            (None, Some(_)) => (None, "preview"),
            (None, None) => metrics::operation(instance, request.method(), segments),
        };
        seen.reached(Reached(Arc::clone(instance), resource, operation));
    }
    if let Some(found) = found {
        return match (request.method() == Method::GET, found) {
            (false, _) => Ok(Answer::MethodNotAllowed("GET")),
            (true, _) if request.uri().query().is_some_and(request::has_filter) => {
                Err(Error::new(Kind::Forbidden, "discovery answers cannot be filtered"))
            }
            (true, found) => found.map(Answer::Prepared),
        };
    }
    route(context, segments, request).await
}

/// Answers what is not discovery.
async fn route(context: Context, segments: &[&str], request: Request) -> Result<Answer> {
    let missing = |what: String| Error::new(Kind::NotFound, what);
    let Some((first, rest)) = segments.split_first() else {
        return Err(missing("no such path; resource types are at /ResourceTypes".into()));
    };
    if first.eq_ignore_ascii_case("Me") {
        let rule = "/Me is not offered: a bearer token stands for a client, not for a user";
        return Err(Error::new(Kind::Unsupported, rule));
    }
    if first.eq_ignore_ascii_case("Bulk") && rest.is_empty() {
        return context.bulk(request).await;
    }
    if *first == ".search" && rest.is_empty() {
        return context.search(None, request).await;
    }
    let Some(index) = context.instance.core.index_of(first) else {
        // Clients that ask every service for its groups take an error for a broken one.
        if first.eq_ignore_ascii_case("Groups") && rest.is_empty() && *request.method() == Method::GET {
            return Ok(resources::nothing());
        }
        return Err(missing(format!("this instance has no resource type at /{first}")));
    };
    match rest {
        [] => context.collection(index, request).await,
        [".search"] => context.search(Some(index), request).await,
        [id] => context.object(index, id, request).await,
        _ => Err(missing("no such path under a resource".into())),
    }
}
