//! `update`: brings runbooks up to date, keeping edits.

use super::args::{OnConflict, UpdateArgs};
use super::error::{CliError, Exit};
use super::printer::Printer;
use super::report::{Report, print_diagnostics, write_summary};
use super::run::{Run, RunOptions};
use super::settings::Settings;
use crate::workspace::{self, Mode, Update};

/// Merges what has changed upstream into the runbooks.
pub(super) fn run(
    args: &UpdateArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<Exit, CliError> {
    let options = RunOptions {
        may_fall_back: false,
        read_only: args.dry_run,
        change_template: settings.template_was_asked_for,
        allow_shrink: args.allow_shrink,
        named: args.types.clone(),
    };
    let run = Run::prepare(&options, settings, printer)?;
    let mode = Mode::Update(Update {
        on_conflict: match args.conflict {
            OnConflict::Keep => workspace::OnConflict::Keep,
            OnConflict::Inline => workspace::OnConflict::Inline,
        },
        restore: args.restore,
        port_edits: args.port_edits,
    });
    let plan = run.workspace.plan(&run.upstream, mode)?;
    let outcome = if args.dry_run { None } else { Some(run.workspace.apply(&plan)?) };
    let summary_written = write_summary(&plan, args.summary.as_deref(), printer);
    let lost = print_diagnostics(&run.guide.catalogue, settings, printer);
    let report = Report { plan: &plan, outcome: outcome.as_ref() };
    let exit = report.print(settings, &run.guide.source, printer);
    Ok(if lost || !summary_written { Exit::Partly } else { exit })
}
