//! A plan as a list of single operations on the disk, each of them whole or not done.
//!
//! A process that dies between any two of them, or in the middle of one, leaves a folder from which
//! the next run ends where an undisturbed one would have.

use std::path::{Path, PathBuf};

use super::STATE_FOLDER;
use super::action::{Action, Effects, FileEffect, Plan};
use super::manifest::{Journal, Planned};
use super::state::{JOURNAL, MANIFEST, PRISTINE, Recovery, State};
use crate::finding_type::Slug;
use crate::fs::{self, Durability, FsError, Replacement, Rescued};

/// Files of the state folder that tell git what to make of the others. Reviews see all of these: a
/// pristine copy or a manifest that is not what the program wrote changes what the next run does.
pub(crate) const OWN_FILES: [(&str, &str); 2] =
    [(ATTRIBUTES, "* -text\n"), (".gitignore", "/lock\n*.tmp\n*.next\n")];

pub(crate) const ATTRIBUTES: &str = ".gitattributes";

/// What earlier versions wrote there, which made reviews fold the folder away.
pub(crate) const FOLDING_ATTRIBUTES: &str = "* -text linguist-generated\n";

/// One operation on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    MakeFolders(PathBuf),
    /// A new file, never in place of another.
    Create {
        path: PathBuf,
        bytes: Vec<u8>,
    },
    /// A file in place of one that has to hold these bytes still.
    Replace {
        path: PathBuf,
        bytes: Vec<u8>,
        before: Vec<u8>,
        durability: Durability,
    },
    /// One of the tool's own files, in place of an older one or not.
    Put {
        path: PathBuf,
        bytes: Vec<u8>,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    /// Never in place of another.
    RenameToFree {
        from: PathBuf,
        to: PathBuf,
    },
    Remove(PathBuf),
}

/// Why a step was not done.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] FsError),
    /// Somebody changed the file since it was read.
    #[error("{} was changed while this run was at work, and was left as it is", .0.display())]
    ChangedMeanwhile(PathBuf),
    /// Something else has taken the file's place since it was read.
    #[error("{} is not a regular file any more", .0.display())]
    NotAFile(PathBuf),
    /// Somebody saved the file at the very moment at which this run, or one that was killed, replaced
    /// it.
    #[error("{} is what somebody saved in {} while it was replaced", .copy.display(), .file.display())]
    SavedThen {
        /// The file.
        file: PathBuf,
        /// Where what was saved is now.
        copy: PathBuf,
    },
}

impl From<Rescued> for StepError {
    fn from(Rescued { file, copy }: Rescued) -> Self {
        Self::SavedThen { file, copy }
    }
}

impl StepError {
    /// Whether every other write on the same disk would fail as well.
    pub fn concerns_whole_disk(&self) -> bool {
        matches!(self, Self::Disk(error) if error.concerns_whole_disk())
    }

    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Disk(error) => error.hint(),
            Self::ChangedMeanwhile(_) => Some("run again"),
            Self::SavedThen { .. } => Some("compare the two, and remove the copy"),
            Self::NotAFile(_) => Some("put a regular file in its place and run again"),
        }
    }
}

impl Step {
    /// Does it. `temporary` is the folder for temporary files.
    pub(crate) fn run(&self, temporary: &Path) -> Result<(), StepError> {
        match self {
            Self::MakeFolders(path) => fs::make_folders(path)?,
            Self::Create { path, bytes } => fs::create(path, bytes, temporary)?,
            Self::Put { path, bytes } => fs::replace(path, bytes, temporary, Durability::Buffered)?,
            Self::Rename { from, to } => fs::rename(from, to)?,
            Self::RenameToFree { from, to } => fs::rename_to_free(from, to)?,
            Self::Remove(path) => fs::remove(path)?,
            Self::Replace { path, bytes, before, durability } => {
                match fs::replace_unchanged(path, bytes, before, temporary, *durability)? {
                    Replacement::Done => {}
                    Replacement::Changed => {
                        return Err(StepError::ChangedMeanwhile(path.clone()));
                    }
                    Replacement::NotAFile => return Err(StepError::NotAFile(path.clone())),
                }
            }
        }
        Ok(())
    }
}

/// Where the steps of a plan go.
pub(crate) struct Steps<'a> {
    folder: &'a Path,
    state_folder: PathBuf,
    state: &'a State,
    plan: &'a Plan,
}

impl<'a> Steps<'a> {
    pub(crate) fn new(folder: &'a Path, state: &'a State, plan: &'a Plan) -> Self {
        Self { folder, state_folder: folder.join(STATE_FOLDER), state, plan }
    }

    pub(crate) fn state_folder(&self) -> &Path {
        &self.state_folder
    }

