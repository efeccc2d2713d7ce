//! Time stamps as Slack writes them: US Pacific time with its offset.

const DAY: i64 = 86_400;

/// `2023-03-14T09:26:53-07:00` for seconds since 1970 in UTC.
pub(super) fn pacific(secs: i64) -> String {
    let offset = if is_daylight_saving(secs) { 7 } else { 8 };
    let local = secs - offset * 3600;
    let (year, month, day) = civil(local.div_euclid(DAY));
    let second = local.rem_euclid(DAY);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}-0{offset}:00")
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

/// Days since 1970 of a date, by counting years from March so that the leap day comes last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

/// The date of a day since 1970; the inverse of [`days`].
fn civil(day: i64) -> (i64, i64, i64) {
    let mut year = 1970 + day.div_euclid(366);
    while days(year + 1, 1, 1) <= day {
        year += 1;
    }
    let month = (1..=12).rev().find(|&m| days(year, m, 1) <= day).unwrap_or(1);
    (year, month, day - days(year, month, 1) + 1)
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
