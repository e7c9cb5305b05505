//! The program on recorded states of AWS's guide: every finding type of the table gets its runbook,
//! and every runbook holds what it should. What is expected is counted here by plain text search,
//! by none of the program's own readers.

use std::collections::BTreeSet;
use std::path::Path;

use guardduty_runbooks::fs;
use insta::assert_snapshot;

use crate::sandbox::{Run, Sandbox};
use crate::{reader, real};

/// A state of the guide, as plain text.
struct Recorded {
    index: String,
    /// The finding types of Custom Detection Rules.
    custom: BTreeSet<String>,
    /// The finding types whose section has a remediation part.
    with_remediation: BTreeSet<String>,
}

impl Recorded {
    fn read(folder: &Path) -> Self {
        let places = ["guardduty/latest/ug", "doc_source"];
        let folder = places.iter().map(|place| folder.join(place)).find(|place| place.is_dir());
        let folder = folder.expect("the state has a folder of pages");
        let names = fs::names_in(&folder).expect("it can be listed").expect("it is there");
        let mut recorded = Self {
            index: String::new(),
            custom: BTreeSet::new(),
            with_remediation: BTreeSet::new(),
        };
        for name in names {
            let text = fs::read_to_string(&folder.join(&name)).expect("it can be read");
            let text = text.replace("&amp;", "&").replace('\\', "");
            if name.starts_with("guardduty_finding-types-active.") {
                recorded.index = text;
            } else if name.starts_with("findings-custom-detection-rules.") {
                let bold = text.replace("<b>", "**").replace("</b>", "**").replace("****", "**");
                let words = bold.split("**").filter(|word| is_name(word));
                recorded.custom.extend(words.map(str::to_owned));
            } else {
                recorded.with_remediation.extend(types_with_remediation(&text));
            }
        }
        recorded
    }

    /// How many rows the table of finding types has, by its cells.
    fn rows(&self) -> usize {
        let html = self.index.split("<tr").skip(1).filter(|row| row.contains("<td")).count();
        let row = |line: &&str| line.starts_with("| ") && line.contains("](guardduty");
        let other = |line: &&str| line.starts_with("| ") && line.contains(".md#");
        let markdown = self.index.lines().filter(|line| row(line) || other(line)).count();
        html.max(markdown)
    }
}

fn is_name(word: &str) -> bool {
    word.contains(':') && word.contains('/') && word.bytes().all(|b| b.is_ascii_graphic())
}

fn types_with_remediation(page: &str) -> Vec<String> {
    let page = page.replace("<h2", "\n## <h2").replace("</h2>", "\n");
    let sections = page.split("\n## ").skip(1).filter(|section| {
        let has = |words: &str| section.contains(words);
        has("Remediation recommendations") || has("Remediation actions") || has("on remediation:")
    });
    let heading = |section: &str| {
        let line = section.lines().next().unwrap_or_default();
        let line =
            line.strip_prefix("<h2").and_then(|rest| rest.split_once('>')).map_or(line, |p| p.1);
        line.split("<a").next().unwrap_or_default().trim().to_owned()
    };
    sections.map(heading).filter(|name| is_name(name)).collect()
}

/// Writes the runbooks of a state and checks every one of them.
fn write_and_check(state: &str, expected: usize) -> Option<Run> {
    let folder = real::data()?.join("docs").join(state);
    let recorded = Recorded::read(&folder);
    let source = folder.to_str().expect("the path is text");
    let sandbox = Sandbox::new();
    let run = sandbox.run_with(&["--outdir", "runbooks", "--source", source]).expect_exit(0);
    let names = sandbox.runbooks("runbooks");
    assert_eq!(names.len(), recorded.rows() + recorded.custom.len());
    assert_eq!(names.len(), expected);
    for name in names {
        let text = sandbox.read(&format!("runbooks/{name}"));
        let finding_type = check(&name, &text);
        let in_guide =
            recorded.index.contains(&finding_type) || recorded.custom.contains(&finding_type);
        assert!(in_guide, "{finding_type}: the guide knows no such finding type");
        let remediation = text.contains("\n### Remediation recommendations\n\n");
        let expected = recorded.with_remediation.contains(&finding_type);
        assert_eq!(remediation, expected, "{finding_type}: remediation");
    }
    Some(run)
}

