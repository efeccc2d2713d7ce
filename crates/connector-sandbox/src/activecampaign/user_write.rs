//! `/users`: creating, changing, deleting.

use serde_json::{Map, Value, json};

use super::account::{PRIMARY_ADMIN, User};
use super::api::{Ask, done};
use super::error::{Problem, Refusal, Result};
use super::memberships;
use super::options::{GroupOnPut, Options, PhoneOnWrite, PutAnswer, UserNameOnPut};
use super::state::State;
use super::users::{find, render, shown};
use crate::harness::Reply;

/// `POST /users`: takes a seat, and tells nobody.
pub(super) fn create(state: &mut State, ask: &Ask<'_>) -> Result<Reply> {
    ask.may(state, "pg_user_add")?;
    let body = ask.body("user")?;
    let seats = state.options.seats;
    if seats > 0 && state.account.users.len() >= seats {
        return Err(Refusal::Told(
            state.options.no_seat_status,
            "You have no free user seat. Upgrade your plan.",
        ));
    }
    let filled = |name: &String| match body.get(name) {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(_) => true,
    };
    let missing: Vec<_> = state
        .options
        .required_on_create
        .iter()
        .filter(|name| !filled(name))
        .map(|name| Problem::missing(name))
        .collect();
    if !missing.is_empty() {
        return Err(Refusal::Invalid(missing));
    }
    let change = Change::read(&body, &state.options)?;
    let username = change.username.clone().unwrap_or_default();
    let mut user = User {
        username,
        email: String::new(),
        first_name: String::new(),
        last_name: String::new(),
        password: String::new(),
        phone: String::new(),
        signature: None,
        lang: "english",
        zone: "America/New_York",
        mfa: false,
        created_ms: ask.now_ms,
        updated_ms: Some(ask.now_ms),
        password_ms: ask.now_ms,
    };
    change.check(state, None)?;
    change.apply(&mut user, ask.now_ms);
    let id = state.account.add_user(user);
    if let Some(group) = change.group {
        state.account.join(id, group, Some(ask.now_ms));
    }
    Ok(done(&state.options, 201, json!({"user": render(state, id)})))
}

/// `PUT /users/{id}`: what is left out stays; the answer may tell how it was.
pub(super) fn update(state: &mut State, ask: &Ask<'_>, id: &str) -> Result<Reply> {
    ask.may(state, "pg_user_edit")?;
    let id = find(state, id)?;
    let body = ask.body("user")?;
    let change = Change::read(&body, &state.options)?;
    if state.options.put_needs_group && change.group.is_none() {
        return Err(Refusal::invalid(Problem::missing("group")));
    }
    change.check(state, Some(id))?;
    let Some(before) = state.account.users.get(&id).cloned() else { return Err(Refusal::Malformed) };
    let mut user = before.clone();
    change.apply(&mut user, ask.now_ms);
    user.username.clone_from(&before.username);
    user.updated_ms = Some(ask.now_ms);
    state.account.put_user(id, user);
    if let Some(group) = change.group {
        state.account.join(id, group, Some(ask.now_ms));
        if state.options.group_on_put == GroupOnPut::Replaces {
            state.account.leave_all_but(id, group);
        }
    }
    let mut answer = match state.options.put_answer {
        PutAnswer::Stale => shown(&before, id, &state.account.url, &state.options),
        PutAnswer::Fresh => render(state, id).unwrap_or_default(),
    };
    let records: Vec<_> =
        state.account.of_user(id).map(|(at, record)| memberships::render(state, *at, record)).collect();
    answer["userGroup"] = records.first().map_or(Value::Null, |record| record["id"].clone());
    Ok(done(&state.options, 200, json!({"userGroups": records, "user": answer})))
}

