//! What a connector declares about itself and its resource types: data, read by the host, the docs and the tests.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{mapping::Table, oauth::OAuthSpec};

/// Major and minor version of a connector. A mapping change that breaks clients raises the major.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Version {
    /// Raised when a client of the previous version could break.
    pub major: u16,
    /// Raised by everything else.
    pub minor: u16,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// Everything a connector declares that is not a resource type.
#[derive(Debug)]
pub struct ConnectorSpec {
    /// The name in configuration: lower-case letters and digits.
    pub name: &'static str,
    /// The vendor's name of the application.
    pub display_name: &'static str,
    /// This implementation's version.
    pub version: Version,
    /// One sentence: which API, for whom.
    pub summary: &'static str,
    /// The usual `target_url`, shown in docs and in configuration errors.
    pub target_url: &'static str,
    /// Keys of an instance beyond the common ones.
    pub parameters: &'static [Parameter],
    /// How the target authenticates us; the instance chooses one.
    pub credentials: &'static [CredentialKind],
    /// What the mission's administrator has to grant or switch on, step by step.
    pub permissions: &'static [&'static str],
    /// What the target cannot do, as sentences for the docs.
    pub limitations: &'static [&'static str],
    /// Published rate limits.
    pub budgets: &'static [Budget],
    /// Hosts it must reach beside those of its target address and its OAuth endpoints.
    pub hosts: &'static [&'static str],
}

/// A configuration key of one connector.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// The key, in `snake_case`.
    pub name: &'static str,
    /// What kind of value it takes.
    pub kind: ParameterKind,
    /// One sentence: what it does, its default, its unit.
    pub doc: &'static str,
    /// False while the key is fixed but its feature is not there: setting it stops the start.
    pub built: bool,
}

/// The kind of value of a [`Parameter`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    /// `true` or `false`.
    Boolean,
    /// Any text.
    Text,
    /// An id of the target: text, or a whole number.
    Id,
    /// An absolute `http` or `https` URL.
    Url,
    /// The same, and the start fails without it.
    NeededUrl {
        /// What is proposed where it is missing.
        example: &'static str,
        /// The boolean parameter that makes it superfluous.
        unless: &'static str,
    },
    /// One of these words.
    Word(&'static [&'static str]),
    /// A secret: literal, `{ env = … }` or `{ file = … }`.
    Secret,
}

impl ParameterKind {
    /// Whether it is an address that the instance may reach.
    pub const fn is_url(self) -> bool {
        matches!(self, Self::Url | Self::NeededUrl { .. })
    }
}

/// A way in which the target authenticates this host.
#[derive(Debug, Clone, Copy)]
pub enum CredentialKind {
    /// A bearer token obtained elsewhere: the key `access_token`.
    AccessToken,
    /// A vendor-issued key: the key `api_key`, sent in this header with this prefix.
    ApiKey {
        /// Header name.
        header: &'static str,
        /// Text before the key, `Bearer ` or empty.
        prefix: &'static str,
    },
    /// A consent flow: the table `oauth`.
    OAuth(&'static OAuthSpec),
}

/// A published rate limit: a token bucket of `burst`, refilled with `per_minute` each minute.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// What the limit counts, as the vendor words it.
    pub name: &'static str,
    /// Methods it counts.
    pub methods: &'static [&'static str],
    /// Path under the target address, `*` for one segment; empty counts every path.
    pub path: &'static str,
    /// Requests per minute in the long run.
    pub per_minute: u32,
    /// Requests at once after a pause; 1 where the target takes none at once: then no second has more than `per_minute` / 60.
    pub burst: u32,
}

/// Everything a resource type declares.
#[derive(Debug)]
pub struct ResourceSpec {
    /// The mapping table: schema, conversions, PATCH and filter checks and docs come from it.
    pub table: &'static Table,
    /// How the target pages its lists.
    pub paging: Paging,
    /// SCIM paths by which an object can be found again after a create of unknown fate.
    pub natural_keys: &'static [&'static str],
    /// Whether a deleted object stays readable (as inactive).
    pub soft_delete: bool,
    /// The characters of the target's ids, in words for the docs. Ids are opaque all the same: whatever a client sends is
    /// percent-encoded into one path segment.
    pub id_alphabet: &'static str,
    /// Which side holds membership.
    pub membership: Membership,
    /// The most members one membership call may carry; 0 where the type has no members.
    pub members_per_call: usize,
}

/// Which side of a membership a client changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// The type has no part in any.
    None,
    /// This type lists its members, and changes are made here.
    Here,
    /// Objects of this type are members; changes are made on the other side.
    OtherSide,
}

/// How a target pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    /// By 1-based offset, with a true total in every answer; pages can be passed through.
    Offset {
        /// The most items one page can hold.
        max: u32,
    },
    /// By cursor, without a total.
    Cursor {
        /// The most items one page can hold.
        max: u32,
    },
}

impl Paging {
    /// The most items one page can hold.
    pub const fn max(self) -> u32 {
        match self {
            Self::Offset { max } | Self::Cursor { max } => max,
        }
    }
}

/// How long a target is given to answer a single request when the caller's deadline is further away.
pub const TARGET_TIMEOUT: Duration = Duration::from_secs(50);
