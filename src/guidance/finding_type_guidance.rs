//! What only one finding type has to say, and its place among kinds and families.

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::GuidanceError;
use super::document::is_id;
use super::kind::Criterion;
use super::step::{Question, Step, blocks};
use crate::finding_type::FindingType;

/// The guidance of a finding type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingTypeGuidance {
    /// The finding type.
    pub finding_type: FindingType,
    /// The kind of the resource.
    pub kind: String,
    /// The family of the threat.
    pub family: String,
    /// What GuardDuty saw and why it matters.
    pub summary: String,
    /// What to do first, where that is not what the family says.
    pub first_move: Option<String>,
    /// What decides the severity, where it varies.
    pub severity: Option<String>,
    /// Ids of ATT&CK tactics.
    pub tactics: Vec<String>,
    /// Ids of ATT&CK techniques.
    pub techniques: Vec<String>,
    /// Why there is no tactic.
    pub no_attack: Option<String>,
    /// Ids of MITRE ATLAS.
    pub atlas: Vec<String>,
    /// What the finding itself tells.
    pub fields: Vec<Field>,
    /// The questions that only this type raises.
    pub questions: Vec<Question>,
    /// What else only this type can be.
    pub benign: Vec<String>,
    /// Whether and how its findings may be suppressed.
    pub suppression: TypeSuppression,
    /// The steps that only this type needs.
    pub investigate: Vec<Step>,
    /// The file that says so, and the line.
    pub(super) place: (String, usize),
}

/// A place in the finding, and what stands there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The path into the JSON of the finding.
    pub path: String,
    /// What the value tells.
    pub tells: String,
}

/// Whether findings of a type may be suppressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeSuppression {
    /// By a rule on the type and a second criterion.
    Rule {
        /// The second criterion.
        criterion: Criterion,
        /// When such a rule is right.
        when: String,
    },
    /// Not at all, for this reason.
    Never(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "type")]
    types: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: Spanned<String>,
    kind: String,
    family: String,
    summary: String,
    first_move: Option<String>,
    severity: Option<String>,
    tactics: Vec<String>,
    techniques: Vec<String>,
    no_attack: Option<String>,
    #[serde(default)]
    atlas: Vec<String>,
    #[serde(default)]
    field: Vec<Field>,
    question: Vec<QuestionEntry>,
    #[serde(default)]
    benign: Vec<BenignEntry>,
    suppress: Option<SuppressEntry>,
    do_not_suppress: Option<String>,
    #[serde(default)]
    investigate: Vec<StepEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionEntry {
    id: String,
    ask: String,
    path: String,
    answers: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BenignEntry {
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SuppressEntry {
    criterion: String,
    placeholder: String,
    when: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepEntry {
    id: String,
    title: String,
    text: String,
}

/// Reads a file of finding types.
pub(super) fn read(file: &str, text: &str) -> Result<Vec<FindingTypeGuidance>, GuidanceError> {
    let entries: File =
        toml::from_str(text).map_err(|error| GuidanceError::toml(file, text, 1, &error))?;
    let (mut line, mut counted) = (1, 0);
    let guidance = entries.types.into_iter().map(|entry| {
        let start = entry.name.span().start;
        line += text[counted..start].matches('\n').count();
        counted = start;
        entry.guidance(file, line)
    });
    guidance.collect()
}

impl Entry {
    fn guidance(self, file: &str, line: usize) -> Result<FindingTypeGuidance, GuidanceError> {
        let error = |reason: String| GuidanceError::new(file, line, reason);
        let name = self.name.into_inner();
        let finding_type: FindingType = name.parse().map_err(|fault| error(format!("{fault}")))?;
        let ids = self.question.iter().map(|question| &question.id);
        for id in ids.chain(self.investigate.iter().map(|step| &step.id)) {
            if !is_id(id) {
                return Err(error(format!("{id:?} is no id: lower case, digits and dashes")));
            }
        }
        let suppression = match (self.suppress, self.do_not_suppress) {
            (Some(SuppressEntry { criterion, placeholder, when }), None) => {
                TypeSuppression::Rule { criterion: Criterion { criterion, placeholder }, when }
            }
            (None, Some(reason)) => TypeSuppression::Never(reason),
            _ => {
                let reason = "it needs either `[type.suppress]` or `do_not_suppress`";
                return Err(error(format!("{name}: {reason}")));
            }
        };
        let question = |entry: QuestionEntry| {
            let answers = blocks(file, line, entry.answers.trim_matches('\n'))?;
            Ok(Question { id: entry.id, ask: entry.ask, path: Some(entry.path), answers })
        };
        let step = |entry: StepEntry| {
            let blocks = blocks(file, line, entry.text.trim_matches('\n'))?;
            Ok(Step { id: entry.id, title: entry.title, blocks })
        };
        Ok(FindingTypeGuidance {
            finding_type,
            kind: self.kind,
            family: self.family,
            summary: self.summary,
            first_move: self.first_move,
            severity: self.severity,
            tactics: self.tactics,
            techniques: self.techniques,
            no_attack: self.no_attack,
            atlas: self.atlas,
            fields: self.field,
            questions: self.question.into_iter().map(question).collect::<Result<_, _>>()?,
            benign: self.benign.into_iter().map(|benign| benign.text).collect(),
            suppression,
            investigate: self.investigate.into_iter().map(step).collect::<Result<_, _>>()?,
            place: (file.to_owned(), line),
        })
    }
}
