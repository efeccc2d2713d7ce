//! The SCIM 2.0 model (RFC 7643) and protocol pieces (RFC 7644).

mod core_schemas;
mod error;
mod filter;
mod filter_parse;
mod list;
mod patch;
mod patch_apply;
mod path;
mod project;
mod resource;
mod resource_type;
mod schema;
mod time;
mod value;

pub use core_schemas::{DEVIATIONS, enterprise_user, group, user};
pub use error::{ERROR_URN, ErrorBody, ScimType};
pub use filter::{Comparison, Filter, Literal, Place};
pub use filter_parse::{MAX_DEPTH, MAX_LENGTH};
pub use list::{LIST_URN, ListResponse};
pub use patch::{MAX_OPERATIONS, Op, Operation, PATCH_URN, PatchRequest};
pub(crate) use patch::{core_members, identity};
pub use patch_apply::PatchRules;
pub use path::Path;
pub use project::Projection;
pub use resource::{EnterpriseUser, Group, Resource, User};
pub use resource_type::{Found, ResourceType};
pub use schema::{Attribute, Mutability, Returned, Schema, Text, Type, Uniqueness};
pub use time::{Offset, parse_instant, to_utc};
pub use value::Entry;

/// Schema URN of the core User.
pub const USER_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// Schema URN of the core Group.
pub const GROUP_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// Schema URN of the enterprise extension of a User.
pub const ENTERPRISE_USER_URN: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// Schema URN of a schema.
pub const SCHEMA_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
/// Schema URN of a resource type.
pub const RESOURCE_TYPE_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
/// Schema URN of the service provider configuration.
pub const SERVICE_PROVIDER_CONFIG_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";

/// Whether two attribute names or schema URNs are the same: letter case does not count (RFC 7643 section 2.1).
pub const fn same_name(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}
