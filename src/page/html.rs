//! Reads a page in HTML, as the documentation site shows it.
//!
//! Elements that only wrap others are transparent: the site's wrappers change, its text does not.

use std::cell;

use super::inline::{clean_code_block, normalise};
use super::tree::{Child, Element, Tree};
use super::{Block, Cell, Inline, List, Page, Table, bounds, plain_text};
use crate::guide::{GuideUrl, PageName};

/// Elements nested deeper than this are read as plain text, so that no page can exhaust the stack.
const MAX_DEPTH: usize = 120;

/// The widest row that a table may have, spanning cells included.
const MAX_COLUMNS: usize = 32;

/// How many blocks and pieces of running text the spanning cells of a page may be repeated as; then
/// they stay empty. Tables in spanning cells would multiply without end.
const MAX_REPEATED: usize = 50_000;

/// Reads a page in HTML.
pub fn read(name: &PageName, guide: &GuideUrl, text: &str) -> Page {
    let (document, cut) = bounds::read(text);
    let mut blocks = Vec::new();
    if cut.is_none() {
        let repeats = cell::Cell::new(MAX_REPEATED);
        let mut reader = Reader::new(name, guide, &repeats);
        if let Some(content) = content(&document) {
            reader.children(content, 0);
        }
        reader.end_paragraph();
        blocks = reader.blocks;
    }
    Page { name: name.clone(), blocks, cut }
}

/// The part of the document that holds the text; the whole of it where the site's own marks are
/// missing.
fn content(document: &Tree) -> Option<Element<'_>> {
    let with_id = |id: &str| document.elements().find(|one| one.attribute("id") == Some(id));
    let with_tag = |tag: &str| document.elements().find(|one| one.name() == tag);
    with_id("main-col-body")
        .or_else(|| with_id("main-content"))
        .or_else(|| with_tag("main"))
        .or_else(|| with_tag("body"))
        .or_else(|| document.elements().next())
}

struct Reader<'a> {
    name: &'a PageName,
    guide: &'a GuideUrl,
    /// How much of [`MAX_REPEATED`] is left.
    repeats: &'a cell::Cell<usize>,
    blocks: Vec<Block>,
    pending: Vec<Inline>,
    anchor: Option<String>,
}

impl<'a> Reader<'a> {
    fn new(name: &'a PageName, guide: &'a GuideUrl, repeats: &'a cell::Cell<usize>) -> Self {
        Self { name, guide, repeats, blocks: Vec::new(), pending: Vec::new(), anchor: None }
    }

    fn children(&mut self, parent: Element<'a>, depth: usize) {
        for child in parent.children() {
            match child {
                Child::Text(text) => self.pending.push(Inline::Text(text.to_owned())),
                Child::Element(element) => self.element(element, depth + 1),
            }
        }
    }

    fn element(&mut self, element: Element<'a>, depth: usize) {
        let tag = element.name();
        if is_ignored(element) {
            return;
        }
        if depth > MAX_DEPTH {
            self.pending.push(Inline::Text(visible_text(element)));
            return;
        }
        match tag {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.heading(element, depth),
            "ul" | "ol" => self.list(element, depth),
            "pre" => {
                self.block(Block::Code(clean_code_block(&visible_text(element))));
            }
            "table" => {
                let table = self.table(element, depth);
                self.block(Block::Table(table));
            }
            "blockquote" => self.note(String::new(), element, depth),
            _ if is_note(element) => self.note(note_title(element), element, depth),
            "p" | "dt" | "dd" | "li" | "caption" => {
                self.end_paragraph();
                self.children(element, depth);
                self.end_paragraph();
            }
            "br" => self.pending.push(Inline::Text(" ".to_owned())),
            _ if is_inline(tag) => {
                self.anchor = anchor_of(element).or(self.anchor.take());
                let inline = self.inline(element, depth);
                self.pending.extend(inline);
            }
            _ => {
                self.end_paragraph();
                self.anchor = anchor_of(element).or(self.anchor.take());
                self.children(element, depth);
                self.end_paragraph();
            }
        }
    }

    fn block(&mut self, block: Block) {
        self.end_paragraph();
        self.anchor = None;
        self.blocks.push(block);
    }

    fn end_paragraph(&mut self) {
        let text = normalise(std::mem::take(&mut self.pending));
        if !text.is_empty() {
            self.anchor = None;
            self.blocks.push(Block::Paragraph(text));
        }
    }

