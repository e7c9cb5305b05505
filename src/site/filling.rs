//! What the browser asks for: a runbook filled with the values of a finding that somebody pasted.
//!
//! Question and answer are JSON texts, because they cross the border of WebAssembly. What is done is
//! what `fill` does ([`finding::read`], [`Case`]), and then [`article()`]: no rule of safety of its own
//! stands here.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::{Deserialize, Serialize};

use super::article::article;
use crate::case::{Case, RunbookOrigin, Status};
use crate::fill::values::Value;
use crate::finding::{self, Finding};
use crate::guidance::Library;

/// The data files of the guidance that declare placeholders. The page hands them over, so that the
/// compiled code stays the same when guidance changes.
pub const GUIDANCE_FILES: [&str; 2] = ["common.md", "placeholders.toml"];

/// What is asked.
#[derive(Debug, Deserialize)]
struct Question {
    /// The text that somebody pasted.
    finding: String,
    /// The runbook to fill; none asks only which one the finding needs.
    runbook: Option<Runbook>,
    /// The data files that [`GUIDANCE_FILES`] names, by name and text.
    guidance: Vec<(String, String)>,
}

/// A runbook of the site.
#[derive(Debug, Deserialize)]
struct Runbook {
    title: String,
    markdown: String,
}

/// What is answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    /// The finding was understood.
    Finding(Box<Filling>),
    /// It was not: what is wrong with it, and what to do.
    Problem { message: String, hint: Option<String> },
}

/// A finding, and the runbook with its values.
#[derive(Debug, Serialize)]
struct Filling {
    finding_type: String,
    /// The name of the runbook's page without `.html`.
    slug: String,
    status: Status,
    is_sample: bool,
    /// How many other findings the text holds.
    others: usize,
    /// The case as HTML; none where no runbook was given.
    html: Option<String>,
    /// The values that stand in commands, by placeholder.
    values: BTreeMap<String, Value>,
    /// How many placeholders stayed open.
    open: usize,
}

/// Answers a question of the page, both in JSON: `{"finding": "…", "runbook": {"title": "…",
/// "markdown": "…"}, "guidance": [["placeholders.toml", "…"], …]}`.
pub fn answer(question: &str) -> String {
    let answer = match serde_json::from_str(question) {
        Ok(question) => answered(&question),
        Err(error) => problem(&format_args!("the page asked wrongly: {error}"), None),
    };
    serde_json::to_string(&answer).expect("the answer holds nothing but texts and numbers")
}

fn answered(question: &Question) -> Answer {
    let guidance = &question.guidance;
    let files: Vec<(&str, &str)> =
        guidance.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let library = match Library::read(&files) {
        Ok(library) => library,
        Err(error) => return problem(&error, None),
    };
    let mut records = finding::read(question.finding.as_bytes());
    let finding = match records.next() {
        Some(Ok(finding)) => finding,
        Some(Err(bad)) => return problem(&bad.problem, bad.problem.hint()),
        None => return problem(&"there is nothing to read", None),
    };
    let others = records.flatten().count();
    filled(&finding, question.runbook.as_ref(), &library, others)
}

fn filled(
    finding: &Finding,
    runbook: Option<&Runbook>,
    library: &Library,
    others: usize,
) -> Answer {
    let markdown = runbook.map_or("", |runbook| runbook.markdown.as_str());
    let origin = RunbookOrigin { is_own: true, file: String::new(), url: None };
    let case = match Case::new(finding, markdown, origin, library) {
        Ok(case) => case,
        Err(error) => return problem(&error, None),
    };
    let html = |runbook: &Runbook| article(&case.markdown, &runbook.title, &diagram_stays).html;
    Answer::Finding(Box::new(Filling {
        finding_type: case.finding_type.to_string(),
        slug: case.finding_type.slug().as_str().to_owned(),
        status: case.status,
        is_sample: case.is_sample,
        others,
        html: runbook.map(html),
        open: case.open.len(),
        values: case.values,
    }))
}

fn problem(message: &dyn Display, hint: Option<&str>) -> Answer {
    Answer::Problem { message: message.to_string(), hint: hint.map(str::to_owned) }
}

/// The page has drawn the diagrams already; it puts them where these marks are.
#[expect(clippy::unnecessary_wraps, reason = "the signature is that of a renderer")]
fn diagram_stays(_: &str) -> Option<String> {
    Some("<figure class=\"flow\"></figure>\n".to_owned())
}
