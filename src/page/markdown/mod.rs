//! Reads a page in AWS's Markdown, as the site serves it to programs and as its old repository
//! holds it. `source` rewrites what `CommonMark` would misread; the rest is `CommonMark`.

mod source;

use pulldown_cmark::{Event, Options, Parser, Tag};

use super::inline::{clean_code_block, normalise};
use super::{Block, Cell, Inline, List, Page, Table, plain_text};
use crate::guide::{GuideUrl, PageName};

/// Blocks and marks nested deeper than this are read as if they stood one level higher.
const MAX_DEPTH: usize = 60;

/// Stands for a line break within running text until cells have been cut into lines.
const LINE_BREAK: &str = "\u{2028}";

/// Reads a page in AWS's Markdown.
pub fn read(name: &PageName, guide: &GuideUrl, text: &str) -> Page {
    let text = source::to_common_mark(text);
    let mut reader = Reader { name, guide, stack: vec![Frame::new(Kind::Transparent)] };
    for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
        reader.event(event);
    }
    let root = reader.stack.swap_remove(0);
    Page { name: name.clone(), blocks: root.into_blocks(), cut: None }
}

struct Reader<'a> {
    name: &'a PageName,
    guide: &'a GuideUrl,
    /// The open elements, outermost first; never empty.
    stack: Vec<Frame>,
}

struct Frame {
    kind: Kind,
    blocks: Vec<Block>,
    inlines: Vec<Inline>,
    items: Vec<Vec<Block>>,
    rows: Vec<Vec<Cell>>,
    anchor: Option<String>,
}

enum Kind {
    Transparent,
    Paragraph,
    Heading(u8),
    Quote,
    Code,
    List { ordered: bool },
    Item,
    Table,
    Row,
    Cell,
    Strong,
    Emphasis,
    Link(Option<String>),
}

impl Frame {
    fn new(kind: Kind) -> Self {
        let (blocks, inlines, items, rows) = Default::default();
        Self { kind, blocks, inlines, items, rows, anchor: None }
    }

    fn end_paragraph(&mut self) {
        let text = normalise(std::mem::take(&mut self.inlines));
        if !text.is_empty() {
            self.blocks.push(Block::Paragraph(text));
        }
    }

    fn push_block(&mut self, block: Block) {
        self.end_paragraph();
        self.blocks.push(block);
    }

    fn into_blocks(mut self) -> Vec<Block> {
        self.end_paragraph();
        self.blocks
    }
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => {
                let kind = self.kind_of(tag);
                self.stack.push(Frame::new(kind));
            }
            Event::End(_) => self.end(),
            Event::Text(text) => self.inline(Inline::Text(text.into_string())),
            Event::Code(code) => {
                let code = code.replace("{{", "").replace("}}", "");
                self.inline(Inline::Code(code));
            }
            Event::InlineHtml(html) => self.html(&html),
            Event::SoftBreak | Event::HardBreak => self.inline(Inline::Text(" ".to_owned())),
            _ => {}
        }
    }

    fn kind_of(&self, tag: Tag<'_>) -> Kind {
        match tag {
            Tag::Table(_) => Kind::Table,
            Tag::TableHead | Tag::TableRow => Kind::Row,
            Tag::TableCell => Kind::Cell,
            _ if self.stack.len() > MAX_DEPTH => Kind::Transparent,
            Tag::Paragraph => Kind::Paragraph,
            Tag::Heading { level, .. } => Kind::Heading(level as u8),
            Tag::BlockQuote(_) => Kind::Quote,
            Tag::CodeBlock(_) => Kind::Code,
            Tag::List(start) => Kind::List { ordered: start.is_some() },
            Tag::Item => Kind::Item,
            Tag::Strong => Kind::Strong,
            Tag::Emphasis => Kind::Emphasis,
            Tag::Link { dest_url, .. } => Kind::Link(self.guide.absolute(self.name, &dest_url)),
            _ => Kind::Transparent,
        }
    }

    fn top(&mut self) -> &mut Frame {
        self.stack.last_mut().expect("the outermost frame stays")
    }

    fn inline(&mut self, inline: Inline) {
        self.top().inlines.push(inline);
    }

    fn html(&mut self, html: &str) {
        if let Some(anchor) = source::anchor_name(html) {
            self.top().anchor = Some(anchor.to_owned());
        } else if html.starts_with("<br") {
            self.inline(Inline::Text(LINE_BREAK.to_owned()));
        }
    }

    fn end(&mut self) {
        let frame = self.stack.pop().expect("every end has its start");
        let parent = self.stack.last_mut().expect("the outermost frame is never ended");
        match frame.kind {
            Kind::Transparent => end_transparent(frame, parent),
            Kind::Paragraph => end_paragraph(frame, parent),
            Kind::Heading(level) => {
                let text = normalise(frame.inlines);
                if !text.is_empty() {
                    parent.push_block(Block::Heading { level, anchor: frame.anchor, text });
                }
            }
            Kind::Quote => parent.push_block(note(frame.into_blocks())),
            Kind::Code => {
                let code = clean_code_block(&plain_text(&frame.inlines));
                parent.push_block(Block::Code(code));
            }
            Kind::List { ordered } => {
                let mut items = frame.items;
                items.retain(|item| !item.is_empty());
                if !items.is_empty() {
                    parent.push_block(Block::List(List { ordered, items }));
                }
            }
            Kind::Item => parent.items.push(frame.into_blocks()),
            Kind::Cell => parent.rows.push(vec![cell(&frame.inlines)]),
            Kind::Row => parent.rows.push(frame.rows.into_iter().flatten().collect()),
            Kind::Table => {
                let mut rows = frame.rows;
                let header = if rows.is_empty() { Vec::new() } else { rows.remove(0) };
                parent.push_block(Block::Table(Table { header, rows }));
            }
            Kind::Strong => parent.inlines.push(Inline::Strong(frame.inlines)),
            Kind::Emphasis => parent.inlines.push(Inline::Emphasis(frame.inlines)),
            Kind::Link(Some(url)) => {
                parent.inlines.push(Inline::Link { url, text: frame.inlines });
            }
            Kind::Link(None) => parent.inlines.extend(frame.inlines),
        }
    }
}

