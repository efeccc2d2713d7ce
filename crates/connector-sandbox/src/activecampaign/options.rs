//! The switches: one for each thing that is not known of ActiveCampaign, and for each of its moods.

use serde::{Deserialize, Serialize};

pub use super::words::{
    Dates, Deleters, ForbiddenBody, FullGroup, GroupOnPut, InvalidAnswer, ListOrder, MembershipEnvelope,
    MissingBody, NobodyFound, Paging, PasswordDate, Permission, PhoneOnWrite, PutAnswer, RateHeaders,
    SuccessText, UserNameOnPut, UsersTotal,
};

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
    /// Seeded users, the primary admin included. Read at the start.
    pub users: usize,
    /// Seeded groups, the Admin group included. Read at the start.
    pub groups: usize,
    /// Answers without limiter, faults and request log, for load tests.
    pub fast: bool,

    /// Status of a missing or wrong key: 403 or 401.
    pub bad_key_status: u16,
    /// Body of the answer to a missing or wrong key: `message`, `errors` or `empty`.
    pub bad_key_body: ForbiddenBody,
    /// Body of the 403 for want of permission: `message`, `errors` or `empty`.
    pub forbidden_body: ForbiddenBody,
    /// So many of the next requests with a good key get the 403 of a bad key for nothing; counts itself down.
    pub spurious_forbidden: u32,
    /// What lets a key manage users and groups: the `flags` of its owner's groups or the `admin_group`.
    pub permission: Permission,
    /// Reading users and groups needs the permission too.
    pub reads_need_permission: bool,
    /// Who may delete users: `admins` (who may manage users) or the `primary_admin` alone.
    pub deleters: Deleters,

    /// Status for an unknown group in a GET or PUT: 403 or 404.
    pub unknown_group_status: u16,
    /// Status for an unknown group in a DELETE: 404 or 403.
    pub unknown_group_delete_status: u16,
    /// Status for an unknown user, by id or by a look-up: 404 or 403.
    pub unknown_user_status: u16,
    /// Body of a 404: `message` or `errors`.
    pub missing_body: MissingBody,
    /// How wrong values are refused: `objects` (422), `strings` (400), `one_string` (422) or `nothing` (400, `{}`).
    pub invalid_answer: InvalidAnswer,
    /// Gives the entries of a 422 `status` and `error`, and a number for `code`.
    pub odd_error_entries: bool,
    /// Labels error bodies `text/plain`.
    pub errors_as_text_plain: bool,
    /// The text of an error beside the result of a successful write: `none`, `message` or `errors`.
    pub success_text: SuccessText,

    /// Enforces the rate limit of the account.
    pub rate_limiter: bool,
    /// Requests of all keys together in any second, wherever it begins.
    pub requests_per_second: u32,
    /// Status of a refusal because of the limit: 429 or 503.
    pub limit_status: u16,
    /// Seconds that `Retry-After` tells; 0 for what is right.
    pub retry_after_secs: u64,
    /// Sends `Retry-After` with a refusal because of the limit.
    pub retry_after: bool,
    /// Which answers have `RateLimit-Limit` and `RateLimit-Remaining`: `always`, `on_refusal` or `never`.
    pub rate_headers: RateHeaders,

    /// `meta.total` of users: `right`, `wrong` or `absent`.
    pub users_total: UsersTotal,
    /// What becomes of `limit` and `offset`: `honoured`, `whole_list` or `first_page` (both ignored).
    pub paging: Paging,
    /// Refuses a `limit` or `offset` that is no good number with 400, instead of taking the default.
    pub bad_paging_refused: bool,
    /// The order of lists: `created` or `shuffled` (the same each time).
    pub list_order: ListOrder,
    /// Begins every page but the first one row early, as if somebody had come in before it.
    pub repeated_rows: bool,
    /// Fields that `filters[…]` works on; others are ignored.
    pub filterable: Vec<String>,
    /// Fields that `orders[…]` works on; others are ignored.
    pub orderable: Vec<String>,
    /// Pages the members of a group by `limit` and `offset` too, instead of giving all.
    pub members_paged: bool,
    /// Compares user names and addresses of look-ups with regard to case.
    pub lookup_case_sensitive: bool,
    /// The answer to a look-up that finds nobody: `refused` (as an unknown user), `forbidden`, `null` or `empty`.
    pub nobody_found: NobodyFound,
    /// Envelope of the membership of a user: `object` (the first), `list` (all) or `nothing` (`{}`).
    pub membership_envelope: MembershipEnvelope,

    /// Minutes east of Greenwich of the account's time zone, in which it tells dates.
    pub utc_offset_minutes: i32,
    /// How dates of users look: `good`, `null`, `zero` (`0000-00-00 00:00:00`) or `odd_zero`
    /// (`0000-00-00T00:00:00Z00:00`).
    pub dates: Dates,
    /// The form of `password_updated_utc_timestamp`: `spaced` (`YYYY-MM-DD hh:mm:ss`) or `rfc3339`.
    pub password_date: PasswordDate,
    /// Sends `mfaEnabled` as a number.
    pub mfa_as_number: bool,

    /// Members of a new user that must be there and not be empty.
    pub required_on_create: Vec<String>,
    /// Refuses an address another user has.
    pub unique_emails: bool,
    /// Characters a password must have.
    pub min_password_length: usize,
    /// Refuses a `group` that is a text of digits instead of a number.
    pub group_text_refused: bool,
    /// Refuses a PUT of a user without `group`, instead of keeping the memberships.
    pub put_needs_group: bool,
    /// What `group` in a PUT does: `replaces` the memberships or `adds` one.
    pub group_on_put: GroupOnPut,
    /// What becomes of a changed user name in a PUT: `kept` (the old one, in silence) or `refused`.
    pub user_name_on_put: UserNameOnPut,
    /// What becomes of a telephone number in a write: `stored`, `ignored` or `refused`.
    pub phone_on_write: PhoneOnWrite,
    /// What the answer to a PUT of a user shows: `stale` (as before) or `fresh`.
    pub put_answer: PutAnswer,
    /// Takes an empty name or address in a PUT for clearing; otherwise it is refused.
    pub empty_text_clears: bool,
    /// Seats of the account; 0 for no limit.
    pub seats: usize,
    /// Status of a create when no seat is free: 402, 403 or 422.
    pub no_seat_status: u16,
    /// Status of deleting the primary admin.
    pub primary_admin_delete_status: u16,
    /// Refuses with 403 that a key deletes its own owner, instead of letting the key die with the owner.
    pub self_delete_refused: bool,

    /// Status of a group's create: 200 or 201.
    pub create_group_status: u16,
    /// Refuses a second group of the same title.
    pub unique_titles: bool,
    /// Turns the flags left out of a PUT of a group off, instead of keeping them.
    pub put_without_flags_clears: bool,
    /// Status of changing or deleting the Admin group.
    pub protected_group_status: u16,
    /// What becomes of a group that is deleted while it has users: it `stays` (refused) or `goes`.
    pub full_group: FullGroup,
    /// Status of the refusal to delete a group that has users.
    pub full_group_status: u16,
}

