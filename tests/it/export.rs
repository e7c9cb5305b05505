//! `export`: other programs' formats. What those programs say is tested in `conformance/`.

use guardduty_runbooks::fs;
use insta::assert_snapshot;
use serde_json::Value;

use crate::sandbox::Sandbox;

const ONE: &str = "--quiet --source builtin --include Recon:EC2/Portscan";

fn exported(format: &str, path: &str) -> String {
    let sandbox = Sandbox::new();
    let base = "--link-base https://git.example/runbooks";
    sandbox.run(&format!("export {format} {ONE} {base} --output out")).expect_exit(0);
    sandbox.read(&format!("out/{path}"))
}

/// The text between two marks, marks included.
fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let begin = text.find(from).expect("the text has the first mark");
    let end = text[begin..].find(to).expect("the text has the second mark");
    &text[begin..begin + end + to.len()]
}

#[test]
fn panther_gets_link_and_steps() {
    let helper = exported("panther", "global_helpers/guardduty_runbooks.py");
    assert_snapshot!(between(&helper, "LINK = ", "\n"), @r#"LINK = "https://git.example/runbooks/{slug}.md""#);
    assert_snapshot!(between(&helper, "RESOURCE_PATHS = {", "\n}\n"), @r#"
    RESOURCE_PATHS = {
        "ec2-instance": ("resource.instanceDetails.instanceId",),
    }
    "#);
    assert_snapshot!(between(&helper, "RUNBOOKS = {\n", "(\n            "), @r#"
    RUNBOOKS = {
        "Recon:EC2/Portscan": (
            "recon-ec2-portscan",
            "ec2-instance",
            "medium",
            (
    "#);
    let steps = between(&helper, "RUNBOOKS = {\n", "\n}\n");
    let steps: Vec<&str> =
        steps.lines().filter(|line| line.starts_with("            \"")).collect();
    assert_eq!(steps.len(), 3, "{steps:?}");
    assert!(steps.iter().all(|step| step.ends_with("\",")), "{steps:?}");
    let rule = exported("panther", "rules/guardduty_runbooks/guardduty_critical.py");
    assert!(rule.contains(r#"severity(event) == "CRITICAL""#), "{rule}");
    let described = exported("panther", "rules/guardduty_runbooks/guardduty_low.yml");
    assert_eq!(described.matches("ExpectedResult: true").count(), 2, "{described}");
    assert_eq!(described.matches("ExpectedResult: false").count(), 2, "{described}");
}

#[test]
fn matano_reads_the_field_that_was_named() {
    let detection = exported(
        "matano --table aws_findings --type-field guardduty.type",
        "detections/guardduty_runbooks/detection.yml",
    );
    assert!(detection.contains("tables:\n  - \"aws_findings\"\n"), "{detection}");
    let code =
        exported("matano --type-field guardduty.type", "detections/guardduty_runbooks/detect.py");
    assert_snapshot!(between(&code, "TYPE_FIELD = ", "\n"), @r#"TYPE_FIELD = "guardduty.type""#);
    let run = Sandbox::new().run("export matano --type-field a..b --output out").expect_exit(2);
    assert!(run.stderr().contains("\"a..b\" is no path of a field"), "{run}");
}

#[test]
fn a_layer_scores_techniques() {
    let layer = exported("navigator", "guardduty-navigator.json");
    assert_snapshot!(between(&layer, "\"techniques\": [", "\n  ]"), @r#"
    "techniques": [
        {
          "techniqueID": "T1046",
          "score": 2,
          "enabled": true,
          "comment": "Recon:EC2/Portscan",
          "metadata": [
            {
              "name": "Medium",
              "value": "1"
            }
          ],
          "links": [
            {
              "label": "Recon:EC2/Portscan",
              "url": "https://git.example/runbooks/recon-ec2-portscan.md"
            }
          ],
          "showSubtechniques": false
        }
      ]
    "#);
}

#[test]
fn the_catalogue_as_json_and_csv() {
    let table = exported("csv", "catalogue.csv");
    assert_snapshot!(between(&table, "finding_type", "port-probe-scan,"), @"
    finding_type,severity,severity_varies,resource_type,data_sources,protection_plan,threat_purpose,tactics,techniques,status,file,url,kind,family,summary,first_move,questions,suppression,runbook
    Recon:EC2/Portscan,Medium,false,Amazon EC2,VPC flow logs,Foundational threat detection,Recon,TA0007,T1046,active,recon-ec2-portscan.md,https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-ec2.html#recon-ec2-portscan,ec2-instance,port-probe-scan,
    ");
    assert!(table.ends_with(",https://git.example/runbooks/recon-ec2-portscan.md\n"), "{table}");
    let catalogue: Value = serde_json::from_str(&exported("json", "catalogue.json")).unwrap();
    let entry = catalogue["finding_types"][0].as_object().unwrap();
    // The list has the first of these, too.
    let listed = Sandbox::new().run(&format!("list --format json {ONE}")).stdout();
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let listed = listed[0].as_object().unwrap();
    for (name, fact) in listed {
        assert_eq!(&entry[name], fact, "{name}");
    }
    let more: Vec<&str> = entry.keys().skip(listed.len()).map(String::as_str).collect();
    assert_snapshot!(
        more.join(" "),
        @"runbook kind family summary first_move fields questions steps benign_causes suppression placeholders"
    );
    assert_snapshot!(entry["steps"][0], @r#"{"section":"investigate","id":"is-it-alone","title":"Is it alone?","changes":false}"#);
    assert_snapshot!(entry["placeholders"][0], @r#"{"name":"<ACCOUNT_ID>","from":["accountId"],"what":"the account of the resource"}"#);
}

#[test]
fn a_playbook_has_a_way_for_each_verdict() {
    let text = exported("cacao --modified 2026-12-24T18:00:00Z", "recon-ec2-portscan.json");
    let playbook: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(playbook["modified"], "2026-12-24T18:00:00.000Z");
    let steps = playbook["workflow"].as_object().unwrap();
    let step = |id: &Value| &steps[id.as_str().unwrap()];
    // The names of a line of steps, up to the next step that is not simply done.
    let line = |first: &Value| {
        let (mut names, mut at) = (Vec::new(), step(first));
        while at["type"] == "action" {
            names.push(at["name"].as_str().unwrap().to_owned());
            at = step(&at["on_completion"]);
        }
        (names, at)
    };
    let start = step(&playbook["workflow_start"]);
    let (look, verdict) = line(&start["on_completion"]);
    assert_eq!(look[0], "First move");
    assert_eq!(look.last().unwrap(), "Decide whether it is harmless");
    assert_eq!(verdict["condition"], "__is_benign__:value = 'true'");
    let (harmless, end) = line(&verdict["on_true"]);
    assert_eq!((harmless[0].as_str(), &end["type"]), ("Whether to suppress", &"end".into()));
    let (harmful, end) = line(&verdict["on_false"]);
    assert_eq!(harmful[1], "See that commands go to the right account");
    assert!(harmful.len() > 4 && end["type"] == "end", "{harmful:?}");
    let (close, end) = line(&verdict["on_completion"]);
    assert_eq!((close[0].as_str(), &end["type"]), ("See to what is left", &"end".into()));
}

#[test]
fn a_playbook_takes_its_decisions_from_the_flow() {
    let sandbox = Sandbox::new();
    let wanted = "--include AttackSequence:IAM/CompromisedCredentials";
    let run =
        sandbox.run(&format!("export cacao --quiet --source builtin {wanted}")).expect_exit(0);
    let playbook: Value = serde_json::from_str(&run.stdout()).unwrap();
    let steps = playbook["workflow"].as_object().unwrap().values();
    let decisions: Vec<&Value> = steps.filter(|step| step["type"] == "switch-condition").collect();
    let first = decisions.iter().find(|step| step["switch"] == "__decision_a__:value").unwrap();
    let answers: Vec<&String> = first["cases"].as_object().unwrap().keys().collect();
    assert_eq!(answers, ["IAM user", "role", "root"]);
    assert!(decisions.len() > 3, "{decisions:?}");
    assert_eq!(playbook["playbook_processing_summary"]["switch_logic"], true);
}

#[test]
fn an_export_is_the_same_each_time() {
    let sandbox = Sandbox::new();
    for format in ["panther", "matano", "navigator", "json", "csv", "cacao"] {
        let run = |folder: &str| {
            let run = format!("export {format} --source builtin --output {folder}");
            sandbox.run(&run).expect_exit(0);
            sandbox.tree(folder)
        };
        let (first, second) = (run(&format!("{format}/a")), run(&format!("{format}/b")));
        let without_folder = |tree: &crate::sandbox::Tree| -> Vec<(String, Vec<u8>)> {
            let files = tree.bytes().into_iter();
            files
                .map(|(name, bytes)| {
                    (
                        name.split_once("/a/").or(name.split_once("/b/")).unwrap().1.to_owned(),
                        bytes.to_vec(),
                    )
                })
                .collect()
        };
        assert!(!first.is_empty());
        assert_eq!(without_folder(&first), without_folder(&second), "{format}");
        assert_eq!(run(&format!("{format}/a")).changed_since(&first), Vec::<String>::new());
    }
}

#[test]
fn only_own_files_are_replaced() {
    let sandbox = Sandbox::new().write("out/global_helpers/guardduty_runbooks.yml", "Mine: true\n");
    let export = |rest: &str| sandbox.run(&format!("export panther {ONE} --output out {rest}"));
    assert_snapshot!(export("").expect_exit(4), @"
    exit status: 4
    --- stderr
    error: out/global_helpers/guardduty_runbooks.yml stays: somebody else wrote or edited it
    hint: move it away, or replace it with --overwrite
    ");
    assert_eq!(sandbox.read("out/global_helpers/guardduty_runbooks.yml"), "Mine: true\n");

    // What the export wrote is renewed, unless somebody edited it.
    let helper = "out/global_helpers/guardduty_runbooks.py";
    let before = sandbox.read(helper);
    export("--link-base https://git.example/x").expect_exit(4);
    assert_ne!(sandbox.read(helper), before);
    sandbox.put(helper, "# edited\n");
    let run = export("--link-base https://git.example/y").expect_exit(4);
    assert!(run.stderr().contains("guardduty_runbooks.py stays"), "{run}");
    assert_eq!(sandbox.read(helper), "# edited\n");

    let tree = sandbox.tree("out");
    export("--overwrite --dry-run").expect_exit(0);
    assert!(tree == sandbox.tree("out"));
    export("--overwrite").expect_exit(0);
    assert_eq!(sandbox.read(helper), before);
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_symbolic_link() {
    let sandbox = Sandbox::new().write("elsewhere/here", "x").write("out/here", "x");
    std::os::unix::fs::symlink(sandbox.path("elsewhere"), sandbox.path("out/rules")).unwrap();
    let run = sandbox.run(&format!("export panther {ONE} --output out --overwrite"));
    assert!(run.expect_exit(4).stderr().contains("out/rules"), "says which");
    assert_eq!(sandbox.tree("elsewhere").bytes().len(), 1);

    let state = sandbox.path("other/.guardduty-runbooks");
    fs::make_folders(&sandbox.path("other")).unwrap();
    std::os::unix::fs::symlink(sandbox.path("elsewhere"), state).unwrap();
    let run = sandbox.run(&format!("export panther {ONE} --output other"));
    assert!(run.expect_exit(4).stderr().contains("other/.guardduty-runbooks is no file or folder"));
    assert_eq!(sandbox.tree("elsewhere").bytes().len(), 1);
}

#[test]
fn one_file_goes_to_stdout_and_several_need_a_folder() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&format!("export csv {ONE}")).expect_exit(0);
    assert_eq!(run.stdout().lines().next().unwrap().split(',').count(), 19, "{run}");
    let run = sandbox.run(&format!("export cacao {ONE}")).expect_exit(0);
    assert!(serde_json::from_str::<Value>(&run.stdout()).is_ok(), "{run}");
    assert_snapshot!(sandbox.run("export cacao --quiet --source builtin").expect_exit(2), @"
    exit status: 2
    --- stderr
    error: this export is 229 files, which need a folder
    hint: name it with --output
    ");
    assert_snapshot!(sandbox.run(&format!("export json {ONE} --exclude *")).expect_exit(2), @"
    exit status: 2
    --- stderr
    error: no finding type fits the filters, so nothing is exported
    ");
    let run = sandbox.run(&format!("export csv {ONE} --link-base javascript:x")).expect_exit(2);
    assert!(run.stderr().contains("neither http:// nor https://"), "{run}");
}
