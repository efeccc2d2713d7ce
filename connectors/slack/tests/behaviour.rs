//! The behaviour suite in Slack's words (<https://docs.slack.dev/reference/scim-api>).

use connector_core::connector::Registration;
use connector_slack::REGISTRATION;
use connector_testkit::{Answer, Call, Case, Staged, StandIn, TOKEN};
use serde_json::{Value, json};

connector_testkit::behaviour!(Slack);

struct Slack;

const CORE: &str = "urn:scim:schemas:core:1.0";
const ENTERPRISE: &str = "urn:scim:schemas:extension:enterprise:1.0";
const GUEST: &str = "urn:scim:schemas:extension:slack:guest:1.0";
const PROFILE: &str = "urn:scim:schemas:extension:slack:profile:1.0";

/// Slack's error body.
fn failure(status: u16, description: &str) -> Answer {
    Answer::json(status, json!({"Errors": {"description": description, "code": status}}))
}

fn missing(path: &[&str]) -> Answer {
    failure(404, if path.first() == Some(&"Groups") { "no_such_group" } else { "no_such_user" })
}

impl StandIn for Slack {
    fn registration(&self) -> Registration {
        REGISTRATION
    }

    fn base(&self) -> &'static str {
        "/scim/v1"
    }

    fn object(&self, of: &str, n: usize) -> Value {
        if of == "Group" {
            return json!({
                "schemas": [CORE], "id": format!("S{n:07}"), "displayName": format!("Payroll {n}"),
                "members": [{"value": "W0000901", "display": "ada.l"}, {"value": "W0000902", "display": "grace.h"}],
                "meta": {"created": "2023-08-10T07:41:46-07:00"},
            });
        }
        json!({
            "schemas": [CORE, ENTERPRISE, GUEST, PROFILE],
            "id": format!("W{n:07}"), "externalId": "",
            "meta": {"created": "2022-11-02T17:05:13-07:00"},
            "userName": format!("grace.h{n}"), "nickName": format!("grace.h{n}"),
            "name": {"givenName": "Grace", "familyName": "Hopper", "honorificPrefix": "Dr"},
            "displayName": format!("Grace {n}"), "profileUrl": "https://people.acme.example/grace",
            "title": "Compiler lead", "timezone": "Asia/Tokyo", "active": true,
            "emails": [{"value": format!("grace{n}@acme.example"), "primary": true},
                       {"value": format!("grace{n}@home.example"), "primary": false}],
            "photos": [{"value": "https://img.acme.example/grace.jpg", "type": "photo"}],
            "addresses": [{"streetAddress": "12 Engine Row", "locality": "London", "region": "LDN",
                           "postalCode": "N1 1AA", "country": "GB"}],
            "phoneNumbers": [{"value": "+44 7700 900001", "type": "mobile"}, {"value": "+44 20 7000 0001", "primary": true}],
            "userType": "Employee", "roles": [{"value": "Team lead", "primary": true}],
            "preferredLanguage": "en_GB", "locale": "en_GB",
            ENTERPRISE: {"employeeNumber": "1815", "costCenter": "7", "organization": "Acme", "division": "R&D",
                         "department": "Analysis", "manager": {"managerId": "W0000901"}},
            GUEST: {"type": "multi", "expiration": "2027-01-31T00:00:00-08:00"},
            PROFILE: {"startDate": "2022-12-01T00:00:00Z"},
            "groups": [{"value": "S0000001", "display": "Payroll 1"}],
        })
    }

    fn answer(&self, call: &Call<'_>) -> Answer {
        let of = match call.path().first() {
            Some(&"Users") => "User",
            Some(&"Groups") => "Group",
            _ => return failure(404, "bad_endpoint"),
        };
        match (call.method(), &call.path()[1..]) {
            ("GET", []) => {
                let (start, count) =
                    (call.number("startIndex").unwrap_or(1), call.number("count").unwrap_or(10));
                let (found, _) = call.some(of, start - 1, count);
                Answer::json(
                    200,
                    json!({"totalResults": call.all(of).len(), "itemsPerPage": found.len(),
                                         "startIndex": start, "schemas": [CORE], "Resources": found}),
                )
            }
            ("POST", []) => Answer::json(201, call.created(of).cloned().unwrap_or_default()),
            (method, [id]) => match (method, call.one(of, id)) {
                (_, None) => missing(&call.path()),
                ("PATCH", Some(_)) if of == "Group" => Answer::new(204),
                ("GET" | "PATCH" | "PUT", Some(object)) => Answer::json(200, object.clone()),
                ("DELETE", Some(_)) => Answer::new(204),
                _ => failure(405, "method_not_allowed"),
            },
            _ => failure(404, "bad_endpoint"),
        }
    }

    #[rustfmt::skip]
    fn stage(&self, case: Case, of: &str) -> Staged {
        let user = of == "User";
        match case {
            Case::MissingId | Case::MissingOnWrite => Staged::answers(if user {
                vec![failure(404, "no_such_user"), failure(400, "cannot_decode_user_id (id=x)"), failure(404, "unknown_user")]
            } else {
                vec![failure(404, "no_such_group"), failure(400, "missing_group_id")]
            }),
            Case::EndlessList => Staged::answers([Answer::json(200, json!({
                "totalResults": 1_000_000, "itemsPerPage": 1, "startIndex": 1, "Resources": [self.object(of, 0)]}))]),
            Case::DuplicateCreate => Staged::answers(if user {
                vec![failure(409, "username_taken (username=grace)"), failure(400, "username_taken"), failure(409, "email_taken")]
            } else {
                vec![failure(409, "name_already_exists")]
            }),
            Case::CredentialRefusedOnce | Case::CredentialRefused => Staged::answers([
                failure(401, "invalid_authentication"), failure(401, "missing_authentication")]),
            Case::Forbidden => Staged::answers([failure(403, "permission_denied"), failure(400, "cannot_modify_owner")]),
            Case::Conflict => Staged::answers([failure(400, "idp_group_linked_to_channels"), failure(409, "username_taken")]),
            Case::RateLimited => Staged::answers([
                failure(429, "too_many_requests"), Answer::json(429, json!({"ok": false, "error": "ratelimited"}))]),
            Case::Unavailable => Staged::answers([failure(500, "database_query_failure"), failure(400, "resource_locked")]),
            Case::Secrets => Staged::answers([
                failure(400, &format!("invalid_request_payload (token={TOKEN})")), failure(500, &format!("odd {TOKEN}"))]),
            Case::ChangedOnly => Staged::plain().beside(&["schemas"]),
            Case::RowsRoundTrip => Staged::plain()
                .except(&["active"], "accounts are always made active, and then deactivated"),
            Case::FirstPage | Case::LastPage | Case::RepeatedPage | Case::HostileIds | Case::HostileValues
            | Case::DeleteTwice | Case::ReadOnlyWrite | Case::UndeclaredAbility | Case::EmptyUpdate
            | Case::UnknownFields | Case::OddFields | Case::MalformedBody | Case::TruncatedBody | Case::HugeBody | Case::Redirect
            | Case::SlowAnswer | Case::AmbiguousCreate | Case::MemberChanges | Case::Capabilities | Case::Check => Staged::plain(),
        }
    }
}
