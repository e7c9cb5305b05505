//! Which files of an export or a site may be written: the program's own, and none that somebody else
//! wrote or edited.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::fs::{self, Durability, FsError, Kind, Replacement};
use crate::hash::sha256;

/// Where the record lies below the folder of an export.
pub const RECORD_PATH: &str = ".guardduty-runbooks/exports.json";

/// The files that the program wrote into a folder, each with the checksums of what it may hold since:
/// one, or the old one and the new one while it is replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Record(BTreeMap<String, BTreeSet<String>>);

/// What is to be done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is as it should be.
    Keep,
    /// There is no such file yet.
    Create,
    /// It is replaced.
    Replace,
    /// It is somebody else's, or somebody edited it.
    Refuse,
}

/// What stands where a file of a folder belongs.
pub enum Place {
    /// Nothing.
    Free,
    /// A regular file, in folders that are no links: what it holds.
    File(Vec<u8>),
    /// Something else, or something that is no folder where one is needed.
    Blocked(PathBuf),
}

impl Place {
    /// Looks at the place of a file below a folder; its path has `/` between names.
    pub fn of(folder: &Path, path: &str) -> Result<Self, FsError> {
        let mut full = folder.to_owned();
        let (parents, name) = path.rsplit_once('/').unwrap_or(("", path));
        for parent in parents.split('/').filter(|parent| !parent.is_empty()) {
            full.push(parent);
            match fs::kind(&full)? {
                Kind::Folder => {}
                Kind::Missing => return Ok(Self::Free),
                _ => return Ok(Self::Blocked(full)),
            }
        }
        full.push(name);
        match fs::read_regular(&full) {
            Ok(None) => Ok(Self::Free),
            Ok(Some(file)) => Ok(Self::File(file.bytes)),
            Err(error) if error.is_no_file() => Ok(Self::Blocked(full)),
            Err(error) => Err(error),
        }
    }
}

/// Writes a file of a folder that others may edit: a new one where `before` is none, else in place
/// of the one that held `before`. False where somebody saved meanwhile; what was saved is there.
pub fn put(
    path: &Path,
    bytes: &[u8],
    before: Option<&[u8]>,
    temporary: &Path,
) -> Result<bool, FsError> {
    let Some(before) = before else {
        path.parent().map_or(Ok(()), fs::make_folders)?;
        return fs::create(path, bytes, temporary).map(|()| true);
    };
    let replacement = fs::replace_unchanged(path, bytes, before, temporary, Durability::Buffered)?;
    Ok(replacement == Replacement::Done)
}

impl Record {
    /// Reads a record; an empty one where it cannot be understood, so that nothing is replaced.
    pub fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// The record as it is written.
    pub fn text(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("the record holds nothing but texts");
        format!("{text}\n")
    }

    /// What is to be done with a file that holds `existing`, and should hold `wanted`.
    pub fn decide(
        &self,
        path: &str,
        existing: Option<&[u8]>,
        wanted: &str,
        overwrite: bool,
    ) -> Decision {
        let Some(existing) = existing else { return Decision::Create };
        if existing == wanted.as_bytes() {
            Decision::Keep
        } else if overwrite || self.has(path, existing) {
            Decision::Replace
        } else {
            Decision::Refuse
        }
    }

    /// Notes that a file is about to get these bytes, so that it is the program's own whether it has
    /// them or not when the run is broken off.
    pub fn plan(&mut self, path: &str, bytes: &[u8]) {
        self.0.entry(path.to_owned()).or_default().insert(sha256(bytes));
    }

    /// Whether this is what was written into a file.
    pub fn has(&self, path: &str, bytes: &[u8]) -> bool {
        self.0.get(path).is_some_and(|checksums| checksums.contains(&sha256(bytes)))
    }

    /// Notes that a file holds what the program wrote.
    pub fn note(&mut self, path: &str, bytes: &[u8]) {
        self.0.insert(path.to_owned(), BTreeSet::from([sha256(bytes)]));
    }

    /// The files, by their path.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_an_export_wrote_is_replaced() {
        let mut record = Record::default();
        record.note("a.py", b"old");
        let record = Record::read(&record.text());
        let decide = |path, existing: &str, overwrite| {
            record.decide(path, Some(existing.as_bytes()), "new", overwrite)
        };
        assert_eq!(record.decide("a.py", None, "new", false), Decision::Create);
        assert_eq!(decide("a.py", "new", false), Decision::Keep);
        assert_eq!(decide("a.py", "old", false), Decision::Replace);
        assert_eq!(decide("a.py", "edited", false), Decision::Refuse);
        assert_eq!(decide("b.py", "old", false), Decision::Refuse);
        assert_eq!(decide("b.py", "edited", true), Decision::Replace);
        assert_eq!(Record::read("{nonsense"), Record::default());
    }

    #[test]
    fn a_run_that_was_broken_off_locks_nobody_out() {
        let mut record = Record::default();
        record.note("a.py", b"old");
        record.plan("a.py", b"new");
        let decide = |existing: &str| {
            Record::read(&record.text()).decide("a.py", Some(existing.as_bytes()), "newer", false)
        };
        assert_eq!(["old", "new", "edited"].map(decide), {
            [Decision::Replace, Decision::Replace, Decision::Refuse]
        });
    }
}
