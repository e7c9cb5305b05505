//! `--index`: the list of the runbooks, beside them.

use super::error::CliError;
use super::printer::Printer;
use super::report::tell_rescued;
use super::run::Run;
use super::settings::Settings;
use crate::export::record::put;
use crate::fs;
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
    let rows = listing::active(run.entries().into_iter(), &run.guide.catalogue.guide);
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
    let recorded = fs::read_regular(&copy)?.map(|file| file.bytes);
    let (before, is_own) = match fs::read_regular(&path) {
        Ok(None) => (None, true),
        Ok(Some(file)) => {
            let is_own = file.bytes == text.as_bytes() || recorded.as_ref() == Some(&file.bytes);
            (Some(file.bytes), is_own)
        }
        Err(error) if error.is_no_file() => (None, false),
        Err(error) => return Err(error.into()),
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
    if before.as_deref() != Some(text.as_bytes()) {
        let state_folder = settings.outdir.join(STATE_FOLDER);
        if !put(&path, text.as_bytes(), before.as_deref(), &state_folder)? {
            printer.failure(
                format_args!("{} was saved while this run was at work, and stays", path.display()),
                Some("move it away, or leave out --index"),
            );
            return Ok(false);
        }
        printer.detail(format_args!("wrote {}", path.display()));
        if tell_rescued(fs::recover(&state_folder, &settings.outdir)?, printer) > 0 {
            return Ok(false);
        }
    }
    if recorded.as_deref() != Some(text.as_bytes()) {
        fs::write(&copy, text.as_bytes())?;
        printer.detail(format_args!("wrote {}", copy.display()));
    }
    Ok(true)
}
