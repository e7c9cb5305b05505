//! `fill`: the runbook of a finding, with the finding's own values in it.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, IsTerminal as _, Write as _, stdout};
use std::path::Path;

use super::args::{FillArgs, FillFormat};
use super::error::{CliError, Exit, printed};
use super::pager::Pager;
use super::printer::Printer;
use super::settings::Settings;
use super::{fill_summary, pager};
use crate::case::folder::{CaseFolder, Kept};
use crate::case::{Case, RunbookOrigin};
use crate::catalogue::{Catalogue, builtin};
use crate::export::RunbookLinks;
use crate::finding::{self, Finding};
use crate::finding_type::FindingType;
use crate::fs;
use crate::guidance::library;
use crate::runbook::Renderer;
use crate::terminal;
use crate::workspace::own::OwnRunbooks;

/// How many runbooks are kept in memory, which are more than GuardDuty has finding types: findings
/// can name any number of others.
const MOST_RUNBOOKS: usize = 512;

/// How many cases are kept before what was replaced is tidied up.
const TIDIED_AFTER: usize = 256;

/// Fills the runbooks of findings, one after another.
pub(super) fn run(
    args: &FillArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<Exit, CliError> {
    if args.summary {
        return fill_summary::run(args, settings, printer);
    }
    settings.warn_of_missing_folder(printer)?;
    let output = match (&args.output, args.format) {
        (Some(folder), _) => Output::Folder(CaseFolder::open(folder)?),
        (None, Some(format)) => Output::Printed(format, None),
        (None, None) if stdout().is_terminal() => Output::Printed(FillFormat::Terminal, None),
        (None, None) => Output::Printed(FillFormat::Markdown, None),
    };
    let runbooks = Runbooks::new(settings, args.link_base.as_ref(), printer)?;
    let mut filling = Filling { output, runbooks, printer, counts: Counts::default() };
    filling.tell_late_saves();
    for file in &args.files {
        let is_read = if file == Path::new("-") {
            filling.read("standard input", io::stdin().lock())
        } else {
            let opened = fs::open(file).map_err(|error| {
                CliError::usage(&error).hint("give a file with findings in JSON, or `-`")
            })?;
            filling.read(&file.display().to_string(), BufReader::new(opened))
        };
        if !is_read? {
            break;
        }
    }
    Ok(filling.end())
}

/// Where filled runbooks go.
enum Output {
    /// With the pager, once it is open.
    Printed(FillFormat, Option<Pager>),
    Folder(CaseFolder),
}

/// What came of findings.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    filled: usize,
    created: usize,
    updated: usize,
    merged: usize,
    kept: usize,
    /// Those among the kept that were made of a newer record.
    newer: usize,
    in_conflict: usize,
    failed: usize,
}

struct Filling<'s> {
    output: Output,
    runbooks: Runbooks<'s>,
    printer: &'s Printer,
    counts: Counts,
}

