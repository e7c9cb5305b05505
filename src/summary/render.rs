//! A summary for people and for programs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Row, Summary};
use crate::finding::{ClaimedType, Damage};
use crate::finding_type::FindingType;
use crate::moment::Moment;
use crate::runbook::markdown::{cell_text, escape};
use crate::text::columns::{self, Align};
use crate::workspace::RunbookState;

const COLUMNS: [&str; 7] =
    ["Severity", "Finding type", "Findings", "Records", "First seen", "Last seen", "Runbook"];

/// Which columns hold numbers.
const NUMBERS: [bool; 7] = [false, false, true, true, false, false, false];

/// Aligned columns, for a terminal.
pub fn table(summary: &Summary) -> String {
    let mut text = aligned(&summary.rows);
    if !summary.samples.is_empty() {
        text += &format!("\nSample findings:\n{}", aligned(&summary.samples));
    }
    text += &format!("\n{}\n", about(summary));
    for (name, counts) in [("Accounts", &summary.accounts), ("Regions", &summary.regions)] {
        if !counts.is_empty() {
            text += &format!("{name}: {}\n", most(counts));
        }
    }
    text
}

/// A document in Markdown.
pub fn markdown(summary: &Summary) -> String {
    let mut text = format!("# GuardDuty findings\n\n{}\n", about(summary));
    if !summary.rows.is_empty() {
        text += &format!("\n{}", markdown_table(&summary.rows));
    }
    if !summary.samples.is_empty() {
        text += &format!("\n## Sample findings\n\n{}", markdown_table(&summary.samples));
    }
    for (name, counts) in [("Accounts", &summary.accounts), ("Regions", &summary.regions)] {
        if !counts.is_empty() {
            text += &format!("\n{name}: {}\n", escape(&most(counts)));
        }
    }
    if summary.bad_records > 0 {
        text += "\n## What could not be read\n\n";
        for (input, bad) in &summary.bad {
            text += &format!("- {}\n", escape(&format!("{input}, {bad}")));
        }
        if let Some(more) = more(summary.bad_records, summary.bad.len()) {
            text += &format!("- {more}\n");
        }
    }
    if summary.damaged_records > 0 {
        text += "\n## What was damaged\n\n";
        for (input, damage) in &summary.damaged {
            text += &format!("- {}\n", escape(&format!("{input}, {damage}")));
        }
        if let Some(more) = more(summary.damaged_records, summary.damaged.len()) {
            text += &format!("- {more}\n");
        }
    }
    text
}

/// All of it, for programs.
pub fn json(summary: &Summary) -> String {
    let rows = |rows: &[Row]| rows.iter().map(row_json).collect::<Value>();
    let bad = summary.bad.iter().map(|(input, bad)| {
        let (place, problem) = (bad.place, bad.problem.to_string());
        json!({"input": input, "line": place.line, "byte": place.byte, "problem": problem})
    });
    let damaged = summary.damaged.iter().map(|(input, damage)| {
        let Damage { place, fields, others } = damage;
        json!({"input": input, "line": place.line, "byte": place.byte, "fields": fields,
            "other_fields": others})
    });
    let value = json!({
        "records": summary.records,
        "findings": summary.findings,
        "types": rows(&summary.rows),
        "samples": rows(&summary.samples),
        "accounts": summary.accounts,
        "regions": summary.regions,
        "bad_records": summary.bad_records,
        "bad": bad.collect::<Value>(),
        "damaged_records": summary.damaged_records,
        "damaged": damaged.collect::<Value>(),
        "records_beyond": summary.records_beyond,
    });
    format!("{value:#}\n")
}

/// What is said where only some are listed.
fn more(all: u64, listed: usize) -> Option<String> {
    let more = all.saturating_sub(listed as u64);
    (more > 0).then(|| format!("and {more} more"))
}

/// What the numbers mean.
fn about(summary: &Summary) -> String {
    let samples = if summary.samples.is_empty() { "" } else { ", samples among them" };
    let mut text = format!(
        "{} in {}{}.",
        counted(summary.findings as u64, "finding"),
        counted(summary.records, "record"),
        samples
    );
    let all = || summary.rows.iter().chain(&summary.samples);
    let without = all().filter(|row| row.runbook == RunbookState::Missing).map(Row::name);
    let missing = without.collect::<BTreeSet<_>>().len();
    if missing > 0 {
        text += &format!(" {} without a runbook.", counted(missing as u64, "finding type"));
    }
    if all().any(|row| row.findings == 0) {
        text += " A finding counts with the severity of its latest record.";
    }
    if summary.bad_records > 0 {
        text += &format!(" {} could not be read.", counted(summary.bad_records, "record"));
    }
    if summary.damaged_records > 0 {
        text += &format!(" {} damaged.", counted(summary.damaged_records, "record"));
    }
    if summary.records_beyond > 0 {
        let records = counted(summary.records_beyond, "record");
        text += &format!(" There are too many findings to tell them apart in {records}.");
    }
    text
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// The names with the highest counts.
fn most(counts: &BTreeMap<String, u64>) -> String {
    const SHOWN: usize = 10;
    let mut sorted: Vec<_> = counts.iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let shown: Vec<String> =
        sorted.iter().take(SHOWN).map(|(name, count)| format!("{name} ({count})")).collect();
    let more = sorted.len().saturating_sub(SHOWN);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    shown.join(", ") + &rest
}

fn cells(row: &Row) -> [String; 7] {
    let time = |moment: Option<Moment>| moment.map_or("unknown".to_owned(), |m| m.to_string());
    let level = row.level.map_or("none", |level| level.as_str());
    [
        level.to_owned(),
        name(row),
        row.findings.to_string(),
        row.records.to_string(),
        time(row.first_seen),
        time(row.last_seen),
        row.runbook.word().to_owned(),
    ]
}

fn name(row: &Row) -> String {
    match &row.finding_type {
        ClaimedType::Retired(name) => format!("{name} (retired)"),
        ClaimedType::Unknown(name) => format!("{name} (not in the catalogue)"),
        ClaimedType::Active(name) => name.to_string(),
        ClaimedType::Unreadable(text) => format!("{text:?}"),
    }
}

fn row_json(row: &Row) -> Value {
    let status = match &row.finding_type {
        ClaimedType::Active(_) => "active",
        ClaimedType::Retired(_) => "retired",
        ClaimedType::Unknown(_) => "unknown",
        ClaimedType::Unreadable(_) => "unreadable",
    };
    let time = |moment: Option<Moment>| moment.map(|moment| moment.to_string());
    json!({
        "finding_type": row.name(),
        "slug": row.finding_type.name().map(FindingType::slug),
        "status": status,
        "severity": row.level,
        "findings": row.findings,
        "records": row.records,
        "first_seen": time(row.first_seen),
        "last_seen": time(row.last_seen),
        "runbook": row.runbook.word(),
    })
}

fn aligned(rows: &[Row]) -> String {
    let rows = rows.iter().map(cells);
    let lines: Vec<_> = std::iter::once(COLUMNS.map(str::to_owned)).chain(rows).collect();
    let align = NUMBERS.map(|is_number| if is_number { Align::Right } else { Align::Left });
    columns::aligned(&lines, align)
}

fn markdown_table(rows: &[Row]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let rule = NUMBERS.map(|is_number| if is_number { "---:" } else { "---" }.to_owned());
    let mut text = line(&COLUMNS.map(str::to_owned)) + &line(&rule);
    for row in rows {
        text += &line(&cells(row).map(|cell| cell_text(escape(&cell)).into_owned()));
    }
    text
}