/// `DELETE /users/{id}`: for good; a key goes with its owner.
pub(super) fn delete(state: &mut State, ask: &Ask<'_>, id: &str) -> Result<Reply> {
    ask.may_delete_users(state)?;
    let id = find(state, id)?;
    if id == PRIMARY_ADMIN {
        let status = state.options.primary_admin_delete_status;
        return Err(Refusal::Told(status, "The primary admin cannot be deleted."));
    }
    if id == ask.caller && state.options.self_delete_refused {
        return Err(Refusal::Told(403, "You cannot delete your own user."));
    }
    state.account.remove_user(id);
    Ok(done(&state.options, 200, json!({})))
}

/// What a body asks for; members it does not name are None, and unknown ones are ignored.
struct Change {
    username: Option<String>,
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    password: Option<String>,
    phone: Option<String>,
    group: Option<u64>,
}

impl Change {
    fn read(body: &Map<String, Value>, options: &Options) -> Result<Self> {
        let text = |name: &str| match body.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => {
                Err(Refusal::invalid(Problem::invalid(name, &format!("The {name} must be a string."))))
            }
        };
        let phone = match options.phone_on_write {
            PhoneOnWrite::Stored => text("phone")?,
            PhoneOnWrite::Refused if body.contains_key("phone") => {
                return Err(Refusal::invalid(Problem::invalid("phone", "The phone cannot be set.")));
            }
            PhoneOnWrite::Ignored | PhoneOnWrite::Refused => None,
        };
        Ok(Self {
            username: text("username")?,
            email: text("email")?,
            first_name: text("firstName")?,
            last_name: text("lastName")?,
            password: text("password")?,
            phone,
            group: group(body, options)?,
        })
    }

    /// What must hold against the rest of the account; `of` is who is changed.
    fn check(&self, state: &State, of: Option<u64>) -> Result<()> {
        let (account, options) = (&state.account, &state.options);
        let mut problems = Vec::new();
        let before = of.and_then(|id| account.users.get(&id));
        if let Some(name) = &self.username {
            match before {
                Some(before)
                    if before.username != *name && options.user_name_on_put == UserNameOnPut::Refused =>
                {
                    problems.push(Problem::invalid("username", "The username cannot be changed."));
                }
                None if account.user_named(name).is_some() => problems.push(Problem::duplicate("username")),
                _ => {}
            }
        }
        if let Some(email) = &self.email {
            let holder = account.user_at_email(email);
            if !email.is_empty() && !email.contains('@') {
                problems.push(Problem::invalid("email", "The email is not valid."));
            } else if options.unique_emails && holder.is_some() && holder != of {
                problems.push(Problem::duplicate("email"));
            }
        }
        if !options.empty_text_clears && before.is_some() {
            let texts =
                [("email", &self.email), ("firstName", &self.first_name), ("lastName", &self.last_name)];
            let empty = texts.iter().filter(|(_, text)| text.as_deref() == Some(""));
            problems.extend(empty.map(|(name, _)| Problem::missing(name)));
        }
        if self.password.as_ref().is_some_and(|text| text.chars().count() < options.min_password_length) {
            problems.push(Problem::invalid("password", "The password is too short."));
        }
        if self.group.is_some_and(|group| !account.groups.contains_key(&group)) {
            problems.push(Problem::unrelated("group"));
        }
        if problems.is_empty() { Ok(()) } else { Err(Refusal::Invalid(problems)) }
    }

    fn apply(&self, user: &mut User, now_ms: i64) {
        let put = |place: &mut String, text: &Option<String>| {
            if let Some(text) = text {
                place.clone_from(text);
            }
        };
        put(&mut user.email, &self.email);
        put(&mut user.first_name, &self.first_name);
        put(&mut user.last_name, &self.last_name);
        put(&mut user.phone, &self.phone);
        if self.password.is_some() {
            put(&mut user.password, &self.password);
            user.password_ms = now_ms;
        }
    }
}

fn group(body: &Map<String, Value>, options: &Options) -> Result<Option<u64>> {
    let id = match body.get("group") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) if !options.group_text_refused => text.parse().ok(),
        Some(_) => None,
    };
    let wrong = || Refusal::invalid(Problem::invalid("group", "The group must be an integer."));
    id.map(Some).ok_or_else(wrong)
}
