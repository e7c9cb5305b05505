//! `export`: catalogue and guidance in the formats of other programs.

use std::io::Write as _;
use std::path::Path;

use super::args::{ExportArgs, ExportFormat};
use super::error::{CliError, Exit, printed};
use super::guide;
use super::printer::Printer;
use super::report::{print_diagnostics, tell_rescued};
use super::settings::Settings;
use crate::catalogue::{Catalogue, CatalogueEntry};
use crate::export::record::{Decision, Place, RECORD_PATH, Record, put};
use crate::export::{ExportFile, cacao, catalogue_data, matano, navigator, panther};
use crate::fs;
use crate::workspace::STATE_FOLDER;

/// Writes an export into a folder, or its single file to standard output.
pub(super) fn run(
    args: &ExportArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<Exit, CliError> {
    let catalogue = guide::read(settings, true, printer)?.catalogue;
    let selected = catalogue.entries.iter().filter(|f| settings.selection.contains(f));
    let entries: Vec<&CatalogueEntry> = selected.collect();
    if entries.is_empty() {
        return Err(CliError::usage(&"no finding type fits the filters, so nothing is exported"));
    }
    let lost = print_diagnostics(&catalogue, settings, printer);
    if args.link_base.is_none()
        && matches!(args.format, ExportFormat::Panther | ExportFormat::Matano { .. })
    {
        printer.warning("alerts will name the runbook's file only; --link-base makes it a link");
    }
    let files = files(args, &entries, &catalogue);
    let whole = match &args.output {
        Some(folder) => write(&files, folder, args, printer)?,
        None => print(&files, args, printer)?,
    };
    Ok(if whole && !lost { Exit::Done } else { Exit::Partly })
}

fn files(args: &ExportArgs, entries: &[&CatalogueEntry], catalogue: &Catalogue) -> Vec<ExportFile> {
    let links = args.link_base.clone().unwrap_or_default();
    let guide = &catalogue.guide;
    match &args.format {
        ExportFormat::Panther => panther::files(entries, &links),
        ExportFormat::Matano { table, type_field } => {
            matano::files(entries, &links, table, type_field)
        }
        ExportFormat::Navigator => vec![navigator::file(entries, &links, guide)],
        ExportFormat::Json => catalogue_data::json(entries, &links, guide).into(),
        ExportFormat::Csv => vec![catalogue_data::csv(entries, &links, guide)],
        ExportFormat::Cacao { modified, created_by } => {
            let options = cacao::Options { modified, created_by };
            entries.iter().map(|entry| cacao::file(entry, &links, guide, options)).collect()
        }
    }
}

/// Prints an export that is one file. A schema beside it is left out.
fn print(files: &[ExportFile], args: &ExportArgs, printer: &Printer) -> Result<bool, CliError> {
    let is_single = match args.format {
        ExportFormat::Panther | ExportFormat::Matano { .. } => false,
        ExportFormat::Cacao { .. } => files.len() == 1,
        ExportFormat::Navigator | ExportFormat::Json | ExportFormat::Csv => true,
    };
    if !is_single {
        let message = format_args!("this export is {} files, which need a folder", files.len());
        return Err(CliError::usage(&message).hint("name it with --output"));
    }
    if args.dry_run {
        printer.status(format_args!("would print {}", files[0].path));
        return Ok(true);
    }
    printed(anstream::stdout().write_all(files[0].text.as_bytes()))?;
    Ok(true)
}

/// A file that is to be written, with what it holds; none where there is no such file yet.
struct Write<'f> {
    file: &'f ExportFile,
    before: Option<Vec<u8>>,
}

