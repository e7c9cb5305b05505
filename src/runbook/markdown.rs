//! Writes blocks as Markdown (`CommonMark` with GitHub's tables).
//!
//! Whatever the text holds, it stays text: raw HTML, links and marks that a page shows as text are
//! escaped.

use std::borrow::Cow;

use memchr::memchr2;

use crate::page::{Block, Cell, Inline, List, Table, block_lines, plain_text};
use crate::text::escape::{
    at_line_start, code_span, escape_text, fence, is_edge, without_entities,
};

/// The way in which Markdown is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `-` bullets, `#` headings that are moved down by some levels, notes as quotations.
    Runbook {
        /// How many levels headings move down.
        heading_shift: u8,
    },
    /// As the Python tool wrote it: `*`, `+` and `-` bullets by depth, underlined headings of
    /// levels 1 and 2, notes below a heading of level 6.
    Classic,
}

/// Blocks as Markdown, without a newline at the end.
///
/// In a runbook a heading lies one level below the heading that it belongs to, whatever level it has
/// on the page, which may leave some out.
pub fn write(blocks: &[Block], style: Style) -> String {
    let writer = Writer { style };
    let mut levels = Levels::default();
    writer.sequence(blocks, |block| match (block, style) {
        (Block::Heading { level, text, .. }, Style::Runbook { .. }) => {
            writer.heading(levels.without_jump(*level), text)
        }
        _ => writer.block(block, 0),
    })
}

/// The levels of the headings that are open, outermost first.
#[derive(Default)]
struct Levels(Vec<u8>);

impl Levels {
    /// The level of the next heading, one below the heading that it belongs to.
    fn without_jump(&mut self, level: u8) -> u8 {
        self.0.retain(|above| *above < level);
        self.0.push(level);
        u8::try_from(self.0.len() + 1).unwrap_or(u8::MAX)
    }
}

/// Running text as Markdown, on one line, which begins no block wherever it stands.
pub fn write_inlines(inlines: &[Inline], style: Style) -> String {
    at_line_start(&Writer { style }.inlines(inlines))
}

/// Plain text as Markdown that shows just this text, on one line.
pub fn escape(text: &str) -> String {
    at_line_start(&escape_text(&text.replace(['\n', '\r', '\t'], " "), false))
}

/// A heading in the Python tool's way: underlined.
pub fn underlined_heading(text: &str, mark: char) -> String {
    let underline: String = std::iter::repeat_n(mark, text.chars().count()).collect();
    format!("{text}\n{underline}")
}

struct Writer {
    style: Style,
}

impl Writer {
    fn blocks(&self, blocks: &[Block], depth: usize) -> String {
        self.sequence(blocks, |block| self.block(block, depth))
    }

    /// Blocks one below the other, each as `write` has it.
    fn sequence(&self, blocks: &[Block], mut write: impl FnMut(&Block) -> String) -> String {
        let mut out = String::new();
        let mut below_note = false;
        for block in blocks {
            let written = write(block);
            if written.is_empty() {
                continue;
            }
            let is_note = matches!(block, Block::Note { .. });
            match (below_note && is_note, self.style) {
                _ if out.is_empty() => {}
                (true, Style::Runbook { .. }) => out.push_str("\n>\n"),
                _ => out.push_str("\n\n"),
            }
            out.push_str(&written);
            below_note = is_note;
        }
        out
    }

    fn block(&self, block: &Block, depth: usize) -> String {
        match block {
            Block::Heading { level, text, .. } => self.heading(*level, text),
            Block::Paragraph(text) => write_inlines(text, self.style),
            Block::List(list) => self.list(list, depth),
            Block::Code(code) => self.code(code),
            Block::Note { title, blocks } => self.note(title, blocks, depth),
            Block::Table(table) => self.table(table),
        }
    }

    fn heading(&self, level: u8, text: &[Inline]) -> String {
        let text = write_inlines(text, self.style);
        match self.style {
            Style::Classic if level == 1 => underlined_heading(&text, '='),
            Style::Classic if level == 2 => underlined_heading(&text, '-'),
            Style::Classic => format!("{} {text}", "#".repeat(level.into())),
            Style::Runbook { heading_shift } => {
                let level = (level + heading_shift).min(6);
                format!("{} {text}", "#".repeat(level.into()))
            }
        }
    }

