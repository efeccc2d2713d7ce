//! A Slack that answers by script, and its objects.

use connector_slack::REGISTRATION;
pub(crate) use connector_testkit::{Answer, Step, TOKEN, step, step_with, told, with};
use connector_testkit::{Gateway, Setup};
use serde_json::{Value, json};

pub(crate) const CORE: &str = "urn:scim:schemas:core:1.0";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub(crate) const SLACKS_ENTERPRISE: &str = "urn:scim:schemas:extension:enterprise:1.0";
pub(crate) const SLACKS_GUEST: &str = "urn:scim:schemas:extension:slack:guest:1.0";
pub(crate) const OWN: &str = "urn:connector-host:scim:slack:2.0:User";

/// Slack's error body.
pub(crate) fn failure(call: &str, status: u16, description: &str) -> Step {
    step(call, status, json!({"Errors": {"description": description, "code": status}}))
}

/// An instance of the connector, and the Slack it talks to.
pub(crate) struct Slack;

impl Slack {
    /// Slack answers these calls, in this order, and no other.
    pub(crate) async fn answering(steps: impl IntoIterator<Item = Step>) -> Gateway {
        Self::set(&[], steps).await
    }

    /// The same for an instance with these parameters switched on.
    pub(crate) async fn set(flags: &[&str], steps: impl IntoIterator<Item = Step>) -> Gateway {
        let setup = Setup::of(REGISTRATION, "/scim/v1");
        flags.iter().fold(setup, |setup, flag| setup.flag(flag, true)).answering(steps).await
    }

    /// The same where nothing is written.
    pub(crate) async fn rehearsing(steps: impl IntoIterator<Item = Step>) -> Gateway {
        Self::answering(steps).await.rehearsing()
    }
}

/// A user without custom profile fields, as Slack answers (shape A).
pub(crate) fn ada() -> Value {
    json!({
        "schemas": [CORE],
        "id": "W01EXAMPLE1", "externalId": "",
        "meta": {"created": "2023-03-14T09:26:53-07:00", "location": "https://api.slack.com/scim/v1/Users/W01EXAMPLE1"},
        "userName": "ada.l", "nickName": "ada.l",
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "displayName": "ada.l",
        "profileUrl": "https://acme.enterprise.slack.com/team/ada.l",
        "title": "", "timezone": "America/Los_Angeles", "active": true,
        "emails": [{"value": "ada.l@acme.example", "primary": true}],
        "photos": [{"value": "https://secure.gravatar.com/avatar/0a1b.jpg", "type": "photo"}],
        "groups": [],
    })
}

/// A user with a custom profile record, filled with nulls (shape B).
pub(crate) fn grace() -> Value {
    json!({
        "schemas": [CORE, SLACKS_ENTERPRISE],
        "id": "W01EXAMPLE2", "externalId": "",
        "meta": {"created": "2022-11-02T17:05:13-07:00", "location": "https://api.slack.com/scim/v1/Users/W01EXAMPLE2"},
        "userName": "grace.h", "nickName": "grace.h",
        "name": {"givenName": "Grace", "familyName": "Hopper", "honorificPrefix": null},
        "displayName": "Grace H",
        "profileUrl": "https://acme.enterprise.slack.com/team/grace.h",
        "title": "Compiler lead", "timezone": "Asia/Tokyo", "active": true,
        "emails": [{"value": "grace.h@acme.example", "primary": true}, {"value": "", "primary": false}],
        "photos": [{"value": "https://avatars.example/grace.jpg", "type": "photo"}],
        "addresses": [{"streetAddress": null, "locality": null, "region": null, "postalCode": null, "country": null}],
        "phoneNumbers": [{"value": null, "type": "mobile"}, {"value": null, "primary": true}],
        "userType": null, "roles": [{"value": null, "primary": true}], "preferredLanguage": null, "locale": null,
        SLACKS_ENTERPRISE: {"employeeNumber": null, "costCenter": null, "organization": null, "division": null,
                            "department": null, "manager": {"managerId": null}},
        "groups": [{"value": "S01EXAMPLE1", "display": "Payroll"}],
    })
}

/// A user in which everything the table maps has a value.
pub(crate) fn full() -> Value {
    let mut user = grace();
    user["name"]["honorificPrefix"] = json!("Dr");
    user["emails"][1]["value"] = json!("grace@home.example");
    user["addresses"] = json!([{"streetAddress": "12 Engine Row", "locality": "London", "region": "LDN",
                                "postalCode": "N1 1AA", "country": "GB"}]);
    user["phoneNumbers"] = json!([{"value": "+44 7700 900001", "type": "mobile"}, {"value": "+44 20 7000 0001", "primary": true}]);
    user["userType"] = json!("Employee");
    user["roles"] = json!([{"value": "Team lead", "primary": true}]);
    (user["preferredLanguage"], user["locale"]) = (json!("en_GB"), json!("en_GB"));
    user[SLACKS_ENTERPRISE] = json!({"employeeNumber": "1815", "costCenter": "7", "organization": "Acme",
        "division": "R&D", "department": "Analysis", "manager": {"managerId": "W01EXAMPLE1"}});
    user
}

/// A multi-channel guest, with members Slack added over time.
pub(crate) fn guest() -> Value {
    let mut user = ada();
    user["schemas"] = json!([CORE, SLACKS_GUEST]);
    user[SLACKS_GUEST] = json!({"type": "multi", "expiration": "2027-01-31T00:00:00-08:00",
                                "channels": [{"value": "C01EXAMPLE1", "display": "general"}]});
    user
}

/// An IDP group.
pub(crate) fn payroll(members: &[&str]) -> Value {
    let members: Vec<Value> =
        members.iter().map(|id| json!({"value": id, "display": format!("Name of {id}")})).collect();
    json!({
        "schemas": [CORE], "id": "S01EXAMPLE1", "displayName": "Payroll", "members": members,
        "meta": {"created": "2023-08-10T07:41:46-07:00", "location": "https://api.slack.com/scim/v1/Groups/S01EXAMPLE1"},
    })
}
