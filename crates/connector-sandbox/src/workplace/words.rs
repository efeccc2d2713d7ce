//! The values of switches that are more than on and off, and the permissions of a token.

use crate::words::words;

words! {
    /// What an integration may do, by the API's names as far as they are known.
    Permission {
        /// "Manage accounts": the whole SCIM API.
        ManageAccounts,
        /// "Manage groups".
        ManageGroup,
        /// "Read group content".
        ReadGroup,
        /// "Read group membership"; its name in the API is not known.
        ReadGroupMembership,
        /// "Read user email".
        ReadUserEmail,
        /// "Read work profile".
        ReadUserWorkProfile,
        /// "Manage work profiles"; its name in the API is not known.
        ManageWorkProfiles,
        /// "Provision user accounts"; its name in the API is not known.
        ProvisionUserAccounts,
    }
}

impl Permission {
    /// All of them, as the integration of the seed has them.
    pub const ALL: [Self; 8] = [
        Self::ManageAccounts,
        Self::ManageGroup,
        Self::ReadGroup,
        Self::ReadGroupMembership,
        Self::ReadUserEmail,
        Self::ReadUserWorkProfile,
        Self::ManageWorkProfiles,
        Self::ProvisionUserAccounts,
    ];
}

words! {
    /// Which time it is.
    Era {
        /// Normal service, to 31 August 2025.
        Normal,
        /// From 1 September 2025: nothing new is written.
        ReadOnly,
        /// From 1 June 2026: nothing answers.
        Closed,
    }
}

words! {
    /// Which SCIM editions answer.
    Editions {
        /// SCIM 1.1 and 2.0.
        Both,
        /// SCIM 1.1.
        V1,
        /// SCIM 2.0.
        V2,
    }
}

words! {
    /// The body of an error of SCIM.
    ScimErrors {
        /// The body that SCIM prescribes.
        Native,
        /// The `error` object of Graph.
        Graph,
    }
}

words! {
    /// How too many calls are told.
    ThrottleForm {
        /// 400 with a code in the body.
        Code,
        /// 429.
        Status,
    }
}

words! {
    /// Which answers have `X-App-Usage`.
    UsageHeader {
        /// Those of Graph.
        Graph,
        /// All.
        Always,
        /// None.
        Never,
    }
}

words! {
    /// Which editions have `meta`.
    Meta {
        /// None.
        Never,
        /// SCIM 2.0.
        V2,
        /// Both.
        Both,
    }
}

words! {
    /// The form of `inviteDate` and `claimDate` in SCIM 2.0.
    StatusDates {
        /// Seconds since 1970.
        Seconds,
        /// ISO 8601.
        Iso,
        /// One or the other, by the person.
        Mixed,
    }
}

words! {
    /// Where `invited` and `claimed` take effect.
    StatusPlace {
        /// In the extension.
        Extension,
        /// At the top level.
        TopLevel,
        /// In both.
        Both,
    }
}

words! {
    /// What becomes of members that only Workplace writes.
    ReadOnlyMembers {
        /// The request is refused.
        Refused,
        /// They are ignored.
        Ignored,
    }
}
