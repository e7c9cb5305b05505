//! People's own templates, and the configuration file.

use insta::assert_snapshot;

use crate::mini::Guide;
use crate::sandbox::Sandbox;

const RUN: &str = "--quiet --outdir team/runbooks --source guide --include Recon:*";
const WRITTEN: &str = "team/runbooks/recon-ec2-portscan.md";

fn sandbox() -> Sandbox {
    Sandbox::new().guide(&Guide::html())
}

#[test]
fn a_template_of_ones_own_gets_vars_from_the_configuration() {
    let template = "# {{ finding_type }} ({{ severity }})\n\nCall {{ vars.on_call.name }}.\n\n\
                    {% for source in data_sources %}\n- {{ source }}\n{% endfor %}\n";
    let configuration = "template = \"ours.md\"\n[vars.on_call]\nname = \"Ada\"\n";
    let expected = "# Recon:EC2/Portscan (Low)\n\nCall Ada.\n\n- VPC flow logs\n";
    // In the folder of the runbooks, or in any folder above it.
    for folder in ["team/runbooks", "team", "."] {
        let sandbox = sandbox()
            .write(&format!("{folder}/guardduty-runbooks.toml"), configuration)
            .write(&format!("{folder}/ours.md"), template);
        sandbox.run(RUN).expect_exit(0);
        assert_eq!(sandbox.read(WRITTEN), expected, "{folder}");
    }
}

#[test]
fn the_nearest_configuration_is_taken_and_a_named_one_before_it() {
    let sandbox = sandbox()
        .write("guardduty-runbooks.toml", "[vars]\nwho = \"far\"\n")
        .write("team/guardduty-runbooks.toml", "[vars]\nwho = \"near\"\n")
        .write("named.toml", "[vars]\nwho = \"named\"\n")
        .write("who.md", "{{ vars.who }}");
    sandbox.run(&format!("{RUN} --template who.md")).expect_exit(0);
    assert_eq!(sandbox.read(WRITTEN), "near\n");
    sandbox.run(&format!("{RUN} --template who.md -o --config named.toml")).expect_exit(0);
    assert_eq!(sandbox.read(WRITTEN), "named\n");
}

#[test]
fn a_template_is_found_before_the_folder_of_the_runbooks_is_there() {
    let sandbox = sandbox().write("ours.md", "{{ severity }}");
    let run = sandbox.run(&format!("{RUN} --template ours.md").replace("--quiet", "--dry-run"));
    run.expect_exit(0);
    assert!(!sandbox.has("team/runbooks"));
}

#[cfg(unix)]
#[test]
fn a_template_is_found_where_the_folder_of_the_runbooks_is_a_link() {
    let sandbox = sandbox().write("ours.md", "{{ severity }}").write("far/away/runbooks/x", "");
    std::os::unix::fs::symlink("far/away", sandbox.path("team")).unwrap();
    sandbox.run(&format!("{RUN} --template ours.md")).expect_exit(0);
    assert_eq!(sandbox.read(WRITTEN), "Low\n");
}

#[test]
fn the_command_line_goes_before_the_configuration() {
    let configuration = "source = \"nowhere\"\ntemplate = \"nowhere.md\"\nattribution = false\n\
                         include = [\"Backdoor:*\"]\nstrict = true\n";
    let sandbox = sandbox().write("team/guardduty-runbooks.toml", configuration);
    let run = sandbox.run(&format!("{RUN} --template classic"));
    // `strict` has no opposite on the command line, and the miniature guide has warnings.
    run.expect_exit(4);
    assert_eq!(sandbox.runbooks("team/runbooks"), ["recon-ec2-portscan.md"]);
    assert!(!sandbox.read(WRITTEN).contains("CC BY-SA"));
}

#[test]
fn paths_of_the_configuration_are_relative_to_it() {
    let sandbox = sandbox().write("guardduty-runbooks.toml", "source = \"guide\"\n");
    sandbox.run("--outdir team/runbooks").expect_exit(0);
    assert_eq!(sandbox.runbooks("team/runbooks").len(), 8);
}

