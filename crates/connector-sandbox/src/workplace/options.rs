//! The switches: one for each thing that is not known of Workplace, and for each of its moods.

use serde::{Deserialize, Serialize};

pub use super::words::{
    Editions, Era, Meta, Permission, ReadOnlyMembers, ScimErrors, StatusDates, StatusPlace, ThrottleForm,
    UsageHeader,
};

/// How the stand-in behaves. The defaults are the most likely behaviour.
///
/// `people`, `people_sets`, `groups` and `first_id` count at the start only; everything else can be changed while it
/// runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each switch is independent of the others and is read by name"
)]
pub struct Options {
    /// Seeded people, system administrators included. Read at the start.
    pub people: usize,
    /// Seeded people sets, SCIM's `/Groups`. Read at the start.
    pub people_sets: usize,
    /// Seeded groups, those of Graph. Read at the start.
    pub groups: usize,
    /// The id of the first person; beyond 2^53 a client that reads ids as floating point is found out. Read at the
    /// start.
    pub first_id: u64,
    /// Answers without limiter, faults and request log, for load tests.
    pub fast: bool,

    /// `normal`, `read_only` (writes are refused) or `closed` (nothing answers).
    pub era: Era,
    /// Status of everything when it is closed; what the real one answers is not known.
    pub closed_status: u16,
    /// Which SCIM editions answer: `both`, `v1` or `v2`.
    pub editions: Editions,
    /// Graph answers; Admin Center has none.
    pub graph_served: bool,
    /// SCIM has `/Groups`; Admin Center has not.
    pub people_sets_served: bool,

    /// Status for a missing, wrong or dead token.
    pub bad_token_status: u16,
    /// Status for a missing permission.
    pub permission_status: u16,
    /// Code for a missing permission: 200 or 10.
    pub permission_code: u32,
    /// SCIM calls must have a `User-Agent`.
    pub user_agent_required: bool,
    /// Status of a SCIM call without `User-Agent`.
    pub no_user_agent_status: u16,
    /// Calls must have `appsecret_proof` and `appsecret_time`.
    pub proof_required: bool,
    /// Days without a call after which an integration is deactivated.
    pub idle_days: u32,

    /// Throttles.
    pub rate_limiter: bool,
    /// Calls a minute, and at once; no figure of Workplace is known.
    pub calls_per_minute: u32,
    /// How throttling is told: `code` (400 with a code) or `status` (429).
    pub throttle_form: ThrottleForm,
    /// Code of throttling: 4, 17, 32 or 613.
    pub throttle_code: u32,
    /// Sends `Retry-After` when throttling.
    pub retry_after: bool,
    /// Which answers have `X-App-Usage`: `graph`, `always` or `never`.
    pub usage_header: UsageHeader,
    /// Sends `X-Business-Use-Case-Usage` too.
    pub business_usage_header: bool,
    /// So many of the next calls are throttled whatever the usage; counts itself down.
    pub throttled_calls: u32,
    /// So many of the next calls end with a 500 that goes away; counts itself down.
    pub server_errors: u32,

    /// The body of an error of SCIM: `native` or `graph`. A dead token is told as Graph does in any case.
    pub scim_errors: ScimErrors,
    /// Labels the answers of SCIM 1.1 as JSON instead of `text/javascript`.
    pub v1_as_json: bool,
    /// Sends ids as texts in SCIM 2.0.
    pub v2_text_ids: bool,
    /// Which editions have `meta`: `never`, `v2` or `both`.
    pub meta: Meta,
    /// The form of `inviteDate` and `claimDate` in SCIM 2.0: `iso`, `seconds` or `mixed`.
    pub v2_status_dates: StatusDates,
    /// Sends the people sets of a person as `groups` in SCIM 1.1.
    pub v1_groups: bool,
    /// Sends `photos`.
    pub photos_readable: bool,
    /// Answers `/ServiceProviderConfig` of SCIM 2.0 in the singular too.
    pub singular_discovery: bool,

