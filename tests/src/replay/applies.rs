//! Whether a file is about what an instance has: attributes its schemas offer, and changes they let a client make.
//!
//! The instance's own discovery decides, so that nothing is left out because it fails. What no schema tells — an account
//! that is never inactive, a group that is not deleted while somebody is in it — is run, and explained where it fails.

use serde_json::Value;

/// The schemas of an instance, as `/Schemas` lists them.
#[derive(Debug)]
pub(super) struct Offer(Vec<Value>);

/// A schema's attribute, or why there is none of that kind.
type Found<'o> = Result<&'o Value, String>;

/// Members of lists and of resources that no schema names.
const COMMON: &[&str] = &["schemas", "id", "externalId", "meta"];

impl Offer {
    pub(super) fn new(schemas: Vec<Value>) -> Self {
        Self(schemas)
    }

    /// Whether it has a schema of this id.
    pub(super) fn has(&self, id: &str) -> bool {
        self.schema(id).is_some()
    }

    /// Whether all steps that are to succeed can; the error names what is missing.
    pub(super) fn lets(&self, steps: &[Value]) -> Result<(), String> {
        for step in steps {
            let answers = super::alternatives(&step["expect"]);
            let succeeds =
                |expect: &Value| super::statuses(expect).iter().all(|status| (200..300).contains(status));
            // Where a refusal will do, nothing needs to be there.
            if !answers.iter().all(succeeds) {
                continue;
            }
            self.request(&step["request"])?;
            if let Some(core) = core_of(&step["request"]) {
                // One of several answers is enough.
                let mut lacks: Vec<String> =
                    answers.iter().filter_map(|expect| self.resource(core, &expect["body"]).err()).collect();
                if lacks.len() == answers.len() {
                    return Err(lacks.swap_remove(0));
                }
            }
        }
        Ok(())
    }

    fn schema(&self, id: &str) -> Option<&Value> {
        self.0.iter().find(|schema| schema["id"].as_str().is_some_and(|held| held.eq_ignore_ascii_case(id)))
    }

    /// What a request writes and asks for.
    fn request(&self, request: &Value) -> Result<(), String> {
        let path = request["path"].as_str().unwrap_or_default();
        let body = if request.get("data").is_some() { &request["data"] } else { &request["body"] };
        let operations = body["Operations"].as_array().map(Vec::as_slice).unwrap_or_default();
        if path.to_ascii_lowercase().starts_with("/bulk") {
            return operations.iter().try_for_each(|operation| self.request(operation));
        }
        let Some(core) = core_of(request) else { return Ok(()) };
        let (_, query) = path.split_once('?').unwrap_or((path, ""));
        for pair in query.split('&') {
            match pair.split_once('=') {
                Some(("filter", filter)) => self.filter(core, &plain(filter))?,
                Some(("sortBy", by)) => self.attribute(core, by).map(drop)?,
                _ => {}
            }
        }
        if let Some(filter) = body["filter"].as_str() {
            self.filter(core, filter)?;
        }
        let named = |object: &Value| object["members"].as_array().is_some_and(|members| !members.is_empty());
        let mut written: Vec<&str> = Vec::new();
        if named(body) {
            written.push("members");
        }
        for operation in operations {
            match operation["path"].as_str() {
                Some(path) => written.push(path),
                None if operation["value"].get("members").is_some() => written.push("members"),
                None => {}
            }
        }
        for path in written {
            // An attribute that is not there is dropped in silence; what is expected afterwards tells.
            let mutability = self.attribute(core, path).ok().and_then(|found| found["mutability"].as_str());
            if let Some(fixed @ ("readOnly" | "immutable")) = mutability {
                return Err(format!("{path} is {fixed}"));
            }
        }
        Ok(())
    }

    /// A filter over what the file wrote, or something the service provider makes in every target.
    fn filter(&self, core: &str, filter: &str) -> Result<(), String> {
        for name in names_in(filter) {
            let found = self.attribute(core, &name)?;
            if found["mutability"] == "readOnly" && !MADE.iter().any(|made| name.starts_with(made)) {
                return Err(format!("{name} is readOnly"));
            }
        }
        Ok(())
    }

