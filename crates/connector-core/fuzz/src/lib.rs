//! What all targets share: a User with every attribute of the RFC.

use connector_core::scim::{Resource, ResourceType, enterprise_user, user};
use serde_json::{Value, json};

/// The core User with the enterprise extension.
pub fn users() -> ResourceType {
    ResourceType {
        name: "User".into(),
        endpoint: "/Users".into(),
        description: "User Account".into(),
        schema: user(),
        extensions: vec![enterprise_user()],
        unmapped_meta: Vec::new(),
    }
}

/// One user.
pub fn ada() -> Resource {
    let document = json!({
        "id": "1", "userName": "ada", "active": true, "name": {"givenName": "Ada"},
        "emails": [{"value": "a@x", "type": "work", "primary": true}, {"value": "b@x", "type": "home"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Ops"},
    });
    match document {
        Value::Object(document) => Resource::new(document),
        _ => unreachable!("an object was written"),
    }
}
