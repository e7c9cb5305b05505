//! The plain run: writes runbooks that do not exist yet.

use super::args::GenerateArgs;
use super::error::{CliError, Exit};
use super::index;
use super::printer::Printer;
use super::report::{Report, print_diagnostics};
use super::run::{Run, RunOptions};
use super::settings::Settings;
use crate::workspace::Mode;

/// Writes the runbooks that do not exist yet; with `--overwrite` all of them.
pub(super) fn run(
    args: &GenerateArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<Exit, CliError> {
    let options = RunOptions {
        may_fall_back: !args.overwrite,
        read_only: args.dry_run,
        allow_shrink: args.allow_shrink,
        ..RunOptions::default()
    };
    let run = Run::prepare(&options, settings, printer)?;
    let mode = Mode::Plain { overwrite: args.overwrite, backup: args.backup };
    let plan = run.workspace.plan(&run.upstream, mode)?;
    let outcome = if args.dry_run { None } else { Some(run.workspace.apply(&plan)?) };
    let index_is_right = !args.index
        || index::write(&run, settings, args.dry_run, printer).unwrap_or_else(|error| {
            printer.error(&error);
            false
        });
    let lost = print_diagnostics(&run.guide.catalogue, settings, printer);
    let report = Report { plan: &plan, outcome: outcome.as_ref() };
    let exit = report.print(settings, &run.guide.source, printer);
    Ok(if lost || !index_is_right { Exit::Partly } else { exit })
}
