//! One runbook of a folder, read alone: the rest of the folder is not looked at, whatever state it is
//! in. For reading during an alert.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::manifest::Manifest;
use super::state::MANIFEST;
use super::text::Shaped;
use super::{STATE_FOLDER, reading};
use crate::finding_type::{FindingType, Slug};
use crate::fs;

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
}

/// Where a folder has the runbook of that name, or would have it.
pub fn path_in(folder: &Path, slug: &Slug) -> PathBuf {
    let folder = if folder == Path::new(".") { Path::new("") } else { folder };
    folder.join(slug.file_name())
}

impl OwnRunbook {
    /// Reads the runbook of that name; none where the folder has none. A symbolic link is followed.
    pub fn read(folder: &Path, slug: &Slug) -> Result<Option<Self>, UnreadableRunbook> {
        let path = path_in(folder, slug);
        let unreadable = |reason: String| UnreadableRunbook { path: path.clone(), reason };
        // What is a pipe or a device would be waited for.
        if !path.is_file() {
            return match fs::kind(&path) {
                Ok(fs::Kind::Missing) => Ok(None),
                Ok(fs::Kind::SymbolicLink) => {
                    Err(unreadable("it is a symbolic link that leads to no file".to_owned()))
                }
                Ok(_) => Err(unreadable("it is not a file".to_owned())),
                // The folder of the runbooks is a file itself.
                Err(error) if error.source.kind() == ErrorKind::NotADirectory => Ok(None),
                Err(error) => Err(unreadable(error.source.to_string())),
            };
        }
        let bytes = fs::read(&path).map_err(|error| unreadable(error.source.to_string()))?;
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
/// none where there is no manifest that can be read.
pub fn recorded_types(folder: &Path) -> Vec<FindingType> {
    let path = folder.join(STATE_FOLDER).join(MANIFEST);
    let manifest =
        fs::read_to_string(&path).ok().and_then(|text| Manifest::read(&text, &path).ok());
    let entries = manifest.map(|manifest| manifest.entries).unwrap_or_default();
    entries.into_values().map(|entry| entry.finding_type).collect()
}