    fn heading(&mut self, element: Element<'a>, depth: usize) {
        self.end_paragraph();
        let level = element.name()[1..].parse().expect("h1 to h6");
        let inner = element.elements_below().find_map(anchor_of);
        let anchor = anchor_of(element).or(inner).or(self.anchor.take());
        let text = normalise(self.inlines(element, depth));
        if !text.is_empty() {
            self.block(Block::Heading { level, anchor, text });
        }
    }

    fn list(&mut self, element: Element<'a>, depth: usize) {
        let ordered = element.name() == "ol";
        let mut items: Vec<Vec<Block>> = Vec::new();
        for child in element.child_elements() {
            match child.name() {
                "li" => items.push(self.nested(child, depth)),
                // A list directly within a list belongs to the item before it.
                "ul" | "ol" => {
                    let mut inner = self.inner();
                    inner.element(child, depth + 1);
                    let blocks = inner.blocks;
                    match items.last_mut() {
                        Some(item) => item.extend(blocks),
                        None => items.push(blocks),
                    }
                }
                _ => {}
            }
        }
        items.retain(|item| !item.is_empty());
        if !items.is_empty() {
            self.block(Block::List(List { ordered, items }));
        }
    }

    fn note(&mut self, title: String, element: Element<'a>, depth: usize) {
        let blocks = self.nested(element, depth);
        if blocks.is_empty() {
            return;
        }
        let title = if title.is_empty() { "Note".to_owned() } else { title };
        self.block(Block::Note { title, blocks });
    }

    fn inner(&self) -> Reader<'a> {
        Reader::new(self.name, self.guide, self.repeats)
    }

    /// The blocks within an element.
    fn nested(&self, element: Element<'a>, depth: usize) -> Vec<Block> {
        let mut inner = self.inner();
        inner.children(element, depth + 1);
        inner.end_paragraph();
        inner.blocks
    }

    fn table(&self, element: Element<'a>, depth: usize) -> Table {
        let mut grid = Grid { repeats: self.repeats, rows: Vec::new(), open: Vec::new() };
        let mut header_rows = 0;
        for row in rows(element) {
            let cells = row.child_elements().filter(|cell| matches!(cell.name(), "td" | "th"));
            let cells: Vec<_> = cells.collect();
            if cells.is_empty() {
                continue;
            }
            if cells.iter().all(|cell| cell.name() == "th") && header_rows == grid.rows.len() {
                header_rows += 1;
            }
            grid.add_row(cells.iter().map(|cell| {
                (span(cell, "colspan"), span(cell, "rowspan"), self.nested(*cell, depth + 1))
            }));
        }
        let mut rows = grid.finish();
        let header = if header_rows > 0 { rows.remove(0) } else { Vec::new() };
        Table { header, rows }
    }

    fn inlines(&self, parent: Element<'a>, depth: usize) -> Vec<Inline> {
        let mut out = Vec::new();
        for child in parent.children() {
            match child {
                Child::Text(text) => out.push(Inline::Text(text.to_owned())),
                Child::Element(element) if is_ignored(element) => {}
                Child::Element(element) => out.extend(self.inline(element, depth + 1)),
            }
        }
        out
    }

    fn inline(&self, element: Element<'a>, depth: usize) -> Vec<Inline> {
        if depth > MAX_DEPTH {
            return vec![Inline::Text(visible_text(element))];
        }
        match element.name() {
            "b" | "strong" => vec![Inline::Strong(self.inlines(element, depth))],
            "em" | "i" | "cite" | "dfn" => vec![Inline::Emphasis(self.inlines(element, depth))],
            "code" | "tt" | "kbd" | "samp" | "var" => {
                vec![Inline::Code(visible_text(element))]
            }
            "br" => vec![Inline::Text(" ".to_owned())],
            "a" => {
                let text = self.inlines(element, depth);
                let href = element.attribute("href");
                match href.and_then(|href| self.guide.absolute(self.name, href)) {
                    Some(url) => vec![Inline::Link { url, text }],
                    None => text,
                }
            }
            _ => self.inlines(element, depth),
        }
    }
}

/// Rows whose spanning cells are repeated in every place that they cover.
struct Grid<'a> {
    repeats: &'a cell::Cell<usize>,
    rows: Vec<Vec<Cell>>,
    /// For each column, the cell that goes on from above and for how many rows.
    open: Vec<Option<(usize, Cell)>>,
}

