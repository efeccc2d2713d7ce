//! `/ServiceProviderConfigs`, in the plural in both editions, and `/Schemas/Users`.

use serde_json::{Value, json};

use super::attributes::{ENTERPRISE, LISTS, NAME, TEXTS};
use super::edition::Edition;

/// What the service can do.
pub(super) fn service_provider(edition: Edition) -> Value {
    let schema = match edition {
        Edition::V1 => edition.names().core,
        Edition::V2 => "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig",
    };
    json!({
        "schemas": [schema],
        "patch": {"supported": edition == Edition::V2},
        "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": true, "maxResults": 100},
        "changePassword": {"supported": false},
        "sort": {"supported": false},
        "etag": {"supported": false},
        "authenticationSchemes": [{
            "type": "oauthbearertoken", "name": "OAuth Bearer Token", "description": "The access token of an integration",
        }],
    })
}

/// The attributes of a person.
pub(super) fn user_schema(edition: Edition) -> Value {
    let names = edition.names();
    let attribute = |name: &str, kind: &str| json!({"name": name, "type": kind, "multiValued": false});
    let parts = |parts: &[&str]| parts.iter().map(|name| attribute(name, "string")).collect::<Vec<_>>();
    let mut attributes: Vec<Value> = TEXTS.iter().map(|name| attribute(name, "string")).collect();
    attributes.push(
        json!({"name": "name", "type": "complex", "multiValued": false, "subAttributes": parts(&NAME)}),
    );
    attributes.push(attribute("active", "boolean"));
    for (name, of) in LISTS {
        attributes
            .push(json!({"name": name, "type": "complex", "multiValued": true, "subAttributes": parts(of)}));
    }
    json!({
        "id": names.core,
        "name": "User",
        "schema": names.core,
        "endpoint": "/Users",
        "attributes": attributes,
        "extensions": [
            {"id": names.enterprise, "attributes": parts(&ENTERPRISE)},
            {"id": names.dates, "attributes": [attribute("startDate", "integer"), attribute("termDate", "integer")]},
            {"id": names.status, "attributes": [attribute("invited", "boolean"), attribute("claimed", "boolean")]},
            {"id": names.auth, "attributes": [attribute(names.auth_method, "string")]},
            {"id": names.frontline, "attributes": [attribute("is_frontline", "boolean")]},
        ],
    })
}
