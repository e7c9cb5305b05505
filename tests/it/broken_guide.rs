//! Guides with something wrong in them: the rest is written, and what is wrong is said.

use insta::assert_snapshot;

use crate::mini::{Guide, INDEX, RUNBOOKS};
use crate::sandbox::{Run, Sandbox, outside_guidance};

const TOR_RELAY: &str = "runbooks/unauthorizedaccess-ec2-torrelay.md";

/// A run that says errors only, on a guide whose own oddities are no errors.
fn run(sandbox: &Sandbox) -> Run {
    sandbox.run("--outdir runbooks --source guide --quiet")
}

#[test]
fn a_finding_type_without_a_section_is_written_with_its_facts() {
    let page = "guardduty_finding-types-ec2";
    let guide = Guide::html().edit(page, ">UnauthorizedAccess:EC2/TorRelay<", ">Tor<");
    let sandbox = Sandbox::new().guide(&guide);
    assert_snapshot!(run(&sandbox).expect_exit(4), @"
    exit status: 4
    --- stderr
    error: guardduty_finding-types-ec2#unauthorizedaccess-ec2-torrelay: UnauthorizedAccess:EC2/TorRelay: AWS's text is missing: the page has no section for this finding type
    ");
    assert_eq!(sandbox.runbooks("runbooks"), RUNBOOKS);
    assert_snapshot!(outside_guidance(&sandbox.read(TOR_RELAY)), @r#"
    ---
    finding_type: "UnauthorizedAccess:EC2/TorRelay"
    title: "UnauthorizedAccess:EC2/TorRelay"
    severity: "High"
    resource_type: "Amazon EC2"
    data_source: ["VPC flow logs"]
    threat_purpose: "UnauthorizedAccess"
    protection_plan: "Foundational threat detection"
    tactics: ["TA0011", "TA0040"]
    techniques: ["T1090.003", "T1496.002"]
    status: "active"
    source: "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-ec2.html#unauthorizedaccess-ec2-torrelay"
    ---

    # UnauthorizedAccess:EC2/TorRelay

    The instance behaves like a node of Tor itself and passes strangers' traffic on. Your address takes the blame for it, and your egress bill pays.

    | Fact | Value |
    | --- | --- |
    | Severity | High |
    | Resource type | Amazon EC2 |
    | Data source | VPC flow logs |
    | Protection plan | Foundational threat detection |
    | ATT&CK | [Command and Control (TA0011)](https://attack.mitre.org/tactics/TA0011/); [Impact (TA0040)](https://attack.mitre.org/tactics/TA0040/); [Proxy: Multi-hop Proxy (T1090.003)](https://attack.mitre.org/techniques/T1090/003/); [Resource Hijacking: Bandwidth Hijacking (T1496.002)](https://attack.mitre.org/techniques/T1496/002/) |
    | AWS documentation | [guardduty_finding-types-ec2](https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-ec2.html#unauthorizedaccess-ec2-torrelay) |

    ## What AWS says

    AWS's text is not in this file, because the run that wrote it did not have it. Read it at <https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-ec2.html#unauthorizedaccess-ec2-torrelay>, or let a run that has it add it.
    "#);

    sandbox.put_guide(&Guide::html());
    run(&sandbox).expect_exit(0);
    assert!(sandbox.read(TOR_RELAY).contains("The instance relays traffic"), "it came later");
}

#[test]
fn a_page_that_is_not_there_costs_only_its_text() {
    let sandbox = Sandbox::new().guide(&Guide::html().without("findings-lanterns"));
    assert_snapshot!(run(&sandbox).expect_exit(4), @r#"
    exit status: 4
    --- stderr
    error: findings-lanterns: Discovery:EKS/Lamplight: AWS's text is missing: there is no page guide/findings-lanterns.html
    error: guardduty_finding-types-active: a row of the table names no finding type: "Execution:ECS/LampOilOil was poured into a lamp."
    "#);
    // Only the heading of its section told the name of the eighth.
    assert_eq!(sandbox.runbooks("runbooks").len(), 7);
    let text = sandbox.read("runbooks/discovery-eks-lamplight.md");
    assert!(text.contains("AWS's text is not in this file"), "{text}");
}

#[test]
fn a_missing_linked_page_is_a_warning_and_with_strict_a_failure() {
    let sandbox = Sandbox::new().guide(&Guide::html().without("compromised-ec2"));
    let run = sandbox.run("--outdir runbooks --source guide").expect_exit(0);
    let about = |line: &&str| line.contains("compromised-ec2");
    assert_snapshot!(run.stderr().lines().filter(about).collect::<Vec<_>>().join("\n"), @"
    warning: guardduty-attack-sequence-finding-types: the remediation steps of compromised-ec2#lock-the-door are left out, because the source does not have them; 1 finding type links there
    warning: guardduty_finding-types-ec2: the remediation steps of compromised-ec2 are left out, because the source does not have them; 2 finding types link there
    ");
    let text = sandbox.read("runbooks/backdoor-ec2-c-cactivity-b-dns.md");
    assert!(!text.contains("## AWS remediation steps"), "{text}");
    assert!(
        text.contains("(https://docs.aws.amazon.com/guardduty/latest/ug/compromised-ec2.html)")
    );
    sandbox.run("--outdir runbooks --source guide --strict").expect_exit(4);
}

#[test]
fn a_missing_place_of_a_linked_page_is_a_warning() {
    let guide = Guide::html().edit("compromised-ec2", "id=\"lock-the-door\"", "id=\"open\"");
    let sandbox = Sandbox::new().guide(&guide);
    let run = sandbox.run("--outdir runbooks --source guide").expect_exit(0);
    assert!(run.stderr().contains("compromised-ec2#lock-the-door are left out"), "{run}");
}

/// A file of the system that looks like any other and cannot be read, not even by its owner.
#[cfg(target_os = "linux")]
#[test]
fn a_page_that_cannot_be_read_is_named_and_the_others_are_written() {
    let page = "guardduty_finding-types-ec2";
    let sandbox = Sandbox::new().guide(&Guide::html().without(page));
    let place = sandbox.path(&format!("guide/{page}.html"));
    std::os::unix::fs::symlink("/proc/self/mem", place).unwrap();
    assert_snapshot!(run(&sandbox).expect_exit(4), @"
    exit status: 4
    --- stderr
    error: guardduty_finding-types-ec2: AWS's text is missing: guide/guardduty_finding-types-ec2.html could not be read: Input/output error (os error N)
    ");
    assert_eq!(sandbox.runbooks("runbooks").len(), 5);
    assert!(!sandbox.has(TOR_RELAY));

    guardduty_runbooks::fs::remove(&sandbox.path(&format!("guide/{page}.html"))).unwrap();
    sandbox.put_guide(&Guide::html());
    run(&sandbox).expect_exit(0);
    assert_eq!(sandbox.runbooks("runbooks"), RUNBOOKS);
}

#[test]
fn two_finding_types_with_one_file_name_do_not_share_it() {
    let page = "guardduty_finding-types-ec2.html";
    let guide = Guide::html()
        .row(&format!("{page}#dot"), "Recon:EC2/Port.Scan")
        .row(&format!("{page}#dash"), "Recon:EC2/Port-Scan")
        .edit(
            "guardduty_finding-types-ec2",
            "<h2 id=\"recon-ec2-portscan\">",
            "<h2 id=\"dot\">Recon:EC2/Port.Scan</h2><p>Dot.</p>\
             <h2 id=\"dash\">Recon:EC2/Port-Scan</h2><p>Dash.</p><h2 id=\"recon-ec2-portscan\">",
        );
    let sandbox = Sandbox::new().guide(&guide);
    assert_snapshot!(run(&sandbox).expect_exit(4), @"
    exit status: 4
    --- stderr
    error: guardduty_finding-types-ec2#dash: Recon:EC2/Port-Scan: would have the same file as Recon:EC2/Port.Scan; not written
    ");
    assert!(sandbox.read("runbooks/recon-ec2-port-scan.md").contains("Dot."));
    assert_eq!(sandbox.runbooks("runbooks").len(), RUNBOOKS.len() + 1);
}

#[test]
fn what_the_table_and_the_rules_say_wrongly_is_reported_row_by_row() {
    let guide = Guide::html()
        .row("guardduty_finding-types-ec2.html#x", "See the release notes")
        .edit(INDEX, "<p>Medium</p>", "<p>Purple</p>")
        .edit("findings-lanterns", "Default severity: Medium", "Default severity: Purple")
        .edit("findings-custom-detection-rules", "<p>MEDIUM</p>", "<p>PURPLE</p>");
    let sandbox = Sandbox::new().guide(&guide);
    assert_snapshot!(run(&sandbox).expect_exit(4), @r#"
    exit status: 4
    --- stderr
    error: findings-custom-detection-rules#cdr-impact: not a finding type with a signal and a severity: "Impact:SES/ResourceHijacking | LettersToEverybody | PURPLE"
    error: findings-lanterns#discovery-eks-lamplihgt: Discovery:EKS/Lamplight: the severity "Purple" is not understood
    error: guardduty_finding-types-active: a row of the table names no finding type: "See the release notes"
    "#);
    assert!(sandbox.read("runbooks/discovery-eks-lamplight.md").contains("severity: \"Unknown\""));
    assert_eq!(sandbox.runbooks("runbooks").len(), RUNBOOKS.len() - 1);
}

#[test]
fn a_source_that_is_no_guide_stops_the_run() {
    let sandbox = Sandbox::new().write("empty/readme.txt", "nothing here");
    assert_snapshot!(sandbox.run("--outdir runbooks --source empty").expect_exit(3), @"
    exit status: 3
    --- stderr
    error: empty: no guardduty_finding-types-active.html or guardduty_finding-types-active.md there, in guardduty/latest/ug/ or in doc_source/
    hint: give the folder that holds the guide's pages, or `--source builtin` to do without them
    0 new, 0 updated, 0 merged, 0 kept, 0 in conflict, 0 retired, 0 failed (nothing was written)
    ");
    let login = Guide::html().edit(INDEX, "<table", "<p>Sign in</p><div").edit(INDEX, "<tr>", "");
    sandbox.put_guide(&login);
    assert_snapshot!(run(&sandbox).expect_exit(3), @"
    exit status: 3
    --- stderr
    error: the page guardduty_finding-types-active has no table of finding types
    hint: the page may be a login page, a translation, or of a layout that this version does not know; try --pages markdown, or another --source
    ");
    assert!(!sandbox.has("runbooks"));
}

#[test]
fn a_guide_without_custom_detection_rules_is_read() {
    let guide = Guide::html().without("findings-custom-detection-rules");
    let sandbox = Sandbox::new().guide(&guide);
    run(&sandbox).expect_exit(0);
    assert_eq!(sandbox.runbooks("runbooks").len(), 6);
}

#[test]
fn a_guide_that_has_lost_many_finding_types_stops_the_run() {
    let sandbox = Sandbox::new().guide(&Guide::html());
    run(&sandbox).expect_exit(0);
    let before = sandbox.tree("runbooks");
    sandbox.put_guide(&Guide::html().without("findings-custom-detection-rules"));
    assert_snapshot!(run(&sandbox).expect_exit(3), @"
    exit status: 3
    --- stderr
    error: 2 of 8 finding types have vanished from the source at once, Impact:S3/LampBroken among them
    hint: nothing was written; if the source is right, run again with --allow-shrink
    ");
    let allowed = sandbox.run("--outdir runbooks --source guide --allow-shrink").expect_exit(0);
    assert!(
        allowed.stderr().contains("Impact:S3/LampBroken: the source has this finding type no more"),
        "{allowed}"
    );
    assert_eq!(sandbox.tree("runbooks").changed_since(&before), [""; 0]);
}
