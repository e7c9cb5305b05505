//! `site`: a web site of the runbooks.

use std::collections::BTreeMap;
use std::path::Path;

use super::args::SiteArgs;
use super::error::{CliError, Exit};
use super::printer::Printer;
use super::report::tell_rescued;
use super::serve;
use super::settings::Settings;
use crate::catalogue::{Catalogue, builtin};
use crate::finding_type::FindingType;
use crate::site::{self, Runbook};
use crate::workspace::own::{OwnRunbook, OwnRunbooks};

/// Where the site goes, unless the command line says otherwise.
const DEFAULT_OUTPUT: &str = "site";

/// Writes the site of the folder's runbooks, of the built-in ones where the folder has none, or
/// shows it.
pub(super) fn run(
    args: &SiteArgs,
    settings: &Settings,
    printer: &Printer,
) -> Result<Exit, CliError> {
    settings.warn_of_missing_folder(printer)?;
    if let Some(output) = args.output.as_deref().filter(|output| is_same(output, &settings.outdir))
    {
        let message = format_args!("{} is the folder of the runbooks", output.display());
        return Err(CliError::usage(&message).hint("give the site a folder of its own"));
    }
    let catalogue = builtin::catalogue();
    let Folder { mut runbooks, left_out, mut is_whole } = of_folder(settings, &catalogue, printer)?;
    if runbooks.is_empty() && left_out == 0 {
        printer.status(format_args!(
            "{} has no runbooks, so the site gets the built-in ones, without AWS's text",
            settings.outdir.display()
        ));
        runbooks = built_in(settings, &catalogue)?;
    }
    if runbooks.is_empty() {
        return Err(CliError::usage(&"no runbook fits the filters, so there would be no site"));
    }
    let site = site::build(&runbooks);
    if args.serve.is_none() || args.output.is_some() {
        let output = args.output.as_deref().unwrap_or(Path::new(DEFAULT_OUTPUT));
        let done = site::write(&site, output)?;
        is_whole &= tell_rescued(done.rescued, printer) == 0;
        for path in &done.left {
            printer.warning(format_args!(
                "{} stays: this site has no such file, but it is not as an earlier one left it",
                path.display()
            ));
        }
        printer.status(format_args!(
            "{} runbooks in {}: {} files written, {} unchanged, {} removed",
            runbooks.len(),
            output.join("index.html").display(),
            done.written,
            done.unchanged,
            done.removed
        ));
    }
    if let Some(port) = args.serve {
        serve::serve(site, port, printer)?;
    }
    Ok(if is_whole { Exit::Done } else { Exit::Partly })
}

/// What a folder has for the site.
struct Folder {
    /// Its runbooks that the filters leave.
    runbooks: Vec<Runbook>,
    /// How many other files are runbooks, or are called like one.
    left_out: usize,
    /// Whether everything could be read.
    is_whole: bool,
}

/// Reads the folder. What is no runbook is passed over.
fn of_folder(
    settings: &Settings,
    catalogue: &Catalogue,
    printer: &Printer,
) -> Result<Folder, CliError> {
    let mut found: BTreeMap<FindingType, Vec<OwnRunbook>> = BTreeMap::new();
    let (mut left_out, mut is_whole) = (0, true);
    for own in OwnRunbooks::new(&settings.outdir).files()? {
        let own = match own {
            Ok(own) if own.is_utf8 => own,
            Ok(own) => {
                printer.failure(format_args!("{} is not UTF-8", own.path.display()), None);
                is_whole = false;
                continue;
            }
            Err(error) => {
                printer.warning(format_args!("{error}; it is left out"));
                left_out += 1;
                is_whole &= error.is_link;
                continue;
            }
        };
        match own.finding_type().or_else(|| named_after(&own, catalogue)) {
            None => printer.detail(format_args!("{} is no runbook", own.path.display())),
            Some(name) if is_selected(settings, catalogue, &name) => {
                found.entry(name).or_default().push(own);
            }
            Some(_) => left_out += 1,
        }
    }
    let one = |(name, found)| one_of(name, found, printer);
    Ok(Folder { runbooks: found.into_iter().map(one).collect(), left_out, is_whole })
}

/// The finding type in the name of a file whose text names none.
fn named_after(own: &OwnRunbook, catalogue: &Catalogue) -> Option<FindingType> {
    let active = catalogue.entries.iter().map(|entry| &entry.finding_type);
    let mut types = active.chain(builtin::retired().map(|retired| &retired.finding_type));
    types.find(|name| own.is_named_after(name)).cloned()
}

/// The runbook of a finding type: of several, the one in the file that is named after the type, else
/// the first one.
fn one_of(finding_type: FindingType, mut found: Vec<OwnRunbook>, printer: &Printer) -> Runbook {
    let taken = found.iter().position(|own| own.is_named_after(&finding_type)).unwrap_or(0);
    let OwnRunbook { path, text, .. } = found.remove(taken);
    for other in found {
        printer.warning(format_args!(
            "{} is left out: the site has the runbook for {finding_type} in {}",
            other.path.display(),
            path.display()
        ));
    }
    Runbook { finding_type, text }
}

/// Whether two paths name one folder.
fn is_same(one: &Path, other: &Path) -> bool {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute(one) == absolute(other)
}

fn is_selected(settings: &Settings, catalogue: &Catalogue, name: &FindingType) -> bool {
    let known = catalogue.entries.iter().find(|entry| entry.finding_type == *name);
    known.map_or_else(
        || settings.selection.contains_name(name),
        |entry| settings.selection.contains(entry),
    )
}

fn built_in(settings: &Settings, catalogue: &Catalogue) -> Result<Vec<Runbook>, CliError> {
    let renderer = settings.renderer(settings.templates.name())?;
    let selected = catalogue.entries.iter().filter(|f| settings.selection.contains(f));
    let runbooks = selected.map(|entry| {
        let text = renderer.render(entry, catalogue)?;
        Ok(Runbook { finding_type: entry.finding_type.clone(), text })
    });
    runbooks.collect()
}
