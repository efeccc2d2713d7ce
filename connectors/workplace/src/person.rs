//! The body of a person as Workplace takes it.

use connector_core::{
    connector::Change,
    error::{Error, Kind, Result},
};
use serde_json::{Map, Value, json};

use crate::{
    dialect::Dialect,
    leftovers,
    mapping::{AUTH, CLAIMED, ENTERPRISE, FRONTLINE, STATUS},
};

/// Whether a user name is an address, as all are but those of accounts without one.
pub(crate) fn is_address(user_name: Option<&Value>) -> bool {
    user_name.and_then(Value::as_str).is_some_and(|name| name.contains('@'))
}

/// The rule for user names.
pub(crate) fn no_address() -> Error {
    let rule =
        "must be an e-mail address in a verified domain; an account without one has its externalId here";
    Error::new(Kind::InvalidValue, rule).at("userName")
}

/// Only the person takes an account.
pub(crate) fn refuse_claiming(fields: &Map<String, Value>) -> Result<()> {
    let claimed = extension(fields, STATUS).and_then(|status| status.get("claimed"));
    if claimed == Some(&Value::Bool(true)) {
        return Err(
            Error::new(Kind::Mutability, "can only be set to false: a person takes an account").at(CLAIMED)
        );
    }
    Ok(())
}

/// What the fields have of an extension.
pub(crate) fn extension<'f>(fields: &'f Map<String, Value>, urn: &str) -> Option<&'f Map<String, Value>> {
    fields.get(urn)?.as_object()
}

