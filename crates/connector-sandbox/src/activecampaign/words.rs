//! The values of switches that are more than on and off.

use crate::words::words;

words! {
    /// What lets the owner of a key manage users and groups.
    Permission {
        /// The `pg_user_…` and `pgGroup…` flags of the owner's groups.
        Flags,
        /// Being in the Admin group.
        AdminGroup,
    }
}

words! {
    /// The body of a 403.
    ForbiddenBody {
        /// `{"message"}`.
        Message,
        /// `{"errors":[{"status","title","detail"}]}`.
        Errors,
        /// None.
        Empty,
    }
}

words! {
    /// The body of a 404.
    MissingBody {
        /// `{"message"}`.
        Message,
        /// `{"errors":[{"status","title"}]}`.
        Errors,
    }
}

words! {
    /// How a write with wrong values is refused.
    InvalidAnswer {
        /// 422 with a list of objects.
        Objects,
        /// 400 with a list of strings.
        Strings,
        /// 422 with one string.
        OneString,
        /// 400 with `{}`, all that is documented for `/users`.
        Nothing,
    }
}

words! {
    /// What a successful write says beside its result.
    SuccessText {
        /// Nothing.
        None,
        /// A `message`.
        Message,
        /// An entry in `errors`.
        Errors,
    }
}

words! {
    /// How dates that nobody set look.
    Dates {
        /// As they are.
        Good,
        /// `null`.
        Null,
        /// `0000-00-00 00:00:00`.
        Zero,
        /// `0000-00-00T00:00:00Z00:00`.
        OddZero,
    }
}

words! {
    /// The form of `password_updated_utc_timestamp`.
    PasswordDate {
        /// `2024-06-03 16:00:00`.
        Spaced,
        /// RFC 3339.
        Rfc3339,
    }
}

words! {
    /// `meta.total` of users.
    UsersTotal {
        /// The number of users.
        Right,
        /// Another number.
        Wrong,
        /// There is none.
        Absent,
    }
}

words! {
    /// What becomes of `limit` and `offset`.
    Paging {
        /// They are honoured.
        Honoured,
        /// The answer is the whole list.
        WholeList,
        /// The answer is the first page, always.
        FirstPage,
    }
}

words! {
    /// The order of lists.
    ListOrder {
        /// By id.
        Created,
        /// Another, the same each time.
        Shuffled,
    }
}

words! {
    /// What the answer to a PUT of a user shows.
    PutAnswer {
        /// The user as before.
        Stale,
        /// The user as changed.
        Fresh,
    }
}

words! {
    /// What becomes of a user name in a PUT.
    UserNameOnPut {
        /// The old one is kept in silence.
        Kept,
        /// A changed one is refused.
        Refused,
    }
}

words! {
    /// What becomes of a telephone number in a write.
    PhoneOnWrite {
        /// It is stored.
        Stored,
        /// It is ignored.
        Ignored,
        /// It is refused.
        Refused,
    }
}

words! {
    /// What `group` in a PUT does to memberships.
    GroupOnPut {
        /// The user is in that group alone.
        Replaces,
        /// The user is in that group too.
        Adds,
    }
}

words! {
    /// What becomes of a group that is deleted while it has users.
    FullGroup {
        /// It stays: the deletion is refused.
        Stays,
        /// It goes, and its users are left without it.
        Goes,
    }
}

words! {
    /// The envelope of the membership of a user.
    MembershipEnvelope {
        /// `{"userGroup":{…}}`, the first one.
        Object,
        /// `{"userGroups":[…]}`, all of them.
        List,
        /// `{}`, none at all.
        Nothing,
    }
}

words! {
    /// The answer to a look-up by name or address that finds nobody.
    NobodyFound {
        /// The refusal of an unknown user.
        Refused,
        /// The refusal of somebody without permission.
        Forbidden,
        /// 200 with `{"user":null}`.
        Null,
        /// 200 with `{}`.
        Empty,
    }
}

words! {
    /// Who may delete users.
    Deleters {
        /// Whoever may manage users.
        Admins,
        /// The primary admin.
        PrimaryAdmin,
    }
}

words! {
    /// Which answers have `RateLimit-Limit` and `RateLimit-Remaining`.
    RateHeaders {
        /// All.
        Always,
        /// Refusals because of the limit.
        OnRefusal,
        /// None.
        Never,
    }
}
