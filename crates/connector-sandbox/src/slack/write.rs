//! Writing a user: one reading of the body for POST, PUT and PATCH, with the rules in which they differ.

use std::cell::Cell;

use serde_json::{Map, Value};

use super::error::{Refusal, Result};
use super::extension;
use super::model::{DEFAULT_TIMEZONE, Field, Late, User, UserAt};
use super::name::{self, Source};
use super::options::Options;
use super::org::Org;
use super::slots::{self, Item};

pub(super) type Body = Map<String, Value>;

/// The three ways to write a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Create,
    Replace,
    Patch,
}

/// A write under way: what it may look at.
pub(super) struct Write<'a> {
    pub(super) mode: Mode,
    pub(super) body: &'a Body,
    pub(super) org: &'a Org,
    pub(super) options: &'a Options,
    pub(super) now_ms: i64,
    /// The user being changed; None on POST.
    pub(super) at: Option<UserAt>,
    /// Set when the switch made this POST lose its custom values.
    pub(super) dropped: Cell<bool>,
}

impl Write<'_> {
    /// Applies the body to `user`. On an error the draft is good for nothing.
    pub(super) fn apply(&self, user: &mut User) -> Result<()> {
        let before = user.clone();
        self.password()?;
        self.user_name(user)?;
        if self.mode == Mode::Replace {
            reset(user);
        }
        self.emails(user)?;
        self.names(user, &before)?;
        self.texts(user, &before)?;
        self.photo(user, &before)?;
        self.custom_values(user)?;
        self.extensions(user)?;
        self.active(user, &before)?;
        if self.mode == Mode::Patch {
            extension::delete_named(self, user)?;
        }
        if self.mode == Mode::Create {
            fill_in(user);
        }
        self.unique(user)
    }

    /// A string member: None when absent, null, or an empty string that changes nothing.
    pub(super) fn text(&self, object: &Body, member: &str) -> Result<Option<String>> {
        match object.get(member) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => {
                let clears = self.mode != Mode::Patch || self.options.patch_empty_string_clears;
                Ok(clears.then(String::new))
            }
            Some(Value::String(text)) if text == " " => Ok(Some(String::new())),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Refusal::format()),
        }
    }

    /// Whether an extension counts: its URN must be in `schemas`, unless a PATCH has no `schemas` at all.
    pub(super) fn lists_schema(&self, urn: &str) -> bool {
        self.body.get("schemas").is_none_or(|schemas| names_schema(schemas, urn))
    }

    fn password(&self) -> Result<()> {
        if self.mode != Mode::Create && self.body.contains_key("password") {
            return Err(Refusal::bad("password_change_not_allowed"));
        }
        self.text(self.body, "password").map(drop)
    }

    fn user_name(&self, user: &mut User) -> Result<()> {
        let nick_name =
            self.text(self.body, "nickName")?.filter(|n| self.mode == Mode::Patch || !n.is_empty());
        let user_name = self.text(self.body, "userName")?;
        let (given, source) = match (nick_name, user_name) {
            (Some(nick_name), _) => (nick_name, Source::NickName),
            (None, Some(user_name)) => (user_name, Source::UserName),
            (None, None) if self.mode == Mode::Patch => return Ok(()),
            (None, None) => return Err(Refusal::bad("username_required")),
        };
        if given != user.user_name {
            user.user_name = name::normalise(&given, source, self.options)?;
        }
        Ok(())
    }

    fn emails(&self, user: &mut User) -> Result<()> {
        const INVALID: &str = "emails_invalid";
        let Some(list) = self.body.get("emails").filter(|list| !list.is_null()) else {
            return if self.mode == Mode::Patch { Ok(()) } else { Err(Refusal::bad("email_empty")) };
        };
        let (deleted, given): (Vec<_>, Vec<_>) =
            slots::items(list, INVALID, false)?.into_iter().partition(|item| item.delete);
        let given: Vec<_> = given.into_iter().filter(|item| item.value.is_some()).collect();
        for item in &deleted {
            let same =
                |held: &str| item.value.as_deref().is_some_and(|value| value.eq_ignore_ascii_case(held));
            // Changing the primary address is done by naming another; then the old one may be deleted.
            if same(&user.email) && !given.iter().any(|item| item.primary == Some(true)) {
                return Err(Refusal::bad("missing_primary_email"));
            }
            if user.custom(Field::SecondaryEmail).is_some_and(same) {
                user.set_custom(Field::SecondaryEmail, None);
            }
        }
        for email in given.iter().filter_map(|item| item.value.as_deref()) {
            check_email(email)?;
        }
        if self.mode == Mode::Patch {
            self.merge_emails(user, &given);
            return Ok(());
        }
        let primary = slots::primary_email(&given).ok_or_else(|| Refusal::bad("email_empty"))?;
        user.email = given[primary].value.clone().unwrap_or_default();
        let mut others = given.iter().enumerate().filter(|(at, _)| *at != primary);
        let secondary = others.find_map(|(_, item)| item.value.clone());
        user.set_custom(Field::SecondaryEmail, secondary);
        Ok(())
    }

    /// Only `primary: true` moves the primary address; anything else goes to the second slot.
    fn merge_emails(&self, user: &mut User, given: &[Item<Option<String>>]) {
        for item in given {
            let Some(email) = item.value.clone() else { continue };
            let is_primary = email.eq_ignore_ascii_case(&user.email);
            if item.primary == Some(true) {
                let was_secondary =
                    user.custom(Field::SecondaryEmail).is_some_and(|held| held.eq_ignore_ascii_case(&email));
                let free = was_secondary || user.custom(Field::SecondaryEmail).is_none();
                let old = std::mem::replace(&mut user.email, email);
                if was_secondary || (free && self.options.patch_keeps_old_primary_email && !is_primary) {
                    user.set_custom(Field::SecondaryEmail, Some(old));
                }
            } else if !is_primary {
                user.set_custom(Field::SecondaryEmail, Some(email));
            }
        }
    }

    fn names(&self, user: &mut User, before: &User) -> Result<()> {
        if let Some(name) = self.body.get("name").filter(|name| !name.is_null()) {
            let name = name.as_object().ok_or_else(Refusal::format)?;
            for (member, part) in [("givenName", &mut user.given_name), ("familyName", &mut user.family_name)]
            {
                match self.text(name, member)? {
                    Some(text) => {
                        name::check_part(&text, &before.user_name)?;
                        self.check_length(&text)?;
                        *part = text;
                    }
                    // A name that is given is given whole, save in a PATCH.
                    None if self.mode != Mode::Patch => part.clear(),
                    None => {}
                }
            }
        }
        if let Some(display_name) = self.text(self.body, "displayName")? {
            name::check_display(&display_name, &user.user_name)?;
            let locked = self.options.users_edit_display_name && self.mode != Mode::Create;
            if locked && display_name != before.display_name {
                return Err(Refusal::bad_with("invalid_display_name", "user", &user.user_name));
            }
            user.display_name = display_name;
        }
        Ok(())
    }

    fn texts(&self, user: &mut User, before: &User) -> Result<()> {
        if let Some(title) = self.text(self.body, "title")? {
            self.check_length(&title)?;
            user.title = title;
        }
        if let Some(timezone) = self.text(self.body, "timezone")? {
            user.timezone = if timezone.is_empty() { DEFAULT_TIMEZONE.into() } else { timezone };
        }
        if let Some(external_id) = self.text(self.body, "externalId")?
            && self.mode == Mode::Create
            && self.options.create_keeps_external_id
        {
            user.external_id = external_id;
        }
        if let Some(url) = self.text(self.body, "profileUrl")? {
            let own = |name: &str| format!("{}team/{name}", self.org.team_url);
            let current = before.profile_url.clone().unwrap_or_else(|| own(&before.user_name));
            if self.mode == Mode::Patch {
                if self.options.patch_refuses_profile_url && url != current {
                    return Err(Refusal::format());
                }
            } else {
                // Slack's own address counts as unset, so writing back what was read does not freeze it.
                let unset = url.is_empty() || url == own(&before.user_name) || url == own(&user.user_name);
                user.profile_url = (!unset).then_some(url);
            }
        }
        Ok(())
    }

    fn photo(&self, user: &mut User, before: &User) -> Result<()> {
        const INVALID: &str = "photos_invalid";
        if let Some(list) = self.body.get("photos").filter(|list| !list.is_null()) {
            let items = slots::items(list, INVALID, false)?;
            let deletes = items.iter().any(|item| item.delete);
            let given: Vec<_> =
                items.into_iter().filter(|item| !item.delete && item.value.is_some()).collect();
            if let Some(url) = slots::one(&given).and_then(|item| item.value.clone()) {
                if !["http://", "https://", "data:"].iter().any(|scheme| url.starts_with(scheme)) {
                    return Err(Refusal::bad(INVALID));
                }
                let own = url.starts_with("https://secure.gravatar.com/avatar/");
                user.photo = (!own).then_some(url);
            } else if deletes {
                user.photo = None;
            }
        }
        if user.photo != before.photo && self.mode != Mode::Create {
            user.late_photo = Late::new(before.photo.clone(), self.options.photo_lag, self.now_ms);
        }
        Ok(())
    }

    fn extensions(&self, user: &mut User) -> Result<()> {
        extension::guest(self, user)?;
        extension::profile(self, user)
    }

    fn active(&self, user: &mut User, before: &User) -> Result<()> {
        let given = match self.body.get("active") {
            None | Some(Value::Null) => None,
            Some(Value::Bool(active)) => Some(*active),
            Some(_) => return Err(Refusal::format()),
        };
        match (self.mode, given) {
            (Mode::Create, given) => {
                user.active = given.unwrap_or(true) || !self.options.create_honours_active;
            }
            (_, Some(active)) => user.active = active,
            (Mode::Replace, None) if self.options.put_without_active_deactivates => user.active = false,
            (Mode::Replace | Mode::Patch, None) => {}
        }
        if user.active != before.active {
            user.late_active = None;
        }
        Ok(())
    }

    fn check_length(&self, text: &str) -> Result<()> {
        let max = self.options.max_text_length;
        if max > 0 && text.chars().count() > max {
            return Err(Refusal::bad("invalid_name_maxlength"));
        }
        Ok(())
    }

    fn unique(&self, user: &User) -> Result<()> {
        let taken = self.options.taken_status;
        let other = |at: Option<UserAt>| at.filter(|at| Some(*at) != self.at);
        let is_channel = self.org.channels.contains(&user.user_name);
        if is_channel || other(self.org.user_by_name(&user.user_name)).is_some() {
            return Err(Refusal::new(taken, format!("username_taken (username={})", user.user_name)));
        }
        if let Some(owner) = other(self.org.user_by_email(&user.email)) {
            let id = &self.org.users[owner].id;
            return Err(Refusal::new(taken, format!("email_taken (existing_user={id})")));
        }
        Ok(())
    }
}

