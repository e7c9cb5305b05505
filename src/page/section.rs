//! Sections: the part of a page that explains one finding type, and the part of a remediation page
//! that a link leads to.

use super::{Block, Inline, List, Page, block_lines, plain_text};
use crate::finding_type::FindingType;
use crate::guide::{GuideLink, GuideUrl, PageName};

/// A heading and what stands below it, up to the next heading of the same or a higher level.
#[derive(Clone, Copy, Debug)]
pub struct Section<'p> {
    /// The page.
    pub page: &'p PageName,
    /// The fragment that links to it.
    pub anchor: Option<&'p str>,
    /// The text of the heading.
    pub heading: &'p [Inline],
    /// Its blocks, without the heading.
    pub blocks: &'p [Block],
}

impl Section<'_> {
    /// The finding type that the heading names, where it names one.
    pub fn finding_type(&self) -> Option<FindingType> {
        plain_text(self.heading).parse().ok()
    }
}

/// The sections of a page that begin at a heading of level 2, in document order.
pub fn sections(page: &Page) -> impl Iterator<Item = Section<'_>> {
    (0..page.blocks.len()).filter_map(|at| section_at(page, at, |level| level == 2))
}

/// The section of any level that an anchor leads to.
pub fn section_with_anchor<'p>(page: &'p Page, anchor: &str) -> Option<Section<'p>> {
    let mut all = (0..page.blocks.len()).filter_map(|at| section_at(page, at, |_| true));
    all.find(|section| section.anchor == Some(anchor))
}

fn section_at(page: &Page, at: usize, wanted: impl Fn(u8) -> bool) -> Option<Section<'_>> {
    let Block::Heading { level, anchor, text } = &page.blocks[at] else { return None };
    if !wanted(*level) {
        return None;
    }
    let below = &page.blocks[at + 1..];
    let ends = |block: &Block| matches!(block, Block::Heading { level: next, .. } if next <= level);
    let end = below.iter().position(ends).unwrap_or(below.len());
    Some(Section {
        page: &page.name,
        anchor: anchor.as_deref(),
        heading: text,
        blocks: &below[..end],
    })
}

/// What the section of a finding type says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindingText {
    /// The whole section without its heading.
    pub section: Vec<Block>,
    /// The one-sentence description.
    pub summary: Option<Vec<Inline>>,
    /// The documented severity; empty where the section gives none.
    pub severity: String,
    /// The documented data sources or features.
    pub data_sources: Vec<String>,
    /// The text between the facts and the remediation part.
    pub description: Vec<Block>,
    /// The remediation part without its heading; empty where the section has none.
    pub remediation: Vec<Block>,
    /// The remediation pages, or places in them, that the remediation part links to, in order.
    pub remediation_links: Vec<GuideLink>,
}

impl FindingText {
    /// Reads the section of a finding type.
    pub fn read(section: &Section<'_>, guide: &GuideUrl) -> Self {
        let mut text = Self { section: section.blocks.to_vec(), ..Self::default() };
        let mut blocks = section.blocks.iter();
        for block in blocks.by_ref() {
            if let Block::Heading { level: 3, text: summary, .. } = block
                && text.summary.is_none()
            {
                text.summary = Some(summary.clone());
            } else if is_remediation_start(block) {
                text.remediation.extend(behind_heading(block));
                break;
            } else {
                text.take_facts(block.clone())
                    .into_iter()
                    .for_each(|rest| text.description.push(rest));
            }
        }
        text.remediation.extend(blocks.cloned());
        let links = links(&text.remediation).into_iter().filter_map(|url| guide.place(url));
        for link in links.filter(|link| link.page.is_remediation()) {
            if !text.remediation_links.contains(&link) {
                text.remediation_links.push(link);
            }
        }
        text
    }

    /// Keeps severity and data sources that a block states; gives back what else it says.
    fn take_facts(&mut self, block: Block) -> Option<Block> {
        match block {
            Block::Paragraph(text) if self.take_fact(&text, &[]) => None,
            Block::List(List { ordered: false, mut items }) => {
                items.retain(|item| match item.split_first() {
                    Some((Block::Paragraph(text), rest)) => !self.take_fact(text, rest),
                    _ => true,
                });
                (!items.is_empty()).then_some(Block::List(List { ordered: false, items }))
            }
            Block::Note { title, blocks } => {
                let blocks: Vec<_> =
                    blocks.into_iter().filter_map(|inner| self.take_facts(inner)).collect();
                (!blocks.is_empty()).then_some(Block::Note { title, blocks })
            }
            other => Some(other),
        }
    }

    /// Keeps what `Label: value` states, the value being on the line or in the blocks below it.
    fn take_fact(&mut self, line: &[Inline], below: &[Block]) -> bool {
        let line = plain_text(line);
        let Some((label, value)) = line.split_once(':') else { return false };
        let value = value.trim();
        match label.trim().to_ascii_lowercase().as_str() {
            "default severity" => value.clone_into(&mut self.severity),
            "data source" | "data sources" | "feature" | "features" => {
                if !value.is_empty() {
                    self.data_sources.push(value.to_owned());
                }
                self.data_sources.extend(block_lines(below));
            }
            _ => return false,
        }
        true
    }
}

/// Whether the remediation part begins with this block.
fn is_remediation_start(block: &Block) -> bool {
    match block {
        Block::Heading { level: 4.., text, .. } => is_remediation_heading(text),
        Block::Paragraph(text) => {
            matches!(text.first(), Some(Inline::Strong(label)) if is_remediation_heading(label))
        }
        _ => false,
    }
}

