//! Panther: a global helper that knows the runbook of every finding type, and rules of our own.
//!
//! The formats are those of `panther_analysis_tool`
//! (<https://docs.panther.com/detections/rules/python>): a helper or a rule is a Python module with
//! a YAML file beside it, which for a rule also holds its tests. What a rule's `runbook` function
//! gives is cut off after 1,000 characters.

use minijinja::context;
use minijinja::value::Serde;
use serde::Serialize;
use serde_json::Value;

use super::python;
use super::template::render;
use super::{ExportFile, RunbookLinks};
use crate::catalogue::CatalogueEntry;
use crate::severity::SeverityLevel;

/// Where the rules lie.
const RULES: &str = "rules/guardduty_runbooks";

/// Findings of every severity, for the tests of the rules.
const EVENTS: &str = include_str!("templates/panther/events.json");

/// The helper with the runbooks of these finding types, and a rule for each severity, with tests.
pub fn files(entries: &[&CatalogueEntry], links: &RunbookLinks) -> Vec<ExportFile> {
    let helper = render(
        include_str!("templates/panther/guardduty_runbooks.py.jinja"),
        context! { link => python::string(links.pattern()), known => python::known(entries) },
    );
    let about = include_str!("templates/panther/README.md.jinja");
    let about = render(
        about,
        context! { count => entries.len(), link => links.pattern(), absolute => links.are_absolute() },
    );
    let described = include_str!("templates/panther/guardduty_runbooks.yml");
    let mut files = vec![
        ExportFile::new("global_helpers/guardduty_runbooks.py", helper),
        ExportFile::new("global_helpers/guardduty_runbooks.yml", described),
        ExportFile::new(format!("{RULES}/README.md"), about),
    ];
    let levels = SeverityLevel::ALL.into_iter().rev();
    files.extend(levels.flat_map(rule));
    files
}

/// A test of a rule.
#[derive(Serialize)]
struct Test {
    name: String,
    expected: bool,
    event: String,
}

/// The rule for findings of a severity.
fn rule(level: SeverityLevel) -> [ExportFile; 2] {
    let name = format!("{RULES}/guardduty_{}", level.as_str().to_ascii_lowercase());
    let code = include_str!("templates/panther/rule.py.jinja");
    let code = render(code, context! { level => level.as_str() });
    let described = render(
        include_str!("templates/panther/rule.yml.jinja"),
        context! {
            level => level.as_str(),
            dedup_minutes => dedup_minutes(level),
            tests => Serde(tests(level)),
        },
    );
    [ExportFile::new(format!("{name}.py"), code), ExportFile::new(format!("{name}.yml"), described)]
}

/// How long findings of a type on a resource join the same alert: GuardDuty updates a finding every
/// 15 minutes at the earliest, and every six hours by default.
fn dedup_minutes(level: SeverityLevel) -> u16 {
    match level {
        SeverityLevel::Critical => 15,
        SeverityLevel::High => 60,
        SeverityLevel::Medium | SeverityLevel::Low => 720,
    }
}

/// The tests of a rule: a finding of its severity, the same as a sample, and the severities on both
/// sides of its range.
fn tests(level: SeverityLevel) -> Vec<Test> {
    let events: Value = serde_json::from_str(EVENTS).expect("the events are tested to be JSON");
    let event = &events[level.as_str()];
    let (lowest, above) = match level {
        SeverityLevel::Critical => (9.0, None),
        SeverityLevel::High => (7.0, Some(9.0)),
        SeverityLevel::Medium => (4.0, Some(7.0)),
        SeverityLevel::Low => (1.0, Some(4.0)),
    };
    let mut sample = event.clone();
    sample["service"]["additionalInfo"] = serde_json::json!({ "sample": true });
    let with = |severity: f64| {
        let mut event = event.clone();
        event["severity"] = severity.into();
        event
    };
    let mut tests = vec![
        test(format!("{level} finding"), true, event),
        test(format!("{level} finding that is a sample"), false, &sample),
        test(format!("Severity {lowest:.1}"), true, &with(lowest)),
    ];
    let below = lowest - 0.1;
    if level != SeverityLevel::Low {
        tests.push(test(
            format!("Severity {below:.1}"),
            false,
            &with((below * 10.0).round() / 10.0),
        ));
    }
    tests.extend(above.map(|above| test(format!("Severity {above:.1}"), false, &with(above))));
    tests
}

fn test(name: String, expected: bool, event: &Value) -> Test {
    // JSON is YAML as well.
    let event = serde_json::to_string_pretty(event).expect("it was JSON before");
    Test { name, expected, event }
}
