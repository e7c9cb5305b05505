//! `fill`: runbooks for findings.

use super::args::FillArgs;
use super::error::{CliError, Exit};
use super::fill_summary;
use super::printer::Printer;
use super::settings::Settings;

/// Sums findings up.
pub(super) fn run(
    args: &FillArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<Exit, CliError> {
    fill_summary::run(args, settings, printer)
}
