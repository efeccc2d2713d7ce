//! A Workplace that answers by script, and its objects.

use connector_core::connector::Setting;
pub(crate) use connector_testkit::{Answer, Step, TOKEN, step, step_with, told, with};
use connector_testkit::{Gateway, Setup};
use connector_workplace::REGISTRATION;
use serde_json::{Value, json};

pub(crate) const OWN: &str = "urn:connector-host:scim:workplace:2.0:User";
pub(crate) const OWN_GROUP: &str = "urn:connector-host:scim:workplace:2.0:Group";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A refusal as Graph tells it.
pub(crate) fn refusal(call: &str, status: u16, code: u64, message: &str) -> Step {
    step(
        call,
        status,
        json!({"error": {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "Abc"}}),
    )
}

/// Graph's answer to a write.
pub(crate) fn success(call: &str) -> Step {
    step(call, 200, json!({"success": true}))
}

/// An instance of the connector, and the Workplace it talks to: SCIM at `/scim`, Graph at `/graph`.
pub(crate) struct Community;

impl Community {
    /// Workplace answers these calls, in this order, and no other.
    pub(crate) async fn answering(steps: impl IntoIterator<Item = Step>) -> Gateway {
        Self::set(&[], steps).await
    }

    /// The same for an instance with these parameters.
    pub(crate) async fn set(given: &[(&str, Setting)], steps: impl IntoIterator<Item = Step>) -> Gateway {
        let setup = Setup::of(REGISTRATION, "").configured_at("/scim").endpoint("graph_url", "/graph");
        let setup = given.iter().fold(setup, |setup, (name, value)| setup.setting(name, value.clone()));
        setup.within_limits().answering(steps).await
    }
}

/// A switch of an instance.
pub(crate) fn on(name: &'static str) -> [(&'static str, Setting); 1] {
    [(name, Setting::Boolean(true))]
}

/// A person as SCIM 2.0 answers.
pub(crate) fn mina() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "id": 1001, "externalId": "E-20417", "userName": "mina@riverbank.example",
        "name": {"formatted": "Mina Okafor", "givenName": "Mina", "familyName": "Okafor"},
        "title": "Quay Supervisor", "locale": "en_GB", "preferredLanguage": "en_GB", "active": true,
        "emails": [{"value": "mina@riverbank.example", "type": "work", "primary": true}],
        "phoneNumbers": [{"value": "+441632960123", "type": "work", "primary": true}],
        "addresses": [{"type": "work", "formatted": "Dock 4, Hull", "primary": true}],
        "groups": [],
        "meta": {"resourceType": "User", "created": "2024-03-01T00:00:00+00:00"},
        ENTERPRISE: {
            "employeeNumber": "20417", "department": "Harbour", "division": "Operations", "organization": "Riverbank",
            "costCenter": "CC-88", "manager": {"managerId": 1003, "displayName": "Ivo Brandt"}
        },
        "urn:ietf:params:scim:schemas:extension:facebook:starttermdates:2.0:User": {"startDate": 1_609_459_200, "termDate": 0},
        "urn:ietf:params:scim:schemas:extension:facebook:accountstatusdetails:2.0:User": {
            "invited": true, "inviteDate": "2024-03-01T00:00:00+00:00", "claimed": false, "canDelete": true,
            "claimLink": "https://fb.example/claim/a1b2c3"
        },
        "urn:ietf:params:scim:schemas:extension:facebook:authmethod:2.0:User": {"authMethod": "sso"},
        "urn:ietf:params:scim:schemas:extension:facebook:frontline:2.0:User": {"is_frontline": false},
    })
}

/// The same person as SCIM 1.1 answers.
pub(crate) fn mina_v1() -> Value {
    let text = mina().to_string();
    let text = text
        .replace("urn:ietf:params:scim:schemas:core:2.0:User", "urn:scim:schemas:core:1.0")
        .replace(ENTERPRISE, "urn:scim:schemas:extension:enterprise:1.0")
        .replace("authmethod:2.0:User", "auth_method:1.0")
        .replace("\"authMethod\"", "\"auth_method\"")
        .replace(":2.0:User", ":1.0")
        .replace("urn:ietf:params:scim:schemas:extension:facebook", "urn:scim:schemas:extension:facebook")
        .replace("\"2024-03-01T00:00:00+00:00\",\"claimed\"", "1709251200,\"claimed\"");
    serde_json::from_str(&text).expect("JSON")
}

/// A read of Mina.
pub(crate) fn reads() -> Step {
    step("GET /scim/Users/1001", 200, mina())
}

/// A write of Mina, answered with what she is then.
pub(crate) fn puts(changes: Value) -> Step {
    step("PUT /scim/Users/1001", 200, with(mina(), changes))
}

/// A group as Graph answers.
pub(crate) fn harbour() -> Value {
    json!({
        "id": "2001", "name": "Harbour Safety", "description": "Safety notes", "privacy": "CLOSED",
        "purpose": "WORK_TEAMWORK", "archived": false, "is_community": false, "is_workplace_default": false,
        "join_setting": "ADMIN_ONLY", "post_permissions": "NONE", "post_requires_admin_approval": false,
        "sorting_setting": "CHRONOLOGICAL", "icon": "https://static.example/icons/group.png",
        "owner": {"id": "1003", "name": "Ivo Brandt"}, "updated_time": "2025-03-02T08:15:00+0000",
    })
}

/// A read of the group.
pub(crate) fn reads_group() -> Step {
    step("GET /graph/2001", 200, harbour())
}

/// A page of the group's people; the first administers it.
pub(crate) fn people(ids: &[&str]) -> Step {
    let entries = ids
        .iter()
        .enumerate()
        .map(|(at, id)| json!({"id": id, "name": format!("Person {id}"), "administrator": at == 0}));
    step("GET /graph/2001/members", 200, json!({"data": entries.collect::<Vec<_>>()}))
}
