//! A filled runbook with the facts of its finding, as one Markdown document.

use super::{Case, Status};
use crate::fill::values::{Open, Values};
use crate::finding::facts::cell::code;
use crate::text::front_matter::front_matter_length;
use crate::text::sections::headings;

/// Facts of the finding that stand in the front matter, by the placeholder that has them.
const FRONT_MATTER: [&str; 4] = ["finding_id", "account_id", "region", "partition"];

/// The document: the runbook's front matter with the finding's id, its title and whatever stands
/// below that, the finding's facts, and the rest of the runbook.
pub(super) fn write(case: &Case, runbook: &str, values: &Values) -> String {
    let body_at = front_matter_length(runbook);
    let at = section_at(runbook, body_at);
    let mut text = front_matter(case, &runbook[..body_at], values);
    let before = runbook[body_at..at].trim_matches('\n');
    for part in [before, section(case).trim_end(), runbook[at..].trim_matches('\n')] {
        if !part.is_empty() {
            text.push_str(&format!("\n{part}\n"));
        }
    }
    text
}

/// Where the facts go: in front of the first heading below the title.
fn section_at(runbook: &str, body_at: usize) -> usize {
    let headings = headings(&runbook[body_at..]);
    let below_title = headings.get(1).map(|heading| heading.place.start);
    let behind_title = headings.first().map(|heading| heading.place.end);
    body_at + below_title.or(behind_title).unwrap_or(0)
}

/// The runbook's front matter, with what tells one finding from another.
fn front_matter(case: &Case, own: &str, values: &Values) -> String {
    let mut facts = Vec::new();
    if own.is_empty() {
        facts.push(("finding_type", format!("{:?}", case.finding_type.as_str())));
    }
    for name in FRONT_MATTER {
        if let Ok(value) = values.get(name) {
            // The grammars of these values hold nothing that a text in YAML would have to escape.
            facts.push((name, format!("\"{}\"", value.text)));
        }
    }
    if let Some(severity) = case.severity {
        facts.push(("severity", format!("\"{severity}\"")));
    }
    if case.is_sample {
        facts.push(("sample", "true".to_owned()));
    }
    let mut lines = vec!["---".to_owned()];
    let mut is_ours = false;
    for line in own.lines().filter(|line| line.trim_end() != "---") {
        // What the finding says goes before what the runbook has under the same key.
        if line.starts_with(|c: char| !c.is_whitespace() && !matches!(c, '#' | '-')) {
            let key = line.split(':').next().unwrap_or_default().trim_end();
            is_ours = facts.iter().any(|(name, _)| *name == key);
        }
        if !is_ours {
            lines.push(line.to_owned());
        } else if line.starts_with("severity:") {
            lines.push(format!("type_{line}"));
        }
    }
    lines.extend(facts.iter().map(|(name, value)| format!("{name}: {value}")));
    lines.push("---\n".to_owned());
    lines.join("\n")
}

fn section(case: &Case) -> String {
    let mut parts = vec!["## This finding".to_owned()];
    parts.extend(notes(case));
    parts.push(case.facts.to_markdown().trim_end().to_owned());
    if let Some(url) = &case.runbook.url {
        parts.push(format!("Runbook: [{}](<{url}>)", case.runbook.file));
    }
    parts.push(filled_in(case));
    parts.push(left_open(case));
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

fn notes(case: &Case) -> Vec<String> {
    let mut notes = Vec::new();
    if case.is_sample {
        notes.push(
            "> **Sample finding:** GuardDuty made it up. Nothing happened, and its resources do not \
             exist."
                .to_owned(),
        );
    }
    if !case.damaged.is_empty() {
        let fields: Vec<String> = case.damaged.iter().map(|field| code(field)).collect();
        notes.push(format!(
            "> **Damaged finding:** parts of it could not be read and show as `\u{fffd}`: {}. Look at the \
             finding in GuardDuty's console, too.",
            fields.join(", ")
        ));
    }
    match case.status {
        Status::Active => {}
        Status::Retired => notes.push(
            "> **Retired type:** AWS has retired this finding type, and GuardDuty generates no new \
             findings of it."
                .to_owned(),
        ),
        Status::Unknown => notes.push(
            "> **Unknown type:** this version of the program does not know the finding type. The \
             steps below follow from its resource and its threat purpose."
                .to_owned(),
        ),
    }
    notes
}

/// How many values stand in commands, and what there is to know about single ones.
fn filled_in(case: &Case) -> String {
    let told = case.values.iter().filter_map(|(name, value)| {
        let mut told = Vec::new();
        if !value.is_exact {
            told.push("not in AWS's own format".to_owned());
        }
        if value.others > 0 {
            told.push(format!("the first of {}; repeat its steps for each", value.others + 1));
        }
        let name = name.replace('_', " ");
        (!told.is_empty()).then(|| format!("- {name} `{}`: {}", value.text, told.join("; ")))
    });
    let told: Vec<String> = told.collect();
    let count = match case.values.len() {
        0 => "nothing; the finding has no value that the steps below need".to_owned(),
        1 => "one value of the finding stands in the steps below".to_owned(),
        count => format!("{count} values of the finding stand in the steps below"),
    };
    match told.as_slice() {
        [] => format!("**Filled in:** {count}."),
        told => format!("**Filled in:** {count}. Among them:\n\n{}", told.join("\n")),
    }
}

/// The placeholders that are left, by what there is to do about them.
fn left_open(case: &Case) -> String {
    let mut groups: Vec<(Open, Vec<String>)> = Vec::new();
    for (name, left) in &case.open {
        let name = format!("`<{}>`", name.to_ascii_uppercase());
        match groups.iter_mut().find(|(reason, _)| *reason == left.reason) {
            Some((_, names)) => names.push(name),
            None => groups.push((left.reason, vec![name])),
        }
    }
    // What needs a decision stands first; what a person gives anyway stands last.
    groups.sort_by_key(|(reason, _)| match reason {
        Open::NotInThisFinding => 1,
        Open::NotOfFindings | Open::Unknown => 2,
        _ => 0,
    });
    let line = |(reason, names): &(Open, Vec<String>)| {
        format!("- {}: {}", reason.because(), names.join(", "))
    };
    let lines: Vec<String> = groups.iter().map(line).collect();
    if lines.is_empty() {
        return String::new();
    }
    format!("**Left open:**\n\n{}", lines.join("\n"))
}
