//! Slack's error descriptions as a table (<https://docs.slack.dev/reference/scim-api#errors>).
//!
//! The body is `{"Errors":{"description":"username_taken (username=ada)","code":409}}`. The status of some is not
//! documented, so the leading word of the description decides, never the status alone.

use std::time::Duration;

use connector_core::{
    connector::Deleted,
    error::{Error, Kind, Result, Retry},
    http::Reply,
};
use serde::Deserialize;

/// A description: what it means for the client, the attribute it is about, and the rule in words.
pub(crate) struct Code {
    pub(crate) token: &'static str,
    pub(crate) kind: Kind,
    pub(crate) attribute: &'static str,
    pub(crate) rule: &'static str,
}

const fn code(token: &'static str, kind: Kind, attribute: &'static str, rule: &'static str) -> Code {
    Code { token, kind, attribute, rule }
}

#[rustfmt::skip]
pub(crate) const CODES: &[Code] = &[
    code("invalid_authentication",               Kind::TargetCredential, "", "Slack refuses the token: it is not valid, lacks the scope `admin`, or was not installed by an owner"),
    code("missing_authentication",               Kind::TargetCredential, "", "Slack got no token"),
    code("non_org_teams_only",                   Kind::TargetCredential, "", "the token belongs to a workspace: remove the app there and install it on the organisation"),
    code("plus_teams_only",                      Kind::TargetCredential, "", "the Slack plan has no SCIM"),
    code("permission_denied",                    Kind::Forbidden,        "", "the token may not do this"),
    code("unsupported_version",                  Kind::OddAnswer,        "", "Slack does not know this SCIM version: check target_url"),
    code("bad_endpoint",                         Kind::OddAnswer,        "", "Slack does not know this path: check target_url"),
    code("method_not_allowed",                   Kind::OddAnswer,        "", "Slack does not offer this method: check target_url"),
    code("invalid_request_payload",              Kind::InvalidSyntax,    "", "Slack cannot use the body"),
    code("missing_schema_element",               Kind::InvalidSyntax,    "schemas", "Slack misses a schema"),
    code("invalid_attribute_format",             Kind::InvalidValue,     "", "an attribute has the wrong form"),
    code("improper_enterprise_schema_format",    Kind::InvalidValue,     "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "the extension has the wrong form"),
    code("cannot_decode_user_id",                Kind::NotFound,         "", "Slack has no such user"),
    code("missing_user_id",                      Kind::NotFound,         "", "Slack has no such user"),
    code("missing_group_id",                     Kind::NotFound,         "", "Slack has no such group"),
    code("no_such_user",                         Kind::NotFound,         "", "Slack has no such user"),
    code("unknown_user",                         Kind::NotFound,         "", "Slack has no such user"),
    code("no_such_group",                        Kind::NotFound,         "", "Slack has no such group"),
    code("no_such_group_members",                Kind::InvalidValue,     "members", "a member does not exist"),
    code("username_taken",                       Kind::Duplicate,        "userName", "the name is in use by a user or a channel"),
    code("nickname_taken",                       Kind::Duplicate,        "nickName", "the name is in use by a user or a channel"),
    code("email_taken",                          Kind::Duplicate,        "emails", "the address is in use; deactivated accounts count"),
    code("name_already_exists",                  Kind::Duplicate,        "displayName", "the name is in use"),
    code("truncation_error",                     Kind::Duplicate,        "userName", "the name is in use and cannot be shortened to a free one"),
    code("user_creation_failed",                 Kind::InvalidValue,     "", "Slack could not create the user"),
    code("invited_user_not_created",             Kind::Unavailable,      "", "Slack could not create the user just now"),
    code("username_empty",                       Kind::InvalidValue,     "userName", "is required"),
    code("username_required",                    Kind::InvalidValue,     "userName", "is required"),
    code("username_invalid",                     Kind::InvalidValue,     "userName", "has characters Slack does not allow"),
    code("username_too_long",                    Kind::InvalidValue,     "userName", "may have at most 21 characters"),
    code("long_username",                        Kind::InvalidValue,     "userName", "may have at most 21 characters"),
    code("username_not_allowed",                 Kind::InvalidValue,     "userName", "is a reserved word"),
    code("invalid_reserved_word",                Kind::InvalidValue,     "userName", "is a reserved word"),
    code("long_nickname",                        Kind::InvalidValue,     "nickName", "may have at most 21 characters"),
    code("email_empty",                          Kind::InvalidValue,     "emails", "needs an address"),
    code("email_invalid",                        Kind::InvalidValue,     "emails", "is not an e-mail address"),
    code("emails_invalid",                       Kind::InvalidValue,     "emails", "is not a list of e-mail addresses"),
    code("bad_email_address",                    Kind::InvalidValue,     "emails", "is not an e-mail address Slack takes"),
    code("missing_primary_email",                Kind::InvalidValue,     "emails", "the primary address cannot be removed"),
    code("addresses_invalid",                    Kind::InvalidValue,     "addresses", "has the wrong form"),
    code("phoneNumbers_invalid",                 Kind::InvalidValue,     "phoneNumbers", "has the wrong form"),
    code("photos_invalid",                       Kind::InvalidValue,     "photos", "has the wrong form"),
    code("roles_invalid",                        Kind::InvalidValue,     "roles", "has the wrong form"),
    code("groups_invalid",                       Kind::InvalidValue,     "groups", "has the wrong form"),
    code("invalid_name_required",                Kind::InvalidValue,     "name", "is required"),
    code("invalid_name_maxlength",               Kind::InvalidValue,     "name", "is too long"),
    code("invalid_name_specials",                Kind::InvalidValue,     "name", "has characters Slack does not allow"),
    code("invalid_starts_with_at",               Kind::InvalidValue,     "name", "may not begin with @"),
    code("invalid_emoji_not_allowed",            Kind::InvalidValue,     "name", "may not hold emoji"),
    code("invalid_display_name",                 Kind::Mutability,       "displayName", "Slack lets people choose their own display name, so SCIM may set it at creation only; an owner can switch that permission off"),
    code("password_change_not_allowed",          Kind::Mutability,       "password", "is taken at creation only"),
    code("unable_to_create_team_profile_fields", Kind::InvalidValue,     "", "the organisation has its 50 custom profile fields already"),
    code("cannot_make_user_guest",               Kind::Mutability,       "urn:connector-host:scim:slack:2.0:User:guestType", "owners and admins cannot become guests"),
    code("cannot_modify_owner",                  Kind::Forbidden,        "", "the token's owner has fewer rights than this account"),
    code("cannot_disable_primary_owner",         Kind::Forbidden,        "active", "the primary owner cannot be deactivated"),
    code("primary_owner_check_failure",          Kind::Forbidden,        "", "Slack could not check the primary owner"),
    code("cannot_disable_bot_user_with_scim",    Kind::Forbidden,        "active", "a bot cannot be deactivated"),
    code("cannot_modify_gdpr",                   Kind::Forbidden,        "", "the account is being deleted for data protection"),
    code("group_creation_failed",                Kind::Unavailable,      "", "Slack could not create the group just now"),
    code("group_members_create_failed",          Kind::Unavailable,      "members", "Slack could not add the members just now"),
    code("failed_to_remove_users_for_linked_subteam", Kind::Unavailable, "members", "Slack could not remove the members just now"),
    code("group_member_max_exceeded",            Kind::TooLarge,         "members", "the group would have too many members"),
    code("too_many_users",                       Kind::TooLarge,         "members", "too many members in one call"),
    code("unable_to_add_deleted_or_guest_to_group", Kind::InvalidValue,  "members", "a member is deactivated or a guest"),
    code("idp_group_linked_to_channels",         Kind::Mutability,       "", "the group is linked to channels: unlink it in Slack first"),
    code("resource_locked",                      Kind::Unavailable,      "", "the object is being changed by somebody else"),
    code("too_many_requests",                    Kind::RateLimited,      "", "Slack's rate limit is used up"),
    code("ratelimited",                          Kind::RateLimited,      "", "Slack's rate limit is used up"),
    code("no_filters",                           Kind::InvalidFilter,    "", "Slack cannot read the filter"),
    code("incomplete_filter",                    Kind::InvalidFilter,    "", "Slack cannot read the filter"),
    code("invalid_filter_group",                 Kind::InvalidFilter,    "", "Slack cannot read the filter"),
    code("invalid_query",                        Kind::InvalidFilter,    "", "Slack cannot do this filter"),
    code("query_building_failed",                Kind::InvalidFilter,    "", "Slack cannot do this filter"),
    code("invalid_sort_order",                   Kind::InvalidValue,     "sortOrder", "Slack cannot sort so"),
    code("database_query_failure",               Kind::Unavailable,      "", "Slack's database failed"),
];

/// `Errors` is an object; the array of SCIM 1.1 is taken too, and a `code` of any type.
#[derive(Deserialize)]
struct Body {
    #[serde(rename = "Errors")]
    errors: OneOrMany,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(Failure),
    Many(Vec<Failure>),
}

#[derive(Deserialize)]
struct Failure {
    description: Option<String>,
}

/// The description of a failed reply.
fn description(reply: &Reply) -> Option<String> {
    let body: Body = serde_json::from_slice(reply.body()).ok()?;
    match body.errors {
        OneOrMany::One(failure) => failure.description,
        OneOrMany::Many(failures) => failures.into_iter().next()?.description,
    }
}

/// The failure a reply stands for, if it is one.
pub(crate) fn failure(reply: &Reply) -> Option<Error> {
    if reply.is_success() {
        return None;
    }
    let by_status = reply.status_failure()?;
    let Some(description) = description(reply) else { return Some(by_status) };
    // `long_username (user=…)`: the leading word, up to the first blank or parenthesis.
    let token = description.split([' ', '(']).next().unwrap_or_default();
    let known = CODES.iter().find(|code| code.token == token);
    let mut error = match known {
        // The status alone tells how long to wait; a rate limit may come without a description of its own.
        _ if reply.status() == 429 => by_status,
        Some(code) => Error::new(code.kind, code.rule),
        None => by_status,
    };
    if let Some(code) = known.filter(|code| !code.attribute.is_empty()) {
        error = error.at(code.attribute);
    }
    if error.kind() == Kind::RateLimited && reply.status() != 429 {
        error = error.retry(Retry::After(reply.retry_after().unwrap_or(Duration::from_secs(30))));
    }
    Some(error.vendor_code(token).vendor_message(&reply.quote(&description)))
}

/// What a DELETE found: a missing object is no failure of the call.
pub(crate) fn deleted(sent: Result<Reply>) -> Result<Deleted> {
    match sent {
        Ok(_) => Ok(Deleted::Removed),
        Err(error) if error.kind() == Kind::NotFound => Ok(Deleted::Missing),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, fmt::Write as _};

    use super::*;

    #[test]
    fn the_error_table() {
        let mut text = String::new();
        for code in CODES {
            let (status, keyword) = code.kind.answer();
            let keyword = keyword.map(|keyword| format!("{keyword:?}")).unwrap_or_default();
            let at = if code.attribute.is_empty() { "" } else { ": " };
            writeln!(text, "{:<42} {status} {keyword:<13} {}{at}{}", code.token, code.attribute, code.rule)
                .expect("text grows");
        }
        insta::assert_snapshot!(text);
    }

    #[test]
    fn every_code_is_there_once_and_is_a_leading_word() {
        let mut seen = HashSet::new();
        for code in CODES {
            assert!(seen.insert(code.token), "{} twice", code.token);
            assert!(!code.token.contains([' ', '(']), "{}: descriptions are cut there", code.token);
        }
    }
}
