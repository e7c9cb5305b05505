//! A case: the runbook of one finding, with the finding's own values and facts in it.
//!
//! In reading order: `document` puts a case into a runbook, [`name`] names its file, [`version`] says
//! how new its record is, [`folder`] keeps such files, and what people wrote into them, when the
//! finding is updated.

mod document;
pub mod folder;
pub mod name;
pub mod version;

use std::collections::BTreeMap;

use serde::Serialize;

use self::name::CaseName;
use self::version::Version;
use crate::fill::values::{Open, Value, Values};
use crate::fill::{Filled, fill};
use crate::finding::facts::Facts;
use crate::finding::{ClaimedType, Finding};
use crate::finding_type::FindingType;
use crate::guidance::Library;
use crate::severity::SeverityLevel;

/// The runbook of one finding. Serialised, it is what `fill --format json` prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Case {
    /// The finding type.
    pub finding_type: FindingType,
    /// Whether GuardDuty still generates findings of the type, as far as this program knows.
    pub status: Status,
    /// The level of the finding's own severity, which may differ from that of its type; none where
    /// the finding has no number of GuardDuty's scale.
    pub severity: Option<&'static str>,
    /// Whether GuardDuty made the finding up, to show what one looks like.
    pub is_sample: bool,
    /// The first fields of the finding that are damaged: parts of them could not be read, and show as
    /// U+FFFD. Untrusted.
    pub damaged: Vec<String>,
    /// The runbook that was filled in.
    pub runbook: RunbookOrigin,
    /// What the finding says. Untrusted.
    pub facts: Facts,
    /// The values that stand in commands, by the name of their placeholder.
    pub values: BTreeMap<String, Value>,
    /// The placeholders that are left, by name.
    pub open: BTreeMap<String, LeftOpen>,
    /// The runbook with the facts on top: UTF-8 with `\n` at the end of every line.
    pub markdown: String,
    /// The name of its file; none where the finding has no id.
    #[serde(skip)]
    pub name: Option<CaseName>,
    /// How new the record of the finding is.
    #[serde(skip)]
    pub version: Version,
}

/// Whether a finding type exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// GuardDuty generates findings of the type.
    Active,
    /// AWS has retired the type.
    Retired,
    /// This version of the program does not know the type.
    Unknown,
}

/// The runbook that a case was made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunbookOrigin {
    /// Whether it is a file of the folder of runbooks, rather than rendered from the built-in
    /// catalogue.
    pub is_own: bool,
    /// The name of its file.
    pub file: String,
    /// Where people read it, if that is known.
    pub url: Option<String>,
}

/// A placeholder that is left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOpen {
    /// Why.
    pub reason: Open,
    /// What to put in its place, where the guidance knows.
    pub what: Option<String>,
}

/// A finding whose type is no finding type, so that there is no runbook for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a finding type")]
pub struct NoType(pub String);

impl Case {
    /// The case of a finding, in a runbook of its type.
    pub fn new(
        finding: &Finding,
        runbook: &str,
        origin: RunbookOrigin,
        library: &Library,
    ) -> Result<Self, NoType> {
        let (finding_type, status) = match &finding.finding_type {
            ClaimedType::Active(name) => (name, Status::Active),
            ClaimedType::Retired(name) => (name, Status::Retired),
            ClaimedType::Unknown(name) => (name, Status::Unknown),
            ClaimedType::Unreadable(text) => return Err(NoType(text.clone())),
        };
        let values = Values::of(finding, library);
        let Filled { text, used, open } = fill(runbook, &values);
        let left = |(name, reason): (String, Open)| {
            let what = library.placeholders.get(&name).map(|one| one.what.clone());
            (name, LeftOpen { reason, what })
        };
        let mut case = Self {
            finding_type: finding_type.clone(),
            status,
            severity: severity(finding),
            is_sample: finding.is_sample(),
            damaged: finding.damage.iter().flat_map(|damage| damage.fields.clone()).collect(),
            runbook: origin,
            facts: Facts::of(&finding.json),
            values: used,
            open: open.into_iter().map(left).collect(),
            markdown: String::new(),
            name: CaseName::of(&finding.json, finding_type),
            version: Version::of(&finding.json),
        };
        case.markdown = document::write(&case, &text, &values);
        Ok(case)
    }
}

/// The level of a finding's number, as GuardDuty's console shows it.
fn severity(finding: &Finding) -> Option<&'static str> {
    let score = finding.json.get("severity")?.as_f64()?;
    SeverityLevel::of_score(score).map(SeverityLevel::as_str)
}
