//! `list`: the catalogue.

use std::io::Write as _;

use super::args::{ListArgs, ListFormat};
use super::error::{CliError, Exit, printed};
use super::guide;
use super::printer::Printer;
use super::report::print_diagnostics;
use super::settings::Settings;
use crate::listing;

/// Prints the catalogue, limited by the filters.
pub(super) fn run(
    args: &ListArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<Exit, CliError> {
    let catalogue = guide::read(settings, true, printer)?.catalogue;
    let rows = if args.retired {
        let mut rows = listing::retired(&catalogue);
        rows.retain(|row| settings.selection.contains_name(&row.finding_type));
        rows
    } else {
        let selected = catalogue.entries.iter().filter(|f| settings.selection.contains(f));
        listing::active(selected, &catalogue.guide)
    };
    let text = match args.format {
        ListFormat::Table => listing::table(&rows),
        ListFormat::Json => listing::json(&rows),
        ListFormat::Csv => listing::csv(&rows),
        ListFormat::Markdown => listing::markdown(&rows, |row| row.url.clone()),
    };
    if rows.is_empty() {
        printer.warning("no finding type fits the filters");
    }
    printed(anstream::stdout().write_all(text.as_bytes()))?;
    let lost = print_diagnostics(&catalogue, settings, printer);
    printer.status(format_args!("{} finding types", rows.len()));
    Ok(if lost { Exit::Partly } else { Exit::Done })
}
