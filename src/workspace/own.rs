//! Which runbook of a folder is the one of a finding type, whatever its file is called. For reading
//! during an alert, so that nothing but the runbooks themselves is looked at.
//!
//! A runbook says in its front matter or its title what it is for; where it does not, the name of its
//! file does. Of several, the one in the file that is named after the type is taken, else the first.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::own_folder::has_state_folder;
use super::state::read_manifest;
use super::{STATE_FOLDER, WorkspaceError};
use crate::finding_type::FindingType;
use crate::fs::{self, FsError, Refusal};
use crate::text::shape::Shaped;
use crate::text::{front_matter, subject};

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

/// The runbooks of a folder, found by finding type.
#[derive(Debug)]
pub struct OwnRunbooks {
    folder: PathBuf,
    /// By finding type, the first file that names it in its text. Read when a usual file is missing.
    named: OnceCell<HashMap<FindingType, OwnRunbook>>,
}

impl OwnRunbooks {
    /// For a folder, which need not exist.
    pub fn new(folder: &Path) -> Self {
        let folder = if folder == Path::new(".") { Path::new("") } else { folder };
        Self { folder: folder.to_owned(), named: OnceCell::new() }
    }

    /// The path that the runbook of a finding type has, unless somebody renamed it.
    pub fn usual_path(&self, finding_type: &FindingType) -> PathBuf {
        self.folder.join(finding_type.slug().file_name())
    }

    /// The runbook of a finding type, if the folder has one. A file that cannot be read is an error
    /// only if it has the usual name, and no other file is the runbook.
    pub fn of(&self, finding_type: &FindingType) -> Result<Option<OwnRunbook>, UnreadableRunbook> {
        let usual = OwnRunbook::at(self.usual_path(finding_type));
        if let Ok(Some(own)) = &usual
            && own.is_for(finding_type)
        {
            return usual;
        }
        match self.named().get(finding_type) {
            Some(own) => Ok(Some(own.clone())),
            None => usual.map(|_| None),
        }
    }

    /// Every Markdown file of the folder, in the order of their names, whatever it is.
    pub fn files(&self) -> Result<Vec<Result<OwnRunbook, UnreadableRunbook>>, FsError> {
        let folder = if self.folder == Path::new("") { Path::new(".") } else { &self.folder };
        let names = fs::names_in(folder)?.unwrap_or_default().into_iter();
        let markdown = names.filter(|name| Path::new(name).extension() == Some("md".as_ref()));
        let paths = markdown.map(|name| self.folder.join(name));
        let files = paths.filter(|path| !fs::is_folder(path)).map(OwnRunbook::at);
        Ok(files.filter_map(Result::transpose).collect())
    }

    fn named(&self) -> &HashMap<FindingType, OwnRunbook> {
        self.named.get_or_init(|| {
            let mut named = HashMap::new();
            for own in self.files().unwrap_or_default().into_iter().flatten() {
                if let Some(finding_type) = own.finding_type() {
                    named.entry(finding_type).or_insert(own);
                }
            }
            named
        })
    }
}

impl OwnRunbook {
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
        front_matter::value(&self.text, "source").filter(|url| url.starts_with("https://"))
    }

    /// Whether its front matter says that AWS has retired the finding type.
    pub fn is_retired(&self) -> bool {
        front_matter::value(&self.text, "status") == Some("retired")
    }

    /// The finding type that it says it is for.
    pub fn finding_type(&self) -> Option<FindingType> {
        subject::finding_type(&self.text)
    }

    /// Whether it is the runbook of a finding type: it says so, or says nothing and is named after it.
    pub fn is_for(&self, finding_type: &FindingType) -> bool {
        self.finding_type()
            .map_or_else(|| self.is_named_after(finding_type), |own| own == *finding_type)
    }

    /// Whether its file has the name that the runbook of a finding type usually has.
    pub fn is_named_after(&self, finding_type: &FindingType) -> bool {
        self.path.file_name() == Some(finding_type.slug().file_name().as_ref())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_runbook_says_counts_before_what_its_file_is_called() {
        let folder = tempfile::tempdir().unwrap();
        let of = |name: &str| {
            let finding_type = name.parse().unwrap();
            let own = OwnRunbooks::new(folder.path()).of(&finding_type).unwrap();
            own.map(|own| own.path.file_name().unwrap().to_str().unwrap().to_owned())
        };
        let says = |name: &str| format!("---\nfinding_type: {name}\n---\n");
        let [x, y] = ["Recon:EC2/Portscan", "Trojan:EC2/DropPoint"];
        let write = |file: &str, text: &str| fs::write(&folder.path().join(file), text.as_bytes());
        assert_eq!(of(x), None);
        write("b.md", &says(x)).unwrap();
        write("c.md", &says(x)).unwrap();
        assert_eq!(of(x).as_deref(), Some("b.md"));
        write("recon-ec2-portscan.md", "ours\n").unwrap();
        assert_eq!(of(x).as_deref(), Some("recon-ec2-portscan.md"));
        write("recon-ec2-portscan.md", &says(y)).unwrap();
        assert_eq!(of(x).as_deref(), Some("b.md"));
        assert_eq!(of(y).as_deref(), Some("recon-ec2-portscan.md"));
    }

    #[test]
    fn a_folder_in_place_of_a_runbook_hides_no_renamed_one() {
        let folder = tempfile::tempdir().unwrap();
        let finding_type: FindingType = "Recon:EC2/Portscan".parse().unwrap();
        std::fs::create_dir(folder.path().join("recon-ec2-portscan.md")).unwrap();
        let own = || OwnRunbooks::new(folder.path()).of(&finding_type);
        assert!(own().is_err());
        fs::write(&folder.path().join("ours.md"), b"# Recon:EC2/Portscan\n").unwrap();
        assert!(own().unwrap().unwrap().path.ends_with("ours.md"));
    }
}
