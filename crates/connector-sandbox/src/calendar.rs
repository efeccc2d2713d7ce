//! Dates: days since 1970 to year, month and day, and back.

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// Days since 1970 of a date, by counting years from March so that the leap day comes last.
pub(crate) fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

/// The date of a day since 1970; the inverse of [`days`].
pub(crate) fn civil(day: i64) -> (i64, i64, i64) {
    let mut year = 1970 + day.div_euclid(366);
    while days(year + 1, 1, 1) <= day {
        year += 1;
    }
    let month = (1..=12).rev().find(|&m| days(year, m, 1) <= day).unwrap_or(1);
    (year, month, day - days(year, month, 1) + 1)
}

/// `2023-03-14T16:26:53` for seconds since 1970, in the same zone.
pub(crate) fn date_time(secs: i64) -> String {
    let (year, month, day) = civil(secs.div_euclid(DAY));
    let second = secs.rem_euclid(DAY);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_two_leap_years_and_what_is_between_comes_back() {
        for day in days(2000, 1, 1)..=days(2025, 1, 1) {
            let (y, m, d) = civil(day);
            assert_eq!(days(y, m, d), day);
        }
        assert_eq!(date_time(1_709_251_199), "2024-02-29T23:59:59");
        assert_eq!(date_time(-1), "1969-12-31T23:59:59");
    }
}
