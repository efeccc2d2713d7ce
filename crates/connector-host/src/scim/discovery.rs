//! Discovery (RFC 7644 section 4): made once at start from the compiled tables, so it cannot claim what is not there.

use bytes::Bytes;
use connector_core::{
    complete::{DEFAULT_COUNT, Instance, MAX_COUNT},
    error::{Error, Kind, Result},
    scim::{
        ListResponse, RESOURCE_TYPE_URN, ResourceType, SCHEMA_URN, SERVICE_PROVIDER_CONFIG_URN, Schema,
        same_name,
    },
};
use serde_json::{Value, json};

use super::{bulk, respond};

/// The discovery documents of one instance, as JSON text.
pub struct Discovery {
    service_provider_config: Bytes,
    resource_types: Listing,
    schemas: Listing,
}

/// A list of documents and each of them alone, by id.
struct Listing {
    all: Bytes,
    each: Vec<(String, Bytes)>,
}

impl Discovery {
    /// Describes an instance that is served at `base`.
    pub fn of(instance: &Instance, base: &str) -> Self {
        let resource_types = instance.endpoints().map(|endpoint| {
            let rtype = endpoint.plan().resource_type();
            (rtype.name.to_string(), resource_type(rtype, base))
        });
        let resource_types = Listing::of(resource_types.collect());
        let mut schemas: Vec<(String, Value)> = Vec::new();
        for endpoint in instance.endpoints() {
            for schema in endpoint.plan().resource_type().schemas() {
                if !schemas.iter().any(|(id, _)| *id == *schema.id) {
                    schemas.push((schema.id.to_string(), schema_document(schema, base)));
                }
            }
        }
        let config = service_provider_config(instance, base);
        Self {
            service_provider_config: respond::json(&config),
            resource_types,
            schemas: Listing::of(schemas),
        }
    }

    /// The document at a path, if it is one of discovery: names match in any letter case.
    pub(super) fn find(&self, segments: &[&str]) -> Option<Result<Bytes>> {
        let (first, rest) = segments.split_first()?;
        let listing = match first.to_ascii_lowercase().as_str() {
            "serviceproviderconfig" => {
                return Some(match rest {
                    [] => Ok(self.service_provider_config.clone()),
                    _ => Err(Error::new(Kind::NotFound, "there is one ServiceProviderConfig only")),
                });
            }
            "resourcetypes" => &self.resource_types,
            "schemas" => &self.schemas,
            _ => return None,
        };
        Some(match rest {
            [] => Ok(listing.all.clone()),
            [id] => match listing.each.iter().find(|(known, _)| same_name(known, id)) {
                Some((_, json)) => Ok(json.clone()),
                None => Err(Error::new(Kind::NotFound, format!("{first} has no `{id}`"))),
            },
            _ => Err(Error::new(Kind::NotFound, "no such path under discovery")),
        })
    }
}

impl Listing {
    fn of(documents: Vec<(String, Value)>) -> Self {
        let each = documents.iter().map(|(id, document)| (id.clone(), respond::json(document))).collect();
        let documents: Vec<Value> = documents.into_iter().map(|(_, document)| document).collect();
        let total = documents.len() as u64;
        Self { all: respond::json(&ListResponse::new(documents, total, 1)), each }
    }
}

fn resource_type(rtype: &ResourceType, base: &str) -> Value {
    let extensions: Vec<Value> =
        rtype.extensions.iter().map(|schema| json!({ "schema": schema.id, "required": false })).collect();
    json!({
        "schemas": [RESOURCE_TYPE_URN],
        "id": rtype.name,
        "name": rtype.name,
        "description": rtype.description,
        "endpoint": rtype.endpoint,
        "schema": rtype.schema.id,
        "schemaExtensions": extensions,
        "meta": { "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{}", rtype.name) },
    })
}

fn schema_document(schema: &Schema, base: &str) -> Value {
    let mut document = serde_json::to_value(schema).expect("schemas always serialise");
    document["schemas"] = json!([SCHEMA_URN]);
    document["meta"] =
        json!({ "resourceType": "Schema", "location": format!("{base}/Schemas/{}", schema.id) });
    document
}

/// What this service does; a feature that is not there is not claimed.
fn service_provider_config(instance: &Instance, base: &str) -> Value {
    let patch = instance.endpoints().any(|endpoint| {
        let target = endpoint.target();
        target.updater().is_some() || target.members().is_some()
    });
    let change_password = instance
        .endpoints()
        .any(|endpoint| endpoint.target().updater().is_some() && endpoint.plan().takes_later("password"));
    let writes = patch || instance.endpoints().any(|endpoint| endpoint.target().creator().is_some());
    json!({
        "schemas": [SERVICE_PROVIDER_CONFIG_URN],
        "patch": { "supported": patch },
        "bulk": { "supported": writes, "maxOperations": bulk::MAX_OPERATIONS, "maxPayloadSize": bulk::MAX_BODY },
        "filter": { "supported": true, "maxResults": MAX_COUNT },
        "changePassword": { "supported": change_password },
        "sort": { "supported": true },
        "etag": { "supported": true },
        "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": DEFAULT_COUNT,
            "maxPageSize": MAX_COUNT,
        },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "OAuth Bearer Token",
            "description": "A token made by the operator with `connector-host token create`.",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base}/ServiceProviderConfig"),
        },
    })
}
