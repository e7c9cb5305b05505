//! `show`: one runbook, found by a name half remembered.

use std::io::{IsTerminal as _, Write as _, stdout};
use std::path::Path;

use super::args::{SharedArgs, ShowArgs, ShowFormat};
use super::error::{CliError, Exit, printed};
use super::names;
use super::pager;
use super::printer::Printer;
use crate::catalogue::lookup::Lookup;
use crate::catalogue::{Catalogue, builtin, lookup};
use crate::finding_type::FindingType;
use crate::listing;
use crate::terminal;
use crate::text::sections;
use crate::workspace::own::{OwnRunbook, OwnRunbooks, recorded_types};

/// How many of the finding types that a name may mean are listed.
const MOST_LISTED: usize = 25;

/// Shows a runbook, or says where it is. Neither network nor the rest of the folder is looked at.
pub(super) fn run(
    args: &ShowArgs,
    shared: &SharedArgs,
    printer: &Printer,
) -> Result<Exit, CliError> {
    let catalogue = builtin::catalogue();
    let folder = &shared.outdir;
    let finding_type = choose(&args.finding_type.join(" "), &catalogue, folder, printer)?;
    let runbooks = OwnRunbooks::new(folder);
    let own = own(&finding_type, &runbooks, printer);
    if args.path {
        return path(&finding_type, own.as_ref(), shared);
    }
    if args.url {
        let url = own.as_ref().and_then(OwnRunbook::source).map(str::to_owned);
        return url.or_else(|| documentation(&finding_type, &catalogue)).map_or_else(
            || {
                Err(CliError::usage(&format_args!(
                    "the documentation of {finding_type} is unknown"
                )))
            },
            |url| data(format!("{url}\n").as_bytes()),
        );
    }
    if let Some(own) = own {
        tell(&finding_type, &own, &catalogue, printer);
        return show(&own.text, Some(&own.bytes), args);
    }
    let text = rendered(&finding_type, &catalogue, shared, printer)?;
    printer.status(format_args!(
        "{finding_type}: the built-in runbook, without AWS's text; there is no {}",
        runbooks.usual_path(&finding_type).display()
    ));
    show(&text, None, args)
}

/// The finding type that is meant, or what it might be.
fn choose(
    given: &str,
    catalogue: &Catalogue,
    folder: &Path,
    printer: &Printer,
) -> Result<FindingType, CliError> {
    let recorded = recorded_types(folder).unwrap_or_else(|error| {
        printer.warning(error);
        Vec::new()
    });
    let active = catalogue.entries.iter().map(|entry| &entry.finding_type);
    let mut names: Vec<&FindingType> = active.chain(&recorded).collect();
    names.sort();
    names.dedup();
    let is_retired = |name: &FindingType| catalogue.retired.contains(name);
    let current = lookup::find(given, names.iter().copied().filter(|name| !is_retired(name)));
    if let Lookup::One(name) = current {
        return Ok(name.clone());
    }
    if let Some(name) = catalogue.retired.iter().find(|name| lookup::is_name_of(given, name)) {
        return Ok(name.clone());
    }
    if let Some(name) = by_file(given, folder) {
        return Ok(name);
    }
    let retired = lookup::find(given, &catalogue.retired);
    match (current, retired) {
        (Lookup::Several(names), retired) => Err(several(given, &names, &retired)),
        (_, Lookup::One(name)) => Ok(name.clone()),
        (_, Lookup::Several(names)) => Err(several(given, &names, &Lookup::Close(Vec::new()))),
        (current, _) => {
            let message = format_args!("no finding type is called {given:?}");
            Err(CliError::usage(&message)
                .maybe_hint(names::did_you_mean(&current.offered()))
                .hint("`guardduty-runbooks list` names them all"))
        }
    }
}

/// The type of a runbook in the folder that neither the program nor a manifest knows, by the name of
/// its file.
fn by_file(given: &str, folder: &Path) -> Option<FindingType> {
    let file = Path::new(given.trim()).file_name()?.to_str()?;
    let stem = file.strip_suffix(".md").unwrap_or(file);
    let whole = given.trim().parse::<FindingType>().ok();
    let slug = whole.map_or_else(|| stem.to_owned(), |name| name.slug().to_string());
    let path = folder.join(format!("{slug}.md"));
    let is_plain = slug.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let own = is_plain.then(|| OwnRunbook::at(path).ok().flatten()).flatten()?;
    let named = own.finding_type()?;
    (named.slug().as_str() == slug).then_some(named)
}

fn several(given: &str, names: &[&FindingType], retired: &Lookup<'_>) -> CliError {
    let retired: &[&FindingType] = match retired {
        Lookup::Several(names) => names,
        Lookup::One(name) => &[name],
        Lookup::Close(_) => &[],
    };
    let mut message = format!("{given:?} may mean {} finding types:", names.len() + retired.len());
    let lines = names.iter().map(ToString::to_string);
    let lines: Vec<String> =
        lines.chain(retired.iter().map(|name| format!("{name} (retired)"))).collect();
    lines.iter().take(MOST_LISTED).for_each(|line| message.push_str(&format!("\n  {line}")));
    if lines.len() > MOST_LISTED {
        message.push_str(&format!("\n  and {} more", lines.len() - MOST_LISTED));
    }
    CliError::usage(&message).hint("add a word, such as the resource, or give the whole name")
}

