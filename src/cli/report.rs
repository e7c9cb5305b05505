//! Says what a run did or would do, and what it could not understand.

use std::collections::BTreeMap;
use std::path::Path;

use super::error::Exit;
use super::printer::Printer;
use super::settings::Settings;
use crate::catalogue::Catalogue;
use crate::fs::{self, Rescued};
use crate::workspace::{
    Action, ActionKind, Base, Blocked, Conflict, Counts, Hunk, KeepReason, Outcome, Plan,
    ReplaceReason, StepError, WordMerge,
};

/// A plan, and what came of it.
pub(super) struct Report<'a> {
    pub(super) plan: &'a Plan,
    /// None where nothing was to be written.
    pub(super) outcome: Option<&'a Outcome>,
}

impl Report<'_> {
    /// Says what was done and sums it up; gives the exit status.
    pub(super) fn print(&self, settings: &Settings, source: &str, printer: &Printer) -> Exit {
        for action in &self.plan.actions {
            self.print_action(action, printer);
        }
        self.print_unnamed_templates(printer);
        let counts = self.outcome.map_or_else(|| self.plan.counts(), |outcome| outcome.counts);
        let mut partly = counts.failed > 0;
        for failure in self.outcome.iter().flat_map(|outcome| &outcome.failures) {
            partly = true;
            printer.failure(&failure.error, failure.error.hint());
            if failure.not_tried > 0 {
                printer.failure(format_args!("{} more were not tried", failure.not_tried), None);
            }
        }
        self.summarise(&counts, settings, source, printer);
        match (partly, counts.in_conflict > 0) {
            (true, _) => Exit::Partly,
            (false, true) => Exit::Remains,
            (false, false) => Exit::Done,
        }
    }

    /// What is written is said in detail; in a dry run it is what was asked for.
    fn written(&self, message: &str, printer: &Printer) {
        if self.outcome.is_none() {
            printer.status(format_args!("would write {message}"));
        } else {
            printer.detail(format_args!("wrote {message}"));
        }
    }

    fn print_action(&self, action: &Action, printer: &Printer) {
        let file = action.slug.file_name();
        match &action.kind {
            ActionKind::Create => self.written(&file, printer),
            ActionKind::Restore => self.written(&format!("{file} again"), printer),
            ActionKind::Replace(reason) => {
                self.written(&format!("{file} anew: {}", why_replaced(*reason)), printer);
            }
            ActionKind::Overwrite { backup } => {
                let copy = backup.as_ref().map(|name| format!(", the old one is {name}"));
                self.written(&format!("{file} anew{}", copy.unwrap_or_default()), printer);
            }
            ActionKind::Adopt { renamed_from, base } => {
                let was = renamed_from.as_ref().map(|from| format!(" (was {from})"));
                let was = was.unwrap_or_default();
                self.written(&format!("{file}{was} to the list: {}", base_is(*base)), printer);
            }
            ActionKind::Retire => {
                self.written(&format!("{file}: AWS has retired the finding type"), printer);
            }
            ActionKind::Merge { word_merges } => {
                self.written(&format!("{file} with its edits and AWS's changes"), printer);
                print_word_merges(&file, word_merges, printer);
            }
            ActionKind::Conflict(conflict) => print_conflict(&file, conflict, printer),
            ActionKind::Keep(reason) => {
                printer.detail(format_args!("{file} stays: {}", why_kept(*reason)));
            }
            ActionKind::CatchUp => {
                printer.detail(format_args!("{file} says already what AWS says now"));
            }
            ActionKind::LeaveUntracked => {
                printer.detail(format_args!("{file} stays: it was not written by this program"));
            }
            ActionKind::DeletedByHand { renamed_to: Some(name) } => printer.detail(format_args!(
                "{file} stays away: {name} seems to be its new name, which is not kept up to date"
            )),
            ActionKind::DeletedByHand { renamed_to: None } => {
                printer.detail(format_args!("{file} stays deleted: somebody deleted it"));
            }
            ActionKind::Gone => printer.warning(format_args!(
                "{}: the source does not list it any more, and does not say that it is retired; \
                 {file} stays as it is",
                action.finding_type
            )),
            // These are told together.
            ActionKind::Blocked(Blocked::UnnamedTemplate(_))
            | ActionKind::Claim
            | ActionKind::Unchanged
            | ActionKind::NotRead => {}
            ActionKind::Blocked(blocked) => printer.failure(
                format_args!("{file} is not written: {}", blocked.message()),
                Some(blocked.hint()),
            ),
        }
    }

    /// Runbooks that stay as they are because their template was not read, by that template.
    fn print_unnamed_templates(&self, printer: &Printer) {
        let mut by_template: BTreeMap<&Blocked, Vec<String>> = BTreeMap::new();
        for action in &self.plan.actions {
            if let ActionKind::Blocked(blocked @ Blocked::UnnamedTemplate(_)) = &action.kind {
                by_template.entry(blocked).or_default().push(action.slug.file_name());
            }
        }
        for (blocked, files) in by_template {
            let more = match files.len() - 1 {
                0 => String::new(),
                more => format!(" (as do {more} more)"),
            };
            let file = &files[0];
            printer.failure(
                format_args!("{file} stays as it is{more}: {}", blocked.message()),
                Some(blocked.hint()),
            );
            for file in &files[1..] {
                printer.detail(format_args!("{file} stays as well"));
            }
        }
    }

    fn summarise(&self, counts: &Counts, settings: &Settings, source: &str, printer: &Printer) {
        let number = |kind: fn(&ActionKind) -> bool| {
            self.plan.actions.iter().filter(|action| kind(&action.kind)).count()
        };
        let untracked = number(|kind| *kind == ActionKind::LeaveUntracked);
        let deleted = number(|kind| *kind == ActionKind::DeletedByHand { renamed_to: None });
        let renamed =
            number(|kind| matches!(kind, ActionKind::DeletedByHand { renamed_to: Some(_) }));
        let old_template = number(|kind| *kind == ActionKind::Keep(KeepReason::OldTemplate));
        if counts.changed_upstream > old_template {
            printer.status(format_args!(
                "{} of the kept have changes upstream; `guardduty-runbooks update` merges them in",
                counts.changed_upstream - old_template
            ));
        }
        if old_template > 0 {
            printer.status(format_args!(
                "{old_template} of the kept are edited and stay on their template; --port-edits \
                 carries the edits over"
            ));
        }
        if untracked > 0 {
            printer.status(format_args!(
                "{untracked} of the kept were not written by this program and stay as they are; \
                 `adopt` takes them over, --overwrite replaces them"
            ));
        }
        if renamed > 0 {
            printer.status(format_args!(
                "{renamed} have another name now and are not kept up to date; give them their old \
                 name back for that"
            ));
        }
        if deleted > 0 {
            printer.status(format_args!(
                "{deleted} that were deleted stay deleted; `update --restore` writes them again"
            ));
        }
        let dry = if self.outcome.is_none() { "nothing written; would be: " } else { "" };
        printer.status(format_args!(
            "{dry}{} in {} (from {})",
            summary(counts),
            settings.outdir.display(),
            source,
        ));
    }
}

