//! What ends a run early, and the exit statuses.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use crate::catalogue::ReadError;
use crate::fs::FsError;
use crate::runbook::{OverlayError, TemplateError};
use crate::selection::BadSelection;
use crate::site::SiteWriteError;
use crate::source::folder::NoGuide;
use crate::source::site::SiteError;
use crate::workspace::{Shrunk, WorkspaceError};

/// How a run ended; the statuses are documented in the README.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// All of it was done.
    Done,
    /// Something remains to be done: a conflict (`update`), anything at all (`check`).
    Remains,
    /// Wrong usage or configuration.
    Usage,
    /// The source could not be read.
    NoSource,
    /// Something that should have been written was not, or facts were lost.
    Partly,
}

impl Exit {
    /// The status of a run that somebody interrupted.
    pub(super) const INTERRUPTED: i32 = 130;
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Remains => 1,
            Exit::Usage => 2,
            Exit::NoSource => 3,
            Exit::Partly => 4,
        })
    }
}

/// What ended a run: what happened, to what, and what to do next.
#[derive(Debug)]
pub(super) struct CliError {
    exit: Exit,
    /// What happened, to what.
    pub(super) message: String,
    /// What to do next.
    pub(super) hints: Vec<String>,
    stems_from_configuration: bool,
}

impl CliError {
    /// Wrong usage or configuration.
    pub(super) fn usage(message: &dyn Display) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// The source could not be read.
    pub(super) fn no_source(message: &dyn Display) -> Self {
        Self::new(Exit::NoSource, message)
    }

    /// Something that should have been written could not be.
    pub(super) fn not_written(message: &dyn Display) -> Self {
        Self::new(Exit::Partly, message)
    }

    /// Adds what to do next.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds what to do next, where it is known.
    pub(super) fn maybe_hint(self, hint: Option<impl Into<String>>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    fn new(exit: Exit, message: &dyn Display) -> Self {
        let (message, hints) = (message.to_string(), Vec::new());
        Self { exit, message, hints, stems_from_configuration: false }
    }

    /// An error in what the configuration file may have set: source, template, `[vars]`.
    fn of_settings(mut self) -> Self {
        self.stems_from_configuration = true;
        self
    }

    /// Whether what the configuration file sets may have caused it.
    pub(super) fn may_stem_from_configuration(&self) -> bool {
        self.stems_from_configuration
    }

    /// The status with which the program ends.
    pub(super) fn exit(&self) -> Exit {
        self.exit
    }
}

impl From<FsError> for CliError {
    fn from(error: FsError) -> Self {
        Self::not_written(&error).maybe_hint(error.hint())
    }
}

impl From<WorkspaceError> for CliError {
    fn from(error: WorkspaceError) -> Self {
        Self::not_written(&error).maybe_hint(error.hint())
    }
}

impl From<SiteWriteError> for CliError {
    fn from(error: SiteWriteError) -> Self {
        match error {
            SiteWriteError::NotOwn(_) | SiteWriteError::Edited(_) => Self::not_written(&error)
                .hint("nothing was written; move it away, or name another folder with --output"),
            SiteWriteError::Manifest { .. } => Self::not_written(&error)
                .hint("nothing was written; remove that folder, or name another one with --output"),
            SiteWriteError::Disk(error) => error.into(),
        }
    }
}

impl From<TemplateError> for CliError {
    fn from(error: TemplateError) -> Self {
        Self::usage(&error).maybe_hint(error.hint()).of_settings()
    }
}

impl From<OverlayError> for CliError {
    fn from(error: OverlayError) -> Self {
        Self::usage(&error).hint(error.hint())
    }
}

impl From<BadSelection> for CliError {
    fn from(error: BadSelection) -> Self {
        Self::usage(&error)
    }
}

impl From<NoGuide> for CliError {
    fn from(error: NoGuide) -> Self {
        Self::no_source(&error).of_settings().hint(
            "give the folder that holds the guide's pages, or `--source builtin` to do without them",
        )
    }
}

impl From<SiteError> for CliError {
    fn from(error: SiteError) -> Self {
        Self::usage(&error).of_settings()
    }
}

impl From<Shrunk> for CliError {
    fn from(error: Shrunk) -> Self {
        Self::no_source(&error).hint(error.hint())
    }
}

impl From<ReadError> for CliError {
    fn from(error: ReadError) -> Self {
        let hint = match &error {
            ReadError::Unreachable(cause) | ReadError::Index(cause) => cause
                .hint()
                .unwrap_or("try again later, or name a folder or a mirror with --source"),
            ReadError::NoTable(_) => {
                "the page may be a login page, a translation, or of a layout that this version does \
                 not know; try --pages markdown, or another --source"
            }
        };
        Self::no_source(&error).hint(hint).of_settings()
    }
}

/// Data could not be printed. A reader that has gone away is no error.
pub(super) fn printed(result: io::Result<()>) -> Result<Exit, CliError> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(CliError::not_written(&format_args!("cannot write to standard output: {error}")))
        }
        _ => Ok(Exit::Done),
    }
}
