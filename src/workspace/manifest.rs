//! The manifest: what the tool recorded about each runbook it wrote.
//!
//! JSON, sorted by slug, without times or versions of the tool, so that a run that changes nothing
//! writes the same bytes. The next manifest is kept beside it while files are written, with the
//! hash of each pristine copy it speaks of: after a crash, the entries whose copies are there
//! already are true.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::WorkspaceError;
use super::upstream::Origin;
use crate::finding_type::FindingType;
use crate::hash::sha256;

/// The version of the format that this program writes, and the newest that it reads.
const FORMAT: u32 = 1;

/// What is recorded about one runbook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestEntry {
    /// The finding type.
    pub finding_type: FindingType,
    /// The template it was rendered with: `runbook`, `classic`, or a file's name.
    pub template: String,
    /// Whether AWS's text is in it.
    pub origin: Origin,
    /// Whether the type still exists.
    pub status: Status,
}

/// Whether a finding type still exists, as far as its runbook says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// GuardDuty generates findings of the type.
    Active,
    /// AWS retired the type, and the runbook says so.
    Retired,
}

/// The entries by slug.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// One entry a runbook.
    pub entries: BTreeMap<String, ManifestEntry>,
}

impl Manifest {
    /// Reads a manifest. `path` is for errors.
    pub fn read(text: &str, path: &Path) -> Result<Self, WorkspaceError> {
        let version: Version = serde_json::from_str(text).map_err(nonsense(path))?;
        if version.format > FORMAT {
            let path = path.to_owned();
            return Err(WorkspaceError::NewerManifest { path, format: version.format });
        }
        let document: Document<ManifestEntry> =
            serde_json::from_str(text).map_err(nonsense(path))?;
        let manifest = Self { entries: document.runbooks };
        match manifest
            .entries
            .iter()
            .find(|(slug, entry)| entry.finding_type.slug().as_str() != *slug)
        {
            None => Ok(manifest),
            Some((slug, entry)) => Err(WorkspaceError::BrokenManifest {
                path: path.to_owned(),
                reason: format!("{slug:?} is not the name of {}", entry.finding_type),
            }),
        }
    }

    /// The text of the file: two spaces of indentation and a final newline.
    pub fn to_json(&self) -> String {
        to_json(&self.entries)
    }
}

/// The manifest as it will be, with the hash of the pristine copy that each entry belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Journal {
    pub(crate) entries: BTreeMap<String, Planned>,
}

/// What a run is about to do with one runbook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Planned {
    /// The entry that is true once the pristine copy has that hash; none where it stays.
    entry: Option<ManifestEntry>,
    pristine_sha256: Option<String>,
    /// The hash of the file that is being written, if one is.
    file_sha256: Option<String>,
}

impl Planned {
    pub(crate) fn new(
        entry: Option<ManifestEntry>,
        pristine: Option<&str>,
        file: Option<&[u8]>,
    ) -> Self {
        let [pristine_sha256, file_sha256] =
            [pristine.map(str::as_bytes), file].map(|bytes| bytes.map(sha256));
        Self { entry, pristine_sha256, file_sha256 }
    }

    /// The entry, if the pristine copy on disk is the one it was planned with.
    pub(crate) fn entry_for(&self, pristine: Option<&str>) -> Option<&ManifestEntry> {
        let found = pristine.map(|text| sha256(text.as_bytes()));
        self.entry.as_ref().filter(|_| self.pristine_sha256 == found)
    }

    /// Whether the file on disk is the one that was being written.
    pub(crate) fn wrote(&self, file: &[u8]) -> bool {
        self.file_sha256.as_ref() == Some(&sha256(file))
    }
}

impl Journal {
    /// Reads a journal; one that makes no sense is as good as none, because the manifest and the
    /// pristine copies say the same.
    pub(crate) fn read(text: &str) -> Self {
        let document: Option<Document<Planned>> = serde_json::from_str(text).ok();
        let current = document.filter(|document| document.format == FORMAT);
        Self { entries: current.map(|document| document.runbooks).unwrap_or_default() }
    }

    pub(crate) fn to_json(&self) -> String {
        to_json(&self.entries)
    }
}

#[derive(Deserialize)]
struct Version {
    format: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<E> {
    format: u32,
    runbooks: BTreeMap<String, E>,
}

fn to_json<E: Serialize + Clone>(entries: &BTreeMap<String, E>) -> String {
    let document = Document { format: FORMAT, runbooks: entries.clone() };
    let json = serde_json::to_string_pretty(&document);
    json.expect("maps with text keys always become JSON") + "\n"
}

fn nonsense(path: &Path) -> impl FnOnce(serde_json::Error) -> WorkspaceError {
    let path = path.to_owned();
    move |error| WorkspaceError::BrokenManifest { path, reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(finding_type: &str) -> ManifestEntry {
        ManifestEntry {
            finding_type: finding_type.parse().unwrap(),
            template: "runbook".into(),
            origin: Origin::Aws,
            status: Status::Active,
        }
    }

    fn read(text: &str) -> Result<Manifest, WorkspaceError> {
        Manifest::read(text, Path::new("w/manifest.json"))
    }

    #[test]
    fn what_is_written_is_read_again_and_sorted() {
        let mut manifest = Manifest::default();
        manifest.entries.insert("trojan-ec2-x".into(), entry("Trojan:EC2/X"));
        manifest.entries.insert("backdoor-ec2-y".into(), entry("Backdoor:EC2/Y"));
        let json = manifest.to_json();
        assert!(json.find("backdoor").unwrap() < json.find("trojan").unwrap());
        assert!(json.ends_with("}\n"));
        assert_eq!(read(&json).unwrap(), manifest);
    }

    #[test]
    fn a_newer_format_is_told_from_nonsense() {
        let newer = r#"{"format": 2, "runbooks": {"x": {"colour": "blue"}}}"#;
        assert!(matches!(read(newer), Err(WorkspaceError::NewerManifest { format: 2, .. })));
        for nonsense in ["", "{", "[]", "<<<<<<< ours\n{}", r#"{"format":1}"#] {
            let error = read(nonsense).unwrap_err();
            assert!(matches!(error, WorkspaceError::BrokenManifest { .. }), "{nonsense}: {error}");
            assert!(error.to_string().contains("manifest.json"));
        }
    }

    #[test]
    fn a_key_cannot_name_another_file() {
        let mut manifest = Manifest::default();
        manifest.entries.insert("../../etc/passwd".into(), entry("Trojan:EC2/X"));
        let error = read(&manifest.to_json()).unwrap_err();
        assert!(error.to_string().contains("Trojan:EC2/X"), "{error}");
    }

    #[test]
    fn a_planned_entry_is_true_only_for_its_pristine_copy() {
        let entry = Some(entry("Trojan:EC2/X"));
        let planned = Planned::new(entry, Some("text\n"), Some(b"edited\n"));
        assert!(planned.entry_for(Some("text\n")).is_some());
        assert!(planned.entry_for(Some("other\n")).is_none());
        assert!(planned.entry_for(None).is_none());
        assert!(planned.wrote(b"edited\n") && !planned.wrote(b"text\n"));
    }

    #[test]
    fn a_journal_of_nonsense_is_none() {
        assert_eq!(Journal::read("nonsense"), Journal::default());
        let mut journal = Journal::default();
        let planned = Planned::new(Some(entry("Trojan:EC2/X")), None, None);
        journal.entries.insert("trojan-ec2-x".into(), planned);
        assert_eq!(Journal::read(&journal.to_json()), journal);
    }
}
