//! Times as findings have them, and one form for all of them.
//!
//! The forms are few and fixed, and what is done with them is adding hours and writing them down:
//! that is not worth a dependency that knows time zones.

use std::fmt;

use serde_json::Value;

const DAY: i64 = 86_400;

/// A moment in UTC, to the second; fractions are dropped. Written as `2026-01-31T12:00:00Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

impl Moment {
    /// The beginning of 1970.
    pub const EPOCH: Self = Self(0);

    /// Reads the forms that findings have: RFC 3339 with or without fraction and offset, a space
    /// in place of the `T`, no offset (then it is UTC), a date alone. None for anything else, and
    /// for years outside 1 to 9999.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (date, time) = text.split_at_checked(10)?;
        let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
        let days = days_from_civil(year, month, day)?;
        if time.is_empty() {
            return Some(Self(days * DAY));
        }
        let time = time.strip_prefix(['T', 't', ' '])?;
        let (clock, rest) = time.split_at_checked(8)?;
        let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
        let in_range = hour < 24 && minute < 60 && second <= 60;
        let offset = offset(without_fraction(rest)?)?;
        let seconds = days * DAY + hour * 3600 + minute * 60 + second.min(59) - offset;
        in_range.then_some(Self(seconds)).filter(|moment| moment.is_writable())
    }

    /// Reads a time out of JSON: a text, or a number of seconds or milliseconds since 1970.
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Self::parse(text),
            Value::Number(number) => Self::since_1970(number.as_f64()?),
            _ => None,
        }
    }

    /// A moment given in seconds since 1970, or in milliseconds where seconds would lie beyond the
    /// year 5138.
    pub fn since_1970(number: f64) -> Option<Self> {
        let seconds = if number.abs() < 1e11 { number } else { number / 1000.0 };
        // The range of years is checked, so that nothing is cut off.
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
        let moment = (seconds.abs() < 1e12).then_some(Self(seconds.floor() as i64))?;
        moment.is_writable().then_some(moment)
    }

    /// That many hours later; earlier where it is negative.
    #[must_use]
    pub fn plus_hours(self, hours: i64) -> Self {
        Self(self.0 + hours * 3600)
    }

    /// The day as partitions of CloudTrail logs have it: `2026/01/31`.
    pub fn day_path(self) -> String {
        let (year, month, day) = civil_from_days(self.0.div_euclid(DAY));
        format!("{year:04}/{month:02}/{day:02}")
    }

    /// The day: `2026-01-31`.
    pub fn day(self) -> String {
        self.day_path().replace('/', "-")
    }

    /// Seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.0
    }

    fn is_writable(self) -> bool {
        (1..=9999).contains(&civil_from_days(self.0.div_euclid(DAY)).0)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0.div_euclid(DAY));
        let second = self.0.rem_euclid(DAY);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        f.pad(&format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
    }
}

/// Three numbers of fixed width between separators.
fn numbers(text: &str, separator: char, widths: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(separator);
    let mut found = [0; 3];
    for (number, width) in found.iter_mut().zip(widths) {
        let part = parts.next().filter(|part| part.len() == width)?;
        *number = part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())??;
    }
    parts.next().is_none().then_some(found)
}

fn without_fraction(text: &str) -> Option<&str> {
    match text.strip_prefix(['.', ',']) {
        None => Some(text),
        Some(rest) => {
            let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            (after.len() < rest.len()).then_some(after)
        }
    }
}

/// An offset from UTC in seconds: nothing, `Z`, `+09:00`, `-0400`, `+09`, or `UTC`.
fn offset(text: &str) -> Option<i64> {
    let text = text.trim();
    if matches!(text, "" | "Z" | "z" | "UTC") {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = text.strip_prefix(['+', '-'])?.replace(':', "");
    let is_number = digits.bytes().all(|b| b.is_ascii_digit());
    let minutes: i64 = match digits.len() {
        2 if is_number => digits.parse::<i64>().ok()? * 60,
        4 if is_number => {
            digits[..2].parse::<i64>().ok()? * 60 + digits[2..].parse::<i64>().ok()?
        }
        _ => return None,
    };
    Some(sign * minutes * 60)
}

/// The days since 1970 of a date of the Gregorian calendar. Years are counted from March, so that
/// the leap day is the last one.
fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if !(1..=12).contains(&month) || !(1..=length).contains(&day) || year < 1 {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(365 * year + year / 4 - year / 100 + year / 400 + day_of_year - 719_468)
}

/// Year, month and day of a number of days since 1970.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    const ERA: i64 = 146_097; // the days of 400 years
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(ERA), days.rem_euclid(ERA));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Option<String> {
        Moment::parse(text).map(|moment| moment.to_string())
    }

    #[test]
    fn every_form_that_findings_have() {
        for (text, expected) in [
            ("2020-05-26T22:02:24Z", "2020-05-26T22:02:24Z"),
            ("2020-05-26T22:21:48.385Z", "2020-05-26T22:21:48Z"),
            ("2025-02-25 20:40:06.721", "2025-02-25T20:40:06Z"),
            ("2025-02-25 20:40:06.000000000", "2025-02-25T20:40:06Z"),
            ("2023-09-19T11:05:22.487-04:00", "2023-09-19T15:05:22Z"),
            ("2025-10-01T10:05:30.000000+00:00", "2025-10-01T10:05:30Z"),
            ("2024-02-29T23:59:60+0900", "2024-02-29T14:59:59Z"),
            ("2024-02-29", "2024-02-29T00:00:00Z"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
        for value in [json!(1_695_135_922_487_i64), json!(1_695_135_922), json!(1_695_135_922.487)]
        {
            assert_eq!(Moment::of(&value).unwrap().to_string(), "2023-09-19T15:05:22Z", "{value}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "now",
            "2020-13-01",
            "2023-02-29",
            "2020-05-26T25:00:00Z",
            "2020-05-26X22:02:24Z",
            "2020-05-26T22:02:24.Z",
            "2020-05-26T22:02:24Zx",
            "0000-01-01",
            "+020-05-26",
            "2020-05-26T22:02:2\u{e9}",
            "9999-12-31T23:59:59-01:00",
            "12020-05-26T22:02:24Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        for value in [json!(1e300), json!(-1e15), json!(null), json!(true)] {
            assert_eq!(Moment::of(&value), None, "{value}");
        }
    }

    #[test]
    fn hours_are_added_and_days_are_partitions() {
        let moment = Moment::parse("2026-01-31T23:30:00Z").unwrap();
        assert_eq!(moment.plus_hours(1).to_string(), "2026-02-01T00:30:00Z");
        assert_eq!(moment.plus_hours(-24).to_string(), "2026-01-30T23:30:00Z");
        assert_eq!(
            (moment.day_path().as_str(), moment.day().as_str()),
            ("2026/01/31", "2026-01-31")
        );
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(seconds in -62_135_596_800_i64..253_402_300_800) {
            let moment = Moment(seconds);
            prop_assert_eq!(Moment::parse(&moment.to_string()), Some(moment));
        }

        #[test]
        fn any_text_is_safe(text in "[0-9TZ:. +-]{0,40}|\\PC{0,40}") {
            Moment::parse(&text);
        }
    }
}
