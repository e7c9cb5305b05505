//! `update`, `check`, `diff` and `adopt` as commands: what they print, write and end with.

use serde_json::Value;

use crate::mini::Guide;
use crate::sandbox::Sandbox;

const EC2: &str = "guardduty_finding-types-ec2";
const PORTSCAN: &str = "runbooks/recon-ec2-portscan.md";
const FOLDER: &str = "--outdir runbooks --source guide";
const BEFORE: &str = "one port after the other";
const AFTER: &str = "port after port, day and night";

fn changed_guide() -> Guide {
    Guide::html().edit(EC2, BEFORE, AFTER)
}

/// A folder that was written, of which one runbook was edited, and a guide that changed since.
fn sandbox(from: &str, to: &str) -> Sandbox {
    let sandbox = Sandbox::new().guide(&Guide::html());
    sandbox.run(FOLDER).expect_exit(0);
    let text = sandbox.read(PORTSCAN);
    assert!(text.contains(from), "{text}");
    sandbox.put(PORTSCAN, &text.replace(from, to));
    sandbox.put_guide(&changed_guide());
    sandbox
}

/// Runs a command on the folder.
fn run(sandbox: &Sandbox, command: &str) -> crate::sandbox::Run {
    sandbox.run(&format!("{command} {FOLDER}"))
}

#[test]
fn an_edit_beside_a_change_is_merged_and_check_agrees_before_and_after() {
    let sandbox = sandbox("knocks at many doors", "knocks at OUR doors");
    let before = sandbox.tree("runbooks");
    let report = run(&sandbox, "check").expect_exit(1);
    assert!(report.stdout().contains("! changed upstream  recon-ec2-portscan.md"), "{report}");
    let preview = run(&sandbox, "update --dry-run").expect_exit(0);
    assert!(preview.stderr().contains("would write recon-ec2-portscan.md"), "{preview}");
    assert!(sandbox.tree("runbooks") == before, "check or --dry-run wrote something");

    let update = run(&sandbox, "update --summary summary.md").expect_exit(0);
    assert!(update.stderr().contains("1 merged"), "{update}");
    let merged = sandbox.read(PORTSCAN);
    assert!(merged.contains("knocks at OUR doors") && merged.contains(AFTER), "{merged}");
    assert!(sandbox.read("summary.md").contains("Recon:EC2/Portscan"));

    let after = sandbox.tree("runbooks");
    run(&sandbox, "update").expect_exit(0);
    assert!(sandbox.tree("runbooks") == after, "a second update wrote something");
    let report = run(&sandbox, "check").expect_exit(0);
    assert!(report.stdout().contains("edited"), "{report}");
}

#[test]
fn a_conflict_ends_with_1_until_it_is_solved() {
    let sandbox = sandbox(BEFORE, "ports 22 and 3389 first");
    let edited = sandbox.read(PORTSCAN);
    let update = run(&sandbox, "update").expect_exit(1);
    assert!(update.stderr().contains("recon-ec2-portscan.md is in conflict"), "{update}");
    assert!(update.stderr().ends_with("from guide)\n"), "{update}");
    assert_eq!(sandbox.read(PORTSCAN), edited);

    let report = run(&sandbox, "check --format github").expect_exit(1);
    assert!(report.stdout().contains("file=runbooks/recon-ec2-portscan.md,line="), "{report}");
    let report = run(&sandbox, "check --format json").expect_exit(1);
    let report: Value = serde_json::from_str(&report.stdout()).unwrap();
    let row = report["runbooks"].as_array().unwrap().iter().find(|row| row["to_do"] == true);
    assert_eq!(row.unwrap()["state"], "in-conflict");
    // The run and the pull request use the same words.
    let message = row.unwrap()["message"].as_str().unwrap();
    assert!(update.stderr().contains(message), "{message}\n{update}");
    run(&sandbox, "update --summary conflict.md").expect_exit(1);
    assert!(sandbox.read("conflict.md").contains(message), "{message}");

    run(&sandbox, "update --conflict inline").expect_exit(1);
    let marked = sandbox.read(PORTSCAN);
    assert!(marked.contains("<<<<<<<") && marked.contains(AFTER), "{marked}");
    let again = run(&sandbox, "update").expect_exit(1);
    assert!(again.stderr().contains("still has conflict markers"), "{again}");
    assert_eq!(sandbox.read(PORTSCAN), marked);

    sandbox.put(PORTSCAN, &edited.replace("ports 22 and 3389 first", "as we agreed"));
    run(&sandbox, "update").expect_exit(0);
    assert!(sandbox.read(PORTSCAN).contains("as we agreed"));
}

#[test]
fn what_people_did_with_files_is_reported_and_is_no_reason_to_fail() {
    let sandbox = Sandbox::new().guide(&Guide::html());
    sandbox.run(FOLDER).expect_exit(0);
    let relay = "runbooks/unauthorizedaccess-ec2-torrelay.md";
    guardduty_runbooks::fs::remove(&sandbox.path(relay)).unwrap();
    sandbox.put(PORTSCAN, &format!("{}\nOurs.\n", sandbox.read(PORTSCAN)));
    let report = run(&sandbox, "check").expect_exit(0);
    for words in ["deleted by hand", "edited"] {
        assert!(report.stdout().contains(words), "{report}");
    }
    run(&sandbox, "update").expect_exit(0);
    assert!(!sandbox.has(relay));
    run(&sandbox, "update --restore").expect_exit(0);
    assert!(sandbox.has(relay));
}