fn end_transparent(frame: Frame, parent: &mut Frame) {
    parent.items.extend(frame.items.iter().cloned());
    if frame.blocks.is_empty() {
        parent.inlines.extend(frame.inlines);
    } else {
        frame.into_blocks().into_iter().for_each(|block| parent.push_block(block));
    }
}

/// A paragraph that holds nothing but an anchor names the heading above it.
fn end_paragraph(frame: Frame, parent: &mut Frame) {
    let text = normalise(frame.inlines);
    if !text.is_empty() {
        if !is_topics_label(&text) {
            parent.push_block(Block::Paragraph(text));
        }
        return;
    }
    parent.end_paragraph();
    if let Some(Block::Heading { anchor: anchor @ None, .. }) = parent.blocks.last_mut() {
        *anchor = frame.anchor;
    }
}

/// Stands above a list of links to the sections of the page; HTML has it outside the text.
fn is_topics_label(text: &[Inline]) -> bool {
    matches!(text, [Inline::Strong(label)] if plain_text(label) == "Topics")
}

/// A quotation is a note as [`source::to_common_mark`] writes it: its title in bold, then its text.
fn note(mut blocks: Vec<Block>) -> Block {
    let title = match blocks.first() {
        Some(Block::Paragraph(text)) => match text.as_slice() {
            [Inline::Strong(title)] => Some(plain_text(title)),
            _ => None,
        },
        _ => None,
    };
    if title.is_some() {
        blocks.remove(0);
    }
    Block::Note { title: title.unwrap_or_else(|| "Note".to_owned()), blocks }
}

