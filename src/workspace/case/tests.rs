use proptest::prelude::*;

use super::super::fixture::*;
use super::super::{Counts, Upstream};
use super::*;

const X: &str = "Backdoor:EC2/X.B";
const Y: &str = "Trojan:EC2/Y";
const X_FILE: &str = "backdoor-ec2-x-b.md";
const BODY: &str = "The first paragraph of it is here.\n\nThe second one is there.\n\nThe end.";
const UPDATE: Mode =
    Mode::Update(Update { on_conflict: OnConflict::Keep, restore: false, port_edits: false });

fn update(change: impl Fn(&mut Update)) -> Mode {
    let mut update = Update::default();
    change(&mut update);
    Mode::Update(update)
}

/// A folder with X and Y as upstream had them first.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.run(&upstream(&[aws(X, BODY), aws(Y, BODY)]), PLAIN);
    folder
}

fn changed(from: &str, to: &str) -> Upstream {
    upstream(&[aws(X, &BODY.replace(from, to)), aws(Y, &BODY.replace(from, to))])
}

#[test]
fn unedited_files_follow_upstream_and_edits_survive() {
    let folder = folder();
    let edited = folder.read(X_FILE).replace("The end.", "The end.\n\n## Ours\n\nCall Bob.");
    folder.write(X_FILE, &edited);
    let source = changed("second", "2nd");
    let (plan, outcome) = folder.run(&source, UPDATE);
    assert_eq!(*kind(&plan, X), ActionKind::Merge { word_merges: vec![] });
    assert_eq!(*kind(&plan, Y), ActionKind::Replace(ReplaceReason::Upstream));
    assert_eq!(outcome.counts, Counts { updated: 1, merged: 1, ..Counts::default() });
    assert_eq!(folder.read(X_FILE), edited.replace("second", "2nd"));
    assert_eq!(folder.read("trojan-ec2-y.md"), *source.runbooks[1].text);
    let after = folder.tree();
    let (plan, _) = folder.run(&source, UPDATE);
    assert_eq!(*kind(&plan, X), ActionKind::Keep(KeepReason::Edited));
    assert_eq!(*kind(&plan, Y), ActionKind::Unchanged);
    assert_eq!(folder.tree(), after);
}

#[test]
fn the_shape_of_a_file_stays_as_the_person_had_it() {
    let folder = folder();
    let windows = |text: &str| format!("\u{feff}{}", text.trim_end().replace('\n', "\r\n"));
    let edited = folder.read(X_FILE).replace("The end.", "The end. Call Bob.");
    folder.write(X_FILE, windows(&edited));
    folder.write("trojan-ec2-y.md", windows(&folder.read("trojan-ec2-y.md")));
    let source = changed("second", "2nd");
    let (plan, _) = folder.run(&source, UPDATE);
    assert_eq!(*kind(&plan, Y), ActionKind::Replace(ReplaceReason::Upstream));
    assert_eq!(folder.read(X_FILE), windows(&edited.replace("second", "2nd")));
    assert_eq!(folder.read("trojan-ec2-y.md"), windows(&source.runbooks[1].text));
}

#[test]
fn a_kept_conflict_stays_one_until_somebody_settles_it() {
    let folder = folder();
    folder.write(X_FILE, folder.read(X_FILE).replace("second one", "team's part"));
    let source = changed("second one", "middle");
    let before = folder.read(X_FILE);
    for _ in 0..2 {
        let (plan, outcome) = folder.run(&source, UPDATE);
        let ActionKind::Conflict(Conflict::Kept(hunks)) = kind(&plan, X) else {
            panic!("{:?}", kind(&plan, X));
        };
        assert_eq!((hunks.len(), hunks[0].first_line), (1, 10));
        assert_eq!((outcome.counts.in_conflict, folder.read(X_FILE)), (1, before.clone()));
    }
    folder.write(X_FILE, source.runbooks[0].text.replace("The end.", "Our end."));
    let (plan, _) = folder.run(&source, UPDATE);
    assert_eq!(*kind(&plan, X), ActionKind::CatchUp);
    let (plan, _) = folder.run(&source, UPDATE);
    assert_eq!(*kind(&plan, X), ActionKind::Keep(KeepReason::Edited));
}

