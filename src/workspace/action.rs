//! A plan as a value: what happens to each runbook, and why.

use super::manifest::{Entry, Manifest};
use super::state::{Recovery, State};
use crate::finding_type::{FindingType, Slug};

/// What a run does, runbook by runbook. It can be shown, counted and applied.
#[derive(Clone, Debug)]
pub struct Plan {
    /// One action a runbook, sorted by slug.
    pub actions: Vec<Action>,
    pub(crate) recovery: Vec<Recovery>,
}

/// What happens to one runbook.
#[derive(Clone, Debug)]
pub struct Action {
    /// The name of its file, without `.md`.
    pub slug: Slug,
    /// The finding type.
    pub finding_type: FindingType,
    /// What happens, and why.
    pub kind: ActionKind,
    /// Whether upstream differs from what the tool last rendered, whatever happens to the file.
    pub upstream_changed: bool,
    /// What the tool last rendered.
    pub pristine: Option<String>,
    /// What upstream renders now.
    pub upstream: Option<String>,
    pub(crate) effects: Effects,
}

/// What happens to a runbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionKind {
    /// There is no such file: it is written.
    Create,
    /// A file that the tool did not write equals what it would write: it becomes the tool's.
    Claim,
    /// A file that the tool did not write has the name: it stays as it is.
    LeaveUntracked,
    /// Nobody edited it and upstream is the same.
    Unchanged,
    /// It stays as it is.
    Keep(KeepReason),
    /// Nobody edited it: it is written anew.
    Replace(ReplaceReason),
    /// It is written anew, whoever edited it; the name of the copy of the old one, if there is one.
    Overwrite {
        /// The name of the backup in the same folder.
        backup: Option<String>,
    },
    /// Somebody deleted it, and it stays deleted.
    DeletedByHand,
    /// The source lists the type, and it could not be read: nothing happens.
    NotRead,
    /// Something ought to be written, and cannot be.
    Blocked(Blocked),
}

/// Why a runbook stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeepReason {
    /// Somebody edited it, and upstream is the same.
    Edited,
    /// A plain run does not touch existing files; upstream has changed.
    PlainRun,
    /// It holds AWS's text, and what is rendered now does not.
    AwsTextStays,
}

/// Why a runbook that nobody edited is written anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplaceReason {
    /// It was written from the built-in catalogue, and AWS's text is there now.
    AwsTextArrived,
}

/// Why something that ought to be written cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// A symbolic link has the name.
    SymbolicLink,
    /// A folder, a device or the like has the name.
    NotAFile,
    /// The file cannot be read.
    Unreadable,
    /// The mode of the file forbids writing.
    ReadOnly,
    /// Another finding type of this run has the same file name.
    NameTaken,
}

impl Blocked {
    /// What is in the way.
    pub fn message(self) -> &'static str {
        match self {
            Self::SymbolicLink => "it is a symbolic link, and links are not written through",
            Self::NotAFile => "it is not a regular file",
            Self::Unreadable => "it cannot be read",
            Self::ReadOnly => "it is read-only",
            Self::NameTaken => "another finding type has the same file name",
        }
    }

    /// What to do about it.
    pub fn hint(self) -> &'static str {
        match self {
            Self::SymbolicLink => "put a regular file in its place, or remove the link",
            Self::NotAFile => "move it away and run again",
            Self::Unreadable => "check its owner and mode",
            Self::ReadOnly => "make it writable (chmod u+w) and run again",
            Self::NameTaken => "leave one of the two out with --exclude",
        }
    }
}

/// What an action changes on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effects {
    pub(crate) file: Option<FileEffect>,
    pub(crate) pristine: Option<String>,
    pub(crate) entry: Option<Entry>,
}

/// What an action writes into the folder of the runbooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FileEffect {
    /// A file that must not exist yet.
    Create(String),
    /// A file in place of one that still has to be as it was when the plan was made.
    Replace {
        text: String,
        before: Vec<u8>,
        /// Whether the old file holds what somebody wrote.
        edited: bool,
        /// The name under which a copy of the old file is kept first.
        backup: Option<String>,
    },
}

/// How many runbooks went which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Written for the first time.
    pub new: usize,
    /// Written anew, because nobody edited them or because it was asked for.
    pub updated: usize,
    /// Left as they are.
    pub kept: usize,
    /// Not written although they should have been, or not read.
    pub failed: usize,
    /// Those among the kept that have changes upstream which a plain run does not write.
    pub changed_upstream: usize,
}

impl Plan {
    /// Whether there is nothing to write, not even in the state folder.
    pub fn is_empty(&self, state: &State) -> bool {
        let idle = self.actions.iter().all(|action| action.effects == Effects::default());
        let manifest = self.manifest_after(state, |_| true);
        idle && self.recovery.is_empty()
            && state.leftovers().next().is_none()
            && manifest == state.manifest_on_disk.clone().unwrap_or_default()
    }

    /// How many runbooks go which way, if everything can be written.
    pub fn counts(&self) -> Counts {
        self.counts_without(&[])
    }

    /// How many runbooks went which way, where those of `failed` could not be written.
    pub(crate) fn counts_without(&self, failed: &[Slug]) -> Counts {
        let mut counts = Counts::default();
        for action in &self.actions {
            *counts.of(&action.kind, failed.contains(&action.slug)) += 1;
            let left = matches!(action.kind, ActionKind::Keep(_));
            counts.changed_upstream += usize::from(left && action.upstream_changed);
        }
        counts
    }

    /// The manifest as it is once the actions that `done` names are carried out.
    pub(crate) fn manifest_after(&self, state: &State, done: impl Fn(&Slug) -> bool) -> Manifest {
        let mut manifest = state.manifest();
        for action in self.actions.iter().filter(|action| done(&action.slug)) {
            if let Some(entry) = &action.effects.entry {
                manifest.entries.insert(action.slug.as_str().to_owned(), entry.clone());
            }
        }
        manifest
    }
}

impl Counts {
    fn of(&mut self, kind: &ActionKind, failed: bool) -> &mut usize {
        match kind {
            _ if failed => &mut self.failed,
            ActionKind::Blocked(_) | ActionKind::NotRead => &mut self.failed,
            ActionKind::Create => &mut self.new,
            ActionKind::Replace(_) | ActionKind::Overwrite { .. } => &mut self.updated,
            ActionKind::Claim
            | ActionKind::LeaveUntracked
            | ActionKind::Unchanged
            | ActionKind::Keep(_)
            | ActionKind::DeletedByHand => &mut self.kept,
        }
    }
}
