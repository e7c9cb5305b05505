//! Findings: whatever JSON brings, it acts nowhere it is shown or filled in.

use anstream::adapter::strip_str;
use guardduty_runbooks::event::Event;
use guardduty_runbooks::event::facts::Facts;
use guardduty_runbooks::fill::values::Values;
use guardduty_runbooks::guidance::library;
use guardduty_runbooks::terminal;
use pulldown_cmark::{Event as Markdown, Options, Parser, Tag};

/// What means something to a shell, to SQL, to JSON, or to a Markdown reader behind a code span.
const METACHARACTERS: &str = "'\"`$\\;|&<>(){}[]*?!#~\n\r\t ";

/// Facts and values of a finding.
pub fn check(event: &Event) {
    let facts = Facts::of(&event.json).to_markdown();
    facts_are_text(&facts);
    shows_plain(&facts);
    let values = Values::of(event, library());
    for name in library().placeholders.keys() {
        if let Ok(value) = values.get(name) {
            harmless(&value.text);
        }
    }
}

/// Facts hold nothing of the finding but code: no HTML, and no link but the one to AWS's console.
fn facts_are_text(facts: &str) {
    assert!(facts.chars().all(terminal::is_plain), "{facts:?}");
    for event in Parser::new_ext(facts, Options::ENABLE_TABLES | Options::ENABLE_GFM) {
        match event {
            Markdown::Html(html) | Markdown::InlineHtml(html) => panic!("HTML: {html} in\n{facts}"),
            Markdown::Start(Tag::Image { dest_url, .. }) => panic!("{dest_url} in\n{facts}"),
            Markdown::Start(Tag::Link { dest_url, .. }) => {
                let host = dest_url.strip_prefix("https://").and_then(|url| url.split('/').next());
                let is_console = host.is_some_and(|host| {
                    host.ends_with("console.aws.amazon.com")
                        || host.ends_with("console.amazonaws.cn")
                        || host.ends_with("console.amazonaws-us-gov.com")
                });
                assert!(is_console, "a link to {dest_url} in\n{facts}");
            }
            _ => {}
        }
    }
}

/// No value has a character with a meaning anywhere it may be filled in.
fn harmless(value: &str) {
    assert!(!value.is_empty() && !value.starts_with('-'), "{value:?}");
    assert!(!value.contains(|c: char| METACHARACTERS.contains(c) || c.is_control()), "{value:?}");
}

/// On a terminal, nothing but the program's own colours acts.
pub fn shows_plain(markdown: &str) {
    let shown = terminal::render(markdown, 60);
    let rest = strip_str(&shown).to_string();
    assert!(rest.chars().all(terminal::is_plain), "{rest:?}");
}
