//! The small connector's target.

use connector_core::connector::Registration;
use connector_testkit::{Answer, Call, Case, Setup, Staged, StandIn, TOKEN};
use serde_json::{Value, json};

use crate::{Flaw, connector::REGISTRATION};

/// The target, and the flaw of the connector in front of it.
pub(crate) struct Toy(pub(crate) Option<Flaw>);

fn failure(status: u16, error: &str) -> Answer {
    Answer::json(status, json!({ "error": error }))
}

impl StandIn for Toy {
    fn registration(&self) -> Registration {
        REGISTRATION
    }

    fn base(&self) -> &'static str {
        "/api"
    }

    fn setup(&self, setup: Setup) -> Setup {
        match self.0 {
            Some(flaw) => setup.set("flaw", &format!("{flaw:?}")),
            None => setup,
        }
    }

    fn object(&self, of: &str, n: usize) -> Value {
        match of {
            "Person" => {
                json!({"key": format!("p{n}"), "login": format!("ada{n}"), "shown": "Ada", "names": {"given": "Ada"},
                               "title": "Analyst", "blocked": false, "seen": "2026-01-02T03:04:05Z"})
            }
            "Group" => {
                json!({"key": format!("t{n}"), "label": format!("Team {n}"), "people": [{"key": "p8"}, {"key": "p9"}]})
            }
            _ => json!({"key": format!("s{n}"), "label": format!("Seat {n}")}),
        }
    }

    fn fields(&self, _: &str, body: Value) -> Value {
        body["object"].clone()
    }

    fn answer(&self, call: &Call<'_>) -> Answer {
        let of = match call.path().first() {
            Some(&"people") => "Person",
            Some(&"teams") => "Group",
            Some(&"seats") => "Seat",
            Some(&"me") => return Answer::json(200, json!({"key": "me"})),
            _ => return failure(404, "no such path"),
        };
        match (call.method(), &call.path()[1..]) {
            ("GET", []) => {
                let from = call.number("from").unwrap_or(0);
                let (items, more) = call.some(of, from, call.number("count").unwrap_or(3));
                let next = more.then(|| (from + items.len()).to_string());
                Answer::json(200, json!({"items": items, "next": next}))
            }
            ("POST", []) => Answer::json(201, call.created(of).cloned().unwrap_or_default()),
            ("PATCH", [_, "people"]) => Answer::new(204),
            (method, [id]) => match (method, call.one(of, id)) {
                (_, None) => failure(404, "gone"),
                ("DELETE", Some(_)) => Answer::new(204),
                (_, Some(object)) => Answer::json(200, object.clone()),
            },
            _ => failure(404, "no such path"),
        }
    }

    fn stage(&self, case: Case, of: &str) -> Staged {
        match case {
            Case::MissingId | Case::MissingOnWrite => Staged::answers([failure(404, "gone")]),
            Case::EndlessList => {
                Staged::answers([Answer::json(200, json!({"items": [self.object(of, 0)], "next": "1"}))])
            }
            Case::DuplicateCreate | Case::Conflict => Staged::answers([failure(409, "taken")]),
            Case::CredentialRefusedOnce | Case::CredentialRefused => Staged::answers([failure(401, "who?")]),
            Case::Forbidden => Staged::answers([failure(403, "no")]),
            Case::RateLimited => Staged::answers([failure(429, "later")]),
            Case::Unavailable => Staged::answers([failure(503, "later")]),
            Case::Secrets => {
                Staged::answers([failure(400, TOKEN), failure(403, &format!("{TOKEN} may not"))])
            }
            Case::FirstPage
            | Case::LastPage
            | Case::RepeatedPage
            | Case::HostileIds
            | Case::HostileValues
            | Case::DeleteTwice
            | Case::ReadOnlyWrite
            | Case::UndeclaredAbility
            | Case::EmptyUpdate
            | Case::ChangedOnly
            | Case::RowsRoundTrip
            | Case::UnknownFields
            | Case::OddFields
            | Case::MalformedBody
            | Case::TruncatedBody
            | Case::HugeBody
            | Case::Redirect
            | Case::SlowAnswer
            | Case::AmbiguousCreate
            | Case::MemberChanges
            | Case::Capabilities
            | Case::Check => Staged::plain(),
        }
    }
}
