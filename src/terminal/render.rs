//! Markdown as a stream of events, written as lines for a terminal.

use std::mem;

use anstyle::{AnsiColor, Style};
use pulldown_cmark::{
    BlockQuoteKind, CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd,
};
use unicode_width::UnicodeWidthStr as _;

use super::mermaid;
use super::plain::plain;
use super::table::{self, Table};
use super::text::{LongWords, Span, paint, wrap};
use crate::text::fence_language::fence_language;
use crate::text::front_matter::without_front_matter;

// Each can be read on a light ground and on a dark one.
const HEADING: Style = AnsiColor::Magenta.on_default().bold();
const CODE: Style = AnsiColor::Green.on_default();
const MARK: Style = Style::new().dimmed();
const ADDRESS: Style = Style::new().dimmed();

/// Narrower terminals are written to as if they had this width.
const NARROWEST: usize = 20;
/// What indents leave at least.
const NARROWEST_TEXT: usize = 10;

/// Renders a Markdown text for a terminal of that many columns: UTF-8 with `\n` at the end of every
/// line.
///
/// - Paragraphs, lists, quotes and tables are wrapped. A word that is too long stays whole, so that it
///   can be copied, but in a table.
/// - Code blocks are not: each of their lines begins at the left margin and is as it was, so that it
///   can be copied into a shell, a here-document too. Only characters that are not
///   [`plain`](super::is_plain) are replaced.
/// - The address of a link stands behind its text. A Mermaid flowchart becomes a list of its steps.
/// - Front matter and comments are left out. Other HTML is shown as it is.
///
/// The result holds no control characters but newlines, tabs in code, and the sequences of
/// [`anstyle`] for colours and emphasis.
pub fn render(markdown: &str, width: usize) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM;
    let mut writer = Writer { width: width.max(NARROWEST), ..Writer::default() };
    let text = markdown.replace("\r\n", "\n");
    for event in Parser::new_ext(without_front_matter(&text), options) {
        writer.event(event);
    }
    writer.out
}

/// What stands in front of the lines of a list item or a quote.
struct Indent {
    first: String,
    rest: String,
    /// In columns.
    width: usize,
    /// Whether its first line is written.
    is_begun: bool,
}

/// A list whose items are being written.
struct List {
    /// The number of the next item; none for bullets.
    number: Option<u64>,
    items_begun: usize,
}

#[derive(Default)]
struct Writer {
    out: String,
    width: usize,
    indents: Vec<Indent>,
    lists: Vec<List>,
    /// Whether a blank line comes before whatever is next.
    is_blank_due: bool,
    /// The running text of the block or cell at hand.
    spans: Vec<Span>,
    styles: Vec<Style>,
    /// The addresses of the links that are open, and where their texts began.
    links: Vec<(String, usize)>,
    table: Table,
    /// The language and the text of the code block at hand.
    code: Option<(String, String)>,
    html: Option<String>,
}

