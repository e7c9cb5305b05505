//! `fill --output`: a file for each finding, which people write into.

use serde_json::json;

use super::port_probe;
use crate::sandbox::Sandbox;

const NAME: &str =
    "20260131T120000Z-recon-ec2-portprobeunprotectedport-0123456789abcdef0123456789abcdef.md";

#[test]
fn an_updated_finding_is_merged_into_its_case() {
    let mut finding = port_probe();
    let sandbox = Sandbox::new().write("finding.json", &finding.to_string());
    let run = sandbox.run("fill finding.json --output cases").expect_exit(0);
    insta::assert_snapshot!(run, @r"
        exit status: 0
        --- stderr
        1 new, 0 updated, 0 merged, 0 kept, 0 in conflict, 0 failed
    ");
    assert_eq!(sandbox.runbooks("cases"), [NAME]);
    let path = format!("cases/{NAME}");
    let written = sandbox.read(&path);
    assert_eq!(written, sandbox.run("fill finding.json").stdout());

    let before = sandbox.tree("cases");
    sandbox.run("fill finding.json --output cases").expect_exit(0);
    assert!(sandbox.tree("cases") == before, "nothing was to be written");

    let noted = written.replace("## Investigate\n", "## Investigate\n\n13:05 Ann looks at it.\n");
    sandbox.put(&path, &noted);
    finding["service"]["count"] = json!(17);
    finding["updatedAt"] = json!("2026-02-02T00:00:00Z");
    finding["service"]["eventLastSeen"] = json!("2026-02-02T00:00:00Z");
    sandbox.put("finding.json", &finding.to_string());
    let run = sandbox.run("fill finding.json --output cases").expect_exit(0);
    insta::assert_snapshot!(run, @r"
        exit status: 0
        --- stderr
        0 new, 0 updated, 1 merged, 0 kept, 0 in conflict, 0 failed
    ");
    let merged = sandbox.read(&path);
    assert!(merged.contains("13:05 Ann looks at it.\n") && merged.contains("| Count | `17` |"));
    assert!(merged.contains("--end-time '2026-02-02T01:00:00Z'"), "{merged}");
}

/// A record of the finding, updated on that day of February.
fn record(day: u64, count: u64) -> String {
    let mut finding = port_probe();
    finding["updatedAt"] = json!(format!("2026-02-0{day}T00:00:00Z"));
    finding["service"]["count"] = json!(count);
    finding.to_string()
}

#[test]
fn a_record_that_comes_late_leaves_the_newer_case() {
    let [first, second, third] = [record(1, 3), record(2, 5), record(3, 9)];
    let sandbox = Sandbox::new().write("late.json", &format!("{third}\n{first}\n{second}\n"));
    let run = sandbox.run("fill late.json --output cases").expect_exit(0);
    insta::assert_snapshot!(run, @r"
        exit status: 0
        --- stderr
        2 of the kept were made of a newer record of their finding, and stay as they are
        1 new, 0 updated, 0 merged, 2 kept, 0 in conflict, 0 failed
    ");
    let path = format!("cases/{NAME}");
    assert!(sandbox.read(&path).contains("| Count | `9` |"));
    let before = sandbox.tree("cases");
    sandbox.put("late.json", &second);
    let run = sandbox.run("fill late.json --output cases --verbose").expect_exit(0);
    assert!(run.stderr().contains("the record that came is older"), "{run}");
    assert!(sandbox.tree("cases") == before, "nothing was to be written");
}

#[test]
fn edits_where_the_finding_has_news_are_a_conflict_and_stay() {
    let mut finding = port_probe();
    let sandbox = Sandbox::new().write("finding.json", &finding.to_string());
    sandbox.run("fill finding.json --output cases").expect_exit(0);
    let path = format!("cases/{NAME}");
    let edited = sandbox.read(&path).replace("| Count | `3` |", "| Count | three |");
    sandbox.put(&path, &edited);
    finding["service"]["count"] = json!(4);
    sandbox.put("finding.json", &finding.to_string());
    let run = sandbox.run("fill finding.json --output cases").expect_exit(1);
    insta::assert_snapshot!(run, @r"
        exit status: 1
        --- stderr
        error: cases/20260131T120000Z-recon-ec2-portprobeunprotectedport-0123456789abcdef0123456789abcdef.md: what is new stands where you have written yourself; your words stay (line 72), the rest is up to date
        hint: look at the finding, and put in by hand what you need
        0 new, 0 updated, 0 merged, 0 kept, 1 in conflict, 0 failed
    ");
    assert_eq!(sandbox.read(&path), edited);
}

#[test]
fn the_findings_facts_go_before_those_of_the_runbook() {
    let own = "---\nfinding_type: \"Recon:EC2/PortProbeUnprotectedPort\"\nregion:\n  - ours\n\
               owner: us\naccount_id: \"1\"\n---\n\n# T\n\n## First move\n\nGo.\n";
    let sandbox = Sandbox::new()
        .write("runbooks/recon-ec2-portprobeunprotectedport.md", own)
        .write("finding.json", &port_probe().to_string());
    let run = sandbox.run("fill finding.json --outdir runbooks").expect_exit(0);
    let case = run.stdout();
    let (front, _) = case.split_once("\n---\n\n").unwrap();
    for key in ["region:", "account_id:", "owner: us", "finding_type:"] {
        assert_eq!(front.matches(key).count(), 1, "{key} in {front}");
    }
    assert!(!front.contains("ours"), "{front}");
}

#[test]
fn a_case_has_the_severity_of_its_finding() {
    let mut finding = port_probe();
    finding["severity"] = json!(9.0);
    let sandbox = Sandbox::new().write("finding.json", &finding.to_string());
    let case = sandbox.run("fill finding.json").expect_exit(0).stdout();
    let (front, _) = case.split_once("\n---\n").unwrap();
    assert!(front.contains("\ntype_severity: \"Low\"\n"), "{front}");
    assert!(front.contains("\nseverity: \"Critical\""), "{front}");
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let sandbox = Sandbox::new().write("finding.json", &port_probe().to_string());
    let run = sandbox.run("fill finding.json --outdir typo").expect_exit(0);
    insta::assert_snapshot!(run.stderr(), @"warning: the folder typo does not exist; the built-in runbooks take its place");
    let run = sandbox.run("fill finding.json --outdir typo --strict").expect_exit(2);
    insta::assert_snapshot!(run, @"
    exit status: 2
    --- stderr
    error: the folder typo does not exist; the built-in runbooks take its place
    hint: --outdir names the folder of the runbooks
    ");
}

#[test]
fn json_for_a_terminal_does_not_act_there() {
    let mut finding = port_probe();
    finding["title"] = json!("\u{9b}31m\u{202e}\u{7f}");
    let sandbox = Sandbox::new().write("finding.json", &finding.to_string());
    let run = sandbox.run("fill finding.json --format json").expect_exit(0);
    assert!(run.stdout().contains(r"\u009b31m\u202e\u007f"), "{run}");
}

#[test]
fn an_id_cannot_lead_out_of_the_folder() {
    let mut finding = port_probe();
    finding["id"] = json!("../../../evil");
    let sandbox = Sandbox::new().write("finding.json", &finding.to_string());
    sandbox.run("fill finding.json --output deep/cases").expect_exit(0);
    let names = sandbox.runbooks("deep/cases");
    assert_eq!(names.len(), 1);
    assert!(names[0].starts_with("20260131T120000Z-recon-ec2-"), "{names:?}");
    finding["id"] = json!(null);
    sandbox.put("finding.json", &finding.to_string());
    let run = sandbox.run("fill finding.json --output deep/cases").expect_exit(4);
    insta::assert_snapshot!(run, @r"
        exit status: 4
        --- stderr
        error: a finding of Recon:EC2/PortProbeUnprotectedPort has no id
        hint: leave --output out to see its runbook
        0 new, 0 updated, 0 merged, 0 kept, 0 in conflict, 1 failed
    ");
}
