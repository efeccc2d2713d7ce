//! The switches: one for each thing that is not known of Webex, and for each of its moods.

use serde::{Deserialize, Serialize};

pub use super::words::{
    BlockedIntegration, Consenter, DirectorySync, ListOrder, NameLimits, NewPerson, NextLink, RateScope,
    RefreshToken, RetryAfter, TimeZoneSpelling, TokenError, TrackingIdForm,
};

/// How the stand-in behaves. The defaults are the most likely behaviour.
///
/// `people`, `teams` and `foreign_teams` count at the start only; everything else can be changed while it runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each switch is independent of the others and is read by name"
)]
pub struct Options {
    /// Seeded people of the organization, administrators and bots included; never fewer than four. Read at the start.
    pub people: usize,
    /// Seeded teams of the full administrator. Read at the start.
    pub teams: usize,
    /// Seeded teams the full administrator is not in, beside the others. Read at the start.
    pub foreign_teams: usize,
    /// Answers the API without limiter, faults and request log, for load tests.
    pub fast: bool,

    /// Redirect URIs of the integration, compared as exact strings; while empty any http or https address will do.
    pub redirect_uris: Vec<String>,
    /// Scopes ticked at the registration; asking for another is `invalid_scope`.
    pub registered_scopes: Vec<String>,
    /// Tells an invalid scope in a JSON body with 400 instead of by the redirect.
    pub invalid_scope_as_json: bool,
    /// Grants at once whatever is asked for, without a page.
    pub auto_consent: bool,
    /// Who is signed in when the request does not say: `full_administrator`, `user_administrator`,
    /// `read_only_administrator` or `member`.
    pub consenter: Consenter,
    /// Scopes that are not granted although asked for.
    pub withheld_scopes: Vec<String>,
    /// Answers the consent of somebody who is no administrator to `spark-admin` scopes with `invalid_scope`.
    pub members_refused_admin_scopes: bool,
    /// What a person sees when Control Hub blocks the integration: `no` (it does not), `page` or `redirect`.
    pub blocked_integration: BlockedIntegration,
    /// Ends the consent with `server_error`.
    pub consent_server_error: bool,
    /// Seconds a code lives.
    pub code_life_secs: u64,
    /// Seconds an access token lives.
    pub access_token_secs: u64,
    /// Seconds a refresh token lives without being used.
    pub refresh_token_secs: u64,
    /// Leaves `token_type` and `scope` out of the token answer.
    pub bare_token_answer: bool,
    /// The refresh token in the answer to a refresh: `unchanged`, `rotated` (the old one ends) or `left_out`.
    pub refresh_token_answer: RefreshToken,
    /// Seconds during which another refresh gives the same access token again; 0 for never.
    pub same_access_token_secs: u64,
    /// Lets the previous access token live on after a refresh.
    pub previous_access_token_stays: bool,
    /// Live access tokens per account; one more ends the oldest.
    pub live_access_tokens: usize,
    /// Milliseconds a revoked token is still honoured.
    pub revocation_lag_ms: u64,
    /// The form of a token error: `broker` or `wrapped` in the usual error shape.
    pub token_error: TokenError,
    /// Answers `GET /people/me` for `spark-admin:people_read` alone, without `spark:people_read`.
    pub people_me_with_admin_scope: bool,

    /// Names the concrete reason of a 403 in `errors`.
    pub forbidden_reason: bool,
    /// Puts `trackingId` into error bodies, not only into the header.
    pub tracking_id_in_body: bool,
    /// How a tracking id looks: `router_gateway`, `router`, `not_available` or `bare`.
    pub tracking_id_form: TrackingIdForm,
    /// Repeats the client's own `TrackingID` twice in the answer.
    pub tracking_id_twice: bool,
    /// Sends `application/json` without a charset.
    pub plain_content_type: bool,

    /// Enforces a rate limit.
    pub rate_limiter: bool,
    /// Requests a minute, and at once.
    pub requests_per_minute: u32,
    /// What is counted together: `token`, `account` or `organization`.
    pub rate_scope: RateScope,
    /// `Retry-After` of 423 and 429: `good`, `malformed`, `zero` or `absent`.
    pub retry_after: RetryAfter,

