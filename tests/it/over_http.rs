//! The program against servers on this machine, and without any.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use guardduty_runbooks::catalogue::builtin;
use insta::assert_snapshot;

use crate::mini::{Guide, INDEX, RUNBOOKS};
use crate::sandbox::{Run, Sandbox, outside_guidance};
use crate::site::server::{Reply, Request, Server};

/// Where a site like AWS's has the guide.
pub(crate) const PATH: &str = "/guardduty/latest/ug/";

/// Serves guides where AWS's site has its own: each page from the first guide that has it.
fn serve(guides: &[Guide]) -> Server {
    let guides = guides.to_vec();
    Server::start(move |request| reply(&guides, request))
}

/// Serves the miniature guide, of which one page fails for ever.
fn serve_without(file: &str) -> Server {
    let (guides, broken) = ([Guide::html()], format!("{PATH}{file}"));
    Server::start(move |request| {
        if request.target == broken {
            Reply::new("500 Internal Server Error", &[], b"")
        } else {
            reply(&guides, request)
        }
    })
}

/// A page with a tag that changes with its text.
pub(crate) fn reply(guides: &[Guide], request: &Request) -> Reply {
    let file = request.target.strip_prefix(PATH).unwrap_or_default();
    let Some(text) = guides.iter().find_map(|guide| guide.page(file)) else {
        return Reply::new("404 Not Found", &[("Content-Type", "text/html")], b"<p>no such page");
    };
    let tag = tag(text);
    if request.header("If-None-Match") == Some(&tag) {
        return Reply::new("304 Not Modified", &[("ETag", &tag)], b"");
    }
    let headers = [("Content-Type", "text/html; charset=utf-8"), ("ETag", &tag)];
    Reply::new("200 OK", &headers, text.as_bytes())
}

pub(crate) fn tag(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("\"{:x}\"", hasher.finish())
}

fn root(server: &Server) -> String {
    format!("http://{}", server.address())
}

fn run(sandbox: &Sandbox, source: &str, rest: &str) -> Run {
    sandbox.run(&format!("--outdir runbooks --source {source} {rest}"))
}

/// The files that the server was asked for, in the order of their names.
fn asked(server: &Server) -> Vec<String> {
    let target = |request: &Request| request.target.strip_prefix(PATH).map(str::to_owned);
    let mut files: Vec<String> = server.requests().iter().filter_map(target).collect();
    files.sort_unstable();
    files
}

#[test]
fn every_page_is_asked_for_once_and_the_second_run_gets_no_page_again() {
    let guide = Guide::html();
    let server = serve(std::slice::from_ref(&guide));
    let sandbox = Sandbox::new();
    run(&sandbox, &root(&server), "").expect_exit(0);
    assert_eq!(sandbox.runbooks("runbooks"), RUNBOOKS);

    let known = builtin::known_pages();
    let mut expected: BTreeSet<String> = known.iter().map(|page| format!("{page}.html")).collect();
    expected.extend(guide.files().map(|(file, _)| file));
    let first = asked(&server);
    assert_eq!(first, expected.into_iter().collect::<Vec<_>>());
    assert_eq!(first.len(), server.requests().len(), "and for nothing else");

    let before = sandbox.tree("runbooks");
    let said = run(&sandbox, &root(&server), "--verbose").expect_exit(0).stderr();
    assert_eq!(sandbox.tree("runbooks").changed_since(&before), [""; 0]);
    let second = &server.requests()[first.len()..];
    assert_eq!(second.len(), first.len());
    for request in second {
        let file = request.target.strip_prefix(PATH).unwrap();
        let expected = guide.page(file).map(tag);
        assert_eq!(request.header("If-None-Match"), expected.as_deref(), "{file}");
    }
    assert!(said.contains(&format!("{} pages unchanged", guide.files().count())), "{said}");
}

#[test]
fn a_refresh_asks_for_the_pages_themselves() {
    let server = serve(&[Guide::html()]);
    let sandbox = Sandbox::new();
    run(&sandbox, &root(&server), "--cache-dir kept").expect_exit(0);
    assert!(sandbox.has("kept"));
    run(&sandbox, &root(&server), "--cache-dir kept --refresh").expect_exit(0);
    assert!(server.requests().iter().all(|request| request.header("If-None-Match").is_none()));
}

