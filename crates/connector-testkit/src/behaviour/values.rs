//! Values that a target may hold, by row.

use connector_core::{
    mapping::{Row, Transform},
    scim::Type,
};
use proptest::{
    prelude::any,
    sample::select,
    strategy::{BoxedStrategy, Just, Strategy as _},
};
use serde_json::{Value, json};

/// Any value of a row, as the target holds it.
pub(super) fn of(row: &Row<'_>, kind: Type) -> BoxedStrategy<Value> {
    let most = row.max_chars.unwrap_or(40).clamp(1, 40);
    let text =
        |pattern: String| proptest::string::string_regex(&pattern).expect("a pattern").prop_map(Value::from);
    match (row.via, kind) {
        (Transform::Words(words), _) => {
            let held: Vec<&'static str> = words.iter().map(|(_, held)| *held).collect();
            select(held).prop_map(Value::from).boxed()
        }
        (Transform::Handle, _) => text(format!("[a-z0-9][a-z0-9._-]{{0,{}}}", most - 1)).boxed(),
        (Transform::Number, _) => any::<u32>().prop_map(Value::from).boxed(),
        (Transform::EpochSeconds, _) => {
            any::<u16>().prop_map(|days| (86_400 * (1 + u64::from(days))).into()).boxed()
        }
        (Transform::Underscored, _) => text("[a-z]{2}_[A-Z]{2}".to_owned()).boxed(),
        (Transform::Lowercase, _) => text(format!("[a-z0-9][a-z0-9.+_-]{{0,{}}}", most - 1)).boxed(),
        (Transform::First, _) => of(&row.via(Transform::Copy), kind).prop_map(|one| json!([one])).boxed(),
        (Transform::Location(_) | Transform::Always(_), _) => text("[A-Z0-9]{4,12}".to_owned()).boxed(),
        (_, Type::Boolean) => any::<bool>().prop_map(Value::from).boxed(),
        (_, Type::Integer) => any::<u16>().prop_map(Value::from).boxed(),
        (_, Type::Decimal) => any::<u16>().prop_map(|quarters| json!(f64::from(quarters) / 4.0)).boxed(),
        (_, Type::DateTime) => date().boxed(),
        (_, Type::Binary) => text("([A-Za-z0-9+/]{4}){1,5}".to_owned()).boxed(),
        (_, Type::Reference) => text("https://kit\\.example/[a-z0-9/]{1,12}".to_owned()).boxed(),
        (_, Type::Complex) => Just(Value::Null).boxed(),
        (_, Type::String) => odd_text(most).boxed(),
    }
}

/// Texts of people's names and worse, never with blanks at their ends.
fn odd_text(most: usize) -> impl proptest::strategy::Strategy<Value = Value> {
    let inner = most.saturating_sub(2);
    let pattern =
        format!("[A-Za-z0-9Ã-ÿ名🙂]([A-Za-z0-9Ã-ÿ名🙂 '&/?#%+@.\"\\\\_-]{{0,{inner}}}[A-Za-z0-9Ã-ÿ])?");
    proptest::string::string_regex(&pattern).expect("a pattern").prop_map(Value::from)
}

fn date() -> impl proptest::strategy::Strategy<Value = Value> {
    (2001..2037_u16, 1..=12_u8, 1..=28_u8, 0..24_u8, 0..60_u8).prop_map(|(year, month, day, hour, minute)| {
        Value::from(format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:09Z"))
    })
}
