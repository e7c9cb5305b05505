//! `fill` to standard output.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use super::port_probe;
use crate::sandbox::Sandbox;

fn sandbox(findings: &[&Value]) -> Sandbox {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    Sandbox::new().write("findings.jsonl", &lines.join("\n"))
}

/// The part of a case that speaks of its finding.
fn this_finding(case: &str) -> &str {
    let from = case.find("## This finding\n").unwrap();
    &case[from..case.find("## First move\n").unwrap()]
}

#[test]
fn the_facts_stand_on_top_and_the_commands_have_the_values() {
    let run = sandbox(&[&port_probe()]).run("fill findings.jsonl").expect_exit(0);
    let case = run.stdout();
    insta::assert_snapshot!(this_finding(&case), @r"
        ## This finding

        | What | |
        | --- | --- |
        | Finding type | `Recon:EC2/PortProbeUnprotectedPort` |
        | Title | `A port of i-0abc is being probed.` |
        | Severity | `2`, level `Low` |
        | Sample or real | real: not marked as a sample |
        | The resource | was the target |
        | Description | `A port is open to the world and is being probed.` |
        | Finding | `0123456789abcdef0123456789abcdef` |

        | Where | |
        | --- | --- |
        | Account | `111122223333` |
        | Region | `eu-central-1` |
        | Resource type | `Instance` |
        | Instance | `i-0123456789abcdef0` |
        | Network interface | `eni-0123456789abcdef0`, security groups `sg-0123456789abcdef0`, VPC `vpc-0123456789abcdef0` |
        | Tags | `Name`: `` `$(reboot)` \| <b>web</b> `` |
        | Finding's ARN | `arn:aws:guardduty:eu-central-1:111122223333:detector/d0/finding/0123456789abcdef0123456789abcdef`, partition `aws` |

        | When | |
        | --- | --- |
        | Seen | first `2026-01-31T23:30:00Z`, last `2026-02-01T00:15:00Z` |
        | Finding | created `2026-01-31T12:00:00.000Z`, updated `2026-01-31T12:30:00.000Z` |

        | Who | |
        | --- | --- |
        | Action | `PORT_PROBE` |
        | Probed port | `22`, `SSH` |
        |  | `80`, `HTTP` |
        | Remote address | `192.0.2.7`, country `Nowhere` |
        |  | `192.0.2.8` |
        | Probe blocked | `false` |

        | How often | |
        | --- | --- |
        | Count | `3` |

        [Open it in the GuardDuty console](<https://eu-central-1.console.aws.amazon.com/guardduty/home?region=eu-central-1#/findings?macros=current&fId=0123456789abcdef0123456789abcdef>)

        **Filled in:** 15 values of the finding stand in the steps below. Among them:

        - blocked ipv4 `192.0.2.7`: the first of 2; repeat its steps for each
        - remote ip `192.0.2.7`: the first of 2; repeat its steps for each

        **Left open:**

        - this finding does not have it: `<AUTO_SCALING_GROUP_NAME>`, `<BLOCKED_DOMAIN>`, `<BLOCKED_IPV6>`, `<IMAGE_ID>`, `<INSTANCE_PROFILE_NAME>`, `<ROLE_NAME>`, `<SUBNET_ID>`
        - you or a step above gives it: `<ADMIN_DETECTOR_ID>`, `<CASE_ID>`, `<EVIDENCE_BUCKET>`, `<FIREWALL_DOMAIN_LIST_ID>`, `<FIREWALL_RULE_GROUP_ID>`, `<ISOLATION_SECURITY_GROUP_ID>`, `<NETWORK_ACL_ID>`, `<NOW>`, `<RESPONDER>`, `<SECURITY_GROUP_RULE_ID>`, `<SSM_COMMAND_ID>`, `<VPC_FLOW_TABLE>`
    ");
    for line in [
        "finding_id: \"0123456789abcdef0123456789abcdef\"",
        "aws autoscaling describe-auto-scaling-instances --region 'eu-central-1' --instance-ids 'i-0123456789abcdef0'",
        "  --start-time '2026-01-31T22:30:00Z' --end-time '2026-02-01T01:15:00Z'",
        "WHERE day BETWEEN '2026/01/31' AND '2026/02/01'",
    ] {
        assert!(case.contains(line.trim_start()), "{line} is not in\n{case}");
    }
    assert!(case.starts_with("---\n") && case.ends_with('\n'));
    assert_eq!(run.stderr(), "");
}

#[test]
fn the_teams_own_runbook_is_filled() {
    let own = "# Ours\n\nCall Ann.\n\n## Do\n\n```bash\naws x <INSTANCE_ID> <PAGER>\n```\n";
    let sandbox = sandbox(&[&port_probe()]).write("r/recon-ec2-portprobeunprotectedport.md", own);
    let case = sandbox
        .run("fill findings.jsonl --outdir r --link-base https://example.com/r/")
        .expect_exit(0)
        .stdout();
    let begin = "---\nfinding_type: \"Recon:EC2/PortProbeUnprotectedPort\"\nfinding_id: ";
    assert!(case.starts_with(begin), "{case}");
    assert!(case.contains("\n# Ours\n\nCall Ann.\n\n## This finding\n"), "{case}");
    assert!(case.contains(
        "\nRunbook: [recon-ec2-portprobeunprotectedport.md](<https://example.com/r/recon-ec2-portprobeunprotectedport.md>)\n"
    ));
    let end = "## Do\n\n```bash\naws x 'i-0123456789abcdef0' '<PAGER>'\n```\n";
    assert!(case.ends_with(end), "{case}");
    assert!(
        case.contains("- it is your own, and the guidance does not know it: `<PAGER>`\n"),
        "{case}"
    );
}

#[test]
fn a_type_that_the_program_does_not_know_gets_the_steps_of_resource_and_purpose() {
    let mut finding = port_probe();
    finding["type"] = json!("Recon:EC2/NewThing");
    let case = sandbox(&[&finding]).run("fill findings.jsonl").expect_exit(0).stdout();
    assert!(case.contains("> **Unknown type:** this version of the program"), "{case}");
    assert!(case.contains("the steps follow from the resource"), "{case}");
    assert!(case.contains("--instance-ids 'i-0123456789abcdef0'"));
}

#[test]
fn a_retired_type_says_so() {
    let mut finding = port_probe();
    finding["type"] = json!("Recon:IAMUser/UserPermissions");
    finding["service"]["additionalInfo"] = json!({"sample": true});
    let case = sandbox(&[&finding]).run("fill findings.jsonl").expect_exit(0).stdout();
    assert!(case.contains("status: \"retired\"\n"), "{case}");
    assert!(case.contains("sample: true\n---\n"), "{case}");
    assert!(case.contains("> **Retired type:**") && case.contains("> **Sample finding:**"));
}

#[test]
fn json_is_an_object_a_line() {
    let run = sandbox(&[&port_probe(), &port_probe()]).run("fill findings.jsonl --format json");
    let stdout = run.expect_exit(0).stdout();
    let cases: Vec<Value> =
        stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(cases.len(), 2);
    let case = &cases[0];
    assert_eq!(case["status"], "active");
    assert_eq!(case["runbook"]["is_own"], false);
    assert_eq!(
        case["values"]["remote_ip"],
        json!({"text": "192.0.2.7", "is_exact": true, "others": 1, "from": {
            "path": "service.action.portProbeAction.portProbeDetails[0].remoteIpDetails.ipAddressV4",
            "account": "111122223333", "region": "eu-central-1",
        }})
    );
    assert_eq!(case["open"]["now"]["reason"], "not-of-findings");
    assert!(case["markdown"].as_str().unwrap().contains("# Recon:EC2/PortProbeUnprotectedPort"));
}

#[test]
fn a_batch_goes_on_after_a_bad_record() {
    let sandbox = Sandbox::new().write(
        "findings.jsonl",
        &format!("{}\n{{\"eventSource\": \"s3\"\n{}\n", port_probe(), port_probe()),
    );
    let run = sandbox.run("fill findings.jsonl --format json").expect_exit(4);
    assert_eq!(run.stdout().lines().count(), 2);
    insta::assert_snapshot!(run.stderr(), @r"
        error: findings.jsonl: line 2, byte 1256: the JSON is broken at line 3, byte 1277
        2 filled, 1 failed
    ");
}

#[test]
fn what_is_no_finding_is_said_to_be_none() {
    let run = sandbox(&[
        &json!({"eventVersion": "1.09", "eventSource": "s3.amazonaws.com", "eventName": "GetObject"}),
    ]);
    insta::assert_snapshot!(run.run("fill findings.jsonl").expect_exit(2), @r"
        exit status: 2
        --- stderr
        error: findings.jsonl: line 1, byte 0: this is a CloudTrail record (GetObject)
        hint: accepted are findings of GuardDuty as JSON, gzip or not: of its S3 export, of `aws guardduty get-findings`, of EventBridge (also within SNS or SQS), and of Security Hub (ASFF or OCSF); one, a list, or one after another
    ");
    insta::assert_snapshot!(run.run("fill nowhere.json").expect_exit(2), @r"
        exit status: 2
        --- stderr
        error: cannot read nowhere.json: No such file or directory (os error N)
        hint: give a file with findings in JSON, or `-`
    ");
    let mut finding = port_probe();
    finding["type"] = json!("a hacked type\u{1b}[31m");
    insta::assert_snapshot!(sandbox(&[&finding]).run("fill findings.jsonl").expect_exit(2), @r#"
        exit status: 2
        --- stderr
        error: findings.jsonl: "a hacked type\u001b[31m" is not a finding type
        hint: `guardduty-runbooks list` names the finding types
    "#);
}

#[test]
fn findings_come_through_a_pipe_without_network_or_folder() {
    let sandbox = Sandbox::new();
    let mut child = sandbox
        .command(&["fill", "-", "--outdir", "nowhere"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let event = json!({"detail-type": "GuardDuty Finding", "source": "aws.guardduty", "detail": port_probe()});
    child.stdin.take().unwrap().write_all(event.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("'i-0123456789abcdef0'"));
    assert!(sandbox.tree(".").is_empty());
}

#[test]
fn a_terminal_gets_colours_and_no_marks() {
    let run = sandbox(&[&port_probe()]).run("fill findings.jsonl --format terminal --color always");
    let text = run.expect_exit(0).stdout();
    assert!(text.contains("\u{1b}[") && !text.contains("```"), "{text}");
    assert!(text.contains("aws guardduty list-detectors --region 'eu-central-1'"), "{text}");
}

#[test]
fn a_damaged_finding_is_filled_and_marked() {
    let finding =
        port_probe().to_string().replace("\"i-0123456789abcdef0", r#""i-0123456789abcde\ud800"#);
    let sandbox = Sandbox::new().write("findings.jsonl", &finding);
    let run = sandbox.run("fill findings.jsonl").expect_exit(0);
    let field = "resource.instanceDetails.instanceId";
    let told = format!("line 1, byte 0: the finding is damaged in {field}");
    assert!(run.stderr().contains(&format!("warning: findings.jsonl: {told}")), "{}", run.stderr());
    let case = run.stdout();
    let note = "> **Damaged finding:** parts of it could not be read and show as `\u{fffd}`";
    assert!(this_finding(&case).contains(&format!("{note}: `{field}`.")), "{case}");
    assert!(case.contains("'<INSTANCE_ID>'") && !case.contains("'i-"), "{case}");

    let json = sandbox.run("fill --format json findings.jsonl").expect_exit(0).stdout();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["damaged"], json!([field]));
    assert_eq!(json["open"]["instance_id"]["reason"], "unfit");

    let run = sandbox.run("fill --summary --format json findings.jsonl").expect_exit(0);
    assert!(run.stderr().contains(&told), "{}", run.stderr());
    let summary: Value = serde_json::from_str(&run.stdout()).unwrap();
    assert_eq!((&summary["damaged_records"], &summary["records"]), (&json!(1), &json!(1)));
    let place = json!({"input": "findings.jsonl", "line": 1, "byte": 0, "fields": [field], "other_fields": 0});
    assert_eq!(summary["damaged"], json!([place]));
}
