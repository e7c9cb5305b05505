//! One run at a time per folder.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::own_folder::has_state_folder;
use super::{STATE_FOLDER, WorkspaceError};
use crate::fs;

/// The lock of a folder of runbooks, held until it is dropped or its process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    /// The lock belongs to the open file.
    _file: File,
}

impl Lock {
    /// Takes the lock at once or not at all. Makes the folder, its parents and the state folder.
    pub fn take(folder: &Path) -> Result<Self, WorkspaceError> {
        let state_folder = folder.join(STATE_FOLDER);
        if !has_state_folder(folder)? {
            fs::make_folders(&state_folder)?;
        }
        let path = state_folder.join("lock");
        let file = fs::open_for_lock(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => {
                Err(WorkspaceError::Locked { folder: folder.to_owned() })
            }
            Err(TryLockError::Error(error)) => Err(fs::at("lock", &path)(error).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_is_turned_away_until_the_first_ends() {
        let folder = tempfile::tempdir().unwrap();
        let runbooks = folder.path().join("a/b");
        let first = Lock::take(&runbooks).unwrap();
        let error = Lock::take(&runbooks).unwrap_err();
        assert!(matches!(error, WorkspaceError::Locked { .. }), "{error}");
        assert!(error.to_string().contains("a/b"));
        drop(first);
        Lock::take(&runbooks).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn no_lock_is_made_through_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = folder.path().join("elsewhere");
        let runbooks = folder.path().join("runbooks");
        fs::make_folders(&elsewhere).unwrap();
        fs::make_folders(&runbooks).unwrap();
        std::os::unix::fs::symlink(&elsewhere, runbooks.join(STATE_FOLDER)).unwrap();
        assert!(matches!(Lock::take(&runbooks), Err(WorkspaceError::NotAFolder { .. })));
        assert_eq!(fs::names_in(&elsewhere).unwrap().unwrap(), Vec::<String>::new());
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_or_a_link_in_place_of_the_lock_is_an_error_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let [runbooks, elsewhere] = ["runbooks", "elsewhere"].map(|name| folder.path().join(name));
        let lock = runbooks.join(STATE_FOLDER).join("lock");
        fs::make_folders(lock.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &lock).unwrap();
        let error = Lock::take(&runbooks).unwrap_err();
        assert!(error.to_string().contains("lock: it is a symbolic link"), "{error}");
        assert_eq!(fs::kind(&elsewhere).unwrap(), fs::Kind::Missing);
        fs::remove(&lock).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&lock).status().unwrap().success());
        let error = Lock::take(&runbooks).unwrap_err();
        assert!(error.to_string().contains("lock: it is not a regular file"), "{error}");
        assert!(error.hint().is_some());
    }
}
