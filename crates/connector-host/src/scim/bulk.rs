//! Bulk requests (RFC 7644 section 3.7): operations in order, references between them resolved.

mod order;
mod references;

use std::collections::HashSet;

use connector_core::{
    complete::Precondition,
    error::{Error, Kind, Result},
    http::Cx,
    scim::{ErrorBody, PatchRequest, Resource, same_name},
};
use http::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::{Map, Value, json};

use self::{
    order::Queue,
    references::{Made, collect, referred, resolve, resolved, take_out},
};
use super::resources::{Context, Write};

/// The largest body of a bulk request, in bytes.
pub(super) const MAX_BODY: usize = 4 << 20;
/// The most operations in one bulk request.
pub(super) const MAX_OPERATIONS: usize = 1000;

const RESPONSE_URN: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/// A bulk request, read.
pub(super) struct Bulk {
    fail_on_errors: Option<u64>,
    operations: Vec<Operation>,
}

struct Operation {
    method: Method,
    path: String,
    bulk_id: Option<String>,
    version: Option<String>,
    data: Value,
}

/// The answer to a bulk request.
#[derive(Serialize)]
pub(super) struct BulkResponse {
    schemas: [&'static str; 1],
    #[serde(rename = "Operations")]
    operations: Vec<Outcome>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    method: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    bulk_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<ErrorBody>,
}

fn take(object: &mut Map<String, Value>, name: &str) -> Option<Value> {
    let key = object.keys().find(|key| same_name(key, name))?.clone();
    object.shift_remove(&key).filter(|value| !value.is_null())
}

fn text(object: &mut Map<String, Value>, name: &str, number: usize) -> Result<Option<String>> {
    match take(object, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => {
            Err(Error::new(Kind::InvalidSyntax, format!("`{name}` of operation {number} must be text")))
        }
    }
}

impl Bulk {
    /// Reads a body. What is wrong with its form fails the whole request, before anything is done.
    pub(super) fn read(body: Value) -> Result<Self> {
        let syntax = |rule: String| Error::new(Kind::InvalidSyntax, rule);
        let Value::Object(mut body) = body else {
            return Err(syntax("the body of a bulk request must be a JSON object".into()));
        };
        let fail_on_errors = match take(&mut body, "failOnErrors") {
            None => None,
            Some(value) => {
                Some(value.as_u64().ok_or_else(|| syntax("`failOnErrors` must be a whole number".into()))?)
            }
        };
        let Some(Value::Array(operations)) = take(&mut body, "Operations") else {
            return Err(syntax("a bulk request needs the array `Operations`".into()));
        };
        if operations.len() > MAX_OPERATIONS {
            let rule = format!("a bulk request may hold at most {MAX_OPERATIONS} operations");
            return Err(Error::new(Kind::TooLarge, rule));
        }
        let mut known = HashSet::new();
        let mut read = Vec::with_capacity(operations.len());
        for (index, operation) in operations.into_iter().enumerate() {
            let operation = Operation::read(index + 1, operation)?;
            if let Some(id) = &operation.bulk_id
                && !known.insert(id.clone())
            {
                return Err(syntax(format!("two operations have the bulkId `{id}`")));
            }
            read.push(operation);
        }
        Ok(Self { fail_on_errors, operations: read })
    }

    /// Carries the operations out, in order. One that refers to a later one waits for it, and comes right after it. Where
    /// they wait for each other, one of them creates without the references to the others, which are set once those are
    /// there (RFC 7644 section 3.7.1).
    pub(super) async fn run(self, context: &Context, cx: &Cx<'_>) -> BulkResponse {
        let mut run = Run::of(&self);
        while !run.is_over() {
            match run.queue.next() {
                Some(index) => run.carry_out(index, context, cx).await,
                None => match run.queue.circle() {
                    Some(circle) => run.break_up(&circle, context),
                    None => break,
                },
            }
        }
        run.give_up_open();
        BulkResponse { schemas: [RESPONSE_URN], operations: run.outcomes.into_iter().flatten().collect() }
    }
}

/// A bulk request on its way.
struct Run<'b> {
    bulk: &'b Bulk,
    queue: Queue,
    made: Made,
    outcomes: Vec<Option<Outcome>>,
    failures: u64,
    /// For each operation the `bulkId`s it does not wait for.
    later: Vec<HashSet<String>>,
    open: Vec<Open>,
}

