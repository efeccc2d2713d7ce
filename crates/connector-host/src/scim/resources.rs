//! The resource endpoints: collections and single objects (RFC 7644 section 3).

use std::{sync::Arc, time::Duration};

use axum::extract::Request;
use connector_core::{
    DryRun,
    complete::{DEFAULT_COUNT, Endpoint, ListRequest, Listed, MAX_COUNT, Precondition, Sort},
    error::{Error, Kind, Result},
    http::Cx,
    scim::{Filter, ListResponse, PatchRequest, Projection, Resource},
};
use http::{Method, StatusCode};
use tokio::time::{Instant, timeout_at};

use super::{
    bulk::{self, Bulk},
    request::{self, Parameters},
    respond::{self, Answer},
};
use crate::{
    app::{Tasks, WRITE_GRACE},
    instances::Instance,
    serve::{RequestId, TargetTime},
};

/// What serving one request needs.
pub(super) struct Context {
    pub tasks: Tasks,
    pub instance: Arc<Instance>,
    pub deadline: Instant,
    pub id: Option<RequestId>,
    /// The caller's name.
    pub caller: Arc<str>,
    /// Where its writes are kept, when nothing shall be written.
    pub dry_run: Option<Arc<DryRun>>,
}

/// A write, with its body already read.
pub(super) enum Write {
    Create(serde_json::Value),
    Replace(String, serde_json::Value, Precondition),
    /// And whether the answer has a body.
    Modify(String, PatchRequest, bool, Precondition),
    Delete(String, Precondition),
}

/// A list of a type that the instance does not have.
pub(super) fn nothing() -> Answer {
    Answer::Document {
        status: StatusCode::OK,
        json: respond::json(&ListResponse::<Resource>::new(Vec::new(), 0, 1)),
        location: None,
        version: None,
        target: TargetTime::default(),
    }
}

impl Context {
    /// `/{type}`.
    pub(super) async fn collection(self, index: usize, request: Request) -> Result<Answer> {
        match *request.method() {
            Method::GET => self.list(index, &Parameters::read(request.uri().query())?).await,
            Method::POST => {
                let projection = self.projection(index, request.uri().query())?;
                let body = request::body(request, request::MAX_BODY).await?;
                self.write(index, Write::Create(body), projection).await
            }
            _ => Ok(Answer::MethodNotAllowed("GET, POST")),
        }
    }

    /// `/{type}/.search`, or `/.search` over all types.
    pub(super) async fn search(self, index: Option<usize>, request: Request) -> Result<Answer> {
        if request.method() != Method::POST {
            return Ok(Answer::MethodNotAllowed("POST"));
        }
        let parameters = Parameters::search(request::body(request, request::MAX_BODY).await?)?;
        match index {
            Some(index) => self.list(index, &parameters).await,
            None => self.search_all(&parameters).await,
        }
    }

    /// One list over all resource types, type after type (RFC 7644 section 3.4.3). A filter on attributes a type does not
    /// have matches none of it.
    async fn search_all(self, parameters: &Parameters) -> Result<Answer> {
        if parameters.cursor.is_some() || parameters.sort_by.is_some() {
            let rule = "a search over all types neither sorts nor pages by cursor: search one type";
            return Err(Error::new(Kind::Unsupported, rule));
        }
        let first = parameters.start_index.unwrap_or(1).max(1);
        let count = parameters.count.unwrap_or(DEFAULT_COUNT.cast_signed());
        let (mut start, mut count) = (first, count.clamp(0, MAX_COUNT.cast_signed()));
        let (mut total, mut resources, mut unreadable) = (0_u64, Vec::new(), Vec::new());
        let mut target = Duration::ZERO;
        let types = self.instance.core.plans.len();
        for index in 0..types {
            let rtype = self.at(index).plan().resource_type();
            let filter = match parameters.filter.as_deref().map(|text| Filter::parse(text, rtype)).transpose()
            {
                Ok(filter) => filter,
                Err(error) => {
                    unreadable.push(error);
                    continue;
                }
            };
            let projection = self.read_projection(index, parameters)?;
            let request = ListRequest {
                caller: self.caller.to_string(),
                filter,
                sort: None,
                start_index: Some(start),
                count: Some(count),
            };
            let unneeded = self.at(index).unneeded(&projection, request.filter.as_ref(), None);
            let cx = self.cx(self.deadline).leaving_out(unneeded);
            let listed = self.instance.core.list(index, &cx, &request).await?;
            target += cx.target_time();
            count -= i64::try_from(listed.resources.len()).unwrap_or(count);
            start = (start - i64::try_from(listed.total).unwrap_or(start)).max(1);
            total += listed.total;
            resources.extend(listed.resources.into_iter().map(|resource| projection.apply(resource)));
        }
        let unread = unreadable.len();
        // What no type can read is no filter of any; the first type is the one most are about.
        match unreadable.into_iter().next() {
            Some(error) if unread == types => Err(error),
            _ => Ok(Answer::Document {
                status: StatusCode::OK,
                json: respond::json(&ListResponse::new(resources, total, first.cast_unsigned())),
                location: None,
                version: None,
                target: TargetTime(target),
            }),
        }
    }

