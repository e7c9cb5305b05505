//! What people expect of a program on the command line.

use std::io::Read;
use std::process::Stdio;

use insta::assert_snapshot;

use crate::mini::Guide;
use crate::sandbox::Sandbox;

const RUN: &str = "--outdir runbooks --source guide";

fn sandbox() -> Sandbox {
    Sandbox::new().guide(&Guide::html())
}

#[test]
fn help_names_options_examples_and_exit_statuses() {
    let run = Sandbox::new().run("--help").expect_exit(0);
    let help = run.stdout();
    for word in ["--outdir", "--overwrite", "--source", "Examples:", "Exit status", "list"] {
        assert!(help.contains(word), "{word}: {help}");
    }
    for status in ["0", "1", "2", "3", "4", "130"] {
        let explained = |line: &str| line.split_whitespace().next() == Some(status);
        assert!(help.lines().any(explained), "{status}: {help}");
    }
    assert_eq!(run.stderr(), "");
    for command in ["update", "adopt", "list", "completions", "man"] {
        let help = Sandbox::new().run(&format!("{command} --help")).expect_exit(0).stdout();
        assert!(help.contains(&format!("Usage: guardduty-runbooks {command}")), "{help}");
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    let run = Sandbox::new().run("--version").expect_exit(0);
    assert_eq!(run.stdout(), concat!("guardduty-runbooks ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn wrong_usage_is_told_apart() {
    let sandbox = sandbox();
    assert_snapshot!(sandbox.run("--no-such-option").expect_exit(2), @"
    exit status: 2
    --- stderr
    error: unexpected argument '--no-such-option' found

    Usage: guardduty-runbooks [OPTIONS]
           guardduty-runbooks [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
    assert_snapshot!(sandbox.run("--backup").expect_exit(2), @"
    exit status: 2
    --- stderr
    error: the following required arguments were not provided:
      --overwrite

    Usage: guardduty-runbooks --overwrite --backup

    For more information, try '--help'.
    ");
    assert_snapshot!(sandbox.run("lst").expect_exit(2), @"
    exit status: 2
    --- stderr
    error: unrecognized subcommand 'lst'

      tip: some similar subcommands exist: 'site', 'list'

    Usage: guardduty-runbooks [OPTIONS]
           guardduty-runbooks [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
    sandbox.run("--timeout 0").expect_exit(2);
    sandbox.run("--jobs 9").expect_exit(2);
    sandbox.run("--quiet --verbose").expect_exit(2);
    sandbox.run("list --format yaml").expect_exit(2);
    assert!(sandbox.tree("runbooks").is_empty());
}

#[test]
fn completions_for_every_shell_name_the_options() {
    for (shell, mark) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef guardduty-runbooks"),
        ("fish", "complete -c guardduty-runbooks"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion"),
    ] {
        let run = Sandbox::new().run(&format!("completions {shell}")).expect_exit(0);
        let script = run.stdout();
        assert!(script.contains(mark), "{shell}");
        assert!(script.contains("overwrite") && script.contains("protection-plan"), "{shell}");
        assert_eq!(run.stderr(), "");
    }
}

#[test]
fn a_completion_script_for_bash_is_one_that_bash_reads() {
    let sandbox = Sandbox::new();
    let script = sandbox.run("completions bash").expect_exit(0).stdout();
    sandbox.put("completions.bash", &script);
    let bash =
        std::process::Command::new("bash").arg("-n").arg(sandbox.path("completions.bash")).status();
    // Not every system has bash.
    assert!(bash.map_or(true, |status| status.success()));
}

#[test]
fn the_manual_has_a_page_for_the_program_and_for_each_command() {
    let sandbox = Sandbox::new();
    let page = sandbox.run("man").expect_exit(0).stdout();
    for part in [".TH guardduty-runbooks", ".SH NAME", ".SH OPTIONS", "\\-\\-overwrite", "130"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let list = sandbox.run("man list").expect_exit(0).stdout();
    assert!(list.contains("\\-\\-retired"), "{list}");
    assert_snapshot!(sandbox.run("man lst").expect_exit(2), @r#"
    exit status: 2
    --- stderr
    error: there is no command "lst"
    hint: `guardduty-runbooks --help` lists the commands
    "#);
}

#[test]
fn a_reader_who_goes_away_ends_the_run_quietly() {
    for arguments in [
        &["list", "--source", "builtin", "--format", "json"][..],
        &["completions", "bash"],
        &["man"],
        &["--help"],
    ] {
        let sandbox = Sandbox::new();
        let mut command = sandbox.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{arguments:?}: {said}");
        assert!(!said.contains("pipe") && !said.contains("panic"), "{arguments:?}: {said}");
    }
}

#[test]
fn colour_is_for_terminals_unless_told_otherwise() {
    let coloured = |sandbox: &Sandbox, rest: &str| {
        let run = sandbox.run(&format!("{RUN} {rest}")).expect_exit(0);
        assert!(run.stderr().contains("warning"), "{run}");
        run.stderr().contains('\u{1b}')
    };
    let plain = sandbox();
    assert!(!coloured(&plain, ""));
    assert!(coloured(&plain, "--color always"));
    let forced = sandbox().env("CLICOLOR_FORCE", "1");
    assert!(coloured(&forced, ""));
    assert!(!coloured(&forced, "--color never"));
    assert!(!coloured(&forced.env("NO_COLOR", "1"), ""));
}

#[test]
fn verbose_names_every_file() {
    let run = sandbox().run(&format!("{RUN} --verbose --include Impact:*")).expect_exit(0);
    assert!(run.stderr().contains("wrote impact-s3-lampbroken.md\n"), "{run}");
    assert!(run.stderr().contains("wrote impact-ses-resourcehijacking.md\n"), "{run}");
    assert_eq!(run.stdout(), "", "what is said is no data");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let sandbox = sandbox().write("file", "x");
    let run = sandbox.run("--outdir file/runbooks --source guide --quiet");
    assert_snapshot!(run.expect_exit(4), @"
    exit status: 4
    --- stderr
    error: cannot look at file/runbooks/.guardduty-runbooks: Not a directory (os error N)
    hint: a part of that path is a file, not a folder
    ");
    assert_eq!(sandbox.read("file"), "x");
}