    fn list(&self, list: &List, depth: usize) -> String {
        let below = if list.ordered { depth } else { depth + 1 };
        let bodies: Vec<String> = list.items.iter().map(|item| self.item(item, below)).collect();
        let written = (1..).zip(&bodies).map(|(number, body)| {
            let marker = match (list.ordered, self.style) {
                (true, _) => format!("{number}. "),
                (false, Style::Classic) => format!("{} ", ['*', '+', '-'][depth % 3]),
                (false, Style::Runbook { .. }) => "- ".to_owned(),
            };
            format!("{marker}{}", indent_after_first(body, marker.len()))
        });
        let loose = self.style != Style::Classic && bodies.iter().any(|body| body.contains("\n\n"));
        written.collect::<Vec<_>>().join(if loose { "\n\n" } else { "\n" })
    }

    /// A list right below a line of text belongs to it without a blank line; the Python tool put
    /// one between.
    fn item(&self, item: &[Block], depth: usize) -> String {
        let mut out = String::new();
        for (at, block) in item.iter().enumerate() {
            let written = self.block(block, depth);
            let close = at == 1
                && self.style != Style::Classic
                && matches!((&item[0], block), (Block::Paragraph(_), Block::List(list)) if !list.ordered);
            match at {
                0 => {}
                _ if close => out.push('\n'),
                _ => out.push_str("\n\n"),
            }
            out.push_str(&written);
        }
        out
    }

    fn code(&self, code: &str) -> String {
        let fence = fence(code, 3);
        let language = match self.style {
            Style::Classic => "",
            Style::Runbook { .. } => language(code),
        };
        format!("{fence}{language}\n{code}\n{fence}")
    }

    fn note(&self, title: &str, blocks: &[Block], depth: usize) -> String {
        let title = escape(title);
        let body = self.blocks(blocks, depth);
        match self.style {
            Style::Classic => format!("###### {title}\n\n{body}"),
            Style::Runbook { .. } => quote(&format!("**{title}**\n\n{body}")),
        }
    }

    fn table(&self, table: &Table) -> String {
        let columns =
            table.rows.iter().map(Vec::len).chain([table.header.len()]).max().unwrap_or(0);
        if columns == 0 {
            return String::new();
        }
        let row = |cells: &[Cell]| {
            let cell = |at| cells.get(at).map_or(Cow::default(), |cell| cell_text(self.cell(cell)));
            let cells: Vec<_> = (0..columns).map(cell).collect();
            format!("| {} |", cells.join(" | "))
        };
        let mut lines = vec![row(&table.header), format!("|{}", " --- |".repeat(columns))];
        lines.extend(table.rows.iter().map(|cells| row(cells)));
        lines.join("\n")
    }

    fn cell(&self, cell: &Cell) -> String {
        let parts = cell.iter().map(|block| match block {
            Block::Heading { text, .. } | Block::Paragraph(text) => self.inlines(text),
            Block::Code(code) => code_span(&code.replace('\n', " ")),
            Block::List(list) => {
                let items: Vec<String> = list.items.iter().map(|item| self.cell(item)).collect();
                items.join("; ")
            }
            Block::Note { .. } | Block::Table(_) => {
                escape(&block_lines(std::slice::from_ref(block)).join(" "))
            }
        });
        parts.collect::<Vec<_>>().join(" ")
    }

    fn inlines(&self, inlines: &[Inline]) -> String {
        let mut out = String::new();
        for (at, inline) in inlines.iter().enumerate() {
            let next = inlines.get(at + 1);
            match inline {
                Inline::Text(text) => out.push_str(&self.text(text, next)),
                Inline::Code(code) => push_apart(&mut out, &code_span(code)),
                Inline::Strong(inner) => self.marked("**", inner, next, &mut out),
                Inline::Emphasis(inner) => self.marked("*", inner, next, &mut out),
                Inline::Link { url, text } => out.push_str(&self.link(url, text)),
            }
        }
        out
    }

