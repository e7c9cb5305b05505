//! `list`: the catalogue.

use insta::assert_snapshot;
use serde_json::Value;

use crate::mini::Guide;
use crate::sandbox::Sandbox;

fn sandbox() -> Sandbox {
    Sandbox::new().guide(&Guide::html())
}

#[test]
fn the_catalogue_as_a_table() {
    assert_snapshot!(sandbox().run("list --source guide").expect_exit(0).stdout(), @"
    Finding type                       Severity      Resource type                  Protection plan
    AttackSequence:S3/CompromisedData  Critical      Whatever the sequence touched  Extended Threat Detection
    Backdoor:EC2/C&CActivity.B!DNS     High          Amazon EC2                     Foundational threat detection
    Discovery:EKS/Lamplight            Medium        EKS cluster                    Foundational threat detection
    Execution:ECS/LampOil              Variable      ECS cluster                    Foundational threat detection
    Impact:S3/LampBroken               Variable      S3                             Custom Detection Rules
    Impact:SES/ResourceHijacking       Medium        SES                            Custom Detection Rules
    Recon:EC2/Portscan                 Low (varies)  Amazon EC2                     Foundational threat detection
    UnauthorizedAccess:EC2/TorRelay    High          Amazon EC2                     Foundational threat detection
    ");
}

#[test]
fn the_catalogue_in_other_forms_with_filters() {
    let sandbox = sandbox();
    let list = |rest: &str| {
        let run = sandbox.run(&format!("list --quiet --source guide --include *S3* {rest}"));
        run.expect_exit(0)
    };
    assert_snapshot!(list("--format csv"), @"
    exit status: 0
    --- stdout
    finding_type,severity,severity_varies,resource_type,data_sources,protection_plan,threat_purpose,status,file,url
    AttackSequence:S3/CompromisedData,Critical,false,Whatever the sequence touched,Trail events; Bucket events,Extended Threat Detection,AttackSequence,active,attacksequence-s3-compromiseddata.md,https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-attack-sequence-finding-types.html#attack-sequence-s3-compromised-data
    Impact:S3/LampBroken,Variable,true,S3,Trail Management Events,Custom Detection Rules,Impact,active,impact-s3-lampbroken.md,https://docs.aws.amazon.com/guardduty/latest/ug/findings-custom-detection-rules.html#cdr-impact
    ");
    assert_snapshot!(list("--format markdown --severity critical"), @"
    exit status: 0
    --- stdout
    | Finding type | Severity | Resource type | Protection plan |
    | --- | --- | --- | --- |
    | [AttackSequence:S3/CompromisedData](https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-attack-sequence-finding-types.html#attack-sequence-s3-compromised-data) | Critical | Whatever the sequence touched | Extended Threat Detection |
    ");
    assert_snapshot!(list("--format json --protection-plan custom"), @r#"
    exit status: 0
    --- stdout
    [
      {
        "finding_type": "Impact:S3/LampBroken",
        "slug": "impact-s3-lampbroken",
        "status": "active",
        "severity": "Variable",
        "severity_varies": true,
        "severity_documented": "High or Low",
        "resource_type": "S3",
        "data_sources": [
          "Trail Management Events"
        ],
        "protection_plan": "Custom Detection Rules",
        "threat_purpose": "Impact",
        "signals": [
          {
            "name": "GlassOnTheFloor",
            "severity": "Low"
          },
          {
            "name": "SuddenlyDark",
            "severity": "High"
          }
        ],
        "url": "https://docs.aws.amazon.com/guardduty/latest/ug/findings-custom-detection-rules.html#cdr-impact"
      }
    ]
    "#);
    assert_eq!(list("--format json --include NoSuch:*  --exclude *").stdout(), "[]\n");
}

#[test]
fn the_built_in_catalogue_is_whole() {
    let sandbox = Sandbox::new();
    let run = sandbox.run("list --source builtin --format json").expect_exit(0);
    let rows: Vec<Value> = serde_json::from_str(&run.stdout()).unwrap();
    assert_eq!(rows.len(), 229);
    for row in &rows {
        for fact in ["finding_type", "severity", "resource_type", "protection_plan", "url"] {
            assert!(row[fact].as_str().is_some_and(|text| !text.is_empty()), "{fact} of {row}");
        }
        assert_ne!(row["severity"], "Unknown", "{row}");
    }
    assert_snapshot!(run.stderr(), @"229 finding types");
}

#[test]
fn retired_types_are_listed_if_asked_for() {
    let sandbox = sandbox();
    let retired = |source: &str| {
        let run = format!("list --retired --format json --source {source}");
        let run = sandbox.run(&run).expect_exit(0);
        let rows: Vec<Value> = serde_json::from_str(&run.stdout()).unwrap();
        assert!(rows.iter().all(|row| row["status"] == "retired"));
        rows.len()
    };
    assert_eq!(retired("builtin"), 21);
    // The miniature guide has a page that names one more.
    assert_eq!(retired("guide"), 22);
    let one = "list --retired --quiet --source guide --format csv --include Recon:EC2/OldLantern";
    assert_snapshot!(sandbox.run(one).expect_exit(0), @"
    exit status: 0
    --- stdout
    finding_type,severity,severity_varies,resource_type,data_sources,protection_plan,threat_purpose,status,file,url
    Recon:EC2/OldLantern,Unknown,false,EC2,,,Recon,retired,recon-ec2-oldlantern.md,https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-retired.html
    ");
}

#[test]
fn a_list_works_without_network_and_says_so() {
    let run = Sandbox::new().run("list --severity critical").expect_exit(0);
    assert_eq!(run.stdout().lines().count(), 6, "{run}");
    assert!(run.stderr().starts_with("warning: "), "{run}");
}
