//! How severe a finding type is by default, and whether that varies.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A level of AWS's scale: Low 1–3.9, Medium 4–6.9, High 7–8.9, Critical 9–10
/// (<https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SeverityLevel {
    /// 1.0 to 3.9.
    Low,
    /// 4.0 to 6.9.
    Medium,
    /// 7.0 to 8.9.
    High,
    /// 9.0 to 10.0.
    Critical,
}

impl SeverityLevel {
    /// All levels, lowest first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The level as AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
            Self::Critical => "Critical",
        }
    }

    /// The level of a finding's number; none for a number outside the scale.
    pub fn of_score(score: f64) -> Option<Self> {
        Some(match score {
            _ if !(1.0..=10.0).contains(&score) => return None,
            _ if score < 4.0 => Self::Low,
            _ if score < 7.0 => Self::Medium,
            _ if score < 9.0 => Self::High,
            _ => Self::Critical,
        })
    }

    /// The level that a word names, whatever its case.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str().eq_ignore_ascii_case(word))
    }
}

impl fmt::Display for SeverityLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The default severity of a finding type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Severity {
    /// The documented level; none where AWS gives only "variable".
    pub level: Option<SeverityLevel>,
    /// Whether a finding of this type can have another severity than the documented one.
    pub varies: bool,
    /// AWS's wording: `High`, `Low*`, `Varies depending on the detected threat`.
    pub documented: String,
}

impl Severity {
    /// Reads the wording of a severity as the index table and the sections give it; none where it
    /// names neither a level nor that it varies.
    pub fn parse(wording: &str) -> Option<Self> {
        let documented = wording.trim().trim_end_matches('.').trim();
        let word = documented.trim_end_matches(['*', '+']).trim();
        let level = SeverityLevel::from_word(word);
        let varies = documented.contains('*') || says_that_it_varies(word);
        (level.is_some() || varies).then(|| Self {
            level,
            varies,
            documented: documented.to_owned(),
        })
    }

    /// The severity of a type whose signals have severities of their own: the one level where they
    /// agree, else one that varies, documented as the list of the levels, highest first.
    pub fn of_signals(levels: &[SeverityLevel]) -> Option<Self> {
        let mut levels = levels.to_vec();
        levels.sort_unstable_by(|a, b| b.cmp(a));
        levels.dedup();
        let words: Vec<&str> = levels.iter().map(|level| level.as_str()).collect();
        match levels.as_slice() {
            [] => None,
            [one] => Some(Self { level: Some(*one), varies: false, documented: words.concat() }),
            _ => Some(Self { level: None, varies: true, documented: words.join(" or ") }),
        }
    }

    /// One word for a table or a front matter: the level, or `Variable`.
    pub fn word(&self) -> &'static str {
        self.level.map_or("Variable", SeverityLevel::as_str)
    }
}

/// The level and whether it varies; where there is no level, AWS's wording, which says itself that
/// the severity varies or else the levels between which it does.
impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wording = self.documented.trim_end_matches(['*', '+']);
        match (self.level, self.varies) {
            (Some(level), false) => f.pad(level.as_str()),
            (Some(level), true) => f.pad(&format!("{level} (varies)")),
            (None, _) if says_that_it_varies(wording) => f.pad(wording),
            (None, _) => f.pad(&format!("Variable ({wording})")),
        }
    }
}

/// Whether a wording begins with `Variable`, `Varies` or the like.
fn says_that_it_varies(wording: &str) -> bool {
    wording.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("var"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_form_is_read() {
        let read = |wording| Severity::parse(wording).map(|s| (s.level, s.varies));
        assert_eq!(read("High"), Some((Some(SeverityLevel::High), false)));
        assert_eq!(read("MEDIUM"), Some((Some(SeverityLevel::Medium), false)));
        assert_eq!(read("Low*"), Some((Some(SeverityLevel::Low), true)));
        assert_eq!(read(" Variable* "), Some((None, true)));
        assert_eq!(read("Varies depending on the detected threat."), Some((None, true)));
        assert_eq!(read("Variable, depending on the signal"), Some((None, true)));
        assert_eq!(read("Urgent"), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn what_varies_is_said_once() {
        let shown = |wording| Severity::parse(wording).unwrap().to_string();
        assert_eq!(shown("High"), "High");
        assert_eq!(shown("Low*"), "Low (varies)");
        assert_eq!(shown("Variable*"), "Variable");
        let wording = "Varies depending on the detected threat.";
        assert_eq!(shown(wording), "Varies depending on the detected threat");
        assert_eq!(format!("{:>10}", Severity::parse("Variable").unwrap()), "  Variable");
    }

    #[test]
    fn a_score_has_the_level_of_its_range() {
        let level = |score| SeverityLevel::of_score(score).map_or("none", SeverityLevel::as_str);
        let scores = [0.0, 1.0, 3.9, 4.0, 6.9, 7.0, 8.9, 9.0, 10.0, 10.1, f64::NAN];
        let levels = scores.map(level);
        assert_eq!(levels[..6], ["none", "Low", "Low", "Medium", "Medium", "High"]);
        assert_eq!(levels[6..], ["High", "Critical", "Critical", "none", "none"]);
    }

    #[test]
    fn signals_that_agree_have_one_level() {
        use SeverityLevel::{High, Low, Medium};
        assert_eq!(Severity::of_signals(&[High, High]).unwrap().to_string(), "High");
        let mixed = Severity::of_signals(&[Low, High, Medium, Low]).unwrap();
        assert_eq!((mixed.level, mixed.word()), (None, "Variable"));
        assert_eq!(mixed.to_string(), "Variable (High or Medium or Low)");
        assert_eq!(Severity::of_signals(&[]), None);
    }
}
