//! `adopt`: takes over a folder that the Python tool wrote.

use std::collections::BTreeMap;

use super::args::AdoptArgs;
use super::error::{CliError, Exit};
use super::guide;
use super::printer::Printer;
use super::report::{Report, print_diagnostics};
use super::settings::Settings;
use crate::catalogue::Catalogue;
use crate::finding_type::FindingType;
use crate::runbook::{Renderer, Template};
use crate::workspace::{Bases, Lock, Workspace};

/// Takes over the files of the Python tool whose original text can be found.
pub(super) fn run(
    args: &AdoptArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<Exit, CliError> {
    let guide = guide::read(settings, true, printer)?;
    let _lock = if args.dry_run { None } else { Some(Lock::take(&settings.outdir)?) };
    let workspace = Workspace::load(&settings.outdir)?;
    let mut bases = Bases::read(&settings.outdir, workspace.state(), args.base.as_deref())?;
    bases.classic = classic_texts(&guide.catalogue)?;
    let adoption = workspace.plan_adoption(&bases);
    let outcome = if args.dry_run { None } else { Some(workspace.apply(&adoption.plan)?) };
    print_diagnostics(&guide.catalogue, settings, printer);
    for left in &adoption.left {
        let message = left.reason.message();
        printer.failure(format_args!("{} is not taken over", left.file), Some(&message));
    }
    if adoption.plan.actions.is_empty() && adoption.left.is_empty() {
        printer.status("no file here reads as the Python tool's");
    }
    if !adoption.left.is_empty() {
        printer.status(format_args!("left alone: {}", adoption.left.len()));
    }
    let report = Report { plan: &adoption.plan, outcome: outcome.as_ref() };
    let exit = report.print(settings, &guide.source, printer);
    Ok(if exit == Exit::Done && !adoption.left.is_empty() { Exit::Remains } else { exit })
}

/// What the Python tool would write today, for the types whose text is at hand.
fn classic_texts(catalogue: &Catalogue) -> Result<BTreeMap<FindingType, String>, CliError> {
    let renderer = Renderer::new(Template::Classic, BTreeMap::new(), false)?;
    let with_text = catalogue.entries.iter().filter(|entry| entry.text.is_some());
    let text = |entry: &crate::catalogue::CatalogueEntry| {
        Ok((entry.finding_type.clone(), renderer.render(entry, catalogue)?))
    };
    with_text.map(text).collect()
}
