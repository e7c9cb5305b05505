//! The plain run: writes runbooks that do not exist yet.

use std::collections::BTreeMap;

use super::args::GenerateArgs;
use super::error::{CliError, Exit};
use super::guide::{self, Guide};
use super::index;
use super::printer::Printer;
use super::settings::Settings;
use crate::catalogue::{Catalogue, Finding};
use crate::finding_type::FindingType;
use crate::runbook::Renderer;
use crate::workspace::{
    Action, ActionKind, Counts, KeepReason, Lock, Mode, Origin, Outcome, Plan, Rendered, Scope,
    Upstream, Workspace,
};

/// Writes the runbooks that do not exist yet; with `--overwrite` all of them.
pub(super) fn run(
    args: &GenerateArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<Exit, CliError> {
    let guide = guide::read(settings, !args.overwrite, printer)?;
    let _lock = if args.dry_run { None } else { Some(Lock::take(&settings.outdir)?) };
    let workspace = Workspace::load(&settings.outdir)?;
    let upstream = upstream(&guide, settings, &workspace)?;
    let mode = Mode::Plain { overwrite: args.overwrite, backup: args.backup };
    let plan = workspace.plan(&upstream, mode)?;
    let outcome = if args.dry_run {
        Outcome { counts: plan.counts(), failures: Vec::new() }
    } else {
        workspace.apply(&plan)?
    };
    let lost = report_diagnostics(&guide.catalogue, settings, printer);
    report_actions(&plan, &outcome, args.dry_run, printer);
    let mut partly = lost || outcome.counts.failed > 0 || !outcome.failures.is_empty();
    if args.index {
        let selected = selected(&guide.catalogue, settings);
        partly |=
            !index::write(settings, &selected, &guide.catalogue.guide, args.dry_run, printer)?;
    }
    summarise(&outcome.counts, &plan, &guide, args.dry_run, settings, printer);
    Ok(if partly { Exit::Partly } else { Exit::Done })
}

fn selected<'c>(catalogue: &'c Catalogue, settings: &Settings) -> Vec<&'c Finding> {
    catalogue.findings.iter().filter(|finding| settings.selection.contains(finding)).collect()
}

/// Renders the selected findings, each through the template that the workspace has recorded for
/// it, new ones through the configured one.
fn upstream(
    guide: &Guide,
    settings: &Settings,
    workspace: &Workspace,
) -> Result<Upstream, CliError> {
    let catalogue = &guide.catalogue;
    let mut renderers: BTreeMap<&str, Renderer> = BTreeMap::new();
    let selected = selected(catalogue, settings);
    let mut runbooks = Vec::with_capacity(selected.len());
    for &finding in &selected {
        let slug = finding.finding_type.slug();
        let template = workspace.recorded_template(&slug).unwrap_or(settings.template_name());
        if !renderers.contains_key(template) {
            renderers.insert(template, settings.renderer(template)?);
        }
        runbooks.push(Rendered {
            finding_type: finding.finding_type.clone(),
            text: renderers[template].render(finding, catalogue)?,
            origin: if finding.text.is_some() { Origin::Aws } else { Origin::Builtin },
            template: template.to_owned(),
        });
    }
    let names = |findings: &[&Finding]| findings.iter().map(|f| f.finding_type.clone()).collect();
    let scope = if settings.selection.is_everything() {
        Scope::Everything
    } else {
        let failed = catalogue.failed.iter();
        let failed = failed.filter(|name| settings.selection.contains_name(name)).cloned();
        let selected: std::collections::BTreeSet<FindingType> = names(&selected);
        Scope::Only(selected.into_iter().chain(failed).collect())
    };
    Ok(Upstream {
        runbooks,
        scope,
        active: names(&catalogue.findings.iter().collect::<Vec<_>>()),
        retired: catalogue.retired.clone(),
        index_was_whole: catalogue.index_was_whole() && !guide.is_fallback,
        failed: catalogue.failed.clone(),
        allow_shrink: false,
    })
}