#[test]
fn a_marked_conflict_is_not_merged_again_until_the_markers_are_gone() {
    let folder = folder();
    let edited = folder.read(X_FILE).replace("second one", "team's part");
    folder.write(X_FILE, edited.replace('\n', "\r\n"));
    let inline = update(|update| update.on_conflict = OnConflict::Inline);
    let source = changed("second one", "middle");
    let (plan, outcome) = folder.run(&source, inline);
    let ActionKind::Conflict(Conflict::Marked { hunks, .. }) = kind(&plan, X) else {
        panic!("{:?}", kind(&plan, X));
    };
    assert_eq!((hunks[0].first_line, outcome.counts.in_conflict), (10, 1));
    let marked = folder.read(X_FILE);
    assert_eq!(marked.lines().nth(9), Some("<<<<<<< yours"));
    assert_eq!(marked.matches('\n').count(), marked.matches("\r\n").count());
    let newer = changed("The end", "An end");
    let (plan, _) = folder.run(&newer, inline);
    assert_eq!(*kind(&plan, X), ActionKind::Conflict(Conflict::MarkersLeft(10)));
    assert_eq!(folder.read(X_FILE), marked);
    folder.write(X_FILE, &edited);
    let (plan, _) = folder.run(&source, inline);
    assert_eq!(*kind(&plan, X), ActionKind::Keep(KeepReason::Edited));
    assert_eq!(folder.read(X_FILE), edited);
}

#[test]
fn a_deleted_file_comes_back_only_when_asked_for() {
    let folder = folder();
    folder.remove(X_FILE);
    let source = changed("second", "2nd");
    let (plan, _) = folder.run(&source, UPDATE);
    assert_eq!(*kind(&plan, X), ActionKind::DeletedByHand { renamed_to: None });
    let (plan, _) = folder.run(&source, update(|update| update.restore = true));
    assert_eq!(*kind(&plan, X), ActionKind::Restore);
    assert_eq!(folder.read(X_FILE), *source.runbooks[0].text);
}

#[test]
fn a_renamed_file_is_recognised_and_left_alone() {
    let folder = folder();
    folder.write("our-x.md", folder.read(X_FILE) + "\nours\n").remove(X_FILE);
    for mode in [PLAIN, UPDATE, update(|update| update.restore = true)] {
        let (plan, _) = folder.run(&changed("second", "2nd"), mode);
        let renamed_to = Some("our-x.md".to_owned());
        assert_eq!(*kind(&plan, X), ActionKind::DeletedByHand { renamed_to });
    }
}

#[test]
fn another_template_reaches_unedited_files_and_edited_ones_only_when_asked_for() {
    let folder = folder();
    let edited = folder.read(X_FILE).replace("The end.", "The end. Call Bob.");
    folder.write(X_FILE, &edited);
    let mut source = changed("# Backdoor", "# Backdoor");
    for rendered in &mut source.runbooks {
        rendered.template = "ours.md".into();
        rendered.text = rendered.text.replace("\n# ", "\n<!-- ours -->\n\n# ").into();
    }
    let (plan, _) = folder.run(&source, UPDATE);
    assert_eq!(*kind(&plan, X), ActionKind::Keep(KeepReason::OldTemplate));
    assert_eq!(*kind(&plan, Y), ActionKind::Replace(ReplaceReason::Template));
    let template =
        |name| folder.load().recorded_template(&finding_type(name).slug()).map(str::to_owned);
    assert_eq!(template(X).as_deref(), Some("runbook"));
    assert_eq!(template(Y).as_deref(), Some("ours.md"));
    folder.run(&source, update(|update| update.port_edits = true));
    assert_eq!(template(X).as_deref(), Some("ours.md"));
    assert_eq!(folder.read(X_FILE), edited.replace("\n# ", "\n<!-- ours -->\n\n# "));
}

#[test]
fn aws_text_is_never_replaced_by_less() {
    let folder = folder();
    let before = folder.tree();
    let source = upstream(&[builtin(X, "ours"), builtin(Y, "ours")]);
    let (plan, outcome) = folder.run(&source, UPDATE);
    assert_eq!(*kind(&plan, X), ActionKind::Keep(KeepReason::AwsTextStays));
    assert_eq!((outcome.counts.kept, outcome.counts.changed_upstream), (2, 0));
    folder.run(&source, Mode::Plain { overwrite: true, backup: false });
    assert_eq!(folder.tree(), before);
    folder.remove(X_FILE);
    folder.run(&source, update(|update| update.restore = true));
    assert_eq!(folder.tree(), before);
}

