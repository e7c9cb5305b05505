//! A runbook whose finding type the source has no more.

use super::action::{Action, ActionKind, Conflict, Effects, FileEffect, KeepReason};
use super::case::before;
use super::manifest::{ManifestEntry, Status};
use super::plan::Mode;
use super::state::{Existing, State, Tracked};
use super::upstream::Upstream;
use crate::merge::{Merge, first_marker, merge};
use crate::text::subject;

/// Decides what happens to it: retired where AWS says so, else only reported. None where there is
/// nothing to say, because somebody deleted the file.
pub(crate) fn decide(
    state: &State,
    tracked: &Tracked,
    upstream: &Upstream,
    mode: Mode,
) -> Option<Action> {
    let file = state.files.get(&tracked.entry.finding_type.slug().file_name())?;
    let is_retired = upstream.retired.contains(&tracked.entry.finding_type);
    let action = |kind, effects| Action {
        slug: tracked.entry.finding_type.slug(),
        finding_type: tracked.entry.finding_type.clone(),
        kind,
        upstream_changed: is_retired,
        pristine: tracked.pristine.clone(),
        upstream: None,
        effects,
    };
    Some(match mode {
        _ if !is_retired => action(ActionKind::Gone, Effects::default()),
        Mode::Plain { .. } => action(ActionKind::Keep(KeepReason::PlainRun), Effects::default()),
        Mode::Update(_) => {
            let (kind, effects) = retire(tracked, file);
            action(kind, effects)
        }
    })
}

