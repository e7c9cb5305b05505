//! Filters, and the index of what was selected.

use insta::assert_snapshot;

use crate::mini::{Guide, RUNBOOKS};
use crate::sandbox::Sandbox;

const RUN: &str = "--outdir runbooks --source guide";

fn sandbox() -> Sandbox {
    Sandbox::new().guide(&Guide::html())
}

#[test]
fn filters_limit_what_is_written() {
    let written = |filters: &str| {
        let sandbox = sandbox();
        sandbox.run(&format!("{RUN} {filters}")).expect_exit(0);
        sandbox.runbooks("runbooks").join(" ")
    };
    assert_snapshot!(written("--severity critical"), @"attacksequence-s3-compromiseddata.md");
    assert_snapshot!(written("--severity variable"), @"execution-ecs-lampoil.md impact-s3-lampbroken.md recon-ec2-portscan.md");
    assert_snapshot!(written("--severity Critical,medium --resource eks,s3"), @"attacksequence-s3-compromiseddata.md discovery-eks-lamplight.md");
    assert_snapshot!(written("--resource ECS"), @"execution-ecs-lampoil.md");
    assert_snapshot!(written("--protection-plan custom"), @"impact-s3-lampbroken.md impact-ses-resourcehijacking.md");
    assert_snapshot!(written("--include Impact:* --exclude *ses*"), @"impact-s3-lampbroken.md");
    assert_eq!(written("--include NoSuch:*"), "");
}

#[test]
fn a_filter_that_means_nothing_is_wrong_usage() {
    let sandbox = sandbox();
    assert_snapshot!(sandbox.run(&format!("{RUN} --severity urgent")).expect_exit(2), @r#"
    exit status: 2
    --- stderr
    error: "urgent" is not a severity; use critical, high, medium, low or variable
    0 new, 0 updated, 0 merged, 0 kept, 0 in conflict, 0 retired, 0 failed (nothing was written)
    "#);
    let plan = sandbox.run(&format!("{RUN} --protection-plan quantum")).expect_exit(2);
    assert!(plan.stderr().contains("names no protection plan; they are: Foundational"), "{plan}");
    let pattern = sandbox.run(&format!("{RUN} --include [a")).expect_exit(2);
    assert!(pattern.stderr().contains("the pattern \"[a\" cannot be read"), "{pattern}");
    assert!(!sandbox.has("runbooks"));
}

#[test]
fn index_lists_the_runbooks_and_follows_them() {
    let sandbox = sandbox();
    let run = format!("{RUN} --index --include Recon:* --include Impact:S3*");
    sandbox.run(&run).expect_exit(0);
    assert_snapshot!(sandbox.read("runbooks/index.md"), @"
    # GuardDuty runbooks

    | Finding type | Severity | Resource type | Protection plan |
    | --- | --- | --- | --- |
    | [Impact:S3/LampBroken](impact-s3-lampbroken.md) | Variable | S3 | Custom Detection Rules |
    | [Recon:EC2/Portscan](recon-ec2-portscan.md) | Low (varies) | Amazon EC2 | Foundational threat detection |
    ");
    let data: serde_json::Value =
        serde_json::from_str(&sandbox.read("runbooks/index.json")).unwrap();
    assert_eq!(data[1]["finding_type"], "Recon:EC2/Portscan");
    let before = sandbox.tree("runbooks");
    sandbox.run(&run).expect_exit(0);
    assert_eq!(sandbox.tree("runbooks").changed_since(&before), [""; 0]);

    sandbox.run(&format!("{RUN} --index")).expect_exit(0);
    assert!(sandbox.read("runbooks/index.md").contains("Discovery:EKS/Lamplight"));
}

#[test]
fn somebodys_own_index_stays_as_it_is() {
    let sandbox = sandbox().write("runbooks/index.md", "# Ours\n");
    assert_snapshot!(sandbox.run(&format!("{RUN} --index --quiet")).expect_exit(4), @"
    exit status: 4
    --- stderr
    error: runbooks/index.md is not written: it is somebody's own file
    hint: move it away, or leave out --index
    ");
    assert_eq!(sandbox.read("runbooks/index.md"), "# Ours\n");
    assert_eq!(sandbox.runbooks("runbooks").len(), RUNBOOKS.len() + 1);

    sandbox.run("--outdir other --source guide --index").expect_exit(0);
    let edited = format!("{}\nAsk Ada.\n", sandbox.read("other/index.md"));
    sandbox.put("other/index.md", &edited);
    sandbox.run("--outdir other --source guide --index").expect_exit(4);
    assert_eq!(sandbox.read("other/index.md"), edited);
}