    /// What a pattern for a resource, or for a list of them, expects to be there.
    fn resource(&self, core: &str, pattern: &Value) -> Result<(), String> {
        match pattern {
            Value::Array(patterns) => patterns.iter().try_for_each(|pattern| self.resource(core, pattern)),
            Value::Object(members) => {
                members.iter().try_for_each(|(name, pattern)| self.member(core, name, pattern))
            }
            _ => Ok(()),
        }
    }

    fn member(&self, core: &str, name: &str, pattern: &Value) -> Result<(), String> {
        match name {
            "Resources" | "$contains" | "$exactly" | "$each" | "$either" => self.resource(core, pattern),
            "schemas" => texts(pattern).iter().try_for_each(|id| {
                let extends = id.starts_with("urn:ietf:params:scim:schemas:extension:");
                if extends && !self.has(id) { Err(format!("there is no {id}")) } else { Ok(()) }
            }),
            _ if COMMON.contains(&name) || expects_nothing(pattern) => Ok(()),
            urn if urn.starts_with("urn:") && !self.has(urn) => Err(format!("there is no {urn}")),
            urn if urn.starts_with("urn:") => match pattern {
                Value::Object(members) => members
                    .iter()
                    .filter(|(name, pattern)| !name.starts_with('$') && !expects_nothing(pattern))
                    .try_for_each(|(name, pattern)| self.shown(core, &format!("{urn}:{name}"), pattern)),
                _ => Ok(()),
            },
            _ if LISTS.contains(&name) || name.starts_with('$') => Ok(()),
            _ => match pattern {
                Value::Object(parts) if !parts.keys().any(|part| part.starts_with('$')) => parts
                    .iter()
                    .filter(|(_, pattern)| !expects_nothing(pattern))
                    .try_for_each(|(part, pattern)| self.shown(core, &format!("{name}.{part}"), pattern)),
                _ => self.shown(core, name, pattern),
            },
        }
    }

    /// An attribute that an answer is to hold.
    fn shown(&self, core: &str, path: &str, pattern: &Value) -> Result<(), String> {
        let found = self.attribute(core, path)?;
        let literal = matches!(pattern, Value::String(text) if !text.starts_with('$'));
        // What the client wrote cannot come back.
        if literal && found["mutability"] == "readOnly" && !MADE.iter().any(|made| path.starts_with(made)) {
            return Err(format!("{path} is readOnly"));
        }
        if found["returned"] == "request" {
            return Err(format!("{path} is returned only on request"));
        }
        Ok(())
    }

    /// The attribute at a path of a PATCH, a filter or a pattern.
    fn attribute(&self, core: &str, path: &str) -> Found<'_> {
        let missing = || format!("there is no {path}");
        let (schema, rest) = if path.to_ascii_lowercase().starts_with("urn:") {
            let within = |schema: &&Value| {
                let id = schema["id"].as_str().unwrap_or_default();
                path.get(..id.len()).is_some_and(|head| head.eq_ignore_ascii_case(id))
            };
            let longest =
                self.0.iter().filter(within).max_by_key(|schema| schema["id"].as_str().map(str::len));
            let schema = longest.ok_or_else(missing)?;
            (schema, &path[schema["id"].as_str().unwrap_or_default().len()..])
        } else {
            (self.schema(core).ok_or_else(missing)?, path)
        };
        let rest = rest.trim_start_matches([':', '.']);
        if rest.is_empty() || COMMON.iter().any(|name| rest.split('.').next() == Some(*name)) {
            return Ok(schema);
        }
        let end = rest.find(['[', '.']).unwrap_or(rest.len());
        // `manager` may stand without its URN.
        let found = sub(&schema["attributes"], &rest[..end])
            .or_else(|| self.0.iter().find_map(|other| sub(&other["attributes"], &rest[..end])))
            .ok_or_else(missing)?;
        let behind = rest.rsplit_once(']').map_or(&rest[end..], |(_, behind)| behind);
        match behind.trim_start_matches('.') {
            "" => Ok(found),
            part if found["mutability"] == "readOnly" => {
                sub(&found["subAttributes"], part).map(|_| found).ok_or_else(missing)
            }
            part => sub(&found["subAttributes"], part).ok_or_else(missing),
        }
    }
}

