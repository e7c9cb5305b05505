//! The tool's own folder below a folder of runbooks or of cases: never a link, and nothing in it.

use std::path::Path;

use super::state::PRISTINE;
use super::{STATE_FOLDER, WorkspaceError};
use crate::fs::{self, Kind};

/// The folder of the pristine copies of cases, in the state folder.
pub(crate) const CASES: &str = "cases";

/// Whether a folder has a state folder; an error where that, or a folder in it, is a link or a file.
/// Whoever reads or writes there asks first.
pub(crate) fn has_state_folder(folder: &Path) -> Result<bool, WorkspaceError> {
    let state_folder = folder.join(STATE_FOLDER);
    if !is_own_folder(&state_folder)? {
        return Ok(false);
    }
    for name in [PRISTINE, CASES] {
        is_own_folder(&state_folder.join(name))?;
    }
    Ok(true)
}

/// Whether a folder of that name exists; a link or a file in its place is an error.
fn is_own_folder(path: &Path) -> Result<bool, WorkspaceError> {
    match fs::kind(path)? {
        Kind::Missing => Ok(false),
        Kind::Folder => Ok(true),
        _ => Err(WorkspaceError::NotAFolder { path: path.to_owned() }),
    }
}