/// What a paragraph says behind the heading that it begins with.
fn behind_heading(block: &Block) -> Option<Block> {
    let Block::Paragraph(text) = block else { return None };
    let mut rest = text.get(1..)?.to_vec();
    if let Some(Inline::Text(first)) = rest.first_mut() {
        *first = first.trim_start_matches([':', ' ']).to_owned();
    }
    (!plain_text(&rest).is_empty()).then_some(Block::Paragraph(rest))
}

fn is_remediation_heading(text: &[Inline]) -> bool {
    let text = plain_text(text).to_ascii_lowercase();
    let headings = [
        "remediation recommendations",
        "remediation recommendation",
        "remediation actions",
        "recommendation remediation",
        "remediation",
    ];
    headings.contains(&text.trim_end_matches(':').trim())
}

/// The addresses of all links, in document order.
fn links(blocks: &[Block]) -> Vec<&str> {
    let mut urls = Vec::new();
    for block in blocks {
        match block {
            Block::Heading { text, .. } | Block::Paragraph(text) => inline_links(text, &mut urls),
            Block::List(list) => urls.extend(list.items.iter().flat_map(|item| links(item))),
            Block::Note { blocks, .. } => urls.extend(links(blocks)),
            Block::Table(table) => {
                let cells = table.header.iter().chain(table.rows.iter().flatten());
                urls.extend(cells.flat_map(|cell| links(cell)));
            }
            Block::Code(_) => {}
        }
    }
    urls
}

fn inline_links<'t>(inlines: &'t [Inline], urls: &mut Vec<&'t str>) {
    for inline in inlines {
        match inline {
            Inline::Link { url, text } => {
                urls.push(url);
                inline_links(text, urls);
            }
            Inline::Strong(inner) | Inline::Emphasis(inner) => inline_links(inner, urls),
            Inline::Text(_) | Inline::Code(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::{html, markdown};

    fn page(markdown: &str) -> Page {
        markdown::read(&PageName::new("ec2").unwrap(), &GuideUrl::default(), markdown)
    }

    fn text(markdown: &str) -> FindingText {
        let page = page(&format!("## Trojan:EC2/X\n<a name=\"x\"></a>\n{markdown}"));
        FindingText::read(&sections(&page).next().unwrap(), &GuideUrl::default())
    }

    #[test]
    fn a_section_ends_before_the_next_heading_of_its_level() {
        let page = page("intro\n\n## A\n\n### a\n\none\n\n## B\n<a name=\"b\"></a>\n\ntwo\n");
        let found: Vec<_> =
            sections(&page).map(|s| (plain_text(s.heading), s.blocks.len())).collect();
        assert_eq!(found, [("A".to_owned(), 2), ("B".to_owned(), 1)]);
        assert!(section_with_anchor(&page, "b").is_some());
        assert!(section_with_anchor(&page, "c").is_none());
    }

    #[test]
    fn facts_in_paragraphs_bullets_notes_and_nested_lists() {
        let read = text(
            "### Short.\n\n**Default severity: Low\\***\n\n**Note**\nIt depends.\n+ **Data source: **DNS logs\n\nLong.",
        );
        assert_eq!(
            (read.severity.as_str(), read.data_sources.as_slice()),
            ("Low*", &["DNS logs".to_owned()][..])
        );
        assert_eq!(plain_text(read.summary.as_ref().unwrap()), "Short.");
        assert_eq!(block_lines(&read.description), ["It depends.", "Long."]);
        let read =
            text("+ Default severity: Critical\n+ Data sources:\n  + [A](a.md)\n  + B\n\nLong.");
        assert_eq!(
            (read.severity.as_str(), read.data_sources.join("/")),
            ("Critical", "A/B".into())
        );
        assert_eq!(block_lines(&read.description), ["Long."]);
        let html = "<h2 id=x>Trojan:EC2/X</h2><p><b>Default severity: Low*</b></p><div class=awsdocs-note>\
                    <p>It depends.</p><ul><li><p><b>Data source:</b> DNS logs</p></li></ul></div>";
        let page = html::read(&PageName::new("ec2").unwrap(), &GuideUrl::default(), html);
        let read = FindingText::read(&sections(&page).next().unwrap(), &GuideUrl::default());
        assert_eq!(read.data_sources, ["DNS logs"]);
        assert_eq!(block_lines(&read.description), ["It depends."]);
    }

    #[test]
    fn the_remediation_part_in_all_its_forms() {
        for heading in [
            "**Remediation recommendations:**\n\n",
            "**Remediation actions**: ",
            "**Recommendation remediation:**\n\n",
            "#### Remediation\n\n",
        ] {
            let read = text(&format!(
                "Long.\n\n{heading}See [a](compromised-x.md#y), [b](rules.md).\n\nAnd [c](guardduty_remediate.md)."
            ));
            assert_eq!(block_lines(&read.remediation), ["See a, b.", "And c."], "{heading}");
            assert_eq!(block_lines(&read.description), ["Long."], "{heading}");
            let links: Vec<_> = read
                .remediation_links
                .iter()
                .map(|l| (l.page.as_str(), l.anchor.as_deref()))
                .collect();
            assert_eq!(links, [("compromised-x", Some("y")), ("guardduty_remediate", None)]);
        }
        assert!(text("Long. **Remediation recommendations:** none.").remediation.is_empty());
    }
}
