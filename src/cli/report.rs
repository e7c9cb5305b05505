//! Says what a run did or would do, and what it could not understand.

use std::collections::BTreeMap;
use std::path::Path;

use super::error::Exit;
use super::printer::Printer;
use super::settings::Settings;
use crate::catalogue::Catalogue;
use crate::fs::{self, Rescued};
use crate::merge::WordMerge;
use crate::workspace::{
    Action, ActionKind, Blocked, Conflict, Counts, KeepReason, Outcome, Plan, Remark, StepError,
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
        let Some(Remark { message, hint, .. }) = action.remark() else { return };
        match &action.kind {
            // These are told together.
            ActionKind::Blocked(Blocked::UnnamedTemplate(_))
            | ActionKind::Claim
            | ActionKind::Unchanged
            | ActionKind::NotRead => {}
            ActionKind::Create => self.written(&file, printer),
            ActionKind::Overwrite { backup: Some(copy) } => {
                self.written(&format!("{file}: {message}; the old one is {copy}"), printer);
            }
            ActionKind::Adopt { renamed_from: Some(old), .. } => {
                self.written(&format!("{file} (was {old}) to the list: {message}"), printer);
            }
            ActionKind::Adopt { .. } => {
                self.written(&format!("{file} to the list: {message}"), printer);
            }
            ActionKind::Restore
            | ActionKind::Replace(_)
            | ActionKind::Overwrite { .. }
            | ActionKind::Retire => self.written(&format!("{file}: {message}"), printer),
            ActionKind::Merge { word_merges } => {
                self.written(&format!("{file} with its edits and upstream's changes"), printer);
                print_word_merges(&file, word_merges, printer);
            }
            ActionKind::Conflict(conflict) => {
                printer.failure(format_args!("{file} is in conflict: {message}"), hint);
                if let Conflict::Marked { word_merges, .. } = conflict {
                    print_word_merges(&file, word_merges, printer);
                }
            }
            ActionKind::Keep(_)
            | ActionKind::CatchUp
            | ActionKind::LeaveUntracked
            | ActionKind::DeletedByHand { .. } => {
                printer.detail(format_args!("{file} stays as it is: {message}"));
            }
            ActionKind::Gone => printer
                .warning(format_args!("{}: {message}; {file} stays as it is", action.finding_type)),
            ActionKind::Blocked(_) => {
                printer.failure(format_args!("{file} is not written: {message}"), hint);
            }
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

/// A merge within a paragraph is right by the rules, and still worth a look.
fn print_word_merges(file: &str, merges: &[WordMerge], printer: &Printer) {
    for merge in merges {
        printer.warning(format_args!(
            "{file}:{}: your words and upstream's are in one paragraph now; please read it",
            merge.line
        ));
        printer.detail(format_args!("  {}", merge.merged.trim_end()));
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
