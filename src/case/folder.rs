//! A folder of cases: one file a finding, which people write into while they work on it.
//!
//! A pristine copy of each file, as it was last written, lies in `.guardduty-runbooks/cases/`. When
//! the finding is updated, the three-way merge of the workspace puts the new facts and what people
//! wrote together. Where both are in the same place, the person's words stand: times in commands that
//! somebody has completed must not hold up the facts. Files are written in the order of the workspace
//! too: the next pristine copy, the file, then the copy takes its name. What a run left that was
//! interrupted in between is completed first, whatever the finding says by now.

use std::path::{Path, PathBuf};

use super::name::CaseName;
use crate::fs::{self, Durability, Kind};
use crate::workspace::merge::{Merge, merge};
use crate::workspace::text::Shaped;
use crate::workspace::{Hunk, Lock, OWN_FILES, STATE_FOLDER, Step, StepError, WorkspaceError};

/// A folder of cases, which no other run writes to at the same time.
#[derive(Debug)]
pub struct CaseFolder {
    folder: PathBuf,
    _lock: Lock,
}

/// What happens to the file of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is new.
    Created,
    /// It says what there is to say already.
    Unchanged,
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
        fs::make_folders(&state_folder.join("cases"))?;
        Ok(Self { folder: folder.to_owned(), _lock: lock })
    }

    /// Where the file of a case is.
    pub fn path(&self, name: &CaseName) -> PathBuf {
        self.folder.join(name.as_str())
    }

    /// Writes a case, or what is new of it, into its file. Where that fails, the file is as it was.
    pub fn keep(&self, name: &CaseName, text: &str) -> Result<Kept, StepError> {
        let path = self.path(name);
        let before = bytes(&path)?;
        let pristine = self.state_folder().join("cases").join(name.as_str());
        let next = pristine.with_extension("md.next");
        let last = self.last(before.as_deref(), &pristine, &next)?;
        let Decision { kept, file, pristine_follows } =
            decide(before.as_deref(), last.as_deref(), text);
        let mut steps = Vec::new();
        if pristine_follows {
            steps.push(Step::Put { path: next.clone(), bytes: text.into() });
        }
        let edited = last.as_deref().map(str::as_bytes) != before.as_deref();
        let durability = if edited { Durability::Synced } else { Durability::Buffered };
        steps.extend(file.map(|text| match before {
            None => Step::Create { path, bytes: text.into() },
            Some(before) => Step::Replace { path, bytes: text.into(), before, durability },
        }));
        if pristine_follows {
            steps.push(Step::Rename { from: next, to: pristine });
        }
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
    ) -> Result<Option<String>, StepError> {
        let read = |path: &Path| -> Result<Option<String>, StepError> {
            Ok(fs::read_if_present(path)?.and_then(|bytes| String::from_utf8(bytes).ok()))
        };
        let last = read(pristine)?;
        let Some(interrupted) = read(next)? else { return Ok(last) };
        let Decision { kept, file, .. } = decide(file, last.as_deref(), &interrupted);
        if file.is_some() || matches!(kept, Kept::Deleted | Kept::NotOurs) {
            return Ok(last);
        }
        let step = Step::Rename { from: next.to_owned(), to: pristine.to_owned() };
        step.run(&self.state_folder())?;
        Ok(Some(interrupted))
    }

    fn state_folder(&self) -> PathBuf {
        self.folder.join(STATE_FOLDER)
    }
}