fn retire(tracked: &Tracked, file: &Existing) -> (ActionKind, Effects) {
    let entry = Some(ManifestEntry { status: Status::Retired, ..tracked.entry.clone() });
    let only_recorded = Effects { entry: entry.clone(), ..Effects::default() };
    let Some((pristine, retired, shaped)) = tracked.pristine.as_ref().and_then(|pristine| {
        Some((pristine, subject::with_status_retired(pristine)?, file.text()?))
    }) else {
        return (ActionKind::Retire, only_recorded);
    };
    if let Some(line) = first_marker(&shaped.text) {
        return (ActionKind::Conflict(Conflict::MarkersLeft(line)), Effects::default());
    }
    let before = match before(file) {
        Ok(before) => before.to_owned(),
        Err(blocked) => return (ActionKind::Blocked(blocked), Effects::default()),
    };
    let file = match merge(pristine, &shaped.text, &retired) {
        Merge::Resolved(merged) if merged.text != shaped.text => {
            let came_from = |line: usize| merged.came_from.get(line).copied().flatten();
            let text = shaped.shape.apply(&merged.text, came_from);
            let edited = shaped.text != **pristine;
            Some(FileEffect::Replace { text: text.into(), before, edited, backup: None })
        }
        // The person has put something else into that line, and that stands.
        Merge::Resolved(_) | Merge::Conflict { .. } => None,
    };
    (ActionKind::Retire, Effects { file, pristine: Some(retired.into()), entry })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::super::{OnConflict, Scope, Shrunk, Update};
    use super::*;

    const X: &str = "Backdoor:EC2/X.B";
    const X_FILE: &str = "backdoor-ec2-x-b.md";
    const UPDATE: Mode =
        Mode::Update(Update { on_conflict: OnConflict::Keep, restore: false, port_edits: false });

    fn all() -> Vec<super::super::Rendered> {
        let others = (0..30).map(|number| aws(&format!("Trojan:EC2/Y{number}"), "text"));
        others.chain([aws(X, "text")]).collect()
    }

    /// A folder with 31 runbooks, and a source that has lost X.
    fn folder() -> (Folder, Upstream) {
        let folder = Folder::new();
        folder.run(&upstream(&all()), PLAIN);
        let source = upstream(&all()[..30]);
        (folder, source)
    }

    #[test]
    fn a_retired_type_is_marked_once_and_its_edits_stay() {
        let (folder, mut source) = folder();
        source.retired.insert(finding_type(X));
        let edited = folder.read(X_FILE) + "\nOur words.\n";
        folder.write(X_FILE, &edited);
        let before = folder.tree();
        let (plan, _) = folder.run(&source, PLAIN);
        assert_eq!(*kind(&plan, X), ActionKind::Keep(KeepReason::PlainRun));
        assert_eq!(folder.tree(), before);
        let (plan, outcome) = folder.run(&source, UPDATE);
        assert_eq!(*kind(&plan, X), ActionKind::Retire);
        assert_eq!(outcome.counts.retired, 1);
        assert_eq!(folder.read(X_FILE), edited.replace("status: active", "status: retired"));
        let plan = folder.plan(&source, UPDATE);
        assert!(plan.actions.iter().all(|action| action.finding_type != finding_type(X)));
    }

    #[test]
    fn a_runbook_without_front_matter_is_only_recorded_as_retired() {
        let folder = Folder::new();
        let mut classic = aws(X, "text");
        classic.text = format!("{X}\n---\n\ntext\n").into();
        folder.run(&upstream(&[classic.clone()]), PLAIN);
        let mut source = upstream(&[]);
        source.retired.insert(finding_type(X));
        assert_eq!(*kind(&folder.run(&source, UPDATE).0, X), ActionKind::Retire);
        assert_eq!(folder.read(X_FILE), *classic.text);
        assert_eq!(folder.plan(&source, UPDATE).actions.len(), 0);
    }

    #[test]
    fn a_type_that_is_gone_without_a_word_is_only_reported() {
        let (folder, source) = folder();
        let before = folder.tree();
        for _ in 0..2 {
            let (plan, _) = folder.run(&source, UPDATE);
            assert_eq!(*kind(&plan, X), ActionKind::Gone);
            assert_eq!(folder.tree(), before);
        }
    }

    #[test]
    fn a_half_read_index_a_filter_and_a_failed_page_lose_nothing() {
        let (folder, source) = folder();
        let retired = || [finding_type(X)].into();
        let half_read = Upstream { index_was_whole: false, retired: retired(), ..source.clone() };
        let others = Scope::Only(source.active.clone());
        let filtered = Upstream { scope: others, retired: retired(), ..source.clone() };
        for source in [half_read, filtered] {
            let plan = folder.plan(&source, UPDATE);
            assert!(plan.actions.iter().all(|action| action.finding_type != finding_type(X)));
        }
        let failed = Upstream { failed: retired(), retired: retired(), ..source };
        assert_eq!(*kind(&folder.plan(&failed, UPDATE), X), ActionKind::NotRead);
    }

    #[test]
    fn many_types_do_not_vanish_at_once() {
        let (folder, source) = folder();
        let mut source = Upstream { runbooks: source.runbooks[..29].to_vec(), ..source };
        source.active.remove(&finding_type("Trojan:EC2/Y29"));
        let Shrunk { gone, of } = folder.load().plan(&source, PLAIN).unwrap_err();
        assert_eq!((gone.len(), of), (2, 31));
        source.retired.insert(finding_type(X));
        assert_eq!(*kind(&folder.plan(&source, UPDATE), X), ActionKind::Retire);
        source.retired.clear();
        source.allow_shrink = true;
        assert_eq!(*kind(&folder.plan(&source, UPDATE), X), ActionKind::Gone);
    }

    #[test]
    fn a_type_in_another_spelling_has_not_vanished() {
        let folder = Folder::new();
        folder.run(&upstream(&[aws(X, "text")]), PLAIN);
        let source = upstream(&[aws("Backdoor:EC2/X!b", "text")]);
        let (plan, _) = folder.run(&source, UPDATE);
        assert_eq!(plan.actions.len(), 1);
        assert_eq!(folder.read(X_FILE), *source.runbooks[0].text);
        assert_eq!(folder.load().tracked_types().next(), Some(&source.runbooks[0].finding_type));
    }

    #[test]
    fn a_type_that_comes_back_is_active_again() {
        let (folder, mut source) = folder();
        source.retired.insert(finding_type(X));
        folder.run(&source, UPDATE);
        folder.run(&upstream(&all()), UPDATE);
        assert_eq!(folder.read(X_FILE), *aws(X, "text").text);
        assert_eq!(folder.load().state().tracked["backdoor-ec2-x-b"].entry.status, Status::Active);
    }
}