    /// Highest `count` of SCIM.
    pub max_count: usize,
    /// Gives one fewer than a page could have, though there are more.
    pub short_pages: bool,
    /// Leaves `Resources` out of an empty list.
    pub empty_list_without_resources: bool,
    /// Compares `userName` in filters with regard to case.
    pub filter_case_sensitive: bool,
    /// Allows `displayName eq` on people sets.
    pub people_set_filter: bool,

    /// Mail domains that are verified.
    pub verified_domains: Vec<String>,
    /// Status for a `userName` that somebody has.
    pub duplicate_status: u16,
    /// Refuses an `externalId` that somebody has.
    pub unique_external_ids: bool,
    /// Allows accounts without an address.
    pub email_less_accounts: bool,
    /// Refuses a new account without `name.formatted`.
    pub formatted_name_required: bool,
    /// Invites new accounts at once.
    pub auto_invite: bool,
    /// Where `invited` and `claimed` take effect: `extension`, `top_level` or `both`.
    pub status_place: StatusPlace,
    /// Keeps on a PUT what it leaves out.
    pub put_merges: bool,
    /// Deactivates on a PUT that leaves `active` out.
    pub put_without_active_deactivates: bool,
    /// Keeps on a PUT the entries of a list whose type it does not name.
    pub put_merges_lists: bool,
    /// Takes an empty text, an empty list and 0 as manager for clearing; otherwise they change nothing.
    pub empty_value_clears: bool,
    /// Takes null for clearing; otherwise it changes nothing.
    pub null_clears: bool,
    /// What becomes of `id`, `groups` and the read-only part of the account status in a PUT: `refused` or `ignored`.
    pub read_only_members: ReadOnlyMembers,
    /// Makes `name.formatted` anew when only parts of the name change.
    pub formatted_follows_parts: bool,
    /// Refuses `managerId` as a text of digits.
    pub manager_text_refused: bool,
    /// Refuses `"true"` and `"false"` for booleans.
    pub boolean_text_refused: bool,
    /// Honours the extensions of SCIM 1.1 in SCIM 2.0; otherwise they are ignored.
    pub v1_urns_in_v2: bool,
    /// Refuses bodies without `schemas`.
    pub schemas_required: bool,
    /// Serves PATCH on people in SCIM 2.0.
    pub patch_served: bool,
    /// Texts of a person that a write ignores in silence.
    pub ignored_texts: Vec<String>,
    /// Answers a PATCH with 204 and no body.
    pub patch_no_content: bool,
    /// Status of a successful DELETE.
    pub delete_status: u16,

    /// Refuses a new people set without members.
    pub people_set_needs_members: bool,
    /// Allows PATCH on people sets of SCIM 2.0.
    pub people_set_patch: bool,