/// An object that was created without some references.
struct Open {
    index: usize,
    id: String,
    /// The attributes that were left out.
    left_out: Map<String, Value>,
}

impl<'b> Run<'b> {
    fn of(bulk: &'b Bulk) -> Self {
        let operations = &bulk.operations;
        Self {
            bulk,
            queue: Queue::of(operations),
            made: Made::new(),
            outcomes: operations.iter().map(|_| None).collect(),
            failures: 0,
            later: vec![HashSet::new(); operations.len()],
            open: Vec::new(),
        }
    }

    /// Whether too much failed: the rest is not tried.
    fn is_over(&self) -> bool {
        self.bulk.fail_on_errors.is_some_and(|most| most > 0 && self.failures >= most)
    }

    async fn carry_out(&mut self, index: usize, context: &Context, cx: &Cx<'_>) {
        let operation = &self.bulk.operations[index];
        let mut data = operation.data.clone();
        let left_out = match data.as_object_mut() {
            Some(data) => take_out(data, &self.later[index]),
            None => Map::new(),
        };
        let location = operation.location(context, &self.made);
        let done = operation.run(data, context, cx, &self.made).await;
        let id = done.as_ref().ok().and_then(|(_, resource)| Some(resource.as_ref()?.id()?.to_owned()));
        if let Some(id) = id.clone().filter(|_| !left_out.is_empty()) {
            self.open.push(Open { index, id, left_out });
        }
        self.settle(index, id, operation.outcome(location, done));
        let made = &self.made;
        let complete = |open: &mut Open| self.later[open.index].iter().all(|id| made.contains_key(id));
        for open in self.open.extract_if(.., complete).collect::<Vec<_>>() {
            self.complete(open, context, cx).await;
        }
    }

    /// Notes what became of an operation, so that those that wait for it can go on.
    fn settle(&mut self, index: usize, id: Option<String>, outcome: Outcome) {
        if let Some(bulk_id) = &self.bulk.operations[index].bulk_id {
            self.made.insert(bulk_id.clone(), id);
        }
        self.failures += u64::from(outcome.response.is_some());
        self.outcomes[index] = Some(outcome);
        self.queue.done(index);
    }

    /// Lets the first of these that creates go on without waiting for the next; none of them, where none can.
    fn break_up(&mut self, circle: &[usize], context: &Context) {
        let operations = &self.bulk.operations;
        let next = |at: usize| circle[(at + 1) % circle.len()];
        let can = |at: &usize| {
            let (operation, other) = (&operations[circle[*at]], &operations[next(*at)]);
            operation.method == Method::POST
                && !operation.path_references().any(|id| Some(id) == other.bulk_id)
        };
        let first = (0..circle.len()).filter(can).min_by_key(|at| circle[*at]);
        if let Some(at) = first
            && let Some(id) = operations[next(at)].bulk_id.clone()
        {
            self.later[circle[at]].insert(id);
            self.queue.let_go(circle[at], next(at));
            return;
        }
        self.queue.give_up(circle);
        for index in circle {
            let rule = "it and another operation refer to each other, and neither can be carried out first";
            let location = operations[*index].location(context, &self.made);
            let outcome = operations[*index].outcome(location, Err(Error::new(Kind::Conflict, rule)));
            self.settle(*index, None, outcome);
        }
    }

    /// Sets the references that an object was created without.
    async fn complete(&mut self, open: Open, context: &Context, cx: &Cx<'_>) {
        let operation = &self.bulk.operations[open.index];
        let done = operation.set_left_out(&open, context, cx, &self.made).await;
        let done = done.map(|resource| (StatusCode::CREATED, resource));
        let location = self.outcomes[open.index].take().and_then(|outcome| outcome.location);
        let outcome = operation.outcome(location, done.map_err(|error| open.unfinished(&error.to_string())));
        self.failures += u64::from(outcome.response.is_some());
        self.outcomes[open.index] = Some(outcome);
    }

    /// Tells of the objects whose references nobody will set any more.
    fn give_up_open(&mut self) {
        for open in std::mem::take(&mut self.open) {
            let operation = &self.bulk.operations[open.index];
            let location = self.outcomes[open.index].take().and_then(|outcome| outcome.location);
            let error = open.unfinished("the request ended before");
            self.outcomes[open.index] = Some(operation.outcome(location, Err(error)));
        }
    }
}