#[test]
fn an_unknown_variable_is_named_with_its_line_and_the_known_ones() {
    let sandbox = sandbox().write("ours.md", "# {{ title }}\n\n{{ resource_typ }}\n");
    assert_snapshot!(sandbox.run(&format!("{RUN} --template ours.md")).expect_exit(2), @"
    exit status: 2
    --- stderr
    error: ../../ours.md:3: the variable `resource_typ` is unknown
    hint: the known variables are: artifact, attribution, aws, classic, data_sources, detection_mechanism, finding_type, guidance, overlays, page, placeholders, protection_plan, remediation_urls, resource, resource_type, severity, severity_documented, severity_text, severity_varies, signals, slug, status, summary, tactics, techniques, threat_family, threat_purpose, title, url, vars
    ");
    assert!(!sandbox.has(WRITTEN));

    sandbox.put("ours.md", "{{ vars.on_call }}\n");
    sandbox.put("team/guardduty-runbooks.toml", "[vars]\noncall = \"Ada\"\n");
    assert_snapshot!(sandbox.run(&format!("{RUN} --template ours.md")).expect_exit(2), @"
    exit status: 2
    --- stderr
    error: ../../ours.md:1: the variable `vars.on_call` is unknown
    hint: set it under [vars] in the configuration file; set there: oncall
    hint: the configuration in force is [FOLDER]/team/guardduty-runbooks.toml
    ");
}

#[test]
fn a_broken_template_is_named_with_its_line() {
    let sandbox = sandbox().write("ours.md", "one\n{% if severity %}\n");
    assert_snapshot!(sandbox.run(&format!("{RUN} --template ours.md")).expect_exit(2), @"
    exit status: 2
    --- stderr
    error: ../../ours.md:2: unexpected end of input, expected end of block
    ");
    assert_snapshot!(sandbox.run(&format!("{RUN} --template none.md")).expect_exit(2), @"
    exit status: 2
    --- stderr
    error: the template cannot be used: cannot read none.md: No such file or directory (os error N)
    hint: --template takes `runbook`, `classic`, or the path of a file
    ");
}

/// Under a limit on its memory, which ends the program where it asks for more.
#[cfg(target_os = "linux")]
#[test]
fn a_template_that_grows_ends_in_an_error_and_not_in_all_memory() {
    let limited = "ulimit -v 524288; exec \"$0\" --quiet --outdir runbooks --source builtin \
                   --template ours.md";
    let run = |template: &str| {
        let sandbox = Sandbox::new().write("ours.md", template);
        let program = sandbox.command(&[]).get_program().to_owned();
        let mut shell = sandbox.command_of("sh", &["-c", limited]);
        let run = sandbox.finish(shell.arg(program)).expect_exit(2);
        assert!(!sandbox.has("runbooks/recon-ec2-portscan.md"));
        run
    };
    assert_snapshot!(run("{% for i in range(99) %}{{ 'long' * 9999 }}{% endfor %}"), @"
    exit status: 2
    --- stderr
    error: ../ours.md: its text for AttackSequence:EC2/CompromisedInstanceGroup is longer than 1024 KiB
    hint: look for a loop that writes too often; no runbook needs that much
    ");
    assert_snapshot!(run("{{ 'x' * 600000000 }}"), @"
    exit status: 2
    --- stderr
    error: ../ours.md:1: the template takes too much work for AttackSequence:EC2/CompromisedInstanceGroup: more than 1048576 instructions, or 64 MiB of text on the way
    hint: look there for a loop that is too long, or a text that grows
    ");
    let doubles = "{% set n = namespace(x='x') %}\n{% for i in range(33) %}{% set n.x = n.x ~ n.x %}\n\
                   {% endfor %}";
    assert_snapshot!(run(doubles), @"
    exit status: 2
    --- stderr
    error: ../ours.md:2: the template takes too much work for AttackSequence:EC2/CompromisedInstanceGroup: more than 1048576 instructions, or 64 MiB of text on the way
    hint: look there for a loop that is too long, or a text that grows
    ");
}

#[test]
fn an_unknown_key_of_the_configuration_is_named_with_its_line() {
    let sandbox = sandbox()
        .write("team/guardduty-runbooks.toml", "# ours\nstrict = false\nseverty = [\"high\"]\n");
    assert_snapshot!(sandbox.run(RUN).expect_exit(2), @r#"
    exit status: 2
    --- stderr
    error: [FOLDER]/team/guardduty-runbooks.toml: TOML parse error at line 3, column 1
      |
    3 | severty = ["high"]
      | ^^^^^^^
    unknown field `severty`, expected one of `source`, `pages`, `cache-dir`, `timeout`, `jobs`, `user-agent`, `template`, `attribution`, `strict`, `severity`, `resource`, `protection-plan`, `tactic`, `technique`, `include`, `exclude`, `vars`
    "#);
    assert!(!sandbox.has("team/runbooks"));

    sandbox.put("team/guardduty-runbooks.toml", "timeout = \"soon\"\n");
    assert_snapshot!(sandbox.run(RUN).expect_exit(2), @r#"
    exit status: 2
    --- stderr
    error: [FOLDER]/team/guardduty-runbooks.toml: TOML parse error at line 1, column 11
      |
    1 | timeout = "soon"
      |           ^^^^^^
    invalid type: string "soon", expected u64
    "#);
    assert_snapshot!(sandbox.run(&format!("{RUN} --config none.toml")).expect_exit(2), @"
    exit status: 2
    --- stderr
    error: cannot read none.toml: No such file or directory (os error N)
    hint: --config takes the path of a configuration file
    ");
}

#[test]
fn a_runbook_stays_on_the_template_that_it_was_written_with() {
    let sandbox = sandbox();
    sandbox.run(&format!("{RUN} --template classic")).expect_exit(0);
    let before = sandbox.tree("team");
    sandbox.run(RUN).expect_exit(0);
    assert_eq!(sandbox.tree("team").changed_since(&before), [""; 0]);
}