    /// Status of Graph for an id that is not there.
    pub unknown_id_status: u16,
    /// Fields of Graph when none are asked for.
    pub default_fields: Vec<String>,
    /// Refuses fields that are not there; otherwise they are passed over.
    pub unknown_fields_refused: bool,
    /// Highest `limit` of Graph.
    pub graph_max_limit: usize,
    /// Sends `cursors` in `paging`; otherwise the next link alone.
    pub cursors_sent: bool,
    /// Sends an empty `paging` with an empty page.
    pub paging_on_empty_page: bool,
    /// Gives a next link for ever, repeating the last page.
    pub endless_cursor: bool,
    /// Begin of next links instead of the right one; empty for the right one.
    pub next_link_base: String,
    /// So many of the next entries of batches fail; counts itself down.
    pub failing_batch_entries: u32,
    /// The groups an integration may reach, by id; while empty it may reach all, and make new ones.
    pub chosen_groups: Vec<String>,
    /// Listing the members of a group needs "Read group membership"; otherwise any permission about groups will do.
    pub members_need_membership: bool,
    /// Shows no members of a group that has no administrator.
    pub adminless_groups_hide_members: bool,
    /// Graph knows deactivated people by their id; otherwise there is no such object.
    pub deactivated_in_graph: bool,
    /// Shows deactivated people among the members of a group.
    pub deactivated_in_groups: bool,
    /// Sends `joined` of members as a text like all other times of Graph, instead of seconds since 1970.
    pub joined_as_text: bool,
    /// Privacy of a new group when none is given.
    pub default_privacy: String,
    /// Takes `purpose`; otherwise only its old name `group_type` can be written.
    pub purpose_writable: bool,
    /// Refuses a second group of the same name.
    pub unique_group_names: bool,
    /// Refuses to change archived groups and their members, but for bringing them back.
    pub archived_groups_fixed: bool,
    /// Refuses deactivated people as new members.
    pub inactive_members_refused: bool,
    /// Refuses to add who is a member already.
    pub member_twice_refused: bool,
    /// Refuses to remove who is no member, and to demote who is no administrator.
    pub removing_strangers_refused: bool,
    /// Makes a member of whoever is promoted without being one; otherwise that is refused.
    pub promoting_adds_members: bool,
    /// Refuses to demote the last administrator of a group.
    pub last_admin_stays: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            people: 400,
            people_sets: 5,
            groups: 14,
            first_id: 100_071_234_500_001,
            fast: false,
            era: Era::Normal,
            closed_status: 410,
            editions: Editions::Both,
            graph_served: true,
            people_sets_served: true,
            bad_token_status: 401,
            permission_status: 403,
            permission_code: 200,
            user_agent_required: true,
            no_user_agent_status: 400,
            proof_required: false,
            idle_days: 60,
            rate_limiter: true,
            calls_per_minute: 1200,
            throttle_form: ThrottleForm::Code,
            throttle_code: 4,
            retry_after: false,
            usage_header: UsageHeader::Graph,
            business_usage_header: false,
            throttled_calls: 0,
            server_errors: 0,
            scim_errors: ScimErrors::Native,
            v1_as_json: false,
            v2_text_ids: false,
            meta: Meta::V2,
            v2_status_dates: StatusDates::Iso,
            v1_groups: true,
            photos_readable: false,
            singular_discovery: false,
            max_count: 100,
            short_pages: false,
            empty_list_without_resources: false,
            filter_case_sensitive: false,
            people_set_filter: false,
            verified_domains: vec!["riverbank.example".into()],
            duplicate_status: 409,
            unique_external_ids: false,
            email_less_accounts: false,
            formatted_name_required: false,
            auto_invite: false,
            status_place: StatusPlace::Both,
            put_merges: true,
            put_without_active_deactivates: false,
            put_merges_lists: false,
            empty_value_clears: true,
            null_clears: false,
            read_only_members: ReadOnlyMembers::Refused,
            formatted_follows_parts: false,
            manager_text_refused: true,
            boolean_text_refused: true,
            v1_urns_in_v2: true,
            schemas_required: false,
            patch_served: true,
            ignored_texts: Vec::new(),
            patch_no_content: false,
            delete_status: 200,
            people_set_needs_members: true,
            people_set_patch: false,
            unknown_id_status: 400,
            default_fields: vec!["id".into(), "name".into()],
            unknown_fields_refused: true,
            graph_max_limit: 1000,
            cursors_sent: true,
            paging_on_empty_page: false,
            endless_cursor: false,
            next_link_base: String::new(),
            failing_batch_entries: 0,
            chosen_groups: Vec::new(),
            members_need_membership: true,
            adminless_groups_hide_members: true,
            deactivated_in_graph: true,
            deactivated_in_groups: false,
            joined_as_text: false,
            default_privacy: "CLOSED".into(),
            purpose_writable: true,
            unique_group_names: false,
            archived_groups_fixed: false,
            inactive_members_refused: true,
            member_twice_refused: false,
            removing_strangers_refused: true,
            promoting_adds_members: false,
            last_admin_stays: false,
        }
    }
}
