//! Where a finding has the value of a placeholder.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

/// A place in a finding's JSON, and which part of the text there is the value. In the data files
/// and in runbooks it is written `resource.ebsSnapshotDetails.snapshotArn | last`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Origin {
    /// The path, from the top of the finding.
    pub path: String,
    /// The part of what is there.
    pub part: Part,
}

/// Which part of a text is the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// What follows the last `/` or `:`, as the name in an ARN does: `| last`.
    Last,
    /// What follows these words, if it begins with them: `| after service:`.
    After(String),
    /// What follows the first of these, wherever it is: `| behind :`.
    Behind(String),
}

impl Origin {
    /// The place in words, as Markdown: ``the last part of `resource.…Arn` ``.
    pub fn markdown(&self) -> String {
        let path = &self.path;
        match &self.part {
            Part::Whole => format!("`{path}`"),
            Part::Last => format!("the last part of `{path}`"),
            Part::After(mark) | Part::Behind(mark) => format!("what follows `{mark}` in `{path}`"),
        }
    }
}

impl Part {
    /// The part of a text; none where the text has no such part.
    pub fn of<'t>(&self, text: &'t str) -> Option<&'t str> {
        let part = match self {
            Self::Whole => text,
            Self::Last => text.rsplit(['/', ':']).next()?,
            Self::After(words) => text.strip_prefix(words.as_str())?,
            Self::Behind(mark) => text.split_once(mark.as_str())?.1,
        };
        (!part.is_empty()).then_some(part)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        match &self.part {
            Part::Whole => Ok(()),
            Part::Last => f.write_str(" | last"),
            Part::After(words) => write!(f, " | after {words}"),
            Part::Behind(mark) => write!(f, " | behind {mark}"),
        }
    }
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (path, part) = match text.split_once(" | ") {
            None => (text, Part::Whole),
            Some((path, part)) => {
                let part = match part.split_once(' ') {
                    None if part == "last" => Part::Last,
                    Some(("after", words)) => Part::After(words.to_owned()),
                    Some(("behind", mark)) => Part::Behind(mark.to_owned()),
                    _ => {
                        return Err(format!(
                            "{part:?} is no part of a value: `last`, `after WORDS` or `behind MARK`"
                        ));
                    }
                };
                (path, part)
            }
        };
        let spelt = |c: char| c.is_ascii_alphanumeric() || ".[]=_-".contains(c);
        if path.is_empty() || !path.chars().all(spelt) {
            return Err(format!("{path:?} is no path into a finding"));
        }
        Ok(Self { path: path.to_owned(), part })
    }
}

impl TryFrom<String> for Origin {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_shown_as_it_is_written() {
        for text in [
            "resource.s3BucketDetails[].name",
            "resource.ebsSnapshotDetails.snapshotArn | last",
            "resource.ecsClusterDetails.taskDetails.group | after service:",
            "resource.accessKeyDetails[userType=AssumedRole].principalId | behind :",
        ] {
            assert_eq!(text.parse::<Origin>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_runbook_says_it_in_words() {
        let markdown = |text: &str| text.parse::<Origin>().unwrap().markdown();
        assert_eq!(markdown("a.b"), "`a.b`");
        assert_eq!(markdown("a.b | last"), "the last part of `a.b`");
        assert_eq!(markdown("a.b | after x:"), "what follows `x:` in `a.b`");
        assert_eq!(markdown("a.b | behind :"), "what follows `:` in `a.b`");
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let error = |text: &str| text.parse::<Origin>().unwrap_err();
        assert_eq!(
            error("a.b | first"),
            "\"first\" is no part of a value: `last`, `after WORDS` or `behind MARK`"
        );
        assert_eq!(error("a b"), "\"a b\" is no path into a finding");
        assert_eq!(error(""), "\"\" is no path into a finding");
    }

    #[test]
    fn parts_of_texts() {
        let part = |origin: &str, text: &'static str| {
            let origin: Origin = format!("x | {origin}").parse().unwrap();
            origin.part.of(text)
        };
        for (text, last) in [
            ("arn:aws:ec2:eu-west-1:111122223333:snapshot/snap-1", Some("snap-1")),
            ("arn:aws:s3:::logs", Some("logs")),
            ("arn:aws:iam::111122223333:role/team/deploy", Some("deploy")),
            ("i-1", Some("i-1")),
            ("arn:aws:s3:::", None),
        ] {
            assert_eq!(part("last", text), last, "{text}");
        }
        assert_eq!(part("after service:", "service:web"), Some("web"));
        assert_eq!(part("after service:", "family:web"), None);
        assert_eq!(part("behind :", "AROAEXAMPLE:i-1"), Some("i-1"));
        assert_eq!(part("behind :", "AIDAEXAMPLE"), None);
    }
}
