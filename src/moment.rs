//! Times as findings and playbooks have them, and one form for all of them.

use std::fmt;

use jiff::civil::{DateTime, date};
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

const EPOCH: DateTime = date(1970, 1, 1).at(0, 0, 0, 0);

/// A moment in UTC, to the nanosecond. Written to the second: `2026-01-31T12:00:00Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(DateTime);

impl Moment {
    /// What the clock of this machine says.
    pub fn now() -> Self {
        Self(Offset::UTC.to_datetime(Timestamp::now()))
    }

    /// The beginning of a day.
    pub(crate) const fn midnight(year: i16, month: i8, day: i8) -> Self {
        Self(date(year, month, day).at(0, 0, 0, 0))
    }

    /// Reads the forms that findings have: RFC 3339 with or without fraction and offset, a space
    /// in place of the `T`, no offset (then it is UTC), a date alone. None for anything else, and
    /// for years outside 1 to 9999.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_suffix("UTC").map_or(text, str::trim_end);
        let is_short = matches!(text.as_bytes(), [b'0'..=b'9', _, _, _, b'-', _, _, b'-', ..]);
        if !is_short {
            return None;
        }
        let joined;
        let pieces = if let Ok(pieces) = Pieces::parse(text) {
            pieces
        } else {
            joined = text.replace(" +", "+").replace(" -", "-");
            Pieces::parse(&joined).ok()?
        };
        let time = pieces.date().to_datetime(pieces.time().unwrap_or_default());
        let in_utc = match pieces.to_numeric_offset().map_or(0, Offset::seconds) {
            0 => time,
            offset => time.checked_sub(SignedDuration::from_secs(offset.into())).ok()?,
        };
        Self::within_years(in_utc)
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
        let since = SignedDuration::try_from_secs_f64(seconds).ok()?;
        Self::within_years(EPOCH.checked_add(since).ok()?)
    }

    /// That many hours later; earlier where it is negative. The first or last moment that can be
    /// written stands for those beyond it.
    #[must_use]
    pub fn plus_hours(self, hours: i64) -> Self {
        Self(self.0.saturating_add(SignedDuration::from_hours(hours)))
    }

    /// Without the fraction of its second, as it is written.
    #[must_use]
    pub fn to_the_second(self) -> Self {
        let fraction = SignedDuration::from_nanos(self.0.subsec_nanosecond().into());
        Self(self.0.saturating_sub(fraction))
    }

    /// With milliseconds: `2026-01-31T12:00:00.000Z`.
    pub fn with_milliseconds(self) -> String {
        format!("{:.3}Z", self.0)
    }

    /// The day as partitions of CloudTrail logs have it: `2026/01/31`.
    pub fn day_path(self) -> String {
        self.0.strftime("%Y/%m/%d").to_string()
    }

    /// The day: `2026-01-31`.
    pub fn day(self) -> String {
        self.0.date().to_string()
    }

    fn within_years(time: DateTime) -> Option<Self> {
        (time.year() >= 1).then_some(Self(time))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:.0}Z", self.0))
    }
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
            ("2026-01-31 12:00:00 +0130", "2026-01-31T10:30:00Z"),
            ("2026-01-31 12:00:00 UTC", "2026-01-31T12:00:00Z"),
            ("2026-01-31T12:00:00,5-09", "2026-01-31T21:00:00Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
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

    #[test]
    fn order_is_that_of_time_whatever_the_form() {
        let times = ["2026-01-31T11:00:00+02:00", "2026-01-31 09:00:00.5", "2026-01-31T10:00:00Z"];
        let moments = times.map(|text| Moment::parse(text).unwrap());
        assert!(moments.is_sorted(), "{moments:?}");
        assert_eq!(moments[0], moments[1].to_the_second());
        assert_eq!(moments[1].with_milliseconds(), "2026-01-31T09:00:00.500Z");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(seconds in -62_135_596_800_i64..253_402_300_800) {
            let moment = Moment(EPOCH + SignedDuration::from_secs(seconds));
            prop_assert_eq!(Moment::parse(&moment.to_string()), Some(moment));
        }

        #[test]
        fn any_text_is_safe(text in "[0-9TZ:. +-]{0,40}|\\PC{0,40}") {
            Moment::parse(&text);
        }
    }
}