    fn text(&self, text: &str, next: Option<&Inline>) -> String {
        let mut escaped = escape_text(text, self.style == Style::Classic);
        if escaped.ends_with('!') && matches!(next, Some(Inline::Link { .. })) {
            escaped.insert(escaped.len() - 1, '\\');
        }
        escaped
    }

    /// Bold or italic text; without the marks where `CommonMark` would not read them as such.
    fn marked(&self, mark: &str, inner: &[Inline], next: Option<&Inline>, out: &mut String) {
        let text = self.inlines(inner);
        let plain = plain_text(inner);
        let opens = is_edge(out.chars().next_back(), plain.chars().next());
        let next = next.map(|next| plain_text(std::slice::from_ref(next)));
        let closes =
            is_edge(next.as_ref().and_then(|n| n.chars().next()), plain.chars().next_back());
        let ends_in_mark = |text: &str| text.ends_with('*') && !text.ends_with("\\*");
        let touches_mark = ends_in_mark(out) || text.starts_with('*') || ends_in_mark(&text);
        if opens && closes && !touches_mark {
            out.push_str(&format!("{mark}{text}{mark}"));
        } else {
            push_apart(out, &text);
        }
    }

    fn link(&self, url: &str, text: &[Inline]) -> String {
        let url =
            url.replace('<', "%3C").replace('>', "%3E").replace(' ', "%20").replace('\\', "%5C");
        if plain_text(text) == url {
            return format!("<{url}>");
        }
        // Unlike `<address>`, an address in round brackets may hold entities.
        let url = without_entities(&url);
        let url = if url.contains(['(', ')']) { format!("<{url}>") } else { url };
        format!("[{}]({url})", self.inlines(text))
    }
}

/// Adds a piece so that the backticks of two code spans do not become one run, which would let out
/// what they hold.
fn push_apart(out: &mut String, piece: &str) {
    if out.ends_with('`') && piece.starts_with('`') {
        out.push(' ');
    }
    out.push_str(piece);
}

/// Text that may stand in the cell of a table. A `|` that is escaped already stays so.
pub fn cell_text<'t>(markdown: impl Into<Cow<'t, str>>) -> Cow<'t, str> {
    let markdown = markdown.into();
    if memchr2(b'\n', b'|', markdown.as_bytes()).is_none() {
        return markdown;
    }
    let mut cell = String::with_capacity(markdown.len() + 8);
    let mut is_escaped = false;
    for c in markdown.chars() {
        cell.push_str(if c == '|' && !is_escaped { "\\" } else { "" });
        cell.push(if c == '\n' { ' ' } else { c });
        is_escaped = c == '\\' && !is_escaped;
    }
    cell.into()
}

/// The language of a block of code, as far as its first line tells.
fn language(code: &str) -> &'static str {
    let first = code.trim_start();
    if first.starts_with("aws ") || first.starts_with("kubectl ") {
        "bash"
    } else if first.starts_with("apiVersion:") {
        "yaml"
    } else if first.starts_with('{') {
        "json"
    } else {
        "text"
    }
}

