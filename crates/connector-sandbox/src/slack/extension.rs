//! The enterprise, guest and profile extensions, and the deletion of attributes by `meta.attributes`.

use super::custom::Changes;
use super::error::{Refusal, Result};
use super::model::{
    ADDRESS, DEFAULT_TIMEZONE, ENTERPRISE, ENTERPRISE_FIELDS, Field, GUEST, Guest, PROFILE, Rank, TOP_LEVEL,
    User,
};
use super::write::{self, Mode, Write};

/// A malformed enterprise extension is refused even on POST.
pub(super) const MALFORMED: &str = "improper_enterprise_schema_format";

pub(super) fn enterprise(write: &Write<'_>, changes: &mut Changes) -> Result<()> {
    let malformed = || Refusal::bad(MALFORMED);
    let Some(extension) = write.body.get(ENTERPRISE).filter(|_| write.lists_schema(ENTERPRISE)) else {
        return Ok(());
    };
    let extension = extension.as_object().ok_or_else(malformed)?;
    for (member, field) in ENTERPRISE_FIELDS {
        write.custom_text(changes, extension, member, field)?;
    }
    let Some(manager) = extension.get("manager").filter(|manager| !manager.is_null()) else { return Ok(()) };
    let manager = manager.as_object().filter(|m| m.contains_key("managerId")).ok_or_else(malformed)?;
    match write.text(manager, "managerId")? {
        None => {}
        Some(text) if text.is_empty() => {
            changes.insert(Field::Manager, None);
        }
        Some(text) => {
            // An id, a primary e-mail or a user name.
            let org = write.org;
            let found = org.user_at(&text).or_else(|| org.user_by_email(&text));
            let found =
                found.or_else(|| org.user_by_name(&text)).ok_or_else(|| Refusal::bad("unknown_user"))?;
            changes.insert(Field::Manager, Some(org.users[found].id.clone()));
        }
    }
    Ok(())
}

pub(super) fn guest(write: &Write<'_>, user: &mut User) -> Result<()> {
    let given = write.body.get(GUEST).filter(|_| write.lists_schema(GUEST)).filter(|guest| !guest.is_null());
    let Some(extension) = given else {
        if write.mode == Mode::Replace && !write.options.put_without_guest_keeps_guest {
            user.guest = None;
        }
        return Ok(());
    };
    let extension = extension.as_object().ok_or_else(Refusal::format)?;
    if user.rank > Rank::Member {
        return Err(Refusal::bad("cannot_make_user_guest"));
    }
    if extension.get("type").is_some_and(|kind| kind != "multi") {
        return Err(Refusal::format());
    }
    let expiration = write.text(extension, "expiration")?;
    let was_guest = user.guest.is_some();
    let guest = user.guest.get_or_insert_with(Guest::default);
    match expiration {
        Some(expiration) => guest.expiration = Some(expiration).filter(|text| !text.is_empty()),
        None if write.mode == Mode::Replace => guest.expiration = None,
        None => {}
    }
    if !was_guest {
        user.active = true;
        user.late_active = None;
    }
    Ok(())
}

pub(super) fn profile(write: &Write<'_>, user: &mut User) -> Result<()> {
    let schemas = write.body.get("schemas");
    if !schemas.is_some_and(|schemas| write::names_schema(schemas, PROFILE)) {
        return Ok(());
    }
    let Some(extension) = write.body.get(PROFILE).filter(|profile| !profile.is_null()) else { return Ok(()) };
    let extension = extension.as_object().ok_or_else(Refusal::format)?;
    if let Some(start_date) = write.text(extension, "startDate")? {
        user.start_date = Some(start_date).filter(|text| !text.is_empty());
    }
    Ok(())
}

/// Clears what `meta.attributes` names.
pub(super) fn delete_named(write: &Write<'_>, user: &mut User) -> Result<()> {
    let Some(names) = write.body.get("meta").and_then(|meta| meta.get("attributes")) else { return Ok(()) };
    let names = names.as_array().ok_or_else(Refusal::format)?;
    for name in names {
        delete(write, user, name.as_str().ok_or_else(Refusal::format)?)?;
    }
    Ok(())
}

fn delete(write: &Write<'_>, user: &mut User, name: &str) -> Result<()> {
    let mut clear = |fields: &[Field]| fields.iter().for_each(|field| user.set_custom(*field, None));
    let top_level = TOP_LEVEL.iter().find(|(member, _)| member.eq_ignore_ascii_case(name));
    if let Some((_, field)) = top_level {
        clear(&[*field]);
        return Ok(());
    }
    if let Some(member) = member_of(name, ENTERPRISE) {
        return delete_enterprise(user, member);
    }
    match name.to_lowercase().as_str() {
        "username" | "nickname" => return Err(Refusal::bad("username_empty")),
        "displayname" => {
            if write.options.users_edit_display_name && !user.display_name.is_empty() {
                return Err(Refusal::bad_with("invalid_display_name", "user", &user.user_name));
            }
            user.display_name.clear();
        }
        "title" => user.title.clear(),
        "timezone" => user.timezone = DEFAULT_TIMEZONE.into(),
        "name.givenname" => user.given_name.clear(),
        "name.familyname" => user.family_name.clear(),
        "name.honorificprefix" => clear(&[Field::HonorificPrefix]),
        "name" => {
            clear(&[Field::HonorificPrefix]);
            user.given_name.clear();
            user.family_name.clear();
        }
        // The primary address stays.
        "emails" => clear(&[Field::SecondaryEmail]),
        "phonenumbers" => clear(&[Field::PrimaryPhone, Field::MobilePhone]),
        "addresses" => clear(&ADDRESS.map(|(_, field)| field)),
        "roles" => clear(&[Field::Role]),
        "photos" => user.photo = None,
        _ => match (member_of(name, GUEST), member_of(name, PROFILE)) {
            (Some(""), _) => user.guest = None,
            (Some("expiration"), _) => {
                if let Some(guest) = &mut user.guest {
                    guest.expiration = None;
                }
            }
            (_, Some("" | "startDate")) => user.start_date = None,
            _ => return Err(Refusal::format()),
        },
    }
    Ok(())
}

fn delete_enterprise(user: &mut User, member: &str) -> Result<()> {
    if member.is_empty() {
        for (_, field) in ENTERPRISE_FIELDS {
            user.set_custom(field, None);
        }
        user.set_custom(Field::Manager, None);
        return Ok(());
    }
    if ["manager", "manager.managerId"].contains(&member) {
        user.set_custom(Field::Manager, None);
        return Ok(());
    }
    let field = ENTERPRISE_FIELDS.iter().find(|(name, _)| *name == member);
    let (_, field) = field.ok_or_else(Refusal::format)?;
    user.set_custom(*field, None);
    Ok(())
}

/// `department` of `urn:…:enterprise:1.0.department`; the empty string of the bare URN.
fn member_of<'a>(name: &'a str, urn: &str) -> Option<&'a str> {
    let rest = name.strip_prefix(urn)?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix('.') }
}
