//! The page of Custom Detection Rules: tables by tactic, several signals for a finding type, no
//! section for each type. HTML has tables with spanning cells; Markdown has tables, and nested
//! lists where cells span.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Block, Inline, List, Page, Table, block_lines, plain_text};
use crate::diagnostic::{Diagnostic, Problem};
use crate::finding_type::FindingType;
use crate::severity::SeverityLevel;

/// A finding type of Custom Detection Rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomRuleEntry {
    /// Its name.
    pub finding_type: FindingType,
    /// What feeds the rules, `AWS CloudTrail Management Events`.
    pub data_source: String,
    /// The fragment of the tactic below which it stands.
    pub anchor: Option<String>,
    /// What the page says of the tactic.
    pub tactic: Vec<Inline>,
    /// What the page says of the tactic, in a sentence.
    pub description: Vec<Block>,
    /// The signals that are joined in a finding of this type.
    pub signals: Vec<Signal>,
}

/// A signal of Custom Detection Rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// Its name: `EC2PasswordDataRetrieved`.
    pub name: String,
    /// The severity of a finding with this signal.
    pub severity: SeverityLevel,
}

/// Reads the page of Custom Detection Rules.
pub fn read(page: &Page) -> (Vec<CustomRuleEntry>, Vec<Diagnostic>) {
    let mut reader = Reader::new(page);
    for block in &page.blocks {
        reader.block(block);
    }
    (reader.entries, reader.diagnostics)
}

struct Reader<'p> {
    page: &'p Page,
    data_source: String,
    anchor: Option<String>,
    tactic: Vec<Inline>,
    description: Vec<Block>,
    entries: Vec<CustomRuleEntry>,
    /// Which entry is whose.
    numbers: BTreeMap<FindingType, usize>,
    diagnostics: Vec<Diagnostic>,
}

impl<'p> Reader<'p> {
    fn new(page: &'p Page) -> Self {
        Self {
            page,
            data_source: String::new(),
            anchor: None,
            tactic: Vec::new(),
            description: Vec::new(),
            entries: Vec::new(),
            numbers: BTreeMap::new(),
            diagnostics: Vec::new(),
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading { level, anchor, text } => {
                if *level <= 2 {
                    self.data_source = plain_text(text);
                }
                self.anchor.clone_from(anchor);
                self.tactic.clone_from(text);
                self.description.clear();
            }
            Block::Table(table) if !self.data_source.is_empty() => self.table(table),
            Block::List(list) if names_a_type(list) => self.list(list),
            other => self.description.push(other.clone()),
        }
    }

    fn table(&mut self, table: &Table) {
        for row in &table.rows {
            let cells: Vec<String> = row.iter().map(|cell| block_lines(cell).join(" ")).collect();
            match cells.as_slice() {
                [name, signal, severity, ..] => self.signal(name, signal, severity),
                _ => self.not_understood(cells.join(" | ")),
            }
        }
    }

    fn list(&mut self, list: &List) {
        for item in &list.items {
            let lines = block_lines(item);
            let Some((name, facts)) = lines.split_first() else { continue };
            let facts = facts.join(" / ");
            let signals: Vec<&str> = facts.split("Signal name:").skip(1).collect();
            if signals.is_empty() {
                self.not_understood(lines.join(" / "));
            }
            for signal in signals {
                let (signal, severity) = signal.split_once("Severity:").unwrap_or((signal, ""));
                self.signal(name, signal, severity);
            }
        }
    }

    fn signal(&mut self, name: &str, signal: &str, severity: &str) {
        let around = |c: char| c == '/' || c.is_whitespace();
        let signal = signal.trim_matches(around).to_owned();
        let level = SeverityLevel::from_word(severity.trim_matches(around));
        let (Ok(finding_type), Some(severity), false) = (name.parse(), level, signal.is_empty())
        else {
            self.not_understood(format!("{name} | {signal} | {severity}"));
            return;
        };
        let signal = Signal { name: signal, severity };
        if let Some(number) = self.numbers.get(&finding_type) {
            self.entries[*number].signals.push(signal);
            return;
        }
        self.numbers.insert(finding_type.clone(), self.entries.len());
        self.entries.push(CustomRuleEntry {
            finding_type,
            data_source: self.data_source.clone(),
            anchor: self.anchor.clone(),
            tactic: self.tactic.clone(),
            description: self.description.clone(),
            signals: vec![signal],
        });
    }

    fn not_understood(&mut self, row: String) {
        self.diagnostics.push(Diagnostic {
            page: self.page.name.clone(),
            anchor: self.anchor.clone(),
            finding_type: None,
            problem: Problem::SignalNotUnderstood(row),
        });
    }
}

fn names_a_type(list: &List) -> bool {
    let first = list.items.first().and_then(|item| item.first());
    matches!(first, Some(Block::Paragraph(text)) if plain_text(text).parse::<FindingType>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guide::{GuideUrl, PageName};
    use crate::page::{html, markdown};

    const HTML: &str = "<h1>Rules</h1><h2 id=ct>Trail events</h2><h3 id=cdr-i>Impact</h3><p>Harm.</p>\
        <table><thead><tr><th>Finding type</th><th>Signal</th><th>Severity</th></tr></thead>\
        <tr><td rowspan=2><b>Impact:S3/Wiped</b></td><td><a href='#a'>SignalA</a></td><td>LOW</td></tr>\
        <tr><td>SignalB</td><td>HIGH</td></tr>\
        <tr><td rowspan=1><b>Impact:SES/Taken</b></td><td>SignalC</td><td>MEDIUM</td></tr></table>";

    const MARKDOWN: &str = "# Rules\n\n## Trail events\n<a name=\"ct\"></a>\n\n### Impact\n\
        <a name=\"cdr-i\"></a>\n\nHarm.\n\n\
        - ****Impact:S3/Wiped****\n  - **Signal name:** [SignalA](#a) / **Severity:** LOW\n  \
        - **Signal name:** SignalB / **Severity:** HIGH\n\n\
        - ****Impact:SES/Taken****\n  - **Signal name:** SignalC\n  - **Severity:** MEDIUM\n";

    fn page(read: impl Fn(&PageName, &GuideUrl, &str) -> Page, text: &str) -> Page {
        read(&PageName::new("rules").unwrap(), &GuideUrl::default(), text)
    }

    #[test]
    fn spanning_rows_and_nested_lists_give_the_same() {
        let (from_html, none) = read(&page(html::read, HTML));
        assert_eq!(none, []);
        assert_eq!(read(&page(markdown::read, MARKDOWN)), (from_html.clone(), Vec::new()));
        let signals: Vec<_> =
            from_html[0].signals.iter().map(|s| (s.name.as_str(), s.severity.as_str())).collect();
        assert_eq!(signals, [("SignalA", "Low"), ("SignalB", "High")]);
        assert_eq!(from_html[1].data_source, "Trail events");
        assert_eq!(from_html[1].anchor.as_deref(), Some("cdr-i"));
        assert_eq!(block_lines(&from_html[1].description), ["Harm."]);
    }

    #[test]
    fn a_row_that_is_not_understood_is_reported_and_the_others_are_read() {
        let broken = HTML.replace("MEDIUM", "UNKNOWN");
        let (entries, diagnostics) = read(&page(html::read, &broken));
        assert_eq!(entries.len(), 1);
        assert!(diagnostics[0].to_string().contains("SignalC"), "{}", diagnostics[0]);
    }
}
