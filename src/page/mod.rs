//! What a page of the guide says.
//!
//! AWS serves each page as HTML and as Markdown. [`html`] and [`markdown`] turn either into one
//! document model, a flat list of [`Block`]s in document order, in which every link is absolute.
//! The readers of content ([`index`], [`section`], [`custom_rules`]) see only that model, so both
//! formats give the same findings.

mod bounds;
pub mod custom_rules;
pub mod html;
pub mod index;
mod inline;
pub mod markdown;
pub mod section;
mod tree;

pub(crate) use inline::is_hidden;

use crate::guide::PageName;

/// A page in the document model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Which page it is.
    pub name: PageName,
    /// Its blocks in document order; what wraps them in the source plays no part.
    pub blocks: Vec<Block>,
    /// Why the page was not read to its end, where it was not. No page of the guide is like that,
    /// and what is left out is not known.
    pub cut: Option<&'static str>,
}

/// A block of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A heading, levels 1 to 6.
    Heading {
        /// 1 to 6.
        level: u8,
        /// The fragment that links to it.
        anchor: Option<String>,
        /// Its text.
        text: Vec<Inline>,
    },
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// An ordered or unordered list.
    List(List),
    /// A block of code.
    Code(String),
    /// A note, tip, warning …
    Note {
        /// What stands above it: `Note`, `Important`.
        title: String,
        /// Its text.
        blocks: Vec<Block>,
    },
    /// A table.
    Table(Table),
}

/// A list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// Whether its items are numbered; numbers count from one.
    pub ordered: bool,
    /// The blocks of each item.
    pub items: Vec<Vec<Block>>,
}

/// A table; every row has as many cells as the widest, spanning cells are repeated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The cells of the heading row; empty where the table has none.
    pub header: Vec<Cell>,
    /// The other rows.
    pub rows: Vec<Vec<Cell>>,
}

/// The blocks of a cell.
pub type Cell = Vec<Block>;

/// A piece of running text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Plain text, white space folded.
    Text(String),
    /// Code, and text to be replaced.
    Code(String),
    /// Bold text.
    Strong(Vec<Inline>),
    /// Italic text.
    Emphasis(Vec<Inline>),
    /// A link.
    Link {
        /// Absolute; `http`, `https` or `mailto`.
        url: String,
        /// What is shown.
        text: Vec<Inline>,
    },
}

/// The plain text of running text, without marks.
pub fn plain_text(inlines: &[Inline]) -> String {
    let mut text = String::new();
    for inline in inlines {
        match inline {
            Inline::Text(part) | Inline::Code(part) => text.push_str(part),
            Inline::Strong(inner) | Inline::Emphasis(inner) | Inline::Link { text: inner, .. } => {
                text.push_str(&plain_text(inner));
            }
        }
    }
    text
}

/// The plain text of blocks, one line a paragraph, heading, list item or line of code.
pub fn block_lines(blocks: &[Block]) -> Vec<String> {
    let mut lines = Vec::new();
    for block in blocks {
        match block {
            Block::Heading { text, .. } | Block::Paragraph(text) => lines.push(plain_text(text)),
            Block::List(list) => lines.extend(list.items.iter().flat_map(|item| block_lines(item))),
            Block::Code(code) => lines.extend(code.lines().map(str::to_owned)),
            Block::Note { blocks, .. } => lines.extend(block_lines(blocks)),
            Block::Table(table) => {
                let cells = table.header.iter().chain(table.rows.iter().flatten());
                lines.extend(cells.flat_map(|cell| block_lines(cell)));
            }
        }
    }
    lines
}
