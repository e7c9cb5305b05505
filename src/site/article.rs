//! A runbook's Markdown as HTML that is safe to show, whoever wrote it.
//!
//! Raw HTML is shown as the text that it is, links keep only the schemes that cannot do anything,
//! pictures become links, and everything else is escaped. The same function runs in the browser
//! once a finding's values are filled in.

use pulldown_cmark::{Alignment, CodeBlockKind, Event, Options, Parser, Tag, TagEnd, html};

use super::ids::Ids;
use crate::guidance::placeholder;
use crate::text::fence_language::fence_language;
use crate::text::front_matter::front_matter_length;

/// A runbook, ready for a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Article {
    /// The HTML, without the title and the front matter.
    pub html: String,
    /// Its headings, in their order.
    pub outline: Vec<Heading>,
    /// Its text for the search, piece by piece.
    pub passages: Vec<Passage>,
    /// The first paragraph.
    pub lead: Option<String>,
}

/// A heading of a runbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// How deep it is: 2 for a section.
    pub level: u8,
    /// Its name as a place in the page, different from all others.
    pub id: String,
    /// Its text.
    pub text: String,
}

/// A paragraph, a list item, a row of a table or a block of code, as plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The heading above it: its number in the outline.
    pub heading: Option<usize>,
    /// The text.
    pub text: String,
}

/// Turns Markdown into an article. `title` is the runbook's title, which the page shows itself;
/// `draw` gives the HTML of a Mermaid diagram, or none where it cannot be drawn.
pub fn article(markdown: &str, title: &str, draw: &dyn Fn(&str) -> Option<String>) -> Article {
    let body = &markdown[front_matter_length(markdown)..];
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut writer = Writer::new(title, draw);
    for event in Parser::new_ext(body, options) {
        writer.take(event);
    }
    writer.end_passage();
    let mut article = writer.article;
    html::push_html(&mut article.html, writer.events.into_iter());
    article
}

/// Text as HTML, in elements and in quoted attributes.
pub fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
    html
}

/// What is being read, besides running text.
enum Within<'m> {
    /// Nothing that has to be collected.
    Text,
    /// A heading: its level and what is in it.
    Heading { level: u8, events: Vec<Event<'m>> },
    /// A block of code: the word behind its fence, and the code.
    Code { language: String, code: String },
}

/// The table that is being read: Markdown has none within another.
#[derive(Default)]
struct Table {
    alignments: Vec<Alignment>,
    is_head: bool,
    column: usize,
}

struct Writer<'m, 'a> {
    title: &'a str,
    draw: &'a dyn Fn(&str) -> Option<String>,
    article: Article,
    events: Vec<Event<'m>>,
    within: Within<'m>,
    /// The plain text since the last block began.
    text: String,
    ids: Ids,
    table: Table,
    /// Whether each open link is shown as one.
    links: Vec<bool>,
    has_title: bool,
}

