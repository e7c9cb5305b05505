//! A team's own steps: `overlays/` and `[vars]`.

use insta::assert_snapshot;

use crate::mini::Guide;
use crate::sandbox::Sandbox;

const PORTSCAN: &str = "team/runbooks/recon-ec2-portscan.md";
const RUN: &str = "--outdir team/runbooks --source guide --quiet --include *";

fn sandbox() -> Sandbox {
    Sandbox::new()
        .guide(&Guide::html())
        .write("team/guardduty-runbooks.toml", "[vars]\npager = \"555\"\nlead = \"Ada\"\n")
        .write("team/overlays/all.md", "Page {{ vars.pager }}.\n")
        .write("team/overlays/README.md", "{{ not a template }}")
        .write(
            "team/overlays/resource/ec2-instance.md",
            "### Hosts\n\nAsk the {{ resource }} team.\n",
        )
        .write("team/overlays/severity/high.md", "Wake {{ vars.lead }}.\n")
        .write("team/overlays/finding/recon-ec2-portscan.md", "Ours scan on Sundays.\n")
}

/// What stands between two headings.
fn section<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("{from} in {text}"));
    rest.split_once(to).unwrap_or_else(|| panic!("{to} in {rest}")).0
}

#[test]
fn the_teams_own_steps_stand_before_escalate_from_the_general_to_the_special() {
    let sandbox = sandbox();
    sandbox.run(RUN).expect_exit(0);
    let portscan = sandbox.read(PORTSCAN);
    assert_snapshot!(section(&portscan, "## Our steps", "## Escalate"), @"
    Page 555.

    ### Hosts

    Ask the EC2 team.

    Ours scan on Sundays.
    ");
    let relay = sandbox.read("team/runbooks/unauthorizedaccess-ec2-torrelay.md");
    assert!(section(&relay, "## Our steps", "## Escalate").ends_with("team.\n\nWake Ada.\n\n"));
    let bucket = sandbox.read("team/runbooks/impact-s3-lampbroken.md");
    assert_eq!(section(&bucket, "## Our steps", "## Escalate"), "\n\nPage 555.\n\n");
    assert_snapshot!(section(&bucket, "## Escalate", "## Close"), @"
    - Somebody else holds credentials of yours, data left, or more than one account is concerned: wake the incident lead now, not after Contain.
    - A step below *Breaks* would stop production: its owner decides, and you write down who it was.
    - You are locked out, or not sure whether they are: AWS helps. Open a case in AWS Security Incident Response, where you have it, else with AWS Support under any plan, and ask for the Customer Incident Response Team; name `<ACCOUNT_ID>`, `<REGION>`, `<FINDING_ID>`.
    - Personal data or a contract may be concerned: legal and privacy set the clocks, so tell them before you are sure.

    | Set by your team | Value |
    | --- | --- |
    | lead | Ada |
    | pager | 555 |
    ");
}

#[test]
fn without_any_escalate_shows_the_gap() {
    let sandbox = Sandbox::new().guide(&Guide::html());
    sandbox.run(RUN).expect_exit(0);
    let text = sandbox.read(PORTSCAN);
    assert!(!text.contains("## Our steps"), "{text}");
    assert!(section(&text, "## Escalate", "## Close").contains("> **Gap:** "), "{text}");
}

#[test]
fn a_changed_overlay_comes_into_edited_runbooks_too() {
    let sandbox = sandbox();
    sandbox.run(RUN).expect_exit(0);
    let edited = sandbox.read(PORTSCAN).replace("## First move", "## First move\n\nCall Bob.");
    sandbox.put(PORTSCAN, &edited);
    sandbox.put("team/overlays/all.md", "Page nobody.\n");
    sandbox.run("update --outdir team/runbooks --source guide --quiet").expect_exit(0);
    assert_eq!(sandbox.read(PORTSCAN), edited.replace("Page 555.", "Page nobody."));
}

#[test]
fn a_fault_in_an_overlay_is_wrong_configuration() {
    let sandbox = sandbox().write("team/overlays/severity/low.md", "a\n\n{{ vars.pagr }}\n");
    assert_snapshot!(sandbox.run(RUN).expect_exit(2), @"
    exit status: 2
    --- stderr
    error: [FOLDER]/team/overlays/severity/low.md:3: the variable `vars.pagr` is unknown
    hint: set it under [vars] in the configuration file; set there: lead, pager
    hint: the configuration in force is [FOLDER]/team/guardduty-runbooks.toml
    ");
    let sandbox = self::sandbox().write("team/overlays/resource/ec2.md", "x");
    assert_snapshot!(sandbox.run(RUN).expect_exit(2), @"
    exit status: 2
    --- stderr
    error: [FOLDER]/team/overlays/resource/ec2.md is for no finding: there is no such kind of resource
    hint: names are all.md, severity/high.md (or critical, medium, low, variable), finding/<name of the runbook>.md, and resource/<kind>.md with one of: account-settings, attack-sequence, backup-recovery-point, bedrock-model, ebs-snapshot-ami, ec2-instance, ecs-task, eks-cluster, eks-workload, iam-principal, lambda-function, rds-database, root-user, runtime-host, s3-bucket, s3-object, standalone-container
    ");
}

#[test]
fn an_overlay_for_a_finding_type_that_there_is_not_is_told() {
    let sandbox = sandbox().write("team/overlays/finding/recon-ec2-portscam.md", "x");
    let run = sandbox.run("--outdir team/runbooks --source guide").expect_exit(0);
    let about = |line: &&str| line.contains("overlays");
    assert_snapshot!(run.stderr().lines().filter(about).collect::<Vec<_>>().join("\n"), @"warning: [FOLDER]/team/overlays/finding/recon-ec2-portscam.md is for no finding type that there is now");
}
