//! Transforms: named, two-way, stable on a second pass. A closed list; new logic is a new variant with tests.

use std::fmt;

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    error::{Error, Kind, Result},
    scim::{Offset, Type, parse_instant, to_utc},
};

/// How a value is converted between SCIM and the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transform {
    /// As it is, in the attribute's type.
    Copy,
    /// Lower case when written.
    Lowercase,
    /// The opposite boolean.
    Not,
    /// Words that correspond, `(SCIM, target)`. A target word outside the list reads as no value.
    Words(&'static [(&'static str, &'static str)]),
    /// A sign-in name of lower-case letters, digits, `.`, `_` and `-`: an e-mail address is cut before its `@`, every
    /// other character is written as `_`.
    Handle,
    /// The first value of a plain list; written as a list of one.
    First,
    /// A number of the target that SCIM has as text, such as an id. Text that is no whole number is refused.
    Number,
    /// Seconds since 1970 in the target, a date-time in SCIM. Reads digits and date-times in text too; 0 is no value.
    EpochSeconds,
    /// A language tag that the target writes with `_`: `-` is written so, and what the target holds is read as it is.
    Underscored,
    /// Decided by the slot the element is in, not by a value of the target.
    BySlot,
    /// The SCIM address of the resource with this id, under this endpoint. Read only.
    Location(&'static str),
    /// This word, whenever the target has a value at all. Read only.
    Always(&'static str),
}

/// What reading a value needs to know beside the value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    /// Replaces the offset of the target's date-times.
    pub offset: Option<Offset>,
    /// The SCIM base address of the instance.
    pub base: &'a str,
}

impl Transform {
    /// A target's value as SCIM has it; lenient: what does not fit the attribute's type reads as no value.
    pub(super) fn read(self, kind: Type, raw: Value, reading: Reading<'_>) -> Value {
        match self {
            Self::Copy | Self::Lowercase | Self::Handle | Self::First | Self::Number | Self::Underscored => {
                typed(kind, raw, reading.offset)
            }
            Self::EpochSeconds => match seconds(&raw) {
                Some(0) => Value::Null,
                Some(seconds) => {
                    Timestamp::from_second(seconds).map_or(Value::Null, |at| at.to_string().into())
                }
                None => typed(kind, raw, reading.offset),
            },
            Self::Not => match typed(Type::Boolean, raw, None) {
                Value::Bool(flag) => Value::Bool(!flag),
                _ => Value::Null,
            },
            Self::Words(words) => match typed(Type::String, raw, None) {
                Value::String(held) => words
                    .iter()
                    .find(|(_, target)| target.eq_ignore_ascii_case(&held))
                    .map_or(Value::Null, |(scim, _)| Value::from(*scim)),
                _ => Value::Null,
            },
            Self::BySlot => Value::Null,
            Self::Location(endpoint) => match typed(Type::String, raw, None) {
                Value::String(id) => Value::String(location(reading.base, endpoint, &id)),
                _ => Value::Null,
            },
            Self::Always(word) => match raw {
                Value::Null => Value::Null,
                Value::String(text) if text.is_empty() => Value::Null,
                _ => Value::from(word),
            },
        }
    }

    /// A SCIM value as the target takes it; strict: the value is already in the attribute's type, so what is refused
    /// breaks a rule of the target.
    pub(super) fn write(self, value: &Value) -> Result<Value> {
        match (self, value) {
            (Self::Lowercase, Value::String(text)) => Ok(Value::String(text.to_lowercase())),
            (Self::Not, Value::Bool(flag)) => Ok(Value::Bool(!flag)),
            (Self::Words(words), Value::String(text)) => {
                match words.iter().find(|(scim, _)| scim.eq_ignore_ascii_case(text)) {
                    Some((_, target)) => Ok(Value::from(*target)),
                    None => {
                        let known = words.iter().map(|(scim, _)| *scim).collect::<Vec<_>>().join(", ");
                        Err(Error::new(Kind::InvalidValue, format!("must be one of {known}")))
                    }
                }
            }
            (Self::Handle, Value::String(text)) => match handle(text) {
                name if name.is_empty() => {
                    Err(Error::new(Kind::InvalidValue, "has no character that a sign-in name can have"))
                }
                name => Ok(Value::String(name)),
            },
            (Self::First, value) => Ok(Value::Array(vec![value.clone()])),
            (Self::Number, Value::String(text)) => match text.trim().parse::<u64>() {
                Ok(number) => Ok(number.into()),
                Err(_) => {
                    Err(Error::new(Kind::InvalidValue, "must be a whole number, as the target's ids are"))
                }
            },
            (Self::EpochSeconds, Value::String(text)) => match parse_instant(text) {
                Some(at) => Ok(at.as_second().into()),
                None => Err(Error::new(Kind::InvalidValue, "must be a date-time")),
            },
            (Self::Underscored, Value::String(text)) => Ok(Value::String(text.replace('-', "_"))),
            (_, value) => Ok(value.clone()),
        }
    }

    /// Whether values go from SCIM to the target at all.
    pub(super) const fn is_two_way(self) -> bool {
        !matches!(self, Self::Location(_) | Self::Always(_))
    }
}

/// The address of the resource `id` of the type at `endpoint`.
pub(super) fn location(base: &str, endpoint: &str, id: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    format!("{base}{endpoint}/{}", utf8_percent_encode(id, SEGMENT))
}

/// A sign-in name as [`Transform::Handle`] writes it.
fn handle(text: &str) -> String {
    let local = text.trim().split('@').next().unwrap_or_default();
    local
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '_' })
        .collect()
}

