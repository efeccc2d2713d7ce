//! The behaviour suite can fail: a small sound connector passes it, and each flaw put into that connector is caught by the
//! cases that are about it.

mod connector;
mod stand_in;
mod verdicts;

use connector_testkit::Case;

use stand_in::Toy;

mod sound {
    connector_testkit::behaviour!(crate::stand_in::Toy(None));
}

/// Defines the flaws: the name of a test, the flaw, what it is, and the cases that must catch it.
macro_rules! flaws {
    ($($test:ident $flaw:ident $what:literal [$($case:ident),*])*) => {
        /// One thing a connector's author can get wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Flaw {
            $(#[doc = $what] $flaw),*
        }

        impl Flaw {
            const ALL: &[(Self, &[Case])] = &[$((Self::$flaw, &[$(Case::$case),*])),*];
        }

        $(
            #[test]
            fn $test() {
                is_caught(Flaw::$flaw);
            }
        )*
    };
}

flaws! {
    a_missing_object_read_as_an_empty_one_is_caught   MissingIsEmpty    "404 reads as an object without anything"  [MissingId]
    a_missing_object_deleted_with_success_is_caught   MissingIsDeleted  "404 to a DELETE is a success"             [DeleteTwice, MissingOnWrite]
    a_missing_object_changed_with_success_is_caught   MissingIsChanged  "404 to a PATCH is a success"              [MissingOnWrite]
    a_deletion_that_is_not_sent_is_caught             DeletesNothing    "a DELETE is never sent"                   [DeleteTwice, Capabilities]
    a_list_that_ends_too_early_is_caught              OnlyFirstPage     "`next` is never given"                    [FirstPage, LastPage]
    a_list_that_repeats_a_page_for_ever_is_caught     SamePage          "`next` is the page itself"                [LastPage]
    a_page_larger_than_asked_for_is_caught            AsksForMore       "`count` is not heeded"                    [FirstPage]
    a_position_that_is_no_place_is_caught             MovesOn           "a position is not where a page begins"    [RepeatedPage]
    a_loop_over_pages_of_its_own_is_caught            ReadsToTheEnd     "all pages are read in one, without end"   [EndlessList]
    an_id_put_into_a_path_as_it_is_is_caught          RawIds            "an id becomes several path segments"      [HostileIds]
    a_filter_that_is_not_sent_is_caught               NoConditions      "conditions are not sent"                  [HostileValues]
    a_filter_put_together_without_care_is_caught      RawConditions     "a value is sent without its quotes"       [HostileValues]
    a_used_name_taken_over_is_caught                  AdoptsDuplicates  "409 to a POST is the object there"        [DuplicateCreate]
    a_read_that_writes_is_caught                      WritesOnRead      "a read leaves its mark at the target"     [ReadOnlyWrite, UndeclaredAbility, EmptyUpdate]
    an_object_that_is_never_the_same_is_caught        Restless          "a field changes with every read"          [EmptyUpdate]
    a_change_that_resets_others_is_caught             ResetsTitle       "every change sends an empty title along"  [ChangedOnly]
    a_change_that_leaves_some_out_is_caught           ForgetsChanges    "the given name is never changed"          [ChangedOnly]
    a_field_lost_in_a_creation_is_caught              DropsTitle        "a new object has no title"                [RowsRoundTrip]
    a_field_lost_in_a_read_is_caught                  HidesTitle        "a title is never read"                    [RowsRoundTrip]
    a_form_that_may_not_grow_is_caught                KnownFieldsOnly   "an unknown field makes an odd answer"     [UnknownFields]
    a_field_that_must_be_there_is_caught              NeedsTitle        "an object without a title is odd"         [OddFields]
    a_refused_credential_taken_for_another_failure_is_caught RefusedIsMissing "401 is a missing object" [CredentialRefused, CredentialRefusedOnce]
    a_check_that_is_content_with_anything_is_caught   ChecksNothing     "a check always succeeds"                  [CredentialRefused, Check]
    a_check_that_changes_something_is_caught          ChecksByWriting   "a check creates something"                [Check]
    a_refusal_taken_for_a_missing_object_is_caught    ForbiddenIsMissing "403 is a missing object"                 [Forbidden]
    a_conflict_taken_for_success_is_caught            ConflictIsFine    "409 to a PATCH is a success"              [Conflict]
    a_wait_that_is_not_heeded_is_caught               NeverWaits        "`Retry-After` is not read"                [RateLimited]
    a_failing_target_taken_for_a_bad_request_is_caught DownIsInvalid    "5xx is a bad value"                       [Unavailable]
    an_odd_answer_taken_for_nothing_is_caught         OddIsMissing      "what cannot be read is a missing object"  [MalformedBody, TruncatedBody, HugeBody]
    an_odd_list_taken_for_an_empty_one_is_caught      OddIsEmpty        "a list that cannot be read is empty"      [MalformedBody, TruncatedBody]
    a_redirect_that_is_followed_is_caught             FollowsRedirects  "another place is asked after a redirect"  [Redirect]
    a_deadline_that_is_not_met_is_caught              TakesItsTime      "a read waits before it asks"              [SlowAnswer]
    a_creation_sent_twice_is_caught                   RepeatsCreations  "a POST is sent again after any failure"   [AmbiguousCreate, DuplicateCreate]
    members_that_are_written_anew_are_caught          RewritesMembers   "a change of members sends them all"       [MemberChanges]
    a_credential_quoted_in_an_error_is_caught         QuotesRaw         "the target's words are quoted unsearched" [Secrets]
    a_credential_in_the_problems_of_a_check_is_caught ReportsRaw        "a check reports the target's words unsearched" [Secrets]
    a_credential_in_a_log_line_is_caught              LogsRaw           "the target's words are logged unsearched" [Secrets]
}

fn is_caught(flaw: Flaw) {
    let toy: &'static Toy = Box::leak(Box::new(Toy(Some(flaw))));
    let (_, cases) = Flaw::ALL.iter().find(|(known, _)| *known == flaw).expect("every flaw is listed");
    for case in *cases {
        let failures = connector_testkit::failures_of(toy, *case);
        assert!(!failures.is_empty(), "{flaw:?} is not caught by {case:?}");
        assert!(failures[0].contains("exchanged until then:"), "{}", failures[0]);
        assert!(!failures[0].contains(connector_testkit::TOKEN), "{}", failures[0]);
    }
}

#[test]
fn every_case_is_seen_to_fail() {
    for case in Case::ALL {
        assert!(Flaw::ALL.iter().any(|(_, cases)| cases.contains(case)), "no flaw is caught by {case:?}");
    }
}
