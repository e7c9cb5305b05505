//! One runbook that upstream has: what is on disk, what is remembered of it, what it would be now,
//! and so what happens to it.

use std::sync::Arc;

use super::action::{
    Action, ActionKind, Blocked, Conflict, Effects, FileEffect, KeepReason, ReplaceReason,
};
use super::manifest::{ManifestEntry, Status};
use super::plan::{Mode, OnConflict, Update};
use super::state::{Existing, State, Tracked};
use super::upstream::{Origin, Rendered};
use crate::fs::backup_names;
use crate::merge::{Hunk, Merge, Merged, first_marker, first_markers, merge};
use crate::text::shape::Shaped;
use crate::text::subject;

/// One runbook, before anything is decided about it.
pub(crate) struct Case<'a> {
    state: &'a State,
    file: Option<&'a Existing>,
    tracked: Option<Tracked>,
    /// Whether the manifest has lost it.
    is_orphan: bool,
    rendered: &'a Rendered,
    /// Whether that is another text than the one that is remembered.
    upstream_changed: bool,
    mode: Mode,
}

impl<'a> Case<'a> {
    pub(crate) fn new(state: &'a State, rendered: &'a Rendered, mode: Mode) -> Self {
        let slug = rendered.finding_type.slug();
        let known = state.tracked.get(slug.as_str()).cloned();
        let orphan = state.orphans.get(slug.as_str()).filter(|_| known.is_none());
        let is_orphan = orphan.is_some();
        let tracked = known.or_else(|| orphan.map(|pristine| found_again(pristine, rendered)));
        let file = state.files.get(&slug.file_name());
        let pristine = tracked.as_ref().and_then(|tracked| tracked.pristine.as_ref());
        let upstream_changed = tracked.is_some() && pristine != Some(&rendered.text);
        Self { state, file, tracked, is_orphan, rendered, upstream_changed, mode }
    }

    pub(crate) fn decide(&self) -> Action {
        match (&self.tracked, self.file) {
            (None, None) => self.write(ActionKind::Create, FileEffect::Create(self.upstream())),
            (None, Some(file)) => self.untracked(file),
            (Some(tracked), None) => self.deleted(tracked),
            (Some(tracked), Some(file)) if self.loses_aws_text(tracked) => {
                self.keep_as_is(tracked, file, KeepReason::AwsTextStays)
            }
            (Some(tracked), Some(file)) => match self.mode {
                Mode::Plain { overwrite: true, backup } => {
                    self.overwrite(file, backup && is_edited(tracked, file))
                }
                Mode::Plain { .. } => self.left_by_plain_run(tracked, file),
                Mode::Update(update) => self.updated(tracked, file, update),
            },
        }
    }

    fn untracked(&self, file: &Existing) -> Action {
        let shaped = file.text();
        let text = shaped.as_ref().map(|shaped| shaped.text.as_str());
        let Mode::Plain { overwrite: true, backup } = self.mode else {
            return if text == Some(&*self.rendered.text) {
                self.act(ActionKind::Claim, self.remember())
            } else {
                self.nothing(ActionKind::LeaveUntracked)
            };
        };
        let named = text.and_then(subject::finding_type);
        if named.as_ref() == Some(&self.rendered.finding_type)
            && self.rendered.origin == Origin::Builtin
            && text != Some(&*self.rendered.text)
        {
            return self.nothing(ActionKind::Keep(KeepReason::AwsTextStays));
        }
        self.overwrite(file, backup)
    }

    fn deleted(&self, tracked: &Tracked) -> Action {
        let renamed_to = self.state.renamed_to(tracked);
        match self.mode {
            Mode::Update(Update { restore: true, .. }) if renamed_to.is_none() => {
                match tracked.pristine.as_ref().filter(|_| self.loses_aws_text(tracked)) {
                    Some(pristine) => {
                        let file = Some(FileEffect::Create(pristine.clone()));
                        self.act(ActionKind::Restore, Effects { file, ..Effects::default() })
                    }
                    None => self.write(ActionKind::Restore, FileEffect::Create(self.upstream())),
                }
            }
            _ => self.nothing(ActionKind::DeletedByHand { renamed_to }),
        }
    }

    fn left_by_plain_run(&self, tracked: &Tracked, file: &Existing) -> Action {
        let may_gain = self.gains_aws_text(tracked) && !self.changes_template(tracked);
        let gaining = Some(file).filter(|file| may_gain && !is_edited(tracked, file));
        match gaining.and_then(Existing::text) {
            Some(shaped) => self.replace(ReplaceReason::AwsTextArrived, file, &shaped),
            None if self.upstream_changed => self.nothing(ActionKind::Keep(KeepReason::PlainRun)),
            None => self.unchanged(tracked, file),
        }
    }

