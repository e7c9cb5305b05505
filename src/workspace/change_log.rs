//! A change log for people: what a run changes, as Markdown fit for a pull request.
//!
//! What pages say in it stands in code: a pull request mentions whom its text names (`@everyone`) and
//! closes the issues that it numbers (`fixes #1`).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use similar::{ChangeTag, TextDiff};

use super::action::{Action, ActionKind, Blocked, Conflict, KeepReason, Plan, ReplaceReason};
use super::remark::Remark;
use crate::finding_type::FindingType;
use crate::merge::blocks::{LineKind, classify};
use crate::merge::{Hunk, WordMerge};
use crate::text::escape::{code_span, fence};
use crate::text::subject;

/// With more runbooks than this in one item, they are folded away.
const FOLDED_FROM: usize = 8;

const FRONT_MATTER: &str = "Front matter";
const TITLE: &str = "Title and facts";

impl Plan {
    /// What the run changes, for people: Markdown with a heading for each kind of change; empty
    /// kinds are left out.
    pub fn to_markdown(&self) -> String {
        let mut text = String::from("# GuardDuty runbooks\n");
        let counts = self.counts();
        let parts = [
            (counts.new, "new"),
            (counts.updated, "updated"),
            (counts.merged, "merged"),
            (counts.in_conflict, "in conflict"),
            (counts.retired, "retired"),
            (counts.failed, "failed"),
        ];
        let parts = parts.iter().filter(|(number, _)| *number > 0);
        let parts: Vec<String> = parts.map(|(number, what)| format!("{number} {what}")).collect();
        let total = if parts.is_empty() { "Nothing changes".to_owned() } else { parts.join(", ") };
        writeln!(text, "\n{total}.").expect("text can be written to");
        for (title, items) in [
            ("In conflict", self.conflicts()),
            ("New finding types", self.new_types()),
            ("Changed severities", self.severities()),
            ("Changed text", self.changed_text()),
            ("Merged word by word, please review", self.word_merges()),
            ("Retired by AWS", self.simple(|kind| matches!(kind, ActionKind::Retire))),
            ("Gone from the source", self.simple(|kind| matches!(kind, ActionKind::Gone))),
            ("Not done", self.failures()),
            ("Left alone", self.left_alone()),
        ] {
            if !items.is_empty() {
                write!(text, "\n## {title}\n\n{}", items.concat()).expect("text can be written to");
            }
        }
        text
    }

    fn items(&self, item: impl Fn(&Action) -> Option<String>) -> Vec<String> {
        self.actions.iter().filter_map(item).collect()
    }

    fn simple(&self, is_it: impl Fn(&ActionKind) -> bool) -> Vec<String> {
        self.items(|action| is_it(&action.kind).then(|| format!("- {}\n", name(action))))
    }

    fn new_types(&self) -> Vec<String> {
        self.items(|action| {
            let is_new = matches!(action.kind, ActionKind::Create);
            let severity = action.upstream.as_deref().and_then(subject::severity);
            let severity = severity.map(|severity| format!(" ({})", code_span(severity)));
            let severity = severity.unwrap_or_default();
            is_new.then(|| format!("- {}{severity}\n", name(action)))
        })
    }

    fn severities(&self) -> Vec<String> {
        self.items(|action| {
            let (old, new) = changed(action)?;
            let (old, new) = (subject::severity(old)?, subject::severity(new)?);
            let [from, to] = [old, new].map(code_span);
            (old != new).then(|| format!("- {}: {from} → {to}\n", name(action)))
        })
    }

    /// The changes by heading; runbooks in which the very same changed are one item.
    fn changed_text(&self) -> Vec<String> {
        let mut same: BTreeMap<Vec<HeadingChange>, Vec<&Action>> = BTreeMap::new();
        for action in &self.actions {
            if let Some((old, new)) = changed(action) {
                same.entry(by_heading(old, new)).or_default().push(action);
            }
        }
        let mut groups: Vec<_> = same.into_iter().collect();
        groups.sort_by_key(|(_, actions)| std::cmp::Reverse(actions.len()));
        groups.iter().map(|(changes, actions)| group(changes, actions)).collect()
    }

    fn conflicts(&self) -> Vec<String> {
        self.items(|action| {
            let ActionKind::Conflict(conflict) = &action.kind else { return None };
            let blocks = match conflict {
                Conflict::Kept(hunks) => hunks.iter().map(conflict_block).collect::<String>(),
                Conflict::Marked { .. } | Conflict::MarkersLeft(_) => String::new(),
            };
            Some(format!("- {}: {}\n{blocks}", name(action), action.remark()?.message))
        })
    }

    fn word_merges(&self) -> Vec<String> {
        self.items(|action| {
            let (ActionKind::Merge { word_merges }
            | ActionKind::Conflict(Conflict::Marked { word_merges, .. })) = &action.kind
            else {
                return None;
            };
            let item = |words: &WordMerge| {
                let block = block(&[
                    ("before", &words.before),
                    ("yours", &words.yours),
                    ("AWS", &words.theirs),
                    ("merged", &words.merged),
                ]);
                format!("- {}, line {}\n{block}", name(action), words.line)
            };
            Some(word_merges.iter().map(item).collect())
        })
    }

    fn failures(&self) -> Vec<String> {
        self.items(|action| match &action.kind {
            // What the manifest says may be anybody's: as code, it mentions nobody.
            ActionKind::Blocked(blocked @ Blocked::UnnamedTemplate(template)) => Some(format!(
                "- {}: its template {} is named by the manifest alone; {}\n",
                name(action),
                code_span(&format!("{template:?}")),
                blocked.hint()
            )),
            ActionKind::NotRead | ActionKind::Blocked(_) => {
                let Remark { message, hint, .. } = action.remark()?;
                Some(format!("- {}: {message}; {}\n", name(action), hint.unwrap_or_default()))
            }
            _ => None,
        })
    }

