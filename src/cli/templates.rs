//! The templates that a run may use. What a folder of runbooks records is no reason to read a file:
//! anybody who may change the folder could have written it.

use std::path::{Path, PathBuf};

use super::config::Config;
use super::confines::{self, Confines};
use super::discovery::by_name;
use super::error::CliError;
use crate::runbook::Template;

/// The templates that command line and configuration name.
pub(super) struct Templates {
    /// The one for runbooks that do not exist yet.
    in_force: Named,
    /// The one of the configuration, where the command line goes before it.
    other: Option<Named>,
}

/// A template by the name that the workspace records.
struct Named {
    name: String,
    /// None for one that comes with the program.
    file: Option<PathBuf>,
    confines: Option<Confines>,
    /// What has named it.
    by: String,
}

impl Templates {
    pub(super) fn new(
        given: Option<&str>,
        config: &Config,
        outdir: &Path,
    ) -> Result<Self, CliError> {
        let given = given.map(|given| {
            let by = "--template takes `runbook`, `classic`, or the path of a file".to_owned();
            Named::new(given, Path::new(given), None, by, outdir)
        });
        let configured = match (&config.template, &config.file) {
            (Some(template), Some(file)) if !is_built_in(template) => {
                let path = config.resolve("template", Path::new(template))?;
                let by = format!("{} names it: template = {template:?}", file.path.display());
                Some(Named::new(template, &path, file.confines.clone(), by, outdir))
            }
            (Some(template), _) => Some(Named::built_in(template)),
            (None, _) => None,
        };
        Ok(match (given, configured) {
            (Some(given), other) => Self { in_force: given, other },
            (None, Some(configured)) => Self { in_force: configured, other: None },
            (None, None) => {
                Self { in_force: Named::built_in(Template::Runbook.name()), other: None }
            }
        })
    }

    /// The name by which the workspace records the template for new runbooks: that of a built-in one,
    /// or a file's path as seen from the folder of the runbooks.
    pub(super) fn name(&self) -> &str {
        &self.in_force.name
    }

    /// Whether a template that the workspace records may be used: it comes with the program, or
    /// command line or configuration names it as well.
    pub(super) fn has(&self, recorded: &str) -> bool {
        is_built_in(recorded) || self.file(recorded).is_some()
    }

    /// The template of that name. A file is read only where [`Templates::has`] it.
    pub(super) fn read(&self, recorded: &str) -> Result<Template, CliError> {
        let unnamed = || CliError::usage(&format_args!("nothing names the template {recorded:?}"));
        match recorded {
            "runbook" => Ok(Template::Runbook),
            "classic" => Ok(Template::Classic),
            file => self.file(file).ok_or_else(unnamed)?.read(),
        }
    }

    fn file(&self, recorded: &str) -> Option<&Named> {
        let named = [Some(&self.in_force), self.other.as_ref()].into_iter().flatten();
        named.filter(|named| named.file.is_some()).find(|named| named.name == recorded)
    }
}

impl Named {
    fn built_in(name: &str) -> Self {
        Self { name: name.to_owned(), file: None, confines: None, by: String::new() }
    }

    fn new(
        given: &str,
        path: &Path,
        confines: Option<Confines>,
        by: String,
        outdir: &Path,
    ) -> Self {
        if is_built_in(given) {
            return Self::built_in(given);
        }
        let name = as_seen_from(outdir, path);
        Self { name, file: Some(path.to_owned()), confines, by }
    }

    fn read(&self) -> Result<Template, CliError> {
        let file = self.file.as_deref().unwrap_or(Path::new(&self.name));
        let text = match &self.confines {
            Some(confines) => confines.read(file),
            None => confines::read(file),
        };
        let text = text.map_err(|error| {
            CliError::usage(&format_args!("the template cannot be used: {}", error.message))
                .hint(&self.by)
        })?;
        Ok(Template::Own { name: self.name.clone(), text })
    }
}

fn is_built_in(name: &str) -> bool {
    [Template::Runbook.name(), Template::Classic.name()].contains(&name)
}

/// A file's path as seen from the folder of the runbooks, which stays right wherever the program runs.
fn as_seen_from(outdir: &Path, file: &Path) -> String {
    let absolute = |path: &Path| {
        std::path::absolute(path).map_or_else(|_| path.to_owned(), |path| by_name(&path))
    };
    let relative = pathdiff::diff_paths(absolute(file), absolute(outdir));
    relative.unwrap_or_else(|| file.to_owned()).to_string_lossy().replace('\\', "/")
}
