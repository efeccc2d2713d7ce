//! A person as Webex has it, as the table sees it, and as a PUT wants it.

use connector_core::{
    connector::Vendor,
    error::{Error, Kind, Result, Retry},
};
use serde_json::{Map, Value, json};

use crate::{call::text, catalog::Names, id};

/// The members of a person that a PUT takes as they were read. Licences, roles, addresses of mail and what belongs to
/// Calling have rules of their own; everything else is the service's, or nobody knows what it is.
const CARRIED: [&str; 11] = [
    "displayName",
    "firstName",
    "lastName",
    "avatar",
    "orgId",
    "department",
    "manager",
    "managerId",
    "title",
    "addresses",
    "siteUrls",
];

/// A person as the table sees it: with `active`, one spelling of `timeZone`, and names beside the ids of licences and roles.
pub(crate) fn shown(mut person: Map<String, Value>, licenses: &Names, roles: &Names) -> Vendor {
    if let Some(active) = active(&person) {
        person.insert("active".into(), active.into());
    }
    if let Some(zone) = person.get("timezone").cloned() {
        person.entry("timeZone").or_insert(zone);
    }
    for (name, names) in [("licenses", licenses), ("roles", roles)] {
        if let Some(held) = person.get_mut(name).filter(|held| held.is_array()) {
            let named = |id: &str| json!({ "id": id, "name": names.get(id) });
            *held = held.as_array().into_iter().flatten().filter_map(Value::as_str).map(named).collect();
        }
    }
    Vendor::new(Value::Object(person).to_string().into())
}

/// Somebody who is invited and has not signed in yet is no less active than others.
pub(crate) fn active(person: &Map<String, Value>) -> Option<bool> {
    match (flag(person, "loginEnabled"), flag(person, "invitePending")) {
        (Some(enabled), invited) => Some(enabled || invited == Some(true)),
        (None, Some(true)) => Some(true),
        (None, _) => None,
    }
}

/// A boolean, which the reference describes as text.
pub(crate) fn flag(person: &Map<String, Value>, name: &str) -> Option<bool> {
    match person.get(name)? {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => text.to_ascii_lowercase().parse().ok(),
        _ => None,
    }
}

/// The addresses of a person whose primary one shall be the first of `wanted`; `None` where it is that already. Another that
/// the person has becomes the first, and a new one takes the place of the first; the rest stays.
pub(crate) fn addressed(person: &Map<String, Value>, wanted: Value) -> Option<Value> {
    let same = |a: &Value, b: &Value| match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        _ => false,
    };
    let held = person.get("emails").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let Some(first) = wanted.get(0) else { return Some(wanted) };
    match held.iter().position(|email| same(email, first)) {
        Some(0) if held.len() > 1 => None,
        place => {
            let replaced = place.unwrap_or(0);
            let rest = held.iter().enumerate().filter(|(at, _)| *at != replaced).map(|(_, email)| email);
            Some(std::iter::once(first).chain(rest).cloned().collect())
        }
    }
}

/// Puts this address first if the person has it: which one a list begins with is no fact (the reference says so), and it was
/// this one that the person was looked for by.
pub(crate) fn put_first(person: &mut Map<String, Value>, address: &str) {
    if let Some(Value::Array(emails)) = person.get_mut("emails") {
        emails.sort_by_key(|email| !email.as_str().is_some_and(|email| email.eq_ignore_ascii_case(address)));
    }
}

/// The ids in a list of ids, or of what [`shown`] made of them.
pub(crate) fn ids(list: Option<&Value>) -> Vec<String> {
    let id = |element: &Value| element.get("id").unwrap_or(element).as_str().map(ToOwned::to_owned);
    list.and_then(Value::as_array).into_iter().flatten().filter_map(id).collect()
}

/// Whether the person has a line of Webex Calling: only then are telephone numbers written.
pub(crate) fn is_calling(person: &Map<String, Value>) -> bool {
    ["locationId", "extension"].iter().any(|name| text(person, name).is_some())
        || ids(person.get("licenses")).iter().any(|license| id::is_calling(license))
}

/// The numbers of a list that Webex takes: those of type work, and of them type and value alone.
pub(crate) fn work_numbers(list: Option<&Value>) -> Vec<Value> {
    let numbers = list.and_then(Value::as_array).into_iter().flatten();
    let work = numbers.filter(|number| {
        number.get("type").and_then(Value::as_str).is_none_or(|kind| kind.eq_ignore_ascii_case("work"))
    });
    work.filter_map(|number| Some(json!({ "type": "work", "value": number.get("value")?.as_str()? })))
        .collect()
}

/// Refuses a person that Webex showed in part only: sent back, the rest would be lost.
pub(crate) fn require_whole(person: &Map<String, Value>) -> Result<()> {
    match partial(person) {
        None => Ok(()),
        Some(reasons) => {
            let rule = format!("Webex shows the person in part only ({reasons}), so nothing is changed");
            let soon = Retry::After(std::time::Duration::from_secs(30));
            Err(Error::new(Kind::Unavailable, rule).retry(soon))
        }
    }
}

/// Why a person is shown in part only: a map of errors in a good answer.
pub(crate) fn partial(person: &Map<String, Value>) -> Option<String> {
    let errors = person.get("errors")?.as_object().filter(|errors| !errors.is_empty())?;
    let reason = |(key, error): (&String, &Value)| match error.get("reason").and_then(Value::as_str) {
        Some(reason) => format!("{key}: {reason}"),
        None => key.clone(),
    };
    Some(errors.iter().map(reason).collect::<Vec<_>>().join(", "))
}

