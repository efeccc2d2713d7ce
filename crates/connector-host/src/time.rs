//! Times as people and programs read them.

/// Seconds since 1970 as `yyyy-MM-ddTHH:mm:ssZ` (RFC 3339).
pub(crate) fn utc(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| "?".to_owned(), |time| time.to_string())
}
