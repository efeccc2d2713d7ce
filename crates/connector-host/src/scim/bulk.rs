//! Bulk requests (RFC 7644 section 3.7): operations in order, references between them resolved.

use std::collections::{BTreeSet, HashMap, HashSet};

use connector_core::{
    complete::Precondition,
    error::{Error, Kind, Result},
    http::Cx,
    scim::{ErrorBody, PatchRequest, Resource, same_name},
};
use http::{Method, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value};

use super::resources::{Context, Write};

/// The largest body of a bulk request, in bytes.
pub(super) const MAX_BODY: usize = 4 << 20;
/// The most operations in one bulk request.
pub(super) const MAX_OPERATIONS: usize = 1000;

const RESPONSE_URN: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
const REFERENCE: &str = "bulkId:";

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

    /// Carries the operations out, in order. One that refers to a later one waits for it, and comes right after it.
    pub(super) async fn run(self, context: &Context, cx: &Cx<'_>) -> BulkResponse {
        let mut outcomes: Vec<Option<Outcome>> = self.operations.iter().map(|_| None).collect();
        let mut made: HashMap<String, Option<String>> = HashMap::new();
        let mut queue = Queue::of(&self.operations);
        let mut failures = 0;
        while let Some(index) = queue.next() {
            let operation = &self.operations[index];
            let done = operation.run(context, cx, &made).await;
            failures += u64::from(done.is_err());
            if let Some(id) = &operation.bulk_id {
                let resource = done.as_ref().ok().and_then(|(_, resource)| resource.as_ref());
                made.insert(id.clone(), resource.and_then(|resource| Some(resource.id()?.to_owned())));
            }
            queue.done(index);
            outcomes[index] = Some(operation.outcome(done));
            if self.fail_on_errors.is_some_and(|most| most > 0 && failures >= most) {
                break;
            }
        }
        let enough = self.fail_on_errors.is_some_and(|most| most > 0 && failures >= most);
        let rest = outcomes.into_iter().zip(&self.operations).filter_map(|(outcome, operation)| match outcome {
            Some(outcome) => Some(outcome),
            // After too many failures the rest is not tried; otherwise they wait for each other.
            None if enough => None,
            None => {
                let rule = "the operation and another refer to each other: create one without the reference first";
                Some(operation.outcome(Err(Error::new(Kind::InvalidValue, rule))))
            }
        });
        BulkResponse { schemas: [RESPONSE_URN], operations: rest.collect() }
    }
}

/// The order of operations.
struct Queue {
    /// Those that wait for nothing.
    ready: BTreeSet<usize>,
    /// For how many others each waits.
    waits_for: Vec<usize>,
    /// Who waits for each.
    waited_for_by: Vec<Vec<usize>>,
}

impl Queue {
    fn of(operations: &[Operation]) -> Self {
        let by_id: HashMap<&str, usize> = operations
            .iter()
            .enumerate()
            .filter_map(|(index, one)| Some((one.bulk_id.as_deref()?, index)))
            .collect();
        let mut waited_for_by = vec![Vec::new(); operations.len()];
        let mut waits_for = Vec::with_capacity(operations.len());
        for (index, operation) in operations.iter().enumerate() {
            let others = operation.references();
            let others: BTreeSet<usize> =
                others.iter().filter_map(|id| by_id.get(id.as_str()).copied()).collect();
            for other in &others {
                waited_for_by[*other].push(index);
            }
            waits_for.push(others.len());
        }
        let ready = waits_for.iter().enumerate().filter(|(_, others)| **others == 0).map(|(index, _)| index);
        Self { ready: ready.collect(), waits_for, waited_for_by }
    }

    /// The first of those that wait for nothing.
    fn next(&mut self) -> Option<usize> {
        self.ready.pop_first()
    }

    /// Nobody waits for this one any more.
    fn done(&mut self, index: usize) {
        for waiting in std::mem::take(&mut self.waited_for_by[index]) {
            self.waits_for[waiting] -= 1;
            if self.waits_for[waiting] == 0 {
                self.ready.insert(waiting);
            }
        }
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

    /// The bulkIds this operation refers to.
    fn references(&self) -> Vec<String> {
        let mut found = Vec::new();
        for segment in self.path.split('/') {
            found.extend(segment.strip_prefix(REFERENCE).map(str::to_owned));
        }
        collect(&self.data, &mut found);
        found
    }

    async fn run(
        &self,
        context: &Context,
        cx: &Cx<'_>,
        made: &HashMap<String, Option<String>>,
    ) -> Result<(StatusCode, Option<Resource>)> {
        let resolve = |text: &str| -> Result<String> {
            let Some(id) = text.strip_prefix(REFERENCE) else { return Ok(text.to_owned()) };
            match made.get(id) {
                Some(Some(created)) => Ok(created.clone()),
                Some(None) => {
                    Err(Error::new(Kind::InvalidValue, format!("refers to `{text}`, which was not created")))
                }
                None => {
                    Err(Error::new(Kind::InvalidValue, format!("refers to `{text}`, which no operation has")))
                }
            }
        };
        let segments = self.path.trim_matches('/').split('/').map(resolve).collect::<Result<Vec<_>>>()?;
        let mut data = self.data.clone();
        replace(&mut data, &resolve)?;
        let (name, id) = match segments.as_slice() {
            [name] => (name, None),
            [name, id] => (name, Some(id.clone())),
            _ => return Err(Error::new(Kind::InvalidPath, "is no path of a resource").at(self.path.clone())),
        };
        let index = context.instance.core.index_of(name).ok_or_else(|| {
            Error::new(Kind::NotFound, format!("this instance has no resource type at /{name}"))
        })?;
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

    fn outcome(&self, done: Result<(StatusCode, Option<Resource>)>) -> Outcome {
        let (status, resource, response) = match done {
            Ok((status, resource)) => (status.as_u16(), resource, None),
            Err(error) => (error.kind().answer().0, None, Some(ErrorBody::from(&error))),
        };
        let text = |text: Option<&str>| text.map(str::to_owned);
        Outcome {
            location: text(resource.as_ref().and_then(Resource::location)),
            method: self.method.to_string(),
            bulk_id: self.bulk_id.clone(),
            version: text(resource.as_ref().and_then(Resource::version)),
            status: status.to_string(),
            response,
        }
    }
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.extend(text.strip_prefix(REFERENCE).map(str::to_owned)),
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, found)),
        Value::Object(object) => object.values().for_each(|value| collect(value, found)),
        _ => {}
    }
}

fn replace(value: &mut Value, resolve: &impl Fn(&str) -> Result<String>) -> Result<()> {
    match value {
        Value::String(text) if text.starts_with(REFERENCE) => *text = resolve(text)?,
        Value::Array(elements) => elements.iter_mut().try_for_each(|element| replace(element, resolve))?,
        Value::Object(object) => object.values_mut().try_for_each(|value| replace(value, resolve))?,
        _ => {}
    }
    Ok(())
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
