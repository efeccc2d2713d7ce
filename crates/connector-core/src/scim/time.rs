//! Date-times (RFC 7643 section 2.3.5) and the correction of a target's clock.

use std::{fmt, str::FromStr};

use jiff::{
    Timestamp,
    civil::{DateTime, Time},
    fmt::temporal::{Pieces, PiecesOffset},
    tz,
};

/// A distance from UTC between -14:00 and +14:00, in seconds.
///
/// As an instance's `datetime_offset` it replaces the offset a target writes: the wall-clock digits are kept, then the
/// value is converted to UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offset(i32);

impl Offset {
    /// UTC itself.
    pub const UTC: Self = Self(0);

    /// Seconds east of UTC.
    pub const fn seconds(self) -> i32 {
        self.0
    }
}

impl FromStr for Offset {
    type Err = &'static str;

    /// `Z`, `+HH:mm` or `-HH:mm`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "must be `Z`, `+HH:mm` or `-HH:mm`, from -14:00 to +14:00";
        if text == "Z" {
            return Ok(Self::UTC);
        }
        let &[sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] = text.as_bytes() else { return Err(FORM) };
        if ![h1, h2, m1, m2].iter().all(u8::is_ascii_digit) {
            return Err(FORM);
        }
        let pair = |a: u8, b: u8| i32::from(a - b'0') * 10 + i32::from(b - b'0');
        let (hours, minutes) = (pair(h1, h2), pair(m1, m2));
        let seconds = hours * 3600 + minutes * 60;
        if minutes > 59 || seconds > 14 * 3600 {
            return Err(FORM);
        }
        Ok(Self(if sign == b'-' { -seconds } else { seconds }))
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, seconds) = if self.0 < 0 { ('-', -self.0) } else { ('+', self.0) };
        write!(f, "{sign}{:02}:{:02}", seconds / 3600, seconds / 60 % 60)
    }
}

fn pieces(text: &str) -> Option<(DateTime, Option<tz::Offset>)> {
    let pieces = Pieces::parse(text.trim()).ok()?;
    let civil = pieces.date().to_datetime(pieces.time().unwrap_or_else(Time::midnight));
    let offset = pieces.offset().map(|offset| match offset {
        PiecesOffset::Numeric(numeric) => numeric.offset(),
        _ => tz::Offset::UTC,
    });
    Some((civil, offset))
}

fn instant(civil: DateTime, offset: tz::Offset) -> Option<Timestamp> {
    offset.to_timestamp(civil).ok()
}

/// The instant a SCIM date-time names; one without an offset counts as UTC. `None`: not a date-time.
pub fn parse_instant(text: &str) -> Option<Timestamp> {
    let (civil, offset) = pieces(text)?;
    instant(civil, offset.unwrap_or(tz::Offset::UTC))
}

/// A target's date-time as SCIM answers carry it, `yyyy-MM-ddTHH:mm:ssZ`.
///
/// A configured offset replaces the target's own; without one the target's counts, and a value without any is UTC.
/// `None`: not a date-time.
pub fn to_utc(text: &str, configured: Option<Offset>) -> Option<String> {
    let (civil, own) = pieces(text)?;
    let offset = match configured {
        Some(Offset(seconds)) => tz::Offset::from_seconds(seconds).ok()?,
        None => own.unwrap_or(tz::Offset::UTC),
    };
    let utc = tz::Offset::UTC.to_datetime(instant(civil, offset)?);
    Some(format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        utc.year(),
        utc.month(),
        utc.day(),
        utc.hour(),
        utc.minute(),
        utc.second()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_examples_of_the_datetime_offset() {
        let plus = |text: &str| Some(text.parse::<Offset>().unwrap());
        for (upstream, configured, emitted) in [
            ("2025-03-04T10:00:00+01:00", None, "2025-03-04T09:00:00Z"),
            ("2025-03-04T10:00:00+01:00", plus("+05:30"), "2025-03-04T04:30:00Z"),
            ("2025-03-04T10:00:00Z", plus("-08:00"), "2025-03-04T18:00:00Z"),
            ("2025-03-04T10:00:00", plus("+02:00"), "2025-03-04T08:00:00Z"),
            ("2025-03-04T10:00:00+01:00", plus("+00:00"), "2025-03-04T10:00:00Z"),
            ("2025-03-04T10:00:00+01:00", plus("Z"), "2025-03-04T10:00:00Z"),
            ("2025-03-04T10:00:00", None, "2025-03-04T10:00:00Z"),
            ("2023-03-14T09:26:53-07:00", None, "2023-03-14T16:26:53Z"),
            ("2024-04-10T00:00:00+0000", None, "2024-04-10T00:00:00Z"),
            ("2024-04-10T00:00:00.1234567+02:00", None, "2024-04-09T22:00:00Z"),
            ("2024-04-10", None, "2024-04-10T00:00:00Z"),
        ] {
            assert_eq!(to_utc(upstream, configured).as_deref(), Some(emitted), "{upstream} {configured:?}");
        }
        assert_eq!(to_utc("yesterday", None), None);
    }

    #[test]
    fn an_offset_has_one_form_and_a_range() {
        for good in ["Z", "+00:00", "-14:00", "+14:00", "+05:30"] {
            assert!(good.parse::<Offset>().is_ok(), "{good}");
        }
        for bad in ["+14:30", "5:30", "+5", "z", "+05:60", "+0530", "", "+é1:00", "-15:00"] {
            assert!(bad.parse::<Offset>().is_err(), "{bad}");
        }
        assert_eq!("-08:00".parse::<Offset>().unwrap().to_string(), "-08:00");
    }
}
