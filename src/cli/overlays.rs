//! Reads the folder `overlays`: a team's own steps.

use std::path::Path;

use super::error::CliError;
use super::printer::Printer;
use crate::catalogue::{Catalogue, Finding};
use crate::fs;
use crate::runbook::Overlays;

/// The name of the folder.
const FOLDER: &str = "overlays";

/// The files of the folder that lies in this one; none where there is no such folder.
pub(super) fn read(parent: &Path) -> Result<Overlays, CliError> {
    let mut overlays = Overlays::default();
    let root = parent.join(FOLDER);
    if !root.is_dir() {
        return Ok(overlays);
    }
    for name in names_in(&root)? {
        let path = root.join(&name);
        if !path.is_dir() {
            add(&mut overlays, &name, &path)?;
            continue;
        }
        for file in names_in(&path)? {
            add(&mut overlays, &format!("{name}/{file}"), &path.join(&file))?;
        }
    }
    Ok(overlays)
}

/// Warns of files for findings that the catalogue does not have.
pub(super) fn warn_of_unknown(overlays: &Overlays, catalogue: &Catalogue, printer: &Printer) {
    for (slug, name) in overlays.for_one_finding() {
        let is_known = |finding: &Finding| finding.finding_type.slug().as_str() == slug;
        if !catalogue.findings.iter().any(is_known) {
            printer.warning(format_args!("{name} is for no finding type that there is now"));
        }
    }
}

fn names_in(folder: &Path) -> Result<Vec<String>, CliError> {
    let names = fs::names_in(folder)?.unwrap_or_default();
    let is_own = |name: &String| name.starts_with('.') || name == "README.md";
    Ok(names.into_iter().filter(|name| !is_own(name)).collect())
}

fn add(overlays: &mut Overlays, place: &str, path: &Path) -> Result<(), CliError> {
    let text = fs::read_text_at_most(path, fs::MAX_OWN_TEXT);
    let text = text.map_err(|error| CliError::usage(&error))?;
    overlays.add(place, &path.display().to_string(), &text)?;
    Ok(())
}