    /// The folders, what an interrupted run left, and the manifest as it will be.
    pub(crate) fn first(&self) -> Vec<Step> {
        let pristine = self.state_folder.join(PRISTINE);
        let mut steps = vec![Step::MakeFolders(pristine.clone())];
        for recovery in &self.plan.recovery {
            steps.push(match recovery {
                Recovery::Finish(slug) => self.next_becomes_pristine(slug),
                Recovery::Discard(slug) => Step::Remove(self.pristine(slug, ".next")),
            });
        }
        for rescue in &self.state.rescues {
            let (from, to) = (self.state_folder.join(&rescue.swap), self.folder.join(&rescue.copy));
            steps.push(Step::RenameToFree { from, to });
        }
        let others = self.state.leftovers().filter(|name| *name != JOURNAL);
        steps.extend(others.map(|name| Step::Remove(self.state_folder.join(name))));
        for (name, text) in OWN_FILES {
            let folds = name == ATTRIBUTES && self.state.folds_reviews;
            if folds || !self.state.own_names.contains(name) {
                let path = self.state_folder.join(name);
                steps.push(Step::Put { path, bytes: text.as_bytes().into() });
            }
        }
        let journal = self.journal();
        if !journal.entries.is_empty() {
            let path = self.state_folder.join(JOURNAL);
            steps.push(Step::Put { path, bytes: journal.to_json().into() });
        }
        steps
    }

    /// What somebody saved while an earlier run was killed, to be told.
    pub(crate) fn saved_then(&self) -> impl Iterator<Item = StepError> {
        self.state.rescues.iter().map(|rescue| StepError::SavedThen {
            file: self.folder.join(&rescue.file),
            copy: self.folder.join(&rescue.copy),
        })
    }

    /// What an action writes, in the order that a crash cannot hurt; and what undoes the beginning
    /// where a later step fails.
    pub(crate) fn of(&self, action: &Action) -> (Vec<Step>, Vec<Step>) {
        let slug = action.slug.as_str();
        let Effects { file, pristine, .. } = &action.effects;
        let mut steps = Vec::new();
        match (file, pristine) {
            (None, None) => {}
            (None, Some(text)) => {
                steps.push(Step::Put {
                    path: self.pristine(slug, ""),
                    bytes: text.as_bytes().into(),
                });
            }
            (Some(file), None) => steps.extend(self.file_steps(&action.slug, file)),
            (Some(file), Some(text)) => {
                let next = self.pristine(slug, ".next");
                steps.push(Step::Put { path: next.clone(), bytes: text.as_bytes().into() });
                steps.extend(self.file_steps(&action.slug, file));
                steps.push(self.next_becomes_pristine(slug));
                return (steps, vec![Step::Remove(next)]);
            }
        }
        (steps, Vec::new())
    }

    /// The manifest, without what `done` says failed; the last thing that is written.
    pub(crate) fn last(&self, done: impl Fn(&Slug) -> bool) -> Vec<Step> {
        let mut steps = Vec::new();
        let manifest = self.plan.manifest_after(self.state, done);
        if manifest != self.state.manifest_on_disk.clone().unwrap_or_default() {
            let path = self.state_folder.join(MANIFEST);
            steps.push(Step::Put { path, bytes: manifest.to_json().into() });
        }
        let written = !self.journal().entries.is_empty();
        if written || self.state.own_names.contains(JOURNAL) {
            steps.push(Step::Remove(self.state_folder.join(JOURNAL)));
        }
        steps
    }

    fn file_steps(&self, slug: &Slug, file: &FileEffect) -> Vec<Step> {
        let path = self.folder.join(slug.file_name());
        match file {
            FileEffect::Create(text) => vec![Step::Create { path, bytes: text.as_bytes().into() }],
            FileEffect::Rename { from, .. } => {
                vec![Step::RenameToFree { from: self.folder.join(from), to: path }]
            }
            FileEffect::Replace { text, before, edited, backup } => {
                let durability = if *edited { Durability::Synced } else { Durability::Buffered };
                let replace = Step::Replace {
                    path,
                    bytes: text.as_bytes().into(),
                    before: before.clone(),
                    durability,
                };
                let backup = backup.as_ref().filter(|name| !self.state.files.contains_key(*name));
                let copy = backup.map(|name| Step::Create {
                    path: self.folder.join(name),
                    bytes: before.clone(),
                });
                copy.into_iter().chain([replace]).collect()
            }
        }
    }

    fn journal(&self) -> Journal {
        let mut journal = Journal::default();
        for Action { slug, pristine, effects, .. } in &self.plan.actions {
            if *effects == Effects::default() {
                continue;
            }
            let new = effects.pristine.as_ref().or(pristine.as_ref()).map(AsRef::as_ref);
            let file = effects.file.as_ref().map(FileEffect::bytes);
            let planned = Planned::new(effects.entry.clone(), new, file);
            journal.entries.insert(slug.as_str().to_owned(), planned);
        }
        journal
    }

    fn next_becomes_pristine(&self, slug: &str) -> Step {
        Step::Rename { from: self.pristine(slug, ".next"), to: self.pristine(slug, "") }
    }

    fn pristine(&self, slug: &str, ending: &str) -> PathBuf {
        self.state_folder.join(PRISTINE).join(format!("{slug}.md{ending}"))
    }
}