/// How many runbooks went which way.
pub(super) fn summary(counts: &Counts) -> String {
    let Counts { new, updated, merged, kept, in_conflict, retired, failed, adopted, .. } = counts;
    let adopted = if *adopted > 0 { format!("{adopted} adopted, ") } else { String::new() };
    format!(
        "{adopted}{new} new, {updated} updated, {merged} merged, {kept} kept, {in_conflict} in conflict, \
         {retired} retired, {failed} failed"
    )
}

/// Writes what a plan changes, for people, where it was asked for; whether that went well.
pub(super) fn write_summary(plan: &Plan, file: Option<&Path>, printer: &Printer) -> bool {
    let Some(file) = file else { return true };
    let written = fs::write(file, plan.to_markdown().as_bytes());
    if let Err(error) = &written {
        printer.failure(error, error.hint());
    }
    written.is_ok()
}

/// Says what was not understood; whether that lost facts, or whether any of it is to fail the run.
pub(super) fn print_diagnostics(
    catalogue: &Catalogue,
    settings: &Settings,
    printer: &Printer,
) -> bool {
    let mut lost = false;
    for diagnostic in &catalogue.diagnostics {
        if diagnostic.loses_fact() {
            printer.failure(diagnostic, None);
        } else {
            printer.warning(diagnostic);
        }
        lost |= diagnostic.loses_fact() || settings.strict;
    }
    lost
}

fn print_conflict(file: &str, conflict: &Conflict, printer: &Printer) {
    let lines = |hunks: &[Hunk]| {
        let place = |hunk: &Hunk| match hunk.lines {
            0 | 1 => hunk.first_line.to_string(),
            more => format!("{}-{}", hunk.first_line, hunk.first_line + more - 1),
        };
        hunks.iter().map(place).collect::<Vec<_>>().join(", ")
    };
    match conflict {
        Conflict::Kept(hunks) => printer.failure(
            format_args!(
                "{file} is in conflict and stays as it is: you and AWS both changed lines {}",
                lines(hunks)
            ),
            Some("`diff` shows both; `update --conflict inline` puts both into the file"),
        ),
        Conflict::Marked { hunks, word_merges } => {
            printer.failure(
                format_args!("{file} has conflict markers now, in lines {}", lines(hunks)),
                Some("keep what is right, remove the markers, and run `update` again"),
            );
            print_word_merges(file, word_merges, printer);
        }
        Conflict::MarkersLeft(line) => printer.failure(
            format_args!("{file} still has conflict markers, the first in line {line}"),
            Some("keep what is right, remove the markers, and run `update` again"),
        ),
    }
}

/// A merge within a paragraph is right by the rules, and still worth a look.
fn print_word_merges(file: &str, merges: &[WordMerge], printer: &Printer) {
    for merge in merges {
        printer.warning(format_args!(
            "{file}:{}: your words and AWS's are in one paragraph now; please read it",
            merge.line
        ));
        printer.detail(format_args!("  {}", merge.merged.trim_end()));
    }
}

fn base_is(base: Base) -> &'static str {
    match base {
        Base::Folder => "its original is in the folder of --base",
        Base::History => "its original is its first version in git",
        Base::TodaysText => "nobody edited it",
    }
}

fn why_kept(reason: KeepReason) -> &'static str {
    match reason {
        KeepReason::Edited => "somebody edited it, and AWS changed nothing",
        KeepReason::PlainRun => "it exists; AWS's text has changed since",
        KeepReason::AwsTextStays => "it holds AWS's text, which is not at hand now",
        KeepReason::OldTemplate => "somebody edited it under another template",
    }
}

fn why_replaced(reason: ReplaceReason) -> &'static str {
    match reason {
        ReplaceReason::Upstream => "nobody edited it, and AWS's text has changed",
        ReplaceReason::AwsTextArrived => "now with AWS's text",
        ReplaceReason::Template => "with another template",
    }
}

/// Tells what somebody saved into files while they were replaced; how many files that concerns.
pub(super) fn tell_rescued(rescued: Vec<Rescued>, printer: &Printer) -> usize {
    let number = rescued.len();
    for saved in rescued.into_iter().map(StepError::from) {
        printer.failure(&saved, saved.hint());
    }
    number
}
