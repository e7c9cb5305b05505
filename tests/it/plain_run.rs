//! The plain run on the miniature guide: what it writes, what it leaves alone, what it says.

use guardduty_runbooks::fs;
use guardduty_runbooks::workspace::Lock;
use insta::assert_snapshot;

use crate::mini::{Guide, RUNBOOKS};
use crate::sandbox::{Sandbox, outside_guidance};

const RUN: &str = "--outdir runbooks --source guide";
const PORTSCAN: &str = "runbooks/recon-ec2-portscan.md";
const TOR_RELAY: &str = "runbooks/unauthorizedaccess-ec2-torrelay.md";

fn sandbox() -> Sandbox {
    Sandbox::new().guide(&Guide::html())
}

#[test]
fn the_first_run_writes_a_runbook_for_every_finding_type() {
    let sandbox = sandbox();
    assert_snapshot!(sandbox.run(RUN), @r#"
    exit status: 0
    --- stderr
    warning: findings-lanterns#discovery-eks-lamplihgt: Discovery:EKS/Lamplight: the table links to an anchor that the page does not have; found by heading
    warning: findings-lanterns#execution-ecs-lampoil: Execution:ECS/LampOil: the table calls it "Execution:ECS/LampOilOil was poured into a lamp."; the heading of its section was taken
    warning: guardduty_finding-types-ec2: the remediation steps of compromised-s3 are left out, because the source does not have them; 1 finding type links there
    8 new, 0 updated, 0 merged, 0 kept, 0 in conflict, 0 retired, 0 failed in runbooks (from guide)
    "#);
    assert_eq!(sandbox.runbooks("runbooks"), RUNBOOKS);
    assert_snapshot!(outside_guidance(&sandbox.read(PORTSCAN)), @r#"
    ---
    finding_type: "Recon:EC2/Portscan"
    title: "Recon:EC2/Portscan"
    severity: "Low"
    severity_varies: true
    resource_type: "Amazon EC2"
    data_source: ["VPC flow logs"]
    threat_purpose: "Recon"
    protection_plan: "Foundational threat detection"
    tactics: ["TA0007"]
    techniques: ["T1046"]
    status: "active"
    source: "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-ec2.html#recon-ec2-portscan"
    ---

    # Recon:EC2/Portscan

    An instance knocks at many doors.

    | Fact | Value |
    | --- | --- |
    | Severity | Low (varies) |
    | Resource type | Amazon EC2 |
    | Data source | VPC flow logs |
    | Protection plan | Foundational threat detection |
    | ATT&CK | [Discovery (TA0007)](https://attack.mitre.org/tactics/TA0007/); [Network Service Discovery (T1046)](https://attack.mitre.org/techniques/T1046/) |
    | AWS documentation | [guardduty_finding-types-ec2](https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-ec2.html#recon-ec2-portscan) |

    ## What AWS says

    > **Note**
    >
    > Low where the doors belong to one host, Medium otherwise.

    The instance tries one port after the other. To see which, run `tail flow.log`.

    ### Remediation recommendations

    A scanner of your own does the same; leave it out by the tag `scanner=*`. Otherwise read [How to put out a burning instance](https://docs.aws.amazon.com/guardduty/latest/ug/compromised-ec2.html) and [what to do about buckets](https://docs.aws.amazon.com/guardduty/latest/ug/compromised-s3.html).

    ## AWS remediation steps

    ### How to put out a burning instance

    From <https://docs.aws.amazon.com/guardduty/latest/ug/compromised-ec2.html>.

    Keep calm.

    1. **Find it**

       Look for the instance `i-of-yours`.

       1. Ask who owns it:

          ```bash
          aws ec2 describe-tags --filters Name=resource-id,Values=i-of-yours
          ```

       2. Write down when.

          > **Note**
          >
          > In universal time.
          >
          > With seconds.

    2. **Put it out**

       Cut the line, not the [power](https://example.com/power).

    #### Lock the door

    Turn the key twice.

    ##### And the window

    Once is enough.

    #### Sweep the floor

    Nobody is asked to read this for a bucket.

    ---

    AWS's text in this file is taken from the Amazon GuardDuty User Guide, [guardduty_finding-types-ec2](https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-ec2.html) and [compromised-ec2](https://docs.aws.amazon.com/guardduty/latest/ug/compromised-ec2.html), © Amazon Web Services, Inc. or its affiliates, and was converted to Markdown and arranged. That text is licensed under [CC BY-SA 4.0](https://creativecommons.org/licenses/by-sa/4.0/), and so is this file.
    "#);
}

#[test]
fn the_second_run_writes_nothing() {
    let sandbox = sandbox();
    sandbox.run(RUN).expect_exit(0);
    let before = sandbox.tree("runbooks");
    let second = sandbox.run(RUN).expect_exit(0);
    assert_eq!(sandbox.tree("runbooks").changed_since(&before), [""; 0]);
    assert_snapshot!(second.stderr().lines().last().unwrap(), @"0 new, 0 updated, 0 merged, 8 kept, 0 in conflict, 0 retired, 0 failed in runbooks (from guide)");
}

#[test]
fn html_and_markdown_give_the_same_files_white_space_apart() {
    for template in ["runbook", "classic"] {
        let files = |guide: &Guide| {
            let sandbox = Sandbox::new().guide(guide);
            sandbox.run(&format!("{RUN} --template {template}")).expect_exit(0);
            sandbox.runbooks("runbooks").into_iter().map(move |name| {
                let text = sandbox.read(&format!("runbooks/{name}"));
                (name, text.split_whitespace().collect::<String>())
            })
        };
        let html: Vec<_> = files(&Guide::html()).collect();
        assert_eq!(html.len(), RUNBOOKS.len());
        assert!(html.iter().all(|(_, text)| text.len() > 200));
        assert_eq!(html, files(&Guide::markdown()).collect::<Vec<_>>());
    }
}

#[test]
fn the_oddities_of_the_pages_are_read_as_they_are_meant() {
    let sandbox = sandbox();
    sandbox.run(RUN).expect_exit(0);
    let expect = |name: &str, has: &[&str], has_not: &[&str]| {
        let text = outside_guidance(&sandbox.read(&format!("runbooks/{name}.md")));
        for words in has {
            assert!(text.contains(words), "{name}: {words}\n{text}");
        }
        for words in has_not {
            assert!(!text.contains(words), "{name}: {words}\n{text}");
        }
    };
    for name in RUNBOOKS {
        let around_the_text = ["Sign in", "Switch scripts on", "Conventions", "alert", "Topics"];
        expect(name.trim_end_matches(".md"), &[], &around_the_text);
    }
    // A list in a cell, nested data sources, remediation on the line of its heading, a linked place.
    expect(
        "attacksequence-s3-compromiseddata",
        &[
            "data_source: [\"Trail events\", \"Bucket events\"]",
            "### Remediation recommendations\n\nIf nobody expects this, read [Lock the door]",
            "\n\nAfterwards change the keys.\n",
            "### Lock the door\n",
            "And the window\n\nOnce is enough.",
        ],
        &["Default severity", "Sweep the floor", "Keep calm"],
    );
    // A stray description behind the name, and white space behind it in its heading; a table.
    expect(
        "execution-ecs-lampoil",
        &[
            "resource_type: \"ECS cluster\"",
            "severity: \"Variable\"",
            "| Whale \\| fish | much |\n",
            "Put a lid on it.\n\n- With the left hand.\n- With the *right* hand.\n",
        ],
        &["Oil was poured into a lamp. Oil"],
    );
    // A wrong anchor; a feature in a paragraph; one place of a page of several.
    expect(
        "discovery-eks-lamplight",
        &["findings-lanterns.html#discovery-eks-lamplight\"", "Take the role away."],
        &["lamplihgt", "Feature:", "Take a picture first."],
    );
    // Rows that span; no section.
    expect(
        "impact-s3-lampbroken",
        &["| GlassOnTheFloor | Low |\n| SuddenlyDark | High |\n", "Attempts to do harm."],
        &["LettersToEverybody"],
    );
    // Links from the root and from below; a note.
    expect(
        "backdoor-ec2-c-cactivity-b-dns",
        &[
            "(https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_data-sources.html#guardduty_dns)",
            "(https://docs.aws.amazon.com/glossary/glos-chap.html)",
            "> **Note**\n>\n> Two fields tell the list:\n>\n> service.additionalInfo.listName = Lamps\n",
        ],
        &[],
    );
    expect("unauthorizedaccess-ec2-torrelay", &["relays traffic"], &["emediation"]);
}

#[test]
fn an_edited_runbook_stays_as_it_is_and_upstream_changes_are_counted() {
    let sandbox = sandbox();
    sandbox.run(RUN).expect_exit(0);
    let edited = format!("{}\nWe call Ada first.\n", sandbox.read(PORTSCAN));
    sandbox.put(PORTSCAN, &edited);
    let changed = Guide::html().edit("guardduty_finding-types-ec2", "many doors", "all doors");
    sandbox.put_guide(&changed.edit("guardduty_finding-types-ec2", "whisper", "shout"));
    let before = sandbox.tree("runbooks");
    assert_snapshot!(sandbox.run(&format!("{RUN} --verbose")).expect_exit(0), @r#"
    exit status: 0
    --- stderr
    read 8 pages from guide
    warning: findings-lanterns#discovery-eks-lamplihgt: Discovery:EKS/Lamplight: the table links to an anchor that the page does not have; found by heading
    warning: findings-lanterns#execution-ecs-lampoil: Execution:ECS/LampOil: the table calls it "Execution:ECS/LampOilOil was poured into a lamp."; the heading of its section was taken
    warning: guardduty_finding-types-ec2: the remediation steps of compromised-s3 are left out, because the source does not have them; 1 finding type links there
    recon-ec2-portscan.md stays as it is: upstream has changed; a plain run leaves existing files alone
    unauthorizedaccess-ec2-torrelay.md stays as it is: upstream has changed; a plain run leaves existing files alone
    2 of the kept have changes upstream; `guardduty-runbooks update` merges them in
    0 new, 0 updated, 0 merged, 8 kept, 0 in conflict, 0 retired, 0 failed in runbooks (from guide)
    "#);
    assert_eq!(sandbox.tree("runbooks").changed_since(&before), [""; 0]);
    assert_eq!(sandbox.read(PORTSCAN), edited);
}

#[test]
fn a_new_finding_type_gets_a_file_and_the_others_stay() {
    let sandbox = sandbox();
    sandbox.run(RUN).expect_exit(0);
    let before = sandbox.tree("runbooks");
    let anchor = "guardduty_finding-types-ec2.html#new";
    let section = "<h2 id=\"new\">Trojan:EC2/NewLantern</h2><h3>New.</h3><p>It is new.</p><p><b>";
    let guide = Guide::html().row(anchor, "Trojan:EC2/NewLantern");
    let guide = guide.edit(
        "guardduty_finding-types-ec2",
        "<h2 id=\"recon-ec2-portscan\">",
        &format!("{section}Default severity: Low</b></p><h2 id=\"recon-ec2-portscan\">"),
    );
    sandbox.put_guide(&guide);
    sandbox.run(RUN).expect_exit(0);
    let after = sandbox.tree("runbooks");
    assert_eq!(
        after.changed_since(&before),
        [
            "runbooks/.guardduty-runbooks/manifest.json",
            "runbooks/.guardduty-runbooks/pristine/trojan-ec2-newlantern.md",
            "runbooks/trojan-ec2-newlantern.md",
        ]
    );
}

#[test]
fn a_deleted_runbook_stays_deleted() {
    let sandbox = sandbox();
    sandbox.run(RUN).expect_exit(0);
    fs::remove(&sandbox.path(TOR_RELAY)).unwrap();
    let run = sandbox.run(RUN).expect_exit(0);
    assert!(run.stderr().contains("1 that were deleted stay deleted"), "{run}");
    assert!(!sandbox.has(TOR_RELAY));
}

#[test]
fn somebody_elses_file_stays_as_it_is() {
    let sandbox = sandbox().write(TOR_RELAY, "Our own page on relays.\n");
    let run = sandbox.run(RUN).expect_exit(0);
    assert!(run.stderr().contains("1 of the kept were not written by this program"), "{run}");
    assert_eq!(sandbox.read(TOR_RELAY), "Our own page on relays.\n");
    assert_eq!(sandbox.runbooks("runbooks").len(), RUNBOOKS.len());
}

#[test]
fn overwrite_replaces_edits_and_keeps_a_copy_if_asked() {
    let sandbox = sandbox();
    sandbox.run(RUN).expect_exit(0);
    let pristine = sandbox.read(PORTSCAN);
    sandbox.put(PORTSCAN, "mine\n");
    let before = sandbox.tree("runbooks");
    assert_snapshot!(sandbox.run(&format!("{RUN} -o --backup --verbose")).expect_exit(0), @r#"
    exit status: 0
    --- stderr
    read 8 pages from guide
    warning: findings-lanterns#discovery-eks-lamplihgt: Discovery:EKS/Lamplight: the table links to an anchor that the page does not have; found by heading
    warning: findings-lanterns#execution-ecs-lampoil: Execution:ECS/LampOil: the table calls it "Execution:ECS/LampOilOil was poured into a lamp."; the heading of its section was taken
    warning: guardduty_finding-types-ec2: the remediation steps of compromised-s3 are left out, because the source does not have them; 1 finding type links there
    wrote recon-ec2-portscan.md: it is overwritten, as --overwrite asks; the old one is recon-ec2-portscan.md.bak
    0 new, 1 updated, 0 merged, 7 kept, 0 in conflict, 0 retired, 0 failed in runbooks (from guide)
    "#);
    assert_eq!(sandbox.read(PORTSCAN), pristine);
    assert_eq!(sandbox.read(&format!("{PORTSCAN}.bak")), "mine\n");
    let mut changed = sandbox.tree("runbooks").changed_since(&before);
    changed.retain(|name| !name.contains("/.guardduty-runbooks/"));
    assert_eq!(changed, [PORTSCAN.to_owned(), format!("{PORTSCAN}.bak")]);

    sandbox.put(PORTSCAN, "mine again\n");
    sandbox.run(&format!("{RUN} --overwrite")).expect_exit(0);
    assert_eq!(sandbox.read(PORTSCAN), pristine);
    assert_eq!(sandbox.read(&format!("{PORTSCAN}.bak")), "mine\n", "without --backup none");
}

#[test]
fn a_backup_never_replaces_another() {
    let sandbox = sandbox();
    for text in ["first\n", "second\n"] {
        sandbox.put(PORTSCAN, text);
        sandbox.run(&format!("{RUN} -o --backup")).expect_exit(0);
    }
    assert_eq!(sandbox.read(&format!("{PORTSCAN}.bak")), "first\n");
    assert_eq!(sandbox.read(&format!("{PORTSCAN}.bak2")), "second\n");
}

#[test]
fn a_second_run_at_the_same_time_is_turned_away() {
    let sandbox = sandbox();
    let lock = Lock::take(&sandbox.path("runbooks")).unwrap();
    assert_snapshot!(sandbox.run(&format!("{RUN} --quiet")).expect_exit(4), @"
    exit status: 4
    --- stderr
    error: another run is at work in runbooks
    hint: wait until it ends; the lock ends with its process
    ");
    assert_eq!(sandbox.runbooks("runbooks").len(), 0);
    drop(lock);
    sandbox.run(RUN).expect_exit(0);
}

#[test]
fn parents_of_the_folder_are_made_and_the_current_folder_is_the_default() {
    let sandbox = sandbox();
    sandbox.run("--outdir a/b/c --source guide").expect_exit(0);
    assert_eq!(sandbox.runbooks("a/b/c"), RUNBOOKS);
    sandbox.run("--source guide").expect_exit(0);
    assert_eq!(sandbox.runbooks("."), RUNBOOKS);
}

#[test]
fn a_dry_run_writes_nothing_at_all() {
    let sandbox = sandbox();
    assert_snapshot!(sandbox.run(&format!("{RUN} --dry-run --index")).expect_exit(0), @r#"
    exit status: 0
    --- stderr
    would write index.md
    would write index.json
    warning: findings-lanterns#discovery-eks-lamplihgt: Discovery:EKS/Lamplight: the table links to an anchor that the page does not have; found by heading
    warning: findings-lanterns#execution-ecs-lampoil: Execution:ECS/LampOil: the table calls it "Execution:ECS/LampOilOil was poured into a lamp."; the heading of its section was taken
    warning: guardduty_finding-types-ec2: the remediation steps of compromised-s3 are left out, because the source does not have them; 1 finding type links there
    would write attacksequence-s3-compromiseddata.md
    would write backdoor-ec2-c-cactivity-b-dns.md
    would write discovery-eks-lamplight.md
    would write execution-ecs-lampoil.md
    would write impact-s3-lampbroken.md
    would write impact-ses-resourcehijacking.md
    would write recon-ec2-portscan.md
    would write unauthorizedaccess-ec2-torrelay.md
    nothing written; would be: 8 new, 0 updated, 0 merged, 0 kept, 0 in conflict, 0 retired, 0 failed in runbooks (from guide)
    "#);
    assert!(!sandbox.has("runbooks"));

    sandbox.run(RUN).expect_exit(0);
    sandbox.put(PORTSCAN, "mine\n");
    let before = sandbox.tree(".");
    let run = sandbox.run(&format!("{RUN} --dry-run -o --backup")).expect_exit(0);
    assert!(run.stderr().contains("would write recon-ec2-portscan.md: it is overwritten"), "{run}");
    assert_eq!(sandbox.tree(".").changed_since(&before), [""; 0]);
}

#[test]
fn nothing_is_said_with_quiet_where_nothing_is_wrong() {
    assert_snapshot!(sandbox().run(&format!("{RUN} --quiet")), @"exit status: 0");
}

#[test]
fn attribution_can_be_left_off() {
    let sandbox = sandbox();
    for template in ["runbook", "classic"] {
        let run = format!("--source guide --template {template} --outdir {template}");
        sandbox.run(&run).expect_exit(0);
        sandbox.run(&format!("{run}-bare --no-attribution")).expect_exit(0);
        for name in RUNBOOKS {
            let text = sandbox.read(&format!("{template}/{name}"));
            let bare = sandbox.read(&format!("{template}-bare/{name}"));
            let (before, attribution) = text.rsplit_once("\n---\n").unwrap();
            assert_eq!(before.trim_end(), bare.trim_end(), "{name}");
            assert!(attribution.contains("CC BY-SA 4.0"), "{name}");
            assert!(attribution.contains("https://docs.aws.amazon.com/guardduty/latest/ug/"));
        }
    }
}
