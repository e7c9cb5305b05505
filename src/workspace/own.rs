//! One runbook of a folder, read alone: the rest of the folder is not looked at, whatever state it is
//! in. For reading during an alert.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::own_folder::has_state_folder;
use super::state::read_manifest;
use super::text::Shaped;
use super::{STATE_FOLDER, WorkspaceError, reading};
use crate::finding_type::{FindingType, Slug};
use crate::fs::{self, Refusal};

/// A runbook as the folder has it, with whatever people wrote into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnRunbook {
    /// The file.
    pub path: PathBuf,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// Its text, without a byte-order mark, lines ending in `\n`. Bytes that are no UTF-8 are U+FFFD.
    pub text: String,
    /// Whether all of it is UTF-8.
    pub is_utf8: bool,
}

/// Something has the name of a runbook and cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} cannot be read: {reason}", .path.display())]
pub struct UnreadableRunbook {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub reason: String,
    /// Whether it is a symbolic link, which nobody follows.
    pub is_link: bool,
}

/// Where a folder has the runbook of that name, or would have it.
pub fn path_in(folder: &Path, slug: &Slug) -> PathBuf {
    let folder = if folder == Path::new(".") { Path::new("") } else { folder };
    folder.join(slug.file_name())
}

impl OwnRunbook {
    /// Reads the runbook of that name; none where the folder has none.
    pub fn read(folder: &Path, slug: &Slug) -> Result<Option<Self>, UnreadableRunbook> {
        Self::at(path_in(folder, slug))
    }

    /// Reads a runbook from its file; none where there is no such file. A symbolic link is not
    /// followed, whoever reads: it could lead to a secret, which would then be shown and published.
    pub fn at(path: PathBuf) -> Result<Option<Self>, UnreadableRunbook> {
        let bytes = match fs::read_regular(&path) {
            Ok(None) => return Ok(None),
            Ok(Some(file)) => file.bytes,
            // The folder of the runbooks is a file itself.
            Err(error) if error.source.kind() == ErrorKind::NotADirectory => return Ok(None),
            Err(error) => {
                let is_link = error.refusal() == Some(Refusal::Link);
                return Err(UnreadableRunbook { path, reason: error.source.to_string(), is_link });
            }
        };
        let shaped = Shaped::read(&bytes);
        let is_utf8 = shaped.is_some();
        let text = shaped.map_or_else(|| String::from_utf8_lossy(&bytes).into_owned(), |s| s.text);
        Ok(Some(Self { path, bytes, text, is_utf8 }))
    }

    /// The address of AWS's documentation that its front matter names.
    pub fn source(&self) -> Option<&str> {
        reading::front_matter_value(&self.text, "source").filter(|url| url.starts_with("https://"))
    }

    /// Whether its front matter says that AWS has retired the finding type.
    pub fn is_retired(&self) -> bool {
        reading::front_matter_value(&self.text, "status") == Some("retired")
    }

    /// The finding type that it says it is for.
    pub fn finding_type(&self) -> Option<FindingType> {
        reading::finding_type(&self.text)
    }
}

/// The finding types of the runbooks that the tool wrote into a folder, as its manifest names them;
/// none where there is no manifest.
pub fn recorded_types(folder: &Path) -> Result<Vec<FindingType>, WorkspaceError> {
    if !folder.is_dir() || !has_state_folder(folder)? {
        return Ok(Vec::new());
    }
    let manifest = read_manifest(&folder.join(STATE_FOLDER))?.unwrap_or_default();
    Ok(manifest.entries.into_values().map(|entry| entry.finding_type).collect())
}