    fn updated(&self, tracked: &Tracked, file: &Existing, update: Update) -> Action {
        let Some(shaped) = file.text() else {
            return match before(file) {
                _ if !self.upstream_changed => self.unchanged(tracked, file),
                Ok(_) => self.blocked(Blocked::NotText),
                Err(blocked) => self.blocked(blocked),
            };
        };
        if let Some(line) = first_marker(&shaped.text) {
            return self.nothing(ActionKind::Conflict(Conflict::MarkersLeft(line)));
        }
        let new_template = self.changes_template(tracked);
        let is_current = *shaped.text == *self.rendered.text;
        match &tracked.pristine {
            None if is_current => self.act(ActionKind::Claim, self.remember()),
            None => self.blocked(Blocked::PristineMissing),
            Some(_) if !self.upstream_changed => self.unchanged(tracked, file),
            Some(_) if is_current => self.act(ActionKind::CatchUp, self.remember()),
            Some(pristine) if **pristine == shaped.text => {
                self.replace(self.reason(tracked), file, &shaped)
            }
            Some(_) if new_template && !update.port_edits => {
                self.nothing(ActionKind::Keep(KeepReason::OldTemplate))
            }
            Some(pristine) => self.merge(pristine, file, &shaped, update.on_conflict),
        }
    }

    fn reason(&self, tracked: &Tracked) -> ReplaceReason {
        if self.changes_template(tracked) {
            ReplaceReason::Template
        } else if self.gains_aws_text(tracked) {
            ReplaceReason::AwsTextArrived
        } else {
            ReplaceReason::Upstream
        }
    }

    fn merge(
        &self,
        pristine: &str,
        file: &Existing,
        shaped: &Shaped,
        on_conflict: OnConflict,
    ) -> Action {
        let (kind, merged) = match merge(pristine, &shaped.text, &self.rendered.text) {
            Merge::Resolved(merged) if merged.text == shaped.text => {
                return self.act(ActionKind::CatchUp, self.remember());
            }
            Merge::Resolved(merged) => {
                (ActionKind::Merge { word_merges: merged.word_merges.clone() }, merged)
            }
            Merge::Conflict { hunks, .. } if on_conflict == OnConflict::Keep => {
                return self.nothing(ActionKind::Conflict(Conflict::Kept(hunks)));
            }
            Merge::Conflict { hunks, marked, .. } => {
                let hunks = in_marked(hunks, &marked);
                let word_merges = marked.word_merges.clone();
                (ActionKind::Conflict(Conflict::Marked { hunks, word_merges }), marked)
            }
        };
        match before(file) {
            Ok(before) => {
                let came_from = |line: usize| merged.came_from.get(line).copied().flatten();
                let text = shaped.shape.apply(&merged.text, came_from).into();
                let before = before.to_owned();
                self.write(kind, FileEffect::Replace { text, before, edited: true, backup: None })
            }
            Err(blocked) => self.blocked(blocked),
        }
    }

    fn keep_as_is(&self, tracked: &Tracked, file: &Existing, reason: KeepReason) -> Action {
        if self.upstream_changed {
            Action { upstream_changed: false, ..self.nothing(ActionKind::Keep(reason)) }
        } else {
            self.unchanged(tracked, file)
        }
    }

    /// Nothing changes but, in an update, what is recorded about it.
    fn unchanged(&self, tracked: &Tracked, file: &Existing) -> Action {
        let entry = entry_of(self.rendered);
        let recorded = matches!(self.mode, Mode::Plain { .. }) || self.loses_aws_text(tracked);
        let entry = Some(entry).filter(|entry| !recorded && *entry != tracked.entry);
        let kind = if is_edited(tracked, file) {
            ActionKind::Keep(KeepReason::Edited)
        } else {
            ActionKind::Unchanged
        };
        self.act(kind, Effects { entry, ..Effects::default() })
    }

    fn replace(&self, reason: ReplaceReason, file: &Existing, shaped: &Shaped) -> Action {
        let text = shaped.shape.apply_to_new(&self.rendered.text).into();
        match before(file) {
            Ok(before) => {
                let before = before.to_owned();
                let file = FileEffect::Replace { text, before, edited: false, backup: None };
                self.write(ActionKind::Replace(reason), file)
            }
            Err(blocked) => self.blocked(blocked),
        }
    }