#[test]
fn a_site_root_a_guide_folder_and_a_page_lead_to_the_same_guide() {
    let server = serve(&[Guide::html()]);
    for place in ["", "/", "/guardduty/latest/ug", PATH, &format!("{PATH}{INDEX}.html#x")] {
        let sandbox = Sandbox::new();
        run(&sandbox, &format!("{}{place}", root(&server)), "").expect_exit(0);
        assert_eq!(sandbox.runbooks("runbooks"), RUNBOOKS, "{place}");
    }
    assert!(server.requests().iter().all(|request| request.target.starts_with(PATH)));
}

#[test]
fn a_guide_that_lies_elsewhere_on_a_site_is_found() {
    let guide = Guide::html();
    let server = Server::start(move |request| match request.target.strip_prefix("/mirror/") {
        Some(file) => guide.page(file).map_or_else(missing, Reply::page),
        None => missing(),
    });
    let sandbox = Sandbox::new();
    run(&sandbox, &format!("{}/mirror/", root(&server)), "").expect_exit(0);
    assert_eq!(sandbox.runbooks("runbooks"), RUNBOOKS);
    let text = sandbox.read("runbooks/recon-ec2-portscan.md");
    assert!(text.contains("(https://docs.aws.amazon.com/") && !text.contains("127.0.0.1"));
}

fn missing() -> Reply {
    Reply::new("404 Not Found", &[("Content-Type", "text/html")], b"<p>no such page")
}

