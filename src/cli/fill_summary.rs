//! `fill --summary`: what an export of findings holds.

use std::io::{self, BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};

use super::args::{FillArgs, FillFormat};
use super::error::{CliError, Exit, printed};
use super::printer::Printer;
use super::settings::Settings;
use crate::finding::ClaimedType;
use crate::fs::{self, FsError, Kind};
use crate::summary::{self, Summary, Tally};
use crate::terminal::plain;
use crate::workspace::own::OwnRunbooks;
use crate::workspace::{RunbookState, Workspace};

/// How many bad or damaged records are said one by one.
const SAID: usize = 10;

/// What a file is read in.
const PIECE: usize = 256 * 1024;

/// Counts the findings in files, folders and standard input.
pub(super) fn run(
    args: &FillArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<Exit, CliError> {
    let workspace = Workspace::load(&settings.outdir)?;
    let mut tally = Tally::default();
    for file in &args.files {
        if file == Path::new("-") {
            tally.add("standard input", io::stdin().lock());
        } else if fs::is_folder(file) {
            add_folder(file, &mut tally, printer)?;
        } else {
            let opened = fs::open(file).map_err(|error| not_opened(&error))?;
            tally.add(&file.display().to_string(), BufReader::with_capacity(PIECE, opened));
        }
    }
    let own = OwnRunbooks::new(&settings.outdir);
    let runbook = |finding_type: &ClaimedType| match finding_type.name() {
        Some(name) => workspace.runbook_state(name, &own),
        None => RunbookState::Missing,
    };
    let summary = tally.summary(runbook);
    if summary.records == 0 {
        return Err(nothing(&summary));
    }
    let text = match args.format.unwrap_or(FillFormat::Terminal) {
        FillFormat::Markdown => summary::markdown(&summary),
        FillFormat::Json => summary::json(&summary),
        FillFormat::Terminal => summary::table(&summary),
    };
    printed(anstream::stdout().write_all(plain(text).as_bytes()))?;
    say_bad(&summary, printer);
    say_damaged(&summary, printer);
    Ok(if summary.bad_records > 0 { Exit::Partly } else { Exit::Done })
}

/// Reads every file below a folder that begins as JSON or as gzip.
fn add_folder(folder: &Path, tally: &mut Tally, printer: &Printer) -> Result<(), CliError> {
    let (mut others, mut files) = (0, Vec::new());
    collect(folder, &mut files).map_err(|error| not_opened(&error))?;
    for file in &files {
        let opened = fs::open(file).map_err(|error| not_opened(&error))?;
        let mut input = BufReader::with_capacity(PIECE, opened);
        let begins_well = may_hold_findings(&mut input).map_err(|source| {
            not_opened(&FsError { action: "read", path: file.clone(), source })
        })?;
        if begins_well {
            tally.add(&file.display().to_string(), input);
        } else {
            others += 1;
            printer.detail(format_args!("{} is neither JSON nor gzip", file.display()));
        }
    }
    if files.is_empty() {
        printer.warning(format_args!("there is no file in {}", folder.display()));
    } else if others > 0 {
        printer.status(format_args!(
            "left out {others} of {} files in {}, which are neither JSON nor gzip",
            files.len(),
            folder.display()
        ));
    }
    Ok(())
}

/// The regular files below a folder, sorted. Links are not followed.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), FsError> {
    for name in fs::names_in(folder)?.unwrap_or_default() {
        let path = folder.join(name);
        match fs::kind(&path)? {
            Kind::Folder => collect(&path, files)?,
            Kind::File { .. } => files.push(path),
            _ => {}
        }
    }
    Ok(())
}

fn may_hold_findings(input: &mut impl BufRead) -> io::Result<bool> {
    let head = input.fill_buf()?;
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let first = head.trim_ascii_start();
    Ok(head.starts_with(&[0x1f, 0x8b]) || first.starts_with(b"{") || first.starts_with(b"["))
}

fn not_opened(error: &FsError) -> CliError {
    CliError::usage(error).hint("name files with findings, or `-` for standard input")
}

fn nothing(summary: &Summary) -> CliError {
    match summary.bad.first() {
        Some((input, bad)) => {
            CliError::usage(&format_args!("{input}: {bad}")).maybe_hint(bad.problem.hint())
        }
        None => CliError::usage(&"there is no finding in what was named"),
    }
}

fn say_bad(summary: &Summary, printer: &Printer) {
    for (input, bad) in summary.bad.iter().take(SAID) {
        printer.failure(format_args!("{input}: {bad}"), bad.problem.hint());
    }
    let more = summary.bad_records.saturating_sub(SAID as u64);
    if more > 0 {
        printer.failure(format_args!("and {more} more records that could not be read"), None);
    }
}

fn say_damaged(summary: &Summary, printer: &Printer) {
    for (input, damage) in summary.damaged.iter().take(SAID) {
        printer.warning(format_args!("{input}: {damage}"));
    }
    let more = summary.damaged_records.saturating_sub(SAID as u64);
    if more > 0 {
        printer.warning(format_args!("and {more} more records are damaged"));
    }
}
