//! An ActiveCampaign that answers by script, and its objects.

use connector_activecampaign::REGISTRATION;
pub(crate) use connector_testkit::{Answer, Step, TOKEN as KEY, step, step_with, told, with};
use connector_testkit::{Gateway, Setup};
use serde_json::{Value, json};

pub(crate) const OWN: &str = "urn:connector-host:scim:activecampaign:2.0:User";
pub(crate) const OWN_GROUP: &str = "urn:connector-host:scim:activecampaign:2.0:Group";

/// Where the API is, whatever the configured address says.
const BASE: &str = "/api/3";

/// A refusal with a `message`.
pub(crate) fn refusal(call: &str, status: u16, message: &str) -> Step {
    step(call, status, json!({ "message": message }))
}

/// An instance of the connector, and the ActiveCampaign it talks to.
pub(crate) struct Account;

impl Account {
    /// ActiveCampaign answers these calls, in this order, and no other.
    pub(crate) async fn answering(steps: impl IntoIterator<Item = Step>) -> Gateway {
        Setup::of(REGISTRATION, BASE).answering(steps).await
    }

    /// The same where nothing is written.
    pub(crate) async fn rehearsing(steps: impl IntoIterator<Item = Step>) -> Gateway {
        Self::answering(steps).await.rehearsing()
    }

    /// The same for an instance with these parameters.
    pub(crate) async fn set(settings: &[(&str, &str)], steps: impl IntoIterator<Item = Step>) -> Gateway {
        let setup = Setup::of(REGISTRATION, BASE);
        let setup = settings.iter().fold(setup, |setup, (name, value)| setup.set(name, value));
        setup.answering(steps).await
    }

    /// The same for an instance whose target address has this path.
    pub(crate) async fn at(path: &str, steps: impl IntoIterator<Item = Step>) -> Gateway {
        Setup::of(REGISTRATION, BASE).configured_at(path).answering(steps).await
    }
}

/// A user as ActiveCampaign answers.
pub(crate) fn tove() -> Value {
    json!({
        "username": "t.arvidsson", "firstName": "Tove", "lastName": "Arvidsson", "email": "tove@northlight.example",
        "phone": "", "signature": null, "localZoneid": "Europe/Stockholm", "mfaEnabled": "0",
        "cdate": "2025-11-04T09:12:30-06:00", "udate": "2025-11-20T15:01:02-06:00",
        "links": {"lists": "https://northlight.api-us1.com/api/3/users/12/lists",
                  "userGroup": "https://northlight.api-us1.com/api/3/users/12/userGroup"},
        "id": "12",
    })
}

/// The key's own user.
pub(crate) fn me() -> Step {
    step(
        "GET /users/me",
        200,
        json!({"user": {"username": "admin", "email": "ops@northlight.example", "id": "2"}}),
    )
}

/// A read of Tove.
pub(crate) fn reads() -> Step {
    step("GET /users/12", 200, json!({ "user": tove() }))
}

/// A read of the user as changed.
pub(crate) fn reads_with(changes: Value) -> Step {
    step("GET /users/12", 200, json!({ "user": with(tove(), changes) }))
}

/// A read of Tove's one group.
pub(crate) fn in_group(group: &str) -> Step {
    step("GET /users/12/userGroup", 200, json!({ "userGroup": record("31", "12", group) }))
}

/// A membership record.
pub(crate) fn record(id: &str, user: &str, group: &str) -> Value {
    json!({"userid": user, "groupid": group, "cdate": null, "udate": null, "links": {}, "id": id, "group": group,
           "user": user})
}

/// A group as ActiveCampaign answers.
pub(crate) fn editors() -> Value {
    json!({"title": "Newsletter editors", "descript": "May write, not send", "p_admin": "1", "pgMessageAdd": "1",
           "pg_user_add": "0", "reqApproval1st": "2", "sdate": null, "links": {}, "id": "7"})
}

/// A read of the group.
pub(crate) fn reads_group() -> Step {
    step("GET /groups/7", 200, json!({ "group": editors() }))
}

/// A read of the group's people.
pub(crate) fn people(users: &[&str]) -> Step {
    let records: Vec<Value> = users.iter().map(|user| record(&format!("3{user}"), user, "7")).collect();
    step("GET /groups/7/userGroups", 200, json!({ "userGroups": records }))
}
