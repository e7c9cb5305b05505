//! The workspace: a folder of runbooks that people edit, and what the tool remembers about it.
//!
//! `DIR/.guardduty-runbooks/` holds a pristine copy of each runbook (as the tool last rendered it)
//! and a manifest. In reading order:
//!
//! 1. [`upstream`]: what the source says now, rendered.
//! 2. [`state`]: the folder as it is, read once; what an interrupted run left is decided then.
//! 3. [`plan`]: a pure function from both to a list of actions with reasons ([`action`]). The plain
//!    run, `update`, `check` and `--dry-run` all go through it. [`merge`](crate::merge) puts edits and upstream's
//!    changes together; [`adopt`] makes the plan for a folder of the Python tool.
//! 4. [`apply`]: carries a plan out, in an order that a crash cannot hurt.
//! 5. [`report`], [`diff`] and [`Plan::to_markdown`]: what there is to say about a plan.

pub mod action;
pub mod adopt;
pub mod apply;
mod case;
mod change_log;
pub mod diff;
#[cfg(test)]
mod fixture;
pub mod lock;
pub mod manifest;
pub mod own;
pub(crate) mod own_folder;
pub mod plan;
#[cfg(test)]
mod race;
mod recover;
mod remark;
pub mod report;
mod retire;
pub mod state;
mod steps;
pub mod upstream;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use self::action::{
    Action, ActionKind, Base, Blocked, Conflict, Counts, KeepReason, Plan, ReplaceReason,
};
pub use self::adopt::{Adoption, Bases, LeftAlone, LeftReason};
pub use self::apply::{Failure, Outcome};
pub use self::diff::{DiffHunk, DiffLine, FileDiff, LineChange, Part};
pub use self::lock::Lock;
pub use self::manifest::{Manifest, ManifestEntry, Status};
pub use self::plan::{Mode, OnConflict, Shrunk, Update};
pub use self::remark::Remark;
pub use self::report::{Report, Row, RowState};
pub use self::state::State;
pub use self::steps::StepError;
pub(crate) use self::steps::{OWN_FILES, Step};
pub use self::upstream::{Origin, Rendered, Scope, Upstream};

use self::own::OwnRunbooks;
use crate::finding_type::{FindingType, Slug};
use crate::fs::FsError;

/// The folder in which the tool keeps its own files, below the folder of the runbooks.
pub const STATE_FOLDER: &str = ".guardduty-runbooks";

/// A folder of runbooks.
#[derive(Clone, Debug)]
pub struct Workspace {
    folder: PathBuf,
    state: State,
}

/// What a folder has for a finding type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunbookState {
    /// A runbook that somebody edited, or wrote.
    Edited,
    /// A runbook as the tool wrote it.
    Generated,
    /// None.
    Missing,
}

impl RunbookState {
    /// The state in one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::Generated => "generated",
            Self::Missing => "none",
        }
    }
}

/// Why nothing can be done with a workspace.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// A newer version of the tool wrote the manifest.
    #[error("{} has format {format}, which this version does not know", .path.display())]
    NewerManifest {
        /// The manifest.
        path: PathBuf,
        /// The version that it names.
        format: u32,
    },
    /// The manifest makes no sense.
    #[error("{} cannot be understood: {reason}", .path.display())]
    BrokenManifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A symbolic link or a file has the name of one of the tool's own folders.
    #[error("{} is not a folder of its own; the tool does not write through links", .path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// Another run is at work in the folder.
    #[error("another run is at work in {}", .folder.display())]
    Locked {
        /// The folder of the runbooks.
        folder: PathBuf,
    },
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] FsError),
    /// The first writes of a run failed, so that nothing was begun.
    #[error(transparent)]
    NotBegun(#[from] StepError),
}

impl WorkspaceError {
    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::NewerManifest { .. } => "install the newest version of guardduty-runbooks",
            Self::BrokenManifest { .. } => {
                "restore it from version control, or remove it: the next run rebuilds it from the \
                 pristine copies beside it"
            }
            Self::NotAFolder { .. } => "remove it or move it away, and run again",
            Self::Locked { .. } => "wait until it ends; the lock ends with its process",
            Self::Disk(error) => return error.hint(),
            Self::NotBegun(error) => return error.hint(),
        })
    }

    /// Whether the state folder itself is broken, which `check` reports as something to be done.
    pub fn is_broken_state(&self) -> bool {
        match self {
            Self::NewerManifest { .. } | Self::BrokenManifest { .. } | Self::NotAFolder { .. } => {
                true
            }
            Self::Disk(error) => error.refusal().is_some(),
            Self::Locked { .. } | Self::NotBegun(_) => false,
        }
    }
}

impl Workspace {
    /// Reads a folder; one that does not exist is an empty workspace. Nothing is written, also
    /// where an interrupted run has to be finished: the next [`Workspace::apply`] does that.
    pub fn load(folder: &Path) -> Result<Self, WorkspaceError> {
        Ok(Self { folder: folder.to_owned(), state: recover::recover(state::read(folder)?) })
    }

    /// The folder of the runbooks.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder as it is, with what an interrupted run left already decided.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The template that the runbook was rendered with; none for one that the tool did not write.
    pub fn recorded_template(&self, slug: &Slug) -> Option<&str> {
        self.state.tracked.get(slug.as_str()).map(|tracked| tracked.entry.template.as_str())
    }

    /// A rendered text; the pristine copy itself, where it is that, so that it is in memory once.
    pub fn remembered(&self, slug: &Slug, rendered: String) -> Arc<str> {
        let tracked = self.state.tracked.get(slug.as_str());
        let pristine = tracked.and_then(|tracked| tracked.pristine.as_ref());
        pristine
            .filter(|pristine| ***pristine == rendered)
            .map_or_else(|| rendered.into(), Arc::clone)
    }

    /// What there is for a finding type among the runbooks of this folder.
    pub fn runbook_state(&self, finding_type: &FindingType, own: &OwnRunbooks) -> RunbookState {
        let tracked = self.state.tracked.get(finding_type.slug().as_str());
        let pristine = tracked.and_then(|tracked| tracked.pristine.as_deref());
        match own.of(finding_type) {
            Ok(None) => RunbookState::Missing,
            Ok(Some(own)) if Some(own.text.as_str()) == pristine => RunbookState::Generated,
            Ok(Some(_)) | Err(_) => RunbookState::Edited,
        }
    }

    /// The finding types whose runbooks the tool wrote, sorted by slug.
    pub fn tracked_types(&self) -> impl Iterator<Item = &FindingType> {
        self.state.tracked.values().map(|tracked| &tracked.entry.finding_type)
    }

    /// Decides what a run does, without doing it.
    pub fn plan(&self, upstream: &Upstream, mode: Mode) -> Result<Plan, Shrunk> {
        plan::plan(&self.state, upstream, mode)
    }

    /// Decides which files of the Python tool are taken over, without doing it.
    pub fn plan_adoption(&self, bases: &Bases) -> Adoption {
        adopt::plan(&self.state, bases)
    }

    /// Does what a plan says. The caller holds the [`Lock`] of the folder since before the plan
    /// was made. A file that cannot be written is a failure in the outcome; the others are written.
    pub fn apply(&self, plan: &Plan) -> Result<Outcome, WorkspaceError> {
        apply::apply(&self.folder, &self.state, plan)
    }
}
