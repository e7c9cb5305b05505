//! The configuration file, `guardduty-runbooks.toml`.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::error::CliError;
use crate::fs;

/// The name of the configuration file.
const FILE_NAME: &str = "guardduty-runbooks.toml";

/// What the configuration file can say. The command line goes before it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Config {
    pub(super) source: Option<String>,
    pub(super) pages: Option<ConfigPages>,
    pub(super) cache_dir: Option<PathBuf>,
    pub(super) timeout: Option<u64>,
    pub(super) jobs: Option<u8>,
    pub(super) user_agent: Option<String>,
    pub(super) template: Option<String>,
    pub(super) attribution: Option<bool>,
    pub(super) strict: Option<bool>,
    #[serde(default)]
    pub(super) severity: Vec<String>,
    #[serde(default)]
    pub(super) resource: Vec<String>,
    #[serde(default)]
    pub(super) protection_plan: Vec<String>,
    #[serde(default)]
    pub(super) tactic: Vec<String>,
    #[serde(default)]
    pub(super) technique: Vec<String>,
    #[serde(default)]
    pub(super) include: Vec<String>,
    #[serde(default)]
    pub(super) exclude: Vec<String>,
    #[serde(default)]
    pub(super) vars: BTreeMap<String, toml::Value>,
    /// The folder of the file, to which its paths are relative; none where there is no file.
    #[serde(skip)]
    pub(super) folder: Option<PathBuf>,
}

/// The value of `pages`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ConfigPages {
    Html,
    Markdown,
}

impl Config {
    /// The file that was named, or the nearest one in the folder of the runbooks or above.
    pub(super) fn find(named: Option<&Path>, outdir: &Path) -> Result<Self, CliError> {
        let path = match named {
            Some(path) => Some(path.to_owned()),
            None => nearest(outdir),
        };
        path.map_or_else(|| Ok(Self::default()), |path| Self::read(&path))
    }

    /// A path of the file, as seen from where the program runs.
    pub(super) fn resolve(&self, path: &Path) -> PathBuf {
        self.folder.as_ref().map_or_else(|| path.to_owned(), |folder| folder.join(path))
    }

    fn read(path: &Path) -> Result<Self, CliError> {
        let text = fs::read_text_at_most(path, fs::MAX_OWN_TEXT).map_err(|error| {
            let hint = match error.source.kind() {
                ErrorKind::NotFound => Some("--config takes the path of a configuration file"),
                _ => error.hint(),
            };
            CliError::usage(&error).maybe_hint(hint)
        })?;
        let mut config: Self = toml::from_str(&text).map_err(|error| {
            CliError::usage(&format_args!("{}: {}", path.display(), error.to_string().trim()))
        })?;
        config.folder = Some(path.parent().unwrap_or(Path::new("")).to_owned());
        Ok(config)
    }
}

fn nearest(outdir: &Path) -> Option<PathBuf> {
    let outdir = std::path::absolute(outdir).ok()?;
    outdir.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file())
}