impl Default for Options {
    fn default() -> Self {
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
        Self {
            users: 120,
            groups: 9,
            fast: false,
            bad_key_status: 403,
            bad_key_body: ForbiddenBody::Message,
            forbidden_body: ForbiddenBody::Errors,
            spurious_forbidden: 0,
            permission: Permission::Flags,
            reads_need_permission: false,
            deleters: Deleters::Admins,
            unknown_group_status: 403,
            unknown_group_delete_status: 404,
            unknown_user_status: 404,
            missing_body: MissingBody::Message,
            invalid_answer: InvalidAnswer::Objects,
            odd_error_entries: false,
            errors_as_text_plain: false,
            success_text: SuccessText::None,
            rate_limiter: true,
            requests_per_second: 5,
            limit_status: 429,
            retry_after_secs: 0,
            retry_after: true,
            rate_headers: RateHeaders::Always,
            users_total: UsersTotal::Right,
            paging: Paging::Honoured,
            bad_paging_refused: false,
            list_order: ListOrder::Created,
            repeated_rows: false,
            filterable: Vec::new(),
            orderable: Vec::new(),
            members_paged: false,
            lookup_case_sensitive: false,
            nobody_found: NobodyFound::Refused,
            membership_envelope: MembershipEnvelope::Object,
            utc_offset_minutes: -360,
            dates: Dates::Good,
            password_date: PasswordDate::Spaced,
            mfa_as_number: false,
            required_on_create: texts(&["username", "email", "firstName", "lastName", "group", "password"]),
            unique_emails: true,
            min_password_length: 8,
            group_text_refused: true,
            put_needs_group: false,
            group_on_put: GroupOnPut::Replaces,
            user_name_on_put: UserNameOnPut::Kept,
            phone_on_write: PhoneOnWrite::Stored,
            put_answer: PutAnswer::Stale,
            empty_text_clears: true,
            seats: 0,
            no_seat_status: 402,
            primary_admin_delete_status: 403,
            self_delete_refused: false,
            create_group_status: 200,
            unique_titles: false,
            put_without_flags_clears: false,
            protected_group_status: 403,
            full_group: FullGroup::Stays,
            full_group_status: 422,
        }
    }
}
