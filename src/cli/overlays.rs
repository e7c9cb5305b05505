//! Reads the folder `overlays`: a team's own steps.

use std::path::Path;

use super::confines::{self, Confines};
use super::discovery;
use super::error::CliError;
use super::printer::Printer;
use crate::catalogue::{Catalogue, CatalogueEntry};
use crate::fs;
use crate::runbook::Overlays;

/// The name of the folder.
pub(super) const FOLDER: &str = "overlays";

/// The files of the folder that lies in this one; none where there is no such folder. Within confines
/// neither the folder nor a file in it is a link that leads out.
pub(super) fn read(parent: &Path, confines: Option<&Confines>) -> Result<Overlays, CliError> {
    let mut overlays = Overlays::default();
    let root = parent.join(FOLDER);
    if !root.is_dir() {
        return Ok(overlays);
    }
    if confines.is_some() {
        discovery::check_owner(&root)?;
    }
    for name in names_in(&root, confines)? {
        let path = root.join(&name);
        if !path.is_dir() {
            add(&mut overlays, &name, &path, confines)?;
            continue;
        }
        for file in names_in(&path, confines)? {
            add(&mut overlays, &format!("{name}/{file}"), &path.join(&file), confines)?;
        }
    }
    Ok(overlays)
}

/// Warns of files for findings that the catalogue does not have.
pub(super) fn warn_of_unknown(overlays: &Overlays, catalogue: &Catalogue, printer: &Printer) {
    for (slug, name) in overlays.for_one_finding() {
        let is_known = |entry: &CatalogueEntry| entry.finding_type.slug().as_str() == slug;
        if !catalogue.entries.iter().any(is_known) {
            printer.warning(format_args!("{name} is for no finding type that there is now"));
        }
    }
}

fn names_in(folder: &Path, confines: Option<&Confines>) -> Result<Vec<String>, CliError> {
    if let Some(confines) = confines
        && let Some(objection) = confines.objection(folder)?
    {
        return Err(CliError::usage(&format_args!(
            "{} is not read: {objection}",
            folder.display()
        ))
        .hint("put a folder of your own there"));
    }
    let names = fs::names_in(folder)?.unwrap_or_default();
    let is_own = |name: &String| name.starts_with('.') || name == "README.md";
    Ok(names.into_iter().filter(|name| !is_own(name)).collect())
}

fn add(
    overlays: &mut Overlays,
    place: &str,
    path: &Path,
    confines: Option<&Confines>,
) -> Result<(), CliError> {
    if confines.is_some() {
        discovery::check_owner(path)?;
    }
    let text = confines.map_or_else(|| confines::read(path), |confines| confines.read(path))?;
    overlays.add(place, &path.display().to_string(), &text)?;
    Ok(())
}