/// The state of the account counts at the top level or in its extension; nobody says where, so it goes to both.
pub(crate) fn say_status(
    body: &mut Map<String, Value>,
    status: impl IntoIterator<Item = (&'static str, Value)>,
) {
    for (name, value) in status {
        body.insert(name.to_owned(), value.clone());
        let extension = body.entry(STATUS).or_insert_with(|| json!({}));
        extension[name] = value;
    }
}

/// An account without an address signs in by password, unless the client names another way.
pub(crate) fn sign_in_by_password(body: &mut Map<String, Value>) {
    let auth = body.entry(AUTH).or_insert_with(|| json!({}));
    if let Value::Object(auth) = auth {
        auth.entry("authMethod").or_insert_with(|| "password".into());
    }
}

/// Leaves one picture, as many as Workplace keeps, of a type of its own: that of type `photo`, else the primary one, else the
/// first. Returns how many are left out.
pub(crate) fn one_picture(body: &mut Map<String, Value>) -> usize {
    let Some(Value::Array(photos)) = body.get_mut("photos") else { return 0 };
    let is_photo = |photo: &Value| {
        photo.get("type").and_then(Value::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("photo"))
    };
    let is_primary = |photo: &Value| photo.get("primary") == Some(&Value::Bool(true));
    let at = photos.iter().position(is_photo).or_else(|| photos.iter().position(is_primary)).unwrap_or(0);
    let Some(value) = photos.get(at).map(|photo| photo["value"].clone()) else { return 0 };
    let others = photos.len() - 1;
    *photos = vec![json!({"value": value, "type": "profile", "primary": true})];
    others
}

/// A new account needs a name, and the one that is shown is made of the parts where it is not given; where there are none,
/// the display name stands in.
pub(crate) fn show_name(body: &mut Map<String, Value>) -> Result<()> {
    let name = body.get("name").and_then(Value::as_object).cloned().unwrap_or_default();
    if name.contains_key("formatted") {
        return Ok(());
    }
    let parts = composed(&name);
    let stand_in = body.get("displayName").and_then(Value::as_str).unwrap_or_default().trim();
    let made = if parts.is_empty() { stand_in.to_owned() } else { parts };
    if made.is_empty() {
        let rule = "is required: name.formatted, name.givenName and name.familyName, or displayName";
        return Err(Error::new(Kind::InvalidValue, rule).at("name"));
    }
    body.entry("name").or_insert_with(|| json!({}))["formatted"] = made.into();
    Ok(())
}

fn composed(name: &Map<String, Value>) -> String {
    let parts = ["givenName", "middleName", "familyName"].map(|part| name.get(part).and_then(Value::as_str));
    parts.into_iter().flatten().map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The person as it shall be: what the client asked for, and what follows that. The name that is shown follows its parts, and
/// the one address the user name, as long as they were the same before; a shown name that is taken away is made of them.
pub(crate) fn wanted(change: &Change<'_>) -> Result<Map<String, Value>> {
    let current = change.current.document()?;
    let mut wanted = change.whole.clone();
    let name_of = |person: &Map<String, Value>| {
        person.get("name").and_then(Value::as_object).cloned().unwrap_or_default()
    };
    let (before, after) = (name_of(&current), name_of(&wanted));
    let shown = |name: &Map<String, Value>| name.get("formatted").and_then(Value::as_str).map(str::to_owned);
    let was_made = shown(&before).is_some_and(|shown| shown == composed(&before));
    let follows = was_made && shown(&after) == shown(&before);
    let is_taken_away = shown(&before).is_some() && shown(&after).is_none();
    if (follows || is_taken_away) && !composed(&after).is_empty() {
        wanted.entry("name").or_insert_with(|| json!({}))["formatted"] = composed(&after).into();
    }
    if let Some(user_name) = change.set.get("userName")
        && !change.set.contains_key("emails")
        && let Some(Value::Array(emails)) = current.get("emails")
        && let [Value::Object(only)] = &emails[..]
        && only.get("value") == current.get("userName")
    {
        let mut only = only.clone();
        only.insert("value".into(), user_name.clone());
        wanted.insert("emails".into(), json!([only]));
    }
    if !is_address(wanted.get("userName")) {
        wanted.shift_remove("userName");
    }
    Ok(wanted)
}

/// Whether anything that was taken away is not back by itself, as the shown name is.
pub(crate) fn clears(wanted: &Map<String, Value>, change: &Change<'_>) -> Result<bool> {
    let current = change.current.document()?;
    Ok(change.cleared.iter().any(|path| path.of_object(wanted) != path.of_object(&current)))
}

/// The body of a PUT. What a client had of a read and must not send back goes only when it changes; emptied values are sent
/// empty.
pub(crate) fn replacement(
    wanted: &Map<String, Value>,
    change: &Change<'_>,
    dialect: Dialect,
) -> Map<String, Value> {
    let mut body = wanted.clone();
    body.shift_remove(STATUS);
    if !change.set.contains_key(FRONTLINE) {
        body.shift_remove(FRONTLINE);
    }
    let sets_manager = extension(&change.set, ENTERPRISE).is_some_and(|set| set.contains_key("manager"));
    if let Some(Value::Object(enterprise)) = body.get_mut(ENTERPRISE)
        && !sets_manager
    {
        enterprise.shift_remove("manager");
    }
    for path in &change.cleared {
        if path.of_object(wanted).is_some() {
            continue;
        }
        if let Some(nothing) = leftovers::nothing(path, dialect) {
            path.put(&mut body, nothing);
        }
    }
    let status = extension(&change.set, STATUS).cloned().unwrap_or_default();
    let status = ["invited", "claimed"].map(|name| Some((name, status.get(name)?.clone())));
    say_status(&mut body, status.into_iter().flatten());
    body.retain(|_, value| value.as_object().is_none_or(|members| !members.is_empty()));
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_of_its_parts() {
        let shown = |name: Value| {
            let mut body = Map::from_iter([("name".to_owned(), name)]);
            show_name(&mut body).map(|()| body["name"]["formatted"].clone())
        };
        assert_eq!(shown(json!({"givenName": " Mina ", "familyName": "Okafor"})).unwrap(), "Mina Okafor");
        assert_eq!(shown(json!({"familyName": "Okafor"})).unwrap(), "Okafor");
        assert_eq!(shown(json!({"givenName": "Mina", "formatted": "M."})).unwrap(), "M.");
        assert_eq!(shown(json!({"honorificPrefix": "Dr."})).unwrap_err().attribute(), Some("name"));
    }
}