/// The lines of a cell: one list where they begin with `+`, else a paragraph a line.
fn cell(inlines: &[Inline]) -> Cell {
    let line_break = Inline::Text(LINE_BREAK.to_owned());
    let lines = inlines.split(|inline| *inline == line_break);
    let lines: Vec<_> = lines.map(|line| normalise(line.to_vec())).collect();
    let lines: Vec<_> = lines.into_iter().filter(|line| !line.is_empty()).collect();
    let bulleted =
        |line: &Vec<Inline>| matches!(line.first(), Some(Inline::Text(t)) if t.starts_with("+ "));
    if lines.is_empty() || !lines.iter().all(bulleted) {
        return lines.into_iter().map(Block::Paragraph).collect();
    }
    let items = lines.into_iter().map(|mut line| {
        if let Some(Inline::Text(text)) = line.first_mut() {
            text.drain(.."+ ".len());
        }
        vec![Block::Paragraph(normalise(line))]
    });
    vec![Block::List(List { ordered: false, items: items.collect() })]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(markdown: &str) -> Vec<Block> {
        let name = PageName::new("a-page").unwrap();
        read(&name, &GuideUrl::default(), markdown).blocks
    }

    fn text(text: &str) -> Inline {
        Inline::Text(text.into())
    }

    fn paragraph(content: &str) -> Block {
        Block::Paragraph(vec![text(content)])
    }

    fn heading(level: u8, anchor: &str, content: &str) -> Block {
        Block::Heading { level, anchor: Some(anchor.into()), text: vec![text(content)] }
    }

    #[test]
    fn anchors_stand_on_the_next_line_or_in_the_heading() {
        let new = "---\nsource_url: https://x\n---\n\n## A\\!B\n<a name=\"a-b\"></a>\n\n### Short.\n\
                   <a name=\"s\"></a>\n+ one\n";
        let old = "## A\\!B<a name=\"a-b\"></a>\n\n### Short\\.<a name=\"s\"></a>\n\n\
                   #### <a name=\"s_severity\"></a>\n+ one\n";
        assert_eq!(blocks(new), blocks(old));
        assert_eq!(blocks(new)[..2], [heading(2, "a-b", "A!B"), heading(3, "s", "Short.")]);
    }

    #[test]
    fn bold_text_with_a_space_inside_is_bold() {
        let read = blocks("+ **Feature: **AI **user name**`X`\n");
        let [Block::List(list)] = read.as_slice() else { panic!("not a list") };
        let expected = vec![
            Inline::Strong(vec![text("Feature:")]),
            text(" AI "),
            Inline::Strong(vec![text("user name")]),
            Inline::Code("X".into()),
        ];
        assert_eq!(list.items[0], vec![Block::Paragraph(expected)]);
    }

    #[test]
    fn notes_end_at_a_blank_line_or_a_bullet_and_belong_to_the_item_before() {
        let read = blocks(
            "**Note**\nOne.\nTwo.\n+ bullet\n\n1. First\n\n   1. Inner\n**Note**  \nMind.\n\n1. Second\n",
        );
        let note = |lines: &[&str]| Block::Note {
            title: "Note".into(),
            blocks: lines.iter().map(|line| paragraph(line)).collect(),
        };
        assert_eq!(read[0], note(&["One.", "Two."]));
        assert!(matches!(&read[1], Block::List(list) if !list.ordered));
        let Block::List(steps) = &read[2] else { panic!("not a list: {read:?}") };
        assert_eq!(steps.items.len(), 2);
        let Block::List(inner) = &steps.items[0][1] else { panic!("no inner list") };
        assert_eq!(inner.items[0], vec![paragraph("Inner"), note(&["Mind."])]);
    }

    #[test]
    fn replaceable_text_is_code_in_prose_and_plain_within_code() {
        let read = blocks("Run {{my-id}} or `aws x {{id}}`.\n\n```\naws y {{id}}\n```\n");
        let expected = vec![
            text("Run "),
            Inline::Code("my-id".into()),
            text(" or "),
            Inline::Code("aws x id".into()),
            text("."),
        ];
        assert_eq!(read, vec![Block::Paragraph(expected), Block::Code("aws y id".into())]);
    }

    #[test]
    fn a_cell_may_hold_a_list() {
        let read = blocks("| A | B |\n| --- | --- |\n| x<br />y | +  one <br />+  two |\n");
        let [Block::Table(table)] = read.as_slice() else { panic!("not a table") };
        assert_eq!(table.rows[0][0], vec![paragraph("x"), paragraph("y")]);
        let items = vec![vec![paragraph("one")], vec![paragraph("two")]];
        assert_eq!(table.rows[0][1], vec![Block::List(List { ordered: false, items })]);
    }

    #[test]
    fn deep_nesting_is_flattened() {
        assert!(!blocks(&format!("{}end", "> ".repeat(5_000))).is_empty());
        let list: Vec<String> =
            (0..400).map(|depth| format!("{}+ x", "  ".repeat(depth))).collect();
        assert!(!blocks(&list.join("\n")).is_empty());
    }
}