/// Checks a runbook; gives its finding type.
fn check(name: &str, text: &str) -> String {
    let fact = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{key}: ")));
        let value = line.unwrap_or_else(|| panic!("{name}: no {key}"));
        assert!(!["\"\"", "[]", "[\"\"]", "\"Unknown\""].contains(&value), "{name}: {key} {value}");
        value.trim_matches('"').to_owned()
    };
    for key in ["severity", "resource_type", "data_source", "threat_purpose", "protection_plan"] {
        fact(key);
    }
    let finding_type = fact("finding_type");
    let letter_or_dash = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let slug: String = finding_type.to_lowercase().chars().map(letter_or_dash).collect();
    assert_eq!(name, format!("{slug}.md"));

    let (_, said) = text.split_once("\n## What AWS says\n").expect("the part is there");
    let said = said.split("\n#").next().unwrap_or_default();
    let prose = said.split("\n\n").filter(|block| block.trim().len() > 40);
    let prose = prose.filter(|block| !block.trim_start().starts_with(['>', '|', '-']));
    assert!(prose.count() >= 1, "{name}: no paragraph of description");
    assert!(!text.contains("AWS's text is not in this file"), "{name}");

    for link in ["](./", "](../", "](#", "](/"] {
        assert!(!text.contains(link), "{name}: {link}");
    }
    let in_guide = |url: &String| url.starts_with("https://docs.aws.amazon.com/guardduty/");
    for url in reader::addresses(text).into_iter().filter(in_guide) {
        let (page, _) = url.split_once('#').unwrap_or((&url, ""));
        assert!(page.strip_suffix(".html").is_some(), "{name}: {url}");
    }
    assert_eq!(reader::odd_addresses(text), [""; 0], "{name}");
    assert_eq!(reader::raw_html(text), [""; 0], "{name}");
    assert!(text.contains("CC BY-SA 4.0") && text.ends_with('\n'), "{name}");
    finding_type
}

#[test]
fn the_html_of_2026_with_every_diagnostic() {
    let Some(run) = write_and_check("2026-html", 229) else { return };
    let stderr = run.stderr();
    let diagnostics: Vec<&str> = stderr.lines().filter(|line| !line.contains("229 new")).collect();
    // What stands behind the name in the table is AWS's text.
    let about_name =
        |line: &str| line.split_once(" calls it ").map(|(before, _)| before.to_owned());
    let short = |line: &&str| about_name(line).unwrap_or_else(|| (*line).to_owned());
    let diagnostics: Vec<String> = diagnostics.iter().map(short).collect();
    assert_snapshot!(diagnostics.join("\n"), @r#"
    warning: findings-malware-protection-backup#execution-malware-ec2-maliciousfile-ami: Execution:EC2/MaliciousFile!AMI: the table
    warning: findings-runtime-monitoring#defenseevasion-runtime-suspicious-command: DefenseEvasion:Runtime/SuspiciousCommand: severity "High" in the table, "Variable" in the section; the table was taken
    warning: findings-runtime-monitoring#impact-runtime-maliciousdomainrequestreputation: Impact:Runtime/MaliciousDomainRequest.Reputation: severity "Medium" in the table, "High" in the section; the table was taken
    "#);
}

#[test]
fn the_markdown_of_2026() {
    write_and_check("2026-md", 229);
}

#[test]
fn the_html_of_december_2025() {
    write_and_check("2025-12-html", 195);
}

#[test]
fn the_html_of_november_2024() {
    write_and_check("2024-11-html", 181);
}

#[test]
fn the_markdown_of_january_2022() {
    write_and_check("2022-01-md", 74);
}
