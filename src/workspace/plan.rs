//! What a run does: a pure function from the folder and upstream to a list of actions.

use std::collections::{BTreeMap, BTreeSet};

use super::action::{
    Action, ActionKind, Blocked, Effects, FileEffect, KeepReason, Plan, ReplaceReason,
};
use super::manifest::{Entry, Status};
use super::state::{Existing, State, Tracked};
use super::text::Shaped;
use super::upstream::{Origin, Rendered, Upstream};
use crate::finding_type::FindingType;

/// What kind of run is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Writes runbooks that do not exist yet.
    Plain {
        /// Write those that exist as well, whoever edited them.
        overwrite: bool,
        /// Keep a copy of each edited file that is overwritten.
        backup: bool,
    },
}

/// More finding types vanished at once than is likely to be true.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} of {of} finding types have vanished from the source at once, {} among them", .gone.len(), .gone[0])]
pub struct Shrunk {
    /// The types that are gone; at least one.
    pub gone: Vec<FindingType>,
    /// How many active types the workspace has.
    pub of: usize,
}

/// Decides what a run does.
pub fn plan(state: &State, upstream: &Upstream, mode: Mode) -> Result<Plan, Shrunk> {
    let mut by_slug: BTreeMap<String, Action> = BTreeMap::new();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut runbooks: Vec<&Rendered> = upstream.runbooks.iter().collect();
    runbooks.sort_by(|a, b| a.finding_type.cmp(&b.finding_type));
    let mut doubles = Vec::new();
    for rendered in runbooks {
        let slug = rendered.finding_type.slug().as_str().to_owned();
        if taken.insert(slug.clone()) {
            by_slug.insert(slug, Case::new(state, rendered, mode).decide());
        } else {
            doubles.push(action_without_text(
                &rendered.finding_type,
                ActionKind::Blocked(Blocked::NameTaken),
            ));
        }
    }
    for finding_type in upstream.failed.iter().filter(|failed| upstream.scope.contains(failed)) {
        let slug = finding_type.slug().as_str().to_owned();
        by_slug
            .entry(slug)
            .or_insert_with(|| action_without_text(finding_type, ActionKind::NotRead));
    }
    let mut actions: Vec<Action> = by_slug.into_values().chain(doubles).collect();
    actions.sort_by(|a, b| (&a.slug, &a.finding_type).cmp(&(&b.slug, &b.finding_type)));
    Ok(Plan { actions, recovery: state.recovery.clone() })
}

fn action_without_text(finding_type: &FindingType, kind: ActionKind) -> Action {
    Action {
        slug: finding_type.slug(),
        finding_type: finding_type.clone(),
        kind,
        upstream_changed: false,
        pristine: None,
        upstream: None,
        effects: Effects::default(),
    }
}

/// One runbook that upstream has: the file, what is remembered of it, and what it would be now.
struct Case<'a> {
    state: &'a State,
    file: Option<&'a Existing>,
    tracked: Option<Tracked>,
    rendered: &'a Rendered,
    mode: Mode,
}

impl<'a> Case<'a> {
    fn new(state: &'a State, rendered: &'a Rendered, mode: Mode) -> Self {
        let slug = rendered.finding_type.slug();
        let orphan = state.orphans.get(slug.as_str()).map(|pristine| Tracked {
            entry: entry_of(rendered),
            pristine: Some(pristine.clone()),
        });
        let tracked = state.tracked.get(slug.as_str()).cloned().or(orphan);
        Self { state, file: state.files.get(&slug.file_name()), tracked, rendered, mode }
    }

    fn decide(&self) -> Action {
        match (&self.tracked, self.file) {
            (None, None) => self.write(ActionKind::Create, FileEffect::Create(self.upstream())),
            (None, Some(file)) => self.untracked(file),
            (Some(_), None) => self.act(ActionKind::DeletedByHand, Effects::default()),
            (Some(tracked), Some(file)) => self.tracked(tracked, file),
        }
    }

    fn untracked(&self, file: &Existing) -> Action {
        let Mode::Plain { overwrite, backup } = self.mode;
        if file.text().is_some_and(|shaped| shaped.text == self.rendered.text) {
            self.act(ActionKind::Claim, Effects { file: None, ..self.remember() })
        } else if overwrite {
            self.overwrite(file, backup)
        } else {
            self.act(ActionKind::LeaveUntracked, Effects::default())
        }
    }

    fn tracked(&self, tracked: &Tracked, file: &Existing) -> Action {
        let Mode::Plain { overwrite, backup } = self.mode;
        let shaped = file.text();
        let text = shaped.as_ref().map(|shaped| &shaped.text);
        let edited = text.is_none() || tracked.pristine.as_ref() != text;
        let was = tracked.entry.origin;
        let is = self.rendered.origin;
        let gains_aws_text = was == Origin::Builtin && is == Origin::Aws;
        if was == Origin::Aws && is == Origin::Builtin {
            self.keep(KeepReason::AwsTextStays)
        } else if overwrite {
            self.overwrite(file, backup && edited)
        } else if gains_aws_text
            && tracked.entry.template == self.rendered.template
            && let Some(shaped) = shaped.filter(|_| !edited)
        {
            self.replace(ReplaceReason::AwsTextArrived, file, &shaped)
        } else if self.upstream_changed() {
            self.keep(KeepReason::PlainRun)
        } else if edited {
            self.keep(KeepReason::Edited)
        } else {
            self.act(ActionKind::Unchanged, Effects::default())
        }
    }