impl<'m, 'a> Writer<'m, 'a> {
    fn new(title: &'a str, draw: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            title,
            draw,
            article: Article::default(),
            events: Vec::new(),
            within: Within::Text,
            text: String::new(),
            ids: Ids::new(),
            table: Table::default(),
            links: Vec::new(),
            has_title: false,
        }
    }

    fn take(&mut self, event: Event<'m>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.say(&text, Event::Text(text.clone())),
            // Raw HTML is text: nobody's markup gets into the page.
            Event::Html(text) | Event::InlineHtml(text) => {
                self.say(&text, Event::Text(text.clone()));
            }
            Event::Code(code) => {
                let html = format!("<code>{}</code>", marked_code(&code));
                self.say(&code, Event::InlineHtml(html.into()));
            }
            Event::TaskListMarker(done) => {
                let mark = if done { "☑ " } else { "☐ " };
                self.say(mark, Event::Text(mark.into()));
            }
            Event::SoftBreak | Event::HardBreak => self.say(" ", event),
            Event::Rule => self.push(Event::Rule),
            Event::FootnoteReference(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {
                unreachable!("these extensions are off")
            }
        }
    }

    fn start(&mut self, tag: Tag<'m>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.end_passage();
                self.within = Within::Heading { level: level as u8, events: Vec::new() };
            }
            Tag::CodeBlock(kind) => {
                self.end_passage();
                let language = match &kind {
                    CodeBlockKind::Fenced(info) => fence_language(info),
                    CodeBlockKind::Indented => "",
                };
                let language = language.to_ascii_lowercase();
                self.within = Within::Code { language, code: String::new() };
            }
            // A picture would be a request: it is a link, unless it is within one.
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                let is_within = self.links.contains(&true);
                let address = safe_address(&dest_url).filter(|_| !is_within);
                self.links.push(address.is_some());
                if let Some(address) = address {
                    let html = link_start(&address);
                    self.push(Event::InlineHtml(html.into()));
                }
            }
            Tag::HtmlBlock => self.push(Event::Start(Tag::Paragraph)),
            Tag::Table(alignments) => {
                self.table.alignments = alignments;
                self.push(Event::Start(Tag::Table(Vec::new())));
            }
            Tag::TableCell => self.start_cell(),
            Tag::TableRow | Tag::TableHead => {
                self.end_passage();
                self.table.column = 0;
                self.table.is_head = tag == Tag::TableHead;
                self.push(Event::Start(tag));
            }
            Tag::Paragraph | Tag::Item => {
                self.end_passage();
                self.push(Event::Start(tag));
            }
            tag => self.push(Event::Start(tag)),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => self.end_heading(),
            TagEnd::CodeBlock => self.end_code(),
            TagEnd::Link | TagEnd::Image => {
                if self.links.pop() == Some(true) {
                    self.push(Event::InlineHtml("</a>".into()));
                }
            }
            TagEnd::HtmlBlock => {
                self.end_passage();
                self.push(Event::End(TagEnd::Paragraph));
            }
            TagEnd::Paragraph | TagEnd::Item | TagEnd::TableRow | TagEnd::TableHead => {
                self.end_passage();
                self.push(Event::End(tag));
            }
            TagEnd::TableCell => {
                self.text.push(' ');
                let html = if self.table.is_head { "</th>" } else { "</td>" };
                self.push(Event::Html(html.into()));
            }
            tag => self.push(Event::End(tag)),
        }
    }

    /// Begins a cell. The renderer would align it by an attribute that the page's policy refuses.
    fn start_cell(&mut self) {
        let table = &mut self.table;
        let class = match table.alignments.get(table.column) {
            Some(Alignment::Center) => " class=\"center\"",
            Some(Alignment::Right) => " class=\"right\"",
            Some(Alignment::Left | Alignment::None) | None => "",
        };
        table.column += 1;
        let name = if table.is_head { "th" } else { "td" };
        self.push(Event::Html(format!("<{name}{class}>").into()));
    }

    /// Takes a piece of running text, which reads so in plain text.
    fn say(&mut self, plain: &str, event: Event<'m>) {
        if let Within::Code { code, .. } = &mut self.within {
            code.push_str(plain);
            return;
        }
        self.text.push_str(plain);
        self.push(event);
    }

    fn push(&mut self, event: Event<'m>) {
        match &mut self.within {
            Within::Heading { events, .. } => events.push(event),
            _ => self.events.push(event),
        }
    }

    fn end_heading(&mut self) {
        let Within::Heading { level, events } = std::mem::replace(&mut self.within, Within::Text)
        else {
            return;
        };
        let text = std::mem::take(&mut self.text);
        let text = folded(&text);
        if level == 1 && !self.has_title && text == self.title {
            self.has_title = true;
            return;
        }
        let level = level.max(2);
        let id = self.ids.add(&text);
        self.events.push(Event::Html(format!("<h{level} id=\"{id}\">").into()));
        self.events.extend(events);
        self.events.push(Event::Html(format!("</h{level}>\n").into()));
        self.article.outline.push(Heading { level, id, text });
    }

    fn end_code(&mut self) {
        let Within::Code { language, code } = std::mem::replace(&mut self.within, Within::Text)
        else {
            return;
        };
        self.text.push_str(&code);
        self.end_passage();
        let mut html = code_block(&language, &code);
        if language == "mermaid" {
            html =
                (self.draw)(&code).unwrap_or(format!("<figure class=\"flow\">{html}</figure>\n"));
        }
        self.events.push(Event::Html(html.into()));
    }

    fn end_passage(&mut self) {
        let text = folded(&std::mem::take(&mut self.text));
        if text.is_empty() {
            return;
        }
        let heading = self.article.outline.len().checked_sub(1);
        self.article.lead.get_or_insert_with(|| text.clone());
        self.article.passages.push(Passage { heading, text });
    }
}

