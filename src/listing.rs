//! The catalogue as a list for people and programs: table, JSON, CSV, Markdown.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::catalogue::{Catalogue, CatalogueEntry, builtin};
use crate::finding_type::{FindingType, Slug};
use crate::guidance::{AttackEntry, library};
use crate::guide::{GuideLink, GuideUrl, PageName, RETIRED_PAGE};
use crate::page::custom_rules::Signal;
use crate::runbook::markdown::{cell_text, escape};
use crate::severity::Severity;
use crate::text::columns::{Align, aligned};

/// The facts of a finding type, flat, as the list shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its name.
    pub finding_type: FindingType,
    /// The name of its runbook's file, without `.md`.
    pub slug: Slug,
    /// `active` or `retired`.
    pub status: &'static str,
    /// The level of the default severity: `High`, `Variable` where AWS gives none, `Unknown`.
    pub severity: String,
    /// Whether the severity of a finding can be another one.
    pub severity_varies: bool,
    /// AWS's wording of the severity.
    pub severity_documented: String,
    /// The resource that is affected, as documented.
    pub resource_type: String,
    /// The data sources or features, as documented.
    pub data_sources: Vec<String>,
    /// The protection plan; none for a retired type.
    pub protection_plan: Option<&'static str>,
    /// The first part of the name.
    pub threat_purpose: String,
    /// The ids of its ATT&CK tactics; none for a retired type.
    pub tactics: Vec<String>,
    /// The ids of its ATT&CK techniques; none for a retired type.
    pub techniques: Vec<String>,
    /// The signals of a finding type of Custom Detection Rules.
    pub signals: Vec<Signal>,
    /// Where AWS explains it.
    pub url: String,
}

const HEADINGS: [&str; 6] =
    ["Finding type", "Severity", "Resource type", "Protection plan", "Tactics", "Techniques"];

const CSV_HEADINGS: [&str; 12] = [
    "finding_type",
    "severity",
    "severity_varies",
    "resource_type",
    "data_sources",
    "protection_plan",
    "threat_purpose",
    "tactics",
    "techniques",
    "status",
    "file",
    "url",
];

/// What makes a spreadsheet take a cell for a formula
/// (<https://owasp.org/www-community/attacks/CSV_Injection>).
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The active finding types of a catalogue.
pub fn active<'c>(entries: impl Iterator<Item = &'c CatalogueEntry>, guide: &GuideUrl) -> Vec<Row> {
    entries.map(|entry| Row::active(entry, guide)).collect()
}

/// The retired finding types that a catalogue names, with the facts that are known of them.
pub fn retired(catalogue: &Catalogue) -> Vec<Row> {
    let known: BTreeSet<&FindingType> =
        builtin::retired().map(|retired| &retired.finding_type).collect();
    let unknown = catalogue.retired.iter().filter(|name| !known.contains(name));
    let unknown = unknown.map(|name| Row::retired(name, None, "", "", &catalogue.guide));
    let known = builtin::retired().map(|facts| {
        let anchor = Some(facts.anchor.clone());
        Row::retired(
            &facts.finding_type,
            anchor,
            &facts.severity,
            &facts.data_source,
            &catalogue.guide,
        )
    });
    let mut rows: Vec<Row> = known.chain(unknown).collect();
    rows.sort_by(|a, b| a.finding_type.cmp(&b.finding_type));
    rows
}

/// The list as aligned columns.
pub fn table(rows: &[Row]) -> String {
    let rows = rows.iter().map(Row::cells);
    let lines: Vec<_> = [HEADINGS.map(str::to_owned)].into_iter().chain(rows).collect();
    aligned(&lines, [Align::Left; 6])
}

/// The list as JSON: an array of objects, one a finding type.
pub fn json(rows: &[Row]) -> String {
    let text = serde_json::to_string_pretty(rows).expect("the rows hold nothing but texts");
    format!("{text}\n")
}

