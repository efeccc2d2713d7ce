//! The behaviour suite in Webex's words (<https://developer.webex.com/docs/basics>).

use connector_core::connector::Registration;
use connector_testkit::{Answer, Call, Case, Setup, Staged, StandIn, TOKEN};
use connector_webex::REGISTRATION;
use serde_json::{Value, json};

connector_testkit::behaviour!(Webex);

struct Webex;

/// The role of a Full Administrator.
const FULL_ADMIN: &str = "Y2lzY29zcGFyazovL3VzL1JPTEUvaWRfZnVsbF9hZG1pbg";
const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
const LINE: &[&str] = &[
    "phoneNumbers",
    "urn:connector-host:scim:webex:2.0:User:extension",
    "urn:connector-host:scim:webex:2.0:User:locationId",
];
const GRANTED: &[&str] = &["entitlements", "roles"];

fn failure(status: u16, reason: &str) -> Answer {
    let body = json!({"message": "Webex's own words", "errors": [{"description": reason}], "trackingId": "ROUTERGW_1"});
    Answer::json(status, body)
}

/// A page of the list at `path`, and where the next one is.
fn page(call: &Call<'_>, of: &str, path: &str) -> Answer {
    let (from, max) = (call.number("after").unwrap_or(0), call.number("max").unwrap_or(100));
    let (found, more) = call.some(of, from, max);
    let next = from + found.len();
    let bare: Vec<Value> = found.into_iter().map(bare).collect();
    let answer = Answer::json(200, json!({ "items": bare }));
    if more {
        answer.header("Link", format!("</v1/{path}?max={max}&after={next}>; rel=\"next\""))
    } else {
        answer
    }
}

/// The object without what takes a call of its own.
fn bare(object: &Value) -> Value {
    let mut object = object.clone();
    object.as_object_mut().expect("an object").shift_remove("memberships");
    object
}

/// The memberships of a team, with that of the account that consented.
fn memberships(call: &Call<'_>) -> Answer {
    let Some(team) = call.query("teamId").and_then(|id| call.one("Group", id)) else {
        return failure(404, "no such team");
    };
    let own = json!([{"id": "MS-ME", "personId": "P-ME", "personDisplayName": "Webex Service", "isModerator": true}]);
    let others = team["memberships"].as_array().into_iter().flatten();
    let all: Vec<&Value> = own.as_array().into_iter().flatten().chain(others).collect();
    Answer::json(200, json!({ "items": all }))
}

/// Whether the objects are those that every scene begins with.
fn is_as_ever(call: &Call<'_>, of: &str) -> bool {
    let objects = call.all(of);
    objects.len() == 3 && objects.iter().enumerate().all(|(n, object)| **object == Webex.object(of, n))
}

impl StandIn for Webex {
    fn registration(&self) -> Registration {
        REGISTRATION
    }

