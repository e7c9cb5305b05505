//! The built-in catalogue says what AWS's newest pages say.

use std::path::Path;

use guardduty_runbooks::catalogue::builtin::{self, CatalogueFile, RetiredType};
use guardduty_runbooks::fs;

use crate::real;

/// One object a line, so that a change of one finding type is a change of one line.
fn text(file: &CatalogueFile) -> String {
    let lines = |values: Vec<serde_json::Value>| {
        let lines: Vec<String> = values.iter().map(ToString::to_string).collect();
        lines.join(",\n")
    };
    let value = |value| serde_json::to_value(value).unwrap();
    let active = lines(file.active.iter().map(value).collect());
    let retired =
        lines(file.retired.iter().map(|facts| serde_json::to_value(facts).unwrap()).collect());
    format!("{{\"active\": [\n{active}\n],\n\"retired\": [\n{retired}\n]}}\n")
}

fn retired(folder: &Path) -> Vec<RetiredType> {
    let table = fs::read_to_string(&folder.join("retired-types.tsv")).unwrap();
    let mut types: Vec<RetiredType> = table
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            RetiredType {
                finding_type: cells[0].parse().unwrap(),
                anchor: cells[1].to_owned(),
                severity: cells[2].to_owned(),
                data_source: cells[3].to_owned(),
            }
        })
        .collect();
    types.sort_by(|a, b| a.finding_type.cmp(&b.finding_type));
    types
}

#[test]
fn builtin_catalogue_agrees_with_the_newest_pages() {
    let Some(folder) = real::data() else { return };
    let reading = real::state("2026-html").unwrap();
    let expected = text(&builtin::describe(&reading.catalogue, retired(&folder)));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/catalogue.json");
    if std::env::var_os("GUARDDUTY_RUNBOOKS_BLESS").is_some() {
        fs::write(&path, expected.as_bytes()).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap();
    assert!(
        committed == expected,
        "data/catalogue.json differs from the pages; look at what changed, then refresh it with \
         GUARDDUTY_RUNBOOKS_BLESS=1 cargo test builtin_catalogue"
    );
}
