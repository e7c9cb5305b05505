//! Matano: a detection that alerts on findings, each with its runbook.
//!
//! A detection is a folder with `detection.yml` and `detect.py`
//! (<https://www.matano.dev/docs/detections/authoring>), whose functions get a record of a table.
//! Matano has no log source for GuardDuty of its own, so the table and the field with the finding
//! type are whatever somebody chose.

use std::str::FromStr;

use minijinja::context;

use super::python;
use super::template::render;
use super::{ExportFile, RunbookLinks};
use crate::catalogue::CatalogueEntry;

/// Where the detection lies.
const FOLDER: &str = "detections/guardduty_runbooks";

/// The name of a table of Matano.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableName(String);

/// The path of a field of a record: names with dots between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldPath(String);

/// A name or a path that Matano cannot have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no {wanted}")]
pub struct BadName {
    given: String,
    wanted: &'static str,
}

/// The detection with the runbooks of these finding types.
pub fn files(
    entries: &[&CatalogueEntry],
    links: &RunbookLinks,
    table: &TableName,
    type_field: &FieldPath,
) -> Vec<ExportFile> {
    let described = include_str!("templates/matano/detection.yml.jinja");
    let code = include_str!("templates/matano/detect.py.jinja");
    let context = context! {
        link => python::string(links.pattern()),
        type_field => python::string(&type_field.0),
        known => python::known(entries),
    };
    vec![
        ExportFile::new(
            format!("{FOLDER}/detection.yml"),
            render(described, context! { table => &table.0 }),
        ),
        ExportFile::new(format!("{FOLDER}/detect.py"), render(code, context)),
    ]
}

impl FromStr for TableName {
    type Err = BadName;

    fn from_str(given: &str) -> Result<Self, Self::Err> {
        let wanted = "name of a table: letters, digits, `_` and `-`";
        checked(given, wanted, |name| is_name(name, "_-")).map(Self)
    }
}

impl FromStr for FieldPath {
    type Err = BadName;

    fn from_str(given: &str) -> Result<Self, Self::Err> {
        let wanted = "path of a field: names of letters, digits and `_`, with `.` between them";
        checked(given, wanted, |path| path.split('.').all(|name| is_name(name, "_"))).map(Self)
    }
}

fn checked(
    given: &str,
    wanted: &'static str,
    is_good: impl Fn(&str) -> bool,
) -> Result<String, BadName> {
    let good = is_good(given);
    good.then(|| given.to_owned()).ok_or_else(|| BadName { given: given.to_owned(), wanted })
}

fn is_name(name: &str, also: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || also.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths_are_strict() {
        let field = |text: &str| text.parse::<FieldPath>().is_ok();
        assert!(field("type") && field("aws.guardduty.finding_type"));
        assert!(!field("") && !field("a..b") && !field("a.\"b") && !field("a b") && !field("a."));
        let table = |text: &str| text.parse::<TableName>().is_ok();
        assert!(table("aws_guardduty") && table("guardduty-1"));
        assert!(!table("") && !table("a: b") && !table("- a") && !table("a\nb"));
    }
}