/// What a file holds, if there is one; links are not followed.
fn bytes(path: &Path) -> Result<Option<Vec<u8>>, StepError> {
    match fs::kind(path)? {
        Kind::Missing => Ok(None),
        Kind::File { .. } => Ok(Some(fs::read(path)?)),
        _ => Err(StepError::NotAFile(path.to_owned())),
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
mod tests {
    use serde_json::json;
    use tempfile::TempDir;

    use super::*;

    const OLD: &str = "# A\n\n| count | `1` |\n\n## Notes\n\nNone.\n\n## End\n";
    const NEW: &str = "# A\n\n| count | `7` |\n\n## Notes\n\nNone.\n\n## End\n";

    fn name() -> CaseName {
        CaseName::of(&json!({"id": "f1"}), &"Recon:EC2/Portscan".parse().unwrap()).unwrap()
    }

    /// A folder with the case as it was first written.
    fn folder() -> (TempDir, CaseFolder) {
        let place = TempDir::new().unwrap();
        let folder = CaseFolder::open(&place.path().join("deep/cases")).unwrap();
        assert_eq!(folder.keep(&name(), OLD).unwrap(), Kept::Created);
        (place, folder)
    }

    fn read(folder: &CaseFolder) -> String {
        fs::read_to_string(&folder.path(&name())).unwrap()
    }

    fn write(folder: &CaseFolder, text: &str) {
        fs::write(&folder.path(&name()), text.as_bytes()).unwrap();
    }

    #[test]
    fn an_untouched_case_follows_the_finding() {
        let (_place, folder) = folder();
        assert_eq!(folder.keep(&name(), OLD).unwrap(), Kept::Unchanged);
        assert_eq!(folder.keep(&name(), NEW).unwrap(), Kept::Updated);
        assert_eq!(read(&folder), NEW);
    }

    #[test]
    fn what_people_wrote_stays() {
        let (_place, folder) = folder();
        let noted = OLD.replace("None.", "14:02 isolated. Call Ann.").replace('\n', "\r\n");
        write(&folder, &noted);
        assert_eq!(folder.keep(&name(), NEW).unwrap(), Kept::Merged);
        assert_eq!(read(&folder), noted.replace("`1`", "`7`"));
        assert_eq!(folder.keep(&name(), NEW).unwrap(), Kept::Unchanged);
    }

    #[test]
    fn in_a_conflict_the_persons_words_stay_and_the_rest_is_new() {
        let (_place, folder) = folder();
        write(&folder, &OLD.replace("`1`", "once"));
        let newer = NEW.replace("## End", "## The end");
        let Kept::Conflict(hunks) = folder.keep(&name(), &newer).unwrap() else { panic!() };
        assert_eq!(hunks[0].first_line, 3);
        assert_eq!(read(&folder), newer.replace("`7`", "once"));
        assert_eq!(folder.keep(&name(), &newer).unwrap(), Kept::Unchanged);
    }

    #[test]
    fn deleted_cases_and_files_of_others_stay_as_they_are() {
        let (_place, folder) = folder();
        fs::remove(&folder.path(&name())).unwrap();
        assert_eq!(folder.keep(&name(), NEW).unwrap(), Kept::Deleted);
        fs::remove(&folder.folder.join(STATE_FOLDER).join("cases").join(name().as_str())).unwrap();
        write(&folder, "mine\n");
        assert_eq!(folder.keep(&name(), NEW).unwrap(), Kept::NotOurs);
        assert_eq!(read(&folder), "mine\n");
    }

    /// What a run leaves that is killed behind one of its steps: the next pristine copy, and the
    /// file as it was or as it is to be.
    fn interrupted(folder: &CaseFolder, next: &str, file: Option<&str>, is_first: bool) {
        let cases = folder.state_folder().join("cases");
        let pristine = cases.join(name().as_str());
        fs::write(&pristine.with_extension("md.next"), next.as_bytes()).unwrap();
        if is_first {
            fs::remove(&pristine).unwrap();
            fs::remove(&folder.path(&name())).unwrap();
        }
        if let Some(text) = file {
            write(folder, text);
        }
    }

    #[test]
    fn a_first_run_that_was_interrupted_is_completed_by_a_newer_finding() {
        for (file, expected) in [(None, Kept::Created), (Some(OLD), Kept::Updated)] {
            let (_place, folder) = folder();
            interrupted(&folder, OLD, file, true);
            assert_eq!(folder.keep(&name(), NEW).unwrap(), expected);
            assert_eq!(read(&folder), NEW);
            assert_eq!(folder.keep(&name(), NEW).unwrap(), Kept::Unchanged);
        }
    }

    #[test]
    fn an_update_that_was_interrupted_is_completed_by_a_newer_finding() {
        let noted = |text: &str| text.replace("None.", "Noted.");
        let newer = NEW.replace("`7`", "`9`");
        for (file, kept, expected) in [
            (OLD.to_owned(), Kept::Updated, newer.clone()),
            (NEW.to_owned(), Kept::Updated, newer.clone()),
            (noted(OLD), Kept::Merged, noted(&newer)),
            (noted(NEW), Kept::Merged, noted(&newer)),
        ] {
            let (_place, folder) = folder();
            interrupted(&folder, NEW, Some(&file), false);
            assert_eq!(folder.keep(&name(), &newer).unwrap(), kept, "{file}");
            assert_eq!(read(&folder), expected);
            assert_eq!(folder.keep(&name(), &newer).unwrap(), Kept::Unchanged);
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_written_through() {
        let (place, folder) = folder();
        let secret = place.path().join("secret");
        fs::write(&secret, b"secret").unwrap();
        fs::remove(&folder.path(&name())).unwrap();
        std::os::unix::fs::symlink(&secret, folder.path(&name())).unwrap();
        assert!(matches!(folder.keep(&name(), NEW), Err(StepError::NotAFile(_))));
        assert_eq!(fs::read(&secret).unwrap(), b"secret");
    }
}