/// Writes the files into a folder; whether all of them are as they should be.
fn write(
    files: &[ExportFile],
    folder: &Path,
    args: &ExportArgs,
    printer: &Printer,
) -> Result<bool, CliError> {
    let old_record = read_record(folder)?;
    let mut record = Record::read(old_record.as_deref().unwrap_or_default());
    let (mut to_write, mut kept, mut refused) = (Vec::new(), Vec::new(), 0);
    for file in files {
        let (decision, before) = decide(file, folder, &record, args.overwrite)?;
        match decision {
            Decision::Keep => kept.push(file),
            Decision::Refuse => {
                refuse(file, folder, printer);
                refused += 1;
            }
            Decision::Create | Decision::Replace => to_write.push(Write { file, before }),
        }
    }
    let mut written = to_write.len();
    if args.dry_run {
        for write in &to_write {
            tell(write, printer);
        }
    } else {
        let saved = write_all(&to_write, &mut record, folder, printer)?;
        (written, refused) = (written.saturating_sub(saved), refused + saved);
        for file in &kept {
            record.note(&file.path, file.text.as_bytes());
        }
        if old_record.as_deref() != Some(&record.text()) {
            fs::write(&folder.join(RECORD_PATH), record.text().as_bytes())?;
        }
    }
    let kept = kept.len();
    let would = if args.dry_run { "would be " } else { "" };
    let place = folder.display();
    printer.status(format_args!(
        "{written} {would}written, {kept} unchanged, {refused} refused in {place}"
    ));
    Ok(refused == 0)
}

/// The record of a folder, if it has one.
fn read_record(folder: &Path) -> Result<Option<String>, CliError> {
    match Place::of(folder, RECORD_PATH)? {
        Place::Free => Ok(None),
        Place::File(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Place::Blocked(by) => {
            let what = format_args!("{} is no file or folder of this program", by.display());
            Err(CliError::not_written(&what).hint("move away what stands in its place"))
        }
    }
}

/// Writes files and notes them; how many were not written, because somebody saved them meanwhile.
fn write_all(
    to_write: &[Write<'_>],
    record: &mut Record,
    folder: &Path,
    printer: &Printer,
) -> Result<usize, CliError> {
    let state_folder = folder.join(STATE_FOLDER);
    let mut saved = tell_rescued(fs::recover(&state_folder, folder)?, printer);
    if to_write.is_empty() {
        return Ok(saved);
    }
    // First what is going to be, so that a run that is broken off leaves nothing unknown.
    for Write { file, .. } in to_write {
        record.plan(&file.path, file.text.as_bytes());
    }
    fs::write(&folder.join(RECORD_PATH), record.text().as_bytes())?;
    for write in to_write {
        let Write { file, before } = write;
        let (path, bytes) = (folder.join(&file.path), file.text.as_bytes());
        if put(&path, bytes, before.as_deref(), &state_folder)? {
            tell(write, printer);
            record.note(&file.path, bytes);
        } else {
            refuse(file, folder, printer);
            saved += 1;
        }
    }
    Ok(saved + tell_rescued(fs::recover(&state_folder, folder)?, printer))
}

fn tell(Write { file, before }: &Write<'_>, printer: &Printer) {
    let verb = if before.is_none() { "new" } else { "replaced" };
    printer.detail(format_args!("{verb}: {}", file.path));
}

fn refuse(file: &ExportFile, folder: &Path, printer: &Printer) {
    let path = folder.join(&file.path);
    printer.failure(
        format_args!("{} stays: somebody else wrote or edited it", path.display()),
        Some("move it away, or replace it with --overwrite"),
    );
}

/// What is to be done with a file, and what it holds; whatever is no file, or lies behind a symbolic
/// link, is somebody else's for good.
fn decide(
    file: &ExportFile,
    folder: &Path,
    record: &Record,
    overwrite: bool,
) -> Result<(Decision, Option<Vec<u8>>), CliError> {
    let before = match Place::of(folder, &file.path)? {
        Place::Free => None,
        Place::File(bytes) => Some(bytes),
        Place::Blocked(_) => return Ok((Decision::Refuse, None)),
    };
    let decision = record.decide(&file.path, before.as_deref(), &file.text, overwrite);
    Ok((decision, before))
}
