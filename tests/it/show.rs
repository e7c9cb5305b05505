//! `show`: one runbook in the terminal.

use std::io::Read;
use std::process::{Command, Stdio};

use guardduty_runbooks::fs;
use insta::assert_snapshot;

use crate::fill::port_probe;
use crate::sandbox::Sandbox;

const DNS: &str = "cryptocurrency-ec2-bitcointool-b-dns";

/// A folder with one runbook, written from the built-in catalogue and edited.
fn edited() -> Sandbox {
    let sandbox = Sandbox::new();
    let write = "--outdir runbooks --source builtin --quiet --include CryptoCurrency:EC2/*";
    sandbox.run(write).expect_exit(0);
    let file = format!("runbooks/{DNS}.md");
    let text = sandbox.read(&file);
    sandbox.put(&file, &text.replacen("## Triage", "## Our way\n\nCall *Ada*.\n\n## Triage", 1));
    sandbox
}

#[test]
fn the_folders_own_runbook_goes_before_the_built_in_one() {
    let sandbox = edited();
    let own = sandbox.run("show --outdir runbooks ec2 bitcoin dns").expect_exit(0);
    assert_eq!(own.stdout(), sandbox.read(&format!("runbooks/{DNS}.md")), "as it is in the file");
    assert_snapshot!(own.stderr(), @"CryptoCurrency:EC2/BitcoinTool.B!DNS: runbooks/cryptocurrency-ec2-bitcointool-b-dns.md");
    let other = sandbox.run("show --outdir runbooks recon-ec2-portscan.md").expect_exit(0);
    assert!(other.stdout().contains("\n# Recon:EC2/Portscan\n"), "{other}");
    assert_snapshot!(other.stderr(), @"Recon:EC2/Portscan: the built-in runbook, without AWS's text; there is no runbooks/recon-ec2-portscan.md");
}

/// Everything that reads runbooks finds one under a name of the team's own, and the team's words.
#[test]
fn a_renamed_runbook_is_the_one_of_its_type_for_every_command() {
    let sandbox = Sandbox::new().write("finding.json", &port_probe().to_string());
    let probe = "recon-ec2-portprobeunprotectedport";
    sandbox
        .run("--outdir runbooks --source builtin --quiet --include Recon:EC2/PortProbeUn*")
        .expect_exit(0);
    let usual = format!("runbooks/{probe}.md");
    let text =
        sandbox.read(&usual).replacen("## Triage", "## Our way\n\nCall Ada.\n\n## Triage", 1);
    sandbox.put("runbooks/port-probes.md", &text);
    fs::remove(&sandbox.path(&usual)).unwrap();

    let show = sandbox.run("show --outdir runbooks PortProbeUnprotectedPort").expect_exit(0);
    assert_eq!(show.stdout(), text);
    assert_snapshot!(show.stderr(), @"Recon:EC2/PortProbeUnprotectedPort: runbooks/port-probes.md");
    let fill = sandbox.run("fill --outdir runbooks --format json finding.json").expect_exit(0);
    let case: serde_json::Value = serde_json::from_str(&fill.stdout()).unwrap();
    assert_eq!(case["runbook"]["is_own"], true);
    assert_eq!(case["runbook"]["file"], "port-probes.md");
    assert!(case["markdown"].as_str().unwrap().contains("Call Ada."), "{fill}");
    let summary = sandbox.run("fill --outdir runbooks --summary --format json finding.json");
    let summary: serde_json::Value =
        serde_json::from_str(&summary.expect_exit(0).stdout()).unwrap();
    let rows = ["types", "samples"].map(|rows| summary[rows].as_array().unwrap().clone()).concat();
    assert_eq!(rows[0]["runbook"], "edited", "{summary}");
    sandbox.run("site --outdir runbooks --quiet").expect_exit(0);
    assert!(sandbox.read(&format!("site/{probe}.html")).contains("Call Ada."));
}

