//! What there is to say about an action, in one table. `check`, the run itself and the change log for
//! pull requests take their words from it.

use std::borrow::Cow;

use serde::Serialize;

use super::action::{Action, ActionKind, Base, Conflict, KeepReason, ReplaceReason};
use crate::merge::{Hunk, WordMerge};

/// What is the case with a runbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowState {
    /// There is no file for the type yet.
    New,
    /// Upstream differs from what the tool last wrote.
    ChangedUpstream,
    /// Somebody edited it.
    Edited,
    /// Edits and upstream's changes meet.
    InConflict,
    /// AWS retired the type since.
    Retired,
    /// The source has the type no more.
    Gone,
    /// Somebody gave the file another name.
    Renamed,
    /// Somebody deleted it.
    DeletedByHand,
    /// A file with that name is not the tool's.
    Untracked,
    /// The Python tool's file is taken over.
    Adopted,
    /// The source lists the type and its page could not be read.
    NotRead,
    /// What the tool remembers does not fit, or the file cannot be written.
    Broken,
}

impl RowState {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::ChangedUpstream => "changed upstream",
            Self::Edited => "edited",
            Self::InConflict => "in conflict",
            Self::Retired => "retired",
            Self::Gone => "gone",
            Self::Renamed => "renamed",
            Self::DeletedByHand => "deleted by hand",
            Self::Untracked => "untracked",
            Self::Adopted => "adopted",
            Self::NotRead => "not read",
            Self::Broken => "broken",
        }
    }
}

/// What there is to say about an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// In one word.
    pub state: RowState,
    /// What is the case: a sentence that begins small and has no full stop.
    pub message: Cow<'static, str>,
    /// What to do about it, where something is to be done.
    pub hint: Option<&'static str>,
    /// The lines of the file that are concerned, counted from 1.
    pub lines: Vec<usize>,
}

const UPDATE: Option<&str> = Some("run `guardduty-runbooks update`");
const SETTLE: &str = "keep what is right, remove the markers, and run `update` again";

impl Action {
    /// What there is to say about it, unless all is as it should be.
    pub fn remark(&self) -> Option<Remark> {
        use RowState as S;
        let remark = |state, message: &'static str, hint| {
            Some(Remark { state, message: message.into(), hint, lines: Vec::new() })
        };
        match &self.kind {
            ActionKind::Unchanged | ActionKind::Claim => None,
            ActionKind::Create => remark(S::New, "there is no runbook for this type yet", UPDATE),
            ActionKind::Replace(reason) => remark(S::ChangedUpstream, replaced(*reason), UPDATE),
            ActionKind::CatchUp => remark(
                S::ChangedUpstream,
                "upstream has changed, and the file has those changes already",
                UPDATE,
            ),
            ActionKind::Overwrite { .. } => {
                remark(S::ChangedUpstream, "it is overwritten, as --overwrite asks", None)
            }
            ActionKind::Merge { word_merges } => Some(merged(word_merges)),
            ActionKind::Conflict(conflict) => Some(in_conflict(conflict)),
            ActionKind::Keep(reason) => {
                let (state, message, hint) = kept(*reason);
                remark(state, message, hint)
            }
            ActionKind::LeaveUntracked => remark(
                S::Untracked,
                "this program did not write it",
                Some("`adopt` takes over the Python tool's files, --overwrite replaces it"),
            ),
            ActionKind::DeletedByHand { renamed_to: Some(name) } => Some(Remark {
                state: S::Renamed,
                message: format!("somebody renamed it to {name}, which is not kept up to date")
                    .into(),
                hint: Some("give it its old name back, so that it is kept up to date"),
                lines: Vec::new(),
            }),
            ActionKind::DeletedByHand { renamed_to: None } => remark(
                S::DeletedByHand,
                "somebody deleted it, and it stays deleted",
                Some("`update --restore` brings it back"),
            ),
            ActionKind::Restore => {
                remark(S::DeletedByHand, "somebody deleted it, and it is written again", None)
            }
            ActionKind::Adopt { base, .. } => remark(S::Adopted, adopted(*base), None),
            ActionKind::Retire => remark(S::Retired, "AWS has retired this finding type", UPDATE),
            ActionKind::Gone => remark(
                S::Gone,
                "the source has this finding type no more, and AWS does not list it as retired",
                None,
            ),
            ActionKind::NotRead => {
                remark(S::NotRead, "its page could not be read", Some("run again"))
            }
            ActionKind::Blocked(blocked) => Some(Remark {
                state: S::Broken,
                message: blocked.message(),
                hint: Some(blocked.hint()),
                lines: Vec::new(),
            }),
        }
    }
}

