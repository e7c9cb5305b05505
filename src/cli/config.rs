//! The configuration file, `guardduty-runbooks.toml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::confines::{self, Confines, is_below};
use super::discovery;
use super::error::CliError;
use crate::fs::{self, Kind};

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
    /// The file, and whether it was named; none where there is no file.
    #[serde(skip)]
    pub(super) file: Option<ConfigFile>,
}

/// A configuration file that is in force.
#[derive(Clone, Debug)]
pub(super) struct ConfigFile {
    /// Its path.
    pub(super) path: PathBuf,
    /// Its folder, to which its paths are relative.
    pub(super) folder: PathBuf,
    /// The folder that its paths stay in; none where the user named the file, and so trusts it.
    pub(super) confines: Option<Confines>,
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
        if let Some(path) = named {
            let hint = |error: CliError| match fs::kind(path) {
                Ok(Kind::Missing) => error.hint("--config takes the path of a configuration file"),
                _ => error,
            };
            return Self::read(&confines::read(path).map_err(hint)?, path, None);
        }
        let Some(path) = discovery::nearest(outdir) else { return Ok(Self::default()) };
        discovery::check_owner(&path)?;
        let confines = Confines::of(path.parent().unwrap_or(Path::new("/")))?;
        Self::read(&confines.read(&path)?, &path, Some(confines))
    }

    /// A path of the file under a key, as seen from where the program runs. That of a file that was
    /// found and not named stays in its folder.
    pub(super) fn resolve(&self, key: &str, path: &Path) -> Result<PathBuf, CliError> {
        let Some(file) = &self.file else { return Ok(path.to_owned()) };
        let resolved = file.folder.join(path);
        let Some(confines) = &file.confines else { return Ok(resolved) };
        let objection = if is_below(path) {
            confines.objection(&resolved)?
        } else {
            Some("it is an absolute path, or has `..` in it".to_owned())
        };
        objection.map_or(Ok(resolved), |objection| Err(file.refuses(key, path, &objection)))
    }

    fn read(text: &str, path: &Path, confines: Option<Confines>) -> Result<Self, CliError> {
        let mut config: Self = toml::from_str(text).map_err(|error| {
            CliError::usage(&format_args!("{}: {}", path.display(), error.to_string().trim()))
        })?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        config.file = Some(ConfigFile { path: path.to_owned(), folder, confines });
        Ok(config)
    }
}

impl ConfigFile {
    fn refuses(&self, key: &str, path: &Path, objection: &str) -> CliError {
        let file = self.path.display();
        let message =
            format!("{file}: {key} = {:?} is refused: {objection}", path.display().to_string());
        CliError::usage(&message).hint(format!(
            "a configuration file that is found names paths in its own folder; if you trust it, \
             name it: --config {file}"
        ))
    }
}
