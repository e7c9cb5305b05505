//! `site`: what goes into it, and what becomes of the folder.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Stdio;

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

const DNS: &str = "cryptocurrency-ec2-bitcointool-b-dns";

/// A folder with two runbooks, one of them edited.
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
fn the_site_has_the_folders_runbooks_with_their_edits() {
    let sandbox = edited().write("runbooks/README.md", "# How we work\n");
    let run = sandbox.run("site --outdir runbooks --output public").expect_exit(0);
    assert_snapshot!(run.stderr(), @"2 runbooks in public/index.html: 14 files written, 0 unchanged, 0 removed");
    assert_eq!(run.stdout(), "");
    let page = sandbox.read(&format!("public/{DNS}.html"));
    assert!(page.contains("<h2 id=\"our-way\">Our way</h2>\n<p>Call <em>Ada</em>.</p>"));
    assert!(sandbox.read("public/assets/passages.js").contains("\"Call Ada.\""));
    let overview = sandbox.read("public/index.html");
    assert!(overview.contains("<b>2</b> runbooks") && !overview.contains("portscan"));
}

#[test]
fn a_second_run_changes_nothing_and_another_selection_removes_pages() {
    let sandbox = edited();
    sandbox.run("site --outdir runbooks").expect_exit(0);
    let before = sandbox.tree("site");
    let again = sandbox.run("site --outdir runbooks").expect_exit(0);
    assert_snapshot!(again.stderr(), @"2 runbooks in site/index.html: 0 files written, 14 unchanged, 0 removed");
    assert!(sandbox.tree("site").changed_since(&before).is_empty());
    let fewer = sandbox.run("site --outdir runbooks --include *!DNS").expect_exit(0);
    assert_snapshot!(fewer.stderr(), @"1 runbooks in site/index.html: 3 files written, 9 unchanged, 2 removed");
    assert!(!sandbox.has("site/cryptocurrency-ec2-bitcointool-b.html"));
}

