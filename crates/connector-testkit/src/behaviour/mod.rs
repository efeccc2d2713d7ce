//! The behaviour suite: what must hold of every connector, asked as a SCIM client asks.

pub(crate) mod case;
mod failures;
mod lists;
mod log;
mod reads;
mod rows;
mod scene;
mod shelf;
mod stand_in;
mod values;
mod writes;

use std::{fmt::Write as _, io::Write as _, panic::resume_unwind, thread};

use connector_core::connector::Resource as TargetResource;
use connector_core::spec::{CredentialKind, Paging};

pub use case::Case;
pub use stand_in::{Call, Staged, StandIn};

use scene::{Broken, Subject};
use stand_in::How;

/// Whether a case is about a resource type.
#[derive(Debug, PartialEq, Eq)]
enum Applies {
    /// Facets or spec prove that it is.
    Yes(&'static str),
    /// Facets or spec prove that it is not.
    No(&'static str),
    /// Only the vendor knows.
    Perhaps,
}

/// Fails unless the connector keeps the case's promise, for each of its resource types.
pub fn run(words: &'static dyn StandIn, case: Case) {
    let name = words.registration().spec.name;
    let failures = failures_of(words, case);
    assert!(
        failures.is_empty(),
        "{name} breaks `{}` of the behaviour suite.\n{}: {}.\n\n{}",
        case.name(),
        case.method(),
        case.promise(),
        failures.join("\n\n")
    );
}

/// What is wrong, one text for each resource type: the sentence, then the exchange.
pub fn failures_of(words: &'static dyn StandIn, case: Case) -> Vec<String> {
    // Side by side: most of a case is waiting, for a limit or a deadline.
    thread::scope(|scope| {
        let subjects = subjects(words, case).into_iter();
        let playing: Vec<_> =
            subjects.map(|subject| scope.spawn(move || failure_of(&subject, case))).collect();
        playing
            .into_iter()
            .filter_map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    })
}

fn failure_of(subject: &Subject, case: Case) -> Option<String> {
    let of = subject.of();
    match judged(subject, case) {
        Judged::Skip => None,
        Judged::Wrong(what) => Some(format!("{of}: {what}")),
        Judged::Run => {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            let Err(Broken { what, exchanges }) = runtime.block_on(played(subject, case)) else {
                return None;
            };
            Some(format!("{of}: {what}\n\nexchanged until then:\n{exchanges}"))
        }
    }
}

/// Prints the cases that do not apply, with their reasons, past the capture of the test harness.
pub fn summarise(words: &'static dyn StandIn) {
    let name = words.registration().spec.name;
    let mut text = String::new();
    for case in Case::ALL {
        for subject in subjects(words, *case) {
            if let (Applies::Perhaps, How::NotApplicable(reason)) =
                (applies(*case, subject.target(), words), &subject.staged.how)
            {
                writeln!(text, "{name}: {}: {} does not apply: {reason}", subject.of(), case.name())
                    .expect("text grows");
            }
        }
    }
    // Failing to print is no failure of the connector.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

fn subjects(words: &'static dyn StandIn, case: Case) -> Vec<Subject> {
    let build = || {
        let registration = words.registration();
        let setup = words.setup(crate::Setup::of(registration, words.base()));
        setup.build()
    };
    (0..build().resources().len())
        .map(|index| {
            let connector = build();
            let of = connector.resources()[index].spec().table.resource;
            Subject { words, connector, index, staged: words.stage(case, of) }
        })
        .collect()
}

enum Judged {
    Run,
    Skip,
    Wrong(String),
}

/// Whether an answer of the connector is one that counts.
fn judged(subject: &Subject, case: Case) -> Judged {
    match (applies(case, subject.target(), subject.words), &subject.staged.how) {
        (Applies::No(_), _) => Judged::Skip,
        (_, How::Todo(sentence)) => Judged::Wrong(format!("is not decided yet: {sentence}")),
        (Applies::Yes(proof), How::NotApplicable(reason)) => Judged::Wrong(format!(
            "is answered as not applicable ({reason}), but it is: {proof}. Say how the target shows it"
        )),
        (Applies::Perhaps, How::NotApplicable("")) => {
            Judged::Wrong("is answered as not applicable without a reason".to_owned())
        }
        (Applies::Perhaps, How::NotApplicable(_)) => Judged::Skip,
        (_, How::Plain) if wants_answers(case) => Judged::Wrong(
            "needs the target's own answer: Staged::answers([…]) with each form the target has for it"
                .to_owned(),
        ),
        (_, How::Answers(_)) if !wants_answers(case) => {
            Judged::Wrong("is shown by the stand-in as it is: Staged::plain()".to_owned())
        }
        (_, How::Answers(forms)) if forms.is_empty() => {
            Judged::Wrong("has no answer: name at least one form".to_owned())
        }
        _ => Judged::Run,
    }
}

/// Whether the case is about answers in the vendor's own form.
const fn wants_answers(case: Case) -> bool {
    matches!(
        case,
        Case::MissingId
            | Case::EndlessList
            | Case::DuplicateCreate
            | Case::CredentialRefusedOnce
            | Case::CredentialRefused
            | Case::Forbidden
            | Case::MissingOnWrite
            | Case::Conflict
            | Case::RateLimited
            | Case::Unavailable
            | Case::Secrets
    )
}

fn applies(case: Case, target: &dyn TargetResource, words: &'static dyn StandIn) -> Applies {
    let spec = target.spec();
    let writes = target.creator().is_some()
        || target.updater().is_some()
        || target.deleter().is_some()
        || target.members().is_some();
    let when = |holds: bool, yes: &'static str, no: &'static str| {
        if holds { Applies::Yes(yes) } else { Applies::No(no) }
    };
    let reads = Applies::Yes("every resource type can be read");
    match case {
        Case::MissingId
        | Case::FirstPage
        | Case::LastPage
        | Case::RepeatedPage
        | Case::HostileIds
        | Case::RowsRoundTrip
        | Case::UnknownFields
        | Case::OddFields
        | Case::CredentialRefused
        | Case::RateLimited
        | Case::Unavailable
        | Case::MalformedBody
        | Case::TruncatedBody
        | Case::HugeBody
        | Case::Redirect
        | Case::SlowAnswer
        | Case::Secrets
        | Case::Capabilities
        | Case::Check => reads,
        Case::EndlessList => match spec.paging {
            Paging::Offset { .. } => Applies::Yes("the list has pages"),
            // A list may come whole all the same.
            Paging::Cursor { .. } => Applies::Perhaps,
        },
        Case::HostileValues => when(
            !rows::comparable(spec.table).is_empty(),
            "the table has comparable rows",
            "no row is comparable",
        ),
        Case::DuplicateCreate => match target.creator() {
            Some(_) => Applies::Perhaps,
            None => Applies::No("objects cannot be created"),
        },
        Case::DeleteTwice => when(target.deleter().is_some(), "there is a `Delete`", "there is no `Delete`"),
        Case::ReadOnlyWrite => when(
            rows::read_only(spec.table).next().is_some(),
            "the table has rows that are only read",
            "no row is only read",
        ),
        Case::UndeclaredAbility => when(
            target.creator().is_none()
                || target.updater().is_none()
                || target.deleter().is_none()
                || target.members().is_none(),
            "a facet is missing",
            "every facet is there",
        ),
        Case::EmptyUpdate | Case::ChangedOnly => {
            when(target.updater().is_some(), "there is an `Update`", "there is no `Update`")
        }
        Case::CredentialRefusedOnce => when(
            words.registration().spec.credentials.iter().any(|kind| matches!(kind, CredentialKind::OAuth(_))),
            "the connector has a consent flow",
            "no credential of the connector can be renewed",
        ),
        Case::Forbidden => Applies::Perhaps,
        Case::MissingOnWrite => when(
            target.updater().is_some() || target.deleter().is_some() || target.members().is_some(),
            "objects can be changed",
            "objects cannot be changed",
        ),
        Case::Conflict if writes => Applies::Perhaps,
        Case::Conflict => Applies::No("objects cannot be changed"),
        Case::AmbiguousCreate => {
            when(target.creator().is_some(), "there is a `Create`", "objects cannot be created")
        }
        Case::MemberChanges => {
            when(target.members().is_some(), "there is a `Members`", "there is no `Members`")
        }
    }
}

/// Plays the case.
async fn played(subject: &Subject, case: Case) -> Result<(), Broken> {
    match case {
        Case::MissingId => reads::missing_id(subject).await,
        Case::FirstPage => lists::first_page(subject).await,
        Case::LastPage => lists::last_page(subject).await,
        Case::RepeatedPage => lists::repeated_page(subject).await,
        Case::EndlessList => lists::endless_list(subject).await,
        Case::HostileIds => reads::hostile_ids(subject).await,
        Case::HostileValues => lists::hostile_values(subject).await,
        Case::DuplicateCreate => writes::duplicate_create(subject).await,
        Case::DeleteTwice => writes::delete_twice(subject).await,
        Case::ReadOnlyWrite => writes::read_only_write(subject).await,
        Case::UndeclaredAbility => writes::undeclared_ability(subject).await,
        Case::EmptyUpdate => writes::empty_update(subject).await,
        Case::ChangedOnly => writes::changed_only(subject).await,
        Case::RowsRoundTrip => rows::round_trip(subject).await,
        Case::UnknownFields => reads::unknown_fields(subject).await,
        Case::OddFields => reads::odd_fields(subject).await,
        Case::CredentialRefusedOnce => failures::credential_refused_once(subject).await,
        Case::CredentialRefused => failures::credential_refused(subject).await,
        Case::Forbidden => failures::forbidden(subject).await,
        Case::MissingOnWrite => failures::missing_on_write(subject).await,
        Case::Conflict => failures::conflict(subject).await,
        Case::RateLimited => failures::rate_limited(subject).await,
        Case::Unavailable => failures::unavailable(subject).await,
        Case::MalformedBody => failures::malformed_body(subject).await,
        Case::TruncatedBody => failures::truncated_body(subject).await,
        Case::HugeBody => failures::huge_body(subject).await,
        Case::Redirect => failures::redirect(subject).await,
        Case::SlowAnswer => failures::slow_answer(subject).await,
        Case::AmbiguousCreate => writes::ambiguous_create(subject).await,
        Case::MemberChanges => writes::member_changes(subject).await,
        Case::Secrets => failures::secrets(subject).await,
        Case::Capabilities => reads::capabilities(subject).await,
        Case::Check => failures::check(subject).await,
    }
}
