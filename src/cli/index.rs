//! `--index`: the list of the runbooks, beside them.

use super::error::CliError;
use super::printer::Printer;
use super::run::Run;
use super::settings::Settings;
use crate::fs::{self, Kind};
use crate::listing;
use crate::workspace::STATE_FOLDER;

/// Writes `index.md` and `index.json`, unless somebody else's file has the name; whether both are
/// as they should be. A copy in the state folder tells the program's own files from others.
pub(super) fn write(
    run: &Run,
    settings: &Settings,
    dry_run: bool,
    printer: &Printer,
) -> Result<bool, CliError> {
    let rows = listing::active(run.findings().into_iter(), &run.guide.catalogue.guide);
    let table = listing::markdown(&rows, |row| row.slug.file_name());
    let page = format!("# GuardDuty runbooks\n\n{table}");
    let page = write_one(settings, "index.md", &page, dry_run, printer)?;
    let data = write_one(settings, "index.json", &listing::json(&rows), dry_run, printer)?;
    Ok(page && data)
}

fn write_one(
    settings: &Settings,
    name: &str,
    text: &str,
    dry_run: bool,
    printer: &Printer,
) -> Result<bool, CliError> {
    let path = settings.outdir.join(name);
    let copy = settings.outdir.join(STATE_FOLDER).join(name);
    let is_own = match fs::kind(&path)? {
        Kind::Missing => true,
        Kind::File { .. } => {
            let bytes = fs::read(&path)?;
            bytes == text.as_bytes() || fs::read_if_present(&copy)?.is_some_and(|own| own == bytes)
        }
        Kind::Folder | Kind::SymbolicLink | Kind::Other => false,
    };
    if !is_own {
        printer.failure(
            format_args!("{} is not written: it is somebody's own file", path.display()),
            Some("move it away, or leave out --index"),
        );
        return Ok(false);
    }
    if dry_run {
        printer.status(format_args!("would write {name}"));
        return Ok(true);
    }
    for place in [&path, &copy] {
        if fs::read_if_present(place)?.is_none_or(|own| own != text.as_bytes()) {
            fs::write(place, text.as_bytes())?;
            printer.detail(format_args!("wrote {}", place.display()));
        }
    }
    Ok(true)
}