/// The list as CSV (RFC 4180) with a heading line. A cell that a spreadsheet would take for a formula
/// has `'` in front.
pub fn csv(rows: &[Row]) -> String {
    csv_with(rows, [], |_| [])
}

/// The list as CSV with more columns.
pub fn csv_with<const N: usize>(
    rows: &[Row],
    headings: [&str; N],
    more: impl Fn(&Row) -> [String; N],
) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut write = |cells: Vec<String>| writer.write_record(cells).expect("memory takes all");
    write(CSV_HEADINGS.into_iter().chain(headings).map(str::to_owned).collect());
    for row in rows {
        write(row.csv_cells().into_iter().chain(more(row)).map(not_a_formula).collect());
    }
    let bytes = writer.into_inner().expect("writing to memory does not fail");
    String::from_utf8(bytes).expect("made of UTF-8")
}

/// The list as a table in Markdown; `link` gives what a finding type's name leads to.
pub fn markdown(rows: &[Row], link: impl Fn(&Row) -> String) -> String {
    let mut text = format!("| {} |\n|{}\n", HEADINGS.join(" | "), " --- |".repeat(HEADINGS.len()));
    for row in rows {
        let cells = row.cells().map(|cell| cell_text(escape(&cell)));
        let [name, facts @ ..] = cells;
        text.push_str(&format!("| [{name}]({}) | {} |\n", link(row), facts.join(" | ")));
    }
    text
}

impl Row {
    fn active(entry: &CatalogueEntry, guide: &GuideUrl) -> Self {
        let name = &entry.finding_type;
        let (tactics, techniques) = library().attack(name);
        Self {
            severity_varies: entry.severity.as_ref().is_some_and(|severity| severity.varies),
            severity_documented: documented(entry.severity.as_ref()),
            severity: word(entry.severity.as_ref()),
            resource_type: entry.resource_type.clone(),
            data_sources: entry.data_sources.clone(),
            protection_plan: Some(entry.protection_plan.as_str()),
            tactics: ids(&tactics),
            techniques: ids(&techniques),
            signals: entry.signals.clone(),
            url: guide.link(&entry.place),
            ..Self::named(name, "active")
        }
    }

    fn retired(
        name: &FindingType,
        anchor: Option<String>,
        severity: &str,
        data_source: &str,
        guide: &GuideUrl,
    ) -> Self {
        let severity = Severity::parse(severity);
        let page = PageName::new(RETIRED_PAGE).expect("a constant that is the name of a page");
        Self {
            severity_varies: severity.as_ref().is_some_and(|severity| severity.varies),
            severity_documented: documented(severity.as_ref()),
            severity: word(severity.as_ref()),
            data_sources: Some(data_source)
                .filter(|s| !s.is_empty())
                .map(str::to_owned)
                .into_iter()
                .collect(),
            url: guide.link(&GuideLink { page, anchor }),
            ..Self::named(name, "retired")
        }
    }

    fn named(name: &FindingType, status: &'static str) -> Self {
        Self {
            finding_type: name.clone(),
            slug: name.slug(),
            status,
            severity: String::new(),
            severity_varies: false,
            severity_documented: String::new(),
            resource_type: name.resource().to_owned(),
            data_sources: Vec::new(),
            protection_plan: None,
            threat_purpose: name.threat_purpose().to_owned(),
            tactics: Vec::new(),
            techniques: Vec::new(),
            signals: Vec::new(),
            url: String::new(),
        }
    }

    fn csv_cells(&self) -> [String; 12] {
        [
            self.finding_type.as_str().to_owned(),
            self.severity.clone(),
            self.severity_varies.to_string(),
            self.resource_type.clone(),
            self.data_sources.join("; "),
            self.protection_plan.unwrap_or_default().to_owned(),
            self.threat_purpose.clone(),
            self.tactics.join("; "),
            self.techniques.join("; "),
            self.status.to_owned(),
            self.slug.file_name(),
            self.url.clone(),
        ]
    }

