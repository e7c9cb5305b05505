//! What a run does: a pure function from the folder and upstream to a list of actions.

use std::collections::BTreeSet;

use super::action::{Action, ActionKind, Blocked, Effects, Plan};
use super::case::Case;
use super::manifest::Status;
use super::retire;
use super::state::{State, Tracked};
use super::upstream::{Rendered, Upstream};
use crate::finding_type::{FindingType, Slug};

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
    /// Brings runbooks up to date, keeping edits.
    Update(Update),
}

/// How `update` goes about it. The default is what `check` reports on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Update {
    /// What to do with a file in conflict.
    pub on_conflict: OnConflict,
    /// Whether files that somebody deleted are written again.
    pub restore: bool,
    /// Whether edits are carried over to another template.
    pub port_edits: bool,
}

/// What to do with a file in conflict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnConflict {
    /// It stays as it is, and so does its pristine copy.
    #[default]
    Keep,
    /// It gets conflict markers.
    Inline,
}

/// More finding types vanished at once than is likely to be true.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{} of {of} finding types have vanished from the source at once, {} among them",
    .gone.len(), .gone[0]
)]
pub struct Shrunk {
    /// The types that are gone; at least one.
    pub gone: Vec<FindingType>,
    /// How many active types of the workspace the run is about.
    pub of: usize,
}

impl Shrunk {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        "nothing was written; if the source is right, run again with --allow-shrink"
    }
}

/// Decides what a run does.
pub fn plan(state: &State, upstream: &Upstream, mode: Mode) -> Result<Plan, Shrunk> {
    let vanished = vanished(state, upstream);
    guard_against_shrinking(state, upstream, &vanished)?;
    let mut actions = rendered_actions(state, upstream, mode);
    let known: BTreeSet<Slug> = actions.iter().map(|action| action.slug.clone()).collect();
    for finding_type in upstream.failed.iter().filter(|failed| upstream.scope.contains(failed)) {
        if !known.contains(&finding_type.slug()) {
            actions.push(Action::without_text(finding_type, ActionKind::NotRead));
        }
    }
    actions.extend(unnamed_templates(state, upstream, mode));
    let decide = |tracked: &&Tracked| retire::decide(state, tracked, upstream, mode);
    actions.extend(vanished.iter().filter_map(decide));
    actions.sort_by(|a, b| (&a.slug, &a.finding_type).cmp(&(&b.slug, &b.finding_type)));
    Ok(Plan { actions, recovery: state.recovery.clone() })
}

/// The active runbooks whose type the source has no more. Where the list of types may have holes,
/// none; a type that is only spelled in another way has the same slug and is still there.
fn vanished<'s>(state: &'s State, upstream: &Upstream) -> Vec<&'s Tracked> {
    if !upstream.index_was_whole {
        return Vec::new();
    }
    let listed = upstream.listed();
    let active = active(state, upstream);
    active.filter(|tracked| !listed.contains(&tracked.entry.finding_type.slug())).collect()
}

/// The runbooks of active types that the run is about and that nobody deleted.
fn active<'s>(state: &'s State, upstream: &Upstream) -> impl Iterator<Item = &'s Tracked> {
    state.tracked.values().filter(|Tracked { entry, .. }| {
        entry.status == Status::Active
            && upstream.scope.contains(&entry.finding_type)
            && state.files.contains_key(&entry.finding_type.slug().file_name())
    })
}

/// One action for each runbook that upstream renders.
fn rendered_actions(state: &State, upstream: &Upstream, mode: Mode) -> Vec<Action> {
    let mut runbooks: Vec<&Rendered> = upstream.runbooks.iter().collect();
    runbooks.sort_by(|a, b| a.finding_type.cmp(&b.finding_type));
    let mut taken = BTreeSet::new();
    let decide = |rendered: &Rendered| {
        if taken.insert(rendered.finding_type.slug()) {
            Case::new(state, rendered, mode).decide()
        } else {
            let kind = ActionKind::Blocked(Blocked::NameTaken);
            Action::without_text(&rendered.finding_type, kind)
        }
    };
    runbooks.into_iter().map(decide).collect()
}

/// One action for each runbook whose template was not read. What somebody deleted stays deleted.
fn unnamed_templates(state: &State, upstream: &Upstream, mode: Mode) -> Vec<Action> {
    let restores = matches!(mode, Mode::Update(Update { restore: true, .. }));
    let decide = |(finding_type, template): (&FindingType, &String)| {
        let slug = finding_type.slug();
        let is_there = state.files.contains_key(&slug.file_name());
        let tracked = state.tracked.get(slug.as_str()).filter(|_| !is_there && !restores);
        let kind = match tracked {
            Some(tracked) => ActionKind::DeletedByHand { renamed_to: state.renamed_to(tracked) },
            None => ActionKind::Blocked(Blocked::UnnamedTemplate(template.clone())),
        };
        Action::without_text(finding_type, kind)
    };
    upstream.unnamed_templates.iter().map(decide).collect()
}

/// Stops a run whose source has suddenly lost more than a twentieth of the finding types without
/// AWS having retired them.
fn guard_against_shrinking(
    state: &State,
    upstream: &Upstream,
    vanished: &[&Tracked],
) -> Result<(), Shrunk> {
    let types = vanished.iter().map(|tracked| &tracked.entry.finding_type);
    let gone: Vec<FindingType> =
        types.filter(|finding_type| !upstream.retired.contains(finding_type)).cloned().collect();
    let of = active(state, upstream).count();
    if gone.len() * 20 > of && !upstream.allow_shrink {
        return Err(Shrunk { gone, of });
    }
    Ok(())
}

impl Action {
    /// An action about a finding type of which there is no text.
    fn without_text(finding_type: &FindingType, kind: ActionKind) -> Self {
        Self {
            slug: finding_type.slug(),
            finding_type: finding_type.clone(),
            kind,
            upstream_changed: false,
            pristine: None,
            upstream: None,
            effects: Effects::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::super::{Counts, KeepReason, ReplaceReason, Scope};
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
        assert_eq!(folder.read("backdoor-ec2-x-b.md"), *aws(X, "text").text);

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
            assert_eq!(*kind(&plan, X), ActionKind::DeletedByHand { renamed_to: None });
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
        assert_eq!(folder.read("backdoor-ec2-x-b.md"), *aws(X, "AWS").text);

        let source = upstream(&[builtin(X, "ours"), builtin(Y, "ours")]);
        let (plan, _) = folder.run(&source, OVERWRITE);
        assert_eq!(*kind(&plan, X), ActionKind::Keep(KeepReason::AwsTextStays));
        assert_eq!(folder.read("backdoor-ec2-x-b.md"), *aws(X, "AWS").text);
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
            assert_eq!(folder.read("backdoor-ec2-x-b.md"), *aws(X, "text").text);
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