impl Grid<'_> {
    fn add_row(&mut self, cells: impl Iterator<Item = (usize, usize, Cell)>) {
        let mut row = Vec::new();
        for (columns, rows, cell) in cells {
            self.continue_from_above(&mut row);
            let covered = columns.min(MAX_COLUMNS.saturating_sub(row.len()));
            self.open.resize(self.open.len().max(row.len() + covered), None);
            for place in 0..covered {
                self.open[row.len()] = (rows > 1).then(|| (rows - 1, self.repeated(&cell)));
                let is_first = place == 0;
                row.push(if is_first { cell.clone() } else { self.repeated(&cell) });
            }
        }
        self.continue_from_above(&mut row);
        self.rows.push(row);
    }

    fn continue_from_above(&mut self, row: &mut Vec<Cell>) {
        while let Some(Some((left, cell))) = self.open.get(row.len()) {
            let (column, left, cell) = (row.len(), left - 1, self.repeated(cell));
            row.push(cell.clone());
            self.open[column] = (left > 0).then_some((left, cell));
        }
    }

    /// A cell once more, or an empty one where cells have been repeated too often.
    fn repeated(&self, cell: &Cell) -> Cell {
        let size = pieces(cell);
        match self.repeats.get().checked_sub(size) {
            Some(left) => {
                self.repeats.set(left);
                cell.clone()
            }
            None => Cell::new(),
        }
    }

    fn finish(mut self) -> Vec<Vec<Cell>> {
        let width = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        for row in &mut self.rows {
            row.resize(width, Vec::new());
        }
        self.rows
    }
}

/// How many blocks and pieces of running text there are.
fn pieces(blocks: &[Block]) -> usize {
    let inside = blocks.iter().map(|block| match block {
        Block::Heading { text, .. } | Block::Paragraph(text) => inline_pieces(text),
        Block::Code(_) => 0,
        Block::List(list) => list.items.iter().map(|item| pieces(item)).sum(),
        Block::Note { blocks, .. } => pieces(blocks),
        Block::Table(Table { header, rows }) => {
            header.iter().chain(rows.iter().flatten()).map(|cell| 1 + pieces(cell)).sum()
        }
    });
    blocks.len() + inside.sum::<usize>()
}

fn inline_pieces(text: &[Inline]) -> usize {
    let inside = text.iter().map(|inline| match inline {
        Inline::Text(_) | Inline::Code(_) => 0,
        Inline::Strong(inner) | Inline::Emphasis(inner) | Inline::Link { text: inner, .. } => {
            inline_pieces(inner)
        }
    });
    text.len() + inside.sum::<usize>()
}