fn code_block(language: &str, code: &str) -> String {
    let label = match language {
        "" => "text",
        "bash" | "sh" | "shell" | "zsh" | "console" => "shell",
        other => other,
    };
    format!(
        "<div class=\"code\"><div class=\"code-bar\"><span>{}</span></div><pre><code>{}</code></pre></div>\n",
        escaped(label),
        marked_code(code)
    )
}

/// Code as HTML, in which the values that it leaves open are marked.
fn marked_code(code: &str) -> String {
    let mut html = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = rest.find('<') {
        html.push_str(&escaped(&rest[..at]));
        rest = &rest[at..];
        let length = placeholder::at_start(rest).map_or(1, |name| name.len() + 2);
        let shown = escaped(&rest[..length]);
        if length > 1 {
            html.push_str(&format!("<mark>{shown}</mark>"));
        } else {
            html.push_str(&shown);
        }
        rest = &rest[length..];
    }
    html.push_str(&escaped(rest));
    html
}

fn link_start(address: &str) -> String {
    format!("<a href=\"{}\" rel=\"noreferrer\">", escaped(address))
}

/// An address that may be linked to: `http`, `https` and `mailto`, and relative ones within the
/// site, where a runbook `x.md` is the page `x.html`.
fn safe_address(address: &str) -> Option<String> {
    // Browsers drop control characters and spaces from a scheme.
    let address: String = address.chars().filter(|c| !c.is_control()).collect();
    let address = address.trim();
    let before_path = address.split(['/', '?', '#']).next().unwrap_or_default();
    if let Some((scheme, _)) = before_path.split_once(':') {
        let is_safe = ["http", "https", "mailto"].iter().any(|s| scheme.eq_ignore_ascii_case(s));
        return is_safe.then(|| address.to_owned());
    }
    if address.starts_with("//") || address.starts_with('\\') || address.starts_with("/\\") {
        return None;
    }
    let (path, anchor) = address.split_at(address.find('#').unwrap_or(address.len()));
    Some(match path.strip_suffix(".md") {
        Some(page) => format!("{page}.html{anchor}"),
        None => address.to_owned(),
    })
}

