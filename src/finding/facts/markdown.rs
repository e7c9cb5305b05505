//! Facts as Markdown.

use super::cell::code;
use super::{Detail, Fact, Facts, Field};

/// More members of a list are counted, not shown.
const MAX_MEMBERS: usize = 5;
/// More things with fields are counted, not shown.
const MAX_THINGS: usize = 4;
/// More signals are counted, not shown.
const MAX_SIGNALS: usize = 50;

/// The columns of the timeline: heading, and the fields that stand there.
const COLUMNS: [(&str, &[&str]); 6] = [
    ("First seen", &["first seen", "last seen"]),
    ("Signal", &["", "type", "times", "description"]),
    ("Severity", &["severity", "level"]),
    ("Actors", &["actors"]),
    ("Resources and endpoints", &["resources", "endpoints"]),
    ("Calls and indicators", &["calls", "errors", "user agents", "indicators"]),
];

/// A table for each group that has facts, and one for the timeline.
pub(super) fn write(facts: &Facts) -> String {
    let groups = [
        ("What", &facts.what),
        ("Where", &facts.r#where),
        ("When", &facts.when),
        ("Who", &facts.who),
        ("How often", &facts.how_often),
    ];
    let mut parts: Vec<String> = Vec::new();
    for (heading, facts) in groups {
        if !facts.is_empty() {
            parts.push(group(heading, facts));
        }
    }
    if !facts.timeline.is_empty() {
        parts.push("**Timeline**\n".to_owned());
        parts.push(timeline(&facts.timeline));
    }
    if let Some(url) = &facts.console_url {
        parts.push(format!("[Open it in the GuardDuty console](<{url}>)\n"));
    }
    parts.join("\n")
}

fn group(heading: &str, facts: &[Fact]) -> String {
    let mut table = format!("| {heading} | |\n| --- | --- |\n");
    for Fact { label, values } in facts {
        for (at, cell) in cells(values).iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            table.push_str(&format!("| {label} | {cell} |\n"));
        }
    }
    table
}

/// The cells of a fact, one below the other: what has fields gets a cell for each, single values
/// share one.
fn cells(values: &[Detail]) -> Vec<String> {
    let (large, small): (Vec<&Detail>, Vec<&Detail>) =
        values.iter().partition(|value| matches!(value, Detail::Fields(_)));
    let mut cells: Vec<String> = large.iter().take(MAX_THINGS).map(|one| detail(one)).collect();
    if large.len() > MAX_THINGS {
        cells.push(format!("and {} more", large.len() - MAX_THINGS));
    }
    if !small.is_empty() {
        cells.push(list(small.into_iter().map(detail)));
    }
    cells
}

fn detail(detail: &Detail) -> String {
    match detail {
        Detail::Text(text) => code(text),
        Detail::Words(words) => (*words).to_owned(),
        Detail::Pair { key, value } if value.is_empty() => code(key),
        Detail::Pair { key, value } => format!("{}: {}", code(key), code(value)),
        Detail::Fields(fields) => list_of_fields(fields),
    }
}

/// The fields with their names; a text that was shown already is not shown again.
fn list_of_fields(fields: &[Field]) -> String {
    let mut shown: Vec<&String> = Vec::new();
    let mut parts = Vec::new();
    for Field { name, values, .. } in fields {
        let again = |text: &&String| shown.contains(text) && text.contains(char::is_alphabetic);
        if values.iter().all(|text| again(&text)) && name != &"level" {
            continue;
        }
        shown.extend(values);
        let values = list(values.iter().map(|text| code(text)));
        parts.push(if name.is_empty() { values } else { format!("{name} {values}") });
    }
    parts.join(", ")
}

fn list(members: impl ExactSizeIterator<Item = String>) -> String {
    let more = members.len().saturating_sub(MAX_MEMBERS);
    let mut shown: Vec<String> = members.take(MAX_MEMBERS).collect();
    if more > 0 {
        shown.push(format!("and {more} more"));
    }
    shown.join(", ")
}

fn timeline(signals: &[Detail]) -> String {
    let fields: Vec<&[Field]> = signals
        .iter()
        .filter_map(|one| match one {
            Detail::Fields(fields) => Some(fields.as_slice()),
            _ => None,
        })
        .collect();
    let has = |name: &&str| fields.iter().any(|one| one.iter().any(|field| field.name == *name));
    let columns: Vec<_> = COLUMNS.iter().filter(|(_, names)| names.iter().any(has)).collect();
    let headings: Vec<&str> = columns.iter().map(|(heading, _)| *heading).collect();
    let mut table = format!("| {} |\n|{}\n", headings.join(" | "), " --- |".repeat(columns.len()));
    for one in fields.iter().take(MAX_SIGNALS) {
        let cells: Vec<String> = columns.iter().map(|(_, names)| column(one, names)).collect();
        table.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    if fields.len() > MAX_SIGNALS {
        let empty = " |".repeat(columns.len() - 1);
        table.push_str(&format!("| and {} more |{empty}\n", fields.len() - MAX_SIGNALS));
    }
    table
}

/// The cell of a column; the first of its fields needs no name, the heading says it.
fn column(fields: &[Field], names: &[&str]) -> String {
    let of = |name: &&str| fields.iter().find(|field| field.name == *name).cloned();
    let mut fields: Vec<Field> = names.iter().filter_map(of).collect();
    if let Some(first) = fields.first_mut().filter(|first| first.name == names[0]) {
        first.name = "";
    }
    list_of_fields(&fields)
}
