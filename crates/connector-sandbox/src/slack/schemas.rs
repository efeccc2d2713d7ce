//! The service documents, with the oddities of the recorded ones. Clients should not derive anything from them.

use serde_json::{Value, json};

use super::model::{ADDRESS, CORE, ENTERPRISE, ENTERPRISE_FIELDS, GUEST};

/// `GET /ServiceProviderConfigs`: says that filters do not work, which is not so.
pub(super) fn service_provider_configs() -> Value {
    json!({
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "OAuth Bearer Token",
            "description": "Authentication Scheme using the OAuth Bearer Token Standard",
            "specUrl": "http://tools.ietf.org/html/draft-ietf-oauth-v2-bearer-01",
            "primary": true,
        }],
        "patch": {"supported": true},
        "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": false, "maxResults": 0},
        "changePassword": {"supported": false},
        "sort": {"supported": false},
        "etag": {"supported": false},
        "xmlDataFormat": {"supported": false},
    })
}

/// `GET /Schemas/Users`: two URNs in `schema`, a misspelt `subattributes`, an object where an array belongs.
pub(super) fn users() -> Value {
    let mut enterprise: Vec<_> = ENTERPRISE_FIELDS
        .iter()
        .map(|(name, _)| attribute(name, "string", Flags::default(), ENTERPRISE, json!({})))
        .collect();
    let manager_id = attribute("managerId", "string", Flags::default(), ENTERPRISE, json!({}));
    let manager = json!({"subAttributes": manager_id});
    enterprise.push(attribute("manager", "complex", Flags::default(), ENTERPRISE, manager));
    let required = Flags { required: true, ..Flags::default() };
    let read_only = Flags { read_only: true, ..Flags::default() };
    let plain = |name: &str| attribute(name, "string", Flags::default(), CORE, json!({}));
    let sub = |names: &[&str]| names.iter().map(|name| plain(name)).collect::<Vec<_>>();
    let mut email = sub(&["type", "primary"]);
    email.insert(0, attribute("value", "string", required, CORE, json!({})));
    let address: Vec<_> = ADDRESS.iter().map(|(name, _)| *name).collect();
    json!({
        "id": "urn:scim:schemas:core:1.0:User",
        "name": "User",
        "description": "Core User",
        "schema": [CORE, ENTERPRISE],
        "endpoint": "/Users",
        "attributes": [
            attribute("id", "string", Flags { read_only: true, ..required }, CORE, json!({})),
            attribute("userName", "string", required, CORE, json!({})),
            attribute("name", "complex", Flags::default(), CORE,
                json!({"subAttributes": sub(&["givenName", "familyName", "honorificPrefix"])})),
            attribute("active", "string", Flags::default(), CORE, json!({})),
            many("emails", "email", required, &json!(email), &["work", "home", "other"]),
            many("photos", "photo", Flags::default(), &json!(sub(&["value", "type"])), &["photo", "thumbnail"]),
            attribute("groups", "complex", Flags { multi: true, ..read_only }, CORE, json!({
                "multiValuedAttributeChildName": "group", "subattributes": sub(&["value", "display"]),
            })),
            many("addresses", "address", Flags::default(), &json!(sub(&address)), &["work", "home", "other"]),
            many("phoneNumbers", "phoneNumber", Flags::default(), &json!(sub(&["value", "type"])),
                &["work", "home", "mobile", "pager", "fax", "other"]),
            many("roles", "role", Flags::default(), &json!(sub(&["value", "primary"])), &[]),
            plain("userType"),
            plain("preferredLanguage"),
            plain("locale"),
            attribute(ENTERPRISE, "complex", Flags { multi: true, ..Flags::default() }, ENTERPRISE,
                json!({"subAttributes": enterprise})),
            attribute(GUEST, "complex", Flags::default(), GUEST,
                json!({"subAttributes": sub(&["type", "expiration"])})),
        ],
    })
}

/// `GET /Schemas/Groups`: `displayName` is required and read-only at once.
pub(super) fn groups() -> Value {
    let both = Flags { required: true, read_only: true, multi: false };
    let read_only = Flags { read_only: true, ..Flags::default() };
    let members = ["value", "display"].map(|name| attribute(name, "string", read_only, CORE, json!({})));
    json!({
        "name": "Group",
        "description": "Core Group",
        "schema": CORE,
        "endpoint": "/Groups",
        "attributes": [
            attribute("id", "string", both, CORE, json!({})),
            attribute("displayName", "string", both, CORE, json!({})),
            attribute("members", "complex", Flags { required: true, multi: true, read_only: false }, CORE,
                json!({"subAttributes": members})),
        ],
    })
}

#[derive(Clone, Copy, Default)]
struct Flags {
    required: bool,
    read_only: bool,
    multi: bool,
}

fn attribute(name: &str, kind: &str, flags: Flags, schema: &str, more: Value) -> Value {
    let mut attribute = json!({
        "name": name,
        "type": kind,
        "multiValued": flags.multi,
        "description": name,
        "schema": schema,
        "readOnly": flags.read_only,
        "required": flags.required,
        "caseExact": false,
    });
    if let (Value::Object(attribute), Value::Object(more)) = (&mut attribute, more) {
        attribute.extend(more);
    }
    attribute
}

fn many(name: &str, child: &str, flags: Flags, sub: &Value, types: &[&str]) -> Value {
    let more = json!({
        "multiValuedAttributeChildName": child,
        "subAttributes": sub,
        "canonicalValues": types,
    });
    attribute(name, "complex", Flags { multi: true, ..flags }, CORE, more)
}