/// Text with white space folded.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(markdown: &str) -> Article {
        article(markdown, "A:B/C", &|_| None)
    }

    #[test]
    fn raw_html_is_text() {
        let html = read("<script>alert(1)</script>\n\na <img src=x onerror=y> b\n").html;
        assert_eq!(
            html,
            "<p>&lt;script&gt;alert(1)&lt;/script&gt;\n</p>\n<p>a &lt;img src=x onerror=y&gt; b</p>\n"
        );
    }

    #[test]
    fn links_keep_only_schemes_that_do_nothing() {
        let html = |markdown: &str| read(markdown).html;
        assert_eq!(html("[a](JavaScript:alert(1))"), "<p>a</p>\n");
        assert_eq!(html("[a](<java\tscript:alert(1)>)"), "<p>a</p>\n");
        assert_eq!(html("[a](data:text/html,x)"), "<p>a</p>\n");
        assert_eq!(html("[a](//evil/x)"), "<p>a</p>\n");
        assert_eq!(html("[a](\\\\evil\\x)"), "<p>a</p>\n");
        assert_eq!(
            html("[a](b-c.md#d)"),
            "<p><a href=\"b-c.html#d\" rel=\"noreferrer\">a</a></p>\n"
        );
        assert_eq!(
            html("[a](https://x/?\"b\"&c)"),
            "<p><a href=\"https://x/?&quot;b&quot;&amp;c\" rel=\"noreferrer\">a</a></p>\n"
        );
    }

    #[test]
    fn pictures_become_links() {
        assert_eq!(
            read("![a *b*](https://x/p.png) c").html,
            "<p><a href=\"https://x/p.png\" rel=\"noreferrer\">a <em>b</em></a> c</p>\n"
        );
        assert_eq!(
            read("[![a](p.png)](https://x)").html,
            "<p><a href=\"https://x\" rel=\"noreferrer\">a</a></p>\n"
        );
        assert_eq!(
            read("## ![a](p.png)").html,
            "<h2 id=\"a\"><a href=\"p.png\" rel=\"noreferrer\">a</a></h2>\n"
        );
    }

    #[test]
    fn code_is_escaped_and_its_placeholders_are_marked() {
        let html = read("`<A_B> <b>`\n\n```bash\nx '<C>' </code>\n```\n").html;
        assert_eq!(
            html,
            "<p><code><mark>&lt;A_B&gt;</mark> &lt;b&gt;</code></p>\n<div class=\"code\"><div class=\"code-bar\">\
             <span>shell</span></div><pre><code>x &#39;<mark>&lt;C&gt;</mark>&#39; &lt;/code&gt;\n</code></pre></div>\n"
        );
        assert!(read("```\"><script>\nx\n```").html.contains("&quot;&gt;&lt;script&gt;"));
    }

    #[test]
    fn the_outline_has_every_heading_once_and_the_title_is_the_pages() {
        let article = read("---\na: b\n---\n\n# A:B/C\n\nlead\n\n## Ü x\n\n## Ü x\n\n# D\n");
        let outline: Vec<_> =
            article.outline.iter().map(|h| (h.level, h.id.as_str(), h.text.as_str())).collect();
        assert_eq!(outline, [(2, "ü-x", "Ü x"), (2, "ü-x-2", "Ü x"), (2, "d", "D")]);
        assert_eq!(article.lead.as_deref(), Some("lead"));
        assert!(!article.html.contains("A:B/C"), "{}", article.html);
    }

    #[test]
    fn passages_are_the_blocks_with_the_heading_above_them() {
        let article = read(
            "# A:B/C\n\nx *y*\nz\n\n## D\n\n- a\n- b\n\n| c | d |\n| - | - |\n| e | f |\n\n```\ng\n  h\n```\n",
        );
        let passages: Vec<_> =
            article.passages.iter().map(|p| (p.heading, p.text.as_str())).collect();
        let d = Some(0);
        assert_eq!(
            passages,
            [(None, "x y z"), (d, "a"), (d, "b"), (d, "c d"), (d, "e f"), (d, "g h")]
        );
    }

    #[test]
    fn a_diagram_is_drawn_or_stays_code() {
        let drawn =
            article("```mermaid\nx\n```", "t", &|text| Some(format!("<b>{}</b>", text.trim())));
        assert_eq!(drawn.html, "<b>x</b>");
        assert!(read("```mermaid\nx\n```").html.contains("<code>x\n</code>"));
    }

    #[test]
    fn cells_are_aligned_by_classes() {
        let html = read("| a | b | c | d |\n| - | :- | :-: | -: |\n| e | f | g | *h* |\n").html;
        assert_eq!(
            html,
            "<table><thead><tr><th>a</th><th>b</th><th class=\"center\">c</th><th class=\"right\">d</th></tr>\
             </thead><tbody>\n<tr><td>e</td><td>f</td><td class=\"center\">g</td><td class=\"right\">\
             <em>h</em></td></tr>\n</tbody></table>\n"
        );
    }

    #[test]
    fn task_lists_have_no_fields() {
        assert_eq!(read("- [x] a").html, "<ul>\n<li>☑ a</li>\n</ul>\n");
    }
}
