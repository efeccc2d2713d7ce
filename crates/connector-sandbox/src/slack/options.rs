//! The switches: one for each thing that is not known of Slack, and for each of its moods.

use serde::{Deserialize, Serialize};

/// How the stand-in behaves. The defaults are the most likely behaviour.
///
/// `users` and `groups` count at the start only; everything else can be changed while it runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each switch is independent of the others and is read by name"
)]
pub struct Options {
    /// Seeded users, bots and owners included; never fewer than three. Read at the start.
    pub users: usize,
    /// Seeded groups. Read at the start.
    pub groups: usize,
    /// Answers reads from ready-made bytes, without limiter, faults and request log, for load tests.
    pub fast: bool,

    /// Status of `username_taken` and `email_taken`: 409 or 400.
    pub taken_status: u16,
    /// Status of `no_such_user` and `no_such_group`.
    pub missing_status: u16,
    /// Status of `permission_denied` and of the protection of owners and bots.
    pub forbidden_status: u16,
    /// Status of `bad_endpoint`.
    pub bad_endpoint_status: u16,
    /// Status of `method_not_allowed`.
    pub method_not_allowed_status: u16,
    /// Status of a successful `DELETE /Users/{id}`: 200 in v1 recordings, 204 on the page for v2.
    pub delete_user_status: u16,
    /// How a plain `userName` over 21 characters is refused.
    pub long_name: LongName,
    /// What becomes of an e-mail given as `userName` whose local part is over 21 characters.
    pub long_local_part: LongLocalPart,
    /// Takes letters beyond a to z in user names, instead of turning them into underscores.
    pub unicode_user_names: bool,
    /// Names that cannot be used (`username_not_allowed`).
    pub reserved_names: Vec<String>,

    /// Enforces the published rate limits.
    pub rate_limiter: bool,
    /// The body of a 429.
    pub rate_limit_body: RateLimitBody,
    /// Sends `Retry-After` with a 429.
    pub retry_after: bool,
    /// Refuses with 429 a write on a user or group whose previous write is still running.
    pub lock_per_id: bool,
    /// Real milliseconds every write takes; makes overlapping writes possible.
    pub write_ms: u64,

    /// Lists in another order than that of creation, the same one each time.
    pub shuffle: bool,
    /// Echoes a `startIndex` past the end; otherwise answers with 1.
    pub echo_start_index_past_end: bool,
    /// Refuses a `startIndex` below 1 with `invalid_query` instead of taking it for 1.
    pub refuse_low_start_index: bool,
    /// Answers `count=0` with an empty page; otherwise with the default count.
    pub zero_count_is_empty: bool,
    /// Refuses a negative `count` with `invalid_query` instead of taking the default count.
    pub refuse_negative_count: bool,
    /// Obeys the `attributes` parameter.
    pub honour_attributes: bool,
    /// Allows filters on `id`, `active`, `displayName`, `title`, `nickName` and `externalId` of users too.
    pub filter_any_attribute: bool,
    /// Lets `email eq` find the secondary e-mail.
    pub email_filter_secondary: bool,
    /// Compares e-mails with regard to case in filters.
    pub email_filter_case_sensitive: bool,

    /// Obeys `active: false` on POST.
    pub create_honours_active: bool,
    /// Stores `externalId` on POST.
    pub create_keeps_external_id: bool,
    /// Sends `Location` with a 201.
    pub location_header: bool,
    /// Deactivates on a PUT that leaves `active` out.
    pub put_without_active_deactivates: bool,
    /// Keeps a guest a guest on a PUT that leaves the guest extension out.
    pub put_without_guest_keeps_guest: bool,
    /// Takes an empty string in a PATCH for clearing; otherwise it changes nothing and only a single blank clears.
    pub patch_empty_string_clears: bool,
    /// Keeps the old primary e-mail as the secondary one when a PATCH brings another and the slot is free.
    pub patch_keeps_old_primary_email: bool,
    /// Refuses a changed `profileUrl` in a PATCH; otherwise it is ignored.
    pub patch_refuses_profile_url: bool,
    /// Lets users edit their display names, so that SCIM may set them on POST only (`invalid_display_name`).
    pub users_edit_display_name: bool,
    /// Values that make a custom profile field invalid: dropped in silence, with all others, on POST; refused later.
    pub invalid_custom_values: Vec<String>,
    /// Drops all custom profile values of the next POST that has some; then turns itself off.
    pub drop_custom_on_next_create: bool,
    /// Custom profile fields an organisation may have.
    pub custom_field_cap: usize,
    /// Custom profile fields the organisation has beside those made through SCIM.
    pub other_custom_fields: usize,
    /// Longest title, name part and group name, in characters; 0 for no limit.
    pub max_text_length: usize,