/// Attributes that clients only read, and read everywhere.
const MADE: &[&str] = &["groups", "members"];

/// Members of a list's answer.
const LISTS: &[&str] = &["totalResults", "startIndex", "itemsPerPage", "nextCursor", "previousCursor"];

/// The core schema of the resource type a request is about; none for discovery and others.
fn core_of(request: &Value) -> Option<&'static str> {
    let path = request["path"].as_str().unwrap_or_default().to_ascii_lowercase();
    match path.split(['/', '?']).find(|part| !part.is_empty())? {
        "users" => Some("urn:ietf:params:scim:schemas:core:2.0:User"),
        "groups" => Some("urn:ietf:params:scim:schemas:core:2.0:Group"),
        _ => None,
    }
}

fn sub<'o>(attributes: &'o Value, name: &str) -> Option<&'o Value> {
    let named = |found: &&Value| found["name"].as_str().is_some_and(|held| held.eq_ignore_ascii_case(name));
    attributes.as_array()?.iter().find(named)
}

fn expects_nothing(pattern: &Value) -> bool {
    pattern.is_null() || pattern == "$absent" || pattern == "$none"
}

/// The texts of a list of schemas, or of its pattern.
fn texts(pattern: &Value) -> Vec<&str> {
    let list = match pattern {
        Value::Object(operators) => operators.get("$contains").or_else(|| operators.get("$exactly")),
        list => Some(list),
    };
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The attributes a filter compares: whatever stands before an operator. Those in brackets are parts of the one before.
fn names_in(filter: &str) -> Vec<String> {
    const OPERATORS: &[&str] = &["eq", "ne", "co", "sw", "ew", "pr", "gt", "ge", "lt", "le"];
    let mut names = Vec::new();
    let (mut depth, mut quoted, mut text) = (0_u32, false, String::new());
    for c in filter.chars() {
        match c {
            '"' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            '(' | ')' if !quoted => text.push(' '),
            _ if depth > 0 => {}
            _ if quoted => text.push('_'),
            _ => text.push(c),
        }
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    for pair in words.windows(2) {
        let operator = OPERATORS.iter().any(|operator| operator.eq_ignore_ascii_case(pair[1]));
        if operator && !pair[0].starts_with('_') && !OPERATORS.contains(&pair[0]) {
            names.push(pair[0].to_owned());
        }
    }
    names
}

/// A query parameter without its escapes, as far as they stand in names and operators.
fn plain(text: &str) -> String {
    let mut plain = text.replace('+', " ");
    for (escape, c) in
        [("%20", " "), ("%22", "\""), ("%5B", "["), ("%5b", "["), ("%5D", "]"), ("%5d", "]"), ("%3A", ":")]
    {
        plain = plain.replace(escape, c);
    }
    plain
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    fn offer() -> Offer {
        let attribute = |name: &str, mutability: &str| json!({ "name": name, "mutability": mutability, "returned": "default" });
        let mut groups = attribute("groups", "readOnly");
        groups["returned"] = json!("request");
        let mut emails = attribute("emails", "readWrite");
        emails["subAttributes"] = json!([attribute("value", "readWrite"), attribute("type", "readWrite")]);
        Offer(vec![
            json!({ "id": "urn:ietf:params:scim:schemas:core:2.0:User", "attributes": [
                attribute("userName", "immutable"), attribute("displayName", "readOnly"), emails, groups] }),
            json!({ "id": "urn:ietf:params:scim:schemas:core:2.0:Group", "attributes": [
                attribute("displayName", "readWrite"), attribute("members", "readOnly")] }),
        ])
    }

    fn lets(request: &Value, expect: &Value) -> Result<(), String> {
        offer().lets(&[json!({ "request": request, "expect": expect })])
    }

    fn patch(path: &str, status: u64) -> Result<(), String> {
        let at = if path.starts_with("members") { "/Groups/7" } else { "/Users/7" };
        let body = json!({ "Operations": [{ "op": "replace", "path": path, "value": "x" }] });
        lets(&json!({ "method": "PATCH", "path": at, "body": body }), &json!({ "status": status }))
    }

    #[test]
    fn a_change_that_no_client_may_make_does_not_apply_unless_a_refusal_is_expected() {
        assert_eq!(patch("userName", 200), Err("userName is immutable".into()));
        assert_eq!(patch("members[value eq \"7\"]", 200), Err("members[value eq \"7\"] is readOnly".into()));
        assert_eq!(patch("userName", 400), Ok(()));
        let body = json!({ "Operations": [{ "op": "add", "path": "groups", "value": [] }] });
        let either = json!([{ "status": 400 }, { "status": [200, 204] }]);
        assert_eq!(lets(&json!({ "method": "PATCH", "path": "/Users/7", "body": body }), &either), Ok(()));
        assert_eq!(patch("emails[type eq \"work\"].value", 200), Ok(()));
        let put = json!({ "method": "PUT", "path": "/groups/7", "body": { "members": [{ "value": "7" }] } });
        assert_eq!(lets(&put, &json!({ "status": 200 })), Err("members is readOnly".into()));
        let bulk = json!({ "path": "/Bulk", "body": { "Operations": [{ "method": "POST", "path": "/Groups",
                           "data": { "members": [{ "value": "7" }] } }] } });
        assert!(lets(&bulk, &json!({ "status": 200 })).is_err());
    }

    #[test]
    fn what_is_expected_must_be_an_attribute_that_is_shown() {
        let get = json!({ "method": "GET", "path": "/Users/7" });
        let lets = |body: Value| lets(&get, &json!({ "status": 200, "body": body }));
        assert_eq!(lets(json!({ "title": "Planner" })), Err("there is no title".into()));
        assert_eq!(lets(json!({ "title": "$absent", "id": "7", "emails": [{ "value": "x" }] })), Ok(()));
        assert_eq!(lets(json!({ "displayName": "As sent" })), Err("displayName is readOnly".into()));
        assert_eq!(lets(json!({ "displayName": "$text" })), Ok(()));
        assert!(lets(json!({ "groups": { "$contains": [{ "value": "7" }] } })).is_err());
        assert!(lets(json!({ "schemas": { "$contains": [ENTERPRISE] } })).is_err());
        assert!(lets(json!({ ENTERPRISE: { "department": "Ops" } })).is_err());
        assert!(
            lets(json!({ "totalResults": 1, "Resources": { "$contains": [{ "title": "x" }] } })).is_err()
        );
    }

    #[test]
    fn one_of_several_answers_is_enough() {
        let get = json!({ "method": "GET", "path": "/Users/7" });
        let both =
            json!([{ "status": 200, "body": { "title": "x" } }, { "status": 200, "body": { "id": "7" } }]);
        assert_eq!(lets(&get, &both), Ok(()));
    }

    #[test]
    fn filters_are_about_attributes_that_are_there() {
        let filtered = |filter: &str| {
            let path = format!("/Users?filter={filter}&count=1");
            lets(&json!({ "method": "GET", "path": path }), &json!({ "status": 200 }))
        };
        assert_eq!(filtered("id eq \"7\" and manager eq \"8\""), Err("there is no manager".into()));
        assert_eq!(filtered("emails[type eq \"work\"].value eq \"title pr\""), Ok(()));
        assert_eq!(filtered("USERNAME+eq+%22title%20eq%201%22"), Ok(()));
        assert!(filtered(&format!("{ENTERPRISE}:department pr")).is_err());
    }

    #[test]
    fn names_stand_before_operators() {
        assert_eq!(names_in("emails[type eq \"work\"] eq \"a pr\""), ["emails"]);
        assert_eq!(names_in("not (a eq \"b co c\") or d[e pr].f sw g"), ["a", "d.f"]);
    }
}