/// Seconds since 1970, as a number or as digits.
fn seconds(raw: &Value) -> Option<i64> {
    match raw {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// `raw` in the attribute's type, or `Null`.
fn typed(kind: Type, raw: Value, offset: Option<Offset>) -> Value {
    match (kind, raw) {
        (Type::String | Type::Reference | Type::Binary, Value::String(text)) if !text.is_empty() => {
            Value::String(text)
        }
        (Type::String | Type::Reference, Value::Number(number)) => Value::String(number.to_string()),
        (Type::String, Value::Bool(flag)) => Value::String(flag.to_string()),
        (Type::Boolean, Value::Bool(flag)) => Value::Bool(flag),
        (Type::Boolean, Value::String(text)) => match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Value::Bool(true),
            "false" | "0" => Value::Bool(false),
            _ => Value::Null,
        },
        (Type::Boolean, Value::Number(number)) => match number.as_i64() {
            Some(1) => Value::Bool(true),
            Some(0) => Value::Bool(false),
            _ => Value::Null,
        },
        (Type::Integer, Value::Number(number)) if number.is_i64() || number.is_u64() => Value::Number(number),
        (Type::Integer, Value::String(text)) => text.trim().parse::<i64>().map_or(Value::Null, Value::from),
        (Type::Decimal, Value::Number(number)) => Value::Number(number),
        (Type::Decimal, Value::String(text)) => match serde_json::from_str(text.trim()) {
            Ok(value @ Value::Number(_)) => value,
            _ => Value::Null,
        },
        (Type::DateTime, Value::String(text)) => to_utc(&text, offset).map_or(Value::Null, Value::String),
        _ => Value::Null,
    }
}

/// A SCIM date-time as targets are sent it: in UTC.
pub(super) fn written_instant(value: &Value) -> Value {
    match value {
        Value::String(text) if parse_instant(text).is_some() => {
            to_utc(text, None).map_or(Value::Null, Value::String)
        }
        other => other.clone(),
    }
}

impl fmt::Display for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Copy => f.write_str("copy"),
            Self::Lowercase => f.write_str("lowercase"),
            Self::Not => f.write_str("not"),
            Self::Words(words) => {
                f.write_str("words")?;
                for (index, (scim, target)) in words.iter().enumerate() {
                    write!(f, "{} {scim}={target}", if index == 0 { ":" } else { "," })?;
                }
                Ok(())
            }
            Self::Handle => f.write_str("handle"),
            Self::First => f.write_str("first"),
            Self::Number => f.write_str("number"),
            Self::EpochSeconds => f.write_str("epoch seconds"),
            Self::Underscored => f.write_str("underscored"),
            Self::BySlot => f.write_str("slot"),
            Self::Location(endpoint) => write!(f, "location: {endpoint}"),
            Self::Always(word) => write!(f, "always: {word}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const READING: Reading<'_> = Reading { offset: None, base: "https://h/scim/i/v2" };

    #[test]
    fn a_handle_is_what_the_target_would_make_of_the_name() {
        for (name, written) in [
            ("Ada.L", "ada.l"),
            ("ada.l@acme.example", "ada.l"),
            ("ada lovelace", "ada_lovelace"),
            ("O'Neil+1", "o_neil_1"),
            ("Jürgen", "j_rgen"),
        ] {
            let first = Transform::Handle.write(&json!(name)).unwrap();
            assert_eq!(first, json!(written));
            assert_eq!(Transform::Handle.write(&first).unwrap(), first, "stable on a second pass");
        }
        assert_eq!(Transform::Handle.write(&json!("@acme")).unwrap_err().kind(), Kind::InvalidValue);
    }

    #[test]
    fn words_are_closed_when_written_and_open_when_read() {
        let seats = Transform::Words(&[("Member", "full"), ("Guest", "guest")]);
        assert_eq!(seats.read(Type::String, json!("FULL"), READING), json!("Member"));
        assert_eq!(seats.read(Type::String, json!("alien"), READING), Value::Null);
        assert_eq!(seats.write(&json!("guest")).unwrap(), json!("guest"));
        assert!(seats.write(&json!("Alien")).unwrap_err().to_string().contains("Member, Guest"));
    }

    #[test]
    fn reading_is_lenient_about_types() {
        let read = |kind, raw| Transform::Copy.read(kind, raw, READING);
        assert_eq!(read(Type::String, json!(100_012_345_678_901_u64)), json!("100012345678901"));
        assert_eq!(read(Type::Boolean, json!("1")), json!(true));
        assert_eq!(read(Type::Boolean, json!("maybe")), Value::Null);
        assert_eq!(read(Type::Integer, json!("12")), json!(12));
        assert_eq!(read(Type::String, json!("")), Value::Null);
        assert_eq!(read(Type::String, json!({"a": 1})), Value::Null);
        assert_eq!(read(Type::DateTime, json!("2023-03-14T09:26:53-07:00")), json!("2023-03-14T16:26:53Z"));
    }

    #[test]
    fn the_first_of_a_list_is_written_as_a_list_of_one() {
        assert_eq!(Transform::First.write(&json!("a@x")).unwrap(), json!(["a@x"]));
        assert_eq!(Transform::First.read(Type::String, json!("a@x"), READING), json!("a@x"));
    }

    #[test]
    fn a_number_is_text_in_scim_and_nothing_else_is_written() {
        let id = json!(100_071_234_500_017_u64);
        assert_eq!(Transform::Number.read(Type::String, id.clone(), READING), json!("100071234500017"));
        assert_eq!(
            Transform::Number.read(Type::String, json!("100071234500017"), READING),
            json!("100071234500017")
        );
        assert_eq!(Transform::Number.write(&json!("100071234500017")).unwrap(), id);
        for odd in ["", "-1", "1.5", "ivo"] {
            assert_eq!(Transform::Number.write(&json!(odd)).unwrap_err().kind(), Kind::InvalidValue, "{odd}");
        }
    }

    #[test]
    fn seconds_since_1970_are_a_date_time_and_0_is_none() {
        let read = |raw| Transform::EpochSeconds.read(Type::DateTime, raw, READING);
        for raw in [json!(1_609_459_200), json!("1609459200"), json!("2021-01-01T01:00:00+0100")] {
            assert_eq!(read(raw.clone()), json!("2021-01-01T00:00:00Z"), "{raw}");
        }
        for nothing in [json!(0), json!("0"), json!(null), json!("soon"), json!(i64::MAX)] {
            assert_eq!(read(nothing.clone()), Value::Null, "{nothing}");
        }
        let write = |text: &str| Transform::EpochSeconds.write(&json!(text)).unwrap();
        assert_eq!(write("2021-01-01T00:00:00Z"), json!(1_609_459_200));
        assert_eq!(write("2021-01-01T01:00:00.5+01:00"), json!(1_609_459_200));
    }

    #[test]
    fn a_language_tag_is_written_with_underscores_and_read_as_it_is() {
        let written = Transform::Underscored.write(&json!("en-GB")).unwrap();
        assert_eq!(written, json!("en_GB"));
        assert_eq!(Transform::Underscored.write(&written).unwrap(), written, "stable on a second pass");
        assert_eq!(Transform::Underscored.read(Type::String, json!("en_GB"), READING), json!("en_GB"));
    }

    #[test]
    fn a_location_carries_any_id() {
        assert_eq!(
            Transform::Location("/Users").read(Type::Reference, json!("a/b ?"), READING),
            json!("https://h/scim/i/v2/Users/a%2Fb%20%3F")
        );
    }
}