#[test]
fn a_python_tools_file_is_not_overwritten_by_a_runbook_without_aws_text() {
    let folder = Folder::new();
    folder.write(X_FILE, format!("{X}\n-----\n\nAWS's words\n"));
    let overwrite = Mode::Plain { overwrite: true, backup: false };
    let (plan, _) = folder.run(&upstream(&[builtin(X, "ours")]), overwrite);
    assert_eq!(*kind(&plan, X), ActionKind::Keep(KeepReason::AwsTextStays));
    let (plan, _) = folder.run(&upstream(&[aws(X, "AWS")]), overwrite);
    assert_eq!(*kind(&plan, X), ActionKind::Overwrite { backup: None });
}

#[test]
fn a_missing_pristine_copy_is_broken_unless_the_file_is_current() {
    let folder = folder();
    folder.remove(".guardduty-runbooks/pristine/backdoor-ec2-x-b.md");
    folder.remove(".guardduty-runbooks/pristine/trojan-ec2-y.md");
    folder.write(X_FILE, "edited\n");
    let (plan, outcome) = folder.run(&upstream(&[aws(X, BODY), aws(Y, BODY)]), UPDATE);
    assert_eq!(*kind(&plan, X), ActionKind::Blocked(Blocked::PristineMissing));
    assert_eq!(*kind(&plan, Y), ActionKind::Claim);
    assert_eq!((outcome.counts.failed, folder.read(X_FILE).as_str()), (1, "edited\n"));
    assert!(folder.load().state().tracked["trojan-ec2-y"].pristine.is_some());
}

#[test]
fn a_file_that_is_no_text_is_left() {
    let folder = folder();
    folder.write(X_FILE, b"\xff\xfe\x00");
    let (plan, _) = folder.run(&changed("second", "2nd"), UPDATE);
    assert_eq!(*kind(&plan, X), ActionKind::Blocked(Blocked::NotText));
}

/// A body in which lines are changed, deleted and added.
fn body(edits: &[(usize, u8)], mark: &str) -> String {
    let mut lines: Vec<String> = BODY.lines().map(str::to_owned).collect();
    for (at, edit) in edits {
        let at = at % lines.len();
        match edit {
            0 => lines.insert(at, format!("{mark} new")),
            1 if lines.len() > 1 => drop(lines.remove(at)),
            2 => lines[at] = lines[at].replacen(' ', &format!(" {mark} "), 1),
            _ => lines[at] += mark,
        }
    }
    lines.join("\n")
}

fn edits() -> impl Strategy<Value = Vec<(usize, u8)>> {
    proptest::collection::vec((0usize..9, 0u8..4), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn the_plan_of_a_finished_update_is_empty(
        ours in edits(), theirs in edits(), inline in any::<bool>(),
    ) {
        let folder = folder();
        folder.write(X_FILE, aws(X, &body(&ours, "ours")).text.as_bytes());
        let source = upstream(&[aws(X, &body(&theirs, "theirs")), aws(Y, BODY)]);
        let mode = update(|update| {
            if inline {
                update.on_conflict = OnConflict::Inline;
            }
        });
        let (_, outcome) = folder.run(&source, mode);
        prop_assert!(outcome.failures.is_empty());
        let workspace = folder.load();
        let plan = workspace.plan(&source, mode).unwrap();
        prop_assert!(plan.is_empty(workspace.state()), "{:?}", plan.actions);
        prop_assert_eq!(plan.counts().in_conflict, outcome.counts.in_conflict);
    }

    #[test]
    fn no_edit_is_lost_over_several_states(
        ours in edits(), first in edits(), second in edits(),
    ) {
        let folder = folder();
        folder.write(X_FILE, aws(X, &body(&ours, "ours")).text.as_bytes());
        let number = folder.read(X_FILE).matches("ours").count();
        for theirs in [&first, &second] {
            folder.run(&upstream(&[aws(X, &body(theirs, "theirs")), aws(Y, BODY)]), UPDATE);
            prop_assert_eq!(folder.read(X_FILE).matches("ours").count(), number);
        }
    }
}
