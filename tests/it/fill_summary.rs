//! `fill --summary`: what an export of findings holds.

use std::io::Write as _;
use std::process::Stdio;

use flate2::Compression;
use flate2::write::GzEncoder;
use guardduty_runbooks::fs;
use insta::assert_snapshot;
use serde_json::Value;

use crate::sandbox::Sandbox;

fn finding(id: &str, name: &str, severity: f64, day: u8) -> String {
    format!(
        r#"{{"id":"{id}","type":"{name}","severity":{severity},"accountId":"111122223333","region":"eu-west-1","updatedAt":"2026-01-{day:02}T12:00:00Z","service":{{"eventFirstSeen":"2026-01-01T00:00:00Z","eventLastSeen":"2026-01-{day:02}T00:00:00Z","additionalInfo":{{}}}}}}"#
    ) + "\n"
}

/// Three findings, one of them updated twice and then more severe, and a sample.
fn export() -> String {
    let sample = finding("d", "Trojan:EC2/DropPoint", 5.0, 2)
        .replace(r#""additionalInfo":{}"#, r#""additionalInfo":{"sample":true}"#);
    [
        finding("a", "Recon:EC2/Portscan", 2.0, 3),
        finding("b", "Recon:EC2/Portscan", 2.0, 4),
        finding("a", "Recon:EC2/Portscan", 5.0, 6),
        finding("a", "Recon:EC2/Portscan", 2.0, 5),
        finding("c", "Recon:IAMUser/UserPermissions", 5.0, 7),
        sample,
    ]
    .concat()
}

fn put_gzip(sandbox: &Sandbox, path: &str, text: &str) {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    fs::write(&sandbox.path(path), &encoder.finish().unwrap()).unwrap();
}

#[test]
fn an_export_by_type_and_severity() {
    let sandbox = Sandbox::new().write("export.jsonl", &export());
    assert_snapshot!(sandbox.run("fill --summary export.jsonl").expect_exit(0), @"
    exit status: 0
    --- stdout
    Severity  Finding type                             Findings  Records  First seen            Last seen             Runbook
    Medium    Recon:EC2/Portscan                              1        1  2026-01-01T00:00:00Z  2026-01-06T00:00:00Z  none
    Medium    Recon:IAMUser/UserPermissions (retired)         1        1  2026-01-01T00:00:00Z  2026-01-07T00:00:00Z  none
    Low       Recon:EC2/Portscan                              1        3  2026-01-01T00:00:00Z  2026-01-05T00:00:00Z  none

    Sample findings:
    Severity  Finding type          Findings  Records  First seen            Last seen             Runbook
    Medium    Trojan:EC2/DropPoint         1        1  2026-01-01T00:00:00Z  2026-01-02T00:00:00Z  none

    4 findings in 6 records, samples among them. 3 finding types without a runbook.
    Accounts: 111122223333 (6)
    Regions: eu-west-1 (6)
    ");
    assert_snapshot!(sandbox.run("fill --summary --format markdown export.jsonl").expect_exit(0), @"
    exit status: 0
    --- stdout
    # GuardDuty findings

    4 findings in 6 records, samples among them. 3 finding types without a runbook.

    | Severity | Finding type | Findings | Records | First seen | Last seen | Runbook |
    | --- | --- | ---: | ---: | --- | --- | --- |
    | Medium | Recon:EC2/Portscan | 1 | 1 | 2026-01-01T00:00:00Z | 2026-01-06T00:00:00Z | none |
    | Medium | Recon:IAMUser/UserPermissions (retired) | 1 | 1 | 2026-01-01T00:00:00Z | 2026-01-07T00:00:00Z | none |
    | Low | Recon:EC2/Portscan | 1 | 3 | 2026-01-01T00:00:00Z | 2026-01-05T00:00:00Z | none |

    ## Sample findings

    | Severity | Finding type | Findings | Records | First seen | Last seen | Runbook |
    | --- | --- | ---: | ---: | --- | --- | --- |
    | Medium | Trojan:EC2/DropPoint | 1 | 1 | 2026-01-01T00:00:00Z | 2026-01-02T00:00:00Z | none |

    Accounts: 111122223333 (6)

    Regions: eu-west-1 (6)
    ");
}

#[test]
fn runbooks_are_edited_generated_or_missing() {
    let sandbox = Sandbox::new().write("export.jsonl", &export());
    sandbox.run("--source builtin --include Recon:EC2/* --include Trojan:EC2/*").expect_exit(0);
    let states = || {
        let run = sandbox.run("fill --summary --format json export.jsonl").expect_exit(0);
        let summary: Value = serde_json::from_str(&run.stdout()).unwrap();
        let state = |row: &Value| {
            format!("{} {}", row["slug"].as_str().unwrap(), row["runbook"].as_str().unwrap())
        };
        let rows = ["types", "samples"].map(|rows| summary[rows].as_array().unwrap().clone());
        rows.concat().iter().map(state).collect::<Vec<_>>()
    };
    assert_eq!(
        states(),
        [
            "recon-ec2-portscan generated",
            "recon-iamuser-userpermissions none",
            "recon-ec2-portscan generated",
            "trojan-ec2-droppoint generated"
        ]
    );
    let edited = sandbox.read("recon-ec2-portscan.md") + "\nCall the port owner.\n";
    sandbox.put("recon-ec2-portscan.md", &edited);
    sandbox.put("recon-iamuser-userpermissions.md", "# Our own\n");
    assert_eq!(
        states(),
        [
            "recon-ec2-portscan edited",
            "recon-iamuser-userpermissions edited",
            "recon-ec2-portscan edited",
            "trojan-ec2-droppoint generated"
        ]
    );
}

#[test]
fn folders_of_exports_are_searched() {
    let sandbox = Sandbox::new().write("export/readme.txt", "Not a finding.\n");
    put_gzip(&sandbox, "export/AWSLogs/1/GuardDuty/eu-west-1/2026/01/03/a.jsonl.gz", &export());
    // Recognised by what it holds, not by its name.
    put_gzip(&sandbox, "export/AWSLogs/1/GuardDuty/eu-west-1/2026/01/04/b", &export());
    sandbox.put("export/one.txt", &finding("z", "Trojan:EC2/DropPoint", 8.0, 9));
    let run = sandbox.run("fill --summary --format json export").expect_exit(0);
    let summary: Value = serde_json::from_str(&run.stdout()).unwrap();
    assert_eq!((&summary["records"], &summary["findings"]), (&13.into(), &5.into()));
    assert_snapshot!(run.stderr(), @"left out 1 of 4 files in export, which are neither JSON nor gzip");
    sandbox.put("empty/.keep", "");
    assert_snapshot!(sandbox.run("fill --summary empty/none").expect_exit(2), @"
    exit status: 2
    --- stderr
    error: cannot read empty/none: No such file or directory (os error N)
    hint: name files with findings, or `-` for standard input
    ");
}

#[test]
fn standard_input_is_read_and_bad_records_are_listed() {
    let sandbox = Sandbox::new();
    let stream =
        format!("{}{{\"id\":\"cut\n{}", export(), finding("e", "New:Thing/Unheard", 5.0, 1));
    let mut command = sandbox.command(&["fill", "--summary", "-", "--format", "markdown"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("| Medium | New:Thing/Unheard (not in the catalogue) | 1 | 1 |"),
        "{text}"
    );
    assert_snapshot!(text.split("## What could").nth(1).unwrap(), @"
     not be read

    - standard input, line 7, byte 1502: the JSON is broken at line 7, byte 1512
    ");
    assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @"error: standard input: line 7, byte 1502: the JSON is broken at line 7, byte 1512");
}

#[test]
fn what_holds_no_finding_ends_with_what_it_looks_like() {
    let sandbox = Sandbox::new()
        .write(
            "trail.json",
            r#"{"Records":[{"eventVersion":"1","eventName":"GetObject","userIdentity":{}}]}"#,
        )
        .write("empty.json", "");
    assert_snapshot!(sandbox.run("fill --summary trail.json").expect_exit(2), @"
    exit status: 2
    --- stderr
    error: trail.json: line 1, byte 12: this is a CloudTrail record (GetObject)
    hint: accepted are findings of GuardDuty as JSON, gzip or not: of its S3 export, of `aws guardduty get-findings`, of EventBridge (also within SNS or SQS), and of Security Hub (ASFF or OCSF); one, a list, or one after another
    ");
    assert_snapshot!(sandbox.run("fill --summary empty.json").expect_exit(2), @"
    exit status: 2
    --- stderr
    error: empty.json: line 1, byte 0: the input is empty
    hint: accepted are findings of GuardDuty as JSON, gzip or not: of its S3 export, of `aws guardduty get-findings`, of EventBridge (also within SNS or SQS), and of Security Hub (ASFF or OCSF); one, a list, or one after another
    ");
    assert_snapshot!(sandbox.run("fill --summary missing.json").expect_exit(2), @"
    exit status: 2
    --- stderr
    error: cannot read missing.json: No such file or directory (os error N)
    hint: name files with findings, or `-` for standard input
    ");
}

#[test]
fn hostile_names_stay_in_their_cell() {
    let name = "Recon:EC2/a|b`<script>\\u001b[31m";
    let sandbox = Sandbox::new().write("one.json", &finding("h", name, 5.0, 1));
    let run = sandbox.run("fill --summary --format markdown one.json").expect_exit(0);
    let row = run.stdout().lines().find(|line| line.starts_with("| Medium")).unwrap().to_owned();
    assert!(row.contains(r"Recon:EC2/a\|b\`&lt;script>\\u{1b}\[31m"), "{row}");
    assert!(!sandbox.run("fill --summary one.json").stdout().contains('\u{1b}'));
}
