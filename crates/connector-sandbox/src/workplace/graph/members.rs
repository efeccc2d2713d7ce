//! People as Graph shows them: fields that need a permission are left out without it, and nothing is said.

use serde_json::{Map, Value, json};

use super::super::api::Ask;
use super::super::error::Result;
use super::super::model::{Member, Person};
use super::super::options::Permission;
use super::super::state::State;
use super::fields::{Field, unknown, usual};
use super::groups;
use super::page::nested;
use crate::calendar::date_time;

/// `2021-12-31T09:10:11+0000`
pub(super) fn stamp(ms: i64) -> String {
    format!("{}+0000", date_time(ms.div_euclid(1000)))
}

/// Somebody, by that id, with the fields asked for; none is the usual ones. As a member of a group when that is where it was asked.
pub(super) fn render(
    state: &State,
    ask: &Ask<'_>,
    id: u64,
    fields: &[Field],
    membership: Option<&Member>,
) -> Result<Value> {
    let usual = usual(&state.options);
    let fields = if fields.is_empty() { &usual } else { fields };
    let mut out = Map::new();
    out.insert("id".into(), json!(id.to_string()));
    for field in fields {
        let name = field.name.as_str();
        let value = match (name, state.tenant.people.get(&id)) {
            ("id", _) => continue,
            ("name", None) => json!(state.tenant.strangers.get(&id)),
            ("picture", _) => json!({"data": {"url": format!("https://static.example/people/{id}.png")}}),
            ("administrator" | "joined" | "added_by", Some(_)) if membership.is_some() => {
                of_membership(state, membership, name)
            }
            // Of strangers there is no more.
            (_, None) => continue,
            ("groups", Some(_)) => {
                let ids = groups::ids_of_member(state, id);
                nested(state, id, field, &ids, |group| groups::render(state, ask, group, &field.fields))?
            }
            (_, Some(person)) => match of_person(state, person, id, name) {
                Some((needed, value)) => {
                    let allowed = needed.is_none_or(|permission| ask.permissions.contains(&permission));
                    if allowed { value } else { Value::Null }
                }
                None => {
                    unknown(name, "Member", &state.options)?;
                    continue;
                }
            },
        };
        if !value.is_null() {
            out.insert(name.to_owned(), value);
        }
    }
    Ok(Value::Object(out))
}

fn of_membership(state: &State, membership: Option<&Member>, name: &str) -> Value {
    let Some(membership) = membership else { return Value::Null };
    match name {
        "administrator" => json!(membership.administrator),
        "joined" if state.options.joined_as_text => json!(stamp(membership.joined_ms)),
        "joined" => json!(membership.joined_ms.div_euclid(1000)),
        _ => membership.added_by.map_or(Value::Null, |by| reference(state, by)),
    }
}

/// Id and name of somebody.
pub(super) fn reference(state: &State, id: u64) -> Value {
    json!({"id": id.to_string(), "name": state.tenant.name_of(id)})
}

/// A field of a person and the permission it needs; None when there is no such field.
fn of_person(state: &State, person: &Person, id: u64, name: &str) -> Option<(Option<Permission>, Value)> {
    let profile = Some(Permission::ReadUserWorkProfile);
    let text = |name: &str| json!(person.text(name));
    let enterprise = |name: &str| person.enterprise.get(name).cloned().unwrap_or_default();
    Some(match name {
        "name" => (None, json!(state.tenant.name_of(id))),
        "first_name" => (None, json!(person.name("givenName"))),
        "last_name" => (None, json!(person.name("familyName"))),
        "name_format" => (None, json!("{first} {last}")),
        "email" => (Some(Permission::ReadUserEmail), text("userName")),
        "title" => (profile, text("title")),
        "organization" | "division" | "department" => (profile, enterprise(name)),
        "employee_number" => (profile, enterprise("employeeNumber")),
        "primary_phone" => (profile, primary(person, "phoneNumbers", "value")),
        "primary_address" => (profile, primary(person, "addresses", "formatted")),
        "link" => (None, json!(format!("https://riverbank.workplace.example/profile.php?id={id}"))),
        "locale" => (None, text("locale")),
        "updated_time" => (None, json!(stamp(person.updated_ms))),
        "account_invite_time" => (None, json!(person.invited_ms.map(stamp))),
        "account_claim_time" => (None, json!(person.claimed_ms.map(stamp))),
        "external_id" => (None, text("externalId")),
        "active" => (None, json!(person.active)),
        "frontline" => (None, json!({"is_frontline": person.frontline, "has_access": person.active})),
        _ => return None,
    })
}

/// A part of the entry marked primary.
fn primary(person: &Person, list: &str, part: &str) -> Value {
    let entries = person.core.get(list).and_then(Value::as_array);
    let entry = entries.and_then(|entries| entries.iter().find(|entry| entry["primary"] == true));
    entry.map(|entry| entry[part].clone()).unwrap_or_default()
}
