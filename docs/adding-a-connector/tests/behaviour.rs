//! The behaviour suite in PagerDuty's words (<https://github.com/PagerDuty/api-schema>).

use connector_core::connector::Registration;
use connector_pagerduty::REGISTRATION;
use connector_testkit::{Answer, Call, Case, Staged, StandIn, TOKEN};
use serde_json::{Value, json};

connector_testkit::behaviour!(PagerDuty);

struct PagerDuty;

/// A refusal: message and code are PagerDuty's, details say what is wrong.
fn refusal(status: u16, code: u16, message: &str, details: &[&str]) -> Answer {
    Answer::json(status, json!({"error": {"message": message, "code": code, "errors": details}}))
}

fn missing() -> Answer {
    refusal(404, 2100, "Not Found", &[])
}

/// A page of these rows.
fn page(rows: &[&Value], more: bool, envelope: &str) -> Answer {
    let rows: Vec<Value> = rows.iter().map(|row| bare(row)).collect();
    Answer::json(200, json!({envelope: rows, "limit": 100, "offset": 0, "more": more, "total": null}))
}

/// The object without its members, which take a call of their own.
fn bare(object: &Value) -> Value {
    let mut object = object.clone();
    object.as_object_mut().expect("an object").shift_remove("members");
    object
}

impl StandIn for PagerDuty {
    fn registration(&self) -> Registration {
        REGISTRATION
    }

    fn base(&self) -> &'static str {
        ""
    }

    fn object(&self, of: &str, n: usize) -> Value {
        let fixture = if of == "User" {
            include_str!("fixtures/user.json")
        } else {
            include_str!("fixtures/team.json")
        };
        let mut object: Value = serde_json::from_str(fixture).expect("JSON");
        object["id"] = format!("P{of}{n}").to_uppercase().into();
        object["name"] = format!("{} {n}", object["name"].as_str().unwrap_or_default()).into();
        if of == "User" {
            object["email"] = format!("tove{n}@northlight.example").into();
        }
        object
    }

    /// A membership is written without a body.
    fn fields(&self, of: &str, body: Value) -> Value {
        body.get(if of == "User" { "user" } else { "team" }).cloned().unwrap_or_else(|| json!({}))
    }

    fn answer(&self, call: &Call<'_>) -> Answer {
        let path = call.path();
        let (of, one) = if path.first() == Some(&"users") { ("User", "user") } else { ("Group", "team") };
        let created = |id: &str| call.created(of).filter(|object| object["id"] == *id);
        let held = |id: &str| call.one(of, id).or_else(|| created(id));
        let enveloped = |status: u16, object: &Value| Answer::json(status, json!({ one: bare(object) }));
        match (call.method(), &path[..]) {
            ("GET", [list @ ("users" | "teams")]) => match call.query("query") {
                Some(asked) => {
                    let asked = asked.to_lowercase();
                    let has = |value: &Value| {
                        value.as_str().is_some_and(|text| text.to_lowercase().contains(&asked))
                    };
                    let found: Vec<_> = call
                        .all(of)
                        .into_iter()
                        .filter(|object| has(&object["name"]) || has(&object["email"]))
                        .collect();
                    page(&found, false, list)
                }
                None => {
                    let (from, count) =
                        (call.number("offset").unwrap_or(0), call.number("limit").unwrap_or(25));
                    let (found, more) = call.some(of, from, count);
                    page(&found, more, list)
                }
            },
            ("POST", [_]) => enveloped(201, call.created(of).unwrap_or(&Value::Null)),
            ("GET", ["teams", id, "members"]) => match held(id) {
                Some(team) => Answer::json(200, json!({"members": team["members"], "more": false})),
                None => missing(),
            },
            ("PUT" | "DELETE", ["teams", _, "users", _]) => Answer::new(204),
            (method, [_, id]) => match (method, held(id)) {
                (_, None) => missing(),
                ("DELETE", Some(_)) => Answer::new(204),
                (_, Some(object)) => enveloped(200, object),
            },
            _ => missing(),
        }
    }

    #[rustfmt::skip]
    fn stage(&self, case: Case, of: &str) -> Staged {
        let user = of == "User";
        match case {
            Case::MissingId | Case::MissingOnWrite => Staged::answers([missing()]),
            Case::EndlessList => Staged::answers([Answer::json(200, json!({
                "users": [self.object("User", 0), self.object("User", 1)], "teams": [self.object("Group", 0)],
                "members": [], "more": true}))]),
            Case::DuplicateCreate if user => Staged::answers([
                refusal(400, 2001, "Invalid Input Provided", &["Email has already been taken."])]),
            Case::DuplicateCreate => Staged::answers([
                refusal(400, 2001, "Invalid Input Provided", &["Name has already been taken"])]),
            Case::CredentialRefusedOnce | Case::CredentialRefused => Staged::answers([Answer::new(401)]),
            Case::Forbidden => Staged::answers([
                refusal(403, 2010, "Access Denied", &[]), refusal(402, 2012, "Account does not have the abilities", &[])]),
            Case::Conflict if user => Staged::answers([
                refusal(400, 2001, "Invalid Input Provided", &["Incidents must be resolved before the user is deleted"])]),
            Case::Conflict => Staged::not_applicable("PagerDuty tells no conflict of teams apart from bad input"),
            Case::RateLimited => Staged::answers([refusal(429, 2020, "Rate Limit Exceeded", &[])]),
            Case::Unavailable => Staged::answers([Answer::new(503), refusal(500, 2000, "Internal Server Error", &[])]),
            Case::Secrets => Staged::answers([refusal(400, 2001, &format!("The key {TOKEN} is bad"), &[])]),
            Case::ChangedOnly => Staged::plain().beside(&["type"]),
            Case::RowsRoundTrip => Staged::plain().except(&["members"], "written by calls of their own, which the case `MemberChanges` judges"),
            Case::OddFields => Staged::plain().except(&["members"], "an answer of its own, which is odd as a whole"),
            Case::FirstPage | Case::LastPage | Case::RepeatedPage | Case::HostileIds | Case::HostileValues
            | Case::DeleteTwice | Case::ReadOnlyWrite | Case::UndeclaredAbility | Case::EmptyUpdate
            | Case::UnknownFields | Case::MalformedBody | Case::TruncatedBody
            | Case::HugeBody | Case::Redirect | Case::SlowAnswer | Case::AmbiguousCreate | Case::MemberChanges
            | Case::Capabilities | Case::Check => Staged::plain(),
        }
    }
}