fn replaced(reason: ReplaceReason) -> &'static str {
    match reason {
        ReplaceReason::Upstream => "upstream has changed; nobody edited the file",
        ReplaceReason::AwsTextArrived => "AWS's text is there now; nobody edited the file",
        ReplaceReason::Template => "the template is another one; nobody edited the file",
    }
}

fn adopted(base: Base) -> &'static str {
    match base {
        Base::Folder => "it is taken over; its original is in the folder of --base",
        Base::History => "it is taken over; its original is its first version in git",
        Base::TodaysText => "it is taken over; nobody edited it",
    }
}

fn kept(reason: KeepReason) -> (RowState, &'static str, Option<&'static str>) {
    match reason {
        KeepReason::Edited => (RowState::Edited, "somebody edited it; upstream is the same", None),
        KeepReason::PlainRun => (
            RowState::ChangedUpstream,
            "upstream has changed; a plain run leaves existing files alone",
            UPDATE,
        ),
        KeepReason::AwsTextStays => {
            (RowState::Edited, "it has AWS's text, which is not at hand now", None)
        }
        KeepReason::OldTemplate => (
            RowState::Edited,
            "somebody edited it, and it stays with its template",
            Some("`update --template … --port-edits` carries the edits over"),
        ),
    }
}

fn merged(word_merges: &[WordMerge]) -> Remark {
    let lines: Vec<usize> = word_merges.iter().map(|words| words.line).collect();
    let paragraphs = match lines.as_slice() {
        [] => String::new(),
        [line] => format!(", one paragraph word by word: please read line {line}"),
        lines => {
            let places = lines.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
            format!(", {} paragraphs word by word: please read lines {places}", lines.len())
        }
    };
    Remark {
        state: RowState::ChangedUpstream,
        message: format!(
            "somebody edited it, and upstream has changed; `update` puts both together{paragraphs}"
        )
        .into(),
        hint: UPDATE,
        lines,
    }
}

fn in_conflict(conflict: &Conflict) -> Remark {
    let (hunks, message, hint) = match conflict {
        Conflict::Kept(hunks) => (
            hunks,
            "you and upstream changed the same places, and the file stays as it is",
            "`diff` shows both; `update --conflict inline` puts both into the file",
        ),
        Conflict::Marked { hunks, .. } => (
            hunks,
            "you and upstream changed the same places, and both are in the file, between markers",
            SETTLE,
        ),
        Conflict::MarkersLeft(line) => {
            return Remark {
                state: RowState::InConflict,
                message: format!("it still has conflict markers, the first in line {line}").into(),
                hint: Some(SETTLE),
                lines: vec![*line],
            };
        }
    };
    Remark {
        state: RowState::InConflict,
        message: format!("{message}: {}", places(hunks)).into(),
        hint: Some(hint),
        lines: hunks.iter().map(|hunk| hunk.first_line).collect(),
    }
}

/// `line 8`, `lines 8-9, 20`.
fn places(hunks: &[Hunk]) -> String {
    let is_one = matches!(hunks, [hunk] if hunk.lines <= 1);
    let place = |hunk: &Hunk| match hunk.lines {
        0 | 1 => hunk.first_line.to_string(),
        more => format!("{}-{}", hunk.first_line, hunk.first_line + more - 1),
    };
    let places: Vec<String> = hunks.iter().map(place).collect();
    format!("{} {}", if is_one { "line" } else { "lines" }, places.join(", "))
}