#[test]
fn a_page_that_fails_for_ever_costs_its_own_runbooks_only() {
    let server = serve_without("guardduty_finding-types-ec2.html");
    let sandbox = Sandbox::new();
    let broken_run = run(&sandbox, &root(&server), "--timeout 3 --quiet").expect_exit(4);
    assert_snapshot!(broken_run, @"
    exit status: 4
    --- stderr
    error: guardduty_finding-types-ec2: AWS's text is missing: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-ec2.html could not be read: it answered 500 Internal Server Error (4 attempts)
    ");
    assert_eq!(sandbox.runbooks("runbooks").len(), 5);

    let whole = serve(&[Guide::html()]);
    let later = run(&sandbox, &root(&whole), "").expect_exit(0).stderr();
    assert!(later.contains("3 new, 0 updated"), "{later}");
    assert_eq!(sandbox.runbooks("runbooks"), RUNBOOKS);
}

#[test]
fn a_linked_page_that_fails_for_ever_costs_its_steps_only() {
    let server = serve_without("compromised-ec2.html");
    let sandbox = Sandbox::new();
    let run = run(&sandbox, &root(&server), "--timeout 3").expect_exit(4);
    assert!(
        run.stderr().contains("compromised-ec2.html could not be read: it answered 500"),
        "{run}"
    );
    assert_eq!(sandbox.runbooks("runbooks"), RUNBOOKS);
}

#[test]
fn an_index_that_fails_for_ever_stops_the_run() {
    let server = serve_without(&format!("{INDEX}.html"));
    let sandbox = Sandbox::new();
    assert_snapshot!(run(&sandbox, &root(&server), "--timeout 3").expect_exit(3), @"
    exit status: 3
    --- stderr
    error: the list of finding types could not be read: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-active.html could not be read: it answered 500 Internal Server Error (4 attempts)
    hint: try again later, or name a folder or a mirror with --source
    0 new, 0 updated, 0 merged, 0 kept, 0 in conflict, 0 retired, 0 failed (nothing was written)
    ");
    assert!(!sandbox.has("runbooks"));
}

#[test]
fn a_bot_wall_stops_the_run_with_advice() {
    let server =
        Server::always(Reply::new("405 Not Allowed", &[("Content-Type", "text/html")], b"x"));
    let sandbox = Sandbox::new();
    assert_snapshot!(run(&sandbox, &root(&server), "").expect_exit(3), @"
    exit status: 3
    --- stderr
    error: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-active.html cannot be reached: it answered 405 Method Not Allowed, as AWS's bot protection does
    hint: run again later or from another network, set --user-agent, or read a folder or a mirror with --source
    0 new, 0 updated, 0 merged, 0 kept, 0 in conflict, 0 retired, 0 failed (nothing was written)
    ");
    assert!(!sandbox.has("runbooks"));
}

#[test]
fn markdown_pages_are_asked_for_if_wanted() {
    let server = serve(&[Guide::markdown(), Guide::html()]);
    let sandbox = Sandbox::new();
    run(&sandbox, &root(&server), "--pages markdown").expect_exit(0);
    assert!(server.requests().iter().all(|request| request.target.strip_suffix(".md").is_some()));
    assert_eq!(sandbox.runbooks("runbooks"), RUNBOOKS);
}

#[test]
fn markdown_pages_are_tried_where_the_index_has_no_table() {
    let login = Guide::html().edit(INDEX, "<table", "<p>Sign in</p><div").edit(INDEX, "<tr>", "");
    let server = serve(&[login.clone(), Guide::markdown()]);
    let sandbox = Sandbox::new();
    let run_said = run(&sandbox, &root(&server), "").expect_exit(0).stderr();
    assert_snapshot!(run_said.lines().next().unwrap(), @"warning: the page guardduty_finding-types-active has no table of finding types; trying the site's Markdown pages");
    assert_eq!(sandbox.runbooks("runbooks"), RUNBOOKS);

    let neither = serve(&[login]);
    assert_snapshot!(run(&Sandbox::new(), &root(&neither), "").expect_exit(3), @"
    exit status: 3
    --- stderr
    warning: the page guardduty_finding-types-active has no table of finding types; trying the site's Markdown pages
    error: the page guardduty_finding-types-active has no table of finding types
    hint: the page may be a login page, a translation, or of a layout that this version does not know; try --pages markdown, or another --source
    0 new, 0 updated, 0 merged, 0 kept, 0 in conflict, 0 retired, 0 failed (nothing was written)
    ");
}

#[cfg(unix)]
#[test]
fn a_run_that_is_interrupted_ends_at_once_and_has_written_nothing() {
    let server = Server::always(Reply::nothing().pause(Duration::from_secs(5)));
    let sandbox = Sandbox::new();
    let source = root(&server);
    let mut command = sandbox.command(&["--outdir", "runbooks", "--source", &source]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    while server.requests().is_empty() {
        assert_eq!(child.try_wait().unwrap(), None, "it ended before it asked for a page");
        thread::sleep(Duration::from_millis(5));
    }
    let interrupted = Instant::now();
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.unwrap().success());
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130));
    assert!(interrupted.elapsed() < Duration::from_secs(2));
    assert!(!sandbox.has("runbooks"));
}

/// The address of a server that is not there.
fn nobody() -> String {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    format!("http://{free}")
}

#[test]
fn without_a_server_nothing_is_written() {
    let sandbox = Sandbox::new();
    assert_snapshot!(run(&sandbox, &nobody(), "").expect_exit(3), @"
    exit status: 3
    --- stderr
    error: http://[SERVER]/guardduty/latest/ug/guardduty_finding-types-active.html cannot be reached: connection refused (2 attempts)
    hint: check the network and the proxy variables (HTTPS_PROXY, NO_PROXY), or read a folder or a mirror with --source
    0 new, 0 updated, 0 merged, 0 kept, 0 in conflict, 0 retired, 0 failed (nothing was written)
    ");
    assert!(!sandbox.has("runbooks"));
}

#[test]
fn site_and_overwrite_never_fall_back() {
    let sandbox = Sandbox::new().write("runbooks/recon-ec2-portscan.md", "ours\n");
    let before = sandbox.tree("runbooks");
    assert_snapshot!(run(&sandbox, "site", "").expect_exit(3), @"
    exit status: 3
    --- stderr
    error: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-active.html cannot be reached: the proxy did not let the connection through (Connection refused (os error N)) (2 attempts)
    hint: check the network and the proxy variables (HTTPS_PROXY, NO_PROXY), or read a folder or a mirror with --source
    hint: `--source builtin` works without network, a folder of saved pages as well
    0 new, 0 updated, 0 merged, 0 kept, 0 in conflict, 0 retired, 0 failed (nothing was written)
    ");
    assert_snapshot!(run(&sandbox, "auto", "--overwrite").expect_exit(3), @"
    exit status: 3
    --- stderr
    error: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-active.html cannot be reached: the proxy did not let the connection through (Connection refused (os error N)) (2 attempts)
    hint: check the network and the proxy variables (HTTPS_PROXY, NO_PROXY), or read a folder or a mirror with --source
    hint: `--source builtin` works without network, a folder of saved pages as well
    0 new, 0 updated, 0 merged, 0 kept, 0 in conflict, 0 retired, 0 failed (nothing was written)
    ");
    assert_eq!(sandbox.tree("runbooks").changed_since(&before), [""; 0]);
}

#[test]
fn without_the_site_a_plain_run_writes_from_the_built_in_catalogue() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.run("--outdir runbooks").expect_exit(0), @"
    exit status: 0
    --- stderr
    warning: AWS's documentation site could not be reached, so the built-in catalogue takes its place, which has no text of AWS's; the next run that reaches the site adds it
      https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-active.html cannot be reached: the proxy did not let the connection through (Connection refused (os error N)) (2 attempts)
    229 new, 0 updated, 0 merged, 0 kept, 0 in conflict, 0 retired, 0 failed in runbooks (from the built-in catalogue)
    ");
    assert_eq!(sandbox.runbooks("runbooks").len(), 229);
    assert_snapshot!(outside_guidance(&sandbox.read("runbooks/recon-ec2-portscan.md")), @r#"
    ---
    finding_type: "Recon:EC2/Portscan"
    title: "Recon:EC2/Portscan"
    severity: "Medium"
    resource_type: "Amazon EC2"
    data_source: ["VPC flow logs"]
    threat_purpose: "Recon"
    protection_plan: "Foundational threat detection"
    tactics: ["TA0007"]
    techniques: ["T1046"]
    status: "active"
    source: "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-ec2.html#recon-ec2-portscan"
    ---

    # Recon:EC2/Portscan

    The instance tried many ports of one remote host in a short time, to learn what runs there. Either a vulnerability scanner works on it, or somebody inside plans the next step.

    | Fact | Value |
    | --- | --- |
    | Severity | Medium |
    | Resource type | Amazon EC2 |
    | Data source | VPC flow logs |
    | Protection plan | Foundational threat detection |
    | ATT&CK | [Discovery (TA0007)](https://attack.mitre.org/tactics/TA0007/); [Network Service Discovery (T1046)](https://attack.mitre.org/techniques/T1046/) |
    | AWS documentation | [guardduty_finding-types-ec2](https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-ec2.html#recon-ec2-portscan) |

    ## What AWS says

    AWS's text is not in this file, because the run that wrote it did not have it. Read it at <https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-ec2.html#recon-ec2-portscan>, or let a run that has it add it.

    ## AWS remediation steps

    AWS describes how to remediate the affected resources here:

    - <https://docs.aws.amazon.com/guardduty/latest/ug/compromised-ec2.html>
    "#);
    let before = sandbox.tree("runbooks");
    sandbox.run("--outdir runbooks --quiet").expect_exit(0);
    assert_eq!(sandbox.tree("runbooks").changed_since(&before), [""; 0]);
}

#[test]
fn awss_text_comes_into_exactly_the_files_that_the_fallback_wrote() {
    let sandbox = Sandbox::new();
    sandbox.run("--outdir runbooks --quiet").expect_exit(0);
    let edited = format!("{}\nAsk Ada.\n", sandbox.read("runbooks/recon-ec2-portscan.md"));
    sandbox.put("runbooks/recon-ec2-portscan.md", &edited);
    let before = sandbox.tree("runbooks");

    let server = serve(&[Guide::html()]);
    let back = run(&sandbox, &root(&server), "--verbose --allow-shrink").expect_exit(0);
    let wrote = |line: &&str| line.contains("wrote");
    assert_snapshot!(back.stderr().lines().filter(wrote).collect::<Vec<_>>().join("\n"), @"
    wrote attacksequence-s3-compromiseddata.md: AWS's text is there now; nobody edited the file
    wrote backdoor-ec2-c-cactivity-b-dns.md: AWS's text is there now; nobody edited the file
    wrote discovery-eks-lamplight.md
    wrote execution-ecs-lampoil.md
    wrote impact-s3-lampbroken.md
    wrote impact-ses-resourcehijacking.md: AWS's text is there now; nobody edited the file
    wrote unauthorizedaccess-ec2-torrelay.md: AWS's text is there now; nobody edited the file
    ");
    let changed: Vec<String> = sandbox.tree("runbooks").changed_since(&before);
    let changed = changed.into_iter().filter(|name| !name.contains("/.guardduty-runbooks/"));
    let expected = RUNBOOKS.iter().filter(|name| !name.contains("portscan"));
    let expected: Vec<String> = expected.map(|name| format!("runbooks/{name}")).collect();
    assert_eq!(changed.collect::<Vec<_>>(), expected);
    assert_eq!(sandbox.read("runbooks/recon-ec2-portscan.md"), edited);
    let text = sandbox.read("runbooks/unauthorizedaccess-ec2-torrelay.md");
    assert!(text.contains("The instance relays traffic"), "{text}");

    // What has AWS's text is never replaced by what has none.
    let before = sandbox.tree("runbooks");
    run(&sandbox, "builtin", "").expect_exit(0);
    sandbox.run("--outdir runbooks").expect_exit(0);
    assert_eq!(sandbox.tree("runbooks").changed_since(&before), [""; 0]);
    run(&sandbox, "builtin", "--overwrite").expect_exit(0);
    assert_eq!(sandbox.read("runbooks/unauthorizedaccess-ec2-torrelay.md"), text);
}