fn rows(table: Element<'_>) -> Vec<Element<'_>> {
    let mut rows = Vec::new();
    for child in table.child_elements() {
        match child.name() {
            "tr" => rows.push(child),
            "thead" | "tbody" | "tfoot" => {
                rows.extend(child.child_elements().filter(|row| row.name() == "tr"));
            }
            _ => {}
        }
    }
    rows
}

/// The text within an element, without that of ignored elements.
fn visible_text(element: Element<'_>) -> String {
    element.texts_below(is_ignored).collect()
}

fn span(cell: &Element<'_>, attribute: &str) -> usize {
    let span = cell.attribute(attribute).and_then(|span| span.parse().ok());
    span.unwrap_or(1).clamp(1, 1000)
}

fn anchor_of(element: Element<'_>) -> Option<String> {
    let by_name = || element.attribute("name").filter(|_| element.name() == "a");
    let anchor = element.attribute("id").or_else(by_name)?;
    (!anchor.is_empty()).then(|| anchor.to_owned())
}

fn is_note(element: Element<'_>) -> bool {
    let kinds = ["awsdocs-note", "awsdocs-tip", "awsdocs-important", "awsdocs-warning"];
    element.classes().any(|class| kinds.contains(&class))
}

fn note_title(element: Element<'_>) -> String {
    let title = element.elements_below().find(|inner| is_note_title(*inner));
    let text = title.map(|title| vec![Inline::Text(visible_text(title))]).unwrap_or_default();
    plain_text(&normalise(text))
}

fn is_note_title(element: Element<'_>) -> bool {
    element.classes().any(|class| class == "awsdocs-note-title")
}

/// Elements that show nothing, or nothing of the page's own text.
fn is_ignored(element: Element<'_>) -> bool {
    let classes = ["code-btn-container", "highlights", "awsdocs-page-header-container"];
    let hides = |class| classes.contains(&class) || class == "awsdocs-note-title";
    let by_tag = matches!(
        element.name(),
        "script"
            | "style"
            | "noscript"
            | "template"
            | "head"
            | "nav"
            | "header"
            | "footer"
            | "button"
            | "iframe"
            | "object"
            | "svg"
            | "math"
            | "form"
            | "input"
            | "select"
            | "textarea"
            | "video"
            | "audio"
    );
    by_tag
        || element.name().starts_with("awsdocs-") && element.name() != "awsdocs-view"
        || element.classes().any(hides)
}

fn is_inline(tag: &str) -> bool {
    matches!(
        tag,
        "a" | "b"
            | "strong"
            | "em"
            | "i"
            | "cite"
            | "dfn"
            | "code"
            | "tt"
            | "kbd"
            | "samp"
            | "var"
            | "span"
            | "sup"
            | "sub"
            | "u"
            | "s"
            | "small"
            | "abbr"
            | "q"
            | "mark"
            | "font"
            | "label"
            | "del"
            | "ins"
            | "img"
            | "awsui-icon"
            | "wbr"
            | "time"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(html: &str) -> Vec<Block> {
        let name = PageName::new("a-page").unwrap();
        read(&name, &GuideUrl::default(), html).blocks
    }

    fn paragraph(text: &str) -> Block {
        Block::Paragraph(vec![Inline::Text(text.into())])
    }

    #[test]
    fn wrappers_play_no_part() {
        let flat = "<h2 id=a>A</h2><p>one</p><h2 id=b>B</h2><p>two</p>";
        let wrapped = "<main><section id=a><div><h2>A</h2></div><div><x-box>one</x-box></div>\
                       </section><section><h2 id=b>B</h2><div><p>two</p></div></section></main>";
        assert_eq!(blocks(flat), blocks(wrapped));
        assert_eq!(blocks(flat).len(), 4);
    }

    #[test]
    fn notes_lists_and_code_within_list_items() {
        let html = "<ol><li><p>First <b>step </b>now</p><pre><div class='code-btn-container'>copy\
                    </div><code>aws x `id`\n</code></pre><ul><li>inner</li></ul></li>\
                    <li><div class='awsdocs-note awsdocs-tip'><div class='awsdocs-note-title'>\
                    <h6>Tip</h6></div><div><p>careful</p></div></div></li></ol>";
        let read = blocks(html);
        let [Block::List(list)] = read.as_slice() else { panic!("not a list") };
        assert!(list.ordered);
        assert_eq!(list.items[0][1], Block::Code("aws x id".into()));
        assert!(matches!(&list.items[0][2], Block::List(inner) if !inner.ordered));
        let note = Block::Note { title: "Tip".into(), blocks: vec![paragraph("careful")] };
        assert_eq!(list.items[1], vec![note]);
    }

    #[test]
    fn spanning_cells_are_repeated() {
        let html = "<table><thead><tr><th>A</th><th>B</th></tr></thead>\
                    <tr><td rowspan=2>x</td><td>1</td></tr><tr><td>2</td></tr>\
                    <tr><td colspan=2>wide</td></tr></table>";
        let read = blocks(html);
        let [Block::Table(table)] = read.as_slice() else { panic!("not a table") };
        let text = |cell: &Cell| match cell.as_slice() {
            [Block::Paragraph(text)] => plain_text(text),
            _ => String::new(),
        };
        let rows: Vec<Vec<String>> =
            table.rows.iter().map(|r| r.iter().map(text).collect()).collect();
        assert_eq!(table.header.iter().map(text).collect::<Vec<_>>(), ["A", "B"]);
        assert_eq!(rows, [["x", "1"], ["x", "2"], ["wide", "wide"]]);
    }

    #[test]
    fn what_could_act_is_gone() {
        let html = "<p onclick=x()>a<script>alert(1)</script><a href='javascript:x()'>b</a>\
                    <iframe src=x></iframe>&lt;img src=x onerror=y&gt;</p>";
        assert_eq!(blocks(html), vec![paragraph("ab<img src=x onerror=y>")]);
    }

    #[test]
    fn the_title_of_a_note_holds_nothing_that_acts() {
        let html = "<div class=awsdocs-note><div class=awsdocs-note-title>Mind\n \u{1b}]0;x\u{7}\
                    <script>no</script>&#x202e;it</div>careful</div>";
        let [Block::Note { title, .. }] = &blocks(html)[..] else { panic!("not a note") };
        assert_eq!(title, "Mind ]0;xit");
    }

    #[test]
    fn deep_nesting_ends_as_text() {
        let deep = format!("{}end{}", "<ul><li>".repeat(100), "</li></ul>".repeat(100));
        assert!(!blocks(&deep).is_empty());
        let bold = format!("<p>{}end</p>", "<b class=x>".repeat(200));
        assert!(!blocks(&bold).is_empty());
    }

    #[test]
    fn spanning_cells_do_not_multiply_without_end() {
        let html = "<table><tr><td rowspan=9 colspan=99>x".repeat(40);
        let lines = crate::page::block_lines(&blocks(&html)).len();
        assert!((1_000..100_000).contains(&lines), "{lines}");
    }
}
