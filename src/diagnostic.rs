//! What a run did not understand, with the place in the guide.

use std::fmt;

use crate::finding_type::FindingType;
use crate::guide::{GuideLink, PageName};

/// One thing that was not as expected on a page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// The page where it was seen.
    pub page: PageName,
    /// The place within the page, where there is one.
    pub anchor: Option<String>,
    /// The finding type that it concerns, where it concerns one.
    pub finding_type: Option<FindingType>,
    /// What was not as expected.
    pub problem: Problem,
}

/// What was not as expected.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// A row of the index names nothing that is a finding type.
    NotAFindingType(String),
    /// Two finding types would have the same file.
    SameFile(FindingType),
    /// The index links to a page that the source does not have or that could not be read.
    PageUnavailable(String),
    /// No section explains a finding type that the index names.
    SectionMissing,
    /// A section without a one-sentence description and without any paragraph.
    DescriptionMissing,
    /// Neither the index nor the section gives a severity that is understood.
    SeverityMissing(String),
    /// Neither the index nor the section gives a data source or feature.
    DataSourceMissing,
    /// A row of Custom Detection Rules that is not a finding type, a signal and a severity.
    SignalNotUnderstood(String),
    /// The index gives an anchor that the page does not have; the section was found by its heading.
    AnchorWrong,
    /// The heading of the section reads otherwise than the index; the heading was taken.
    NameDiffers(String),
    /// A section stands twice on its page; the longer one was taken.
    SectionTwice,
    /// Index and section give different severities; the index was taken.
    SeverityDiffers {
        /// What the index says.
        index: String,
        /// What the section says.
        section: String,
    },
    /// The remediation part of finding types links to a page or place that the source does not have.
    LinkedPageMissing {
        /// Where the link leads.
        link: GuideLink,
        /// How many finding types link there.
        linked_from: usize,
    },
}

impl Diagnostic {
    /// Whether a fact is missing from a runbook, or a whole runbook; such a run ends with status 4.
    pub fn loses_fact(&self) -> bool {
        !matches!(
            self.problem,
            Problem::AnchorWrong
                | Problem::NameDiffers(_)
                | Problem::SectionTwice
                | Problem::SeverityDiffers { .. }
                | Problem::LinkedPageMissing { .. }
        )
    }

    /// Whether it concerns the list of finding types itself, so that the list may be incomplete.
    pub fn concerns_index(&self) -> bool {
        matches!(self.problem, Problem::NotAFindingType(_) | Problem::SignalNotUnderstood(_))
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.page)?;
        if let Some(anchor) = &self.anchor {
            write!(f, "#{anchor}")?;
        }
        write!(f, ": ")?;
        if let Some(finding_type) = &self.finding_type {
            write!(f, "{finding_type}: ")?;
        }
        write!(f, "{}", self.problem)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAFindingType(row) => {
                write!(f, "a row of the table names no finding type: {row:?}")
            }
            Self::SameFile(other) => write!(f, "would have the same file as {other}; not written"),
            Self::PageUnavailable(reason) => write!(f, "AWS's text is missing: {reason}"),
            Self::SectionMissing => {
                write!(f, "AWS's text is missing: the page has no section for this finding type")
            }
            Self::DescriptionMissing => write!(f, "the section describes nothing"),
            Self::SeverityMissing(wording) if wording.is_empty() => {
                write!(f, "neither table nor section gives a severity")
            }
            Self::SeverityMissing(wording) => {
                write!(f, "the severity {wording:?} is not understood")
            }
            Self::DataSourceMissing => {
                write!(f, "neither table nor section gives a data source or feature")
            }
            Self::SignalNotUnderstood(row) => {
                write!(f, "not a finding type with a signal and a severity: {row:?}")
            }
            Self::AnchorWrong => {
                write!(
                    f,
                    "the table links to an anchor that the page does not have; found by heading"
                )
            }
            Self::NameDiffers(index) => {
                write!(f, "the table calls it {index:?}; the heading of its section was taken")
            }
            Self::SectionTwice => write!(f, "the section stands twice; the longer one was taken"),
            Self::SeverityDiffers { index, section } => {
                write!(
                    f,
                    "severity {index:?} in the table, {section:?} in the section; the table was taken"
                )
            }
            Self::LinkedPageMissing { link: GuideLink { page, anchor }, linked_from } => {
                let place = match anchor {
                    Some(anchor) => format!("{page}#{anchor}"),
                    None => page.to_string(),
                };
                let types =
                    if *linked_from == 1 { "finding type links" } else { "finding types link" };
                write!(
                    f,
                    "the remediation steps of {place} are left out, because the source does not have them; {linked_from} {types} there"
                )
            }
        }
    }
}