    fn cells(&self) -> [String; 6] {
        let varies = self.severity_varies && self.severity != "Variable";
        [
            self.finding_type.as_str().to_owned(),
            format!("{}{}", self.severity, if varies { " (varies)" } else { "" }),
            self.resource_type.clone(),
            self.protection_plan.unwrap_or("none: retired").to_owned(),
            or_none(&self.tactics),
            or_none(&self.techniques),
        ]
    }
}

fn not_a_formula(cell: String) -> String {
    if cell.starts_with(FORMULA) { format!("'{cell}") } else { cell }
}

fn or_none(ids: &[String]) -> String {
    if ids.is_empty() { "none".to_owned() } else { ids.join(" ") }
}

fn ids(entries: &[&AttackEntry]) -> Vec<String> {
    entries.iter().map(|entry| entry.id.clone()).collect()
}

fn word(severity: Option<&Severity>) -> String {
    severity.map_or("Unknown", Severity::word).to_owned()
}

fn documented(severity: Option<&Severity>) -> String {
    severity.map_or_else(String::new, |severity| severity.documented.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Row> {
        let catalogue = builtin::catalogue();
        let wanted = ["Recon:EC2/Portscan", "Impact:SES/ResourceHijacking"];
        let entries = catalogue.entries.iter();
        let entries = entries.filter(|f| wanted.contains(&f.finding_type.as_str()));
        active(entries, &catalogue.guide)
    }

    #[test]
    fn the_same_facts_in_every_form() {
        insta::assert_snapshot!(table(&rows()), @"
        Finding type                  Severity  Resource type  Protection plan                Tactics  Techniques
        Impact:SES/ResourceHijacking  Variable  SES            Custom Detection Rules         TA0040   T1496.004
        Recon:EC2/Portscan            Medium    Amazon EC2     Foundational threat detection  TA0007   T1046
        ");
        insta::assert_snapshot!(csv(&rows()), @"
        finding_type,severity,severity_varies,resource_type,data_sources,protection_plan,threat_purpose,tactics,techniques,status,file,url
        Impact:SES/ResourceHijacking,Variable,true,SES,AWS CloudTrail Management Events,Custom Detection Rules,Impact,TA0040,T1496.004,active,impact-ses-resourcehijacking.md,https://docs.aws.amazon.com/guardduty/latest/ug/findings-custom-detection-rules.html#cdr-impact
        Recon:EC2/Portscan,Medium,false,Amazon EC2,VPC flow logs,Foundational threat detection,Recon,TA0007,T1046,active,recon-ec2-portscan.md,https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-ec2.html#recon-ec2-portscan
        ");
        insta::assert_snapshot!(markdown(&rows(), |row| row.slug.file_name()), @"
        | Finding type | Severity | Resource type | Protection plan | Tactics | Techniques |
        | --- | --- | --- | --- | --- | --- |
        | [Impact:SES/ResourceHijacking](impact-ses-resourcehijacking.md) | Variable | SES | Custom Detection Rules | TA0040 | T1496.004 |
        | [Recon:EC2/Portscan](recon-ec2-portscan.md) | Medium | Amazon EC2 | Foundational threat detection | TA0007 | T1046 |
        ");
        let parsed: serde_json::Value = serde_json::from_str(&json(&rows())).unwrap();
        assert_eq!(parsed[0]["signals"][1]["severity"], "Medium");
    }

    #[test]
    fn no_cell_of_the_csv_is_a_formula() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(not_a_formula(cell.to_owned()), format!("'{cell}"));
        }
        for cell in ["", "Amazon EC2", "a=1", "'=1"] {
            assert_eq!(not_a_formula(cell.to_owned()), cell);
        }
        let mut rows = rows();
        rows[0].resource_type = "=1+1".to_owned();
        assert!(csv(&rows).contains(",true,'=1+1,AWS CloudTrail"));
    }

    #[test]
    fn retired_types_are_known_by_name() {
        let rows = retired(&builtin::catalogue());
        assert_eq!(rows.len(), 21);
        assert!(rows.iter().all(|row| row.status == "retired" && row.url.contains(RETIRED_PAGE)));
    }
}
