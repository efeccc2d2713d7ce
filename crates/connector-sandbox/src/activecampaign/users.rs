//! `/users`: reading.

use serde_json::{Value, json};

use super::account::User;
use super::api::{Ask, ok};
use super::error::{Refusal, Result};
use super::options::{NobodyFound, Options, UsersTotal};
use super::paging;
use super::stamp;
use super::state::State;
use crate::form::decode_segment;
use crate::harness::Reply;

/// Members of `links`, which are paths below the user.
const LINKS: [&str; 8] = [
    "lists",
    "userGroup",
    "dealGroupTotals",
    "dealGroupUsers",
    "configs",
    "dealConnection",
    "userConversationsPermission",
    "seatUser",
];

/// `GET /users`
pub(super) fn list(state: &State, ask: &Ask<'_>) -> Result<Reply> {
    let options = &state.options;
    let ids = paging::ordered(state.account.users.keys().copied(), options);
    let mut rows: Vec<Value> = ids.into_iter().filter_map(|id| render(state, id)).collect();
    paging::arrange(&mut rows, &ask.query, options);
    let page = paging::page(&rows, &ask.query, options)?;
    let meta = match options.users_total {
        UsersTotal::Right => paging::meta(rows.len()),
        UsersTotal::Wrong => paging::meta(page.len()),
        UsersTotal::Absent => json!({}),
    };
    Ok(ok(&json!({"users": rows[page], "meta": meta})))
}

/// `GET /users/{id}`
pub(super) fn get(state: &State, id: &str) -> Result<Reply> {
    one(state, find(state, id)?, id)
}

/// `GET /users/email/{email}`
pub(super) fn by_email(state: &State, email: &str) -> Result<Reply> {
    let email = decode_segment(email);
    let id = state.account.user_at_email(&email);
    found(state, id, "email", &email, |user| user.email == email)
}

/// `GET /users/username/{username}`
pub(super) fn by_name(state: &State, name: &str) -> Result<Reply> {
    let name = decode_segment(name);
    let id = state.account.user_named(&name);
    found(state, id, "username", &name, |user| user.username == name)
}

fn found(
    state: &State,
    id: Option<u64>,
    by: &str,
    value: &str,
    exactly: impl Fn(&User) -> bool,
) -> Result<Reply> {
    let exactly =
        |id: &u64| !state.options.lookup_case_sensitive || state.account.users.get(id).is_some_and(&exactly);
    match (id.filter(exactly), state.options.nobody_found) {
        (Some(id), _) => one(state, id, value),
        (None, NobodyFound::Refused) => Err(Refusal::Missing(
            state.options.unknown_user_status,
            format!("No Result found for User with {by} {value}"),
        )),
        (None, NobodyFound::Forbidden) => Err(Refusal::Forbidden),
        (None, NobodyFound::Null) => Ok(ok(&json!({"user": null}))),
        (None, NobodyFound::Empty) => Ok(ok(&json!({}))),
    }
}

/// A user as the answer to a read.
pub(super) fn one(state: &State, id: u64, asked: &str) -> Result<Reply> {
    let user = render(state, id);
    let user = user.ok_or_else(|| Refusal::missing(state.options.unknown_user_status, "User", asked))?;
    Ok(ok(&json!({"user": user})))
}

/// The user of an id in a path.
pub(super) fn find(state: &State, id: &str) -> Result<u64> {
    let known = id.parse().ok().filter(|id| state.account.users.contains_key(id));
    known.ok_or_else(|| Refusal::missing(state.options.unknown_user_status, "User", id))
}

/// A user as JSON: ids and flags are texts, and neither group nor password is in it.
pub(super) fn render(state: &State, id: u64) -> Option<Value> {
    Some(shown(state.account.users.get(&id)?, id, &state.account.url, &state.options))
}

/// The same of a user who may no longer be there like this.
pub(super) fn shown(user: &User, id: u64, url: &str, options: &Options) -> Value {
    let links: serde_json::Map<_, _> = LINKS
        .iter()
        .map(|name| ((*name).to_owned(), json!(format!("{url}/api/3/users/{id}/{name}"))))
        .collect();
    let mfa = u8::from(user.mfa);
    json!({
        "username": user.username,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "email": user.email,
        "phone": user.phone,
        "signature": user.signature,
        "lang": user.lang,
        "localZoneid": user.zone,
        "cdate": stamp::date(Some(user.created_ms), options),
        "udate": stamp::date(user.updated_ms, options),
        "password_updated_utc_timestamp": stamp::password(user.password_ms, options),
        "mfaEnabled": if options.mfa_as_number { json!(mfa) } else { json!(mfa.to_string()) },
        "links": links,
        "id": id.to_string(),
    })
}
