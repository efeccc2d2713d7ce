//! The flags of a group. This connector changes none of them.

use serde_json::{Map, Value};

/// Each with what a key whose owner lacks it cannot do.
pub(crate) const MANAGING: &[(&str, &str)] = &[
    ("pg_user_add", "create users"),
    ("pg_user_edit", "change users"),
    ("pg_user_delete", "delete users"),
    ("pgGroupAdd", "create groups"),
    ("pgGroupEdit", "change groups"),
    ("pgGroupDelete", "delete groups"),
];

/// Whether a group withholds that permission. Flags are `"0"` and `"1"` when read, and may be numbers or booleans.
pub(crate) fn withholds(group: &Map<String, Value>, flag: &str) -> bool {
    match group.get(flag) {
        Some(Value::String(text)) => text.trim() == "0",
        Some(Value::Number(number)) => number.as_i64() == Some(0),
        other => other == Some(&Value::Bool(false)),
    }
}

/// Whether a permission that a group had is gone.
pub(crate) fn lost(before: &Map<String, Value>, after: &Map<String, Value>) -> bool {
    held(before).any(|(flag, _)| withholds(after, &flag))
}

/// The permissions a group has, as they are written.
pub(crate) fn held(group: &Map<String, Value>) -> impl Iterator<Item = (String, Value)> {
    let flags = group.iter().filter(|(name, _)| is_flag(name) && !withholds(group, name));
    flags.filter_map(|(name, value)| {
        let number = match value {
            Value::String(text) => text.trim().parse().ok()?,
            Value::Bool(on) => u64::from(*on),
            other => other.as_u64()?,
        };
        Some((name.clone(), number.into()))
    })
}

/// Whether it is one of the fifty or so flags. `p_admin` is none: it is set for every group.
fn is_flag(name: &str) -> bool {
    const OTHERS: &[&str] =
        &["unsubscribelink", "optinconfirm", "reqApproval", "reqApproval1st", "socialdata"];
    name.starts_with("pg") || OTHERS.contains(&name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        let Value::Object(object) = value else { panic!("not an object") };
        object
    }

    #[test]
    fn a_permission_is_lost_when_it_was_there_and_is_off() {
        let before = object(
            json!({"pgDeal": "1", "pg_user_add": "0", "reqApproval1st": "2", "title": "1", "p_admin": "1"}),
        );
        let held: Map<String, Value> = held(&before).collect();
        assert_eq!(Value::Object(held), json!({"pgDeal": 1, "reqApproval1st": 2}));
        assert!(!lost(&before, &object(json!({"pgDeal": 1, "reqApproval1st": "2"}))));
        assert!(
            !lost(&before, &object(json!({"title": "2", "p_admin": "0"}))),
            "what is not told is not lost"
        );
        assert!(lost(&before, &object(json!({"pgDeal": "1", "reqApproval1st": false}))));
    }
}
