//! The table of faults in `docs/faults.md` and the tests belong together.

use std::collections::BTreeSet;
use std::path::Path;

use guardduty_runbooks::fs;

fn text(path: &str) -> String {
    fs::read_to_string(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The names of the tests in a file of tests.
fn tests_in(path: &str) -> BTreeSet<String> {
    let text = text(path);
    let after_mark = text.split("#[test]\n").skip(1);
    let name = |part: &str| part.split_once("fn ").unwrap().1.split('(').next().unwrap().to_owned();
    after_mark.map(name).collect()
}

/// The tests that the rows of the table name, as `file::test`, with how many rows there are.
fn named_in_table() -> (BTreeSet<String>, usize) {
    let table = text("docs/faults.md");
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| ")).skip(2).collect();
    let last_cell = |row: &&str| {
        let cell = row.trim_end_matches('|').rsplit_once('|').unwrap().1.trim().to_owned();
        assert!(cell.starts_with('`') && cell.ends_with('`'), "no test in {row}");
        cell.trim_matches('`').to_owned()
    };
    let named = rows.iter().map(last_cell).collect();
    (named, rows.len())
}

#[test]
fn every_row_names_a_test_and_every_test_has_a_row() {
    let files = ["answers", "aws", "connections", "content"];
    let tests = files.iter().flat_map(|file| {
        let tests = tests_in(&format!("tests/it/faults/{file}.rs"));
        tests.into_iter().map(move |test| format!("{file}::{test}"))
    });
    let (named, rows) = named_in_table();
    assert_eq!(named.len(), rows, "a test stands in two rows");
    assert_eq!(named, tests.collect());
}