impl Filling<'_> {
    /// Fills the findings of one input. False where nobody reads the output any more.
    fn read(&mut self, name: &str, input: impl BufRead) -> Result<bool, CliError> {
        for record in finding::read(input) {
            match record {
                Ok(finding) => {
                    if let Some(damage) = &finding.damage {
                        self.printer.warning(format_args!("{name}: {damage}"));
                    }
                    if !self.fill(&finding, name)? {
                        return Ok(false);
                    }
                }
                Err(bad) => self.failure(name, &bad, bad.problem.hint()),
            }
        }
        Ok(true)
    }

    fn fill(&mut self, finding: &Finding, name: &str) -> Result<bool, CliError> {
        let Some(finding_type) = finding.finding_type.name() else {
            let text = serde_json::to_string(&finding.finding_type.text()).unwrap_or_default();
            let hint = "`guardduty-runbooks list` names the finding types";
            self.failure(name, &format_args!("{text} is not a finding type"), Some(hint));
            return Ok(true);
        };
        let (text, origin) = self.runbooks.of(finding_type)?;
        let case = Case::new(finding, text, origin.clone(), library());
        let case = case.map_err(|error| CliError::not_written(&error))?;
        self.counts.filled += 1;
        match &mut self.output {
            Output::Printed(format, pager) => print(&case, *format, pager, self.counts.filled == 1),
            Output::Folder(folder) => {
                let kept = keep(&case, folder, self.printer);
                self.count(kept.as_ref());
                if self.counts.filled.is_multiple_of(TIDIED_AFTER) {
                    self.tell_late_saves();
                }
                Ok(true)
            }
        }
    }

    /// Tells what somebody saved into a case at the moment at which it was replaced.
    fn tell_late_saves(&mut self) {
        let Output::Folder(folder) = &self.output else { return };
        let saved = folder.late_saves().unwrap_or_else(|error| vec![error]);
        self.counts.failed += saved.len();
        for saved in &saved {
            self.printer.failure(saved, saved.hint());
        }
    }

    fn failure(&mut self, name: &str, what: &dyn std::fmt::Display, hint: Option<&str>) {
        self.counts.failed += 1;
        self.printer.failure(format_args!("{name}: {what}"), hint);
    }

    fn count(&mut self, kept: Option<&Kept>) {
        let counts = &mut self.counts;
        counts.newer += usize::from(kept == Some(&Kept::Newer));
        *match kept {
            Some(Kept::Created) => &mut counts.created,
            Some(Kept::Updated) => &mut counts.updated,
            Some(Kept::Merged) => &mut counts.merged,
            Some(Kept::Unchanged | Kept::Deleted | Kept::Newer) => &mut counts.kept,
            Some(Kept::Conflict(_)) => &mut counts.in_conflict,
            Some(Kept::NotOurs) | None => &mut counts.failed,
        } += 1;
    }

    fn end(mut self) -> Exit {
        self.tell_late_saves();
        let Counts { filled, created, updated, merged, kept, newer, in_conflict, failed } =
            self.counts;
        if let Output::Printed(_, pager) = &mut self.output {
            drop(pager.take());
        }
        if newer > 0 {
            self.printer.status(format_args!(
                "{newer} of the kept were made of a newer record of their finding, and stay as they are"
            ));
        }
        if matches!(self.output, Output::Folder(_)) {
            self.printer.status(format_args!(
                "{created} new, {updated} updated, {merged} merged, {kept} kept, {in_conflict} in \
                 conflict, {failed} failed"
            ));
        } else if filled + failed != 1 {
            self.printer.status(format_args!("{filled} filled, {failed} failed"));
        }
        match (filled, failed, in_conflict) {
            (0, 1.., _) => Exit::Usage,
            (_, 1.., _) => Exit::Partly,
            (_, 0, 1..) => Exit::Remains,
            _ => Exit::Done,
        }
    }
}

/// Writes a case into its folder; none where that failed.
fn keep(case: &Case, folder: &CaseFolder, printer: &Printer) -> Option<Kept> {
    let Some(name) = &case.name else {
        let message = format_args!("a finding of {} has no id", case.finding_type);
        printer.failure(message, Some("leave --output out to see its runbook"));
        return None;
    };
    let path = folder.path(name);
    let path = path.display();
    match folder.keep(name, &case.markdown, case.version) {
        Err(error) => {
            printer.failure(&error, error.hint());
            None
        }
        Ok(kept) => {
            match &kept {
                Kept::Created => printer.detail(format_args!("{path}: new")),
                Kept::Unchanged => printer.detail(format_args!("{path}: as it was")),
                Kept::Newer => printer.detail(format_args!(
                    "{path}: as it was; the record that came is older than the one it was made of"
                )),
                Kept::Updated => printer.detail(format_args!("{path}: updated")),
                Kept::Merged => printer.detail(format_args!("{path}: merged with your edits")),
                Kept::Deleted => printer.warning(format_args!(
                    "{path} was deleted and is not written again; the finding has gone on"
                )),
                Kept::NotOurs => printer.failure(
                    format_args!("{path} is not a case that this program wrote, and stays"),
                    Some("move it away and run again"),
                ),
                Kept::Conflict(hunks) => {
                    let lines: Vec<String> =
                        hunks.iter().map(|hunk| hunk.first_line.to_string()).collect();
                    printer.failure(
                        format_args!(
                            "{path}: what is new stands where you have written yourself; your words \
                             stay (line {}), the rest is up to date",
                            lines.join(", ")
                        ),
                        Some("look at the finding, and put in by hand what you need"),
                    );
                }
            }
            Some(kept)
        }
    }
}

