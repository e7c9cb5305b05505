//! What the browser asks for: a runbook filled with the values of a finding that somebody pasted.
//!
//! The functions take and give JSON texts, because they are called across the border of
//! WebAssembly. They call [`event::read`] and [`fill()`], and know no rule of safety of their own.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::article::article;
use crate::event::{self, BadRecord, Event, EventType, path};
use crate::fill::fill;
use crate::fill::values::{Open, Values};
use crate::guidance::{Library, placeholder};
use crate::severity::SeverityLevel;

/// The data files of the guidance that declare placeholders. They are given to the browser, so that
/// the compiled code stays the same when guidance changes.
pub const GUIDANCE_FILES: [&str; 2] = ["common.md", "placeholders.toml"];

/// Longer facts are cut: they are for a look.
const MAX_FACT: usize = 300;

/// What is asked.
#[derive(Debug, Deserialize)]
struct Question {
    /// The text that somebody pasted.
    finding: String,
    /// The runbook to fill; none asks only which one the finding needs.
    runbook: Option<Runbook>,
    /// The data files of the guidance that declare placeholders, by name and text.
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

/// A finding, and a runbook with its values.
#[derive(Debug, Serialize)]
struct Filling {
    finding_type: String,
    /// The name of the runbook's page without `.html`; none where the type cannot be read.
    slug: Option<String>,
    /// Whether the type is one that GuardDuty generates.
    is_active: bool,
    is_sample: bool,
    /// How many other findings the text holds.
    others: usize,
    /// What the finding says of itself, in words.
    facts: Vec<(&'static str, String)>,
    /// The runbook as HTML; none where no runbook was asked for.
    html: Option<String>,
    /// What was filled in, by placeholder.
    filled: BTreeMap<String, FilledValue>,
    /// What stayed open, by placeholder, and why.
    open: BTreeMap<String, &'static str>,
}

/// A value that stands in the runbook now.
#[derive(Debug, Serialize)]
struct FilledValue {
    value: String,
    /// Whether it is in AWS's own format.
    is_exact: bool,
    /// How many other values of the kind the finding has.
    others: usize,
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
    let files: Vec<(&str, &str)> =
        question.guidance.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let library = match Library::read(&files) {
        Ok(library) => library,
        Err(error) => return problem(&error, None),
    };
    let mut records = event::read(question.finding.as_bytes());
    match records.next() {
        Some(Ok(event)) => {
            let others = records.filter(Result::is_ok).count();
            Answer::Finding(Box::new(filling(&event, question.runbook.as_ref(), &library, others)))
        }
        Some(Err(BadRecord { problem: what, .. })) => problem(&what, what.hint()),
        None => problem(&"there is nothing to read", None),
    }
}

fn problem(message: &dyn Display, hint: Option<&str>) -> Answer {
    Answer::Problem { message: message.to_string(), hint: hint.map(str::to_owned) }
}

fn filling(event: &Event, runbook: Option<&Runbook>, library: &Library, others: usize) -> Filling {
    let finding_type = match &event.finding_type {
        EventType::Unreadable(text) => plain(text),
        known => known.name().map_or_else(String::new, ToString::to_string),
    };
    let mut filling = Filling {
        finding_type,
        slug: event.finding_type.name().map(|name| name.slug().as_str().to_owned()),
        is_active: matches!(event.finding_type, EventType::Active(_)),
        is_sample: event.is_sample(),
        others,
        facts: facts(&event.json),
        html: None,
        filled: BTreeMap::new(),
        open: BTreeMap::new(),
    };
    if let Some(runbook) = runbook {
        let values = Values::of(event, library);
        let filled = fill(&runbook.markdown, &values);
        filling.html = Some(article(&filled.text, &runbook.title, &diagram_stays).html);
        filling.open = filled.open.into_iter().map(|(name, why)| (name, reason(why))).collect();
        filling.filled = placeholder::names_in(&runbook.markdown)
            .filter_map(|name| {
                let value = values.get(&name).ok()?;
                let (is_exact, others) = (value.is_exact, value.others);
                Some((name, FilledValue { value: value.text.clone(), is_exact, others }))
            })
            .collect();
    }
    filling
}

/// The page has drawn the diagrams already; it puts them where these marks are.
#[expect(clippy::unnecessary_wraps, reason = "the signature is that of a renderer")]
fn diagram_stays(_: &str) -> Option<String> {
    Some("<figure class=\"flow\"></figure>\n".to_owned())
}

/// What is shown of a finding above its runbook.
fn facts(finding: &Value) -> Vec<(&'static str, String)> {
    const FACTS: [(&str, &str); 9] = [
        ("Title", "title"),
        ("Account", "accountId"),
        ("Region", "region"),
        ("Resource", "resource.resourceType"),
        ("Count", "service.count"),
        ("First seen", "service.eventFirstSeen"),
        ("Last seen", "service.eventLastSeen"),
        ("Updated", "updatedAt"),
        ("Finding ID", "id"),
    ];
    let text = |path| match path::first(finding, path)? {
        Value::String(text) => Some(plain(text)),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let mut facts = Vec::new();
    if let Some(score) = path::first(finding, "severity").and_then(Value::as_f64) {
        facts.push(("Severity", format!("{} ({score})", level_of(score))));
    }
    facts.extend(FACTS.iter().filter_map(|&(label, path)| Some((label, text(path)?))));
    facts.retain(|(_, text)| !text.is_empty());
    facts
}

/// The level of a finding's severity.
fn level_of(score: f64) -> SeverityLevel {
    match score {
        9.0.. => SeverityLevel::Critical,
        7.0.. => SeverityLevel::High,
        4.0.. => SeverityLevel::Medium,
        _ => SeverityLevel::Low,
    }
}

fn reason(open: Open) -> &'static str {
    match open {
        Open::NotOfFindings => "no finding has it: take it from the step that it stands in",
        Open::NotInThisFinding => "this finding does not have it",
        Open::Unfit => {
            "the finding's value is not what its type allows, so that it stays out of commands"
        }
        Open::MeansSomething => {
            "the value has a comma or `=`, which the AWS CLI would read as syntax"
        }
        Open::Unknown => "it is not one of the guidance's placeholders: your team put it there",
    }
}

/// Text of a finding without characters that act or reorder, and not too long.
fn plain(text: &str) -> String {
    let acts = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let mut shown: String = text.chars().filter(|&c| !acts(c)).take(MAX_FACT).collect();
    if shown.len() < text.len() && shown.chars().count() == MAX_FACT {
        shown.push('…');
    }
    shown
}
