//! How new the record of a finding is.
//!
//! Queues deliver late and twice, so that a record may be older than the one that its case was made
//! of. The pristine copy of a case has a first line that says how new its record was.

use serde_json::Value;

use crate::finding::path;
use crate::moment::Moment;

const BEGIN: &str = "<!-- guardduty-runbooks: the finding of ";
const END: &str = " -->\n";
const NOTHING: &str = "-";

/// How far ahead of this machine's clock a time is believed, in hours. A record that claims more
/// could keep every later one away.
const HOURS_AHEAD: i64 = 1;

/// How new a record is: when it was updated, then when the activity was last seen, then how often.
/// What is missing or cannot be read is older than anything that can. Times are compared to the
/// second, as a copy has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    updated_at: Option<Moment>,
    last_seen: Option<Moment>,
    count: Option<u64>,
}

impl Version {
    /// Reads `updatedAt`, `service.eventLastSeen` and `service.count` of a finding.
    pub fn of(finding: &Value) -> Self {
        let time = |at| path::first(finding, at).and_then(Moment::of).map(Moment::to_the_second);
        let count = path::first(finding, "service.count").and_then(Value::as_u64);
        Self { updated_at: time("updatedAt"), last_seen: time("service.eventLastSeen"), count }
    }

    /// The version, if its times can be true; else one that is older than any.
    pub(crate) fn believed(self, now: Moment) -> Self {
        let latest = now.plus_hours(HOURS_AHEAD);
        let is_possible = |time: Option<Moment>| time.is_none_or(|time| time <= latest);
        if is_possible(self.updated_at) && is_possible(self.last_seen) {
            self
        } else {
            Self::default()
        }
    }

    /// The line that stands in front of a pristine copy.
    pub(crate) fn line(self) -> String {
        let time = |time: Option<Moment>| time.map_or(NOTHING.to_owned(), |time| time.to_string());
        let count = self.count.map_or(NOTHING.to_owned(), |count| count.to_string());
        format!("{BEGIN}{} {} {count}{END}", time(self.updated_at), time(self.last_seen))
    }

    /// Reads that line; and what stands behind it. A copy without one is older than any.
    pub(crate) fn split(text: &str) -> (Self, &str) {
        Self::read(text).unwrap_or((Self::default(), text))
    }

    fn read(text: &str) -> Option<(Self, &str)> {
        let (words, rest) = text.strip_prefix(BEGIN)?.split_once(END)?;
        let mut words = words.split(' ');
        let [updated_at, last_seen, count] = [words.next()?, words.next()?, words.next()?];
        let [updated_at, last_seen] = [updated_at, last_seen].map(Moment::parse);
        Some((Self { updated_at, last_seen, count: count.parse().ok() }, rest))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn version(updated_at: &str, last_seen: &str, count: u64) -> Version {
        Version::of(&json!({
            "updatedAt": updated_at,
            "service": {"eventLastSeen": last_seen, "count": count},
        }))
    }

    #[test]
    fn the_update_decides_then_the_last_activity_then_the_count() {
        let [early, late] = ["2026-01-31T12:00:00Z", "2026-01-31T12:00:01.5Z"];
        assert!(version(early, late, 9) < version(late, early, 3));
        assert!(version(early, early, 9) < version(early, late, 3));
        assert!(version(early, early, 3) < version(early, early, 9));
        assert_eq!(version(early, late, 3), version(early, late, 3));
        for unreadable in ["", "yesterday", "2026-13-01"] {
            assert!(version(unreadable, late, 9) < version(early, early, 3));
            assert!(version(unreadable, "", 3) < version(unreadable, "", 9));
        }
    }

    #[test]
    fn a_time_that_is_not_yet_is_not_believed() {
        let now = Moment::parse("2026-01-31T12:00:00Z").unwrap();
        let soon = version("2026-01-31T12:59:00Z", "", 1);
        assert_eq!(soon.believed(now), soon);
        let past = "2026-01-01T00:00:00Z";
        for future in ["2026-01-31T13:00:01Z", "9999-12-31T23:59:59Z"] {
            assert_eq!(version(future, past, u64::MAX).believed(now), Version::default());
            assert_eq!(version(past, future, u64::MAX).believed(now), Version::default());
        }
    }

    #[test]
    fn the_line_of_a_copy_is_read_again() {
        let time = "2026-01-31T12:00:00Z";
        for version in [version(time, time, 9), version("x", time, 9), Version::default()] {
            assert_eq!(Version::split(&(version.line() + "---\n")), (version, "---\n"));
        }
        for text in ["", "---\n", "<!-- guardduty-runbooks: the finding of x", "# A\n"] {
            assert_eq!(Version::split(text), (Version::default(), text));
        }
    }
}