    fn keep(&self, reason: KeepReason) -> Action {
        self.act(ActionKind::Keep(reason), Effects::default())
    }

    fn replace(&self, reason: ReplaceReason, file: &Existing, shaped: &Shaped) -> Action {
        let text = shaped.shape.apply_to_new(&self.rendered.text);
        match before(file) {
            Ok(before) => self.write(
                ActionKind::Replace(reason),
                FileEffect::Replace {
                    text,
                    before: before.to_owned(),
                    edited: false,
                    backup: None,
                },
            ),
            Err(blocked) => self.act(ActionKind::Blocked(blocked), Effects::default()),
        }
    }

    fn overwrite(&self, file: &Existing, backup: bool) -> Action {
        let before = match before(file) {
            Ok(before) => before.to_owned(),
            Err(blocked) => return self.act(ActionKind::Blocked(blocked), Effects::default()),
        };
        if before == self.rendered.text.as_bytes() {
            let changed = self
                .tracked
                .as_ref()
                .is_none_or(|tracked| tracked.pristine.as_deref() != Some(&self.rendered.text));
            let effects = if changed { self.remember() } else { Effects::default() };
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
        let base = format!("{}.bak", self.rendered.finding_type.slug().file_name());
        let numbered = (2..).map(|number| format!("{base}{number}"));
        let fits = |name: &String| match self.state.files.get(name) {
            None => true,
            Some(Existing::File { bytes: older, .. }) => older == bytes,
            Some(_) => false,
        };
        std::iter::once(base.clone()).chain(numbered).find(fits).unwrap_or(base)
    }

    fn write(&self, kind: ActionKind, file: FileEffect) -> Action {
        self.act(kind, Effects { file: Some(file), ..self.remember() })
    }

    fn remember(&self) -> Effects {
        Effects {
            file: None,
            pristine: Some(self.upstream()),
            entry: Some(entry_of(self.rendered)),
        }
    }

    fn act(&self, kind: ActionKind, effects: Effects) -> Action {
        Action {
            slug: self.rendered.finding_type.slug(),
            finding_type: self.rendered.finding_type.clone(),
            kind,
            upstream_changed: self.upstream_changed(),
            pristine: self.tracked.as_ref().and_then(|tracked| tracked.pristine.clone()),
            upstream: Some(self.upstream()),
            effects,
        }
    }

    fn upstream_changed(&self) -> bool {
        let tracked = self.tracked.as_ref();
        let pristine = tracked.and_then(|tracked| tracked.pristine.as_deref());
        tracked.is_some() && pristine != Some(&self.rendered.text)
    }

    fn upstream(&self) -> String {
        self.rendered.text.clone()
    }
}

fn entry_of(rendered: &Rendered) -> Entry {
    Entry {
        finding_type: rendered.finding_type.clone(),
        template: rendered.template.clone(),
        origin: rendered.origin,
        status: Status::Active,
    }
}

/// The bytes of a file that may be replaced.
fn before(file: &Existing) -> Result<&[u8], Blocked> {
    match file {
        Existing::File { read_only: true, .. } => Err(Blocked::ReadOnly),
        Existing::File { bytes, .. } => Ok(bytes),
        Existing::SymbolicLink => Err(Blocked::SymbolicLink),
        Existing::NotAFile => Err(Blocked::NotAFile),
        Existing::Unreadable(_) => Err(Blocked::Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::super::{Counts, Scope};
    use super::*;

    const X: &str = "Backdoor:EC2/X.B";
    const Y: &str = "Trojan:EC2/Y";
    const OVERWRITE: Mode = Mode::Plain { overwrite: true, backup: true };

    #[test]
    fn a_plain_run_writes_what_is_missing_and_touches_nothing_else() {
        let folder = Folder::new();
        folder.write("trojan-ec2-y.md", "our own words\n");
        let source = upstream(&[aws(X, "text"), aws(Y, "text")]);
        let (plan, outcome) = folder.run(&source, PLAIN);
        assert_eq!(*kind(&plan, X), ActionKind::Create);
        assert_eq!(*kind(&plan, Y), ActionKind::LeaveUntracked);
        assert_eq!(outcome.counts, Counts { new: 1, kept: 1, ..Counts::default() });
        assert_eq!(folder.read("trojan-ec2-y.md"), "our own words\n");
        assert_eq!(folder.read("backdoor-ec2-x-b.md"), aws(X, "text").text);

        folder.write("backdoor-ec2-x-b.md", "edited\n");
        let before = folder.tree();
        let (plan, outcome) = folder.run(&upstream(&[aws(X, "new text"), aws(Y, "text")]), PLAIN);
        assert_eq!(*kind(&plan, X), ActionKind::Keep(KeepReason::PlainRun));
        assert_eq!((outcome.counts.kept, outcome.counts.changed_upstream), (2, 1));
        assert_eq!(folder.tree(), before);
    }

    #[test]
    fn a_run_that_changes_nothing_leaves_every_byte() {
        let folder = Folder::new();
        let source = upstream(&[aws(X, "text"), aws(Y, "text")]);
        folder.run(&source, PLAIN);
        let before = folder.tree();
        let workspace = folder.load();
        assert!(workspace.plan(&source, PLAIN).unwrap().is_empty(workspace.state()));
        folder.run(&source, PLAIN);
        assert_eq!(folder.tree(), before);
        assert_eq!(folder.load().recorded_template(&finding_type(X).slug()), Some("runbook"));
    }

    #[test]
    fn a_file_that_equals_what_would_be_written_becomes_the_tools() {
        let folder = Folder::new();
        let crlf = aws(X, "text").text.replace('\n', "\r\n");
        folder.write("backdoor-ec2-x-b.md", &crlf);
        let (plan, _) = folder.run(&upstream(&[aws(X, "text")]), PLAIN);
        assert_eq!(*kind(&plan, X), ActionKind::Claim);
        assert_eq!(folder.read("backdoor-ec2-x-b.md"), crlf);
        assert_eq!(folder.load().tracked_types().count(), 1);
    }

    #[test]
    fn a_deleted_file_stays_deleted() {
        let folder = Folder::new();
        folder.run(&upstream(&[aws(X, "text")]), PLAIN);
        folder.remove("backdoor-ec2-x-b.md");
        for mode in [PLAIN, OVERWRITE] {
            let (plan, _) = folder.run(&upstream(&[aws(X, "new")]), mode);
            assert_eq!(*kind(&plan, X), ActionKind::DeletedByHand);
            assert!(!folder.tree().contains_key("backdoor-ec2-x-b.md"));
        }
    }

    #[test]
    fn aws_text_takes_the_place_of_an_unedited_fallback_and_never_the_other_way() {
        let folder = Folder::new();
        folder.run(&upstream(&[builtin(X, "ours"), builtin(Y, "ours")]), PLAIN);
        folder.write("trojan-ec2-y.md", "edited\n");
        let (plan, outcome) = folder.run(&upstream(&[aws(X, "AWS"), aws(Y, "AWS")]), PLAIN);
        assert_eq!(*kind(&plan, X), ActionKind::Replace(ReplaceReason::AwsTextArrived));
        assert_eq!(*kind(&plan, Y), ActionKind::Keep(KeepReason::PlainRun));
        assert_eq!(outcome.counts.updated, 1);
        assert_eq!(folder.read("backdoor-ec2-x-b.md"), aws(X, "AWS").text);

        let before = folder.tree();
        let (plan, _) = folder.run(&upstream(&[builtin(X, "ours")]), OVERWRITE);
        assert_eq!(*kind(&plan, X), ActionKind::Keep(KeepReason::AwsTextStays));
        assert_eq!(folder.tree(), before);
    }

    #[test]
    fn overwriting_keeps_a_copy_and_never_loses_an_older_one() {
        let folder = Folder::new();
        folder.run(&upstream(&[aws(X, "text"), aws(Y, "text")]), PLAIN);
        for edit in ["first\n", "second\n", "first\n"] {
            folder.write("backdoor-ec2-x-b.md", edit);
            let (plan, outcome) =
                folder.run(&upstream(&[aws(X, "text"), aws(Y, "text")]), OVERWRITE);
            assert_eq!(outcome.counts.updated, 1);
            assert_eq!(*kind(&plan, Y), ActionKind::Unchanged);
            assert_eq!(folder.read("backdoor-ec2-x-b.md"), aws(X, "text").text);
        }
        assert_eq!(folder.read("backdoor-ec2-x-b.md.bak"), "first\n");
        assert_eq!(folder.read("backdoor-ec2-x-b.md.bak2"), "second\n");
        assert!(!folder.tree().contains_key("backdoor-ec2-x-b.md.bak3"));
    }

    #[test]
    fn two_types_of_one_name_are_told_apart() {
        let folder = Folder::new();
        let twin = "Backdoor:EC2/X-B";
        let (plan, outcome) = folder.run(&upstream(&[aws(X, "text"), aws(twin, "text")]), PLAIN);
        assert_eq!((outcome.counts.new, outcome.counts.failed), (1, 1));
        assert_eq!(plan.actions[1].kind, ActionKind::Blocked(Blocked::NameTaken));
    }

    #[test]
    fn a_type_that_could_not_be_read_counts_as_failed_and_its_file_stays() {
        let folder = Folder::new();
        folder.run(&upstream(&[aws(X, "text"), aws(Y, "text")]), PLAIN);
        let mut source = upstream(&[aws(X, "text")]);
        source.failed.insert(finding_type(Y));
        let (plan, outcome) = folder.run(&source, PLAIN);
        assert_eq!(*kind(&plan, Y), ActionKind::NotRead);
        assert_eq!(outcome.counts.failed, 1);
        source.scope = Scope::Only([finding_type(X)].into());
        assert_eq!(folder.plan(&source, PLAIN).actions.len(), 1);
    }
}