#[test]
fn a_named_type_limits_the_run_and_an_unknown_name_is_refused() {
    let sandbox = sandbox("knocks at many doors", "knocks at OUR doors");
    let update = run(&sandbox, "update unauthorizedaccess-ec2-torrelay").expect_exit(0);
    assert!(update.stderr().contains("0 merged"), "{update}");
    run(&sandbox, "update Recon:EC2/Portscan").expect_exit(0);
    assert!(sandbox.read(PORTSCAN).contains(AFTER));
    let refused = run(&sandbox, "update Recon:EC2/Nothing").expect_exit(2);
    assert!(refused.stderr().contains("\"Recon:EC2/Nothing\" is no finding type"), "{refused}");
}

#[test]
fn a_broken_state_folder_is_told_without_a_source() {
    let sandbox = sandbox("knocks at many doors", "knocks at OUR doors");
    sandbox.put("runbooks/.guardduty-runbooks/manifest.json", "{\"format\": 999}");
    let report = sandbox.run("check --outdir runbooks --source nowhere").expect_exit(1);
    assert!(report.stdout().contains("! broken"), "{report}");
    let update = run(&sandbox, "update").expect_exit(4);
    assert!(update.stderr().contains("hint: "), "{update}");
}

#[test]
fn a_retired_type_says_so_and_keeps_its_file() {
    let row = "./guardduty_finding-types-retired.html#recon-ec2-oldlantern";
    let sandbox = Sandbox::new().guide(&Guide::html().row(row, "Recon:EC2/OldLantern"));
    sandbox.run(FOLDER).expect_exit(0);
    let lantern = "runbooks/recon-ec2-oldlantern.md";
    sandbox.put(lantern, &format!("{}\nOurs.\n", sandbox.read(lantern)));
    sandbox.put_guide(&Guide::html());
    let report = run(&sandbox, "check").expect_exit(1);
    assert!(report.stdout().contains("! retired"), "{report}");
    run(&sandbox, "update").expect_exit(0);
    let text = sandbox.read(lantern);
    assert!(text.contains("status: \"retired\"") && text.contains("Ours."), "{text}");
    run(&sandbox, "check").expect_exit(0);
}

#[test]
fn diff_shows_edits_without_a_source_and_changes_with_one() {
    let sandbox = sandbox("knocks at many doors", "knocks at OUR doors");
    let edits = sandbox.run("diff --edits --outdir runbooks --source nowhere").expect_exit(0);
    assert!(edits.stdout().contains("+An instance knocks at OUR doors."), "{edits}");
    assert!(!edits.stdout().contains(AFTER) && !edits.stdout().contains('\u{1b}'), "{edits}");
    let upstream = run(&sandbox, "diff --upstream").expect_exit(0);
    assert!(upstream.stdout().contains(AFTER), "{upstream}");
    assert!(!upstream.stdout().contains("OUR doors"), "{upstream}");
    let both = run(&sandbox, "diff recon-ec2-portscan --color always").expect_exit(0);
    assert!(both.stdout().contains("OUR") && both.stdout().contains('\u{1b}'), "{both}");
}

#[test]
fn adopt_takes_over_what_it_can_prove_and_lists_the_rest() {
    let sandbox = Sandbox::new().guide(&Guide::html());
    let classic = "--outdir written --source guide --template classic --no-attribution";
    sandbox.run(classic).expect_exit(0);
    for name in sandbox.runbooks("written") {
        sandbox.put(&format!("runbooks/{name}"), &sandbox.read(&format!("written/{name}")));
    }
    sandbox.put(PORTSCAN, &format!("{}\nOurs.\n", sandbox.read(PORTSCAN)));
    let adopt = run(&sandbox, "adopt").expect_exit(1);
    assert!(adopt.stderr().contains("recon-ec2-portscan.md is not taken over"), "{adopt}");
    assert!(adopt.stderr().contains("hint: "), "{adopt}");
    let adopt = run(&sandbox, "adopt --base written").expect_exit(0);
    assert!(adopt.stderr().contains("1 adopted"), "{adopt}");
    sandbox.put_guide(&changed_guide());
    run(&sandbox, "update").expect_exit(0);
    let merged = sandbox.read(PORTSCAN);
    assert!(merged.contains("Ours.") && merged.contains(AFTER), "{merged}");
}

#[test]
fn nothing_of_these_falls_back_to_the_built_in_catalogue() {
    let sandbox = Sandbox::new();
    for command in ["update", "check", "diff --upstream"] {
        let run = sandbox.run(&format!("{command} --outdir runbooks")).expect_exit(3);
        assert!(run.stderr().contains("hint: "), "{run}");
    }
    assert!(!sandbox.has("runbooks"), "something was written");
}