/// Prints a case. False where nobody reads any more.
fn print(
    case: &Case,
    format: FillFormat,
    pager: &mut Option<Pager>,
    is_first: bool,
) -> Result<bool, CliError> {
    let separated = |text: String| if is_first { text } else { format!("\n{text}") };
    let is_terminal = stdout().is_terminal();
    let text = match format {
        FillFormat::Terminal => separated(terminal::render(&case.markdown, pager::columns())),
        FillFormat::Markdown if is_terminal => separated(terminal::plain(&case.markdown)),
        FillFormat::Markdown => separated(case.markdown.clone()),
        FillFormat::Json => {
            let json = serde_json::to_string(case);
            let json = json.expect("a case has text keys only, which become JSON");
            terminal::plain_json(&json) + "\n"
        }
    };
    if format == FillFormat::Terminal || (is_terminal && format == FillFormat::Markdown) {
        return pager.get_or_insert_with(Pager::open).write(&text);
    }
    let mut stdout = stdout();
    let result = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    let is_read = !pager::is_closed(&result);
    printed(result).map(|_| is_read)
}

/// The runbooks of finding types: the folder's own, else rendered from the built-in catalogue.
struct Runbooks<'s> {
    link_base: Option<&'s RunbookLinks>,
    printer: &'s Printer,
    catalogue: Catalogue,
    renderer: Renderer,
    own: OwnRunbooks,
    read: HashMap<FindingType, (String, RunbookOrigin)>,
}

impl<'s> Runbooks<'s> {
    fn new(
        settings: &'s Settings,
        link_base: Option<&'s RunbookLinks>,
        printer: &'s Printer,
    ) -> Result<Self, CliError> {
        let renderer = settings.renderer(settings.templates.name())?;
        let catalogue = builtin::catalogue();
        let own = OwnRunbooks::new(&settings.outdir);
        Ok(Self { link_base, printer, catalogue, renderer, own, read: HashMap::new() })
    }

    fn of(&mut self, finding_type: &FindingType) -> Result<&(String, RunbookOrigin), CliError> {
        if !self.read.contains_key(finding_type) {
            if self.read.len() >= MOST_RUNBOOKS {
                self.read.clear();
            }
            let runbook = self.find(finding_type)?;
            self.read.insert(finding_type.clone(), runbook);
        }
        Ok(&self.read[finding_type])
    }

    fn find(&self, finding_type: &FindingType) -> Result<(String, RunbookOrigin), CliError> {
        let slug = finding_type.slug();
        let own = self.own.of(finding_type).unwrap_or_else(|error| {
            self.printer.warning(format_args!("{error}; the built-in runbook takes its place"));
            None
        });
        let file = own.as_ref().and_then(|own| own.path.file_name()?.to_str().map(str::to_owned));
        let origin = RunbookOrigin {
            is_own: own.is_some(),
            url: self.link_base.map(|links| links.link(&slug)),
            file: file.unwrap_or_else(|| slug.file_name()),
        };
        let text = if let Some(own) = own {
            own.text
        } else {
            let entry = builtin::entry_of(finding_type);
            self.renderer.render(&entry, &self.catalogue)?
        };
        Ok((text, origin))
    }
}