fn quote(text: &str) -> String {
    let line = |line: &str| if line.is_empty() { ">".to_owned() } else { format!("> {line}") };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn indent_after_first(text: &str, width: usize) -> String {
    let indent = " ".repeat(width);
    let mut out = String::new();
    for (at, line) in text.lines().enumerate() {
        if at > 0 {
            out.push('\n');
            if !line.is_empty() {
                out.push_str(&indent);
            }
        }
        out.push_str(line);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::guide::{GuideUrl, PageName};
    use crate::page::markdown;

    const RUNBOOK: Style = Style::Runbook { heading_shift: 0 };

    fn text(text: &str) -> Inline {
        Inline::Text(text.into())
    }

    fn read(markdown: &str) -> Vec<Block> {
        markdown::read(&PageName::new("p").unwrap(), &GuideUrl::default(), markdown).blocks
    }

    #[test]
    fn code_beside_code_stays_code() {
        let code = |code: &str| Inline::Code(code.into());
        let spans =
            [code("a"), code("`"), code("``<b>"), Inline::Strong(vec![code("c`")]), code("<i>")];
        for style in [Style::Classic, Style::Runbook { heading_shift: 1 }] {
            for first in 0..spans.len() {
                let markdown = write(&[Block::Paragraph(spans[first..].to_vec())], style);
                assert!(!markdown.contains("<b>`<i>"), "{markdown}");
                let events = pulldown_cmark::Parser::new(&markdown);
                let html = |event: &pulldown_cmark::Event<'_>| {
                    matches!(event, pulldown_cmark::Event::InlineHtml(_))
                };
                assert_eq!(events.filter(html).count(), 0, "{markdown}");
            }
        }
    }

    #[test]
    fn a_link_leads_where_it_led() {
        for (url, written) in [
            ("https://a.example/?b&lt;c", "[x](https://a.example/?b&amp;lt;c)"),
            ("https://a.example/?b&c=&#60;", "[x](https://a.example/?b&c=&amp;#60;)"),
            ("https://a.example/?b\\*c", "[x](https://a.example/?b%5C*c)"),
            ("https://a.example/(b)", "[x](<https://a.example/(b)>)"),
        ] {
            let link = Inline::Link { url: url.into(), text: vec![text("x")] };
            let markdown = write(&[Block::Paragraph(vec![link])], Style::Classic);
            assert_eq!(markdown, written);
            let Block::Paragraph(read) = &read(&markdown)[0] else { panic!("not a paragraph") };
            let Inline::Link { url: read, .. } = &read[0] else { panic!("not a link") };
            assert_eq!(*read, url.replace('\\', "%5C"));
        }
    }

    #[test]
    fn lists_notes_and_code_keep_their_place() {
        let inner = Block::List(List {
            ordered: false,
            items: vec![vec![Block::Paragraph(vec![text("inner")])]],
        });
        let note = Block::Note {
            title: "Note".into(),
            blocks: vec![Block::Paragraph(vec![text("mind")])],
        };
        let steps = Block::List(List {
            ordered: true,
            items: vec![
                vec![
                    Block::Paragraph(vec![text("first")]),
                    Block::Code("aws a\n\naws b".into()),
                    note,
                ],
                vec![Block::Paragraph(vec![text("second")]), inner],
            ],
        });
        let written = write(std::slice::from_ref(&steps), RUNBOOK);
        insta::assert_snapshot!(written, @r"
        1. first

           ```bash
           aws a

           aws b
           ```

           > **Note**
           >
           > mind

        2. second
           - inner
        ");
        assert_eq!(read(&written), vec![steps]);
    }

    #[test]
    fn headings_leave_out_no_level() {
        let heading = |level, name| Block::Heading { level, anchor: None, text: vec![text(name)] };
        let blocks = [heading(3, "a"), heading(6, "b"), heading(6, "c"), heading(2, "d")];
        assert_eq!(
            write(&blocks, Style::Runbook { heading_shift: 2 }),
            "#### a\n\n##### b\n\n##### c\n\n#### d"
        );
    }

    #[test]
    fn notes_next_to_each_other_are_one_quotation() {
        let note = |mind| Block::Note {
            title: "Note".into(),
            blocks: vec![Block::Paragraph(vec![text(mind)])],
        };
        assert_eq!(
            write(&[note("one"), note("two")], RUNBOOK),
            "> **Note**\n>\n> one\n>\n> **Note**\n>\n> two"
        );
    }

    #[test]
    fn an_address_does_not_swallow_an_escape() {
        let attack = "see https://example.com/<img src=x> or <b>";
        assert_eq!(escape(attack), r"see https://example.com/&lt;img src=x> or \<b>");
    }

    #[test]
    fn classic_is_the_python_tools_way() {
        let items = vec![vec![
            Block::Paragraph(vec![text("outer")]),
            Block::List(List {
                ordered: false,
                items: vec![vec![Block::Paragraph(vec![text("inner")])]],
            }),
        ]];
        let blocks = [
            Block::Heading { level: 2, anchor: None, text: vec![text("Title")] },
            Block::List(List { ordered: false, items }),
            Block::Note { title: "Note".into(), blocks: vec![Block::Paragraph(vec![text("a_b")])] },
        ];
        insta::assert_snapshot!(write(&blocks, Style::Classic), @r"
        Title
        -----

        * outer

          + inner

        ###### Note

        a\_b
        ");
    }

    #[test]
    fn cells_hold_one_line() {
        let cell = |inline| vec![Block::Paragraph(vec![inline])];
        let list =
            Block::List(List { ordered: false, items: vec![cell(text("a|b")), cell(text("c"))] });
        let table = Table { header: vec![cell(text("H"))], rows: vec![vec![vec![list]]] };
        assert_eq!(write(&[Block::Table(table)], RUNBOOK), "| H |\n| --- |\n| a\\|b; c |");
    }

    #[test]
    fn a_bar_stays_in_its_cell() {
        for (text, cell) in
            [("a|b", "a\\|b"), ("\\|b", "\\|b"), ("\\\\|b", "\\\\\\|b"), ("a\nb|", "a b\\|")]
        {
            assert_eq!(cell_text(text), cell);
        }
        assert_eq!(cell_text(escape("|x")), "\\|x");
    }

    #[test]
    fn running_text_begins_no_block() {
        for (says, written) in [
            ("## Contain", "\\## Contain"),
            ("1. x", "1\\. x"),
            ("    code", "code"),
            ("---", "\\---"),
        ] {
            assert_eq!(write_inlines(&[text(says)], RUNBOOK), written);
        }
        let heading = Block::Heading { level: 2, anchor: None, text: vec![text("- x")] };
        assert_eq!(write(&[heading], Style::Classic), "\\- x\n----");
    }

    #[test]
    fn marks_that_common_mark_would_not_read_are_left_out() {
        let strong = |inner: &str| Inline::Strong(vec![text(inner)]);
        assert_eq!(write_inlines(&[strong("a:"), text(" b")], RUNBOOK), "**a:** b");
        assert_eq!(write_inlines(&[strong("a:"), text("b")], RUNBOOK), "a:b");
        assert_eq!(
            write_inlines(
                &[text("wow!"), Inline::Link { url: "https://x/".into(), text: vec![text("y")] }],
                RUNBOOK
            ),
            r"wow\![y](https://x/)"
        );
    }

    proptest! {
        #[test]
        fn text_stays_text(
            content in "[-a-z0-9*_`~<>\\[\\]()!#&;:|+=.\\\\\"' /]{1,40}",
        ) {
            let content = content.split_whitespace().collect::<Vec<_>>().join(" ");
            prop_assume!(!content.is_empty());
            for style in [RUNBOOK, Style::Classic] {
                let block = Block::Paragraph(vec![text(&content)]);
                let written = write(&[block], style);
                prop_assert_eq!(block_lines(&read_plainly(&written)), vec![content.clone()], "{}", written);
            }
        }

        #[test]
        fn code_stays_code(code in "[a-z`{}<*\\[ ]{1,20}") {
            let code = code.trim().to_owned();
            prop_assume!(!code.is_empty() && !code.contains("{{") && !code.contains("}}") && !code.contains("  "));
            let written = write(&[Block::Paragraph(vec![text("x "), Inline::Code(code.clone())])], RUNBOOK);
            let expected = vec![Block::Paragraph(vec![text("x "), Inline::Code(code)])];
            prop_assert_eq!(read_plainly(&written), expected, "{}", written);
        }
    }

    /// Reads Markdown as it is, without AWS's own marks.
    fn read_plainly(markdown: &str) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut inlines = Vec::new();
        for event in
            pulldown_cmark::Parser::new_ext(markdown, pulldown_cmark::Options::ENABLE_TABLES)
        {
            use pulldown_cmark::{Event, Tag, TagEnd};
            match event {
                Event::Text(part) => match inlines.last_mut() {
                    Some(Inline::Text(last)) => last.push_str(&part),
                    _ => inlines.push(Inline::Text(part.into_string())),
                },
                Event::Code(code) => inlines.push(Inline::Code(code.into_string())),
                Event::End(TagEnd::Paragraph) => {
                    blocks.push(Block::Paragraph(std::mem::take(&mut inlines)));
                }
                Event::Start(Tag::Paragraph) => {}
                other => inlines.push(Inline::Text(format!("UNEXPECTED {other:?}"))),
            }
        }
        blocks
    }
}
