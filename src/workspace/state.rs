//! The folder as it is on disk, read once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::manifest::{Journal, Manifest, ManifestEntry};
use super::own_folder::has_state_folder;
use super::steps::{ATTRIBUTES, FOLDING_ATTRIBUTES};
use super::{STATE_FOLDER, WorkspaceError};
use crate::fs::{self, Displaced, Refusal};
use crate::text::shape::Shaped;
use crate::text::subject;

/// The names in the state folder.
pub(crate) const MANIFEST: &str = "manifest.json";
pub(crate) const JOURNAL: &str = "manifest.json.next";
pub(crate) const PRISTINE: &str = "pristine";

/// A folder of runbooks, as plain data.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The Markdown files and the backups in the folder itself, by name.
    pub files: BTreeMap<String, Existing>,
    /// What the tool remembers of the runbooks it wrote, by slug.
    pub tracked: BTreeMap<String, Tracked>,
    /// Pristine copies of which neither manifest nor text tell the template, by slug.
    pub(crate) orphans: BTreeMap<String, Arc<str>>,
    /// What an interrupted run left, decided.
    pub(crate) recovery: Vec<Recovery>,
    /// What somebody saved while a run was interrupted.
    pub(crate) rescues: Vec<Rescue>,
    /// The manifest as it is on disk.
    pub(crate) manifest_on_disk: Option<Manifest>,
    /// The names in the state folder.
    pub(crate) own_names: BTreeSet<String>,
    /// Whether `.gitattributes` there is what earlier versions wrote, which reviews fold away for.
    pub(crate) folds_reviews: bool,
}

impl State {
    /// The manifest as it ought to be now, with what an interrupted run had done already.
    pub(crate) fn manifest(&self) -> Manifest {
        let entry = |(slug, tracked): (&String, &Tracked)| (slug.clone(), tracked.entry.clone());
        Manifest { entries: self.tracked.iter().map(entry).collect() }
    }

    /// Another file of the folder that is this runbook by what it says.
    pub(crate) fn renamed_to(&self, tracked: &Tracked) -> Option<String> {
        let is_it = |(name, file): &(&String, &Existing)| {
            let is_own =
                name.strip_suffix(".md").is_none_or(|slug| self.tracked.contains_key(slug));
            let text = file.text().filter(|_| !is_own).map(|shaped| shaped.text);
            text.is_some_and(|text| {
                Some(text.as_str()) == tracked.pristine.as_deref()
                    || subject::finding_type(&text).as_ref() == Some(&tracked.entry.finding_type)
            })
        };
        self.files.iter().find(is_it).map(|(name, _)| name.clone())
    }

    /// Files of an interrupted run in the state folder that are of no use any more.
    pub(crate) fn leftovers(&self) -> impl Iterator<Item = &str> {
        let is_leftover = |name: &&str| *name == JOURNAL || is_temporary(name);
        let is_rescued = |name: &&str| self.rescues.iter().any(|rescue| rescue.swap == *name);
        let names = self.own_names.iter().map(String::as_str);
        names.filter(is_leftover).filter(move |name| !is_rescued(name))
    }
}

/// What has the name of a runbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Existing {
    /// A regular file.
    File {
        /// What it holds; the same memory as the pristine copy that it equals.
        bytes: Arc<[u8]>,
        /// Whether its mode forbids writing.
        read_only: bool,
    },
    /// A symbolic link; it is neither followed nor replaced.
    SymbolicLink,
    /// A folder, a device or the like.
    NotAFile,
    /// A file that cannot be read, and why.
    Unreadable(String),
}

impl Existing {
    /// The text in the shape in which texts are compared; none where there is no text.
    pub fn text(&self) -> Option<Shaped> {
        match self {
            Self::File { bytes, .. } => Shaped::read(bytes),
            _ => None,
        }
    }
}

/// A runbook that the tool wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracked {
    /// What the manifest says.
    pub entry: ManifestEntry,
    /// The pristine copy; none where it is missing or no text.
    pub pristine: Option<Arc<str>>,
}

/// What to do about a `.next` that an interrupted run left, by slug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Recovery {
    /// The file was written: the `.next` becomes pristine.
    Finish(String),
    /// The file was not written yet: the `.next` is removed.
    Discard(String),
}

/// A displaced file in the state folder that holds what somebody saved: a run was killed before it
/// could put it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rescue {
    /// Its name in the state folder.
    pub(crate) swap: String,
    /// The file in which it was saved.
    pub(crate) file: String,
    /// A free name beside that file.
    pub(crate) copy: String,
}

/// What lies on disk, before anything is decided about it.
#[derive(Clone, Debug, Default)]
pub(crate) struct OnDisk {
    pub(crate) files: BTreeMap<String, Existing>,
    pub(crate) pristine: BTreeMap<String, Arc<str>>,
    pub(crate) next: BTreeMap<String, Arc<str>>,
    pub(crate) manifest: Option<Manifest>,
    pub(crate) journal: Option<Journal>,
    pub(crate) own_names: BTreeSet<String>,
    pub(crate) folds_reviews: bool,
    pub(crate) rescues: Vec<Rescue>,
}