/// What a PUT resets before the body is read. Name and kind of account stay when they are left out.
fn reset(user: &mut User) {
    user.display_name.clear();
    user.title.clear();
    user.timezone = DEFAULT_TIMEZONE.into();
    user.profile_url = None;
    user.photo = None;
    user.start_date = None;
    if let Some(custom) = &mut user.custom {
        custom.clear();
    }
}

/// What a POST fills in: the display name from the user name, the given name from the display name.
fn fill_in(user: &mut User) {
    if user.display_name.is_empty() {
        user.display_name.clone_from(&user.user_name);
    }
    if user.given_name.is_empty() && user.family_name.is_empty() {
        user.given_name.clone_from(&user.display_name);
    }
}

fn check_email(email: &str) -> Result<()> {
    let good = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.is_empty()
            && !domain.contains('@')
            && !email.contains(char::is_whitespace)
    });
    if good { Ok(()) } else { Err(Refusal::bad("email_invalid")) }
}

/// Whether `schemas` names a URN. Slack's Python client nests the list when it writes back what it read.
pub(super) fn names_schema(schemas: &Value, urn: &str) -> bool {
    match schemas {
        Value::String(text) => text == urn,
        Value::Array(items) => items.iter().any(|item| names_schema(item, urn)),
        _ => false,
    }
}
