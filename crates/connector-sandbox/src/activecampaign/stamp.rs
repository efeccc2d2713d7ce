//! Dates as the account tells them: with the offset of its time zone, or broken.

use serde_json::{Value, json};

use super::options::{Dates, Options, PasswordDate};
use crate::calendar::date_time;

/// `2024-06-03T10:00:00-06:00`
pub(super) fn zoned(ms: i64, options: &Options) -> String {
    let offset = options.utc_offset_minutes;
    let local = date_time(ms.div_euclid(1000) + i64::from(offset) * 60);
    let sign = if offset < 0 { '-' } else { '+' };
    let minutes = offset.abs();
    format!("{local}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// A date of a user, in the form the switch says.
pub(super) fn date(ms: Option<i64>, options: &Options) -> Value {
    match options.dates {
        Dates::Good => ms.map_or(Value::Null, |ms| json!(zoned(ms, options))),
        Dates::Null => Value::Null,
        Dates::Zero => json!("0000-00-00 00:00:00"),
        Dates::OddZero => json!("0000-00-00T00:00:00Z00:00"),
    }
}

/// When the password was set, in UTC.
pub(super) fn password(ms: i64, options: &Options) -> String {
    let utc = date_time(ms.div_euclid(1000));
    match options.password_date {
        PasswordDate::Spaced => utc.replace('T', " "),
        PasswordDate::Rfc3339 => format!("{utc}+00:00"),
    }
}
