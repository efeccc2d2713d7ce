//! The behaviour suite in Newtarget's words: what the target answers when all is well, and how it says what is not.

use connector_core::connector::Registration;
use connector_newtarget::REGISTRATION;
use connector_testkit::{Answer, Call, Case, Staged, StandIn};
use serde_json::{Value, json};

connector_testkit::behaviour!(Newtarget);

struct Newtarget;

impl StandIn for Newtarget {
    fn registration(&self) -> Registration {
        REGISTRATION
    }

    fn base(&self) -> &'static str {
        "/v1"
    }

    fn object(&self, _: &str, n: usize) -> Value {
        let mut user: Value = serde_json::from_str(include_str!("fixtures/user.json")).expect("JSON");
        user["id"] = format!("U{n}").into();
        user["email"] = format!("ada{n}@example.com").into();
        user
    }

    fn answer(&self, call: &Call<'_>) -> Answer {
        const OF: &str = "User";
        match (call.method(), &call.path()[..]) {
            ("GET", ["users"]) => {
                let held: Vec<&Value> = match call.query("email") {
                    Some(email) => call.all(OF).into_iter().filter(|user| user["email"] == *email).collect(),
                    None => {
                        let (from, count) =
                            (call.number("offset").unwrap_or(0), call.number("limit").unwrap_or(25));
                        call.some(OF, from, count).0
                    }
                };
                Answer::json(200, json!({ "users": held }))
            }
            ("POST", ["users"]) => Answer::json(201, call.created(OF).cloned().unwrap_or_default()),
            (method, ["users", id]) => match (method, call.one(OF, id)) {
                (_, None) => Answer::json(404, json!({"message": "no such user"})),
                ("DELETE", Some(_)) => Answer::new(204),
                (_, Some(user)) => Answer::json(200, user.clone()),
            },
            _ => Answer::json(404, json!({"message": "no such path"})),
        }
    }

    #[rustfmt::skip]
    fn stage(&self, case: Case, _: &str) -> Staged {
        match case {
            // FILL IN: Staged::answers([Answer::json(STATUS, json!({…})), …]) with each form the target has for it.
            Case::MissingId => Staged::todo("FILL IN what the target answers to a read of an unknown id"),
            Case::MissingOnWrite => Staged::todo("FILL IN what the target answers to a change and a deletion of an unknown id"),
            Case::EndlessList => Staged::todo("FILL IN a page of the target that comes again whatever the offset or cursor is"),
            Case::DuplicateCreate => Staged::todo("FILL IN what the target answers to a create with a used name"),
            Case::CredentialRefusedOnce | Case::CredentialRefused => Staged::todo("FILL IN what the target answers to a bad credential"),
            Case::Forbidden => Staged::todo("FILL IN what the target answers when the credential may not do it"),
            Case::Conflict => Staged::todo("FILL IN what the target answers when an object's state forbids a change; not_applicable(REASON) where it has no such answer"),
            Case::RateLimited => Staged::todo("FILL IN what the target answers beyond its rate limit"),
            Case::Unavailable => Staged::todo("FILL IN what the target answers when it is down"),
            Case::Secrets => Staged::todo("FILL IN an error of the target that repeats the credential (connector_testkit::TOKEN)"),
            Case::FirstPage | Case::LastPage | Case::RepeatedPage | Case::HostileIds | Case::HostileValues
            | Case::DeleteTwice | Case::ReadOnlyWrite | Case::UndeclaredAbility | Case::EmptyUpdate | Case::ChangedOnly
            | Case::RowsRoundTrip | Case::UnknownFields | Case::OddFields | Case::MalformedBody | Case::TruncatedBody
            | Case::HugeBody | Case::Redirect | Case::SlowAnswer | Case::AmbiguousCreate | Case::MemberChanges
            | Case::Capabilities | Case::Check => Staged::plain(),
        }
    }
}
