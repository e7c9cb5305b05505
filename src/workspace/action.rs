//! A plan as a value: what happens to each runbook, and why.

use std::borrow::Cow;
use std::sync::Arc;

use super::manifest::{Manifest, ManifestEntry};
use super::state::{Recovery, State};
use crate::finding_type::{FindingType, Slug};
use crate::merge::{Hunk, WordMerge};

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
    pub pristine: Option<Arc<str>>,
    /// What upstream renders now.
    pub upstream: Option<Arc<str>>,
    pub(crate) effects: Effects,
}

/// What happens to a runbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionKind {
    /// There is no such file: it is written.
    Create,
    /// A file that the tool did not write, or whose pristine copy is lost, equals what the tool
    /// would write: it is the tool's from now on.
    Claim,
    /// A file that the tool did not write has the name: it stays as it is.
    LeaveUntracked,
    /// Nobody edited it and upstream is the same.
    Unchanged,
    /// It stays as it is.
    Keep(KeepReason),
    /// Nobody edited it: it is written anew.
    Replace(ReplaceReason),
    /// It is written anew, whoever edited it.
    Overwrite {
        /// The name of the copy of the old one in the same folder, if there is one.
        backup: Option<String>,
    },
    /// Somebody edited it and upstream changed: both are in it now.
    Merge {
        /// The paragraphs that were merged word by word, for a person to look at.
        word_merges: Vec<WordMerge>,
    },
    /// The file says already what upstream says now: only the pristine copy follows.
    CatchUp,
    /// Somebody edited it and upstream changed the same places.
    Conflict(Conflict),
    /// Somebody deleted it, and it stays deleted.
    DeletedByHand {
        /// Another file of the folder that is this runbook by what it says.
        renamed_to: Option<String>,
    },
    /// Somebody deleted it, and it is written again.
    Restore,
    /// The Python tool wrote it: it is this tool's from now on, edits and all.
    Adopt {
        /// The name that the file had, where it gets the one of its finding type.
        renamed_from: Option<String>,
        /// Where the text as the Python tool wrote it was found.
        base: Base,
    },
    /// AWS retired the type: the runbook says so from now on.
    Retire,
    /// The source has the type no more, and nothing says why: nothing happens.
    Gone,
    /// The source lists the type, and it could not be read: nothing happens.
    NotRead,
    /// Something ought to be written, and cannot be.
    Blocked(Blocked),
}

/// Where the text of a runbook as the Python tool wrote it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// In the folder that the person named.
    Folder,
    /// In git: the first version of the file.
    History,
    /// In the file itself, which nobody edited: it says what the tool would write today.
    TodaysText,
}

/// Where a runbook is in conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// The file stays as it is; these are its places.
    Kept(Vec<Hunk>),
    /// The file gets conflict markers.
    Marked {
        /// The places, with the lines of the file as it is written now.
        hunks: Vec<Hunk>,
        /// What could be merged word by word in other places.
        word_merges: Vec<WordMerge>,
    },
    /// The file holds conflict markers already, the first one in this line. It is not merged again
    /// until they are gone.
    MarkersLeft(usize),
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
    /// Somebody edited it, and edits are carried to another template only if that is asked for.
    OldTemplate,
}

/// Why a runbook that nobody edited is written anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplaceReason {
    /// Upstream has changed.
    Upstream,
    /// It was written from the built-in catalogue, and AWS's text is there now.
    AwsTextArrived,
    /// It was rendered with another template.
    Template,
}

/// Why something that ought to be written cannot be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    /// It is no UTF-8, so that nothing can be merged into it.
    NotText,
    /// The pristine copy is missing, so that edits cannot be told from older text.
    PristineMissing,
    /// The manifest names this template, and neither command line nor configuration does. Anybody who
    /// may change the folder may have written that, so that no file is read for it.
    UnnamedTemplate(String),
}