/// Everything of a person that a PUT must hold for nothing to be lost.
pub(crate) fn carried(person: &Map<String, Value>) -> Map<String, Value> {
    let mut body = Map::new();
    // Of several addresses nobody knows which is the primary one, and a PUT makes the first one that.
    if let Some(Value::Array(emails)) = person.get("emails")
        && emails.len() == 1
    {
        body.insert("emails".into(), emails.clone().into());
    }
    let kept = |name: &str| person.get(name).filter(|value| !value.is_null()).cloned();
    body.extend(CARRIED.iter().filter_map(|name| Some(((*name).to_owned(), kept(name)?))));
    for name in ["licenses", "roles"] {
        if person.get(name).is_some_and(Value::is_array) {
            body.insert(name.into(), ids(person.get(name)).into());
        }
    }
    if is_calling(person) {
        let numbers = work_numbers(person.get("phoneNumbers").map(|_| &person["phoneNumbers"]));
        if !numbers.is_empty() {
            body.insert("phoneNumbers".into(), numbers.into());
        }
        body.extend(
            ["extension", "locationId"].iter().filter_map(|name| Some(((*name).to_owned(), kept(name)?))),
        );
    }
    body
}

/// The name to show where none is given: Webex wants one in every PUT.
pub(crate) fn name_of(person: &Map<String, Value>) -> Option<String> {
    let names: Vec<&str> = ["firstName", "lastName"].iter().filter_map(|name| text(person, name)).collect();
    if names.is_empty() {
        return person.get("emails")?.as_array()?.first()?.as_str().map(ToOwned::to_owned);
    }
    Some(names.join(" "))
}

/// Whether a person holds this field as it was sent.
pub(crate) fn holds(person: &Map<String, Value>, name: &str, sent: &Value) -> bool {
    let held = person.get(name);
    let sorted = |list: Option<&Value>| {
        let mut ids = ids(list);
        ids.sort_unstable();
        ids
    };
    match name {
        "loginEnabled" => flag(person, name) == sent.as_bool(),
        "roles" => sorted(held) == sorted(Some(sent)),
        "phoneNumbers" => work_numbers(held) == work_numbers(Some(sent)),
        "emails" => {
            let first = |list: Option<&Value>| Some(list?.as_array()?.first()?.as_str()?.to_lowercase());
            first(held) == first(Some(sent))
        }
        _ => match (held, sent) {
            (None | Some(Value::Null), Value::String(text)) => text.is_empty(),
            (None | Some(Value::Null), Value::Array(list)) => list.is_empty(),
            (held, sent) => held == Some(sent),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        let Value::Object(object) = value else { unreachable!("tests write objects") };
        object
    }

    #[test]
    fn an_invited_person_is_active_and_a_blocked_one_is_not() {
        for (enabled, invited, expected) in [
            (json!(true), json!(false), Some(true)),
            (json!(false), json!(true), Some(true)),
            (json!("false"), json!("true"), Some(true)),
            (json!(false), json!(false), Some(false)),
            (json!("False"), Value::Null, Some(false)),
            (Value::Null, json!(true), Some(true)),
            (Value::Null, Value::Null, None),
        ] {
            let person = object(json!({ "loginEnabled": enabled, "invitePending": invited }));
            assert_eq!(active(&person), expected, "{person:?}");
        }
    }

    #[test]
    fn a_put_carries_what_can_be_written_and_nothing_else() {
        let person = object(json!({
            "id": "P", "emails": ["a@x"], "displayName": "A", "nickName": "A", "avatar": "https://a", "status": "active",
            "phoneNumbers": [{"type": "work", "value": "+49", "primary": true}, {"type": "mobile", "value": "+1"}],
            "extension": "110", "locationId": "L", "licenses": [{"id": "F", "name": "Free"}], "roles": [],
            "siteUrls": ["s#attendee"], "loginEnabled": false, "trainSiteNames": [],
        }));
        let expected = json!({
            "emails": ["a@x"], "displayName": "A", "avatar": "https://a", "siteUrls": ["s#attendee"],
            "licenses": ["F"], "roles": [], "phoneNumbers": [{"type": "work", "value": "+49"}],
            "extension": "110", "locationId": "L",
        });
        assert_eq!(Value::Object(carried(&person)), expected);
    }

    #[test]
    fn numbers_of_who_does_not_call_and_addresses_whose_order_means_nothing_are_left_out() {
        let person = object(json!({
            "emails": ["a@x", "b@x"], "displayName": "A", "phoneNumbers": [{"type": "work", "value": "+49"}],
        }));
        assert_eq!(Value::Object(carried(&person)), json!({ "displayName": "A" }));
    }

    #[test]
    fn a_name_is_made_of_what_there_is() {
        assert_eq!(
            name_of(&object(json!({"firstName": "Bo", "lastName": "Tern"}))).as_deref(),
            Some("Bo Tern")
        );
        assert_eq!(name_of(&object(json!({"emails": ["b@x"], "lastName": ""}))).as_deref(), Some("b@x"));
        assert_eq!(name_of(&object(json!({}))), None);
    }

    #[test]
    fn what_was_sent_is_recognised_in_what_is_held() {
        let person = object(json!({
            "roles": ["2", "1"], "loginEnabled": "false", "emails": ["A@x"], "title": "T",
            "phoneNumbers": [{"type": "work", "value": "+49", "primary": true}],
        }));
        for (name, sent) in [
            ("roles", json!(["1", "2"])),
            ("loginEnabled", json!(false)),
            ("emails", json!(["a@X"])),
            ("title", json!("T")),
            ("department", json!("")),
            ("addresses", json!([])),
            ("phoneNumbers", json!([{"type": "work", "value": "+49"}])),
        ] {
            assert!(holds(&person, name, &sent), "{name}");
        }
        assert!(!holds(&person, "title", &json!("U")));
        assert!(!holds(&person, "title", &json!("")));
    }
}
