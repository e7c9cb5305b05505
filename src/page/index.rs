//! The table of active finding types.

use super::{Block, Cell, Inline, Page, Table, plain_text};
use crate::diagnostic::{Diagnostic, Problem};
use crate::finding_type::FindingType;
use crate::guide::{GuideLink, GuideUrl};
use crate::severity::Severity;

/// A row of the table of active finding types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexEntry {
    /// The name as the row shows it; the heading of its section has the last word.
    pub name: String,
    /// The name, where it follows the grammar.
    pub finding_type: Option<FindingType>,
    /// The resource type as documented, `Amazon EC2`; empty where the table has no such column.
    pub resource_type: String,
    /// The data sources or features as documented.
    pub data_sources: Vec<String>,
    /// The severity as documented; may be empty.
    pub severity: String,
    /// The section that explains it, where the row links to one.
    pub place: Option<GuideLink>,
}

/// The page has no table of finding types.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the page {page} has no table of finding types")]
pub struct NoIndexTable {
    /// The page that was read.
    pub page: crate::guide::PageName,
}

/// Reads the table of active finding types: the first table in which a row names a finding type.
pub fn read(
    page: &Page,
    guide: &GuideUrl,
) -> Result<(Vec<IndexEntry>, Vec<Diagnostic>), NoIndexTable> {
    let tables = page.blocks.iter().filter_map(|block| match block {
        Block::Table(table) => Some(table),
        _ => None,
    });
    let read = tables.map(|table| read_table(page, table, guide));
    let with_types = |entries: &[IndexEntry]| entries.iter().any(|e| e.finding_type.is_some());
    let mut read = read.filter(|(entries, _)| with_types(entries));
    read.next().ok_or_else(|| NoIndexTable { page: page.name.clone() })
}

fn read_table(page: &Page, table: &Table, guide: &GuideUrl) -> (Vec<IndexEntry>, Vec<Diagnostic>) {
    let columns = Columns::of(table);
    let (mut entries, mut diagnostics) = (Vec::new(), Vec::new());
    for row in &table.rows {
        let entry = columns.entry(row, guide);
        if entry.finding_type.is_some() || entry.place.is_some() {
            entries.push(entry);
        } else if row.iter().any(|cell| !cell.is_empty()) {
            let text: Vec<String> = row.iter().map(cell_text).collect();
            diagnostics.push(Diagnostic {
                page: page.name.clone(),
                anchor: None,
                finding_type: None,
                problem: Problem::NotAFindingType(text.join(" | ")),
            });
        }
    }
    (entries, diagnostics)
}

/// Which column holds what.
struct Columns {
    resource_type: Option<usize>,
    data_source: Option<usize>,
    severity: Option<usize>,
}

impl Columns {
    /// Found by the words of the heading row; without one, in AWS's order.
    fn of(table: &Table) -> Self {
        let headings: Vec<String> =
            table.header.iter().map(|cell| cell_text(cell).to_lowercase()).collect();
        if headings.is_empty() {
            return Self { resource_type: Some(1), data_source: Some(2), severity: Some(3) };
        }
        let column = |words: &[&str]| {
            headings.iter().position(|heading| words.iter().any(|word| heading.contains(word)))
        };
        Self {
            resource_type: column(&["resource"]),
            data_source: column(&["data source", "feature"]),
            severity: column(&["severity"]),
        }
    }

    fn entry(&self, row: &[Cell], guide: &GuideUrl) -> IndexEntry {
        let cell = |column: Option<usize>| column.and_then(|column| row.get(column));
        let (name, place) =
            row.first().map_or((String::new(), None), |cell| name_and_place(cell, guide));
        IndexEntry {
            finding_type: name.parse().ok(),
            name,
            resource_type: cell(self.resource_type).map(cell_text).unwrap_or_default(),
            data_sources: cell(self.data_source).map(cell_lines).unwrap_or_default(),
            severity: cell(self.severity).map(cell_text).unwrap_or_default(),
            place,
        }
    }
}