impl Blocked {
    /// What is in the way.
    pub fn message(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::UnnamedTemplate(template) => {
                return format!(
                    "it was written with the template {template:?}, which is read only where \
                     the configuration or --template names it"
                )
                .into();
            }
            Self::SymbolicLink => "it is a symbolic link, and links are not written through",
            Self::NotAFile => "it is not a regular file",
            Self::Unreadable => "it cannot be read",
            Self::ReadOnly => "it is read-only",
            Self::NameTaken => "another finding type has the same file name",
            Self::NotText => "it is not UTF-8 text",
            Self::PristineMissing => {
                "its pristine copy is missing, so that edits cannot be told apart"
            }
        })
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::UnnamedTemplate(_) => {
                "if it is yours, set `template` in the configuration file or give --template; \
                 `update --template runbook` changes to another one"
            }
            Self::SymbolicLink => "put a regular file in its place, or remove the link",
            Self::NotAFile => "move it away and run again",
            Self::Unreadable => "check its owner and mode",
            Self::ReadOnly => "make it writable (chmod u+w) and run again",
            Self::NameTaken => "leave one of the two out with --exclude",
            Self::NotText => "save it as UTF-8 and run again",
            Self::PristineMissing => {
                "restore .guardduty-runbooks/pristine from version control, or move the file away \
                 and run `update --restore`"
            }
        }
    }
}

/// What an action changes on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effects {
    pub(crate) file: Option<FileEffect>,
    pub(crate) pristine: Option<Arc<str>>,
    pub(crate) entry: Option<ManifestEntry>,
}

/// What an action writes into the folder of the runbooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FileEffect {
    /// A file that must not exist yet.
    Create(Arc<str>),
    /// A file that gets another name, which must be free.
    Rename { from: String, bytes: Vec<u8> },
    /// A file in place of one that still has to be as it was when the plan was made.
    Replace {
        text: Arc<str>,
        before: Vec<u8>,
        /// Whether the old file holds what somebody wrote.
        edited: bool,
        /// The name under which a copy of the old file is kept first.
        backup: Option<String>,
    },
}

impl FileEffect {
    /// What the file holds afterwards.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Create(text) | Self::Replace { text, .. } => text.as_bytes(),
            Self::Rename { bytes, .. } => bytes,
        }
    }
}

/// How many runbooks went which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Written for the first time, or again after somebody deleted them.
    pub new: usize,
    /// Written anew, because nobody edited them or because it was asked for.
    pub updated: usize,
    /// Written with somebody's edits and upstream's changes.
    pub merged: usize,
    /// Taken over from the Python tool.
    pub adopted: usize,
    /// Left as they are.
    pub kept: usize,
    /// In conflict.
    pub in_conflict: usize,
    /// Newly retired.
    pub retired: usize,
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
            && !state.folds_reviews
            && state.rescues.is_empty()
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
            ActionKind::Create | ActionKind::Restore => &mut self.new,
            ActionKind::Replace(_) | ActionKind::Overwrite { .. } => &mut self.updated,
            ActionKind::Merge { .. } => &mut self.merged,
            ActionKind::Conflict(_) => &mut self.in_conflict,
            ActionKind::Retire => &mut self.retired,
            ActionKind::Adopt { .. } => &mut self.adopted,
            ActionKind::Claim
            | ActionKind::LeaveUntracked
            | ActionKind::Unchanged
            | ActionKind::Keep(_)
            | ActionKind::CatchUp
            | ActionKind::DeletedByHand { .. }
            | ActionKind::Gone => &mut self.kept,
        }
    }
}

impl ActionKind {
    /// Whether an `update` has something to do here, or a person has: what `check` fails for.
    pub fn is_to_do(&self) -> bool {
        match self {
            Self::Create
            | Self::Replace(_)
            | Self::Overwrite { .. }
            | Self::Merge { .. }
            | Self::CatchUp
            | Self::Conflict(_)
            | Self::Restore
            | Self::Retire
            | Self::Adopt { .. }
            | Self::Blocked(_) => true,
            Self::Claim
            | Self::LeaveUntracked
            | Self::Unchanged
            | Self::Keep(_)
            | Self::DeletedByHand { .. }
            | Self::Gone
            | Self::NotRead => false,
        }
    }
}