impl Open {
    fn unfinished(&self, why: &str) -> Error {
        let names: Vec<&str> = self.left_out.keys().map(String::as_str).collect();
        let rule = format!(
            "was created as {}, but not all of it could be set ({}): {why}",
            self.id,
            names.join(", ")
        );
        Error::new(Kind::Conflict, rule)
    }
}

impl Operation {
    fn read(number: usize, operation: Value) -> Result<Self> {
        let syntax = |rule: String| Error::new(Kind::InvalidSyntax, rule);
        let Value::Object(mut operation) = operation else {
            return Err(syntax(format!("operation {number} is not an object")));
        };
        let method = text(&mut operation, "method", number)?.unwrap_or_default().to_ascii_uppercase();
        let method = match method.as_str() {
            "POST" => Method::POST,
            "PUT" => Method::PUT,
            "PATCH" => Method::PATCH,
            "DELETE" => Method::DELETE,
            _ => {
                return Err(syntax(format!(
                    "`method` of operation {number} must be POST, PUT, PATCH or DELETE"
                )));
            }
        };
        let path = text(&mut operation, "path", number)?
            .ok_or_else(|| syntax(format!("operation {number} lacks `path`")))?;
        let bulk_id = text(&mut operation, "bulkId", number)?;
        if method == Method::POST && bulk_id.is_none() {
            return Err(syntax(format!("operation {number} creates, so it needs a `bulkId`")));
        }
        let version = text(&mut operation, "version", number)?;
        let data = take(&mut operation, "data").unwrap_or(Value::Null);
        if data.is_null() && method != Method::DELETE {
            return Err(syntax(format!("operation {number} lacks `data`")));
        }
        Ok(Self { method, path, bulk_id, version, data })
    }

    /// The parts of the path, percent-decoded: the address of an object as it stands in `meta.location` has odd ids so.
    fn segments(&self) -> Result<Vec<String>> {
        let decoded = |segment: &str| percent_decode_str(segment).decode_utf8().map(String::from);
        let segments = self.path.trim_matches('/').split('/').map(decoded);
        segments.collect::<Result<_, _>>().map_err(|_| self.no_path())
    }

    fn no_path(&self) -> Error {
        Error::new(Kind::InvalidPath, "is no path of a resource").at(self.path.clone())
    }

    /// The bulkIds the path refers to.
    fn path_references(&self) -> impl Iterator<Item = String> {
        let segments = self.segments().unwrap_or_default();
        segments.into_iter().filter_map(|segment| referred(&segment).map(str::to_owned))
    }

    /// The bulkIds this operation refers to.
    fn references(&self) -> Vec<String> {
        let mut found: Vec<String> = self.path_references().collect();
        collect(&self.data, &mut found);
        found
    }

    /// Where the object is that it is about; a new one has no address yet.
    fn location(&self, context: &Context, made: &Made) -> Option<String> {
        let (index, id) = self.address(context, made).ok()?;
        Some(context.instance.core.endpoint_at(index).plan().location(&id?))
    }

    /// The resource type it is about, and the id of its object.
    fn address(&self, context: &Context, made: &Made) -> Result<(usize, Option<String>)> {
        let segments = self.segments()?;
        let segments = segments.iter().map(|segment| resolved(segment, made)).collect::<Result<Vec<_>>>()?;
        let (name, id) = match segments.as_slice() {
            [name] => (name, None),
            [name, id] => (name, Some(id.clone())),
            _ => return Err(self.no_path()),
        };
        let index = context.instance.core.index_of(name).ok_or_else(|| {
            Error::new(Kind::NotFound, format!("this instance has no resource type at /{name}"))
        })?;
        Ok((index, id))
    }

    async fn run(
        &self,
        mut data: Value,
        context: &Context,
        cx: &Cx<'_>,
        made: &Made,
    ) -> Result<(StatusCode, Option<Resource>)> {
        let (index, id) = self.address(context, made)?;
        resolve(&mut data, made)?;
        let condition =
            Precondition { if_match: self.version.clone().map(|tag| vec![tag]), if_none_match: None };
        let write = match (&self.method, id) {
            (&Method::POST, None) => Write::Create(data),
            (&Method::PUT, Some(id)) => Write::Replace(id, data, condition),
            (&Method::PATCH, Some(id)) => Write::Modify(id, PatchRequest::read(data)?, true, condition),
            (&Method::DELETE, Some(id)) => Write::Delete(id, condition),
            _ => {
                let rule = format!("does not take {}", self.method);
                return Err(Error::new(Kind::MethodNotAllowed, rule).at(self.path.clone()));
            }
        };
        context.carry_out(index, write, cx).await
    }

