//! Carries a plan out.

use std::path::Path;

use super::WorkspaceError;
use super::action::{Counts, Effects, FileEffect, Plan};
use super::state::State;
use super::steps::{Step, StepError, Steps};
use crate::finding_type::Slug;
use crate::fs;

/// What came of a plan.
#[derive(Debug)]
pub struct Outcome {
    /// How many runbooks went which way.
    pub counts: Counts,
    /// What could not be written, in the order of the plan.
    pub failures: Vec<Failure>,
}

/// A file that could not be written; what was there before is still there.
#[derive(Debug)]
pub struct Failure {
    /// The runbook; none where the manifest is concerned, or what an earlier run left.
    pub slug: Option<Slug>,
    /// What happened, with the path.
    pub error: StepError,
    /// How many more runbooks were not tried, because the whole disk refuses.
    pub not_tried: usize,
}

/// Carries a plan out. An error only where nothing could be begun.
pub(crate) fn apply(folder: &Path, state: &State, plan: &Plan) -> Result<Outcome, WorkspaceError> {
    if plan.is_empty(state) {
        return Ok(Outcome { counts: plan.counts(), failures: Vec::new() });
    }
    let steps = Steps::new(folder, state, plan);
    run(&steps.first(), &steps)?;
    let told = steps.saved_then().map(|error| Failure { slug: None, error, not_tried: 0 });
    let mut failures: Vec<Failure> = told.collect();
    let mut failed = Vec::new();
    for (done, action) in plan.actions.iter().enumerate() {
        let (forward, back) = steps.of(action);
        let Err(error) = run(&forward, &steps) else { continue };
        // What cannot be undone now is undone by the next run.
        run(&back, &steps).ok();
        let disk_refuses = error.concerns_whole_disk();
        let rest = if disk_refuses { &plan.actions[done + 1..] } else { &[] };
        let rest = rest.iter().filter(|action| action.effects != Effects::default());
        let rest: Vec<Slug> = rest.map(|action| action.slug.clone()).collect();
        failures.push(Failure { slug: Some(action.slug.clone()), error, not_tried: rest.len() });
        failed.push(action.slug.clone());
        failed.extend(rest);
        if disk_refuses {
            break;
        }
    }
    let late = late_saves(folder, &steps, plan);
    failures.extend(late.into_iter().map(|error| Failure { slug: None, error, not_tried: 0 }));
    let last = steps.last(|slug| !failed.contains(slug));
    // Of a disk that refuses everything once is enough said; the next run rebuilds the manifest.
    let is_said = failures.iter().any(|failure: &Failure| failure.error.concerns_whole_disk());
    if let Err(error) = run(&last, &steps)
        && !is_said
    {
        failures.push(Failure { slug: None, error, not_tried: 0 });
    }
    Ok(Outcome { counts: plan.counts_without(&failed), failures })
}

/// Tidies up after the replacements; what somebody saved too late to be seen at once, to be told.
fn late_saves(folder: &Path, steps: &Steps<'_>, plan: &Plan) -> Vec<StepError> {
    let mut files = plan.actions.iter().filter_map(|action| action.effects.file.as_ref());
    if !files.any(|file| matches!(file, FileEffect::Replace { .. })) {
        return Vec::new();
    }
    fs::wait_for_late_saves();
    match fs::recover(steps.state_folder(), folder) {
        Ok(rescued) => rescued.into_iter().map(StepError::from).collect(),
        Err(error) => vec![error.into()],
    }
}

