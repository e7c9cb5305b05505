//! The whole catalogue as data: JSON with a schema of its own, and CSV.
//!
//! It is the list of [`crate::listing`], and for each finding type what guidance knows of it.

use serde::Serialize;

use super::{ExportFile, RunbookLinks};
use crate::catalogue::CatalogueEntry;
use crate::guidance::{Field, Guidance, Question, Step, library};
use crate::guide::GuideUrl;
use crate::listing::{self, Row};

/// The JSON Schema (draft 2020-12) of the JSON.
pub const SCHEMA: &str = include_str!("../../schemas/catalogue.schema.json");

/// The name of the schema's file, which lies beside the JSON.
const SCHEMA_NAME: &str = "catalogue.schema.json";

/// The catalogue as JSON, then its schema.
pub fn json(
    entries: &[&CatalogueEntry],
    links: &RunbookLinks,
    guide: &GuideUrl,
) -> [ExportFile; 2] {
    let rows = rows(entries, guide);
    let catalogue = Catalogue {
        schema: SCHEMA_NAME,
        finding_types: rows.iter().map(|row| entry(row, links)).collect(),
    };
    let text = serde_json::to_string_pretty(&catalogue).expect("it holds nothing but texts");
    [ExportFile::new("catalogue.json", format!("{text}\n")), ExportFile::new(SCHEMA_NAME, SCHEMA)]
}

/// The catalogue as CSV (RFC 4180) with a heading line. Several values in a cell have `; ` or line
/// breaks between them; no cell is a formula, as in [`listing::csv`].
pub fn csv(entries: &[&CatalogueEntry], links: &RunbookLinks, guide: &GuideUrl) -> ExportFile {
    const MORE: [&str; 7] =
        ["kind", "family", "summary", "first_move", "questions", "suppression", "runbook"];
    let rows = rows(entries, guide);
    let more = |row: &Row| {
        let FindingTypeData {
            kind,
            family,
            summary,
            first_move,
            questions,
            suppression,
            runbook,
            ..
        } = entry(row, links);
        let asked = questions.iter().map(|question| question.ask).collect::<Vec<_>>().join("\n");
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let suppression = match suppression {
            Suppression { allowed: true, reason } => format!("allowed: {reason}"),
            Suppression { allowed: false, reason } => format!("never: {reason}"),
        };
        [
            text(kind),
            text(family),
            text(summary),
            first_move.to_owned(),
            asked,
            suppression,
            runbook,
        ]
    };
    ExportFile::new("catalogue.csv", listing::csv_with(&rows, MORE, more))
}

#[derive(Serialize)]
struct Catalogue<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    finding_types: Vec<FindingTypeData<'a>>,
}

/// A finding type with its facts and what guidance knows of it. Texts are Markdown.
#[derive(Serialize)]
struct FindingTypeData<'a> {
    #[serde(flatten)]
    row: &'a Row,
    runbook: String,
    kind: Option<&'a str>,
    family: Option<&'a str>,
    summary: Option<&'a str>,
    first_move: &'a str,
    fields: &'a [Field],
    questions: Vec<Asked<'a>>,
    steps: Vec<StepTitle>,
    benign_causes: Vec<&'a str>,
    suppression: Suppression,
    placeholders: Vec<PlaceholderFacts<'a>>,
}

#[derive(Serialize)]
struct Asked<'a> {
    id: &'a str,
    ask: &'a str,
    path: Option<&'a str>,
}

#[derive(Serialize)]
struct StepTitle {
    section: &'static str,
    id: String,
    title: String,
    /// Whether a note says what it breaks.
    changes: bool,
}

#[derive(Serialize)]
struct Suppression {
    allowed: bool,
    reason: String,
}

#[derive(Serialize)]
struct PlaceholderFacts<'a> {
    name: String,
    from: Vec<String>,
    what: &'a str,
}

fn rows(entries: &[&CatalogueEntry], guide: &GuideUrl) -> Vec<Row> {
    listing::active(entries.iter().copied(), guide)
}

fn entry<'a>(row: &'a Row, links: &RunbookLinks) -> FindingTypeData<'a> {
    let guidance = library().guidance(&row.finding_type);
    let placeholders = guidance.placeholders(library()).into_iter();
    let placeholders = placeholders.map(|one| PlaceholderFacts {
        name: one.shown(),
        from: one.from.iter().map(ToString::to_string).collect(),
        what: &one.what,
    });
    FindingTypeData {
        row,
        runbook: links.link(&row.slug),
        kind: guidance.kind,
        family: guidance.family,
        summary: guidance.summary,
        first_move: guidance.first_move,
        fields: guidance.fields,
        questions: guidance.questions.iter().map(|question| asked(question)).collect(),
        steps: steps(&guidance),
        suppression: suppression(&guidance),
        placeholders: placeholders.collect(),
        benign_causes: guidance.benign,
    }
}

fn asked(question: &Question) -> Asked<'_> {
    Asked { id: &question.id, ask: &question.ask, path: question.path.as_deref() }
}

fn steps(guidance: &Guidance<'_>) -> Vec<StepTitle> {
    let step = |section, step: &Step| StepTitle {
        section,
        id: step.id.clone(),
        title: step.title.clone(),
        changes: step.changes_something(),
    };
    guidance
        .sections()
        .into_iter()
        .flat_map(|(section, steps)| {
            steps.into_iter().map(move |one| step(section, one)).collect::<Vec<_>>()
        })
        .collect()
}

fn suppression(guidance: &Guidance<'_>) -> Suppression {
    let suppression = &guidance.suppression;
    let reason = suppression.never.as_ref().or(suppression.when.as_ref());
    Suppression {
        allowed: suppression.never.is_none(),
        reason: reason.cloned().unwrap_or_default(),
    }
}
