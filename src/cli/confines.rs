//! The folder that nothing may lead out of which somebody else may have named.

use std::path::{Component, Path, PathBuf};

use super::error::CliError;
use crate::fs::{self, Kind};

/// The longest file that a template or a configuration may be, in bytes.
const MOST_BYTES: u64 = 1 << 20;

/// A folder that paths stay in, after links are resolved.
#[derive(Clone, Debug)]
pub(super) struct Confines {
    folder: PathBuf,
}

impl Confines {
    /// The confines of a folder; of one that is not there yet, its name.
    pub(super) fn of(folder: &Path) -> Result<Self, CliError> {
        let folder = if folder == Path::new("") { Path::new(".") } else { folder };
        let resolved = resolved(folder)?;
        Ok(Self { folder: resolved.unwrap_or_else(|| folder.to_owned()) })
    }

    /// The folder, without links.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Says why a path leads out of the folder; none where it stays in.
    pub(super) fn objection(&self, path: &Path) -> Result<Option<String>, CliError> {
        fs::leads_out(path, &self.folder).map_err(|error| CliError::usage(&error))
    }

    /// The text of a regular file within the folder.
    pub(super) fn read(&self, path: &Path) -> Result<String, CliError> {
        let refused = |reason: &str| {
            CliError::usage(&format_args!("{} is not read: {reason}", path.display()))
                .hint("put a regular file there, in that folder")
        };
        if let Some(objection) = self.objection(path)? {
            return Err(refused(&objection));
        }
        if let Some(file) = resolved(path)?
            && !matches!(fs::kind(&file), Ok(Kind::File { .. }))
        {
            return Err(refused("it is not a regular file"));
        }
        read(path)
    }
}

fn resolved(path: &Path) -> Result<Option<PathBuf>, CliError> {
    fs::resolved(path).map_err(|error| CliError::usage(&error))
}

/// The text of a file that may lie anywhere.
pub(super) fn read(path: &Path) -> Result<String, CliError> {
    fs::read_text_at_most(path, MOST_BYTES).map_err(|error| CliError::usage(&error))
}

/// Whether a path, as it is written, is one below a folder: neither absolute nor with `..`.
pub(super) fn is_below(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}
