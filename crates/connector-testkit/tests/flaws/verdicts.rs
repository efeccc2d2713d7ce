//! Which answers of a connector's author count.

use connector_core::connector::Registration;
use connector_testkit::{Answer, Call, Case, Staged, StandIn, failures_of};
use serde_json::Value;

use crate::stand_in::Toy;

/// The sound connector whose author answers one case so.
struct Answered(Case, fn() -> Staged);

impl StandIn for Answered {
    fn registration(&self) -> Registration {
        Toy(None).registration()
    }

    fn base(&self) -> &'static str {
        Toy(None).base()
    }

    fn object(&self, of: &str, n: usize) -> Value {
        Toy(None).object(of, n)
    }

    fn answer(&self, call: &Call<'_>) -> Answer {
        Toy(None).answer(call)
    }

    fn stage(&self, case: Case, of: &str) -> Staged {
        if case == self.0 { (self.1)() } else { Toy(None).stage(case, of) }
    }
}

fn failures(case: Case, staged: fn() -> Staged) -> Vec<String> {
    failures_of(Box::leak(Box::new(Answered(case, staged))), case)
}

#[test]
fn a_case_that_is_not_decided_yet_fails_with_the_sentence_to_read() {
    let told = failures(Case::FirstPage, || Staged::todo("read docs/adding-a-connector.md, Lists"));
    assert_eq!(told.len(), 3, "for every resource type: {told:?}");
    assert_eq!(told[0], "Person: is not decided yet: read docs/adding-a-connector.md, Lists");
}

#[test]
fn a_case_that_the_facets_prove_cannot_be_waved_away() {
    let told = failures(Case::DeleteTwice, || Staged::not_applicable("nobody deletes here"));
    assert_eq!(
        told,
        ["Person", "Group"].map(|of| format!(
            "{of}: is answered as not applicable (nobody deletes here), but it is: there is a `Delete`. Say how the target \
             shows it"
        ))
    );
    assert!(!failures(Case::MissingId, || Staged::not_applicable("no")).is_empty());
}

#[test]
fn what_only_the_vendor_knows_may_not_apply_for_a_reason() {
    assert_eq!(failures(Case::Conflict, || Staged::not_applicable("the toy has no states")), [""; 0]);
    assert!(failures(Case::Conflict, || Staged::not_applicable(""))[0].contains("without a reason"));
}

#[test]
fn a_case_about_answers_wants_some_and_the_others_want_none() {
    assert!(failures(Case::Forbidden, Staged::plain)[0].contains("needs the target's own answer"));
    assert!(failures(Case::Forbidden, || Staged::answers([]))[0].contains("name at least one form"));
    assert!(failures(Case::LastPage, || Staged::answers([Answer::new(200)]))[0].contains("Staged::plain()"));
}