/// Reads the folder and its state folder.
pub(crate) fn read(folder: &Path) -> Result<OnDisk, WorkspaceError> {
    let state_folder = folder.join(STATE_FOLDER);
    let mut disk = OnDisk::default();
    if has_state_folder(folder)? {
        read_own(&state_folder, &mut disk)?;
    }
    let names = fs::names_in(folder)?.unwrap_or_default();
    disk.files = read_files(folder, &names, &disk.pristine);
    let mut taken: BTreeSet<String> = names.into_iter().collect();
    for name in &disk.own_names {
        if let Some(rescue) = rescue(&state_folder, name, &taken)? {
            taken.insert(rescue.copy.clone());
            disk.rescues.push(rescue);
        }
    }
    Ok(disk)
}

fn read_own(state_folder: &Path, disk: &mut OnDisk) -> Result<(), WorkspaceError> {
    disk.manifest = read_manifest(state_folder)?;
    let journal = fs::read_regular(&state_folder.join(JOURNAL))?;
    disk.journal = journal.map(|file| Journal::read(&String::from_utf8_lossy(&file.bytes)));
    disk.own_names.extend(fs::names_in(state_folder)?.unwrap_or_default());
    disk.folds_reviews = folds_reviews(&state_folder.join(ATTRIBUTES))?;
    read_pristine(&state_folder.join(PRISTINE), disk)
}

/// The manifest in a state folder; none where it is missing.
pub(crate) fn read_manifest(state_folder: &Path) -> Result<Option<Manifest>, WorkspaceError> {
    let path = state_folder.join(MANIFEST);
    let Some(file) = fs::read_regular(&path)? else { return Ok(None) };
    Ok(Some(Manifest::read(&String::from_utf8_lossy(&file.bytes), &path)?))
}

/// Whether that file is what earlier versions wrote; what somebody else wrote there is theirs.
fn folds_reviews(attributes: &Path) -> Result<bool, WorkspaceError> {
    let found = fs::read_regular(attributes)?;
    Ok(found.is_some_and(|found| found.bytes == FOLDING_ATTRIBUTES.as_bytes()))
}

/// What a file of the state folder has to be rescued, if it has anything.
fn rescue(
    state_folder: &Path,
    name: &str,
    taken: &BTreeSet<String>,
) -> Result<Option<Rescue>, WorkspaceError> {
    let Some(displaced) = Displaced::read(name) else { return Ok(None) };
    let found = fs::read_regular(&state_folder.join(name))?;
    if found.is_none_or(|found| displaced.expects(&found.bytes)) {
        return Ok(None);
    }
    let is_free = |copy: &String| !taken.contains(copy);
    let copy =
        fs::backup_names(&displaced.file).find(is_free).expect("there are more numbers than files");
    Ok(Some(Rescue { swap: name.to_owned(), file: displaced.file, copy }))
}

fn read_files(
    folder: &Path,
    names: &[String],
    pristine: &BTreeMap<String, Arc<str>>,
) -> BTreeMap<String, Existing> {
    let of_interest = names.iter().filter(|name| has_ending(name, "md") || is_backup(name));
    let read = |name: &String| {
        let pristine = name.strip_suffix(".md").and_then(|slug| pristine.get(slug));
        (name.clone(), existing(&folder.join(name), pristine))
    };
    of_interest.map(read).collect()
}

fn existing(path: &Path, pristine: Option<&Arc<str>>) -> Existing {
    match fs::read_regular(path) {
        Ok(Some(fs::Regular { bytes, read_only })) => {
            let same = pristine.filter(|pristine| pristine.as_bytes() == bytes);
            let bytes = same.map_or_else(|| bytes.into(), |same| Arc::clone(same).into());
            Existing::File { bytes, read_only }
        }
        Ok(None) => Existing::NotAFile,
        Err(error) => match error.refusal() {
            Some(Refusal::Link) => Existing::SymbolicLink,
            Some(Refusal::NotAFile) => Existing::NotAFile,
            Some(Refusal::TooLarge) | None => Existing::Unreadable(error.source.to_string()),
        },
    }
}

fn read_pristine(folder: &Path, disk: &mut OnDisk) -> Result<(), WorkspaceError> {
    for name in fs::names_in(folder)?.unwrap_or_default() {
        let (slug, texts) = if let Some(slug) = name.strip_suffix(".md") {
            (slug, &mut disk.pristine)
        } else if let Some(slug) = name.strip_suffix(".md.next") {
            (slug, &mut disk.next)
        } else {
            continue;
        };
        if let Some(file) = fs::read_regular(&folder.join(&name))?
            && let Some(shaped) = Shaped::read(&file.bytes)
        {
            texts.insert(slug.to_owned(), shaped.text.into());
        }
    }
    Ok(())
}

/// A backup that `--backup` made: `<slug>.md.bak`, `<slug>.md.bak2`.
fn is_backup(name: &str) -> bool {
    name.rsplit_once(".md.bak")
        .is_some_and(|(_, number)| number.bytes().all(|b| b.is_ascii_digit()))
}

/// A temporary file of a run that was killed, as [`fs::replace`] names it.
fn is_temporary(name: &str) -> bool {
    name.starts_with('.') && has_ending(name, "tmp")
}

/// The Python tool also wrote a file whose whole name is `.md`.
fn has_ending(name: &str, ending: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, found)| found == ending)
}
