//! The flags of a group that are about managing users and groups. All others are none of this connector's business.

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