/// Says what was not understood; whether that lost facts, or whether any of it is to fail the run.
fn report_diagnostics(catalogue: &Catalogue, settings: &Settings, printer: &Printer) -> bool {
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

fn report_actions(plan: &Plan, outcome: &Outcome, dry_run: bool, printer: &Printer) {
    let written = if dry_run { "would write" } else { "wrote" };
    for action in &plan.actions {
        let file = action.slug.file_name();
        match &action.kind {
            ActionKind::Create => detail_or_status(dry_run, printer, &format!("{written} {file}")),
            ActionKind::Replace(_) => {
                detail_or_status(
                    dry_run,
                    printer,
                    &format!("{written} {file} anew, now with AWS's text"),
                );
            }
            ActionKind::Overwrite { backup } => {
                let copy = backup.as_ref().map(|name| format!(", the old one is {name}"));
                let copy = copy.unwrap_or_default();
                detail_or_status(dry_run, printer, &format!("{written} {file} anew{copy}"));
            }
            ActionKind::LeaveUntracked => {
                printer.detail(format_args!("{file} stays: it was not written by this program"))
            }
            ActionKind::DeletedByHand { .. } => {
                printer.detail(format_args!("{file} stays deleted: somebody deleted it"));
            }
            ActionKind::Keep(reason) => {
                printer.detail(format_args!("{file} stays: {}", why(*reason)))
            }
            ActionKind::Blocked(blocked) => printer.failure(
                format_args!("{file} is not written: {}", blocked.message()),
                Some(blocked.hint()),
            ),
            ActionKind::Gone => {
                printer.detail(format_args!("{file} stays; the source has the type no more"));
            }
            ActionKind::Claim
            | ActionKind::Unchanged
            | ActionKind::NotRead
            | ActionKind::Merge { .. }
            | ActionKind::CatchUp
            | ActionKind::Conflict(_)
            | ActionKind::Restore
            | ActionKind::Retire
            | ActionKind::Adopt { .. } => {}
        }
    }
    for failure in &outcome.failures {
        printer.failure(&failure.error, failure.error.hint());
        if failure.not_tried > 0 {
            printer.failure(format_args!("{} more were not tried", failure.not_tried), None);
        }
    }
}

/// In a dry run, what would be written is what was asked for.
fn detail_or_status(dry_run: bool, printer: &Printer, message: &str) {
    if dry_run { printer.status(message) } else { printer.detail(message) }
}

fn why(reason: KeepReason) -> &'static str {
    match reason {
        KeepReason::Edited => "somebody edited it",
        KeepReason::PlainRun => "it exists; what it would be now is different",
        KeepReason::AwsTextStays => "it holds AWS's text, which is not at hand now",
        KeepReason::OldTemplate => "somebody edited it, and it has another template",
    }
}

fn summarise(
    counts: &Counts,
    plan: &Plan,
    guide: &Guide,
    dry_run: bool,
    settings: &Settings,
    printer: &Printer,
) {
    let with =
        |kind: fn(&Action) -> bool| plan.actions.iter().filter(|action| kind(action)).count();
    let untracked = with(|action| action.kind == ActionKind::LeaveUntracked);
    let deleted = with(|action| matches!(action.kind, ActionKind::DeletedByHand { .. }));
    if counts.changed_upstream > 0 {
        printer.status(format_args!(
            "{} of the kept have changes upstream; --overwrite would write them, edits and all",
            counts.changed_upstream
        ));
    }
    if untracked > 0 {
        printer.status(format_args!("{untracked} of the kept were not written by this program"));
    }
    if deleted > 0 {
        printer.status(format_args!("{deleted} that were deleted stay deleted"));
    }
    let Counts { new, updated, kept, failed, .. } = counts;
    let dry = if dry_run { "dry run, nothing written: " } else { "" };
    printer.status(format_args!(
        "{dry}{new} new, {updated} updated, {kept} kept, {failed} failed in {} (from {})",
        settings.outdir.display(),
        guide.source,
    ));
}
