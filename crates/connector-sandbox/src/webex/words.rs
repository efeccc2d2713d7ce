//! The values of switches that are more than on and off.

use crate::words::words;

words! {
    /// Who consents.
    Consenter {
        /// Full administrator.
        FullAdministrator,
        /// User administrator.
        UserAdministrator,
        /// Read-only administrator.
        ReadOnlyAdministrator,
        /// No administrator.
        Member,
    }
}

impl Consenter {
    /// All of them, the mightiest first.
    pub(super) const ALL: [Self; 4] =
        [Self::FullAdministrator, Self::UserAdministrator, Self::ReadOnlyAdministrator, Self::Member];

    /// As it is written in forms and switches.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::FullAdministrator => "full_administrator",
            Self::UserAdministrator => "user_administrator",
            Self::ReadOnlyAdministrator => "read_only_administrator",
            Self::Member => "member",
        }
    }

    /// As a person reads it.
    pub(super) fn role(self) -> &'static str {
        match self {
            Self::FullAdministrator => "Full Administrator",
            Self::UserAdministrator => "User Administrator",
            Self::ReadOnlyAdministrator => "Read-only Administrator",
            Self::Member => "no administrator",
        }
    }
}

words! {
    /// How a blocked integration looks.
    BlockedIntegration {
        /// It is not blocked.
        No,
        /// A page with 403; the browser never comes back.
        Page,
        /// Back with `access_denied`.
        Redirect,
    }
}

words! {
    /// The refresh token in the answer to a refresh.
    RefreshToken {
        /// The same again.
        Unchanged,
        /// A new one; the old one ends.
        Rotated,
        /// None; the old one stays good.
        LeftOut,
    }
}

words! {
    /// The form of a token error.
    TokenError {
        /// `{"error","error_description"}`
        Broker,
        /// `{"message","errors","trackingId"}` around the broker's.
        Wrapped,
    }
}

words! {
    /// How a tracking id looks.
    TrackingIdForm {
        /// `ROUTERGW_…`
        RouterGateway,
        /// `ROUTER_…`
        Router,
        /// `NA_…`
        NotAvailable,
        /// 32 hexadecimal digits and the time in milliseconds.
        Bare,
    }
}

words! {
    /// What the rate limit counts together.
    RateScope {
        /// One access token.
        Token,
        /// One account, whatever its tokens.
        Account,
        /// The whole organization.
        Organization,
    }
}

words! {
    /// `Retry-After` of 423 and 429.
    RetryAfter {
        /// Whole seconds.
        Good,
        /// `rand(30),add(30)`
        Malformed,
        /// `0`
        Zero,
        /// No header.
        Absent,
    }
}

words! {
    /// The order of lists.
    ListOrder {
        /// That of creation.
        Created,
        /// Another, the same each time.
        Shuffled,
        /// Another in every enumeration.
        Unstable,
    }
}

words! {
    /// The recorded defects of the next link.
    NextLink {
        /// None.
        Good,
        /// `max=null`.
        MaxNull,
        /// Only the cursor is left of the parameters.
        LostParameters,
    }
}

words! {
    /// Spelling of the time zone.
    TimeZoneSpelling {
        /// `timeZone`
        Camel,
        /// `timezone`
        Lower,
    }
}

words! {
    /// How a person is right after the create.
    NewPerson {
        /// `loginEnabled: false`, `invitePending: true`, `status: pending`, no free licences.
        Pending,
        /// `loginEnabled: true`, `invitePending: false`, `status: unknown`, the free licences.
        Activated,
    }
}

words! {
    /// Limits of first and last names.
    NameLimits {
        /// None.
        None,
        /// 30 characters, and none of `% # < > \ / "`.
        ControlHub,
    }
}

words! {
    /// What a directory synchronisation does to writes of people.
    DirectorySync {
        /// There is none.
        Off,
        /// They are refused.
        Refuses,
        /// They are accepted, and the directory's values stay.
        Overwrites,
    }
}
