//! What `/groupMembers` and `/groupDefinitions` are really about: fields of contacts in groups of fields. They are
//! here so that a client which takes them for people is found out.

use serde_json::{Value, json};

/// `GET /groupMembers`
pub(super) fn members() -> Value {
    json!({
        "groupMembers": [
            {"rel_id": "12", "group_definition": "1", "ordernum": "1", "links": {}, "id": "1", "groupDefinition": "1"},
            {"rel_id": "15", "group_definition": "1", "ordernum": "2", "links": {}, "id": "2", "groupDefinition": "1"},
        ],
        "meta": {"total": "2"},
    })
}

/// `GET /groupDefinitions`
pub(super) fn definitions() -> Value {
    json!({
        "groupDefinitions": [
            {"title": "General Details", "type_id": "1", "is_primary": "1", "ordernum": "1", "links": {}, "id": "1"},
        ],
        "meta": {"total": "1"},
    })
}
