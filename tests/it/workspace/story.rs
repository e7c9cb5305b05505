//! Sixty files are edited in the ways in which people do, and the guide moves on twice.

use std::collections::BTreeMap;

use guardduty_runbooks::merge::WordMerge;
use guardduty_runbooks::runbook::Template;
use guardduty_runbooks::workspace::{
    Action, ActionKind, Conflict, Counts, KeepReason, Plan, Upstream,
};
use similar::TextMerge;

use super::edits::{self, Edited};
use super::{Folder, PLAIN, update, upstream};

const STATES: [&str; 3] = ["2024-11-html", "2025-12-html", "2026-html"];

struct Story {
    folder: Folder,
    edited: BTreeMap<String, Edited>,
    deleted: String,
    renamed: String,
    own: &'static str,
}

impl Story {
    /// Writes the first state and edits it. The files that upstream changes later come first, so
    /// that edits and changes meet as often as they can.
    fn begin(first: &Upstream, later: &Upstream) -> Self {
        let folder = Folder::new();
        folder.run(first, PLAIN);
        let mut story = Self {
            folder,
            edited: BTreeMap::new(),
            deleted: String::new(),
            renamed: String::new(),
            own: "escalation-list.md",
        };
        let text = |upstream: &Upstream| -> BTreeMap<String, String> {
            let texts = upstream.runbooks.iter();
            texts.map(|r| (r.finding_type.slug().file_name(), r.text.to_string())).collect()
        };
        let (first, later) = (text(first), text(later));
        let mut names: Vec<&String> = first.keys().collect();
        names.sort_by_key(|name| (later.get(*name) == first.get(*name), (*name).clone()));
        for (number, name) in names.iter().take(57).enumerate() {
            let edit = edits::ALL[number % edits::ALL.len()];
            let mark = format!("person-{number}");
            let edited = edits::apply(edit, &first[*name], number / edits::ALL.len(), &mark);
            story.folder.write(name, &edited.text);
            story.edited.insert((*name).clone(), edited);
        }
        story.deleted.clone_from(names[57]);
        story.folder.remove(&story.deleted);
        story.renamed.clone_from(names[58]);
        let renamed = story.folder.read(&story.renamed);
        story.folder.write("our-name-for-it.md", &renamed);
        story.folder.remove(&story.renamed);
        story.folder.write(story.own, "# Who to call\n\nBob, then Alice.\n");
        story
    }

    /// Updates to a state and checks what may never be otherwise.
    fn update(&self, source: &Upstream) -> (Plan, Counts) {
        let before = self.folder.tree();
        let check = self.folder.load().plan(source, update()).unwrap();
        let (plan, outcome) = self.folder.run(source, update());
        let kinds = |plan: &Plan| plan.actions.iter().map(|a| a.kind.clone()).collect::<Vec<_>>();
        assert_eq!(kinds(&check), kinds(&plan), "the preview is what happens");
        self.every_edit_is_there(&plan);
        self.unedited_files_are_fresh(source);
        for action in &plan.actions {
            if let ActionKind::Conflict(_) = action.kind {
                let name = format!("/{}", action.slug.file_name());
                assert_eq!(before[&name], self.folder.tree()[&name], "{name} stays as it is");
            }
        }
        let after = self.folder.tree();
        let (again, counts) = self.folder.run(source, update());
        assert_eq!(self.folder.tree(), after, "a second update changes nothing");
        assert_eq!(counts.counts.in_conflict, outcome.counts.in_conflict);
        let left = again.actions.iter().filter(|action| action.kind.is_to_do());
        assert!(
            left.clone().all(|a| matches!(a.kind, ActionKind::Conflict(_))),
            "{:?}",
            left.count()
        );
        (plan, outcome.counts)
    }

