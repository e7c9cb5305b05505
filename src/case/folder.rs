//! A folder of cases: one file a finding, which people write into while they work on it.
//!
//! A pristine copy of each file, as it was last written, lies in `.guardduty-runbooks/cases/`. When
//! the finding is updated, the three-way merge of the workspace puts the new facts and what people
//! wrote together. Where both are in the same place, the person's words stand: times in commands that
//! somebody has completed must not hold up the facts. Files are written in the order of the workspace
//! too: the next pristine copy, the file, then the copy takes its name. What a run left that was
//! interrupted in between is completed first, whatever the finding says by now.
//!
//! A record that is older than the one that a case was made of changes nothing.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use super::name::CaseName;
use super::version::Version;
use crate::fs::{self, Durability, Kind};
use crate::merge::{Hunk, Merge, merge};
use crate::moment::Moment;
use crate::text::shape::Shaped;
use crate::workspace::own_folder::CASES;
use crate::workspace::{Lock, OWN_FILES, STATE_FOLDER, Step, StepError, WorkspaceError};

/// A folder of cases, which no other run writes to at the same time.
#[derive(Debug)]
pub struct CaseFolder {
    folder: PathBuf,
    now: Moment,
    /// Whether a file was replaced, and nobody has looked at the old one since.
    replaced: Cell<bool>,
    _lock: Lock,
}

/// The text of a case as it was last written, and how new its record was.
#[derive(Debug, PartialEq, Eq)]
struct Pristine {
    text: String,
    version: Version,
}

/// What happens to the file of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is new.
    Created,
    /// It says what there is to say already.
    Unchanged,
    /// It was made of a newer record, and stays as it is.
    Newer,
    /// Nobody had written into it: it is written anew.
    Updated,
    /// What people wrote is in it, and what is new too.
    Merged,
    /// What people wrote and what is new are in the same places. These stay as people have them;
    /// what is new elsewhere is in the file.
    Conflict(Vec<Hunk>),
    /// Somebody deleted it, and it stays deleted.
    Deleted,
    /// Something that this program did not write has its name, and stays.
    NotOurs,
}

/// What is decided about a file, and what it will hold.
#[derive(Debug, PartialEq, Eq)]
struct Decision {
    kept: Kept,
    /// The file's new text, where it gets one.
    file: Option<String>,
    /// Whether the pristine copy follows.
    pristine_follows: bool,
}

impl CaseFolder {
    /// Takes a folder for this run; it is made if it is missing.
    pub fn open(folder: &Path) -> Result<Self, WorkspaceError> {
        let lock = Lock::take(folder)?;
        let state_folder = folder.join(STATE_FOLDER);
        for (name, text) in OWN_FILES {
            let path = state_folder.join(name);
            if fs::kind(&path)? == Kind::Missing {
                fs::replace(&path, text.as_bytes(), &state_folder, Durability::Buffered)?;
            }
        }
        fs::make_folders(&state_folder.join(CASES))?;
        let (folder, replaced) = (folder.to_owned(), Cell::new(false));
        Ok(Self { folder, now: Moment::now(), replaced, _lock: lock })
    }

    /// Tidies up after files that were replaced, in this run or in one that was killed: at the
    /// beginning, at the end, and now and then. Gives what somebody saved too late to be seen at once,
    /// and where it is now.
    pub fn late_saves(&self) -> Result<Vec<StepError>, StepError> {
        if self.replaced.take() {
            fs::wait_for_late_saves();
        }
        let rescued = fs::recover(&self.state_folder(), &self.folder)?;
        Ok(rescued.into_iter().map(StepError::from).collect())
    }

    /// Where the file of a case is.
    pub fn path(&self, name: &CaseName) -> PathBuf {
        self.folder.join(name.as_str())
    }

