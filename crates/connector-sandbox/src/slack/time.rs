//! Time stamps as Slack writes them: US Pacific time with its offset.

use crate::calendar::{DAY, civil, date_time, days};

/// `2023-03-14T09:26:53-07:00` for seconds since 1970 in UTC.
pub(super) fn pacific(secs: i64) -> String {
    let offset = if is_daylight_saving(secs) { 7 } else { 8 };
    let local = secs - offset * 3600;
    format!("{}-0{offset}:00", date_time(local))
}

/// From 2:00 on the second Sunday of March until 2:00 on the first Sunday of November.
fn is_daylight_saving(secs: i64) -> bool {
    let (year, ..) = civil((secs - 8 * 3600).div_euclid(DAY));
    let begin = sunday(year, 3, 2) * DAY + 10 * 3600;
    let end = sunday(year, 11, 1) * DAY + 9 * 3600;
    (begin..end).contains(&secs)
}

/// Days since 1970 of the n-th Sunday of a month.
fn sunday(year: i64, month: i64, n: i64) -> i64 {
    let first = days(year, month, 1);
    // 1970-01-01 was a Thursday, so day 3 was a Sunday.
    let to_sunday = (3 - first).rem_euclid(7);
    first + to_sunday + 7 * (n - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summer_and_winter_have_their_offsets() {
        assert_eq!(pacific(1_678_811_213), "2023-03-14T09:26:53-07:00");
        assert_eq!(pacific(1_667_437_513), "2022-11-02T18:05:13-07:00");
        assert_eq!(pacific(0), "1969-12-31T16:00:00-08:00");
        assert_eq!(pacific(1_709_251_199), "2024-02-29T15:59:59-08:00");
    }

    #[test]
    fn the_clock_changes_at_two_in_the_morning() {
        assert_eq!(pacific(1_678_615_199), "2023-03-12T01:59:59-08:00");
        assert_eq!(pacific(1_678_615_200), "2023-03-12T03:00:00-07:00");
        assert_eq!(pacific(1_699_174_799), "2023-11-05T01:59:59-07:00");
        assert_eq!(pacific(1_699_174_800), "2023-11-05T01:00:00-08:00");
    }
}