impl Writer {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.code {
                Some((_, code)) => code.push_str(&text),
                None => self.text(&text),
            },
            Event::Code(text) => {
                let style = self.style().fg_color(CODE.get_fg_color());
                self.spans.push(Span::new(&text, style));
            }
            Event::Html(text) | Event::InlineHtml(text) => match &mut self.html {
                Some(html) => html.push_str(&text),
                None => self.inline_html(&text),
            },
            Event::SoftBreak => self.text(" "),
            Event::HardBreak => self.text("\n"),
            Event::Rule => {
                self.separate();
                self.line(&paint(&"─".repeat(self.available()), MARK));
                self.is_blank_due = true;
            }
            Event::TaskListMarker(is_done) => self.text(if is_done { "[x] " } else { "[ ] " }),
            // Not asked for in the options; what is in them would be shown as it is.
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.text(&text);
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => self.before_paragraph(),
            Tag::Heading { level, .. } => {
                self.flush();
                self.is_blank_due = !self.out.is_empty();
                self.styles.push(if level <= HeadingLevel::H2 {
                    HEADING
                } else {
                    Style::new().bold()
                });
            }
            Tag::BlockQuote(kind) => self.start_quote(kind),
            Tag::CodeBlock(kind) => {
                self.flush();
                let language = match &kind {
                    CodeBlockKind::Fenced(info) => fence_language(info),
                    CodeBlockKind::Indented => "",
                };
                self.code = Some((language.to_owned(), String::new()));
            }
            Tag::HtmlBlock => {
                self.flush();
                self.html = Some(String::new());
            }
            Tag::List(number) => {
                self.flush();
                self.lists.push(List { number, items_begun: 0 });
            }
            Tag::Item => self.start_item(),
            Tag::Table(_) => self.flush(),
            Tag::TableHead => {
                self.styles.push(Style::new().bold());
                self.table.push(Vec::new());
            }
            Tag::TableRow => self.table.push(Vec::new()),
            Tag::Emphasis => self.styles.push(self.style().italic()),
            Tag::Strong => self.styles.push(self.style().bold()),
            Tag::Strikethrough => self.styles.push(self.style().strikethrough()),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.links.push((dest_url.into_string(), self.spans.len()));
                self.styles.push(self.style().underline());
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => {
                self.flush();
                self.is_blank_due = true;
            }
            TagEnd::Heading(level) => self.end_heading(level),
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.end_indent();
                self.is_blank_due = true;
            }
            TagEnd::CodeBlock => self.end_code(),
            TagEnd::HtmlBlock => self.end_html(),
            TagEnd::List(_) => {
                self.lists.pop();
                self.is_blank_due = true;
            }
            TagEnd::Item => {
                self.flush();
                self.end_indent();
            }
            TagEnd::Table => {
                let table = mem::take(&mut self.table);
                self.separate();
                for line in table::lines(&table, self.available()) {
                    self.line(&line);
                }
                self.is_blank_due = true;
            }
            TagEnd::TableCell => {
                let cell = mem::take(&mut self.spans);
                self.table.last_mut().into_iter().for_each(|row| row.push(cell.clone()));
            }
            TagEnd::Link | TagEnd::Image => self.end_link(),
            TagEnd::TableHead | TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                self.styles.pop();
            }
            _ => {}
        }
    }

    fn style(&self) -> Style {
        self.styles.last().copied().unwrap_or_default()
    }

    fn text(&mut self, text: &str) {
        self.spans.push(Span::new(text, self.style()));
    }

    /// A comment is for the editor of the text; what looks like a tag may be a placeholder.
    fn inline_html(&mut self, html: &str) {
        match html.to_ascii_lowercase().as_str() {
            "<br>" | "<br/>" | "<br />" => self.text("\n"),
            _ if html.starts_with("<!--") => {}
            _ => self.text(html),
        }
    }

    /// An item whose paragraphs stand apart in the source stands apart from the one before it.
    fn before_paragraph(&mut self) {
        self.flush();
        let begins_item = self.indents.last().is_some_and(|indent| !indent.is_begun);
        if begins_item && self.lists.last().is_some_and(|list| list.items_begun > 1) {
            self.is_blank_due = true;
        }
    }

    fn start_quote(&mut self, kind: Option<BlockQuoteKind>) {
        self.flush();
        self.separate();
        let bar = paint("│", MARK) + " ";
        self.indent(bar.clone(), bar, 2);
        let name = match kind {
            Some(BlockQuoteKind::Note) => "Note",
            Some(BlockQuoteKind::Tip) => "Tip",
            Some(BlockQuoteKind::Important) => "Important",
            Some(BlockQuoteKind::Warning) => "Warning",
            Some(BlockQuoteKind::Caution) => "Caution",
            None => return,
        };
        self.line(&paint(name, Style::new().bold()));
    }

    fn start_item(&mut self) {
        self.flush();
        let Some(list) = self.lists.last_mut() else { return };
        if list.items_begun > 0 {
            self.is_blank_due = false;
        }
        list.items_begun += 1;
        let mark = match &mut list.number {
            Some(number) => {
                let mark = format!("{number}. ");
                *number = number.saturating_add(1);
                mark
            }
            None => "• ".to_owned(),
        };
        if list.items_begun == 1 {
            self.separate();
        }
        let width = mark.width();
        self.indent(mark, " ".repeat(width), width);
    }

    fn end_heading(&mut self, level: HeadingLevel) {
        let style = self.style();
        self.styles.pop();
        let mark = if level >= HeadingLevel::H3 { "▸ " } else { "" };
        self.spans.insert(0, Span::new(mark, style));
        let lines = wrap(&mem::take(&mut self.spans), self.available(), LongWords::Stay);
        let widest = lines.iter().map(|line| line.width).max().unwrap_or(0);
        self.separate();
        for line in lines {
            self.line(&line.paint());
        }
        let rule = match level {
            HeadingLevel::H1 => "═",
            HeadingLevel::H2 => "─",
            _ => return,
        };
        self.line(&paint(&rule.repeat(widest), style));
        self.is_blank_due = level == HeadingLevel::H1;
    }

    /// The address of a link, where its text does not say it.
    fn end_link(&mut self) {
        self.styles.pop();
        let Some((address, begin)) = self.links.pop() else { return };
        let text: String = self.spans.iter().skip(begin).map(Span::text).collect();
        let is_said = [&address, address.trim_start_matches("mailto:")].contains(&text.as_str());
        if !is_said && !address.starts_with('#') && !address.is_empty() {
            let gap = if text.is_empty() { "" } else { " " };
            self.spans.push(Span::new(&format!("{gap}({address})"), ADDRESS));
        }
    }

    /// A code block, between marks that are no part of it.
    fn end_code(&mut self) {
        let Some((language, code)) = self.code.take() else { return };
        if language == "mermaid"
            && let Some(steps) = mermaid::steps(&code)
        {
            self.steps(&steps);
            return;
        }
        self.separate();
        if self.indents.last().is_some_and(|indent| !indent.is_begun) {
            self.line("");
        }
        let code = plain(code);
        let begin = paint(format!("┌─ {}", plain(language)).trim_end(), MARK);
        let lines = code.lines().map(|line| match line {
            "" => String::new(),
            line => paint(line, CODE),
        });
        for line in [begin].into_iter().chain(lines).chain([paint("└─", MARK)]) {
            self.out.push_str(&line);
            self.out.push('\n');
        }
        self.is_blank_due = true;
    }

    /// A flowchart as the list of its steps.
    fn steps(&mut self, steps: &[String]) {
        self.separate();
        for step in steps {
            let (mark, text) = step.split_at(step.find(|c| c != ' ').unwrap_or(0));
            self.indent(mark.to_owned(), format!("{mark}  "), mark.len() + 2);
            self.text(text);
            self.flush();
            self.end_indent();
        }
        self.is_blank_due = true;
    }

    /// Each line of it, without comments and without the tags that only fold text away.
    fn end_html(&mut self) {
        let mut html = without_comments(&self.html.take().unwrap_or_default());
        for tag in ["<details>", "</details>", "<summary>", "</summary>"] {
            html = html.replace(tag, "");
        }
        self.text(html.trim());
        self.flush();
        self.is_blank_due = true;
    }

    /// Writes the running text at hand.
    fn flush(&mut self) {
        let lines = wrap(&mem::take(&mut self.spans), self.available(), LongWords::Stay);
        if lines.is_empty() {
            return;
        }
        self.separate();
        for line in lines {
            self.line(&line.paint());
        }
    }

    /// Writes the blank line that is due.
    fn separate(&mut self) {
        if mem::take(&mut self.is_blank_due) && !self.out.is_empty() {
            let rests = self.indents.iter().filter(|indent| indent.is_begun);
            let rests: String = rests.map(|indent| indent.rest.as_str()).collect();
            self.out.push_str(rests.trim_end());
            self.out.push('\n');
        }
    }

    /// Writes a line behind its indents.
    fn line(&mut self, text: &str) {
        for indent in &mut self.indents {
            let is_begun = mem::replace(&mut indent.is_begun, true);
            self.out.push_str(if is_begun { &indent.rest } else { &indent.first });
        }
        self.out.push_str(text);
        self.out.truncate(self.out.trim_end_matches(' ').len());
        self.out.push('\n');
    }

    /// Indents what follows. Where little width is left, only the first line has its mark.
    fn indent(&mut self, first: String, rest: String, width: usize) {
        let fits = self.available() >= NARROWEST_TEXT + width;
        let (rest, width) = if fits { (rest, width) } else { (String::new(), 0) };
        self.indents.push(Indent { first, rest, width, is_begun: false });
    }

    fn end_indent(&mut self) {
        // An empty item still has its mark.
        if self.indents.last().is_some_and(|indent| !indent.is_begun) {
            self.line("");
        }
        self.indents.pop();
    }

    /// The columns that the indents leave.
    fn available(&self) -> usize {
        let taken: usize = self.indents.iter().map(|indent| indent.width).sum();
        self.width.saturating_sub(taken).max(1)
    }
}

/// HTML without its comments; one that does not end goes to the end.
fn without_comments(html: &str) -> String {
    let mut pieces = html.split("<!--");
    let mut kept = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        kept.push_str(piece.split_once("-->").map_or("", |(_, behind)| behind));
    }
    kept
}

#[cfg(test)]
mod tests;