    /// Writes a case, or what is new of it, into its file. Where that fails, the file is as it was.
    pub fn keep(&self, name: &CaseName, text: &str, version: Version) -> Result<Kept, StepError> {
        let path = self.path(name);
        let before = bytes(&path)?;
        let pristine = self.state_folder().join(CASES).join(name.as_str());
        let next = pristine.with_extension("md.next");
        let last = self.last(before.as_deref(), &pristine, &next)?;
        let last_text = last.as_ref().map(|last| last.text.as_str());
        let is_newer = |than: &Pristine| self.is_older(than.version, version);
        let Decision { kept, file, mut pristine_follows } = match &last {
            Some(last) if before.is_some() && self.is_older(version, last.version) => {
                let kept = if last.text == text { Kept::Unchanged } else { Kept::Newer };
                return Ok(kept);
            }
            _ => decide(before.as_deref(), last_text, text),
        };
        // The same text of a newer record: an older one must not change it from now on.
        pristine_follows |= kept == Kept::Unchanged && last.as_ref().is_some_and(is_newer);
        let mut steps = Vec::new();
        if pristine_follows {
            let bytes = (version.line() + text).into();
            steps.push(Step::Put { path: next.clone(), bytes });
        }
        let edited = last_text.map(str::as_bytes) != before.as_deref();
        let is_replaced = file.is_some() && before.is_some();
        let durability = if edited { Durability::Synced } else { Durability::Buffered };
        steps.extend(file.map(|text| match before {
            None => Step::Create { path, bytes: text.into() },
            Some(before) => Step::Replace { path, bytes: text.into(), before, durability },
        }));
        if pristine_follows {
            steps.push(Step::Rename { from: next, to: pristine });
        }
        self.replaced.set(self.replaced.get() || is_replaced);
        steps.iter().try_for_each(|step| step.run(&self.state_folder()))?;
        Ok(kept)
    }

    /// The pristine copy. The next one takes its place where an interrupted run had come as far as
    /// the file, which then has all that this copy would bring.
    fn last(
        &self,
        file: Option<&[u8]>,
        pristine: &Path,
        next: &Path,
    ) -> Result<Option<Pristine>, StepError> {
        let last = Pristine::read(pristine)?;
        let Some(interrupted) = Pristine::read(next)? else { return Ok(last) };
        let last_text = last.as_ref().map(|last| last.text.as_str());
        let Decision { kept, file, .. } = decide(file, last_text, &interrupted.text);
        if file.is_some() || matches!(kept, Kept::Deleted | Kept::NotOurs) {
            return Ok(last);
        }
        let step = Step::Rename { from: next.to_owned(), to: pristine.to_owned() };
        step.run(&self.state_folder())?;
        Ok(Some(interrupted))
    }

    fn is_older(&self, one: Version, other: Version) -> bool {
        one.believed(self.now) < other.believed(self.now)
    }

    fn state_folder(&self) -> PathBuf {
        self.folder.join(STATE_FOLDER)
    }
}

impl Pristine {
    /// Reads a pristine copy; none where there is none, or no text.
    fn read(path: &Path) -> Result<Option<Self>, StepError> {
        let Some(file) = fs::read_regular(path)? else { return Ok(None) };
        Ok(String::from_utf8(file.bytes).ok().map(|whole| {
            let (version, text) = Version::split(&whole);
            Self { text: text.to_owned(), version }
        }))
    }
}

/// What a file holds, if there is one; links are not followed.
fn bytes(path: &Path) -> Result<Option<Vec<u8>>, StepError> {
    match fs::read_regular(path) {
        Ok(file) => Ok(file.map(|file| file.bytes)),
        Err(error) if error.is_no_file() => Err(StepError::NotAFile(path.to_owned())),
        Err(error) => Err(error.into()),
    }
}

fn decide(file: Option<&[u8]>, pristine: Option<&str>, new: &str) -> Decision {
    let decision = |kept, file, pristine_follows| Decision { kept, file, pristine_follows };
    let (file, pristine) = match (file, pristine) {
        (None, None) => return decision(Kept::Created, Some(new.to_owned()), true),
        (None, Some(_)) => return decision(Kept::Deleted, None, false),
        (Some(file), None) if file == new.as_bytes() => {
            return decision(Kept::Unchanged, None, true);
        }
        (Some(_), None) => return decision(Kept::NotOurs, None, false),
        (Some(file), Some(pristine)) => (file, pristine),
    };
    if pristine == new {
        return decision(Kept::Unchanged, None, false);
    }
    let Some(Shaped { text, shape }) = Shaped::read(file) else {
        return decision(Kept::NotOurs, None, false);
    };
    let was_edited = text != pristine;
    let (merged, kept) = match merge(pristine, &text, new) {
        Merge::Conflict { hunks, yours, .. } => (yours, Kept::Conflict(hunks)),
        Merge::Resolved(merged) if merged.text == text => (merged, Kept::Unchanged),
        Merge::Resolved(merged) if was_edited => (merged, Kept::Merged),
        Merge::Resolved(merged) => (merged, Kept::Updated),
    };
    let came_from = |line: usize| merged.came_from.get(line).copied().flatten();
    let file = (merged.text != text).then(|| shape.apply(&merged.text, came_from));
    decision(kept, file, true)
}

#[cfg(test)]
mod tests;