#[test]
fn without_runbooks_the_built_in_ones_are_shown() {
    let sandbox = Sandbox::new();
    let run = sandbox.run("site --include Recon:EC2/Portscan").expect_exit(0);
    assert_snapshot!(run.stderr(), @"
    . has no runbooks, so the site gets the built-in ones, without AWS's text
    1 runbooks in site/index.html: 12 files written, 0 unchanged, 0 removed
    ");
    assert!(sandbox.read("site/recon-ec2-portscan.html").contains("First move"));
}

#[test]
fn a_site_is_not_replaced_by_none_or_by_another() {
    let sandbox = edited();
    sandbox.run("site --outdir runbooks").expect_exit(0);
    let site = sandbox.tree("site");
    let run = sandbox.run("site --outdir runbooks --severity critical").expect_exit(2);
    assert_snapshot!(run.stderr(), @"error: no runbook fits the filters, so there would be no site");
    let run = sandbox.run("site --outdir runbooks --output ./runbooks").expect_exit(2);
    assert_snapshot!(run.stderr(), @"
    error: ./runbooks is the folder of the runbooks
    hint: give the site a folder of its own
    ");
    let run = sandbox.run("site --outdir runboks --strict").expect_exit(2);
    assert_snapshot!(run.stderr(), @"
    error: the folder runboks does not exist; the built-in runbooks take its place
    hint: --outdir names the folder of the runbooks
    ");
    assert!(sandbox.tree("site") == site);
}

#[test]
fn somebodys_own_page_stops_the_run_before_anything_is_written() {
    let sandbox = edited().write("public/index.html", "mine");
    let run = sandbox.run("site --outdir runbooks --output public").expect_exit(4);
    assert_snapshot!(run.stderr(), @"
    error: public/index.html is somebody's own file, not one of the site
    hint: nothing was written; move it away, or name another folder with --output
    ");
    assert_eq!(sandbox.tree("public").bytes().len(), 1);
}

#[test]
fn an_edited_page_is_neither_replaced_nor_removed() {
    let sandbox = edited();
    sandbox.run("site --outdir runbooks").expect_exit(0);
    let page = format!("site/{DNS}.html");
    sandbox.put(&page, "mine");
    let file = format!("runbooks/{DNS}.md");
    sandbox.put(&file, &sandbox.read(&file).replace("Ada", "Bob"));
    let run = sandbox.run("site --outdir runbooks").expect_exit(4);
    assert_snapshot!(run.stderr(), @"
    error: site/cryptocurrency-ec2-bitcointool-b-dns.html was edited since the site was written
    hint: nothing was written; move it away, or name another folder with --output
    ");
    let run = sandbox.run("site --outdir runbooks --exclude *!DNS").expect_exit(0);
    assert_snapshot!(run.stderr(), @"
    warning: site/cryptocurrency-ec2-bitcointool-b-dns.html stays: this site has no such file, but it is not as an earlier one left it
    1 runbooks in site/index.html: 3 files written, 9 unchanged, 1 removed
    ");
    assert_eq!(sandbox.read(&page), "mine");
}

#[test]
fn a_file_that_is_no_text_costs_only_its_own_page() {
    let sandbox = edited();
    let path = sandbox.path("runbooks/broken.md");
    guardduty_runbooks::fs::write(&path, b"# \xff\n").unwrap();
    let run = sandbox.run("site --outdir runbooks").expect_exit(4);
    assert_snapshot!(run.stderr(), @"
    error: runbooks/broken.md is not UTF-8
    2 runbooks in site/index.html: 14 files written, 0 unchanged, 0 removed
    ");
}

#[test]
fn of_two_runbooks_for_one_type_the_message_names_the_one_that_is_taken() {
    let sandbox = edited();
    let text = sandbox.read(&format!("runbooks/{DNS}.md"));
    sandbox.put("runbooks/a.md", &text.replace("Ada", "Bob"));
    let run = sandbox.run("site --outdir runbooks --output both --include *!DNS").expect_exit(0);
    assert_snapshot!(run.stderr(), @"
    warning: runbooks/a.md is left out: the site has the runbook for CryptoCurrency:EC2/BitcoinTool.B!DNS in runbooks/cryptocurrency-ec2-bitcointool-b-dns.md
    1 runbooks in both/index.html: 12 files written, 0 unchanged, 0 removed
    ");
    assert!(sandbox.read(&format!("both/{DNS}.html")).contains("Ada"));
    guardduty_runbooks::fs::rename(
        &sandbox.path(&format!("runbooks/{DNS}.md")),
        &sandbox.path("runbooks/b.md"),
    )
    .unwrap();
    let run = sandbox.run("site --outdir runbooks --output none --include *!DNS").expect_exit(0);
    assert_snapshot!(run.stderr(), @"
    warning: runbooks/b.md is left out: the site has the runbook for CryptoCurrency:EC2/BitcoinTool.B!DNS in runbooks/a.md
    1 runbooks in none/index.html: 12 files written, 0 unchanged, 0 removed
    ");
    assert!(sandbox.read(&format!("none/{DNS}.html")).contains("Bob"));
}

#[test]
fn a_file_that_does_not_say_what_it_is_for_is_known_by_its_name() {
    let sandbox = edited().write("runbooks/README.md", "# How we work\n");
    sandbox.put("runbooks/recon-ec2-portscan.md", "--\nfinding_type: Recon:EC2/Portscan\n---\n");
    let run = sandbox.run("site --outdir runbooks").expect_exit(0);
    assert_snapshot!(run.stderr(), @"3 runbooks in site/index.html: 16 files written, 0 unchanged, 0 removed");
    let run = sandbox.run("site --outdir runbooks --include CryptoCurrency:*").expect_exit(0);
    assert!(run.stderr().starts_with("2 runbooks in "), "{run}");
}

#[test]
fn line_endings_of_windows_and_a_byte_order_mark_make_no_difference() {
    let sandbox = edited();
    sandbox.run("site --outdir runbooks --output unix").expect_exit(0);
    let file = format!("runbooks/{DNS}.md");
    let text = sandbox.read(&file);
    sandbox.put(&file, &format!("\u{feff}{}", text.replace('\n', "\r\n")));
    sandbox.run("site --outdir runbooks --output windows").expect_exit(0);
    let page = format!("{DNS}.html");
    assert_eq!(sandbox.read(&format!("windows/{page}")), sandbox.read(&format!("unix/{page}")));
}

#[test]
fn serve_shows_the_site_to_this_machine_and_writes_nothing() {
    let sandbox = edited();
    let mut command = sandbox.command(&["site", "--outdir", "runbooks", "--serve", "0"]);
    let mut server = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stderr.take().unwrap()).read_line(&mut line).unwrap();
    let (_, rest) = line.split_once("http://").unwrap();
    let host = rest.split_once('/').unwrap().0.to_owned();
    let ask = |path: &str, host_header: &str| {
        let mut connection = TcpStream::connect(&host).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host_header}\r\n\r\n");
        connection.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        answer
    };
    // A browser opens connections in advance and leaves them silent.
    let _silent = TcpStream::connect(&host).unwrap();
    let front = ask("/", &host);
    let page = ask(&format!("/{DNS}.html"), &host);
    let foreign = ask("/", "elsewhere.example");
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(
        front.starts_with("HTTP/1.1 200 OK\r\n") && front.contains("2</b> runbooks"),
        "{front}"
    );
    assert!(page.contains("Call <em>Ada</em>."), "{page}");
    assert!(foreign.starts_with("HTTP/1.1 403 "), "{foreign}");
    assert!(!sandbox.has("site"));
}