fn run(steps: &[Step], of: &Steps<'_>) -> Result<(), StepError> {
    steps.iter().try_for_each(|step| step.run(of.state_folder()))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::super::{
        Bases, Lock, Mode, OnConflict, Update, Upstream, Workspace, WorkspaceError,
    };
    use super::*;

    const X: &str = "Backdoor:EC2/X.B";
    const Y: &str = "Trojan:EC2/Y";
    const OVERWRITE: Mode = Mode::Plain { overwrite: true, backup: true };

    /// All steps of a run in which nothing fails.
    fn all_steps(folder: &Folder, plan: &dyn Fn(&Workspace) -> Plan) -> Vec<Step> {
        let workspace = folder.load();
        let plan = plan(&workspace);
        let path = folder.path();
        let steps = Steps::new(&path, workspace.state(), &plan);
        let middle = plan.actions.iter().flat_map(|action| steps.of(action).0);
        steps.first().into_iter().chain(middle).chain(steps.last(|_| true)).collect()
    }

    /// Kills the run after each of its steps, runs again, and compares with an undisturbed run.
    fn survives_every_crash(folder: &Folder, upstream: &Upstream, mode: Mode) {
        every_crash_is_survived(folder, &|workspace| workspace.plan(upstream, mode).unwrap());
    }

    fn every_crash_is_survived(folder: &Folder, plan: &dyn Fn(&Workspace) -> Plan) {
        let run = |folder: &Folder| {
            let workspace = folder.load();
            workspace.apply(&plan(&workspace)).unwrap()
        };
        let undisturbed = folder.copy();
        run(&undisturbed);
        let number = all_steps(folder, plan).len();
        assert!(number > 4, "a run of {number} steps proves nothing");
        for killed_after in 0..=number {
            let crashed = folder.copy();
            let temporary = crashed.path().join(super::super::STATE_FOLDER);
            for step in all_steps(&crashed, plan).iter().take(killed_after) {
                step.run(&temporary).unwrap();
            }
            crashed.write(".guardduty-runbooks/.half-written.md.abc.tmp", "half a fi");
            run(&crashed);
            assert_eq!(crashed.tree(), undisturbed.tree(), "killed after {killed_after} steps");
        }
    }

    /// Kills a run in the middle of each replacement: before and after the exchange of names. With a
    /// save in between, that is kept beside the runbook and told.
    fn every_crash_in_a_replacement_is_survived(folder: &Folder, upstream: &Upstream, mode: Mode) {
        let plan = |workspace: &Workspace| workspace.plan(upstream, mode).unwrap();
        let undisturbed = folder.copy();
        let after = |folder: &Folder| {
            let workspace = folder.load();
            workspace.apply(&plan(&workspace)).unwrap()
        };
        assert!(after(&undisturbed).failures.is_empty());
        let number = all_steps(folder, &plan).len();
        let mut replacements = 0;
        for at in 0..number {
            for (is_exchanged, saved) in [(false, None), (true, None), (true, Some("saved\n"))] {
                let crashed = folder.copy();
                let temporary = crashed.path().join(super::super::STATE_FOLDER);
                let steps = all_steps(&crashed, &plan);
                let Step::Replace { path, bytes, before, durability } = &steps[at] else {
                    continue;
                };
                replacements += 1;
                steps[..at].iter().for_each(|step| step.run(&temporary).unwrap());
                let swap = fs::prepare(path, bytes, before, &temporary, *durability);
                let swap = swap.unwrap().unwrap();
                if let Some(text) = saved {
                    fs::write(path, text.as_bytes()).unwrap();
                }
                if is_exchanged {
                    fs::exchange(&swap, path).unwrap();
                }
                let outcome = after(&crashed);
                let is_told = |failure: &Failure| matches!(&failure.error, StepError::SavedThen { file, .. } if file == path);
                assert_eq!(outcome.failures.len(), usize::from(saved.is_some()));
                assert!(outcome.failures.iter().all(is_told));
                let mut tree = crashed.tree();
                let copy = tree
                    .iter()
                    .find(|(name, text)| name.contains(".md.bak") && Some(text.as_str()) == saved);
                let copy = copy.map(|(name, _)| name.clone());
                assert_eq!(copy.is_some(), saved.is_some());
                if let Some(name) = copy {
                    tree.remove(&name);
                }
                assert_eq!(tree, undisturbed.tree(), "killed in step {at}");
            }
        }
        assert!(replacements > 2, "{replacements} replacements prove nothing");
    }

    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    #[test]
    fn a_kill_in_the_middle_of_a_replacement_loses_nothing() {
        let folder = Folder::new();
        let body = "First.\n\nSecond here.\n\nThird.";
        folder.run(&upstream(&[aws(X, body), aws(Y, body)]), PLAIN);
        folder.write("trojan-ec2-y.md", folder.read("trojan-ec2-y.md") + "\nOurs.\n");
        let changed = body.replace("here", "there");
        let source = upstream(&[aws(X, &changed), aws(Y, &changed)]);
        let update = Mode::Update(Update::default());
        every_crash_in_a_replacement_is_survived(&folder, &source, update);
    }

    #[test]
    fn a_first_run_survives_every_crash() {
        let folder = Folder::new();
        survives_every_crash(&folder, &upstream(&[builtin(X, "a"), aws(Y, "b")]), PLAIN);
        folder.write("trojan-ec2-y.md", aws(Y, "b").text.as_bytes());
        survives_every_crash(&folder, &upstream(&[builtin(X, "a"), aws(Y, "b")]), PLAIN);
    }

    #[test]
    fn a_run_that_replaces_files_survives_every_crash() {
        let folder = Folder::new();
        folder.run(&upstream(&[builtin(X, "a"), builtin(Y, "b")]), PLAIN);
        survives_every_crash(&folder, &upstream(&[aws(X, "AWS"), aws(Y, "AWS")]), PLAIN);
        folder.write("trojan-ec2-y.md", "edited\n");
        survives_every_crash(&folder, &upstream(&[aws(X, "AWS"), aws(Y, "AWS")]), OVERWRITE);
    }

    #[test]
    fn an_update_survives_every_crash() {
        let folder = Folder::new();
        let (z, new) = ("Recon:EC2/Z", "Impact:EC2/New");
        let body = "First.\n\nSecond here.\n\nThird.";
        folder.run(&upstream(&[aws(X, body), aws(Y, body), aws(z, body)]), PLAIN);
        folder.write("trojan-ec2-y.md", folder.read("trojan-ec2-y.md") + "\nOurs.\n");
        folder.write("recon-ec2-z.md", aws(z, &body.replace("here", "of ours")).text.as_bytes());
        let changed = body.replace("here", "there");
        let mut source = upstream(&[aws(Y, &changed), aws(z, &changed), aws(new, body)]);
        source.retired.insert(finding_type(X));
        for on_conflict in [OnConflict::Keep, OnConflict::Inline] {
            let update = Update { on_conflict, ..Update::default() };
            survives_every_crash(&folder, &source, Mode::Update(update));
        }
        for rendered in &mut source.runbooks {
            rendered.template = "ours.md".into();
        }
        survives_every_crash(&folder, &source, Mode::Update(Update::default()));
    }

    #[test]
    fn an_adoption_survives_every_crash() {
        let folder = Folder::new();
        let text = |name| format!("{name}\n-----\n\ntext\n");
        folder.write("backdoor-ec2-x-b-.md", text(X)).write("trojan-ec2-y.md", text(Y));
        let classic = [X, Y].map(|name| (finding_type(name), text(name))).into();
        let bases = Bases { classic, ..Bases::default() };
        every_crash_is_survived(&folder, &|workspace| workspace.plan_adoption(&bases).plan);
    }

    #[test]
    fn a_file_that_changes_under_the_run_is_left_alone() {
        let folder = Folder::new();
        folder.run(&upstream(&[builtin(X, "a"), builtin(Y, "b")]), PLAIN);
        let workspace = folder.load();
        let plan = workspace.plan(&upstream(&[aws(X, "AWS"), aws(Y, "AWS")]), PLAIN).unwrap();
        folder.write("backdoor-ec2-x-b.md", "saved in an editor just now\n");
        let outcome = workspace.apply(&plan).unwrap();
        assert_eq!((outcome.counts.updated, outcome.counts.failed), (1, 1));
        assert!(matches!(outcome.failures[0].error, StepError::ChangedMeanwhile(_)));
        assert_eq!(folder.read("backdoor-ec2-x-b.md"), "saved in an editor just now\n");
        assert_eq!(folder.read("trojan-ec2-y.md"), *aws(Y, "AWS").text);
        let leftovers: Vec<String> =
            folder.tree().into_keys().filter(|name| name.contains(".next")).collect();
        assert_eq!(leftovers, Vec::<String>::new());
    }

    #[test]
    fn a_new_file_never_replaces_one_that_came_in_between() {
        let folder = Folder::new();
        let workspace = folder.load();
        let plan = workspace.plan(&upstream(&[aws(X, "text"), aws(Y, "text")]), PLAIN).unwrap();
        folder.write("backdoor-ec2-x-b.md", "mine\n");
        let outcome = workspace.apply(&plan).unwrap();
        assert_eq!((outcome.counts.new, outcome.counts.failed), (1, 1));
        assert_eq!(folder.read("backdoor-ec2-x-b.md"), "mine\n");
        assert_eq!(folder.load().recorded_template(&finding_type(X).slug()), None);
    }

    #[test]
    fn a_lost_manifest_is_rebuilt() {
        let folder = Folder::new();
        folder.run(&upstream(&[aws(X, "text"), aws(Y, "text")]), PLAIN);
        folder.write("trojan-ec2-y.md", "edited\n");
        let before = folder.tree();
        for source in [[aws(X, "text"), aws(Y, "text")], [builtin(X, "ours"), aws(Y, "new")]] {
            folder.remove(".guardduty-runbooks/manifest.json");
            folder.run(&upstream(&source), PLAIN);
            assert_eq!(folder.tree(), before);
        }
    }

    #[test]
    fn nonsense_in_the_manifest_stops_the_run_before_anything_is_written() {
        let folder = Folder::new();
        folder.write(".guardduty-runbooks/manifest.json", "nonsense");
        let error = super::super::Workspace::load(&folder.path()).unwrap_err();
        assert!(error.is_broken_state(), "{error}");
        assert!(error.hint().unwrap().contains("rebuilds"));
    }

    #[cfg(unix)]
    #[test]
    fn links_and_read_only_files_are_left_and_the_others_written() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = Folder::new();
        folder.run(&upstream(&[aws(X, "text"), aws(Y, "text")]), PLAIN);
        let secret = folder.path().join("../secret");
        crate::fs::write(&secret, b"secret").unwrap();
        folder.remove("backdoor-ec2-x-b.md");
        symlink(&secret, folder.path().join("backdoor-ec2-x-b.md")).unwrap();
        let read_only = folder.path().join("trojan-ec2-y.md");
        std::fs::set_permissions(&read_only, std::fs::Permissions::from_mode(0o444)).unwrap();
        let z = "Recon:EC2/Z";
        let source = upstream(&[aws(X, "new"), aws(Y, "new"), aws(z, "new")]);
        let (_, outcome) = folder.run(&source, OVERWRITE);
        assert_eq!(folder.read("recon-ec2-z.md"), *aws(z, "new").text);
        assert_eq!(folder.read("trojan-ec2-y.md"), *aws(Y, "text").text);
        assert_eq!(crate::fs::read(&secret).unwrap(), b"secret");
        assert_eq!((outcome.counts.new, outcome.counts.failed), (1, 2));
    }

    #[test]
    fn a_file_in_place_of_the_folder_is_one_clear_error() {
        let folder = Folder::new();
        folder.write("not-a-folder", "x");
        let path = folder.path().join("not-a-folder");
        let error = Lock::take(&path).unwrap_err();
        assert!(matches!(error, WorkspaceError::Disk(_)), "{error:?}");
        assert!(error.to_string().contains("not-a-folder") && error.hint().is_some());
    }
}