#[test]
fn sections_are_known_by_how_their_headings_begin() {
    let sandbox = edited();
    let show = format!("show --outdir runbooks --quiet {DNS}");
    assert_snapshot!(sandbox.run(&format!("{show} --section OUR")).expect_exit(0), @"
    exit status: 0
    --- stdout
    ## Our way

    Call *Ada*.
    ");
    assert_snapshot!(sandbox.run(&format!("{show} --section our --format terminal")).expect_exit(0), @"
    exit status: 0
    --- stdout
    Our way
    ───────
    Call Ada.
    ");
    let two =
        sandbox.run(&format!("{show} --section triage,first --section our-way")).expect_exit(0);
    let headings: Vec<String> =
        two.stdout().lines().filter(|line| line.starts_with("## ")).map(str::to_owned).collect();
    assert_eq!(headings, ["## First move", "## Our way", "## Triage"]);
    assert_snapshot!(sandbox.run(&format!("{show} --section contian")).expect_exit(2), @r#"
    exit status: 2
    --- stderr
    error: the runbook has no section "contian"
    hint: its sections are: First move, What AWS says, Our way, Triage, Investigate, Contain, Eradicate and recover, False positives and suppression, Escalate, Close, Without Athena, Placeholders, AWS remediation steps
    "#);
}

#[test]
fn a_name_that_may_mean_several_lists_them() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.run("show bitcoin,lambda").expect_exit(0).stderr(), @"CryptoCurrency:Lambda/BitcoinTool.B: the built-in runbook, without AWS's text; there is no cryptocurrency-lambda-bitcointool-b.md");
    assert_snapshot!(sandbox.run("show bitcoin").expect_exit(2), @r#"
    exit status: 2
    --- stderr
    error: "bitcoin" may mean 8 finding types:
      CryptoCurrency:EC2/BitcoinTool.B
      CryptoCurrency:Lambda/BitcoinTool.B
      CryptoCurrency:EC2/BitcoinTool.B!DNS
      CryptoCurrency:Runtime/BitcoinTool.B
      CryptoCurrency:Runtime/BitcoinTool.B!DNS
      Impact:EC2/BitcoinDomainRequest.Reputation
      Impact:Runtime/BitcoinDomainRequest.Reputation
      CryptoCurrency:EC2/BitcoinTool.A (retired)
    hint: add a word, such as the resource, or give the whole name
    "#);
}

#[test]
fn a_name_that_is_misspelt_offers_others() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.run("show CryptoCurency:EC2/BitcionTool.B!DNS").expect_exit(2), @r#"
    exit status: 2
    --- stderr
    error: no finding type is called "CryptoCurency:EC2/BitcionTool.B!DNS"
    hint: did you mean CryptoCurrency:EC2/BitcoinTool.B!DNS, or CryptoCurrency:EC2/BitcoinTool.B, or CryptoCurrency:Runtime/BitcoinTool.B!DNS?
    hint: `guardduty-runbooks list` names them all
    "#);
    assert_snapshot!(sandbox.run("show qwertz").expect_exit(2), @r#"
    exit status: 2
    --- stderr
    error: no finding type is called "qwertz"
    hint: `guardduty-runbooks list` names them all
    "#);
    assert_snapshot!(sandbox.run("diff --edits Recon:EC2/Prtscan --outdir runbooks").expect_exit(2), @r#"
    exit status: 2
    --- stderr
    error: "Recon:EC2/Prtscan" is no finding type that this run is about
    hint: `guardduty-runbooks list` names them; a file name without .md will do as well
    "#);
    assert_snapshot!(sandbox.run("check --source builtin Recon:EC2/Prtscan").expect_exit(2), @r#"
    exit status: 2
    --- stderr
    error: "Recon:EC2/Prtscan" is no finding type that this run is about
    hint: did you mean Recon:EC2/Portscan, or Recon:EC2/PortProbeEMRUnprotectedPort, or Recon:EC2/PortProbeUnprotectedPort?
    hint: `guardduty-runbooks list` names them; a file name without .md will do as well
    "#);
}

#[test]
fn a_retired_type_says_so() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.run("show CryptoCurrency:EC2/BitcoinTool.A").expect_exit(2), @"
    exit status: 2
    --- stderr
    error: AWS has retired CryptoCurrency:EC2/BitcoinTool.A: GuardDuty generates no new findings of it, and the folder has no runbook of it
    hint: of the same name there are now: CryptoCurrency:EC2/BitcoinTool.B, CryptoCurrency:EC2/BitcoinTool.B!DNS
    hint: AWS documents it at https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-retired.html#crypto1
    ");
    let file = "cryptocurrency-ec2-bitcointool-a.md";
    let sandbox = sandbox.write(file, "# CryptoCurrency:EC2/BitcoinTool.A\n");
    assert_snapshot!(sandbox.run("show CryptoCurrency:EC2/BitcoinTool.A").expect_exit(0), @"
    exit status: 0
    --- stdout
    # CryptoCurrency:EC2/BitcoinTool.A
    --- stderr
    warning: AWS has retired CryptoCurrency:EC2/BitcoinTool.A: GuardDuty generates no new findings of it
    CryptoCurrency:EC2/BitcoinTool.A: cryptocurrency-ec2-bitcointool-a.md
    ");
    assert_snapshot!(sandbox.run("show tor ip caller ec2 --url").expect_exit(0), @"
    exit status: 0
    --- stdout
    https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-retired.html#unauthorizedaccess-ec2-toripcaller
    ");
}

#[test]
fn address_and_path_come_alone() {
    let sandbox = edited();
    assert_snapshot!(sandbox.run(&format!("show --outdir runbooks {DNS} --url")).expect_exit(0), @"
    exit status: 0
    --- stdout
    https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-ec2.html#cryptocurrency-ec2-bitcointoolbdns
    ");
    assert_snapshot!(sandbox.run(&format!("show --outdir runbooks {DNS} --path")).expect_exit(0), @"
    exit status: 0
    --- stdout
    runbooks/cryptocurrency-ec2-bitcointool-b-dns.md
    ");
    assert_snapshot!(sandbox.run("show --outdir runbooks recon-ec2-portscan --path").expect_exit(2), @"
    exit status: 2
    --- stderr
    error: there is no runbook of Recon:EC2/Portscan in runbooks
    hint: --outdir names the folder; `guardduty-runbooks --outdir runbooks --include 'Recon:EC2/Portscan'` writes the runbook
    ");
    sandbox.run("show x --url --path").expect_exit(2);
    sandbox.run("show").expect_exit(2);
}

#[test]
fn a_type_that_only_the_folder_knows_is_shown() {
    let text = "---\nfinding_type: \"Brand:New/Thing\"\n---\n\n# Brand:New/Thing\n\nx\n";
    let sandbox = Sandbox::new().write("brand-new-thing.md", text).write("notes.md", "# Notes\n");
    for name in ["Brand:New/Thing", "brand-new-thing", "./brand-new-thing.md"] {
        assert_eq!(sandbox.run_with(&["show", name]).expect_exit(0).stdout(), text);
    }
    sandbox.run("show notes").expect_exit(2);
    // By words, from what the manifest records.
    let manifest = r#"{"format": 1, "runbooks": {"brand-new-thing": {"finding_type": "Brand:New/Thing",
        "template": "runbook", "origin": "aws", "status": "active"}}}"#;
    sandbox.put(".guardduty-runbooks/manifest.json", manifest);
    assert_eq!(sandbox.run("show thing brand").expect_exit(0).stdout(), text);
    sandbox.put(".guardduty-runbooks/manifest.json", "{ broken");
    sandbox.run("show brand-new-thing").expect_exit(0);
    sandbox.run("show recon-ec2-portscan").expect_exit(0);
}

#[test]
fn a_file_in_any_state_is_no_reason_to_show_nothing() {
    let sandbox = Sandbox::new().write("elsewhere.md", "# Elsewhere\n");
    let file = sandbox.path("recon-ec2-portscan.md");
    let show =
        |rest: &str| sandbox.run(&format!("show recon-ec2-portscan --section triage {rest}"));

    fs::make_folders(&file).unwrap();
    assert!(
        show("")
            .expect_exit(0)
            .stderr()
            .contains("portscan.md cannot be read: it is not a regular file")
    );
    std::fs::remove_dir(&file).unwrap();

    fs::write(&file, b"# Recon\r\n\r\n## Triage\r\n\r\nA\xff\x1b[31mB\r\n").unwrap();
    let run = show("--format terminal").expect_exit(0);
    assert_snapshot!(run, @"
    exit status: 0
    --- stdout
    Triage
    ──────
    A��[31mB
    --- stderr
    warning: recon-ec2-portscan.md is not UTF-8 throughout; what cannot be read is shown as �
    Recon:EC2/Portscan: recon-ec2-portscan.md
    ");
    let whole = sandbox.command(&["show", "recon-ec2-portscan"]).output().unwrap();
    assert_eq!(whole.stdout, fs::read(&file).unwrap(), "to the byte");
}

#[cfg(unix)]
#[test]
fn links_are_told_and_not_followed() {
    const FILE: &str = "recon-ec2-portprobeunprotectedport.md";
    for target in ["elsewhere.md", "nowhere.md"] {
        let sandbox = Sandbox::new()
            .write("elsewhere.md", "# Elsewhere\n")
            .write("finding.json", &port_probe().to_string());
        std::os::unix::fs::symlink(target, sandbox.path(FILE)).unwrap();
        for command in [&format!("show {FILE}"), "fill finding.json"] {
            let run = sandbox.run(command).expect_exit(0);
            let told = format!(
                "warning: {FILE} cannot be read: it is a symbolic link, which is not followed; the \
                 built-in runbook takes its place"
            );
            assert!(run.stderr().contains(&told), "{run}");
            assert!(run.stdout().contains("# Recon:EC2/PortProbeUnprotectedPort"), "{run}");
            assert!(!run.stdout().contains("Elsewhere"), "{run}");
        }
        sandbox.put("recon-ec2-portscan.md", "# Recon:EC2/Portscan\n");
        let run = sandbox.run("site --output site").expect_exit(0);
        let told = format!("{FILE} cannot be read: it is a symbolic link, which is not followed");
        assert!(run.stderr().contains(&told), "{run}");
    }
}

#[test]
fn the_own_steps_of_a_folder_are_in_the_built_in_runbook() {
    let sandbox = Sandbox::new()
        .write("guardduty-runbooks.toml", "[vars]\npager = \"555 0100\"\n")
        .write("overlays/all.md", "Write to the channel first.\n");
    let shown = sandbox.run("show recon-ec2-portscan").expect_exit(0).stdout();
    assert!(shown.contains("555 0100") && shown.contains("Write to the channel first."), "{shown}");
    let classic = sandbox.run("show recon-ec2-portscan --template classic").expect_exit(0).stdout();
    assert!(classic.starts_with("Recon:EC2/Portscan\n---"), "{classic}");
    assert!(sandbox.tree(".").changed_since(&sandbox.tree(".")).is_empty());
    assert!(!sandbox.has(".guardduty-runbooks"), "nothing is written");
}

#[test]
fn lines_are_as_wide_as_columns_says_and_coloured_if_asked_for() {
    let sandbox = edited().env("COLUMNS", "50");
    let show = format!("show --outdir runbooks {DNS} --section our,placeholders --format terminal");
    let plain = sandbox.run(&show).expect_exit(0).stdout();
    assert!(!plain.contains('\u{1b}'), "{plain}");
    for line in plain.lines().filter(|line| line.chars().count() > 50) {
        assert!(!line.trim().contains(' '), "only one long word may be wider: {line:?}");
    }
    let coloured = sandbox.run(&format!("{show} --color always")).expect_exit(0).stdout();
    assert!(coloured.contains("\u{1b}[3mAda\u{1b}[0m"), "{coloured}");
    let wide = edited().env("COLUMNS", "0").run(&show).expect_exit(0).stdout();
    assert!(wide.lines().any(|line| line.chars().count() > 60), "{wide}");
}

#[test]
fn a_reader_who_goes_away_ends_it_quietly() {
    let sandbox = Sandbox::new();
    for format in ["terminal", "markdown"] {
        let mut command = sandbox.command(&["show", DNS, "--format", format, "--quiet"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""), "{format}");
    }
}

/// Runs `show` on a terminal of its own, which util-linux's `script` makes; none, said loudly, where
/// there is no such program.
#[cfg(target_os = "linux")]
fn on_a_terminal(sandbox: &Sandbox, arguments: &str) -> Option<String> {
    let program = env!("CARGO_BIN_EXE_guardduty-runbooks");
    let mut show = sandbox.command(&[]);
    let variables: Vec<_> =
        show.get_envs().map(|(name, value)| (name.to_owned(), value.unwrap().to_owned())).collect();
    let folder = show.current_dir(sandbox.path(".")).get_current_dir().unwrap().to_owned();
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command", &format!("{program} {arguments}"), "/dev/null"])
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("TERM", "xterm")
        .envs(variables)
        .stdin(Stdio::null())
        .output();
    let Ok(output) = output else {
        let note = "\nSKIPPED: a test on a terminal; it needs the program `script`\n";
        std::io::Write::write_all(&mut std::io::stderr(), note.as_bytes()).unwrap();
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    Some(text)
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_it_goes_through_the_pager() {
    // An interruption while a pager is open is for the pager.
    let stub = "#!/bin/sh\nkill -INT $PPID\nprintf 'pager %s, LESS=%s\\n' \"$*\" \"$LESS\"\n\
                cat > paged\n";
    let sandbox = edited().write("pager", stub);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(sandbox.path("pager"), mode).unwrap();
    let pager = sandbox.path("pager").display().to_string();
    let show = format!("show --outdir runbooks {DNS} --section our");

    let paging = sandbox.env("PAGER", &format!("{pager} --flag"));
    let Some(shown) = on_a_terminal(&paging, &show) else { return };
    assert!(shown.contains("pager --flag, LESS=FRX"), "{shown}");
    assert!(shown.contains(&format!("{DNS}.md")), "which file it is: {shown}");
    assert!(
        paging.read("paged").contains("Call \u{1b}[3mAda\u{1b}[0m."),
        "{}",
        paging.read("paged")
    );

    on_a_terminal(&paging, &format!("{show} --color never"));
    assert_eq!(paging.read("paged"), "Our way\n───────\nCall Ada.\n");
    on_a_terminal(&paging, &format!("{show} --format markdown"));
    assert_eq!(paging.read("paged"), "## Our way\n\nCall *Ada*.\n");

    for none in ["", "/no/such/pager"] {
        let shown = on_a_terminal(&edited().env("PAGER", none), &show).unwrap();
        assert!(shown.contains("Call \u{1b}[3mAda\u{1b}[0m."), "{shown}");
    }
}
