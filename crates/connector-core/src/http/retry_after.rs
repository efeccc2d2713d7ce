//! `Retry-After` in all its forms.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822};

/// The longest wait a target is believed to mean.
const LONGEST: Duration = Duration::from_hours(24);

/// Seconds or an HTTP date (RFC 9110 section 10.2.3), as the time from `now`. `None`: neither.
pub(super) fn parse(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return (seconds >= 0.0)
            .then(|| Duration::try_from_secs_f64(seconds.ceil()).map_or(LONGEST, |d| d.min(LONGEST)));
    }
    let at = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    let wait = at.duration_since(now);
    Some(Duration::try_from(wait).unwrap_or(Duration::ZERO).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_dates_and_nonsense() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        for (text, wait) in [
            ("30", Some(30)),
            (" 1 ", Some(1)),
            ("0.5", Some(1)),
            ("Thu, 01 Jan 2026 00:01:00 GMT", Some(60)),
            ("Thu, 01 Jan 2026 00:00:00 GMT", Some(0)),
            ("Wed, 31 Dec 2025 00:00:00 GMT", Some(0)),
            ("99999999999999999999", Some(24 * 3600)),
            ("-3", None),
            ("NaN", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(parse(text, now), wait.map(Duration::from_secs), "{text:?}");
        }
    }
}