    /// The order of lists: `created`, `shuffled` (the same each time) or `unstable` (another in every enumeration).
    pub list_order: ListOrder,
    /// The next link: `good`, `max_null`, or `lost_parameters` of the first request.
    pub next_link: NextLink,
    /// Host of the next link instead of the right one; empty for the right one.
    pub next_link_host: String,
    /// Empty pages with a next link that come before every further page.
    pub empty_pages: u32,
    /// Highest `max` of people without `callingData`.
    pub people_page_ceiling: usize,
    /// Highest `max` of teams.
    pub teams_page_ceiling: usize,
    /// Highest `max` of team memberships.
    pub memberships_page_ceiling: usize,
    /// Answers 504 to pages of people beyond this many; 0 for never.
    pub timeout_above: usize,

    /// Milliseconds until a new person is found in lists, by `email` too; by id at once.
    pub list_lag_ms: u64,
    /// Milliseconds until a new person has SIP addresses.
    pub sip_lag_ms: u64,
    /// Spelling of the time zone: `camel` (`timeZone`, as recorded) or `lower` (`timezone`, as documented).
    pub time_zone_spelling: TimeZoneSpelling,
    /// Sends `loginEnabled` and `invitePending` as strings.
    pub booleans_as_strings: bool,
    /// Sends keys nobody has documented.
    pub unknown_keys: bool,
    /// Sends the e-mail addresses of people with several in the reverse order.
    pub reversed_emails: bool,
    /// Gives people an `errors` map on a 200.
    pub partial_person_errors: bool,
    /// Uses the names licences had before 2026-01-26.
    pub old_license_names: bool,
    /// Shows the creator of a team.
    pub team_creator_id: bool,
    /// Status for a team the caller is not in: 404 or 403.
    pub foreign_team_status: u16,

    /// How a person is right after the create: `pending` (invited, no free licences) or `activated`.
    pub new_person: NewPerson,
    /// Offer codes of licences that a template gives to every new person.
    pub license_template: Vec<String>,
    /// Refuses `loginEnabled` on create instead of ignoring it.
    pub create_refuses_login_enabled: bool,
    /// Makes the person although the create is refused because of the Calling licence.
    pub refused_calling_creates: bool,
    /// Status for an address of another person of the organization: 409 or 400.
    pub duplicate_person_status: u16,
    /// Ends of addresses that belong to accounts elsewhere.
    pub foreign_addresses: Vec<String>,
    /// Status for an address that belongs to an account elsewhere.
    pub foreign_address_status: u16,
    /// Takes away the licences on a PUT without `licenses`, but for the free ones.
    pub put_without_licenses_clears: bool,
    /// Takes away the roles on a PUT without `roles`.
    pub put_without_roles_clears: bool,
    /// Resets the picture on a PUT without `avatar`.
    pub put_without_avatar_resets: bool,
    /// Takes away attendee rights on a PUT without `siteUrls`.
    pub put_without_site_urls_clears: bool,
    /// Refuses a PUT with members that only the service writes.
    pub put_refuses_read_only: bool,
    /// Answers a PUT with 204 and no body.
    pub put_no_content: bool,
    /// Lets names and other plain attributes stand when a PUT is refused because of licences, sites or roles.
    pub put_changes_in_part: bool,
    /// Takes an empty text for clearing; otherwise it changes nothing.
    pub empty_text_clears: bool,
    /// Longest text in characters; 0 for no limit.
    pub max_text_length: usize,
    /// Limits of first and last names: `none` or those of `control_hub`.
    pub name_limits: NameLimits,
    /// What a directory synchronisation does to writes of people: `off`, `refuses` or `overwrites` (in silence).
    pub directory_sync: DirectorySync,
    /// Refuses `phoneNumbers` of type `work` for who has no Calling licence, instead of ignoring them.
    pub phone_without_calling_refused: bool,
    /// Values of roles that cannot be given, such as `id_device_admin`.
    pub unassignable_roles: Vec<String>,
    /// Sends the error codes of `PATCH /licenses/users` with refusals of `/people` too.
    pub people_license_codes: bool,
    /// Names of licences that are skipped as if no unit were left.
    pub skipped_licenses: Vec<String>,
    /// Status of `PATCH /licenses/users` when a licence was skipped: 206 or 200.
    pub skipped_license_status: u16,
    /// Status for a person or team that was deleted: 404 or 410.
    pub deleted_status: u16,
    /// Organizations the caller manages as a partner, beside the own.
    pub managed_organizations: usize,