    fn left_alone(&self) -> Vec<String> {
        self.items(|action| {
            let Remark { message, .. } = action.remark()?;
            let message = match &action.kind {
                ActionKind::Keep(KeepReason::Edited) => return None,
                ActionKind::DeletedByHand { renamed_to: Some(file) } => {
                    message.replace(file, &code_span(file)).into()
                }
                ActionKind::LeaveUntracked
                | ActionKind::DeletedByHand { renamed_to: None }
                | ActionKind::Keep(_) => message,
                _ => return None,
            };
            Some(format!("- {}: {message}\n", name(action)))
        })
    }
}

fn name(action: &Action) -> String {
    format!("`{}`", action.finding_type)
}

/// Before and after, where the run writes what upstream changed. Another template is no change of
/// the text.
fn changed(action: &Action) -> Option<(&str, &str)> {
    let is_written = match &action.kind {
        ActionKind::Replace(reason) => *reason != ReplaceReason::Template,
        ActionKind::Merge { .. }
        | ActionKind::CatchUp
        | ActionKind::Conflict(_)
        | ActionKind::Overwrite { .. } => true,
        _ => false,
    };
    let texts = action.pristine.as_deref().zip(action.upstream.as_deref());
    texts.filter(|(old, new)| is_written && old != new)
}

/// What changed below one heading.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct HeadingChange {
    heading: String,
    removed: Vec<String>,
    added: Vec<String>,
}

fn by_heading(old: &str, new: &str) -> Vec<HeadingChange> {
    let (old_headings, new_headings) = (headings(old), headings(new));
    let mut changes: Vec<HeadingChange> = Vec::new();
    for change in TextDiff::from_lines(old, new).iter_all_changes() {
        let number = match change.tag() {
            ChangeTag::Equal => continue,
            ChangeTag::Delete => change.old_index().map(|number| &old_headings[number]),
            ChangeTag::Insert => change.new_index().map(|number| &new_headings[number]),
        };
        let line = change.value().trim().to_owned();
        let (Some(heading), false) = (number, line.is_empty()) else { continue };
        if changes.iter().all(|change| change.heading != *heading) {
            changes.push(HeadingChange { heading: heading.clone(), ..HeadingChange::default() });
        }
        let entry = changes.iter_mut().find(|change| change.heading == *heading);
        let entry = entry.expect("it was put there if it was not");
        if change.tag() == ChangeTag::Delete {
            entry.removed.push(line);
        } else {
            entry.added.push(line);
        }
    }
    changes
}

/// For each line the heading that it is under. Bold lines that end in a colon count: so AWS writes
/// `Remediation recommendations:`.
fn headings(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut current = TITLE.to_owned();
    let heading = |(kind, line): (LineKind, &&str)| {
        if kind == LineKind::FrontMatter {
            return FRONT_MATTER.to_owned();
        }
        if let Some(heading) = heading_of(kind, line.trim()) {
            current = heading;
        }
        current.clone()
    };
    classify(&lines).into_iter().zip(&lines).map(heading).collect()
}

/// The heading that begins with a line; the title and what follows it are one.
fn heading_of(kind: LineKind, line: &str) -> Option<String> {
    let heading = match kind {
        LineKind::Heading if line.starts_with("# ") => TITLE,
        LineKind::Heading if line.starts_with('#') => line.trim_start_matches('#').trim(),
        LineKind::Heading if line.trim_matches(['-', '=']).is_empty() => return None,
        LineKind::Heading if line.parse::<FindingType>().is_ok() => TITLE,
        LineKind::Heading => line,
        LineKind::Prose => line.strip_prefix("**").and_then(|rest| rest.strip_suffix(":**"))?,
        _ => return None,
    };
    Some(heading.to_owned())
}

fn group(changes: &[HeadingChange], actions: &[&Action]) -> String {
    let sizes = changes.iter().map(|change| {
        let heading = code_span(&change.heading);
        format!("{heading} (+{} −{})", change.added.len(), change.removed.len())
    });
    let sizes: Vec<String> = sizes.collect();
    let names: BTreeSet<String> = actions.iter().map(|action| name(action)).collect();
    let names: Vec<String> = names.into_iter().collect();
    let what = sizes.join("; ");
    if names.len() < FOLDED_FROM {
        return format!("- {}: {what}\n", names.join(", "));
    }
    let number = names.len();
    format!(
        "- {what} in {number} runbooks\n  <details><summary>which</summary>\n\n  {}\n\n  </details>\n",
        names.join(", ")
    )
}

fn conflict_block(hunk: &Hunk) -> String {
    block(&[("before", &hunk.before), ("yours", &hunk.yours), ("AWS", &hunk.theirs)])
}

/// Texts one below the other in a fence that none of them can end.
fn block(texts: &[(&str, &String)]) -> String {
    let fences = texts.iter().map(|(_, text)| fence(text, 3));
    let fence = fences.max_by_key(String::len).unwrap_or_default();
    let mut block = format!("\n  {fence}text\n");
    for (label, text) in texts {
        writeln!(block, "  {label}:").expect("text can be written to");
        for line in text.lines() {
            writeln!(block, "    {line}").expect("text can be written to");
        }
    }
    block + &format!("  {fence}\n")
}

#[cfg(test)]
mod tests;