    fn overwrite(&self, file: &Existing, backup: bool) -> Action {
        let before = match before(file) {
            Ok(before) => before.to_owned(),
            Err(blocked) => return self.blocked(blocked),
        };
        if before == self.rendered.text.as_bytes() {
            let known = self.tracked.is_some() && !self.upstream_changed;
            let effects = if known { Effects::default() } else { self.remember() };
            return self.act(ActionKind::Unchanged, effects);
        }
        let backup = backup.then(|| self.backup_name(&before));
        let kind = ActionKind::Overwrite { backup: backup.clone() };
        self.write(
            kind,
            FileEffect::Replace { text: self.upstream(), before, edited: true, backup },
        )
    }

    /// A name that is free, or whose file holds the same bytes already.
    fn backup_name(&self, bytes: &[u8]) -> String {
        let file = self.rendered.finding_type.slug().file_name();
        let fits = |name: &String| match self.state.files.get(name) {
            None => true,
            Some(Existing::File { bytes: older, .. }) => **older == *bytes,
            Some(_) => false,
        };
        backup_names(&file).find(fits).expect("there are more numbers than files")
    }

    fn nothing(&self, kind: ActionKind) -> Action {
        self.act(kind, Effects::default())
    }

    fn blocked(&self, blocked: Blocked) -> Action {
        self.nothing(ActionKind::Blocked(blocked))
    }

    fn write(&self, kind: ActionKind, file: FileEffect) -> Action {
        self.act(kind, Effects { file: Some(file), ..self.remember() })
    }

    fn remember(&self) -> Effects {
        let (pristine, entry) = (Some(self.upstream()), Some(entry_of(self.rendered)));
        Effects { file: None, pristine, entry }
    }

    fn act(&self, kind: ActionKind, mut effects: Effects) -> Action {
        if self.is_orphan && effects.entry.is_none() {
            effects.entry = self.tracked.as_ref().map(|tracked| tracked.entry.clone());
        }
        Action {
            slug: self.rendered.finding_type.slug(),
            finding_type: self.rendered.finding_type.clone(),
            kind,
            upstream_changed: self.upstream_changed,
            pristine: self.tracked.as_ref().and_then(|tracked| tracked.pristine.clone()),
            upstream: Some(self.upstream()),
            effects,
        }
    }

    fn loses_aws_text(&self, tracked: &Tracked) -> bool {
        tracked.entry.origin == Origin::Aws && self.rendered.origin == Origin::Builtin
    }

    fn gains_aws_text(&self, tracked: &Tracked) -> bool {
        tracked.entry.origin == Origin::Builtin && self.rendered.origin == Origin::Aws
    }

    fn changes_template(&self, tracked: &Tracked) -> bool {
        tracked.entry.template != self.rendered.template
    }

    fn upstream(&self) -> Arc<str> {
        Arc::clone(&self.rendered.text)
    }
}

fn entry_of(rendered: &Rendered) -> ManifestEntry {
    ManifestEntry {
        finding_type: rendered.finding_type.clone(),
        template: rendered.template.clone(),
        origin: rendered.origin,
        status: Status::Active,
    }
}

/// What the manifest would say of a pristine copy that it has lost. AWS's text may be in it.
fn found_again(pristine: &Arc<str>, rendered: &Rendered) -> Tracked {
    let origin = if *pristine == rendered.text { rendered.origin } else { Origin::Aws };
    let entry = ManifestEntry { origin, ..entry_of(rendered) };
    Tracked { entry, pristine: Some(Arc::clone(pristine)) }
}

fn is_edited(tracked: &Tracked, file: &Existing) -> bool {
    let pristine = tracked.pristine.as_deref();
    match file {
        // Most files are, to the byte.
        Existing::File { bytes, .. } if pristine.map(str::as_bytes) == Some(bytes) => false,
        _ => file.text().is_none_or(|shaped| pristine != Some(&shaped.text)),
    }
}

/// The bytes of a file that may be replaced.
pub(crate) fn before(file: &Existing) -> Result<&[u8], Blocked> {
    match file {
        Existing::File { read_only: true, .. } => Err(Blocked::ReadOnly),
        Existing::File { bytes, .. } => Ok(bytes),
        Existing::SymbolicLink => Err(Blocked::SymbolicLink),
        Existing::NotAFile => Err(Blocked::NotAFile),
        Existing::Unreadable(_) => Err(Blocked::Unreadable),
    }
}

/// The places in conflict, by the lines of the text with the markers.
fn in_marked(hunks: Vec<Hunk>, marked: &Merged) -> Vec<Hunk> {
    let numbered = hunks.into_iter().zip(first_markers(&marked.text));
    numbered.map(|(hunk, first_line)| Hunk { first_line, ..hunk }).collect()
}

#[cfg(test)]
mod tests;