    /// Takes away the description on a PUT of a team without one.
    pub put_team_without_description_clears: bool,
    /// Refuses a second team of the same name with 409.
    pub unique_team_names: bool,
    /// Lets only moderators change a team and its memberships; any member may add members.
    pub writes_need_moderator: bool,
    /// Status for adding a member to a team the caller is not in.
    pub foreign_team_add_status: u16,
    /// Status for adding who is a member already.
    pub duplicate_member_status: u16,
    /// Status for removing the last moderator: 400, 403 or 409.
    pub last_moderator_status: u16,
    /// Lets the last moderator of a team be made a plain member.
    pub last_moderator_may_be_demoted: bool,

    /// Refuses with 423 a write on an object whose previous write is still running.
    pub lock_per_id: bool,
    /// Real milliseconds every write takes; makes overlapping writes possible.
    pub write_ms: u64,
}

/// The scopes of the integration, in the order of its registration.
pub(super) const SCOPES: [&str; 9] = [
    "spark:team_memberships_read",
    "spark:team_memberships_write",
    "spark:teams_read",
    "spark:teams_write",
    "spark-admin:licenses_read",
    "spark-admin:organizations_read",
    "spark-admin:people_read",
    "spark-admin:people_write",
    "spark-admin:roles_read",
];

impl Default for Options {
    fn default() -> Self {
        Self {
            people: 1200,
            teams: 15,
            foreign_teams: 2,
            fast: false,
            redirect_uris: Vec::new(),
            registered_scopes: SCOPES.iter().map(ToString::to_string).collect(),
            invalid_scope_as_json: false,
            auto_consent: false,
            consenter: Consenter::FullAdministrator,
            withheld_scopes: Vec::new(),
            members_refused_admin_scopes: false,
            blocked_integration: BlockedIntegration::No,
            consent_server_error: false,
            code_life_secs: 300,
            access_token_secs: 1_209_600,
            refresh_token_secs: 7_776_000,
            bare_token_answer: false,
            refresh_token_answer: RefreshToken::Unchanged,
            same_access_token_secs: 86_400,
            previous_access_token_stays: true,
            live_access_tokens: 750,
            revocation_lag_ms: 0,
            token_error: TokenError::Broker,
            people_me_with_admin_scope: true,
            forbidden_reason: false,
            tracking_id_in_body: true,
            tracking_id_form: TrackingIdForm::RouterGateway,
            tracking_id_twice: false,
            plain_content_type: false,
            rate_limiter: true,
            requests_per_minute: 300,
            rate_scope: RateScope::Token,
            retry_after: RetryAfter::Good,
            list_order: ListOrder::Created,
            next_link: NextLink::Good,
            next_link_host: String::new(),
            empty_pages: 0,
            people_page_ceiling: 1000,
            teams_page_ceiling: 1000,
            memberships_page_ceiling: 1000,
            timeout_above: 0,
            list_lag_ms: 0,
            sip_lag_ms: 1000,
            time_zone_spelling: TimeZoneSpelling::Camel,
            booleans_as_strings: false,
            unknown_keys: false,
            reversed_emails: false,
            partial_person_errors: false,
            old_license_names: false,
            team_creator_id: false,
            foreign_team_status: 404,
            new_person: NewPerson::Pending,
            license_template: Vec::new(),
            create_refuses_login_enabled: false,
            refused_calling_creates: true,
            duplicate_person_status: 409,
            foreign_addresses: vec!["@elsewhere.example".to_owned()],
            foreign_address_status: 409,
            put_without_licenses_clears: true,
            put_without_roles_clears: true,
            put_without_avatar_resets: true,
            put_without_site_urls_clears: false,
            put_refuses_read_only: false,
            put_no_content: false,
            put_changes_in_part: true,
            empty_text_clears: true,
            max_text_length: 0,
            name_limits: NameLimits::None,
            directory_sync: DirectorySync::Off,
            phone_without_calling_refused: false,
            unassignable_roles: Vec::new(),
            people_license_codes: false,
            skipped_licenses: Vec::new(),
            skipped_license_status: 206,
            deleted_status: 404,
            managed_organizations: 0,
            put_team_without_description_clears: true,
            unique_team_names: false,
            writes_need_moderator: true,
            foreign_team_add_status: 502,
            duplicate_member_status: 409,
            last_moderator_status: 400,
            last_moderator_may_be_demoted: false,
            lock_per_id: true,
            write_ms: 0,
        }
    }
}