    fn every_edit_is_there(&self, plan: &Plan) {
        for (name, edited) in &self.edited {
            let text = self.folder.read(name);
            let merged: String = word_merges(plan, name).iter().map(|m| m.merged.clone()).collect();
            for added in &edited.added {
                let there =
                    text.contains(added) || added.split(' ').all(|word| merged.contains(word));
                assert!(there, "{name}: {added:?} is gone from\n{text}");
            }
            let in_conflict = plan.actions.iter().any(|action| {
                action.slug.file_name() == *name && matches!(action.kind, ActionKind::Conflict(_))
            });
            if let Some(deleted) = edited.deleted.as_ref().filter(|_| !in_conflict) {
                assert!(!text.contains(deleted), "{name}: {deleted:?} is back");
            }
            let windows = edited.text.contains("\r\n");
            assert_eq!(
                text.matches("\r\n").count(),
                if windows { text.matches('\n').count() } else { 0 }
            );
            assert_eq!(text.ends_with('\n'), edited.text.ends_with('\n'), "{name}");
        }
        assert_eq!(self.folder.read(self.own), "# Who to call\n\nBob, then Alice.\n");
        assert!(self.folder.read("our-name-for-it.md").len() > 100);
        assert!(!self.folder.path().join(&self.deleted).exists());
        assert!(!self.folder.path().join(&self.renamed).exists());
    }

    fn unedited_files_are_fresh(&self, source: &Upstream) {
        let fresh = Folder::new();
        fresh.run(source, PLAIN);
        let mut number = 0;
        for (name, text) in fresh.tree() {
            let name = name.trim_start_matches('/');
            let touched = self.edited.contains_key(name)
                || [&self.deleted, &self.renamed].contains(&&name.to_owned());
            if !name.contains('/') && !touched {
                assert_eq!(self.folder.read(name), text, "{name}");
                number += 1;
            }
        }
        assert!(number > 100, "{number} unedited files prove little");
    }
}

fn word_merges(plan: &Plan, name: &str) -> Vec<WordMerge> {
    let of_file = |action: &&Action| action.slug.file_name() == name;
    match plan.actions.iter().find(of_file).map(|action| &action.kind) {
        Some(ActionKind::Merge { word_merges }) => word_merges.clone(),
        _ => Vec::new(),
    }
}

/// How many of the files that somebody edited and upstream changed are in conflict for a merge by
/// lines alone.
fn conflicts_by_lines(story: &BTreeMap<String, String>, plan: &Plan) -> usize {
    let in_conflict = |action: &&Action| {
        let before = &story[&format!("/{}", action.slug.file_name())];
        let mine = before.replace("\r\n", "\n");
        let mine = if mine.ends_with('\n') { mine } else { mine + "\n" };
        let (Some(base), Some(theirs)) = (&action.pristine, &action.upstream) else { return false };
        TextMerge::from_lines(&**base, &mine, &**theirs).is_conflicted()
    };
    let merged = plan.actions.iter().filter(|action| {
        matches!(action.kind, ActionKind::Merge { .. } | ActionKind::Conflict(Conflict::Kept(_)))
    });
    merged.filter(in_conflict).count()
}

#[test]
fn no_edit_is_lost_over_two_years() {
    let (mut ours, mut lines_alone) = (0, 0);
    for (name, template) in [("runbook", Template::Runbook), ("classic", Template::Classic)] {
        let Some(first) = upstream(STATES[0], template.clone()) else { return };
        let second = upstream(STATES[1], template.clone()).unwrap();
        let third = upstream(STATES[2], template).unwrap();
        let story = Story::begin(&first, &third);
        for (state, source) in [(STATES[1], &second), (STATES[2], &third)] {
            let before = story.folder.tree();
            let (plan, counts) = story.update(source);
            let by_lines = conflicts_by_lines(&before, &plan);
            println!("{name} {state}: {counts:?}; {by_lines} conflicts by lines alone");
            for name in story.edited.keys() {
                for WordMerge { line, before, yours, theirs, merged } in word_merges(&plan, name) {
                    println!("{name}:{line}\n- {before}y {yours}t {theirs}= {merged}");
                }
            }
            ours += counts.in_conflict;
            lines_alone += by_lines;
            let is_renamed = |action: &&Action| {
                action.kind
                    == ActionKind::DeletedByHand { renamed_to: Some("our-name-for-it.md".into()) }
            };
            assert_eq!(plan.actions.iter().filter(is_renamed).count(), 1);
            let kept = ActionKind::Keep(KeepReason::PlainRun);
            assert!(plan.actions.iter().all(|action| action.kind != kept));
        }
    }
    assert!(ours < lines_alone, "{ours} conflicts, {lines_alone} by lines alone");
}
