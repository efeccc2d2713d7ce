//! The cases, each with the promise it holds a connector to.

/// Calls `callback! { (args) {Variant test_name "method" "promise"} … }`. The one list of cases: the enum, its texts and
/// the tests of a connector come from it.
#[doc(hidden)]
#[macro_export]
macro_rules! __cases {
    (($($callback:tt)*) ($($args:tt)*)) => {
        $($callback)* ! { ($($args)*)
            { MissingId missing_id "Resource::get"
              "an unknown id is `NotFound`, in every form in which the target says so" }
            { FirstPage first_page "Resource::list"
              "a page holds at most `count` objects, and names where the next one begins while there is more" }
            { LastPage last_page "Resource::list"
              "following `next` brings every object once, in order, and ends: the last page has no `next`" }
            { RepeatedPage repeated_page "Resource::list"
              "a position is a place in the list: asked for again, it is the same page" }
            { EndlessList endless_list "Resource::list"
              "a target that gives the same page or cursor for ever is an error, neither an endless loop nor a short list" }
            { HostileIds hostile_ids "Resource::get, Update::update, Delete::delete"
              "an id is one path segment, whatever it holds: the object of that id is meant, and no other" }
            { HostileValues hostile_values "Resource::list"
              "every condition is sent to the target with its value intact" }
            { DuplicateCreate duplicate_create "Create::create"
              "a used name is `Duplicate`, and nothing is created or sent twice" }
            { DeleteTwice delete_twice "Delete::delete"
              "says whether the object was there: the second time it is missing, or was made inactive again where deletion is soft" }
            { ReadOnlyWrite read_only_write "Resource::spec"
              "an attribute that is only read is refused by name, and nothing is written" }
            { UndeclaredAbility undeclared_ability "Resource::creator, updater, deleter, members"
              "an ability without a facet is refused, and nothing is sent" }
            { EmptyUpdate empty_update "Update::update"
              "an object put back as it was read sends no write" }
            { ChangedOnly changed_only "Update::update"
              "makes exactly this change: what nobody changed is left out, or sent as it is" }
            { RowsRoundTrip rows_round_trip "Resource::get, Create::create"
              "each row's value reaches the client, and each writable row's value the target, as the table says" }
            { UnknownFields unknown_fields "Resource::get"
              "fields that the target adds over time change nothing" }
            { OddFields odd_fields "Resource::get"
              "a field that is null, missing or of another type costs that attribute at most; without an id it is `OddAnswer`" }
            { CredentialRefusedOnce credential_refused_once "connector's error table"
              "a refused credential is recognised, so that the door renews it once and the request succeeds" }
            { CredentialRefused credential_refused "connector's error table"
              "a credential refused for good is `TargetCredential`, and not tried again and again" }
            { Forbidden forbidden "connector's error table"
              "what the target forbids is `Forbidden`" }
            { MissingOnWrite missing_on_write "Update::update, Delete::delete, Members::change"
              "an object that is gone when it is written is `NotFound`, never a success" }
            { Conflict conflict "connector's error table"
              "a change that the target's state does not allow is a conflict (409), never a success" }
            { RateLimited rate_limited "connector's error table"
              "a rate limit is `RateLimited` and says when to come back, whatever form `Retry-After` has" }
            { Unavailable unavailable "connector's error table"
              "a passing failure of the target is got over, and a lasting one is `Unavailable`" }
            { MalformedBody malformed_body "Resource::get, Resource::list"
              "an answer that is no JSON, or another JSON, is `OddAnswer`" }
            { TruncatedBody truncated_body "Resource::get, Resource::list"
              "half an answer is `OddAnswer`, never half an object or a short list" }
            { HugeBody huge_body "Resource::get"
              "an answer beyond every measure is `OddAnswer`" }
            { Redirect redirect "Resource::get, Update::update"
              "a redirect is not followed" }
            { SlowAnswer slow_answer "Resource::get"
              "the deadline is met: a target that does not answer is told in time" }
            { AmbiguousCreate ambiguous_create "Create::create"
              "a create whose answer is lost leaves one object: it is looked up before it is sent again" }
            { MemberChanges member_changes "Members::change"
              "adds and removes exactly these members, in calls of the declared size, and names no other" }
            { Secrets secrets "connector's error table"
              "no error, no finding of a check and no log line shows the credential, although the target repeats it" }
            { Capabilities capabilities "Resource::spec and facets"
              "what is declared is there: every facet works, and every comparable attribute is found by its value" }
            { Check check "Connector::check"
              "changes nothing, and proves the credential: what it writes, the target refuses" }
        }
    };
}

macro_rules! define {
    (() $({ $variant:ident $name:ident $method:literal $promise:literal })*) => {
        /// One situation that every connector must master. Each variant states the methods concerned and what they
        /// promise.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Case {
            $(
                #[doc = concat!("`", $method, "`: ", $promise, ".")]
                $variant,
            )*
        }

        impl Case {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name of its test.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($name)),* }
            }

            /// The trait methods whose promise it is.
            pub const fn method(self) -> &'static str {
                match self { $(Self::$variant => $method),* }
            }

            /// What they promise.
            pub const fn promise(self) -> &'static str {
                match self { $(Self::$variant => $promise),* }
            }
        }
    };
}

crate::__cases! { (define) () }

/// Runs the behaviour suite for a connector: one test per [`Case`], and one that lists the cases its target cannot show.
/// Takes the [`StandIn`](crate::StandIn), a constant expression such as the name of a unit struct.
#[macro_export]
macro_rules! behaviour {
    ($stand_in:expr) => {
        $crate::__cases! { ($crate::__tests) ($stand_in) }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tests {
    (($stand_in:expr) $({ $variant:ident $name:ident $method:literal $promise:literal })*) => {
        $(
            #[test]
            fn $name() {
                $crate::run(&$stand_in, $crate::Case::$variant);
            }
        )*

        #[test]
        fn what_does_not_apply_is_told() {
            $crate::summarise(&$stand_in);
        }
    };
}
