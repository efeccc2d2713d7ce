//! The behaviour suite in ActiveCampaign's words (<https://developers.activecampaign.com/reference/overview>).

use connector_activecampaign::REGISTRATION;
use connector_core::connector::Registration;
use connector_testkit::{Answer, Call, Case, Staged, StandIn, TOKEN};
use serde_json::{Value, json};

connector_testkit::behaviour!(ActiveCampaign);

struct ActiveCampaign;

const OWN: &str = "urn:connector-host:scim:activecampaign:2.0:User";
const GROUP_ID: &str = "urn:connector-host:scim:activecampaign:2.0:User:groupId";

fn refusal(status: u16, message: &str) -> Answer {
    Answer::json(status, json!({ "message": message }))
}

/// A validation error.
fn invalid(status: u16, code: &str, member: &str) -> Answer {
    let source = json!({"pointer": format!("/data/attributes/{member}")});
    Answer::json(status, json!({"errors": [{"title": "The value.", "code": code, "source": source}]}))
}

/// A membership record.
fn record(user: &str, group: &str) -> Value {
    json!({"userid": user, "groupid": group, "id": format!("{user}{group}"), "group": group, "user": user})
}

fn missing(of: &str, id: &str) -> Answer {
    refusal(404, &format!("No Result found for {of} with id {id}"))
}

/// A page of a list, with a total that is a text.
fn page(call: &Call<'_>, of: &str, envelope: &str) -> Answer {
    let (found, _) = call.some(of, call.number("offset").unwrap_or(0), call.number("limit").unwrap_or(20));
    let found: Vec<Value> = found.into_iter().map(bare).collect();
    Answer::json(200, json!({ envelope: found, "meta": {"total": call.all(of).len().to_string()} }))
}

/// The object without its memberships, which take a call of their own.
fn bare(object: &Value) -> Value {
    let mut object = object.clone();
    object.as_object_mut().expect("an object").shift_remove("userGroups");
    object
}

impl StandIn for ActiveCampaign {
    fn registration(&self) -> Registration {
        REGISTRATION
    }

    fn base(&self) -> &'static str {
        "/api/3"
    }

    fn object(&self, of: &str, n: usize) -> Value {
        let id = (100 + n).to_string();
        if of == "Group" {
            return json!({"title": format!("Editors {n}"), "descript": "May write, not send", "p_admin": "1", "links": {},
                          "userGroups": [record("901", &id), record("902", &id)], "id": id});
        }
        json!({
            "username": format!("t.arvidsson{n}"), "firstName": "Tove", "lastName": "Arvidsson",
            "email": format!("tove{n}@northlight.example"), "phone": "+46 8 000 00 01", "signature": null,
            "localZoneid": "Europe/Stockholm", "mfaEnabled": "0", "cdate": "2025-11-04T09:12:30-06:00",
            "udate": "2025-11-20T15:01:02-06:00", "links": {}, "userGroups": [record(&id, "7")], "id": id,
        })
    }

    fn only_written(&self, of: &str) -> Value {
        if of == "User" { json!({"password": "correct horse", OWN: {"groupId": "7"}}) } else { json!({}) }
    }

    fn fields(&self, of: &str, body: Value) -> Value {
        body[if of == "User" { "user" } else { "group" }].clone()
    }

    fn answer(&self, call: &Call<'_>) -> Answer {
        let (one, of) =
            if call.path().first() == Some(&"users") { ("user", "User") } else { ("group", "Group") };
        let enveloped = |object: &Value| Answer::json(200, json!({ one: bare(object) }));
        match (call.method(), &call.path()[..]) {
            ("GET", ["users", "me"]) => Answer::json(200, json!({"user": {"username": "admin", "id": "2"}})),
            ("GET", ["users", "username" | "email", value]) => {
                let field = call.path()[1];
                match call.all(of).into_iter().find(|user| user[field] == *value) {
                    Some(user) => enveloped(user),
                    None => missing(of, value),
                }
            }
            ("GET", ["users"]) => page(call, of, "users"),
            ("GET", ["groups"]) => page(call, of, "groups"),
            ("POST", [_]) => {
                Answer::json(201, json!({ one: bare(call.created(of).unwrap_or(&Value::Null)) }))
            }
            ("GET", ["users", "2", "userGroup"]) => Answer::json(200, json!({"userGroups": []})),
            ("GET", [_, id, "userGroup" | "userGroups"]) => match call.one(of, id) {
                Some(object) => Answer::json(200, json!({"userGroups": object["userGroups"]})),
                None => missing(of, id),
            },
            (method, [_, id]) => match (method, call.one(of, id)) {
                (_, None) => missing(of, id),
                ("DELETE", Some(_)) => Answer::json(200, json!({})),
                (_, Some(object)) => enveloped(object),
            },
            _ => refusal(404, "no such path"),
        }
    }

    #[rustfmt::skip]
    fn stage(&self, case: Case, of: &str) -> Staged {
        let user = of == "User";
        let nobody = format!("No Result found for {of} with id 404");
        match case {
            Case::MissingId | Case::MissingOnWrite => Staged::answers([refusal(404, &nobody), refusal(403, &nobody)])
                .sparing(&["users/me"]),
            Case::EndlessList => Staged::answers([Answer::json(200, json!({
                "users": [self.object("User", 0), self.object("User", 1)], "groups": [self.object("Group", 0)],
                "userGroups": [], "meta": {"total": "1000000"}}))]),
            Case::DuplicateCreate if user => Staged::answers([
                invalid(422, "duplicate", "username"), invalid(422, "duplicate", "email"), invalid(409, "duplicate", "username")]),
            Case::DuplicateCreate => Staged::not_applicable("ActiveCampaign takes any number of groups of one title"),
            Case::CredentialRefusedOnce | Case::CredentialRefused => Staged::answers([
                refusal(403, "No"), Answer::new(403), refusal(401, "No")]),
            Case::Forbidden => Staged::answers([
                Answer::json(403, json!({"errors": [{"status": 403, "title": "Forbidden", "detail": "Not you"}]})),
                refusal(402, "You have no free user seat.")]).sparing(&["users/me"]),
            Case::Conflict => Staged::answers([invalid(409, "duplicate", "email"), invalid(422, "duplicate", "email")]),
            Case::RateLimited => Staged::answers([refusal(429, "Too many requests")]),
            Case::Unavailable => Staged::answers([refusal(503, "Maintenance"), Answer::new(500)]),
            Case::Secrets => Staged::answers([refusal(400, &format!("The key {TOKEN} is bad")), refusal(500, TOKEN)]),
            Case::ChangedOnly => Staged::plain()
                .except(&["active"], "there is no disabled state: a change is refused")
                .beside(&["group"]),
            Case::RowsRoundTrip => Staged::plain()
                .except(&["active", "displayName", "name.formatted"], "the connector makes them")
                .except(&[GROUP_ID], "sent as a number, and checked by the tests of creations"),
            Case::OddFields => Staged::plain()
                .except(&["displayName", "name.formatted"], "made of both names")
                .except(&["members"], "an answer of its own, which is odd as a whole"),
            Case::FirstPage | Case::LastPage | Case::RepeatedPage | Case::HostileIds | Case::HostileValues
            | Case::DeleteTwice | Case::ReadOnlyWrite | Case::UndeclaredAbility | Case::EmptyUpdate
            | Case::UnknownFields | Case::MalformedBody | Case::TruncatedBody | Case::HugeBody | Case::Redirect
            | Case::SlowAnswer | Case::AmbiguousCreate | Case::MemberChanges | Case::Capabilities | Case::Check => Staged::plain(),
        }
    }
}