    /// Sets what an object was created without.
    async fn set_left_out(
        &self,
        open: &Open,
        context: &Context,
        cx: &Cx<'_>,
        made: &Made,
    ) -> Result<Option<Resource>> {
        let (index, _) = self.address(context, made)?;
        let mut value = Value::Object(open.left_out.clone());
        resolve(&mut value, made)?;
        let patch = PatchRequest::read(json!({"Operations": [{"op": "add", "value": value}]}))?;
        let condition = Precondition { if_match: None, if_none_match: None };
        let write = Write::Modify(open.id.clone(), patch, true, condition);
        context.carry_out(index, write, cx).await.map(|(_, resource)| resource)
    }

    /// What became of it. Every object that is there has its address in the answer.
    fn outcome(&self, location: Option<String>, done: Result<(StatusCode, Option<Resource>)>) -> Outcome {
        let (status, resource, response) = match done {
            Ok((status, resource)) => (status.as_u16(), resource, None),
            Err(error) => (error.kind().answer().0, None, Some(ErrorBody::from(&error))),
        };
        let text = |text: Option<&str>| text.map(str::to_owned);
        Outcome {
            location: text(resource.as_ref().and_then(Resource::location)).or(location),
            method: self.method.to_string(),
            bulk_id: self.bulk_id.clone(),
            version: text(resource.as_ref().and_then(Resource::version)),
            status: status.to_string(),
            response,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn error(body: Value) -> String {
        Bulk::read(body).err().expect("refused").to_string()
    }

    #[test]
    fn a_malformed_request_does_nothing_at_all() {
        assert!(error(json!([])).contains("JSON object"));
        assert!(error(json!({})).contains("Operations"));
        assert!(error(json!({"Operations": [{"method": "GET", "path": "/Users"}]})).contains("POST, PUT"));
        assert!(
            error(json!({"Operations": [{"method": "POST", "path": "/Users", "data": {}}]}))
                .contains("bulkId")
        );
        assert!(error(json!({"Operations": [{"method": "PUT", "path": "/Users/1"}]})).contains("data"));
        let twice = json!({"method": "POST", "path": "/Users", "bulkId": "a", "data": {"x": 1}});
        assert!(error(json!({"Operations": [twice, twice]})).contains("two operations"));
        let many: Vec<Value> =
            (0..=MAX_OPERATIONS).map(|_| json!({"method": "DELETE", "path": "/Users/1"})).collect();
        assert_eq!(Bulk::read(json!({"Operations": many})).err().unwrap().kind(), Kind::TooLarge);
    }

    #[test]
    fn what_refers_to_a_later_operation_comes_right_after_it() {
        let user = |id: &str| json!({"method": "POST", "path": "/Users", "bulkId": id, "data": {"x": 1}});
        let group = |id: &str, member: &str| {
            let data = json!({"members": [{"value": format!("bulkId:{member}")}]});
            json!({"method": "POST", "path": "/Groups", "bulkId": id, "data": data})
        };
        let order = |operations: Value| {
            let bulk = Bulk::read(json!({ "Operations": operations })).unwrap();
            let mut queue = Queue::of(&bulk.operations);
            let mut order = Vec::new();
            while let Some(next) = queue.next() {
                order.push(next);
                queue.done(next);
            }
            order
        };
        let removed = json!({"method": "DELETE", "path": "/Users/bulkId:a"});
        assert_eq!(order(json!([group("g", "a"), user("a"), removed])), [1, 0, 2]);
        assert_eq!(order(json!([group("g", "h"), group("h", "a"), user("a"), user("b")])), [2, 1, 0, 3]);
        assert_eq!(order(json!([group("g", "nobody"), user("a")])), [0, 1], "the operation itself says so");
        assert_eq!(order(json!([group("g", "h"), group("h", "g"), group("i", "i"), user("a")])), [3]);
    }

    #[test]
    fn references_are_found_in_path_and_data_at_any_depth() {
        let operation = json!({"method": "patch", "path": "/Groups/bulkId:g",
            "data": {"Operations": [{"op": "add", "path": "members", "value": [{"value": "bulkId:u"}]}]}});
        let operation = Operation::read(1, operation).unwrap();
        assert_eq!(operation.references(), ["g", "u"]);
    }
}
