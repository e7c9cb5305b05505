//! `check`: what `update` would do, for people and for CI.

use std::io::Write as _;

use super::args::{CheckArgs, CheckFormat};
use super::error::{CliError, Exit, printed};
use super::guide;
use super::printer::Printer;
use super::report::{print_diagnostics, summary, write_summary};
use super::run::{Run, RunOptions};
use super::settings::Settings;
use crate::terminal::plain;
use crate::text::columns::{Align, aligned};
use crate::workspace::report::{Report, Row};
use crate::workspace::{Mode, Update, Workspace};

/// Reports what is to be done in the folder; nothing is written.
pub(super) fn run(
    args: &CheckArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<Exit, CliError> {
    // A broken state folder needs no source to be told.
    let workspace = match Workspace::load(&settings.outdir) {
        Err(error) if error.is_broken_state() => {
            print(&Report::of_error(&error), args.format, settings)?;
            return Ok(Exit::Remains);
        }
        loaded => loaded?,
    };
    let options = RunOptions {
        read_only: true,
        allow_shrink: args.allow_shrink,
        named: args.types.clone(),
        ..RunOptions::default()
    };
    let guide = guide::read(settings, options.may_fall_back, printer)?;
    let run = Run::over(workspace, guide, None, &options, settings, printer)?;
    let plan = run.workspace.plan(&run.upstream, Mode::Update(Update::default()))?;
    let report = Report::of(&plan);
    print(&report, args.format, settings)?;
    let summary_written = write_summary(&plan, args.summary.as_deref(), printer);
    let lost = print_diagnostics(&run.guide.catalogue, settings, printer);
    printer.status(format_args!(
        "`update` would come to: {} in {} (from {})",
        summary(&report.counts),
        settings.outdir.display(),
        run.guide.source
    ));
    Ok(match (lost || !summary_written, report.is_to_do()) {
        (true, _) => Exit::Partly,
        (false, true) => Exit::Remains,
        (false, false) => Exit::Done,
    })
}

fn print(report: &Report, format: CheckFormat, settings: &Settings) -> Result<Exit, CliError> {
    let text = match format {
        CheckFormat::Table => table(report),
        CheckFormat::Json => report.to_json(),
        CheckFormat::Github => report.to_github(&settings.outdir),
    };
    printed(anstream::stdout().write_all(plain(text).as_bytes()))
}

/// A line a runbook; below it what to do, where something is to be done.
fn table(report: &Report) -> String {
    let cells = |row: &Row| {
        let mark = if row.is_to_do { '!' } else { ' ' };
        [format!("{mark} {}", row.state.words()), row.file.clone(), row.message.clone()]
    };
    aligned(&report.rows.iter().map(cells).collect::<Vec<_>>(), [Align::Left; 3])
}