/// The text of the first link into the guide and where it leads; without one, the cell's text.
fn name_and_place(cell: &Cell, guide: &GuideUrl) -> (String, Option<GuideLink>) {
    for block in cell {
        let Block::Paragraph(text) = block else { continue };
        if let Some((url, text)) = first_link(text)
            && let Some(place) = guide.place(url)
        {
            return (plain_text(text).trim().to_owned(), Some(place));
        }
    }
    (cell_text(cell), None)
}

fn first_link(inlines: &[Inline]) -> Option<(&str, &[Inline])> {
    inlines.iter().find_map(|inline| match inline {
        Inline::Link { url, text } => Some((url.as_str(), text.as_slice())),
        Inline::Strong(inner) | Inline::Emphasis(inner) => first_link(inner),
        Inline::Text(_) | Inline::Code(_) => None,
    })
}

fn cell_text(cell: &Cell) -> String {
    super::block_lines(cell).join(" ")
}

/// The lines of a cell, without footnote marks.
fn cell_lines(cell: &Cell) -> Vec<String> {
    let unmarked = |line: String| line.trim_end_matches(['*', '+']).trim().to_owned();
    super::block_lines(cell).into_iter().map(unmarked).filter(|line| !line.is_empty()).collect()
}

impl IndexEntry {
    /// The severity, where its wording is understood.
    pub fn parsed_severity(&self) -> Option<Severity> {
        Severity::parse(&self.severity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guide::PageName;
    use crate::page::html;

    fn read_html(rows: &str) -> (Vec<IndexEntry>, Vec<Diagnostic>) {
        let html = format!(
            "<table><tr><td>Not it</td></tr></table><table><thead><tr><th>Finding type</th>\
             <th>Resource type</th><th>Foundational data source/Feature</th><th>Finding severity\
             </th></tr></thead>{rows}</table>"
        );
        let guide = GuideUrl::default();
        let page = html::read(&PageName::new("index").unwrap(), &guide, &html);
        read(&page, &guide).unwrap()
    }

    #[test]
    fn footnotes_lists_and_stray_text_in_cells() {
        let (entries, diagnostics) = read_html(
            "<tr><td><p><a href='./ec2.html#a-typo'>Recon:EC2/Portscan</a> scans ports</p><p></p></td>\
             <td><p><a href='./rds.html'>Databases</a></p></td>\
             <td><ul><li>VPC flow logs<sup><a href='#n'>+</a></sup></li><li>DNS logs</li></ul></td>\
             <td>Low<sup><a href='#v'>*</a></sup></td></tr>",
        );
        let entry = &entries[0];
        assert_eq!(entry.finding_type.as_ref().unwrap().as_str(), "Recon:EC2/Portscan");
        assert_eq!(entry.place.as_ref().unwrap().anchor.as_deref(), Some("a-typo"));
        assert_eq!(entry.resource_type, "Databases");
        assert_eq!(entry.data_sources, ["VPC flow logs", "DNS logs"]);
        assert!(entry.parsed_severity().unwrap().varies);
        assert_eq!(diagnostics, []);
    }

    #[test]
    fn a_row_that_names_nothing_is_reported_and_the_others_are_read() {
        let (entries, diagnostics) = read_html(
            "<tr><td></td><td></td><td></td><td></td></tr>\
             <tr><td>see below</td><td>EC2</td><td>x</td><td>Low</td></tr>\
             <tr><td><a href='ec2.html#x'>Recon:EC2/PortscanA port was scanned</a></td><td>EC2</td>\
             <td>x</td><td>Low</td></tr>\
             <tr><td><a href='ec2.html#p'>Recon:EC2/Portscan</a></td><td>EC2</td><td>x</td><td>Low</td></tr>",
        );
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].finding_type, None, "its section will tell the name");
        assert_eq!(diagnostics.len(), 1);
        assert!(diagnostics[0].to_string().contains("see below"), "{}", diagnostics[0]);
    }

    #[test]
    fn a_page_without_the_table_is_an_error() {
        let guide = GuideUrl::default();
        let page = html::read(&PageName::new("login").unwrap(), &guide, "<p>Sign in</p>");
        assert_eq!(
            read(&page, &guide).unwrap_err().to_string(),
            "the page login has no table of finding types"
        );
    }
}
