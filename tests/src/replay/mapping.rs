//! What clients of one connector send beyond what the files say: attributes that its target makes mandatory, which an
//! administrator maps.

use serde_json::{Map, Value};

/// The attribute mapping of one connector's clients.
#[derive(Debug)]
pub(super) struct Mapping {
    /// A schema only instances of that connector offer.
    pub(super) schema: String,
    /// What a member of the given group names instead of being named by it; null where the group names it.
    pub(super) member: Value,
    /// What every POST and PUT of a user has.
    user: Value,
    /// What every POST of a user has beside.
    new_user: Value,
}

impl Mapping {
    /// Reads the list of them.
    pub(super) fn read_all(list: &Value) -> Result<Vec<Self>, String> {
        let one = |entry: &Value| {
            super::known(entry, &["schema", "why", "user", "new_user", "member"])
                .map_err(|what| format!("given.json: mappings: {what}"))?;
            let (Some(schema), Some(_)) = (entry["schema"].as_str(), entry["why"].as_str()) else {
                return Err("given.json: a mapping needs its `schema` and a `why`".to_owned());
            };
            let part = |name: &str| entry[name].clone();
            let (user, new_user, member) = (part("user"), part("new_user"), part("member"));
            Ok(Self { schema: schema.to_owned(), member, user, new_user })
        };
        list.as_array().into_iter().flatten().map(one).collect()
    }

    /// Adds to a request what it lacks, those of a bulk request too.
    pub(super) fn complete(&self, request: &mut Value) {
        let path = request["path"].as_str().unwrap_or_default().to_ascii_lowercase();
        let method = request["method"].as_str().unwrap_or_default().to_owned();
        let about_users = path.split(['/', '?']).find(|part| !part.is_empty()) == Some("users");
        let searches = path.contains("/.search");
        let content = if request.get("data").is_some() { "data" } else { "body" };
        if path.starts_with("/bulk") {
            let operations = request.pointer_mut("/body/Operations").and_then(Value::as_array_mut);
            operations.into_iter().flatten().for_each(|operation| self.complete(operation));
            return;
        }
        let Some(body @ Value::Object(_)) = request.get_mut(content).filter(|_| about_users && !searches)
        else {
            return;
        };
        if method == "POST" || method == "PUT" {
            add(body, &self.user);
        }
        if method == "POST" {
            add(body, &self.new_user);
        }
    }
}

/// Adds to an object the members that it lacks, at any depth; letter case does not count.
pub(super) fn add(object: &mut Value, more: &Value) {
    let (Value::Object(object), Value::Object(more)) = (object, more) else { return };
    for (name, value) in more {
        match held(object, name) {
            Some(held) => add(held, value),
            None => drop(object.insert(name.clone(), value.clone())),
        }
    }
}

fn held<'o>(object: &'o mut Map<String, Value>, name: &str) -> Option<&'o mut Value> {
    object.iter_mut().find(|(held, _)| held.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mapping() -> Mapping {
        let list = json!([{ "schema": "urn:x", "why": "it must", "user": { "name": { "familyName": "Okafor" } },
                            "new_user": { "password": "p" }, "member": {} }]);
        Mapping::read_all(&list).expect("a good list").remove(0)
    }

    fn completed(request: &Value) -> Value {
        let mut request = request.clone();
        mapping().complete(&mut request);
        request
    }

    #[test]
    fn a_new_user_gets_what_it_lacks_and_keeps_what_it_has() {
        let body = |body: Value| json!({ "method": "POST", "path": "/Users/?attributes=id", "body": body });
        let own = json!({ "Name": { "givenName": "Noor" }, "password": "own" });
        assert_eq!(
            completed(&body(own))["body"],
            json!({ "Name": { "givenName": "Noor", "familyName": "Okafor" }, "password": "own" })
        );
        let put = json!({ "method": "PUT", "path": "/Users/7", "body": {} });
        assert_eq!(completed(&put)["body"], json!({ "name": { "familyName": "Okafor" } }));
    }

    #[test]
    fn bulk_operations_are_requests_and_others_stay_as_they_are() {
        let operation = json!({ "method": "POST", "path": "/Users", "data": {} });
        let bulk = json!({ "method": "POST", "path": "/Bulk", "body": { "Operations": [operation] } });
        assert_eq!(completed(&bulk)["body"]["Operations"][0]["data"]["password"], "p");
        for other in [
            json!({ "method": "POST", "path": "/Groups", "body": {} }),
            json!({ "method": "POST", "path": "/Users/.search", "body": {} }),
            json!({ "method": "PATCH", "path": "/Users/7", "body": {} }),
            json!({ "method": "GET", "path": "/Users" }),
        ] {
            assert_eq!(completed(&other), other);
        }
    }

    #[test]
    fn a_mapping_without_a_reason_is_refused() {
        assert!(Mapping::read_all(&json!([{ "schema": "urn:x" }])).is_err());
        assert!(Mapping::read_all(&json!([{ "schema": "urn:x", "why": "y", "users": {} }])).is_err());
    }
}