    /// `/Bulk`.
    pub(super) async fn bulk(self, request: Request) -> Result<Answer> {
        if request.method() != Method::POST {
            return Ok(Answer::MethodNotAllowed("POST"));
        }
        let bulk = Bulk::read(request::body(request, bulk::MAX_BODY).await?)?;
        let (tasks, deadline) = (self.tasks.clone(), self.deadline);
        outlive(&tasks, deadline, async move {
            // Its operations wait in line with each other, not with the client's other requests.
            let job = self.id.as_ref().map_or("bulk", RequestId::as_str);
            let cx = self.cx(deadline + WRITE_GRACE).flow(job);
            let json = respond::json(&bulk.run(&self, &cx).await);
            let target = TargetTime(cx.target_time());
            Answer::Document { status: StatusCode::OK, json, location: None, version: None, target }
        })
        .await
    }

    /// `/{type}/{id}`.
    pub(super) async fn object(self, index: usize, id: &str, request: Request) -> Result<Answer> {
        let id = id.to_owned();
        let projection = self.projection(index, request.uri().query())?;
        let condition = request::precondition(request.headers());
        match *request.method() {
            Method::GET => {
                let endpoint = self.at(index);
                let unneeded = endpoint.unneeded(&projection, None, None);
                let cx = self.cx(self.deadline).leaving_out(unneeded);
                let found = endpoint.get_with(&cx, &id, |name| projection.names(None, name)).await;
                let target = TargetTime(cx.target_time());
                let known =
                    found.as_ref().ok().and_then(Resource::version).filter(|tag| condition.is_known(tag));
                match known {
                    Some(tag) => Ok(Answer::NotModified(tag.to_owned(), target)),
                    None => Ok(document(found, StatusCode::OK, target, &projection)),
                }
            }
            Method::PUT => {
                let body = request::body(request, request::MAX_BODY).await?;
                self.write(index, Write::Replace(id, body, condition), projection).await
            }
            Method::PATCH => {
                let asked = Parameters::read(request.uri().query())?.attributes.is_some();
                let patch = PatchRequest::read(request::body(request, request::MAX_BODY).await?)?;
                let is_group = self.at(index).plan().resource_type().name == "Group";
                self.write(index, Write::Modify(id, patch, asked || !is_group, condition), projection).await
            }
            Method::DELETE => self.write(index, Write::Delete(id, condition), projection).await,
            _ => Ok(Answer::MethodNotAllowed("GET, PUT, PATCH, DELETE")),
        }
    }

