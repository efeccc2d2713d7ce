//! The lists of which Slack keeps one or two items: e-mails, phones, the address, the role, the photo.

use serde_json::Value;

use super::error::{Refusal, Result};
use super::model::ADDRESS;

/// An item of a multi-valued attribute, or the wish to remove it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item<T> {
    pub(super) value: T,
    pub(super) kind: Option<String>,
    pub(super) primary: Option<bool>,
    pub(super) delete: bool,
}

/// Reads `[{"value", "type", "primary", "operation"}]`; bare strings too where `bare` allows them.
pub(super) fn items(list: &Value, invalid: &str, bare: bool) -> Result<Vec<Item<Option<String>>>> {
    let refusal = || Refusal::bad(invalid);
    let list = list.as_array().ok_or_else(refusal)?;
    let read = |item: &Value| match item {
        Value::String(value) if bare => {
            Ok(Item { value: filled(value), kind: None, primary: None, delete: false })
        }
        Value::Object(object) => {
            let value = match object.get("value") {
                None | Some(Value::Null) => None,
                Some(Value::String(value)) => filled(value),
                Some(_) => return Err(refusal()),
            };
            Ok(Item { value, kind: kind(item), primary: flag(item, invalid)?, delete: deletes(item) })
        }
        _ => Err(refusal()),
    };
    list.iter().map(read).collect()
}

fn filled(value: &str) -> Option<String> {
    Some(value.trim()).filter(|value| !value.is_empty()).map(str::to_owned)
}

fn kind(item: &Value) -> Option<String> {
    item.get("type").and_then(Value::as_str).map(str::to_lowercase)
}

/// `primary` as a boolean; the documentation has it as a string too.
fn flag(item: &Value, invalid: &str) -> Result<Option<bool>> {
    match item.get("primary") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(primary)) => Ok(Some(*primary)),
        Some(Value::String(primary)) if primary == "true" => Ok(Some(true)),
        Some(Value::String(primary)) if primary == "false" => Ok(Some(false)),
        Some(_) => Err(Refusal::bad(invalid)),
    }
}

fn deletes(item: &Value) -> bool {
    item.get("operation").and_then(Value::as_str).is_some_and(|operation| operation == "delete")
}

/// Which of these e-mails is the primary one: `primary: true`, else `type: "work"`, else the first.
pub(super) fn primary_email(emails: &[Item<Option<String>>]) -> Option<usize> {
    let flagged = emails.iter().position(|email| email.primary == Some(true));
    let work = || emails.iter().position(|email| email.kind.as_deref() == Some("work"));
    flagged.or_else(work).or((!emails.is_empty()).then_some(0))
}

/// What a write puts into the two phone slots; an empty one is left as it is.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Phones {
    pub(super) primary: Option<String>,
    pub(super) mobile: Option<String>,
}

/// Puts numbers into slots. A single `type: "mobile"` ends in the *primary* slot and a single `type: "work"` in the
/// *mobile* one; in a pair `primary` decides.
pub(super) fn place_phones(numbers: &[Item<Option<String>>]) -> Phones {
    // A slot taken by an item without a value is taken all the same: what was read can then be written back.
    let mut primary: Option<&Item<_>> = None;
    let mut mobile: Option<&Item<_>> = None;
    let pair_with_primary = numbers.len() > 1 && numbers.iter().any(|number| number.primary.is_some());
    let mut homeless = Vec::new();
    for number in numbers {
        let to_mobile = match (pair_with_primary, number.primary) {
            (true, Some(primary)) => !primary,
            (true, None) => {
                homeless.push(number);
                continue;
            }
            (false, _) => number.kind.as_deref() == Some("work"),
        };
        let slot = if to_mobile { &mut mobile } else { &mut primary };
        if slot.is_none() {
            *slot = Some(number);
        } else {
            homeless.push(number);
        }
    }
    for number in homeless {
        if let Some(slot) = [&mut primary, &mut mobile].into_iter().find(|slot| slot.is_none()) {
            *slot = Some(number);
        }
    }
    let value = |slot: Option<&Item<Option<String>>>| slot.and_then(|number| number.value.clone());
    Phones { primary: value(primary), mobile: value(mobile) }
}

/// The one role or photo that is kept: the primary one, else the first.
pub(super) fn one<T>(items: &[Item<T>]) -> Option<&Item<T>> {
    items.iter().find(|item| item.primary == Some(true)).or_else(|| items.first())
}

