//! The catalogue and its guidance in the formats of other programs.
//!
//! Each format has a module of its own that gives files as values: [`panther`] and [`matano`] bring
//! runbooks into detections as code, [`navigator`] shows on ATT&CK's matrix what finding types
//! cover, [`catalogue_data`] is the whole list for programs and spreadsheets, [`cacao`] has a
//! playbook for each finding type. [`record`] decides which of the files that exist may be replaced.
//!
//! An export holds facts and the project's own guidance, and none of AWS's text. It has no time and
//! no version in it, so that the same catalogue gives the same bytes.

mod brief;
pub mod cacao;
pub mod catalogue_data;
mod link;
pub mod matano;
pub mod navigator;
pub mod panther;
mod python;
pub mod record;
mod template;

pub use link::{BadLinkBase, RunbookLinks};

/// A file of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportFile {
    /// Its path below the folder of the export, with `/` between names.
    pub path: String,
    /// What it holds.
    pub text: String,
}

impl ExportFile {
    fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }
}