    fn at(&self, index: usize) -> Endpoint<'_> {
        self.instance.core.endpoint_at(index)
    }

    fn cx(&self, deadline: Instant) -> Cx<'_> {
        let id = self.id.as_ref().map_or("-", RequestId::as_str);
        Cx::new(&self.instance.core.door, &self.instance.core.settings, deadline, id)
            .patience(self.deadline)
            .flow(&self.caller)
            .rehearsing(self.dry_run.as_deref())
    }

    /// What the answer shall hold.
    fn projection(&self, index: usize, query: Option<&str>) -> Result<Projection> {
        self.read_projection(index, &Parameters::read(query)?)
    }

    fn read_projection(&self, index: usize, parameters: &Parameters) -> Result<Projection> {
        let (attributes, excluded) = (&parameters.attributes, &parameters.excluded_attributes);
        Projection::read(attributes.as_deref(), excluded.as_deref(), self.at(index).plan().resource_type())
    }

    async fn list(self, index: usize, parameters: &Parameters) -> Result<Answer> {
        let projection = self.read_projection(index, parameters)?;
        let endpoint = self.at(index);
        let rtype = endpoint.plan().resource_type();
        let filter = parameters.filter.as_deref().map(|text| Filter::parse(text, rtype));
        let filter = filter.transpose().map_err(|error| error.on(rtype.name.to_string()))?;
        let order = parameters.sort_order.as_deref();
        let sort = parameters.sort_by.as_deref().map(|by| Sort::read(by, order, rtype)).transpose();
        let request = ListRequest {
            caller: self.caller.to_string(),
            filter,
            sort: sort.map_err(|error| error.on(rtype.name.to_string()))?,
            start_index: parameters.start_index,
            count: parameters.count,
        };
        let unneeded = endpoint.unneeded(&projection, request.filter.as_ref(), request.sort.as_ref());
        let cx = self.cx(self.deadline).leaving_out(unneeded);
        let core = &self.instance.core;
        let shown = |resources: Vec<Resource>| -> Vec<Resource> {
            resources.into_iter().map(|resource| projection.apply(resource)).collect()
        };
        let listed = match &parameters.cursor {
            None => core.list(index, &cx, &request).await.map(|listed| {
                let Listed { resources, total, start_index } = listed;
                ListResponse::new(shown(resources), total, start_index)
            }),
            Some(cursor) => core
                .list_by_cursor(index, &cx, &request, cursor)
                .await
                .map(|page| ListResponse::by_cursor(shown(page.resources), page.next, page.total)),
        };
        let target = TargetTime(cx.target_time());
        Ok(match listed {
            Ok(list) => Answer::Document {
                status: StatusCode::OK,
                json: respond::json(&list),
                location: None,
                version: None,
                target,
            },
            Err(error) => Answer::TargetFailure(error, target),
        })
    }

    /// Runs a write in a task of its own.
    async fn write(self, index: usize, write: Write, projection: Projection) -> Result<Answer> {
        let (tasks, deadline) = (self.tasks.clone(), self.deadline);
        outlive(&tasks, deadline, async move {
            let cx = self.cx(deadline + WRITE_GRACE);
            let answer = self.carry_out(index, write, &cx).await;
            let target = TargetTime(cx.target_time());
            match answer {
                Ok((StatusCode::NO_CONTENT, _) | (_, None)) => Answer::NoContent(target),
                Ok((status, Some(resource))) => document(Ok(resource), status, target, &projection),
                Err(error) => Answer::TargetFailure(error, target),
            }
        })
        .await
    }

    /// Makes one write.
    pub(super) async fn carry_out(
        &self,
        index: usize,
        write: Write,
        cx: &Cx<'_>,
    ) -> Result<(StatusCode, Option<Resource>)> {
        let endpoint = self.at(index);
        Ok(match write {
            Write::Create(body) => (StatusCode::CREATED, Some(endpoint.create(cx, body).await?)),
            Write::Replace(id, body, condition) => {
                (StatusCode::OK, Some(endpoint.replace(cx, &id, body, &condition).await?))
            }
            Write::Modify(id, patch, answered, condition) => {
                (StatusCode::OK, endpoint.modify(cx, &id, &patch, answered, &condition).await?)
            }
            Write::Delete(id, condition) => {
                endpoint.delete(cx, &id, &condition).await?;
                (StatusCode::NO_CONTENT, None)
            }
        })
    }
}

/// Runs work in a task of its own: neither a client that goes away nor the deadline cancels it half-way. A client that
/// still waits at the deadline is told so.
async fn outlive(
    tasks: &Tasks,
    deadline: Instant,
    work: impl Future<Output = Answer> + Send + 'static,
) -> Result<Answer> {
    match timeout_at(deadline, tasks.spawn(work)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(_)) => Err(Error::new(Kind::Internal, "the write ended without an answer")),
        Err(_) => Err(Error::new(
            Kind::Deadline,
            "the target has not answered yet; the write goes on and may still take effect",
        )),
    }
}

fn document(
    found: Result<Resource>,
    status: StatusCode,
    target: TargetTime,
    projection: &Projection,
) -> Answer {
    match found {
        Ok(resource) => Answer::Document {
            status,
            location: (status == StatusCode::CREATED)
                .then(|| resource.location().map(str::to_owned))
                .flatten(),
            version: resource.version().map(str::to_owned),
            json: respond::json(&projection.apply(resource)),
            target,
        },
        Err(error) => Answer::TargetFailure(error, target),
    }
}
