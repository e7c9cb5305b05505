//! Pages: no input makes a reader fail, and nothing that could act gets into a runbook.

use std::collections::BTreeSet;

use guardduty_runbooks::guide::{GuideUrl, PageName};
use guardduty_runbooks::page::section::{FindingText, sections};
use guardduty_runbooks::page::{Block, Inline, Page, custom_rules, index};
use guardduty_runbooks::runbook::markdown::{Style, write};
use pulldown_cmark::{Event, Options, Parser, Tag};

/// The deepest that blocks and running text may be nested in each other.
const DEEPEST: usize = 250;

/// Reads a page and everything in it, and checks what came of it.
pub fn check(read: fn(&PageName, &GuideUrl, &str) -> Page, input: &[u8]) {
    let name = PageName::new("guardduty_finding-types-ec2").expect("it is a page's name");
    let guide = GuideUrl::default();
    let text = String::from_utf8_lossy(input);
    let page = read(&name, &guide, &text);
    let mut urls = BTreeSet::new();
    blocks(&page.blocks, DEEPEST, &mut urls);
    for section in sections(&page) {
        let text = FindingText::read(&section, &guide);
        blocks(&text.description, DEEPEST, &mut urls);
        blocks(&text.remediation, DEEPEST, &mut urls);
    }
    let _ = index::read(&page, &guide);
    let _ = custom_rules::read(&page);
    for style in [Style::Classic, Style::Runbook { heading_shift: 1 }] {
        markdown(&write(&page.blocks, style), &urls);
    }
}

/// No character acts on a terminal, no link leads elsewhere than to the web or a mailbox, and
/// nothing is nested so deeply that a later step could run out of stack.
fn blocks(all: &[Block], depth: usize, urls: &mut BTreeSet<String>) {
    assert!(depth > 0, "nested too deeply");
    for block in all {
        match block {
            Block::Heading { text, .. } | Block::Paragraph(text) => inlines(text, depth - 1, urls),
            Block::Code(code) => harmless(code, true),
            Block::Note { title, blocks: inner } => {
                harmless(title, false);
                blocks(inner, depth - 1, urls);
            }
            Block::List(list) => {
                list.items.iter().for_each(|item| blocks(item, depth - 1, urls));
            }
            Block::Table(table) => {
                let cells = table.header.iter().chain(table.rows.iter().flatten());
                cells.for_each(|cell| blocks(cell, depth - 1, urls));
            }
        }
    }
}

fn inlines(all: &[Inline], depth: usize, urls: &mut BTreeSet<String>) {
    assert!(depth > 0, "nested too deeply");
    for inline in all {
        match inline {
            Inline::Text(text) | Inline::Code(text) => harmless(text, false),
            Inline::Strong(inner) | Inline::Emphasis(inner) => inlines(inner, depth - 1, urls),
            Inline::Link { url, text } => {
                let scheme = url.split(':').next().unwrap_or_default();
                assert!(["http", "https", "mailto"].contains(&scheme), "a link to {url:?}");
                harmless(url, false);
                urls.insert(url.clone());
                inlines(text, depth - 1, urls);
            }
        }
    }
}

fn harmless(text: &str, of_code: bool) {
    let acts = |c: char| match c {
        '\n' | '\t' => !of_code,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        _ => c.is_control(),
    };
    assert!(!text.contains(acts), "{text:?} holds a character that acts");
}

/// A reader of Markdown finds no HTML, and no link that the page does not have.
fn markdown(text: &str, urls: &BTreeSet<String>) {
    let escaped = |url: &String| {
        let escapes = [('<', "%3C"), ('>', "%3E"), (' ', "%20"), ('\\', "%5C")];
        escapes.iter().fold(url.clone(), |url, (c, code)| url.replace(*c, code))
    };
    let urls: BTreeSet<String> = urls.iter().map(escaped).collect();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => panic!("HTML: {html:?} in\n{text}"),
            Event::Start(Tag::Image { dest_url, .. }) => panic!("an image: {dest_url} in\n{text}"),
            Event::Start(Tag::Link { dest_url, .. }) => assert!(
                urls.contains(&*dest_url),
                "a link that the page does not have: {dest_url} in\n{text}"
            ),
            _ => {}
        }
    }
}