    fn base(&self) -> &'static str {
        "/v1"
    }

    fn setup(&self, setup: Setup) -> Setup {
        setup.flag("allow_team_delete", true)
    }

    fn object(&self, of: &str, n: usize) -> Value {
        match of {
            "User" => json!({
                "id": format!("P{n:04}"), "emails": [format!("ada{n}@acme-demo.example")],
                "displayName": format!("Ada Quill {n}"), "nickName": "Ada", "firstName": "Ada", "lastName": "Quill",
                "avatar": "https://avatar.example/ada.png", "orgId": "O0000", "roles": ["R0001"],
                "licenses": ["L0000", "L0001"], "department": "Research", "manager": "Bo Tern", "managerId": "P0099",
                "title": "Analyst", "timeZone": "Europe/Berlin", "siteUrls": ["acme-demo.webex.com"],
                "addresses": [{"type": "work", "country": "DE", "locality": "Berlin", "region": "BE",
                               "streetAddress": "Beispielweg 4", "postalCode": "10115"}],
                "created": "2025-03-04T08:15:30.120Z", "lastModified": "2026-01-19T11:02:07.455Z",
                "status": "inactive", "invitePending": false, "loginEnabled": true, "type": "person",
            }),
            "Group" => json!({
                "id": format!("T{n:04}"), "name": format!("Team {n}"), "description": "Who does it",
                "created": "2025-03-04T08:15:30.120Z",
                "memberships": [
                    {"id": format!("MS{n}-1"), "personId": "P0901", "personDisplayName": "Bo", "isModerator": false},
                    {"id": format!("MS{n}-2"), "personId": "P0902", "personDisplayName": "Cy", "isModerator": false}],
            }),
            "License" | "Entitlement" => json!({
                "id": format!("L{n:04}"), "name": format!("Meetings {n}"), "totalUnits": 100, "consumedUnits": 7,
                "consumedByUsers": 6, "consumedByWorkspaces": 1, "subscriptionId": "Sub1", "siteUrl": "acme.webex.com",
                "siteType": "Control Hub managed site",
            }),
            "Role" => json!({
                "id": if n == 0 { FULL_ADMIN.to_owned() } else { format!("R{n:04}") }, "name": format!("Role {n}"),
            }),
            _ => json!({
                "id": format!("O{n:04}"), "displayName": format!("Acme {n}"), "created": "2020-03-04T08:15:30.120Z",
            }),
        }
    }

    fn answer(&self, call: &Call<'_>) -> Answer {
        let of = match call.path().first() {
            Some(&"people") => "User",
            Some(&"teams" | &"team") => "Group",
            // Two types show the same licences: the one whose are not as they always are is the one that is asked about.
            Some(&"licenses") if is_as_ever(call, "License") => "Entitlement",
            Some(&"licenses") => "License",
            Some(&"roles") => "Role",
            _ => "Organization",
        };
        match (call.method(), &call.path()[..]) {
            ("GET", ["people", "me"]) => Answer::json(
                200,
                json!({
                "id": "P-ME", "emails": ["webex-service@acme-demo.example"], "displayName": "Webex Service",
                "orgId": "O0000", "roles": [FULL_ADMIN], "licenses": [], "type": "person"}),
            ),
            ("GET", ["people", "P0099"]) => {
                Answer::json(200, json!({"id": "P0099", "displayName": "Bo Tern"}))
            }
            ("GET", ["team", "memberships"]) => memberships(call),
            ("POST", ["team", "memberships"]) => Answer::json(200, json!({"id": "MS-NEW"})),
            ("DELETE", ["team", "memberships", _]) => Answer::new(204),
            ("GET", [path @ ("people" | "teams")]) => page(call, of, path),
            ("GET", [_]) => Answer::json(200, json!({ "items": call.all(of) })),
            ("POST", [_]) => Answer::json(200, bare(call.created(of).unwrap_or(&Value::Null))),
            (method, [_, id]) => match (method, call.one(of, id)) {
                (_, None) => failure(404, "Not found."),
                ("DELETE", Some(_)) => Answer::new(204),
                (_, Some(object)) => Answer::json(200, bare(object)),
            },
            _ => failure(404, "no such path"),
        }
    }

    #[rustfmt::skip]
    fn stage(&self, case: Case, of: &str) -> Staged {
        let (user, team) = (of == "User", of == "Group");
        match case {
            Case::MissingId | Case::MissingOnWrite => Staged::answers([failure(404, "Not found."), failure(410, "Gone.")])
                .sparing(&["people/me"]),
            Case::EndlessList if user || team => {
                let path = if user { "people" } else { "teams" };
                let page = Answer::json(200, json!({ "items": [bare(&self.object(of, 0))] }));
                Staged::answers([page.header("Link", format!("</v1/{path}?max=5&after=5>; rel=\"next\""))])
                    .sparing(&["people/me", "team/memberships", "licenses", "roles"])
            }
            Case::EndlessList => Staged::not_applicable("Webex gives this list whole, in one answer"),
            Case::DuplicateCreate if user => Staged::answers([failure(409, "The person is in use.")]),
            Case::DuplicateCreate => Staged::not_applicable("Webex takes any number of teams of one name"),
            Case::CredentialRefusedOnce | Case::CredentialRefused => Staged::answers([failure(401, "No token.")]),
            Case::Forbidden => Staged::answers([failure(403, "Not you.")]).sparing(&["people/me"]),
            Case::Conflict => Staged::answers([failure(409, "It conflicts.")])
                .except(&[MANAGER], "its name is looked up first"),
            Case::RateLimited => Staged::answers([failure(429, "Slow down.")]),
            Case::Unavailable => Staged::answers([failure(503, "Overloaded."), failure(423, "Locked.").header("Retry-After", "1")]),
            Case::Secrets => Staged::answers([failure(401, TOKEN), failure(500, &format!("{TOKEN} is odd"))]),
            Case::ChangedOnly => Staged::plain()
                .except(&["active"], "written as loginEnabled, see the tests of calls")
                .except(&[MANAGER], "its name is looked up and written with it, see the tests of calls")
                .except(LINE, "for people with Webex Calling only, see the tests of calls")
                .except(GRANTED, "given and taken by calls of their own, see the tests of calls"),
            Case::RowsRoundTrip => Staged::plain()
                .except(&["active"], "made of loginEnabled and invitePending")
                .except(&[MANAGER], "must be a person of Webex")
                .except(LINE, "for people with Webex Calling only, see the tests of calls")
                .except(GRANTED, "Webex answers ids alone, and the connector adds their names")
                .except(&["urn:connector-host:scim:webex:2.0:Group:moderators"], "made of the memberships"),
            Case::OddFields => Staged::plain()
                .except(&["active"], "made of loginEnabled and invitePending")
                .except(GRANTED, "Webex answers ids alone, and the connector adds their names")
                .except(&["members", "urn:connector-host:scim:webex:2.0:Group:moderators"], "an answer of their own"),
            Case::FirstPage | Case::LastPage | Case::RepeatedPage | Case::HostileIds | Case::HostileValues
            | Case::DeleteTwice | Case::ReadOnlyWrite | Case::UndeclaredAbility | Case::EmptyUpdate
            | Case::UnknownFields | Case::MalformedBody | Case::TruncatedBody | Case::HugeBody | Case::Redirect
            | Case::SlowAnswer | Case::AmbiguousCreate | Case::MemberChanges | Case::Capabilities | Case::Check => Staged::plain(),
        }
    }
}