/// The five parts of an address, in the order of [`ADDRESS`].
pub(super) type Address = [Option<String>; 5];

pub(super) fn addresses(list: &Value) -> Result<Vec<Item<Address>>> {
    const INVALID: &str = "addresses_invalid";
    let refusal = || Refusal::bad(INVALID);
    let read = |item: &Value| {
        let object = item.as_object().ok_or_else(refusal)?;
        let mut value = Address::default();
        for ((name, _), part) in ADDRESS.iter().zip(&mut value) {
            *part = match object.get(*name) {
                None | Some(Value::Null) => None,
                Some(Value::String(text)) => filled(text),
                Some(_) => return Err(refusal()),
            };
        }
        Ok(Item { value, kind: kind(item), primary: flag(item, INVALID)?, delete: deletes(item) })
    };
    list.as_array().ok_or_else(refusal)?.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn placed(list: &Value) -> (Option<String>, Option<String>) {
        let phones = place_phones(&items(list, "phoneNumbers_invalid", false).unwrap());
        (phones.primary, phones.mobile)
    }

    fn slots(primary: &str, mobile: &str) -> (Option<String>, Option<String>) {
        (filled(primary), filled(mobile))
    }

    #[test]
    fn a_single_number_goes_where_slack_puts_it_not_where_its_type_says() {
        assert_eq!(placed(&json!([{"value": "1", "type": "mobile"}])), slots("1", ""));
        assert_eq!(placed(&json!([{"value": "1", "type": "work"}])), slots("", "1"));
        assert_eq!(placed(&json!([{"value": "1", "primary": true}])), slots("1", ""));
        assert_eq!(placed(&json!([{"value": "1", "primary": false}])), slots("1", ""));
        assert_eq!(placed(&json!([{"value": "1"}])), slots("1", ""));
    }

    #[test]
    fn in_a_pair_primary_decides() {
        let pair = json!([{"value": "mobile", "primary": false}, {"value": "office", "primary": true}]);
        assert_eq!(placed(&pair), slots("office", "mobile"));
    }

    #[test]
    fn types_come_back_swapped_as_in_the_documented_sample() {
        let pair = json!([{"value": "A", "type": "work"}, {"value": "B", "type": "mobile"}]);
        assert_eq!(placed(&pair), slots("B", "A"));
    }

    #[test]
    fn what_is_read_can_be_written_back_without_a_change() {
        let read = json!([{"value": "A", "type": "mobile"}, {"value": "B", "primary": true}]);
        assert_eq!(placed(&read), slots("B", "A"));
        let half = json!([{"value": "A", "type": "mobile"}, {"value": null, "primary": true}]);
        assert_eq!(placed(&half), slots("", "A"));
    }

    #[test]
    fn two_are_kept_of_three() {
        let three = json!([{"value": "1"}, {"value": "2"}, {"value": "3"}]);
        assert_eq!(placed(&three), slots("1", "2"));
    }

    #[test]
    fn the_primary_email_is_flagged_or_work_or_first() {
        let chosen = |list: Value| primary_email(&items(&list, "emails_invalid", false).unwrap());
        let both = json!([{"value": "a", "type": "work"}, {"value": "b", "primary": true}]);
        assert_eq!(chosen(both), Some(1));
        assert_eq!(chosen(json!([{"value": "a", "type": "home"}, {"value": "b", "type": "work"}])), Some(1));
        assert_eq!(chosen(json!([{"value": "a"}, {"value": "b"}])), Some(0));
        assert_eq!(chosen(json!([])), None);
    }

    #[test]
    fn roles_may_be_bare_strings_and_one_is_kept() {
        let roles =
            items(&json!(["Lead", {"value": "Chair", "primary": "true"}]), "roles_invalid", true).unwrap();
        assert_eq!(one(&roles).unwrap().value.as_deref(), Some("Chair"));
        assert!(items(&json!(["Lead"]), "emails_invalid", false).is_err());
    }

    #[test]
    fn an_address_has_five_parts() {
        let list =
            json!([{"streetAddress": "12 Engine Row", "country": "GB", "type": "work", "formatted": "x"}]);
        let address = &addresses(&list).unwrap()[0];
        assert_eq!(address.value[0].as_deref(), Some("12 Engine Row"));
        assert_eq!(address.value[4].as_deref(), Some("GB"));
        assert_eq!(addresses(&json!(["x"])).unwrap_err().description, "addresses_invalid");
    }
}
