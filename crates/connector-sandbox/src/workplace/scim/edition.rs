//! What differs between SCIM 1.1 and SCIM 2.0 at Workplace.

/// An edition of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Edition {
    /// SCIM 1.1.
    V1,
    /// SCIM 2.0.
    V2,
}

/// The names an edition has for things.
pub(in super::super) struct Names {
    pub(in super::super) core: &'static str,
    pub(in super::super) group: &'static str,
    pub(in super::super) list: &'static str,
    pub(in super::super) enterprise: &'static str,
    pub(in super::super) dates: &'static str,
    pub(in super::super) status: &'static str,
    pub(in super::super) auth: &'static str,
    /// The attribute of `auth`.
    pub(in super::super) auth_method: &'static str,
    pub(in super::super) frontline: &'static str,
}

const V1: Names = Names {
    core: "urn:scim:schemas:core:1.0",
    group: "urn:scim:schemas:core:1.0",
    list: "urn:scim:schemas:core:1.0",
    enterprise: "urn:scim:schemas:extension:enterprise:1.0",
    dates: "urn:scim:schemas:extension:facebook:starttermdates:1.0",
    status: "urn:scim:schemas:extension:facebook:accountstatusdetails:1.0",
    auth: "urn:scim:schemas:extension:facebook:auth_method:1.0",
    auth_method: "auth_method",
    frontline: "urn:scim:schemas:extension:facebook:frontline:1.0",
};

const V2: Names = Names {
    core: "urn:ietf:params:scim:schemas:core:2.0:User",
    group: "urn:ietf:params:scim:schemas:core:2.0:Group",
    list: "urn:ietf:params:scim:api:messages:2.0:ListResponse",
    enterprise: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    dates: "urn:ietf:params:scim:schemas:extension:facebook:starttermdates:2.0:User",
    status: "urn:ietf:params:scim:schemas:extension:facebook:accountstatusdetails:2.0:User",
    auth: "urn:ietf:params:scim:schemas:extension:facebook:authmethod:2.0:User",
    auth_method: "authMethod",
    frontline: "urn:ietf:params:scim:schemas:extension:facebook:frontline:2.0:User",
};

impl Edition {
    pub(super) fn names(self) -> &'static Names {
        match self {
            Self::V1 => &V1,
            Self::V2 => &V2,
        }
    }
}