    /// How long `active` still reads true after a DELETE.
    pub active_lag: Lag,
    /// How long the old name of a group is still read after a rename.
    pub rename_lag: Lag,
    /// How long the old picture is still read after a change.
    pub photo_lag: Lag,

    /// Refuses a second group of the same name with 409 `group_creation_failed`.
    pub unique_group_names: bool,
    /// Answers POST on groups with 201 and no body.
    pub empty_body_on_group_create: bool,
    /// Lets multi-channel guests be members of groups.
    pub guests_in_groups: bool,
    /// Lets deactivated users be added to groups.
    pub deactivated_in_groups: bool,
    /// Takes a user out of all groups on deactivation.
    pub deactivation_leaves_groups: bool,
    /// Most members one call may name (`too_many_users`).
    pub max_members_per_call: usize,
    /// Most members a group may have (`group_member_max_exceeded`).
    pub max_members_per_group: usize,

    /// Description of the 401 an expired token gets.
    pub expired_token_description: String,
    /// The organisation's plan has no SCIM (`plus_teams_only`).
    pub plan_without_scim: bool,
    /// The app gives expiring tokens with refresh tokens.
    pub token_rotation: bool,
    /// Milliseconds the old access token still works after a refresh.
    pub rotation_grace_ms: u64,
    /// Milliseconds a used refresh token may be used once more.
    pub refresh_reuse_ms: u64,
    /// Expiring tokens one installation may have active; one more ends the oldest.
    pub active_tokens: usize,
    /// Seconds a code lives.
    pub code_life_secs: u64,
    /// Public distribution of the app is active.
    pub distributed: bool,
    /// Redirect addresses of the app; while empty any http or https address will do.
    pub redirect_urls: Vec<String>,
}

/// The spelling of the refusal of a long user name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LongName {
    /// `long_username (user=…)`
    LongUsername,
    /// `username_too_long (username=…)`
    UsernameTooLong,
}

/// The fate of a long local part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LongLocalPart {
    /// `username_too_long (username=…)`
    Refuse,
    /// Cut to 21 characters.
    Truncate,
}

/// The body of a 429.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateLimitBody {
    /// `{"Errors":{"description":"too_many_requests","code":429}}`
    Scim,
    /// `{"ok":false,"error":"ratelimited"}`
    WebApi,
    /// None.
    Empty,
}

/// How long an old value is still read: for so many reads and for so many milliseconds, whichever ends last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lag {
    /// Reads of the object, in lists too.
    pub reads: u32,
    /// Milliseconds of the stand-in's clock.
    pub ms: u64,
}

impl Default for Options {
    fn default() -> Self {
        let words = |list: &[&str]| list.iter().map(ToString::to_string).collect();
        Self {
            users: 250,
            groups: 12,
            fast: false,
            taken_status: 409,
            missing_status: 404,
            forbidden_status: 403,
            bad_endpoint_status: 404,
            method_not_allowed_status: 405,
            delete_user_status: 200,
            long_name: LongName::LongUsername,
            long_local_part: LongLocalPart::Refuse,
            unicode_user_names: false,
            reserved_names: words(&["here", "channel", "everyone", "group", "slackbot", "root"]),
            rate_limiter: true,
            rate_limit_body: RateLimitBody::Scim,
            retry_after: true,
            lock_per_id: true,
            write_ms: 0,
            shuffle: false,
            echo_start_index_past_end: true,
            refuse_low_start_index: false,
            zero_count_is_empty: true,
            refuse_negative_count: false,
            honour_attributes: false,
            filter_any_attribute: false,
            email_filter_secondary: false,
            email_filter_case_sensitive: false,
            create_honours_active: false,
            create_keeps_external_id: false,
            location_header: false,
            put_without_active_deactivates: true,
            put_without_guest_keeps_guest: true,
            patch_empty_string_clears: false,
            patch_keeps_old_primary_email: false,
            patch_refuses_profile_url: true,
            users_edit_display_name: false,
            invalid_custom_values: words(&["INVALID"]),
            drop_custom_on_next_create: false,
            custom_field_cap: 50,
            other_custom_fields: 10,
            max_text_length: 0,
            active_lag: Lag::default(),
            rename_lag: Lag::default(),
            photo_lag: Lag::default(),
            unique_group_names: false,
            empty_body_on_group_create: false,
            guests_in_groups: true,
            deactivated_in_groups: false,
            deactivation_leaves_groups: false,
            max_members_per_call: 15_000,
            max_members_per_group: 15_000,
            expired_token_description: "invalid_authentication".into(),
            plan_without_scim: false,
            token_rotation: false,
            rotation_grace_ms: 0,
            refresh_reuse_ms: 0,
            active_tokens: 2,
            code_life_secs: 600,
            distributed: true,
            redirect_urls: Vec::new(),
        }
    }
}
