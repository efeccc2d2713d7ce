//! What connectors are tested with, offline: tables that are taken apart, a target that answers by script, and the behaviour
//! suite.
//!
//! # The behaviour suite
//!
//! A connector promises more than its types say: an unknown id is `NotFound` in whatever form its target says so, the last
//! page has no `next`, an update sends what changed and nothing else. Each such promise is a [`Case`]. The suite knows what
//! to ask and what must hold; a connector's author only gives the vendor's words, in `tests/behaviour.rs`:
//!
//! ```text
//! connector_testkit::behaviour!(PagerDuty);
//!
//! struct PagerDuty;
//!
//! impl StandIn for PagerDuty {
//!     fn registration(&self) -> Registration { REGISTRATION }
//!     fn base(&self) -> &'static str { "" }
//!     // The n-th object, as the target holds it.
//!     fn object(&self, of: &str, n: usize) -> Value { … }
//!     // The target when all is well. It keeps no state: the suite holds the objects.
//!     fn answer(&self, call: &Call<'_>) -> Answer {
//!         match (call.method(), &call.path()[..]) {
//!             ("GET", ["users", id]) => match call.one("User", id) {
//!                 Some(user) => Answer::json(200, json!({ "user": user })),
//!                 None => missing(),
//!             },
//!             …
//!         }
//!     }
//!     // How each case shows: without wildcard, so that a new case is decided before anything compiles.
//!     fn stage(&self, case: Case, of: &str) -> Staged {
//!         match case {
//!             Case::MissingId => Staged::answers([missing(), Answer::new(410)]),
//!             Case::DuplicateCreate => Staged::answers([taken("email")]),
//!             Case::Conflict => Staged::not_applicable("PagerDuty knows no states that forbid a change"),
//!             Case::ChangedOnly => Staged::plain().beside(&["type"]),
//!             Case::FirstPage | Case::LastPage | … => Staged::plain(),
//!         }
//!     }
//! }
//! ```
//!
//! [`behaviour!`] makes a test of every case, named after it. A case is played for each resource type that its facets and
//! spec make it apply to: the suite starts the stand-in on loopback, builds an instance in front of it, acts as a SCIM
//! client through core's completion, and changes the stand-in's answers where the case is about a fault. A failure names
//! the trait method, its promise, what came instead, and every exchange with the target.
//!
//! What `stage` may answer:
//!
//! | answer | means | refused where |
//! | --- | --- | --- |
//! | [`Staged::plain`] | the stand-in as it is shows the case | the case is about answers in the vendor's own form |
//! | [`Staged::answers`] | these forms, one after the other, in place of the usual answers; bare statuses are added by the suite | the case needs none, or the list is empty |
//! | [`Staged::not_applicable`] | the target cannot show it; printed with the results | facets or spec prove that it can, or the reason is missing |
//! | [`Staged::todo`] | not decided yet; fails with the sentence | always |
//!
//! [`Staged::except`] leaves attributes out that are judged elsewhere, [`Staged::beside`] names fields that go along with
//! every write, [`Staged::sparing`] keeps the usual answer for calls the connector makes to understand a failure.
//!
//! In every case, whatever it is about, no error (down to its last cause) and no log line may show the credential.
//!
//! That the suite itself can fail is tested with a small connector and one flaw after the other (`tests/flaws`): a case
//! without a flaw that it catches does not pass there. That no connector leaves it out is a test of the host's registry.
//!
//! # Tests of calls
//!
//! What a connector sends is tested call by call against a script: [`Setup`] builds the instance, [`step`] says what is
//! expected and answered, [`Gateway`] is the SCIM client, and [`Gateway::sent`] is what goes into a snapshot.

mod answer;
mod behaviour;
pub mod faults;
mod gateway;
mod sample;
mod script;
mod server;
mod tables;

pub use answer::Answer;
pub use behaviour::{Call, Case, Staged, StandIn, failures_of, run, summarise};
pub use gateway::{Gateway, Setup, TOKEN, document, told, with};
pub use script::{Step, step, step_with};
pub use tables::{check_tables, table_problems};
