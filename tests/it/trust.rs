//! Who may name a file that is read: the user, a configuration of the user's own, and nobody else.

use insta::assert_snapshot;

use crate::mini::Guide;
use crate::sandbox::Sandbox;

const PORTSCAN: &str = "team/runbooks/recon-ec2-portscan.md";
const MANIFEST: &str = "team/runbooks/.guardduty-runbooks/manifest.json";
const CONFIG: &str = "team/guardduty-runbooks.toml";
const RUN: &str = "--quiet --outdir team/runbooks --source guide --include Recon:*";
const UPDATE: &str = "update --quiet --outdir team/runbooks --source guide --include Recon:*";
const OUTSIDE: &str = "# {{ finding_type }}: outside\n";

/// A folder with one runbook of the template `runbook`.
fn written() -> Sandbox {
    let sandbox = Sandbox::new().guide(&Guide::html());
    sandbox.run(RUN).expect_exit(0);
    sandbox
}

/// Changes what the manifest says about the template.
fn record(sandbox: &Sandbox, template: &str) {
    let manifest = sandbox.read(MANIFEST);
    let old = r#""template": "runbook""#;
    assert!(manifest.contains(old), "{manifest}");
    sandbox.put(MANIFEST, &manifest.replace(old, &format!(r#""template": "{template}""#)));
}

#[cfg(unix)]
fn link(sandbox: &Sandbox, to: &str, from: &str) {
    std::os::unix::fs::symlink(sandbox.path(to), sandbox.path(from)).expect("it can be made");
}

#[test]
fn a_manifest_cannot_have_a_file_read_into_a_runbook() {
    for template in ["/proc/self/environ", "../../secret", "../.git/config", "@everyone `fixes #1`"]
    {
        let sandbox = written();
        sandbox.put("secret", "TOKEN\n");
        sandbox.put("team/.git/config", "TOKEN\n");
        record(&sandbox, template);
        let before = sandbox.tree("team");
        for run in
            [format!("{UPDATE} --summary summary.md"), format!("{RUN} --overwrite"), RUN.to_owned()]
        {
            let run = sandbox.run(&run).expect_exit(4);
            assert!(run.stderr().contains(&format!("the template {template:?}")), "{run}");
            assert_eq!(sandbox.tree("team").changed_since(&before), [""; 0]);
        }
        let summary = sandbox.read("summary.md");
        assert!(summary.contains("is named by the manifest alone"), "{summary}");
        assert!(!summary.contains(" @everyone") && !summary.contains("TOKEN"), "{summary}");
        sandbox.run("check --quiet --outdir team/runbooks --source guide").expect_exit(1);
    }
}

#[test]
fn a_template_that_only_the_manifest_names_is_told_with_what_to_do() {
    let sandbox = written();
    record(&sandbox, "../../ours.md");
    assert_snapshot!(sandbox.run(UPDATE).expect_exit(4), @r#"
    exit status: 4
    --- stderr
    error: recon-ec2-portscan.md stays as it is: it was written with the template "../../ours.md", which is read only where the configuration or --template names it
    hint: if it is yours, set `template` in the configuration file or give --template; `update --template runbook` changes to another one
    "#);
    sandbox.run(&format!("{UPDATE} --template runbook --dry-run")).expect_exit(0);
    sandbox.put("ours.md", OUTSIDE);
    sandbox.run(&format!("{UPDATE} --template ours.md")).expect_exit(0);
    assert_eq!(sandbox.read(PORTSCAN), "# Recon:EC2/Portscan: outside\n");
}

#[test]
fn a_runbook_that_somebody_deleted_stays_deleted_whatever_its_template() {
    let sandbox = written();
    record(&sandbox, "../../ours.md");
    guardduty_runbooks::fs::remove(&sandbox.path(PORTSCAN)).expect("it can be removed");
    sandbox.run(UPDATE).expect_exit(0);
    sandbox.run(&format!("{UPDATE} --restore")).expect_exit(4);
    assert!(!sandbox.has(PORTSCAN));
}

#[test]
fn a_recorded_template_is_used_where_the_configuration_names_it() {
    let sandbox = Sandbox::new()
        .guide(&Guide::html())
        .write("team/ours.md", "# {{ finding_type }}: first\n")
        .write(CONFIG, "template = \"ours.md\"\n");
    sandbox.run(RUN).expect_exit(0);
    sandbox.put("team/ours.md", "# {{ finding_type }}: second\n");
    sandbox.run(UPDATE).expect_exit(0);
    assert_eq!(sandbox.read(PORTSCAN), "# Recon:EC2/Portscan: second\n");
    // Also where the command line names another one for what is new.
    sandbox.run(&format!("{RUN} --template classic")).expect_exit(0);
    guardduty_runbooks::fs::remove(&sandbox.path(CONFIG)).expect("it can be removed");
    sandbox.run(RUN).expect_exit(4);
}

#[test]
fn a_configuration_that_is_found_names_only_paths_in_its_folder() {
    let sandbox = Sandbox::new().guide(&Guide::html()).write("ours.md", OUTSIDE);
    sandbox.put(CONFIG, "template = \"../ours.md\"\n");
    assert_snapshot!(sandbox.run(RUN).expect_exit(2), @r#"
    exit status: 2
    --- stderr
    error: [FOLDER]/team/guardduty-runbooks.toml: template = "../ours.md" is refused: it is an absolute path, or has `..` in it
    hint: a configuration file that is found names paths in its own folder; if you trust it, name it: --config [FOLDER]/team/guardduty-runbooks.toml
    "#);
    assert!(!sandbox.has("team/runbooks"));
    sandbox.run(&format!("{RUN} --config {CONFIG}")).expect_exit(0);
    assert_eq!(sandbox.read(PORTSCAN), "# Recon:EC2/Portscan: outside\n");

    let run = "--quiet --outdir team/runbooks --include Recon:* -o";
    let absolute = sandbox.path("guide").display().to_string();
    for (key, value) in [
        ("source", "../guide"),
        ("source", &absolute),
        ("source", "a/../../guide"),
        ("cache-dir", "../cache"),
        ("cache-dir", "/tmp"),
        ("template", "/proc/self/environ"),
    ] {
        sandbox.put(CONFIG, &format!("{key} = \"{value}\"\n"));
        let refused = sandbox.run(run).expect_exit(2);
        let said = format!("error: [FOLDER]/{CONFIG}: {key} = ");
        assert!(refused.stderr().starts_with(&said), "{refused}");
    }
    sandbox.put(CONFIG, "source = \"../guide\"\n");
    sandbox.run(&format!("--quiet --outdir team/other --config {CONFIG}")).expect_exit(0);
}

#[cfg(unix)]
#[test]
fn a_configuration_that_is_found_follows_no_link_out_of_its_folder() {
    let sandbox = Sandbox::new().guide(&Guide::html()).write("ours.md", OUTSIDE);
    sandbox.put(CONFIG, "template = \"here.md\"\n");
    link(&sandbox, "ours.md", "team/here.md");
    assert_snapshot!(sandbox.run(RUN).expect_exit(2), @r#"
    exit status: 2
    --- stderr
    error: [FOLDER]/team/guardduty-runbooks.toml: template = "here.md" is refused: it leads to [FOLDER]/ours.md, outside of [FOLDER]/team
    hint: a configuration file that is found names paths in its own folder; if you trust it, name it: --config [FOLDER]/team/guardduty-runbooks.toml
    "#);
    sandbox.run(&format!("{RUN} --config {CONFIG}")).expect_exit(0);

    sandbox.put(CONFIG, "cache-dir = \"link/cache\"\n");
    link(&sandbox, "guide", "team/link");
    sandbox.run(RUN).expect_exit(2);
    assert!(!sandbox.has("guide/cache"));

    // A link within the folder is as good as a file.
    sandbox.put(CONFIG, "template = \"there.md\"\n");
    sandbox.put("team/templates/mine.md", "# {{ finding_type }}: inside\n");
    link(&sandbox, "team/templates/mine.md", "team/there.md");
    sandbox.run(&format!("{UPDATE} --template team/there.md")).expect_exit(0);
    sandbox.run(UPDATE).expect_exit(0);
    assert_eq!(sandbox.read(PORTSCAN), "# Recon:EC2/Portscan: inside\n");
}

#[cfg(unix)]
#[test]
fn the_configuration_itself_is_a_regular_file_of_its_folder() {
    let sandbox = Sandbox::new().guide(&Guide::html()).write("secret", "TOKEN = nonsense\n");
    link(&sandbox, "secret", "guide/../guardduty-runbooks.toml");
    sandbox.put("team/x", "");
    link(&sandbox, "secret", CONFIG);
    let run = sandbox.run(RUN).expect_exit(2);
    assert!(run.stderr().contains("outside of [FOLDER]/team"), "{run}");
    assert!(!run.stderr().contains("TOKEN"), "{run}");
}

#[cfg(unix)]
#[test]
fn overlays_follow_no_link_out_of_their_folder() {
    for (what, config) in
        [("all.md", true), ("all.md", false), ("severity", true), ("", true), ("", false)]
    {
        let sandbox = Sandbox::new().guide(&Guide::html());
        sandbox.put("secret/all.md", "TOKEN\n");
        sandbox.put("secret/severity/low.md", "TOKEN\n");
        let folder = if config { "team" } else { "team/runbooks" };
        sandbox.put(&format!("{folder}/x.txt"), "");
        if config {
            sandbox.put(CONFIG, "");
        }
        let overlays = format!("{folder}/overlays");
        match what {
            "" => link(&sandbox, "secret", &overlays),
            name => {
                sandbox.put(&format!("{overlays}/README.md"), "");
                let to = if name == "severity" { "secret/severity" } else { "secret/all.md" };
                link(&sandbox, to, &format!("{overlays}/{name}"));
            }
        }
        let run = sandbox.run(RUN).expect_exit(2);
        assert!(run.stderr().contains("is not read: it leads to [FOLDER]/secret"), "{run}");
        if config {
            sandbox.run(&format!("{RUN} --config {CONFIG}")).expect_exit(0);
            assert!(sandbox.read(PORTSCAN).contains("TOKEN"));
        }
    }
}

#[cfg(unix)]
#[test]
fn pages_that_a_configuration_names_follow_no_link_out_of_its_folder() {
    let sandbox = Sandbox::new().guide(&Guide::html());
    let page = "guardduty_finding-types-ec2.html";
    for (name, text) in Guide::html().files() {
        sandbox.put(&format!("team/pages/{name}"), text);
    }
    guardduty_runbooks::fs::remove(&sandbox.path(&format!("team/pages/{page}"))).expect("it is");
    link(&sandbox, &format!("guide/{page}"), &format!("team/pages/{page}"));
    sandbox.put(CONFIG, "source = \"pages\"\n");
    let run = sandbox.run("--quiet --outdir team/runbooks").expect_exit(4);
    assert!(run.stderr().contains("a link leads out of its folder"), "{run}");
    assert!(!sandbox.has(PORTSCAN));
    sandbox.run("--quiet --outdir team/runbooks --source team/pages").expect_exit(0);
    assert!(sandbox.has(PORTSCAN));
}

#[test]
fn a_configuration_above_the_repository_is_another_projects() {
    let sandbox = Sandbox::new()
        .guide(&Guide::html())
        .write("guardduty-runbooks.toml", "template = \"classic\"\n")
        .write("team/.git/HEAD", "");
    sandbox.run(RUN).expect_exit(0);
    assert!(sandbox.read(PORTSCAN).contains("threat_purpose"));
    // The folder beside it is not above it.
    sandbox.put("other/guardduty-runbooks.toml", "nonsense");
    sandbox.run("--quiet --outdir other/../team/runbooks --source guide").expect_exit(0);
}

#[test]
fn the_configuration_in_force_is_named() {
    let sandbox = Sandbox::new().guide(&Guide::html()).write(CONFIG, "severity = [\"low\"]\n");
    let run = sandbox.run("--verbose --outdir team/runbooks --source guide").expect_exit(0);
    assert!(
        run.stderr().starts_with(&format!("the configuration in force is [FOLDER]/{CONFIG}\n")),
        "{run}"
    );
    let error = |config: &str, run: &str| {
        sandbox.put(CONFIG, config);
        let run = sandbox.run(run);
        assert!(run.stderr().contains(&format!("[FOLDER]/{CONFIG}")), "{run}");
        run
    };
    let run = "--quiet --outdir team/new --source guide --include Recon:*";
    assert_snapshot!(error("severity = [\"hihg\"]\n", run).expect_exit(2), @r#"
    exit status: 2
    --- stderr
    error: [FOLDER]/team/guardduty-runbooks.toml: "hihg" is not a severity; use critical, high, medium, low or variable
    "#);
    assert_snapshot!(error("template = \"none.md\"\n", run).expect_exit(2), @r#"
    exit status: 2
    --- stderr
    error: the template cannot be used: cannot read [FOLDER]/team/none.md: No such file or directory (os error N)
    hint: [FOLDER]/team/guardduty-runbooks.toml names it: template = "none.md"
    "#);
    assert_snapshot!(error("source = \"none\"\n", "-q --outdir team/new").expect_exit(3), @"
    exit status: 3
    --- stderr
    error: [FOLDER]/team/none: no guardduty_finding-types-active.html or guardduty_finding-types-active.md there, in guardduty/latest/ug/ or in doc_source/
    hint: give the folder that holds the guide's pages, or `--source builtin` to do without them
    hint: the configuration in force is [FOLDER]/team/guardduty-runbooks.toml
    ");
    sandbox.put("team/ours.md", "{{ vars.who }}");
    assert_snapshot!(error("template = \"ours.md\"\n", run).expect_exit(2), @"
    exit status: 2
    --- stderr
    error: ../ours.md:1: the variable `vars.who` is unknown
    hint: set it under [vars] in the configuration file; set there: nothing
    hint: the configuration in force is [FOLDER]/team/guardduty-runbooks.toml
    ");
    error("template = \"ours.md\"\n", "show --outdir team/new recon portscan").expect_exit(2);
}

/// Only root may give files away, so that elsewhere this shows nothing.
#[cfg(unix)]
#[test]
fn what_somebody_else_owns_is_not_obeyed() {
    use std::os::unix::fs::{MetadataExt as _, chown};
    let sandbox = Sandbox::new().guide(&Guide::html()).write(CONFIG, "attribution = false\n");
    let user = sandbox.path("team").metadata().expect("it is there").uid();
    let nobody = user + 1;
    let give = |path: &str, to: u32| chown(sandbox.path(path), Some(to), None);
    if give(CONFIG, nobody).is_err() {
        eprintln!("SKIPPED: only root can give files away, which this test needs");
        return;
    }
    assert_snapshot!(sandbox.run(RUN).expect_exit(2), @"
    exit status: 2
    --- stderr
    error: [FOLDER]/team/guardduty-runbooks.toml is not obeyed: it belongs to another user
    hint: if you trust it, name a configuration file in that folder: --config [FOLDER]/team/guardduty-runbooks.toml
    ");
    sandbox.run(&format!("{RUN} --config {CONFIG}")).expect_exit(0);
    give(CONFIG, user).expect("root may");
    sandbox.run(RUN).expect_exit(0);
    // Whoever owns the folder can put another file in its place.
    give("team", nobody).expect("root may");
    sandbox.run("--quiet --outdir team --source guide --include Recon:*").expect_exit(2);
    // From here the search does not go on into that folder.
    sandbox.put(CONFIG, "nonsense");
    sandbox.run(RUN).expect_exit(0);

    let sudo = sandbox.env("SUDO_UID", &nobody.to_string());
    sudo.put(CONFIG, "attribution = false\n");
    sudo.run("--quiet --outdir team --source guide --include Recon:*").expect_exit(0);
}

#[cfg(unix)]
#[test]
fn overlays_that_somebody_else_owns_are_not_obeyed() {
    use std::os::unix::fs::{MetadataExt as _, chown};
    let sandbox =
        Sandbox::new().guide(&Guide::html()).write("team/runbooks/overlays/all.md", "x\n");
    let user = sandbox.path("team").metadata().expect("it is there").uid();
    if chown(sandbox.path("team/runbooks/overlays"), Some(user + 1), None).is_err() {
        eprintln!("SKIPPED: only root can give files away, which this test needs");
        return;
    }
    let run = sandbox.run(RUN).expect_exit(2);
    assert!(run.stderr().contains("overlays is not obeyed"), "{run}");
}

#[test]
fn reviews_see_the_state_folder_also_where_it_is_older() {
    const ATTRIBUTES: &str = "team/runbooks/.guardduty-runbooks/.gitattributes";
    let sandbox = written();
    assert_eq!(sandbox.read(ATTRIBUTES), "* -text\n");
    sandbox.put(ATTRIBUTES, "* -text linguist-generated\n");
    sandbox.run(&format!("{UPDATE} --dry-run")).expect_exit(0);
    assert_eq!(sandbox.read(ATTRIBUTES), "* -text linguist-generated\n");
    sandbox.run(UPDATE).expect_exit(0);
    assert_eq!(sandbox.read(ATTRIBUTES), "* -text\n");
    sandbox.put(ATTRIBUTES, "* -text linguist-generated\n*.md diff=ours\n");
    sandbox.run(UPDATE).expect_exit(0);
    assert!(sandbox.read(ATTRIBUTES).contains("ours"), "what a person wrote there stays");
}
