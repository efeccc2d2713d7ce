//! A Webex that answers by script, and its objects.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
pub(crate) use connector_testkit::{Answer, Step, TOKEN, step, step_with, told, with};
use connector_testkit::{Gateway, Setup};
use connector_webex::REGISTRATION;
use serde_json::{Value, json};

/// How long a client waits who does not wait long: passing faults are tried again for a moment only.
pub(crate) const MOMENT: Duration = Duration::from_millis(300);

/// A list of one page.
pub(crate) fn items(call: &str, items: Value) -> Step {
    step(call, 200, json!({"items": items}))
}

/// Webex's error body.
pub(crate) fn failure(call: &str, status: u16, reason: &str) -> Step {
    let body = json!({"message": "Webex's own words", "errors": [{"description": reason}], "trackingId": "ROUTERGW_1"});
    step(call, status, body)
}

/// What Webex answers at any time: names of licences and roles, and who consented.
fn furniture() -> Vec<Step> {
    vec![
        items(
            "GET /licenses",
            json!([
                {"id": license("FMS"), "name": "Basic Messaging"},
                {"id": license("FSS"), "name": "Free screen share"},
                {"id": license("EE"), "name": "Webex Meetings Suite", "siteUrl": "acme-demo.webex.com"},
                {"id": license("BCSTD"), "name": "Webex Calling - Professional"},
            ]),
        ),
        items(
            "GET /roles",
            json!([{"id": id("ROLE", "id_full_admin"), "name": "Full Administrator"},
                   {"id": id("ROLE", "id_user_admin"), "name": "User Administrator"}]),
        ),
        step("GET /people/me", 200, service_account()),
    ]
}

/// An instance of the connector, and the Webex it talks to.
pub(crate) struct Webex;

impl Webex {
    /// Webex answers these calls, in this order, and no other.
    pub(crate) async fn answering(steps: impl IntoIterator<Item = Step>) -> Gateway {
        setup().answering(steps).await
    }

    /// The same beside what every organisation answers.
    pub(crate) async fn organisation(steps: impl IntoIterator<Item = Step>) -> Gateway {
        Self::set(&[], steps).await
    }

    /// The same with these parameters set to true.
    pub(crate) async fn set(parameters: &[&str], steps: impl IntoIterator<Item = Step>) -> Gateway {
        let setup = setup().standing(furniture());
        parameters.iter().fold(setup, |setup, name| setup.flag(name, true)).answering(steps).await
    }
}

fn setup() -> Setup {
    Setup::of(REGISTRATION, "/v1").within_limits()
}

/// An id of this kind and value, as Webex forms it.
pub(crate) fn id(kind: &str, value: &str) -> String {
    BASE64_STANDARD_NO_PAD.encode(format!("ciscospark://us/{kind}/{value}"))
}

/// The id of the licence with this offer code.
pub(crate) fn license(code: &str) -> String {
    id(
        "LICENSE",
        &format!("7a1e3c52-6f0d-4b8e-9a34-51c0d2e7f601:{code}_9eca7814-3313-464f-9642-0239875bc9f8"),
    )
}

/// The bodies of what was sent to `METHOD /path`, in order.
pub(crate) fn bodies(sent: &str, call: &str) -> Vec<Value> {
    let (method, path) = call.split_once(' ').expect("method and path");
    let line = format!("{method} /v1{path}");
    let mut bodies = Vec::new();
    let mut at = String::new();
    let mut body = String::new();
    for text in sent.lines().chain([""]) {
        if !text.starts_with(['{', '}', ' ']) {
            if !body.is_empty() && at == line {
                bodies.push(serde_json::from_str(&body).expect("JSON"));
            }
            body.clear();
            text.clone_into(&mut at);
        } else if text.starts_with('{') || !body.is_empty() {
            body.push_str(text);
        }
    }
    bodies
}

/// A document as reviewers read it.
pub(crate) fn pretty(document: &Value) -> String {
    serde_json::to_string_pretty(document).expect("plain data")
}

/// The calls that were made, without queries and bodies.
pub(crate) fn calls(sent: &str) -> Vec<&str> {
    sent.lines().filter(|line| !line.starts_with(['{', '}', ' '])).collect()
}

/// The organisation's id.
pub(crate) fn acme() -> String {
    id("ORGANIZATION", "7a1e3c52-6f0d-4b8e-9a34-51c0d2e7f601")
}

/// An established person, as an administrator sees her.
pub(crate) fn ada() -> Value {
    json!({
        "id": "P-ADA",
        "emails": ["ada.quill@acme-demo.example"],
        "phoneNumbers": [
            {"type": "work", "value": "+4930555010", "primary": true},
            {"type": "work_extension", "value": "8110", "primary": false},
        ],
        "extension": "110",
        "locationId": "L-BERLIN",
        "displayName": "Ada Quill", "nickName": "Ada", "firstName": "Ada", "lastName": "Quill",
        "avatar": "https://avatar.example/ada.png",
        "orgId": acme(),
        "roles": [id("ROLE", "id_user_admin")],
        "licenses": [license("FMS"), license("FSS")],
        "department": "Research", "manager": "Bo Tern", "managerId": "P-BO", "title": "Analyst",
        "addresses": [{"type": "work", "country": "DE", "locality": "Berlin", "region": "BE",
                       "streetAddress": "Beispielweg 4", "postalCode": "10115"}],
        "created": "2025-03-04T08:15:30.120Z", "lastModified": "2026-01-19T11:02:07.455Z",
        "timeZone": "Europe/Berlin",
        "lastActivity": "2026-05-02T14:20:11.000Z",
        "siteUrls": ["acme-demo.webex.com"],
        "sipAddresses": [{"type": "cloud-calling", "value": "ada.quill@acme-demo.calls.example", "primary": true}],
        "status": "inactive", "invitePending": false, "loginEnabled": true, "type": "person",
    })
}

/// Somebody just created, without a licence, who never signed in.
pub(crate) fn bo() -> Value {
    json!({
        "id": "P-BO",
        "emails": ["bo.tern@acme-demo.example"],
        "displayName": "Bo Tern", "nickName": "Bo", "firstName": "Bo", "lastName": "Tern",
        "orgId": acme(),
        "roles": [], "licenses": [],
        "created": "2026-05-03T09:00:00.464Z", "lastModified": "2026-05-03T09:00:02.584Z",
        "status": "pending", "invitePending": true, "loginEnabled": false, "type": "person",
    })
}

/// The account that consented.
pub(crate) fn service_account() -> Value {
    with(
        ada(),
        json!({
            "id": "P-ME", "emails": ["webex-service@acme-demo.example"], "displayName": "Webex Service",
            "roles": [id("ROLE", "id_full_admin")],
        }),
    )
}