/// The folder's own runbook. What cannot be read is no reason to show none.
fn own(
    finding_type: &FindingType,
    runbooks: &OwnRunbooks,
    printer: &Printer,
) -> Option<OwnRunbook> {
    runbooks.of(finding_type).unwrap_or_else(|error| {
        printer.warning(format_args!("{error}; the built-in runbook takes its place"));
        None
    })
}

fn path(
    finding_type: &FindingType,
    own: Option<&OwnRunbook>,
    shared: &SharedArgs,
) -> Result<Exit, CliError> {
    let Some(own) = own else {
        let folder = shared.outdir.display();
        let message = format_args!("there is no runbook of {finding_type} in {folder}");
        return Err(CliError::usage(&message).hint(format!(
            "--outdir names the folder; `guardduty-runbooks --outdir {folder} --include \
             '{finding_type}'` writes the runbook"
        )));
    };
    let mut line = own.path.as_os_str().as_encoded_bytes().to_vec();
    line.push(b'\n');
    data(&line)
}

/// Where AWS documents the type, as far as the program knows.
fn documentation(finding_type: &FindingType, catalogue: &Catalogue) -> Option<String> {
    let entry = catalogue.entries.iter().find(|f| f.finding_type == *finding_type);
    entry.map(|entry| catalogue.guide.link(&entry.place)).or_else(|| {
        let rows = listing::retired(catalogue);
        rows.into_iter().find(|row| row.finding_type == *finding_type).map(|row| row.url)
    })
}

/// Says which file is shown, and what is the matter with it.
fn tell(finding_type: &FindingType, own: &OwnRunbook, catalogue: &Catalogue, printer: &Printer) {
    if own.is_retired() || catalogue.retired.contains(finding_type) {
        printer.warning(format_args!(
            "AWS has retired {finding_type}: GuardDuty generates no new findings of it"
        ));
    }
    if !own.is_utf8 {
        printer.warning(format_args!(
            "{} is not UTF-8 throughout; what cannot be read is shown as \u{fffd}",
            own.path.display()
        ));
    }
    printer.status(format_args!("{finding_type}: {}", own.path.display()));
}

/// The runbook from the built-in catalogue, through the template and with the steps of the folder.
fn rendered(
    finding_type: &FindingType,
    catalogue: &Catalogue,
    shared: &SharedArgs,
    printer: &Printer,
) -> Result<String, CliError> {
    let entry = catalogue.entries.iter().find(|f| f.finding_type == *finding_type);
    let Some(entry) = entry else { return Err(without_runbook(finding_type, catalogue)) };
    let settings = super::settings(shared, printer)?;
    let rendered = settings
        .renderer(settings.templates.name())
        .and_then(|renderer| Ok(renderer.render(entry, catalogue)?));
    rendered.map_err(|error| settings.blamed(error))
}

fn without_runbook(finding_type: &FindingType, catalogue: &Catalogue) -> CliError {
    if !catalogue.retired.contains(finding_type) {
        let message =
            format_args!("{finding_type} is newer than this program, and its file is gone");
        return CliError::usage(&message)
            .hint("`guardduty-runbooks update --restore` writes it again");
    }
    let message = format_args!(
        "AWS has retired {finding_type}: GuardDuty generates no new findings of it, and the folder \
         has no runbook of it"
    );
    let family = format!("{} {}", finding_type.resource(), finding_type.threat_family());
    let active = catalogue.entries.iter().map(|entry| &entry.finding_type);
    let same_name = match lookup::find(&family, active) {
        Lookup::Close(_) => None,
        found => Some(names::listed(&found.offered(), ", ")),
    };
    let error = CliError::usage(&message)
        .maybe_hint(same_name.map(|names| format!("of the same name there are now: {names}")));
    error.maybe_hint(
        documentation(finding_type, catalogue).map(|url| format!("AWS documents it at {url}")),
    )
}

/// Prints a runbook, or the sections that were asked for. `bytes` is what its file holds.
fn show(text: &str, bytes: Option<&[u8]>, args: &ShowArgs) -> Result<Exit, CliError> {
    let chosen = if args.section.is_empty() { None } else { Some(chosen(text, &args.section)?) };
    let is_terminal = stdout().is_terminal();
    let automatic = if is_terminal { ShowFormat::Terminal } else { ShowFormat::Markdown };
    let shown = chosen.as_deref().unwrap_or(text);
    match args.format.unwrap_or(automatic) {
        ShowFormat::Terminal => pager::print(&terminal::render(shown, pager::columns())),
        ShowFormat::Markdown if is_terminal => pager::print(&terminal::plain(shown)),
        // To a file or another program goes what is in the file, to the byte.
        ShowFormat::Markdown => {
            data(bytes.filter(|_| chosen.is_none()).unwrap_or(shown.as_bytes()))
        }
    }
}

/// The text of the sections that the names mean, each once, in the order of the runbook.
fn chosen(text: &str, names: &[String]) -> Result<String, CliError> {
    let all = sections::sections(text);
    let mut chosen = Vec::new();
    for name in names {
        let found = sections::named(&all, name);
        if found.is_empty() {
            let titles: Vec<&str> = sections::main(&all).iter().map(|s| s.title.as_str()).collect();
            return Err(CliError::usage(&format_args!("the runbook has no section {name:?}"))
                .hint(format!("its sections are: {}", titles.join(", "))));
        }
        chosen.extend(found);
    }
    Ok(sections::joined(chosen))
}

fn data(bytes: &[u8]) -> Result<Exit, CliError> {
    let mut stdout = stdout();
    printed(stdout.write_all(bytes).and_then(|()| stdout.flush()))
}
