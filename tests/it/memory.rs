//! The program keeps to one GiB of memory whatever the input: it runs under a limit on the process.

use std::fs::File;
use std::io::{self, Read, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::mini::Guide;
use crate::sandbox::{Run, Sandbox};

/// The address space that the program may have, in KiB: more than the memory that it uses.
const LIMIT: &str = "1048576";

const FINDING: &str =
    r#"{"id":"a","type":"Recon:EC2/Portscan","severity":5,"resource":{},"service":{"count":1}}"#;

/// A gzip file: `begin`, `unit` up to a size in MiB, `end`, and a finding on a line of its own.
fn bomb(sandbox: &Sandbox, [begin, unit, end]: [&str; 3], mib: usize) {
    let file = File::create(sandbox.path("bomb.gz")).unwrap();
    let mut out = GzEncoder::new(file, Compression::fast());
    let piece = unit.repeat((1 << 20) / unit.len());
    out.write_all(begin.as_bytes()).unwrap();
    for _ in 0..mib {
        out.write_all(piece.as_bytes()).unwrap();
    }
    write!(out, "{end}\n{FINDING}\n").unwrap();
    out.finish().unwrap();
}

fn run(sandbox: &Sandbox, arguments: &str) -> Run {
    sandbox.run_within(LIMIT, &arguments.split_whitespace().collect::<Vec<_>>())
}

#[test]
fn gzip_bombs_are_bad_records_and_the_finding_behind_them_is_filled() {
    let sandbox = Sandbox::new();
    let inner = r#"{"x":[{"id":"a","type":"a:b/c","severity":5,"service":{"a":["#;
    for (name, parts, mib) in [
        ("many numbers", [inner, "0,", "0]}}]}"], 4),
        ("many objects", [inner, r#"{"a":{"a":0}},"#, "0]}}]}"], 30),
        ("many keys", [r#"{"x":{"#, r#""a":0,"#, r#""b":0}}"#], 8),
        ("a long text", [r#"{"id":"a","type":"a:b/c","service":{"a":""#, "x", r#""}}"#], 62),
        ("a text that goes on", [r#"{"a":""#, "x", r#""}"#], 80),
        ("much damage", [r#"{"a":""#, r"\ud800", r#""}"#], 12),
        ("a text within a text", [r#"{"Message":"{\"detail\":["#, "[[[]]],", r#"0]}"}"#], 8),
        ("deep", [r#"{"x":"#, "[", ""], 2),
    ] {
        bomb(&sandbox, parts, mib);
        let told = run(&sandbox, "fill --format json bomb.gz").expect_exit(4);
        assert_eq!(told.stdout().lines().count(), 1, "{name}: {}", told.stderr());
        assert!(told.stderr().contains("error: bomb.gz: line 1, byte 0"), "{name}");
        let summary = run(&sandbox, "fill --summary --format json bomb.gz").stdout();
        let summary: Value = serde_json::from_str(&summary).unwrap();
        assert!(summary["records"] == 1 || summary["records"] == 2, "{name}: {summary}");
    }
}

#[test]
fn gzip_within_gzip_is_not_opened_twice() {
    let sandbox = Sandbox::new();
    bomb(&sandbox, ["", "x", ""], 1);
    let mut inner = Vec::new();
    File::open(sandbox.path("bomb.gz")).unwrap().read_to_end(&mut inner).unwrap();
    let mut out =
        GzEncoder::new(File::create(sandbox.path("two.gz")).unwrap(), Compression::fast());
    io::copy(&mut inner.as_slice(), &mut out).unwrap();
    out.finish().unwrap();
    let told = run(&sandbox, "fill two.gz").expect_exit(2);
    assert!(told.stderr().contains("this is a doubly packed gzip file"), "{}", told.stderr());
}

#[test]
fn a_page_that_is_larger_than_a_site_may_send_is_an_error() {
    let sandbox = Sandbox::new().guide(&Guide::html());
    let page = "guardduty_finding-types-ec2.html";
    assert!(sandbox.has(&format!("guide/{page}")));
    File::options()
        .write(true)
        .open(sandbox.path(&format!("guide/{page}")))
        .unwrap()
        .set_len(8 << 30)
        .unwrap();
    let told = run(&sandbox, "--source guide").expect_exit(4);
    let reason = format!("{page} could not be read: it is larger than 16 MiB");
    assert!(told.stderr().contains(&reason), "{}", told.stderr());
}
